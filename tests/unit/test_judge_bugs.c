/*
 * A judge's steps where the policy asks about bugs: what is looked up when, what counts, and when a success is given.
 * The forge and the tracker answer what they were told; the store is the real one, in memory.
 */
#include "tests/support/judging.h"
#include "tests/support/suite.h"

START_TEST(nothing_is_looked_up_while_what_the_public_sees_is_not_met)
{
	struct judging b;

	judging_open(&b, 0);
	told_tracker_bug(&b.tracker, 12, "sec-high");
	b.t.permission = PERMISSION_READ;
	judging_step(&b);
	judging_says(&b, STATUS_PENDING, NULL);
	ck_assert(!text_is(judging_slot(&b).text, CLEARANCE));
	ck_assert_uint_eq(b.tracker.reads, 0);
	ck_assert(!judging_linked(&b, 12));
	judging_close(&b);
}
END_TEST

static const struct {
	const char *keyword;
	char approval;
	bool obsolete;
	enum bug_state state;
	bool allowed;
} states[] = {
	{NULL, 0, false, BUG_READ, true},          {"sec-high", 0, false, BUG_READ, false},
	{"sec-high", '?', false, BUG_READ, false}, {"sec-high", '-', false, BUG_READ, false},
	{"sec-high", '+', true, BUG_READ, false},  {"sec-high", '+', false, BUG_READ, true},
	{NULL, 0, false, BUG_HIDDEN, false},       {NULL, 0, false, BUG_MISSING, false},
	{NULL, 0, false, BUG_UNREAD, false},
};

START_TEST(a_bug_decides_by_what_the_tracker_says)
{
	struct judging b;
	struct tracker_bug *bug;

	judging_open(&b, 0);
	bug = told_tracker_bug(&b.tracker, 12, states[_i].keyword);
	bug->is.state = states[_i].state;
	if (states[_i].approval)
		told_tracker_approval(bug, states[_i].approval, states[_i].obsolete);
	judging_step(&b);
	if (states[_i].allowed)
		judging_says(&b, STATUS_SUCCESS, NULL);
	else
		judging_says(&b, STATUS_PENDING, CLEARANCE);
	ck_assert_uint_eq(b.tracker.reads, states[_i].allowed ? 2 : 1);
	ck_assert(judging_linked(&b, 12));
	judging_close(&b);
}
END_TEST

/* Bugzilla 5 lists no duplicates: whether a secure bug is one with this, nobody knows. A rule may say that it does not
 * ask. */
START_TEST(where_a_tracker_lists_no_duplicates_a_rule_that_asks_for_them_waits)
{
	static const char *const files[] = {POLICY, POLICY_ALONE};

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		struct judging b;

		judging_open(&b, 0);
		b.t.file = files[i];
		told_tracker_bug(&b.tracker, 12, NULL)->duplicates_told = false;
		judging_step(&b);
		judging_says(&b, i == 0 ? STATUS_PENDING : STATUS_SUCCESS, i == 0 ? CLEARANCE : NULL);
		judging_close(&b);
	}
}
END_TEST

static const enum err_code failures[] = {ERR_RETRY, ERR_DENIED, ERR_GONE, ERR_LIMIT, ERR_INVALID};

START_TEST(a_tracker_that_does_not_answer_gives_no_success_and_says_no_more_than_a_secure_bug)
{
	struct judging b;

	judging_open(&b, 0);
	told_tracker_bug(&b.tracker, 12, NULL);
	b.tracker.fails = failures[_i];
	b.tracker.retry_at = b.t.now + 5000;
	judging_step(&b);
	judging_says(&b, STATUS_PENDING, CLEARANCE);
	ck_assert(judging_linked(&b, 12));
	ck_assert_int_eq(judging_subject(&b).not_before, b.t.now + 5000);
	b.t.now += 5000;
	b.tracker.fails = ERR_OK;
	judging_step(&b);
	judging_says(&b, STATUS_SUCCESS, NULL);
	judging_close(&b);
}
END_TEST

START_TEST(without_a_tracker_what_asks_about_bugs_waits)
{
	struct judging b;

	judging_open(&b, 0);
	b.judge.bugs = NULL;
	judging_step(&b);
	judging_says(&b, STATUS_PENDING, CLEARANCE);
	judging_close(&b);
}
END_TEST

/* ---- read twice ---- */

static void becomes_secure(void *context, unsigned read)
{
	struct told_tracker *tracker = context;

	if (read == 2) {
		tracker->n = 0;
		told_tracker_bug(tracker, 12, "sec-high");
	}
}
static void fails_then(void *context, unsigned read)
{
	struct told_tracker *tracker = context;

	if (read >= 2)
		tracker->fails = ERR_RETRY;
}
static void (*const between[])(void *context, unsigned read) = {becomes_secure, fails_then};

START_TEST(a_bug_that_moves_between_the_two_readings_gives_no_success)
{
	struct judging b;
	int64_t at;

	judging_open(&b, 0);
	told_tracker_bug(&b.tracker, 12, NULL);
	b.tracker.on_read = between[_i];
	b.tracker.context = &b.tracker;
	judging_step(&b);
	(void)judge_step(&b.judge, &at); /* the judge itself may have told of the change: then it is owed again */
	judging_says(&b, STATUS_PENDING, CLEARANCE);
	judging_close(&b);
}
END_TEST

static void told_between(void *context, unsigned read)
{
	if (read == 2)
		judging_tell(context, 12);
}

START_TEST(what_is_told_of_a_bug_while_it_is_judged_drops_the_success)
{
	struct judging b;

	judging_open(&b, 0);
	told_tracker_bug(&b.tracker, 12, NULL);
	b.tracker.on_read = told_between;
	b.tracker.context = &b;
	judging_step(&b);
	ck_assert_int_ne(judging_slot(&b).state, STATUS_SUCCESS);
	ck_assert(judging_subject(&b).due);
	judging_close(&b);
}
END_TEST

static void told_after_first(void *context, unsigned read)
{
	struct judging *b = context;

	if (read != 1)
		return;
	b->t.now += 1000;
	judging_tell(b, 12);
	b->t.now += 1000;
}

/* A denial, too, may stand on what was read just before it was cured. */
START_TEST(what_is_told_of_a_bug_after_its_only_reading_is_judged_again)
{
	struct judging b;

	judging_open(&b, 0);
	told_tracker_bug(&b.tracker, 12, "sec-high");
	b.tracker.on_read = told_after_first;
	b.tracker.context = &b;
	judging_step(&b);
	judging_says(&b, STATUS_PENDING, CLEARANCE);
	ck_assert(judging_subject(&b).due);
	judging_close(&b);
}
END_TEST

START_TEST(a_bug_that_changes_takes_the_success_back_at_once)
{
	struct judging b;

	judging_open(&b, 0);
	told_tracker_approval(told_tracker_bug(&b.tracker, 12, "sec-high"), '+', false);
	judging_step(&b);
	judging_says(&b, STATUS_SUCCESS, NULL);
	b.t.now += 1000;
	judging_tell(&b, 12);
	judging_says(&b, STATUS_FAILURE, "Revoked: maintainer clearance is looked at again");
	told_tracker_approval(&b.tracker.bugs[0], 0, false);
	judging_step(&b);
	judging_says(&b, STATUS_FAILURE, NULL);
	judging_close(&b);
}
END_TEST

START_TEST(where_only_a_rule_that_warns_asks_the_success_neither_waits_nor_falls)
{
	struct judging b;

	judging_open(&b, 0);
	b.t.file = POLICY_WARNS;
	b.judge.tick_ms = TICK;
	told_tracker_bug(&b.tracker, 12, "sec-high");
	judging_step(&b);
	judging_says(&b, STATUS_SUCCESS, NULL);
	judging_step(&b); /* now the bug is read */
	ck_assert(judging_linked(&b, 12) && !judging_subject(&b).due);
	b.t.now += 1000;
	judging_tell(&b, 12);
	judging_says(&b, STATUS_SUCCESS, NULL);
	ck_assert(judging_subject(&b).due);
	judging_close(&b);
}
END_TEST

START_TEST(a_bug_that_was_secure_and_is_missing_now_is_secure)
{
	struct judging b;

	judging_open(&b, 0);
	b.t.file =
		"policy: {approval: [r, c]}\napproval_rules:\n" REVIEWED
		"  - {name: c, visibility: restricted, requires: {conditions: {bugs: {every: {bug_exists: false}}}}}\n";
	ck_assert_int_eq(bug_table_tell(b.tracker.table, 12, TABLE_SECURE, b.t.now - 5), TABLE_TOLD_CHANGED);
	judging_step(&b);
	judging_says(&b, STATUS_PENDING, CLEARANCE);
	judging_close(&b);
}
END_TEST

START_TEST(duplicates_are_read_until_nothing_is_new)
{
	struct judging b;

	judging_open(&b, 0);
	told_tracker_bug(&b.tracker, 12, NULL)->is.dupe_of = 13;
	told_tracker_bug(&b.tracker, 13, NULL)->is.dupe_of = 14;
	told_tracker_bug(&b.tracker, 14, "sec-high");
	judging_step(&b);
	judging_says(&b, STATUS_PENDING, CLEARANCE);
	ck_assert_uint_eq(b.tracker.reads, 3);
	ck_assert(judging_linked(&b, 14));
	judging_close(&b);
}
END_TEST

/* ---- the tick ---- */

START_TEST(a_success_that_hangs_on_bugs_waits_for_the_tick_and_shows_nothing_before)
{
	struct judging b;
	int64_t at, tick;

	judging_open(&b, 0);
	b.judge.tick_ms = TICK;
	told_tracker_bug(&b.tracker, 12, NULL);
	tick = (b.t.now / TICK + 1) * TICK;
	judging_step(&b);
	judging_says(&b, STATUS_PENDING, CLEARANCE);
	judging_step(&b);
	judging_says(&b, STATUS_PENDING, CLEARANCE);
	ck_assert_int_eq(judging_subject(&b).not_before, tick);
	ck_assert(judging_linked(&b, 12));
	b.t.now = tick - 1;
	ck_assert(!judge_step(&b.judge, &at));
	b.t.now = tick + 7000; /* however late */
	judging_step(&b);
	judging_says(&b, STATUS_SUCCESS, NULL);
	judging_close(&b);
}
END_TEST

START_TEST(what_is_told_before_the_tick_is_judged_at_once_and_waits_for_it_all_the_same)
{
	struct judging b;

	judging_open(&b, 0);
	b.judge.tick_ms = TICK;
	told_tracker_bug(&b.tracker, 12, NULL);
	judging_step(&b);
	judging_step(&b);
	b.t.now += 1000;
	judging_tell(&b, 12);
	judging_step(&b);
	judging_says(&b, STATUS_PENDING, CLEARANCE);
	ck_assert_int_eq(judging_subject(&b).not_before % TICK, 0);
	judging_close(&b);
}
END_TEST

static void takes_time(void *context, unsigned read)
{
	(void)read;
	((struct judging *)context)->t.now += 150;
}

static void judge_all(struct judging *b)
{
	int64_t at;

	while (judge_step(&b->judge, &at) || judge_later_at(&b->judge) != WHEN_UNKNOWN)
		b->t.now = judge_later_at(&b->judge) > b->t.now ? judge_later_at(&b->judge) : b->t.now;
}

/* Its judgement begins before the tick and ends after it. */
START_TEST(a_sweep_just_before_each_tick_puts_no_success_off_for_ever)
{
	static struct judging b;

	judging_open(&b, 0);
	b.judge.tick_ms = TICK;
	told_tracker_bug(&b.tracker, 12, NULL);
	b.tracker.on_read = takes_time;
	b.tracker.context = &b;
	judging_sweep(&b);
	judge_all(&b);
	judging_says(&b, STATUS_PENDING, CLEARANCE);
	for (int i = 0; i < 3; i++) {
		b.t.now = (b.t.now / TICK + 1) * TICK - 100;
		judging_sweep(&b);
		judge_all(&b);
	}
	judging_says(&b, STATUS_SUCCESS, NULL);
	judging_close(&b);
}
END_TEST

/* The sweep comes before the tick, and a judge with it: a sweep is no news. */
START_TEST(what_a_sweep_asked_for_before_the_tick_is_on_it)
{
	static struct judging b;

	judging_open(&b, 0);
	b.judge.tick_ms = TICK;
	told_tracker_bug(&b.tracker, 12, NULL);
	judging_sweep(&b);
	judge_all(&b);
	judging_says(&b, STATUS_PENDING, CLEARANCE);
	b.t.now = (b.t.now / TICK + 1) * TICK - 2000;
	judging_sweep(&b);
	b.t.now += 2000;
	judge_all(&b);
	judging_says(&b, STATUS_SUCCESS, NULL);
	judging_close(&b);
}
END_TEST

/* However long its reading takes, which nobody is to see. */
START_TEST(what_is_judged_just_before_a_tick_by_news_is_said_with_that_tick)
{
	static struct judging b;
	int64_t tick;

	judging_open(&b, 0);
	b.judge.tick_ms = TICK;
	told_tracker_bug(&b.tracker, 12, NULL);
	b.tracker.on_read = takes_time;
	b.tracker.context = &b;
	judging_sweep(&b);
	judge_all(&b);
	tick = (b.t.now / TICK + 1) * TICK;
	b.t.now = tick - 100;
	judging_tell(&b, 12);
	b.t.now++;
	judge_all(&b);
	judging_says(&b, STATUS_SUCCESS, NULL);
	ck_assert_int_eq(b.t.now, tick + 5000);
	judging_close(&b);
}
END_TEST

START_TEST(what_is_known_without_bugs_is_said_before_one_is_read_and_once)
{
	struct judging b;

	judging_open(&b, 0);
	b.judge.tick_ms = TICK;
	told_tracker_bug(&b.tracker, 12, "sec-high");
	judging_step(&b);
	judging_says(&b, STATUS_PENDING, CLEARANCE);
	ck_assert_uint_eq(b.tracker.reads, 0);
	judging_step(&b);
	judging_says(&b, STATUS_PENDING, CLEARANCE);
	ck_assert_uint_eq(b.tracker.reads, 1);
	ck_assert(!judging_subject(&b).due);
	b.t.now += 1000;
	judging_tell(&b, 12);
	b.t.now++;
	judging_step(&b); /* said already: it is read at once */
	ck_assert_uint_eq(b.tracker.reads, 2);
	ck_assert(!judging_subject(&b).due);
	judging_close(&b);
}
END_TEST

/* What stands at the forge can only fall by a reading. */
START_TEST(what_is_granted_is_read_at_once_and_falls_at_once)
{
	struct row_ledger ledger = {.repo = TOLD_REPO,
				    .sha = told_oid('a'),
				    .context = TEXT_LIT("policy/merge-allowed"),
				    .state = STATUS_SUCCESS};
	struct oid head = told_oid('a');
	struct err err = ERR_NONE;
	struct judging b;
	int64_t now;

	judging_open(&b, 0);
	told_tracker_bug(&b.tracker, 12, NULL);
	judging_step(&b);
	judging_says(&b, STATUS_SUCCESS, NULL);
	told_forge_keep(&b.t, &table_ledger, &ledger);
	b.judge.tick_ms = TICK;
	ck_assert(store_want(&b.t.store, TOLD_REPO, &head, false, &err));
	judging_step(&b);
	judging_says(&b, STATUS_SUCCESS, NULL);
	b.tracker.n = 0;
	told_tracker_bug(&b.tracker, 12, "sec-high");
	ck_assert(store_want(&b.t.store, TOLD_REPO, &head, false, &err));
	now = b.t.now;
	judging_step(&b);
	judging_says(&b, STATUS_FAILURE, NULL);
	ck_assert_int_eq(b.t.now, now); /* nobody waited */
	judging_close(&b);
}
END_TEST

/* A slot that takes nothing but failures any more says what it says. */
START_TEST(what_the_slot_does_not_take_is_not_said_again_and_again)
{
	struct row_ledger ledger = {.repo = TOLD_REPO,
				    .sha = told_oid('a'),
				    .context = TEXT_LIT("policy/merge-allowed"),
				    .state = STATUS_PENDING,
				    .count = 950};
	struct judging b;

	judging_open(&b, 0);
	b.judge.tick_ms = TICK;
	told_tracker_bug(&b.tracker, 12, "sec-high");
	told_forge_keep(&b.t, &table_ledger, &ledger);
	judging_step(&b);
	judging_says(&b, STATUS_FAILURE, NULL);
	judging_step(&b);
	ck_assert_uint_eq(b.tracker.reads, 1);
	ck_assert(!judging_subject(&b).due);
	judging_close(&b);
}
END_TEST

START_TEST(a_change_that_names_no_bug_waits_for_no_tick)
{
	struct judging b;

	judging_open(&b, 0);
	b.judge.tick_ms = TICK;
	judging_names(&b, "No bug - words");
	judging_step(&b);
	judging_says(&b, STATUS_SUCCESS, NULL);
	ck_assert_uint_eq(b.tracker.reads, 0);
	judging_close(&b);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(nothing_is_looked_up_while_what_the_public_sees_is_not_met),
	SUITE_ROWS(a_bug_decides_by_what_the_tracker_says, states),
	SUITE_TEST(where_a_tracker_lists_no_duplicates_a_rule_that_asks_for_them_waits),
	SUITE_ROWS(a_tracker_that_does_not_answer_gives_no_success_and_says_no_more_than_a_secure_bug, failures),
	SUITE_TEST(without_a_tracker_what_asks_about_bugs_waits),
	SUITE_ROWS(a_bug_that_moves_between_the_two_readings_gives_no_success, between),
	SUITE_TEST(what_is_told_of_a_bug_while_it_is_judged_drops_the_success),
	SUITE_TEST(what_is_told_of_a_bug_after_its_only_reading_is_judged_again),
	SUITE_TEST(a_bug_that_changes_takes_the_success_back_at_once),
	SUITE_TEST(where_only_a_rule_that_warns_asks_the_success_neither_waits_nor_falls),
	SUITE_TEST(a_bug_that_was_secure_and_is_missing_now_is_secure),
	SUITE_TEST(duplicates_are_read_until_nothing_is_new),
	SUITE_TEST(a_success_that_hangs_on_bugs_waits_for_the_tick_and_shows_nothing_before),
	SUITE_TEST(what_is_told_before_the_tick_is_judged_at_once_and_waits_for_it_all_the_same),
	SUITE_TEST(a_sweep_just_before_each_tick_puts_no_success_off_for_ever),
	SUITE_TEST(what_a_sweep_asked_for_before_the_tick_is_on_it),
	SUITE_TEST(what_is_judged_just_before_a_tick_by_news_is_said_with_that_tick),
	SUITE_TEST(what_is_known_without_bugs_is_said_before_one_is_read_and_once),
	SUITE_TEST(what_is_granted_is_read_at_once_and_falls_at_once),
	SUITE_TEST(what_the_slot_does_not_take_is_not_said_again_and_again),
	SUITE_TEST(a_change_that_names_no_bug_waits_for_no_tick),
	SUITE_END,
};
SUITE_MAIN(tests)
