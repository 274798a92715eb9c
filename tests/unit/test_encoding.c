/* What encodings a commit may name, and that what is believed of them is so. */
#include "policy/encoding.h"

#include <iconv.h>
#include <string.h>

#include "policy/message_scan.h"
#include "tests/support/suite.h"

static const char *const plain[] = {
	"UTF-8",        "utf8",        "US-ASCII",   "ascii",        "latin1",       "latin-1",
	"KOI8-R",       "koi8-u",      "ISO-8859-1", "iso8859-1",    "ISO_8859-1",   "ISO-8859-2",
	"ISO-8859-3",   "ISO-8859-4",  "ISO-8859-5", "ISO-8859-7",   "ISO-8859-9",   "ISO-8859-10",
	"ISO-8859-13",  "ISO-8859-14", "iso8859-15", "ISO-8859-16",  "windows-1250", "windows-1251",
	"Windows-1252", "CP1252",      "cp1253",     "windows-1254", "windows-1257",
};

/* What a text in that encoding becomes in UTF-8; its length, or -1: it is none. */
static int converted(iconv_t with, const char *in, size_t n, char *ret, size_t size)
{
	char copy[8], *from = copy, *to = ret;
	size_t left = n, room = size;

	memcpy(copy, in, n);
	(void)iconv(with, NULL, NULL, NULL, NULL);
	if (iconv(with, &from, &left, &to, &room) == (size_t)-1 || iconv(with, NULL, NULL, &to, &room) == (size_t)-1)
		return -1;
	return (int)(size - room);
}

/* Whatever bytes stand before it, a byte below 0x80 is shown as itself, or the text is not shown in that encoding. What
 * holds is not told to Check, a million times. */
static size_t shows_ascii(const char *name, iconv_t with)
{
	static const char ends[] = {'4', '\\'};
	char in[3], out[32];
	size_t shown = 0;

	for (unsigned pair = 0; pair < 65536; pair++)
		for (size_t i = 0; i < sizeof ends; i++) {
			const unsigned a = pair >> 8, b = pair & 0xff;
			int n;

			in[0] = (char)a;
			in[1] = (char)b;
			in[2] = ends[i];
			n = converted(with, in, 3, out, sizeof out);
			shown += n >= 0;
			if (n >= 0 &&
			    (n == 0 || out[n - 1] != ends[i] || (b < 0x80 && (n < 2 || out[n - 2] != (char)b))))
				ck_abort_msg("%s: %02x %02x %c", name, a, b, ends[i]);
		}
	return shown;
}

START_TEST(in_an_encoding_that_is_taken_every_byte_of_ascii_is_ascii)
{
	for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
		iconv_t with = iconv_open("UTF-8", plain[i]);

		ck_assert_msg(encoding_is_ascii(text_of(plain[i])), "%s", plain[i]);
		if (with == (iconv_t)-1) {
			ck_assert_str_eq(plain[i], "latin-1"); /* git's own name */
			continue;
		}
		ck_assert_uint_ge(shows_ascii(plain[i], with), 128 * 128 * 2); /* ASCII itself, at least */
		(void)iconv_close(with);
	}
}
END_TEST

/* Messages in which one byte (here X) could mislead; all of ASCII else. */
static const char *const around[] = {"Bug 123X4567 - it", "Bug 123X", "Bug X1234567", "BugX123", "Bug 123 X4567",
				     "Fix a=bXob",        "X",        "12345X67"};

static struct text with_byte(const char *message, struct text instead, char *room)
{
	size_t at = strcspn(message, "X"), left = strlen(message) - at - 1;

	memcpy(room, message, at);
	memcpy(room + at, instead.at, instead.len);
	memcpy(room + at + instead.len, message + at + 1, left);
	return (struct text){room, at + instead.len + left};
}

static bool same_bugs(const struct message *a, const struct message *b)
{
	return a->bugs.n == b->bugs.n &&
	       (a->bugs.n == 0 || memcmp(a->bugs.at, b->bugs.at, a->bugs.n * sizeof(int64_t)) == 0);
}

/* What a byte over 0x7f becomes: no digit, and where it makes what is shown mislead, its bytes are not believed. */
static void is_harmless(const char *name, struct text byte, struct text shown)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text header = arena_printf(&arena, "encoding %s\n", name);
	size_t len;

	ck_assert_int_eq(message_char(shown, 0, &len) == CHAR_DIGIT, 0);
	for (size_t i = 0; i < sizeof around / sizeof around[0]; i++) {
		char raw[40], read[40];
		struct text is = with_byte(around[i], byte, raw), seen = with_byte(around[i], shown, read);
		struct message judged, converted;

		message_parse(is, &arena, &judged);
		message_parse(seen, &arena, &converted);
		ck_assert_msg(judged.suspicious || !converted.suspicious || !encoding_shows(header, is),
			      "%s: %02x in %s is shown with %s", name, (unsigned char)byte.at[0], around[i],
			      converted.why_suspicious);
		ck_assert_msg(same_bugs(&judged, &converted), "%s: %02x in %s", name, (unsigned char)byte.at[0],
			      around[i]);
	}
}

START_TEST(in_an_encoding_that_is_taken_no_byte_misleads_unnoticed)
{
	for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
		iconv_t with = iconv_open("UTF-8", plain[i]);

		for (unsigned c = 0x80; with != (iconv_t)-1 && c <= 0xff; c++) {
			char byte = (char)c, out[8];
			int n = converted(with, &byte, 1, out, sizeof out);

			if (n > 0)
				is_harmless(plain[i], (struct text){&byte, 1}, (struct text){out, (size_t)n});
		}
		if (with != (iconv_t)-1)
			(void)iconv_close(with);
	}
}
END_TEST

static const char *const other[] = {
	"EUC-JP",
	"eucJP",
	"EUC-KR",
	"euckr",
	"EUC-CN",
	"euccn",
	"EUC-TW",
	"GB2312",
	"ISO-8859-11",
	"UTF-7",
	"utf7",
	"UTF-16",
	"UTF-16LE",
	"UTF-32",
	"UCS-2",
	"IBM037",
	"CP037",
	"EBCDIC-US",
	"ISO-2022-JP",
	"ISO-2022-KR",
	"HZ",
	"Shift_JIS",
	"SJIS",
	"CP932",
	"GBK",
	"GB18030",
	"BIG5",
	"JOHAB",
	"ISO-8859-6",
	"ISO-8859-8",
	"windows-1255",
	"windows-1256",
	"CP1258",
	"ISO-8859-1//",
	"UTF-7//IGNORE",
	"UTF-8//TRANSLIT",
	"ISO-8859-",
	"ISO-8859-12",
	"ISO-8859-1E",
	"cp",
	"cp125",
	"windows-12520",
	"",
	" ",
	" UTF-8",
	"UTF-8 ",
	"UTF-8\r",
	"UTF",
	"UTF-80",
	"8859_1",
	"binary",
};

START_TEST(any_other_is_not_taken)
{
	ck_assert_msg(!encoding_is_ascii(text_of(other[_i])), "%s", other[_i]);
}
END_TEST

#define COMMIT "tree 1\nparent 2\nauthor a <a@b> 1 +0000\ncommitter a <a@b> 1 +0000\n"

static const struct {
	const char *header;
	bool plain;
} headers[] = {
	{COMMIT "encoding EUC-JP\n", false}, /* "Bug 123" and full-width digits, in bytes over 0x7f */
	{COMMIT "encoding ISO-8859-11\n", false},
	{"", true},
	{COMMIT, true},
	{"tree 1\nauthor a", true},
	{COMMIT "encoding UTF-8\n", true},
	{COMMIT "encoding UTF-8", true},
	{COMMIT "encoding ISO-8859-15\ngpgsig x\n y\n", true},
	{COMMIT "gpgsig x\n encoding UTF-7\n", true}, /* a line that goes on: no header of its own */
	{COMMIT "xencoding UTF-7\n", true},
	{COMMIT "encoding UTF-7\n", false},
	{COMMIT "encoding UTF-7", false},
	{COMMIT "encoding IBM037\n", false},
	{COMMIT "encoding UTF-8\nencoding UTF-7\n", false},
	{COMMIT "encoding UTF-7\nencoding UTF-8\n", false},
	{"encoding UTF-7\n" COMMIT, false},
	{COMMIT "encoding \n", false},
	{COMMIT "encoding\n", false},
	{COMMIT "encoding", false},
	{COMMIT "encoding\tUTF-8\n", false},
	{COMMIT "encoding  UTF-8\n", false},
	{COMMIT "encoding UTF-8\r\n", false},
};

START_TEST(a_header_is_taken_if_every_encoding_that_it_names_is)
{
	ck_assert_msg(encoding_shows(text_of(headers[_i].header), TEXT_LIT("Bug 123")) == headers[_i].plain, "%s",
		      headers[_i].header);
}
END_TEST

START_TEST(a_name_that_ends_in_a_nul_is_another_name)
{
	ck_assert(!encoding_is_ascii(TEXT_LIT("UTF-8\0")));
	ck_assert(!encoding_shows(TEXT_LIT(COMMIT "encoding UTF-8\0\n"), TEXT_EMPTY));
}
END_TEST

static const struct {
	const char *header, *message;
	bool shown;
} hidden[] = {
	{"", "Bug 12\xad\x9b", true}, /* bytes that are no UTF-8, and shown as such */
	{"encoding UTF-8\n", "a=b\xad", true},
	{"encoding latin1\n", "a=b\xadob", false}, /* shown as "a=bob" */
	{"encoding windows-1252\n", "a=b\xadob", false},
	{"encoding windows-1252\n", "it\x92s", true},
	{"encoding ISO-8859-15\n",
	 "\x9b"
	 "8m a=bob",
	 false}, /* a terminal shows nothing of it */
	{"encoding KOI8-R\n", "\xad\x9b", true},
	{"encoding ISO-8859-2\n", "za\xbf\xf3\xb3\xe6", true},
	{"encoding KOI8-R\nencoding latin1\n", "\x9b", false},
};

START_TEST(what_would_be_hidden_is_not_shown)
{
	ck_assert_int_eq(encoding_shows(text_of(hidden[_i].header), text_of(hidden[_i].message)), hidden[_i].shown);
}
END_TEST

static const struct {
	const char *header, *other;
	bool same;
} pairs[] = {
	{"", "", true},
	{COMMIT, "tree 2\n", true},
	{COMMIT "encoding UTF-8\n", "tree 2\nencoding UTF-8\nx\n", true},
	{COMMIT "encoding UTF-8\n", COMMIT, false},
	{COMMIT, COMMIT "encoding latin1\n", false},
	{"encoding latin1\n", "encoding KOI8-R\n", false},
	{"encoding latin1\n", "encoding latin1\nencoding KOI8-R\n", false},
	{"encoding latin1", "encodinglatin1", false},
};

START_TEST(headers_that_name_the_same_encoding_show_alike)
{
	struct text a = text_of(pairs[_i].header), b = text_of(pairs[_i].other);

	ck_assert_int_eq(encoding_is_same(a, b), pairs[_i].same);
	ck_assert_int_eq(encoding_is_same(b, a), pairs[_i].same);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(in_an_encoding_that_is_taken_no_byte_misleads_unnoticed),
	SUITE_ROWS(what_would_be_hidden_is_not_shown, hidden),
	SUITE_ROWS(headers_that_name_the_same_encoding_show_alike, pairs),
	SUITE_TEST(in_an_encoding_that_is_taken_every_byte_of_ascii_is_ascii),
	SUITE_ROWS(any_other_is_not_taken, other),
	SUITE_ROWS(a_header_is_taken_if_every_encoding_that_it_names_is, headers),
	SUITE_TEST(a_name_that_ends_in_a_nul_is_another_name),
	SUITE_END,
};
SUITE_MAIN(tests)
