/*
 * store_newest: stored verdicts from the newest back, some at a time, for who looks for something in all of them. What
 * was said later of the same commit in the same context, and heads that were replaced, are told as such. Reads only.
 */
#ifndef AGENT_STORE_STORE_NEWEST_H
#define AGENT_STORE_STORE_NEWEST_H

#include "agent/store/store.h"

#define NEWEST_MAX 50 /* at a time: a verdict may be large */

struct newest_verdict {
	struct row_verdict row; /* without its inputs and its policy */
	struct text repo;       /* its name; empty: not known */
	bool replaced;          /* by a later verdict, or its commit by another head */
};
struct newest_verdicts {
	const struct newest_verdict *at;
	size_t n; /* 0: there are no more */
};
/* Those before the verdict of this number; 0: the newest. */
bool store_newest_verdicts(const struct store *store, int64_t before, struct newest_verdicts *ret, struct arena *arena,
			   struct err *err);

#endif
