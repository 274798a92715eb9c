/* What anybody can do keeps nobody else from a success, and hides nothing. Over every backend. */
#include "tests/support/pipe.h"
#include "tests/support/suite.h"

static const struct {
	const char *what;
	enum review_action action;
	enum review_state state, known; /* known: what an event told of that review before; 0: nothing */
	bool asks;
} reviews[] = {
	{"a remark", REVIEW_SUBMITTED, REVIEW_COMMENTED, 0, false},
	{"a remark told again", REVIEW_SUBMITTED, REVIEW_COMMENTED, REVIEW_COMMENTED, false},
	{"an edited remark", REVIEW_EDITED, REVIEW_COMMENTED, REVIEW_COMMENTED, false},
	{"an edited remark that nobody told of", REVIEW_EDITED, REVIEW_COMMENTED, 0, false},
	{"a remark where an approval was told", REVIEW_EDITED, REVIEW_COMMENTED, REVIEW_APPROVED, true},
	{"an edited approval", REVIEW_EDITED, REVIEW_APPROVED, REVIEW_APPROVED, false},
	{"an edited approval that nobody told of", REVIEW_EDITED, REVIEW_APPROVED, 0, true},
	{"an approval", REVIEW_SUBMITTED, REVIEW_APPROVED, 0, true},
	{"an approval told again", REVIEW_SUBMITTED, REVIEW_APPROVED, REVIEW_APPROVED, true},
	{"an objection", REVIEW_SUBMITTED, REVIEW_CHANGES_REQUESTED, 0, true},
	{"a dismissal", REVIEW_DISMISSED, REVIEW_STATE_DISMISSED, REVIEW_STATE_DISMISSED, true},
};

static struct event by_outsider(enum review_action action, enum review_state state)
{
	struct event event = review_event(action, 9, state, 'a');

	event.review.association = TEXT_LIT("NONE");
	event.review.user.id = 33;
	return event;
}

START_TEST(what_decides_nothing_drops_no_success)
{
	for (int backend = 0; backend < PIPE_BACKENDS; backend++) {
		enum concluded outcome = reviews[_i].asks ? CONCLUDED_DROPPED : CONCLUDED;
		struct pipe_rig rig;
		struct claim claim;

		pipe_open(&rig, backend);
		tell(&rig, change_event(CHANGE_OPENED, 1, 'a', 1));
		if (reviews[_i].known)
			tell(&rig, by_outsider(REVIEW_SUBMITTED, reviews[_i].known));
		claim = claim_of(&rig, 'a');
		tell(&rig, by_outsider(reviews[_i].action, reviews[_i].state));
		ck_assert_msg(conclude_as(&rig, &claim, DECISION_ALLOWED) == outcome, "%s", reviews[_i].what);
		ck_assert_int_eq(subject_of(&rig, 'a').due, reviews[_i].asks);
		pipe_close(&rig);
	}
}
END_TEST

static const int backends[PIPE_BACKENDS] = {0, 1};

START_TEST(a_remark_is_kept_and_is_a_floor)
{
	struct pipe_rig rig;
	struct err err = ERR_NONE;
	struct told told;

	pipe_open_allowed(&rig, _i);
	tell(&rig, by_outsider(REVIEW_SUBMITTED, REVIEW_COMMENTED));
	ck_assert_int_eq(subject_of(&rig, 'a').due, 0);
	ck_assert(store_told(&rig.store, (struct change_key){PIPE_REPO, 1}, &told, &rig.arena, &err));
	ck_assert_uint_eq(told.n_bindings, 1);
	ck_assert_int_eq(told.bindings[0].state, REVIEW_COMMENTED);
	ck_assert_int_eq(told.floor_time, 5000);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_remark_on_a_head_nobody_told_of_asks_for_it)
{
	struct event event = review_event(REVIEW_SUBMITTED, 9, REVIEW_COMMENTED, 'b');
	struct pipe_rig rig;

	pipe_open(&rig, _i);
	tell(&rig, by_outsider(REVIEW_SUBMITTED, REVIEW_COMMENTED)); /* the opening was lost */
	ck_assert_int_eq(subject_of(&rig, 'a').due, 1);
	judge_as(&rig, 'a', DECISION_BLOCKED);
	event.change.updated_at = 9000;
	tell(&rig, event); /* and so was the push */
	ck_assert_int_eq(subject_of(&rig, 'a').due, 1);
	ck_assert_int_eq(subject_of(&rig, 'b').due, 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_judgement_that_was_put_off_stays_owed_after_a_remark)
{
	struct pipe_rig rig;
	struct err err = ERR_NONE;
	struct claim claim;

	pipe_open(&rig, _i);
	tell(&rig, change_event(CHANGE_OPENED, 1, 'a', 1));
	claim = claim_of(&rig, 'a');
	tell(&rig, by_outsider(REVIEW_SUBMITTED, REVIEW_COMMENTED));
	ck_assert_msg(store_defer(&rig.store, &claim, rig.now + 500, &err), "%s", err.text);
	ck_assert(!try_claim(&rig, &claim));
	rig.now += 500;
	ck_assert(try_claim(&rig, &claim));
	ck_assert_int_eq(claim.attempts, 1);
	pipe_close(&rig);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(what_decides_nothing_drops_no_success, reviews),
	SUITE_ROWS(a_remark_is_kept_and_is_a_floor, backends),
	SUITE_ROWS(a_remark_on_a_head_nobody_told_of_asks_for_it, backends),
	SUITE_ROWS(a_judgement_that_was_put_off_stays_owed_after_a_remark, backends),
	SUITE_END,
};
SUITE_MAIN(tests)
