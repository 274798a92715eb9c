#include "policy/text.h"

#include <string.h>

struct text text_of(const char *s)
{
	return s ? (struct text){s, strlen(s)} : TEXT_EMPTY;
}

bool text_eq(struct text a, struct text b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

bool text_is(struct text a, const char *s)
{
	return text_eq(a, text_of(s));
}

static unsigned char lower(char c)
{
	unsigned char u = (unsigned char)c;

	return u >= 'A' && u <= 'Z' ? (unsigned char)(u + 32) : u;
}

bool text_eq_nocase(struct text a, struct text b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (lower(a.at[i]) != lower(b.at[i]))
			return false;
	return true;
}

bool text_starts(struct text t, struct text prefix)
{
	return t.len >= prefix.len && text_eq((struct text){t.at, prefix.len}, prefix);
}

bool text_ends(struct text t, struct text suffix)
{
	return t.len >= suffix.len &&
	       (suffix.len == 0 || memcmp(t.at + (t.len - suffix.len), suffix.at, suffix.len) == 0);
}

int text_cmp(struct text a, struct text b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int order = n == 0 ? 0 : memcmp(a.at, b.at, n);

	if (order != 0)
		return order;
	return a.len < b.len ? -1 : a.len > b.len;
}

size_t text_find(struct text t, struct text needle)
{
	if (needle.len == 0)
		return 0;
	for (size_t i = 0; i + needle.len <= t.len; i++)
		if (memcmp(t.at + i, needle.at, needle.len) == 0)
			return i;
	return SIZE_MAX;
}

static bool canonical(struct text digits)
{
	if (digits.len == 0 || digits.len > 19 || (digits.len > 1 && digits.at[0] == '0'))
		return false;
	for (size_t i = 0; i < digits.len; i++)
		if (digits.at[i] < '0' || digits.at[i] > '9')
			return false;
	return true;
}

bool text_int64(struct text t, int64_t *ret)
{
	bool minus = t.len > 0 && t.at[0] == '-';
	struct text digits = minus ? (struct text){t.at + 1, t.len - 1} : t;
	uint64_t n = 0, max = (uint64_t)INT64_MAX + (minus ? 1 : 0);

	if (!canonical(digits) || (minus && digits.at[0] == '0'))
		return false;
	for (size_t i = 0; i < digits.len; i++) /* at most 19 digits: no overflow of uint64 */
		n = n * 10 + (uint64_t)(digits.at[i] - '0');
	if (n > max)
		return false;
	if (minus)
		*ret = n == max ? INT64_MIN : -(int64_t)n;
	else
		*ret = (int64_t)n;
	return true;
}

static bool continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

struct text text_cut(struct text t, size_t max)
{
	size_t end = max, word;

	if (t.len <= max)
		return t;
	while (end > 0 && continuation(t.at[end]))
		end--;
	for (word = end; word > 0 && t.at[word] != ' '; word--)
		;
	if (word > max / 2)
		end = word;
	while (end > 0 && t.at[end - 1] == ' ')
		end--;
	return (struct text){t.at, end};
}

/* Length of the well-formed UTF-8 sequence at i (Unicode table 3-7), 0 if there is none. */
static size_t sequence(struct text t, size_t i)
{
	unsigned char c = (unsigned char)t.at[i], second_min = 0x80, second_max = 0xbf;
	size_t n = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;

	if (n == 0 || i + n > t.len)
		return 0;
	if (c == 0xe0)
		second_min = 0xa0;
	else if (c == 0xed)
		second_max = 0x9f;
	else if (c == 0xf0)
		second_min = 0x90;
	else if (c == 0xf4)
		second_max = 0x8f;
	if (n > 1 && ((unsigned char)t.at[i + 1] < second_min || (unsigned char)t.at[i + 1] > second_max))
		return 0;
	for (size_t k = 2; k < n; k++)
		if (!continuation(t.at[i + k]))
			return 0;
	return n;
}

bool text_utf8(struct text t)
{
	for (size_t i = 0, n; i < t.len; i += n) {
		n = sequence(t, i);
		if (n == 0)
			return false;
	}
	return true;
}

#define WORD_MAX 64

/* Levenshtein distance of two short words, by rows. */
static size_t distance(struct text a, struct text b)
{
	size_t row[WORD_MAX + 1];

	if (a.len > WORD_MAX || b.len > WORD_MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= b.len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			size_t above = row[j], cost = a.at[i - 1] == b.at[j - 1] ? diagonal : diagonal + 1;

			if (above + 1 < cost)
				cost = above + 1;
			if (row[j - 1] + 1 < cost)
				cost = row[j - 1] + 1;
			row[j] = cost;
			diagonal = above;
		}
	}
	return row[b.len];
}

const char *text_nearest(struct text word, const char *const *candidates, size_t n)
{
	const char *best = NULL;
	size_t best_distance = 3;

	for (size_t i = 0; i < n; i++) {
		size_t d = distance(word, text_of(candidates[i]));

		if (d < best_distance && d * 2 < word.len) {
			best = candidates[i];
			best_distance = d;
		}
	}
	return best;
}
