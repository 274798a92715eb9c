/*
 * A success that bugs decided waits for its moment, and its judge does not wait with it.
 */
#include "tests/support/judging.h"
#include "tests/support/suite.h"

#define SLOT INT64_C(5000)

/* The tick has come, and 'a' was found to be allowed: this is not said yet. */
static void keep_one(struct judging *b)
{
	int64_t at;

	judging_open(b, 0);
	b->judge.tick_ms = TICK;
	told_tracker_bug(&b->tracker, 12, NULL);
	judging_step(b);
	judging_step(b);
	b->t.now = judging_subject(b).not_before + 700;
	ck_assert(judge_step(&b->judge, &at));
	ck_assert_int_eq(judge_later_at(&b->judge), b->t.now - 700 + SLOT);
	judging_says(b, STATUS_PENDING, "Needs maintainer clearance");
}

static struct row_subject subject_of(struct judging *b, char head)
{
	struct row_subject subject = {.repo = TOLD_REPO, .sha = told_oid(head)};

	ck_assert(told_forge_find(&b->t, &table_subject, &subject));
	return subject;
}

START_TEST(while_a_success_waits_for_its_moment_other_commits_are_judged)
{
	struct row_subject other = {.repo = TOLD_REPO, .sha = told_oid('d'), .wanted = 1, .due = 1};
	struct judging b;
	int64_t at, until;

	keep_one(&b);
	until = judge_later_at(&b.judge);
	told_forge_keep(&b.t, &table_subject, &other);
	ck_assert(judge_step(&b.judge, &at));
	ck_assert(!subject_of(&b, 'd').due && b.t.now < until);
	ck_assert(!judge_step(&b.judge, &at));
	ck_assert_int_eq(at, until);
	judging_says(&b, STATUS_PENDING, "Needs maintainer clearance");
	b.t.now = until;
	ck_assert(judge_step(&b.judge, &at));
	judging_says(&b, STATUS_SUCCESS, NULL);
	ck_assert(!judging_subject(&b).due && judge_later_at(&b.judge) == WHEN_UNKNOWN);
	judging_close(&b);
}
END_TEST

START_TEST(what_is_told_while_a_success_waits_drops_it)
{
	struct judging b;
	int64_t at;

	keep_one(&b);
	b.tracker.n = 0;
	told_tracker_bug(&b.tracker, 12, "sec-high");
	judging_tell(&b, 12);
	b.t.now = judge_later_at(&b.judge);
	ck_assert(judge_step(&b.judge, &at));
	judging_says(&b, STATUS_PENDING, "Needs maintainer clearance");
	ck_assert(judging_subject(&b).due);
	b.t.now += 10 * TICK;
	judging_step(&b);
	judging_says(&b, STATUS_PENDING, "Needs maintainer clearance");
	judging_close(&b);
}
END_TEST

/* Whoever was stopped meanwhile reads again. */
START_TEST(what_waited_too_long_is_no_success)
{
	struct judging b;
	int64_t at;

	keep_one(&b);
	b.t.now = judge_later_at(&b.judge) + b.t.store.limits.grant_age_ms;
	ck_assert(judge_step(&b.judge, &at));
	judging_says(&b, STATUS_PENDING, "Needs maintainer clearance");
	ck_assert(judging_subject(&b).due);
	judging_close(&b);
}
END_TEST

START_TEST(a_judge_that_ends_gives_back_what_it_kept)
{
	struct judging b;

	keep_one(&b);
	ck_assert_uint_gt(judging_subject(&b).owner.len, 0);
	judge_later_drop(&b.judge);
	ck_assert_uint_eq(judging_subject(&b).owner.len, 0);
	ck_assert(judging_subject(&b).due && judge_later_at(&b.judge) == WHEN_UNKNOWN);
	judging_says(&b, STATUS_PENDING, "Needs maintainer clearance");
	judging_close(&b);
}
END_TEST

/* Rather than to say it at another moment. */
START_TEST(where_there_is_no_room_the_judge_waits_itself)
{
	struct judging b;
	int64_t at, tick;

	judging_open(&b, 0);
	b.judge.tick_ms = TICK;
	told_tracker_bug(&b.tracker, 12, NULL);
	judging_step(&b);
	judging_step(&b);
	tick = judging_subject(&b).not_before;
	b.t.now = tick + 700;
	b.judge.later.bytes = SIZE_MAX / 2;
	ck_assert(judge_step(&b.judge, &at));
	judging_says(&b, STATUS_SUCCESS, NULL);
	ck_assert_int_eq(b.t.now, tick + SLOT);
	judging_close(&b);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(while_a_success_waits_for_its_moment_other_commits_are_judged),
	SUITE_TEST(what_is_told_while_a_success_waits_drops_it),
	SUITE_TEST(what_waited_too_long_is_no_success),
	SUITE_TEST(a_judge_that_ends_gives_back_what_it_kept),
	SUITE_TEST(where_there_is_no_room_the_judge_waits_itself),
	SUITE_END,
};
SUITE_MAIN(tests)
