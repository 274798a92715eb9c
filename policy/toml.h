/*
 * toml: bytes -> a tree of nodes with line and column, for bors.toml. All of TOML 1.0 as Python's tomllib (3.11) reads
 * it: what that takes is taken with the same values in the same order, what it refuses is refused; tests/data/toml
 * holds both against each other. Only the named limits refuse more.
 *
 * What bors.toml has no use for stays text: a float as it is written, dates and times in one canonical form. An integer
 * beyond int64 is taken, as tomllib does, and marked: whoever wants a number must refuse it (toml_int does).
 * Nodes and texts are owned by the arena. Pure; any thread.
 */
#ifndef POLICY_TOML_H
#define POLICY_TOML_H

#include "policy/arena.h"
#include "policy/yaml.h"

#define TOML_DEPTH_LIMIT 64 /* limits.depth is cut to it: values are read by recursion */

enum toml_kind { TOML_TABLE = 0, TOML_ARRAY, TOML_TEXT, TOML_INTEGER, TOML_BOOLEAN, TOML_FLOAT, TOML_TIME };

struct toml {
	enum toml_kind kind;
	unsigned line, column; /* of the value, from 1; a table by header: of its key. Columns count characters */
	struct text key;       /* in a table: may be empty, and may hold any character */
	unsigned key_line, key_column;
	struct text text; /* TOML_TEXT, TOML_FLOAT, TOML_TIME */
	int64_t integer;  /* TOML_INTEGER that is not wide */
	bool truth;       /* TOML_BOOLEAN */
	bool wide;        /* TOML_INTEGER that int64 does not hold */

	struct toml *first, *next; /* members of a table or an array, in order of appearance; NULL: no more */
	size_t n;

	/* The reader's own. */
	struct toml *last;
	unsigned depth;     /* 0: the root */
	bool fixed;         /* an array or table written as a value: nothing may be added to it */
	bool declared;      /* a table that had its [header], an array made by [[header]] */
	unsigned dotted_in; /* the section whose dotted keys opened this table; 0: none */
};

struct toml_limits {
	size_t bytes;   /* checked before anything is read */
	unsigned depth; /* members below members, keys and values alike */
	unsigned nodes; /* also bounds the time: names are looked up one after the other */
};

/* The root is a table. False: *problem says why, *ret is untouched. */
bool toml_parse(struct text bytes, const struct toml_limits *limits, struct arena *arena, const struct toml **ret,
		struct problem *problem);

/* The member of a table, or NULL. */
const struct toml *toml_get(const struct toml *table, struct text key);

/* False: not an integer, or beyond int64. */
bool toml_int(const struct toml *node, int64_t *ret);

/* Fills *problem at the value and returns false. */
bool toml_problem(const struct toml *at, struct problem *problem, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
