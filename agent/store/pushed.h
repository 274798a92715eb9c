/*
 * pushed: what the store keeps of commits that are pushed to a push_branch, without a change: verbs as those of
 * store.h, of the judge and of the sweep. agent/store/pushes.h says how such a commit comes and goes.
 */
#ifndef AGENT_STORE_PUSHED_H
#define AGENT_STORE_PUSHED_H

#include "agent/store/store.h"

/* Who made this commit the tip of one of the repository's push_branches, by signed pushes, and what was there before:
 * at most 100 rows, of `change` 0. None: no event told that it ever was. */
struct pushed_at { /* a commit that is one */
	int64_t repo;
	const struct oid *sha;
};
struct pushed_rows {
	const struct row_arrival *at;
	size_t n;
};
bool store_pushes_of(const struct store *store, const struct pushed_at *in, struct pushed_rows *ret,
		     struct arena *arena, struct err *err);

/* The forge shows this commit as the tip of such a branch: it is judged, again where it was before. */
bool store_push_seen(const struct store *store, const struct pushed_at *in, int64_t now, bool *ret_subjects,
		     struct err *err);

#endif
