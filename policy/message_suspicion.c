/*
 * What could make a reader see another message than the one that is there. Printable ASCII and line ends are passed
 * over eight bytes at a time.
 */
#include "policy/message_scan.h"

#include <string.h>

static const char control_byte[] = "a control byte";
static const char control[] = "a control character";
static const char invisible[] = "an invisible character";
static const char direction[] = "a bidirectional control character";
static const char line_end[] = "a line separator";

static const struct {
	uint32_t from, to;
	const char *why;
} hiding[] = {
	{0x80, 0x9f, control},       {0xad, 0xad, invisible},       {0x61c, 0x61c, direction},
	{0x115f, 0x1160, invisible}, {0x180e, 0x180e, invisible},   {0x200b, 0x200d, invisible},
	{0x200e, 0x200f, direction}, {0x2028, 0x2029, line_end},    {0x202a, 0x202e, direction},
	{0x2060, 0x2065, invisible}, {0x2066, 0x2069, direction},   {0x206a, 0x206f, invisible},
	{0x3164, 0x3164, invisible}, {0xfeff, 0xfeff, invisible},   {0xffa0, 0xffa0, invisible},
	{0xfff9, 0xfffb, invisible}, {0xe0000, 0xe007f, invisible},
};

/* The character at t.at[i], a byte over 0x7f; 0: no well-formed UTF-8 begins here. */
static uint32_t character(struct text t, size_t i)
{
	unsigned char first = (unsigned char)t.at[i];
	size_t n = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	uint32_t c = first & (0xffu >> (n + 1));

	if (first < 0xc2 || first > 0xf4 || t.len - i < n || !text_utf8((struct text){t.at + i, n}))
		return 0;
	for (size_t k = 1; k < n; k++)
		c = c << 6 | ((unsigned char)t.at[i + k] & 0x3f);
	return c;
}

static const char *why_hidden(uint32_t c)
{
	for (size_t i = 0; i < sizeof hiding / sizeof hiding[0] && hiding[i].from <= c; i++)
		if (c <= hiding[i].to)
			return hiding[i].why;
	return NULL;
}

static const char *why_suspicious(struct text t, size_t i)
{
	unsigned char c = (unsigned char)t.at[i];

	if (c >= 0x80)
		return why_hidden(character(t, i));
	if (c == '\t' || c == '\n' || (c >= 0x20 && c < 0x7f))
		return NULL;
	return c == '\r' && i + 1 < t.len && t.at[i + 1] == '\n' ? NULL : control_byte;
}

/* The next byte at `at` or behind that may be suspicious, or the end. */
static size_t next_odd(struct text t, size_t at)
{
	for (; t.len - at >= WIDE; at += WIDE) {
		wide x = wide_at(t.at + at);
		size_t first = wide_first((wide)((x < ' ') & (x != '\n')) | (wide)(x >= 0x7f));

		if (first < WIDE)
			return at + first;
	}
	while (at < t.len && t.at[at] >= ' ' && t.at[at] <= '~')
		at++;
	return at;
}

static void add(struct message *m, const char *why)
{
	for (size_t i = 0; i < m->n_suspicions; i++)
		if (m->suspicions[i] == why)
			return;
	m->suspicions[m->n_suspicions++] = why;
}

void message_suspect(struct text bytes, struct message *m)
{
	for (size_t i = 0; (i = next_odd(bytes, i)) < bytes.len && m->n_suspicions < MESSAGE_SUSPICIONS; i++) {
		const char *why = why_suspicious(bytes, i);

		if (why)
			add(m, why);
	}
	m->suspicious = m->n_suspicions > 0;
	m->why_suspicious = m->suspicious ? m->suspicions[0] : NULL;
}
