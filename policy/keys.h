/*
 * keys: maps of a policy read by table. A key is one row: where it stands, its type, one line of help, and the
 * function that reads its value. The same rows give help, schema and documentation (policy_key_at).
 */
#ifndef POLICY_KEYS_H
#define POLICY_KEYS_H

#include "policy/policy.h"
#include "policy/regex.h"

struct parse {
	struct arena *arena;
	struct problem *problem;
	unsigned patterns; /* compiled so far */
};

struct key {
	struct policy_key doc; /* the key itself is what follows the last '.' of the path */
	bool (*read)(struct parse *parse, const struct yaml *value, void *out);
};

struct keys {
	const struct key *rows;
	size_t n;
};

#define KEYS(table)                                                                                                    \
	{                                                                                                              \
		(table), sizeof(table) / sizeof((table)[0])                                                            \
	}

const char *key_name(const struct key *key);

/* Every member of the map by its row; an unknown key is a problem with a suggestion. `what` names the map. */
bool keys_read(struct parse *parse, const struct yaml *map, const struct keys *keys, const char *what, void *out);

/* The problem of an unknown key: a suggestion, or that this version does not know it. Returns false. */
bool key_unknown(struct parse *parse, const struct yaml *key, const char *const *names, size_t n);

/* Typed values; the problem says what was expected. */
bool read_text(struct parse *parse, const struct yaml *value, struct text *ret);
bool read_bool(struct parse *parse, const struct yaml *value, bool *ret);
bool read_texts(struct parse *parse, const struct yaml *value, const struct text **ret, size_t *ret_n);
bool read_regex(struct parse *parse, const struct yaml *value, const struct regex **ret);
bool read_regexes(struct parse *parse, const struct yaml *value, const struct regex *const **ret, size_t *ret_n);

/* The tables, for policy_key_at. */
extern const struct keys keys_policy, keys_disapproval, keys_rule, keys_requires, keys_options, keys_methods;

#endif
