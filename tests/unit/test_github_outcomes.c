/* What other tools said of a commit, as the GitHub port reads it. */
#include "tests/support/github_bench.h"
#include "tests/support/suite.h"

#define SHA      "1111111111111111111111111111111111111111"
#define OTHER    "2222222222222222222222222222222222222222"
#define STATUSES "/repos/o/r/commits/" SHA "/statuses?per_page=100"
#define CHECKS   "/repos/o/r/commits/" SHA "/check-runs?filter=latest&per_page=100"
#define RUNS     "/repos/o/r/actions/runs?head_sha=" SHA "&per_page=100"

#define STATUS(id, context, state, who)                                                                                \
	"{\"id\":" id ",\"context\":\"" context "\",\"state\":\"" state "\",\"creator\":" who "}"
#define ANN "{\"id\":5,\"login\":\"ann\"}"
#define BOT "{\"id\":6,\"login\":\"ci[bot]\"}"
#define CHECK(id, name, status, conclusion, app)                                                                       \
	"{\"id\":" id ",\"name\":\"" name "\",\"status\":\"" status "\",\"conclusion\":" conclusion ",\"app\":" app "}"
#define CI   "{\"id\":70,\"slug\":\"ci\"}"
#define LINT "{\"id\":71,\"slug\":\"lint\"}"
#define RUN(id, path, event, status, conclusion, sha)                                                                  \
	"{\"id\":" id ",\"path\":\"" path "\",\"event\":\"" event "\",\"status\":\"" status                            \
	"\",\"conclusion\":" conclusion ",\"head_sha\":\"" sha "\"}"
#define OF_CHECKS(list) "{\"total_count\":9,\"check_runs\":[" list "]}"
#define OF_RUNS(list)   "{\"total_count\":9,\"workflow_runs\":[" list "]}"

static const struct {
	enum outcome_kind kind;
	const char *path, *body;
	enum err_code code;
	const char *words; /* "ID NAME STATE APP/EVENT;" each */
} rows[] = {
	{OUTCOME_STATUS, STATUSES,
	 "[" STATUS("9", "ci", "success", ANN) "," STATUS("8", "ci", "failure", ANN) "," STATUS(
		 "7", "ci", "pending", BOT) "," STATUS("6", "lint", "error", "null") "]",
	 ERR_OK, "9 ci success ;7 ci pending ci;6 lint error ;"},
	{OUTCOME_STATUS, STATUSES, "[" STATUS("8", "ci", "failure", ANN) "," STATUS("9", "ci", "success", ANN) "]",
	 ERR_OK, "9 ci success ;"},
	{OUTCOME_STATUS, STATUSES, "[" STATUS("9", "ci", "splendid", ANN) "]", ERR_INVALID, ""},
	{OUTCOME_CHECK, CHECKS,
	 OF_CHECKS(CHECK("3", "t", "completed", "\"failure\"", CI) "," CHECK(
		 "4", "t", "in_progress", "null", CI) "," CHECK("2", "t", "completed", "\"success\"", LINT)),
	 ERR_OK, "4 t pending ci;2 t success lint;"},
	{OUTCOME_CHECK, CHECKS, OF_CHECKS(CHECK("3", "t", "queued", "\"success\"", CI)), ERR_OK, "3 t pending ci;"},
	{OUTCOME_CHECK, CHECKS, OF_CHECKS(CHECK("3", "t", "completed", "null", CI)), ERR_OK, "3 t pending ci;"},
	{OUTCOME_CHECK, CHECKS, OF_CHECKS(CHECK("3", "t", "completed", "\"success\"", "null")), ERR_OK,
	 "3 t success ;"},
	{OUTCOME_CHECK, CHECKS, OF_CHECKS(""), ERR_OK, ""},
	{OUTCOME_CHECK, CHECKS, OF_CHECKS(CHECK("0", "t", "completed", "\"success\"", CI)), ERR_INVALID, ""},
	{OUTCOME_CHECK, CHECKS, "{\"total_count\":0}", ERR_INVALID, ""},
	{OUTCOME_WORKFLOW, RUNS,
	 OF_RUNS(RUN("3", "w.yml", "push", "completed", "\"success\"",
		     SHA) "," RUN("5", "w.yml@refs/heads/x", "push", "in_progress", "null",
				  SHA) "," RUN("4", "w.yml", "pull_request", "completed", "\"timed_out\"", SHA)),
	 ERR_OK, "5 w.yml pending push;4 w.yml timed_out pull_request;"},
	{OUTCOME_WORKFLOW, RUNS, OF_RUNS(RUN("3", "w.yml", "push", "completed", "\"success\"", OTHER)), ERR_OK, ""},
	{OUTCOME_WORKFLOW, RUNS, OF_RUNS("{\"id\":3}"), ERR_INVALID, ""},
};

START_TEST(the_newest_word_of_each_speaker_is_read)
{
	struct scripted_step step = {.method = "GET", .path = rows[_i].path, .status = 200, .body = rows[_i].body};
	struct forge_asked in = {{SHA}, rows[_i].kind};
	struct forge_list_outcomes out = {NULL, 0};
	struct text words = TEXT_EMPTY;
	struct github_bench b;

	github_bench_open(&b, &step, 1);
	ck_assert_int_eq(b.forge.outcomes(b.forge.self, &b.call, &in, &out, &b.err), rows[_i].code);
	for (size_t i = 0; i < out.n; i++) {
		const struct outcome *is = &out.at[i].is;

		ck_assert(is->kind == rows[_i].kind);
		words = arena_printf(b.call.arena, "%.*s%lld %.*s %.*s %.*s;", TEXT_ARG(words), (long long)out.at[i].id,
				     TEXT_ARG(is->name), TEXT_ARG(is->state),
				     TEXT_ARG(is->kind == OUTCOME_WORKFLOW ? is->event : is->app));
	}
	ck_assert_msg(text_is(words, rows[_i].words), "%.*s", TEXT_ARG(words));
	github_bench_close(&b);
}
END_TEST

static const struct suite_test tests[] = {SUITE_ROWS(the_newest_word_of_each_speaker_is_read, rows), SUITE_END};
SUITE_MAIN(tests)
