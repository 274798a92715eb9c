/*
 * headgate message parse: what the commit-message grammar reads. Messages come on standard input, a NUL after each (the
 * last may go without), and leave one at a time: memory is bounded by the largest one.
 */
#include "agent/cli/commands.h"

#include <errno.h>

#include "agent/cli/print.h"
#include "policy/memory.h"
#include "policy/message.h"

/* limit message.max_bytes: one message; a larger one ends the run */
#define MESSAGE_MAX       ((size_t)4 << 20)
#define MESSAGE_MAX_WORDS "4 MiB (message.max_bytes)"

/* ---- reading ---- */

enum got { GOT_MESSAGE, GOT_END, GOT_TOO_MUCH, GOT_ERROR };

struct reader {
	FILE *in;
	char *at; /* of the newest message; overwritten by the next */
	size_t len, room;
};

static void keep(struct reader *r, char byte)
{
	if (r->len == r->room) {
		r->room = r->room ? r->room * 2 : 4096;
		r->at = memory_resize(r->at, r->room);
	}
	r->at[r->len++] = byte;
}

/* Byte by byte, so that a message is there as soon as its NUL is, however slowly they are written. */
static enum got next_message(struct reader *r)
{
	int byte;

	r->len = 0;
	while ((byte = getc_unlocked(r->in)) != EOF && byte != '\0') {
		if (r->len == MESSAGE_MAX)
			return GOT_TOO_MUCH;
		keep(r, (char)byte);
	}
	if (byte == EOF && ferror(r->in))
		return GOT_ERROR;
	return byte == EOF && r->len == 0 ? GOT_END : GOT_MESSAGE;
}

/* ---- lists of names, the same in both forms ---- */

static const struct name_list {
	const char *key;
	const char *flag; /* NULL: every flag, asked or not */
	bool asked;
} name_lists[] = {
	{"reviewers", NULL, false}, {"requal", "r", false},          {"rquestion", "r", true},
	{"approvers", "a", false},  {"superreviewers", "sr", false},
};
#define NAME_LISTS (sizeof name_lists / sizeof name_lists[0])

static bool listed(const struct name_list *list, const struct message_token *token)
{
	return !list->flag || (token->asked == list->asked && text_is(token->flag, list->flag));
}

/* ---- JSON ---- */

static void write_bugs(struct jwrite *w, const char *key, struct message_bugs bugs)
{
	jwrite_array(w, key);
	for (size_t i = 0; i < bugs.n; i++)
		jwrite_int(w, NULL, bugs.at[i]);
	jwrite_end(w);
}

static void write_names(struct jwrite *w, const struct name_list *list, const struct message *m)
{
	jwrite_array(w, list->key);
	for (size_t i = 0; i < m->n_tokens; i++)
		if (listed(list, &m->tokens[i]))
			jwrite_text(w, NULL, m->tokens[i].name);
	jwrite_end(w);
}

static void write_undone(struct jwrite *w, const char *key, const struct message_undone *undone)
{
	if (!undone->given) {
		jwrite_null(w, key);
		return;
	}
	jwrite_object(w, key);
	jwrite_array(w, "nodes");
	for (size_t i = 0; i < undone->n_nodes; i++)
		jwrite_text(w, NULL, undone->nodes[i]);
	jwrite_end(w);
	write_bugs(w, "bugs", undone->bugs);
	jwrite_end(w);
}

static void write_message(struct jwrite *w, const struct message *m)
{
	jwrite_object(w, NULL);
	write_bugs(w, "bugs", m->bugs);
	write_bugs(w, "bugs_conservative", m->bugs_conservative);
	for (size_t i = 0; i < NAME_LISTS; i++)
		write_names(w, &name_lists[i], m);
	jwrite_bool(w, "is_backout", m->is_backout);
	write_undone(w, "backouts", &m->backouts);
	write_undone(w, "backouts_strict", &m->backouts_strict);
	write_undone(w, "reverts", &m->reverts);
	jwrite_bool(w, "closed_tree", m->closed_tree);
	jwrite_bool(w, "closedbug", m->closedbug);
	jwrite_array(w, "suspicious");
	for (size_t i = 0; i < m->n_suspicions; i++)
		jwrite_text(w, NULL, text_of(m->suspicions[i]));
	jwrite_end(w);
	jwrite_end(w);
}

static void print_json(FILE *out, const struct message *m)
{
	struct jwrite *w = jwrite_new();
	struct text line;

	write_message(w, m);
	line = jwrite_text_of(w);
	(void)fwrite(line.at, 1, line.len, out);
	(void)fputc('\n', out);
	jwrite_free(w);
}

/* ---- for people ---- */

static void print_label(FILE *out, const char *label)
{
	(void)fprintf(out, "  %-18s", label);
}

static void print_numbers(FILE *out, struct message_bugs bugs)
{
	for (size_t i = 0; i < bugs.n; i++)
		(void)fprintf(out, "%s%lld", i > 0 ? ", " : "", (long long)bugs.at[i]);
}

static void print_bugs(FILE *out, const char *label, struct message_bugs bugs)
{
	if (bugs.n == 0)
		return;
	print_label(out, label);
	print_numbers(out, bugs);
	(void)fprintf(out, "\n");
}

static void print_names(FILE *out, const struct name_list *list, const struct message *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_tokens; i++) {
		if (!listed(list, &m->tokens[i]))
			continue;
		if (n++ == 0)
			print_label(out, list->key);
		else
			(void)fprintf(out, ", ");
		print_safe(out, m->tokens[i].name);
	}
	if (n > 0)
		(void)fprintf(out, "\n");
}

static void print_undone(FILE *out, const char *label, const struct message_undone *undone)
{
	if (!undone->given)
		return;
	print_label(out, label);
	for (size_t i = 0; i < undone->n_nodes; i++) {
		(void)fprintf(out, "%s", i > 0 ? ", " : "");
		print_safe(out, undone->nodes[i]);
	}
	(void)fprintf(out, "%s", undone->n_nodes == 0 ? "no commit" : "");
	if (undone->bugs.n > 0) {
		(void)fprintf(out, " (bugs ");
		print_numbers(out, undone->bugs);
		(void)fprintf(out, ")");
	}
	(void)fprintf(out, "\n");
}

static void print_note(FILE *out, bool yes, const char *label, const char *note)
{
	if (!yes)
		return;
	print_label(out, label);
	(void)fprintf(out, "%s\n", note);
}

static void print_message(FILE *out, size_t number, const struct message *m)
{
	(void)fprintf(out, "message %zu: ", number);
	print_safe(out, m->first_line);
	(void)fprintf(out, "\n");
	print_bugs(out, "bugs", m->bugs);
	print_bugs(out, "bugs_conservative", m->bugs_conservative);
	for (size_t i = 0; i < NAME_LISTS; i++)
		print_names(out, &name_lists[i], m);
	print_undone(out, "backouts", &m->backouts);
	print_note(out, m->backouts.given && !m->backouts_strict.given, "", "not as many as it says");
	print_note(out, m->is_backout && !m->backouts.given, "is_backout", "but of what cannot be read");
	print_undone(out, "reverts", &m->reverts);
	print_note(out, m->closed_tree, "closed_tree", "yes");
	print_note(out, m->closedbug, "closedbug", "yes");
	for (size_t i = 0; i < m->n_suspicions; i++)
		print_note(out, true, "suspicious", m->suspicions[i]);
}

/* ---- the command ---- */

static int ended(const struct invocation *invocation, enum got got, size_t number)
{
	FILE *err = invocation->console->err;

	if (got == GOT_TOO_MUCH)
		(void)fprintf(err, "headgate message parse: message %zu is larger than " MESSAGE_MAX_WORDS "\n",
			      number);
	if (got == GOT_ERROR)
		(void)fprintf(err, "headgate message parse: standard input: %s\n", strerror(errno));
	if (got != GOT_END)
		return COMMAND_USAGE;
	if (fflush(invocation->console->out) == 0 && !ferror(invocation->console->out))
		return COMMAND_OK;
	(void)fprintf(err, "headgate message parse: standard output: %s\n", strerror(errno));
	return COMMAND_NO;
}

static int run(const struct invocation *invocation)
{
	const char *given = invocation_value(invocation, "dialect");
	bool json = invocation_has(invocation, "json");
	FILE *out = invocation->console->out;
	struct reader reader = {.in = invocation->console->in};
	enum message_dialect dialect = MESSAGE_STRICT;
	size_t number = 1;
	enum got got;

	if (given && !message_dialect_parse(text_of(given), &dialect)) {
		(void)fprintf(invocation->console->err, "headgate message parse: --dialect is strict, vct or lando\n");
		return COMMAND_USAGE;
	}
	while ((got = next_message(&reader)) == GOT_MESSAGE && !ferror(out)) {
		auto_arena struct arena arena = ARENA_EMPTY;
		struct message message;

		message_read((struct text){reader.at, reader.len}, dialect, &arena, &message);
		if (json)
			print_json(out, &message);
		else
			print_message(out, number, &message);
		number++;
	}
	free(reader.at);
	return ended(invocation, got == GOT_MESSAGE ? GOT_END : got, number);
}

static const struct command_option options[] = {
	{"dialect", 'd', "NAME", "strict, as verdicts read (unless named); vct; lando"},
	{"json", 0, NULL, "print a line of JSON for each message"},
};
const struct command command_message_parse = {
	"message parse",
	"",
	0,
	0,
	"what commit messages on standard input name: bugs, reviewers, backouts",
	"  git log -z --format=tformat:%B | headgate message parse --dialect vct --json\n\n"
	"A NUL ends each message. JSON carries ASCII alone: names and commits are nothing else. The readable form "
	"shows the\n"
	"first line; its bytes that are not UTF-8, and characters that hide or reorder text, stand there as \\xNN.\n",
	options,
	sizeof options / sizeof options[0],
	run,
};
