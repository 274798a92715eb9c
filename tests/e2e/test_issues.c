/* A repository whose issues are bugs: its signed webhooks, at the real server's own door for them. */
#include <stdio.h>
#include <string.h>

#include "tests/support/gate.h"
#include "tests/support/listening.h"
#include "tests/support/suite.h"

#define OF_REPO                                                                                                        \
	"\"repository\":{\"full_name\":\"acme/tracker\"},\"issue\":{\"number\":412,\"title\":\"c4nary\","              \
	"\"updated_at\":\"2026-11-20T10:00:00Z\"}}"

static long deliver(struct gate *gate, const char *path, const char *event, const char *secret, const char *body)
{
	char url[128], signature[100], named[64], id[64], digest[72];
	const char *const headers[] = {signature, named, id, "Content-Type: application/json", NULL};
	struct rig_request request = {
		.method = "POST", .url = url, .headers = headers, .body = body, .len = strlen(body)};
	static int deliveries;
	struct rig_reply reply;
	long status;

	sign(text_of(secret), text_of(body), digest);
	(void)snprintf(url, sizeof url, "http://127.0.0.1:%u%s", gate->rig.port, path);
	(void)snprintf(signature, sizeof signature, "X-Hub-Signature-256: %s", digest);
	(void)snprintf(named, sizeof named, "X-GitHub-Event: %s", event);
	(void)snprintf(id, sizeof id, "X-GitHub-Delivery: of-issues-%d", ++deliveries);
	ck_assert(rig_http(&request, &reply));
	status = reply.status;
	rig_reply_clear(&reply);
	return status;
}

static void begin(struct gate *gate)
{
	static char config[400];
	char script[300];

	gate_begin(gate, NULL);
	ck_assert(rig_agent_term(&gate->rig));
	(void)snprintf(script, sizeof script, "umask 077; printf '%s' >%s/gh-hook", SECRET_ONE, gate->rig.dir);
	ck_assert_int_eq(rig_sh(&gate->rig, script), 0);
	(void)snprintf(config, sizeof config,
		       "trackers:\n  - name: gh\n    kind: github\n    url: %s/repos/acme/tracker\n"
		       "    webhook_secret_file: %s/gh-hook\n    approval_teams: [acme/security]\n",
		       gate->rig.world_url, gate->rig.dir);
	gate->rig.plan.config = config;
	ck_assert(rig_agent_start(&gate->rig));
}

START_TEST(what_is_signed_for_the_tracker_is_taken_as_a_hint_and_nothing_else_is)
{
	static const char labelled[] = "{\"action\":\"labeled\"," OF_REPO,
			  said[] = "{\"action\":\"created\",\"comment\":{\"body\":\"sec-approval-\\nc4nary\","
				   "\"author_association\":\"MEMBER\"}," OF_REPO;
	struct gate gate;

	begin(&gate);
	ck_assert_int_eq(deliver(&gate, "/webhooks/issues", "issues", SECRET_ONE, labelled), 202);
	ck_assert_int_eq(deliver(&gate, "/webhooks/issues/gh", "issue_comment", SECRET_ONE, said), 202);
	ck_assert_int_eq(deliver(&gate, "/webhooks/issues", "issues", SECRET_TWO, labelled), 401);
	ck_assert_int_eq(deliver(&gate, "/webhooks/issues", "issues", gate.rig.secret, labelled), 401);
	ck_assert_int_eq(deliver(&gate, "/webhooks/issues/bmo", "issues", SECRET_ONE, labelled), 404);
	ck_assert_int_eq(deliver(&gate, "/webhooks/bugzilla", "issues", SECRET_ONE, labelled), 405);
	ck_assert_int_eq(deliver(&gate, "/webhooks/github", "issues", SECRET_ONE, labelled), 401);
	gate_wait_rows(&gate, "journal", "source = 'issues' AND state = 1", 2);
	gate_wait_rows(&gate, "bug_news", "tracker = 'gh' AND bug = 412 AND due > 0", 1);
	ck_assert_int_eq(gate_rows(&gate, "journal", "instr(facts, 'c4nary') OR instr(body_lz4, 'c4nary')"), 0);
	gate_end(&gate);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_SLOW(what_is_signed_for_the_tracker_is_taken_as_a_hint_and_nothing_else_is, 60),
	SUITE_END,
};
SUITE_MAIN(tests)
