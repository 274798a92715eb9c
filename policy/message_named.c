/*
 * How people name bugs, for the strict reading: more than version-control-tools know, for a bug that is read where none
 * was meant can only deny. "bug" or "b=", then blanks and '#', then a number, whatever letter follows it; then more
 * numbers, each behind `,`, `&`, `/`, `+` or "and". As a word of its own it may be "bugs", too, and one of `:.-` may
 * follow: "debug-4.3" is not about bug 4, nor "bugs. 3 tests" about bug 3.
 *
 * Of what may be one number in groups of thousands or several, all are read: "1,234,567" is also bug 1234567.
 */
#include "policy/message_scan.h"

#include <string.h>

enum { GROUP_DIGITS = 3, GROUPS = 2 }; /* a third group makes a number that is none */

static size_t blanks_end(struct text t, size_t at, bool hash)
{
	while (at < t.len && (byte_blank(t.at[at]) || (hash && t.at[at] == '#')))
		at++;
	return at;
}

static size_t hashes_end(struct text t, size_t at, const char *passed)
{
	while (at < t.len && t.at[at] != '\0' && strchr(passed, t.at[at]))
		at++;
	return at;
}

static bool groups(char c)
{
	return c == ' ' || c == ',' || c == '.' || c == '\'' || c == '_';
}

/* Behind the digits that end at `end`: where groups of thousands end. */
static size_t grouped_end(struct text t, size_t end)
{
	for (int n = 0; n < GROUPS; n++) {
		if (end == t.len || !groups(t.at[end]) || digits_end(t, end + 1) != end + 1 + GROUP_DIGITS)
			break;
		end += 1 + GROUP_DIGITS;
	}
	return end;
}

static void read_number(struct bug_list *list, size_t from)
{
	size_t end = digits_end(list->t, from);
	bool begins = end > from && end - from <= GROUP_DIGITS && from >= list->grouped; /* a group begins no other */

	list->from = from;
	list->end = end;
	list->whole = begins ? grouped_end(list->t, end) : end;
	if (begins)
		list->grouped = list->whole;
}

/* Behind "bug" as a word: where a number must begin. A list that begins on the next line, or a sentence, names none. */
static size_t extended_end(struct text t, size_t at)
{
	size_t from = at;

	if (at < t.len && byte_lower(t.at[at]) == 's')
		at++;
	if (at < t.len && t.at[at] == '.')
		return hashes_end(t, at + 1, "#");
	if (at < t.len && (t.at[at] == ':' || t.at[at] == '-'))
		at++;
	return at > from ? hashes_end(t, at, " \t#") : blanks_end(t, at, true);
}

bool bug_list_begin(struct text t, size_t at, struct bug_list *ret)
{
	size_t len = bug_keyword(t, at);
	bool word;

	if (len == 0)
		return false;
	word = at == 0 || t.at[at - 1] == '_' || !byte_word(t.at[at - 1]);
	at += len;
	*ret = (struct bug_list){.t = t, .word = word};
	read_number(ret, word && len == 3 ? extended_end(t, at) : blanks_end(t, at, true));
	return true;
}

/* Where a separator ends, of several the last; `at` itself: there is none. */
static size_t separator_end(struct text t, size_t at)
{
	for (size_t next = at;;) {
		next = blanks_end(t, next, false);
		if (next < t.len && (t.at[next] == ',' || t.at[next] == '&' || t.at[next] == '/' || t.at[next] == '+'))
			next++;
		else if (t.len - next >= 3 && text_eq_nocase((struct text){t.at + next, 3}, TEXT_LIT("and")))
			next += 3;
		else
			return at;
		at = next;
	}
}

bool bug_list_next(struct bug_list *list)
{
	size_t end = list->end, next = separator_end(list->t, end);

	if (next == end && list->grouped > end) {
		end = list->grouped;
		next = separator_end(list->t, end);
	}
	if (next == end)
		return false;
	read_number(list, blanks_end(list->t, next, true));
	return true;
}
