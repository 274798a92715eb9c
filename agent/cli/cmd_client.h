/*
 * cmd_client: what the commands share that ask the running server over its control socket, and what they say when
 * nobody listens there. Owns nothing; answers are owned by the arena handed in.
 */
#ifndef AGENT_CLI_CMD_CLIENT_H
#define AGENT_CLI_CMD_CLIENT_H

#include "agent/base/config.h"
#include "agent/cli/command.h"
#include "policy/oid.h"
#include "policy/verdict.h"
#include "webhooks/jread.h"

/* The first rows of the options of every such command. */
#define CLIENT_OPTIONS                                                                                                 \
	{"socket", 0, "FILE", "the server's control socket"}, {"config", 'c', "FILE", "configuration that names it"},  \
	{                                                                                                              \
		"json", 0, NULL, "print the answer as JSON"                                                            \
	}

struct client_request {
	const char *method;
	struct text path, body;
};

/* COMMAND_OK: *ret is the body of a 2xx answer. Else the reason was printed and this is the exit code. */
int client_ask(const struct invocation *invocation, const struct client_request *request, struct arena *arena,
	       struct text *ret);

/* The same, and shows it: with --json the body as it came, else what `print` prints. print is told NULL where it is to
 * print nothing; it returns the exit code. */
int client_show(const struct invocation *invocation, const struct client_request *request,
		int (*print)(const struct console *console, jval root));

/* The configuration that -c names, or the usual file, or what is built in. COMMAND_CONFIG: printed why not. */
int client_config(const struct console *console, const char *file, struct arena *arena, struct config_loaded *ret);

struct client_subject { /* "owner/name#12" or "owner/name@SHA" */
	struct text repo;
	int64_t number; /* 0: a commit */
	struct oid sha;
};
/* False: printed why. */
bool client_subject(const struct invocation *invocation, const char *word, struct client_subject *ret);

struct client_file {
	const char *name; /* "-": standard input */
	size_t max;       /* bytes */
};
bool client_file_read(const struct console *console, struct client_file file, struct arena *arena, struct text *ret,
		      struct err *err);

int client_exit_of(enum decision decision);

#endif
