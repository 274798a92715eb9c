/*
 * Which token a request carries: a file's, or an App's; how long, and what is said where there is none.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/app_bench.h"
#include "tests/support/key_file.h"

/* ---- a token file ---- */

static const struct {
	const char *token;
	mode_t mode;
	bool ok;
} token_files[] = {{"t", 0600, true}, {"t\n", 0400, true}, {"t", 0640, false},    {"t", 0604, false},
		   {"", 0600, false}, {"\n", 0600, false}, {"a\nb", 0600, false}, {"a b", 0600, false}};

START_TEST(a_token_file_is_private_and_holds_one_token)
{
	struct access_config config = {.api_url = TEXT_LIT(API)};
	struct access_ports ports = {.wake = {.wait = NULL}};
	struct err err = ERR_NONE;
	struct access *access;
	char file[KEY_FILE_BYTES];

	int64_t now = 0;

	ports.clock = ports.wall = (struct clock_port){&now, bench_clock, bench_clock};
	key_file_text(file, token_files[_i].token, token_files[_i].mode);
	config.token_file = text_of(file);
	access = access_new(&config, &ports, &err);
	(void)unlink(file);
	ck_assert(token_files[_i].ok == (access != NULL));
	if (!access)
		ck_assert_int_eq(err.code, ERR_DENIED);
	access_free(access);
}
END_TEST

START_TEST(a_token_may_be_a_credential_of_the_service_manager)
{
	struct bench b = {.now = SCRIPTED_NOW, .call = {.repo = {7, TEXT_LIT("o/r"), 42}}};
	struct clock_port clock = {&b.now, bench_clock, bench_clock};
	struct access_config config = {.api_url = TEXT_LIT(API)};
	struct access_ports ports = {.clock = clock, .wall = clock};
	char file[KEY_FILE_BYTES];

	key_file_text(file, "first\n", 0600);
	ck_assert_int_eq(setenv("CREDENTIALS_DIRECTORY", "/tmp", 1), 0);
	config.token_file = arena_printf(&b.arena, "credential:%s", file + 5);
	b.access = access_new(&config, &ports, &b.err);
	ck_assert_msg(b.access != NULL, "%s", b.err.text);
	bench_expect(&b, "first");
	(void)unlink(file);
	bench_expect(&b, "first"); /* kept */
	bench_close(&b);
}
END_TEST

/* ---- an App's token ---- */

START_TEST(an_installations_token_is_asked_for_once_and_narrowed)
{
	static const struct scripted_step steps[] = {TAKEN("ghs_1.x.y")};
	struct bench b;

	OPEN(&b, steps);
	bench_expect(&b, "ghs_1.x.y");
	ck_assert_str_eq(b.script.last_body, BODY);
	bench_expect(&b, "ghs_1.x.y");
	b.call.repo = (struct forge_repo){8, TEXT_LIT("o/other"), 42};
	bench_expect(&b, "ghs_1.x.y");
	bench_close(&b);
}
END_TEST

START_TEST(what_went_wrong_before_is_not_asked_about)
{
	static const struct scripted_step steps[] = {TAKEN("ghs_1")};
	struct access_token got;
	struct bench b;

	OPEN(&b, steps);
	for (int i = 0; i < 2; i++) { /* asked for, then kept */
		(void)err_set(&b.err, ERR_GONE, "of another call");
		ck_assert_int_eq(access_take(b.access, scripted_port(&b.script), &b.call, &got, &b.err), ERR_OK);
		ck_assert_str_eq(got.bytes.at, "ghs_1");
		access_drop(&got);
	}
	bench_close(&b);
}
END_TEST

static const struct {
	const char *body;
	int64_t keep_ms;
} lives[] = {
	{GIVEN("ghs_1"), 50 * MINUTE},                          /* an hour */
	{ENDING("ghs_1", "2023-11-15T22:13:20Z"), 50 * MINUTE}, /* a day */
	{ENDING("ghs_1", "2023-11-14T22:43:20Z"), 25 * MINUTE},
	{ENDING("ghs_1", "2023-11-14T22:17:20Z"), 2 * MINUTE},
};

START_TEST(a_token_is_renewed_before_it_ends)
{
	const struct scripted_step steps[] = {
		{.method = "POST", .path = ASKED, .status = 201, .body = lives[_i].body, .bearer = "*"},
		TAKEN("ghs_2")};
	struct bench b;

	OPEN(&b, steps);
	bench_expect(&b, "ghs_1");
	b.now += lives[_i].keep_ms - 1;
	bench_expect(&b, "ghs_1");
	b.now += 1;
	bench_expect(&b, "ghs_2");
	bench_close(&b);
}
END_TEST

START_TEST(how_far_our_clock_is_off_does_not_shorten_a_token)
{
	static const struct scripted_step steps[] = {TAKEN("ghs_1"), TAKEN("ghs_2")};
	struct bench b;

	OPEN(&b, steps);
	b.now += 70 * MINUTE; /* by it, the token has expired already */
	bench_expect(&b, "ghs_1");
	b.now += 50 * MINUTE - 1;
	bench_expect(&b, "ghs_1");
	b.now += 1;
	bench_expect(&b, "ghs_2");
	bench_close(&b);
}
END_TEST

START_TEST(a_token_that_cannot_be_renewed_serves_until_it_dies)
{
	static const struct scripted_step steps[] = {
		TAKEN("ghs_1"),
		{.method = "POST", .path = ASKED, .fail = ERR_RETRY},
		{.method = "POST", .path = ASKED, .status = 502, .body = ""},
		{.method = "POST", .path = ASKED, .status = 502, .body = ""},
		TAKEN("ghs_2"),
	};
	struct bench b;

	OPEN(&b, steps);
	bench_expect(&b, "ghs_1");
	b.now += 50 * MINUTE;
	bench_expect(&b, "ghs_1");
	bench_expect(&b, "ghs_1"); /* without asking each time */
	b.now += 10 * MINUTE - 1;
	bench_expect(&b, "ghs_1");
	b.now += 1;
	bench_expect_none(&b, ERR_RETRY, "unwell");
	bench_expect(&b, "ghs_2");
	bench_close(&b);
}
END_TEST

START_TEST(a_forge_that_names_a_time_is_not_asked_before_it_even_for_a_token_that_died)
{
	static const struct scripted_step steps[] = {
		TAKEN("ghs_1"),
		{.method = "POST", .path = ASKED, .status = 429, .body = "{}", .headers = {{"retry-after", "1200"}}},
		TAKEN("ghs_2"),
	};
	struct bench b;

	OPEN(&b, steps);
	bench_expect(&b, "ghs_1");
	b.now += 50 * MINUTE;
	bench_expect(&b, "ghs_1");
	b.now += 10 * MINUTE;
	bench_expect_none(&b, ERR_RETRY, "rate limit");
	ck_assert_int_eq(b.err.retry_at_ms, b.now + 10 * MINUTE);
	b.now += 10 * MINUTE;
	bench_expect(&b, "ghs_2");
	bench_close(&b);
}
END_TEST

START_TEST(a_refused_token_is_renewed_once_whoever_says_so)
{
	static const struct scripted_step steps[] = {TAKEN("ghs_1"), TAKEN("ghs_2")};
	struct bench b;

	OPEN(&b, steps);
	bench_expect(&b, "ghs_1");
	bench_refuse(&b, "ghs_0"); /* by somebody who carried an older one */
	bench_expect(&b, "ghs_1");
	bench_refuse(&b, "ghs_1");
	bench_expect(&b, "ghs_2");
	bench_refuse(&b, "ghs_1");
	bench_expect(&b, "ghs_2");
	bench_close(&b);
}
END_TEST

START_TEST(tokens_that_are_refused_again_and_again_are_not_asked_for_in_a_storm)
{
	static const struct scripted_step steps[] = {TAKEN("ghs_1"), TAKEN("ghs_2"), TAKEN("ghs_3"), TAKEN("ghs_4")};
	struct bench b;

	OPEN(&b, steps);
	bench_expect(&b, "ghs_1");
	bench_refuse(&b, "ghs_1");
	bench_expect(&b, "ghs_2");
	bench_refuse(&b, "ghs_2");
	bench_expect_none(&b, ERR_RETRY, "refuses the tokens that it gives");
	ck_assert_int_eq(b.err.retry_at_ms, b.now + 1000);
	b.now += 1000;
	bench_expect(&b, "ghs_3");
	b.now += MINUTE;
	bench_refuse(&b, "ghs_3");
	bench_expect(&b, "ghs_4");
	bench_close(&b);
}
END_TEST

/* ---- what is refused ---- */

static const struct {
	const char *what;
	struct scripted_step step;
	enum err_code code;
	const char *why;
	int64_t retry_in; /* 0: none named */
} refusals[] = {
	{"suspended",
	 {.status = 403, .body = "{\"message\":\"This installation has been suspended\"}"},
	 ERR_DENIED,
	 "installation 42 gives no token (403): suspended",
	 1000},
	{"rate", {.status = 403, .body = "{}", .headers = {{"retry-after", "70"}}}, ERR_RETRY, "rate limit", 70000},
	{"unproven",
	 {.status = 401, .body = "{}"},
	 ERR_DENIED,
	 "do forge.app_id and forge.key_file belong together",
	 1000},
	{"unwell", {.status = 500, .body = "{}"}, ERR_RETRY, "unwell", 0},
	{"no network", {.fail = ERR_RETRY}, ERR_RETRY, "scripted", 0},
	{"too large", {.fail = ERR_LIMIT}, ERR_LIMIT, "scripted", 1000},
	{"moved",
	 {.status = 301, .body = "{}", .headers = {{"location", "https://evil.test/"}}},
	 ERR_INVALID,
	 "redirect",
	 1000},
	{"no token", {.status = 201, .body = ENDING("", "2023-11-14T23:13:20Z")}, ERR_INVALID, "one word", 1000},
	{"no field", {.status = 201, .body = "{\"expires_at\":\"2023-11-14T23:13:20Z\"}"}, ERR_INVALID, "token", 1000},
	{"two words",
	 {.status = 201, .body = ENDING("ghs_1 ghs_2", "2023-11-14T23:13:20Z")},
	 ERR_INVALID,
	 "one word",
	 1000},
	{"a line break",
	 {.status = 201, .body = ENDING("ghs_1\\r\\nX: y", "2023-11-14T23:13:20Z")},
	 ERR_INVALID,
	 "one word",
	 1000},
	{"no end", {.status = 201, .body = ENDING("ghs_1", "soon")}, ERR_INVALID, "expires_at", 1000},
	{"ended", {.status = 201, .body = ENDING("ghs_1", "2023-11-14T22:13:20Z")}, ERR_INVALID, "expired", 1000},
	{"cut short", {.status = 201, .body = "{\"token\":\"ghs_"}, ERR_RETRY, "", 0},
};

START_TEST(what_gives_no_token_is_sorted_by_what_helps)
{
	struct scripted_step steps[] = {refusals[_i].step,
					{.method = "GET", .path = PLACE, .status = 200, .body = "{\"id\":42}"}};
	struct bench b;

	steps[0].method = "POST", steps[0].path = ASKED, steps[0].bearer = "*";
	bench_open(&b, steps, refusals[_i].code == ERR_DENIED ? 2 : 1);
	bench_expect_none(&b, refusals[_i].code, refusals[_i].why);
	ck_assert_msg(b.err.retry_at_ms == (refusals[_i].retry_in ? b.now + refusals[_i].retry_in : 0), "%s: %lld",
		      refusals[_i].what, (long long)(b.err.retry_at_ms - b.now));
	if (refusals[_i].retry_in)
		bench_expect_none(&b, refusals[_i].code, refusals[_i].why); /* nothing is asked meanwhile */
	bench_close(&b);
}
END_TEST

static const int ends[12] = {0};

/* The clock goes on between two looks at it, of which one is before the end of the pause and the next one behind it. */
START_TEST(a_pause_that_ends_while_it_is_looked_at_leaves_nobody_without_token_or_error)
{
	static const struct scripted_step steps[] = {
		{.method = "POST", .path = ASKED, .fail = ERR_LIMIT, .bearer = "*"},
		{.method = "POST", .path = ASKED, .fail = ERR_LIMIT, .bearer = "*"}};
	struct bench b;

	OPEN(&b, steps);
	bench_expect_none(&b, ERR_LIMIT, "scripted");
	b.now = b.err.retry_at_ms - 1 - _i;
	b.step = 1;
	bench_expect_none(&b, ERR_LIMIT, "scripted");
	b.step = 0;
	b.now += MINUTE;
	if (b.script.asked < 2)
		bench_expect_none(&b, ERR_LIMIT, "scripted");
	bench_close(&b);
}
END_TEST

START_TEST(a_token_that_dies_while_it_is_taken_is_none)
{
	static const struct scripted_step steps[] = {TAKEN("ghs_1")};
	struct bench b;

	OPEN(&b, steps);
	b.step = 120 * MINUTE;
	b.call.deadline_ms = INT64_MAX;
	bench_expect_none(&b, ERR_RETRY, "ended");
	bench_close(&b);
}
END_TEST

START_TEST(a_clock_that_is_off_is_named)
{
	static const struct scripted_step steps[] = {{.method = "POST", .path = ASKED, .status = 401, .body = "{}"},
						     {.method = "GET", .path = PLACE, .status = 401, .body = "{}"}};
	struct bench b;

	OPEN(&b, steps);
	b.now -= 20 * MINUTE;
	bench_expect_none(&b, ERR_DENIED, "this clock is -1200 s off the forge's");
	bench_close(&b);
}
END_TEST

/* ---- permissions ---- */

#define INSTALLATION(target, permissions) "{\"id\":42,\"target_type\":\"" target "\",\"permissions\":{" permissions "}}"
#define MOST                              "\"checks\":\"write\",\"contents\":\"read\",\"metadata\":\"read\",\"pull_requests\":\"read\""
#define WRITE                             ",\"statuses\":\"write\""
#define ISSUES                            ",\"issues\":\"read\""
#define ACTIONS                           ",\"actions\":\"read\""
#define SECOND(issues, members, actions)                                                                               \
	"{\"permissions\":{\"statuses\":\"write\",\"checks\":\"read\",\"contents\":\"read\"" issues members            \
	",\"metadata\":\"read\",\"pull_requests\":\"read\"" actions "}}"

static const struct {
	const char *read;
	const char *why;    /* NULL: asked again, and taken */
	const char *second; /* the names then asked for */
} lacks[] = {
	{INSTALLATION("Organization", MOST ",\"statuses\":\"read\",\"members\":\"read\""),
	 "installation 42 was not granted statuses: write: whoever owns it", NULL},
	{INSTALLATION("Organization", MOST WRITE ISSUES), "not granted members: read:", NULL},
	{INSTALLATION("Organization", "\"statuses\":\"write\""),
	 "not granted checks: read, contents: read, members: read, metadata: read, pull_requests: read:", NULL},
	{INSTALLATION("Organization", MOST WRITE ISSUES ACTIONS ",\"members\":\"read\""),
	 "rejects the permissions asked for", NULL},
	{INSTALLATION("Organization", MOST WRITE ",\"members\":\"read\""), NULL,
	 SECOND("", ",\"members\":\"read\"", "")},
	{INSTALLATION("User", MOST), "not granted statuses: write:", NULL},
	{INSTALLATION("User", MOST WRITE ISSUES), NULL, SECOND(ISSUES, "", "")},
	{INSTALLATION("User", MOST WRITE), NULL, SECOND("", "", "")},
	{INSTALLATION("User", MOST WRITE ACTIONS), NULL, SECOND("", "", ACTIONS)},
};

START_TEST(a_permission_that_is_missing_is_named)
{
	const struct scripted_step steps[] = {
		{.method = "POST", .path = ASKED, .status = 422, .body = "{}", .bearer = "*"},
		{.method = "GET",
		 .path = "/app/installations/42",
		 .status = 200,
		 .body = lacks[_i].read,
		 .bearer = "*"},
		lacks[_i].why
			? (struct scripted_step){.method = "GET", .path = PLACE, .status = 200, .body = "{\"id\":42}"}
			: (struct scripted_step)TAKEN("ghs_1"),
	};
	struct bench b;

	OPEN(&b, steps);
	if (lacks[_i].why)
		bench_expect_none(&b, ERR_DENIED, lacks[_i].why);
	else
		bench_expect(&b, "ghs_1");
	if (!lacks[_i].why)
		ck_assert_str_eq(b.script.last_body, lacks[_i].second);
	bench_close(&b);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_token_file_is_private_and_holds_one_token, token_files),
	SUITE_TEST(a_token_may_be_a_credential_of_the_service_manager),
	SUITE_TEST(an_installations_token_is_asked_for_once_and_narrowed),
	SUITE_TEST(what_went_wrong_before_is_not_asked_about),
	SUITE_ROWS(a_token_is_renewed_before_it_ends, lives),
	SUITE_TEST(how_far_our_clock_is_off_does_not_shorten_a_token),
	SUITE_TEST(a_token_that_cannot_be_renewed_serves_until_it_dies),
	SUITE_TEST(a_forge_that_names_a_time_is_not_asked_before_it_even_for_a_token_that_died),
	SUITE_TEST(a_refused_token_is_renewed_once_whoever_says_so),
	SUITE_TEST(tokens_that_are_refused_again_and_again_are_not_asked_for_in_a_storm),
	SUITE_ROWS(what_gives_no_token_is_sorted_by_what_helps, refusals),
	SUITE_ROWS(a_pause_that_ends_while_it_is_looked_at_leaves_nobody_without_token_or_error, ends),
	SUITE_TEST(a_token_that_dies_while_it_is_taken_is_none),
	SUITE_TEST(a_clock_that_is_off_is_named),
	SUITE_ROWS(a_permission_that_is_missing_is_named, lacks),
	SUITE_END};
APP_BENCH_MAIN(tests)
