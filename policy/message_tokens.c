/*
 * A flag ends in '=' or '?', which stand in no name: so the line is searched for these two, and the flag and the
 * separator before it are read backwards. No flag is the end of another with a separator between, so at most one fits.
 * What an earlier token's names took is not a separator any more ("r=a.r=b" gives "a.r").
 *
 * Names: the longest run of name bytes, trailing dots given back, as a backtracking matcher would; after each list
 * separator one look ahead: what looks like the next flag ends the list. Every byte is read a constant number of times.
 *
 * A name may be one byte and what is kept of it is forty: so many are counted first, and strictly there is an end.
 */
#include "policy/message_scan.h"

#include <string.h>

enum { FEW = 8 };

struct scanner {
	struct text line;
	bool groups;
	struct message_token *tokens;
	size_t n, room, most; /* those without room are counted only */
	bool cut;             /* there are more than `most` */
};

static bool lower_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || byte_digit(c);
}

static bool name_end(char c)
{
	return byte_word(c) || c == '-';
}

static bool name_byte(char c)
{
	return name_end(c) || c == '.';
}

static bool list_separator(char c)
{
	return c == ',' || c == ';' || c == '/' || c == '\\';
}

/* The end of the name that starts at `from`; `from` itself when there is none. */
static size_t name_at(const struct scanner *s, size_t from)
{
	struct text line = s->line;
	size_t begin = from, end;

	if (s->groups && from < line.len && line.at[from] == '#')
		begin++;
	for (end = begin; end < line.len && name_byte(line.at[end]);)
		end++;
	while (end > begin && !name_end(line.at[end - 1]))
		end--;
	if (end == begin)
		return from;
	return end + (s->groups && end < line.len && line.at[end] == '!');
}

static bool flag_follows(struct text line, size_t from)
{
	size_t i = from;

	while (i < line.len && (lower_or_digit(line.at[i]) || line.at[i] == '.' || line.at[i] == '-'))
		i++;
	return i > from && i < line.len && (line.at[i] == '=' || line.at[i] == '?');
}

/* The flag that ends at `end`, after a separator that stands at `least` or later; empty: none. */
static struct text flag_before(struct text line, size_t end, size_t least)
{
	static const struct text flags[] = {{"r", 1}, {"a", 1}, {"sr", 2}, {"rs", 2}, {"ui-r", 4}};

	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
		size_t len = flags[i].len;

		if (end >= least + len + 1 && byte_separator(line.at[end - len - 1]) &&
		    memcmp(line.at + end - len, flags[i].at, len) == 0)
			return (struct text){line.at + end - len, len};
	}
	return TEXT_EMPTY;
}

static void take(struct scanner *s, struct text flag, size_t from, size_t end)
{
	bool asked = flag.at[flag.len] == '?';

	s->cut = s->cut || s->n == s->most;
	if (s->n == s->most)
		return;
	if (s->n < s->room)
		s->tokens[s->n] = (struct message_token){flag, asked, {s->line.at + from, end - from}};
	s->n++;
}

/* The name behind the list separator at `at`, or false when the list ends here. */
static bool next_name(const struct scanner *s, size_t at, size_t *ret_from, size_t *ret_end)
{
	struct text line = s->line;
	size_t from = at, end;

	if (from >= line.len || !list_separator(line.at[from]))
		return false;
	for (from++; from < line.len && byte_blank(line.at[from]);)
		from++;
	end = name_at(s, from);
	if (end == from || flag_follows(line, from))
		return false;
	*ret_from = from;
	*ret_end = end;
	return true;
}

/* The names behind a flag; returns where they end. */
static size_t names(struct scanner *s, struct text flag, size_t from)
{
	size_t end = name_at(s, from);

	if (end == from)
		return from;
	do
		take(s, flag, from, end);
	while (next_name(s, end, &from, &end));
	return end;
}

/* The next '=' or '?' at `at` or behind, or the end. */
static size_t next_mark(struct text t, size_t at)
{
	for (; t.len - at >= WIDE; at += WIDE) {
		wide x = wide_at(t.at + at);
		size_t first = wide_first((wide)((x == '=') | (x == '?')));

		if (first < WIDE)
			return at + first;
	}
	while (at < t.len && t.at[at] != '=' && t.at[at] != '?')
		at++;
	return at;
}

static void all_flags(struct scanner *s)
{
	size_t least = 0;

	s->n = 0;
	for (size_t i = 0; (i = next_mark(s->line, i)) < s->line.len; i++) {
		struct text flag = flag_before(s->line, i, least);

		if (flag.len > 0)
			least = names(s, flag, i + 1);
	}
}

void message_tokens(struct text line, struct token_plan plan, struct arena *arena, struct message *m)
{
	struct message_token few[FEW];
	struct scanner s = {line, plan.groups, few, 0, FEW, plan.most, false};

	all_flags(&s);
	if (s.n == 0)
		return;
	s.tokens = arena_alloc(arena, s.n, sizeof *s.tokens);
	if (s.n <= FEW) {
		memcpy(s.tokens, few, s.n * sizeof few[0]);
	} else {
		s.room = s.n;
		all_flags(&s);
	}
	m->tokens = s.tokens;
	m->n_tokens = s.n;
	m->names_cut = s.cut;
}
