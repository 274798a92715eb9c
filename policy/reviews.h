/*
 * reviews: which reviews count for a commit, whose objections stand, and why the others do not. Freshness lives here:
 * a review counts only for the commit it is bound to, given strictly after that commit's newest arrival.
 */
#ifndef POLICY_REVIEWS_H
#define POLICY_REVIEWS_H

#include "policy/rules.h"

struct tally {
	const struct person *counts; /* distinct people whose fresh review counts, oldest review first */
	size_t n_counts;
	size_t maybe;        /* people who would count if something unknown were known */
	size_t stale;        /* people whose review of an earlier commit or arrival no longer counts */
	struct text unknown; /* what would have to be known, as a noun phrase; empty when maybe is 0 */
	const struct ignored *ignored;
	size_t n_ignored;
};

/* Noun phrase: what is missing where the forge does not show all pushes, and what helps. */
#define PUSHERS_HIDDEN                                                                                                 \
	"to know who pushed, which the forge does not show: use a new branch here, or allow_unknown_pushers"

/* No review by anybody but the author can count: somebody unknown pushed, and the rule does not let that pass. */
bool reviews_need_pushers(const struct rule *rule, const struct change *change);

/* The change's reviews must be known. */
void reviews_count(const struct rule *rule, const struct judging *on, struct tally *ret);

struct objections {
	enum tri stand;   /* YES: somebody's requested changes block; UNKNOWN: somebody's might */
	struct text next; /* "changes requested by bob" */
	const struct ignored *ignored;
	size_t n_ignored;
};

void reviews_objections(const struct policy *policy, const struct judging *on, struct objections *ret);

/* ASCII for a status line: anything else, and what could mislead, becomes '?'; at most max bytes. */
struct text plain(struct text t, size_t max, struct arena *arena);

#endif
