/*
 * cmd_bugs: the group of commands about the table of a tracker's bugs, `headgate bugs NAME`. Each subcommand is a file
 * cmd_bugs_NAME.c with one struct command, a declaration here and a row in cmd_bugs.c's table. None needs a server, and
 * all may run beside one: it takes in what they wrote. Nothing that they print names a bug, but for the export.
 */
#ifndef AGENT_CLI_CMD_BUGS_H
#define AGENT_CLI_CMD_BUGS_H

#include "agent/base/config.h"
#include "agent/cli/command.h"
#include "agent/tracker/dump.h"
#include "agent/tracker/table_store.h"

extern const struct command command_bugs_export;
extern const struct command command_bugs_import;
extern const struct command command_bugs_pull;
extern const struct command command_bugs_show;

extern const struct command_table bugs_subcommands;

/* The first rows of the options of each. */
#define BUGS_OPTIONS                                                                                                   \
	{"config", 'c', "FILE", "configuration that names the trackers"},                                              \
	{                                                                                                              \
		"tracker", 0, "NAME", "which one, where there are several"                                             \
	}

struct bugs_place {
	const struct config_tracker *tracker;
	struct table_store store;
	int64_t now_ms;
};

/* Which table it is about. COMMAND_OK, or printed why not. */
int bugs_place(const struct invocation *invocation, struct arena *arena, struct bugs_place *ret);

/* "headgate bugs NAME: text" on the error stream; returns the code. */
int bugs_say(const struct invocation *invocation, int code, const char *text);

/* The table as it is, by this host's clock. NULL: *err, ERR_GONE where there is none. Owned by the caller. */
struct bug_table *bugs_load(const struct bugs_place *place, struct err *err);

/* The same; a new one where there is none or it is refused, which is said. Owned by the caller. */
struct bug_table *bugs_table(const struct invocation *invocation, const struct bugs_place *place);

/* The signature is by the owner of the key in that file. ERR_DENIED, ERR_INVALID otherwise. */
bool bugs_verify(const struct dump *dump, const char *key_file, struct err *err);

/* Tells a table what a dump says, dates it where that is all there is to know, saves it, and says how much changed. The
 * exit code. */
int bugs_install(const struct invocation *invocation, const struct bugs_place *place, struct dump *dump,
		 int64_t dated_ms, int64_t complete_up_to);

#endif
