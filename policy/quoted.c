#include "policy/quoted.h"

#include <stdio.h>
#include <string.h>

#define ESCAPE_MAX 11 /* "\\U0010ffff" and its NUL */

static const struct {
	uint32_t first, last;
} escaped[] = {
	{0x00, 0x1f},     {'"', '"'},       {'\\', '\\'},     {0x7f, 0xa0},        {0xad, 0xad},
	{0x61c, 0x61c},   {0x180e, 0x180e}, {0x200b, 0x200f}, {0x2028, 0x202f},    {0x205f, 0x206f},
	{0xfe00, 0xfe0f}, {0xfeff, 0xfeff}, {0xfff0, 0xffff}, {0xe0000, 0x10ffff},
};

/* The code of the well-formed sequence at `at`, and how long it is. */
static uint32_t decode(const char *at, size_t *ret_len)
{
	unsigned char c = (unsigned char)at[0];
	size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	uint32_t code = len == 1 ? c : c & (0xffu >> (len + 1));

	for (size_t i = 1; i < len; i++)
		code = code << 6 | ((unsigned char)at[i] & 0x3fu);
	*ret_len = len;
	return code;
}

static bool is_escaped(uint32_t code)
{
	for (size_t i = 0; i < sizeof escaped / sizeof escaped[0]; i++)
		if (code >= escaped[i].first && code <= escaped[i].last)
			return true;
	return false;
}

/* How the character is written; its bytes where they may stand. */
static struct text written(struct text bytes, uint32_t code, char escape[ESCAPE_MAX])
{
	if (!is_escaped(code))
		return bytes;
	if (code == '"' || code == '\\')
		(void)snprintf(escape, ESCAPE_MAX, "\\%c", (char)code);
	else
		(void)snprintf(escape, ESCAPE_MAX, code > 0xffff ? "\\U%08x" : "\\u%04x", (unsigned)code);
	return text_of(escape);
}

struct text quoted(struct text t, struct arena *arena)
{
	char *at = arena_alloc(arena, t.len * (ESCAPE_MAX - 1) + 3, 1), escape[ESCAPE_MAX];
	size_t n = 0, len;

	at[n++] = '"';
	for (size_t i = 0; i < t.len; i += len) {
		uint32_t code = decode(t.at + i, &len);
		struct text part = written((struct text){t.at + i, len}, code, escape);

		memcpy(at + n, part.at, part.len);
		n += part.len;
	}
	at[n++] = '"';
	return (struct text){at, n};
}
