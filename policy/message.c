/*
 * One pass over the whole message for bytes that could mislead a reader, one pass over the first line for tokens.
 *
 * The first line is scanned left to right. At a separator the scanner tries: flag, '=' or '?', then names. It takes
 * the longest name and gives trailing dots back, as a backtracking matcher would; after each list separator it looks
 * ahead once: what looks like the next flag ends the list. After a match the scan goes on behind it, else one byte
 * further. The look-ahead reads what the name scan reads again, so every byte is read a constant number of times.
 */
#include "policy/message.h"

#include <string.h>

struct scanner {
	struct text line;
	size_t at;
	struct arena *arena;
	struct message_token *tokens;
	size_t n, room;
};

static bool in(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

static bool blank(char c)
{
	return in(c, " \t\n\v\f\r");
}

static bool lower_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool name_end(char c)
{
	return lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

static bool name_byte(char c)
{
	return name_end(c) || c == '.';
}

/* The end of the name that starts at `from`; `from` itself when there is none. */
static size_t name_at(struct text line, size_t from)
{
	size_t end = from;

	while (end < line.len && name_byte(line.at[end]))
		end++;
	while (end > from && !name_end(line.at[end - 1]))
		end--;
	return end;
}

static bool flag_follows(struct text line, size_t from)
{
	size_t i = from;

	while (i < line.len && (lower_or_digit(line.at[i]) || line.at[i] == '.' || line.at[i] == '-'))
		i++;
	return i > from && i < line.len && (line.at[i] == '=' || line.at[i] == '?');
}

static size_t flag_at(struct text line, size_t from)
{
	static const char *const flags[] = {"r", "a", "sr", "rs", "ui-r"};

	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
		struct text flag = text_of(flags[i]);
		struct text rest = {line.at + from, line.len - from};

		if (text_starts(rest, flag) && flag.len < rest.len && in(rest.at[flag.len], "=?"))
			return flag.len;
	}
	return 0;
}

static void take(struct scanner *s, struct text flag, bool asked, struct text name)
{
	if (s->n == s->room) {
		size_t room = s->room ? s->room * 2 : 8;
		struct message_token *more = arena_alloc(s->arena, room, sizeof *more);

		if (s->n > 0)
			memcpy(more, s->tokens, s->n * sizeof *more);
		s->tokens = more;
		s->room = room;
	}
	s->tokens[s->n++] = (struct message_token){flag, asked, name};
}

/* The name behind the list separator at `at`, or false when the list ends here. */
static bool next_name(struct text line, size_t at, size_t *ret_from, size_t *ret_end)
{
	size_t from = at, end;

	if (from >= line.len || !in(line.at[from], ";,/\\"))
		return false;
	for (from++; from < line.len && blank(line.at[from]);)
		from++;
	end = name_at(line, from);
	if (end == from || flag_follows(line, from))
		return false;
	*ret_from = from;
	*ret_end = end;
	return true;
}

/* A flag with its names at s->at; false and nothing taken when there is no flag. */
static bool token(struct scanner *s)
{
	struct text line = s->line;
	size_t flag_len = flag_at(line, s->at), from, end;
	struct text flag = {line.at + s->at, flag_len};
	bool asked;

	if (flag_len == 0)
		return false;
	asked = line.at[s->at + flag_len] == '?';
	from = s->at + flag_len + 1;
	end = name_at(line, from);
	if (end > from)
		take(s, flag, asked, (struct text){line.at + from, end - from});
	while (end > from && next_name(line, end, &from, &end))
		take(s, flag, asked, (struct text){line.at + from, end - from});
	s->at = end;
	return true;
}

static void scan(struct scanner *s)
{
	while (s->at < s->line.len) {
		bool separator = blank(s->line.at[s->at]) || in(s->line.at[s->at], "(.[;,");

		s->at++;
		if (separator)
			(void)token(s);
	}
}

/* U+200B-200F, U+202A-202E, U+2060-2069, U+FEFF, U+061C, U+00AD, U+180E as UTF-8: they hide or reorder what is read. */
static const char *invisible(struct text t, size_t i)
{
	const unsigned char *b = (const unsigned char *)t.at + i;
	size_t left = t.len - i;

	if (left >= 2 && ((b[0] == 0xd8 && b[1] == 0x9c) || (b[0] == 0xc2 && b[1] == 0xad)))
		return b[0] == 0xd8 ? "a bidirectional control character" : "an invisible character";
	if (left < 3)
		return NULL;
	if (b[0] == 0xe2 && b[1] == 0x80 && b[2] >= 0x8b && b[2] <= 0x8d)
		return "an invisible character";
	if (b[0] == 0xe2 && b[1] == 0x80 && ((b[2] >= 0x8e && b[2] <= 0x8f) || (b[2] >= 0xaa && b[2] <= 0xae)))
		return "a bidirectional control character";
	if (b[0] == 0xe2 && b[1] == 0x81 && b[2] >= 0xa0 && b[2] <= 0xaf)
		return b[2] >= 0xa6 && b[2] <= 0xa9 ? "a bidirectional control character" : "an invisible character";
	if ((b[0] == 0xef && b[1] == 0xbb && b[2] == 0xbf) || (b[0] == 0xe1 && b[1] == 0xa0 && b[2] == 0x8e))
		return "an invisible character";
	return NULL;
}

static const char *suspicion(struct text t)
{
	for (size_t i = 0; i < t.len; i++) {
		unsigned char c = (unsigned char)t.at[i];
		bool crlf = c == '\r' && i + 1 < t.len && t.at[i + 1] == '\n';
		const char *why;

		if ((c < 0x20 && c != '\t' && c != '\n' && !crlf) || c == 0x7f)
			return "a control byte";
		/* C1 controls as UTF-8 */
		if (c == 0xc2 && i + 1 < t.len && (unsigned char)t.at[i + 1] >= 0x80 &&
		    (unsigned char)t.at[i + 1] < 0xa0)
			return "a control character";
		why = c >= 0x80 ? invisible(t, i) : NULL;
		if (why)
			return why;
	}
	return NULL;
}

void message_parse(struct text bytes, struct arena *arena, struct message *ret)
{
	struct scanner s = {.line = bytes, .arena = arena};

	for (s.line.len = 0; s.line.len < bytes.len; s.line.len++)
		if (in(bytes.at[s.line.len], "\r\n"))
			break;
	*ret = (struct message){.first_line = s.line};
	ret->why_suspicious = suspicion(bytes);
	ret->suspicious = ret->why_suspicious != NULL;
	if (ret->suspicious)
		return;
	scan(&s);
	ret->tokens = s.tokens;
	ret->n_tokens = s.n;
}
