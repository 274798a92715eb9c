#include "policy/encoding.h"

#include <string.h>

/*
 * Left out on purpose: encodings with states (UTF-7, ISO-2022, HZ), of two bytes (UTF-16) and without ASCII (EBCDIC);
 * those whose characters can end in a byte below 0x80 (Shift_JIS, Big5, GBK, GB18030, Johab); those with digits beside
 * ASCII's (all EUC: full-width ones; ISO-8859-11: Thai); the Hebrew and Arabic ones, which have marks for the
 * direction; windows-1258, whose accents change the letter before them.
 */
static const char *const alone[] = {"utf-8", "utf8", "us-ascii", "ascii", "koi8-r", "koi8-u"};

static const char *const latin[] = {"iso-8859-", "iso8859-", "iso_8859-"};
static const char *const latin_parts[] = {"1", "2", "3", "4", "5", "7", "9", "10", "13", "14", "15", "16"};
static const char *const latin_names[] = {"latin1", "latin-1"};

static const char *const windows[] = {"windows-", "cp"};
static const char *const windows_pages[] = {"1250", "1251", "1252", "1253", "1254", "1257"};

static bool among(struct text name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text_eq_nocase(name, text_of(names[i])))
			return true;
	return false;
}

#define AMONG(name, names) among((name), (names), sizeof(names) / sizeof *(names))

/* Takes one of these beginnings off. */
static bool begins(struct text name, const char *const *with, size_t n, struct text *ret_rest)
{
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(with[i]);

		if (name.len < len || !text_eq_nocase((struct text){name.at, len}, text_of(with[i])))
			continue;
		*ret_rest = (struct text){name.at + len, name.len - len};
		return true;
	}
	return false;
}

static bool is_latin(struct text name)
{
	struct text rest;

	return AMONG(name, latin_names) ||
	       (begins(name, latin, sizeof latin / sizeof *latin, &rest) && AMONG(rest, latin_parts));
}

static bool is_windows(struct text name)
{
	struct text rest;

	return begins(name, windows, sizeof windows / sizeof *windows, &rest) && AMONG(rest, windows_pages);
}

bool encoding_is_ascii(struct text name)
{
	return AMONG(name, alone) || is_latin(name) || is_windows(name);
}

/* A soft hyphen, which is not seen; in ISO's control characters, too, which a terminal obeys. */
static bool hides(struct text name, struct text message)
{
	bool latin_one = is_latin(name);

	if (!latin_one && !is_windows(name))
		return false;
	for (size_t i = 0; i < message.len; i++) {
		unsigned char c = (unsigned char)message.at[i];

		if (c == 0xad || (latin_one && c >= 0x80 && c <= 0x9f))
			return true;
	}
	return false;
}

/* The next line that begins with "encoding", off *header; false: none. Not every reader wants the blank behind it. */
static bool next_named(struct text *header, struct text *ret)
{
	const struct text key = TEXT_LIT("encoding");

	while (header->len > 0) {
		const char *end = memchr(header->at, '\n', header->len);
		size_t len = end ? (size_t)(end - header->at) : header->len, past = len + (end != NULL);
		struct text line = {header->at, len};

		*header = (struct text){header->at + past, header->len - past};
		if (text_starts(line, key)) {
			*ret = (struct text){line.at + key.len, line.len - key.len};
			return true;
		}
	}
	return false;
}

bool encoding_shows(struct text header, struct text message)
{
	struct text name;

	while (next_named(&header, &name)) {
		if (name.len == 0 || name.at[0] != ' ')
			return false;
		name = (struct text){name.at + 1, name.len - 1};
		if (!encoding_is_ascii(name) || hides(name, message))
			return false;
	}
	return true;
}

bool encoding_is_same(struct text header, struct text other)
{
	struct text a, b;
	bool more;

	do {
		more = next_named(&header, &a);
		if (more != next_named(&other, &b) || (more && !text_eq(a, b)))
			return false;
	} while (more);
	return true;
}
