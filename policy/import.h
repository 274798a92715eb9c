/*
 * import: a policy-bot file as the headgate policy that is nearest to it, and never laxer unasked. What differs stands
 * in one table (import_rows.c): each row that applies to the file becomes a comment above the line that it is about and
 * a finding with the place in the file. The user's own comments stay. A comment that stands there already is not said
 * again, so that what was imported imports as itself.
 *
 * What policy-bot takes and no policy can say, or not safely, is refused: nothing is written then. Pure; owned by the
 * arena; any thread.
 */
#ifndef POLICY_IMPORT_H
#define POLICY_IMPORT_H

#include "policy/policy.h"

enum import_kind {
	IMPORT_UNSAFE,   /* policy-bot lets pass what may be dangerous */
	IMPORT_STRICTER, /* headgate asks for more */
	IMPORT_WEAKER,   /* headgate asks for less: somebody must decide */
	IMPORT_NOTE,
};
const char *import_kind_name(enum import_kind kind);

/* One difference: the key it is about, what policy-bot does with it, what headgate does. NULL past the end. */
struct import_difference {
	const char *key;
	enum import_kind kind;
	const char *theirs, *ours;
};
const struct import_difference *import_difference_at(size_t i);

#define IMPORT_FINDINGS_MAX 5000

struct import_finding {
	const struct import_difference *what;
	unsigned line, column; /* of the file that was imported */
	struct text detail;    /* printable ASCII; may be empty */
};

struct import {
	struct text policy;                    /* which policy_parse takes; comments alone: the built-in policy */
	const struct import_finding *findings; /* in the order of the file */
	size_t n;
};

/* False: *refused says why, with places in the file where there are some (line 0: in what would have been written). */
bool policy_import(struct text bytes, struct arena *arena, struct import *ret, struct problem_list *refused);

#endif
