/*
 * remote: a policy file that only says in which repository the policy is: `remote`, `path`, `ref`, and nothing else.
 * Whoever reads the files goes there, one step: the file that is found there must be the policy itself.
 *
 * Pure; texts are owned by the arena.
 */
#ifndef POLICY_REMOTE_H
#define POLICY_REMOTE_H

#include "policy/policy.h"

struct remote {
	struct text repo; /* "owner/name" */
	struct text path; /* empty: as this file's */
	struct text ref;  /* a branch, or a full commit name; empty: the default branch */
};

enum remote_answer {
	REMOTE_NO = 0, /* it is a policy, or none at all: policy_parse says */
	REMOTE_YES,
	REMOTE_WRONG /* *problem says why */
};
/* All that is wrong, in the order of the file; *errors is empty for any other answer. */
enum remote_answer remote_check(struct text bytes, struct arena *arena, struct remote *ret,
				struct problem_list *errors);
/* The first of it. */
enum remote_answer remote_read(struct text bytes, struct arena *arena, struct remote *ret, struct problem *problem);

/* The key `remote` of a document; NULL: there is none. */
const struct yaml *remote_key(const struct yaml *root);

/* What may stand there: "owner/name"; a path inside a repository. */
bool remote_is_repo(struct text name);
bool remote_is_path(struct text path);

#endif
