/*
 * mutate FILE: the mutants of a C file, a line each, with tabs between: number, line, function, and that line of the
 * source before and after. mutate FILE N: the source with mutant N in it. For policy.sh, and for code formatted as
 * ours.
 *
 * The bodies of functions are cut into tokens. A row of `swaps` exchanges one token; besides, the condition of an `if`
 * becomes always or never true, that of a `while` never, and a statement that is a call, an assignment or a jump is
 * left out. An assertion is left alone: it says what cannot be.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/arena.h"

#define TOKENS_MAX 40000
#define EDITS_MAX  2
#define SOURCE_MAX ((size_t)1 << 20)

static const struct swap {
	const char *from, *to;
	bool binary; /* only between two operands */
} swaps[] = {
	{"<", "<=", true},
	{"<", ">=", true},
	{"<=", "<", true},
	{"<=", ">", true},
	{">", ">=", true},
	{">", "<=", true},
	{">=", ">", true},
	{">=", "<", true},
	{"==", "!=", true},
	{"!=", "==", true},
	{"&&", "||", true},
	{"||", "&&", true},
	{"&", "|", true},
	{"|", "&", true},
	{"|=", "&=", true},
	{"+", "-", true},
	{"-", "+", true},
	{"+=", "-=", true},
	{"-=", "+=", true},
	{"!", "", false},
	{"~", "", false},
	{"0", "1", false},
	{"1", "0", false},
	{"2", "3", false},
	{"true", "false", false},
	{"false", "true", false},
	{"TRI_YES", "TRI_NO", false},
	{"TRI_YES", "TRI_UNKNOWN", false},
	{"TRI_NO", "TRI_UNKNOWN", false},
	{"TRI_NO", "TRI_YES", false},
	{"TRI_UNKNOWN", "TRI_YES", false},
	{"TRI_UNKNOWN", "TRI_NO", false},
};

struct token {
	size_t at, len;
};

struct edit {
	size_t at, len;
	const char *with;
};

struct source {
	struct text bytes;
	struct token tokens[TOKENS_MAX];
	size_t n;
	size_t found, wanted; /* mutants so far; the one to write, SIZE_MAX: list them */
};

/* ---- tokens ---- */

static bool word_byte(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static size_t until(struct text t, size_t from, const char *end)
{
	size_t at = text_find((struct text){t.at + from, t.len - from}, text_of(end));

	return at == SIZE_MAX ? t.len : from + at + strlen(end);
}

static size_t quoted(struct text t, size_t from)
{
	size_t i = from + 1;

	while (i < t.len && t.at[i] != t.at[from])
		i += t.at[i] == '\\' ? 2 : 1;
	return i + 1;
}

/* Behind what is no code at i: space, comment, directive. The same i where there is none. */
static size_t skipped(struct text t, size_t i)
{
	struct text rest = {t.at + i, t.len - i};

	if (isspace((unsigned char)t.at[i]))
		return i + 1;
	if (text_starts(rest, TEXT_LIT("/*")))
		return until(t, i, "*/");
	if (text_starts(rest, TEXT_LIT("//")) || (t.at[i] == '#' && (i == 0 || t.at[i - 1] == '\n')))
		return until(t, i, "\n");
	return i;
}

static size_t length_at(struct text t, size_t i)
{
	static const char *const long_ones[] = {"<<=", ">>=", "...", "->", "++", "--", "<<", ">>", "<=", ">=", "==",
						"!=",  "&&",  "||",  "+=", "-=", "*=", "/=", "&=", "|=", "^=", "%="};
	size_t n = i;

	if (t.at[i] == '"' || t.at[i] == '\'')
		return quoted(t, i) - i;
	while (n < t.len && word_byte(t.at[n]))
		n++;
	if (n > i)
		return n - i;
	for (size_t k = 0; k < sizeof long_ones / sizeof long_ones[0]; k++)
		if (text_starts((struct text){t.at + i, t.len - i}, text_of(long_ones[k])))
			return strlen(long_ones[k]);
	return 1;
}

static bool is(const struct source *s, size_t token, const char *what)
{
	return token < s->n && text_is((struct text){s->bytes.at + s->tokens[token].at, s->tokens[token].len}, what);
}

/* Only what stands in the body of a function: between braces in the first column. */
static void cut(struct source *s)
{
	struct text t = s->bytes;
	bool inside = false;

	for (size_t i = 0; i < t.len;) {
		size_t next = skipped(t, i);
		bool first = i == 0 || t.at[i - 1] == '\n';

		if (next != i) {
			i = next;
			continue;
		}
		inside = (inside || (first && t.at[i] == '{')) && !(first && t.at[i] == '}');
		next = i + length_at(t, i);
		if (inside && s->n < TOKENS_MAX)
			s->tokens[s->n++] = (struct token){i, next - i};
		i = next;
	}
}

/* The token that closes what opens here. */
static size_t closing(const struct source *s, size_t open)
{
	size_t depth = 0;

	for (size_t i = open; i < s->n; i++) {
		depth += is(s, i, "(") || is(s, i, "[") || is(s, i, "{");
		depth -= is(s, i, ")") || is(s, i, "]") || is(s, i, "}");
		if (depth == 0)
			return i;
	}
	return s->n;
}

/* ---- a mutant ---- */

static void print_edited(const struct source *s, size_t from, size_t to, const struct edit *edits)
{
	for (size_t e = 0; e < EDITS_MAX && edits[e].with && edits[e].at < to; e++) {
		(void)fwrite(s->bytes.at + from, 1, edits[e].at - from, stdout);
		(void)fputs(edits[e].with, stdout);
		from = edits[e].at + edits[e].len;
	}
	if (from < to)
		(void)fwrite(s->bytes.at + from, 1, to - from, stdout);
}

static void print_function(const struct source *s, size_t at)
{
	struct text t = s->bytes;
	size_t line = at, name, end;

	while (line > 0 && !(t.at[line] == '{' && t.at[line - 1] == '\n'))
		line--;
	do { /* upwards to the line that begins the definition */
		line--;
		while (line > 0 && t.at[line - 1] != '\n')
			line--;
	} while (line > 0 && !word_byte(t.at[line]));
	end = until(t, line, "(") - 1;
	for (name = end; name > line && word_byte(t.at[name - 1]); name--)
		;
	(void)fwrite(t.at + name, 1, end - name, stdout);
}

static void list(const struct source *s, const struct edit *edits)
{
	struct text t = s->bytes;
	size_t from = edits[0].at, to, line = 1;

	while (from > 0 && t.at[from - 1] != '\n')
		from--;
	to = until(t, edits[0].at, "\n") - 1;
	for (size_t i = 0; i < from; i++)
		line += t.at[i] == '\n';
	while (isspace((unsigned char)t.at[from]))
		from++;
	printf("%zu\t%zu\t", s->found, line);
	print_function(s, edits[0].at);
	printf("\t%.*s\t", (int)(to - from), t.at + from);
	print_edited(s, from, to, edits);
	putchar('\n');
}

static void mutant(struct source *s, struct edit first, struct edit second)
{
	const struct edit edits[EDITS_MAX] = {first, second};

	s->found++;
	if (s->wanted == SIZE_MAX)
		list(s, edits);
	else if (s->wanted == s->found)
		print_edited(s, 0, s->bytes.len, edits);
}

/* ---- where they are ---- */

static bool operand_ends(const struct source *s, size_t token)
{
	char last = s->bytes.at[s->tokens[token].at + s->tokens[token].len - 1];

	return (word_byte(last) && !is(s, token, "return")) || last == ')' || last == ']' || last == '"' ||
	       last == '\'';
}

static void swap_token(struct source *s, size_t i)
{
	if (is(s, i, "2") && i > 0 && is(s, i - 1, "[")) /* the size of an array: more is no difference */
		return;
	for (size_t k = 0; k < sizeof swaps / sizeof swaps[0]; k++)
		if (is(s, i, swaps[k].from) && (!swaps[k].binary || (i > 0 && operand_ends(s, i - 1))))
			mutant(s, (struct edit){s->tokens[i].at, s->tokens[i].len, swaps[k].to}, (struct edit){0});
}

static void force(struct source *s, size_t open, const char *with)
{
	size_t close = closing(s, open);

	if (close < s->n)
		mutant(s, (struct edit){s->tokens[open].at + 1, 0, with}, (struct edit){s->tokens[close].at, 0, ")"});
}

static bool may_begin(const struct source *s, size_t i)
{
	return i > 0 && (is(s, i - 1, ";") || is(s, i - 1, "{") || is(s, i - 1, "}") || is(s, i - 1, ")") ||
			 is(s, i - 1, "else") || is(s, i - 1, "do"));
}

/* A call, an assignment or a step; a declaration begins with two words. */
static bool is_statement(const struct source *s, size_t i)
{
	static const char *const others[] = {"return", "if", "for", "while", "else", "do", "case", "default", "assert"};
	static const char *const behind[] = {"(", "=", "->", ".", "[", "++", "--", "+=", "-=", "|=", "&=", ";"};

	for (size_t k = 0; k < sizeof others / sizeof others[0]; k++)
		if (is(s, i, others[k]))
			return false;
	if (is(s, i, "*") || is(s, i, "++") || is(s, i, "--") || (is(s, i, "(") && is(s, i + 1, "void")))
		return !is(s, i - 1, ")") || is(s, i, "*");
	if (!word_byte(s->bytes.at[s->tokens[i].at]))
		return false;
	for (size_t k = 0; k < sizeof behind / sizeof behind[0]; k++)
		if (is(s, i + 1, behind[k]))
			return true;
	return false;
}

static void leave_out(struct source *s, size_t i)
{
	size_t end = i;

	if (!may_begin(s, i) || !is_statement(s, i))
		return;
	while (end < s->n && !is(s, end, ";") && !is(s, end, ")") && !is(s, end, "}")) /* these close what is around */
		end = is(s, end, "(") || is(s, end, "[") || is(s, end, "{") ? closing(s, end) + 1 : end + 1;
	if (is(s, end, ";") && end > i)
		mutant(s, (struct edit){s->tokens[i].at, s->tokens[end].at - s->tokens[i].at, ""}, (struct edit){0});
}

static void find(struct source *s)
{
	for (size_t i = 0; i < s->n; i++) {
		if (is(s, i, "assert") || is(s, i, "sizeof")) {
			i = is(s, i + 1, "(") ? closing(s, i + 1) : i;
			continue;
		}
		swap_token(s, i);
		leave_out(s, i);
		if (is(s, i, "if")) {
			force(s, i + 1, "0 && (");
			force(s, i + 1, "1 || (");
		} else if (is(s, i, "while")) {
			force(s, i + 1, "0 && (");
		}
	}
}

static struct text file_text(const char *path, struct arena *arena)
{
	char *bytes = arena_alloc(arena, SOURCE_MAX, 1);
	FILE *f = fopen(path, "r");
	size_t n = f ? fread(bytes, 1, SOURCE_MAX - 1, f) : 0;

	if (f)
		(void)fclose(f);
	return (struct text){bytes, n};
}

int main(int argc, char **argv)
{
	static struct source source;
	auto_arena struct arena arena = ARENA_EMPTY;
	int64_t wanted = INT64_MAX;

	if (argc < 2 || argc > 3 || (argc == 3 && (!text_int64(text_of(argv[2]), &wanted) || wanted < 1))) {
		fputs("usage: mutate FILE [N]\n", stderr);
		return 2;
	}
	source.wanted = argc == 3 ? (size_t)wanted : SIZE_MAX;
	source.bytes = file_text(argv[1], &arena);
	cut(&source);
	find(&source);
	if (source.n == 0 || source.n == TOKENS_MAX || (argc == 3 && source.wanted > source.found)) {
		(void)fprintf(stderr, "mutate: %s: nothing to change, too much, or no such mutant\n", argv[1]);
		return 1;
	}
	return 0;
}
