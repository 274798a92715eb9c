/* Check runs with the status's name, as the GitHub port reads them. */
#include <stdlib.h>
#include <unistd.h>

#include "agent/forge/github.h"
#include "tests/support/scripted.h"
#include "tests/support/suite.h"

#define API "https://forge.test/api/v3"
#define SHA "1111111111111111111111111111111111111111"

static int64_t now(void *self)
{
	(void)self;
	return SCRIPTED_NOW;
}

struct bench {
	struct scripted script;
	struct access *access;
	struct github *github;
	struct arena arena;
	struct err err;
	char file[64];
};

static void open_bench(struct bench *b, const struct scripted_step *steps, size_t n)
{
	struct clock_port clock = {NULL, now, now};
	struct access_ports ports = {.clock = clock, .wall = clock};
	struct github_config config = {.api_url = TEXT_LIT(API), .pages_max = 3, .answer_bytes = 100000};
	int fd;

	*b = (struct bench){.script = {.base = API, .steps = steps, .n = n}, .file = "/tmp/headgate-token-XXXXXX"};
	fd = mkstemp(b->file);
	ck_assert(fd >= 0 && write(fd, "first", 5) == 5 && close(fd) == 0);
	b->access = access_new(&(struct access_config){.api_url = TEXT_LIT(API), .token_file = text_of(b->file)},
			       &ports, &b->err);
	ck_assert_msg(b->access != NULL, "%s", b->err.text);
	config.access = b->access;
	b->github = github_new(&config, scripted_port(&b->script), clock, &b->err);
	ck_assert_msg(b->github != NULL, "%s", b->err.text);
}

static void close_bench(struct bench *b)
{
	scripted_over(&b->script);
	github_free(b->github);
	access_free(b->access);
	arena_release(&b->arena);
	(void)unlink(b->file);
}

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
	struct forge_call call;
	struct forge forge;
	struct bench b;

	open_bench(&b, &step, 1);
	forge = github_port(b.github);
	call = (struct forge_call){{7, TEXT_LIT("o/r"), 0}, &b.arena, SCRIPTED_NOW + 1000, 0};
	ck_assert_int_eq(forge.check_runs(forge.self, &call, &in, &out, &b.err), runs[_i].code);
	ck_assert_uint_eq(out.n, runs[_i].n);
	if (out.n > 0) {
		ck_assert(out.at[0].may_pass == runs[_i].may_pass && text_is(out.at[0].app_name, "ci"));
		ck_assert(out.at[0].id == 9 && out.at[0].app == 70);
	}
	close_bench(&b);
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
	struct forge_call call;
	struct forge forge;
	struct bench b;

	open_bench(&b, steps, 2);
	forge = github_port(b.github);
	call = (struct forge_call){{7, TEXT_LIT("o/r"), 0}, &b.arena, SCRIPTED_NOW + 1000, 0};
	ck_assert_int_eq(forge.permission(forge.self, &call, TEXT_LIT("x"), &member, &b.err), ERR_GONE);
	ck_assert_int_eq(forge.check_runs(forge.self, &call, &in, &out, &b.err), ERR_OK); /* asked for */
	close_bench(&b);
}
END_TEST

static const struct suite_test tests[] = {SUITE_ROWS(a_check_run_may_pass_unless_it_certainly_denies, runs),
					  SUITE_TEST(what_an_earlier_call_failed_of_stops_no_later_one), SUITE_END};
SUITE_MAIN(tests)
