/* Whether the merge queue's branch for a group's commit is still there, and what is made of it where it is not. */
#include "tests/support/suite.h"
#include "tests/support/told_group.h"

#define QUEUE TEXT_LIT("refs/heads/gh-readonly-queue/main/pr-2-f")

static struct row_merge_group group_row(struct told_group *b)
{
	struct row_merge_group row = {.repo = TOLD_REPO, .sha = told_oid('e'), .ref = QUEUE};
	struct err err = ERR_NONE;

	ck_assert(b->t.rows.ops->begin(b->t.rows.self, false, &err));
	ck_assert(b->t.rows.ops->get(b->t.rows.self, &table_merge_group, &row, &b->t.arena, &err));
	b->t.rows.ops->rollback(b->t.rows.self);
	return row;
}

/* As open_group, with the branch that named the commit; `since`: it was seen to be gone. */
static void open_queued(struct told_group *b, struct queue_branch *branch, int64_t since)
{
	struct row_merge_group row = {.repo = TOLD_REPO, .sha = told_oid('e'), .ref = QUEUE, .gone_since = since};

	told_group_open(b);
	row.base_ref = b->base;
	*branch = (struct queue_branch){QUEUE, b->base, since};
	told_forge_keep(&b->t, &table_merge_group, &row);
	b->t.claim.branches = branch;
	b->t.claim.n_branches = 1;
}

START_TEST(a_branch_of_the_queue_that_is_gone_is_noted_and_looked_at_again)
{
	struct queue_branch branch;
	struct gathered got;
	struct told_group b;
	struct err err;

	open_queued(&b, &branch, 0);
	b.t.queue_gone = true;
	ck_assert(told_group_collect(&b, &got, &err) && got.facts.n_groups == 1 && got.n_over == 0);
	ck_assert_int_eq(got.look_again_at, b.t.now + FLOOR_LAG_MS + 1);
	ck_assert_int_eq(group_row(&b).gone_since, b.t.now);
	b.t.queue_gone = false; /* that copy had not had it yet */
	branch.gone_since = b.t.now;
	ck_assert(told_group_collect(&b, &got, &err) && got.facts.n_groups == 1 && got.look_again_at == 0);
	ck_assert_int_eq(group_row(&b).gone_since, 0);
	told_forge_close(&b.t);
}
END_TEST

START_TEST(a_group_whose_branch_is_gone_for_long_has_ended)
{
	struct queue_branch branch;
	struct gathered got;
	struct told_group b;
	struct err err;

	open_queued(&b, &branch, 1000000);
	b.t.queue_gone = true;
	b.t.now = 1000000 + FLOOR_LAG_MS;
	ck_assert(told_group_collect(&b, &got, &err) && !got.silent && got.look_again_at == b.t.now + 1);
	b.t.now++;
	ck_assert(told_group_collect(&b, &got, &err) && got.silent && !got.landed && got.n_over == 1);
	ck_assert(text_eq(got.over[0], branch.ref));
	b.t.landed = true;
	ck_assert(told_group_collect(&b, &got, &err) && got.landed);
	b.t.base_gone = true;
	ck_assert(told_group_collect(&b, &got, &err) && got.silent && !got.landed);
	b.t.queue_gone = false;
	ck_assert(!told_group_collect(&b, &got, &err) && err.code == ERR_RETRY);
	told_forge_close(&b.t);
}
END_TEST

START_TEST(a_branch_of_the_queue_with_another_commit_is_as_good_as_gone)
{
	struct queue_branch branch;
	struct gathered got;
	struct told_group b;
	struct err err;

	open_queued(&b, &branch, 0);
	b.t.merged = told_oid('9');
	b.t.landed = true;
	b.t.fails = TOLD_RANGE; /* the range is not what is asked for here */
	b.t.fails_as = ERR_RETRY;
	ck_assert(!told_group_collect(&b, &got, &err));
	ck_assert_int_eq(group_row(&b).gone_since, b.t.now);
	told_forge_close(&b.t);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(a_branch_of_the_queue_that_is_gone_is_noted_and_looked_at_again),
	SUITE_TEST(a_group_whose_branch_is_gone_for_long_has_ended),
	SUITE_TEST(a_branch_of_the_queue_with_another_commit_is_as_good_as_gone),
	SUITE_END,
};
SUITE_MAIN(tests)
