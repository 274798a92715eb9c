#include "policy/bors.h"

#include "tests/support/suite.h"

#include <stdio.h>

static const struct {
	const char *key, *value;
} examples[] = {
	{"status", "[\"ci\", \"build/%\"]"},
	{"pr_status", "[\"policy/merge-allowed\"]"},
	{"block_labels", "[\"wip\", \"wip\"]"},
	{"required_approvals", "100"},
	{"up_to_date_approvals", "true"},
	{"use_codeowners", "true"},
	{"timeout_sec", "1"},
	{"prerun_timeout_sec", "0"},
	{"use_squash_merge", "true"},
	{"commit_title", "\"Merge ${PR_REFS}\""},
	{"committer", "{name = \"bors\", email = \"bors@example.org\"}"},
	{"cut_body_after", "\"---\""},
	{"delete_merged_branches", "true"},
	{"update_base_for_deletes", "true"},
	{"max_batch_size", "1"},
};

static const char *with_dashes(const char *key)
{
	static char dashed[64];

	(void)snprintf(dashed, sizeof dashed, "%s", key);
	for (char *at = dashed; *at; at++)
		*at = *at == '_' ? '-' : *at;
	return dashed;
}

/* A file with this line, and what bors wants besides it. */
static bool parse_line(struct text line, struct arena *arena, struct bors *ret, struct problem *problem)
{
	bool own = text_find(line, TEXT_LIT("status =")) == 0;

	return bors_parse(arena_printf(arena, "%s%.*s\n", own ? "\n" : "status = [\"ci\"]\n", TEXT_ARG(line)), arena,
			  ret, problem);
}

START_TEST(each_key_is_taken_with_dashes_and_with_underscores)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const char *key = examples[_i].key, *value = examples[_i].value;
	struct text line = arena_printf(&arena, "%s = %s", key, value);
	struct text dashed = arena_printf(&arena, "%s = %s", with_dashes(key), value);
	struct problem problem = {0, 0, ""};
	struct bors bors;

	ck_assert_str_eq(bors_key_at((size_t)_i)->name, key);
	ck_assert_msg(parse_line(line, &arena, &bors, &problem), "%s", problem.text);
	ck_assert_uint_eq(bors_given(&bors, key), 2);
	ck_assert_msg(parse_line(dashed, &arena, &bors, &problem), "%s", problem.text);
	ck_assert_uint_eq(bors_given(&bors, key), 2);
	ck_assert_uint_eq(bors_given(&bors, _i == 14 ? "timeout_sec" : "max_batch_size"), 0);
}
END_TEST

START_TEST(there_are_fifteen_keys)
{
	ck_assert_uint_eq(sizeof examples / sizeof examples[0], BORS_KEYS);
	ck_assert_ptr_nonnull(bors_key_at(BORS_KEYS - 1));
	ck_assert_ptr_null(bors_key_at(BORS_KEYS));
}
END_TEST

START_TEST(every_value_goes_where_it_belongs)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct problem problem = {0, 0, ""};
	struct bors b;

	ck_assert_msg(bors_parse(TEXT_LIT("status = ['s']\npr-status = ['p', 'q']\nblock_labels = ['l']\n"
					  "required_approvals = 3\ntimeout_sec = 4\nprerun_timeout_sec = 5\n"
					  "max_batch_size = 6\ncommit_title = 't'\ncut_body_after = 'c'\n"
					  "up_to_date_approvals = true\nuse_squash-merge = true\n"
					  "[committer]\nemail = 'e'\nname = 'n'\n"),
				 &arena, &b, &problem),
		      "%s", problem.text);
	ck_assert(b.status.n == 1 && text_is(b.status.at[0], "s"));
	ck_assert(b.pr_status.n == 2 && text_is(b.pr_status.at[1], "q"));
	ck_assert(b.block_labels.n == 1 && text_is(b.block_labels.at[0], "l"));
	ck_assert(b.required_approvals == 3 && b.timeout_sec == 4 && b.prerun_timeout_sec == 5 &&
		  b.max_batch_size == 6);
	ck_assert(text_is(b.commit_title, "t") && text_is(b.cut_body_after, "c"));
	ck_assert(text_is(b.committer.name, "n") && text_is(b.committer.email, "e"));
	ck_assert(b.up_to_date_approvals && b.use_squash_merge && !b.use_codeowners);
	ck_assert(!b.delete_merged_branches && !b.update_base_for_deletes);
	ck_assert_uint_eq(bors_given(&b, "committer"), 12);
}
END_TEST

#define NUMBER_RANGE "is a whole number from 0 to 100"

static const struct {
	const char *line;
	unsigned column;
	const char *says;
} refused[] = {
	{"requierd_approvals = 1", 1, "unknown key `requierd_approvals`; did you mean `required_approvals`?"},
	{"block-label = ['x']", 1, "unknown key `block-label`; did you mean `block_labels`?"},
	{"zebra = 1", 1, "unknown key `zebra`"},
	{"'' = 1", 1, "unknown key ``"},
	{"this_is_a_key_that_is_much_longer_than_any_of_theirs = 1", 1,
	 "unknown key `this_is_a_key_that_is_much_longer_than_any_of_theirs`"},
	{"Status = ['x']", 1, "unknown key `Status`; did you mean `status`?"},
	{"required_approvals = '2'", 22, "`required_approvals` " NUMBER_RANGE},
	{"required_approvals = 2.0", 22, "`required_approvals` " NUMBER_RANGE},
	{"required_approvals = true", 22, "`required_approvals` " NUMBER_RANGE},
	{"required_approvals = -1", 22, "`required_approvals` " NUMBER_RANGE},
	{"required-approvals = 101", 22, "`required_approvals` " NUMBER_RANGE},
	{"required_approvals = 18446744073709551618", 22, "`required_approvals` " NUMBER_RANGE},
	{"timeout_sec = 0", 15, "`timeout_sec` is a whole number from 1 to 2147483647"},
	{"prerun_timeout_sec = -1", 22, "`prerun_timeout_sec` is a whole number from 0 to 2147483647"},
	{"max_batch_size = 0", 18, "`max_batch_size` is a whole number from 1 to 2147483647"},
	{"up_to_date_approvals = 1", 24, "`up_to_date_approvals` is true or false"},
	{"use_codeowners = 'true'", 18, "`use_codeowners` is true or false"},
	{"block_labels = 'wip'", 16, "`block_labels` is a list: [\"...\"]"},
	{"block_labels = ['wip', 1]", 24, "expected text in quotes"},
	{"block_labels = ['wip', ['x']]", 24, "expected text in quotes"},
	{"block_labels = ['wip', '']", 24, "an empty name"},
	{"block_labels = [\"a\\u0000\"]", 17, "text with a NUL character"},
	{"pr_status = ['a', 'b', 'a']", 24, "`a` is listed twice"},
	{"pr_status = 'a'", 13, "`pr_status` is a list: [\"...\"]"},
	{"commit_title = 1", 16, "expected text in quotes"},
	{"committer = 'bors'", 13, "`committer` is a table with `name` and `email`"},
	{"committer = {name = 'bors'}", 13, "`committer` needs `name` and `email`"},
	{"committer = {email = 'bors'}", 13, "`committer` needs `name` and `email`"},
	{"committer = {name = 'b', email = 'b', nane = 1}", 39, "unknown key `nane`; did you mean `name`?"},
	{"committer = {name = 1, email = 'b'}", 21, "expected text in quotes"},
	{"pr_status = [ci]", 14, "`ci` is no number, date, true or false; text needs quotes"},
};

START_TEST(a_wrong_line_has_its_place_and_a_reason)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct problem problem = {0, 0, ""};
	struct bors bors = {.timeout_sec = 4711};

	ck_assert(!parse_line(text_of(refused[_i].line), &arena, &bors, &problem));
	ck_assert_str_eq(problem.text, refused[_i].says);
	ck_assert_uint_eq(problem.line, 2);
	ck_assert_uint_eq(problem.column, refused[_i].column);
	ck_assert_int_eq(bors.timeout_sec, 4711);
}
END_TEST

START_TEST(one_key_in_two_spellings_is_refused)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct problem problem = {0, 0, ""};
	struct bors bors;

	ck_assert(!bors_parse(TEXT_LIT("status = ['a']\nblock-labels = ['wip']\nblock_labels = []\n"), &arena, &bors,
			      &problem));
	ck_assert_str_eq(problem.text,
			 "`block_labels` is given twice (first in line 2): bors takes `-` and `_` for the same");
	ck_assert_uint_eq(problem.line, 3);
	ck_assert_uint_eq(problem.column, 1);
}
END_TEST

static const char *const empties[] = {"", "status = []\n", "required_approvals = 2\n",
				      "status = []\npr_status = []\nblock_labels = []\n"};

START_TEST(a_file_that_names_no_status_and_no_label_is_refused)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct problem problem = {7, 7, ""};
	struct bors bors;

	ck_assert(!bors_parse(text_of(empties[_i]), &arena, &bors, &problem));
	ck_assert_str_eq(problem.text,
			 "`status`, `pr_status` and `block_labels` are all empty: bors takes no such file");
	ck_assert_uint_eq(problem.line, 0);
}
END_TEST

START_TEST(a_list_has_a_limit)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct problem problem = {0, 0, ""};
	struct text list = TEXT_LIT("block_labels = ['0'");
	struct bors bors;

	for (int i = 1; i < BORS_LIST_MAX; i++)
		list = arena_printf(&arena, "%.*s, '%d'", TEXT_ARG(list), i);
	ck_assert_msg(parse_line(arena_printf(&arena, "%.*s]", TEXT_ARG(list)), &arena, &bors, &problem), "%s",
		      problem.text);
	ck_assert_uint_eq(bors.block_labels.n, BORS_LIST_MAX);
	ck_assert(!parse_line(arena_printf(&arena, "%.*s, 'x']", TEXT_ARG(list)), &arena, &bors, &problem));
	ck_assert_str_eq(problem.text, "a list of more than 200 entries");
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(each_key_is_taken_with_dashes_and_with_underscores, examples),
	SUITE_TEST(there_are_fifteen_keys),
	SUITE_TEST(every_value_goes_where_it_belongs),
	SUITE_ROWS(a_wrong_line_has_its_place_and_a_reason, refused),
	SUITE_TEST(one_key_in_two_spellings_is_refused),
	SUITE_ROWS(a_file_that_names_no_status_and_no_label_is_refused, empties),
	SUITE_TEST(a_list_has_a_limit),
	SUITE_END,
};
SUITE_MAIN(tests)
