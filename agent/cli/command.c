/*
 * The command is the longest name in the table that the first words spell; getopt_long reads the rest by the options'
 * table, silently, so that every complaint is ours and can name what was probably meant.
 */
#include "agent/cli/command.h"

#include <assert.h>
#include <getopt.h>
#include <unistd.h>

#include "agent/cli/print.h"
#include "policy/text.h"

#define OPTIONS_MAX 32
#define GIVEN_MAX   256 /* options of one line */
#define LONG_BASE   256 /* getopt values of long options; letters are below */

struct console console_standard(void)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");
	bool colour =
		isatty(STDOUT_FILENO) == 1 && !(no_color && no_color[0] != '\0') && term && strcmp(term, "dumb") != 0;

	return (struct console){stdin, stdout, stderr, colour, NULL, environ};
}

static size_t option_index(const struct command *command, const char *name)
{
	size_t i = 0;

	while (i < command->n_options && strcmp(command->options[i].name, name) != 0)
		i++;
	return i;
}

const char *invocation_value(const struct invocation *invocation, const char *name)
{
	size_t i = option_index(invocation->command, name);

	assert(i < invocation->command->n_options);
	return invocation->values[i];
}

bool invocation_has(const struct invocation *invocation, const char *name)
{
	return invocation_value(invocation, name) != NULL;
}

const struct command *command_at(struct command_table table, size_t i)
{
	while (i >= table.n && table.group) {
		i -= table.n;
		table = *table.group;
	}
	return i < table.n ? table.at[i] : NULL;
}

/* ---- help ---- */

static void print_option(const struct command_option *option, FILE *out)
{
	char left[64], letter[8] = "    ";

	if (option->letter)
		(void)snprintf(letter, sizeof letter, "-%c, ", option->letter);
	(void)snprintf(left, sizeof left, "%s--%s%s%s", letter, option->name, option->argument ? " " : "",
		       option->argument ? option->argument : "");
	(void)fprintf(out, "  %-28s %s\n", left, option->help);
}

static const struct command_option help_option = {"help", 'h', NULL, "print this help"};

void command_help(const struct command *command, FILE *out)
{
	(void)fprintf(out, "usage: headgate %s%s%s%s\n\n%s\n", command->name,
		      command->n_options > 0 ? " [options]" : "", command->operands[0] ? " " : "", command->operands,
		      command->summary);
	if (command->examples)
		(void)fprintf(out, "\nexamples:\n%s", command->examples);
	(void)fprintf(out, "\noptions:\n");
	for (size_t i = 0; i < command->n_options; i++)
		print_option(&command->options[i], out);
	print_option(&help_option, out);
}

static void print_commands(struct command_table table, struct text group, FILE *out)
{
	const struct command *command;

	for (size_t i = 0; (command = command_at(table, i)); i++)
		if (text_starts(text_of(command->name), group))
			(void)fprintf(out, "  %-21s %s\n", command->name, command->summary);
}

static void print_overview(struct command_table table, FILE *out)
{
	(void)fprintf(out, "headgate decides for each commit whether it may be merged, and posts a commit status.\n\n"
			   "usage: headgate COMMAND [options]\n\ncommands:\n");
	print_commands(table, TEXT_EMPTY, out);
	(void)fprintf(out, "\n`headgate COMMAND --help` says more; `headgate --version` names the libraries.\n"
			   "exit: 0 allowed or ok, 1 not allowed or failed, 2 usage, 8 waiting, 69 no server,\n"
			   "      78 bad configuration\n");
}

static void print_version(FILE *out)
{
	(void)fprintf(out, "headgate %s\nbuilt with %s\n", HEADGATE_VERSION, HEADGATE_LIBRARIES);
}

/* ---- options ---- */

struct parser {
	const struct command *command;
	const struct console *console;
	struct option longs[OPTIONS_MAX + 2];
	char letters[OPTIONS_MAX + 8];
	const char *values[OPTIONS_MAX];
	struct given_option given[GIVEN_MAX];
	size_t n_given;
	bool help;
};

static void prepare(struct parser *parser)
{
	const struct command *command = parser->command;
	size_t n = 0;

	assert(command->n_options <= OPTIONS_MAX / 2); /* a letter with an argument takes two bytes */
	parser->letters[n++] = ':';
	parser->letters[n++] = 'h';
	for (size_t i = 0; i < command->n_options; i++) {
		const struct command_option *option = &command->options[i];

		parser->longs[i] = (struct option){option->name, option->argument ? required_argument : no_argument,
						   NULL, LONG_BASE + (int)i};
		if (option->letter)
			parser->letters[n++] = option->letter;
		if (option->letter && option->argument)
			parser->letters[n++] = ':';
	}
	parser->longs[command->n_options] = (struct option){"help", no_argument, NULL, 'h'};
}

static size_t option_of(const struct command *command, int value)
{
	size_t i = 0;

	if (value >= LONG_BASE)
		return (size_t)(value - LONG_BASE);
	while (i < command->n_options && command->options[i].letter != value)
		i++;
	return i;
}

static void advise(const struct console *console, const char *near, const char *dashes)
{
	if (near)
		(void)fprintf(console->err, "; did you mean `%s%s`?", dashes, near);
	(void)fprintf(console->err, "\n");
}

static int unknown_option(const struct parser *parser, const char *word)
{
	const char *names[OPTIONS_MAX + 1], *near = NULL;
	const struct command *command = parser->command;
	struct text name = text_of(word);
	size_t equals;

	(void)fprintf(parser->console->err, "headgate %s: unknown option `", command->name);
	print_safe(parser->console->err, name);
	(void)fprintf(parser->console->err, "`");
	for (size_t i = 0; i < command->n_options; i++)
		names[i] = command->options[i].name;
	names[command->n_options] = "help";
	equals = text_find(name, TEXT_LIT("="));
	if (equals != SIZE_MAX)
		name.len = equals;
	if (text_starts(name, TEXT_LIT("--")))
		near = text_nearest((struct text){name.at + 2, name.len - 2}, names, command->n_options + 1);
	advise(parser->console, near, "--");
	return COMMAND_USAGE;
}

static int bad_option(const struct parser *parser, int got, const char *word)
{
	char letter[3] = {'-', (char)optopt, '\0'};
	const char *what = got == ':' ? "needs an argument" : "takes no argument";

	if (got == '?' && optopt == 0)
		return unknown_option(parser, word);
	if (got == '?' && optopt < LONG_BASE && optopt != 'h')
		return unknown_option(parser, letter);
	(void)fprintf(parser->console->err, "headgate %s: option `", parser->command->name);
	print_safe(parser->console->err, text_of(word));
	(void)fprintf(parser->console->err, "` %s\n", what);
	return COMMAND_USAGE;
}

static bool keep_option(struct parser *parser, size_t option, const char *value)
{
	if (parser->n_given == GIVEN_MAX) {
		(void)fprintf(parser->console->err, "headgate %s: more than %d options\n", parser->command->name,
			      GIVEN_MAX);
		return false;
	}
	parser->values[option] = value;
	parser->given[parser->n_given++] = (struct given_option){parser->command->options[option].name, value};
	return true;
}

static int parse_options(struct parser *parser, int argc, char **argv)
{
	int got;

	prepare(parser);
	optind = 0; /* glibc: start anew */
	opterr = 0;
	while ((got = getopt_long(argc, argv, parser->letters, parser->longs, NULL)) != -1) {
		if (got == '?' || got == ':')
			return bad_option(parser, got, argv[optind - 1]);
		if (got == 'h')
			parser->help = true;
		else if (!keep_option(parser, option_of(parser->command, got), optarg ? optarg : ""))
			return COMMAND_USAGE;
	}
	return COMMAND_OK;
}

static int wrong_count(const struct parser *parser, size_t n)
{
	const struct command *command = parser->command;

	(void)fprintf(parser->console->err, "headgate %s: %s\nusage: headgate %s%s%s%s\n", command->name,
		      n < command->min_operands ? "something is missing" : "too many words", command->name,
		      command->n_options > 0 ? " [options]" : "", command->operands[0] ? " " : "", command->operands);
	return COMMAND_USAGE;
}

static int run(const struct command *command, int argc, char **argv, const struct console *console)
{
	struct parser parser = {.command = command, .console = console};
	struct invocation invocation = {
		.command = command, .values = parser.values, .given = parser.given, .console = console};
	int code = parse_options(&parser, argc, argv);

	if (code != COMMAND_OK)
		return code;
	if (parser.help) {
		command_help(command, console->out);
		return COMMAND_OK;
	}
	invocation.n_given = parser.n_given;
	invocation.operands = (const char *const *)(argv + optind);
	invocation.n_operands = (size_t)(argc - optind);
	if (invocation.n_operands < command->min_operands || invocation.n_operands > command->max_operands)
		return wrong_count(&parser, invocation.n_operands);
	return command->run(&invocation);
}

/* ---- the command ---- */

/* How many words of the line spell this name; 0: another one. */
static int spelled(const char *name, int argc, char **argv)
{
	struct text word = text_of(argc > 0 ? argv[0] : NULL), full = text_of(name);
	size_t space = text_find(full, TEXT_LIT(" "));

	if (space == SIZE_MAX)
		return argc > 0 && text_eq(word, full) ? 1 : 0;
	return argc > 1 && text_eq(word, (struct text){name, space}) && strcmp(argv[1], name + space + 1) == 0 ? 2 : 0;
}

static const struct command *find(struct command_table table, int argc, char **argv, int *ret_words)
{
	const struct command *command;

	for (size_t i = 0; (command = command_at(table, i)); i++) {
		*ret_words = spelled(command->name, argc, argv);
		if (*ret_words > 0)
			return command;
	}
	return NULL;
}

static bool is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
}

static int unknown_command(struct command_table table, int argc, char **argv, const struct console *console)
{
	const struct command *command;
	const char *names[64];
	char line[128], group[64];
	const char *near;
	size_t n = 0;

	(void)snprintf(group, sizeof group, "%s ", argv[0]);
	for (size_t i = 0; (command = command_at(table, i)) && n < 64; i++) {
		if (!text_starts(text_of(command->name), text_of(group))) {
			names[n++] = command->name;
			continue;
		}
		if (argc > 1 && !is_help(argv[1]))
			break;
		(void)fprintf(argc > 1 ? console->out : console->err, "usage: headgate %sCOMMAND [options]\n", group);
		print_commands(table, text_of(group), argc > 1 ? console->out : console->err);
		return argc > 1 ? COMMAND_OK : COMMAND_USAGE;
	}
	for (n = 0; (command = command_at(table, n)) && n < 64; n++)
		names[n] = command->name;
	(void)snprintf(line, sizeof line, "%s%s%s", argv[0], argc > 1 ? " " : "", argc > 1 ? argv[1] : "");
	(void)fprintf(console->err, "headgate: unknown command `");
	print_safe(console->err, text_of(argv[0]));
	(void)fprintf(console->err, "`");
	near = text_nearest(text_of(argv[0]), names, n);
	if (!near)
		near = text_nearest(text_of(line), names, n);
	if (!near)
		(void)fprintf(console->err, "; `headgate --help` lists the commands");
	advise(console, near, "headgate ");
	return COMMAND_USAGE;
}

/* `headgate help policy check` is `headgate policy check --help`. */
static int help_on(struct command_table table, int argc, char **argv, const struct console *console)
{
	const struct command *command;
	int words;

	if (argc == 0) {
		print_overview(table, console->out);
		return COMMAND_OK;
	}
	command = find(table, argc, argv, &words);
	if (!command)
		return unknown_command(table, argc, argv, console);
	command_help(command, console->out);
	return COMMAND_OK;
}

int command_main(struct command_table table, int argc, char **argv, const struct console *console)
{
	const struct command *command;
	int words;

	if (argc < 2) {
		print_overview(table, console->err);
		return COMMAND_USAGE;
	}
	if (is_help(argv[1]))
		return help_on(table, argc - 2, argv + 2, console);
	if (strcmp(argv[1], "--version") == 0) {
		print_version(console->out);
		return COMMAND_OK;
	}
	command = find(table, argc - 1, argv + 1, &words);
	if (!command)
		return unknown_command(table, argc - 1, argv + 1, console);
	return run(command, argc - words, argv + words, console); /* the last word stands for argv[0] */
}
