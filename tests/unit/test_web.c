/* The three listeners over real sockets, with a store in memory: what is answered, and what is never shown. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/support/browse.h"
#include "tests/support/suite.h"
#include "webhooks/jread.h"

#define AAAA "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define BBBB "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define PAGE "/acme/engine/c/" AAAA

#define CSP                                                                                                            \
	"Content-Security-Policy: default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "          \
	"frame-ancestors 'none'; base-uri 'none'\r\n"

static struct browse b;
static struct browsed got;

static void has(const char *needle)
{
	ck_assert_msg(strstr(got.body, needle) != NULL, "`%s` is not in:\n%s", needle, got.body);
}

static void lacks(const char *needle)
{
	ck_assert_msg(strstr(got.body, needle) == NULL, "`%s` is in:\n%s", needle, got.body);
}

static void get(const char *path, int status)
{
	browse_get(&b, path, &got);
	ck_assert_msg(got.status == status, "%s: %d\n%s", path, got.status, got.body);
}

static void control(const char *path, int status)
{
	browse_control(&b, path, &got);
	ck_assert_msg(got.status == status, "%s: %d\n%s", path, got.status, got.body);
}

static const struct person dana = {.id = 33, .login = {"dana", 4}, .type = PERSON_USER};
static const struct ignored stale = {{"bob's review of 9a77b03", 23}, {"it was given to another commit", 30}};

/* One change with a missing review, a restricted rule and one that does not apply. */
static struct verdict waiting(struct rule_result *rules, const struct rule_result *restricted)
{
	rules[1] = (struct rule_result){.name = TEXT_LIT("two reviews"),
					.state = RULE_PENDING,
					.next = TEXT_LIT("1 more review of aaaaaaa (1/2)"),
					.who = TEXT_LIT("anybody with write access or <bea>"),
					.counts = &dana,
					.n_counts = 1,
					.ignored = &stale,
					.n_ignored = 1};
	rules[2] = *restricted;
	rules[3] = (struct rule_result){.name = TEXT_LIT("uplift"), .state = RULE_SKIPPED};
	rules[4] = (struct rule_result){.name = TEXT_LIT("not a draft"), .state = RULE_MET};
	rules[0] = (struct rule_result){
		.name = TEXT_LIT("#1"), .state = RULE_PENDING, .children = &rules[1], .n_children = 4};
	return (struct verdict){.decision = DECISION_WAITING,
				.state = STATUS_PENDING,
				.text = TEXT_LIT("Needs sec-approval of bug 1234567"),
				.public_text = TEXT_LIT("Needs 1 more review of aaaaaaa (1/2)"),
				.rules = rules,
				.n_rules = 1};
}

static const struct rule_result plain_secret = {
	.name = {"sec-approval", 12}, .state = RULE_PENDING, .restricted = true, .next = {"bug 1234567", 11}};

static void judged(void)
{
	struct rule_result rules[5];
	struct verdict verdict = waiting(rules, &plain_secret);

	browse_open(&b);
	tell(&b.pipe, change_event(CHANGE_OPENED, 1, 'a', 1));
	browse_judge(&b, 'a', &verdict);
	ck_assert_int_eq(drain(&b.pipe), 1);
}

START_TEST(the_page_says_verdict_step_commit_and_evidence)
{
	static const char *const parts[] = {
		"<title>Waiting: acme/engine at aaaaaaa</title>",
		"<html lang=\"en\">",
		"name=\"viewport\"",
		"name=\"color-scheme\"",
		"href=\"#main\"",
		"Waiting: not allowed to merge yet</h1>",
		"Next step: </strong>1 more review of aaaaaaa (1/2)",
		"<code>" AAAA "</code>, head of #1 into <code>main</code>",
		"datetime=\"2026-11-21T14:02:11Z\">2026-11-21 14:02:11 UTC</time>",
		"<strong>pending</strong> as <code>policy/merge-allowed</code>",
		"Counts: <strong>dana</strong>",
		"<p>By anybody with write access or &lt;bea&gt;.</p>",
		"<strong>bob&#39;s review of 9a77b03</strong>: it was given to another commit",
		"Maintainer clearance",
		"1 requirement does not apply here",
		"aria-current=\"true\"",
		"href=\"" PAGE ".json\"",
	};

	judged();
	get(PAGE, 200);
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		has(parts[i]);
	ck_assert_ptr_null(strstr(strstr(got.body, "<h1>") + 1, "<h1>"));
	ck_assert_ptr_null(strstr(strstr(got.body, AAAA "</code>") + 1, AAAA "</code>"));
	ck_assert(strstr(got.body, "two reviews") < strstr(got.body, "not a draft"));
	lacks("<script");
	browse_close(&b);
}
END_TEST

START_TEST(every_public_answer_forbids_what_pages_do_not_use)
{
	static const char *const paths[] = {"/",         "/s.css",         PAGE,      PAGE ".json",
					    PAGE ".txt", "/acme/engine/1", "/nothing"};
	static const char *const lines[] = {CSP, "Referrer-Policy: no-referrer\r\n",
					    "X-Content-Type-Options: nosniff\r\n", "Cache-Control: no-store\r\n"};

	judged();
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		browse_get(&b, paths[i], &got);
		for (size_t k = 0; k < sizeof lines / sizeof lines[0]; k++)
			ck_assert_msg(strstr(got.head, lines[k]) != NULL, "%s: %s", paths[i], got.head);
	}
	browse_close(&b);
}
END_TEST

static const struct {
	const char *path;
	int status;
	const char *type;
} paths[] = {
	{"/", 200, "text/html; charset=utf-8"},
	{"/s.css", 200, "text/css; charset=utf-8"},
	{PAGE, 200, "text/html; charset=utf-8"},
	{PAGE ".json", 200, "application/json"},
	{PAGE ".txt", 200, "text/plain; charset=utf-8"},
	{"/acme/engine/1", 200, "text/html; charset=utf-8"},
	{"/acme/engine/1.json", 200, "application/json"},
	{"/acme/engine/1.txt", 404, "text/html; charset=utf-8"},
	{"/acme/engine/c/" BBBB, 404, "text/html; charset=utf-8"},
	{"/acme/engine/c/" BBBB ".json", 404, "application/json"},
	{"/acme/other/c/" AAAA, 404, "text/html; charset=utf-8"},
	{"/acme/engine/2", 404, "text/html; charset=utf-8"},
	{"/acme/engine/01", 404, NULL},
	{"/acme/engine/-1", 404, NULL},
	{"/acme/engine/+1", 404, NULL},
	{"/acme/engine/0", 404, NULL},
	{"/acme/engine/99999999999999999999", 404, NULL},
	{"/acme/engine/1/", 404, NULL},
	{"/acme/engine/c/aaaaaaa", 404, NULL},
	{"/acme/engine/c/" AAAA "a", 404, NULL},
	{"/acme/engine/c/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 404, NULL},
	{"/acme/engine/c/", 404, NULL},
	{"/acme/engine/", 404, NULL},
	{"/acme/.json", 404, "application/json"},
	{"/acme/engine/.json", 404, "application/json"},
	{"/acme/engine/c/.txt", 404, NULL},
	{"//", 404, NULL},
	{"///", 404, NULL},
	{"/acme//c/" AAAA, 404, NULL},
	{"//acme/engine/c/" AAAA, 404, NULL},
	{"/acme/../engine/c/" AAAA, 404, NULL},
	{"/../../etc/passwd", 404, NULL},
	{"/../engine/c/" AAAA, 404, NULL},
	{"/acme%2Fengine/c/" AAAA, 404, NULL},
	{"/acme/engine/c%2f" AAAA, 404, NULL},
	{"/%61cme/engine/c/" AAAA, 404, NULL},
	{"/acme/engine/c/" AAAA "%00", 400, NULL},
	{"/acme/eng<ine/c/" AAAA, 404, NULL},
	{"/s.css/", 404, NULL},
	{"/api/v1/deliveries?state=waiting", 404, NULL},
	{"/metrics", 404, NULL},
	{"/healthz", 404, NULL},
};

START_TEST(a_path_names_one_thing_or_nothing)
{
	char type[80];

	judged();
	get(paths[_i].path, paths[_i].status);
	snprintf(type, sizeof type, "Content-Type: %s\r\n", paths[_i].type ? paths[_i].type : "");
	if (paths[_i].type)
		ck_assert_msg(strstr(got.head, type) != NULL, "%s: %s", paths[_i].path, got.head);
	browse_close(&b);
}
END_TEST

START_TEST(a_long_path_and_a_wrong_method_are_refused)
{
	static const char *const methods[] = {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"};
	char path[4096];

	judged();
	memset(path, 'a', sizeof path);
	path[0] = '/';
	path[sizeof path - 1] = '\0';
	browse_get(&b, path, &got);
	ck_assert_int_ge(got.status, 400);
	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
		struct browse_request request = {listener_port(b.public), methods[i], PAGE, NULL, ""};

		browse_send(&b, &request, &got);
		ck_assert_msg(got.status == 405, "%s: %d", methods[i], got.status);
	}
	browse_close(&b);
}
END_TEST

START_TEST(the_number_of_a_change_shows_its_newest_head)
{
	judged();
	tell(&b.pipe, push_to_change(1, 'a', 'b', 2));
	get("/acme/engine/1", 200);
	has("The newest head known of #1 is shown: commit <a href=\"/acme/engine/c/" BBBB "\">bbbbbbb</a>");
	has("Waiting: a first look</h1>");
	get("/acme/engine/1.json", 200);
	has("\"number\":1");
	has("\"sha\":\"" BBBB "\"");
	get(PAGE, 200);
	has("A newer commit exists: <a href=\"/acme/engine/c/" BBBB "\">bbbbbbb</a>");
	has("Not allowed to merge: superseded</h1>");
	browse_close(&b);
}
END_TEST

static const struct {
	enum decision decision;
	const char *heading, *word;
} headings[] = {
	{DECISION_ALLOWED, "Allowed to merge</h1>", "allowed"},
	{DECISION_WAITING, "Waiting: not allowed to merge yet</h1>", "waiting"},
	{DECISION_BLOCKED, "Not allowed to merge</h1>", "blocked"},
	{DECISION_REVOKED, "Not allowed to merge: revoked</h1>", "revoked"},
	{DECISION_CANNOT_DECIDE, "Cannot decide</h1>", "cannot_decide"},
};

START_TEST(each_verdict_has_its_words)
{
	struct verdict verdict = {headings[_i].decision,
				  decision_state(headings[_i].decision),
				  TEXT_LIT("t"),
				  TEXT_LIT("t"),
				  NULL,
				  0,
				  false};
	char line[64];

	browse_open(&b);
	tell(&b.pipe, change_event(CHANGE_OPENED, 1, 'a', 1));
	get(PAGE, 200);
	has("Waiting: a first look</h1>");
	has("not posted yet");
	has("<dd>not yet</dd>");
	browse_judge(&b, 'a', &verdict);
	get(PAGE, 200);
	has(headings[_i].heading);
	snprintf(line, sizeof line, "verdict: %s\n", headings[_i].word);
	get(PAGE ".txt", 200);
	has(line);
	browse_close(&b);
}
END_TEST

START_TEST(an_event_after_the_verdict_is_what_holds)
{
	struct verdict verdict = {DECISION_ALLOWED, STATUS_SUCCESS, TEXT_LIT("ok"), TEXT_LIT("ok"), NULL, 0, false};

	browse_open(&b);
	tell(&b.pipe, change_event(CHANGE_OPENED, 1, 'a', 1));
	browse_judge(&b, 'a', &verdict);
	get(PAGE, 200);
	has("Allowed to merge</h1>");
	tell(&b.pipe, review_event(REVIEW_DISMISSED, 1, REVIEW_STATE_DISMISSED, 'a'));
	get(PAGE, 200);
	lacks("Allowed to merge</h1>\n<p class=\"next\">ok");
	has("Not allowed to merge: revoked</h1>");
	get(PAGE ".json", 200);
	has("\"verdict\":\"revoked\",\"state\":\"failure\"");
	browse_close(&b);
}
END_TEST

START_TEST(an_unanswered_status_is_said_to_be_in_doubt)
{
	struct rule_result rules[5];
	struct verdict verdict = waiting(rules, &plain_secret);
	struct post post;

	browse_open(&b);
	tell(&b.pipe, change_event(CHANGE_OPENED, 1, 'a', 1));
	browse_judge(&b, 'a', &verdict);
	ck_assert(next_post(&b.pipe, &post));
	answer(&b.pipe, &post, POST_UNANSWERED);
	get(PAGE, 200);
	has("in doubt");
	get(PAGE ".json", 200);
	has("\"in_doubt\":true");
	browse_close(&b);
}
END_TEST

/* ---- redaction ---- */

static const char *const shown_paths[] = {PAGE, PAGE ".json", PAGE ".txt", "/acme/engine/1", "/acme/engine/1.json"};
#define SHOWN (sizeof shown_paths / sizeof shown_paths[0])

static void show_with(const struct rule_result *secret, char *all, size_t size)
{
	struct rule_result rules[5];
	struct verdict verdict = waiting(rules, secret);
	size_t n = 0;

	if (secret->next.len > 0)
		verdict.text = secret->next;
	browse_open(&b);
	tell(&b.pipe, change_event(CHANGE_OPENED, 1, 'a', 1));
	browse_judge(&b, 'a', &verdict);
	ck_assert_int_eq(drain(&b.pipe), 1);
	for (size_t i = 0; i < SHOWN; i++) {
		get(shown_paths[i], 200);
		n += (size_t)snprintf(all + n, size - n, "%s\n", got.body);
		ck_assert_uint_lt(n, size);
	}
	browse_close(&b);
}

static const struct rule_result secret_child = {.name = {"bug 7654321", 11}, .state = RULE_UNMET};
static const struct rule_result secrets[] = {
	{.name = {"sec-approval", 12},
	 .state = RULE_UNMET,
	 .blocking = true,
	 .restricted = true,
	 .mode = MODE_WARN,
	 .description = {"secret words", 12},
	 .next = {"bug 7654321", 11},
	 .counts = &dana,
	 .n_counts = 1,
	 .ignored = &stale,
	 .n_ignored = 1,
	 .children = &secret_child,
	 .n_children = 1},
	{.name = {"hold", 4}, .state = RULE_MET, .restricted = true},
	{.name = {"hold", 4}, .state = RULE_SKIPPED, .restricted = true},
	{.name = {"hold", 4}, .state = RULE_OFF, .restricted = true, .mode = MODE_OFF},
};

START_TEST(what_is_restricted_changes_no_public_byte)
{
	static char first[4 * BROWSE_BODY_MAX], second[4 * BROWSE_BODY_MAX];

	show_with(&plain_secret, first, sizeof first);
	show_with(&secrets[_i], second, sizeof second);
	ck_assert_str_eq(first, second);
	ck_assert_ptr_nonnull(strstr(first, "Maintainer clearance"));
	ck_assert_ptr_null(strstr(second, "7654321"));
	ck_assert_ptr_null(strstr(second, "sec-approval"));
}
END_TEST

START_TEST(the_operator_sees_what_the_public_does_not)
{
	judged();
	control("/api/v1/commits/acme/engine/" AAAA, 200);
	has("sec-approval");
	has("\"text\":\"Needs sec-approval of bug 1234567\"");
	has("\"public_text\":\"Needs 1 more review of aaaaaaa (1/2)\"");
	has("\"hash\":\"");
	browse_close(&b);
}
END_TEST

/* ---- how old what is known of bugs may be ---- */

static const struct {
	int64_t ms;
	const char *words; /* NULL: nothing is said */
} ages[] = {
	{0, NULL},
	{-1, NULL},
	{1500, "1500 milliseconds"},
	{1000, "1 second"},
	{5400000, "90 minutes"},
	{7200000, "2 hours"},
	{86400000, "1 day"},
};

START_TEST(each_page_says_how_long_a_bug_may_count_unread_and_none_does_where_it_may_not)
{
	static const char *const judged_or_not[] = {PAGE,
						    PAGE ".json",
						    PAGE ".txt",
						    "/acme/engine/1",
						    "/acme/engine/1.json",
						    "/acme/engine/c/" BBBB,
						    "/acme/engine/c/" BBBB ".json",
						    "/acme/engine/c/" BBBB ".txt"};
	char line[160], json[200];

	snprintf(line, sizeof line,
		 "Bugs that were last seen not secure may count for up to %s without being read again (max_age).",
		 ages[_i].words ? ages[_i].words : "");
	snprintf(json, sizeof json, "\"max_age\":{\"ms\":%lld,\"text\":\"%s\"}", (long long)ages[_i].ms, line);
	judged();
	tell(&b.pipe, change_event(CHANGE_OPENED, 2, 'b', 2));
	b.pipe.store.limits.bug_age_ms = ages[_i].ms;
	for (size_t i = 0; i < sizeof judged_or_not / sizeof judged_or_not[0]; i++) {
		get(judged_or_not[i], 200);
		(ages[_i].words ? has : lacks)(ages[_i].words ? line : "max_age");
	}
	get(PAGE ".json", 200);
	(ages[_i].words ? has : lacks)(ages[_i].words ? json : "max_age");
	control("/api/v1/commits/acme/engine/" AAAA, 200);
	(ages[_i].words ? has : lacks)(ages[_i].words ? json : "max_age");
	browse_close(&b);
}
END_TEST

/* ---- hostile text ---- */

static const char *const payloads[] = {
	"<script>alert(1)</script>",
	"\"><img src=x onerror=alert(1)>",
	"' autofocus onfocus=alert(1) x='",
	"</title><svg onload=alert(1)>",
	"javascript:alert(1)",
	"--!><iframe src=//e>",
	"</td><style>@import'//e'</style>",
	"&#60;script&#62;",
	"\x1b]8;;http://e\x07x",
	"\xe2\x80\xaetxt.exe",
	"<!--",
	"]]><x>",
	"`${alert(1)}`",
	"\xc3<script>",
	"\xf0<b onclick=x>",
};

START_TEST(hostile_text_is_shown_and_never_markup)
{
	struct text t = text_of(payloads[_i]);
	struct person person = {.id = 1, .login = t};
	struct ignored ignored = {t, t};
	struct rule_result inner = {.name = t, .description = t, .next = t, .counts = &person, .n_counts = 1};
	struct rule_result rule = inner;
	struct verdict verdict = {DECISION_BLOCKED, STATUS_FAILURE, t, t, &rule, 1, false};
	struct event event = change_event(CHANGE_OPENED, 1, 'a', 1);
	auto_arena struct arena arena = ARENA_EMPTY;
	char *page;

	inner.ignored = &ignored;
	inner.n_ignored = 1;
	rule.children = &inner;
	rule.n_children = 1;
	event.change.base_ref = t;
	browse_open(&b);
	tell(&b.pipe, event);
	browse_judge(&b, 'a', &verdict);
	get(PAGE, 200);
	page = got.body;
	ck_assert_ptr_null(strchr(page, '\x1b'));
	ck_assert_ptr_null(strstr(page, "\xe2\x80\xae"));
	for (char *at = strchr(page, '<'); at; at = strchr(at + 1, '<')) {
		static const char *const never[] = {"<script", "<img", "<svg",    "<iframe", "<style", "<!--",
						    "<x",      "<b ",  "<object", "<form",   "<input"};

		for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
			ck_assert_msg(strncmp(at, never[i], strlen(never[i])) != 0, "%.40s", at);
	}
	for (char *at = strstr(page, "href=\""); at; at = strstr(at + 1, "href=\""))
		ck_assert_msg(at[6] == '/' || at[6] == '#', "%.40s", at);
	get(PAGE ".json", 200);
	get(PAGE ".txt", 200);
	ck_assert_ptr_null(strchr(got.body, '\x1b'));
	browse_close(&b);
}
END_TEST

/* ---- a GET writes nothing ---- */

static bool no_write(void *self, store_job *job, void *arg, struct err *err)
{
	(void)self;
	(void)job;
	(void)arg;
	(void)err;
	ck_abort_msg("a GET wrote");
	return false;
}

static bool no_later(void *self, struct store_later *later, struct err *err)
{
	(void)self;
	(void)later;
	(void)err;
	ck_abort_msg("a GET wrote");
	return false;
}

/* Follows the links of got's page, each once, to the depth of the pages there are. */
static int crawl(const char *start, int depth)
{
	char links[20][256], *at;
	int n = 0, seen = 1;

	get(start, 200);
	for (at = strstr(got.body, "href=\"/"); at && n < 20; at = strstr(at + 1, "href=\"/"))
		if (sscanf(at, "href=\"%255[^\"]", links[n]) == 1)
			n++;
	for (int i = 0; i < n && depth > 0; i++)
		seen += crawl(links[i], depth - 1);
	return seen;
}

START_TEST(a_crawl_of_every_link_writes_nothing)
{
	struct store_counts before, after;
	struct row_subject subject;
	struct store_exec exec;
	struct err err = ERR_NONE;

	judged();
	tell(&b.pipe, push_to_change(1, 'a', 'b', 2));
	subject = subject_of(&b.pipe, 'a');
	ck_assert(store_counts(&b.pipe.store, &before, &err));
	exec = b.pipe.store.exec;
	b.pipe.store.exec.write = no_write;
	b.pipe.store.exec.write_later = no_later;
	ck_assert_int_gt(crawl("/", 1), 1);
	ck_assert_int_gt(crawl(PAGE, 2), 10);
	ck_assert_int_gt(crawl("/acme/engine/1", 1), 3);
	control("/api/v1/commits/acme/engine/" AAAA, 200);
	control("/api/v1/verdicts/1?full=1", 200);
	control("/api/v1/deliveries?state=applied", 200);
	b.pipe.store.exec = exec;
	ck_assert(store_counts(&b.pipe.store, &after, &err));
	ck_assert_mem_eq(&before, &after, sizeof before);
	ck_assert_int_eq(subject_of(&b.pipe, 'a').wanted, subject.wanted);
	ck_assert_int_eq(subject_of(&b.pipe, 'a').fence, subject.fence);
	ck_assert_int_eq(b.woken, 0);
	browse_close(&b);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(the_page_says_verdict_step_commit_and_evidence),
	SUITE_TEST(every_public_answer_forbids_what_pages_do_not_use),
	SUITE_ROWS(a_path_names_one_thing_or_nothing, paths),
	SUITE_TEST(a_long_path_and_a_wrong_method_are_refused),
	SUITE_TEST(the_number_of_a_change_shows_its_newest_head),
	SUITE_ROWS(each_verdict_has_its_words, headings),
	SUITE_TEST(an_event_after_the_verdict_is_what_holds),
	SUITE_TEST(an_unanswered_status_is_said_to_be_in_doubt),
	SUITE_ROWS(what_is_restricted_changes_no_public_byte, secrets),
	SUITE_TEST(the_operator_sees_what_the_public_does_not),
	SUITE_ROWS(each_page_says_how_long_a_bug_may_count_unread_and_none_does_where_it_may_not, ages),
	SUITE_ROWS(hostile_text_is_shown_and_never_markup, payloads),
	SUITE_TEST(a_crawl_of_every_link_writes_nothing),
	SUITE_END,
};
SUITE_MAIN(tests)
