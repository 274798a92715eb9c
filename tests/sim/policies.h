/*
 * policies: what a policy file says, as data, beside the text that says it. Read by oracle.c alone; others ask
 * oracle.h. Constant; no product header.
 */
#ifndef TESTS_SIM_POLICIES_H
#define TESTS_SIM_POLICIES_H

#include "tests/sim/truth.h"

enum { POLICY_DEMANDS = 3, POLICY_CLAUSES = 3, POLICY_PARTS = 3 };

/* Whoever is one of these. */
struct named {
	enum truth_role least; /* this role or a higher one; ROLE_NONE: no role will do */
	bool team;
	unsigned people; /* bit i: person i by name */
};

/* What lets a bug pass; the sum of those that do. A bug that we are not shown never passes. */
enum bug_pass { PASS_UNRATED = 1, PASS_PUBLIC = 2, PASS_APPROVED = 4, PASS_NONE_SUCH = 8 };

/* One rule. */
struct demand {
	bool off;                       /* as if it did not apply */
	unsigned if_branches, if_files; /* applies to these alone; bits of branches, of enum truth_file; 0: to all */
	unsigned needs_branches,
		needs_files; /* a condition: the base is one of these, one of these was changed; 0: none */
	unsigned bugs;       /* enum bug_pass: each that is named passes by one of these, and so do those that it is one
			      * with; 0: nothing is asked of bugs */
	bool bugs_open;      /* and is open */
	bool bugs_alone;     /* duplicates are not asked */
	int count;           /* distinct people of `of` with a fresh review */
	struct named of;
	bool author_too, contributors_too;
	bool unknown_pushers_too; /* whoever pushed where the forge does not show it is not asked for */
};

/* Bits of demands; a part is met when all of it that applies is met, and idle when none of it applies. An idle part
 * helps no `either`. */
struct clause {
	bool either;
	unsigned parts[POLICY_PARTS]; /* one part, or for `either` the alternatives; 0 ends them */
};

/* The verdict of a second context, over the same demands. */
struct other_context {
	struct clause clauses[POLICY_CLAUSES]; /* none: the file names no other context */
	bool drafts_too;
	bool own_objectors; /* `objectors` are its own; else those of the row */
	struct named objectors;
};

struct policy_row {
	const char *name, *text; /* text NULL: no file */
	bool broken;             /* the file is wrong: nothing is allowed by it */
	struct demand demands[POLICY_DEMANDS];
	struct clause clauses[POLICY_CLAUSES]; /* all of them; one at least must apply */
	struct named objectors;                /* besides people who may write */
	struct other_context other;
};

const struct policy_row *policies_row(int index); /* NOBODY: what holds without a file; NULL past the end */
int policies_count(void);                         /* without those that name another context, or do so wrongly */
int policies_with_contexts(void);                 /* how many these are; they come behind */
int policies_with_bugs(void);                     /* those that ask about bugs; they come last */

#endif
