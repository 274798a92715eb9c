/* Defences that show only in an ordering or a fault: each test tells the shortest story that needs one of them. */
#include "agent/work/receive.h"
#include "agent/work/workers.h"
#include "tests/support/pipe.h"
#include "tests/support/suite.h"
#include "tests/support/told_forge.h"

static const int backends[PIPE_BACKENDS] = {0, 1};

/* ---- store: verbs in an order ---- */

START_TEST(a_claim_leaves_an_unsent_revocation_alone)
{
	struct pipe_rig rig;
	struct claim claim;
	struct post post;

	pipe_open_allowed(&rig, _i);
	tell(&rig, change_event(CHANGE_DRAFT, 1, 'a', 2));
	ck_assert(try_claim(&rig, &claim));
	ck_assert(next_post(&rig, &post));
	ck_assert_int_eq(post.state, STATUS_FAILURE);
	pipe_close(&rig);
}
END_TEST

START_TEST(the_same_verdict_at_another_time_is_not_posted_again)
{
	struct pipe_rig rig;

	pipe_open_allowed(&rig, _i);
	rig.now += 5000;
	tell(&rig, change_event(CHANGE_READY, 1, 'a', 2));
	judge_as(&rig, 'a', DECISION_ALLOWED);
	ck_assert_int_eq(drain(&rig), 0);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_closed_change_spares_no_head_that_was_replaced)
{
	struct pipe_rig rig;

	pipe_open_told(&rig, _i);
	tell(&rig, change_event(CHANGE_OPENED, 2, 'a', 2));
	tell(&rig, change_event(CHANGE_CLOSED, 2, 'a', 3));
	drain(&rig);
	judge_as(&rig, 'a', DECISION_ALLOWED);
	drain(&rig);
	tell(&rig, push_to_change(1, 'a', 'b', 4));
	ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_FAILURE);
	ck_assert_int_eq(slot_of(&rig, 'a').superseded, 1);
	pipe_close(&rig);
}
END_TEST

static bool doubt_is_over(struct pipe_rig *rig)
{
	struct err err = ERR_NONE;
	struct taker taker = {"post-1", rig->now, &rig->arena, NULL};
	struct doubt doubt;
	int64_t next_at;

	return store_take_doubt(&rig->store, &taker, &doubt, &next_at, &err);
}

START_TEST(a_doubt_lasts_as_long_as_a_request_can_live)
{
	struct pipe_rig rig;
	struct post post;

	pipe_open_told(&rig, _i);
	ck_assert(next_post(&rig, &post));
	answer(&rig, &post, POST_UNANSWERED);
	rig.now += rig.store.limits.post_deadline_ms + rig.store.limits.post_grace_ms - 1;
	ck_assert(!doubt_is_over(&rig));
	rig.now += 1;
	ck_assert(doubt_is_over(&rig));
	pipe_close(&rig);
}
END_TEST

/* ---- workers: one step over a forge that answers what it was told ---- */

struct bench {
	struct told_forge t;
	struct judge judge;
	struct poster poster;
	struct oid posted_on;
	bool answers; /* else the connection ends without one */
	int64_t deadline_ms, slow_ms;
	struct store_exec plain;
};

static void signal_nobody(void *self, enum wake_topic topic)
{
	(void)self, (void)topic;
}

static enum err_code post(void *self, const struct forge_post *in, int64_t deadline_ms, struct forge_posted *out,
			  struct err *err)
{
	struct bench *b = self; /* told_forge is its first member */

	b->deadline_ms = deadline_ms;
	b->posted_on = in->sha;
	*out = (struct forge_posted){.status_id = b->answers ? 5 : 0, .maybe_sent = true};
	if (b->answers)
		return ERR_OK;
	(void)err_set(err, ERR_RETRY, "the connection was closed");
	return ERR_RETRY;
}

/* Change 1 with head 'a' arrived at 100 s and was approved by u5 at 200 s; the commit waits for its judgement. */
static void bench_open(struct bench *b)
{
	struct told_forge *t = &b->t;
	struct worker worker;

	*b = (struct bench){.answers = true};
	told_forge_open_approved(t);
	worker = (struct worker){
		.store = &t->store, .clock = t->ports.clock, .wake = {.signal = signal_nobody}, .owner = "w"};
	b->judge = (struct judge){
		.worker = worker, .config = t->config, .forge = &t->forge, .mirror = &t->mirror, .attempts_max = 6};
	b->poster = (struct poster){.worker = worker, .forge = &t->forge, .post_deadline_ms = 10000};
	t->forge.post = post;
}

static void get(struct bench *b, const struct table *table, void *row)
{
	struct err err = ERR_NONE;

	ck_assert(b->t.rows.ops->begin(b->t.rows.self, false, &err));
	ck_assert_msg(b->t.rows.ops->get(b->t.rows.self, table, row, &b->t.arena, &err), "%s", err.text);
	b->t.rows.ops->rollback(b->t.rows.self);
}

/* Judges 'a' once more; the state that its slot has then. */
static enum status_state judged(struct bench *b)
{
	struct row_slot slot = {.repo = TOLD_REPO, .sha = told_oid('a'), .context = b->t.store.context};
	struct err err = ERR_NONE;
	int64_t at;

	ck_assert(store_want(&b->t.store, TOLD_REPO, &slot.sha, true, &err));
	ck_assert(judge_step(&b->judge, &at));
	get(b, &table_slot, &slot);
	return (enum status_state)slot.state;
}

START_TEST(a_judgement_that_failed_stays_owed)
{
	struct row_subject subject = {.repo = TOLD_REPO, .sha = told_oid('a')};
	struct bench b;
	int64_t at;

	bench_open(&b);
	b.t.fails = TOLD_CHANGE;
	b.t.fails_as = ERR_RETRY;
	ck_assert(judge_step(&b.judge, &at));
	get(&b, &table_subject, &subject);
	ck_assert_int_eq(subject.due, 1);
	ck_assert_int_lt(subject.judged, subject.wanted);
	told_forge_close(&b.t);
}
END_TEST

START_TEST(a_commit_that_was_allowed_is_judged_by_what_is_read_now)
{
	struct bench b;

	bench_open(&b);
	ck_assert_int_eq(judged(&b), STATUS_SUCCESS);
	b.t.reviews[0].state = REVIEW_STATE_DISMISSED;
	ck_assert_int_ne(judged(&b), STATUS_SUCCESS);
	told_forge_close(&b.t);
}
END_TEST

START_TEST(a_permission_that_was_taken_away_counts_no_more)
{
	struct bench b;

	bench_open(&b);
	ck_assert_int_eq(judged(&b), STATUS_SUCCESS);
	b.t.permission = PERMISSION_READ;
	ck_assert_int_ne(judged(&b), STATUS_SUCCESS);
	told_forge_close(&b.t);
}
END_TEST

START_TEST(every_open_change_with_the_head_must_be_allowed)
{
	struct bench b;

	bench_open(&b);
	told_forge_add(&b.t, 2, 'a')->draft = true;
	ck_assert_int_ne(judged(&b), STATUS_SUCCESS);
	told_forge_close(&b.t);
}
END_TEST

START_TEST(a_change_that_the_index_believes_closed_is_judged_if_the_forge_lists_it)
{
	struct row_change closed = {.repo = TOLD_REPO, .number = 2, .head = told_oid('a'), .open = TRI_NO};
	struct bench b;

	bench_open(&b);
	told_forge_keep(&b.t, &table_change, &closed);
	told_forge_add(&b.t, 2, 'a')->draft = true;
	ck_assert_int_ne(judged(&b), STATUS_SUCCESS);
	told_forge_close(&b.t);
}
END_TEST

START_TEST(the_policy_is_read_at_the_tip_of_the_base_and_not_where_the_change_began)
{
	struct bench b;

	bench_open(&b);
	b.t.changes[0].base_sha = told_oid('e'); /* told_forge asserts which commit the file is read at */
	ck_assert_int_eq(judged(&b), STATUS_SUCCESS);
	told_forge_close(&b.t);
}
END_TEST

START_TEST(a_post_without_an_answer_is_in_doubt)
{
	struct row_ledger ledger = {.repo = TOLD_REPO, .sha = told_oid('a')};
	struct bench b;
	int64_t at;

	bench_open(&b);
	ledger.context = b.t.store.context;
	b.answers = false;
	ck_assert_int_eq(judged(&b), STATUS_SUCCESS);
	ck_assert(poster_step(&b.poster, &at));
	get(&b, &table_ledger, &ledger);
	ck_assert_int_eq(ledger.state, STATUS_UNKNOWN);
	ck_assert_int_eq(ledger.in_doubt, 1);
	ck_assert_int_gt(ledger.doubt_until, b.t.now);
	told_forge_close(&b.t);
}
END_TEST

START_TEST(a_status_goes_to_the_commit_that_was_judged)
{
	struct row_change index = {.repo = TOLD_REPO, .number = 1, .head = told_oid('a'), .open = TRI_YES};
	struct bench b;
	int64_t at;

	bench_open(&b);
	told_forge_keep(&b.t, &table_change, &index);
	ck_assert_int_eq(judged(&b), STATUS_SUCCESS);
	b.t.changes[0].head = told_oid('b'); /* pushed, and no event has told of it */
	ck_assert(poster_step(&b.poster, &at));
	ck_assert_str_eq(b.posted_on.hex, told_oid('a').hex);
	told_forge_close(&b.t);
}
END_TEST

static bool slow_write(void *self, store_job *job, void *arg, struct err *err)
{
	struct bench *b = self;
	bool ok = b->plain.write(b->plain.self, job, arg, err);

	b->t.now += b->slow_ms;
	return ok;
}

/* The disk is slow, or the process was stopped, between the ledger and the send. */
START_TEST(a_post_that_is_late_to_leave_lives_no_longer_than_its_ledger_says)
{
	struct bench b;
	int64_t at, taken;

	bench_open(&b);
	ck_assert_int_eq(judged(&b), STATUS_SUCCESS);
	taken = b.t.now;
	b.slow_ms = 4000;
	b.plain = b.t.store.exec;
	b.t.store.exec.self = &b;
	b.t.store.exec.write = slow_write;
	ck_assert(poster_step(&b.poster, &at));
	ck_assert_int_le(b.deadline_ms, taken + b.poster.post_deadline_ms);
	told_forge_close(&b.t);
}
END_TEST

/* ---- receive ---- */

static bool disk_full(void *self, store_job *job, void *arg, struct err *err)
{
	(void)self, (void)job, (void)arg;
	return err_set(err, ERR_LIMIT, "disk full");
}

static int64_t noon(void *self)
{
	(void)self;
	return 43200000;
}

START_TEST(a_delivery_that_is_not_durable_is_not_accepted)
{
	struct store store = {.exec = {.write = disk_full}};
	struct receive receive = {.store = &store, .clock = {NULL, noon, noon}, .wake = {.signal = signal_nobody}};
	struct delivery delivery = {
		.guid = TEXT_LIT("g"), .name = TEXT_LIT("x"), .body = TEXT_LIT("{}"), .fate = DELIVERY_QUARANTINED};
	struct err err = ERR_NONE;
	bool duplicate;

	ck_assert(!receive_now(&receive, &delivery, &duplicate, &err));
	ck_assert_int_eq(err.code, ERR_LIMIT);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_claim_leaves_an_unsent_revocation_alone, backends),
	SUITE_ROWS(the_same_verdict_at_another_time_is_not_posted_again, backends),
	SUITE_ROWS(a_closed_change_spares_no_head_that_was_replaced, backends),
	SUITE_ROWS(a_doubt_lasts_as_long_as_a_request_can_live, backends),
	SUITE_TEST(a_judgement_that_failed_stays_owed),
	SUITE_TEST(a_commit_that_was_allowed_is_judged_by_what_is_read_now),
	SUITE_TEST(a_permission_that_was_taken_away_counts_no_more),
	SUITE_TEST(every_open_change_with_the_head_must_be_allowed),
	SUITE_TEST(a_change_that_the_index_believes_closed_is_judged_if_the_forge_lists_it),
	SUITE_TEST(the_policy_is_read_at_the_tip_of_the_base_and_not_where_the_change_began),
	SUITE_TEST(a_post_without_an_answer_is_in_doubt),
	SUITE_TEST(a_status_goes_to_the_commit_that_was_judged),
	SUITE_TEST(a_post_that_is_late_to_leave_lives_no_longer_than_its_ledger_says),
	SUITE_TEST(a_delivery_that_is_not_durable_is_not_accepted),
	SUITE_END,
};
SUITE_MAIN(tests)
