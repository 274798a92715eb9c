/*
 * The rows of the acceptance table (tests/rows.md) about who and what a name stands for, each with the real server and
 * the world: changes that move to another base, close, or come from a fork; repositories and logins whose names change
 * hands; rights that are taken; and the command that asks for a new look. Prints how long each answer took.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/gate.h"
#include "tests/support/suite.h"

#define POLICY(options, requires)                                                                                      \
	"policy: {approval: [looked at]}\napproval_rules:\n- {name: looked at, requires: {" requires "}, options: "    \
												     "{" options       \
												     "}}\n"

static void recheck(struct gate *gate, const char *subject)
{
	char config[160];
	const char *words[] = {"recheck", "-c", config, subject, NULL};

	(void)snprintf(config, sizeof config, "%s/headgate.yml", gate->rig.dir);
	ck_assert_int_eq(rig_run(&gate->rig, words), 0);
}

static void hooks(struct gate *gate, const char *what)
{
	json_decref(rig_world(&gate->rig, "hooks", "%s", what));
}

/* Every status that was posted after this entry went to this repository; how many there were. */
static int posts_went_to(struct gate *gate, json_int_t after, const char *repo)
{
	const json_t *log = rig_log(&gate->rig);
	int n = 0;

	for (size_t i = 0; i < json_array_size(log); i++) {
		const json_t *entry = json_array_get(log, i);

		if (gate_n(entry) <= after || !gate_is(entry, "kind", "post"))
			continue;
		ck_assert_msg(gate_is(entry, "repo", repo), "a status was posted to %s", gate_str(entry, "repo"));
		n++;
	}
	return n;
}

static void say_mallory(struct gate *gate, const char *body)
{
	json_decref(rig_act(&gate->rig, "comment", "mallory", "{\"number\":1,\"body\":\"%s\"}", body));
}

/* ---- row 12: another base ---- */

static void retarget(struct gate *gate)
{
	rig_next_second();
	json_decref(rig_act(&gate->rig, "retarget", "alice", "{\"number\":1,\"base\":\"release\"}"));
}

START_TEST(row_12_a_retarget_takes_the_success_back_before_it_is_judged_for_the_new_base)
{
	struct gate gate;
	json_int_t before;
	const json_t *first;

	gate_begin(&gate, NULL);
	json_decref(rig_act(&gate.rig, "branch", "alice", "{\"branch\":\"release\",\"onto\":\"main\"}"));
	gate_open_allowed(&gate);
	gate_judged(&gate);
	before = rig_log_mark(&gate.rig);
	retarget(&gate);
	gate_wait_post(&gate, before, "success");
	first = gate_first_post(&gate, before, gate.head, NULL);
	ck_assert_str_eq(gate_str(first, "state"), "failure");
	gate_time(&gate, "row_12: failure when moved to another base", "pull_request", "edited", first);
	gate_end(&gate);
}
END_TEST

START_TEST(row_12_a_rule_may_bind_approvals_to_the_base_they_were_given_for)
{
	struct gate gate;
	json_int_t before;

	gate_begin(&gate, POLICY("per_base: true", "count: 2, permissions: [write]"));
	json_decref(rig_act(&gate.rig, "branch", "alice", "{\"branch\":\"release\",\"onto\":\"main\"}"));
	gate_open_allowed(&gate);
	gate_judged(&gate);
	before = rig_log_mark(&gate.rig);
	retarget(&gate);
	rig_wait_text(&gate.rig, gate.head, "failure", "(0/2)");
	gate_judged(&gate);
	ck_assert_ptr_null(gate_first_post(&gate, before, gate.head, "success"));
	gate.fresh = true;
	gate_approve(&gate, "bob");
	gate_approve(&gate, "carol");
	rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS);
	gate_end(&gate);
}
END_TEST

/* ---- row 13: closed ---- */

START_TEST(row_13_a_change_that_is_closed_is_refused_and_says_so)
{
	struct gate gate;
	json_int_t before;

	gate_begin_allowed(&gate);
	gate_judged(&gate);
	before = rig_log_mark(&gate.rig);
	json_decref(rig_act(&gate.rig, "close", "alice", "{\"number\":1}"));
	gate_time(&gate, "row_13: failure when closed", "pull_request", "closed",
		  rig_wait_text(&gate.rig, gate.head, "failure", "closed"));
	gate_judged(&gate);
	ck_assert_ptr_null(gate_first_post(&gate, before, gate.head, "success"));
	ck_assert_int_ge(rig_act_refused(&gate.rig, "push", "alice", "{\"branch\":\"main\",\"sha\":\"%s\"}", gate.head),
			 400);
	gate_end(&gate);
}
END_TEST

/* ---- rows 21 and 22: forks ---- */

/* Change 1 by alice, from her fork; somebody pushed there under her name. */
static void open_from_fork_of(struct gate *gate, const char *pusher, const char *private)
{
	json_t *answer;

	json_decref(rig_act(&gate->rig, "fork", "alice", "{\"private\":%s}", private));
	json_decref(rig_act(
		&gate->rig, "push", pusher,
		"{\"repo\":\"alice/app\",\"branch\":\"topic\",\"files\":{\"a.txt\":\"1\\n\"},\"author\":\"alice\"}"));
	answer = rig_act(&gate->rig, "open", "alice",
			 "{\"head\":\"alice:topic\",\"base\":\"main\",\"title\":\"A change\"}");
	(void)snprintf(gate->head, sizeof gate->head, "%s", gate_str(answer, "head"));
	gate->fresh = true;
	json_decref(answer);
}

static void open_from_fork(struct gate *gate)
{
	open_from_fork_of(gate, "alice", "false");
}

static void open_allowed_from_fork(struct gate *gate)
{
	open_from_fork(gate);
	gate_approve(gate, "bob");
	gate_approve(gate, "carol");
	rig_wait_status(&gate->rig, gate->head, "success", RIG_WAIT_MS);
}

START_TEST(row_21_a_forks_head_is_judged_and_posted_on_in_the_base_repository)
{
	struct gate gate;

	gate_begin(&gate, NULL);
	open_from_fork(&gate);
	gate_time(&gate, "row_21: pending on a fork's head", "pull_request", "opened",
		  rig_wait_status(&gate.rig, gate.head, "pending", RIG_WAIT_MS));
	gate_approve(&gate, "bob");
	gate_approve(&gate, "carol");
	rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS);
	ck_assert_int_ge(posts_went_to(&gate, 0, "acme/app"), 2);
	gate_merge(&gate);
	gate_end(&gate);
}
END_TEST

static void delete_fork(struct gate *gate)
{
	json_decref(rig_act(&gate->rig, "delete_repo", "alice", "{\"repo\":\"alice/app\"}"));
	rig_next_second(); /* a review of the deletion's second may have been older */
}

START_TEST(row_22_a_deleted_fork_is_judged_by_commit_and_new_approvals_are_refused)
{
	struct gate gate;
	json_int_t before;

	gate_begin(&gate, NULL);
	open_allowed_from_fork(&gate);
	delete_fork(&gate);
	recheck(&gate, "acme/app#1");
	gate_judged(&gate);
	ck_assert_str_eq(gate_str(rig_status(&gate.rig, gate.head), "state"), "success"); /* given while it was there */
	before = rig_log_mark(&gate.rig);
	gate_dismiss(&gate);
	rig_wait_text(&gate.rig, gate.head, "failure", "deleted");
	gate_approve(&gate, "carol");
	gate_approve(&gate, "dave");
	gate_judged(&gate);
	ck_assert_ptr_null(gate_first_post(&gate, before, gate.head, "success"));
	gate_stays_refused(&gate);
	gate_end(&gate);
}
END_TEST

START_TEST(row_22_a_rule_may_let_approvals_of_a_deleted_forks_head_count)
{
	struct gate gate;

	gate_begin(&gate, POLICY("allow_gone_head: true", "count: 2, permissions: [write]"));
	open_from_fork(&gate);
	gate_approve(&gate, "bob");
	rig_wait_text(&gate.rig, gate.head, "pending", "(1/2)");
	delete_fork(&gate);
	gate_approve(&gate, "carol");
	rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS);
	gate_merge(&gate);
	gate_end(&gate);
}
END_TEST

/* ---- who pushed to a fork ---- */

static const struct {
	const char *policy, *pusher, *private, *state, *text;
} hidden[] = {
	{NULL, "bob", "true", "pending", "Needs to know who pushed, which the forge does not show"},
	{NULL, "bob", "false", "pending", "(1/2)"}, /* shown: bob's own approval does not count */
	{NULL, "dave", "false", "success", "2 fresh reviews"},
	{POLICY("allow_unknown_pushers: true", "count: 2, permissions: [write]"), "bob", "true", "success", "2 fresh"},
};

START_TEST(whoever_pushed_to_a_fork_under_its_owners_name_does_not_approve_it)
{
	struct gate gate;

	gate_begin(&gate, hidden[_i].policy);
	open_from_fork_of(&gate, hidden[_i].pusher, hidden[_i].private);
	gate_approve(&gate, "bob");
	gate_approve(&gate, "carol");
	gate_judged(&gate);
	rig_wait_text(&gate.rig, gate.head, hidden[_i].state, hidden[_i].text);
	gate_end(&gate);
}
END_TEST

/* ---- row 31: late events ---- */

START_TEST(row_31_a_late_review_of_the_old_head_moves_nothing)
{
	struct gate gate;
	char a[41];
	json_int_t pushed;

	gate_begin(&gate, NULL);
	gate_open(&gate);
	rig_wait_status(&gate.rig, gate.head, "pending", RIG_WAIT_MS);
	memcpy(a, gate.head, sizeof a);
	hooks(&gate, "{\"do\":\"hold\",\"event\":\"pull_request_review\"}");
	gate_approve(&gate, "bob");
	gate_approve(&gate, "carol");
	rig_next_second(); /* else nobody can tell by the times which came first, and it is waited for a minute */
	pushed = rig_log_mark(&gate.rig);
	gate_push(&gate);
	rig_wait_status(&gate.rig, a, "failure", RIG_WAIT_MS);
	rig_wait_text(&gate.rig, gate.head, "pending", "(0/2)");
	hooks(&gate, "{\"do\":\"release\"}");
	gate_judged(&gate);
	ck_assert_ptr_null(gate_first_post(&gate, 0, a, "success"));
	ck_assert_ptr_null(gate_first_post(&gate, pushed, gate.head, "success"));
	ck_assert_str_eq(gate_str(rig_status(&gate.rig, gate.head), "state"), "pending");
	ck_assert_str_eq(gate_str(rig_status(&gate.rig, a), "state"), "failure");
	gate_stays_refused(&gate);
	gate_end(&gate);
}
END_TEST

/* ---- row 40: names ---- */

static void called(struct gate *gate, const char *name)
{
	(void)snprintf(gate->rig.repo, sizeof gate->rig.repo, "%s", name);
}

static void rename_repo(struct gate *gate, const char *name)
{
	json_decref(rig_act(&gate->rig, "rename", "acme", "{\"name\":\"%s\"}", name));
	called(gate, name);
}

START_TEST(row_40_a_renamed_repository_keeps_its_state_and_is_posted_to_by_its_new_name)
{
	struct gate gate;
	json_int_t renamed;
	int64_t verdicts;

	gate_begin_allowed(&gate);
	gate_judged(&gate);
	verdicts = gate_rows(&gate, "verdict", NULL);
	renamed = rig_log_mark(&gate.rig);
	rename_repo(&gate, "acme/widget");
	gate_judged(&gate);
	ck_assert_int_eq(posts_went_to(&gate, renamed, "acme/widget"), 0); /* nothing changed */
	ck_assert_int_eq(gate_rows(&gate, "verdict", NULL), verdicts);
	gate_dismiss(&gate);
	gate_time(&gate, "row_40: failure under the new name", "pull_request_review", "dismissed",
		  rig_wait_text(&gate.rig, gate.head, "failure", "(1/2)"));
	gate_approve(&gate, "dave");
	rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS);
	ck_assert_int_ge(posts_went_to(&gate, renamed, "acme/widget"), 2);
	gate_wait_rows(&gate, "repo", "name = 'acme/widget'", 1);
	ck_assert_int_eq(gate_rows(&gate, "repo", NULL), 1);
	gate_merge(&gate);
	gate_end(&gate);
}
END_TEST

START_TEST(row_40_a_late_webhook_does_not_bring_the_old_name_back)
{
	struct gate gate;
	json_int_t renamed;

	gate_begin_allowed(&gate);
	gate_judged(&gate);
	hooks(&gate, "{\"do\":\"hold\",\"event\":\"issue_comment\"}");
	say_mallory(&gate, "Before.");
	renamed = rig_log_mark(&gate.rig);
	rename_repo(&gate, "acme/widget");
	gate_wait_rows(&gate, "repo", "name = 'acme/widget'", 1);
	/* What had the old name is another repository, and a revocation must not go there. */
	json_decref(rig_act(&gate.rig, "fork", "acme", "{\"as\":\"app\"}"));
	hooks(&gate, "{\"do\":\"release\"}");
	gate_judged(&gate);
	ck_assert_int_eq(gate_rows(&gate, "repo", "name = 'acme/widget'"), 1);
	gate_dismiss(&gate);
	rig_wait_text(&gate.rig, gate.head, "failure", "(1/2)");
	gate_judged(&gate);
	ck_assert_int_ge(posts_went_to(&gate, renamed, "acme/widget"), 1);
	gate_stays_refused(&gate);
	gate_end(&gate);
}
END_TEST

START_TEST(row_40_a_renaming_that_no_webhook_told_of_is_found_by_its_redirect)
{
	struct gate gate;
	json_int_t renamed;

	gate_begin(&gate, NULL);
	gate_open(&gate);
	gate_approve(&gate, "bob");
	rig_wait_text(&gate.rig, gate.head, "pending", "(1/2)");
	gate_judged(&gate);
	hooks(&gate, "{\"do\":\"drop\"}");
	renamed = rig_log_mark(&gate.rig);
	rename_repo(&gate, "acme/widget");
	gate_approve(&gate, "carol");
	recheck(&gate, "acme/app#1");
	rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS);
	ck_assert_int_ge(posts_went_to(&gate, renamed, "acme/widget"), 1);
	gate_merge(&gate);
	gate_end(&gate);
}
END_TEST

/* It has the very commit, and no change. */
START_TEST(row_40_a_stranger_under_the_old_name_is_not_read_and_not_posted_to)
{
	struct gate gate;
	json_int_t renamed;

	gate_begin_allowed(&gate);
	gate_judged(&gate);
	hooks(&gate, "{\"do\":\"drop\"}");
	renamed = rig_log_mark(&gate.rig);
	rename_repo(&gate, "acme/widget");
	json_decref(rig_act(&gate.rig, "fork", "acme", "{\"as\":\"app\"}"));
	recheck(&gate, "acme/app#1");
	gate_judged(&gate);
	ck_assert_int_eq(posts_went_to(&gate, renamed, "acme/widget"), 0); /* no verdict moved */
	hooks(&gate, "{\"do\":\"clear\"}");
	gate_dismiss(&gate);
	rig_wait_text(&gate.rig, gate.head, "failure", "(1/2)");
	gate_judged(&gate);
	ck_assert_int_ge(posts_went_to(&gate, renamed, "acme/widget"), 1);
	ck_assert_int_eq(gate_rows(&gate, "repo", NULL), 1);
	gate_stays_refused(&gate);
	gate_end(&gate);
}
END_TEST

/* Under another owner other people have rights: they are asked for again, and a copy that lags is waited out. */
START_TEST(row_40_a_transferred_repository_is_judged_again_and_posted_to_at_its_new_owners)
{
	struct gate gate;
	json_int_t moved;

	gate_begin_allowed(&gate);
	gate_judged(&gate);
	moved = rig_log_mark(&gate.rig);
	json_decref(rig_act(&gate.rig, "user", "globex", "{\"login\":\"globex\"}"));
	json_decref(rig_act(&gate.rig, "transfer", "acme", "{\"to\":\"globex\"}"));
	called(&gate, "globex/app");
	rig_wait_text(&gate.rig, gate.head, "failure", "rights");
	gate_dismiss(&gate);
	rig_wait_text(&gate.rig, gate.head, "failure", "(1/2)");
	ck_assert_int_ge(posts_went_to(&gate, moved, "globex/app"), 2);
	gate_wait_rows(&gate, "repo", "name = 'globex/app'", 1);
	gate_stays_refused(&gate);
	gate_end(&gate);
}
END_TEST

/* ---- row 41, and who a login stands for ---- */

START_TEST(row_41_an_approver_who_leaves_the_team_counts_no_more)
{
	struct gate gate;

	gate_begin(&gate, POLICY("", "count: 1, teams: [acme/core]"));
	json_decref(rig_act(&gate.rig, "team", "acme", "{\"team\":\"acme/core\",\"member\":\"bob\"}"));
	gate_open(&gate);
	gate_approve(&gate, "bob");
	rig_wait_status(&gate.rig, gate.head, "success", 3 * RIG_WAIT_MS);
	json_decref(rig_act(&gate.rig, "team", "acme", "{\"team\":\"acme/core\",\"member\":\"bob\",\"remove\":true}"));
	gate_time(&gate, "row_41: failure after leaving the team", "membership", "removed",
		  rig_wait_status(&gate.rig, gate.head, "failure", RIG_WAIT_MS));
	gate_stays_refused(&gate);
	gate_end(&gate);
}
END_TEST

static const struct {
	const char *what, *event, *act, *args;
} losses[] = {
	{"row_41: failure after losing write access", "member", "permission",
	 "{\"login\":\"carol\",\"role\":\"read\"}"},
	{"row_41: failure after being removed", "member", "permission", "{\"login\":\"carol\",\"role\":\"none\"}"},
};

START_TEST(row_41_an_approver_who_loses_access_counts_no_more)
{
	struct gate gate;

	gate_begin_allowed(&gate);
	gate_judged(&gate);
	json_decref(rig_act(&gate.rig, losses[_i].act, "acme", "%s", losses[_i].args));
	gate_time(&gate, losses[_i].what, losses[_i].event, NULL,
		  rig_wait_status(&gate.rig, gate.head, "failure", RIG_WAIT_MS));
	gate_stays_refused(&gate);
	gate_end(&gate);
}
END_TEST

/* carol gives her login up, and somebody else with write access takes it. */
START_TEST(a_recycled_login_never_counts_for_the_old_account)
{
	struct gate gate;

	gate_begin_allowed(&gate);
	json_decref(rig_act(&gate.rig, "rename_user", "", "{\"login\":\"carol\",\"to\":\"caroline\"}"));
	json_decref(rig_act(&gate.rig, "permission", "acme", "{\"login\":\"carol\",\"role\":\"admin\"}"));
	recheck(&gate, "acme/app#1");
	gate_judged(&gate);
	ck_assert_str_eq(gate_str(rig_status(&gate.rig, gate.head), "state"), "success"); /* the same number */
	json_decref(rig_act(&gate.rig, "permission", "acme", "{\"login\":\"caroline\",\"role\":\"none\"}"));
	rig_wait_text(&gate.rig, gate.head, "failure", "(1/2)");
	gate_judged(&gate);
	gate_stays_refused(&gate);
	gate_end(&gate);
}
END_TEST

/* ---- row 43: recheck ---- */

static json_int_t say(struct gate *gate, const char *who, const char *body)
{
	json_t *answer = rig_act(&gate->rig, "comment", who, "{\"number\":1,\"body\":\"%s\"}", body);
	json_int_t id = json_integer_value(json_object_get(answer, "id"));

	json_decref(answer);
	return id;
}

START_TEST(row_43_a_maintainers_recheck_posts_the_same_status_again)
{
	struct gate gate;
	json_int_t before;

	gate_begin_allowed(&gate);
	gate_judged(&gate);
	before = rig_log_mark(&gate.rig);
	(void)say(&gate, "dave", "/headgate recheck");
	gate_wait_post(&gate, before, "success");
	gate_time(&gate, "row_43: the same status again", "issue_comment", "created",
		  gate_first_post(&gate, before, gate.head, "success"));
	gate_judged(&gate);
	ck_assert_int_eq(posts_went_to(&gate, before, "acme/app"), 1);
	gate_merge(&gate);
	gate_end(&gate);
}
END_TEST

START_TEST(row_43_a_recheck_finds_what_no_event_told)
{
	struct gate gate;

	gate_begin_allowed(&gate);
	gate_judged(&gate);
	json_decref(rig_act(&gate.rig, "dismiss", "alice", "{\"number\":1,\"review\":%lld,\"silent\":true}",
			    (long long)gate.review));
	(void)say(&gate, "dave", "Please,\\n/headgate recheck");
	gate_time(&gate, "row_43: what no event told", "issue_comment", "created",
		  rig_wait_text(&gate.rig, gate.head, "failure", "(1/2)"));
	gate_end(&gate);
}
END_TEST

START_TEST(row_43_outsiders_and_edited_comments_are_ignored)
{
	struct gate gate;
	json_int_t before, id;

	gate_begin_allowed(&gate);
	gate_judged(&gate);
	before = rig_log_mark(&gate.rig);
	say_mallory(&gate, "/headgate recheck");
	id = say(&gate, "dave", "Nice.");
	json_decref(rig_act(&gate.rig, "comment", "dave", "{\"number\":1,\"id\":%lld,\"body\":\"/headgate recheck\"}",
			    (long long)id));
	gate_judged(&gate);
	ck_assert_int_eq(gate_count(&gate, before, "post"), 0);
	for (size_t i = 0; i < json_array_size(gate.rig.log); i++) {
		const json_t *entry = json_array_get(gate.rig.log, i);

		ck_assert_msg(gate_n(entry) <= before || !gate_is(entry, "method", "GET"), "the forge was asked for %s",
			      gate_str(entry, "path"));
	}
	gate_end(&gate);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_SLOW(row_12_a_retarget_takes_the_success_back_before_it_is_judged_for_the_new_base, 120),
	SUITE_SLOW(row_12_a_rule_may_bind_approvals_to_the_base_they_were_given_for, 120),
	SUITE_SLOW(row_13_a_change_that_is_closed_is_refused_and_says_so, 120),
	SUITE_SLOW(row_21_a_forks_head_is_judged_and_posted_on_in_the_base_repository, 120),
	SUITE_SLOW(row_22_a_deleted_fork_is_judged_by_commit_and_new_approvals_are_refused, 120),
	SUITE_SLOW(row_22_a_rule_may_let_approvals_of_a_deleted_forks_head_count, 120),
	SUITE_ROWS(whoever_pushed_to_a_fork_under_its_owners_name_does_not_approve_it, hidden),
	SUITE_SLOW(row_31_a_late_review_of_the_old_head_moves_nothing, 120),
	SUITE_SLOW(row_40_a_renamed_repository_keeps_its_state_and_is_posted_to_by_its_new_name, 120),
	SUITE_SLOW(row_40_a_late_webhook_does_not_bring_the_old_name_back, 120),
	SUITE_SLOW(row_40_a_renaming_that_no_webhook_told_of_is_found_by_its_redirect, 120),
	SUITE_SLOW(row_40_a_stranger_under_the_old_name_is_not_read_and_not_posted_to, 120),
	SUITE_SLOW(row_40_a_transferred_repository_is_judged_again_and_posted_to_at_its_new_owners, 120),
	SUITE_SLOW(row_41_an_approver_who_leaves_the_team_counts_no_more, 180),
	{.name = "row_41_an_approver_who_loses_access_counts_no_more",
	 .test = &row_41_an_approver_who_loses_access_counts_no_more,
	 .rows = sizeof losses / sizeof losses[0],
	 .seconds = 120},
	SUITE_SLOW(a_recycled_login_never_counts_for_the_old_account, 120),
	SUITE_SLOW(row_43_a_maintainers_recheck_posts_the_same_status_again, 120),
	SUITE_SLOW(row_43_a_recheck_finds_what_no_event_told, 120),
	SUITE_SLOW(row_43_outsiders_and_edited_comments_are_ignored, 120),
	SUITE_END,
};

SUITE_MAIN(tests)
