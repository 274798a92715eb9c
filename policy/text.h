/*
 * text: length-carrying slices of bytes, compared without locale. A slice borrows; who owns the bytes is said where
 * it is made (arena, static string, a buffer). `at` may be NULL only when len is 0. Not NUL-terminated unless said.
 */
#ifndef POLICY_TEXT_H
#define POLICY_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
	const char *at;
	size_t len;
};

#define TEXT_EMPTY  ((struct text){NULL, 0})
#define TEXT_LIT(s) ((struct text){(s), sizeof(s) - 1})
/* For printf: "%.*s", TEXT_ARG(t). Truncates at INT_MAX. */
#define TEXT_ARG(t) (int)((t).len > 0x7fffffff ? 0x7fffffff : (t).len), ((t).at ? (t).at : "")

struct text text_of(const char *s); /* borrows s; NULL gives the empty slice */
bool text_eq(struct text a, struct text b);
bool text_is(struct text a, const char *s);
bool text_eq_nocase(struct text a, struct text b); /* ASCII letters only */
bool text_starts(struct text t, struct text prefix);
bool text_ends(struct text t, struct text suffix);
int text_cmp(struct text a, struct text b); /* bytewise, shorter first */

/* Offset of the first byte of needle in t, or SIZE_MAX. */
size_t text_find(struct text t, struct text needle);

/* Decimal int64 in canonical form (no sign but '-', no leading zeros); false: not one, or out of range. */
bool text_int64(struct text t, int64_t *ret);

/* Cuts to at most max bytes, at a word where there is one and never inside a UTF-8 sequence. */
struct text text_cut(struct text t, size_t max);

/* True if the bytes are well-formed UTF-8 (no surrogates, no overlong forms, at most U+10FFFF). */
bool text_utf8(struct text t);

/* The candidate nearest to `word` (edit distance at most 2, and less than half of its length), or NULL. */
const char *text_nearest(struct text word, const char *const *candidates, size_t n);

#endif
