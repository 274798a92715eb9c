/*
 * hook_stage: hook_answer with a policy, a table and a tracker that a test tells, and a count of what was read. What
 * the tracker says of a bug is told by its number (hook_stage.c). The caller ends what it began.
 */
#ifndef TESTS_SUPPORT_HOOK_STAGE_H
#define TESTS_SUPPORT_HOOK_STAGE_H

#include "agent/hook/answer.h"

#define HOOK_STAGE_NOW  INT64_C(1790000000000)
#define HOOK_STAGE_NODE "0123456789012345678901234567890123456789"

struct hook_stage {
	struct hook_tracker tracker;
	struct hook_repository repository;
	enum table_state state; /* of every bug */
	bool fresh, down;
	bool used_up; /* whoever asks has asked too much */
	size_t reads, charged;
	struct arena arena; /* of the answers */
};

/* The repository `r`; policy NULL: its file cannot be read. */
void hook_stage_begin(struct hook_stage *stage, const char *policy);
void hook_stage_end(struct hook_stage *stage);

/* A branch each with one commit: "main:Bug 1|beta:Bug 2"; "main:" has none. Owned by the stage. */
struct hook_answered hook_stage_ask(struct hook_stage *stage, const char *name, const char *branches);
struct hook_answered hook_stage_bytes(struct hook_stage *stage, struct text question);

#endif
