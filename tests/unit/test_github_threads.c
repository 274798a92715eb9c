/* Conversations, as the GitHub port reads them: by GraphQL, all pages of one state, or not at all. */
#include "tests/support/github_bench.h"
#include "tests/support/suite.h"

#include <string.h>

#define URL "https://forge.test/api/graphql"
#define NODE(id, resolved, comments)                                                                                   \
	"{\"id\":\"" id "\",\"isResolved\":" resolved ",\"comments\":{\"nodes\":[" comments "]}}"
#define PAGE_AT(time, total, nodes, info)                                                                              \
	"{\"data\":{\"repository\":{\"databaseId\":7,\"pullRequest\":{\"updatedAt\":" time                             \
	",\"reviewThreads\":{\"totalCount\":" total ",\"nodes\":[" nodes "],\"pageInfo\":" info "}}}}}"
#define TIME                     "\"2023-11-14T00:00:00Z\""
#define PAGE(total, nodes, info) PAGE_AT(TIME, total, nodes, info)
#define LAST                     "{\"hasNextPage\":false,\"endCursor\":null}"
#define MORE                     "{\"hasNextPage\":true,\"endCursor\":\"c1\"}"
#define A                        NODE("A", "true", "{\"databaseId\":5}")
#define B                        NODE("B", "false", "")
#define ERRORS(type)             "{\"data\":null,\"errors\":[{\"type\":" type ",\"message\":\"no\"}]}"

static const struct {
	const char *what;
	const char *bodies[4];
	enum err_code code;
	unsigned status; /* of the first; 0: 200 */
	size_t n;
} rows[] = {
	{"none", {PAGE("0", "", LAST)}, ERR_OK, 0, 0},
	{"two", {PAGE("2", A "," B, LAST)}, ERR_OK, 0, 2},
	{"two pages", {PAGE("2", A, MORE), PAGE("2", B, LAST)}, ERR_OK, 0, 2},
	{"one that comes twice", {PAGE("2", A, MORE), PAGE("2", A, LAST)}, ERR_RETRY, 0, 0},
	{"fewer than counted", {PAGE("2", A, LAST)}, ERR_RETRY, 0, 0},
	{"more than counted", {PAGE("1", A "," B, LAST)}, ERR_RETRY, 0, 0},
	{"another count on the second page", {PAGE("2", A, MORE), PAGE("3", B, LAST)}, ERR_RETRY, 0, 0},
	{"another time on the second page",
	 {PAGE("2", A, MORE), PAGE_AT("\"2023-11-14T00:00:01Z\"", "2", B, LAST)},
	 ERR_RETRY,
	 0,
	 0},
	{"more than the limit", {PAGE("301", A, MORE)}, ERR_LIMIT, 0, 0},
	{"an empty page that goes on", {PAGE("2", "", MORE)}, ERR_INVALID, 0, 0},
	{"goes on without a place", {PAGE("2", A, "{\"hasNextPage\":true,\"endCursor\":null}")}, ERR_INVALID, 0, 0},
	{"nobody says whether it goes on", {PAGE("1", A, "null")}, ERR_INVALID, 0, 0},
	{"nobody says whether it is resolved", {PAGE("1", NODE("A", "null", ""), LAST)}, ERR_INVALID, 0, 0},
	{"no id", {PAGE("1", "{\"isResolved\":true}", LAST)}, ERR_INVALID, 0, 0},
	{"no time", {PAGE_AT("null", "1", A, LAST)}, ERR_INVALID, 0, 0},
	{"no count", {PAGE("null", A, LAST)}, ERR_INVALID, 0, 0},
	{"a count below 0", {PAGE("-1", "", LAST)}, ERR_INVALID, 0, 0},
	{"no change", {"{\"data\":{\"repository\":{\"databaseId\":7,\"pullRequest\":null}}}"}, ERR_INVALID, 0, 0},
	{"another repository", {"{\"data\":{\"repository\":{\"databaseId\":8,\"pullRequest\":{}}}}"}, ERR_RETRY, 0, 0},
	{"nothing", {"{}"}, ERR_RETRY, 0, 0},
	{"not found", {ERRORS("\"NOT_FOUND\"")}, ERR_GONE, 0, 0},
	{"not allowed", {ERRORS("\"FORBIDDEN\"")}, ERR_DENIED, 0, 0},
	{"no scope", {ERRORS("\"INSUFFICIENT_SCOPES\"")}, ERR_DENIED, 0, 0},
	{"over the limit", {ERRORS("\"RATE_LIMITED\"")}, ERR_RETRY, 0, 0},
	{"another refusal", {ERRORS("null")}, ERR_RETRY, 0, 0},
	{"data and errors",
	 {"{\"errors\":[{}],\"data\":{\"repository\":{\"databaseId\":7,\"pullRequest\":{}}}}"},
	 ERR_RETRY,
	 0,
	 0},
	{"a server without GraphQL", {"{}"}, ERR_GONE, 404, 0},
	{"a server that is unwell", {"{}"}, ERR_RETRY, 502, 0},
};

START_TEST(conversations_are_read_whole_or_not_at_all)
{
	struct scripted_step steps[4];
	struct forge_list_threads out = {.n = 99};
	struct github_bench b;
	size_t n = 0;

	for (; n < 4 && rows[_i].bodies[n]; n++)
		steps[n] = (struct scripted_step){
			.method = "POST", .path = URL, .status = 200, .body = rows[_i].bodies[n]};
	if (rows[_i].status)
		steps[0].status = rows[_i].status;
	github_bench_open(&b, steps, n);
	ck_assert_msg(b.forge.threads(b.forge.self, &b.call, 3, &out, &b.err) == rows[_i].code, "%s: %s", rows[_i].what,
		      b.err.text);
	if (rows[_i].code == ERR_OK) {
		ck_assert_uint_eq(out.n, rows[_i].n);
		ck_assert_int_eq(out.updated_at, INT64_C(1699920000000));
	} else {
		ck_assert_uint_eq(out.n, 99);
	}
	if (out.n == 2) {
		ck_assert(text_is(out.at[0].id, "A") && out.at[0].resolved && out.at[0].comment == 5);
		ck_assert(text_is(out.at[1].id, "B") && !out.at[1].resolved && out.at[1].comment == 0);
	}
	github_bench_close(&b);
}
END_TEST

START_TEST(the_question_names_the_change_and_where_the_page_begins)
{
	const struct scripted_step steps[] = {
		{.method = "POST", .path = URL, .status = 200, .body = PAGE("2", A, MORE)},
		{.method = "POST", .path = URL, .status = 200, .body = PAGE("2", B, LAST)}};
	struct forge_list_threads out;
	struct github_bench b;

	github_bench_open(&b, steps, 2);
	ck_assert_int_eq(b.forge.threads(b.forge.self, &b.call, 3, &out, &b.err), ERR_OK);
	ck_assert_ptr_nonnull(strstr(b.script.last_body,
				     "\"variables\":{\"owner\":\"o\",\"name\":\"r\",\"number\":3,\"after\":\"c1\"}"));
	github_bench_close(&b);
}
END_TEST

START_TEST(a_refusal_over_the_limit_names_the_forges_time)
{
	const struct scripted_step steps[] = {{.method = "POST",
					       .path = URL,
					       .status = 200,
					       .body = ERRORS("\"RATE_LIMITED\""),
					       .headers = {{"x-ratelimit-reset", "1700000100"}}}};
	struct forge_list_threads out;
	struct github_bench b;

	github_bench_open(&b, steps, 1);
	ck_assert_int_eq(b.forge.threads(b.forge.self, &b.call, 3, &out, &b.err), ERR_RETRY);
	ck_assert_int_eq(b.err.retry_at_ms, SCRIPTED_NOW + 100000);
	github_bench_close(&b);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(conversations_are_read_whole_or_not_at_all, rows),
	SUITE_TEST(the_question_names_the_change_and_where_the_page_begins),
	SUITE_TEST(a_refusal_over_the_limit_names_the_forges_time),
	SUITE_END,
};
SUITE_MAIN(tests)
