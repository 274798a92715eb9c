/*
 * What holds the new head back after a push: the old head's failure is answered first, whatever late events and late
 * verdicts still say of the old head. Found by tests/model, over every backend (_i).
 */
#include "tests/support/pipe.h"
#include "tests/support/suite.h"

static const int backends[PIPE_BACKENDS] = {0, 1};

/* The next posts: the old head's failure, and nothing on the new head before that is answered. */
static void expect_supersede_first(struct pipe_rig *rig, char old)
{
	struct post first, second;

	ck_assert(next_post(rig, &first));
	ck_assert_str_eq(first.sha.hex, sha_of(old).hex);
	ck_assert_int_eq(first.state, STATUS_FAILURE);
	ck_assert(!next_post(rig, &second));
	answer(rig, &first, POST_ACCEPTED);
	ck_assert(next_post(rig, &second));
	ck_assert_str_ne(second.sha.hex, sha_of(old).hex);
}

START_TEST(a_late_dismissal_on_the_old_head_lets_nobody_pass_its_supersede)
{
	struct pipe_rig rig;

	pipe_open_allowed(&rig, _i);
	tell(&rig, push_to_change(1, 'a', 'b', 3));
	tell(&rig, review_event(REVIEW_DISMISSED, 9, REVIEW_STATE_DISMISSED, 'a'));
	expect_supersede_first(&rig, 'a');
	pipe_close(&rig);
}
END_TEST

START_TEST(a_late_event_that_names_the_old_head_lets_nobody_pass_its_supersede)
{
	struct pipe_rig rig;

	pipe_open_allowed(&rig, _i);
	tell(&rig, push_to_change(1, 'a', 'b', 3));
	tell(&rig, change_event(CHANGE_REOPENED, 1, 'a', 2));
	expect_supersede_first(&rig, 'a');
	pipe_close(&rig);
}
END_TEST

START_TEST(a_verdict_from_before_the_push_lets_nobody_pass_the_supersede)
{
	struct pipe_rig rig;
	struct claim claim;

	pipe_open_allowed(&rig, _i);
	tell(&rig, review_event(REVIEW_DISMISSED, 9, REVIEW_STATE_DISMISSED, 'a'));
	claim = claim_of(&rig, 'a');
	tell(&rig, push_to_change(1, 'a', 'b', 20));
	ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_WAITING), CONCLUDED);
	expect_supersede_first(&rig, 'a');
	pipe_close(&rig);
}
END_TEST

START_TEST(a_verdict_from_before_the_return_supersedes_nothing)
{
	struct pipe_rig rig;
	struct claim claim;

	pipe_open_allowed(&rig, _i);
	tell(&rig, push_to_change(1, 'a', 'b', 2));
	drain(&rig);
	claim = claim_of(&rig, 'a');
	tell(&rig, push_to_change(1, 'b', 'a', 3));
	ck_assert_int_eq(conclude_headless(&rig, &claim), CONCLUDED); /* it read that no change has a */
	ck_assert_int_eq(slot_of(&rig, 'a').superseded, 0);
	expect_supersede_first(&rig, 'b');
	pipe_close(&rig);
}
END_TEST

/* a -> c, c -> b, b -> c, told from the last to the first: c is the head, and was never superseded for good. */
START_TEST(a_false_supersede_of_the_new_head_lets_it_not_pass_the_old_one)
{
	struct pipe_rig rig;
	struct claim claim;
	struct post old;

	pipe_open_allowed(&rig, _i);
	tell(&rig, push_to_change(1, 'b', 'c', 4));
	drain(&rig);
	judge_as(&rig, 'c', DECISION_ALLOWED);
	judge_as(&rig, 'a', DECISION_ALLOWED); /* read before the pushes */
	drain(&rig);
	tell(&rig, push_to_change(1, 'a', 'c', 2)); /* c was allowed: revoked, and not before a */
	ck_assert(next_post(&rig, &old));
	ck_assert_str_eq(old.sha.hex, sha_of('a').hex);
	tell(&rig, push_to_change(1, 'c', 'b', 3));
	drain(&rig);
	while (try_claim(&rig, &claim)) {
		ck_assert_str_ne(claim.sha.hex, sha_of('c').hex);
		ck_assert_int_eq(conclude_headless(&rig, &claim), CONCLUDED);
	}
	answer(&rig, &old, POST_ACCEPTED);
	(void)claim_of(&rig, 'c');
	pipe_close(&rig);
}
END_TEST

/* An edit of the base told of b first: nothing is read for it, either, once its push is told. */
START_TEST(a_push_told_after_a_younger_event_of_its_head_still_lets_it_wait)
{
	struct pipe_rig rig;
	struct event edited = change_event(CHANGE_EDITED, 1, 'b', 5);
	struct claim claim;
	struct post old;

	pipe_open_allowed(&rig, _i);
	edited.base_changed = TRI_YES;
	tell(&rig, edited);
	tell(&rig, push_to_change(1, 'a', 'b', 3));
	next_tick(&rig);
	ck_assert(!try_claim(&rig, &claim));
	ck_assert(next_post(&rig, &old));
	ck_assert_str_eq(old.sha.hex, sha_of('a').hex);
	ck_assert(!try_claim(&rig, &claim));
	answer(&rig, &old, POST_ACCEPTED);
	(void)claim_of(&rig, 'b');
	(void)claim_of(&rig, 'a');
	pipe_close(&rig);
}
END_TEST

/* There and back and there within a second: told in another order, b was replaced. The judgement of a sees it there. */
START_TEST(a_head_that_is_shown_though_events_replaced_it_is_judged)
{
	struct pipe_rig rig;
	struct claim claim;

	pipe_open_allowed(&rig, _i);
	tell(&rig, push_to_change(1, 'a', 'b', 2));
	(void)drain(&rig);
	judge_as(&rig, 'b', DECISION_WAITING);
	tell(&rig, push_to_change(1, 'b', 'a', 3));
	(void)drain(&rig);
	judge_as(&rig, 'a', DECISION_WAITING);
	(void)drain(&rig);
	while (try_claim(&rig, &claim))
		ck_assert_int_eq(conclude_headless(&rig, &claim), CONCLUDED);
	tell(&rig, review_event(REVIEW_SUBMITTED, 9, REVIEW_APPROVED, 'a'));
	claim = claim_of(&rig, 'a');
	rig.head_now = sha_of('b');
	ck_assert_int_eq(conclude_headless(&rig, &claim), CONCLUDED);
	ck_assert(!try_claim(&rig, &claim)); /* not before a has its failure */
	(void)drain(&rig);
	(void)claim_of(&rig, 'b');
	pipe_close(&rig);
}
END_TEST

/* "Opened" is told after the push of its second, and a copy that lags shows no change with b. Change 2 keeps a. */
START_TEST(a_head_that_is_shown_though_a_copy_did_not_show_it_is_judged)
{
	struct event review = review_event(REVIEW_SUBMITTED, 9, REVIEW_APPROVED, 'a');
	struct pipe_rig rig;
	struct claim claim;

	review.change.number = 2;
	pipe_open(&rig, _i);
	tell(&rig, change_event(CHANGE_OPENED, 2, 'a', 1));
	tell(&rig, push_to_change(1, 'a', 'b', 1));
	(void)drain(&rig);
	next_tick(&rig);
	while (try_claim(&rig, &claim))
		ck_assert_int_eq(claim.sha.hex[0] == 'b' ? conclude_headless(&rig, &claim)
							 : conclude_as(&rig, &claim, DECISION_WAITING),
				 CONCLUDED);
	(void)drain(&rig);
	tell(&rig, review);
	claim = claim_of(&rig, 'a');
	rig.head_now = sha_of('b');
	ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_WAITING), CONCLUDED);
	ck_assert(try_claim(&rig, &claim)); /* a keeps its status: there is nothing to wait for */
	ck_assert_str_eq(claim.sha.hex, sha_of('b').hex);
	ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_WAITING), CONCLUDED);
	review.review.id++;
	tell(&rig, review);
	claim = claim_of(&rig, 'a');
	ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_WAITING), CONCLUDED);
	ck_assert(!try_claim(&rig, &claim)); /* it has a verdict as a head: once is enough */
	pipe_close(&rig);
}
END_TEST

/* Nobody wrote down that it was replaced there, since another change had it, too; an event of that second, told late,
 * made it believed again. */
START_TEST(a_head_of_two_changes_is_taken_back_when_the_second_leaves_it_whatever_is_told_late_of_the_first)
{
	struct pipe_rig rig;

	pipe_open_allowed(&rig, _i);
	tell(&rig, change_event(CHANGE_OPENED, 2, 'a', 3));
	drain(&rig);
	judge_as(&rig, 'a', DECISION_ALLOWED);
	drain(&rig);
	tell(&rig, push_to_change(1, 'a', 'b', 5));
	tell(&rig, change_event(CHANGE_EDITED, 1, 'a', 5));
	judge_as(&rig, 'a', DECISION_ALLOWED);
	drain(&rig);
	ck_assert_int_eq(ledger_of(&rig, 'a').state, STATUS_SUCCESS);
	tell(&rig, push_to_change(2, 'a', 'c', 9));
	ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_FAILURE);
	pipe_close(&rig);
}
END_TEST

/* #1 is pushed from a to b, which #2 has, and to c, in one second; the two are told the other way round. */
START_TEST(a_late_push_to_a_head_of_two_changes_does_not_bring_back_what_was_replaced_in_that_second)
{
	struct row_floor floor = {.repo = PIPE_REPO, .kind = TEXT_LIT("change"), .key = 1};
	struct oid shared = sha_of('b'), replaced_by = sha_of('c');
	struct err err = ERR_NONE;
	struct pipe_rig rig;

	pipe_open_told(&rig, _i);
	tell(&rig, change_event(CHANGE_OPENED, 2, 'b', 3));
	tell(&rig, push_to_change(1, 'b', 'c', 5));
	tell(&rig, push_to_change(1, 'a', 'b', 5));
	ck_assert(store_floor(&rig.store, &floor, &rig.arena, &err));
	ck_assert(text_eq(floor.value, oid_text(&replaced_by)));
	drain(&rig);
	while (subject_of(&rig, 'b').due) {
		struct claim claim;

		next_tick(&rig);
		ck_assert(try_claim(&rig, &claim));
		(void)conclude_as(&rig, &claim, oid_eq(&claim.sha, &shared) ? DECISION_ALLOWED : DECISION_WAITING);
	}
	drain(&rig);
	ck_assert_int_eq(ledger_of(&rig, 'b').state, STATUS_SUCCESS);
	tell(&rig, push_to_change(2, 'b', 'd', 9));
	ck_assert_int_eq(slot_of(&rig, 'b').state, STATUS_FAILURE);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_success_that_somebody_else_set_is_taken_back_before_anything_is_read)
{
	struct pipe_rig rig;
	struct claim claim;
	struct post first, second;

	pipe_open_told(&rig, _i);
	(void)drain(&rig);
	tell(&rig, status_event(900, "success", 'a'));
	tell(&rig, push_to_change(1, 'a', 'b', 60));
	ck_assert(!try_claim(&rig, &claim));
	ck_assert(next_post(&rig, &first));
	ck_assert_str_eq(first.sha.hex, sha_of('a').hex);
	ck_assert_int_eq(first.state, STATUS_FAILURE);
	ck_assert(!next_post(&rig, &second)); /* nothing of b */
	pipe_close(&rig);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_head_of_two_changes_is_taken_back_when_the_second_leaves_it_whatever_is_told_late_of_the_first,
		   backends),
	SUITE_ROWS(a_late_push_to_a_head_of_two_changes_does_not_bring_back_what_was_replaced_in_that_second, backends),
	SUITE_ROWS(a_success_that_somebody_else_set_is_taken_back_before_anything_is_read, backends),
	SUITE_ROWS(a_late_dismissal_on_the_old_head_lets_nobody_pass_its_supersede, backends),
	SUITE_ROWS(a_late_event_that_names_the_old_head_lets_nobody_pass_its_supersede, backends),
	SUITE_ROWS(a_verdict_from_before_the_push_lets_nobody_pass_the_supersede, backends),
	SUITE_ROWS(a_verdict_from_before_the_return_supersedes_nothing, backends),
	SUITE_ROWS(a_false_supersede_of_the_new_head_lets_it_not_pass_the_old_one, backends),
	SUITE_ROWS(a_push_told_after_a_younger_event_of_its_head_still_lets_it_wait, backends),
	SUITE_ROWS(a_head_that_is_shown_though_events_replaced_it_is_judged, backends),
	SUITE_ROWS(a_head_that_is_shown_though_a_copy_did_not_show_it_is_judged, backends),
	SUITE_END,
};
SUITE_MAIN(tests)
