/*
 * What a tracker's connector says of single bugs, with the real server and the world's forge: nothing is read at any
 * tracker here, and no key of one is anywhere. The tick is two seconds.
 */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/gate.h"
#include "tests/support/suite.h"

#define CLEARANCE  "Needs maintainer clearance"
#define TOKEN      "connector-token-of-the-tests"
#define BUG        "480911"
#define TOKEN_FILE "bmo-token"
#define PERL       "HEADGATE_PERL" /* set where perl is there with its core modules */

static const char policy[] = "policy: {approval: [reviewed, cleared]}\napproval_rules:\n"
			     "  - {name: reviewed, requires: {count: 1, permissions: [write]}}\n"
			     "  - name: cleared\n    visibility: restricted\n    requires:\n      conditions:\n"
			     "        bugs: {every: {keywords: {none_of: [sec-high, sec-critical]}}}\n";

struct stage {
	struct gate gate;
	char config[512];
	const char *token; /* the file's name */
};

static void failed(struct rig *rig, const char *why)
{
	(void)rig;
	ck_abort_msg("%s", why);
}

static void protect(struct rig *rig)
{
	json_t *text = json_string(policy);
	char *quoted = json_dumps(text, JSON_ENCODE_ANY);

	json_decref(rig_act(rig, "permission", "acme", "{\"login\":\"alice\",\"role\":\"write\"}"));
	json_decref(rig_act(rig, "permission", "acme", "{\"login\":\"bob\",\"role\":\"write\"}"));
	json_decref(rig_act(rig, "policy", "acme", "{\"text\":%s}", quoted));
	json_decref(rig_act(rig, "protect", "acme", "{\"branch\":\"main\",\"contexts\":[\"" RIG_CONTEXT "\"]}"));
	json_decref(text);
	free(quoted);
}

static void begin(struct stage *s)
{
	struct rig *rig = &s->gate.rig;
	struct rig_plan plan = {.failed = failed, .no_agent = true};
	char script[160];

	*s = (struct stage){.token = TOKEN_FILE};
	ck_assert(rig_start(rig, &plan));
	(void)snprintf(script, sizeof script, "umask 077; printf %s >%s/" TOKEN_FILE, TOKEN, rig->dir);
	ck_assert_int_eq(rig_sh(rig, script), 0);
	(void)snprintf(s->config, sizeof s->config,
		       "bugs: {tick: 2s}\ntrackers:\n"
		       "  - {name: bmo, source: table, api_tokens: [{file: %s/" TOKEN_FILE "}]}\n",
		       rig->dir);
	rig->plan.config = s->config;
	ck_assert(rig_agent_start(rig));
	protect(rig);
}

static void open_change(struct stage *s)
{
	struct rig *rig = &s->gate.rig;
	json_t *answer;

	json_decref(rig_act(rig, "push", "alice",
			    "{\"branch\":\"topic\",\"files\":{\"a.txt\":\"1\\n\"},\"message\":\"Bug " BUG
			    " - a fix\"}"));
	answer = rig_act(rig, "open", "alice", "{\"head\":\"topic\",\"base\":\"main\",\"title\":\"A fix\"}");
	(void)snprintf(s->gate.head, sizeof s->gate.head, "%s", gate_str(answer, "head"));
	json_decref(answer);
	s->gate.fresh = true;
	gate_approve(&s->gate, "bob");
}

/* The answer's status. */
static long say(struct stage *s, const char *method, const char *token, const char *body)
{
	char url[96], bearer[96];
	const char *const headers[] = {bearer, "Content-Type: application/json", NULL};
	struct rig_request request = {
		.method = method, .url = url, .headers = headers, .body = body, .len = strlen(body)};
	struct rig_reply reply;
	long status;

	(void)snprintf(url, sizeof url, "http://127.0.0.1:%u/api/v1/bugs/" BUG, s->gate.rig.port);
	(void)snprintf(bearer, sizeof bearer, "Authorization: Bearer %s", token);
	ck_assert(rig_http(&request, &reply));
	status = reply.status;
	ck_assert(!reply.body || !strstr(reply.body, BUG));
	rig_reply_clear(&reply);
	return status;
}

static void granted(struct stage *s)
{
	ck_assert_ptr_nonnull(rig_wait_status(&s->gate.rig, s->gate.head, "success", RIG_WAIT_MS));
}

/* From success, with the very next status. */
static void revoked(struct stage *s, json_int_t mark)
{
	gate_wait_post(&s->gate, mark, "failure");
	ck_assert_str_eq(gate_str(gate_first_post(&s->gate, mark, s->gate.head, NULL), "state"), "failure");
	gate_stays_refused(&s->gate);
}

static void nobody_wrote_it_down(struct stage *s)
{
	char *out = rig_file(&s->gate.rig, "agent.log");

	ck_assert_msg(!strstr(out, BUG) && !strstr(out, TOKEN), "%s", out);
	free(out);
}

START_TEST(what_a_connector_says_revokes_and_lets_land_where_nothing_else_is_known)
{
	struct stage s;
	json_int_t mark;

	begin(&s);
	open_change(&s);
	rig_wait_text(&s.gate.rig, s.gate.head, "pending", CLEARANCE); /* unknown */
	ck_assert_int_eq(say(&s, "DELETE", TOKEN, ""), 202);
	granted(&s);

	mark = rig_log_mark(&s.gate.rig);
	ck_assert_int_eq(say(&s, "PUT", TOKEN, "{\"approved\":false}"), 202);
	revoked(&s, mark);
	rig_wait_text(&s.gate.rig, s.gate.head, "failure", "needs maintainer clearance");

	ck_assert_int_eq(say(&s, "DELETE", TOKEN, ""), 202);
	granted(&s);
	nobody_wrote_it_down(&s);
	gate_end(&s.gate);
}
END_TEST

START_TEST(a_wrong_token_or_an_older_word_changes_nothing)
{
	struct stage s;
	json_int_t mark;
	int64_t rows;

	begin(&s);
	open_change(&s);
	ck_assert_int_eq(say(&s, "PUT", TOKEN, ""), 202);
	rig_wait_text(&s.gate.rig, s.gate.head, "pending", CLEARANCE);
	rig_settle(&s.gate.rig, 1000);
	rows = gate_rows(&s.gate, "journal", NULL);
	ck_assert_int_eq(say(&s, "DELETE", "connector-token-of-nobody---", ""), 401);
	ck_assert_int_eq(say(&s, "DELETE", TOKEN "x", ""), 401);
	ck_assert_int_eq(say(&s, "DELETE", TOKEN, "{\"secure\":true}"), 400);
	ck_assert_int_eq(gate_rows(&s.gate, "journal", NULL), rows);
	mark = rig_log_mark(&s.gate.rig);
	ck_assert_int_eq(say(&s, "DELETE", TOKEN, "{\"seen\":\"2020-01-01T00:00:00Z\"}"), 202);
	gate_wait_rows(&s.gate, "bug_news", "due = 0 AND said = 0", 1);
	rig_sleep(3000); /* more than a tick */
	gate_judged(&s.gate);
	ck_assert_ptr_null(gate_first_post(&s.gate, mark, s.gate.head, "success"));
	gate_stays_refused(&s.gate);
	gate_end(&s.gate);
}
END_TEST

START_TEST(what_was_answered_202_counts_after_the_server_was_killed)
{
	struct stage s;

	begin(&s);
	open_change(&s);
	rig_wait_text(&s.gate.rig, s.gate.head, "pending", CLEARANCE);
	ck_assert_int_eq(say(&s, "DELETE", TOKEN, ""), 202);
	rig_agent_kill(&s.gate.rig);
	ck_assert(rig_agent_start(&s.gate.rig));
	granted(&s);
	gate_end(&s.gate);
}
END_TEST

/* ---- the example of a connector, in Perl ---- */

/* What its send() returned. */
static int connector_says(struct stage *s, const char *state)
{
	char script[512];

	(void)snprintf(script, sizeof script,
		       "env -u http_proxy -u https_proxy -u all_proxy perl '" SOURCE_DIR
		       "/tests/bmo/say.pl' '" SOURCE_DIR "/examples/bmo/Headgate.pm' http://127.0.0.1:%u '%s/%s' " BUG
		       " %s",
		       s->gate.rig.port, s->gate.rig.dir, s->token, state);
	return rig_sh(&s->gate.rig, script);
}

enum { SENT = 1, TO_BE_SENT_AGAIN = 3 };

START_TEST(the_connector_for_bmo_blocks_and_unblocks_and_tries_again)
{
	struct stage s;
	json_int_t mark;

	begin(&s);
	open_change(&s);
	rig_wait_text(&s.gate.rig, s.gate.head, "pending", CLEARANCE);
	ck_assert_int_eq(connector_says(&s, "open"), SENT);
	granted(&s);

	mark = rig_log_mark(&s.gate.rig);
	s.token = "headgate.yml"; /* no token at all */
	ck_assert_int_eq(connector_says(&s, "secure"), TO_BE_SENT_AGAIN);
	ck_assert_ptr_null(gate_first_post(&s.gate, mark, s.gate.head, NULL));
	s.token = TOKEN_FILE;
	ck_assert_int_eq(connector_says(&s, "secure"), SENT);
	revoked(&s, mark);

	ck_assert_int_eq(connector_says(&s, "approved"), SENT);
	granted(&s);
	nobody_wrote_it_down(&s);
	gate_end(&s.gate);
}
END_TEST

static bool is_there(const char *program, const char *const *words)
{
	pid_t child = fork();
	int status = 1;

	if (child == 0) {
		(void)execvp(program, (char *const *)(uintptr_t)words);
		_exit(127);
	}
	return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static const struct suite_test tests[] = {
	SUITE_SLOW(what_a_connector_says_revokes_and_lets_land_where_nothing_else_is_known, 240),
	SUITE_SLOW(a_wrong_token_or_an_older_word_changes_nothing, 180),
	SUITE_SLOW(what_was_answered_202_counts_after_the_server_was_killed, 180),
	SUITE_GIVEN(the_connector_for_bmo_blocks_and_unblocks_and_tries_again, 240, PERL), SUITE_END};

int main(int argc, char **argv)
{
	static const char *const words[] = {"perl", "-MHTTP::Tiny", "-MTime::HiRes", "-e", "1", NULL};

	if (is_there("perl", words))
		(void)setenv(PERL, "perl", 0);
	return suite_main(argc, argv, tests);
}
