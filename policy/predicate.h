/*
 * predicate: one question about a change, for `if` and `requires.conditions`. A new one is one row in predicate.c's
 * table and two functions in its family's file (predicate_files.c, predicate_message.c, predicate_change.c).
 *
 * Promise: three values. What cannot be known is TRI_UNKNOWN and makes a rule wait; it is never "no".
 */
#ifndef POLICY_PREDICATE_H
#define POLICY_PREDICATE_H

#include "policy/policy.h"

struct judging { /* what is judged: one change of facts */
	const struct facts *facts;
	const struct change *change;
	struct arena *arena;
};

struct answer {
	enum tri holds;
	struct text why; /* unless it holds: what is wrong, or what is not known, as a noun phrase */
};

struct parse;
struct predicate {
	struct policy_key doc; /* path: the key alone */
	unsigned needs;        /* enum fact bits; where one is unknown the answer is TRI_UNKNOWN without asking */
	bool (*read)(struct parse *parse, const struct yaml *value, const void **ret_args);
	struct answer (*ask)(const void *args, const struct judging *on);
};

struct condition {
	const struct predicate *predicate;
	const void *args;
};

struct patterns {
	const struct regex *const *items;
	size_t n;
};

/* The arguments of a changed_files with more `paths`. */
const void *changed_files_with(const void *args, const struct patterns *more, struct arena *arena);

/* A block of conditions, keyed by predicate. */
bool conditions_read(struct parse *parse, const struct yaml *map, const struct condition **ret, size_t *ret_n);
struct answer condition_ask(const struct condition *condition, const struct judging *on);
const struct predicate *predicate_at(size_t i); /* NULL past the end */

/* What a missing fact is called in "Needs ..."; NULL when none of `needs` is missing. */
const char *fact_missing(unsigned needs, const struct change *change);

bool changed_files_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer changed_files_ask(const void *args, const struct judging *on);
bool targets_branch_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer targets_branch_ask(const void *args, const struct judging *on);
bool commit_token_read(struct parse *parse, const struct yaml *value, const void **ret_args);
struct answer commit_token_ask(const void *args, const struct judging *on);

#endif
