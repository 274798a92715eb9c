/*
 * replay: judges facts against a policy on this machine, with nothing but their texts: no server, no store, no forge.
 * The same evaluator as the server's; for policy eval and explain. Everything is owned by the arena.
 */
#ifndef AGENT_CLI_REPLAY_H
#define AGENT_CLI_REPLAY_H

#include "policy/policy.h"

#define REPLAY_FACTS_MAX ((size_t)64 * 1024 * 1024)

struct replay {
	struct text policy;              /* governs every change; empty: the built-in policy */
	struct text context;             /* whose verdict: one that the policy names; empty: the server's own */
	struct text facts;               /* as JSON (agent/base/README.md) */
	struct policy_defaults defaults; /* what the administrator set where the verdict was made */
};

/* False: the facts are malformed (*err). An invalid policy is a verdict (cannot_decide) and fills *problem, whose text
 * is empty otherwise. */
bool replay_judge(const struct replay *replay, struct arena *arena, struct verdict *ret, struct problem *problem,
		  struct err *err);

#endif
