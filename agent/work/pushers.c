/*
 * Who pushed the commits of a change. Two things name a pusher: an entry of the forge's record, and a signed push
 * (synchronize). Whoever opened a change need not have pushed any of it, and no event says who did.
 *
 * All of them are known where the head is covered: the whole record has it, or once had it (then everybody who brought
 * its commits was named, and kept, since a head's commits do not change), or signed pushes lead to it without a gap,
 * each from the head that the one before made, from a head of which that is so. Besides, nothing may be seen that
 * nobody is named for. The record is whole where all of it could be read and it reaches back: each entry begins at
 * another one's head, with the branch, or at a commit that the base branch has.
 */
#include "agent/work/gather_inner.h"

#define ROOTS_MAX 16 /* entries that begin at no other's head */

/* The activity shows pushes in order and without gaps, so that whatever came before this one is there, too. The
 * timeline, which is read at another moment, does not. */
static bool recorded(const struct seen_change *seen, const struct oid *sha)
{
	for (size_t i = 0; i < seen->moves.n; i++)
		if (seen->moves.at[i].activity && seen->moves.at[i].actor > 0 && oid_eq(&seen->moves.at[i].to, sha))
			return true;
	return false;
}

static bool kept(const struct seen_change *seen, const struct oid *sha)
{
	for (size_t i = 0; i < seen->told.n_pushed; i++)
		if (oid_eq(&seen->told.pushed[i].sha, sha))
			return true;
	return false;
}

/* The newest signed push to this head that is no later. */
static const struct row_arrival *push_to(const struct seen_change *seen, const struct oid *sha, int64_t until)
{
	const struct row_arrival *newest = NULL;

	for (size_t i = 0; i < seen->told.n_arrivals; i++) {
		const struct row_arrival *a = &seen->told.arrivals[i];

		if (a->pusher > 0 && !a->first_shown && a->forge_at <= until && oid_eq(&a->sha, sha) &&
		    (!newest || a->forge_at > newest->forge_at))
			newest = a;
	}
	return newest;
}

static bool covered(const struct seen_change *seen, bool whole)
{
	struct oid at = seen->now.head;
	int64_t until = INT64_MAX;

	for (size_t i = 0; i <= seen->told.n_arrivals; i++) {
		const struct row_arrival *push = push_to(seen, &at, until);

		if ((whole && recorded(seen, &at)) || kept(seen, &at))
			return true;
		if (!push || !oid_known(&push->before))
			return false;
		at = push->before;
		until = push->forge_at;
	}
	return false; /* round and round within one second */
}

/* ---- does the record reach back? ---- */

static bool begins_at_another(const struct seen_change *seen, const struct oid *from)
{
	for (size_t i = 0; i < seen->moves.n; i++)
		if (seen->moves.at[i].activity && oid_eq(&seen->moves.at[i].to, from))
			return true;
	return false;
}

/* What cannot be read is not there. */
static bool on_base(const struct collect *c, const struct seen_change *seen, const struct oid *sha)
{
	const struct gather *g = c->gather;
	struct mirror_range_in in = {.base = seen->tip, .head = *sha, .max_commits = 1, .max_paths = 1};
	struct mirror_range_out range = {.head_in_base = false};
	struct err err = ERR_NONE;
	struct forge_git git;

	if (g->ports->forge->git_access(g->ports->forge->self, &c->call, &git, &err) != ERR_OK)
		return false;
	in.where = gather_where(c, &git);
	return g->ports->mirror->range(g->ports->mirror->self, &in, &range, c->arena, &err) == ERR_OK &&
	       range.head_in_base;
}

static bool reaches_back(const struct collect *c, const struct seen_change *seen)
{
	size_t roots = 0;

	for (size_t i = 0; i < seen->moves.n; i++) {
		const struct oid *from = &seen->moves.at[i].from;

		if (!oid_known(from) || begins_at_another(seen, from))
			continue;
		if (++roots > ROOTS_MAX || !on_base(c, seen, from))
			return false;
	}
	return true;
}

/* ---- who ---- */

static bool named(const struct seen_change *seen, const struct oid *sha)
{
	return recorded(seen, sha) || kept(seen, sha) || push_to(seen, sha, INT64_MAX);
}

static bool told_heads_named(const struct seen_change *seen)
{
	for (size_t i = 0; i < seen->told.n_arrivals; i++)
		if (!named(seen, &seen->told.arrivals[i].sha))
			return false;
	return true;
}

/* Where the record is whole it names everybody for every head that was ever seen; else for what it still shows. */
static bool nobody_unnamed(const struct seen_change *seen, bool whole)
{
	for (size_t i = 0; i < seen->moves.n; i++)
		if (seen->moves.at[i].actor <= 0 && !named(seen, &seen->moves.at[i].to))
			return false;
	return !whole || told_heads_named(seen);
}

bool pushers_heads_covered(const struct seen_change *seen)
{
	return covered(seen, seen->moves.complete) && told_heads_named(seen);
}

static size_t add(int64_t *by, size_t n, int64_t who)
{
	if (who <= 0)
		return n;
	for (size_t i = 0; i < n; i++)
		if (by[i] == who)
			return n;
	by[n] = who;
	return n + 1;
}

static size_t everybody(const struct seen_change *seen, int64_t *by)
{
	size_t n = 0;

	for (size_t i = 0; i < seen->told.n_arrivals; i++)
		n = add(by, n, seen->told.arrivals[i].pusher);
	for (size_t i = 0; i < seen->moves.n; i++)
		n = add(by, n, seen->moves.at[i].actor);
	for (size_t i = 0; i < seen->told.n_pushed; i++)
		n = add(by, n, seen->told.pushed[i].pusher);
	return n;
}

/* A fork can be deleted or hidden, and then its record is gone. */
static bool keep(const struct collect *c, const struct seen_change *seen, const struct change *of, struct err *err)
{
	const struct store *store = c->gather->ports->store;
	struct pushed in = {{c->gather->claim->repo, of->number}, seen->now.head, of->pushers, of->n_pushers};
	size_t there = 0;

	for (size_t i = 0; i < seen->told.n_pushed; i++)
		there += oid_eq(&seen->told.pushed[i].sha, &in.sha);
	if (!store || seen->now.head_repo == c->gather->claim->repo || there >= in.n)
		return true;
	return store_keep_pushers(store, &in, err);
}

bool gather_pushers(const struct collect *c, const struct seen_change *seen, struct change *ret, struct err *err)
{
	size_t most = seen->told.n_arrivals + seen->moves.n + seen->told.n_pushed;
	int64_t *by = arena_alloc(c->arena, most + 1, sizeof *by);
	bool whole = seen->moves.complete && reaches_back(c, seen);
	bool all = covered(seen, whole) && nobody_unnamed(seen, whole);

	ret->pushers = by;
	ret->n_pushers = everybody(seen, by);
	ret->pushers_hidden = !all && !whole;
	if (all || ret->pushers_hidden)
		ret->known |= FACT_PUSHERS;
	if (ret->pushers_hidden)
		by[ret->n_pushers++] = 0;
	return !all || !whole || keep(c, seen, ret, err);
}
