/* How many lines differ, as the GitHub port reads it. */
#include "tests/support/github_bench.h"
#include "tests/support/suite.h"

#include <stdio.h>

#define BASE                "1111111111111111111111111111111111111111"
#define HEAD                "2222222222222222222222222222222222222222"
#define PATH                "/repos/o/r/compare/" BASE "..." HEAD "?per_page=1&page=1"
#define PAGE(base, files)   "{\"base_commit\":{\"sha\":\"" base "\"},\"commits\":[],\"files\":" files "}"
#define FILE_OF(name, more) "{\"filename\":\"" name "\",\"additions\":3,\"deletions\":1" more "}"

static const struct {
	const char *what;
	unsigned status;
	const char *body;
	enum err_code code;
	size_t n;
} rows[] = {
	{"files", 200, PAGE(BASE, "[" FILE_OF("a", "") "," FILE_OF("b", ",\"previous_filename\":\"c\"") "]"), ERR_OK,
	 2},
	{"none", 200, PAGE(BASE, "[]"), ERR_OK, 0},
	{"of another base", 200, PAGE(HEAD, "[]"), ERR_INVALID, 0},
	{"no files", 200, PAGE(BASE, "null"), ERR_INVALID, 0},
	{"no name", 200, PAGE(BASE, "[{\"additions\":1,\"deletions\":1}]"), ERR_INVALID, 0},
	{"no lines", 200, PAGE(BASE, "[{\"filename\":\"a\",\"additions\":1}]"), ERR_INVALID, 0},
	{"fewer than none", 200, PAGE(BASE, "[{\"filename\":\"a\",\"additions\":-1,\"deletions\":1}]"), ERR_INVALID, 0},
	{"gone", 404, "{}", ERR_GONE, 0},
	{"unwell", 500, "{}", ERR_RETRY, 0},
};

START_TEST(lines_are_counted_by_file)
{
	struct scripted_step step = {.method = "GET", .path = PATH, .status = rows[_i].status, .body = rows[_i].body};
	struct forge_ends in = {{BASE}, {HEAD}};
	struct forge_list_lines out = {.n = 0};
	struct github_bench b;

	github_bench_open(&b, &step, 1);
	ck_assert_msg(b.forge.lines(b.forge.self, &b.call, &in, &out, &b.err) == rows[_i].code, "%s: %s", rows[_i].what,
		      b.err.text);
	ck_assert_uint_eq(out.n, rows[_i].n);
	ck_assert(out.complete == (rows[_i].code == ERR_OK));
	if (out.n > 0) {
		ck_assert(text_is(out.at[0].path, "a") && out.at[0].old_path.len == 0);
		ck_assert(out.at[0].additions == 3 && out.at[0].deletions == 1);
		ck_assert(text_is(out.at[1].path, "b") && text_is(out.at[1].old_path, "c"));
	}
	github_bench_close(&b);
}
END_TEST

START_TEST(as_many_files_as_are_listed_at_most_may_not_be_all)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct forge_ends in = {{BASE}, {HEAD}};

	for (int n = 299; n <= 300; n++) {
		struct forge_list_lines out = {.n = 0};
		struct github_bench b;
		struct scripted_step step = {.method = "GET", .path = PATH, .status = 200};
		char *files = arena_alloc(&arena, 32000, 1);
		size_t at = 0;

		for (int i = 0; i < n; i++)
			at += (size_t)snprintf(files + at, 32000 - at, "%s" FILE_OF("f%d", ""), i ? "," : "", i);
		step.body = arena_printf(&arena, PAGE(BASE, "[%s]"), files).at;
		github_bench_open(&b, &step, 1);
		ck_assert_int_eq(b.forge.lines(b.forge.self, &b.call, &in, &out, &b.err), ERR_OK);
		ck_assert_uint_eq(out.n, (size_t)n);
		ck_assert(out.complete == (n < 300));
		github_bench_close(&b);
	}
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(lines_are_counted_by_file, rows),
	SUITE_TEST(as_many_files_as_are_listed_at_most_may_not_be_all),
	SUITE_END,
};
SUITE_MAIN(tests)
