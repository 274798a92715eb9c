#include "policy/yaml_events.h"

#include <stdio.h>
#include <string.h>

#define BRACKETS_MAX 4096 /* `[` and `{`: libfyaml reads on through open ones before it hands out the first */
#define BLANKS_MAX   1000 /* blank lines in a row, and spaces: libfyaml's time grows with the square of them */
#define MARK         "\xef\xbb\xbf"

static bool problem_at_byte(struct problem *problem, struct text bytes, size_t offset, const char *text)
{
	unsigned line = 1, column = 1;

	for (size_t i = 0; i < offset; i++) {
		column++;
		if (bytes.at[i] == '\n') {
			line++;
			column = 1;
		}
	}
	return yaml_problem_at(problem, line, column, text);
}

/* Where the first ill-formed sequence starts: the longest well-formed prefix, found by halving. */
static size_t utf8_ends(struct text bytes)
{
	size_t good = 0, bad = bytes.len;

	while (good + 1 < bad) {
		size_t middle = good + (bad - good) / 2;
		size_t back = middle;

		while (back > good && ((unsigned char)bytes.at[back] & 0xc0) == 0x80 && middle - back < 3)
			back--;
		if (back == good)
			return good;
		if (text_utf8((struct text){bytes.at + good, back - good}))
			good = back;
		else
			bad = back;
	}
	return good;
}

static const char *wrong(struct text bytes, size_t i)
{
	unsigned char c = (unsigned char)bytes.at[i];

	if (c == 0)
		return "a NUL byte";
	if (c == '%' && (i == 0 || bytes.at[i - 1] == '\n'))
		return "directives are not used here"; /* libfyaml passes over unknown ones, in quadratic time */
	if (c == '\r' && (i + 1 == bytes.len || bytes.at[i + 1] != '\n'))
		return "a carriage return without a line feed";
	if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f)
		return "a control byte";
	return NULL;
}

/* The end of the first blank line that is one too many, or of the text. */
static size_t blanks_end(struct text bytes)
{
	size_t run = 0;
	bool blank = true;

	for (size_t i = 0; i < bytes.len; i++) {
		if (bytes.at[i] == '\n') {
			run = blank ? run + 1 : 0;
			blank = true;
			if (run > BLANKS_MAX)
				return i;
		} else if (bytes.at[i] != ' ' && bytes.at[i] != '\t' && bytes.at[i] != '\r') {
			blank = false;
		}
	}
	return bytes.len;
}

/* The same for spaces and tabs. */
static size_t spaces_end(struct text bytes)
{
	size_t run = 0;

	for (size_t i = 0; i < bytes.len; i++) {
		run = bytes.at[i] == ' ' || bytes.at[i] == '\t' ? run + 1 : 0;
		if (run > BLANKS_MAX)
			return i;
	}
	return bytes.len;
}

static bool bytes_ok(struct text bytes, struct problem *problem)
{
	size_t brackets = 0, blanks = blanks_end(bytes), spaces = spaces_end(bytes), mark;

	for (size_t i = 0; i < bytes.len; i++) {
		const char *why = wrong(bytes, i);

		if (why)
			return problem_at_byte(problem, bytes, i, why);
		if ((bytes.at[i] == '[' || bytes.at[i] == '{') && ++brackets > BRACKETS_MAX)
			return problem_at_byte(problem, bytes, i, "more brackets than the limit allows");
	}
	if (blanks < bytes.len)
		return problem_at_byte(problem, bytes, blanks, "more blank lines in a row than the limit allows");
	if (spaces < bytes.len)
		return problem_at_byte(problem, bytes, spaces, "more spaces in a row than the limit allows");
	if (!text_utf8(bytes))
		return problem_at_byte(problem, bytes, utf8_ends(bytes), "not valid UTF-8");
	mark = text_find(bytes, TEXT_LIT(MARK));
	if (mark != SIZE_MAX)
		return problem_at_byte(problem, bytes, mark, "a byte order mark inside the text");
	return true;
}

static struct text line_feeds(struct text bytes, struct arena *arena)
{
	char *copy;
	size_t n = 0;

	if (bytes.len == 0 || !memchr(bytes.at, '\r', bytes.len))
		return bytes;
	copy = arena_alloc(arena, bytes.len, 1);
	for (size_t i = 0; i < bytes.len; i++)
		if (bytes.at[i] != '\r')
			copy[n++] = bytes.at[i];
	return (struct text){copy, n};
}

bool yaml_bytes(struct text bytes, size_t max, struct arena *arena, struct text *ret, struct problem *problem)
{
	if (bytes.len > max) {
		yaml_problem_at(problem, 0, 0, "");
		(void)snprintf(problem->text, sizeof problem->text, "larger than %zu bytes", max);
		return false;
	}
	if (text_starts(bytes, TEXT_LIT("\xff\xfe")) || text_starts(bytes, TEXT_LIT("\xfe\xff")))
		return yaml_problem_at(problem, 1, 1, "UTF-16; save the file as UTF-8");
	if (text_starts(bytes, TEXT_LIT(MARK)))
		bytes = (struct text){bytes.at + 3, bytes.len - 3};
	if (!bytes_ok(bytes, problem))
		return false;
	*ret = line_feeds(bytes, arena);
	return true;
}
