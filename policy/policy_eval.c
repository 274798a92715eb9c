/*
 * Rules to standings, standings to one standing. Three values: met, pending or unmet, and skipped, which is absent:
 * it helps nobody, neither in `and` (where a nested one is then as good as a flat one) nor in `or`.
 */
#include "policy/attribution.h"
#include "policy/distinct.h"
#include "policy/eval.h"
#include "policy/owners_rule.h"
#include "policy/regex.h"
#include "policy/reviews.h"

static struct standing standing(enum rule_state state, const char *next)
{
	return (struct standing){.state = state, .next = text_of(next)};
}

static struct standing blocked(struct text next)
{
	return (struct standing){.state = RULE_UNMET, .blocking = true, .next = next};
}

static bool absent(const struct standing *s)
{
	return s->state == RULE_SKIPPED || s->state == RULE_OFF;
}

/* How much a member holds the others back: what blocks comes first, what is restricted last. */
static int weight(const struct standing *s)
{
	if (s->state == RULE_MET || absent(s))
		return 0;
	if (s->clearance)
		return 1;
	return s->blocking ? 3 : 2;
}

static struct standing all_of(const struct standing *members, size_t n)
{
	struct standing worst = standing(RULE_SKIPPED, NULL);
	int64_t fresh = 0;

	for (size_t i = 0; i < n; i++) {
		if (absent(&members[i]))
			continue;
		if (members[i].fresh > fresh)
			fresh = members[i].fresh;
		if (worst.state == RULE_SKIPPED || weight(&members[i]) > weight(&worst))
			worst = members[i];
	}
	worst.fresh = fresh;
	return worst;
}

static struct standing any_of(const struct standing *members, size_t n)
{
	struct standing best = blocked(TEXT_LIT("none of the alternatives in the policy applies to this change"));
	bool some = false;

	for (size_t i = 0; i < n; i++) {
		if (absent(&members[i]))
			continue;
		if (members[i].state == RULE_MET)
			return members[i];
		if (!some || (members[i].clearance && !best.clearance) ||
		    (best.blocking && !members[i].blocking && !best.clearance))
			best = members[i];
		some = true;
	}
	return best;
}

/* So many of the members that apply. Where enough are left that can still be met, the one nearest to it is named. */
static struct standing at_least(const struct standing *members, size_t n, int64_t least)
{
	struct standing next = any_of(members, n);
	int64_t met = 0, open = 0, fresh = 0;
	bool some = false;

	for (size_t i = 0; i < n; i++) {
		const struct standing *m = &members[i];

		if (absent(m))
			continue;
		met += m->state == RULE_MET;
		open += m->state == RULE_MET || !m->blocking;
		if (m->state == RULE_MET && m->fresh > fresh)
			fresh = m->fresh;
		if (m->state == RULE_MET)
			continue;
		if (!some || (m->clearance && !next.clearance) || (next.blocking && !m->blocking && !next.clearance))
			next = *m;
		some = true;
	}
	if (met >= least)
		return (struct standing){.state = RULE_MET, .fresh = fresh};
	if (open < least)
		return blocked(TEXT_LIT("too few of the alternatives in the policy can be met by this change"));
	return next;
}

static struct standing from_answer(const struct answer *answer)
{
	if (answer->holds == TRI_YES)
		return standing(RULE_MET, NULL);
	if (answer->holds == TRI_NO || answer->stuck)
		return blocked(answer->why);
	return (struct standing){.state = RULE_PENDING, .next = answer->why};
}

static struct rule_result row_of(const char *name, const struct standing *s)
{
	return (struct rule_result){.name = text_of(name), .state = s->state, .blocking = s->blocking, .next = s->next};
}

/* MET: the rule applies; SKIPPED: it does not; PENDING: nobody can tell. */
static struct standing applies(const struct rule *rule, const struct judging *on)
{
	struct standing all = standing(RULE_MET, NULL);

	for (size_t i = 0; i < rule->applies.n; i++) {
		struct answer answer = condition_ask(&rule->applies.items[i], on);

		if (answer.holds == TRI_NO)
			return (struct standing){.state = RULE_SKIPPED, .next = answer.why};
		if (answer.holds == TRI_UNKNOWN && all.state == RULE_MET)
			all = from_answer(&answer);
	}
	return all;
}

static bool has_head(const struct judging *on)
{
	for (size_t i = 0; i < on->change->n_commits; i++)
		if (oid_eq(&on->change->commits[i].sha, &on->facts->head))
			return true;
	return false;
}

static struct text reviews_wanted(const struct rule *rule, const struct tally *tally, const struct judging *on)
{
	int64_t have = (int64_t)tally->n_counts, missing = rule->count - have;
	struct text head = oid_short(&on->facts->head);
	const char *more = have > 0 ? "more " : "", *many = missing > 1 ? "s" : "";

	if (tally->stale > 0)
		return arena_printf(on->arena, "%d %sreview%s of %.*s (%d/%d); %zu became stale", (int)missing, more,
				    many, TEXT_ARG(head), (int)have, (int)rule->count, tally->stale);
	return arena_printf(on->arena, "%d %sreview%s of %.*s (%d/%d)", (int)missing, more, many, TEXT_ARG(head),
			    (int)have, (int)rule->count);
}

/* How far the reviews that count go: by their number, or by whose the changed files are. */
static struct coverage coverage_of(const struct rule *rule, const struct judging *on, struct tally *tally)
{
	int64_t have = (int64_t)tally->n_counts;

	if (rule->owners)
		return owners_cover(rule, on, tally);
	if (have >= rule->count)
		return (struct coverage){.covered = TRI_YES};
	if (have + (int64_t)tally->maybe >= rule->count)
		return (struct coverage){.covered = TRI_UNKNOWN, .next = tally->unknown};
	return (struct coverage){.covered = TRI_NO, .next = reviews_wanted(rule, tally, on)};
}

/* Whose reviews are asked for, as long as some are. */
static struct text givers(const struct rule *rule, struct arena *arena)
{
	struct text who = actors_said(&rule->actors, arena);

	if (rule->owners)
		who = arena_printf(arena, "whoever owns the files by %.*s%s%.*s", TEXT_ARG(rule->owners->file),
				   who.len > 0 ? ", " : "", TEXT_ARG(who));
	if (rule->options.delegation.on)
		who = arena_printf(arena, "%.*s, or whom one of these delegates to", TEXT_ARG(who));
	return who;
}

static struct standing ask_reviews(const struct rule *rule, const struct judging *on, struct rule_result *row)
{
	const char *missing = fact_missing(FACT_REVIEWS, on->change);
	struct answer known;
	struct coverage cover;
	struct tally tally;

	if (on->change->pushed_to.len > 0)
		return blocked(TEXT_LIT("needs a change: no review can be given to a pushed commit"));
	if (missing)
		return standing(RULE_PENDING, missing);
	reviews_count(rule, on, &tally);
	cover = coverage_of(rule, on, &tally);
	row->counts = tally.counts;
	row->n_counts = tally.n_counts;
	row->ignored = tally.ignored;
	row->n_ignored = tally.n_ignored;
	if (cover.covered != TRI_YES)
		row->who = givers(rule, on->arena);
	known = attribution_ask(rule, on, row);
	if (known.holds == TRI_NO || cover.blocking)
		return blocked(known.holds == TRI_NO ? known.why : cover.next);
	if (known.holds == TRI_UNKNOWN)
		return from_answer(&known);
	if (cover.covered == TRI_UNKNOWN)
		return (struct standing){.state = RULE_PENDING, .next = cover.next};
	if (cover.covered == TRI_NO && on->change->head_gone && !rule->options.allow_gone_head)
		return blocked(TEXT_LIT("the head's repository was deleted: no new review counts"));
	if (cover.covered == TRI_NO && reviews_need_pushers(rule, on->change)) /* before anybody reviews in vain */
		return standing(RULE_PENDING, PUSHERS_HIDDEN);
	if (cover.covered == TRI_NO)
		return (struct standing){.state = RULE_UNMET, .next = cover.next};
	if (!rule->options.allow_contributor && (!(on->change->known & FACT_COMMITS) || !has_head(on)))
		return standing(RULE_PENDING, "the list of commits");
	return (struct standing){.state = RULE_MET, .fresh = rule->owners ? (int64_t)tally.n_counts : rule->count};
}

/* What a rule that applies asks for: its reviews and every condition. */
static struct standing ask_requirements(const struct rule *rule, const struct judging *on, struct rule_result *row)
{
	size_t n = 0;
	struct standing *members = arena_alloc(on->arena, rule->requires.n + 1, sizeof *members);
	struct rule_result *children = arena_alloc(on->arena, rule->requires.n, sizeof *children);

	if (rule->count > 0)
		members[n++] = ask_reviews(rule, on, row);
	for (size_t i = 0; i < rule->requires.n; i++) {
		const struct condition *condition = &rule->requires.items[i];
		struct answer answer = condition_ask(condition, on);
		struct standing s = from_answer(&answer);

		children[i] = row_of(condition->predicate->doc.path, &s);
		if (condition->predicate->about == ABOUT_ASKERS && s.state != RULE_MET)
			children[i].who = actors_said(condition->args, on->arena);
		members[n++] = s;
	}
	row->children = children;
	row->n_children = rule->requires.n;
	return all_of(members, n);
}

static struct judged eval_rule(const struct rule *rule, const struct judging *on)
{
	struct judged j = {.row = {.name = rule->name, .description = rule->description, .mode = rule->mode}};
	struct standing s = standing(RULE_OFF, NULL);

	if (rule->mode != MODE_OFF)
		s = applies(rule, on);
	if (s.state == RULE_MET)
		s = ask_requirements(rule, on, &j.row);
	if (rule->unknown_blocks && s.state == RULE_PENDING)
		s = blocked(arena_printf(on->arena, "needs %.*s", TEXT_ARG(s.next)));
	if (rule->restricted) /* never blocks: that would show in the state of the status */
		s.blocking = false;
	j.row.hook_allows = rule->hook_allows;
	j.row.restricted = rule->restricted;
	j.row.state = s.state;
	j.row.blocking = s.blocking;
	j.row.next = s.next;
	j.real = j.face = s;
	if (rule->mode == MODE_WARN) /* shown, and absent from whatever names it */
		j.real = j.face = standing(RULE_SKIPPED, NULL);
	else if (rule->restricted && rule->mode != MODE_OFF)
		j.face = (struct standing){.state = RULE_PENDING, .clearance = true};
	return j;
}

static struct standing joined(const struct combination *c, const struct standing *members, size_t n)
{
	if (c->how == COMBINE_OR)
		return any_of(members, n);
	if (c->how == COMBINE_AT_LEAST)
		return at_least(members, n, c->least);
	return all_of(members, n);
}

/* The members' rows and standings become one of the given name. */
static struct judged combine(const char *name, const struct combination *c, struct judged *members, size_t n,
			     struct arena *arena)
{
	struct rule_result *rows = arena_alloc(arena, n, sizeof *rows);
	struct standing *real = arena_alloc(arena, n, sizeof *real), *face = arena_alloc(arena, n, sizeof *face);
	struct judged j;

	for (size_t i = 0; i < n; i++) {
		rows[i] = members[i].row;
		real[i] = members[i].real;
		face[i] = members[i].face;
	}
	j.real = joined(c, real, n);
	j.face = joined(c, face, n);
	j.row = row_of(name, &j.real);
	j.row.children = rows;
	j.row.n_children = n;
	return j;
}

static struct text same_people(const struct combination *c, int64_t missing, struct arena *arena)
{
	return arena_printf(arena, "%d more review%s by somebody else: \"%.*s\" and others are met by the same people",
			    (int)missing, missing > 1 ? "s" : "", TEXT_ARG(plain(c->members[0].rule->name, 40, arena)));
}

/* All are met, each by others. Where a restricted one is among them, the face is clearance already. */
static void tell_apart(const struct combination *c, const struct judged *members, struct judged *ret,
		       struct arena *arena)
{
	struct demand *demands = arena_alloc(arena, c->n, sizeof *demands);
	struct standing s = {.state = RULE_UNMET};
	size_t n = 0;
	int64_t missing;

	if (ret->real.state != RULE_MET)
		return;
	for (size_t i = 0; i < c->n; i++)
		if (members[i].real.state == RULE_MET)
			demands[n++] = (struct demand){c->members[i].rule->count, members[i].row.counts,
						       members[i].row.n_counts};
	missing = distinct_missing(demands, n, arena);
	if (missing == 0)
		return;
	s.next = same_people(c, missing, arena);
	ret->real = s;
	if (ret->face.state == RULE_MET)
		ret->face = s;
	ret->row.state = s.state;
	ret->row.next = s.next;
}

/* A rule that is named many times is asked once. */
struct asked {
	const struct rule *first;
	struct judged *said;
	bool *known;
};

static struct judged eval_once(const struct rule *rule, const struct judging *on)
{
	struct asked *asked = on->asked;
	size_t i = (size_t)(rule - asked->first);

	if (!asked->known[i])
		asked->said[i] = eval_rule(rule, on);
	asked->known[i] = true;
	return asked->said[i];
}

static struct judged eval_combination(const struct combination *c, const struct judging *on)
{
	static const char *const names[] = {"rule", "and", "or", "at_least", "distinct"};
	struct judged *members, j;

	if (c->how == COMBINE_RULE)
		return eval_once(c->rule, on);
	members = arena_alloc(on->arena, c->n, sizeof *members);
	for (size_t i = 0; i < c->n; i++) /* as deep as the parser allows */
		members[i] = eval_combination(&c->members[i], on);
	j = combine(names[c->how], c, members, c->n, on->arena);
	if (c->how == COMBINE_DISTINCT)
		tell_apart(c, members, &j, on->arena);
	return j;
}

static struct judged named(const char *name, const struct standing *s)
{
	return (struct judged){.row = row_of(name, s), .real = *s, .face = *s};
}

static struct judged guard_open(const struct policy *policy, const struct judging *on)
{
	const struct change *change = on->change;
	const char *missing = fact_missing(policy->required & ~(unsigned)FACT_DRAFT, change);
	struct standing s = standing(RULE_MET, NULL);

	if ((change->known & FACT_STATE) && (!change->open || change->merged))
		s = blocked(TEXT_LIT("the change is closed"));
	else if (missing)
		s = standing(RULE_PENDING, missing);
	return named("open, and all facts known", &s);
}

static struct judged guard_draft(const struct judging *on)
{
	const char *missing = fact_missing(FACT_DRAFT, on->change);
	struct standing s = missing             ? standing(RULE_PENDING, missing)
			    : on->change->draft ? blocked(TEXT_LIT("draft"))
						: standing(RULE_MET, NULL);

	return named("not a draft", &s);
}

static struct judged guard_objections(const struct policy *policy, const struct judging *on)
{
	const char *missing = fact_missing(FACT_REVIEWS, on->change);
	struct objections objections = {.stand = TRI_UNKNOWN, .next = text_of(missing)};
	struct judged j;
	struct standing s = standing(RULE_MET, NULL);

	if (!missing)
		reviews_objections(policy, on, &objections);
	if (objections.stand == TRI_YES)
		s = blocked(objections.next);
	else if (objections.stand == TRI_UNKNOWN)
		s = (struct standing){.state = RULE_PENDING, .next = objections.next};
	j = named("no changes requested", &s);
	j.row.ignored = objections.ignored;
	j.row.n_ignored = objections.n_ignored;
	return j;
}

/* ---- the whole of a change ---- */

/* A policy none of whose rules applies permits nothing. */
static void refuse_absent(struct standing *s)
{
	if (absent(s))
		*s = blocked(TEXT_LIT("no rule of the policy applies to this change"));
}

/* The branch's entry of the table: the first that matches. NULL: nobody can tell. */
static const struct branch *find_branch(const struct branches *branches, struct text name)
{
	const struct branch *found = NULL;
	enum tri here = TRI_NO;

	for (size_t i = 0; i < branches->n && here == TRI_NO; i++) {
		found = &branches->items[i];
		here = found->pattern ? regex_search(found->pattern, name) : TRI_YES;
	}
	return here == TRI_YES ? found : NULL;
}

/* Nobody can tell which of them is asked: all are shown. */
static struct judged every_branch(const struct branches *branches, const struct judging *on)
{
	struct rule_result *rows = arena_alloc(on->arena, branches->n, sizeof *rows);
	struct standing s = standing(RULE_PENDING, "the base branch");
	struct judged j = named("branch", &s);

	for (size_t i = 0; i < branches->n; i++) {
		const struct branch *branch = &branches->items[i];

		if (!branch->closed)
			rows[i] = eval_combination(&branch->approval, on).row;
		rows[i].name =
			arena_printf(on->arena, "%.*s%s", TEXT_ARG(branch->name), branch->closed ? ": closed" : "");
	}
	j.row.children = rows;
	j.row.n_children = branches->n;
	return j;
}

static struct judged eval_branch(const struct policy *policy, const struct judging *on)
{
	bool known = (on->change->known & FACT_BASE) && on->change->base_ref.len > 0;
	const struct branch *branch = known ? find_branch(&policy->branches, on->change->base_ref) : NULL;
	struct standing s;

	if (!branch)
		return every_branch(&policy->branches, on);
	if (!branch->closed)
		return eval_combination(&branch->approval, on);
	s = blocked(arena_printf(on->arena, "the branch %.*s is closed by the policy",
				 TEXT_ARG(plain(on->change->base_ref, 60, on->arena))));
	return named("branch", &s);
}

static struct judged eval_approval(const struct policy *policy, const struct judging *on)
{
	static const struct combination both = {.how = COMBINE_AND};
	struct judged members[2], j;
	struct standing absent_one = blocked(TEXT_LIT("the policy names no such status"));
	size_t n = 0;

	if (policy->absent && on->change->pushed_to.len > 0)
		absent_one = blocked(arena_printf(on->arena, "the policy says nothing of pushes to %.*s",
						  TEXT_ARG(plain(on->change->pushed_to, 60, on->arena))));
	if (policy->absent)
		return named("approval", &absent_one);
	if (policy->approval.n > 0)
		members[n++] = eval_combination(&policy->approval, on);
	if (policy->branches.n > 0)
		members[n++] = eval_branch(policy, on);
	j = n == 1 ? members[0] : combine("approval", &both, members, n, on->arena);
	refuse_absent(&j.real);
	refuse_absent(&j.face);
	j.row.name = TEXT_LIT("approval");
	j.row.state = j.real.state;
	j.row.blocking = j.real.blocking;
	j.row.next = j.real.next;
	return j;
}

/* What the policy says of changes that nobody may land: any condition that holds. */
static struct judged eval_disapproval(const struct policy *policy, const struct judging *on)
{
	struct standing s = standing(RULE_MET, NULL);

	for (size_t i = 0; i < policy->disapproved.n && !s.blocking; i++) {
		const struct condition *condition = &policy->disapproved.items[i];
		struct answer answer = condition_ask(condition, on);

		if (answer.holds == TRI_YES)
			s = blocked(arena_printf(on->arena, "disapproved by the policy (%s)",
						 condition->predicate->doc.path));
		else if (answer.holds == TRI_UNKNOWN)
			s = from_answer(&answer);
	}
	return named("not disapproved", &s);
}

/* Every rule and condition sees the change with the accounts that the people file gives. */
static struct judging with_people(const struct policy *policy, const struct judging *on)
{
	struct judging with = *on;

	with.people_file = policy->people_file;
	with.change = attributed(policy, on->change, on->arena, &with.people);
	return with;
}

/* Whose review counts for a rule, each maybe more than once. */
static struct judging with_approvers(const struct policy *policy, const struct judging *on)
{
	struct judging ret = *on;
	struct person *all;
	struct tally tally;
	size_t room = on->change->n_reviews + on->change->n_comments;

	if (!(policy->needs.facts & FACT_ORDERS) || !(on->change->known & FACT_REVIEWS))
		return ret;
	all = arena_alloc(on->arena, policy->n_rules * room, sizeof *all);
	for (size_t i = 0; i < policy->n_rules; i++) {
		if (policy->rules[i].count == 0 || policy->rules[i].mode == MODE_OFF)
			continue;
		reviews_count(&policy->rules[i], on, &tally);
		for (size_t k = 0; k < tally.n_counts; k++)
			all[ret.n_approvers++] = tally.counts[k];
	}
	ret.approvers = all;
	return ret;
}

static struct judged eval_governed(const struct policy *policy, const struct judging *of)
{
	static const struct combination all = {.how = COMBINE_AND};
	const struct judging known = with_people(policy, of);
	struct judging with = with_approvers(policy, &known);
	const struct judging *on = &with;
	struct asked asked = {.first = policy->rules,
			      .said = arena_alloc(on->arena, policy->n_rules, sizeof *asked.said),
			      .known = arena_alloc(on->arena, policy->n_rules, sizeof *asked.known)};
	struct judged members[6], j;
	size_t n = 0;

	with.asked = &asked;
	members[n++] = guard_open(policy, on);
	if (!(policy->guards_off & GUARD_DRAFT))
		members[n++] = guard_draft(on);
	if (!(policy->guards_off & GUARD_OBJECTIONS))
		members[n++] = guard_objections(policy, on);
	if (policy->disapproved.n > 0)
		members[n++] = eval_disapproval(policy, on);
	members[n++] = eval_approval(policy, on);
	if (!(policy->guards_off & GUARD_FILES))
		members[n++] = eval_rule(&policy->guarded, on);
	j = combine("change", &all, members, n, on->arena);
	j.row.name = change_name(on->change, on->arena);
	if (on->change->policy_from.len > 0)
		j.row.description = arena_printf(on->arena, "By %.*s.", TEXT_ARG(on->change->policy_from));
	return j;
}

struct judged eval_change(const struct policy *policy, const struct judging *on)
{
	if (on->change->pushed_to.len > 0)
		policy = policy_of_push(policy, on->change->pushed_to, on->change->base_ref);
	return eval_governed(policy, on);
}
