/* Which approvals of earlier commits a rule may keep: those of the same files on the same merge base. */
#include "agent/work/gather.h"
#include "tests/support/suite.h"
#include "tests/support/told_forge.h"

static const char policy[] = "policy: {approval: [r]}\napproval_rules:\n"
			     "- {name: r, carry: [same-tree], requires: {count: 1, permissions: [write]}}\n";
static const char plain_policy[] = "policy: {approval: [r]}\napproval_rules:\n"
				   "- {name: r, requires: {count: 1, permissions: [write]}}\n";

static void approve(struct told_forge *t, char of, bool signed_event)
{
	int64_t id = (int64_t)++t->n_reviews;
	struct row_binding row = {id, TOLD_REPO, 1, told_oid(of), 5, REVIEW_APPROVED, 0, TEXT_LIT("g"), TEXT_EMPTY};

	t->reviews[id - 1] = (struct forge_review){.id = id,
						   .user = {5, TEXT_LIT("u5"), PERSON_USER},
						   .state = REVIEW_APPROVED,
						   .commit_id = told_oid(of),
						   .submitted_at = 50000};
	if (signed_event)
		told_forge_keep(t, &table_binding, &row);
}

static void root(struct told_forge *t, char sha, char tree, char merge_base)
{
	t->roots[t->n_roots++] = (struct told_root){.sha = told_oid(sha),
						    .tree = tree ? told_oid(tree) : OID_NONE,
						    .merge_base = merge_base ? told_oid(merge_base) : OID_NONE};
}

static struct gathered must_collect(struct told_forge *t)
{
	struct gathered got;
	struct err err = ERR_NONE;

	ck_assert_msg(gather_collect(&t->gather, &t->arena, &got, &err) && err.code == ERR_OK, "%s", err.text);
	return got;
}

static const struct {
	const char *what;
	char of, tree, merge_base; /* of the reviewed commit; the head is a, of tree 1 on 9 */
	bool signed_event;
	enum err_code fails;
	bool carried;
} rows[] = {
	{"same files, same place", 'b', '1', '9', true, ERR_OK, true},
	{"other files", 'b', '2', '9', true, ERR_OK, false},
	{"the same files on a newer base", 'b', '1', '8', true, ERR_OK, false},
	{"no event named the commit", 'b', '1', '9', false, ERR_OK, false},
	{"a tree that is not known", 'b', 0, '9', true, ERR_OK, false},
	{"unrelated histories", 'b', '1', 0, true, ERR_OK, false},
	{"the commit is gone", 'b', '1', '9', true, ERR_GONE, false},
	{"the commit is too much", 'b', '1', '9', true, ERR_LIMIT, false},
	{"the commit is broken", 'b', '1', '9', true, ERR_INVALID, false},
	{"the head itself, come back", 'a', '1', '9', true, ERR_OK, true},
};

START_TEST(an_approval_of_the_same_files_in_the_same_place_is_carried)
{
	struct told_forge t;
	const struct change *change;

	told_forge_open(&t);
	t.file = policy;
	root(&t, 'a', '1', '9');
	if (rows[_i].of != 'a')
		root(&t, rows[_i].of, rows[_i].tree, rows[_i].merge_base);
	t.roots[t.n_roots - 1].fails = rows[_i].fails;
	approve(&t, rows[_i].of, rows[_i].signed_event);
	change = &must_collect(&t).facts.changes[0];
	ck_assert_msg(change->n_carried == (rows[_i].carried ? 1 : 0), "%s", rows[_i].what);
	if (rows[_i].carried) {
		struct oid of = told_oid(rows[_i].of);

		ck_assert_int_eq(change->carried[0].review, 1);
		ck_assert_int_eq(change->carried[0].how, CARRY_SAME_TREE);
		ck_assert(oid_eq(&change->carried[0].from, &of));
	}
	told_forge_close(&t);
}
END_TEST

START_TEST(where_a_change_leaves_its_base_branch_is_a_fact)
{
	struct told_forge t;
	struct oid there = told_oid('9');

	told_forge_open(&t);
	root(&t, 'a', '1', '9');
	ck_assert(oid_eq(&must_collect(&t).facts.changes[0].merge_base, &there));
	told_forge_close(&t);
}
END_TEST

START_TEST(a_reviewed_commit_that_cannot_be_read_now_is_an_error)
{
	struct told_forge t;
	struct gathered got;
	struct err err = ERR_NONE;

	told_forge_open(&t);
	t.file = policy;
	root(&t, 'a', '1', '9');
	root(&t, 'b', '1', '9');
	t.roots[1].fails = ERR_RETRY;
	approve(&t, 'b', true);
	ck_assert(!gather_collect(&t.gather, &t.arena, &got, &err) && err.code == ERR_RETRY);
	told_forge_close(&t);
}
END_TEST

START_TEST(nothing_is_compared_where_no_rule_carries)
{
	struct told_forge t;
	unsigned before;

	told_forge_open(&t);
	t.file = plain_policy;
	root(&t, 'a', '1', '9');
	approve(&t, 'a', true);
	ck_assert_uint_eq(must_collect(&t).facts.changes[0].n_carried, 0);
	before = t.ranges;
	t.file = policy;
	ck_assert_uint_eq(must_collect(&t).facts.changes[0].n_carried, 1);
	ck_assert_uint_gt(t.ranges, before + 1);
	told_forge_close(&t);
}
END_TEST

START_TEST(a_commit_that_several_reviewed_is_read_once)
{
	struct told_forge t;
	unsigned one;

	told_forge_open(&t);
	t.file = policy;
	root(&t, 'a', '1', '9');
	root(&t, 'b', '1', '9');
	approve(&t, 'b', true);
	(void)must_collect(&t);
	one = t.ranges;
	for (int i = 0; i < 3; i++)
		approve(&t, 'b', true);
	t.ranges = 0;
	ck_assert_uint_eq(must_collect(&t).facts.changes[0].n_carried, 4);
	ck_assert_uint_eq(t.ranges, one);
	told_forge_close(&t);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(an_approval_of_the_same_files_in_the_same_place_is_carried, rows),
	SUITE_TEST(where_a_change_leaves_its_base_branch_is_a_fact),
	SUITE_TEST(a_reviewed_commit_that_cannot_be_read_now_is_an_error),
	SUITE_TEST(nothing_is_compared_where_no_rule_carries),
	SUITE_TEST(a_commit_that_several_reviewed_is_read_once),
	SUITE_END,
};
SUITE_MAIN(tests)
