/*
 * A comment that says yes, or no, becomes a review that nobody gave on the forge's page: bound to the judged commit
 * where it names it. Then all are sorted by person, time and caution, so that the last of a person's run decides.
 */
#include "policy/candidates.h"

#include <stdlib.h>

static bool decisive(enum review_state state)
{
	return state != REVIEW_COMMENTED && state != REVIEW_PENDING;
}

static int caution_of(const struct review *review, const struct oid *head)
{
	if (review->state == REVIEW_CHANGES_REQUESTED)
		return 4;
	if (review->state == REVIEW_STATE_UNKNOWN)
		return 3;
	if (review->state == REVIEW_STATE_DISMISSED)
		return 2;
	return review->edited || !oid_eq(&review->bound_sha, head) ? 1 : 0;
}

int candidate_compare(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

static int by_person(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;
	int order = candidate_compare(a->review->user.id, b->review->user.id);

	if (order == 0)
		order = candidate_compare(a->at, b->at);
	if (order == 0)
		order = candidate_compare(a->caution, b->caution);
	return order != 0 ? order : candidate_compare(a->review->id, b->review->id);
}

struct gathering {
	struct candidate *all;
	size_t n;
	const struct rule *rule; /* NULL: objections */
	const struct judging *on;
};

static struct candidate *add(struct gathering *g, const struct review *review)
{
	int64_t at = review->submitted_at == WHEN_UNKNOWN ? INT64_MAX : review->submitted_at;
	struct candidate *c = &g->all[g->n++];

	*c = (struct candidate){.review = review,
				.at = at,
				.caution = caution_of(review, &g->on->facts->head),
				.rule = g->rule,
				.on = g->on};
	return c;
}

static const struct review *as(const struct review *review, enum review_state state, struct arena *arena)
{
	struct review *other = arena_alloc(arena, 1, sizeof *other);

	*other = *review;
	other->state = state;
	return other;
}

static const struct review *from_comment(const struct comment *comment, enum review_state state,
					 const struct judging *on)
{
	struct review *review = arena_alloc(on->arena, 1, sizeof *review);

	*review = (struct review){.id = comment->id,
				  .user = comment->user,
				  .state = state,
				  .submitted_at = comment->created_at,
				  .edited = comment->edited,
				  .body = comment->body};
	if (methods_names(comment->body, &on->facts->head))
		review->bound_sha = on->facts->head;
	return review;
}

/* Stands aside those that decide nothing, sorts the rest, and marks each person's last one. */
static struct candidate *arranged(struct gathering *g, size_t *ret_n)
{
	size_t kept = 0;

	for (size_t i = 0; i < g->n; i++)
		if (!g->all[i].aside) {
			struct candidate c = g->all[i];

			g->all[i] = g->all[kept];
			g->all[kept++] = c;
		}
	qsort(g->all, kept, sizeof *g->all, by_person);
	for (size_t i = 0; i < kept; i++)
		g->all[i].latest = i + 1 == kept || g->all[i].review->user.id == 0 ||
				   g->all[i].review->user.id != g->all[i + 1].review->user.id;
	*ret_n = g->n;
	return g->all;
}

static struct gathering gather(const struct rule *rule, const struct judging *on)
{
	size_t room = on->change->n_reviews + on->change->n_comments;

	return (struct gathering){arena_alloc(on->arena, room, sizeof(struct candidate)), 0, rule, on};
}

/* ---- by a rule's methods ---- */

static enum tri approves(const struct gathering *g, struct text body)
{
	return methods_said(&g->rule->options.methods, body, &g->on->facts->head);
}

static void add_approval(struct gathering *g, const struct review *review)
{
	const struct methods *methods = &g->rule->options.methods;
	enum tri worth = methods_review(methods, review->body);

	if (worth == TRI_NO && approves(g, review->body) == TRI_YES)
		worth = TRI_YES;
	if (worth == TRI_NO)
		add(g, review)->aside = methods->reviews.n > 0 ? "approved without saying what the rule asks for"
							       : "approved by a review, which the rule does not count";
	else
		add(g, review)->doubtful = worth == TRI_UNKNOWN;
}

static void add_remark(struct gathering *g, const struct review *remark)
{
	enum tri said = approves(g, remark->body);

	if (said != TRI_NO)
		add(g, as(remark, REVIEW_APPROVED, g->on->arena))->doubtful = said == TRI_UNKNOWN;
}

static void add_comment(struct gathering *g, const struct comment *comment)
{
	enum tri said = approves(g, comment->body);
	const struct review *review;
	struct candidate *c;

	if (said == TRI_NO)
		return;
	review = from_comment(comment, REVIEW_APPROVED, g->on);
	c = add(g, review);
	c->doubtful = said == TRI_UNKNOWN;
	if (!oid_known(&review->bound_sha))
		c->aside = "approved in a comment that does not name this commit in full";
}

struct candidate *candidates_of_rule(const struct rule *rule, const struct judging *on, size_t *ret_n)
{
	struct gathering g = gather(rule, on);
	const struct change *change = on->change;

	for (size_t i = 0; i < change->n_reviews; i++) {
		const struct review *review = &change->reviews[i];

		if (review->state == REVIEW_APPROVED)
			add_approval(&g, review);
		else if (review->state == REVIEW_COMMENTED)
			add_remark(&g, review);
		else if (decisive(review->state))
			add(&g, review);
	}
	for (size_t i = 0; i < change->n_comments; i++)
		add_comment(&g, &change->comments[i]);
	return arranged(&g, ret_n);
}

/* ---- objections ---- */

/* Whoever might have objected has; only what is certain, and not edited, lifts. COMMENTED: neither. */
static enum review_state objection(const struct policy *policy, struct text body, bool edited, const struct oid *head)
{
	if (methods_said(&policy->disapprove, body, head) != TRI_NO)
		return REVIEW_CHANGES_REQUESTED;
	if (!edited && methods_said(&policy->revoke, body, head) == TRI_YES)
		return REVIEW_STATE_DISMISSED;
	return REVIEW_COMMENTED;
}

static void add_review_objection(struct gathering *g, const struct policy *policy, const struct review *review)
{
	enum review_state state = review->state;

	if (state == REVIEW_COMMENTED)
		state = objection(policy, review->body, review->edited, &g->on->facts->head);
	if (decisive(state))
		(void)add(g, as(review, state, g->on->arena));
}

static void add_comment_objection(struct gathering *g, const struct policy *policy, const struct comment *comment)
{
	enum review_state state = objection(policy, comment->body, comment->edited, &g->on->facts->head);

	if (decisive(state))
		(void)add(g, from_comment(comment, state, g->on));
}

struct candidate *candidates_of_objections(const struct policy *policy, const struct judging *on, size_t *ret_n)
{
	struct gathering g = gather(NULL, on);
	const struct change *change = on->change;

	for (size_t i = 0; i < change->n_reviews; i++)
		add_review_objection(&g, policy, &change->reviews[i]);
	for (size_t i = 0; i < change->n_comments; i++)
		add_comment_objection(&g, policy, &change->comments[i]);
	return arranged(&g, ret_n);
}
