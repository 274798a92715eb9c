/*
 * What a judgement costs, counted at the forge and not timed: the requests of one judgement in the steady state, by
 * the world's log and by its count against the rate. The lists are printed; tests/bench/run.sh shows them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/gate.h"
#include "tests/support/suite.h"

enum { COUNTED_MAX = 4 };

/* ---- counters ---- */

/* What the forge has counted against the agent's limit so far; to ask costs nothing. */
static json_int_t rate_used(struct gate *gate)
{
	char url[128], authorization[80];
	const char *headers[] = {authorization, NULL};
	struct rig_request request = {.method = "GET", .url = url, .headers = headers};
	struct rig_reply reply;
	json_t *answer;
	json_int_t used;

	(void)snprintf(url, sizeof url, "%s/rate_limit", gate->rig.world_url);
	(void)snprintf(authorization, sizeof authorization, "Authorization: Bearer %s", gate->rig.token);
	ck_assert(rig_http(&request, &reply));
	answer = json_loads(reply.body, 0, NULL);
	ck_assert_int_eq(json_unpack(answer, "{s:{s:{s:I}}}", "resources", "core", "used", &used), 0);
	json_decref(answer);
	rig_reply_clear(&reply);
	return used;
}

/* A counter of the agent's, by its whole name; 0 where it was not counted yet. */
static long metric(struct gate *gate, const char *name)
{
	char url[64], line[128];
	struct rig_request request = {.method = "GET", .url = url};
	struct rig_reply reply;
	const char *at;
	long value;

	(void)snprintf(url, sizeof url, "http://127.0.0.1:%u/metrics", gate->rig.ops_port);
	(void)snprintf(line, sizeof line, "\n%s ", name);
	ck_assert(rig_http(&request, &reply));
	ck_assert_int_eq(reply.status, 200);
	at = strstr(reply.body, line);
	value = at ? strtol(at + strlen(line), NULL, 10) : 0;
	rig_reply_clear(&reply);
	return value;
}

static long judgements(struct gate *gate)
{
	return metric(gate, "headgate_evaluation_duration_seconds_count");
}

/* ---- one judgement ---- */

struct spent {
	json_int_t mark, used;
	long judgements;
};

static struct spent spent_so_far(struct gate *gate)
{
	return (struct spent){rig_log_mark(&gate->rig), rate_used(gate), judgements(gate)};
}

struct bill {
	int posts, counted, unchanged;
	json_int_t used; /* by the forge's own count */
	long judgements;
};

static bool is_request(const json_t *entry, json_int_t after)
{
	return gate_n(entry) > after && gate_is(entry, "kind", "request") && !gate_is(entry, "path", "/rate_limit");
}

/* Prints each request since then, and adds them up. */
static struct bill bill_since(struct gate *gate, const struct spent *before)
{
	const json_t *log = rig_log(&gate->rig);
	struct bill bill = {.used = rate_used(gate) - before->used,
			    .judgements = judgements(gate) - before->judgements};

	for (size_t i = 0; i < json_array_size(log); i++) {
		const json_t *entry = json_array_get(log, i);
		int status = (int)json_integer_value(json_object_get(entry, "status"));
		bool post = gate_is(entry, "method", "POST");

		if (!is_request(entry, before->mark))
			continue;
		bill.posts += post;
		bill.counted += !post && status != 304;
		bill.unchanged += status == 304;
		printf("  %3d %s %s%s%s\n", status, gate_str(entry, "method"), gate_str(entry, "path"),
		       gate_str(entry, "query")[0] ? "?" : "", gate_str(entry, "query"));
	}
	printf("%ld judgement: %d reads count, %d are free, %d status posted; the forge counted %lld\n",
	       bill.judgements, bill.counted, bill.unchanged, bill.posts, (long long)bill.used);
	return bill;
}

/* One change, allowed once and pushed to since: what does not move any more has been read. */
static void begin_steady(struct gate *gate)
{
	(void)setenv("HEADGATE_SWEEP_EVERY", "1h", 1);
	gate_begin(gate, NULL);
	gate_open_allowed(gate);
	gate_push(gate);
	rig_wait_status(&gate->rig, gate->head, "pending", RIG_WAIT_MS);
	gate_approve(gate, "bob");
	gate_judged(gate);
	rig_next_second(); /* so that the next review makes the change a newer one, which is the dearer case */
}

START_TEST(a_steady_judgement_costs_four_reads_that_count_and_one_post)
{
	struct gate gate;
	struct spent before;
	struct bill bill;

	begin_steady(&gate);
	before = spent_so_far(&gate);
	gate_approve(&gate, "carol");
	rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS);
	gate_judged(&gate);
	bill = bill_since(&gate, &before);
	ck_assert_int_eq(bill.judgements, 1);
	ck_assert_int_eq(bill.posts, 1);
	ck_assert_int_le(bill.counted, COUNTED_MAX);
	ck_assert_int_eq(bill.used, bill.counted + bill.posts);
	gate_end(&gate);
}
END_TEST

static void recheck(struct gate *gate)
{
	char config[160];
	const char *words[] = {"recheck", "-c", config, "acme/app#1", NULL};

	(void)snprintf(config, sizeof config, "%s/headgate.yml", gate->rig.dir);
	ck_assert_int_eq(rig_run(&gate->rig, words), 0);
}

/* Nothing moved and the forge holds success already: a look again is free, and nothing is said. */
START_TEST(a_judgement_that_finds_nothing_new_costs_nothing)
{
	struct gate gate;
	struct spent before;
	struct bill bill;

	begin_steady(&gate);
	gate_approve(&gate, "carol");
	rig_wait_status(&gate.rig, gate.head, "success", RIG_WAIT_MS);
	gate_judged(&gate);
	before = spent_so_far(&gate);
	recheck(&gate);
	gate_judged(&gate);
	bill = bill_since(&gate, &before);
	ck_assert_int_eq(bill.judgements, 1);
	ck_assert_int_eq(bill.posts + bill.counted, 0);
	ck_assert_int_gt(bill.unchanged, 0);
	ck_assert_int_eq(bill.used, 0);
	gate_end(&gate);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_SLOW(a_steady_judgement_costs_four_reads_that_count_and_one_post, 180),
	SUITE_SLOW(a_judgement_that_finds_nothing_new_costs_nothing, 180),
	SUITE_END,
};

SUITE_MAIN(tests)
