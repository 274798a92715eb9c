/*
 * past: the verdicts in a state directory, with the facts they were made from. Opens the store for reading alone,
 * beside a server that runs on it, and holds no transaction for longer than one row takes.
 */
#ifndef AGENT_CLI_PAST_H
#define AGENT_CLI_PAST_H

#include "policy/arena.h"
#include "policy/err.h"
#include "policy/oid.h"

struct past_verdict { /* borrowed from the arena that comes with it */
	int64_t id, made_at;
	struct oid sha;
	struct text context, decision, text, policy, facts; /* facts: JSON, empty where they cannot be unpacked */
};

struct past_ask {
	const char *state_dir;
	int64_t since; /* Unix milliseconds */
	bool all;      /* else the newest verdict of each commit, in each context */
};

/* From the oldest to the newest. The arena lives for one call. */
typedef void past_visit(void *context, const struct past_verdict *verdict, struct arena *arena);

/* False: the store cannot be read. A verdict that is gone meanwhile is passed over. */
bool past_each(const struct past_ask *ask, past_visit *visit, void *context, struct err *err);

#endif
