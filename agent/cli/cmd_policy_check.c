#include "agent/cli/cmd_client.h"
#include "agent/cli/cmd_policy.h"

#include "agent/cli/print.h"
#include "policy/policy.h"

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
	struct policy_defaults defaults = {.approvals = policy_approvals(invocation, &ok)};
	const struct policy *policy;
	struct problem problem = {0};
	struct err err = ERR_NONE;
	struct text bytes;

	if (!ok)
		return COMMAND_USAGE;
	if (!client_file_read(console, (struct client_file){name, POLICY_BYTES_MAX}, &arena, &bytes, &err)) {
		(void)policy_cannot_read(invocation, &err);
		return err.code == ERR_LIMIT ? COMMAND_NO : COMMAND_USAGE;
	}
	if (!policy_parse(bytes, &defaults, &arena, &policy, &problem)) {
		policy_print_problem(console, name, &problem);
		return COMMAND_NO;
	}
	print_applied(console->out, policy);
	return COMMAND_OK;
}

static const struct command_option check_options[] = {POLICY_APPROVALS_OPTION};
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
