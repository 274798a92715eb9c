/* What encodings a commit may name, and that what is believed of them is so. */
#include "policy/encoding.h"

#include <iconv.h>
#include <string.h>

#include "tests/support/suite.h"

static const char *const plain[] = {
	"UTF-8",       "utf8",         "US-ASCII",     "ascii",        "latin1",       "latin-1",      "KOI8-R",
	"koi8-u",      "EUC-JP",       "eucJP",        "EUC-KR",       "euckr",        "EUC-CN",       "euccn",
	"EUC-TW",      "GB2312",       "ISO-8859-1",   "iso8859-1",    "ISO_8859-1",   "ISO-8859-2",   "ISO-8859-3",
	"ISO-8859-4",  "ISO-8859-5",   "ISO-8859-7",   "ISO-8859-9",   "ISO-8859-10",  "ISO-8859-11",  "ISO-8859-13",
	"ISO-8859-14", "iso8859-15",   "ISO-8859-16",  "windows-1250", "windows-1251", "Windows-1252", "CP1252",
	"cp1253",      "windows-1254", "windows-1257",
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

static const char *const other[] = {
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
	ck_assert_msg(encoding_of_header_is_ascii(text_of(headers[_i].header)) == headers[_i].plain, "%s",
		      headers[_i].header);
}
END_TEST

START_TEST(a_name_that_ends_in_a_nul_is_another_name)
{
	ck_assert(!encoding_is_ascii(TEXT_LIT("UTF-8\0")));
	ck_assert(!encoding_of_header_is_ascii(TEXT_LIT(COMMIT "encoding UTF-8\0\n")));
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(in_an_encoding_that_is_taken_every_byte_of_ascii_is_ascii),
	SUITE_ROWS(any_other_is_not_taken, other),
	SUITE_ROWS(a_header_is_taken_if_every_encoding_that_it_names_is, headers),
	SUITE_TEST(a_name_that_ends_in_a_nul_is_another_name),
	SUITE_END,
};
SUITE_MAIN(tests)
