/*
 * command: the table of commands and how a command line becomes an invocation. A command owns its options' table;
 * parsing, --help and "did you mean" come from it, so that they cannot drift.
 *
 * A command prints to the console it is handed and returns an exit code; it never exits. An invocation is borrowed
 * until run() returns. One thread (getopt_long keeps state of its own).
 */
#ifndef AGENT_CLI_COMMAND_H
#define AGENT_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "agent/base/http.h"

/* As README says, under Operating. */
enum command_exit {
	COMMAND_OK = 0,      /* allowed */
	COMMAND_NO = 1,      /* not allowed, or a check failed */
	COMMAND_USAGE = 2,   /* the command line or its input is wrong */
	COMMAND_WAITING = 8, /* the verdict waits */
	COMMAND_ABSENT = 69, /* no server at the control socket */
	COMMAND_CONFIG = 78  /* bad configuration */
};

struct console {
	FILE *in, *out, *err;
	bool colour;                  /* out is a terminal that wants it */
	const struct http_port *http; /* NULL: the control socket; else what tests hand in */
	char *const *environment;     /* as environ; NULL: none */
};
struct console console_standard(void);

struct command_option {
	const char *name;     /* without dashes */
	char letter;          /* 0: none */
	const char *argument; /* NULL: a switch */
	const char *help;
};

struct invocation;
struct command {
	const char *name;     /* one word, or two: "policy check" */
	const char *operands; /* for the usage line: "O/R#N|O/R@SHA"; "" for none */
	size_t min_operands, max_operands;
	const char *summary;
	const char *examples; /* lines; NULL: none */
	const struct command_option *options;
	size_t n_options;
	int (*run)(const struct invocation *invocation);
};

struct given_option {
	const char *name, *value; /* "" for a switch */
};

struct invocation {
	const struct command *command;
	const char *const
		*values; /* one per option of the command: NULL: not given; "" for a switch; the last one wins */
	const struct given_option *given; /* all of them, in the order of the line */
	size_t n_given;
	const char *const *operands;
	size_t n_operands;
	const struct console *console;
};

/* The option's argument, "" for a given switch, NULL when not given. The option must be in the command's table. */
const char *invocation_value(const struct invocation *invocation, const char *name);
bool invocation_has(const struct invocation *invocation, const char *name);

struct command_table {
	const struct command *const *at;
	size_t n;
	const struct command_table *group; /* a list of their own, after these; NULL: none */
};
struct command_table command_table(void); /* commands.c: all commands */

const struct command *command_at(struct command_table table, size_t i); /* NULL past the end */

/* argv[0] is the program. Returns the exit code. */
int command_main(struct command_table table, int argc, char **argv, const struct console *console);

void command_help(const struct command *command, FILE *out);

#endif
