/* The App's list of deliveries, and asking for one more attempt: under its own proof, bounded, and never half believed.
 */
#include <unistd.h>

#include "agent/forge/github.h"
#include "tests/support/app_bench.h"
#include "tests/support/key_file.h"

#define LIST      "/app/hook/deliveries?per_page=100"
#define CURSOR(n) LIST "&cursor=v1_" n
#define NEXT(url)                                                                                                      \
	{                                                                                                              \
		"link", "<" url ">; rel=\"next\""                                                                      \
	}
#define ATTEMPTS    "/app/hook/deliveries/9/attempts"
#define AT(seconds) "2023-11-14T22:00:" seconds "Z"
#define T0          INT64_C(1699999200000) /* AT("00") */
#define ONE(id, guid, seconds, code)                                                                                   \
	"{\"id\":" id ",\"guid\":\"" guid                                                                              \
	"\",\"delivered_at\":\"" AT(seconds) "\",\"redelivery\":false,"                                                \
					     "\"status_code\":" code                                                   \
					     ",\"event\":\"push\",\"action\":null,\"installation_id\":null,"           \
					     "\"repository_id\":null}"
#define PAGE(next_, body_)                                                                                             \
	{                                                                                                              \
		.method = "GET", .path = LIST, .status = 200, .body = body_, .bearer = "*", .headers = {               \
			NEXT(API next_)                                                                                \
		}                                                                                                      \
	}

struct hook_bench {
	struct bench b;
	struct github *github;
	struct etags *etags;
	struct forge forge;
};

static void open_hook(struct hook_bench *h, const struct scripted_step *steps, size_t n, struct pace *pace)
{
	struct github_config config = {.api_url = TEXT_LIT(API), .pages_max = 2, .answer_bytes = 100000, .pace = pace};
	struct clock_port clock = {&h->b.now, bench_clock, bench_clock};

	bench_open(&h->b, steps, n);
	config.access = h->b.access;
	config.etags = h->etags = etags_new(1 << 20);
	h->github = github_new(&config, scripted_port(&h->b.script), clock, &h->b.err);
	ck_assert_msg(h->github != NULL, "%s", h->b.err.text);
	h->forge = github_port(h->github);
	h->b.call.repo = (struct forge_repo){0};
}
#define HOOK(h, steps) open_hook(h, steps, sizeof(steps) / sizeof((steps)[0]), NULL)

static void close_hook(struct hook_bench *h)
{
	github_free(h->github);
	etags_free(h->etags);
	bench_close(&h->b);
}

static enum err_code list(struct hook_bench *h, const struct forge_span *in, struct forge_list_deliveries *out)
{
	h->b.err = ERR_NONE;
	return h->forge.deliveries(h->forge.self, &h->b.call, in, out, &h->b.err);
}

START_TEST(an_attempt_is_read_with_what_came_of_it)
{
	static const struct scripted_step steps[] = {
		{.method = "GET",
		 .path = LIST,
		 .status = 200,
		 .bearer = "*",
		 .body = "[{\"id\":12,\"guid\":\"g-1\",\"delivered_at\":\"" AT(
			 "01") "\",\"redelivery\":true,\"status_code\":204,\"event\":\"push\",\"installation_id\":42,"
			       "\"repository_id\":7}," ONE("11", "g-2", "00", "0") "," ONE("10", "g-3", "00",
											   "302") "]"}};
	struct forge_span all = {.since = WHEN_UNKNOWN};
	struct forge_list_deliveries out;
	struct hook_bench h;

	HOOK(&h, steps);
	ck_assert(h.forge.keeps_deliveries(h.forge.self));
	ck_assert_msg(list(&h, &all, &out) == ERR_OK, "%s", h.b.err.text);
	ck_assert_uint_eq(out.n, 3);
	ck_assert_uint_eq(out.rest.len, 0);
	ck_assert_int_eq(out.at[0].id, 12);
	ck_assert(text_is(out.at[0].guid, "g-1") && text_is(out.at[0].event, "push"));
	ck_assert(out.at[0].answered && out.at[0].again);
	ck_assert_int_eq(out.at[0].attempted_at, T0 + 1000);
	ck_assert_int_eq(out.at[0].installation, 42);
	ck_assert_int_eq(out.at[0].repo, 7);
	ck_assert(!out.at[1].answered && !out.at[1].again && out.at[1].repo == 0);
	ck_assert(!out.at[2].answered); /* a redirect is not followed, and brings nothing */
	close_hook(&h);
}
END_TEST

#define SECOND_PAGE(next_header)                                                                                       \
	{                                                                                                              \
		.method = "GET", .path = CURSOR("5"), .status = 200, .body = "[" ONE("4", "d", "10", "202") "]",       \
		.bearer = "*", next_header                                                                             \
	}
static const struct scripted_step two_pages[] = {
	PAGE(CURSOR("5"), "[" ONE("6", "a", "30", "502") "," ONE("5", "b", "20", "202") "]"),
	SECOND_PAGE(.headers = {NEXT(API CURSOR("4"))}),
};

/* Newest at 30 s, then 20 s; 10 s on the second page, which has a third behind it. */
static const struct {
	int64_t since;
	size_t pages, n;
	const char *rest;
} spans[] = {
	{WHEN_UNKNOWN, 2, 3, API CURSOR("4")}, /* limits.pages */
	{T0 + 5000, 2, 3, API CURSOR("4")},    /* there may be more of them */
	{T0 + 11000, 2, 3, ""},
	{T0 + 20000, 2, 3, ""}, /* one at this very second may have a neighbour on the next page */
	{T0 + 20001, 1, 2, ""},
	{T0 + 60000, 1, 2, ""},
};

START_TEST(the_list_is_read_back_to_its_bound_or_says_where_it_goes_on)
{
	struct forge_span in = {.since = spans[_i].since};
	struct forge_list_deliveries out;
	struct hook_bench h;

	open_hook(&h, two_pages, spans[_i].pages, NULL);
	ck_assert_msg(list(&h, &in, &out) == ERR_OK, "%s", h.b.err.text);
	ck_assert_uint_eq(out.n, spans[_i].n);
	ck_assert_msg(text_is(out.rest, spans[_i].rest), "%.*s", TEXT_ARG(out.rest));
	close_hook(&h);
}
END_TEST

START_TEST(it_goes_on_where_it_ended)
{
	static const struct scripted_step steps[] = {SECOND_PAGE(.etag = NULL)};
	struct forge_span in = {.from = TEXT_LIT(API CURSOR("5")), .since = WHEN_UNKNOWN};
	struct forge_list_deliveries out;
	struct hook_bench h;

	HOOK(&h, steps);
	ck_assert_int_eq(list(&h, &in, &out), ERR_OK);
	ck_assert_uint_eq(out.n, 1);
	in.from = TEXT_LIT("https://elsewhere.test/api/v3" CURSOR("5"));
	ck_assert_int_eq(list(&h, &in, &out), ERR_INVALID); /* and nothing is asked there */
	close_hook(&h);
}
END_TEST

#define ANSWER(code_, body_)                                                                                           \
	{                                                                                                              \
		.method = "GET", .path = LIST, .status = code_, .body = body_, .bearer = "*"                           \
	}
static const struct {
	struct scripted_step step;
	enum err_code code;
} broken[] = {
	{ANSWER(200, "{}"), ERR_INVALID},
	{ANSWER(200, "["), ERR_RETRY},
	{ANSWER(200, "[7]"), ERR_INVALID},
	{ANSWER(200, "[" ONE("0", "g", "00", "0") "]"), ERR_INVALID},
	{ANSWER(200, "[" ONE("1", "", "00", "0") "]"), ERR_INVALID},
	{ANSWER(200, "[" ONE("1", "g", "zz", "0") "]"), ERR_INVALID},
	{ANSWER(200, "[" ONE("1", "g", "00", "null") "]"), ERR_INVALID},
	{ANSWER(200, "[" ONE("\"1\"", "g", "00", "0") "]"), ERR_INVALID},
	{ANSWER(401, "{}"), ERR_DENIED}, /* asked once: another proof would say the same */
	{ANSWER(404, "{}"), ERR_GONE},
	{ANSWER(502, "{}"), ERR_RETRY},
	{{.method = "GET", .path = LIST, .status = 200, .body = "[]", .headers = {NEXT("https://elsewhere.test/x")}},
	 ERR_INVALID},
	{{.method = "GET", .path = LIST, .status = 403, .body = "{}", .headers = {{"retry-after", "60"}}}, ERR_RETRY},
};

START_TEST(a_list_that_is_not_understood_is_no_list)
{
	struct forge_span all = {.since = WHEN_UNKNOWN};
	struct forge_list_deliveries out = {NULL, 99, TEXT_EMPTY};
	struct hook_bench h;

	open_hook(&h, &broken[_i].step, 1, NULL);
	ck_assert_msg(list(&h, &all, &out) == broken[_i].code, "%s", h.b.err.text);
	ck_assert_uint_eq(out.n, 99);
	close_hook(&h);
}
END_TEST

START_TEST(what_a_proof_was_answered_is_not_kept)
{
	static const struct scripted_step step = {
		.method = "GET", .path = LIST, .status = 200, .body = "[]", .headers = {{"etag", "\"e\""}}};
	const struct scripted_step steps[] = {step, step}; /* the second without If-None-Match */
	struct forge_span all = {.since = WHEN_UNKNOWN};
	struct forge_list_deliveries out;
	struct hook_bench h;

	HOOK(&h, steps);
	ck_assert_int_eq(list(&h, &all, &out), ERR_OK);
	ck_assert_int_eq(list(&h, &all, &out), ERR_OK);
	ck_assert_uint_eq(etags_bytes(h.etags), 0);
	close_hook(&h);
}
END_TEST

static const struct {
	unsigned status;
	const char *body, *header[2];
	enum err_code code;
	bool when; /* the error names a time */
} asked[] = {
	{202, "{}", {"x-a", "b"}, ERR_OK, false},   {202, "", {"x-a", "b"}, ERR_OK, false},
	{404, "{}", {"x-a", "b"}, ERR_GONE, false}, {422, "{}", {"x-a", "b"}, ERR_DENIED, false},
	{500, "", {"x-a", "b"}, ERR_RETRY, false},  {429, "", {"retry-after", "7"}, ERR_RETRY, true},
};

START_TEST(one_more_attempt_is_asked_for_under_the_apps_proof)
{
	struct scripted_step step = {.method = "POST",
				     .path = ATTEMPTS,
				     .status = asked[_i].status,
				     .body = asked[_i].body,
				     .bearer = "*",
				     .headers = {{asked[_i].header[0], asked[_i].header[1]}}};
	struct hook_bench h;

	open_hook(&h, &step, 1, NULL);
	ck_assert_int_eq(h.forge.redeliver(h.forge.self, &h.b.call, 9, &h.b.err), asked[_i].code);
	ck_assert_int_eq(h.b.err.retry_at_ms != 0, asked[_i].when);
	ck_assert_str_eq(h.b.script.last_body, "");
	close_hook(&h);
}
END_TEST

START_TEST(attempts_are_asked_for_as_slowly_as_writes_go)
{
	static const struct scripted_step ok = {.method = "POST", .path = ATTEMPTS, .status = 202, .body = "{}"};
	const struct scripted_step steps[] = {ok, ok};
	struct pace_config config = {.write_every_ms = 1000};
	struct pace *pace = pace_new(&config);
	struct hook_bench h;

	open_hook(&h, steps, 2, pace);
	ck_assert_int_eq(h.forge.redeliver(h.forge.self, &h.b.call, 9, &h.b.err), ERR_OK);
	ck_assert_int_eq(h.forge.redeliver(h.forge.self, &h.b.call, 9, &h.b.err), ERR_RETRY);
	ck_assert_int_eq(h.b.err.retry_at_ms, SCRIPTED_NOW + 1000);
	h.b.now += 1000;
	h.b.err = ERR_NONE;
	ck_assert_msg(h.forge.redeliver(h.forge.self, &h.b.call, 9, &h.b.err) == ERR_OK, "%s", h.b.err.text);
	close_hook(&h);
	pace_free(pace);
}
END_TEST

START_TEST(a_token_file_has_no_list_and_says_so_by_a_value)
{
	char file[KEY_FILE_BYTES];
	struct clock_port clock = {&(int64_t){0}, bench_clock, bench_clock};
	struct access_ports ports = {.clock = clock, .wall = clock};
	struct access_config config = {.api_url = TEXT_LIT(API)};
	struct github_config client = {.api_url = TEXT_LIT(API), .pages_max = 2};
	struct access_token proof = {.installation = 0};
	struct err err = ERR_NONE;
	struct github *github;
	struct forge forge;

	key_file_text(file, "secret\n", 0600);
	config.token_file = text_of(file);
	client.access = access_new(&config, &ports, &err);
	ck_assert_msg(client.access != NULL, "%s", err.text);
	github = github_new(&client, (struct http_port){0}, clock, &err);
	forge = github_port(github);
	ck_assert(!forge.keeps_deliveries(forge.self));
	ck_assert_int_eq(access_prove(client.access, &proof, &err), ERR_DENIED);
	ck_assert_ptr_null(proof.bytes.at);
	github_free(github);
	access_free(client.access);
	(void)unlink(file);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(an_attempt_is_read_with_what_came_of_it),
	SUITE_ROWS(the_list_is_read_back_to_its_bound_or_says_where_it_goes_on, spans),
	SUITE_TEST(it_goes_on_where_it_ended),
	SUITE_ROWS(a_list_that_is_not_understood_is_no_list, broken),
	SUITE_TEST(what_a_proof_was_answered_is_not_kept),
	SUITE_ROWS(one_more_attempt_is_asked_for_under_the_apps_proof, asked),
	SUITE_TEST(attempts_are_asked_for_as_slowly_as_writes_go),
	SUITE_TEST(a_token_file_has_no_list_and_says_so_by_a_value),
	SUITE_END};
APP_BENCH_MAIN(tests)
