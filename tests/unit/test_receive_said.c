/* PUT and DELETE of one bug by its tracker's connector: who may say it, what is taken in, and what nobody learns. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/work/receive_said.h"
#include "tests/support/door.h"
#include "tests/support/suite.h"
#include "webhooks/event_json.h"

#define BMO_TOKEN   "bmo-token-of-the-tests"
#define BMO_NEXT    "bmo-token-of-tomorrow-"
#define BMO_OVER    "bmo-token-of-yesterday"
#define OTHER_TOKEN "other-token-of-the-tests"
#define BEARER      "Authorization: Bearer " BMO_TOKEN "\r\n"
#define JSON        "Content-Type: application/json\r\n"
#define BUGS        "/api/v1/bugs/"
#define ASKED       "410412" /* a number that must be nowhere but in the facts */
#define LATER_ASKED "410413"

struct stand {
	struct door door;
	struct metrics *metrics;
	FILE *file;
	struct log log;
	struct receive_said said;
	struct said_tracker trackers[2];
};

static void trackers_of(struct said_tracker trackers[2])
{
	trackers[0] = (struct said_tracker){.tracker = TEXT_LIT("bmo"),
					    .tokens = {{TEXT_LIT(BMO_OVER), NOW_MS, NULL},
						       {TEXT_LIT(BMO_TOKEN), NOW_MS + 1, NULL},
						       {TEXT_LIT(BMO_NEXT), WHEN_UNKNOWN, NULL}},
					    .n = 3};
	trackers[1] = (struct said_tracker){
		.tracker = TEXT_LIT("12"), .tokens = {{TEXT_LIT(OTHER_TOKEN), WHEN_UNKNOWN, NULL}}, .n = 1};
}

static void stand_open(struct stand *s, size_t n_trackers)
{
	const struct route put = {"PUT", RECEIVE_SAID_PATH, false, RECEIVE_SAID_MAX, receive_said_handle, &s->said},
			   delete = {"DELETE",         RECEIVE_SAID_PATH,   false,
				     RECEIVE_SAID_MAX, receive_said_handle, &s->said};

	memset(s, 0, sizeof *s);
	door_open(&s->door);
	trackers_of(s->trackers);
	s->metrics = metrics_new(metrics_rows(), METRICS);
	s->file = tmpfile();
	s->log = (struct log){fileno(s->file), LOG_LOGFMT, LOG_DEBUG_LEVEL, {NULL, door_now, door_now}, NULL};
	s->door.receive.log = &s->log;
	s->door.receive.metrics = s->metrics;
	s->said = (struct receive_said){.receive = &s->door.receive,
					.clock = {NULL, door_now, door_now},
					.trackers = s->trackers,
					.n = n_trackers,
					.refused = s->door.box.config.refused,
					.refused_context = s->door.box.config.refused_context};
	door_start(&s->door, (const struct route[]){put, delete}, 2);
}

static void stand_close(struct stand *s)
{
	door_close(&s->door);
	metrics_free(s->metrics);
	(void)fclose(s->file);
}

static void ask(struct stand *s, const char *line, const char *headers, const char *body, struct reply *reply)
{
	struct text request =
		arena_printf(&s->door.rig.arena, "%s HTTP/1.1\r\nHost: x\r\n%sContent-Length: %zu\r\n\r\n%s", line,
			     headers, strlen(body), body);

	listening_ask(listener_port(s->door.box.listener), request, reply);
}

struct kept { /* what the journal has */
	struct arena *arena;
	size_t rows;
	struct event event; /* of the newest row */
};

static void keep_row(void *context, const struct row_journal *row, struct text body)
{
	struct kept *kept = context;
	struct err err = ERR_NONE;

	(void)body;
	ck_assert(text_is(row->source, "api") && text_is(row->event, "bug") && text_is(row->action, "said"));
	ck_assert(row->repo == 0 && row->guid.len == RECEIVE_ID_LEN && row->note.len == 0);
	ck_assert(event_decode(arena_text(kept->arena, row->facts), kept->arena, &kept->event, &err));
}

static struct kept kept_by(struct stand *s)
{
	struct kept kept = {.arena = &s->door.rig.arena};

	kept.rows = door_rows(&s->door, keep_row, &kept);
	return kept;
}

/* ---- what is taken in ---- */

static const struct {
	const char *line, *headers, *body;
	int64_t bug;
	enum bug_said said;
	int64_t at;
} sound[] = {
	{"PUT " BUGS "12346", BEARER, "", 12346, BUG_SAID_SECURE, NOW_MS},
	{"DELETE " BUGS "98765", BEARER, "", 98765, BUG_SAID_INSECURE, NOW_MS},
	{"PUT " BUGS "bmo/7", BEARER, "", 7, BUG_SAID_SECURE, NOW_MS},
	{"PUT " BUGS "1", BEARER, "", 1, BUG_SAID_SECURE, NOW_MS},
	{"DELETE " BUGS "99999999", BEARER, "", 99999999, BUG_SAID_INSECURE, NOW_MS},
	{"PUT " BUGS "7", "authorization: bearer " BMO_TOKEN "\r\n", "", 7, BUG_SAID_SECURE, NOW_MS},
	{"PUT " BUGS "7", BEARER JSON, "{}", 7, BUG_SAID_SECURE, NOW_MS},
	{"PUT " BUGS "7", BEARER JSON, "{\"approved\":true}", 7, BUG_SAID_APPROVED, NOW_MS},
	{"PUT " BUGS "7", BEARER JSON, "{\"approved\":false}", 7, BUG_SAID_SECURE, NOW_MS},
	{"PUT " BUGS "7", BEARER JSON, "{\"id\":7,\"secure\":true,\"approved\":true}", 7, BUG_SAID_APPROVED, NOW_MS},
	{"DELETE " BUGS "7", BEARER JSON, "{\"id\":7,\"secure\":false,\"approved\":false}", 7, BUG_SAID_INSECURE,
	 NOW_MS},
	{"PUT " BUGS "7", BEARER JSON, "{\"seen\":\"2026-11-20T10:00:00Z\"}", 7, BUG_SAID_SECURE,
	 INT64_C(1795168800000)},
	{"DELETE " BUGS "7", BEARER JSON, "{\"seen\":\"2026-11-20T10:00:00.25Z\"}", 7, BUG_SAID_INSECURE,
	 INT64_C(1795168800250)},
	/* a clock that is ahead: of now, so that what is said next is newer */
	{"PUT " BUGS "7", BEARER JSON, "{\"seen\":\"2026-11-21T14:03:00Z\"}", 7, BUG_SAID_SECURE, NOW_MS},
	{"DELETE " BUGS "7", BEARER JSON, "{\"seen\":\"2026-11-21T14:03:00Z\"}", 7, BUG_SAID_INSECURE, NOW_MS},
};

START_TEST(who_has_a_token_says_what_one_bug_is)
{
	struct reply reply;
	struct kept kept;
	struct stand s;

	stand_open(&s, 1);
	ask(&s, sound[_i].line, sound[_i].headers, sound[_i].body, &reply);
	ck_assert_msg(reply.status == 202, "%u %s", reply.status, reply.body);
	kept = kept_by(&s);
	ck_assert_uint_eq(kept.rows, 1);
	ck_assert(kept.event.kind == EVENT_BUG && text_is(kept.event.bug.tracker, "bmo"));
	ck_assert_int_eq(kept.event.bug.id, sound[_i].bug);
	ck_assert_int_eq(kept.event.bug.said, sound[_i].said);
	ck_assert_int_eq(kept.event.bug.at, sound[_i].at);
	ck_assert_int_eq(kept.event.bug.touched, BUG_TOUCHED_ALL);
	stand_close(&s);
}
END_TEST

/* ---- what is refused ---- */

#define BODY_IS(body, word)                                                                                            \
	{                                                                                                              \
		1, "PUT " BUGS ASKED, BEARER JSON, body, 400, "bad_body", word                                         \
	}
#define PATH_IS(path)                                                                                                  \
	{                                                                                                              \
		1, "PUT " path, BEARER, "", 400, "bad_bug", NULL                                                       \
	}
#define TOKEN_IS(value)                                                                                                \
	{                                                                                                              \
		1, "PUT " BUGS ASKED, "Authorization: " value "\r\n", "", 401, "bad_token", NULL                       \
	}

static const struct {
	size_t trackers;
	const char *line, *headers, *body;
	unsigned status;
	const char *reason, *detail; /* NULL: not looked at */
} refused[] = {
	/* who */
	{1, "PUT " BUGS ASKED, "", "", 401, "bearer_missing", NULL},
	{1, "DELETE " BUGS ASKED, "", "", 401, "bearer_missing", NULL},
	{1, "PUT " BUGS ASKED, BEARER BEARER, "", 401, "bearer_missing", NULL},
	{1, "PUT " BUGS ASKED, "Authorization: " BMO_TOKEN "\r\n", "", 401, "bearer_missing", NULL},
	{1, "PUT " BUGS ASKED, "Authorization: Basic " BMO_TOKEN "\r\n", "", 401, "bearer_missing", NULL},
	{1, "PUT " BUGS ASKED, "Authorization: Bearer\r\n", "", 401, "bearer_missing", NULL},
	{1, "PUT " BUGS ASKED, "X-Token: " BMO_TOKEN "\r\n", "", 401, "bearer_missing", NULL},
	TOKEN_IS("Bearer bmo-token-of-the-test"),
	TOKEN_IS("Bearer bmo-token-of-the-testsx"),
	TOKEN_IS("Bearer bmo-token-of-the-TESTS"),
	TOKEN_IS("Bearer Bearer " BMO_TOKEN),
	TOKEN_IS("Bearer x"),
	TOKEN_IS("Bearer " BMO_OVER),    /* it ended */
	TOKEN_IS("Bearer " OTHER_TOKEN), /* another tracker's */
	{2, "PUT " BUGS "bmo/" ASKED, "Authorization: Bearer " OTHER_TOKEN "\r\n", "", 401, "bad_token", NULL},
	{2, "DELETE " BUGS "12/" ASKED, BEARER, "", 401, "bad_token", NULL},
	/* who comes first: nothing is said of numbers and bodies to who has no token */
	{1, "PUT " BUGS "x", "", "{", 401, "bearer_missing", NULL},
	{1, "DELETE " BUGS "0", "Authorization: Bearer no\r\n", "{", 401, "bad_token", NULL},
	/* of which tracker */
	{2, "PUT " BUGS ASKED, BEARER, "", 404, "not_found", NULL},
	{1, "PUT " BUGS "other/" ASKED, BEARER, "", 404, "not_found", NULL},
	{1, "PUT " BUGS "BMO/" ASKED, BEARER, "", 404, "not_found", NULL},
	{1, "PUT " BUGS "/" ASKED, BEARER, "", 404, "not_found", NULL},
	{0, "PUT " BUGS ASKED, BEARER, "", 404, "not_found", NULL},
	{1, "PUT /api/v1/bugs", BEARER, "", 404, "not_found", NULL},
	{1, "PUT /api/v1/bug/" ASKED, BEARER, "", 404, "not_found", NULL},
	/* which bug */
	PATH_IS(BUGS),
	PATH_IS(BUGS "0"),
	PATH_IS(BUGS "-7"),
	PATH_IS(BUGS "+7"),
	PATH_IS(BUGS "007"),
	PATH_IS(BUGS "7.0"),
	PATH_IS(BUGS "0x7"),
	PATH_IS(BUGS "%207"),
	PATH_IS(BUGS "bug-7"),
	PATH_IS(BUGS "bmo/"),
	PATH_IS(BUGS "bmo/7/"),
	PATH_IS(BUGS "bmo/7/8"),
	PATH_IS(BUGS "100000000"),
	PATH_IS(BUGS "4294967297"),
	PATH_IS(BUGS "18446744073709551617"),
	PATH_IS(BUGS "99999999999999999999999999"),
	{1, "PUT " BUGS "%zz", BEARER, "", 400, "bad_target", NULL},
	/* bodies */
	BODY_IS("{", "malformed JSON"),
	BODY_IS("{'approved':true}", "malformed JSON"),
	BODY_IS("{\"approved\":true,}", "malformed JSON"),
	BODY_IS("{\"approved\":true}x", "malformed JSON"),
	BODY_IS("{\"approved\":true,\"approved\":false}", "malformed JSON"),
	BODY_IS("{\"approved\":\"\xff\"}", "malformed JSON"),
	BODY_IS("null", "not a JSON object"),
	BODY_IS("7", "not a JSON object"),
	BODY_IS("true", "not a JSON object"),
	BODY_IS("[]", "not a JSON object"),
	BODY_IS("[{\"approved\":true}]", "not a JSON object"),
	BODY_IS("{\"aproved\":true}", "an unknown key"),
	BODY_IS("{\"approved\":true,\"keywords\":[\"sec-high\"]}", "an unknown key"),
	BODY_IS("{\"to\":" LATER_ASKED "}", "an unknown key"),
	BODY_IS("{\"approved\":\"true\"}", "`approved` is true or false"),
	BODY_IS("{\"approved\":1}", "`approved` is true or false"),
	BODY_IS("{\"approved\":null}", "a null"),
	BODY_IS("{\"seen\":null}", "a null"),
	BODY_IS("{\"seen\":\"now\"}", "a time is not like"),
	BODY_IS("{\"seen\":1795168800}", "a time is not like"),
	BODY_IS("{\"seen\":\"1960-01-01T00:00:00Z\"}", "a time is not like"),
	BODY_IS("{\"seen\":\"2026-11-21T15:00:00Z\"}", "a time lies in the future"),
	BODY_IS("{\"id\":" LATER_ASKED "}", "`id` is of another bug"),
	BODY_IS("{\"id\":\"" ASKED "\"}", "`id` is of another bug"),
	BODY_IS("{\"secure\":false}", "`secure` is not what the method says"),
	BODY_IS("{\"secure\":\"true\"}", "`secure` is not what the method says"),
	{1, "DELETE " BUGS ASKED, BEARER JSON, "{\"secure\":true}", 400, "bad_body", "not what the method says"},
	{1, "DELETE " BUGS ASKED, BEARER JSON, "{\"approved\":true}", 400, "bad_body", "approved, and not secure"},
	{1, "DELETE " BUGS ASKED, BEARER JSON, "{\"sen\":\"2026-11-20T10:00:00Z\"}", 400, "bad_body", "an unknown key"},
	{1, "PUT " BUGS ASKED, BEARER, "{}", 415, "content_type", NULL},
	{1, "PUT " BUGS ASKED, BEARER "Content-Type: text/plain\r\n", "{}", 415, "content_type", NULL},
	{1, "PUT " BUGS ASKED, BEARER JSON JSON, "{}", 415, "content_type", NULL},
	{1, "PUT " BUGS ASKED, BEARER "Content-Type: application/x-www-form-urlencoded\r\n", "approved=true", 415,
	 "content_type_form", NULL},
	{1, "PUT " BUGS ASKED, BEARER JSON "Content-Encoding: gzip\r\n", "{}", 415, "content_encoding", NULL},
	{1, "PUT " BUGS ASKED, BEARER JSON "Transfer-Encoding: chunked\r\n", "", 411, "transfer_encoding", NULL},
	/* what is no PUT and no DELETE */
	{1, "POST " BUGS ASKED, BEARER JSON, "{}", 405, "method_not_allowed", NULL},
	{1, "PATCH " BUGS ASKED, BEARER JSON, "{}", 405, "method_not_allowed", NULL},
	{1, "GET " BUGS ASKED, BEARER, "", 405, "method_not_allowed", NULL},
	{1, "put " BUGS ASKED, BEARER, "", 405, "method_not_allowed", NULL},
};

static bool is_secret(const char *text)
{
	static const char *const words[] = {"token-of-", ASKED, LATER_ASKED};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strstr(text, words[i]))
			return true;
	return false;
}

/* All that was logged, in the arena. */
static const char *logged(struct stand *s)
{
	char *at = arena_alloc(&s->door.rig.arena, 100000, 1);
	ssize_t n = pread(fileno(s->file), at, 99999, 0);

	ck_assert_int_ge(n, 0);
	return at;
}

START_TEST(what_is_refused_is_named_and_counted_and_leaves_nothing)
{
	struct reply reply;
	struct stand s;

	stand_open(&s, refused[_i].trackers);
	ask(&s, refused[_i].line, refused[_i].headers, refused[_i].body, &reply);
	ck_assert_msg(reply.status == refused[_i].status, "%u %s", reply.status, reply.body);
	ck_assert_str_eq(reply.error, refused[_i].reason);
	ck_assert_msg(!refused[_i].detail || strstr(reply.body, refused[_i].detail), "%s", reply.body);
	ck_assert_msg(!is_secret(reply.body) && !is_secret(logged(&s)), "%s", reply.body);
	ck_assert_uint_eq(listening_refused(&s.door.box), 1);
	ck_assert_uint_eq(kept_by(&s).rows, 0);
	stand_close(&s);
}
END_TEST

START_TEST(a_body_that_is_too_long_is_refused_before_it_comes)
{
	struct reply reply;
	struct stand s;

	stand_open(&s, 1);
	listening_ask(listener_port(s.door.box.listener),
		      TEXT_LIT("PUT " BUGS "7 HTTP/1.1\r\nHost: x\r\n" BEARER JSON "Content-Length: 4097\r\n\r\n"),
		      &reply);
	ck_assert_uint_eq(reply.status, 413);
	ck_assert_str_eq(reply.error, "too_large");
	ck_assert_uint_eq(kept_by(&s).rows, 0);
	stand_close(&s);
}
END_TEST

/* ---- what nobody learns ---- */

static const char *without_id(struct stand *s, const struct reply *reply)
{
	const char *at = strstr(reply->body, "\"delivery\":\"");

	ck_assert_ptr_nonnull(at);
	return arena_printf(&s->door.rig.arena, "%u %.*s%s", reply->status, (int)(at - reply->body), reply->body,
			    at + 12 + RECEIVE_ID_LEN)
		.at;
}

/* Of bugs that were never heard of, are secure and are not: byte by byte the same, and no log has a number. */
START_TEST(every_bug_gets_the_same_answer)
{
	static const char *const lines[] = {"PUT " BUGS ASKED,    "PUT " BUGS ASKED,          "DELETE " BUGS ASKED,
					    "DELETE " BUGS ASKED, "DELETE " BUGS LATER_ASKED, "PUT " BUGS LATER_ASKED};
	const char *first = NULL;
	struct stand s;

	stand_open(&s, 1);
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct reply reply;

		ask(&s, lines[i], BEARER JSON, i % 2 ? "{}" : "{\"approved\":false}", &reply);
		apply_all(&s.door.rig);
		if (!first)
			first = without_id(&s, &reply);
		ck_assert_str_eq(without_id(&s, &reply), first);
	}
	ck_assert_str_eq(first, "202 {\",\"result\":\"accepted\"}\n");
	ck_assert_uint_eq(kept_by(&s).rows, sizeof lines / sizeof lines[0]);
	ck_assert_msg(!is_secret(logged(&s)), "%s", logged(&s));
	ck_assert_ptr_nonnull(strstr(logged(&s), "result=accepted"));
	stand_close(&s);
}
END_TEST

START_TEST(two_tokens_count_while_one_is_replaced_and_it_shows_which)
{
	const struct text by_old[] = {TEXT_LIT("bmo"), TEXT_LIT("1")}, by_new[] = {TEXT_LIT("bmo"), TEXT_LIT("2")};
	struct reply reply;
	struct stand s;

	stand_open(&s, 2);
	ask(&s, "PUT " BUGS "bmo/7", BEARER, "", &reply);
	ck_assert_uint_eq(reply.status, 202);
	ask(&s, "PUT " BUGS "bmo/7", "Authorization: Bearer " BMO_NEXT "\r\n", "", &reply);
	ck_assert_uint_eq(reply.status, 202);
	ask(&s, "DELETE " BUGS "12/7", "Authorization: Bearer " OTHER_TOKEN "\r\n", "", &reply);
	ck_assert_uint_eq(reply.status, 202);
	ck_assert(text_is(kept_by(&s).event.bug.tracker, "12"));
	ck_assert_int_eq(metrics_value(s.metrics, METRIC_TOKEN_USED, by_old), 1);
	ck_assert_int_eq(metrics_value(s.metrics, METRIC_TOKEN_USED, by_new), 1);
	stand_close(&s);
}
END_TEST

static bool no_room(void *self, struct store_later *later, struct err *err)
{
	(void)self, (void)later;
	return err_set(err, ERR_LIMIT, "the queue is full");
}

/* Its connector says it again: nothing is promised that is not durable. */
START_TEST(where_the_journal_is_full_it_is_asked_to_come_again)
{
	struct reply reply;
	struct stand s;

	stand_open(&s, 1);
	s.door.rig.store.exec.write_later = no_room;
	ask(&s, "PUT " BUGS ASKED, BEARER, "", &reply);
	ck_assert_uint_eq(reply.status, 503);
	ck_assert_str_eq(reply.error, "overloaded");
	ck_assert_ptr_nonnull(strstr(reply.head, "Retry-After: "));
	ck_assert_uint_eq(kept_by(&s).rows, 0);
	stand_close(&s);
}
END_TEST

static const struct suite_test tests[] = {SUITE_ROWS(who_has_a_token_says_what_one_bug_is, sound),
					  SUITE_ROWS(what_is_refused_is_named_and_counted_and_leaves_nothing, refused),
					  SUITE_TEST(a_body_that_is_too_long_is_refused_before_it_comes),
					  SUITE_TEST(every_bug_gets_the_same_answer),
					  SUITE_TEST(two_tokens_count_while_one_is_replaced_and_it_shows_which),
					  SUITE_TEST(where_the_journal_is_full_it_is_asked_to_come_again),
					  SUITE_END};
SUITE_MAIN(tests)
