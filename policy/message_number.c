/*
 * What could make people read the number of a bug, or of one more, where another is read. Only behind "bug" and in the
 * list that follows (message_named.c), for there a number is looked for: prose elsewhere may hold anything.
 *
 * One rule instead of lists of what misleads: a number is ended by ASCII, or by punctuation that is on a short list.
 * Whatever else stands directly behind its last digit, or leads to a digit where one must begin, could belong to it.
 *
 * Digits behind a letter that is written from right to left are moved with it, in front of it: up to the next letter
 * that is written from left to right all of that is shown in reverse order, so that its last digits stand beside the
 * number before it.
 */
#include "policy/message_scan.h"

static const char foreign[] = "the number of a bug in characters that are not ASCII";
static const char beside[] = "the number of a bug with something behind it that may belong to it";
static const char letters[] = "the number of a bug with letters that look like digits";
static const char moved[] = "the number of a bug beside digits that right-to-left letters move";

static bool has_value(enum char_class is)
{
	return is == CHAR_DIGIT || is == CHAR_NUMBER;
}

static bool unseen(enum char_class is)
{
	return is == CHAR_NONE || is == CHAR_JOINER || is == CHAR_SELECTOR || is == CHAR_UNSEEN;
}

static bool before_number(char c)
{
	return c == ' ' || c == '\t' || c == '#';
}

static bool digit_at(struct text t, size_t at)
{
	return at < t.len && byte_digit(t.at[at]);
}

/* What is at `at`, or CHAR_STOP for ASCII and the end. */
static enum char_class class_at(struct text t, size_t at, size_t *ret_len)
{
	*ret_len = 1;
	return at < t.len && (unsigned char)t.at[at] >= 0x80 ? message_char(t, at, ret_len) : CHAR_STOP;
}

/* Behind what looks blank or like nothing. */
static size_t blanks_end(struct text t, size_t at)
{
	for (size_t len; at < t.len; at += len) {
		enum char_class is = class_at(t, at, &len);

		if (!before_number(t.at[at]) && is != CHAR_BLANK && !unseen(is))
			break;
	}
	return at;
}

/* Is a digit, or what has its value, seen here? */
static bool value_at(struct text t, size_t at)
{
	size_t len;

	return digit_at(t, at) || has_value(class_at(t, at, &len));
}

/* Where a number must begin: does what is not ASCII lead to a digit, or take its place? */
static bool stands_for_number(struct text t, size_t at)
{
	size_t len;

	if (at == t.len || (unsigned char)t.at[at] < 0x80)
		return false;
	at = blanks_end(t, at);
	for (enum char_class is; (is = class_at(t, at, &len)) == CHAR_SEEN || unseen(is);)
		at += len;
	return value_at(t, at);
}

/* Where a number ends. */
static bool goes_on(struct text t, size_t at)
{
	size_t len;
	enum char_class is = class_at(t, at, &len);

	if (is == CHAR_STOP)
		return false;
	if (is == CHAR_BLANK)
		return value_at(t, blanks_end(t, at));
	return is != CHAR_APART || value_at(t, at + len);
}

/* Where a number must begin, or ends. */
static bool is_moved(struct text t, size_t at)
{
	bool number = false;
	size_t len;

	at = blanks_end(t, at);
	if (class_at(t, at, &len) != CHAR_RIGHT)
		return false;
	for (; at < t.len && t.at[at] != '\n' && t.at[at] != '\r'; at += len) {
		enum char_class is = class_at(t, at, &len);

		if (byte_lower(t.at[at]) >= 'a' && byte_lower(t.at[at]) <= 'z')
			break;
		number = is != CHAR_RIGHT && (number || value_at(t, at));
	}
	return number;
}

/* Is it a word of digits and of letters that look like them, and has both? */
static bool looks_like_number(struct text t, size_t at)
{
	bool digit = false, letter = false;

	for (; at < t.len && byte_word(t.at[at]); at++) {
		bool alike = byte_lower(t.at[at]) == 'o' || t.at[at] == 'l' || t.at[at] == 'I';

		if (!alike && !byte_digit(t.at[at]))
			return false;
		digit = digit || !alike;
		letter = letter || alike;
	}
	return digit && letter;
}

/* A number that the next line begins with is read, too, but nobody looks for one in other characters there. */
static bool same_line(struct text t, size_t at)
{
	while (at > 0 && before_number(t.at[at - 1]))
		at--;
	return at > 0 && !byte_blank(t.at[at - 1]);
}

static const char *why_begin(const struct bug_list *list)
{
	struct text t = list->t;
	size_t at = list->from;

	if (!same_line(t, at))
		return NULL;
	if (stands_for_number(t, at))
		return foreign;
	if (is_moved(t, at))
		return moved;
	return list->word && looks_like_number(t, at) ? letters : NULL; /* "debug O0" */
}

static const char *why_end(struct text t, size_t at)
{
	if (goes_on(t, at))
		return beside;
	return is_moved(t, at) ? moved : NULL;
}

static const char *why_list(struct bug_list *list)
{
	const char *why;

	do {
		why = why_begin(list);
		if (why || list->end == list->from)
			return why;
		why = why_end(list->t, list->end);
		if (!why && list->whole > list->end)
			why = why_end(list->t, list->whole);
	} while (!why && bug_list_next(list));
	return why;
}

/* The next begin of a keyword, nearly, at `at` or behind; or the end. */
static size_t next_keyword(struct text t, size_t at)
{
	for (; t.len - at > WIDE; at += WIDE) {
		size_t first = wide_first(wide_keyword(t.at + at));

		if (first < WIDE)
			return at + first;
	}
	while (at < t.len && byte_lower(t.at[at]) != 'b')
		at++;
	return at;
}

const char *message_misnames(struct text t)
{
	const char *why = NULL;
	struct bug_list list;

	for (size_t i = 0; !why && (i = next_keyword(t, i)) < t.len; i++)
		if (bug_list_begin(t, i, &list))
			why = why_list(&list);
	return why;
}
