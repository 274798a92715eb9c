/*
 * yaml: bytes -> a tree of nodes with line and column, for policies and for the configuration file.
 *
 * A strict subset, enforced by our own walk over libfyaml's events (yaml_events.h), never by its document builder: one
 * document, no tags or directives, no NUL, well-formed UTF-8, no duplicate keys, keys are scalars, bounded bytes,
 * depth, nodes and brackets. Two doubled quotes side by side in single quotes are refused too (libfyaml misreads them),
 * and so are control bytes. Everything else is a problem with line and column. Lines may end with CR LF; a byte order
 * mark may stand at the start. Scalars stay text; callers type them.
 *
 * Anchors, aliases and `<<` only where the limits allow them. An alias shares the node that it names and is not a copy;
 * what it shows counts as nodes once more, so that whoever walks the tree meets no more nodes than the limit. An anchor
 * can be named once its node has ended, so that there are no cycles. `<<` takes a map or a list of maps: keys written
 * in the map win, then the earlier map.
 *
 * Nodes are owned by the arena; texts too. Pure; any thread.
 */
#ifndef POLICY_YAML_H
#define POLICY_YAML_H

#include "policy/arena.h"
#include "policy/err.h"

enum yaml_kind { YAML_NULL = 0 /* plain empty, ~ or null */, YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml {
	enum yaml_kind kind;
	unsigned line, column;    /* from 1 */
	struct text text;         /* YAML_SCALAR: its value */
	bool quoted;              /* a quoted or block scalar: always a string */
	const struct yaml *items; /* YAML_LIST; YAML_MAP: the values */
	const struct yaml *keys;  /* YAML_MAP: scalars, as many as items */
	size_t n;
};

struct problem {               /* where in a text, and what to do about it */
	unsigned line, column; /* from 1; 0: the whole file */
	char text[200];        /* "unknown key `approvl`; did you mean `approval`?" */
};

struct yaml_limits {
	size_t bytes; /* checked before anything is parsed */
	unsigned depth, nodes;
	unsigned aliases; /* how many anchors, and how many aliases; 0: neither, and `<<` is a key like any other */
};

/* An empty document gives a YAML_NULL root. False: *problem says why, *ret untouched. */
bool yaml_parse(struct text bytes, const struct yaml_limits *limits, struct arena *arena, const struct yaml **ret,
		struct problem *problem);

/* The value of a key of a map, or NULL. */
const struct yaml *yaml_get(const struct yaml *map, const char *key);

/* Typed readings of a scalar node: false when it is not one (the caller says what was expected). Quoted scalars are
 * never numbers or booleans. Booleans are the words of YAML 1.1: true, yes, on, y and false, no, off, n, each in lower,
 * Capital and UPPER case. Integers are canonical decimal. */
bool yaml_int(const struct yaml *node, int64_t *ret);
bool yaml_bool(const struct yaml *node, bool *ret);

/* Fills *problem at the node and returns false. */
bool yaml_problem(const struct yaml *at, struct problem *problem, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same for a node that is not the number that was expected: one in another notation than yaml_int's (0x1f, 017,
 * 1_000, +1) is told to be written as a decimal number. */
bool yaml_int_problem(const struct yaml *at, struct problem *problem, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
