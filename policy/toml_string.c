/*
 * Texts: "basic" with escapes, 'literal' without, each in one line or, in three quotes, over many. Up to two quotes may
 * stand before the three that end a text, and belong to it.
 */
#include "policy/toml_reader.h"

static bool unended(struct toml_reader *r, size_t start)
{
	return toml_refuse(r, start, "text that does not end");
}

static bool finish(struct toml_reader *r, size_t used, struct text *ret)
{
	*ret = arena_text(r->arena, (struct text){r->scratch, used});
	return true;
}

/* ---- escapes ---- */

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static size_t utf8(uint32_t code, char *out)
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xe0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3f));
		out[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3f));
	out[2] = (char)(0x80 | (code >> 6 & 0x3f));
	out[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

/* At the first digit. No escape makes more bytes than it has. */
static bool escape_hex(struct toml_reader *r, int digits, size_t *used)
{
	size_t start = r->at - 2;
	uint32_t code = 0;

	for (int i = 0; i < digits; i++, r->at++) {
		int digit = hex(toml_peek(r));

		if (digit < 0)
			return toml_refuse(r, start, "`\\%c` needs %d hexadecimal digits", digits == 4 ? 'u' : 'U',
					   digits);
		code = code << 4 | (uint32_t)digit;
	}
	if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return toml_refuse(r, start, "an escape that is no Unicode character");
	*used += utf8(code, r->scratch + *used);
	return true;
}

static const struct {
	char letter, means;
} escapes[] = {{'b', '\b'}, {'t', '\t'}, {'n', '\n'}, {'f', '\f'}, {'r', '\r'}, {'"', '"'}, {'\\', '\\'}};

/* A backslash at the end of a line: what is blank is skipped up to the next character or quote. */
static bool escape_line(struct toml_reader *r)
{
	size_t start = r->at - 1;

	toml_skip_blanks(r);
	if (r->at < r->src.len && toml_peek(r) != '\n')
		return toml_refuse(r, start, "a backslash before a blank, which is not the line's last");
	while (toml_peek(r) == '\n' || toml_peek(r) == ' ' || toml_peek(r) == '\t')
		r->at++;
	return true;
}

/* Behind the backslash. */
static bool escape(struct toml_reader *r, bool lines, size_t *used)
{
	char c = toml_peek(r);

	if (lines && (c == ' ' || c == '\t' || c == '\n'))
		return escape_line(r);
	for (size_t i = 0; i < sizeof escapes / sizeof escapes[0]; i++)
		if (c == escapes[i].letter) {
			r->at++;
			r->scratch[(*used)++] = escapes[i].means;
			return true;
		}
	if (c == 'u' || c == 'U') {
		r->at++;
		return escape_hex(r, c == 'u' ? 4 : 8, used);
	}
	return toml_refuse(r, r->at - 1, "an escape that TOML does not have; a backslash itself is written `\\\\`");
}

/* ---- texts ---- */

static bool one_line_text(struct toml_reader *r, char quote, struct text *ret)
{
	size_t start = r->at++, used = 0;

	while (r->at < r->src.len && toml_peek(r) != quote) {
		char c = r->src.at[r->at++];

		if (c == '\n')
			return unended(r, start);
		if (c != '\\' || quote == '\'')
			r->scratch[used++] = c;
		else if (!escape(r, false, &used))
			return false;
	}
	if (r->at == r->src.len)
		return unended(r, start);
	r->at++;
	return finish(r, used, ret);
}

static bool many_lines_text(struct toml_reader *r, char quote, struct text *ret)
{
	const char *three = quote == '"' ? "\"\"\"" : "'''";
	size_t start = r->at, used = 0;

	r->at += 3;
	if (toml_peek(r) == '\n')
		r->at++;
	while (r->at < r->src.len && !toml_starts(r, three)) {
		char c = r->src.at[r->at++];

		if (c != '\\' || quote == '\'')
			r->scratch[used++] = c;
		else if (!escape(r, true, &used))
			return false;
	}
	if (r->at == r->src.len)
		return unended(r, start);
	r->at += 3;
	for (int more = 0; more < 2 && toml_peek(r) == quote; more++, r->at++)
		r->scratch[used++] = quote;
	return finish(r, used, ret);
}

bool toml_string(struct toml_reader *r, bool one_line, struct text *ret)
{
	char quote = toml_peek(r);

	if (!one_line && toml_starts(r, quote == '"' ? "\"\"\"" : "'''"))
		return many_lines_text(r, quote, ret);
	return one_line_text(r, quote, ret);
}
