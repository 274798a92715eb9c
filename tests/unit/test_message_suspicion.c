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
};

START_TEST(what_is_seen_between_digits_misleads_nobody)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct message m;

	message_parse(text_of(plain[_i]), &arena, &m);
	ck_assert_msg(!m.suspicious, "%s", m.why_suspicious);
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
	SUITE_TEST(every_byte_is_found_wherever_it_stands),
	SUITE_END,
};
SUITE_MAIN(tests)
