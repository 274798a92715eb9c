/* Who belongs where, and whose changes were merged, as the GitHub port reads it. */
#include "tests/support/github_bench.h"
#include "tests/support/suite.h"

static const struct {
	unsigned status;
	const char *header, *value;
	enum err_code code;
	enum tri is;
} belongings[] = {
	{204, NULL, NULL, ERR_OK, TRI_YES},
	{404, NULL, NULL, ERR_OK, TRI_NO},
	{302, "location", GITHUB_BENCH_API "/orgs/acme/public_members/ann", ERR_OK, TRI_UNKNOWN},
	{301, "location", GITHUB_BENCH_API "/organizations/5/members/ann", ERR_OK, TRI_UNKNOWN},
	{403, NULL, NULL, ERR_OK, TRI_UNKNOWN},
	{200, NULL, NULL, ERR_OK, TRI_UNKNOWN}, /* not what is documented */
	{403, "retry-after", "7", ERR_RETRY, TRI_NO + 7},
	{500, NULL, NULL, ERR_RETRY, TRI_NO + 7},
	{999, NULL, NULL, ERR_INVALID, TRI_NO + 7},
};

START_TEST(only_the_forges_own_word_makes_a_member_or_none)
{
	struct scripted_step step = {.method = "GET",
				     .path = "/orgs/acme/members/ann",
				     .status = belongings[_i].status,
				     .headers = {{belongings[_i].header, belongings[_i].value}},
				     .body = ""};
	struct forge_belonging in = {TEXT_LIT("acme"), TEXT_LIT("ann")};
	enum tri out = (enum tri)(TRI_NO + 7);
	struct github_bench b;

	github_bench_open(&b, &step, 1);
	ck_assert_int_eq(b.forge.belongs(b.forge.self, &b.call, &in, &out, &b.err), belongings[_i].code);
	ck_assert_int_eq(b.err.code, belongings[_i].code);
	ck_assert_int_eq((int)out, (int)belongings[_i].is);
	github_bench_close(&b);
}
END_TEST

#define LIST(query)      "/repos/o/r/issues?state=closed&creator=ann&sort=created&direction=asc&per_page=30" query
#define NEXT(n)          "<" GITHUB_BENCH_API LIST("&page=" n) ">; rel=\"next\""
#define ITEM(user, pull) "{\"number\":3,\"user\":{\"id\":" user ",\"login\":\"ann\"}" pull "}"
#define MERGED           ",\"pull_request\":{\"merged_at\":\"2023-11-14T00:00:00Z\"}"
#define CLOSED           ",\"pull_request\":{\"merged_at\":null}"

static const struct {
	const char *what;
	struct scripted_step steps[3];
	size_t n;
	enum err_code code;
	enum tri was;
} pasts[] = {
	{"nothing", {{.path = LIST(""), .status = 200, .body = "[]"}}, 1, ERR_OK, TRI_NO},
	{"merged", {{.path = LIST(""), .status = 200, .body = "[" ITEM("5", MERGED) "]"}}, 1, ERR_OK, TRI_YES},
	{"closed", {{.path = LIST(""), .status = 200, .body = "[" ITEM("5", CLOSED) "]"}}, 1, ERR_OK, TRI_NO},
	{"an issue", {{.path = LIST(""), .status = 200, .body = "[" ITEM("5", "") "]"}}, 1, ERR_OK, TRI_NO},
	{"by another with that login",
	 {{.path = LIST(""), .status = 200, .body = "[" ITEM("6", MERGED) "]"}},
	 1,
	 ERR_OK,
	 TRI_NO},
	{"by a ghost", {{.path = LIST(""), .status = 200, .body = "[" ITEM("null", MERGED) "]"}}, 1, ERR_OK, TRI_NO},
	{"on the second page",
	 {{.path = LIST(""), .status = 200, .headers = {{"link", NEXT("2")}}, .body = "[" ITEM("5", "") "]"},
	  {.path = LIST("&page=2"), .status = 200, .body = "[" ITEM("5", MERGED) "]"}},
	 2,
	 ERR_OK,
	 TRI_YES},
	{"on the first of many",
	 {{.path = LIST(""), .status = 200, .headers = {{"link", NEXT("2")}}, .body = "[" ITEM("5", MERGED) "]"}},
	 1,
	 ERR_OK,
	 TRI_YES},
	{"not allowed", {{.path = LIST(""), .status = 403, .body = "{}"}}, 1, ERR_OK, TRI_UNKNOWN},
	{"no such creator", {{.path = LIST(""), .status = 422, .body = "{}"}}, 1, ERR_OK, TRI_UNKNOWN},
	{"no issues here", {{.path = LIST(""), .status = 410, .body = "{}"}}, 1, ERR_OK, TRI_UNKNOWN},
	{"not a list", {{.path = LIST(""), .status = 200, .body = "{}"}}, 1, ERR_INVALID, TRI_NO + 7},
	{"no number", {{.path = LIST(""), .status = 200, .body = "[{}]"}}, 1, ERR_INVALID, TRI_NO + 7},
	{"unwell", {{.path = LIST(""), .status = 502, .body = ""}}, 1, ERR_RETRY, TRI_NO + 7},
	{"unwell at the end",
	 {{.path = LIST(""), .status = 200, .headers = {{"link", NEXT("2")}}, .body = "[" ITEM("5", "") "]"},
	  {.path = LIST("&page=2"), .status = 502, .body = ""}},
	 2,
	 ERR_RETRY,
	 TRI_NO + 7},
};

START_TEST(a_change_of_theirs_was_merged_or_none_was_or_nobody_knows)
{
	struct person who = {5, TEXT_LIT("ann"), PERSON_USER};
	struct scripted_step steps[3];
	enum tri out = (enum tri)(TRI_NO + 7);
	struct github_bench b;

	for (size_t i = 0; i < 3; i++) {
		steps[i] = pasts[_i].steps[i];
		steps[i].method = "GET";
	}
	github_bench_open(&b, steps, pasts[_i].n);
	ck_assert_msg(b.forge.merged_before(b.forge.self, &b.call, &who, &out, &b.err) == pasts[_i].code, "%s: %s",
		      pasts[_i].what, b.err.text);
	ck_assert_int_eq(b.err.code, pasts[_i].code);
	ck_assert_msg((int)out == (int)pasts[_i].was, "%s: %d", pasts[_i].what, (int)out);
	github_bench_close(&b);
}
END_TEST

/* Three pages of a hundred is the limit: nine of thirty. */
START_TEST(a_past_too_long_to_read_is_unknown)
{
	enum { PAGES = 9 };
	auto_arena struct arena arena = ARENA_EMPTY;
	struct person who = {5, TEXT_LIT("ann"), PERSON_USER};
	struct scripted_step steps[PAGES];
	enum tri out = TRI_NO;
	struct github_bench b;

	for (int i = 0; i < PAGES; i++)
		steps[i] = (struct scripted_step){
			.method = "GET",
			.path = i ? arena_printf(&arena, LIST("&page=%d"), i + 1).at : LIST(""),
			.status = 200,
			.headers = {{"link",
				     arena_printf(&arena, "<" GITHUB_BENCH_API LIST("&page=%d") ">; rel=\"next\"",
						  i + 2)
					     .at}},
			.body = "[" ITEM("5", CLOSED) "]"};
	github_bench_open(&b, steps, PAGES);
	ck_assert_int_eq(b.forge.merged_before(b.forge.self, &b.call, &who, &out, &b.err), ERR_OK);
	ck_assert_int_eq(out, TRI_UNKNOWN);
	github_bench_close(&b);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(only_the_forges_own_word_makes_a_member_or_none, belongings),
	SUITE_ROWS(a_change_of_theirs_was_merged_or_none_was_or_nobody_knows, pasts),
	SUITE_TEST(a_past_too_long_to_read_is_unknown),
	SUITE_END,
};
SUITE_MAIN(tests)
