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

#define RULE(carry)                                                                                                    \
	"policy: {approval: [r]}\napproval_rules:\n- {name: r, carry: [" carry                                         \
	"], requires: {count: 1, permissions: [write]}}\n"

static const struct {
	const char *file;
	enum carry has;
	enum err_code fails;
	unsigned asked;
	enum carry how[3]; /* what is told, in order */
	bool kept[3];
} moved[] = {
	{RULE("same-patch"), CARRY_SAME_PATCH, ERR_OK, 1, {CARRY_SAME_PATCH}, {true}},
	{RULE("same-patch"), CARRY_BASE_MERGE, ERR_OK, 1, {CARRY_SAME_PATCH}, {false}},
	{RULE("base-merge"), CARRY_BASE_MERGE, ERR_OK, 1, {CARRY_BASE_MERGE}, {true}},
	{RULE("base-merge"), CARRY_BASE_MERGE, ERR_LIMIT, 1, {CARRY_BASE_MERGE}, {false}},
	{RULE("base-merge"), CARRY_BASE_MERGE, ERR_GONE, 1, {CARRY_BASE_MERGE}, {false}},
	{RULE("base-merge"), CARRY_BASE_MERGE, ERR_INVALID, 1, {CARRY_BASE_MERGE}, {false}},
	{RULE("same-patch, base-merge"),
	 CARRY_BASE_MERGE,
	 ERR_OK,
	 2,
	 {CARRY_SAME_PATCH, CARRY_BASE_MERGE},
	 {false, true}},
	{RULE("same-tree, same-patch, base-merge"),
	 CARRY_SAME_PATCH,
	 ERR_OK,
	 2,
	 {CARRY_SAME_TREE, CARRY_SAME_PATCH, CARRY_BASE_MERGE},
	 {true, true, false}},
	{RULE("any-push"), CARRY_SAME_PATCH, ERR_OK, 0, {0}, {false}},
};

START_TEST(what_a_moved_base_branch_leaves_is_told_with_its_reason)
{
	struct told_forge t;
	const struct change *change;
	size_t n = 0;

	told_forge_open(&t);
	t.file = moved[_i].file;
	t.carries = moved[_i].has;
	t.carry_fails = moved[_i].fails;
	root(&t, 'a', '1', '9');
	root(&t, 'b', '1', '9');
	approve(&t, 'b', true);
	change = &must_collect(&t).facts.changes[0];
	ck_assert_uint_eq(t.carried, moved[_i].asked);
	for (; n < 3 && moved[_i].how[n]; n++) {
		ck_assert_uint_gt(change->n_carried, n);
		ck_assert_int_eq(change->carried[n].how, moved[_i].how[n]);
		ck_assert_int_eq(change->carried[n].why.len == 0, moved[_i].kept[n]);
	}
	ck_assert_uint_eq(change->n_carried, n);
	told_forge_close(&t);
}
END_TEST

START_TEST(a_comparison_that_fails_now_is_an_error_and_no_reason)
{
	struct told_forge t;
	struct gathered got;
	struct err err = ERR_NONE;

	told_forge_open(&t);
	t.file = RULE("same-patch");
	t.carry_fails = ERR_RETRY;
	root(&t, 'b', '1', '9');
	approve(&t, 'b', true);
	ck_assert(!gather_collect(&t.gather, &t.arena, &got, &err) && err.code == ERR_RETRY);
	told_forge_close(&t);
}
END_TEST

START_TEST(an_approval_that_no_event_named_is_not_compared)
{
	struct told_forge t;

	told_forge_open(&t);
	t.file = RULE("same-patch, base-merge");
	t.carries = CARRY_SAME_PATCH;
	root(&t, 'b', '1', '9');
	approve(&t, 'b', false);
	ck_assert_uint_eq(must_collect(&t).facts.changes[0].n_carried, 0);
	ck_assert_uint_eq(t.carried, 0);
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
	SUITE_ROWS(what_a_moved_base_branch_leaves_is_told_with_its_reason, moved),
	SUITE_TEST(a_comparison_that_fails_now_is_an_error_and_no_reason),
	SUITE_TEST(an_approval_that_no_event_named_is_not_compared),
	SUITE_TEST(nothing_is_compared_where_no_rule_carries),
	SUITE_TEST(a_commit_that_several_reviewed_is_read_once),
	SUITE_END,
};
SUITE_MAIN(tests)
