/*
 * What a judgement costs, counted at the forge and not timed: the requests of one judgement in the steady state, by
 * the world's log and by its count against the rate; and how many judgements a burst of pushes makes. Lists and counts
 * are printed; tests/bench/run.sh shows them.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/gate.h"
#include "tests/support/suite.h"

enum { COUNTED_MAX = 4, BURST = 400, BURST_JUDGEMENTS_MAX = 5, TICK_MS = 5000 };

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

/* A repository is swept once it is known, which is no part of anybody's bill. */
static void wait_for_first_sweep(struct gate *gate)
{
	int64_t until = rig_now() + RIG_WAIT_MS;

	while (metric(gate, "headgate_sweep_total{what=\"repository\"}") == 0) {
		ck_assert_int_lt(rig_now(), until);
		rig_sleep(50);
	}
}

/* One change, allowed once and pushed to since: what does not move any more has been read. */
static void begin_steady(struct gate *gate)
{
	(void)setenv("HEADGATE_SWEEP_EVERY", "1h", 1);
	(void)setenv("HEADGATE_WORKERS_JUDGE", "1", 1); /* each asks once how large the repository is */
	gate_begin(gate, NULL);
	gate_open_allowed(gate);
	gate_push(gate);
	rig_wait_status(&gate->rig, gate->head, "pending", RIG_WAIT_MS);
	gate_approve(gate, "bob");
	wait_for_first_sweep(gate);
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

/* ---- a burst ---- */

struct burst {
	struct gate gate;
	char heads[BURST + 1][41]; /* [0]: the one before it */
	long judgements;
};

/* Now and then from main anew: the forge names the authors of 250 commits at most. */
static void push_again(struct burst *b, int i)
{
	bool anew = i % 200 == 1;
	json_t *answer = rig_act(&b->gate.rig, anew ? "force_push" : "push", "alice",
				 "{\"branch\":\"topic\",\"files\":{\"b.txt\":\"%d\\n\"},\"message\":\"Push %d\"%s}", i,
				 i, anew ? ",\"onto\":\"main\"" : "");

	(void)snprintf(b->heads[i], sizeof b->heads[i], "%s", gate_str(answer, "sha"));
	memcpy(b->gate.head, b->heads[i], sizeof b->gate.head);
	json_decref(answer);
}

/* All of it has happened at the forge before anything of it is told. */
static void push_burst(struct burst *b)
{
	json_decref(rig_world(&b->gate.rig, "hooks", "{\"do\":\"hold\"}"));
	memcpy(b->heads[0], b->gate.head, sizeof b->heads[0]);
	for (int i = 1; i <= BURST; i++)
		push_again(b, i);
	json_decref(rig_world(&b->gate.rig, "hooks", "{\"do\":\"concurrent\",\"count\":16}"));
	json_decref(rig_world(&b->gate.rig, "hooks", "{\"do\":\"release\"}"));
}

/* How often it is in the journal, applied. */
static int64_t applied(sqlite3_stmt *find, const char *guid)
{
	int64_t n;

	(void)sqlite3_bind_text(find, 1, guid, -1, SQLITE_STATIC);
	ck_assert_int_eq(sqlite3_step(find), SQLITE_ROW);
	n = sqlite3_column_int64(find, 0);
	(void)sqlite3_reset(find);
	return n;
}

/* Each delivery was answered 202 and is in the journal, once and applied. */
static int nothing_lost(struct burst *b, json_int_t after)
{
	static const char question[] = "SELECT count(*) FROM journal WHERE guid = ? AND state <> 0";
	const json_t *log = rig_log(&b->gate.rig);
	sqlite3 *db = gate_database(&b->gate);
	sqlite3_stmt *find = NULL;
	int n = 0;

	ck_assert_int_eq(sqlite3_prepare_v2(db, question, -1, &find, NULL), SQLITE_OK);
	for (size_t i = 0; i < json_array_size(log); i++) {
		const json_t *entry = json_array_get(log, i);

		if (gate_n(entry) <= after || !gate_is(entry, "kind", "delivery"))
			continue;
		ck_assert_int_eq(json_integer_value(json_object_get(entry, "status")), 202);
		ck_assert_int_eq(applied(find, gate_str(entry, "guid")), 1);
		n++;
	}
	(void)sqlite3_finalize(find);
	(void)sqlite3_close(db);
	return n;
}

static void each_old_head_failed(struct burst *b)
{
	for (int i = 0; i < BURST; i++) {
		const json_t *status = rig_status(&b->gate.rig, b->heads[i]);

		ck_assert_msg(gate_is(status, "state", "failure"), "head %d: %s", i, gate_text(status));
		/* the second one: it was judged while it was the newest head that was told of */
		ck_assert_msg(strstr(gate_text(status), "uperseded") ||
				      strstr(gate_text(status), "no open change has this head"),
			      "head %d: %s", i, gate_text(status));
	}
	ck_assert_str_eq(gate_str(rig_status(&b->gate.rig, b->heads[BURST]), "state"), "pending");
}

START_TEST(four_hundred_pushes_are_a_few_judgements_and_none_is_lost)
{
	static struct burst b;
	json_int_t mark;
	int deliveries;
	int64_t began, told;

	begin_steady(&b.gate);
	b.judgements = judgements(&b.gate);
	mark = rig_log_mark(&b.gate.rig);
	push_burst(&b);
	began = rig_now();
	rig_wait_status(&b.gate.rig, b.gate.head, "pending", 3 * RIG_WAIT_MS);
	told = rig_now() - began;
	rig_wait_text(&b.gate.rig, b.gate.head, "pending", "(0/2)");
	gate_judged(&b.gate);
	deliveries = nothing_lost(&b, mark);
	b.judgements = judgements(&b.gate) - b.judgements;
	printf("%d pushes told in %lld ms: %d deliveries, none lost; %ld judgements; all done after %lld ms\n", BURST,
	       (long long)told, deliveries, b.judgements, (long long)(rig_now() - began));
	ck_assert_int_ge(deliveries, 2 * BURST);
	each_old_head_failed(&b);
	/* Where a tick falls into the telling, the change settles for it once more, and the heads since then have a
	 * company of their own; the last may begin when its last delivery is still to be applied. */
	ck_assert_int_le(b.judgements, BURST_JUDGEMENTS_MAX + 2 * (told / TICK_MS + 1));
	gate_end(&b.gate);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_SLOW(a_steady_judgement_costs_four_reads_that_count_and_one_post, 180),
	SUITE_SLOW(a_judgement_that_finds_nothing_new_costs_nothing, 180),
	SUITE_SLOW(four_hundred_pushes_are_a_few_judgements_and_none_is_lost, 300),
	SUITE_END,
};

SUITE_MAIN(tests)
