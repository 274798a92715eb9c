#include "policy/encoding.h"

#include <string.h>

/*
 * Left out on purpose: encodings with states (UTF-7, ISO-2022, HZ), of two bytes (UTF-16) and without ASCII (EBCDIC);
 * those whose characters can end in a byte below 0x80 (Shift_JIS, Big5, GBK, GB18030, Johab); the Hebrew and Arabic
 * ones, which have marks for the direction; windows-1258, whose accents change the letter before them.
 */
static const char *const alone[] = {
	"utf-8",  "utf8",   "us-ascii", "ascii",  "latin1", "latin-1", "koi8-r", "koi8-u",
	"euc-jp", "euc-kr", "euc-cn",   "euc-tw", "eucjp",  "euckr",   "euccn",  "gb2312",
};

static const char *const latin[] = {"iso-8859-", "iso8859-", "iso_8859-"};
static const char *const latin_parts[] = {"1", "2", "3", "4", "5", "7", "9", "10", "11", "13", "14", "15", "16"};

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

bool encoding_is_ascii(struct text name)
{
	struct text rest;

	if (begins(name, latin, sizeof latin / sizeof *latin, &rest))
		return AMONG(rest, latin_parts);
	if (begins(name, windows, sizeof windows / sizeof *windows, &rest))
		return AMONG(rest, windows_pages);
	return AMONG(name, alone);
}

bool encoding_of_header_is_ascii(struct text header)
{
	const struct text key = TEXT_LIT("encoding");

	while (header.len > 0) {
		const char *end = memchr(header.at, '\n', header.len);
		struct text line = {header.at, end ? (size_t)(end - header.at) : header.len};
		size_t past = line.len + (end != NULL);

		/* "encoding" and whatever follows: not every reader wants the blank behind it. */
		if (text_starts(line, key) &&
		    (line.len == key.len || line.at[key.len] != ' ' ||
		     !encoding_is_ascii((struct text){line.at + key.len + 1, line.len - key.len - 1})))
			return false;
		header = (struct text){header.at + past, header.len - past};
	}
	return true;
}
