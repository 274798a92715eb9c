/*
 * The merge queue's rows of the acceptance table (tests/rows.md, 28 to 30), with the real server and the world: what
 * the queue sees on a group's commit, when it changes, and whether the protected branch moves.
 */
#include <stdio.h>
#include <string.h>

#include "tests/support/gate.h"
#include "tests/support/suite.h"

struct group {
	char sha[41], ref[200];
};

struct stage {
	struct gate gate;
	char heads[3][41];     /* of #1 and #2, at their number */
	json_int_t reviews[3]; /* bob's */
};

static void keep(char *to, size_t size, json_t *answer, const char *key)
{
	(void)snprintf(to, size, "%s", gate_str(answer, key));
	ck_assert_msg(to[0], "no %s", key);
}

static void open_change(struct stage *stage, int number)
{
	struct rig *rig = &stage->gate.rig;
	json_t *answer;

	json_decref(rig_act(rig, "push", "alice",
			    "{\"branch\":\"topic-%d\",\"onto\":\"main\",\"files\":{\"f%d.txt\":\"1\\n\"},"
			    "\"message\":\"Change %d\"}",
			    number, number, number));
	answer = rig_act(rig, "open", "alice", "{\"head\":\"topic-%d\",\"base\":\"main\",\"title\":\"Change %d\"}",
			 number, number);
	keep(stage->heads[number], sizeof stage->heads[number], answer, "head");
	json_decref(answer);
}

static void approve(struct stage *stage, int number)
{
	json_t *answer = rig_act(&stage->gate.rig, "approve", "bob", "{\"number\":%d}", number);

	stage->reviews[number] = json_integer_value(json_object_get(answer, "id"));
	json_decref(answer);
	json_decref(rig_act(&stage->gate.rig, "approve", "carol", "{\"number\":%d}", number));
}

/* Two changes into main that are allowed. */
static void begin(struct stage *stage)
{
	gate_begin(&stage->gate, NULL);
	for (int number = 1; number <= 2; number++)
		open_change(stage, number);
	rig_next_second();
	for (int number = 1; number <= 2; number++)
		approve(stage, number);
	for (int number = 1; number <= 2; number++)
		rig_wait_status(&stage->gate.rig, stage->heads[number], "success", RIG_WAIT_MS);
}

static struct group enqueue(struct stage *stage, const char *what)
{
	json_t *answer = rig_act(&stage->gate.rig, "enqueue", "bob", "{%s}", what);
	struct group group;

	keep(group.sha, sizeof group.sha, answer, "head_sha");
	keep(group.ref, sizeof group.ref, answer, "head_ref");
	json_decref(answer);
	return group;
}

static const json_t *wait_group(struct stage *stage, const struct group *group, const char *state)
{
	return rig_wait_status(&stage->gate.rig, group->sha, state, RIG_WAIT_MS);
}

/* A group of changes 1 and 2 that is allowed, and nothing is owed. */
static struct group begin_allowed(struct stage *stage)
{
	struct group group;

	begin(stage);
	group = enqueue(stage, "\"numbers\":[1,2]");
	wait_group(stage, &group, "success");
	gate_judged(&stage->gate);
	return group;
}

/* Change 2 in a group of its own, built on that one. */
static struct group enqueue_behind(struct stage *stage, const struct group *first)
{
	char after[300];

	(void)snprintf(after, sizeof after, "\"number\":2,\"after\":\"%s\"", first->ref);
	return enqueue(stage, after);
}

static int destroy(struct stage *stage, const struct group *group, const char *reason)
{
	return rig_act_refused(&stage->gate.rig, "destroy_group", "bob", "{\"head_ref\":\"%s\",\"reason\":\"%s\"}",
			       group->ref, reason);
}

static void dismiss(struct stage *stage, int number)
{
	json_decref(rig_act(&stage->gate.rig, "dismiss", "alice", "{\"number\":%d,\"review\":%lld}", number,
			    (long long)stage->reviews[number]));
}

/* The queue cannot land it: main stays. */
static void stays_out(struct stage *stage, const struct group *group)
{
	char before[41], after[41];

	rig_tip(&stage->gate.rig, "main", before);
	ck_assert_int_eq(destroy(stage, group, "merged"), 422);
	ck_assert_int_eq(
		rig_act_refused(&stage->gate.rig, "push", "alice", "{\"branch\":\"main\",\"sha\":\"%s\"}", group->sha),
		422);
	rig_tip(&stage->gate.rig, "main", after);
	ck_assert_str_eq(before, after);
}

static void lands(struct stage *stage, const struct group *group)
{
	char tip[41];

	ck_assert_int_eq(destroy(stage, group, "merged"), 200);
	rig_tip(&stage->gate.rig, "main", tip);
	ck_assert_str_eq(tip, group->sha);
}

static int posts_on(struct stage *stage, json_int_t after, const char *sha)
{
	const json_t *log = rig_log(&stage->gate.rig);
	int n = 0;

	for (size_t i = 0; i < json_array_size(log); i++) {
		const json_t *entry = json_array_get(log, i);

		n += gate_n(entry) > after && gate_is(entry, "kind", "post") && gate_is(entry, "sha", sha);
	}
	return n;
}

static void page_says(struct stage *stage, const struct group *group, const char *what)
{
	struct rig_reply reply;
	char path[128];

	(void)snprintf(path, sizeof path, "/%s/c/%s", stage->gate.rig.repo, group->sha);
	ck_assert(rig_page(&stage->gate.rig, path, &reply));
	ck_assert_msg(strstr(reply.body, what) != NULL, "no `%s` in %s", what, reply.body);
	rig_reply_clear(&reply);
}

START_TEST(row_28_a_group_of_allowed_changes_is_pending_then_allowed_and_lands)
{
	struct stage stage;
	struct group group;
	json_int_t landed;

	begin(&stage);
	group = enqueue(&stage, "\"numbers\":[1,2]");
	gate_time(&stage.gate, "row_28: success on the group", "merge_group", "checks_requested",
		  wait_group(&stage, &group, "success"));
	ck_assert_ptr_nonnull(gate_first_post(&stage.gate, 0, group.sha, "pending"));
	ck_assert_str_eq(gate_text(rig_status(&stage.gate.rig, group.sha)),
			 "All 2 changes of this merge group are allowed");
	page_says(&stage, &group, "made by the merge queue for <code>main</code>");
	page_says(&stage, &group, "#2");
	gate_judged(&stage.gate);
	landed = rig_log_mark(&stage.gate.rig);
	lands(&stage, &group);
	gate_judged(&stage.gate);
	dismiss(&stage, 1); /* of a change that has landed */
	gate_judged(&stage.gate);
	ck_assert_int_eq(posts_on(&stage, landed, group.sha), 0);
	gate_end(&stage.gate);
}
END_TEST

/* The world's queue lets it in, because the base does not ask for the status at that moment. */
START_TEST(row_28_a_group_with_a_change_that_is_not_allowed_fails_and_names_it)
{
	struct stage stage;
	struct group group;
	const json_t *status;

	begin(&stage);
	dismiss(&stage, 2);
	rig_wait_status(&stage.gate.rig, stage.heads[2], "failure", RIG_WAIT_MS);
	json_decref(rig_act(&stage.gate.rig, "unprotect", "acme", "{\"branch\":\"main\"}"));
	group = enqueue(&stage, "\"numbers\":[1,2]");
	json_decref(rig_act(&stage.gate.rig, "protect", "acme",
			    "{\"branch\":\"main\",\"contexts\":[\"" RIG_CONTEXT "\"]}"));
	status = wait_group(&stage, &group, "failure");
	gate_time(&stage.gate, "row_28: failure on the group", "merge_group", "checks_requested", status);
	ck_assert_msg(strstr(gate_text(status), "Blocked by #2: Needs 1 more review") != NULL, "%s", gate_text(status));
	gate_judged(&stage.gate);
	ck_assert_ptr_null(gate_first_post(&stage.gate, 0, group.sha, "success"));
	stays_out(&stage, &group);
	gate_end(&stage.gate);
}
END_TEST

START_TEST(row_28_a_squashed_group_is_refused_because_nobody_knows_what_is_in_it)
{
	struct stage stage;
	struct group group;
	const json_t *status;

	begin(&stage);
	group = enqueue(&stage, "\"numbers\":[1,2],\"merge_method\":\"squash\"");
	status = wait_group(&stage, &group, "failure");
	ck_assert_msg(strstr(gate_text(status), "merges no change's head") != NULL, "%s", gate_text(status));
	gate_judged(&stage.gate);
	ck_assert_ptr_null(gate_first_post(&stage.gate, 0, group.sha, "success"));
	stays_out(&stage, &group);
	gate_end(&stage.gate);
}
END_TEST

static const char *const unreadable[] = {
	"{\"endpoint\":\"*/git/ref/heads*\",\"status\":503}",
	"{\"endpoint\":\"*/pulls/2/reviews*\",\"status\":503}",
	"{\"endpoint\":\"*/git-upload-pack\",\"status\":503}",
};

START_TEST(row_28_a_group_that_cannot_be_read_stays_pending_until_it_can)
{
	struct stage stage;
	struct group group;

	begin(&stage);
	gate_judged(&stage.gate);
	json_decref(rig_world(&stage.gate.rig, "fault", "%s", unreadable[_i]));
	group = enqueue(&stage, "\"numbers\":[1,2]");
	wait_group(&stage, &group, "pending");
	rig_sleep(3000);
	ck_assert_str_eq(gate_str(rig_status(&stage.gate.rig, group.sha), "state"), "pending");
	stays_out(&stage, &group);
	json_decref(rig_world(&stage.gate.rig, "fault", "{\"clear\":true}"));
	wait_group(&stage, &group, "success");
	lands(&stage, &group);
	gate_end(&stage.gate);
}
END_TEST

/* What happens to #1, and what the groups say then. */
static void act_dismiss(struct stage *stage)
{
	dismiss(stage, 1);
}

static void act_push(struct stage *stage)
{
	json_decref(rig_act(&stage->gate.rig, "push", "alice",
			    "{\"branch\":\"topic-1\",\"files\":{\"more.txt\":\"2\\n\"},\"message\":\"More\"}"));
}

static void act_close(struct stage *stage)
{
	json_decref(rig_act(&stage->gate.rig, "close", "alice", "{\"number\":1}"));
}

static void act_draft(struct stage *stage)
{
	json_decref(rig_act(&stage->gate.rig, "draft", "alice", "{\"number\":1}"));
}

static void act_object(struct stage *stage)
{
	json_decref(rig_act(&stage->gate.rig, "request_changes", "dave", "{\"number\":1,\"body\":\"no\"}"));
}

static void act_retarget(struct stage *stage)
{
	json_decref(rig_act(&stage->gate.rig, "branch", "alice", "{\"branch\":\"release\",\"onto\":\"main\"}"));
	json_decref(rig_act(&stage->gate.rig, "retarget", "alice", "{\"number\":1,\"base\":\"release\"}"));
}

static const struct {
	const char *what, *event, *action;
	void (*act)(struct stage *stage);
} revoking[] = {
	{"a dismissal", "pull_request_review", "dismissed", act_dismiss},
	{"an objection", "pull_request_review", "submitted", act_object},
	{"a push", "pull_request", "synchronize", act_push},
	{"a close", "pull_request", "closed", act_close},
	{"a draft", "pull_request", "converted_to_draft", act_draft},
	{"another base", "pull_request", "edited", act_retarget},
};

START_TEST(row_29_what_revokes_a_member_fails_its_group_and_every_later_one)
{
	struct stage stage;
	struct group first, second;

	begin(&stage);
	first = enqueue(&stage, "\"number\":1");
	second = enqueue_behind(&stage, &first);
	wait_group(&stage, &first, "success");
	wait_group(&stage, &second, "success");
	gate_judged(&stage.gate);
	rig_next_second();
	revoking[_i].act(&stage);
	gate_time(&stage.gate, revoking[_i].what, revoking[_i].event, revoking[_i].action,
		  rig_wait_text(&stage.gate.rig, first.sha, "failure", "#1"));
	gate_time(&stage.gate, "   on the group built on it", revoking[_i].event, revoking[_i].action,
		  rig_wait_text(&stage.gate.rig, second.sha, "failure", "#1"));
	gate_judged(&stage.gate);
	ck_assert_str_eq(gate_str(rig_status(&stage.gate.rig, first.sha), "state"), "failure");
	ck_assert_str_eq(gate_str(rig_status(&stage.gate.rig, second.sha), "state"), "failure");
	ck_assert_str_eq(gate_str(rig_status(&stage.gate.rig, stage.heads[2]), "state"), "success");
	stays_out(&stage, &first);
	gate_end(&stage.gate);
}
END_TEST

START_TEST(row_29_what_a_group_was_built_from_is_known_after_a_restart)
{
	struct stage stage;
	struct group group;

	group = begin_allowed(&stage);
	rig_agent_kill(&stage.gate.rig);
	ck_assert(rig_agent_start(&stage.gate.rig));
	gate_judged(&stage.gate);
	dismiss(&stage, 1);
	gate_time(&stage.gate, "row_29: failure after a restart", "pull_request_review", "dismissed",
		  rig_wait_text(&stage.gate.rig, group.sha, "failure", "#1"));
	stays_out(&stage, &group);
	gate_end(&stage.gate);
}
END_TEST

START_TEST(row_29_a_webhook_that_was_lost_is_made_up_for_by_the_sweep_at_a_start)
{
	struct stage stage;
	struct group group;

	group = begin_allowed(&stage);
	ck_assert(rig_agent_term(&stage.gate.rig));
	json_decref(rig_world(&stage.gate.rig, "hooks", "{\"do\":\"drop\"}"));
	dismiss(&stage, 1);
	ck_assert(rig_agent_start(&stage.gate.rig));
	rig_wait_text(&stage.gate.rig, group.sha, "failure", "#1");
	stays_out(&stage, &group);
	gate_end(&stage.gate);
}
END_TEST

START_TEST(row_29_the_first_of_two_groups_lands_and_the_second_after_it)
{
	struct stage stage;
	struct group first, second;

	begin(&stage);
	first = enqueue(&stage, "\"number\":1");
	second = enqueue_behind(&stage, &first);
	wait_group(&stage, &first, "success");
	wait_group(&stage, &second, "success");
	gate_judged(&stage.gate);
	lands(&stage, &first);
	gate_judged(&stage.gate);
	ck_assert_str_eq(gate_str(rig_status(&stage.gate.rig, first.sha), "state"), "success");
	wait_group(&stage, &second, "success");
	lands(&stage, &second);
	gate_end(&stage.gate);
}
END_TEST

static const char *const reasons[] = {"invalidated", "dequeued"};

START_TEST(row_30_a_group_that_was_given_up_loses_its_success_and_is_left_alone)
{
	struct stage stage;
	struct group group;
	json_int_t over;

	group = begin_allowed(&stage);
	ck_assert_int_eq(destroy(&stage, &group, reasons[_i]), 200);
	rig_wait_text(&stage.gate.rig, group.sha, "failure", "ended without landing");
	gate_judged(&stage.gate);
	over = rig_log_mark(&stage.gate.rig);
	dismiss(&stage, 1);
	gate_judged(&stage.gate);
	ck_assert_int_eq(posts_on(&stage, over, group.sha), 0);
	ck_assert_int_eq(
		rig_act_refused(&stage.gate.rig, "push", "alice", "{\"branch\":\"main\",\"sha\":\"%s\"}", group.sha),
		422);
	gate_end(&stage.gate);
}
END_TEST

START_TEST(row_30_a_group_that_failed_ends_without_another_post)
{
	struct stage stage;
	struct group group;
	json_int_t over;

	group = begin_allowed(&stage);
	dismiss(&stage, 1);
	wait_group(&stage, &group, "failure");
	gate_judged(&stage.gate);
	over = rig_log_mark(&stage.gate.rig);
	ck_assert_int_eq(destroy(&stage, &group, "dequeued"), 200);
	rig_next_second();
	approve(&stage, 1);
	gate_judged(&stage.gate);
	ck_assert_int_eq(posts_on(&stage, over, group.sha), 0);
	gate_end(&stage.gate);
}
END_TEST

/* Nobody reviewed the group's commit: what is allowed of the group is not allowed of the change. */
START_TEST(a_change_opened_on_a_groups_commit_gets_nothing_from_the_group)
{
	struct stage stage;
	struct group group;

	group = begin_allowed(&stage);
	json_decref(rig_act(&stage.gate.rig, "push", "alice", "{\"branch\":\"sly\",\"sha\":\"%s\"}", group.sha));
	json_decref(
		rig_act(&stage.gate.rig, "open", "alice", "{\"head\":\"sly\",\"base\":\"main\",\"title\":\"Sly\"}"));
	wait_group(&stage, &group, "failure");
	gate_judged(&stage.gate);
	ck_assert_str_ne(gate_str(rig_status(&stage.gate.rig, group.sha), "state"), "success");
	stays_out(&stage, &group);
	gate_end(&stage.gate);
}
END_TEST

/* A branch of that name made by hand, and no signed event of the queue. */
START_TEST(a_commit_that_only_looks_like_a_group_gets_no_success)
{
	struct stage stage;
	char sha[41];
	json_t *answer;

	begin(&stage);
	answer = rig_act(&stage.gate.rig, "push", "alice",
			 "{\"branch\":\"gh-readonly-queue/main/pr-1-%s\",\"parents\":[\"main\",\"topic-1\"],"
			 "\"message\":\"Merge pull request #1 from topic-1\"}",
			 stage.heads[1]);
	keep(sha, sizeof sha, answer, "sha");
	json_decref(answer);
	gate_judged(&stage.gate);
	ck_assert_ptr_null(gate_first_post(&stage.gate, 0, sha, "success"));
	ck_assert_int_eq(rig_act_refused(&stage.gate.rig, "push", "alice", "{\"branch\":\"main\",\"sha\":\"%s\"}", sha),
			 422);
	gate_end(&stage.gate);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(row_28_a_group_of_allowed_changes_is_pending_then_allowed_and_lands),
	SUITE_TEST(row_28_a_group_with_a_change_that_is_not_allowed_fails_and_names_it),
	SUITE_TEST(row_28_a_squashed_group_is_refused_because_nobody_knows_what_is_in_it),
	SUITE_ROWS(row_28_a_group_that_cannot_be_read_stays_pending_until_it_can, unreadable),
	SUITE_ROWS(row_29_what_revokes_a_member_fails_its_group_and_every_later_one, revoking),
	SUITE_TEST(row_29_what_a_group_was_built_from_is_known_after_a_restart),
	SUITE_TEST(row_29_a_webhook_that_was_lost_is_made_up_for_by_the_sweep_at_a_start),
	SUITE_TEST(row_29_the_first_of_two_groups_lands_and_the_second_after_it),
	SUITE_ROWS(row_30_a_group_that_was_given_up_loses_its_success_and_is_left_alone, reasons),
	SUITE_TEST(row_30_a_group_that_failed_ends_without_another_post),
	SUITE_TEST(a_change_opened_on_a_groups_commit_gets_nothing_from_the_group),
	SUITE_TEST(a_commit_that_only_looks_like_a_group_gets_no_success),
	SUITE_END};
SUITE_MAIN(tests)
