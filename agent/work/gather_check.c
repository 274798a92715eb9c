/*
 * Floors. An event told us at least this much; an answer that knows less comes from a replica that lags and is no
 * input, neither for a grant nor for a denial.
 */
#include "agent/work/gather_inner.h"

bool gather_check_change(const struct told *told, const struct forge_change *now, struct err *err)
{
	if (told->floor_time == WHEN_UNKNOWN || now->updated_at > told->floor_time)
		return true;
	if (now->updated_at < told->floor_time)
		return err_set(err, ERR_RETRY, "change %lld: the answer is older than an event (stale replica)",
			       (long long)now->number);
	/* The same second: only the head can tell which is older. */
	if (oid_known(&told->floor_head) && !oid_eq(&told->floor_head, &now->head))
		return err_set(err, ERR_RETRY, "change %lld: the answer has another head than an event of that second",
			       (long long)now->number);
	return true;
}

const struct row_binding *gather_binding(const struct told *told, int64_t review)
{
	for (size_t i = 0; i < told->n_bindings; i++)
		if (told->bindings[i].review == review)
			return &told->bindings[i];
	return NULL;
}

static const struct forge_review *review_of(const struct forge_list_reviews *reviews, int64_t id)
{
	for (size_t i = 0; i < reviews->n; i++)
		if (reviews->at[i].id == id)
			return &reviews->at[i];
	return NULL;
}

bool gather_check_reviews(const struct told *told, const struct forge_list_reviews *reviews, struct err *err)
{
	for (size_t i = 0; i < told->n_bindings; i++) {
		const struct row_binding *b = &told->bindings[i];
		const struct forge_review *r = review_of(reviews, b->review);

		if (!r)
			return err_set(err, ERR_RETRY, "review %lld is missing from the answer (stale replica)",
				       (long long)b->review);
		if (r->state == REVIEW_STATE_DISMISSED || b->state == REVIEW_STATE_UNKNOWN)
			continue;
		if ((int64_t)r->state != b->state)
			return err_set(err, ERR_RETRY, "review %lld: the answer is older than an event (stale replica)",
				       (long long)b->review);
	}
	return true;
}
