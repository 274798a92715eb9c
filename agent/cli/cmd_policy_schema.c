#include "agent/cli/cmd_policy.h"

#include "agent/cli/policy_schema.h"

static int run_schema(const struct invocation *invocation)
{
	auto_arena struct arena arena = ARENA_EMPTY;

	(void)fprintf(invocation->console->out, "%.*s\n", TEXT_ARG(policy_schema(&arena)));
	return COMMAND_OK;
}

const struct command command_policy_schema = {
	"policy schema",
	"",
	0,
	0,
	"print the JSON Schema of policy files, for editors",
	"  headgate policy schema >headgate-policy.schema.json\n"
	"  # yaml-language-server: $schema=headgate-policy.schema.json    as the policy's first line\n",
	NULL,
	0,
	run_schema,
};
