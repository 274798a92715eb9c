/*
 * owners_inner: what the files of owners share; nobody else includes it.
 */
#ifndef POLICY_OWNERS_INNER_H
#define POLICY_OWNERS_INNER_H

#include "policy/event.h"
#include "policy/owners.h"

/* What may come after the last name of a pattern. */
enum glob_tail {
	GLOB_EXACT = 0, /* nothing: the last name is a lone `*` */
	GLOB_MORE,      /* nothing or any path: the pattern names a file or a directory */
	GLOB_BELOW      /* one name at least: the pattern names a directory */
};

struct glob_name {
	struct text text; /* as written, escapes and all */
	bool any_depth;   /* `**`: any number of names, none too */
	bool plain;       /* no wildcard, no escape: bytes */
	struct text end;  /* bytes behind its last `*`; empty where there are none, or where any byte may stand for
			     another */
};

struct glob {
	const struct glob_name *names;
	size_t n;
	enum glob_tail tail;
};

/* One line of CODEOWNERS or one prefix of owners.json. */
struct owners_rule {
	unsigned line;
	struct glob glob;   /* CODEOWNERS */
	struct text prefix; /* owners.json */
	bool unreadable;    /* the pattern is none: it may be about any path */
	struct text why;    /* empty: nothing is wrong with it */
	const struct owner *at;
	size_t n;
};

struct owners {
	bool prefixes;                   /* owners.json: rules are sorted by prefix */
	const struct owners_rule *rules; /* CODEOWNERS: from the top */
	size_t n;
	const struct problem *problems;
	size_t n_problems;
};

/* A path cut at its slashes. */
struct path_names {
	struct text at[OWNERS_DEPTH_MAX + 1];
	size_t n;
};

/* False: too long, too deep, or no path of a tree. */
bool path_cut(struct text path, struct path_names *ret);

/* NULL, or what is wrong with the pattern; it is not empty and holds no unescaped blank. */
const char *glob_read(struct text pattern, struct arena *arena, struct glob *ret);

struct glob_try {
	size_t steps; /* left; at 0 the answer is TRI_UNKNOWN */
	bool doubt;   /* a `?` met a byte that is not ASCII: what a character is there, GitHub does not say */
};
enum tri glob_match(const struct glob *glob, const struct path_names *path, struct glob_try *on);

/* owners_json.c */
struct owned prefix_owned(const struct owners *owners, struct text path, size_t *steps);

#endif
