/* Check runs with the status's name, as the GitHub port reads them. */
#include "tests/support/github_bench.h"
#include "tests/support/suite.h"

#define SHA "1111111111111111111111111111111111111111"

#define RUN(name, status, conclusion)                                                                                  \
	"{\"total_count\":1,\"check_runs\":[{\"id\":9,\"name\":\"" name "\",\"status\":\"" status                      \
	"\",\"conclusion\":" conclusion ",\"app\":{\"id\":70,\"slug\":\"ci\"}}]}"
static const struct {
	const char *body;
	enum err_code code;
	size_t n;
	bool may_pass;
} runs[] = {
	{RUN("policy/x", "completed", "\"success\""), ERR_OK, 1, true},
	{RUN("policy/x", "completed", "\"neutral\""), ERR_OK, 1, true},
	{RUN("policy/x", "completed", "\"failure\""), ERR_OK, 1, false},
	{RUN("policy/x", "completed", "\"cancelled\""), ERR_OK, 1, false},
	{RUN("policy/x", "completed", "\"splendid\""), ERR_OK, 1, true},
	{RUN("policy/x", "in_progress", "null"), ERR_OK, 1, true},
	{RUN("policy/x", "queued", "\"failure\""), ERR_OK, 1, true},
	{RUN("policy/y", "completed", "\"success\""), ERR_OK, 0, false},
	{"{\"total_count\":0,\"check_runs\":[]}", ERR_OK, 0, false},
	{"{\"total_count\":1,\"check_runs\":[{\"name\":\"policy/x\"}]}", ERR_INVALID, 0, false},
	{"{\"total_count\":0}", ERR_INVALID, 0, false},
	{"[]", ERR_INVALID, 0, false},
};

START_TEST(a_check_run_may_pass_unless_it_certainly_denies)
{
	struct scripted_step step = {.method = "GET",
				     .path = "/repos/o/r/commits/" SHA
					     "/check-runs?check_name=policy%2Fx&filter=latest&per_page=100",
				     .status = 200,
				     .body = runs[_i].body};
	struct forge_named in = {{SHA}, TEXT_LIT("policy/x")};
	struct forge_list_checks out = {NULL, 0};
	struct github_bench b;

	github_bench_open(&b, &step, 1);
	ck_assert_int_eq(b.forge.check_runs(b.forge.self, &b.call, &in, &out, &b.err), runs[_i].code);
	ck_assert_uint_eq(out.n, runs[_i].n);
	if (out.n > 0) {
		ck_assert(out.at[0].may_pass == runs[_i].may_pass && text_is(out.at[0].app_name, "ci"));
		ck_assert(out.at[0].id == 9 && out.at[0].app == 70);
	}
	github_bench_close(&b);
}
END_TEST

START_TEST(what_an_earlier_call_failed_of_stops_no_later_one)
{
	static const struct scripted_step steps[] = {
		{.method = "GET", .path = "/repos/o/r/collaborators/x/permission", .status = 404, .body = "{}"},
		{.method = "GET",
		 .path = "/repos/o/r/commits/" SHA "/check-runs?check_name=p&filter=latest&per_page=100",
		 .status = 200,
		 .body = "{\"check_runs\":[]}"}};
	struct forge_named in = {{SHA}, TEXT_LIT("p")};
	struct forge_list_checks out;
	struct member member;
	struct github_bench b;

	github_bench_open(&b, steps, 2);
	ck_assert_int_eq(b.forge.permission(b.forge.self, &b.call, TEXT_LIT("x"), &member, &b.err), ERR_GONE);
	ck_assert_int_eq(b.forge.check_runs(b.forge.self, &b.call, &in, &out, &b.err), ERR_OK); /* asked for */
	github_bench_close(&b);
}
END_TEST

static const struct suite_test tests[] = {SUITE_ROWS(a_check_run_may_pass_unless_it_certainly_denies, runs),
					  SUITE_TEST(what_an_earlier_call_failed_of_stops_no_later_one), SUITE_END};
SUITE_MAIN(tests)
