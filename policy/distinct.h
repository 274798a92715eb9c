/*
 * distinct: whether several rules can be met by different people at once. Somebody who counts for two rules fills one
 * of them alone, and who fills which is found as an assignment: whoever comes first takes no place that only they
 * could have left to another.
 *
 * Pure; memory from the arena; time in the order of places x people.
 */
#ifndef POLICY_DISTINCT_H
#define POLICY_DISTINCT_H

#include "policy/arena.h"
#include "policy/event.h"

#define DISTINCT_PLACES_MAX 100 /* of all rules of one list */

struct demand {        /* of one rule */
	int64_t count; /* places to fill; at most DISTINCT_PLACES_MAX over all demands */
	const struct person *who;
	size_t n;
};

/* How many places stay empty however people are placed; 0: they can be filled by different people. */
int64_t distinct_missing(const struct demand *demands, size_t n, struct arena *arena);

#endif
