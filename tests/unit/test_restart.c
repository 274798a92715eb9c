/*
 * What an earlier process left, and what a process finds that stood still for a while: no time that another clock told
 * is believed, and a doubt never ends before the request behind it can have died (_i: backend).
 */
#include "agent/store/store_bugs.h"
#include "tests/support/pipe.h"
#include "tests/support/suite.h"

#define DAY INT64_C(86400000)

static const int backends[PIPE_BACKENDS] = {0, 1};

static void restart(struct pipe_rig *rig)
{
	struct err err = ERR_NONE;

	ck_assert_msg(store_end_leases(&rig->store, rig->now, &err), "%s", err.text);
	ck_assert_msg(store_restart_posts(&rig->store, rig->now, &err), "%s", err.text);
}

static bool doubt_is_over(struct pipe_rig *rig)
{
	struct err err = ERR_NONE;
	struct taker taker = {"post-2", rig->now, &rig->arena, NULL};
	struct doubt doubt;
	int64_t next_at;

	return store_take_doubt(&rig->store, &taker, &doubt, &next_at, &err);
}

static int64_t life(const struct pipe_rig *rig)
{
	return rig->store.limits.post_deadline_ms + rig->store.limits.post_grace_ms;
}

/* A head whose first status is on its way. */
static struct post send_first(struct pipe_rig *rig)
{
	struct post post;

	tell(rig, change_event(CHANGE_OPENED, 1, 'a', 1));
	ck_assert(next_post(rig, &post));
	return post;
}

static const struct left {
	int backend;
	bool answered; /* the poster still told the ledger that no answer had come */
	int64_t jump;  /* of the clock, while no process ran */
} lefts[] = {
	{0, false, 0},   {0, false, DAY}, {0, false, -DAY}, {0, true, DAY},
	{0, true, -DAY}, {1, false, DAY}, {1, true, -DAY},
};

START_TEST(whatever_the_clock_says_a_restart_waits_a_whole_life_for_what_was_out)
{
	const struct left *left = &lefts[_i];
	struct pipe_rig rig;
	struct post post;

	pipe_open(&rig, left->backend);
	post = send_first(&rig);
	if (left->answered)
		answer(&rig, &post, POST_UNANSWERED);
	rig.now += left->jump;
	restart(&rig);
	rig.now += life(&rig) - 1;
	ck_assert(!doubt_is_over(&rig));
	rig.now += 1;
	ck_assert(doubt_is_over(&rig));
	pipe_close(&rig);
}
END_TEST

START_TEST(a_restart_sends_a_revocation_at_once_behind_what_was_out)
{
	struct pipe_rig rig;
	struct post post;

	pipe_open(&rig, _i);
	post = send_first(&rig);
	ck_assert(!next_post(&rig, &post)); /* one at a time */
	restart(&rig);
	ck_assert(next_post(&rig, &post));
	ck_assert_int_ne(post.state, STATUS_SUCCESS);
	pipe_close(&rig);
}
END_TEST

START_TEST(what_an_earlier_process_allowed_and_did_not_send_is_judged_again)
{
	struct pipe_rig rig;
	struct post post;

	pipe_open_told(&rig, _i);
	drain(&rig);
	judge_as(&rig, 'a', DECISION_ALLOWED);
	ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_SUCCESS);
	restart(&rig);
	while (next_post(&rig, &post)) {
		ck_assert_int_ne(post.state, STATUS_SUCCESS);
		answer(&rig, &post, POST_ACCEPTED);
	}
	judge_as(&rig, 'a', DECISION_ALLOWED);
	ck_assert(next_post(&rig, &post));
	ck_assert_int_eq(post.state, STATUS_SUCCESS);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_post_cut_long_after_its_deadline_may_still_arrive)
{
	struct pipe_rig rig;
	struct post post;

	pipe_open(&rig, _i);
	post = send_first(&rig);
	rig.now += 10 * life(&rig); /* the process was stopped, its connection open all the while */
	answer(&rig, &post, POST_UNANSWERED);
	rig.now += rig.store.limits.post_grace_ms - 1;
	ck_assert(!doubt_is_over(&rig));
	rig.now += 1;
	ck_assert(doubt_is_over(&rig));
	pipe_close(&rig);
}
END_TEST

#define DEATHS 12

START_TEST(a_commit_with_which_process_after_process_dies_is_put_off_ever_longer)
{
	struct pipe_rig rig;
	struct claim claim;
	struct err err = ERR_NONE;
	int64_t waits[DEATHS];

	pipe_open_told(&rig, _i);
	for (int64_t i = 0; i < DEATHS; i++) {
		claim = claim_of(&rig, 'a');
		ck_assert_int_eq(claim.attempts, i);
		ck_assert_msg(store_end_leases(&rig.store, rig.now, &err), "%s", err.text);
		waits[i] = subject_of(&rig, 'a').not_before - rig.now;
		if (waits[i] <= 0)
			continue;
		ck_assert(!try_claim(&rig, &claim));
		rig.now += waits[i];
	}
	ck_assert_int_le(waits[0], 0); /* any restart may come amid a judgement */
	ck_assert_int_eq(waits[1], 1000);
	ck_assert_int_eq(waits[2], 2000);
	ck_assert_int_eq(waits[DEATHS - 1], 300000);
	claim = claim_of(&rig, 'a');
	ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_BLOCKED), CONCLUDED);
	ck_assert_int_eq(subject_of(&rig, 'a').attempts, 0);
	pipe_close(&rig);
}
END_TEST

/* A process that begins with an older table of bugs must hear of it. */
START_TEST(what_was_told_of_a_bug_is_kept_as_long_as_a_table_may_count_that_does_not_know_of_it)
{
	const struct bug_due_query due = {TEXT_LIT("bmo"), BUG_DUE, 10}, settled = {due.tracker, BUG_SETTLED, 10};
	const int64_t ids[] = {12, 13};
	struct bugs_told told = {.tracker = due.tracker, .ids = ids, .n = 1};
	struct bug_news_list list;
	struct err err = ERR_NONE;
	struct pipe_rig rig;
	bool subjects;

	pipe_open(&rig, backends[_i]);
	rig.store.limits.bug_age_ms = BUG_NEWS_KEEP_MS;
	told.now = rig.now;
	ck_assert(store_tell_bugs(&rig.store, &told, &subjects, &err));
	ck_assert(store_due_bugs(&rig.store, &due, &rig.arena, &list, &err));
	ck_assert(store_mark_bugs(&rig.store, due.tracker, BUG_SETTLED, &list, &err));
	told.ids++;
	for (size_t kept = 2; kept-- > 0;) {
		told.now += BUG_NEWS_KEEP_MS + 1000;
		ck_assert(store_tell_bugs(&rig.store, &told, &subjects, &err));
		ck_assert(store_due_bugs(&rig.store, &settled, &rig.arena, &list, &err));
		ck_assert_uint_eq(list.n, kept);
	}
	pipe_close(&rig);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(whatever_the_clock_says_a_restart_waits_a_whole_life_for_what_was_out, lefts),
	SUITE_ROWS(a_restart_sends_a_revocation_at_once_behind_what_was_out, backends),
	SUITE_ROWS(what_an_earlier_process_allowed_and_did_not_send_is_judged_again, backends),
	SUITE_ROWS(a_post_cut_long_after_its_deadline_may_still_arrive, backends),
	SUITE_ROWS(a_commit_with_which_process_after_process_dies_is_put_off_ever_longer, backends),
	SUITE_ROWS(what_was_told_of_a_bug_is_kept_as_long_as_a_table_may_count_that_does_not_know_of_it, backends),
	SUITE_END,
};
SUITE_MAIN(tests)
