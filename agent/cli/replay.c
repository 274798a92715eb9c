#include "agent/cli/replay.h"

#include "agent/base/facts_json.h"

bool replay_judge(const struct replay *replay, struct arena *arena, struct verdict *ret, struct problem *problem,
		  struct err *err)
{
	const struct policy *policy = policy_builtin(&replay->defaults, arena);
	struct problem wrong = {0};
	struct governed *governed;
	struct facts facts;
	bool valid = true;
	size_t n;

	if (!facts_decode(replay->facts, arena, &facts, err))
		return false;
	if (replay->policy.len > 0)
		valid = policy_parse(replay->policy, &replay->defaults, arena, &policy, &wrong);
	n = facts_changes(&facts);
	governed = arena_alloc(arena, n, sizeof *governed);
	for (size_t i = 0; i < n; i++)
		governed[i] = valid ? (struct governed){policy, NULL} : (struct governed){NULL, problem};
	*problem = wrong;
	/* An invalid policy decides nothing, whatever the facts say. */
	if (!valid && n == 0)
		policy_cannot_decide("the policy file is invalid", arena, ret);
	else if (replay->context.len > 0)
		policy_judge_context(governed, &facts, replay->context, arena, ret);
	else
		policy_judge(governed, &facts, arena, ret);
	return true;
}
