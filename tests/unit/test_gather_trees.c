/* Trees as facts: what a commit's policies name, and a merge group's commit for all that it was built from. */
#include "agent/store/trees.h"
#include "agent/work/workers.h"
#include "tests/support/suite.h"
#include "tests/support/told_group.h"

#define NOW 1000000
#define POLICY                                                                                                         \
	"policy: {approval: [r]}\napproval_rules: [{name: r, requires: {count: 1, permissions: [write], conditions: "  \
	"{tree_open: {tree: [central, beta]}}}}]\n"

static void keep(struct told_group *b, const char *name, enum tree_state state)
{
	struct row_tree row = {.name = text_of(name),
			       .state = (int64_t)state,
			       .reason = TEXT_LIT("bustage"),
			       .as_of = b->t.now - 1000,
			       .tried_at = b->t.now,
			       .changed_at = b->t.now - 1000};

	told_forge_keep(&b->t, &table_tree, &row);
}

static void open_group(struct told_group *b, enum tree_state beta)
{
	told_group_open(b);
	b->t.file = POLICY;
	b->t.now = NOW;
	b->t.config.tree_max_age_ms = 60000;
	keep(b, "central", TREE_OPEN);
	keep(b, "beta", beta);
}

static const struct {
	enum tree_state beta;
	enum decision decision;
} rows[] = {
	{TREE_OPEN, DECISION_ALLOWED},
	{TREE_CLOSED, DECISION_BLOCKED},
	{TREE_APPROVAL_REQUIRED, DECISION_BLOCKED},
	{TREE_UNKNOWN, DECISION_BLOCKED}, /* by what its change waits for */
};

START_TEST(a_group_asks_about_the_trees_of_all_that_it_was_built_from)
{
	struct told_group b;
	struct gathered got;
	struct verdict verdict;
	struct err err = ERR_NONE;

	open_group(&b, rows[_i].beta);
	ck_assert_msg(told_group_collect(&b, &got, &err), "%s", err.text);
	policy_judge(got.governed, &got.facts, &b.t.arena, &verdict);
	ck_assert_msg(verdict.decision == rows[_i].decision, "%s: %.*s", decision_name(verdict.decision),
		      TEXT_ARG(verdict.text));
	ck_assert_uint_eq(got.facts.n_trees, 0);
	ck_assert_uint_eq(got.facts.groups[0].constituents[0].facts.n_trees, 2);
	ck_assert_uint_eq(got.n_tree_refs, 2);
	for (size_t i = 0; i < 2; i++) {
		ck_assert(text_is(got.tree_refs[i].name, i == 0 ? "central" : "beta"));
		ck_assert(got.tree_refs[i].weighs);
		ck_assert_int_eq(got.tree_refs[i].changed_at, NOW - 1000);
	}
	told_forge_close(&b.t);
}
END_TEST

/* As long as its newest reading is fresh. */
static const struct {
	int64_t later;
	bool known;
} ages[] = {{0, true}, {59000, true}, {59001, false}, {-1001, false}};

START_TEST(what_is_too_old_or_from_the_future_is_not_known)
{
	struct told_group b;
	struct gathered got;
	struct err err = ERR_NONE;
	const struct tree *tree;

	open_group(&b, TREE_CLOSED);
	b.t.now += ages[_i].later;
	ck_assert_msg(told_group_collect(&b, &got, &err), "%s", err.text);
	tree = &got.facts.groups[0].constituents[0].facts.trees[1];
	ck_assert_int_eq(tree->state, ages[_i].known ? TREE_CLOSED : TREE_UNKNOWN);
	ck_assert_uint_eq(tree->reason.len, ages[_i].known ? 7 : 0);
	ck_assert(got.tree_refs[1].lapsed == !ages[_i].known);
	told_forge_close(&b.t);
}
END_TEST

/* Every look at the clock takes a second. */
static int64_t slow_clock(void *self)
{
	struct told_group *b = self;

	return b->t.now += 1000;
}

START_TEST(what_is_told_while_facts_are_collected_is_known)
{
	struct told_group b;
	struct gathered got;
	struct err err = ERR_NONE;

	told_forge_open_approved(&b.t);
	b.t.file = POLICY;
	b.t.now = NOW;
	b.t.config.tree_max_age_ms = 60000;
	b.t.ports.clock.self = &b;
	b.t.ports.clock.wall = slow_clock;
	ck_assert_msg(gather_collect(&b.t.gather, &b.t.arena, &got, &err), "%s", err.text);
	b.t.now = got.facts.now + 1001;
	keep(&b, "central", TREE_OPEN);
	keep(&b, "beta", TREE_CLOSED);
	b.t.now = NOW;
	ck_assert_msg(gather_collect(&b.t.gather, &b.t.arena, &got, &err), "%s", err.text);
	ck_assert(got.facts.now < got.facts.trees[1].as_of);
	ck_assert_int_eq(got.facts.trees[1].state, TREE_CLOSED);
	ck_assert(!got.tree_refs[0].lapsed && !got.tree_refs[1].lapsed);
	told_forge_close(&b.t);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_group_asks_about_the_trees_of_all_that_it_was_built_from, rows),
	SUITE_ROWS(what_is_too_old_or_from_the_future_is_not_known, ages),
	SUITE_TEST(what_is_told_while_facts_are_collected_is_known),
	SUITE_END,
};
SUITE_MAIN(tests)
