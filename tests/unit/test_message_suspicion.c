/* What misleads whoever reads a message, by example. */
#include "policy/message.h"

#include "tests/support/message_reference.h"
#include "tests/support/suite.h"

static void reads_as(enum message_dialect dialect, struct text message, const char *shown)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct message m;

	message_read(message, dialect, &arena, &m);
	ck_assert_str_eq(message_shown(&m, &arena).at, shown);
}

#define A       "aaaaaaaaaaa1"
#define BOTH(n) "bugs " n "; conservative " n

#define BYTES(s)                                                                                                       \
	{                                                                                                              \
		(s), sizeof(s) - 1                                                                                     \
	}
#define BYTE      "a control byte"
#define DIRECTION "a bidirectional control character"
#define INVISIBLE "an invisible character"
#define SPLIT     "a number that something unseen splits"
#define MIXED     "a number in digits of two scripts"
#define NUMBER    "the number of a bug in characters that are not ASCII"
#define BESIDE    "the number of a bug with something behind it that may belong to it"
#define LETTERS   "the number of a bug with letters that look like digits"
#define MOVED     "a number that right-to-left letters move"
#define MOVED_BUG "the number of a bug beside digits that right-to-left letters move"

static const struct {
	struct text message;
	const char *why;
} suspicious[] = {
	{BYTES("Fix a=bob\0"), BYTE},
	{BYTES("Fix a=bob\rmore"), BYTE},
	{BYTES("Fix a=bob\r"), BYTE},
	{BYTES("Fix a=bob\n\nbody \x1b[31m"), BYTE},
	{BYTES("Fix a=bob \x7f"), BYTE},
	{BYTES("Fix a=bob\v"), BYTE},
	{BYTES("Fix a=bob \xc2\x85 next"), "a control character"},
	{BYTES("Fix a=bob \xe2\x80\xae"), DIRECTION},
	{BYTES("Fix a=bob\n\n\xe2\x81\xa6hidden"), DIRECTION},
	{BYTES("Fix a=bob \xd8\x9c"), DIRECTION},
	{BYTES("Fix a=bob \xe2\x80\x8f"), DIRECTION},
	{BYTES("Fix a=b\xe2\x80\x8bob"), INVISIBLE},
	{BYTES("\xef\xbb\xbf"
	       "Fix a=bob"),
	 INVISIBLE},
	{BYTES("Fix a=bob\n\n\xe2\x81\xa0"), INVISIBLE},
	{BYTES("Fix a=bob\xc2\xad"), INVISIBLE},
	{BYTES("Fix a=bob \xe3\x85\xa4"), INVISIBLE},
	{BYTES("Fix a=bob\xf3\xa0\x81\xa1"), INVISIBLE},
	{BYTES("Fix a=bob \xf0\xe2\x80\xae"), DIRECTION},
	{BYTES("Fix\xe2\x80\xa8 a=bob"), "a line separator"},
	{BYTES("a=b\xe2\x80\x8dob"), INVISIBLE}, /* joiners: beside ASCII, a blank, or a digit of any kind */
	{BYTES("Bug 123\xe2\x80\x8c"
	       "4567"),
	 INVISIBLE},
	{BYTES("\xe2\x80\x8d\xc3\xa9"), INVISIBLE},
	{BYTES("\xc3\xa9\xe2\x80\x8d"), INVISIBLE},
	{BYTES("\xc3\xa9\xe2\x80\x8d"
	       "a"),
	 INVISIBLE},
	{BYTES("1\xe2\x80\x8d\xc3\xa9"), INVISIBLE},
	{BYTES("\xd9\xa1\xe2\x80\x8d\xd9\xa2"), INVISIBLE},
	{BYTES("\xc3\xa9\xe2\x80\x8d\xe2\x80\x8d\xc3\xa9"), INVISIBLE},
	{BYTES("\xc3\xa9\xc2\xa0\xe2\x80\x8d\xc3\xa9"), INVISIBLE},
	{BYTES("\xff\xe2\x80\x8d\xc3\xa9"), INVISIBLE},
	{BYTES("\xc3\xa9\x80\xe2\x80\x8d\xc3\xa9"), INVISIBLE},
	{BYTES("\xc3\xa9\xe2\x80\x8d\xff"), INVISIBLE},
	{BYTES("Bug 123\xcd\x8f"), INVISIBLE},       /* a joiner that joins nothing */
	{BYTES("Bug 1\xf0\x9b\xb2\xa0"), INVISIBLE}, /* a control of shorthand */
	{BYTES("Bug 1\xf0\x9d\x85\xb3"), INVISIBLE}, /* of music */
	{BYTES("\xe1\x9e\xb4 a=x"), INVISIBLE},      /* vowels that are not written */
	{BYTES("a=x \xef\xbf\xb0"), INVISIBLE},      /* what is reserved for such */
	{BYTES("a=x \xf3\xa0\x82\x80"), INVISIBLE},
	{BYTES("a=x \xf3\xa0\x87\xb0"), INVISIBLE},
	{BYTES("Fix a=b\xf3\xa0\x84\x80ob"), INVISIBLE}, /* selectors, behind ASCII */
	{BYTES("Bug 123\xf3\xa0\x87\xaf"), INVISIBLE},
	{BYTES("Bug 123\xef\xb8\x80 x"), INVISIBLE},
	{BYTES("Bug 123\xe1\xa0\x8d"), INVISIBLE},
	{BYTES("\xef\xb8\x8f"
	       "Bug 12"),
	 INVISIBLE},
	{BYTES("Fix 123\xef\xb8\x8f"), INVISIBLE},
	{BYTES("Fix 123\xef\xb8\x8e\xe2\x83\xa3"), INVISIBLE},
	{BYTES("Bug 123\xad"
	       "4567"),
	 SPLIT}, /* Latin-1 */
	{BYTES("Bug 123\xff\xe2\x80"
	       "4567"),
	 SPLIT},
	{BYTES("Bug 123\xcc\xb2"
	       "4567"),
	 SPLIT},
	{BYTES("Bug 123\xe2\x80\x8a"
	       "4567"),
	 SPLIT},
	{BYTES("Bug 123\xee\x80\x80"
	       "4567"),
	 SPLIT},
	{BYTES("Bug 1\xef\xb8\x8f\xe2\x83\xa3"
	       "2\xef\xb8\x8f\xe2\x83\xa3"),
	 SPLIT},
	{BYTES("Bug 123\xef\xbc\x94"), MIXED},
	{BYTES("Bug \xef\xbc\x94"
	       "123"),
	 MIXED},
	{BYTES("issue 12\xd9\xa3"), MIXED},
	{BYTES("issue 12\xdb\xb3"), MIXED},
	{BYTES("issue 12\xe0\xa5\xa6"), MIXED},
	{BYTES("issue 12\xf0\x9d\x9f\x8e"), MIXED},
	{BYTES("Bug \xef\xbc\x91\xef\xbc\x92"), NUMBER},
	{BYTES("bug\xef\xbc\x91"), NUMBER},
	{BYTES("B= #\xd9\xa1"), NUMBER},
	{BYTES("Bug\xc2\xa0"
	       "123"),
	 NUMBER},
	{BYTES("Bug\xa0"
	       "123"),
	 NUMBER},
	{BYTES("Bug \xef\xbc\x83"
	       "123"),
	 NUMBER},
	{BYTES("bug\t\xe3\x80\x80 # 123"), NUMBER},
	{BYTES("bug\xcc\x81 123"), NUMBER},
	{BYTES("Bug: \xef\xbc\x91"), NUMBER}, /* wherever a number is looked for */
	{BYTES("Bugs 12 and \xef\xbc\x91"), NUMBER},
	{BYTES("Bug \xe2\x84\x96 123"), NUMBER},
	{BYTES("Bug\xe2\xa0\x80"
	       "123"),
	 NUMBER}, /* braille without a dot */
	{BYTES("Bug \xc2\xb9\xc2\xb2\xc2\xb3"), NUMBER},
	{BYTES("Bug \xe2\x91\xa3\xe2\x91\xa4"), NUMBER},
	{BYTES("Bug \xd0\x97"
	       "123"),
	 NUMBER}, /* a Cyrillic letter like 3 */
	{BYTES("Bug \xff"
	       "123"),
	 NUMBER},
	{BYTES("Bug 123\xe2\x91\xa3"), BESIDE},
	{BYTES("Bug 123\xd0\x9e"
	       "567"),
	 BESIDE}, /* one like 0 */
	{BYTES("Bug 123\xd0\x9e"), BESIDE},
	{BYTES("b=123\xc3\xa9"), BESIDE},
	{BYTES("Bugs 12, 345\xc2\xb2"), BESIDE},
	{BYTES("Bug 123\xd6\xbf"), BESIDE},
	{BYTES("Bug 123\xe0\xa4\x82"
	       "4"),
	 BESIDE}, /* a mark of another script */
	{BYTES("Bug 123\xa3\xb4"), BESIDE},
	{BYTES("Bug 123\x80 x"), BESIDE},
	{BYTES("Bug 1\xe2\x80\x89"
	       "234\xe2\x80\x89"
	       "567"),
	 BESIDE},
	{BYTES("Bug 1\xe2\x80\xaf"
	       "234"),
	 BESIDE},
	{BYTES("Bug 1 234\xc2\xa0 567"), BESIDE},
	{BYTES("Bug 1\xe2\xa0\x80\xcc\x81 234"), BESIDE},
	{BYTES("Bug 1\xe2\x80\x99"
	       "234\xe2\x80\x99"
	       "567"),
	 BESIDE},
	{BYTES("Bug 12\xe3\x80\x81"
	       "34"),
	 BESIDE},
	{BYTES("Bug 12\xef\xbc\x8c\xef\xbc\x93"), BESIDE},
	{BYTES("Bug 123\xe3\x81\xae"
	       "4567"),
	 BESIDE},
	{BYTES("Bug 123\xe4\xba\x8c"), BESIDE},
	{BYTES("Bug 12O4567"), LETTERS},
	{BYTES("bugs 1, 2l"), LETTERS},
	{BYTES("Bug #I2345"), LETTERS},
	/* Shown as 1234567, with the letter behind it. */
	{BYTES("Bug 123\xd7\x90"
	       "4567 - Fix"),
	 MOVED},
	{BYTES("123\xd7\x90\xd7\x91"
	       "4567"),
	 MOVED},
	{BYTES("Fix 12345\xd7\x90, 67 - Fix"), MOVED},
	{BYTES("Bug 123\xd7\x90, 4567 - Fix"), BESIDE},
	{BYTES("Bug 123 \xd7\x90 4567 - Fix"), MOVED_BUG},
	{BYTES("Bug 1 234 \xd8\xaa 567"), MOVED_BUG},
	{BYTES("Bugs 12 and 34 \xd7\x90-\xd7\x91 (5)"), MOVED_BUG},
	{BYTES("Bug \xd7\x90"
	       "4567"),
	 MOVED_BUG},
	{BYTES("Bug: \xdf\x8a\xdf\x8b 45\xe2\x80\x93"), MOVED_BUG},
	{BYTES("Bug 12, \xf0\x90\xa4\x80"
	       "34"),
	 MOVED_BUG},
	{BYTES("Bug 12\xc2\xa0\xf0\x9e\xa0\x80 \xd9\xa3"), MOVED_BUG},
};

START_TEST(a_message_that_could_mislead_carries_no_token)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct message m;

	message_parse(suspicious[_i].message, &arena, &m);
	ck_assert(m.suspicious);
	ck_assert_str_eq(m.why_suspicious, suspicious[_i].why);
	ck_assert_uint_eq(m.n_tokens, 0);
	message_read(suspicious[_i].message, MESSAGE_VCT, &arena, &m);
	ck_assert(m.suspicious);
	ck_assert_uint_eq(m.n_suspicions, 1);
}
END_TEST

static const struct {
	const char *message, *vct, *strict;
} misleading[] = {
	{"Backed out " A " (bug 5) CLOSED TREE\n\x01",
	 BOTH("5") "; backout; undoes " A "; of 5; strictly " A "; of 5; closed tree; " BYTE, BOTH("5") "; " BYTE},
	{"Revert \"bug 5\" a=x CLOSEDBUG\n\xe2\x80\xae", BOTH("5") "; a=x; reverts; of 5; closedbug; " DIRECTION,
	 BOTH("5") "; " DIRECTION},
	{"\xe2\x80\xae\x01\xe2\x80\xa8\xe2\x80\xae\xc2\xad\xc2\x80 a=x",
	 "a=x; " DIRECTION "; " BYTE "; a line separator; " INVISIBLE "; a control character",
	 DIRECTION "; " BYTE "; a line separator; " INVISIBLE "; a control character"},
};

START_TEST(bugs_stand_where_a_message_could_mislead)
{
	reads_as(MESSAGE_VCT, text_of(misleading[_i].message), misleading[_i].vct);
	reads_as(MESSAGE_STRICT, text_of(misleading[_i].message), misleading[_i].strict);
}
END_TEST

START_TEST(tabs_line_ends_and_other_scripts_are_not_suspicious)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct message m;

	message_parse(TEXT_LIT("Fix\ta=bob\r\n\r\n\xc3\xa9\xe2\x80\x94\xf0\x9f\x98\x80\xef\xb8\x8f \xff\xc2\n\xe2\x80"),
		      &arena, &m);
	ck_assert(!m.suspicious);
	ck_assert_uint_eq(m.n_tokens, 1);
}
END_TEST

/* Numbers as people write them, who mislead nobody. */
static const char *const plain[] = {
	"Bug 12 - Lines 5\xe2\x80\x93"
	"10, 3\xc3\x97"
	"4, 20\xc2\xb0"
	"5",
	"Bug 12 - 2024\xe5\xb9\xb4"
	"5\xe6\x9c\x88"
	"12\xe6\x97\xa5",
	"\xef\xbc\x91\xef\xbc\x90\xe5\x80\x8b\xe3\x81\xae\xe3\x83\x90\xe3\x82\xb0 bug",
	"Bug 12: 10\xe2\x80\xaf"
	"000 and 10\xc2\xa0"
	"000, caf\x65\xcc\x81",
	"\xe2\x99\xbb\xef\xb8\x8fRefactor 1\xef\xb8\x8f\xe2\x83\xa3 of 2, #\xef\xb8\x8f\xe2\x83\xa3",
	"\xd9\xa1\xd9\xa2\xd9\xa3 \xd8\xae\xd8\xb7\xd8\xa3",
	"Un bug\xc2\xa0: 12 pages",
	"bug \xe2\x80\x94 123, bug\xef\xbc\x9a"
	"123, bug \xc3\xa9 1",
	"b = \xef\xbc\x91 and bu \xef\xbc\x92",
	"\xe8\x91\x9b\xf3\xa0\x84\x80\xe5\x9f\x8e",
	"12 \xff 34\xff x \xff"
	"56",
	"bug\n\xef\xbc\x91",
	"bug\xff x 5",
	"Bug 123 \xe2\x80\x93 Fix 10\xc2\xb2 of 5 \xc2\xb5s, \xe2\x84\x96 5",
	"Bug 123\xe2\x80\x94"
	"4 things, bug 5\xe2\x80\xa6, \xe2\x80\x9c"
	"bug 6\xe2\x80\x9d, bug 7\xe2\x80\x99s",
	"Bug 123\xe3\x80\x82, bug 5\xef\xbc\x9a"
	"3, \xef\xbc\x88"
	"bug 6\xef\xbc\x89, bug 7\xef\xbc\x8c\xe5\x86\x8d",
	"Bug 123\xe3\x81\xae\xe4\xbf\xae\xe6\xad\xa3, bug 5\xe3\x80\x80\xe4\xbf\xae",
	"bug \xd0\xb2 12, bug \xe3\x81\x8c"
	"3, bug \xe4\xb8\x89\xe4\xb8\xaa",
	"Bug 123 \xc2\xa0: 5, debug l10n, bug O, bug 12 lol, debug O0, debug l2, ab=l1",
	/* Of a page of which the second click does nothing; brought to 2.0. */
	"\xe4\xbf\xae\xe5\xa4\x8d"
	"bug 12345\xef\xbc\x8c\xe8\xa7\xa3\xe5\x86\xb3\xe7\xac\xac"
	"2\xe6\xac\xa1, bug 12345\xe7\x9a\x84\xe9\x97\xae\xe9\xa2\x98\xef\xbc\x8c\xe5\x8d\x87\xe7\xba\xa7\xe5\x88\xb0"
	"2.0",
	/* Hebrew and Arabic: where digits are shown beside those before them, but not a bug's; and elsewhere. */
	"Bug 123 - \xd7\xaa\xd7\x99 5 \xd7\x93, \xd7\x91 115",
	"Bug 123 \xd7\xa9\xd7\x9c 5 \xd7\x9e\xd7\xa9",
	"Bug 123 \xd7\xa9\xd7\x9c Firefox 115",
	"Bug 123 \xd7\xa9\xd7\x9c\n5 things",
	"\xd7\x91-2024 \xd7\xaa 5, 12\xd7\xa1 34, 12345\xd7\xa1 x 67, 12345\xd7\xa1\n67",
	/* A woman at a computer, a rainbow flag, Persian, Devanagari. */
	"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb Bug 12, \xf0\x9f\x8f\xb3\xef\xb8\x8f\xe2\x80\x8d\xf0\x9f\x8c\x88",
	"\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xb4 \xe0\xa4\x95\xe0\xa5\x8d\xe2\x80\x8d\xe0\xa4\xb7",
	"bug fix \xd7\x90"
	"12",
};

START_TEST(what_is_seen_between_digits_misleads_nobody)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct message m;

	message_parse(text_of(plain[_i]), &arena, &m);
	ck_assert_msg(!m.suspicious, "%s", m.why_suspicious);
}
END_TEST

/* What a screen shows as another number than is read, and the bugs that are asked about all the same. */
static const struct {
	const char *message, *strict;
} asked[] = {
	{"Bug 123\xd7\x90"
	 "4567 a=x",
	 BOTH("123") "; " MOVED},
	{"Bug 12O4567 a=x", "bugs 12; " LETTERS},
	{"Bugs 12, 34\xc2\xb2 a=x", "bugs 12,34; " BESIDE},
};

START_TEST(what_is_read_of_a_misleading_number_is_asked_about)
{
	reads_as(MESSAGE_STRICT, text_of(asked[_i].message), asked[_i].strict);
}
END_TEST

START_TEST(every_byte_is_found_wherever_it_stands)
{
	for (int c = 0; c < 0x80; c++) {
		bool fine = c == '\t' || c == '\n' || (c >= ' ' && c < 0x7f);

		for (size_t at = 0; at < 24; at++) {
			auto_arena struct arena arena = ARENA_EMPTY;
			char bytes[24];
			struct message m;

			for (size_t i = 0; i < sizeof bytes; i++)
				bytes[i] = i % 2 ? ' ' : '~';
			bytes[at] = (char)c;
			message_parse((struct text){bytes, sizeof bytes}, &arena, &m);
			ck_assert_int_eq(m.suspicious, !fine);
		}
	}
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_message_that_could_mislead_carries_no_token, suspicious),
	SUITE_ROWS(bugs_stand_where_a_message_could_mislead, misleading),
	SUITE_TEST(tabs_line_ends_and_other_scripts_are_not_suspicious),
	SUITE_ROWS(what_is_seen_between_digits_misleads_nobody, plain),
	SUITE_ROWS(what_is_read_of_a_misleading_number_is_asked_about, asked),
	SUITE_TEST(every_byte_is_found_wherever_it_stands),
	SUITE_END,
};
SUITE_MAIN(tests)
