/*
 * A commit that was pushed to "autoland" without a change: when it is one, what is read of it, and what the judge makes
 * of that. It is 'a', by u100, on the tip 'f' of main; 'b' is another commit of the branch.
 */
#include "agent/base/facts_json.h"
#include "agent/work/workers.h"
#include "tests/support/suite.h"
#include "tests/support/told_forge.h"

#include <string.h>

#define POLICY                                                                                                         \
	"policy:\n"                                                                                                    \
	"  approval: [seen]\n"                                                                                         \
	"  pushes: {'^autoland$': {onto: main, rules: [built, trusted]}}\n"                                            \
	"approval_rules:\n"                                                                                            \
	"- {name: seen, requires: {count: 1, permissions: [write]}}\n"                                                 \
	"- {name: built, requires: {conditions: {has_status: {statuses: [ci], conclusions: [success]}}}}\n"            \
	"- {name: trusted, requires: {conditions: {only_pushed_by: {users: ['id:100']}}}}\n"

static const struct push_branch autoland = {{"o/r", 3}, {"autoland", 8}, {"main", 4}};
static const struct push_branch *const pushes[] = {&autoland};

static void keep_push(struct told_forge *t, char sha, char before, int64_t by)
{
	struct row_arrival row = {TOLD_REPO, 0, told_oid(sha), 100000, by, 0, TEXT_LIT("g"), OID_NONE};

	if (before != '-')
		row.before = told_oid(before);
	told_forge_keep(t, &table_arrival, &row);
}

static void open_pushed(struct told_forge *t)
{
	struct row_subject subject = {.repo = TOLD_REPO, .sha = told_oid('a'), .wanted = 1, .due = 1};
	struct row_repo repo = {.id = TOLD_REPO, .name = TEXT_LIT("o/r")};

	told_forge_open(t);
	t->n_changes = 0;
	t->file = POLICY;
	t->pushed = told_oid('a');
	t->on_base = told_oid('e');
	t->outcomes[0] = (struct forge_outcome){
		.is = {.kind = OUTCOME_STATUS, .name = TEXT_LIT("ci"), .state = TEXT_LIT("success")}};
	t->n_outcomes = 1;
	t->store.pushes = &autoland;
	t->store.n_pushes = 1;
	t->claim.pushes = pushes;
	t->claim.n_pushes = 1;
	keep_push(t, 'a', 'e', 100);
	told_forge_keep(t, &table_subject, &subject);
	told_forge_keep(t, &table_repo, &repo);
}

static struct gathered gathered(struct told_forge *t)
{
	struct gathered got;
	struct err err = ERR_NONE;

	ck_assert_msg(gather_collect(&t->gather, &t->arena, &got, &err), "%s", err.text);
	return got;
}

static struct verdict judged(struct told_forge *t)
{
	struct gathered got = gathered(t);
	struct verdict verdict;

	policy_judge(got.governed, &got.facts, &t->arena, &verdict);
	return verdict;
}

START_TEST(a_commit_that_is_the_tip_is_judged_as_a_range_without_reviews)
{
	struct told_forge t;
	struct gathered got;
	struct verdict verdict;

	open_pushed(&t);
	verdict = judged(&t);
	ck_assert_msg(verdict.decision == DECISION_ALLOWED, "%s", verdict.text.at);
	got = gathered(&t);
	ck_assert_uint_eq(got.facts.n_changes, 1);
	ck_assert(text_is(got.facts.changes[0].pushed_to, "autoland") && got.facts.changes[0].number == 0);
	ck_assert(text_is(got.facts.changes[0].base_ref, "main"));
	ck_assert_str_eq(got.facts.changes[0].base_sha.hex, told_oid('f').hex);
	ck_assert(!(got.facts.changes[0].known & (FACT_REVIEWS | FACT_DRAFT | FACT_TITLE | FACT_LABELS | FACT_AUTHOR)));
	ck_assert_uint_eq(got.facts.changes[0].n_commits, 1);
	told_forge_close(&t);
}
END_TEST

static void no_branch(struct told_forge *t)
{
	t->no_autoland = true;
}

static void moved_away(struct told_forge *t)
{
	t->pushed = told_oid('b');
}

static void not_configured(struct told_forge *t)
{
	t->claim.n_pushes = 0;
}

static void (*const elsewhere[])(struct told_forge *t) = {no_branch, moved_away, not_configured};

START_TEST(a_commit_that_is_not_on_the_branch_is_none)
{
	struct told_forge t;
	struct verdict verdict;

	open_pushed(&t);
	elsewhere[_i](&t);
	verdict = judged(&t);
	ck_assert_int_eq(verdict.decision, DECISION_BLOCKED);
	ck_assert(text_is(verdict.text, "Blocked: no open change has this head"));
	told_forge_close(&t);
}
END_TEST

START_TEST(what_was_the_tip_and_is_below_it_stays_one)
{
	struct told_forge t;

	open_pushed(&t);
	t.pushed = told_oid('b');
	t.below = told_oid('a');
	ck_assert_int_eq(judged(&t).decision, DECISION_ALLOWED);
	told_forge_close(&t);
}
END_TEST

START_TEST(what_is_below_the_tip_and_never_was_it_is_none)
{
	struct told_forge t;

	open_pushed(&t);
	t.claim.sha = told_oid('d');
	t.pushed = told_oid('b');
	t.below = told_oid('d');
	ck_assert_int_eq(judged(&t).decision, DECISION_BLOCKED);
	ck_assert_uint_eq(gathered(&t).facts.n_changes, 0);
	told_forge_close(&t);
}
END_TEST

START_TEST(what_has_landed_is_not_spoken_of)
{
	struct told_forge t;

	open_pushed(&t);
	t.on_base = told_oid('a');
	ck_assert(gathered(&t).silent && gathered(&t).landed);
	told_forge_close(&t);
}
END_TEST

START_TEST(a_head_that_is_pushed_too_must_be_right_as_both)
{
	struct told_forge t;
	struct gathered got;

	open_pushed(&t);
	t.n_changes = 1;
	told_forge_record(&t, 1, told_oid('a'));
	got = gathered(&t);
	ck_assert_uint_eq(got.facts.n_changes, 2);
	ck_assert(got.facts.changes[0].number == 1 && got.facts.changes[1].number == 0);
	ck_assert_int_eq(judged(&t).decision, DECISION_WAITING); /* for a review */
	told_forge_close(&t);
}
END_TEST

/* Each commit of the range was pushed by who is asked for, and what was there before is where it should go. */
static const struct {
	char before; /* of 'a' */
	int64_t by;
	int64_t rest[3]; /* who pushed, 0 for nobody known; -1: the end */
} chains[] = {
	{'e', 100, {100, -1}}, {'-', 100, {100, -1}}, {'b', 100, {100, 0, -1}}, {'e', 7, {7, -1}}, {'e', 0, {0, -1}},
};

START_TEST(who_pushed_is_known_back_to_where_it_goes_or_not_at_all)
{
	struct told_forge t;
	struct gathered got;
	const struct change *change;
	size_t n = 0;

	open_pushed(&t);
	keep_push(&t, 'a', chains[_i].before, chains[_i].by); /* in place of the first */
	got = gathered(&t);
	change = &got.facts.changes[0];
	ck_assert(change->known & FACT_PUSHERS);
	for (; chains[_i].rest[n] >= 0; n++)
		ck_assert_int_eq(change->pushers[n], chains[_i].rest[n]);
	ck_assert_uint_eq(change->n_pushers, n);
	told_forge_close(&t);
}
END_TEST

START_TEST(two_pushes_of_one_commit_say_nobody)
{
	struct row_arrival row = {TOLD_REPO, 0, told_oid('a'), 200000, 7, 0, TEXT_LIT("h"), OID_NONE};
	struct told_forge t;

	open_pushed(&t);
	told_forge_keep(&t, &table_arrival, &row);
	ck_assert_int_eq(gathered(&t).facts.changes[0].pushers[0], 0);
	ck_assert_int_ne(judged(&t).decision, DECISION_ALLOWED);
	told_forge_close(&t);
}
END_TEST

static const enum told_verb verbs[] = {TOLD_OPEN_CHANGES, TOLD_TIP,  TOLD_GIT,     TOLD_FETCH,
				       TOLD_RANGE,        TOLD_FILE, TOLD_OUTCOMES};

START_TEST(what_cannot_be_read_is_no_verdict)
{
	struct told_forge t;
	struct gathered got;
	struct err err = ERR_NONE;

	open_pushed(&t);
	t.fails = verbs[_i];
	t.fails_as = ERR_RETRY;
	ck_assert(!gather_collect(&t.gather, &t.arena, &got, &err));
	ck_assert_int_eq(err.code, ERR_RETRY);
	told_forge_close(&t);
}
END_TEST

START_TEST(the_repository_is_asked_for_its_name_where_no_answer_shows_its_number)
{
	struct told_forge t;

	open_pushed(&t);
	t.shown = 0;
	(void)gathered(&t);
	ck_assert_uint_eq(t.names, 1);
	told_forge_close(&t);
}
END_TEST

static void go_on(struct told_forge *t)
{
	t->pushed = told_oid('b');
}

static void delete (struct told_forge *t)
{
	t->no_autoland = true;
}

static void land(struct told_forge *t)
{
	t->on_base = told_oid('a');
}

static void go_red(struct told_forge *t)
{
	t->outcomes[0].is.state = TEXT_LIT("failure");
}

static void (*const moves[])(struct told_forge *t) = {go_on, delete, land, go_red};

START_TEST(the_second_reading_sees_whatever_moved)
{
	struct told_forge t;
	struct gathered got;
	struct err err = ERR_NONE;
	bool unmoved;

	open_pushed(&t);
	got = gathered(&t);
	ck_assert(gather_unmoved(&t.gather, &got, &unmoved, &err) && unmoved);
	moves[_i](&t);
	ck_assert(gather_unmoved(&t.gather, &got, &unmoved, &err) && !unmoved);
	told_forge_close(&t);
}
END_TEST

START_TEST(its_facts_are_written_down_whole)
{
	struct told_forge t;
	struct gathered got;
	struct facts again;
	struct verdict verdict;
	struct err err = ERR_NONE;

	open_pushed(&t);
	got = gathered(&t);
	ck_assert_msg(facts_decode(facts_encode(&got.facts, &t.arena), &t.arena, &again, &err), "%s", err.text);
	ck_assert(text_is(again.changes[0].pushed_to, "autoland"));
	policy_judge(got.governed, &again, &t.arena, &verdict);
	ck_assert_int_eq(verdict.decision, DECISION_ALLOWED);
	told_forge_close(&t);
}
END_TEST

static void signal_nobody(void *self, enum wake_topic topic)
{
	(void)self;
	(void)topic;
}

static enum status_state status_after_judgement(struct told_forge *t)
{
	struct row_slot slot = {.repo = TOLD_REPO, .sha = told_oid('a'), .context = t->store.context};
	struct judge judge = {.worker = {.store = &t->store,
					 .clock = t->ports.clock,
					 .wake = {.self = t, .signal = signal_nobody},
					 .owner = "judge-1"},
			      .config = t->config,
			      .forge = &t->forge,
			      .mirror = &t->mirror,
			      .attempts_max = 1};
	int64_t at;

	ck_assert(judge_step(&judge, &at));
	ck_assert(told_forge_find(t, &table_slot, &slot));
	return (enum status_state)slot.state;
}

static void nothing(struct told_forge *t)
{
	(void)t;
}

static void unnamed(struct told_forge *t)
{
	t->file = "policy: {approval: [seen]}\napproval_rules: [{name: seen, requires: {count: 1, permissions: "
		  "[write]}}]\n";
}

static const struct {
	void (*change)(struct told_forge *t);
	enum status_state state;
} judgements[] = {
	{nothing, STATUS_SUCCESS},
	{go_red, STATUS_FAILURE},
	{no_branch, STATUS_FAILURE},
	{unnamed, STATUS_FAILURE},
};

START_TEST(a_judgement_ends_in_the_status_of_the_pushed_commit)
{
	struct told_forge t;

	open_pushed(&t);
	judgements[_i].change(&t);
	ck_assert_int_eq(status_after_judgement(&t), judgements[_i].state);
	told_forge_close(&t);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(a_commit_that_is_the_tip_is_judged_as_a_range_without_reviews),
	SUITE_ROWS(a_commit_that_is_not_on_the_branch_is_none, elsewhere),
	SUITE_TEST(what_was_the_tip_and_is_below_it_stays_one),
	SUITE_TEST(what_is_below_the_tip_and_never_was_it_is_none),
	SUITE_TEST(what_has_landed_is_not_spoken_of),
	SUITE_TEST(a_head_that_is_pushed_too_must_be_right_as_both),
	SUITE_ROWS(who_pushed_is_known_back_to_where_it_goes_or_not_at_all, chains),
	SUITE_TEST(two_pushes_of_one_commit_say_nobody),
	SUITE_ROWS(what_cannot_be_read_is_no_verdict, verbs),
	SUITE_TEST(the_repository_is_asked_for_its_name_where_no_answer_shows_its_number),
	SUITE_ROWS(the_second_reading_sees_whatever_moved, moves),
	SUITE_TEST(its_facts_are_written_down_whole),
	SUITE_ROWS(a_judgement_ends_in_the_status_of_the_pushed_commit, judgements),
	SUITE_END};
SUITE_MAIN(tests)
