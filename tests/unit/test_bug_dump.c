/* Dumps of bugs: what is read, what is refused by name, and that a table goes there and back. */
#include "agent/tracker/dump.h"

#include "policy/when.h"
#include "tests/support/suite.h"

#define HOUR INT64_C(3600000)
#define NOW  INT64_C(1790000000000) /* 2026-09-21T14:13:20Z */

#define FIRST "{\"format\":\"headgate-bugs-1\",\"tracker\":\"bmo\",\"dated\":\"2026-09-21T14:00:00Z\"}\n"
#define BUG   "{\"id\":12,\"secure\":true}\n"

static const struct {
	const char *bytes, *problem;
} malformed[] = {
	{"", "empty"},
	{" \n\n", "empty"},
	{"[", "malformed JSON"},
	{"[1,2", "malformed JSON"},
	{"[1] 2", "malformed JSON"},
	{"[\"12\"]", "item 1: a bug's number is a whole number"},
	{"[1, null]", "item 2: a bug's number"},
	{"[1, [2]]", "item 2: a bug's number"},
	{"[1.5]", "item 1: a bug's number"},
	{"[true]", "item 1: a bug's number"},
	{"[0]", "item 1: a bug's number"},
	{"[-5]", "item 1: a bug's number"},
	{"[100000000]", "item 1: a bug's number"},
	{"[4294967297]", "item 1: a bug's number"},
	{"[99999999999999999999]", "malformed JSON"},
	{"[1, 2, 1]", "a bug is named twice"},
	{"[{\"id\":1,\"secure\":true}, 1]", "a bug is named twice"},
	{"0\n", "line 1: a bug's number"},
	{"1\n007\n", "line 2: neither a number nor a JSON object"},
	{"1\n0x10\n", "line 2: neither"},
	{"1\n+5\n", "line 2: neither"},
	{"1,2\n", "line 1: neither"},
	{"bug 5\n", "line 1: neither"},
	{"\xff\xfe"
	 "1\n",
	 "line 1: neither"},
	{"\xef\xbc\x91\n", "line 1: neither"}, /* a full-width digit */
	{"{\n", "line 1: malformed JSON"},
	{"{}\n", "line 1: a bug's number"},
	{"{\"id\":12}\n", "line 1: `secure` is true or false"},
	{"{\"id\":12,\"secure\":null}\n", "line 1: `secure` is true or false"},
	{"{\"id\":12,\"secure\":\"true\"}\n", "line 1: `secure` is true or false"},
	{"{\"id\":12,\"secure\":0}\n", "line 1: `secure` is true or false"},
	{"{\"id\":\"12\",\"secure\":true}\n", "line 1: a bug's number"},
	{"{\"id\":12,\"id\":13,\"secure\":true}\n", "line 1: malformed JSON"},
	{"{\"id\":12,\"secure\":true,\"approved\":1}\n", "line 1: `approved` is true or false"},
	{"{\"id\":12,\"secure\":false,\"approved\":true}\n", "line 1: approved, and not secure"},
	{"{\"id\":12,\"secure\":true,\"summary\":\"x\"}\n", "line 1: an unknown key"},
	{"{\"id\":12,\"secure\":true,\"seen\":\"yesterday\"}\n", "line 1: a time is not like"},
	{"{\"id\":12,\"secure\":true,\"seen\":1790000000}\n", "line 1: a time is not like"},
	{"{\"id\":12,\"secure\":true,\"seen\":\"1969-12-31T23:59:59Z\"}\n", "line 1: a time is not like"},
	{"{\"id\":12,\"secure\":true,\"seen\":\"2026-09-21T14:20:00Z\"}\n", "line 1: a time lies in the future"},
	{"{\"id\":12,\"to\":11,\"secure\":false}\n", "line 1: `to` is below `id`"},
	{"{\"id\":12,\"to\":20,\"secure\":true}\n", "line 1: `to` is for bugs that are not secure"},
	{"{\"id\":12,\"to\":4194304,\"secure\":false}\n", "line 1: `to` is at most 4194303"},
	{"{\"id\":12,\"to\":20,\"secure\":false}\n15\n", "a bug is named twice"},
	{BUG FIRST, "line 2: `format` stands in the first line"},
	{"["
	 "{\"format\":\"headgate-bugs-1\"}"
	 "]",
	 "item 1: an unknown key"},
	{"{\"format\":\"headgate-bugs-2\",\"tracker\":\"b\",\"dated\":\"2026-09-21T14:00:00Z\"}\n",
	 "another format than headgate-bugs-1"},
	{"{\"format\":\"headgate-bugs-1\",\"dated\":\"2026-09-21T14:00:00Z\"}\n", "`tracker` is the name of one"},
	{"{\"format\":\"headgate-bugs-1\",\"tracker\":\"a-name-that-is-longer-than-any-tracker-may-have\","
	 "\"dated\":\"2026-09-21T14:00:00Z\"}\n",
	 "`tracker` is the name of one"},
	{"{\"format\":\"headgate-bugs-1\",\"tracker\":\"b\"}\n", "`dated` is missing"},
	{"{\"format\":\"headgate-bugs-1\",\"tracker\":\"b\",\"dated\":\"2036-09-21T14:00:00Z\"}\n", "in the future"},
	{FIRST BUG, "line 2: the end is missing: it was cut"},
	{FIRST BUG "{\"lines\":2}\n", "line 3: not as many lines as it says"},
	{FIRST BUG "{\"lines\":1,\"more\":1}\n", "line 3: not as many lines as it says"},
	{BUG "{\"lines\":1}\n", "line 2: `lines` without a first line"},
	{FIRST BUG "{\"lines\":1}\n13\n", "line 4: something after the end"},
	{FIRST BUG "{\"lines\":1}\n{\"id\":13,\"secure\":true}\n", "line 4: something after the end"},
	{FIRST BUG "{\"signature\":\"00\"}\n", "line 3: a signature before the end"},
	{FIRST BUG "{\"lines\":1}\n{\"signature\":\"00\"}\n", "line 4: a signature is 128 hex digits"},
	{FIRST "{\"lines\":0}\n{\"signature\":\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	       "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"}\n1\n",
	 "line 4: something after the signature"},
};

START_TEST(what_is_malformed_is_a_named_error_and_nothing_of_it_is_known)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct dump dump = {.n = 77};
	struct err err = ERR_NONE;

	ck_assert_msg(!dump_read(text_of(malformed[_i].bytes), NOW, &arena, &dump, &err), "%s", malformed[_i].bytes);
	ck_assert_int_eq(err.code, ERR_INVALID);
	ck_assert_msg(strstr(err.text, malformed[_i].problem), "%s\nsaid: %s", malformed[_i].bytes, err.text);
	ck_assert_uint_eq(dump.n, 77);
}
END_TEST

START_TEST(a_nul_inside_is_malformed)
{
	static const char line[] = "12\0"
				   "3\n";
	auto_arena struct arena arena = ARENA_EMPTY;
	struct err err = ERR_NONE;
	struct dump dump;

	ck_assert(!dump_read((struct text){line, sizeof line - 1}, NOW, &arena, &dump, &err));
}
END_TEST

START_TEST(no_error_names_a_bug)
{
	auto_arena struct arena arena = ARENA_EMPTY;

	for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
		struct err err = ERR_NONE;
		struct dump dump;

		(void)dump_read(text_of(arena_printf(&arena, "7654321\n%s", malformed[i].bytes).at), NOW, &arena, &dump,
				&err);
		ck_assert_ptr_null(strstr(err.text, "7654321"));
	}
}
END_TEST

static const struct {
	const char *bytes;
	enum table_state of[4]; /* bugs 1 to 4 */
} lists[] = {
	{"[]", {TABLE_UNKNOWN, TABLE_UNKNOWN, TABLE_UNKNOWN, TABLE_UNKNOWN}},
	{"[1, 3]", {TABLE_SECURE, TABLE_UNKNOWN, TABLE_SECURE, TABLE_UNKNOWN}},
	{"3\n\n1", {TABLE_SECURE, TABLE_UNKNOWN, TABLE_SECURE, TABLE_UNKNOWN}},
	{"3\r\n1\r\n", {TABLE_SECURE, TABLE_UNKNOWN, TABLE_SECURE, TABLE_UNKNOWN}},
	{"{\"id\":1,\"to\":3,\"secure\":false}\n{\"id\":4,\"secure\":true,\"approved\":true}",
	 {TABLE_INSECURE, TABLE_INSECURE, TABLE_INSECURE, TABLE_APPROVED}},
	{"[{\"id\":2,\"secure\":false,\"seen\":\"2026-09-21T14:00:00Z\"}, {\"id\":1,\"secure\":true}, 4]",
	 {TABLE_SECURE, TABLE_INSECURE, TABLE_UNKNOWN, TABLE_SECURE}},
	{FIRST "{\"id\":1,\"secure\":true,\"approved\":false}\n{\"lines\":1}\n",
	 {TABLE_SECURE, TABLE_UNKNOWN, TABLE_UNKNOWN, TABLE_UNKNOWN}},
};

START_TEST(lists_of_every_form_are_read)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct bug_table *table = bug_table_new(HOUR);
	struct err err = ERR_NONE;
	struct dump dump;

	ck_assert_msg(dump_read(text_of(lists[_i].bytes), NOW, &arena, &dump, &err), "%s", err.text);
	(void)dump_apply(&dump, NOW, table);
	for (int64_t id = 1; id <= 4; id++)
		ck_assert_msg(bug_table_state(table, id) == lists[_i].of[id - 1], "bug %d of %s", (int)id,
			      lists[_i].bytes);
	bug_table_free(table);
}
END_TEST

START_TEST(an_older_dump_takes_no_rating_back)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct bug_table *table = bug_table_new(HOUR);
	struct err err = ERR_NONE;
	struct dump dump;
	struct dump_told told;

	(void)bug_table_tell(table, 1, TABLE_SECURE, NOW);
	(void)bug_table_tell(table, 2, TABLE_SECURE, NOW);
	ck_assert(dump_read(TEXT_LIT("{\"id\":1,\"to\":3,\"secure\":false}"), NOW, &arena, &dump, &err));
	told = dump_apply(&dump, NOW - 1, table);
	ck_assert(told.older == 2 && told.changed == 1);
	ck_assert_int_eq(bug_table_state(table, 1), TABLE_SECURE);
	/* A line cannot be newer than its dump. */
	ck_assert(dump_read(TEXT_LIT("{\"id\":1,\"secure\":false,\"seen\":\"2026-09-21T14:14:00Z\"}"), NOW, &arena,
			    &dump, &err));
	ck_assert_uint_eq(dump_apply(&dump, NOW, table).older, 1);
	bug_table_free(table);
}
END_TEST

START_TEST(a_complete_list_makes_the_others_not_secure_and_no_more_than_it_covers)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct bug_table *table = bug_table_new(HOUR);
	struct err err = ERR_NONE;
	struct dump dump;

	(void)bug_table_tell(table, 3, TABLE_SECURE, NOW - 1);
	(void)bug_table_tell(table, 4, TABLE_SECURE, NOW);
	(void)bug_table_tell(table, 11, TABLE_SECURE, NOW - 1);
	ck_assert(dump_read(TEXT_LIT("[2, 5, 20]"), NOW, &arena, &dump, &err));
	(void)dump_apply(&dump, NOW, table);
	ck_assert_uint_eq(dump_apply_absent(&dump, NOW, 10, table), 7);
	ck_assert_int_eq(bug_table_state(table, 1), TABLE_INSECURE);
	ck_assert_int_eq(bug_table_state(table, 2), TABLE_SECURE);
	ck_assert_int_eq(bug_table_state(table, 3), TABLE_INSECURE);
	ck_assert_int_eq(bug_table_state(table, 4), TABLE_SECURE);
	ck_assert_int_eq(bug_table_state(table, 5), TABLE_SECURE);
	ck_assert_int_eq(bug_table_state(table, 10), TABLE_INSECURE);
	ck_assert_int_eq(bug_table_state(table, 11), TABLE_SECURE);
	ck_assert_int_eq(bug_table_state(table, 12), TABLE_UNKNOWN);
	ck_assert_int_eq(bug_table_state(table, 20), TABLE_SECURE);
	bug_table_free(table);
}
END_TEST

static struct bug_table *many_bugs(void)
{
	static const int64_t ids[] = {1, 2, 3, 40, 4095, 4096, 4194303, 4194304, 4194305, 99999999};
	struct bug_table *table = bug_table_new(HOUR);

	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
		(void)bug_table_tell(table, ids[i], (enum table_state)(1 + i % 3), NOW - (int64_t)i * 7919 * 60);
	for (int64_t id = 100; id < 3000; id++)
		(void)bug_table_tell(table, id, id % 50 == 0 ? TABLE_SECURE : TABLE_INSECURE, NOW - id * 1000);
	for (int64_t id = 5000; id < 5010; id++) /* secure ones side by side, read together */
		(void)bug_table_tell(table, id, TABLE_SECURE, NOW);
	return table;
}

START_TEST(a_table_goes_into_a_dump_and_out_of_it)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct bug_table *table = many_bugs(), *back = bug_table_new(HOUR);
	struct text first = dump_write(table, TEXT_LIT("bmo"), NOW, &arena), second;
	struct err err = ERR_NONE;
	struct dump dump;

	ck_assert_msg(dump_read(first, NOW, &arena, &dump, &err), "%s", err.text);
	ck_assert(text_is(dump.tracker, "bmo") && dump.dated_ms == NOW && !dump.has_signature);
	(void)dump_apply(&dump, NOW, back);
	second = dump_write(back, TEXT_LIT("bmo"), NOW, &arena);
	ck_assert_msg(text_eq(first, second), "%s\n%s", first.at, second.at);
	bug_table_free(table);
	bug_table_free(back);
}
END_TEST

START_TEST(a_dump_that_lost_its_last_lines_is_refused)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct bug_table *table = many_bugs();
	struct text whole = dump_write(table, TEXT_LIT("bmo"), NOW, &arena);
	struct err err = ERR_NONE;
	struct dump dump;
	size_t cuts = 0;

	for (size_t i = 1; i < whole.len; i++)
		if (whole.at[i - 1] == '\n') {
			ck_assert(!dump_read((struct text){whole.at, i}, NOW, &arena, &dump, &err));
			cuts++;
		}
	ck_assert_uint_gt(cuts, 50);
	bug_table_free(table);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(what_is_malformed_is_a_named_error_and_nothing_of_it_is_known, malformed),
	SUITE_TEST(a_nul_inside_is_malformed),
	SUITE_TEST(no_error_names_a_bug),
	SUITE_ROWS(lists_of_every_form_are_read, lists),
	SUITE_TEST(an_older_dump_takes_no_rating_back),
	SUITE_TEST(a_complete_list_makes_the_others_not_secure_and_no_more_than_it_covers),
	SUITE_TEST(a_table_goes_into_a_dump_and_out_of_it),
	SUITE_TEST(a_dump_that_lost_its_last_lines_is_refused),
	SUITE_END,
};

SUITE_MAIN(tests)
