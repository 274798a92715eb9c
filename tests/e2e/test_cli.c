/*
 * The commands beside a running server: what they print and with which code they leave, what refuses to start, and
 * that a restart keeps what was known.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/gate.h"
#include "tests/support/suite.h"

enum { ALLOWED = 0, NO = 1, WAITING = 8, ABSENT = 69, CONFIG = 78 };

static char config[160];

static const char *const *command(struct gate *gate, const char *a, const char *b, const char *c)
{
	static const char *words[8];
	size_t n = 0;

	(void)snprintf(config, sizeof config, "%s/headgate.yml", gate->rig.dir);
	words[n++] = a;
	words[n++] = "-c";
	words[n++] = config;
	if (b)
		words[n++] = b;
	if (c)
		words[n++] = c;
	words[n] = NULL;
	return words;
}

/* Runs it; code and a word of what it printed on out or err must fit. */
static void says(struct gate *gate, const char *const *words, int code, const char *word)
{
	int left = rig_run(&gate->rig, words);
	char *out = rig_file(&gate->rig, "out.txt"), *err = rig_file(&gate->rig, "err.txt");

	ck_assert_msg(left == code, "headgate %s left with %d, not %d:\n%s%s", words[0], left, code, out, err);
	ck_assert_msg(strstr(out, word) || strstr(err, word), "headgate %s does not say `%s`:\n%s%s", words[0], word,
		      out, err);
	ck_assert_msg(!strstr(err, "Sanitizer") && !strstr(err, "runtime error"), "%s", err);
	free(out);
	free(err);
}

static const char *commit_of(struct gate *gate)
{
	static char text[96];

	(void)snprintf(text, sizeof text, "acme/app@%s", gate->head);
	return text;
}

START_TEST(status_explain_and_judge_leave_with_what_the_verdict_says)
{
	struct gate gate;

	gate_begin(&gate, NULL);
	gate_open(&gate);
	gate_approve(&gate, "bob");
	rig_wait_text(&gate.rig, gate.head, "pending", "(1/2)");
	says(&gate, command(&gate, "status", "acme/app#1", NULL), WAITING, "(1/2)");
	says(&gate, command(&gate, "status", commit_of(&gate), NULL), WAITING, "waiting");
	says(&gate, command(&gate, "explain", commit_of(&gate), NULL), WAITING, "judged again: the same");
	gate_approve(&gate, "carol");
	rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS);
	says(&gate, command(&gate, "status", "acme/app#1", NULL), ALLOWED, "allowed");
	says(&gate, command(&gate, "explain", "acme/app#1", NULL), ALLOWED, "judged again: the same");
	gate_dismiss(&gate);
	rig_wait_text(&gate.rig, gate.head, "failure", "(1/2)");
	says(&gate, command(&gate, "status", "acme/app#1", NULL), NO, "(1/2)");
	says(&gate, command(&gate, "explain", "acme/app#1", NULL), NO, "judged again: the same");
	says(&gate, command(&gate, "status", "--deliveries", NULL), ALLOWED, "0 quarantined");
	gate_end(&gate);
}
END_TEST

START_TEST(judge_needs_no_server_and_says_what_it_lacks)
{
	struct gate gate;
	json_int_t before;

	gate_begin(&gate, NULL);
	gate_open(&gate);
	gate_approve(&gate, "bob");
	rig_wait_text(&gate.rig, gate.head, "pending", "(1/2)");
	ck_assert(rig_agent_term(&gate.rig));
	before = rig_log_mark(&gate.rig);
	says(&gate, command(&gate, "judge", "acme/app#1", NULL), WAITING, "without a server: ");
	ck_assert_int_eq(gate_count(&gate, before, "post"), 0);
	gate_approve(&gate, "carol");
	says(&gate, command(&gate, "judge", "acme/app#1", "--post"), ALLOWED, "without a server: ");
	ck_assert_str_eq(gate_str(rig_status(&gate.rig, gate.head), "state"), "success");
	gate_end(&gate);
}
END_TEST

START_TEST(judge_tells_and_posts_every_status_that_the_policy_names)
{
	static const char policy[] = "policy:\n"
				     "  approval: [two]\n"
				     "  contexts: {policy/try-allowed: {approval: [one]}}\n"
				     "approval_rules:\n"
				     "- {name: one, requires: {count: 1, permissions: [write]}}\n"
				     "- {name: two, requires: {count: 2, permissions: [write]}}\n";
	struct gate gate;
	json_int_t before;

	gate_begin(&gate, policy);
	gate_open(&gate);
	rig_wait_text(&gate.rig, gate.head, "pending", "(0/2)");
	ck_assert(rig_agent_term(&gate.rig));
	gate_approve(&gate, "bob");
	before = rig_log_mark(&gate.rig);
	says(&gate, command(&gate, "judge", "acme/app#1", NULL), WAITING,
	     "policy/try-allowed\nallowed: 1 fresh review");
	says(&gate, command(&gate, "judge", "acme/app#1", "--context=policy/try-allowed"), ALLOWED, "1 fresh review");
	says(&gate, command(&gate, "judge", "acme/app#1", "--context=policy/other"), NO,
	     "no policy of this commit names the context policy/other");
	says(&gate, command(&gate, "judge", "acme/app#1", "--json"), WAITING,
	     "\"contexts\":[{\"context\":\"policy/try-allowed\",\"verdict\":{");
	ck_assert_int_eq(gate_count(&gate, before, "post"), 0);
	says(&gate, command(&gate, "judge", "acme/app#1", "--post"), WAITING, "without a server: ");
	ck_assert_int_eq(gate_count(&gate, before, "post"), 2);
	gate_end(&gate);
}
END_TEST

/* The rules of a branch, as the forge tells them in three places, become a policy that passes its check. */
START_TEST(the_rules_of_a_repository_become_a_policy)
{
	static const char *words[] = {"policy", "import-github", "-c", config, "acme/app", NULL};
	struct gate gate;
	char tip[41];

	gate_begin(&gate, NULL);
	(void)command(&gate, "judge", NULL, NULL); /* the configuration's name */
	says(&gate, words, ALLOWED, "# Nothing of it is a rule of a policy");
	json_decref(rig_act(&gate.rig, "push", "alice",
			    "{\"branch\":\"main\",\"bypass\":true,\"message\":\"Owners\",\"files\":{\"CODEOWNERS\":\"* "
			    "@bob\\n\"}}"));
	json_decref(rig_act(
		&gate.rig, "protect", "alice",
		"{\"branch\":\"main\",\"contexts\":[\"policy/merge-allowed\",\"ci/build\",{\"context\":\"lint\","
		"\"app\":\"ci\"}],\"reviews\":{\"required_approving_review_count\":2,\"dismiss_stale_reviews\":"
		"false,\"require_code_owner_reviews\":true,\"require_last_push_approval\":false},"
		"\"signatures\":true,\"rules\":[{\"type\":\"required_linear_history\"}]}"));
	rig_tip(&gate.rig, "main", tip);
	json_decref(
		rig_act(&gate.rig, "check_run", "alice",
			"{\"app\":\"ci\",\"head_sha\":\"%s\",\"name\":\"lint\",\"status\":\"completed\",\"conclusion\":"
			"\"success\"}",
			tip));
	says(&gate, words, ALLOWED, "      count: 2\n      permissions: [write]\n");
	says(&gate, words, ALLOWED, "    - reviews\n    - owners\n    - statuses\n    - signatures\n");
	says(&gate, words, ALLOWED, "          statuses:\n            # GitHub takes it from whoever");
	says(&gate, words, ALLOWED, "app: \"ci\"}\n");
	says(&gate, words, ALLOWED, "#   required_linear_history\n");
	gate_end(&gate);
}
END_TEST

START_TEST(recheck_judges_again_and_finds_what_no_event_told)
{
	struct gate gate;

	gate_begin_allowed(&gate);
	rig_settle(&gate.rig, 500);
	json_decref(rig_act(&gate.rig, "dismiss", "alice", "{\"number\":1,\"review\":%lld,\"silent\":true}",
			    (long long)gate.review));
	says(&gate, command(&gate, "recheck", "acme/app#1", NULL), ALLOWED, "");
	rig_wait_text(&gate.rig, gate.head, "failure", "(1/2)");
	gate_end(&gate);
}
END_TEST

START_TEST(without_a_server_the_commands_say_so)
{
	struct gate gate;

	gate_begin(&gate, NULL);
	ck_assert(rig_agent_term(&gate.rig));
	says(&gate, command(&gate, "status", "acme/app#1", NULL), ABSENT, "no server");
	says(&gate, command(&gate, "recheck", "acme/app#1", NULL), ABSENT, "no server");
	says(&gate, command(&gate, "explain", "acme/app#1", NULL), ABSENT, "no server");
	gate_end(&gate);
}
END_TEST

static void append_config(struct gate *gate, const char *line)
{
	char path[160];
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/headgate.yml", gate->rig.dir);
	f = fopen(path, "a");
	ck_assert_ptr_nonnull(f);
	(void)fputs(line, f);
	ck_assert_int_eq(fclose(f), 0);
}

START_TEST(a_wrong_configuration_is_refused_with_its_place)
{
	struct gate gate;
	char path[128], script[400];

	gate_begin(&gate, NULL);
	ck_assert(rig_agent_term(&gate.rig));
	says(&gate, command(&gate, "serve", "--check-config", NULL), ALLOWED, "configuration ok");
	says(&gate, command(&gate, "serve", "--roles", "receive"), CONFIG, "sqlite");
	(void)snprintf(path, sizeof path, "%s/secret", gate.rig.dir);
	ck_assert_int_eq(rig_sh(&gate.rig, "true"), 0);
	(void)snprintf(script, sizeof script, "chmod 644 '%s'", path);
	ck_assert_int_eq(rig_sh(&gate.rig, script), 0);
	says(&gate, command(&gate, "serve", NULL, NULL), CONFIG, "read");
	(void)snprintf(script, sizeof script, "chmod 600 '%s'", path);
	ck_assert_int_eq(rig_sh(&gate.rig, script), 0);
	append_config(&gate, "lisen: x\n");
	says(&gate, command(&gate, "serve", "--check-config", NULL), CONFIG, "did you mean");
	says(&gate, command(&gate, "serve", NULL, NULL), CONFIG, "headgate.yml:");
	(void)snprintf(script, sizeof script, "cd '%s'; sed -i -e '/lisen/d' -e '/webhook_secrets/,$d' headgate.yml",
		       gate.rig.dir);
	ck_assert_int_eq(rig_sh(&gate.rig, script), 0);
	says(&gate, command(&gate, "serve", NULL, NULL), CONFIG, "webhook_secrets");
	gate_end(&gate);
}
END_TEST

START_TEST(a_restart_keeps_state_and_posts_nothing_again)
{
	struct gate gate;
	json_int_t before;
	unsigned port;

	gate_begin_allowed(&gate);
	rig_settle(&gate.rig, 500);
	port = gate.rig.port;
	before = rig_log_mark(&gate.rig);
	ck_assert(rig_agent_term(&gate.rig));
	ck_assert(rig_agent_start(&gate.rig));
	ck_assert_uint_eq(gate.rig.port, port);
	rig_settle(&gate.rig, 1000);
	ck_assert_int_eq(gate_count(&gate, before, "post"), 0);
	says(&gate, command(&gate, "status", "acme/app#1", NULL), ALLOWED, "allowed");
	/* What came while nobody listened is delivered again by hand, as the forge lets people do. */
	rig_agent_kill(&gate.rig);
	gate_dismiss(&gate);
	rig_settle(&gate.rig, 300);
	ck_assert(rig_agent_start(&gate.rig));
	gate_redeliver(&gate, "pull_request_review", "dismissed");
	rig_wait_text(&gate.rig, gate.head, "failure", "(1/2)");
	gate_end(&gate);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_SLOW(status_explain_and_judge_leave_with_what_the_verdict_says, 120),
	SUITE_SLOW(judge_needs_no_server_and_says_what_it_lacks, 120),
	SUITE_SLOW(judge_tells_and_posts_every_status_that_the_policy_names, 120),
	SUITE_SLOW(the_rules_of_a_repository_become_a_policy, 120),
	SUITE_SLOW(recheck_judges_again_and_finds_what_no_event_told, 120),
	SUITE_SLOW(without_a_server_the_commands_say_so, 120),
	SUITE_SLOW(a_wrong_configuration_is_refused_with_its_place, 120),
	SUITE_SLOW(a_restart_keeps_state_and_posts_nothing_again, 120),
	SUITE_END,
};

SUITE_MAIN(tests)
