/* What was said in a change, as the GitHub port reads it. */
#include "tests/support/github_bench.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <string.h>

#define COMMENTS "/repos/o/r/issues/3/comments?per_page=100"
#define REVIEWS  "/repos/o/r/pulls/3/reviews?per_page=100"
#define BY       "\"user\":{\"id\":5,\"login\":\"ann\",\"type\":\"User\"}"
#define COMMENT(updated)                                                                                               \
	"{\"id\":8," BY ",\"body\":\"+1\",\"created_at\":\"2023-11-14T00:00:00Z\",\"updated_at\":" updated "}"
#define AT "\"2023-11-14T00:00:00Z\""

static const struct {
	const char *what;
	struct scripted_step steps[2];
	size_t n;
	enum err_code code;
	bool edited; /* the comment */
} rows[] = {
	{"as written",
	 {{.path = COMMENTS, .status = 200, .body = "[" COMMENT(AT) "]"},
	  {.path = REVIEWS, .status = 200, .body = "[{\"id\":4," BY ",\"body\":\"Fine.\"},{\"id\":5,\"body\":null}]"}},
	 2,
	 ERR_OK,
	 false},
	{"edited",
	 {{.path = COMMENTS, .status = 200, .body = "[" COMMENT("\"2023-11-15T00:00:00Z\"") "]"},
	  {.path = REVIEWS, .status = 200, .body = "[{\"id\":4," BY ",\"body\":\"Fine.\"},{\"id\":5}]"}},
	 2,
	 ERR_OK,
	 true},
	{"nobody says whether it was edited",
	 {{.path = COMMENTS, .status = 200, .body = "[" COMMENT("null") "]"},
	  {.path = REVIEWS, .status = 200, .body = "[{\"id\":4," BY ",\"body\":\"Fine.\"},{\"id\":5}]"}},
	 2,
	 ERR_OK,
	 true},
	{"no id", {{.path = COMMENTS, .status = 200, .body = "[{\"created_at\":" AT "}]"}}, 1, ERR_INVALID, false},
	{"no time", {{.path = COMMENTS, .status = 200, .body = "[{\"id\":8}]"}}, 1, ERR_INVALID, false},
	{"no list", {{.path = COMMENTS, .status = 200, .body = "{}"}}, 1, ERR_INVALID, false},
	{"gone", {{.path = COMMENTS, .status = 404, .body = "{}"}}, 1, ERR_GONE, false},
	{"reviews gone",
	 {{.path = COMMENTS, .status = 200, .body = "[]"}, {.path = REVIEWS, .status = 404, .body = "{}"}},
	 2,
	 ERR_GONE,
	 false},
};

START_TEST(comments_and_texts_of_reviews_are_read)
{
	struct scripted_step steps[2];
	struct forge_said out = {.n_comments = 0};
	struct github_bench b;

	for (size_t i = 0; i < 2; i++) {
		steps[i] = rows[_i].steps[i];
		steps[i].method = "GET";
	}
	github_bench_open(&b, steps, rows[_i].n);
	ck_assert_msg(b.forge.said(b.forge.self, &b.call, 3, &out, &b.err) == rows[_i].code, "%s: %s", rows[_i].what,
		      b.err.text);
	if (rows[_i].code == ERR_OK) {
		ck_assert(out.n_comments == 1 && out.n_reviews == 2);
		ck_assert(out.comments[0].id == 8 && text_is(out.comments[0].body, "+1"));
		ck_assert(out.comments[0].user.id == 5 && out.comments[0].edited == rows[_i].edited);
		ck_assert(out.reviews[0].id == 4 && text_is(out.reviews[0].body, "Fine.") && out.reviews[0].edited);
		ck_assert(out.reviews[1].id == 5 && out.reviews[1].body.len == 0 && !out.reviews[1].edited);
	} else {
		ck_assert(out.n_comments == 0 && out.n_reviews == 0);
	}
	github_bench_close(&b);
}
END_TEST

static char *texts(struct arena *arena, size_t n)
{
	enum { TEXT = 60000, ROOM = TEXT + 100 };
	char *page = arena_alloc(arena, n * ROOM + 3, 1), *text = arena_alloc(arena, TEXT + 1, 1);
	size_t at = 1;

	memset(text, 'x', TEXT);
	page[0] = '[';
	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(page + at, ROOM, "%s{\"id\":8,\"created_at\":" AT ",\"body\":\"%s\"}",
				       i ? "," : "", text);
	page[at] = ']';
	return page;
}

/* 17 texts of 60,000 bytes are below it, and one more of a review is not. */
START_TEST(more_than_its_bytes_is_an_error)
{
	for (size_t more = 0; more < 2; more++) {
		auto_arena struct arena arena = ARENA_EMPTY;
		struct scripted_step steps[2] = {
			{.method = "GET", .path = COMMENTS, .status = 200, .body = texts(&arena, 17)},
			{.method = "GET", .path = REVIEWS, .status = 200, .body = texts(&arena, more)}};
		struct forge_said out = {.n_comments = 0};
		struct github_bench b;

		github_bench_open(&b, steps, 2);
		ck_assert_int_eq(b.forge.said(b.forge.self, &b.call, 3, &out, &b.err), more ? ERR_LIMIT : ERR_OK);
		ck_assert_uint_eq(out.n_comments, more ? 0 : 17);
		github_bench_close(&b);
	}
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(comments_and_texts_of_reviews_are_read, rows),
	SUITE_TEST(more_than_its_bytes_is_an_error),
	SUITE_END,
};
SUITE_MAIN(tests)
