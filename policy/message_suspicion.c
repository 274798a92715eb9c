/*
 * What could make a reader see another message than the one that is there. Printable ASCII and line ends are passed
 * over sixteen bytes at a time.
 *
 * What other scripts are written with is suspicious only where a number is: a mark or a byte that is no character
 * between two digits, digits of two scripts in one number, digits that are shown elsewhere, and what message_number.c
 * finds behind "bug". A character that is seen between two digits (a dash, a word) misleads nobody.
 */
#include "policy/message_scan.h"

static const char control_byte[] = "a control byte";
static const char invisible[] = "an invisible character";
static const char split[] = "a number that something unseen splits";
static const char mixed[] = "a number in digits of two scripts";
static const char moved[] = "a number that right-to-left letters move";

enum { BARE_DIGITS = 5 }; /* so many are the number of a bug without a word before it */

static const char *const hiding[] = {
	[CHAR_CONTROL] = "a control character",
	[CHAR_INVISIBLE] = invisible,
	[CHAR_DIRECTION] = "a bidirectional control character",
	[CHAR_LINE_END] = "a line separator",
};

static bool digit_at(struct text t, size_t at)
{
	return at < t.len && byte_digit(t.at[at]);
}

/* "1", a selector and an enclosing key: an emoji, and it is seen as the digit that it is. */
static bool key_cap(struct text t, size_t at)
{
	const struct text key = TEXT_LIT("\xef\xb8\x8f\xe2\x83\xa3");

	return at > 0 && (byte_digit(t.at[at - 1]) || t.at[at - 1] == '#' || t.at[at - 1] == '*') &&
	       text_starts((struct text){t.at + at, t.len - at}, key);
}

/* ASCII looks the same with any selector, so that nothing is seen of one behind it. */
static bool selects_nothing(struct text t, size_t at)
{
	return (at == 0 || (unsigned char)t.at[at - 1] < 0x80) && !key_cap(t, at);
}

static bool letter(enum char_class is)
{
	return is == CHAR_SEEN || is == CHAR_RIGHT;
}

/* Does it stand as emoji, Persian and scripts of India have it, where it hides nothing? */
static bool joins(struct text t, size_t at, size_t len)
{
	size_t before = at, end = at + len;
	enum char_class left;

	while (before > 0 && at - before < 4 && (unsigned char)t.at[before - 1] >= 0x80 &&
	       (before == at || ((unsigned char)t.at[before] & 0xc0) == 0x80))
		before--;
	if (before == at || end == t.len || (unsigned char)t.at[end] < 0x80)
		return false;
	left = message_char(t, before, &len);
	return before + len == at && (letter(left) || left == CHAR_SELECTOR) && letter(message_char(t, end, &len));
}

/* Behind a digit: is there nothing to be seen until the next one? */
static bool splits(struct text t, size_t at)
{
	size_t len;

	if (at == 0 || !byte_digit(t.at[at - 1]))
		return false;
	for (; at < t.len && (unsigned char)t.at[at] >= 0x80; at += len) {
		enum char_class is = message_char(t, at, &len);

		if (is != CHAR_NONE && is != CHAR_SELECTOR && is != CHAR_UNSEEN)
			return false;
	}
	return digit_at(t, at);
}

static bool ends_bare_number(struct text t, size_t end)
{
	size_t n = 0;

	while (n < BARE_DIGITS && n < end && byte_digit(t.at[end - n - 1]))
		n++;
	return n == BARE_DIGITS;
}

/* At a letter that is written from right to left and stands behind a digit: are digits shown in front of it that stand
 * behind it? Every walk ends at the next digit. */
static bool moves(struct text t, size_t at)
{
	bool bare = ends_bare_number(t, at);

	for (size_t len; at < t.len && t.at[at] != '\n' && t.at[at] != '\r'; at += len) {
		len = 1;
		if (byte_digit(t.at[at]))
			return true;
		if ((unsigned char)t.at[at] >= 0x80)
			(void)message_char(t, at, &len);
		else if (!bare || (byte_lower(t.at[at]) >= 'a' && byte_lower(t.at[at]) <= 'z'))
			return false;
	}
	return false;
}

static const char *why_character(struct text t, size_t i)
{
	size_t len;
	enum char_class is = message_char(t, i, &len);

	if (is >= CHAR_CONTROL && is <= CHAR_LINE_END)
		return hiding[is];
	if (is == CHAR_SELECTOR && selects_nothing(t, i))
		return invisible;
	if (is == CHAR_JOINER && !joins(t, i, len))
		return invisible;
	if (is != CHAR_SEEN && splits(t, i))
		return split;
	if (is == CHAR_DIGIT && ((i > 0 && byte_digit(t.at[i - 1])) || digit_at(t, i + len)))
		return mixed;
	return is == CHAR_RIGHT && i > 0 && byte_digit(t.at[i - 1]) && moves(t, i) ? moved : NULL;
}

static const char *why_suspicious(struct text t, size_t i)
{
	unsigned char c = (unsigned char)t.at[i];

	if (c >= 0x80)
		return why_character(t, i);
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
	if (m->n_suspicions == 0) {
		const char *why = message_misnames(bytes);

		if (why)
			add(m, why);
	}
	m->suspicious = m->n_suspicions > 0;
	m->why_suspicious = m->suspicious ? m->suspicions[0] : NULL;
}
