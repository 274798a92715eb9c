/*
 * A branch whose commits are judged as they are pushed, without a change: the real server and the world. autoland is to
 * become main; what it may be is for one user's pushes and one file to say.
 */
#include <stdio.h>
#include <string.h>

#include "tests/support/gate.h"
#include "tests/support/suite.h"

/* Nothing under no/ in any commit. */
#define POLICY                                                                                                         \
	"policy: {approval: [seen], pushes: {\\\"^autoland$\\\": {onto: main, rules: [clean, own]}}}\\n"               \
	"approval_rules:\\n"                                                                                           \
	"- {name: seen, requires: {count: 1, permissions: [write]}}\\n"                                                \
	"- {name: clean, requires: {conditions: {not: {changed_files: {paths: [\\\"^no/\\\"]}}}}}\\n"                  \
	"- {name: own, requires: {conditions: {only_pushed_by: {users: [lander]}}}}\\n"

static void failed(struct rig *rig, const char *why)
{
	(void)rig;
	ck_abort_msg("%s", why);
}

static void begin(struct rig *rig, const char *config)
{
	struct rig_plan plan = {.failed = failed, .config = config};
	static const char *const people[] = {"alice", "lander"};

	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	ck_assert(rig_start(rig, &plan));
	for (size_t i = 0; i < sizeof people / sizeof people[0]; i++)
		json_decref(rig_act(rig, "permission", "acme", "{\"login\":\"%s\",\"role\":\"write\"}", people[i]));
	json_decref(rig_act(rig, "policy", "acme", "{\"text\":\"" POLICY "\"}"));
}

#define CONFIG "pushes: [acme/app:autoland:main]\n"

/* Onto the branch's tip, or from main on where `onto` says so. */
static void push(struct rig *rig, const char *who, const char *branch, const char *file, const char *more, char ret[41])
{
	json_t *answer =
		rig_act(rig, "push", who, "{\"branch\":\"%s\",\"files\":{\"%s\":\"1\\n\"},\"message\":\"%s\"%s}",
			branch, file, file, more);

	(void)snprintf(ret, 41, "%s", gate_str(answer, "sha"));
	ck_assert_uint_eq(strlen(ret), 40);
	json_decref(answer);
}

#define ONTO ",\"onto\":\"main\""

START_TEST(a_pushed_commit_is_pending_and_then_what_the_policy_says)
{
	struct rig rig;
	char good[41], bad[41], stranger[41];

	begin(&rig, CONFIG);
	push(&rig, "lander", "autoland", "a.txt", ONTO, good);
	rig_wait_status(&rig, good, "success", RIG_WAIT_MS);
	push(&rig, "lander", "autoland", "no/b.txt", "", bad);
	rig_wait_status(&rig, bad, "failure", RIG_WAIT_MS);
	ck_assert(rig_settle(&rig, 500));
	ck_assert(gate_is(rig_status(&rig, good), "state", "success")); /* it is on the branch still */
	push(&rig, "alice", "autoland", "c.txt", "", stranger);
	rig_wait_status(&rig, stranger, "failure", RIG_WAIT_MS);
	ck_assert(rig_stop(&rig));
}
END_TEST

START_TEST(a_forced_push_takes_back_what_it_drops)
{
	struct rig rig;
	char first[41], second[41];

	begin(&rig, CONFIG);
	push(&rig, "lander", "autoland", "a.txt", ONTO, first);
	rig_wait_status(&rig, first, "success", RIG_WAIT_MS);
	push(&rig, "lander", "autoland", "b.txt", ONTO ",\"force\":true", second);
	rig_wait_status(&rig, first, "failure", RIG_WAIT_MS);
	rig_wait_status(&rig, second, "success", RIG_WAIT_MS);
	ck_assert(rig_settle(&rig, 500));
	ck_assert(gate_is(rig_status(&rig, first), "state", "failure"));
	ck_assert(rig_stop(&rig));
}
END_TEST

START_TEST(what_has_landed_keeps_its_success)
{
	struct rig rig;
	char sha[41];

	begin(&rig, CONFIG);
	push(&rig, "lander", "autoland", "a.txt", ONTO, sha);
	rig_wait_status(&rig, sha, "success", RIG_WAIT_MS);
	json_decref(rig_act(&rig, "push", "lander", "{\"branch\":\"main\",\"sha\":\"%s\"}", sha));
	ck_assert(rig_settle(&rig, 1000));
	ck_assert(gate_is(rig_status(&rig, sha), "state", "success"));
	ck_assert(rig_stop(&rig));
}
END_TEST

START_TEST(another_branch_and_another_configuration_ask_for_nothing)
{
	static const char *const configs[] = {CONFIG, NULL};
	static const char *const branches[] = {"topic", "autoland"};
	struct rig rig;
	char sha[41];

	begin(&rig, configs[_i]);
	push(&rig, "lander", branches[_i], "a.txt", ONTO, sha);
	ck_assert(rig_settle(&rig, 1000));
	ck_assert_ptr_null(rig_status(&rig, sha));
	ck_assert(rig_stop(&rig));
}
END_TEST

static const int two[2];

START_TEST(a_push_whose_event_was_lost_is_found_by_the_sweep)
{
	struct rig rig;
	char sha[41];

	begin(&rig, CONFIG "sweep: {every: 1s}\n");
	ck_assert(rig_settle(&rig, 500));
	ck_assert(rig_agent_term(&rig));
	push(&rig, "lander", "autoland", "a.txt", ONTO, sha);
	ck_assert(rig_agent_start(&rig));
	/* Nobody told who pushed: what asks for that is not met. */
	rig_wait_text(&rig, sha, "pending", "who pushed");
	ck_assert(rig_stop(&rig));
}
END_TEST

static const struct suite_test tests[] = {SUITE_TEST(a_pushed_commit_is_pending_and_then_what_the_policy_says),
					  SUITE_TEST(a_forced_push_takes_back_what_it_drops),
					  SUITE_TEST(what_has_landed_keeps_its_success),
					  SUITE_ROWS(another_branch_and_another_configuration_ask_for_nothing, two),
					  SUITE_TEST(a_push_whose_event_was_lost_is_found_by_the_sweep),
					  SUITE_END};
SUITE_MAIN(tests)
