/* The list of subcommands, and what they share. */
#include "agent/cli/cmd_policy.h"

#include <errno.h>
#include <string.h>

#include "agent/cli/print.h"

#define CONTEXT_BYTES_MAX 255 /* as policy.context of the configuration */

/* clang-format off */
static const struct command *const subcommands[] = {
	&command_policy_check,
	&command_policy_diff,
	&command_policy_eval,
	&command_policy_fmt,
	&command_policy_import,
	&command_policy_import_bors,
	&command_policy_import_github,
	&command_policy_schema,
	&command_policy_show,
	&command_policy_simulate,
	&command_policy_test,
};
/* clang-format on */
const struct command_table policy_subcommands = {subcommands, sizeof subcommands / sizeof subcommands[0], NULL};

bool policy_defaults_given(const struct invocation *invocation, struct policy_defaults *ret)
{
	const char *given = invocation_value(invocation, "default-approvals");
	const char *context = invocation_value(invocation, "server-context");
	int64_t n = 2;

	if (given && (!text_int64(text_of(given), &n) || n < 1 || n > 100)) {
		(void)fprintf(invocation->console->err, "headgate %s: --default-approvals is a number from 1 to 100\n",
			      invocation->command->name);
		return false;
	}
	if (context && (context[0] == '\0' || strlen(context) > CONTEXT_BYTES_MAX)) {
		(void)fprintf(invocation->console->err, "headgate %s: --server-context has 1 to %d bytes\n",
			      invocation->command->name, CONTEXT_BYTES_MAX);
		return false;
	}
	*ret = (struct policy_defaults){.approvals = (unsigned)n,
					.context = text_of(context ? context : "policy/merge-allowed")};
	return true;
}

static void print_place(const struct console *console, const char *name, const struct problem *problem,
			const char *kind)
{
	print_safe(console->err, text_of(name));
	if (problem->line > 0)
		(void)fprintf(console->err, ":%u:%u", problem->line, problem->column);
	(void)fprintf(console->err, ": %s", kind);
	print_safe(console->err, text_of(problem->text));
	(void)fprintf(console->err, "\n");
}

void policy_print_problem(const struct console *console, const char *name, const struct problem *problem)
{
	print_place(console, name, problem, "");
}

void policy_print_warning(const struct console *console, const char *name, const struct problem *problem)
{
	print_place(console, name, problem, "warning: ");
}

int policy_cannot_read(const struct invocation *invocation, const struct err *err)
{
	(void)fprintf(invocation->console->err, "headgate %s: %s\n", invocation->command->name, err->text);
	return COMMAND_USAGE;
}

int policy_write_new(const struct invocation *invocation, const char *name, struct text text)
{
	FILE *out = fopen(name, "wxe");
	bool ok = out && fwrite(text.at, 1, text.len, out) == text.len;
	int error = errno;

	if (out && fclose(out) != 0) {
		ok = false;
		error = errno;
	}
	if (ok)
		return COMMAND_OK;
	(void)fprintf(invocation->console->err, "headgate %s: ", invocation->command->name);
	print_safe(invocation->console->err, text_of(name));
	(void)fprintf(invocation->console->err, ": %s\n", strerror(error));
	return COMMAND_USAGE;
}

const struct rule_result *policy_applied(const struct policy *policy, struct arena *arena, struct verdict *verdict)
{
	struct change *change = arena_alloc(arena, 1, sizeof *change);
	struct governed governed = {policy, NULL};
	struct facts facts = {.repo = 1, .changes_known = true, .changes = change, .n_changes = 1};

	change->number = 1;
	(void)oid_parse(TEXT_LIT("1111111111111111111111111111111111111111"), &facts.head);
	policy_judge(&governed, &facts, arena, verdict);
	return verdict->rules[0].children;
}
