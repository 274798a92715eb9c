/* The list of commands. A new one is a file cmd_NAME.c with its struct command, a name here and its declaration in
 * commands.h; those of a group stand in the group's own list. */
#include "agent/cli/commands.h"
#include "agent/cli/cmd_bugs.h"
#include "agent/cli/cmd_policy.h"

static const struct command *const commands[] = {
	&command_serve,  &command_judge,    &command_status,        &command_recheck, &command_explain,
	&command_alarms, &command_warnings, &command_message_parse, &command_doctor,
};

struct command_table command_table(void)
{
	return (struct command_table){commands, sizeof commands / sizeof commands[0], &bugs_subcommands};
}
