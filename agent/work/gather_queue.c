/*
 * Whether a merge group still lives. Its end is told by one event, which may be lost: then its commit would be judged
 * at every push to its base for ever. The queue's branches are made and taken away by the forge alone; a copy of its
 * data may not have one yet. So a branch that is not there, or names another commit, is noted, and is gone when it is
 * not there once more and no copy lags as much as lies between. Whether the commit landed before is seen afterwards.
 */
#include "agent/work/gather_inner.h"

static bool is_there(const struct collect *c, const struct queue_branch *branch, bool *ret, struct err *err)
{
	struct forge *f = c->gather->ports->forge;
	const struct text refs = TEXT_LIT("refs/heads/");
	struct text name = branch->ref;
	struct oid tip;

	if (text_starts(name, refs))
		name = (struct text){name.at + refs.len, name.len - refs.len};
	if (f->branch_tip(f->self, &c->call, name, &tip, err) == ERR_OK) {
		*ret = oid_eq(&tip, &c->gather->claim->sha);
		return true;
	}
	if (err->code != ERR_GONE)
		return collect_failed(err, "branch of the merge queue");
	*err = ERR_NONE;
	*ret = false;
	return gather_check_name(c, err);
}

static bool note(const struct collect *c, const struct branch_seen *seen, struct err *err)
{
	return store_branch_seen(c->gather->ports->store, seen, err) || err_wrap(err, "branch of the merge queue");
}

/* *ret_until: how long it is not sure to be gone; 0: it is there. */
static bool look(const struct collect *c, const struct queue_branch *branch, int64_t *ret_until, struct err *err)
{
	const struct clock_port *clock = &c->gather->ports->clock;
	struct branch_seen seen = {c->gather->claim, branch->ref, false, clock->wall(clock->self)};

	if (!is_there(c, branch, &seen.there, err))
		return false;
	if (seen.there == (branch->gone_since != 0) && !note(c, &seen, err))
		return false;
	*ret_until = (branch->gone_since ? branch->gone_since : seen.at) + FLOOR_LAG_MS;
	if (seen.there)
		*ret_until = 0;
	return true;
}

bool gather_queue(const struct collect *c, struct gathered *ret, struct err *err)
{
	const struct claim *claim = c->gather->claim;
	const struct clock_port *clock = &c->gather->ports->clock;
	struct text *over = arena_alloc(c->arena, claim->n_branches + 1, sizeof *over);

	for (size_t i = 0; i < claim->n_branches; i++) {
		int64_t until;

		if (!look(c, &claim->branches[i], &until, err))
			return false;
		if (until != 0 && clock->wall(clock->self) > until)
			over[ret->n_over++] = claim->branches[i].ref;
		else if (until != 0 && (ret->look_again_at == 0 || until < ret->look_again_at))
			ret->look_again_at = until + 1;
	}
	ret->over = over;
	return true;
}

static bool is_over(const struct gathered *got, struct text ref)
{
	for (size_t i = 0; i < got->n_over; i++)
		if (text_eq(got->over[i], ref))
			return true;
	return false;
}

bool gather_queue_over(const struct collect *c, const struct gathered *got, struct text base_ref)
{
	const struct claim *claim = c->gather->claim;
	size_t n = 0;

	for (size_t i = 0; i < claim->n_branches; i++) {
		if (!text_eq(claim->branches[i].base_ref, base_ref))
			continue;
		if (!is_over(got, claim->branches[i].ref))
			return false;
		n++;
	}
	return n > 0;
}
