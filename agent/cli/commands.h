/* commands: the commands there are, one per file cmd_NAME.c; commands.c lists them. */
#ifndef AGENT_CLI_COMMANDS_H
#define AGENT_CLI_COMMANDS_H

#include "agent/cli/command.h"

extern const struct command command_serve, command_judge, command_status, command_recheck, command_explain,
	command_alarms, command_warnings, command_message_parse, command_doctor;

#endif
