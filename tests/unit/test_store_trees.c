/*
 * Trees in the store, over every backend: what treestatus says of a tree reaches exactly the commits whose verdicts
 * asked about it, takes their successes back where the tree was closed, and overtakes no judgement.
 */
#include "agent/store/trees.h"
#include "tests/support/pipe.h"
#include "tests/support/suite.h"

static const int backends[PIPE_BACKENDS] = {0, 1};

#define EVERY   60000
#define MAX_AGE 300000

static struct row_tree tree_of(struct pipe_rig *rig, const char *name)
{
	struct err err = ERR_NONE;
	struct row_tree row;

	ck_assert_msg(store_tree(&rig->store, text_of(name), &rig->arena, &row, &err), "%s", err.text);
	return row;
}

static struct tree_news tell_told(struct pipe_rig *rig, const struct tree_told *in)
{
	struct err err = ERR_NONE;
	struct tree_news news;

	ck_assert_msg(store_tell_tree(&rig->store, in, &news, &err), "%s", err.text);
	return news;
}

static struct tree_news tell_tree_why(struct pipe_rig *rig, const char *name, enum tree_state state, const char *reason)
{
	struct tree_told in = {.name = text_of(name),
			       .answered = true,
			       .state = state,
			       .reason = text_of(reason),
			       .as_of = rig->now,
			       .max_age_ms = MAX_AGE,
			       .now = rig->now};

	return tell_told(rig, &in);
}

static struct tree_news tell_tree(struct pipe_rig *rig, const char *name, enum tree_state state)
{
	return tell_tree_why(rig, name, state, "");
}

static struct tree_news no_answer(struct pipe_rig *rig, const char *name)
{
	struct tree_told in = {.name = text_of(name), .max_age_ms = MAX_AGE, .now = rig->now};

	return tell_told(rig, &in);
}

/* As the newest row has it. */
static struct tree_ref ref(struct pipe_rig *rig, const char *name, bool weighs)
{
	return (struct tree_ref){text_of(name), weighs, tree_of(rig, name).changed_at, false};
}

static void asked(struct pipe_rig *rig, const struct tree_ref *at, size_t n)
{
	rig->trees = at;
	rig->n_trees = n;
	judge_as(rig, 'a', DECISION_ALLOWED);
	rig->trees = NULL;
	rig->n_trees = 0;
	(void)drain(rig);
	rig->now += 1000;
}

/* 'a' is allowed by open trees, and the forge has it. */
static void open_allowed(struct pipe_rig *rig, int backend, bool weighs)
{
	struct tree_ref refs[2];

	pipe_open_told(rig, backend);
	refs[0] = ref(rig, "central", weighs);
	refs[1] = ref(rig, "beta", weighs);
	asked(rig, refs, 2);
	(void)tell_tree(rig, "central", TREE_OPEN);
	(void)tell_tree(rig, "beta", TREE_OPEN);
	rig->now += 1000;
	refs[0] = ref(rig, "central", weighs);
	refs[1] = ref(rig, "beta", weighs);
	asked(rig, refs, 2);
	ck_assert(!subject_of(rig, 'a').due);
}

static const enum tree_state closings[] = {TREE_CLOSED, TREE_APPROVAL_REQUIRED};

START_TEST(a_tree_that_is_closed_takes_back_the_success_that_asked_about_it)
{
	struct pipe_rig rig;
	struct post post;
	struct tree_news news;

	open_allowed(&rig, _i / 2, true);
	news = tell_tree(&rig, "beta", closings[_i % 2]);
	ck_assert(news.changed && news.subjects && news.slots);
	ck_assert(subject_of(&rig, 'a').due);
	ck_assert(next_post(&rig, &post) && post.state == STATUS_FAILURE);
	ck_assert(text_is(post.text, "Revoked: a tree was closed"));
	pipe_close(&rig);
}
END_TEST

START_TEST(what_is_said_again_and_what_nobody_asked_about_reaches_nobody)
{
	struct pipe_rig rig;
	struct tree_news news;
	struct post post;

	open_allowed(&rig, _i, true);
	news = tell_tree(&rig, "central", TREE_OPEN);
	ck_assert(!news.changed && !news.subjects && !news.slots);
	news = tell_tree(&rig, "elsewhere", TREE_CLOSED);
	ck_assert(!news.changed && !news.subjects && !news.slots);
	ck_assert_int_eq(tree_of(&rig, "elsewhere").tried_at, 0);
	ck_assert(!subject_of(&rig, 'a').due && !next_post(&rig, &post));
	pipe_close(&rig);
}
END_TEST

START_TEST(a_tree_that_opens_asks_for_a_judgement_and_takes_nothing_back)
{
	struct pipe_rig rig;
	struct tree_ref refs[1];
	struct tree_news news;

	pipe_open_told(&rig, _i);
	refs[0] = ref(&rig, "central", true);
	rig.trees = refs;
	rig.n_trees = 1;
	judge_as(&rig, 'a', DECISION_WAITING);
	(void)drain(&rig);
	rig.now += 1000;
	news = tell_tree(&rig, "central", TREE_OPEN);
	ck_assert(news.changed && news.subjects && !news.slots);
	ck_assert(subject_of(&rig, 'a').due);
	pipe_close(&rig);
}
END_TEST

START_TEST(another_reason_asks_for_a_judgement)
{
	struct pipe_rig rig;

	open_allowed(&rig, _i, true);
	(void)tell_tree_why(&rig, "central", TREE_CLOSED, "one");
	rig.now += 1000;
	ck_assert(tell_tree_why(&rig, "central", TREE_CLOSED, "two").changed);
	ck_assert(!tell_tree_why(&rig, "central", TREE_CLOSED, "two").changed);
	ck_assert(text_is(tree_of(&rig, "central").reason, "two"));
	pipe_close(&rig);
}
END_TEST

START_TEST(where_only_a_rule_that_warns_asked_nothing_is_taken_back)
{
	struct pipe_rig rig;
	struct post post;

	open_allowed(&rig, _i, false);
	ck_assert(tell_tree(&rig, "central", TREE_CLOSED).subjects);
	ck_assert(subject_of(&rig, 'a').due && !next_post(&rig, &post));
	pipe_close(&rig);
}
END_TEST

START_TEST(what_the_newest_verdict_does_not_ask_about_reaches_nobody_and_is_forgotten)
{
	struct pipe_rig rig;
	struct tree_ref one;

	open_allowed(&rig, _i, true);
	(void)tell_tree(&rig, "central", TREE_CLOSED);
	(void)drain(&rig);
	rig.now += 1000;
	one = ref(&rig, "beta", true);
	asked(&rig, &one, 1);
	ck_assert(!tell_tree(&rig, "central", TREE_OPEN).subjects);
	ck_assert_int_eq(tree_of(&rig, "central").changed_at, 0);
	ck_assert(tell_tree(&rig, "beta", TREE_CLOSED).subjects);
	pipe_close(&rig);
}
END_TEST

/* It reaches no commit yet, since no verdict has asked about it: the verdict itself must mind it. */
START_TEST(a_tree_that_closed_since_the_reading_drops_the_success)
{
	struct event other = change_event(CHANGE_OPENED, 2, 'b', 20);
	struct tree_ref one = {TEXT_LIT("central"), true, 0, false};
	struct pipe_rig rig;
	struct claim claim, of_other;

	pipe_open_told(&rig, _i);
	claim = claim_of(&rig, 'a');
	tell(&rig, other);
	of_other = claim_of(&rig, 'b');
	rig.trees = &one;
	rig.n_trees = 1;
	ck_assert_int_eq(conclude_as(&rig, &of_other, DECISION_WAITING), CONCLUDED);
	(void)tell_tree(&rig, "central", TREE_OPEN);
	one = ref(&rig, "central", true);
	(void)tell_tree(&rig, "central", TREE_CLOSED);
	ck_assert(!subject_of(&rig, 'a').due || subject_of(&rig, 'a').wanted == claim.wanted);
	ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_ALLOWED), CONCLUDED_DROPPED);
	ck_assert(subject_of(&rig, 'a').due);
	(void)tell_tree(&rig, "central", TREE_OPEN);
	one = ref(&rig, "central", true);
	rig.now += 1000;
	for (int i = 0; i < 2; i++) {
		ck_assert(try_claim(&rig, &claim));
		ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_ALLOWED), CONCLUDED);
	}
	pipe_close(&rig);
}
END_TEST

START_TEST(without_an_answer_it_stands_until_it_is_too_old)
{
	struct pipe_rig rig;
	struct tree_news news;
	int64_t as_of;

	open_allowed(&rig, _i, true);
	as_of = tree_of(&rig, "central").as_of;
	rig.now = as_of + MAX_AGE;
	ck_assert(!no_answer(&rig, "central").changed);
	ck_assert_int_eq(tree_of(&rig, "central").state, TREE_OPEN);
	ck_assert_int_eq(tree_of(&rig, "central").tried_at, rig.now);
	rig.now++;
	news = no_answer(&rig, "central");
	ck_assert(news.changed && news.subjects);
	ck_assert_int_eq(tree_of(&rig, "central").state, TREE_UNKNOWN);
	ck_assert_int_eq(tree_of(&rig, "central").as_of, as_of);
	ck_assert(!no_answer(&rig, "central").changed);
	pipe_close(&rig);
}
END_TEST

/* It took the tree for unknown, since nobody had answered for long; what is said then is news, though it is the same.
 */
START_TEST(an_answer_after_what_lapsed_is_news_to_the_verdict_that_missed_it)
{
	struct pipe_rig rig;
	struct tree_ref refs[1];
	struct tree_news news;

	open_allowed(&rig, _i, true);
	refs[0] = ref(&rig, "central", true);
	refs[0].lapsed = true;
	tell(&rig, change_event(CHANGE_OPENED, 2, 'b', 20));
	rig.trees = refs;
	rig.n_trees = 1;
	judge_as(&rig, 'b', DECISION_WAITING);
	(void)drain(&rig);
	rig.now += 1000;
	news = tell_tree(&rig, "central", TREE_OPEN);
	ck_assert(news.changed && news.subjects && !news.slots);
	ck_assert(subject_of(&rig, 'b').due);
	rig.now += 1000;
	ck_assert(!tell_tree(&rig, "central", TREE_OPEN).changed);
	pipe_close(&rig);
}
END_TEST

START_TEST(what_lapsed_for_one_verdict_lapses_for_all_when_nobody_answers)
{
	struct pipe_rig rig;
	struct tree_ref refs[1];

	open_allowed(&rig, _i, true);
	refs[0] = ref(&rig, "central", true);
	refs[0].lapsed = true;
	tell(&rig, change_event(CHANGE_OPENED, 2, 'b', 20));
	rig.trees = refs;
	rig.n_trees = 1;
	judge_as(&rig, 'b', DECISION_WAITING);
	(void)drain(&rig);
	rig.now += 1000;
	ck_assert(no_answer(&rig, "central").changed);
	ck_assert_int_eq(tree_of(&rig, "central").state, TREE_UNKNOWN);
	ck_assert(subject_of(&rig, 'a').due);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_clock_that_was_set_back_makes_it_unknown)
{
	struct pipe_rig rig;

	open_allowed(&rig, _i, true);
	rig.now = tree_of(&rig, "central").as_of - 1;
	ck_assert(no_answer(&rig, "central").changed);
	ck_assert_int_eq(tree_of(&rig, "central").state, TREE_UNKNOWN);
	pipe_close(&rig);
}
END_TEST

START_TEST(the_one_that_was_not_asked_for_longest_has_its_turn)
{
	struct tree_turn turn;
	struct pipe_rig rig;
	struct row_tree row;
	struct err err = ERR_NONE;
	int64_t at;

	pipe_open_told(&rig, _i);
	turn = (struct tree_turn){rig.now, EVERY, &rig.arena};
	ck_assert(!store_due_tree(&rig.store, &turn, &row, &at, &err) && err.code == ERR_GONE);
	ck_assert_int_eq(at, WHEN_UNKNOWN);
	pipe_close(&rig);

	err = ERR_NONE;
	open_allowed(&rig, _i, true);
	(void)tell_tree(&rig, "central", TREE_OPEN);
	turn = (struct tree_turn){rig.now, EVERY, &rig.arena};
	ck_assert(!store_due_tree(&rig.store, &turn, &row, &at, &err) && err.code == ERR_GONE);
	ck_assert_int_eq(at, tree_of(&rig, "beta").tried_at + EVERY);
	turn.now = at;
	err = ERR_NONE;
	ck_assert(store_due_tree(&rig.store, &turn, &row, &at, &err));
	ck_assert(text_is(row.name, "beta"));
	turn.now = tree_of(&rig, "beta").tried_at - 5000; /* the clock was set back */
	ck_assert(store_due_tree(&rig.store, &turn, &row, &at, &err));
	pipe_close(&rig);
}
END_TEST

START_TEST(more_trees_than_the_limit_are_not_asked_for)
{
	static char names[TREES_MAX + 2][8];
	struct tree_ref refs[TREE_REFS_MAX];
	struct pipe_rig rig;
	size_t made = 0;

	pipe_open_told(&rig, _i);
	for (int round = 0; made < TREES_MAX + 2; round++) {
		struct claim claim;
		size_t n = 0;

		if (round > 0)
			tell(&rig, change_event(CHANGE_OPENED, round + 1, (char)('a' + round), 20 + round));
		for (; n < TREE_REFS_MAX && made < TREES_MAX + 2; n++, made++) {
			(void)snprintf(names[made], sizeof names[made], "t%zu", made);
			refs[n] = (struct tree_ref){text_of(names[made]), true, 0, false};
		}
		rig.trees = refs;
		rig.n_trees = n;
		claim = claim_of(&rig, (char)('a' + round));
		ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_WAITING), CONCLUDED);
	}
	(void)tell_tree(&rig, names[TREES_MAX - 1], TREE_CLOSED);
	(void)tell_tree(&rig, names[TREES_MAX], TREE_CLOSED);
	ck_assert_int_eq(tree_of(&rig, names[TREES_MAX - 1]).state, TREE_CLOSED);
	ck_assert_int_eq(tree_of(&rig, names[TREES_MAX]).state, TREE_UNKNOWN);
	pipe_close(&rig);
}
END_TEST

static const int each_closing[PIPE_BACKENDS * 2] = {0};

static const struct suite_test tests[] = {
	SUITE_ROWS(a_tree_that_is_closed_takes_back_the_success_that_asked_about_it, each_closing),
	SUITE_ROWS(what_is_said_again_and_what_nobody_asked_about_reaches_nobody, backends),
	SUITE_ROWS(a_tree_that_opens_asks_for_a_judgement_and_takes_nothing_back, backends),
	SUITE_ROWS(another_reason_asks_for_a_judgement, backends),
	SUITE_ROWS(where_only_a_rule_that_warns_asked_nothing_is_taken_back, backends),
	SUITE_ROWS(what_the_newest_verdict_does_not_ask_about_reaches_nobody_and_is_forgotten, backends),
	SUITE_ROWS(a_tree_that_closed_since_the_reading_drops_the_success, backends),
	SUITE_ROWS(without_an_answer_it_stands_until_it_is_too_old, backends),
	SUITE_ROWS(an_answer_after_what_lapsed_is_news_to_the_verdict_that_missed_it, backends),
	SUITE_ROWS(what_lapsed_for_one_verdict_lapses_for_all_when_nobody_answers, backends),
	SUITE_ROWS(a_clock_that_was_set_back_makes_it_unknown, backends),
	SUITE_ROWS(the_one_that_was_not_asked_for_longest_has_its_turn, backends),
	SUITE_ROWS(more_trees_than_the_limit_are_not_asked_for, backends),
	SUITE_END,
};
SUITE_MAIN(tests)
