/* The rules of the forge that deeds obey, and that no random history breaks what the rest relies on. */
#include "tests/sim/oracle.h"
#include "tests/support/row_dice.h"
#include "tests/support/suite.h"

#include <string.h>

enum { ANN, BOB, MIA, ADA, TESS, RITA, NOAH, ROBOT, ALLY };

#define BEGIN ((int64_t)1795269731000)

static void add(struct truth *truth, int parent, int parent2)
{
	struct truth_commit made = truth_commit_on(truth, parent, parent2);

	truth->commits[truth->n_commits++] = made;
}

/* Ally's change 0 of commit 1 on top of 0 into main, the same with 2 on 1; 3 stands beside them on 0. */
static void begin(struct truth *truth)
{
	struct deed deed = {.kind = DEED_OPEN, .who = ALLY, .commit = 1, .head_repo = HEAD_FORK};

	truth_begin(truth, NOBODY, BEGIN);
	deed.made = truth_commit_on(truth, 0, NOBODY);
	ck_assert(truth_do(truth, &deed, BEGIN + 1000));
	add(truth, 1, NOBODY);
	add(truth, 0, NOBODY);
}

static const struct {
	const char *sentence;
	struct deed first, second;
	bool first_taken, second_taken;
} rows[] = {
	{"who writes pushes", {.kind = DEED_PUSH, .who = ANN, .commit = 2}, {0}, true, false},
	{"whose fork it is pushes", {.kind = DEED_PUSH, .who = ALLY, .commit = 2}, {0}, true, false},
	{"a reader does not push", {.kind = DEED_PUSH, .who = RITA, .commit = 2}, {0}, false, false},
	{"a push is no other line", {.kind = DEED_PUSH, .who = ALLY, .commit = 3}, {0}, false, false},
	{"that is a force push", {.kind = DEED_FORCE_PUSH, .who = ALLY, .commit = 3}, {0}, true, false},
	{"a force push is no descendant", {.kind = DEED_FORCE_PUSH, .who = ALLY, .commit = 2}, {0}, false, false},
	{"back to where it was",
	 {.kind = DEED_FORCE_PUSH, .who = ALLY, .commit = 3},
	 {.kind = DEED_PUSH_BACK, .who = ALLY, .commit = 1},
	 true,
	 true},
	{"not back to where it never was", {.kind = DEED_PUSH_BACK, .who = ALLY, .commit = 3}, {0}, false, false},
	{"nothing is pushed to a closed change",
	 {.kind = DEED_CLOSE, .who = TESS},
	 {.kind = DEED_PUSH, .who = ALLY, .commit = 2},
	 true,
	 false},
	{"a push of the base's own commit", {.kind = DEED_FORCE_PUSH, .who = ALLY, .commit = 0}, {0}, false, false},
	{"a reader opens nothing from a branch of the repository",
	 {.kind = DEED_OPEN, .who = RITA, .change = 1, .commit = 3},
	 {.kind = DEED_OPEN, .who = RITA, .change = 1, .commit = 3, .head_repo = HEAD_FORK},
	 false,
	 true},
	{"the same head again", {.kind = DEED_PUSH, .who = ALLY, .commit = 1}, {0}, false, false},

	{"no approval of the own change", {.kind = DEED_APPROVE, .who = ALLY, .commit = 1}, {0}, false, false},
	{"no refusal of it either", {.kind = DEED_REQUEST, .who = ALLY, .commit = 1}, {0}, false, false},
	{"but a comment", {.kind = DEED_REMARK, .who = ALLY, .commit = 1}, {0}, true, false},
	{"no review of what was never the head", {.kind = DEED_APPROVE, .who = ANN, .commit = 2}, {0}, false, false},
	{"a review of what was the head",
	 {.kind = DEED_PUSH, .who = ALLY, .commit = 2},
	 {.kind = DEED_APPROVE, .who = NOAH, .commit = 1},
	 true,
	 true},
	{"a dismissal is not dismissed",
	 {.kind = DEED_REMARK, .who = ANN, .commit = 1},
	 {.kind = DEED_DISMISS, .who = ADA},
	 true,
	 false},
	{"a reader dismisses nothing",
	 {.kind = DEED_APPROVE, .who = ANN, .commit = 1},
	 {.kind = DEED_DISMISS, .who = RITA},
	 true,
	 false},
	{"a writer does",
	 {.kind = DEED_APPROVE, .who = ANN, .commit = 1},
	 {.kind = DEED_DISMISS, .who = BOB},
	 true,
	 true},

	{"closed by its author, and opened again",
	 {.kind = DEED_CLOSE, .who = ALLY},
	 {.kind = DEED_REOPEN, .who = ALLY},
	 true,
	 true},
	{"a reader closes nothing", {.kind = DEED_CLOSE, .who = RITA}, {0}, false, false},
	{"what is open is not opened", {.kind = DEED_REOPEN, .who = ALLY}, {0}, false, false},
	{"what was merged is not opened again",
	 {.kind = DEED_BASE_PUSH, .who = ANN, .commit = 1},
	 {.kind = DEED_REOPEN, .who = ALLY},
	 true,
	 false},
	{"nor what the base got while it was closed",
	 {.kind = DEED_CLOSE, .who = ALLY},
	 {.kind = DEED_BASE_PUSH, .who = ANN, .commit = 1},
	 true,
	 true},
	{"the same base again", {.kind = DEED_RETARGET, .who = ALLY, .branch = 0}, {0}, false, false},
	{"another base, and back",
	 {.kind = DEED_RETARGET, .who = ALLY, .branch = 1},
	 {.kind = DEED_RETARGET, .who = ANN, .branch = 0},
	 true,
	 true},
	{"a closed change stays where it is",
	 {.kind = DEED_CLOSE, .who = ALLY},
	 {.kind = DEED_RETARGET, .who = ALLY, .branch = 1},
	 true,
	 false},
	{"a draft once", {.kind = DEED_DRAFT, .who = ALLY}, {.kind = DEED_DRAFT, .who = ALLY}, true, false},
	{"a draft is not merged",
	 {.kind = DEED_DRAFT, .who = ALLY},
	 {.kind = DEED_MERGE, .who = ANN, .commit = 3},
	 true,
	 false},
	{"a reader merges nothing", {.kind = DEED_MERGE, .who = RITA, .commit = 3}, {0}, false, false},
	{"a merge stands on the tip", {.kind = DEED_MERGE, .who = ANN, .commit = 2}, {0}, false, false},
	{"a base goes forward",
	 {.kind = DEED_BASE_PUSH, .who = ANN, .commit = 2},
	 {.kind = DEED_BASE_PUSH, .who = ANN, .commit = 3},
	 true,
	 false},
	{"a base push leaves the policy alone", {.kind = DEED_POLICY, .who = ANN, .commit = 2}, {0}, false, false},
	{"the role one has", {.kind = DEED_ROLE, .subject = ANN, .role = ROLE_WRITE}, {0}, false, false},
	{"another role", {.kind = DEED_ROLE, .subject = ANN, .role = ROLE_READ}, {0}, true, false},
	{"the team one is in", {.kind = DEED_TEAM, .subject = ANN, .role = 1}, {0}, false, false},
	{"a status is no truth", {.kind = DEED_FORGE_STATUS, .who = ANN, .commit = 1}, {0}, true, false},
	{"a reader posts no status", {.kind = DEED_FORGE_STATUS, .who = RITA, .commit = 1}, {0}, false, false},
	{"anybody may ask", {.kind = DEED_RECHECK, .who = NOAH}, {0}, true, false},
	{"no such change", {.kind = DEED_RECHECK, .who = NOAH, .change = 3}, {0}, false, false},
	{"no such deed", {.kind = DEED_KINDS}, {0}, false, false},
};

START_TEST(the_forge_takes_what_is_allowed_and_refuses_the_rest)
{
	struct truth truth;

	begin(&truth);
	ck_assert_msg(truth_do(&truth, &rows[_i].first, BEGIN + 2000) == rows[_i].first_taken, "%s", rows[_i].sentence);
	if (rows[_i].second.kind)
		ck_assert_msg(truth_do(&truth, &rows[_i].second, BEGIN + 3000) == rows[_i].second_taken, "%s",
			      rows[_i].sentence);
}
END_TEST

START_TEST(a_return_is_a_new_arrival)
{
	struct deed away = {.kind = DEED_FORCE_PUSH, .who = ALLY, .commit = 3};
	struct deed back = {.kind = DEED_PUSH_BACK, .who = ALLY, .commit = 1};
	struct truth truth;

	begin(&truth);
	ck_assert_int_eq(truth_arrival(&truth.changes[0], 1), BEGIN + 1000);
	ck_assert_int_eq(truth_arrival(&truth.changes[0], 3), -1);
	ck_assert(truth_do(&truth, &away, BEGIN + 2000) && truth_do(&truth, &back, BEGIN + 3000));
	ck_assert_int_eq(truth_arrival(&truth.changes[0], 1), BEGIN + 3000);
	ck_assert_int_eq(truth_arrival(&truth.changes[0], 3), BEGIN + 2000);
	ck_assert(truth.changes[0].moves[1].forced && truth.changes[0].moves[2].forced);
	ck_assert_int_eq(truth.changes[0].updated_at, BEGIN + 3000);
}
END_TEST

START_TEST(a_merge_closes_every_change_of_that_head_into_that_base)
{
	struct deed open = {.kind = DEED_OPEN, .who = ANN, .change = 1, .commit = 1};
	struct deed other = {.kind = DEED_OPEN, .who = ANN, .change = 2, .commit = 1, .branch = 1};
	struct deed merge = {.kind = DEED_MERGE, .who = ANN, .commit = 4};
	struct truth truth;

	begin(&truth);
	ck_assert(truth_do(&truth, &open, BEGIN + 2000) && truth_do(&truth, &other, BEGIN + 2000));
	merge.made = truth_commit_on(&truth, 0, 1);
	ck_assert(truth_do(&truth, &merge, BEGIN + 3000));
	ck_assert_int_eq(truth.branches[0].tip, 4);
	ck_assert(truth.changes[0].merged && !truth.changes[0].open);
	ck_assert(truth.changes[1].merged && !truth.changes[1].open);
	ck_assert(truth.changes[2].open);
}
END_TEST

START_TEST(the_policy_file_differs_where_it_is_another_one)
{
	struct truth truth;

	begin(&truth);
	truth.commits[1].files = FILE_DOCS | FILE_POLICY; /* put back by the next */
	truth.commits[1].policy = 5;
	truth.commits[2].files = FILE_SOURCE | FILE_POLICY;
	truth.commits[2].policy = NOBODY;
	ck_assert_uint_eq(truth_paths(&truth, 1, 0), FILE_DOCS | FILE_POLICY);
	ck_assert_uint_eq(truth_paths(&truth, 2, 0), FILE_DOCS | FILE_SOURCE);
	ck_assert_uint_eq(truth_paths(&truth, 3, 1), 0);
	ck_assert_int_eq(truth_commit_on(&truth, 3, 1).policy, 5);
	ck_assert_int_eq(truth_commit_on(&truth, 1, 3).policy, 5);
	ck_assert_uint_eq(truth_range(&truth, 2, 0), 6);
	ck_assert_uint_eq(truth_range(&truth, 2, 3), 6);
}
END_TEST

/* 4 and 5 both merge 1 and 3, crosswise: what either of the two differs in counts. */
START_TEST(with_several_merge_bases_paths_are_those_of_any)
{
	struct truth truth;

	begin(&truth);
	truth.commits[1].files = FILE_DOCS;
	truth.commits[3].files = FILE_WORKFLOW;
	add(&truth, 1, 3);
	add(&truth, 3, 1);
	truth.commits[5].files = FILE_SOURCE;
	ck_assert_uint_eq(truth_paths(&truth, 5, 4), FILE_DOCS | FILE_WORKFLOW | FILE_SOURCE);
	ck_assert_uint_eq(truth_paths(&truth, 5, 1), FILE_WORKFLOW | FILE_SOURCE);
}
END_TEST

/* ---- bugs ---- */

START_TEST(marks_of_duplicates_make_bugs_one_in_both_directions)
{
	struct deed first = {.kind = DEED_BUG_DUPE, .bug = 1, .other = 0, .role = 1},
		    second = {.kind = DEED_BUG_DUPE, .bug = 2, .other = 1, .role = 1},
		    ring = {.kind = DEED_BUG_DUPE, .bug = 0, .other = 2, .role = 1},
		    none = {.kind = DEED_BUG_DUPE, .bug = 1, .other = 0};
	struct truth truth;

	begin(&truth);
	ck_assert(truth_do(&truth, &first, BEGIN) && truth_do(&truth, &second, BEGIN));
	ck_assert(!truth_do(&truth, &ring, BEGIN));
	for (int i = 0; i < 3; i++)
		ck_assert_uint_eq(truth_bugs_alike(&truth, i), 7);
	ck_assert_uint_eq(truth_bugs_alike(&truth, 3), 8);
	ck_assert(truth_do(&truth, &none, BEGIN + 5));
	ck_assert_uint_eq(truth_bugs_alike(&truth, 1), 6);
	ck_assert_int_eq(truth.bugs[0].changed_at, BEGIN + 5); /* the tracker dates both */
}
END_TEST

START_TEST(a_change_names_what_its_commits_and_its_title_name)
{
	struct truth truth;

	begin(&truth);
	truth.commits[0].bugs = 8; /* landed */
	truth.commits[1].bugs = 1 | 1u << TRUTH_BUGS;
	truth.changes[0].bugs = 4;
	ck_assert_uint_eq(truth_bugs_named(&truth, &truth.changes[0]), 5 | 1u << TRUTH_BUGS);
}
END_TEST

/* ---- random histories ---- */

static int roll(struct dice *dice, int below)
{
	return (int)dice_roll(dice, (uint64_t)below);
}

static struct deed random_deed(struct dice *dice, const struct truth *truth)
{
	int n = truth->n_commits;
	struct deed deed = {.kind = (enum deed_done)(roll(dice, DEED_KINDS - 1) + 1),
			    .who = roll(dice, TRUTH_PEOPLE),
			    .change = roll(dice, TRUTH_CHANGES),
			    .commit = roll(dice, 2) ? n : roll(dice, n),
			    .branch = roll(dice, TRUTH_BRANCHES),
			    .review = roll(dice, TRUTH_REVIEWS),
			    .subject = roll(dice, TRUTH_PEOPLE),
			    .role = roll(dice, ROLE_ADMIN + 1),
			    .moves_reviews = roll(dice, 2),
			    .head_repo = (enum truth_head_repo)roll(dice, 3),
			    .bug = roll(dice, TRUTH_BUGS + 1),
			    .patch = roll(dice, TRUTH_PATCHES + 1),
			    .other = roll(dice, TRUTH_BUGS + 2) - 1};

	deed.made = truth_commit_on(truth, roll(dice, n), roll(dice, 4) ? NOBODY : roll(dice, n));
	deed.policy = deed.made.policy;
	return deed;
}

static bool sound(const struct truth *truth)
{
	for (int i = 0; i < TRUTH_CHANGES; i++) {
		const struct truth_change *change = &truth->changes[i];
		const struct truth_move *newest = &change->moves[change->n_moves - (change->n_moves > 0)];

		if (!change->used)
			continue;
		if (change->n_moves < 1 || newest->to != change->head || (change->open && change->merged))
			return false;
		if (change->open && !truth_range(truth, change->head, truth->branches[change->base].tip))
			return false;
	}
	for (int i = 0; i < TRUTH_BUGS; i++)
		for (int k = i, steps = 0; (k = truth->bugs[k].dupe_of) != NOBODY; steps++)
			if (steps > TRUTH_BUGS) /* a ring */
				return false;
	for (int i = 0; i < truth->n_reviews; i++)
		if (truth_arrival(&truth->changes[truth->reviews[i].change], truth->reviews[i].sha) < 0)
			return false;
	return true;
}

START_TEST(no_random_history_leaves_the_rules_and_a_refused_deed_leaves_no_trace)
{
	struct truth truth;
	unsigned char before[sizeof truth];
	const unsigned char *now = (const unsigned char *)&truth;
	int taken[DEED_KINDS] = {0};

	for (uint64_t seed = 1; seed <= 300; seed++) {
		struct dice dice = {seed};

		truth_begin(&truth, NOBODY, BEGIN);
		for (int i = 0; i < 1000; i++) {
			struct deed deed = random_deed(&dice, &truth);
			bool done;

			memcpy(before, now, sizeof before);
			done = truth_do(&truth, &deed, BEGIN + (int64_t)i * 1000);
			taken[deed.kind] += done;
			ck_assert_msg(done || memcmp(before, now, sizeof before) == 0, "seed %d, deed %d: %s",
				      (int)seed, i, deed_name(deed.kind));
			ck_assert_msg(sound(&truth), "seed %d, deed %d: %s", (int)seed, i, deed_name(deed.kind));
		}
	}
	for (int i = 1; i < DEED_KINDS; i++)
		ck_assert_msg(taken[i] > 20, "%s: %d", deed_name((enum deed_done)i), taken[i]);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(the_forge_takes_what_is_allowed_and_refuses_the_rest, rows),
	SUITE_TEST(a_return_is_a_new_arrival),
	SUITE_TEST(a_merge_closes_every_change_of_that_head_into_that_base),
	SUITE_TEST(the_policy_file_differs_where_it_is_another_one),
	SUITE_TEST(with_several_merge_bases_paths_are_those_of_any),
	SUITE_TEST(marks_of_duplicates_make_bugs_one_in_both_directions),
	SUITE_TEST(a_change_names_what_its_commits_and_its_title_name),
	SUITE_TEST(no_random_history_leaves_the_rules_and_a_refused_deed_leaves_no_trace),
	SUITE_END,
};
SUITE_MAIN(tests)
