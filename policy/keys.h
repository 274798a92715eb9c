/*
 * keys: maps of a policy read by table. A key is one row: where it stands, its type, one line of help, and the
 * function that reads its value. The same rows give help, schema and documentation (policy_key_at).
 */
#ifndef POLICY_KEYS_H
#define POLICY_KEYS_H

#include "policy/policy.h"
#include "policy/regex.h"

/*
 * A reading function that fails fills *problem and returns false; whoever goes on after that (the next key, the next
 * rule) calls parse_failed, which keeps it. So one reading tells of every mistake, and each is told once.
 */
struct bugs_args;
struct flag_args;
struct bugs_parse { /* of the rule that is read: where `bugs` may stand, and what it left for the rule's end */
	bool allowed, inside; /* inside: in a block of it */
	bool seen;
	const struct bugs_args *optional; /* one that a commit without a bug passes */
	struct flag_args *captures;       /* flags named by a group of the rule's branch pattern */
};

struct parse {
	struct arena *arena;
	struct problem *problem;             /* of the function that has just failed */
	struct problem_list *errors, *lints; /* what was kept */
	struct bugs_parse bugs;
	unsigned patterns;  /* compiled so far */
	unsigned owners;    /* rules with `owners` so far */
	bool names_missing; /* a rule has no name, or the rules are no list: names resolve to nothing */
};

/* The same, of what lets changes through that nobody looked at. */
void parse_unsafe(struct parse *parse, const struct yaml *at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Keeps *parse->problem, where there is one, and forgets it. Always returns false. */
bool parse_failed(struct parse *parse);

/* What is allowed and still should be known; it fails nothing. */
void parse_lint(struct parse *parse, const struct yaml *at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

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

/* Every member of the map by its row, whatever is wrong with others; an unknown key is a problem with a suggestion.
 * `what` names the map. */
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
extern const struct keys keys_remote, keys_policy, keys_disapproval, keys_guards, keys_at_least, keys_rule,
	keys_requires, keys_owners, keys_options, keys_delegation, keys_unknown, keys_request, keys_context, keys_push,
	keys_attribution;

#endif
