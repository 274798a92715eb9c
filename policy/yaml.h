/*
 * yaml: bytes -> a tree of nodes with line and column. The only place that meets libfyaml, used on bytes only, for
 * policies and for the configuration file.
 *
 * A strict subset, enforced by our own walk over libfyaml's events, never by its document builder: one document, no
 * anchors, aliases, tags or directives, no NUL, well-formed UTF-8, no duplicate keys, keys are scalars, bounded bytes,
 * depth, nodes and brackets. Two doubled quotes side by side in single quotes are refused too (libfyaml misreads them),
 * and so are control bytes. Everything else is a problem with line and column. Scalars stay text; callers type them.
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
};

/* An empty document gives a YAML_NULL root. False: *problem says why, *ret untouched. */
bool yaml_parse(struct text bytes, const struct yaml_limits *limits, struct arena *arena, const struct yaml **ret,
		struct problem *problem);

/* The value of a key of a map, or NULL. */
const struct yaml *yaml_get(const struct yaml *map, const char *key);

/* Typed readings of a scalar node: false when it is not one (the caller says what was expected). Quoted scalars are
 * never numbers or booleans. Booleans: true and false only; integers: canonical decimal. */
bool yaml_int(const struct yaml *node, int64_t *ret);
bool yaml_bool(const struct yaml *node, bool *ret);

/* Fills *problem at the node and returns false. */
bool yaml_problem(const struct yaml *at, struct problem *problem, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
