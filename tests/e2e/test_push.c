/*
 * A real repository with merges, made and pushed by the git client over HTTP: the policy file of the base branch is
 * obeyed, every commit of the range is read, and the protected branch takes a push only of a commit that is allowed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/gate.h"
#include "tests/support/suite.h"

#define TOKEN_POLICY                                                                                                   \
	"policy:\n  approval: [reviewed, token]\napproval_rules:\n"                                                    \
	"  - name: reviewed\n    requires: {count: 1, permissions: [write]}\n"                                         \
	"  - name: token\n    requires: {conditions: {commit_token: {key: a, values: [relman]}}}\n"
#define GUARDED_POLICY                                                                                                 \
	"policy:\n  approval: [reviewed, guarded]\napproval_rules:\n"                                                  \
	"  - name: reviewed\n    requires: {count: 1, permissions: [write]}\n"                                         \
	"  - name: guarded\n    if: {changed_files: {paths: ['^ci/']}}\n"                                              \
	"    requires: {count: 1, permissions: [admin]}\n"

/* Runs a script in the clone; the exit code. */
static int git_sh(struct gate *gate, const char *script)
{
	char *all = NULL;
	int code;

	ck_assert_int_gt(asprintf(&all,
				  "export GIT_CONFIG_GLOBAL=/dev/null "
				  "GIT_CONFIG_NOSYSTEM=1 GIT_TERMINAL_PROMPT=0 HOME='%s' no_proxy='*'; "
				  "cd '%s/clone'; %s",
				  gate->rig.dir, gate->rig.dir, script),
			 0);
	code = rig_sh(&gate->rig, all);
	free(all);
	return code;
}

/* The same where it must succeed. */
static void git_ok(struct gate *gate, const char *script)
{
	int code = git_sh(gate, script);
	char *log;

	if (code == 0)
		return;
	log = rig_file(&gate->rig, "sh.log");
	ck_abort_msg("git: %d: %s\n%s", code, script, log);
}

static void clone(struct gate *gate)
{
	char script[512];

	(void)snprintf(script, sizeof script, "mkdir '%s/clone'", gate->rig.dir);
	ck_assert_int_eq(rig_sh(&gate->rig, script), 0);
	(void)snprintf(script, sizeof script,
		       "git clone -q 'http://alice:%s-alice@%s/acme/app.git' . && git config user.name Alice && "
		       "git config user.email alice@example.test && git config commit.gpgsign false",
		       gate->rig.token, gate->rig.world_url + strlen("http://"));
	git_ok(gate, script);
}

static void keep_head(struct gate *gate)
{
	rig_tip(&gate->rig, "topic", gate->head);
	ck_assert_uint_eq(strlen(gate->head), 40);
	gate->fresh = true;
}

/* A range with a merge in it: two sides, each with a commit, and one on top. */
static void push_merged_topic(struct gate *gate, const char *token)
{
	char script[1024];

	(void)snprintf(script, sizeof script,
		       "git checkout -q -b side && echo 1 >side.txt && git add . && git commit -q -m 'Side %s'; "
		       "git checkout -q -b topic origin/main && echo 2 >topic.txt && git add . && "
		       "git commit -q -m 'Topic a=relman'; git merge -q --no-ff -m 'Merge side a=relman' side; "
		       "echo 3 >>topic.txt && git commit -q -a -m 'More a=relman'; git push -q origin topic",
		       token);
	git_ok(gate, script);
	keep_head(gate);
}

static void open_from_topic(struct gate *gate)
{
	json_decref(
		rig_act(&gate->rig, "open", "alice", "{\"head\":\"topic\",\"base\":\"main\",\"title\":\"By git\"}"));
}

START_TEST(a_pushed_range_with_a_merge_is_allowed_revoked_and_merged_by_git)
{
	struct gate gate;
	char first[41], script[128];

	gate_begin(&gate, TOKEN_POLICY);
	clone(&gate);
	push_merged_topic(&gate, "a=relman");
	open_from_topic(&gate);
	rig_wait_status(&gate.rig, gate.head, "pending", RIG_WAIT_MS);
	ck_assert_int_ne(git_sh(&gate, "git push -q origin topic:main"), 0);
	gate_approve(&gate, "bob");
	gate_time(&gate, "push: success", "pull_request_review", "submitted",
		  rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS));
	memcpy(first, gate.head, sizeof first);
	git_ok(&gate, "echo 4 >>topic.txt && git commit -q -a -m 'Fix a=relman' && git push -q origin topic");
	keep_head(&gate);
	gate_time(&gate, "push: failure on the old head", "pull_request", "synchronize",
		  rig_wait_text(&gate.rig, first, "failure", "uperseded"));
	rig_wait_status(&gate.rig, gate.head, "pending", RIG_WAIT_MS);
	(void)snprintf(script, sizeof script, "git push -q origin %s:main", first);
	ck_assert_int_ne(git_sh(&gate, script), 0);
	ck_assert_int_ne(git_sh(&gate, "git push -q origin topic:main"), 0);
	gate_approve(&gate, "bob");
	rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS);
	git_ok(&gate, "git push -q origin topic:main");
	rig_tip(&gate.rig, "main", first);
	ck_assert_str_eq(first, gate.head);
	gate_end(&gate);
}
END_TEST

START_TEST(one_commit_without_the_token_behind_a_merge_blocks)
{
	struct gate gate;

	gate_begin(&gate, TOKEN_POLICY);
	clone(&gate);
	push_merged_topic(&gate, "without it");
	open_from_topic(&gate);
	gate_approve(&gate, "bob");
	rig_wait_text(&gate.rig, gate.head, "failure", "a=");
	rig_settle(&gate.rig, 1000);
	ck_assert_ptr_null(gate_first_post(&gate, 0, gate.head, "success"));
	ck_assert_int_ne(git_sh(&gate, "git push -q origin topic:main"), 0);
	gate_stays_refused(&gate);
	gate_end(&gate);
}
END_TEST

START_TEST(a_guarded_file_waits_for_more_than_write_access)
{
	struct gate gate;

	gate_begin(&gate, GUARDED_POLICY);
	json_decref(rig_act(&gate.rig, "permission", "acme", "{\"login\":\"erin\",\"role\":\"admin\"}"));
	clone(&gate);
	git_ok(&gate, "git checkout -q -b topic && mkdir ci && echo 1 >ci/run && git add . && git commit -q -m CI && "
		      "git push -q origin topic");
	keep_head(&gate);
	open_from_topic(&gate);
	gate_approve(&gate, "bob");
	rig_wait_text(&gate.rig, gate.head, "pending", "(0/1)");
	rig_settle(&gate.rig, 1500);
	ck_assert_ptr_null(gate_first_post(&gate, 0, gate.head, "success"));
	gate_approve(&gate, "erin");
	rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS);
	gate_merge(&gate);
	gate_end(&gate);
}
END_TEST

START_TEST(the_policy_of_the_change_itself_is_not_obeyed)
{
	struct gate gate;

	gate_begin(&gate, TOKEN_POLICY);
	clone(&gate);
	git_ok(&gate, "git checkout -q -b topic && printf 'policy: {approval: [any]}\\napproval_rules:\\n- {name: any, "
		      "requires: {count: 1, permissions: [read]}}\\n' >.headgate.yml && git add . && "
		      "git commit -q -m 'Easier' && git push -q origin topic");
	keep_head(&gate);
	open_from_topic(&gate);
	gate_approve(&gate, "bob");
	rig_settle(&gate.rig, 1500);
	ck_assert_ptr_null(gate_first_post(&gate, 0, gate.head, "success"));
	gate_stays_refused(&gate);
	gate_end(&gate);
}
END_TEST

START_TEST(an_invalid_policy_is_an_error_that_says_where)
{
	struct gate gate;

	gate_begin(&gate, "policy:\n  approval: [reviewed]\napproval_rules:\n- {name: reviewed, "
			  "requires: {count: 2, permissions: [write]}}\naproval_defaults: {}\n");
	gate_open(&gate);
	gate_approve(&gate, "bob");
	gate_approve(&gate, "carol");
	rig_wait_text(&gate.rig, gate.head, "error", ".headgate.yml:5:1 ");
	gate_stays_refused(&gate);
	/* Mended on the base: the change recovers at the next look. */
	json_decref(rig_act(&gate.rig, "policy", "acme",
			    "{\"text\":\"policy:\\n  approval: [reviewed]\\napproval_rules:\\n- {name: reviewed, "
			    "requires: {count: 2, permissions: [write]}}\\n\"}"));
	rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS);
	gate_merge(&gate);
	gate_end(&gate);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_SLOW(a_pushed_range_with_a_merge_is_allowed_revoked_and_merged_by_git, 180),
	SUITE_SLOW(one_commit_without_the_token_behind_a_merge_blocks, 120),
	SUITE_SLOW(a_guarded_file_waits_for_more_than_write_access, 120),
	SUITE_SLOW(the_policy_of_the_change_itself_is_not_obeyed, 120),
	SUITE_SLOW(an_invalid_policy_is_an_error_that_says_where, 120),
	SUITE_END,
};

SUITE_MAIN(tests)
