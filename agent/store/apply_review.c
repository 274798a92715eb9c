/*
 * A review was given, edited or dismissed. The first signed webhook that announces a review binds it to a commit for
 * ever: the forge has been seen to move what its REST interface says (tests/rows.md, H1). A dismissal is final.
 */
#include "agent/store/apply.h"

static bool keep_binding(struct applying *a, struct row_binding *ret_before, bool *ret_known)
{
	const struct event *event = a->event;
	struct row_binding row = {.review = event->review.id};

	if (!step_find(a->step, &table_binding, &row, ret_known))
		return false;
	*ret_before = row;
	if (!*ret_known && event->review_action == REVIEW_EDITED)
		return true; /* its commit may have been moved since it was given: no proof */
	row.repo = event->repo;
	row.change = event->change.number;
	row.user = event->review.user.id;
	if (event->review.user.login.len > 0)
		row.login = event->review.user.login;
	if (event->review_action == REVIEW_SUBMITTED && !oid_known(&row.sha))
		row.sha = event->review.commit_id;
	if (event->review.submitted_at != WHEN_UNKNOWN)
		row.submitted_at = event->review.submitted_at;
	if (event->review_action == REVIEW_DISMISSED)
		row.state = REVIEW_STATE_DISMISSED;
	else if (row.state != REVIEW_STATE_DISMISSED && event->review_action == REVIEW_SUBMITTED)
		row.state = event->review.state;
	if (row.guid.len == 0)
		row.guid = a->guid;
	return step_put(a->step, &table_binding, &row);
}

struct newest {
	struct text counted;
};

static bool take_counted(void *context, const void *row)
{
	struct newest *newest = context;

	newest->counted = ((const struct row_verdict *)row)->counted;
	return false;
}

/* Did the newest verdict of this head find that this person counts? */
static bool was_counted(struct applying *a, int64_t user, const struct oid *sha, bool *ret)
{
	struct row_verdict key = {.repo = a->event->repo, .sha = *sha};
	struct scan scan = {.table = &table_verdict,
			    .index = VERDICT_BY_SHA,
			    .equal = &key,
			    .n_equal = 2,
			    .descending = true,
			    .lean = true,
			    .limit = 1};
	struct text needle = arena_printf(a->step->arena, ",%lld,", (long long)user);
	struct newest newest = {TEXT_EMPTY};

	if (!a->step->rows->ops->scan(a->step->rows->self, &scan,
				      (struct visitor){take_counted, &newest, a->step->arena}, a->step->err))
		return false;
	*ret = text_find(newest.counted, needle) != SIZE_MAX;
	return true;
}

bool could_count(struct applying *a, const struct speaker *who, const struct oid *sha, bool *ret)
{
	static const char *const insiders[] = {"OWNER", "MEMBER", "COLLABORATOR"};

	for (size_t i = 0; i < sizeof insiders / sizeof insiders[0]; i++)
		if (text_is(who->association, insiders[i])) {
			*ret = true;
			return true;
		}
	return was_counted(a, who->user, sha, ret);
}

static bool weakens(struct applying *a, const struct row_binding *was, bool known, bool *ret)
{
	struct speaker who = {a->event->review.association, a->event->review.user.id};

	*ret = false;
	if (a->event->review_action == REVIEW_DISMISSED) {
		*ret = !known || was->state == REVIEW_APPROVED || was->state == REVIEW_STATE_UNKNOWN;
		return true;
	}
	if (a->event->review_action == REVIEW_SUBMITTED && a->event->review.state == REVIEW_CHANGES_REQUESTED)
		return could_count(a, &who, &a->event->change.head, ret);
	return true;
}

/* It decides nothing (policy/reviews.c), or leaves what is known as it was: it is no reason to judge anything again,
 * but for its text where a policy asks for texts (apply_said.c). Else whoever may comment could keep a success from
 * being concluded, by editing one remark all the time. */
static bool decides_nothing(const struct event *event, const struct row_binding *was, bool known)
{
	if (event->review_action == REVIEW_DISMISSED || (known && was->state != (int64_t)event->review.state))
		return false;
	return event->review.state == REVIEW_COMMENTED || (known && event->review_action == REVIEW_EDITED);
}

/* Only a head that nobody told of is news then; what else it tells of the change, keep_change has seen. */
static bool want_unknown(struct applying *a, const struct oid *head)
{
	struct row_subject subject = {.repo = a->event->repo, .sha = *head};
	bool known;

	if (!step_find(a->step, &table_subject, &subject, &known))
		return false;
	return known || a->event->change.open == TRI_NO || subject_want(a->step, a->event->repo, head, true);
}

static struct text reason(struct applying *a)
{
	const char *what =
		a->event->review_action == REVIEW_DISMISSED ? "a review was dismissed" : "changes were requested";

	return arena_printf(a->step->arena, "Revoked: %s", what);
}

bool apply_review(struct applying *a)
{
	const struct oid *head = &a->event->change.head;
	struct row_binding was;
	bool known, weaker;

	if (a->event->review_action == REVIEW_OTHER)
		return true;
	if (!raise_floor(a) || !keep_change(a) || !keep_binding(a, &was, &known) || !weakens(a, &was, known, &weaker))
		return false;
	if (decides_nothing(a->event, &was, known))
		return want_unknown(a, head) && apply_texts(a);
	/* Closed when it was told; delivered late, the change may have been opened again since. */
	if (a->event->change.open == TRI_NO)
		return subject_want(a->step, a->event->repo, head, false);
	return (weaker ? revoke(a, head, reason(a)) : subject_want(a->step, a->event->repo, head, true)) &&
	       apply_texts(a);
}
