/*
 * Each person's last word decides (candidates.c). A table of checks is asked about it: whichever says "ignored" first
 * gives the reason; "maybe" only stands where no check ignores.
 */
#include "policy/reviews.h"

#include "policy/candidates.h"
#include "policy/standing_orders.h"

#include <stdlib.h>

enum standing { COUNTS = 0, MAYBE, IGNORED, STALE };

struct finding {
	enum standing standing;
	struct text why;
};

struct text plain(struct text t, size_t max, struct arena *arena)
{
	struct text cut = t.len > max ? (struct text){t.at, max} : t;
	char *at = arena_alloc(arena, cut.len, 1);

	for (size_t i = 0; i < cut.len; i++)
		at[i] = (char)(cut.at[i] >= 0x20 && cut.at[i] < 0x7f ? cut.at[i] : '?');
	return (struct text){at, cut.len};
}

static struct finding finding(enum standing standing, const char *why)
{
	return (struct finding){standing, text_of(why)};
}

static struct finding counts(void)
{
	return finding(COUNTS, NULL);
}

static bool lacks(const struct candidate *c, enum fact fact)
{
	return !(c->on->change->known & (unsigned)fact);
}

static struct finding check_state(const struct candidate *c)
{
	if (c->review->state == REVIEW_APPROVED)
		return counts();
	if (c->review->state == REVIEW_CHANGES_REQUESTED)
		return finding(IGNORED, "requested changes");
	return finding(IGNORED,
		       c->review->state == REVIEW_STATE_DISMISSED ? "was dismissed" : "is in an unknown state");
}

static struct finding check_said(const struct candidate *c)
{
	return c->doubtful ? finding(MAYBE, "an answer to what a review or comment says (limit reached)") : counts();
}

static struct finding check_person(const struct candidate *c)
{
	const struct member *member = facts_member(c->on->facts, c->review->user.id);

	if (c->review->user.id == 0)
		return finding(IGNORED, "is nobody the forge knows");
	if (c->review->user.type == PERSON_BOT || (member && member->who.type == PERSON_BOT))
		return finding(IGNORED, "is a bot");
	if (c->review->user.type != PERSON_USER)
		return finding(IGNORED, "is not known to be a person");
	return counts();
}

static bool is_author(const struct candidate *c)
{
	return !lacks(c, FACT_AUTHOR) && c->on->change->author.id == c->review->user.id;
}

/* May the author count at all? Where only by a delegation, check_permission asks for it. */
static bool author_may(const struct candidate *c)
{
	return c->rule->options.allow_author || (c->rule->options.delegation.on && c->rule->options.delegation.author);
}

static struct finding check_author(const struct candidate *c)
{
	if (c->rule->options.allow_author)
		return counts();
	if (lacks(c, FACT_AUTHOR))
		return finding(MAYBE, "the author of the change");
	return is_author(c) && !author_may(c) ? finding(IGNORED, "wrote the change") : counts();
}

static bool signed_by(const struct commit *commit, int64_t id)
{
	if (commit->author.id == id || commit->committer.id == id)
		return true;
	for (size_t i = 0; i < commit->n_coauthors; i++)
		if (commit->coauthors[i].id == id)
			return true;
	return false;
}

/* The author of the change falls under allow_author, also for the commits. */
static bool exempt(const struct candidate *c)
{
	return is_author(c) ? author_may(c) : c->rule->options.allow_contributor;
}

/* Only what everybody of a commit is known to be makes it one that does not count: a forged author alone does not. */
static bool passed_over(const struct candidate *c, const struct commit *commit)
{
	const struct actors *by = &c->rule->options.passed_over;
	const struct facts *facts = c->on->facts;

	if (actors_match(by, facts, commit->author.id) != TRI_YES ||
	    actors_match(by, facts, commit->committer.id) != TRI_YES)
		return false;
	for (size_t i = 0; i < commit->n_coauthors; i++)
		if (actors_match(by, facts, commit->coauthors[i].id) != TRI_YES)
			return false;
	return true;
}

static struct finding check_contributor(const struct candidate *c)
{
	const struct change *change = c->on->change;

	if (exempt(c))
		return counts();
	if (lacks(c, FACT_COMMITS))
		return finding(MAYBE, "the list of commits");
	for (size_t i = 0; i < change->n_commits; i++)
		if (signed_by(&change->commits[i], c->review->user.id) && !passed_over(c, &change->commits[i]))
			return finding(IGNORED, "wrote or committed a commit of the change");
	return counts();
}

bool reviews_need_pushers(const struct rule *rule, const struct change *change)
{
	return change->pushers_hidden && !rule->options.allow_contributor && !rule->options.allow_unknown_pushers;
}

static struct finding check_pusher(const struct candidate *c)
{
	const struct change *change = c->on->change;
	bool unknown = false;

	if (exempt(c))
		return counts();
	if (lacks(c, FACT_PUSHERS))
		return finding(MAYBE, "to know who pushed");
	for (size_t i = 0; i < change->n_pushers; i++) {
		if (change->pushers[i] == c->review->user.id)
			return finding(IGNORED, "pushed to the change");
		unknown = unknown || change->pushers[i] == 0;
	}
	if (change->pushers_hidden)
		return c->rule->options.allow_unknown_pushers ? counts() : finding(MAYBE, PUSHERS_HIDDEN);
	return unknown ? finding(MAYBE, "to know who pushed") : counts();
}

/* ---- delegation ---- */

/* Those in whose place somebody counts: themselves, or who delegated. Each place is taken once, so that one of the
 * rule's people cannot make several of himself. */
struct places {
	int64_t *taken;
	size_t n;
	int64_t chosen; /* of the candidate under way */
};

static bool taken(const struct places *places, int64_t id)
{
	for (size_t i = 0; i < places->n; i++)
		if (places->taken[i] == id)
			return true;
	return false;
}

/* Only somebody else's word can make this person count. */
static bool needs_delegation(const struct candidate *c)
{
	const struct rule_options *options = &c->rule->options;

	if (!options->delegation.on)
		return false;
	return (is_author(c) && !options->allow_author) ||
	       actors_match(&c->rule->actors, c->on->facts, c->review->user.id) != TRI_YES;
}

static struct text giver(const struct order *order, const struct candidate *c)
{
	struct text login = plain(order->by.login, 39, c->on->arena);

	return login.len > 0 ? login : TEXT_LIT("somebody");
}

/* Is it to this person? UNKNOWN: to this login, and nobody knows whose that was. */
static enum tri delegates_to(const struct candidate *c, const struct order *order)
{
	if (order->takes_back)
		return TRI_NO;
	if (order->to_author)
		return is_author(c) ? TRI_YES : TRI_NO;
	if (order->to.id != 0)
		return order->to.id == c->review->user.id ? TRI_YES : TRI_NO;
	return order->to.login.len > 0 && text_eq_nocase(order->to.login, c->review->user.login) ? TRI_UNKNOWN : TRI_NO;
}

/* Whoever may not approve for having taken part cannot choose who does in his place: he would make the other eyes. */
static struct order_standing took_no_part(const struct candidate *c, const struct order *order)
{
	struct review as = *c->review;
	struct candidate by = *c;
	struct finding part;

	as.user = order->by;
	by.review = &as;
	if (is_author(&by) && !c->rule->options.allow_author)
		return (struct order_standing){TRI_NO, TEXT_LIT("is by the author of the change")};
	part = check_contributor(&by);
	if (part.standing == COUNTS)
		part = check_pusher(&by);
	if (part.standing == COUNTS)
		return (struct order_standing){TRI_YES, TEXT_EMPTY};
	if (part.standing == MAYBE)
		return (struct order_standing){TRI_UNKNOWN, part.why};
	return (struct order_standing){TRI_NO,
				       arena_printf(c->on->arena, "is by somebody who %.*s", TEXT_ARG(part.why))};
}

static struct order_standing delegation_stands(const struct candidate *c, const struct order_list *list,
					       const struct order *order)
{
	struct order_standing s = order_stands(list, order), part;
	enum tri may = actors_match(list->takers, c->on->facts, order->by.id);

	if (s.stands == TRI_NO)
		return s;
	if (order->by.id == c->review->user.id)
		return (struct order_standing){TRI_NO, TEXT_LIT("is to the same person")};
	if (may == TRI_NO)
		return (struct order_standing){TRI_NO, TEXT_LIT("is by none of those who may delegate")};
	part = took_no_part(c, order);
	if (part.stands == TRI_NO)
		return part;
	if (taken(c->places, order->by.id))
		return (struct order_standing){TRI_NO, TEXT_LIT("gives no second place: who gave it counts already")};
	if (may == TRI_UNKNOWN)
		return (struct order_standing){
			TRI_UNKNOWN, arena_printf(c->on->arena, "the permission of %.*s", TEXT_ARG(giver(order, c)))};
	if (part.stands == TRI_UNKNOWN)
		return part;
	if (delegates_to(c, order) == TRI_UNKNOWN)
		return (struct order_standing){TRI_UNKNOWN, TEXT_LIT("to know whose a login is that was delegated to")};
	return s;
}

static struct finding by_one(const struct candidate *c, const struct order_list *list, const struct order *order)
{
	struct order_standing s = delegation_stands(c, list, order);

	if (s.stands == TRI_UNKNOWN)
		return (struct finding){MAYBE, s.why};
	if (s.stands == TRI_NO)
		return (struct finding){IGNORED, arena_printf(c->on->arena, "the delegation by %.*s %.*s",
							      TEXT_ARG(giver(order, c)), TEXT_ARG(s.why))};
	c->places->chosen = order->by.id;
	return counts();
}

/* The best of what was delegated to this person; of what does not count, the newest says why. */
static struct finding check_delegation(const struct candidate *c, struct finding without)
{
	const struct delegation *rule = &c->rule->options.delegation;
	const struct change *change = c->on->change;
	const struct order_list list = {.at = change->delegations,
					.n = change->n_delegations,
					.taken_back_by = ORDER_UNDELEGATE,
					.takers = actors_any(&rule->by) ? &rule->by : &c->rule->actors,
					.sticky = rule->sticky,
					.on = c->on};
	struct finding so_far = without;

	if (lacks(c, FACT_ORDERS))
		return finding(MAYBE, "to know what people told the gate");
	for (size_t i = 0; i < list.n && so_far.standing != COUNTS; i++) {
		struct finding now;

		if (delegates_to(c, &list.at[i]) == TRI_NO)
			continue;
		now = by_one(c, &list, &list.at[i]);
		if (now.standing != IGNORED || so_far.standing != MAYBE)
			so_far = now;
	}
	return so_far;
}

/* ---- permission ---- */

static struct finding check_actors(const struct candidate *c)
{
	const struct member *member = facts_member(c->on->facts, c->review->user.id);
	static const struct actors readers = {.permission = PERMISSION_READ}; /* whose what is, is asked path by path */
	const struct actors *actors = c->rule->owners ? &readers : &c->rule->actors;
	enum tri answer = actors_match(actors, c->on->facts, c->review->user.id);
	struct text login = member && member->who.login.len > 0 ? member->who.login : c->review->user.login;
	enum permission least = actors->permission;

	if (answer == TRI_YES)
		return counts();
	if (answer == TRI_UNKNOWN)
		return (struct finding){MAYBE, arena_printf(c->on->arena, "the permission of %.*s",
							    TEXT_ARG(plain(login, 39, c->on->arena)))};
	if (least == PERMISSION_UNKNOWN)
		return finding(IGNORED, "is not one of those whom the rule names");
	return (struct finding){IGNORED, arena_printf(c->on->arena, "has no %s access", permission_name(least))};
}

static struct finding check_permission(const struct candidate *c)
{
	c->places->chosen = c->review->user.id;
	if (!needs_delegation(c))
		return check_actors(c);
	return check_delegation(c, is_author(c) ? finding(IGNORED, "wrote the change") : check_actors(c));
}

/* ---- freshness ---- */

static bool is_about(const struct carried *carried, const struct candidate *c)
{
	return carried->review == c->review->id && oid_eq(&carried->from, &c->review->bound_sha) &&
	       (c->rule->carries & (unsigned)carried->how);
}

/* By the rule's own leave, from the commit that it was given to. */
static bool carried(const struct candidate *c)
{
	const struct change *change = c->on->change;

	if (c->rule->carries & CARRY_ANY_PUSH)
		return true;
	for (size_t i = 0; i < change->n_carried; i++)
		if (is_about(&change->carried[i], c) && change->carried[i].why.len == 0)
			return true;
	return false;
}

static struct finding of_another_commit(const struct candidate *c)
{
	const struct change *change = c->on->change;
	struct text why = TEXT_EMPTY;

	for (size_t i = 0; i < change->n_carried; i++)
		if (is_about(&change->carried[i], c))
			why = arena_printf(c->on->arena, "%.*s; %s: %.*s", TEXT_ARG(why),
					   carry_name(change->carried[i].how),
					   TEXT_ARG(plain(change->carried[i].why, 200, c->on->arena)));
	return (struct finding){STALE, arena_printf(c->on->arena, "reviewed %.*s, another commit than this%.*s",
						    TEXT_ARG(oid_short(&c->review->bound_sha)), TEXT_ARG(why))};
}

static struct finding check_bound(const struct candidate *c)
{
	const struct oid *bound = &c->review->bound_sha;

	if (!oid_known(bound))
		return finding(IGNORED, "reviewed a commit that is not known");
	if (!oid_eq(bound, &c->on->facts->head) && !carried(c))
		return of_another_commit(c);
	return c->review->edited ? finding(IGNORED, "was edited after it was given") : counts();
}

static struct finding check_arrival(const struct candidate *c)
{
	if (c->review->submitted_at == WHEN_UNKNOWN)
		return finding(IGNORED, "was given at an unknown time");
	if (carried(c))
		return counts();
	if (lacks(c, FACT_ARRIVAL) || c->on->change->head_arrived_at == WHEN_UNKNOWN)
		return finding(MAYBE, "the time at which this commit arrived");
	if (c->review->submitted_at <= c->on->change->head_arrived_at)
		return finding(STALE, "was given before this commit arrived here last");
	return counts();
}

/* Nobody can push there any more; whose it was, and that nobody but its owner may bring it back, cannot be seen. */
static struct finding check_head_repository(const struct candidate *c)
{
	const struct change *change = c->on->change;
	int64_t at = c->review->submitted_at;

	if (!change->head_gone || c->rule->options.allow_gone_head)
		return counts();
	if (at != WHEN_UNKNOWN && change->head_seen_at != WHEN_UNKNOWN && at <= change->head_seen_at)
		return counts();
	return finding(IGNORED, "was given after the head's repository was last seen");
}

static struct finding check_base(const struct candidate *c)
{
	int64_t at = c->review->submitted_at, changed = c->on->change->base_changed_at;

	if (!c->rule->options.per_base || changed == WHEN_UNKNOWN || (at != WHEN_UNKNOWN && at > changed))
		return counts();
	return finding(STALE, "was given for another base branch");
}

/* The whole of what makes a review count. Freshness stands last: what it says stale would count but for its age. */
static struct finding judge_review(const struct candidate *c)
{
	static struct finding (*const checks[])(const struct candidate *) = {
		check_state,       check_said,    check_person,     check_author,
		check_contributor, check_pusher,  check_permission, check_head_repository,
		check_bound,       check_arrival, check_base,
	};
	struct finding maybe = counts();

	for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
		struct finding now = checks[i](c);

		if (now.standing == IGNORED || now.standing == STALE)
			return now;
		if (now.standing == MAYBE && maybe.standing == COUNTS)
			maybe = now;
	}
	return maybe;
}

static struct text review_name(const struct candidate *c)
{
	struct text login = plain(c->review->user.login, 39, c->on->arena);

	return login.len > 0 ? login : TEXT_LIT("somebody");
}

static int by_time(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;
	int order = candidate_compare(a->at, b->at);

	if (order == 0)
		order = candidate_compare(a->review->id, b->review->id);
	return order != 0 ? order : candidate_compare(a->review->user.id, b->review->user.id);
}

static bool among(const struct person *people, size_t n, int64_t id)
{
	for (size_t i = 0; i < n; i++)
		if (people[i].id == id)
			return true;
	return false;
}

/* What people said that is no approval by this rule: told where they do not count anyway, each one's last. */
static void tell_aside(const struct candidate *all, size_t n, struct ignored *ignored, struct tally *ret)
{
	for (size_t i = 0; i < n; i++) {
		int64_t id = all[i].review->user.id;
		bool later = !all[i].aside || among(ret->counts, ret->n_counts, id);

		for (size_t k = i + 1; k < n && !later; k++)
			later = all[k].aside && id != 0 && all[k].review->user.id == id;
		if (!later)
			ignored[ret->n_ignored++] = (struct ignored){review_name(&all[i]), text_of(all[i].aside)};
	}
}

static void count_one(const struct candidate *c, struct person *people, struct ignored *ignored, struct tally *ret)
{
	struct finding found = judge_review(c);

	if (found.standing == COUNTS) {
		people[ret->n_counts++] = c->review->user;
		c->places->taken[c->places->n++] = c->places->chosen;
		return;
	}
	if (found.standing == MAYBE && ret->maybe++ == 0)
		ret->unknown = found.why;
	ret->stale += found.standing == STALE;
	if (found.standing == MAYBE)
		found.why = arena_printf(c->on->arena, "needs %.*s", TEXT_ARG(found.why));
	ignored[ret->n_ignored++] = (struct ignored){review_name(c), found.why};
}

void reviews_count(const struct rule *rule, const struct judging *on, struct tally *ret)
{
	size_t n, kept = 0;
	struct candidate *all = candidates_of_rule(rule, on, &n);
	struct candidate *last = arena_alloc(on->arena, n, sizeof *last);
	struct person *people = arena_alloc(on->arena, n, sizeof *people);
	struct ignored *ignored = arena_alloc(on->arena, n, sizeof *ignored);
	struct places places = {.taken = arena_alloc(on->arena, n, sizeof *places.taken)};

	for (size_t i = 0; i < n; i++)
		if (all[i].latest) {
			last[kept] = all[i];
			last[kept++].places = &places;
		}
	qsort(last, kept, sizeof *last, by_time);
	*ret = (struct tally){.counts = people, .ignored = ignored};
	for (size_t i = 0; i < kept; i++)
		if (!needs_delegation(&last[i]))
			count_one(&last[i], people, ignored, ret);
	for (size_t i = 0; i < kept; i++) /* in the places that are left */
		if (needs_delegation(&last[i]))
			count_one(&last[i], people, ignored, ret);
	tell_aside(all, n, ignored, ret);
}

/* The objection of one person that stands: none was approved away or dismissed at a later known time. */
static const struct candidate *standing_objection(const struct candidate *run, size_t n)
{
	const struct candidate *last = NULL;
	int64_t lifted = WHEN_UNKNOWN;

	for (size_t i = 0; i < n; i++) {
		const struct review *r = run[i].review;

		if (run[i].caution <= 2 && r->submitted_at != WHEN_UNKNOWN) /* in order of time */
			lifted = r->submitted_at;
	}
	for (size_t i = 0; i < n; i++)
		if (run[i].caution >= 3 && run[i].at >= lifted)
			last = &run[i];
	return last;
}

static enum tri may_object(const struct actors *besides, const struct judging *on, int64_t id)
{
	static const struct actors writers = {.permission = PERMISSION_WRITE};
	enum tri writes = actors_match(&writers, on->facts, id);
	enum tri named = actors_match(besides, on->facts, id);

	if (writes == TRI_YES || named == TRI_YES)
		return TRI_YES;
	return writes == TRI_UNKNOWN || named == TRI_UNKNOWN ? TRI_UNKNOWN : TRI_NO;
}

struct objecting {
	const struct actors *besides;
	const struct judging *on;
	struct ignored *ignored; /* the array behind ret->ignored */
	struct objections *ret;
};

/* run: the decisive reviews of one person. */
static void object(struct objecting *o, const struct candidate *run, size_t n)
{
	const struct candidate *last = standing_objection(run, n);
	enum tri may;

	if (!last)
		return;
	may = may_object(o->besides, o->on, last->review->user.id);
	if (may == TRI_YES && last->review->state == REVIEW_STATE_UNKNOWN)
		may = TRI_UNKNOWN;
	if (may == TRI_NO) {
		o->ignored[o->ret->n_ignored++] =
			(struct ignored){review_name(last), TEXT_LIT("requested changes and has no write access")};
	} else if (may == TRI_YES && o->ret->stand != TRI_YES) {
		o->ret->stand = TRI_YES;
		o->ret->next = arena_printf(o->on->arena, "changes requested by %.*s", TEXT_ARG(review_name(last)));
	} else if (may == TRI_UNKNOWN && o->ret->stand == TRI_NO) {
		o->ret->stand = TRI_UNKNOWN;
		o->ret->next = arena_printf(o->on->arena, "to know whether the review by %.*s blocks",
					    TEXT_ARG(review_name(last)));
	}
}

void reviews_objections(const struct policy *policy, const struct judging *on, struct objections *ret)
{
	size_t n;
	struct candidate *all = candidates_of_objections(policy, on, &n);
	struct objecting o = {&policy->objectors, on, arena_alloc(on->arena, n, sizeof *o.ignored), ret};

	*ret = (struct objections){.stand = TRI_NO, .ignored = o.ignored};
	for (size_t from = 0, to; from < n; from = to) {
		for (to = from; !all[to].latest; to++)
			;
		to++;
		object(&o, &all[from], to - from);
	}
}
