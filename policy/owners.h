/*
 * owners: a file that says whose a path is. Two languages: GitHub's CODEOWNERS (patterns, the last that matches wins,
 * owners are @user, @org/team or an e-mail) and owners.json (prefixes, the longest wins, owners are numbers of
 * accounts). Bytes in, values out: which branch the file is of, and who is a member of what, is the caller's affair.
 *
 * Promises: "nobody owns it" is said only where the file says so. A line of CODEOWNERS that GitHub skips, or of which
 * GitHub does not document what it means, is kept as a doubt: a path that it may be about, and no later line, has
 * owners that are not known, and the answer names the line. So is a path that would take more than the caller's steps.
 * A file that is too large, or an owners.json with any mistake, is a problem of the whole file.
 *
 * Everything is owned by the arena and borrows the bytes; never changed after parsing, read by any thread.
 */
#ifndef POLICY_OWNERS_H
#define POLICY_OWNERS_H

#include "policy/arena.h"
#include "policy/yaml.h"

#define OWNERS_BYTES_MAX   ((size_t)3000000)  /* GitHub loads no larger CODEOWNERS; either language */
#define OWNERS_RULES_MAX   50000              /* lines of CODEOWNERS that are not comments; prefixes of owners.json */
#define OWNERS_EACH_MAX    200                /* owners of one line or prefix */
#define OWNERS_PATTERN_MAX 1000               /* bytes of one pattern or prefix */
#define OWNERS_PATH_MAX    4096               /* bytes of a path that is asked about */
#define OWNERS_DEPTH_MAX   128                /* names between slashes, of a pattern or a path */
#define OWNERS_STEPS_MAX   ((size_t)50000000) /* for one rule of one judgement: names and bytes that were compared */

enum owner_kind {
	OWNER_LOGIN = 0, /* name: without @ */
	OWNER_TEAM,      /* name: "org/slug" */
	OWNER_ACCOUNT,   /* id */
	OWNER_EMAIL      /* name; nobody can prove that it is theirs */
};

struct owner {
	enum owner_kind kind;
	struct text name;
	int64_t id;
};

struct owners;

/* A CODEOWNERS of any bytes is read, but for its limits. False: *problem says why, *ret is untouched. */
bool owners_read_github(struct text bytes, struct arena *arena, const struct owners **ret, struct problem *problem);
bool owners_read_json(struct text bytes, struct arena *arena, const struct owners **ret, struct problem *problem);

/* By the file's name: "...json" is owners.json, everything else CODEOWNERS. */
bool owners_read(struct text path, struct text bytes, struct arena *arena, const struct owners **ret,
		 struct problem *problem);

/* The lines of CODEOWNERS that nobody can rely on, from the top; NULL past the end. */
const struct problem *owners_problem_at(const struct owners *owners, size_t i);

struct owned {
	bool known;
	unsigned line;          /* what decided, from 1; 0: nothing matches, or no line is at fault */
	const struct owner *at; /* known; n is 0: nobody owns the path */
	size_t n;
	struct text why; /* not known: what is wrong */
};

/* Whose the path is, as a file. *steps counts down and may be shared by many calls; at 0 nothing is known. */
struct owned owners_of(const struct owners *owners, struct text path, size_t *steps);

/* Whose the path is as a directory: of whatever may be below it, told by no literal name. For what has the name of a
 * file and stands for a tree: a symbolic link, a submodule. */
struct owned owners_below(const struct owners *owners, struct text path, size_t *steps);

#endif
