/*
 * Webhooks that nobody took (tests/rows.md, row 32): the real server as an App is away while things happen. What can be
 * read is found by reading at its start, and what only deliveries tell comes back: each that failed is asked for again
 * and applied once.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/gate.h"
#include "tests/support/suite.h"

#define MISSED_MAX 64

struct missed { /* deliveries that nobody answered, by guid */
	char guid[MISSED_MAX][40];
	size_t n;
};

static int64_t answers(struct gate *gate, const char *guid, bool taken)
{
	json_t *log = rig_log(&gate->rig), *one;
	int64_t n = 0;
	size_t i;

	json_array_foreach(log, i, one)
	{
		if (!gate_is(one, "kind", "delivery") || !gate_is(one, "guid", guid))
			continue;
		n += (json_integer_value(json_object_get(one, "status")) == 202) == taken;
	}
	return n;
}

static struct missed missed_since(struct gate *gate, json_int_t mark)
{
	json_t *log = rig_log(&gate->rig), *one;
	struct missed ret = {.n = 0};
	size_t i;

	json_array_foreach(log, i, one)
	{
		if (gate_n(one) <= mark || !gate_is(one, "kind", "delivery"))
			continue;
		ck_assert_int_eq(json_integer_value(json_object_get(one, "status")), 0);
		ck_assert_uint_lt(ret.n, MISSED_MAX);
		(void)snprintf(ret.guid[ret.n++], sizeof ret.guid[0], "%s", gate_str(one, "guid"));
	}
	return ret;
}

/* Nobody is there: another head, approvals of both, another change. */
static void much_happens(struct gate *gate, char a[41], char other[41])
{
	json_t *answer;

	memcpy(a, gate->head, 41);
	gate_push(gate);
	gate_approve(gate, "bob");
	gate_approve(gate, "carol");
	json_decref(rig_act(&gate->rig, "approve", "dave", "{\"number\":1,\"commit_id\":\"%s\"}", a));
	json_decref(rig_act(&gate->rig, "push", "alice",
			    "{\"branch\":\"other\",\"files\":{\"o.txt\":\"1\"},\"message\":\"Other\"}"));
	answer = rig_act(&gate->rig, "open", "alice", "{\"head\":\"other\",\"base\":\"main\",\"title\":\"Another\"}");
	(void)snprintf(other, 41, "%s", gate_str(answer, "head"));
	json_decref(answer);
}

static void each_came_once(struct gate *gate, const struct missed *missed)
{
	char where[120];

	for (size_t i = 0; i < missed->n; i++) {
		(void)snprintf(where, sizeof where, "guid = '%s'", missed->guid[i]);
		gate_wait_rows(gate, "journal", where, 1);
	}
	gate_judged(gate);
	for (size_t i = 0; i < missed->n; i++) {
		ck_assert_int_eq(answers(gate, missed->guid[i], true), 1);
		ck_assert_int_eq(answers(gate, missed->guid[i], false), 1);
	}
	ck_assert_int_eq(gate_rows(gate, "journal", "state NOT IN (1, 2)"), 0);
	(void)printf("row_32: %zu deliveries came back, once each\n", missed->n);
}

static int64_t redeliveries(struct gate *gate)
{
	json_t *log = rig_log(&gate->rig), *one;
	int64_t n = 0;
	size_t i;

	json_array_foreach(log, i, one) n += json_is_true(json_object_get(one, "redelivery"));
	return n;
}

static void bound_to(struct gate *gate, const char *sha, int64_t n)
{
	char where[80];

	(void)snprintf(where, sizeof where, "sha = '%s'", sha);
	ck_assert_int_eq(gate_rows(gate, "binding", where), n);
}

START_TEST(row_32_what_happened_while_nobody_was_there_is_found_and_its_deliveries_come_back)
{
	char a[41], other[41];
	struct missed missed;
	struct gate gate;
	json_int_t away;
	int64_t began;

	gate_begin_app(&gate, NULL);
	gate_open(&gate);
	gate_approve(&gate, "bob");
	rig_wait_text(&gate.rig, gate.head, "pending", "(1/2)");
	gate_judged(&gate);
	ck_assert(rig_agent_term(&gate.rig));
	away = rig_log_mark(&gate.rig);
	much_happens(&gate, a, other);
	ck_assert(rig_settle(&gate.rig, 300));
	missed = missed_since(&gate, away);
	ck_assert_uint_ge(missed.n, 7);
	bound_to(&gate, gate.head, 0);
	away = rig_log_mark(&gate.rig);
	began = rig_now();
	ck_assert(rig_agent_start(&gate.rig));
	rig_wait_text(&gate.rig, a, "failure", "uperseded");
	rig_wait_status(&gate.rig, other, "pending", RIG_WAIT_MS);
	rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS);
	(void)printf("row_32: converged %lld ms after the start\n", (long long)(rig_now() - began));
	ck_assert_int_gt(gate_n(gate_first_post(&gate, away, gate.head, NULL)),
			 gate_n(gate_first_post(&gate, away, a, "failure")));
	each_came_once(&gate, &missed);
	bound_to(&gate, gate.head, 2);
	bound_to(&gate, a, 2); /* bob's of before, dave's of an old page */
	ck_assert_str_eq(gate_str(rig_status(&gate.rig, gate.head), "state"), "success");
	ck_assert_ptr_null(gate_first_post(&gate, away, a, "success"));
	ck_assert_ptr_null(gate_first_post(&gate, away, other, "success"));
	gate_merge(&gate);
	gate_end(&gate);
}
END_TEST

START_TEST(row_32_what_came_is_not_asked_for_again)
{
	struct gate gate;
	struct missed missed;
	json_int_t away;
	int64_t asked;

	gate_begin_app(&gate, NULL);
	gate_open(&gate);
	gate_judged(&gate);
	rig_agent_kill(&gate.rig);
	away = rig_log_mark(&gate.rig);
	gate_approve(&gate, "bob");
	ck_assert(rig_settle(&gate.rig, 300));
	missed = missed_since(&gate, away);
	ck_assert(rig_agent_start(&gate.rig));
	each_came_once(&gate, &missed);
	asked = redeliveries(&gate);
	ck_assert_int_eq(asked, (int64_t)missed.n);
	for (int i = 0; i < 2; i++) {
		ck_assert(rig_agent_term(&gate.rig));
		ck_assert(rig_agent_start(&gate.rig));
		gate_judged(&gate);
	}
	ck_assert_int_eq(redeliveries(&gate), asked);
	gate_end(&gate);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_SLOW(row_32_what_happened_while_nobody_was_there_is_found_and_its_deliveries_come_back, 180),
	SUITE_SLOW(row_32_what_came_is_not_asked_for_again, 180),
	SUITE_END,
};

SUITE_MAIN(tests)
