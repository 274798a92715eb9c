/* The control socket and the operator's endpoints. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/browse.h"
#include "tests/support/suite.h"
#include "webhooks/jread.h"

#define AAAA "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define BBBB "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static struct browse b;
static struct browsed got;

static void has(const char *needle)
{
	ck_assert_msg(strstr(got.body, needle) != NULL, "`%s` is not in:\n%s", needle, got.body);
}

static void opened(void)
{
	struct verdict verdict = {
		DECISION_WAITING, STATUS_PENDING, TEXT_LIT("Needs a secret"), TEXT_LIT("Needs more"), NULL, 0, false};

	browse_open(&b);
	tell(&b.pipe, change_event(CHANGE_OPENED, 1, 'a', 1));
	browse_judge(&b, 'a', &verdict);
	ck_assert_int_eq(drain(&b.pipe), 1);
}

static struct jdoc *parsed(void)
{
	struct err err = ERR_NONE;
	struct jdoc *doc = jdoc_parse((struct text){got.body, got.body_len}, &err);

	ck_assert_msg(doc != NULL, "%s:\n%s", err.text, got.body);
	return doc;
}

static void text_at(jval v, const char *path, const char *want)
{
	struct text t = jtext(v, path);

	ck_assert_msg(text_is(t, want), "%s is `%.*s`, not `%s`", path, TEXT_ARG(t), want);
}

static const char *const commit_paths[] = {"/api/v1/commits/acme/engine/" AAAA, "/api/v1/changes/acme/engine/1"};

START_TEST(a_commit_is_told_in_full)
{
	struct jdoc *doc;
	jval root;

	opened();
	browse_control(&b, commit_paths[_i], &got);
	ck_assert_int_eq(got.status, 200);
	doc = parsed();
	root = jdoc_root(doc);
	text_at(root, "repo", "acme/engine");
	text_at(root, "sha", AAAA);
	text_at(root, "verdict", "waiting");
	text_at(root, "state", "pending");
	text_at(root, "text", "Needs a secret");
	text_at(root, "public_text", "Needs more");
	text_at(root, "posted.state", "pending");
	text_at(root, "posted.text", "Needs more");
	text_at(root, "posted.at", "2026-11-21T14:02:11Z");
	text_at(root, "made_at", "2026-11-21T14:02:11Z");
	text_at(root, "changes.0.base_ref", "main");
	text_at(root, "changes.0.head", AAAA);
	text_at(root, "history.0.verdict", "waiting");
	ck_assert_int_eq(jtri(root, "posted.in_doubt"), TRI_NO);
	ck_assert_int_eq(jtri(root, "changes.0.open"), TRI_YES);
	ck_assert_int_eq(jint(root, "verdict_id", 0), 1);
	ck_assert_int_eq(jint(root, "history.0.id", 0), 1);
	ck_assert_int_eq(jint(root, "number", 0), _i == 1 ? 1 : 0);
	ck_assert(jis_array(jget(root, "rules")));
	ck_assert_ptr_null(jget(root, "superseded_by"));
	jdoc_free(doc);
	browse_close(&b);
}
END_TEST

START_TEST(a_verdict_carries_what_it_was_made_from)
{
	struct jdoc *doc;

	opened();
	browse_control(&b, "/api/v1/verdicts/1", &got);
	ck_assert_int_eq(got.status, 200);
	doc = parsed();
	text_at(jdoc_root(doc), "verdict", "waiting");
	ck_assert_ptr_null(jget(jdoc_root(doc), "facts"));
	jdoc_free(doc);
	browse_control(&b, "/api/v1/verdicts/1?full=1", &got);
	ck_assert_int_eq(got.status, 200);
	doc = parsed();
	ck_assert(jis_object(jget(jdoc_root(doc), "facts")));
	ck_assert_int_eq(jint(jdoc_root(doc), "facts.version", 0), 1);
	text_at(jdoc_root(doc), "policy", "version: 1\n");
	ck_assert(jis_array(jget(jdoc_root(doc), "rules")));
	jdoc_free(doc);
	browse_close(&b);
}
END_TEST

START_TEST(deliveries_are_listed_by_state)
{
	struct jdoc *doc;

	opened();
	tell_unapplied(&b.pipe, change_event(CHANGE_OPENED, 2, 'b', 1));
	browse_control(&b, "/api/v1/deliveries?state=waiting", &got);
	doc = parsed();
	text_at(jdoc_root(doc), "state", "waiting");
	ck_assert_uint_eq(jlen(jget(jdoc_root(doc), "deliveries")), 1);
	text_at(jdoc_root(doc), "deliveries.0.guid", "guid-2");
	text_at(jdoc_root(doc), "deliveries.0.event", "test");
	ck_assert_int_eq(jint(jdoc_root(doc), "deliveries.0.repo", 0), PIPE_REPO);
	jdoc_free(doc);
	browse_control(&b, "/api/v1/deliveries?state=quarantined", &got);
	ck_assert_str_eq(got.body, "{\"state\":\"quarantined\",\"deliveries\":[]}");
	browse_close(&b);
}
END_TEST

static const struct {
	const char *path;
	int status;
} missing[] = {
	{"/api/v1/commits/acme/engine/" BBBB, 404},
	{"/api/v1/commits/acme/other/" AAAA, 404},
	{"/api/v1/commits/acme/engine/aaaaaaa", 404},
	{"/api/v1/commits/acme/engine", 404},
	{"/api/v1/commits/", 404},
	{"/api/v1/changes/acme/engine/2", 404},
	{"/api/v1/changes/acme/engine/01", 404},
	{"/api/v1/changes/", 404},
	{"/api/v1/verdicts/2", 404},
	{"/api/v1/verdicts/x", 404},
	{"/api/v1/verdicts/-1", 404},
	{"/api/v1/verdicts/", 404},
	{"/api/v1/deliveries", 400},
	{"/api/v1/deliveries?state=all", 400},
	{"/api/v1/recheck", 405},
	{"/api/v1/", 404},
};

START_TEST(what_is_not_there_is_said_in_json)
{
	opened();
	browse_control(&b, missing[_i].path, &got);
	ck_assert_msg(got.status == missing[_i].status, "%s: %d", missing[_i].path, got.status);
	has("{\"error\":");
	has("\"detail\":");
	browse_close(&b);
}
END_TEST

/* ---- recheck ---- */

static int recheck(const char *body)
{
	browse_send(&b,
		    &(struct browse_request){0, "POST", "/api/v1/recheck", "Content-Type: application/json\r\n", body},
		    &got);
	return got.status;
}

static const char *const recheck_bodies[] = {"{\"repo\":\"acme/engine\",\"sha\":\"" AAAA "\"}",
					     "{\"repo\":\"acme/engine\",\"number\":1}"};

START_TEST(recheck_raises_what_is_wanted_and_wakes_the_judges)
{
	int64_t wanted;

	opened();
	wanted = subject_of(&b.pipe, 'a').wanted;
	ck_assert_int_eq(recheck(recheck_bodies[_i]), 202);
	ck_assert_str_eq(got.body, "{\"repo\":\"acme/engine\",\"sha\":\"" AAAA "\"}");
	ck_assert_int_eq(subject_of(&b.pipe, 'a').wanted, wanted + 1);
	ck_assert_int_eq(subject_of(&b.pipe, 'a').due, 1);
	ck_assert_int_eq(b.woken, 1);
	browse_close(&b);
}
END_TEST

static const struct {
	const char *body;
	int status;
} bad_rechecks[] = {
	{"", 400},
	{"{}", 400},
	{"[]", 400},
	{"nonsense", 400},
	{"{\"repo\":\"acme/engine\"}", 400},
	{"{\"repo\":\"acme/engine\",\"sha\":\"aaaaaaa\"}", 400},
	{"{\"repo\":\"acme/engine\",\"sha\":\"0000000000000000000000000000000000000000\"}", 400},
	{"{\"repo\":\"acme/engine\",\"sha\":1}", 400},
	{"{\"repo\":\"acme/engine\",\"number\":0}", 400},
	{"{\"repo\":\"acme/engine\",\"number\":-1}", 400},
	{"{\"repo\":\"acme/engine\",\"number\":\"1\"}", 400},
	{"{\"repo\":\"acme/engine\",\"number\":1,\"sha\":\"" AAAA "\"}", 400},
	{"{\"repo\":\"acme\",\"number\":1}", 400},
	{"{\"repo\":\"acme/engine/\",\"number\":1}", 400},
	{"{\"repo\":\"\",\"number\":1}", 400},
	{"{\"repo\":\"acme/other\",\"number\":1}", 404},
	{"{\"repo\":\"acme/engine\",\"number\":2}", 404},
};

START_TEST(a_recheck_of_nothing_changes_nothing)
{
	struct row_subject before;

	opened();
	before = subject_of(&b.pipe, 'a');
	ck_assert_msg(recheck(bad_rechecks[_i].body) == bad_rechecks[_i].status, "%s: %d %s", bad_rechecks[_i].body,
		      got.status, got.body);
	has("{\"error\":\"");
	ck_assert_int_eq(subject_of(&b.pipe, 'a').wanted, before.wanted);
	ck_assert_int_eq(b.woken, 0);
	browse_close(&b);
}
END_TEST

/* ---- alarms ---- */

static void raise_alarm(enum alarm_kind kind)
{
	struct alarm_news news = {.repo = PIPE_REPO,
				  .sha = sha_of('a'),
				  .kind = kind,
				  .who = TEXT_LIT("mal\"lory"),
				  .who_id = 666,
				  .forge_id = 1};
	struct err err = ERR_NONE;

	ck_assert(store_alarm(&b.pipe.store, &news, b.pipe.now, &err));
}

static int acknowledge(const char *body)
{
	browse_send(&b,
		    &(struct browse_request){0, "POST", "/api/v1/alarms", "Content-Type: application/json\r\n", body},
		    &got);
	return got.status;
}

static void ops(const char *path, const char *accept)
{
	browse_send(&b, &(struct browse_request){listener_port(b.ops), "GET", path, accept, NULL}, &got);
}

START_TEST(a_stolen_key_is_not_ready_until_it_is_acknowledged)
{
	opened();
	raise_alarm(ALARM_STATUS);
	ops("/readyz", NULL);
	ck_assert_int_eq(got.status, 200); /* what others set is overwritten, and no reason to stop */
	raise_alarm(ALARM_STOLEN_KEY);
	ops("/readyz", NULL);
	ck_assert_int_eq(got.status, 503);
	has("headgate alarms --acknowledge");
	ops("/readyz", "Accept: application/json\r\n");
	has("\"stolen_key_alarms\":1");
	ops("/metrics", NULL);
	has("headgate_alarms_unacknowledged{kind=\"stolen_key\"} 1");
	browse_control(&b, "/api/v1/alarms", &got);
	has("\"kind\":\"stolen_key\"");
	has("mal\\\"lory");
	browse_control(&b, commit_paths[0], &got);
	has("\"alarms\":[{\"id\":");
	ck_assert_int_eq(acknowledge("{\"id\":2}"), 200);
	ops("/readyz", NULL);
	ck_assert_int_eq(got.status, 200);
	browse_close(&b);
}
END_TEST

static const struct {
	const char *body;
	int status;
} bad_acknowledgements[] = {{"", 400},           {"[]", 400},          {"{}", 400},        {"{\"id\":\"1\"}", 400},
			    {"{\"id\":0}", 400}, {"{\"id\":-1}", 400}, {"{\"id\":2}", 404}};

START_TEST(an_acknowledgement_of_nothing_changes_nothing)
{
	opened();
	raise_alarm(ALARM_STOLEN_KEY);
	ck_assert_int_eq(acknowledge(bad_acknowledgements[_i].body), bad_acknowledgements[_i].status);
	has("{\"error\":\"");
	ops("/readyz", NULL);
	ck_assert_int_eq(got.status, 503);
	browse_close(&b);
}
END_TEST

/* ---- who may ask ---- */

static const struct {
	const char *method, *path, *body;
} controls[] = {
	{"GET", "/api/v1/commits/acme/engine/" AAAA, NULL},
	{"GET", "/api/v1/changes/acme/engine/1", NULL},
	{"GET", "/api/v1/deliveries?state=waiting", NULL},
	{"GET", "/api/v1/verdicts/1?full=1", NULL},
	{"POST", "/api/v1/recheck", "{\"repo\":\"acme/engine\",\"number\":1}"},
	{"GET", "/api/v1/alarms", NULL},
};

START_TEST(a_peer_the_kernel_does_not_vouch_for_is_refused)
{
	struct browse_request request = {0, controls[_i].method, controls[_i].path, NULL, controls[_i].body};
	int64_t wanted;

	opened();
	wanted = subject_of(&b.pipe, 'a').wanted;
	request.port = listener_port(b.control_tcp);
	browse_send(&b, &request, &got);
	ck_assert_int_eq(got.status, 403);
	has("{\"error\":\"forbidden\"");
	ck_assert_int_eq(subject_of(&b.pipe, 'a').wanted, wanted);
	request.port = 0;
	browse_send(&b, &request, &got);
	ck_assert_msg(got.status == 200 || got.status == 202, "%d", got.status);
	browse_close(&b);
}
END_TEST

/* Only root can become another user to try it: the child asks, the server stays who it is. */
START_TEST(another_user_is_refused_on_the_socket_itself)
{
	int status = 0;
	pid_t child;

	opened();
	ck_assert_int_eq(chmod(b.dir, 0755), 0);
	ck_assert_int_eq(chmod(b.socket, 0666), 0);
	child = geteuid() == 0 ? fork() : -1;
	if (child == 0) {
		if (setuid(65534) == 0)
			browse_control(&b, commit_paths[0], &got);
		_exit(got.status == 403 ? 0 : 1);
	}
	if (child > 0) {
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		ck_assert_int_eq(status, 0);
	}
	browse_close(&b);
}
END_TEST

/* ---- ops ---- */

START_TEST(readiness_follows_the_oldest_waiting_delivery)
{
	opened();
	ops("/healthz", NULL);
	ck_assert_int_eq(got.status, 200);
	ck_assert_str_eq(got.body, "ok\n");
	ops("/readyz", NULL);
	ck_assert_int_eq(got.status, 200);
	ck_assert_str_eq(got.body, "ready\n");
	tell_unapplied(&b.pipe, change_event(CHANGE_OPENED, 2, 'b', 1));
	b.now += 60000;
	ops("/readyz", "Accept: application/json\r\n");
	ck_assert_int_eq(got.status, 200);
	ck_assert_str_eq(got.body, "{\"ready\":true,\"store\":true,\"oldest_waiting_ms\":60000}");
	b.now += 15001;
	ops("/readyz", NULL);
	ck_assert_int_eq(got.status, 503);
	ck_assert_str_eq(got.body, "not ready: the oldest waiting delivery is 75 s old, more than 60 s\n");
	ops("/readyz", "Accept: application/json\r\n");
	ck_assert_int_eq(got.status, 503);
	has("\"error\":\"not_ready\"");
	ops("/healthz", NULL);
	ck_assert_int_eq(got.status, 200);
	browse_close(&b);
}
END_TEST

static bool no_read(void *self, store_job *job, void *arg, struct err *err)
{
	(void)self;
	(void)job;
	(void)arg;
	return err_set(err, ERR_BROKEN, "disk I/O error at /var/lib");
}

START_TEST(a_store_that_cannot_be_read_is_said_without_its_words)
{
	opened();
	b.pipe.store.exec.read = no_read;
	ops("/readyz", NULL);
	ck_assert_int_eq(got.status, 503);
	ck_assert_str_eq(got.body, "not ready: the store cannot be read\n");
	ops("/metrics", NULL);
	ck_assert_int_eq(got.status, 200);
	browse_get(&b, "/acme/engine/1", &got);
	ck_assert_int_eq(got.status, 503);
	ck_assert_ptr_null(strstr(got.body, "/var/lib"));
	browse_get(&b, "/acme/engine/1.json", &got);
	ck_assert_int_eq(got.status, 503);
	has("{\"error\":\"store_unavailable\"");
	browse_close(&b);
}
END_TEST

static struct exec_counters counted(void *exec)
{
	(void)exec;
	return (struct exec_counters){.jobs = 9, .commits = 7, .queued = 0};
}

/* name{label="value",...} number */
static void well_formed(char *line)
{
	char *space = strrchr(line, ' '), *end, *brace = strchr(line, '{');
	size_t name = strspn(line, "abcdefghijklmnopqrstuvwxyz_");

	ck_assert_msg(name > 0 && space != NULL, "%s", line);
	ck_assert_msg(line[name] == ' ' || line[name] == '{', "%s", line);
	(void)strtod(space + 1, &end);
	ck_assert_msg(end != space + 1 && *end == '\0', "%s", line);
	ck_assert_msg(!brace || space[-1] == '}', "%s", line);
}

START_TEST(metrics_are_fresh_and_well_formed)
{
	char *save, *line;

	opened();
	b.web.exec_counters = counted;
	tell_unapplied(&b.pipe, change_event(CHANGE_OPENED, 2, 'b', 1));
	b.now += 5000;
	ops("/metrics", NULL);
	ops("/metrics", NULL);
	ck_assert_ptr_nonnull(strstr(got.head, "Content-Type: text/plain; version=0.0.4"));
	has("headgate_queue_depth{state=\"waiting\"} 1\n");
	has("headgate_queue_oldest_seconds 5\n");
	has("headgate_store_commits_total 7\n");
	has("headgate_statuses_in_doubt 0\n");
	has("headgate_build_info{version=\"");
	for (line = got.body; line && *line; line = save) {
		save = strchr(line, '\n');
		ck_assert_ptr_nonnull(save);
		*save++ = '\0';
		if (line[0] != '#')
			well_formed(line);
	}
	ops("/metrics", "Accept: application/openmetrics-text; version=1.0.0\r\n");
	ck_assert_ptr_nonnull(strstr(got.head, "Content-Type: application/openmetrics-text"));
	has("# EOF\n");
	browse_close(&b);
}
END_TEST

START_TEST(a_refused_request_is_counted_by_reason)
{
	struct browse_request request = {0, "POST", "/acme/engine/1", NULL, ""};

	opened();
	request.port = listener_port(b.public);
	browse_send(&b, &request, &got);
	ck_assert_int_eq(got.status, 405);
	ops("/metrics", NULL);
	has("headgate_webhook_refusals_total{reason=\"");
	browse_close(&b);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_commit_is_told_in_full, commit_paths),
	SUITE_TEST(a_verdict_carries_what_it_was_made_from),
	SUITE_TEST(deliveries_are_listed_by_state),
	SUITE_ROWS(what_is_not_there_is_said_in_json, missing),
	SUITE_ROWS(recheck_raises_what_is_wanted_and_wakes_the_judges, recheck_bodies),
	SUITE_ROWS(a_recheck_of_nothing_changes_nothing, bad_rechecks),
	SUITE_TEST(a_stolen_key_is_not_ready_until_it_is_acknowledged),
	SUITE_ROWS(an_acknowledgement_of_nothing_changes_nothing, bad_acknowledgements),
	SUITE_ROWS(a_peer_the_kernel_does_not_vouch_for_is_refused, controls),
	SUITE_TEST(another_user_is_refused_on_the_socket_itself),
	SUITE_TEST(readiness_follows_the_oldest_waiting_delivery),
	SUITE_TEST(a_store_that_cannot_be_read_is_said_without_its_words),
	SUITE_TEST(metrics_are_fresh_and_well_formed),
	SUITE_TEST(a_refused_request_is_counted_by_reason),
	SUITE_END,
};
SUITE_MAIN(tests)
