#include "agent/cli/cmd_client.h"
#include "agent/cli/cmd_policy.h"

#include "agent/base/facts_json.h"
#include "agent/cli/print.h"
#include "agent/cli/replay.h"

static bool read_inputs(const struct invocation *invocation, struct replay *replay, struct arena *arena,
			struct err *err)
{
	const char *policy = invocation_value(invocation, "policy"), *facts = invocation_value(invocation, "facts");
	const struct console *console = invocation->console;

	if (!policy || !facts)
		return err_set(err, ERR_INVALID, "--policy and --facts are both needed");
	if (strcmp(policy, "builtin") != 0 &&
	    !client_file_read(console, (struct client_file){policy, POLICY_BYTES_MAX}, arena, &replay->policy, err))
		return false;
	return client_file_read(console, (struct client_file){facts, REPLAY_FACTS_MAX}, arena, &replay->facts, err);
}

static void print_eval(const struct invocation *invocation, const struct verdict *verdict, struct arena *arena)
{
	const struct console *console = invocation->console;
	struct text json = verdict_encode(verdict, false, arena);
	struct err err = ERR_NONE;
	struct jdoc *doc;

	if (invocation_has(invocation, "json")) {
		(void)fprintf(console->out, "%.*s\n", TEXT_ARG(json));
		return;
	}
	doc = jdoc_parse(json, &err);
	print_verdict(console->out, doc ? jdoc_root(doc) : NULL, console->colour);
	print_rules(console->out, doc ? jget(jdoc_root(doc), "rules") : NULL, console->colour);
	jdoc_free(doc);
}

static int run_eval(const struct invocation *invocation)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const char *context = invocation_value(invocation, "context");
	struct replay replay = {.policy = TEXT_EMPTY};
	struct problem problem;
	struct verdict verdict;
	struct err err = ERR_NONE;

	if (!policy_defaults_given(invocation, &replay.defaults))
		return COMMAND_USAGE;
	if (context && !text_eq_nocase(text_of(context), replay.defaults.context))
		replay.context = text_of(context);
	if (!read_inputs(invocation, &replay, &arena, &err) || !replay_judge(&replay, &arena, &verdict, &problem, &err))
		return policy_cannot_read(invocation, &err);
	if (problem.text[0] != '\0')
		policy_print_problem(invocation->console, invocation_value(invocation, "policy"), &problem);
	print_eval(invocation, &verdict, &arena);
	return client_exit_of(verdict.decision);
}

static const struct command_option eval_options[] = {
	{"policy", 'p', "FILE", "the policy; builtin: the one for repositories without a file"},
	{"facts", 'f', "FILE", "what is known, as JSON; - is standard input"},
	{"context", 0, "NAME", "the verdict of one of policy.contexts; left out: the server's own"},
	{"json", 0, NULL, "print the answer as JSON"},
	POLICY_DEFAULTS_OPTIONS,
};
const struct command command_policy_eval = {
	"policy eval",
	"",
	0,
	0,
	"judge facts by a policy, offline; the exit code is the verdict",
	"  headgate policy eval --policy .headgate.yml --facts facts.json\n",
	eval_options,
	sizeof eval_options / sizeof eval_options[0],
	run_eval,
};
