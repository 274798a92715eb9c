/*
 * cmd_policy: the group of commands about a policy file, `headgate policy NAME`. Each subcommand is a file
 * cmd_policy_NAME.c with one struct command, a declaration here and a row in cmd_policy.c's table. What they share
 * stands here, too. None needs a server; import-github alone asks the forge.
 */
#ifndef AGENT_CLI_CMD_POLICY_H
#define AGENT_CLI_CMD_POLICY_H

#include "agent/cli/command.h"
#include "policy/err.h"
#include "policy/policy.h"

extern const struct command command_policy_check;
extern const struct command command_policy_diff;
extern const struct command command_policy_eval;
extern const struct command command_policy_fmt;
extern const struct command command_policy_import;
extern const struct command command_policy_import_bors;
extern const struct command command_policy_import_github;
extern const struct command command_policy_schema;
extern const struct command command_policy_show;
extern const struct command command_policy_simulate;
extern const struct command command_policy_test;

extern const struct command_table policy_subcommands;

/* Rows of the options of every command that judges: what the administrator set where the verdicts are made. */
#define POLICY_DEFAULTS_OPTIONS                                                                                        \
	{"default-approvals", 0, "N", "what the built-in policy asks for; 2"},                                         \
	{                                                                                                              \
		"server-context", 0, "NAME", "the server's own status, policy.context there; policy/merge-allowed"     \
	}

/* What these say; context is never empty. False: printed why not. */
bool policy_defaults_given(const struct invocation *invocation, struct policy_defaults *ret);

#define POLICY_FILES_MAX 1000 /* operands */

/* "FILE:LINE:COLUMN: what is wrong" on the error stream; a warning says so. */
void policy_print_problem(const struct console *console, const char *name, const struct problem *problem);
void policy_print_warning(const struct console *console, const char *name, const struct problem *problem);

/* The rows that a change meets, the built-in guards among them: those of one of which nothing is known, so that what is
 * shown is what is enforced. verdict->rules[0].n_children of them. */
const struct rule_result *policy_applied(const struct policy *policy, struct arena *arena, struct verdict *verdict);

/* Writes a file, never over one that is there: it may be the policy that is in force. The exit code. */
int policy_write_new(const struct invocation *invocation, const char *name, struct text text);

/* Prints that the command's input cannot be read and returns the exit code for it. */
int policy_cannot_read(const struct invocation *invocation, const struct err *err);

#endif
