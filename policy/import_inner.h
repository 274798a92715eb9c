/*
 * import_inner: what the files import*.c share. The walk is over the tree of the opened text (import_sheet.h); places
 * are those of the file that was given, which has the same tree. Pure; in the arena.
 */
#ifndef POLICY_IMPORT_INNER_H
#define POLICY_IMPORT_INNER_H

#include "policy/import.h"
#include "policy/import_sheet.h"

/* Rows that are about more than one key; the others find themselves by parent, key and test. */
enum import_id {
	IMPORT_GROUP_EVENT,
	IMPORT_CONTEXT,
	IMPORT_SHARED_FILE,
	IMPORT_NO_APPROVAL,
	IMPORT_NO_DISAPPROVAL,
	IMPORT_REVOKE,
	IMPORT_DISAPPROVE,
	IMPORT_ALL_SKIPPED,
	IMPORT_OR_SKIPPED,
	IMPORT_MASKED,
	IMPORT_DUPLICATE,
	IMPORT_UNUSED,
	IMPORT_FREE,
	IMPORT_FREE_AUTHOR,
	IMPORT_NULL,
	IMPORT_PUSH_ABSENT,
	IMPORT_EDITED_ABSENT,
	IMPORT_COMMENTS_ABSENT,
	IMPORT_REVIEW_ABSENT,
	IMPORT_CONTRIBUTORS,
	IMPORT_LIMITS,
	IMPORT_KEYS, /* the first of those with a key */
};

struct import_row {
	struct import_difference doc;
	const char *parent; /* the key around it; NULL: any */
	const char *key;
	bool (*applies)(const struct yaml *value);                           /* NULL: always */
	struct text (*write)(const struct yaml *value, struct arena *arena); /* NULL: the value stays */
};

const struct import_row *import_row(enum import_id id);
const struct import_row *import_row_at(size_t i); /* NULL past the end */

struct place { /* of one node */
	unsigned line, column, was_line, was_column;
};

struct import_said { /* in the opened text */
	const struct import_row *row;
	unsigned line, column;
};

struct importing {
	struct arena *arena;
	struct sheet sheet;
	const struct yaml *root, *approval, *rules, *defaults; /* NULL: not there, or nothing in it */
	struct place *places;
	size_t n_places;
	struct import_finding *findings;
	size_t n;
	struct import_said *said;
	size_t n_said;
	struct problem_list *refused;
};

/* The row applies where this node stands: a comment above its line, and a finding where that is new. */
void import_say(struct importing *in, const struct import_row *row, const struct yaml *at, struct text detail);
/* The finding alone. */
void import_find(struct importing *in, const struct import_row *row, const struct yaml *at, struct text detail);
struct text import_comment(struct importing *in, const struct import_row *row, struct text detail);

/* Always false. */
bool import_refuse(struct importing *in, const struct yaml *at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Null, or a map of nothing but that: policy-bot takes it as left out. NULL is nothing, too. */
bool import_nothing(const struct yaml *node);
/* The value of a key of a map, NULL where it is nothing or there is no map. */
const struct yaml *import_get(const struct yaml *map, const char *key);
const struct yaml *import_key(const struct yaml *map, const char *key); /* the key itself, or NULL */

/* A whole number as policy-bot reads it: signs, prefixes, `_`, and a float without its fraction. */
bool import_int(const struct yaml *value, int64_t *ret);
/* How many people a rule asks for; 0: none. */
int64_t import_count(const struct yaml *rule);
bool import_on(const struct yaml *value); /* a boolean that is true */

/* import_rules.c: the rules that live, each key of them, and what is nothing. */
bool import_rules(struct importing *in);
const struct yaml *import_rule_named(const struct importing *in, struct text name); /* the last one, or NULL */
/* It is the last one of its name, and policy.approval or policy.branches names it. */
bool import_lives(const struct importing *in, const struct yaml *rule);
void import_values(struct importing *in, const struct yaml *map, const char *parent);

/* import_free.c: a rule that policy-bot approves without anybody. */
bool import_is_free(const struct yaml *rule);
bool import_free(struct importing *in, const struct yaml *rule);

/* import_policy.c: `policy`, and what goes for every rule. */
bool import_policy_keys(struct importing *in);
void import_defaults(struct importing *in);

#endif
