/* What a repository's own rules ask for, read with a token, as a policy. Nothing is kept, and nothing is posted. */
#include <string.h>

#include "agent/cli/cmd_client.h"
#include "agent/cli/cmd_policy.h"
#include "agent/forge/github_rules.h"
#include "agent/work/hands.h"

struct importing {
	const struct invocation *invocation;
	const struct config *config;
	struct clock_port clock;
	struct hands_shared shared;
	struct hands hands;
	struct arena *arena;
	struct err err;
};

static bool read_rules(struct importing *in, struct forge_rules *rules)
{
	const char *branch = invocation_value(in->invocation, "branch");
	struct forge_call call = {{0, rules->repo, 0},
				  in->arena,
				  in->clock.mono(in->clock.self) + in->config->limits.forge_deadline_ms,
				  0};

	return github_rules(in->hands.github, &call, text_of(branch), rules, &in->err) == ERR_OK;
}

/* A name of the forge's that no policy can hold is found before it is written. */
static int write_policy(struct importing *in, struct text text)
{
	static const struct policy_defaults defaults = {.approvals = 2};
	const struct console *console = in->invocation->console;
	const char *to = invocation_value(in->invocation, "output");
	const struct policy *policy;
	struct problem problem = {0};

	if (!policy_parse(text, &defaults, in->arena, &policy, &problem)) {
		(void)fprintf(console->err, "headgate policy import-github: nothing is written\n");
		policy_print_problem(console, "the policy", &problem);
		return COMMAND_NO;
	}
	if (to && strcmp(to, "-") != 0)
		return policy_write_new(in->invocation, to, text);
	(void)fwrite(text.at, 1, text.len, console->out);
	return COMMAND_OK;
}

static int run_in(struct importing *in)
{
	struct access_ports ports = {.clock = in->clock, .wall = in->clock};
	struct hands_plan tools = {in->config, &in->shared, in->clock, NULL};
	struct forge_rules *rules = arena_alloc(in->arena, 1, sizeof *rules);

	rules->repo = text_of(in->invocation->operands[0]);
	rules->context = in->config->policy.context;
	if (!hands_share(&in->shared, in->config, &ports, &in->err) || !hands_init(&in->hands, &tools, &in->err) ||
	    !read_rules(in, rules)) {
		(void)fprintf(in->invocation->console->err, "headgate policy import-github: %s\n", in->err.text);
		return in->err.code == ERR_RETRY ? COMMAND_WAITING : COMMAND_NO;
	}
	return write_policy(in, forge_rules_policy(rules, in->arena));
}

static int run_import(const struct invocation *invocation)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct config_loaded loaded;
	struct importing in = {.invocation = invocation, .clock = clock_system(), .arena = &arena, .err = ERR_NONE};
	int code = client_config(invocation->console, invocation_value(invocation, "config"), &arena, &loaded);

	if (code != COMMAND_OK)
		return code;
	if (!config_check(&loaded.config, CONFIG_NEEDS_FORGE, &in.err)) {
		(void)fprintf(invocation->console->err, "headgate policy import-github: %s\n", in.err.text);
		return COMMAND_CONFIG;
	}
	in.config = &loaded.config;
	code = run_in(&in);
	hands_release(&in.hands);
	hands_shared_release(&in.shared);
	return code;
}

static const struct command_option import_options[] = {
	{"config", 'c', "FILE", "configuration: forge and its token"},
	{"branch", 0, "NAME", "whose rules; else the default branch's"},
	{"output", 'o', "FILE", "write a new file instead of standard output"},
};
const struct command command_policy_import_github = {
	"policy import-github",
	"OWNER/REPO",
	1,
	1,
	"turn a repository's rulesets, branch protection and CODEOWNERS into a policy",
	"  headgate policy import-github -c headgate.yml acme/widget -o .headgate.yml\n",
	import_options,
	sizeof import_options / sizeof import_options[0],
	run_import,
};
