/* GitHub's webhooks of a repository whose issues are bugs: who may deliver, what is taken out, what becomes durable. */
#include <string.h>

#include "agent/store/pack.h"
#include "agent/work/receive_issue.h"
#include "tests/support/door.h"
#include "tests/support/suite.h"
#include "webhooks/refusal.h"

#define CANARY "c4nary"
#define IN(repo, issue)                                                                                                \
	"\"repository\":{\"id\":3,\"full_name\":\"" repo "\",\"private\":true},\"sender\":{\"login\":\"" CANARY        \
	"\"},\"issue\":{" issue "\"title\":\"" CANARY "\",\"body\":\"" CANARY "\",\"labels\":[{\"name\":\"" CANARY     \
	"\"}],\"updated_at\":\"2026-11-20T10:00:00Z\"}"
#define ISSUE(action) "{\"action\":\"" action "\"," IN("acme/engine", "\"number\":412,") "}"
#define SAID(action, body, more, by)                                                                                   \
	"{\"action\":\"" action "\",\"comment\":{\"id\":9,\"body\":\"" body "\",\"author_association\":\"" by          \
	"\"}" more "," IN("acme/engine", "\"number\":412,") "}"
#define FLAGS    BUG_TOUCHED_FLAGS
#define LABELS   (BUG_TOUCHED_KEYWORDS | BUG_TOUCHED_FLAGS)
#define OUTSIDER "a comment by an outsider"
#define NO_FLAG  "a comment that sets no flag"

static const struct text flags[] = {{"sec-approval", 12}, {"uplift", 6}};
static const struct issues_hook hook = {.tracker = {"gh", 2},
					.repo = {"acme/engine", 11},
					.secret = {SECRET_ONE, sizeof SECRET_ONE - 1},
					.flags = flags,
					.n_flags = 2};

static const struct row {
	const char *event, *body;
	enum delivery_fate fate; /* 0: refused */
	int64_t touched;
	const char *action, *note;
} rows[] = {
	{"issues", ISSUE("labeled"), DELIVERY_APPLY, LABELS, "issues.labeled", ""},
	{"issues", ISSUE("unlabeled"), DELIVERY_APPLY, LABELS, "issues.unlabeled", ""},
	{"issues", ISSUE("closed"), DELIVERY_APPLY, BUG_TOUCHED_RESOLUTION, "issues.closed", ""},
	{"issues", ISSUE("reopened"), DELIVERY_APPLY, BUG_TOUCHED_RESOLUTION, "issues.reopened", ""},
	{"issues", ISSUE("opened"), DELIVERY_APPLY, BUG_TOUCHED_EXISTENCE, "issues.opened", ""},
	{"issues", ISSUE("deleted"), DELIVERY_APPLY, BUG_TOUCHED_ALL, "issues.deleted", ""},
	{"issues", ISSUE("transferred"), DELIVERY_APPLY, BUG_TOUCHED_ALL, "issues.transferred", ""},
	{"issues", ISSUE("edited"), DELIVERY_APPLY, 0, "issues.edited", ""},
	{"issues", ISSUE("assigned"), DELIVERY_APPLY, 0, "issues.assigned", ""},
	{"issues", ISSUE(CANARY), DELIVERY_APPLY, BUG_TOUCHED_ALL, "other", ""},
	{"issues", "{\"action\":7," IN("acme/engine", "\"number\":412,") "}", DELIVERY_APPLY, BUG_TOUCHED_ALL, "other",
	 ""},
	{"issues", "{" IN("ACME/Engine", "\"number\":412,") "}", DELIVERY_APPLY, BUG_TOUCHED_ALL, "other", ""},
	/* comments: those alone that may set a flag, by one who may be in a team */
	{"issue_comment", SAID("created", "sec-approval+", "", "MEMBER"), DELIVERY_APPLY, FLAGS, "comment", ""},
	{"issue_comment", SAID("created", "sec-approval-\\r\\n" CANARY, "", "OWNER"), DELIVERY_APPLY, FLAGS, "comment",
	 ""},
	{"issue_comment", SAID("deleted", "uplift?", "", "COLLABORATOR"), DELIVERY_APPLY, FLAGS, "comment", ""},
	{"issue_comment", SAID("created", "sec-approval-", "", "WHATEVER"), DELIVERY_APPLY, FLAGS, "comment", ""},
	{"issue_comment", "{\"comment\":{\"body\":\"uplift-\"}," IN("acme/engine", "\"number\":412,") "}",
	 DELIVERY_APPLY, FLAGS, "comment", ""},
	{"issue_comment", SAID("edited", CANARY, ",\"changes\":{\"body\":{\"from\":\"sec-approval+\"}}", "MEMBER"),
	 DELIVERY_APPLY, FLAGS, "comment", ""},
	{"issue_comment", SAID("edited", "uplift+", ",\"changes\":{\"body\":{\"from\":\"" CANARY "\"}}", "MEMBER"),
	 DELIVERY_APPLY, FLAGS, "comment", ""},
	{"issue_comment", SAID("created", CANARY, "", "MEMBER"), DELIVERY_IGNORED, FLAGS, "comment", NO_FLAG},
	{"issue_comment", SAID("created", "Is it sec-approval+", "", "MEMBER"), DELIVERY_IGNORED, FLAGS, "comment",
	 NO_FLAG},
	{"issue_comment", SAID("created", "sec-approval-", "", "NONE"), DELIVERY_IGNORED, FLAGS, "comment", OUTSIDER},
	{"issue_comment", SAID("created", "sec-approval-", "", "CONTRIBUTOR"), DELIVERY_IGNORED, FLAGS, "comment",
	 OUTSIDER},
	{"issue_comment", SAID("created", "sec-approval-", "", "FIRST_TIMER"), DELIVERY_IGNORED, FLAGS, "comment",
	 OUTSIDER},
	/* no issue of this tracker */
	{"ping", "{\"zen\":\"" CANARY "\"}", DELIVERY_IGNORED, 0, "other", "an event that tells of no issue"},
	{"label", ISSUE("created"), DELIVERY_IGNORED, 0, "other", "an event that tells of no issue"},
	{"issues", "{" IN("acme/other", "\"number\":412,") "}", DELIVERY_IGNORED, 0, "other", "of another repository"},
	{"issues", "{" IN("acme/engine", "\"number\":412,\"pull_request\":{},") "}", DELIVERY_IGNORED, 0, "other",
	 "of a change, which is no issue"},
	/* what is missing or no number */
	{"issues", "{}", DELIVERY_QUARANTINED, 0, "other", "repository.full_name: missing"},
	{"issues", "{\"repository\":{\"full_name\":7}}", DELIVERY_QUARANTINED, 0, "other",
	 "repository.full_name: not a text"},
	{"issues", "{" IN("acme/engine", "") "}", DELIVERY_QUARANTINED, 0, "other", "issue.number: missing"},
	{"issues", "{" IN("acme/engine", "\"number\":null,") "}", DELIVERY_QUARANTINED, 0, "other",
	 "issue.number: missing"},
	{"issues", "{" IN("acme/engine", "\"number\":0,") "}", DELIVERY_QUARANTINED, 0, "other",
	 "issue.number: not an issue's number"},
	{"issues", "{" IN("acme/engine", "\"number\":-1,") "}", DELIVERY_QUARANTINED, 0, "other",
	 "issue.number: not an issue's number"},
	{"issues", "{" IN("acme/engine", "\"number\":4294967708,") "}", DELIVERY_QUARANTINED, 0, "other",
	 "issue.number: not an issue's number"},
	{"issues", "{" IN("acme/engine", "\"number\":\"412\",") "}", DELIVERY_QUARANTINED, 0, "other",
	 "issue.number: not an issue's number"},
	{"issues", "{" IN("acme/engine", "\"number\":412.0,") "}", DELIVERY_QUARANTINED, 0, "other",
	 "issue.number: not an issue's number"},
	/* not a JSON object, or one that two readers would read as two */
	{"issues", "", 0, 0, "", ""},
	{"issues", "[]", 0, 0, "", ""},
	{"issues", "\"" CANARY "\"", 0, 0, "", ""},
	{"issues", "{\"issue\":{\"number\":1,\"number\":2}}", 0, 0, "", ""},
	{"issues", "{\"issue\":{}} " CANARY, 0, 0, "", ""},
	{"issues", "{\"issue\":{\"x\":\"\xff\"}}", 0, 0, "", ""},
};

static bool has_canary(struct text t)
{
	return text_find(t, TEXT_LIT(CANARY)) != SIZE_MAX;
}

START_TEST(a_delivery_is_a_hint_of_one_issue)
{
	const struct row *row = &rows[_i];
	const struct issues_told told = {text_of(row->event), text_of(row->body)};
	auto_arena struct arena arena = ARENA_EMPTY;
	struct delivery d = {.guid = TEXT_LIT("g-1")};
	struct err err = ERR_NONE;
	struct append append;

	ck_assert_msg(normalize_issues(&hook, &told, &arena, &d, &err) == (row->fate != 0), "%s", row->body);
	if (row->fate == 0) {
		ck_assert(err.code == ERR_INVALID && !strstr(err.text, CANARY) && d.fate == 0);
		return;
	}
	ck_assert_int_eq(d.fate, row->fate);
	ck_assert_msg(text_is(d.note, row->note), "%.*s", TEXT_ARG(d.note));
	ck_assert_msg(text_is(d.action, row->action), "%.*s", TEXT_ARG(d.action));
	ck_assert(text_is(d.name, "bug") && text_is(d.source, "issues") && text_is(d.guid, "g-1") && d.repo == 0);
	ck_assert_int_eq(d.event.kind, row->fate == DELIVERY_APPLY ? EVENT_BUG : EVENT_IGNORED);
	ck_assert_int_eq(d.event.bug.touched, row->touched);
	if (row->fate == DELIVERY_APPLY)
		ck_assert(d.event.bug.id == 412 && d.event.bug.at == INT64_C(1795168800000));
	ck_assert(text_is(d.event.bug.tracker, "gh") && !has_canary(d.body));
	ck_assert(receive_row(&d, 1, &arena, &append, &err) && !has_canary(append.facts) && !has_canary(append.note));
}
END_TEST

START_TEST(where_no_team_approves_no_comment_says_anything)
{
	static const char body[] = SAID("created", "sec-approval+", "", "MEMBER");
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct issues_told told = {TEXT_LIT("issue_comment"), TEXT_LIT(body)};
	struct issues_hook quiet = hook;
	struct delivery d = {.guid = TEXT_LIT("g-1")};
	struct err err = ERR_NONE;

	quiet.n_flags = 0;
	ck_assert(normalize_issues(&quiet, &told, &arena, &d, &err));
	ck_assert(d.fate == DELIVERY_IGNORED && text_is(d.note, NO_FLAG));
}
END_TEST

/* ---- from a socket to a durable row ---- */

struct stand {
	struct door door;
	struct receive_issues issues;
	struct issues_hook hooks[2];
};

static void stand_open(struct stand *s, size_t n_hooks)
{
	const struct route of_issues = {"POST",          RECEIVE_ISSUE_PATH,   false,
					ISSUES_BODY_MAX, receive_issue_handle, &s->issues},
			   of_each = {"POST",          RECEIVE_ISSUE_PATH "/", false,
				      ISSUES_BODY_MAX, receive_issue_handle,   &s->issues};

	door_open(&s->door);
	s->hooks[0] = hook;
	s->hooks[1] = hook;
	s->hooks[1].tracker = TEXT_LIT("other");
	s->hooks[1].secret = TEXT_LIT(SECRET_TWO);
	s->issues = (struct receive_issues){.receive = &s->door.receive,
					    .hooks = s->hooks,
					    .n = n_hooks,
					    .refused = s->door.box.config.refused,
					    .refused_context = s->door.box.config.refused_context};
	door_start(&s->door, (const struct route[]){of_issues, of_each}, 2);
}

static void stand_close(struct stand *s)
{
	door_close(&s->door);
}

static const char *signature_of(struct stand *s, const char *secret, const char *body)
{
	char *ret = arena_alloc(&s->door.rig.arena, 80, 1);

	sign(text_of(secret), text_of(body), ret);
	return ret;
}

struct sent {
	const char *path, *event, *guid, *more; /* more: header lines, with their signature; each ends in CRLF */
	const char *body;
};

static void post(struct stand *s, const struct sent *sent, struct reply *reply)
{
	struct text request =
		arena_printf(&s->door.rig.arena,
			     "POST %s HTTP/1.1\r\nHost: x\r\nX-GitHub-Event: %s\r\nX-GitHub-Delivery: "
			     "%s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n%s\r\n%s",
			     sent->path, sent->event, sent->guid, strlen(sent->body), sent->more, sent->body);

	listening_ask(listener_port(s->door.box.listener), request, reply);
}

static void post_signed(struct stand *s, struct sent sent, const char *secret, struct reply *reply)
{
	sent.more =
		arena_printf(&s->door.rig.arena, "X-Hub-Signature-256: %s\r\n", signature_of(s, secret, sent.body)).at;
	post(s, &sent, reply);
}

struct counted {
	size_t rows, applied;
};

static void count_row(void *context, const struct row_journal *row, struct text body)
{
	struct counted *c = context;

	c->applied += row->state == JOURNAL_APPLIED;
	ck_assert(text_is(row->source, "issues") && text_is(row->event, "bug") && row->repo == 0);
	ck_assert(!has_canary(body) && !has_canary(row->facts) && !has_canary(row->note));
}

static struct counted count(struct stand *s)
{
	struct counted c = {.applied = 0};

	c.rows = door_rows(&s->door, count_row, &c);
	return c;
}

START_TEST(a_signed_delivery_becomes_a_row_once_and_is_applied)
{
	static const struct sent label = {RECEIVE_ISSUE_PATH, "issues", "g-1", "", ISSUE("labeled")},
				 said = {RECEIVE_ISSUE_PATH "/gh", "issue_comment", "g-2", "",
					 SAID("created", "sec-approval-", "", "MEMBER")};
	struct counted c;
	struct reply reply;
	struct stand s;

	stand_open(&s, 1);
	for (int i = 0; i < 2; i++) {
		post_signed(&s, label, SECRET_ONE, &reply);
		ck_assert_uint_eq(reply.status, 202);
		ck_assert_ptr_null(strstr(reply.body, CANARY));
	}
	post_signed(&s, said, SECRET_ONE, &reply);
	ck_assert_uint_eq(reply.status, 202);
	apply_all(&s.door.rig);
	c = count(&s);
	ck_assert(c.rows == 2 && c.applied == 2);
	stand_close(&s);
}
END_TEST

START_TEST(each_of_several_trackers_has_a_path_and_a_secret)
{
	struct sent sent = {RECEIVE_ISSUE_PATH "/other", "issues", "g-1", "", ISSUE("labeled")};
	struct reply reply;
	struct stand s;

	stand_open(&s, 2);
	post_signed(&s, sent, SECRET_ONE, &reply);
	ck_assert_str_eq(reply.error, "bad_signature");
	post_signed(&s, sent, SECRET_TWO, &reply);
	ck_assert_uint_eq(reply.status, 202);
	sent.path = RECEIVE_ISSUE_PATH;
	post_signed(&s, sent, SECRET_ONE, &reply);
	ck_assert_str_eq(reply.error, "not_found");
	ck_assert_uint_eq(count(&s).rows, 1);
	stand_close(&s);
}
END_TEST

static const struct {
	const char *path, *event, *guid, *secret; /* NULL: `more` is all */
	const char *more, *body;
	unsigned status;
	const char *reason;
} refused[] = {
	{RECEIVE_ISSUE_PATH, "issues", "g", SECRET_TWO, "", ISSUE("labeled"), 401, "bad_signature"},
	{RECEIVE_ISSUE_PATH, "issues", "g", NULL, "", ISSUE("labeled"), 401, "signature_missing"},
	{RECEIVE_ISSUE_PATH, "issues", "g", NULL, "X-Hub-Signature: sha1=00\r\n", ISSUE("labeled"), 401,
	 "signature_sha1_only"},
	{RECEIVE_ISSUE_PATH, "issues", "g", NULL, "X-Hub-Signature-256: sha256=00\r\n", ISSUE("labeled"), 401,
	 "signature_malformed"},
	{RECEIVE_ISSUE_PATH, "ISSUES", "g", SECRET_ONE, "", ISSUE("labeled"), 400, "event_malformed"},
	{RECEIVE_ISSUE_PATH, "issues", "g g", SECRET_ONE, "", ISSUE("labeled"), 400, "delivery_malformed"},
	{RECEIVE_ISSUE_PATH, "issues", "g", SECRET_ONE, "", "{", 400, "bad_json"},
	{RECEIVE_ISSUE_PATH, "issues", "g", SECRET_ONE, "", "", 400, "bad_json"},
	{RECEIVE_ISSUE_PATH "/gh/", "issues", "g", SECRET_ONE, "", ISSUE("labeled"), 404, "not_found"},
	{RECEIVE_ISSUE_PATH "/", "issues", "g", SECRET_ONE, "", ISSUE("labeled"), 404, "not_found"},
	{RECEIVE_ISSUE_PATH "/bmo", "issues", "g", SECRET_ONE, "", ISSUE("labeled"), 404, "not_found"},
};

START_TEST(what_is_refused_leaves_no_row)
{
	struct sent sent = {refused[_i].path, refused[_i].event, refused[_i].guid, refused[_i].more, refused[_i].body};
	struct reply reply;
	struct stand s;

	stand_open(&s, 1);
	if (refused[_i].secret)
		post_signed(&s, sent, refused[_i].secret, &reply);
	else
		post(&s, &sent, &reply);
	ck_assert_str_eq(reply.error, refused[_i].reason);
	ck_assert_uint_eq(reply.status, refused[_i].status);
	ck_assert_uint_eq(listening_refused(&s.door.box), 1);
	ck_assert_uint_eq(count(&s).rows, 0);
	stand_close(&s);
}
END_TEST

/* ---- the same event at the door of changes ---- */

static const char *const of_issues[] = {"issues", "issue_comment"};

START_TEST(what_is_written_below_an_issue_is_not_kept_at_the_door_of_changes)
{
	static const char body[] = SAID("created", CANARY, "", "MEMBER");
	auto_arena struct arena arena = ARENA_EMPTY;
	struct delivery d = {.guid = TEXT_LIT("g-1"),
			     .name = text_of(of_issues[_i]),
			     .fate = DELIVERY_IGNORED,
			     .body = TEXT_LIT(body)};
	struct err err = ERR_NONE;
	struct append append;
	struct text kept;

	ck_assert(receive_row(&d, 1, &arena, &append, &err));
	ck_assert(unpack_text(&(struct unpack){append.body_lz4, (size_t)append.body_bytes, PACK_RAW_MAX}, &arena, &kept,
			      &err));
	ck_assert(text_is(kept, "{}") && !has_canary(append.facts));
	d.fate = DELIVERY_APPLY; /* a comment on a change */
	ck_assert(receive_row(&d, 1, &arena, &append, &err) && append.body_bytes == (int64_t)d.body.len);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_delivery_is_a_hint_of_one_issue, rows),
	SUITE_TEST(where_no_team_approves_no_comment_says_anything),
	SUITE_TEST(a_signed_delivery_becomes_a_row_once_and_is_applied),
	SUITE_TEST(each_of_several_trackers_has_a_path_and_a_secret),
	SUITE_ROWS(what_is_refused_leaves_no_row, refused),
	SUITE_ROWS(what_is_written_below_an_issue_is_not_kept_at_the_door_of_changes, of_issues),
	SUITE_END};
SUITE_MAIN(tests)
