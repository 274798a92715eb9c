/*
 * Who sets the status in headgate's place (tests/rows.md, 36 and 37), and who has its key: the real server and the
 * world. Between headgate's posts stand those of others, so each is asked for with its creator.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/gate.h"
#include "tests/support/suite.h"

static const json_t *post_after(struct gate *gate, json_int_t after, const char *creator)
{
	const json_t *log = rig_log(&gate->rig);

	for (size_t i = 0; i < json_array_size(log); i++) {
		const json_t *entry = json_array_get(log, i);

		if (gate_n(entry) > after && gate_is(entry, "kind", "post") && gate_is(entry, "sha", gate->head) &&
		    gate_is(entry, "creator", creator))
			return entry;
	}
	return NULL;
}

/* The first that headgate posted after this one. */
static const json_t *wait_ours(struct gate *gate, json_int_t after)
{
	int64_t until = rig_now() + RIG_WAIT_MS;
	const json_t *post;

	while (!(post = post_after(gate, after, "headgate[bot]"))) {
		ck_assert_msg(rig_now() < until, "headgate posted nothing");
		rig_sleep(10);
	}
	return post;
}

/* Returns the number of its entry in the log. */
static json_int_t set_status(struct gate *gate, const char *who, const char *state)
{
	json_int_t mark = rig_log_mark(&gate->rig);

	json_decref(rig_act(&gate->rig, "forge_status", who,
			    "{\"sha\":\"%s\",\"state\":\"%s\",\"context\":\"%s\",\"description\":\"Looks good\"}",
			    gate->head, state, RIG_CONTEXT));
	return gate_n(post_after(gate, mark, who));
}

static int headgate(struct gate *gate, const char *word, const char *value)
{
	static char config[300];
	const char *words[] = {"alarms", "-c", config, word, value, NULL};

	(void)snprintf(config, sizeof config, "%s/headgate.yml", gate->rig.dir);
	return rig_run(&gate->rig, words);
}

static void says(struct gate *gate, const char *file, const char *word)
{
	char *text = rig_file(&gate->rig, file);

	ck_assert_msg(strstr(text, word) != NULL, "no `%s` in:\n%s", word, text);
	free(text);
}

static long ops(struct gate *gate, const char *path, const char *word)
{
	char url[120];
	struct rig_request request = {.method = "GET", .url = url};
	struct rig_reply reply;
	long status;

	(void)snprintf(url, sizeof url, "http://127.0.0.1:%u%s", gate->rig.ops_port, path);
	ck_assert(rig_http(&request, &reply));
	ck_assert_msg(strstr(reply.body, word) != NULL, "no `%s` in:\n%s", word, reply.body);
	status = reply.status;
	rig_reply_clear(&reply);
	return status;
}

START_TEST(row_36_a_status_by_somebody_else_is_failed_named_and_judged_again)
{
	struct gate gate;
	const json_t *first;
	json_int_t theirs, n;

	gate_begin_allowed(&gate);
	gate_judged(&gate);
	theirs = set_status(&gate, "mallory", "failure");
	first = wait_ours(&gate, theirs);
	ck_assert_str_eq(gate_str(first, "state"), "failure");
	ck_assert_msg(strstr(gate_text(first), "mallory") && strstr(gate_text(first), "not by headgate"), "%s",
		      gate_text(first));
	n = gate_n(first);
	ck_assert_str_eq(gate_str(wait_ours(&gate, n), "state"), "success");
	rig_settle(&gate.rig, 1000);
	gate_wait_rows(&gate, "alarm", "kind = 1 and who = 'mallory' and unsaid = 0", 1);
	ck_assert_int_eq(ops(&gate, "/readyz", "ready"), 200);
	(void)ops(&gate, "/metrics", "headgate_alarms_total{kind=\"status\"} 1");
	gate_merge(&gate);
	gate_end(&gate);
}
END_TEST

START_TEST(row_36_a_success_by_somebody_else_opens_no_door)
{
	struct gate gate;
	const json_t *first;
	json_int_t theirs;

	gate_begin(&gate, NULL);
	gate_open(&gate);
	rig_wait_status(&gate.rig, gate.head, "pending", RIG_WAIT_MS);
	gate_judged(&gate);
	theirs = set_status(&gate, "mallory", "success");
	first = wait_ours(&gate, theirs);
	ck_assert_str_eq(gate_str(first, "state"), "failure");
	gate_judged(&gate);
	ck_assert_ptr_null(gate_first_post(&gate, gate_n(first), gate.head, "success"));
	gate_stays_refused(&gate);
	gate_end(&gate);
}
END_TEST

static void check_run(struct gate *gate, const char *conclusion)
{
	json_decref(rig_act(&gate->rig, "check_run", "ci",
			    "{\"head_sha\":\"%s\",\"name\":\"%s\",\"conclusion\":\"%s\"}", gate->head, RIG_CONTEXT,
			    conclusion));
}

START_TEST(row_37_a_check_run_with_our_name_is_a_failure_until_it_fails_itself)
{
	struct gate gate;
	json_int_t mark;

	gate_begin_allowed(&gate);
	gate_judged(&gate);
	mark = rig_log_mark(&gate.rig);
	check_run(&gate, "success");
	gate_time(&gate, "row_37: failure under a check run", "check_run", "created",
		  rig_wait_text(&gate.rig, gate.head, "failure", "check run of this name by ci"));
	json_decref(rig_act(&gate.rig, "comment", "alice", "{\"number\":1,\"body\":\"/headgate recheck\"}"));
	gate_judged(&gate);
	ck_assert_ptr_null(gate_first_post(&gate, mark, gate.head, "success"));
	gate_stays_refused(&gate);
	gate_wait_rows(&gate, "alarm", "kind = 2 and who = 'ci'", 1);
	check_run(&gate, "failure"); /* the newest of its app: no gate reads that as success */
	rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS);
	gate_end(&gate);
}
END_TEST

START_TEST(row_37_a_check_run_that_no_webhook_told_of_is_found_before_a_success)
{
	struct gate gate;

	gate_begin(&gate, NULL);
	gate_open(&gate);
	json_decref(rig_world(&gate.rig, "hooks", "{\"do\":\"drop\",\"event\":\"check_run\"}"));
	check_run(&gate, "neutral");
	gate_approve(&gate, "bob");
	gate_approve(&gate, "carol");
	rig_wait_text(&gate.rig, gate.head, "failure", "Blocked: a check run of this name by ci");
	gate_judged(&gate);
	ck_assert_ptr_null(gate_first_post(&gate, 0, gate.head, "success"));
	gate_wait_rows(&gate, "alarm", "kind = 2", 1);
	gate_stays_refused(&gate);
	gate_end(&gate);
}
END_TEST

/* Nothing that an earlier process sent can still be on its way: two seconds here. */
static void begin_known(struct gate *gate)
{
	gate_begin(gate, NULL);
	ck_assert(rig_agent_term(&gate->rig));
	gate->rig.plan.config = "limits:\n  post_deadline: 1s\n  post_grace: 1s\n";
	ck_assert(rig_agent_start(&gate->rig));
	gate_open(gate);
	rig_wait_status(&gate->rig, gate->head, "pending", RIG_WAIT_MS);
	rig_sleep(2500);
	gate_approve(gate, "bob");
	gate_approve(gate, "carol");
	rig_wait_status(&gate->rig, gate->head, "success", RIG_WAIT_MS);
	gate_judged(gate);
	rig_next_second();
}

START_TEST(a_status_of_our_own_that_we_did_not_post_is_a_stolen_key_until_somebody_acknowledges)
{
	struct gate gate;
	const json_t *first;
	json_int_t theirs;

	begin_known(&gate);
	ck_assert_int_eq(ops(&gate, "/readyz", "ready"), 200);
	ck_assert_int_eq(headgate(&gate, NULL, NULL), 0);
	theirs = set_status(&gate, "headgate[bot]", "success");
	first = wait_ours(&gate, theirs);
	ck_assert_str_eq(gate_str(first, "state"), "failure");
	ck_assert_ptr_nonnull(strstr(gate_text(first), "not its own"));
	gate_wait_rows(&gate, "alarm", "kind = 3 and unsaid = 0", 1);
	ck_assert_int_eq(ops(&gate, "/readyz", "headgate's key"), 503);
	(void)ops(&gate, "/metrics", "headgate_alarms_unacknowledged{kind=\"stolen_key\"} 1");
	ck_assert(rig_agent_term(&gate.rig)); /* it lasts */
	ck_assert(rig_agent_start(&gate.rig));
	ck_assert_int_eq(ops(&gate, "/readyz", "headgate's key"), 503);
	ck_assert_int_eq(headgate(&gate, NULL, NULL), 1);
	says(&gate, "out.txt", "stolen_key");
	says(&gate, "agent.log", "headgate's own key");
	ck_assert_int_eq(headgate(&gate, "--acknowledge", "7"), 1);
	ck_assert_int_eq(headgate(&gate, "--acknowledge", "1"), 0);
	ck_assert_int_eq(ops(&gate, "/readyz", "ready"), 200);
	ck_assert_int_eq(headgate(&gate, NULL, NULL), 0);
	gate_end(&gate);
}
END_TEST

START_TEST(a_lost_answer_and_a_restart_raise_no_alarm)
{
	struct gate gate;
	json_int_t mark;

	begin_known(&gate);
	mark = rig_log_mark(&gate.rig);
	json_decref(rig_world(&gate.rig, "fault",
			      "{\"endpoint\":\"/repos/*/statuses/*\",\"method\":\"POST\",\"lost_answer\":true,"
			      "\"count\":1}"));
	gate_dismiss(&gate);
	rig_wait_text(&gate.rig, gate.head, "failure", "(1/2)");
	rig_agent_kill(&gate.rig);
	ck_assert(rig_agent_start(&gate.rig));
	gate_approve(&gate, "carol");
	gate_wait_post(&gate, mark, "success");
	gate_judged(&gate);
	ck_assert_int_eq(gate_rows(&gate, "alarm", NULL), 0);
	ck_assert_int_eq(ops(&gate, "/readyz", "ready"), 200);
	gate_end(&gate);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_SLOW(row_36_a_status_by_somebody_else_is_failed_named_and_judged_again, 120),
	SUITE_SLOW(row_36_a_success_by_somebody_else_opens_no_door, 120),
	SUITE_SLOW(row_37_a_check_run_with_our_name_is_a_failure_until_it_fails_itself, 120),
	SUITE_SLOW(row_37_a_check_run_that_no_webhook_told_of_is_found_before_a_success, 120),
	SUITE_SLOW(a_status_of_our_own_that_we_did_not_post_is_a_stolen_key_until_somebody_acknowledges, 180),
	SUITE_SLOW(a_lost_answer_and_a_restart_raise_no_alarm, 180),
	SUITE_END,
};

SUITE_MAIN(tests)
