/*
 * candidates: what people said of a change that may count, person by person, each one's last word marked: reviews, and
 * what a rule's methods take for one. Inner to reviews.c.
 */
#ifndef POLICY_CANDIDATES_H
#define POLICY_CANDIDATES_H

#include "policy/rules.h"

struct candidate {
	const struct review *review;
	int64_t at; /* submitted_at; INT64_MAX when unknown */
	int caution;
	bool latest;       /* the person's last decisive word */
	bool doubtful;     /* nobody can tell whether it says what the rule asks for */
	const char *aside; /* why it is no word of that kind at all; it is told, and decides nothing */
	const struct rule *rule;
	const struct judging *on;
	struct places *places; /* of reviews.c, while it counts */
};

int candidate_compare(int64_t a, int64_t b); /* for qsort: ascending */

/* What may approve by this rule. Those that stand aside come last. */
struct candidate *candidates_of_rule(const struct rule *rule, const struct judging *on, size_t *ret_n);

/* What may block, and lift a block. */
struct candidate *candidates_of_objections(const struct policy *policy, const struct judging *on, size_t *ret_n);

#endif
