/*
 * When the head arrived: the newest of the signed events and the forge's record that name it.
 *
 * One thing more. Where a newer entry names another commit, the head went away and came back, and no entry tells when
 * (a plain push back to a descendant leaves no force push, and its event may be lost). Then the known arrival is of an
 * earlier stay and would be too early. What is left is the Date of the first answer that showed the head after that
 * newer entry, which is kept. It is later than the truth, hence safe. Entries of one second have no order: the other
 * head may have been the later one.
 *
 * A force push whose target the forge does not tell counts as one to another commit.
 */
#include "agent/work/gather_inner.h"

#define SECOND_MS 1000 /* the grain of the forge's times */

struct newest {
	int64_t own, other; /* WHEN_UNKNOWN: none */
};

static void note(struct newest *newest, bool own, int64_t at)
{
	int64_t *which = own ? &newest->own : &newest->other;

	if (at != WHEN_UNKNOWN && at > *which)
		*which = at;
}

static struct newest newest_entries(const struct seen_change *seen)
{
	struct newest newest = {WHEN_UNKNOWN, WHEN_UNKNOWN};

	for (size_t i = 0; i < seen->told.n_arrivals; i++) {
		const struct row_arrival *a = &seen->told.arrivals[i];

		if (!a->first_shown)
			note(&newest, oid_eq(&a->sha, &seen->now.head), a->forge_at);
	}
	for (size_t i = 0; i < seen->moves.n; i++)
		note(&newest, oid_eq(&seen->moves.at[i].to, &seen->now.head), seen->moves.at[i].at);
	return newest;
}

/* This answer is of the second of the other entry, so it does not show that the head is there after it. The next one
 * will, and must be asked for: else the arrival would be dated by whatever judgement comes, which may be the one of a
 * review that should have counted. */
static bool too_early(const struct collect *c, const struct seen_change *seen, int64_t other, struct err *err)
{
	const struct clock_port *clock = &c->gather->ports->clock;

	(void)err_set(err, ERR_RETRY, "change %lld: its head moved in this very second", (long long)seen->now.number);
	err->retry_at_ms = clock->wall(clock->self) + (other - seen->now.answered_at) + SECOND_MS;
	return false;
}

bool arrival_of_head(const struct collect *c, const struct seen_change *seen, int64_t *ret, struct err *err)
{
	struct newest newest = newest_entries(seen);
	struct first_shown in = {
		{c->gather->claim->repo, seen->now.number}, seen->now.head, seen->now.answered_at, newest.other};
	int64_t first = in.date;

	if (newest.own != WHEN_UNKNOWN && newest.own > newest.other) {
		*ret = newest.own;
		return true;
	}
	if (in.date != WHEN_UNKNOWN && c->gather->ports->store && in.date <= newest.other)
		return too_early(c, seen, newest.other, err);
	if (in.date != WHEN_UNKNOWN && c->gather->ports->store &&
	    !store_first_shown(c->gather->ports->store, &in, &first, err))
		return false;
	*ret = first;
	return true;
}
