/* bors.toml in, a policy out, and nothing where the policy would not be one. */
#include "agent/cli/cmd_client.h"
#include "agent/cli/cmd_policy.h"

#include "agent/cli/print.h"
#include "policy/bors_import.h"
#include "policy/policy.h"

/* What this version of the language cannot say is found before it is written. */
static bool is_policy(const struct invocation *invocation, struct text text)
{
	static const struct policy_defaults defaults = {.approvals = 2};
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct policy *policy;
	struct problem problem = {0};

	if (policy_parse(text, &defaults, &arena, &policy, &problem))
		return true;
	(void)fprintf(invocation->console->err,
		      "headgate %s: nothing is written: this version cannot say what the file asks for\n",
		      invocation->command->name);
	policy_print_problem(invocation->console, "the policy", &problem);
	return false;
}

static int run_import(const struct invocation *invocation)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const char *name = invocation->operands[0], *to = invocation_value(invocation, "output");
	struct problem problem = {0};
	struct err err = ERR_NONE;
	struct text bytes, text;
	struct bors bors;

	if (!client_file_read(invocation->console, (struct client_file){name, BORS_BYTES_MAX}, &arena, &bytes, &err)) {
		(void)policy_cannot_read(invocation, &err);
		return err.code == ERR_LIMIT ? COMMAND_NO : COMMAND_USAGE;
	}
	if (!bors_parse(bytes, &arena, &bors, &problem)) {
		policy_print_problem(invocation->console, name, &problem);
		return COMMAND_NO;
	}
	text = bors_policy(&bors, &arena);
	if (!is_policy(invocation, text))
		return COMMAND_NO;
	if (to && strcmp(to, "-") != 0)
		return policy_write_new(invocation, to, text);
	(void)fwrite(text.at, 1, text.len, invocation->console->out);
	return COMMAND_OK;
}

static const struct command_option import_options[] = {
	{"output", 'o', "FILE", "write a new file instead of standard output"},
};
const struct command command_policy_import_bors = {
	"policy import-bors",
	"FILE|-",
	1,
	1,
	"turn what bors.toml asks of reviews and labels into a policy",
	"  headgate policy import-bors bors.toml -o .headgate.yml\n",
	import_options,
	sizeof import_options / sizeof import_options[0],
	run_import,
};
