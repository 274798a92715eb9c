#include "policy/text.h"

#include "policy/arena.h"
#include "policy/err.h"
#include "policy/oid.h"
#include "policy/when.h"
#include "tests/support/suite.h"

static const struct {
	const char *input;
	bool ok;
	int64_t value;
} integers[] = {
	{"0", true, 0},
	{"42", true, 42},
	{"-7", true, -7},
	{"9223372036854775807", true, INT64_MAX},
	{"-9223372036854775808", true, INT64_MIN},
	{"9223372036854775808", false, 0},
	{"-9223372036854775809", false, 0},
	{"18446744073709551616", false, 0},
	{"007", false, 0},
	{"-0", false, 0},
	{"", false, 0},
	{"-", false, 0},
	{"+1", false, 0},
	{"1 ", false, 0},
	{"1e3", false, 0},
};

START_TEST(an_integer_is_canonical_decimal_or_nothing)
{
	int64_t n = 77;

	ck_assert_int_eq(text_int64(text_of(integers[_i].input), &n), integers[_i].ok);
	ck_assert_int_eq(n, integers[_i].ok ? integers[_i].value : 77);
}
END_TEST

static const struct {
	const char *input;
	bool ok;
	int64_t ms;
} times[] = {
	{"1970-01-01T00:00:00Z", true, 0},
	{"2026-11-21T14:02:11Z", true, 1795269731000},
	{"2026-11-21T14:02:11.5Z", true, 1795269731500},
	{"2026-11-21T15:02:11+01:00", true, 1795269731000},
	{"2024-02-29T00:00:00Z", true, 1709164800000},
	{"2023-02-29T00:00:00Z", false, 0},
	{"2026-13-01T00:00:00Z", false, 0},
	{"2026-11-21T24:00:00Z", false, 0},
	{"2026-11-21T14:02:11", false, 0},
	{"2026-11-21T14:02:11.Z", false, 0},
	{"2026-11-21T14:02:11Zx", false, 0},
	{"", false, 0},
};

START_TEST(a_time_is_read_exactly_or_refused)
{
	int64_t ms = -1;
	char buffer[32];

	ck_assert_int_eq(when_parse(text_of(times[_i].input), &ms), times[_i].ok);
	if (!times[_i].ok)
		return;
	ck_assert_int_eq(ms, times[_i].ms);
	ck_assert(when_parse(text_of(when_print(ms, buffer)), &ms));
	ck_assert_int_eq(ms, times[_i].ms / 1000 * 1000);
}
END_TEST

START_TEST(a_time_is_printed_as_it_is_read)
{
	const int64_t step = INT64_C(40355027000); /* a bit more than a year, and no whole day */
	char buffer[32];

	ck_assert_str_eq(when_print(1795269731999, buffer), "2026-11-21T14:02:11Z");
	ck_assert_str_eq(when_print(-1000, buffer), "1969-12-31T23:59:59Z");
	ck_assert_str_eq(when_print(253402300799999, buffer), "9999-12-31T23:59:59Z");
	for (int64_t ms = -62135596800000, back; ms <= 253402300799999; ms += step) {
		ck_assert_uint_eq(strlen(when_print(ms, buffer)), 20);
		ck_assert(when_parse(text_of(buffer), &back));
		ck_assert_int_eq(back, ms);
	}
}
END_TEST

START_TEST(an_http_date_is_read_exactly_or_refused)
{
	int64_t ms = -1;

	ck_assert(when_parse_http(TEXT_LIT("Sat, 21 Nov 2026 14:02:11 GMT"), &ms));
	ck_assert_int_eq(ms, 1795269731000);
	ck_assert(!when_parse_http(TEXT_LIT("Sat, 21 ovN 2026 14:02:11 GMT"), &ms));
	ck_assert(!when_parse_http(TEXT_LIT("Sat, 21 Nov 2026 14:02:11 UTC"), &ms));
	ck_assert(!when_parse_http(TEXT_LIT(""), &ms));
}
END_TEST

#define A40 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
static const struct {
	const char *input;
	bool ok;
} oids[] = {
	{A40, true},
	{A40 "aaaaaaaaaaaaaaaaaaaaaaaa", true},
	{"AAAAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
	{"aaaaaaa", false},
	{"0000000000000000000000000000000000000000", false},
	{A40 "a", false},
	{"gaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
	{"", false},
};

START_TEST(only_a_full_object_name_is_one)
{
	struct oid oid = OID_NONE;

	ck_assert_int_eq(oid_parse(text_of(oids[_i].input), &oid), oids[_i].ok);
	ck_assert_int_eq(oid_known(&oid), oids[_i].ok);
}
END_TEST

START_TEST(two_unknown_objects_are_not_equal)
{
	struct oid a = OID_NONE, b = OID_NONE;

	ck_assert(!oid_eq(&a, &b));
	ck_assert(oid_parse(TEXT_LIT(A40), &a));
	ck_assert(!oid_eq(&a, &b) && !oid_eq(&b, &a) && oid_eq(&a, &a));
}
END_TEST

static const struct {
	const char *input;
	size_t max;
	const char *expected;
} cuts[] = {
	{"short", 10, "short"},      {"one two three", 8, "one two"},       {"one two three", 7, "one two"},
	{"onetwothree", 5, "onetw"}, {"a\xc3\xa9\xc3\xa9", 4, "a\xc3\xa9"},
};

START_TEST(a_cut_ends_at_a_word_and_never_inside_a_character)
{
	struct text cut = text_cut(text_of(cuts[_i].input), cuts[_i].max);

	ck_assert(text_is(cut, cuts[_i].expected));
}
END_TEST

static const struct {
	const char *input;
	bool ok;
} utf8[] = {
	{"plain", true},     {"\xc3\xa9", true},      {"\xe2\x82\xac", true},          {"\xf0\x9f\x98\x80", true},
	{"\xc0\x80", false}, {"\xed\xa0\x80", false}, {"\xf4\x90\x80\x80", false},     {"\xe0\x80\x80", false},
	{"\x80", false},     {"\xc3", false},         {"\xf8\x88\x80\x80\x80", false},
};

START_TEST(well_formed_utf8_is_told_from_the_rest)
{
	ck_assert_int_eq(text_utf8(text_of(utf8[_i].input)), utf8[_i].ok);
}
END_TEST

START_TEST(a_suggestion_is_near_or_absent)
{
	static const char *const words[] = {"approval", "disapproval", "requires"};

	ck_assert_str_eq(text_nearest(TEXT_LIT("approvl"), words, 3), "approval");
	ck_assert_str_eq(text_nearest(TEXT_LIT("require"), words, 3), "requires");
	ck_assert_ptr_null(text_nearest(TEXT_LIT("zebra"), words, 3));
	ck_assert_ptr_null(text_nearest(TEXT_LIT("a"), words, 3));
}
END_TEST

START_TEST(wrapping_keeps_the_code)
{
	struct err err = ERR_NONE;

	ck_assert(!err_set(&err, ERR_RETRY, "timed out after %d ms", 5));
	ck_assert(!err_wrap(&err, "status for %s", "abc"));
	ck_assert_int_eq(err.code, ERR_RETRY);
	ck_assert_str_eq(err.text, "status for abc: timed out after 5 ms");
}
END_TEST

START_TEST(an_arena_gives_zeroed_separate_memory)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	char *a = arena_alloc(&arena, 10, 1), *b = arena_alloc(&arena, 100000, 1);
	struct text t = arena_printf(&arena, "%d-%s", 7, "x");

	ck_assert_int_eq(a[9], 0);
	ck_assert_int_eq(b[99999], 0);
	ck_assert_str_eq(t.at, "7-x");
	ck_assert(arena_text(&arena, TEXT_EMPTY).at[0] == '\0');
}
END_TEST

START_TEST(an_arena_clears_what_others_left)
{
	for (int round = 0; round < 3; round++) {
		auto_arena struct arena arena = ARENA_EMPTY;

		for (size_t size = 1; size < 20000; size = size * 3 + 1) {
			char *at = arena_alloc(&arena, size, 1);

			for (size_t i = 0; i < size; i++)
				ck_assert_int_eq(at[i], 0);
			memset(at, 0xa5, size);
		}
	}
}
END_TEST

/* Whether it fits into what is left of a block, ends with it, or begins the next. */
START_TEST(an_arena_prints_across_its_blocks)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text said[3000];

	for (int i = 0; i < 3000; i++)
		said[i] = arena_printf(&arena, "%d:%0*d", i, i % 40, 0);
	for (int i = 0; i < 3000; i++) {
		char want[64];

		ck_assert_int_eq(snprintf(want, sizeof want, "%d:%0*d", i, i % 40, 0), (int)said[i].len);
		ck_assert_str_eq(said[i].at, want);
	}
}
END_TEST

START_TEST(a_list_in_an_arena_keeps_what_it_has)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	int *list = NULL;
	size_t room = 0;

	for (size_t n = 0; n < 1000; n++) {
		list = arena_room(&arena, list, n, &room, sizeof *list);
		ck_assert_uint_gt(room, n);
		list[n] = (int)n;
	}
	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq(list[i], i);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(an_integer_is_canonical_decimal_or_nothing, integers),
	SUITE_ROWS(a_time_is_read_exactly_or_refused, times),
	SUITE_TEST(a_time_is_printed_as_it_is_read),
	SUITE_TEST(an_http_date_is_read_exactly_or_refused),
	SUITE_ROWS(only_a_full_object_name_is_one, oids),
	SUITE_TEST(two_unknown_objects_are_not_equal),
	SUITE_ROWS(a_cut_ends_at_a_word_and_never_inside_a_character, cuts),
	SUITE_ROWS(well_formed_utf8_is_told_from_the_rest, utf8),
	SUITE_TEST(a_suggestion_is_near_or_absent),
	SUITE_TEST(wrapping_keeps_the_code),
	SUITE_TEST(an_arena_gives_zeroed_separate_memory),
	SUITE_TEST(an_arena_clears_what_others_left),
	SUITE_TEST(an_arena_prints_across_its_blocks),
	SUITE_TEST(a_list_in_an_arena_keeps_what_it_has),
	SUITE_END,
};
SUITE_MAIN(tests)
