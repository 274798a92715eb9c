/* A tracker's webhooks: who may deliver, what is taken out of a body, and what becomes durable. */
#include <stdlib.h>
#include <string.h>

#include "agent/work/receive_bug.h"
#include "tests/support/door.h"
#include "tests/support/suite.h"
#include "webhooks/event_json.h"
#include "webhooks/refusal.h"

#define CANARY "c4nary"
/* As a tracker writes it: compact, slashes escaped, a junk object inside of the bug, times without a zone. */
#define PUBLIC_BUG                                                                                                     \
	"\"bug\":{\"id\":412,\"bug\":{},\"is_private\":false,\"keywords\":[\"" CANARY "\"],\"summary\":\"" CANARY      \
	"\",\"creator\":\"" CANARY "@p.test\",\"url\":\"https:\\/\\/" CANARY "\\/\",\"attachment\":{\"id\":31,"        \
	"\"description\":\"" CANARY "\",\"flags\":[{\"name\":\"" CANARY                                                \
	"\",\"value\":\"+\"}]},\"comment\":{\"body\":\"" CANARY "\"}}"
#define EVENT(key)                                                                                                     \
	"\"event\":{\"action\":\"modify\",\"target\":\"" CANARY "\",\"routing_key\":\"" key                            \
	"\",\"time\":\"2026-11-20T10:00:00\",\"changes\":[{\"field\":\"" CANARY                                        \
	"\",\"removed\":\"\",\"added\":\"" CANARY "\"}],\"user\":{\"id\":5,\"login\":\"" CANARY                        \
	"\",\"real_name\":\"" CANARY "\"}}"
#define BODY(key) "{\"webhook_id\":1,\"webhook_name\":\"" CANARY "\"," EVENT(key) "," PUBLIC_BUG "}"
#define REDACTED(key)                                                                                                  \
	"{\"bug\":{\"id\":7,\"is_private\":true},\"event\":{\"routing_key\":\"" key                                    \
	"\",\"time\":\"2026-11-20T10:00:00\"},\"webhook_id\":1}"
#define OF_BUG(bug) "{\"bug\":" bug ",\"event\":{\"routing_key\":\"bug.modify:keywords\"}}"
#define OF_KEY(key) "{\"bug\":{\"id\":7},\"event\":{\"routing_key\":" key "}}"

enum { ALL = BUG_TOUCHED_ALL, HIDING = BUG_TOUCHED_ATTACHMENT | BUG_TOUCHED_GROUPS };

static const struct row {
	const char *body;
	enum delivery_fate fate; /* 0: not a JSON object */
	int64_t bug, attachment, touched;
	const char *action, *note;
} rows[] = {
	/* what a sound one says */
	{BODY("attachment.modify:flag.sec-approval"), DELIVERY_APPLY, 412, 31, BUG_TOUCHED_FLAGS, "attachment.modify",
	 ""},
	{BODY("attachment.modify:isobsolete"), DELIVERY_APPLY, 412, 31, BUG_TOUCHED_ATTACHMENT, "attachment.modify",
	 ""},
	{BODY("attachment.create"), DELIVERY_APPLY, 412, 31, 0, "attachment.create", ""},
	{BODY("bug.modify:keywords"), DELIVERY_APPLY, 412, 31, BUG_TOUCHED_KEYWORDS, "bug.modify", ""},
	{BODY("bug.modify:whiteboard"), DELIVERY_APPLY, 412, 31, 0, "bug.modify", ""},
	{BODY("bug.modify:whiteboard,keywords,cf_status_x"), DELIVERY_APPLY, 412, 31,
	 BUG_TOUCHED_KEYWORDS | BUG_TOUCHED_FIELDS, "bug.modify", ""},
	{BODY("bug.modify:cf_tracking_x"), DELIVERY_APPLY, 412, 31, BUG_TOUCHED_FIELDS, "bug.modify", ""},
	{BODY("bug.modify:status,resolution"), DELIVERY_APPLY, 412, 31, BUG_TOUCHED_RESOLUTION, "bug.modify", ""},
	{BODY("bug.modify:flag.tracking,groups"), DELIVERY_APPLY, 412, 31, BUG_TOUCHED_FLAGS | BUG_TOUCHED_GROUPS,
	 "bug.modify", ""},
	{BODY("bug.modify:dupe_of"), DELIVERY_APPLY, 412, 31, BUG_TOUCHED_DUPLICATES, "bug.modify", ""},
	{BODY("bug.modify:product"), DELIVERY_APPLY, 412, 31, BUG_TOUCHED_GROUPS, "bug.modify", ""},
	{BODY("comment.create"), DELIVERY_IGNORED, 412, 31, 0, "comment.create", "a comment"},
	/* private bugs */
	{REDACTED("bug.modify:is_private"), DELIVERY_APPLY, 7, 0, HIDING, "bug.modify", ""},
	{REDACTED("bug.create"), DELIVERY_APPLY, 7, 0, BUG_TOUCHED_EXISTENCE, "bug.create", ""},
	{REDACTED("attachment.modify:flag.sec-approval"), DELIVERY_APPLY, 7, 0, BUG_TOUCHED_FLAGS, "attachment.modify",
	 ""},
	/* what is not understood may be anything */
	{REDACTED("bug.modify"), DELIVERY_APPLY, 7, 0, ALL, "bug.modify", ""},
	{REDACTED("bug.modify:"), DELIVERY_APPLY, 7, 0, ALL, "bug.modify", ""},
	{REDACTED("bug.modify:cf_x,,cf_y"), DELIVERY_APPLY, 7, 0, ALL, "bug.modify", ""},
	{REDACTED("bug.modify:cf_x,"), DELIVERY_APPLY, 7, 0, ALL, "bug.modify", ""},
	{REDACTED("bug.delete"), DELIVERY_APPLY, 7, 0, ALL, "other", "event.routing_key: not one that is known"},
	{REDACTED(""), DELIVERY_APPLY, 7, 0, ALL, "other", "event.routing_key: not one that is known"},
	{REDACTED(CANARY), DELIVERY_APPLY, 7, 0, ALL, "other", "event.routing_key: not one that is known"},
	{REDACTED("BUG.MODIFY:cf_x"), DELIVERY_APPLY, 7, 0, ALL, "other", "event.routing_key: not one that is known"},
	{REDACTED("comment.create:keywords"), DELIVERY_APPLY, 7, 0, ALL, "other",
	 "event.routing_key: not one that is known"},
	{REDACTED("comment.modify:body"), DELIVERY_APPLY, 7, 0, ALL, "other",
	 "event.routing_key: not one that is known"},
	{OF_KEY("null"), DELIVERY_APPLY, 7, 0, ALL, "other", "event.routing_key: missing"},
	{OF_KEY("7"), DELIVERY_APPLY, 7, 0, ALL, "other", "event.routing_key: not a text"},
	{OF_KEY("[\"bug.create\"]"), DELIVERY_APPLY, 7, 0, ALL, "other", "event.routing_key: not a text"},
	{"{\"bug\":{\"id\":7}}", DELIVERY_APPLY, 7, 0, ALL, "other", "event.routing_key: missing"},
	{"{\"bug\":{\"id\":7},\"event\":\"bug.create\"}", DELIVERY_APPLY, 7, 0, ALL, "other",
	 "event.routing_key: missing"},
	/* attachments that are none */
	{OF_BUG("{\"id\":7,\"attachment\":{\"id\":\"31\"}}"), DELIVERY_APPLY, 7, 0, BUG_TOUCHED_KEYWORDS, "bug.modify",
	 "bug.attachment.id: not an attachment's number"},
	{OF_BUG("{\"id\":7,\"attachment\":{\"id\":-1}}"), DELIVERY_APPLY, 7, 0, BUG_TOUCHED_KEYWORDS, "bug.modify",
	 "bug.attachment.id: not an attachment's number"},
	{OF_BUG("{\"id\":7,\"attachment\":{}}"), DELIVERY_APPLY, 7, 0, BUG_TOUCHED_KEYWORDS, "bug.modify", ""},
	{OF_BUG("{\"id\":7,\"attachment\":[]}"), DELIVERY_APPLY, 7, 0, BUG_TOUCHED_KEYWORDS, "bug.modify", ""},
	/* which bug */
	{OF_BUG("{\"id\":2147483647}"), DELIVERY_APPLY, 2147483647, 0, BUG_TOUCHED_KEYWORDS, "bug.modify", ""},
	{OF_BUG("{\"id\":2147483648}"), DELIVERY_QUARANTINED, 0, 0, 0, "other", "bug.id: not a bug's number"},
	{OF_BUG("{\"id\":99999999999999999999}"), DELIVERY_QUARANTINED, 0, 0, 0, "other", "bug.id: not a bug's number"},
	{OF_BUG("{\"id\":0}"), DELIVERY_QUARANTINED, 0, 0, 0, "other", "bug.id: not a bug's number"},
	{OF_BUG("{\"id\":-7}"), DELIVERY_QUARANTINED, 0, 0, 0, "other", "bug.id: not a bug's number"},
	{OF_BUG("{\"id\":7.0}"), DELIVERY_QUARANTINED, 0, 0, 0, "other", "bug.id: not a bug's number"},
	{OF_BUG("{\"id\":\"7\"}"), DELIVERY_QUARANTINED, 0, 0, 0, "other", "bug.id: not a bug's number"},
	{OF_BUG("{\"id\":true}"), DELIVERY_QUARANTINED, 0, 0, 0, "other", "bug.id: not a bug's number"},
	{OF_BUG("{\"id\":{\"" CANARY "\":7}}"), DELIVERY_QUARANTINED, 0, 0, 0, "other", "bug.id: not a bug's number"},
	{OF_BUG("{\"id\":null}"), DELIVERY_QUARANTINED, 0, 0, 0, "other", "bug.id: missing"},
	{OF_BUG("{}"), DELIVERY_QUARANTINED, 0, 0, 0, "other", "bug.id: missing"},
	{OF_BUG("7"), DELIVERY_QUARANTINED, 0, 0, 0, "other", "bug.id: missing"},
	{OF_BUG("[{\"id\":7}]"), DELIVERY_QUARANTINED, 0, 0, 0, "other", "bug.id: missing"},
	{"{}", DELIVERY_QUARANTINED, 0, 0, 0, "other", "bug.id: missing"},
	{"{\"id\":7}", DELIVERY_QUARANTINED, 0, 0, 0, "other", "bug.id: missing"},
	/* not a JSON object, or one that two readers would read as two */
	{"", 0, 0, 0, 0, "", ""},
	{"null", 0, 0, 0, 0, "", ""},
	{"[]", 0, 0, 0, 0, "", ""},
	{"\"" CANARY "\"", 0, 0, 0, 0, "", ""},
	{"{\"bug\":{\"id\":7}", 0, 0, 0, 0, "", ""},
	{"{\"bug\":{\"id\":7}}" CANARY, 0, 0, 0, 0, "", ""},
	{"{\"bug\":{\"id\":7},}", 0, 0, 0, 0, "", ""},
	{"{\"bug\":{\"id\":7,\"id\":8}}", 0, 0, 0, 0, "", ""},
	{"{\"bug\":{\"id\":7},\"bug\":{\"id\":8}}", 0, 0, 0, 0, "", ""},
	{"{\"bug\":{\"id\":7},\"event\":{\"routing_key\":\"a\",\"routing_key\":\"b\"}}", 0, 0, 0, 0, "", ""},
	{"{'bug':{'id':7}}", 0, 0, 0, 0, "", ""},
	{"{\"bug\":{\"id\":07}}", 0, 0, 0, 0, "", ""},
	{"{\"bug\":{\"id\":7},\"x\":\"\\ud800\"}", 0, 0, 0, 0, "", ""},
	{"{\"bug\":{\"id\":7},\"x\":\"\xff\"}", 0, 0, 0, 0, "", ""},
};

static const struct bugzilla_hook hook = {.tracker = {"bmo", 3}, .secret = {"Token the-secret-of-tests", 25}};

static bool has_canary(struct text t)
{
	return text_find(t, TEXT_LIT(CANARY)) != SIZE_MAX;
}

START_TEST(a_delivery_is_a_hint_of_one_bug)
{
	const struct row *row = &rows[_i];
	auto_arena struct arena arena = ARENA_EMPTY;
	struct delivery d = {.guid = TEXT_LIT("g-1")};
	struct err err = ERR_NONE;
	bool ok = normalize_bugzilla(&hook, text_of(row->body), &arena, &d, &err);

	ck_assert_msg(ok == (row->fate != 0), "%s", row->body);
	if (!ok) {
		ck_assert(err.code == ERR_INVALID && !strstr(err.text, CANARY) && d.fate == 0);
		return;
	}
	ck_assert_int_eq(d.fate, row->fate);
	ck_assert_msg(text_is(d.note, row->note), "%.*s", TEXT_ARG(d.note));
	ck_assert(text_is(d.action, row->action) && text_is(d.name, "bug") && text_is(d.source, "bugzilla"));
	ck_assert(text_is(d.guid, "g-1") && d.repo == 0);
	ck_assert(d.event.bug.id == row->bug && d.event.bug.attachment == row->attachment);
	ck_assert_int_eq(d.event.bug.touched, row->touched);
	ck_assert(text_is(d.event.bug.tracker, "bmo"));
	ck_assert_int_eq(d.event.kind, row->fate == DELIVERY_APPLY ? EVENT_BUG : EVENT_IGNORED);
}
END_TEST

START_TEST(a_body_s_words_are_nowhere_in_what_is_kept)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		auto_arena struct arena arena = ARENA_EMPTY;
		struct delivery d = {.guid = TEXT_LIT("g-1")};
		struct err err = ERR_NONE;
		struct event back;
		struct append append;

		if (!normalize_bugzilla(&hook, text_of(rows[i].body), &arena, &d, &err))
			continue;
		ck_assert(!has_canary(d.body) && !has_canary(d.note) && !has_canary(d.action));
		ck_assert_msg(event_decode(d.body, &arena, &back, &err), "%s", err.text);
		ck_assert(back.bug.id == rows[i].bug && back.kind == d.event.kind);
		ck_assert(receive_row(&d, 1, &arena, &append, &err) && text_is(append.source, "bugzilla"));
		ck_assert(!has_canary(append.facts) && !has_canary(append.body_lz4));
	}
}
END_TEST

static const struct {
	const char *time; /* JSON */
	int64_t at;
} times[] = {
	{"\"2026-11-20T10:00:00\"", INT64_C(1795168800000)},
	{"\"2026-11-20T10:00:00Z\"", INT64_C(1795168800000)},
	{"\"2026-11-20T12:00:00+02:00\"", INT64_C(1795168800000)},
	{"\"2026-11-20 10:00:00\"", INT64_C(1795168800000)},
	{"\"yesterday\"", 0},
	{"\"\"", 0},
	{"1795168800", 0},
	{"null", 0},
	{"\"2026-11-20T10:00:00                                   \"", 0},
};

START_TEST(times_are_utc_with_or_without_a_zone)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct delivery d = {.fate = 0};
	struct err err = ERR_NONE;
	struct text body = arena_printf(
		&arena, "{\"bug\":{\"id\":7},\"event\":{\"routing_key\":\"bug.create\",\"time\":%s}}", times[_i].time);

	ck_assert(normalize_bugzilla(&hook, body, &arena, &d, &err));
	ck_assert_int_eq(d.event.bug.at, times[_i].at);
	ck_assert_int_eq(d.fate, DELIVERY_APPLY);
}
END_TEST

START_TEST(a_routing_key_may_be_of_any_length)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct delivery d = {.fate = 0};
	struct err err = ERR_NONE;
	struct text key = TEXT_LIT("bug.modify:cf_0");

	for (int i = 1; i < 300; i++)
		key = arena_printf(&arena, "%.*s,cf_%d", TEXT_ARG(key), i);
	key = arena_printf(&arena, "{\"bug\":{\"id\":7},\"event\":{\"routing_key\":\"%.*s,keywords\"}}", TEXT_ARG(key));
	ck_assert(normalize_bugzilla(&hook, key, &arena, &d, &err));
	ck_assert_int_eq(d.event.bug.touched, BUG_TOUCHED_KEYWORDS | BUG_TOUCHED_FIELDS);
}
END_TEST

START_TEST(each_word_of_the_table_touches_something)
{
	size_t i = 0;

	for (; bugzilla_word_at(i); i++)
		ck_assert(bugzilla_word_at(i)->touched > 0 && bugzilla_word_at(i)->touched <= BUG_TOUCHED_ALL);
	ck_assert_uint_gt(i, 10);
}
END_TEST

/* ---- who may deliver ---- */

#define GOOD "Token the-secret-of-tests"
#define JSON                                                                                                           \
	{                                                                                                              \
		TEXT_LIT("Content-Type"), TEXT_LIT("application/json")                                                 \
	}
static const struct {
	const char *headers[8]; /* name, value, name, ... */
	const char *reason;     /* NULL: admitted */
} heads[] = {
	{{"Authorization", GOOD, "Content-Type", "application/json"}, NULL},
	{{"authorization", GOOD, "content-type", "application/json; charset=utf-8"}, NULL},
	{{"Content-Type", "application/json"}, "token_missing"},
	{{"Authorization", GOOD, "Authorization", GOOD, "Content-Type", "application/json"}, "token_doubled"},
	{{"Authorization", GOOD, "AUTHORIZATION", "x", "Content-Type", "application/json"}, "token_doubled"},
	{{"Authorization", "", "Content-Type", "application/json"}, "bad_token"},
	{{"Authorization", "token the-secret-of-tests", "Content-Type", "application/json"}, "bad_token"},
	{{"Authorization", "Token the-secret-of-test", "Content-Type", "application/json"}, "bad_token"},
	{{"Authorization", "Token the-secret-of-testsx", "Content-Type", "application/json"}, "bad_token"},
	{{"X-Token", GOOD, "Content-Type", "application/json"}, "token_missing"},
	{{"Authorization", GOOD}, "content_type"},
	{{"Authorization", GOOD, "Content-Type", "text/plain"}, "content_type"},
	{{"Authorization", GOOD, "Content-Type", "application/x-www-form-urlencoded"}, "content_type_form"},
	{{"Authorization", GOOD, "Content-Type", "application/json", "Content-Type", "application/json"},
	 "content_type"},
	{{"Authorization", GOOD, "Content-Type", "application/json", "Content-Encoding", "gzip"}, "content_encoding"},
};

START_TEST(only_who_has_the_secret_delivers)
{
	struct header lines[4];
	struct refusal refusal;
	size_t n = 0;
	bool ok;

	for (; n < 4 && heads[_i].headers[2 * n]; n++)
		lines[n] = (struct header){text_of(heads[_i].headers[2 * n]), text_of(heads[_i].headers[2 * n + 1])};
	ok = bugzilla_admit(&hook, lines, n, &refusal);
	ck_assert_msg(ok == !heads[_i].reason, "row %d", _i);
	if (!ok)
		ck_assert_str_eq(refusal.reason, heads[_i].reason);
}
END_TEST

START_TEST(the_header_s_name_and_the_secret_are_configured)
{
	struct bugzilla_hook other = {{"b", 1}, "X-Hook-Key", {"0123456789abcdef", 16}},
			     open = {{"b", 1}, NULL, {"", 0}};
	const struct header lines[] = {{TEXT_LIT("X-Hook-Key"), TEXT_LIT("0123456789abcdef")}, JSON};
	struct refusal refusal;

	ck_assert(bugzilla_admit(&other, lines, 2, &refusal));
	ck_assert(!bugzilla_admit(&hook, lines, 2, &refusal));
	ck_assert(bugzilla_admit(&open, lines + 1, 1, &refusal));
	other.secret.len--;
	ck_assert(!bugzilla_admit(&other, lines, 2, &refusal));
}
END_TEST

/* ---- from a socket to a durable row ---- */

struct stand {
	struct door door;
	struct receive_bugs bugs;
	struct bugzilla_hook hooks[2];
};

static void stand_open(struct stand *s, size_t n_hooks)
{
	const struct route of_bugs = {"POST", RECEIVE_BUG_PATH, false, BUGZILLA_BODY_MAX, receive_bug_handle, &s->bugs},
			   of_each = {"POST",  RECEIVE_BUG_PATH "/", false, BUGZILLA_BODY_MAX, receive_bug_handle,
				      &s->bugs};

	door_open(&s->door);
	s->hooks[0] = hook;
	s->hooks[1] = (struct bugzilla_hook){{"other", 5}, NULL, {"Token another-of-the-tests", 26}};
	s->bugs = (struct receive_bugs){.receive = &s->door.receive,
					.hooks = s->hooks,
					.n = n_hooks,
					.refused = s->door.box.config.refused,
					.refused_context = s->door.box.config.refused_context};
	door_start(&s->door, (const struct route[]){of_bugs, of_each}, 2);
}

static void stand_close(struct stand *s)
{
	door_close(&s->door);
}

static void post(struct stand *s, const char *path, const char *token, const char *body, struct reply *reply)
{
	struct text request =
		arena_printf(&s->door.rig.arena,
			     "POST %s HTTP/1.1\r\nHost: x\r\nUser-Agent: Bugzilla\r\nAuthorization: %s\r\n"
			     "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
			     path, token, strlen(body), body);

	listening_ask(listener_port(s->door.box.listener), request, reply);
}

struct counted {
	size_t rows, applied, quarantined, facts_of_412;
};

static void count_row(void *context, const struct row_journal *row, struct text body)
{
	struct counted *c = context;

	c->applied += row->state == JOURNAL_APPLIED;
	c->quarantined += row->state == JOURNAL_QUARANTINED;
	c->facts_of_412 += text_find(row->facts, TEXT_LIT("\"bug\":412")) != SIZE_MAX;
	ck_assert(text_is(row->source, "bugzilla") && text_is(row->event, "bug") && row->repo == 0);
	ck_assert_uint_eq(row->guid.len, RECEIVE_ID_LEN);
	ck_assert(!has_canary(body) && !has_canary(row->facts) && !has_canary(row->note));
}

static struct counted count(struct stand *s)
{
	struct counted c = {.applied = 0};

	c.rows = door_rows(&s->door, count_row, &c);
	return c;
}

START_TEST(equal_deliveries_become_rows_of_their_own_and_are_applied)
{
	struct counted c;
	struct reply reply;
	struct stand s;

	stand_open(&s, 1);
	for (int i = 0; i < 3; i++) {
		post(&s, RECEIVE_BUG_PATH, GOOD, BODY("attachment.modify:flag.sec-approval"), &reply);
		ck_assert_uint_eq(reply.status, 202);
		ck_assert_ptr_null(strstr(reply.body, CANARY));
	}
	post(&s, RECEIVE_BUG_PATH "/bmo", GOOD, "{\"bug\":{}}", &reply);
	ck_assert_uint_eq(reply.status, 202);
	apply_all(&s.door.rig);
	c = count(&s);
	ck_assert(c.rows == 4 && c.applied == 3 && c.quarantined == 1 && c.facts_of_412 == 3);
	stand_close(&s);
}
END_TEST

static const struct {
	size_t hooks;
	const char *path, *token, *body;
	unsigned status;
	const char *reason;
} refused[] = {
	{1, RECEIVE_BUG_PATH, "Token no", "{}", 401, "bad_token"},
	{1, RECEIVE_BUG_PATH, GOOD, "{", 400, "bad_json"},
	{1, RECEIVE_BUG_PATH, GOOD, "", 400, "bad_json"},
	{1, RECEIVE_BUG_PATH "/other", GOOD, "{}", 404, "not_found"},
	{1, RECEIVE_BUG_PATH "/", GOOD, "{}", 404, "not_found"},
	{1, RECEIVE_BUG_PATH "/bmo/", GOOD, "{}", 404, "not_found"},
	{1, RECEIVE_BUG_PATH "s", GOOD, "{}", 404, "not_found"},
	{2, RECEIVE_BUG_PATH, GOOD, "{}", 404, "not_found"},
	{2, RECEIVE_BUG_PATH "/other", GOOD, "{}", 401, "bad_token"},
	{0, RECEIVE_BUG_PATH, GOOD, "{}", 404, "not_found"},
};

START_TEST(what_is_refused_leaves_no_row)
{
	struct reply reply;
	struct stand s;

	stand_open(&s, refused[_i].hooks);
	post(&s, refused[_i].path, refused[_i].token, refused[_i].body, &reply);
	ck_assert_uint_eq(reply.status, refused[_i].status);
	ck_assert_str_eq(reply.error, refused[_i].reason);
	ck_assert_uint_eq(listening_refused(&s.door.box), 1);
	ck_assert_uint_eq(count(&s).rows, 0);
	stand_close(&s);
}
END_TEST

START_TEST(a_body_that_is_too_long_is_refused_before_it_comes)
{
	struct reply reply;
	struct stand s;

	stand_open(&s, 1);
	listening_ask(listener_port(s.door.box.listener),
		      TEXT_LIT("POST " RECEIVE_BUG_PATH " HTTP/1.1\r\nHost: x\r\nAuthorization: " GOOD
			       "\r\nContent-Type: application/json\r\nContent-Length: 262145\r\n\r\n"),
		      &reply);
	ck_assert_uint_eq(reply.status, 413);
	stand_close(&s);
}
END_TEST

START_TEST(each_of_several_trackers_has_a_path_and_a_secret)
{
	struct reply reply;
	struct stand s;

	stand_open(&s, 2);
	post(&s, RECEIVE_BUG_PATH "/other", "Token another-of-the-tests", BODY("bug.create"), &reply);
	ck_assert_uint_eq(reply.status, 202);
	post(&s, RECEIVE_BUG_PATH "/bmo", GOOD, BODY("bug.create"), &reply);
	ck_assert_uint_eq(reply.status, 202);
	ck_assert_uint_eq(count(&s).rows, 2);
	stand_close(&s);
}
END_TEST

static const struct suite_test tests[] = {SUITE_ROWS(a_delivery_is_a_hint_of_one_bug, rows),
					  SUITE_TEST(a_body_s_words_are_nowhere_in_what_is_kept),
					  SUITE_ROWS(times_are_utc_with_or_without_a_zone, times),
					  SUITE_TEST(a_routing_key_may_be_of_any_length),
					  SUITE_TEST(each_word_of_the_table_touches_something),
					  SUITE_ROWS(only_who_has_the_secret_delivers, heads),
					  SUITE_TEST(the_header_s_name_and_the_secret_are_configured),
					  SUITE_TEST(equal_deliveries_become_rows_of_their_own_and_are_applied),
					  SUITE_ROWS(what_is_refused_leaves_no_row, refused),
					  SUITE_TEST(a_body_that_is_too_long_is_refused_before_it_comes),
					  SUITE_TEST(each_of_several_trackers_has_a_path_and_a_secret),
					  SUITE_END};
SUITE_MAIN(tests)
