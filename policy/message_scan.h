/*
 * message_scan: the pieces that a reading of a commit message is put together from (message.c); nobody else includes
 * it. The byte classes are those of regular expressions in byte mode: no byte over 0x7f is a letter, a digit or a
 * blank.
 */
#ifndef POLICY_MESSAGE_SCAN_H
#define POLICY_MESSAGE_SCAN_H

#include <string.h>

#include "policy/message.h"

static inline bool byte_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline int byte_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

static inline bool byte_word(char c)
{
	return byte_digit(c) || c == '_' || (byte_lower(c) >= 'a' && byte_lower(c) <= 'z');
}

static inline bool byte_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool byte_separator(char c) /* what a flag or an override word may follow */
{
	return byte_blank(c) || c == '(' || c == '.' || c == '[' || c == ';' || c == ',';
}

/* True at the end of t, or before a byte that continues no word. `at` follows a byte of a word. */
static inline bool word_ends(struct text t, size_t at)
{
	return at == t.len || !byte_word(t.at[at]);
}

/* Sixteen bytes at once: compared with something, each becomes all ones or all zeros. */
enum { WIDE = 16 };
typedef unsigned char wide __attribute__((vector_size(WIDE)));
typedef uint64_t wide_halves __attribute__((vector_size(WIDE)));

static inline wide wide_at(const char *at)
{
	wide bytes;

	memcpy(&bytes, at, sizeof bytes);
	return bytes;
}

static inline size_t half_first(uint64_t found)
{
	bool low_first = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;

	return (size_t)(low_first ? __builtin_ctzll(found) : __builtin_clzll(found)) / 8;
}

/* Where the first byte is that is not 0; WIDE: none. */
static inline size_t wide_first(wide found)
{
	wide_halves half = (wide_halves)found;

	if (half[0] != 0)
		return half_first(half[0]);
	return half[1] != 0 ? WIDE / 2 + half_first(half[1]) : WIDE;
}

/* Each byte with which "bug" or "b=" may begin: all ones. Reads one byte more than it judges. */
static inline wide wide_keyword(const char *at)
{
	wide x = wide_at(at), after = wide_at(at + 1);

	return (wide)(((x | 0x20) == 'b') & (((after | 0x20) == 'u') | (after == '=')));
}

/* The bytes of "bug" or "b=" at `at`; 0: neither. */
static inline size_t bug_keyword(struct text t, size_t at)
{
	if (at >= t.len || byte_lower(t.at[at]) != 'b')
		return 0;
	if (at + 1 < t.len && t.at[at + 1] == '=')
		return 2;
	if (at + 2 < t.len && byte_lower(t.at[at + 1]) == 'u' && byte_lower(t.at[at + 2]) == 'g')
		return 3;
	return 0;
}

static inline size_t digits_end(struct text t, size_t at)
{
	while (at < t.len && byte_digit(t.at[at]))
		at++;
	return at;
}

/* Cuts the first line off *rest, its end too. False: nothing is left. */
bool message_line(struct text *rest, struct text *ret);

enum char_class {
	CHAR_SEEN,
	CHAR_NONE,    /* bytes that are no UTF-8 */
	CHAR_CONTROL, /* this and the next three mislead wherever they stand */
	CHAR_INVISIBLE,
	CHAR_DIRECTION,
	CHAR_LINE_END,
	CHAR_JOINER,   /* tells whether its neighbours are written as one */
	CHAR_SELECTOR, /* chooses how the character before it looks */
	CHAR_UNSEEN,   /* a mark on the character before it, or perhaps nothing */
	CHAR_BLANK,    /* looks like what may stand before a number: a blank or a '#' */
	CHAR_DIGIT,    /* decimal, and not ASCII's */
	CHAR_NUMBER,   /* has a value, as a superscript has */
	CHAR_RIGHT,    /* is written from right to left, and numbers behind it with it */
	CHAR_STOP,     /* punctuation: no number goes on behind it */
	CHAR_APART,    /* like it, unless a digit is next: Han, kana, Hangul, what looks like a comma or a dot */
};
/* Of the byte over 0x7f at `at`: what begins there, and how many bytes that is. */
enum char_class message_char(struct text t, size_t at, size_t *ret_len);

/* Reasons into m->suspicions. */
void message_suspect(struct text bytes, struct message *m);
/* Why people could read the number of a bug, or of one more, where another is read; NULL: nothing is found. */
const char *message_misnames(struct text bytes);

struct token_plan {
	bool groups; /* a name may be "#group" and may end in '!' */
	size_t most; /* names that are kept: the first */
};
/* Flags with names in one line. */
void message_tokens(struct text line, struct token_plan plan, struct arena *arena, struct message *m);

/* Strictly: the numbers behind one keyword. */
struct bug_list {
	struct text t;
	size_t from, end; /* a number; the same: none stands where one would be read, at `from` */
	size_t whole;     /* where it ends if groups of thousands follow; else `end` */
	size_t grouped;   /* where the last such group ended */
	bool word;        /* the keyword begins one */
};
/* False: there is no keyword at `at`. */
bool bug_list_begin(struct text t, size_t at, struct bug_list *ret);
/* False: the list ends with its number. */
bool bug_list_next(struct bug_list *list);

struct message_bug_lists {
	struct message_bugs every, conservative;
};
enum bug_mode { BUGS_STRICTLY, BUGS_CONSERVATIVE, BUGS_BY_ORIGIN };
void message_bugs(struct text t, enum bug_mode mode, struct arena *arena, struct message_bug_lists *ret);

/* BUGS_BY_ORIGIN: conservative if the text itself says that it comes from GitHub, or bumps gaia.json. */
struct message_bugs message_bugs_by(struct text t, enum bug_mode mode, const struct message_bug_lists *lists);

/* The union of several texts' bugs, in order. The set lives in `scratch`, its list where it is asked for. */
struct bug_set;
struct bug_set *bug_set_new(struct arena *scratch);
void bug_set_read(struct bug_set *set, struct text t, enum bug_mode mode);
struct message_bugs bug_set_list(const struct bug_set *set, struct arena *arena);

struct undo_plan {
	enum bug_mode bugs;
	bool revert_words; /* "revert", "reverted to", ... begin a backout, too */
};
/* m->first_line and m->bugs are there already. */
void message_backouts(struct text bytes, struct undo_plan plan, struct arena *arena, struct message *m);
void message_reverts(struct text bytes, struct undo_plan plan, struct arena *arena, struct message *m);

#endif
