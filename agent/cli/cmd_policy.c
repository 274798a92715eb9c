#include "agent/cli/cmd_client.h"
#include "agent/cli/commands.h"

#include "agent/base/facts_json.h"
#include "agent/cli/print.h"
#include "agent/cli/replay.h"

static unsigned approvals_of(const struct invocation *invocation, bool *ret_ok)
{
	const char *given = invocation_value(invocation, "default-approvals");
	int64_t n = 2;

	*ret_ok = !given || (text_int64(text_of(given), &n) && n >= 1 && n <= 100);
	if (!*ret_ok)
		(void)fprintf(invocation->console->err, "headgate %s: --default-approvals is a number from 1 to 100\n",
			      invocation->command->name);
	return (unsigned)n;
}

static void print_problem(const struct console *console, const char *name, const struct problem *problem)
{
	print_safe(console->err, text_of(name));
	if (problem->line > 0)
		(void)fprintf(console->err, ":%u:%u", problem->line, problem->column);
	(void)fprintf(console->err, ": ");
	print_safe(console->err, text_of(problem->text));
	(void)fprintf(console->err, "\n");
}

static int cannot_read(const struct invocation *invocation, const struct err *err)
{
	(void)fprintf(invocation->console->err, "headgate %s: %s\n", invocation->command->name, err->text);
	return COMMAND_USAGE;
}

/* ---- policy check ---- */

static const struct {
	unsigned fact;
	const char *name;
} fact_names[] = {
	{FACT_STATE, "state"},     {FACT_DRAFT, "draft"},     {FACT_BASE, "base"},       {FACT_AUTHOR, "author"},
	{FACT_ARRIVAL, "arrival"}, {FACT_PUSHERS, "pushers"}, {FACT_COMMITS, "commits"}, {FACT_PATHS, "paths"},
	{FACT_REVIEWS, "reviews"}, {FACT_LABELS, "labels"},   {FACT_TITLE, "title"},     {FACT_BODY, "body"},
};

static void print_needs(FILE *out, const struct policy *policy)
{
	struct policy_needs needs = policy_needs(policy);
	const char *gap = " needs ";

	for (size_t i = 0; i < sizeof fact_names / sizeof fact_names[0]; i++) {
		if ((needs.facts & fact_names[i].fact) == 0)
			continue;
		(void)fprintf(out, "%s%s", gap, fact_names[i].name);
		gap = ", ";
	}
	if (needs.people)
		(void)fprintf(out, "%spermissions", gap);
	for (size_t i = 0; i < needs.n_teams; i++) {
		(void)fprintf(out, "%steam ", needs.people || i > 0 ? ", " : gap);
		print_safe(out, needs.teams[i]);
	}
	(void)fprintf(out, "\n");
}

static size_t count_rules(const struct rule_result *rules, size_t n)
{
	size_t all = n;

	for (size_t i = 0; i < n; i++)
		all += count_rules(rules[i].children, rules[i].n_children);
	return all;
}

static void print_names(FILE *out, const struct rule_result *rules, size_t n, int indent)
{
	for (size_t i = 0; i < n; i++) {
		(void)fprintf(out, "%*s- ", indent, "");
		print_safe(out, rules[i].name);
		if (rules[i].description.len > 0) {
			(void)fprintf(out, ": ");
			print_safe(out, rules[i].description);
		}
		(void)fprintf(out, "\n");
		print_names(out, rules[i].children, rules[i].n_children, indent + 2);
	}
}

/* The rules that a change meets, the built-in guards among them, are learnt by judging one of which nothing is known:
 * what is shown is what is enforced. */
static void print_applied(FILE *out, const struct policy *policy)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct change change = {.number = 1};
	struct governed governed = {policy, NULL};
	struct facts facts = {.repo = 1, .changes_known = true, .changes = &change, .n_changes = 1};
	struct verdict verdict;
	const struct rule_result *rules;
	size_t n;

	(void)oid_parse(TEXT_LIT("1111111111111111111111111111111111111111"), &facts.head);
	policy_judge(&governed, &facts, &arena, &verdict);
	rules = verdict.n_rules > 0 ? verdict.rules[0].children : NULL;
	n = verdict.n_rules > 0 ? verdict.rules[0].n_children : 0;
	(void)fprintf(out, "ok: %zu rules,", count_rules(rules, n));
	print_needs(out, policy);
	if (policy_needs(policy).unknown_pushers)
		(void)fprintf(out, "counts reviews though not everybody who pushed is known (allow_unknown_pushers)\n");
	(void)fprintf(out, "applied to every change, built-in guards included:\n");
	print_names(out, rules, n, 2);
}

static int run_check(const struct invocation *invocation)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct console *console = invocation->console;
	const char *name = invocation->n_operands > 0 ? invocation->operands[0] : ".headgate.yml";
	bool ok;
	struct policy_defaults defaults = {.approvals = approvals_of(invocation, &ok)};
	const struct policy *policy;
	struct problem problem = {0};
	struct err err = ERR_NONE;
	struct text bytes;

	if (!ok)
		return COMMAND_USAGE;
	if (!client_file_read(console, (struct client_file){name, POLICY_BYTES_MAX}, &arena, &bytes, &err)) {
		(void)cannot_read(invocation, &err);
		return err.code == ERR_LIMIT ? COMMAND_NO : COMMAND_USAGE;
	}
	if (!policy_parse(bytes, &defaults, &arena, &policy, &problem)) {
		print_problem(console, name, &problem);
		return COMMAND_NO;
	}
	print_applied(console->out, policy);
	return COMMAND_OK;
}

#define APPROVALS_OPTION                                                                                               \
	{                                                                                                              \
		"default-approvals", 0, "N", "what the built-in policy asks for; 2"                                    \
	}
static const struct command_option check_options[] = {APPROVALS_OPTION};
const struct command command_policy_check = {
	"policy check",
	"[FILE|-]",
	0,
	1,
	"check a policy file, .headgate.yml unless named",
	"  headgate policy check\n  git show main:.headgate.yml | headgate policy check -\n",
	check_options,
	sizeof check_options / sizeof check_options[0],
	run_check,
};

/* ---- policy eval ---- */

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
	bool ok;
	struct replay replay = {.defaults.approvals = approvals_of(invocation, &ok)};
	struct problem problem;
	struct verdict verdict;
	struct err err = ERR_NONE;

	if (!ok)
		return COMMAND_USAGE;
	if (!read_inputs(invocation, &replay, &arena, &err) || !replay_judge(&replay, &arena, &verdict, &problem, &err))
		return cannot_read(invocation, &err);
	if (problem.text[0] != '\0')
		print_problem(invocation->console, invocation_value(invocation, "policy"), &problem);
	print_eval(invocation, &verdict, &arena);
	return client_exit_of(verdict.decision);
}

static const struct command_option eval_options[] = {
	{"policy", 'p', "FILE", "the policy; builtin: the one for repositories without a file"},
	{"facts", 'f', "FILE", "what is known, as JSON; - is standard input"},
	{"json", 0, NULL, "print the answer as JSON"},
	APPROVALS_OPTION,
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
