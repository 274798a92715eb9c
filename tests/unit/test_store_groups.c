/*
 * Merge groups in the store: which commits are groups, what happens to one when something happens to a constituent, and
 * how it ends. Over every backend (_i). 'e' and 'f' are groups' commits; 'a' (#1) and 'b' (#2) are heads.
 */
#include "tests/support/grouping.h"
#include "tests/support/suite.h"

static const int backends[PIPE_BACKENDS] = {0, 1};

START_TEST(a_commit_that_the_queue_names_is_pending_at_once_and_judged)
{
	struct pipe_rig rig;
	struct claim claim;

	pipe_open(&rig, _i);
	tell(&rig, asked('e'));
	ck_assert_int_eq(slot_of(&rig, 'e').state, STATUS_PENDING);
	ck_assert_int_eq(slot_of(&rig, 'e').due, 1);
	claim = claim_of(&rig, 'e');
	ck_assert_uint_eq(claim.n_bases, 1);
	ck_assert(text_is(claim.bases[0], "main") && !claim.was_group);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_commit_that_no_event_of_the_queue_named_is_no_group)
{
	struct pipe_rig rig;
	struct claim claim;

	pipe_open_told(&rig, _i);
	claim = claim_of(&rig, 'a');
	ck_assert(claim.n_bases == 0 && !claim.was_group);
	pipe_close(&rig);
}
END_TEST

/* ---- what happens to a constituent ---- */

static struct event objected(void)
{
	return review_event(REVIEW_SUBMITTED, 9, REVIEW_CHANGES_REQUESTED, 'a');
}

static struct event closed(void)
{
	return change_event(CHANGE_CLOSED, 1, 'a', 9);
}

static struct event drafted(void)
{
	return change_event(CHANGE_DRAFT, 1, 'a', 9);
}

static struct event retargeted(void)
{
	struct event event = change_event(CHANGE_EDITED, 1, 'a', 9);

	event.base_changed = TRI_YES;
	event.change.base_ref = TEXT_LIT("release");
	return event;
}

static struct event opened_elsewhere(void)
{
	return change_event(CHANGE_OPENED, 5, 'a', 9);
}

static const struct {
	const char *what;
	struct event (*event)(void);
	const char *text;
} weakening[] = {
	{"a push", pushed, "Revoked by #1: Superseded by ccccccc"},
	{"a dismissal", dismissed, "Revoked by #1: a review was dismissed"},
	{"an objection", objected, "Revoked by #1: changes were requested"},
	{"a close", closed, "Revoked by #1: #1 is closed"},
	{"a draft", drafted, "Revoked by #1: this is a draft"},
	{"another base", retargeted, "Revoked by #1: the base branch was changed"},
	{"another change with this head", opened_elsewhere, "Revoked by #5: #5 now has this head, too"},
};
#define WEAKENING (sizeof weakening / sizeof weakening[0])

static const char two_ways[2 * WEAKENING]; /* of both backends */

START_TEST(what_revokes_a_constituent_revokes_every_group_with_it_at_once)
{
	size_t row = (size_t)_i % WEAKENING;
	struct pipe_rig rig;
	struct row_slot slot;

	open_two(&rig, _i / (int)WEAKENING);
	allow_group(&rig, 'e', "a");
	allow_group(&rig, 'f', "ba"); /* built on it */
	tell(&rig, weakening[row].event());
	for (const char *commit = "ef"; *commit; commit++) {
		slot = slot_of(&rig, *commit);
		ck_assert_msg(slot.state == STATUS_FAILURE && slot.due, "%s: %c", weakening[row].what, *commit);
		ck_assert_msg(text_is(slot.text, weakening[row].text), "%s: %.*s", weakening[row].what,
			      TEXT_ARG(slot.text));
		ck_assert_int_eq(subject_of(&rig, *commit).due, 1);
	}
	pipe_close(&rig);
}
END_TEST

START_TEST(what_happens_to_another_head_leaves_the_group_alone)
{
	struct pipe_rig rig;

	open_two(&rig, _i);
	allow_group(&rig, 'e', "b");
	judge_all(&rig);
	tell(&rig, pushed());
	ck_assert_int_eq(slot_of(&rig, 'e').state, STATUS_SUCCESS);
	ck_assert_int_eq(subject_of(&rig, 'e').due, 0);
	pipe_close(&rig);
}
END_TEST

static struct event approved(void)
{
	return review_event(REVIEW_SUBMITTED, 10, REVIEW_APPROVED, 'a');
}

static struct event people_moved(void)
{
	struct event event = approved();

	event.kind = EVENT_MEMBER;
	event.action = TEXT_LIT("removed");
	event.change.number = 0;
	event.subject_user.id = 22;
	return event;
}

static struct event recheck(void)
{
	struct event event = approved();

	event.kind = EVENT_COMMENT;
	event.action = TEXT_LIT("created");
	event.comment.body = TEXT_LIT("/headgate recheck");
	event.comment.association = TEXT_LIT("MEMBER");
	return event;
}

static const struct {
	const char *what;
	struct event (*event)(void);
} touching[] = {{"an approval", approved}, {"the base", base_pushed}, {"people", people_moved}, {"recheck", recheck}};
#define TOUCHING (sizeof touching / sizeof touching[0])

static const char both_touching[2 * TOUCHING];

START_TEST(what_touches_a_constituent_has_its_group_judged_again)
{
	size_t row = (size_t)_i % TOUCHING;
	struct pipe_rig rig;

	open_two(&rig, _i / (int)TOUCHING);
	allow_group(&rig, 'e', "a");
	judge_all(&rig);
	tell(&rig, touching[row].event());
	ck_assert_msg(subject_of(&rig, 'e').due, "%s", touching[row].what);
	ck_assert_int_eq(slot_of(&rig, 'e').state, STATUS_SUCCESS);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_push_to_the_branch_of_a_group_without_known_constituents_touches_it)
{
	struct pipe_rig rig;

	pipe_open(&rig, _i);
	tell(&rig, asked('e'));
	judge_as(&rig, 'e', DECISION_BLOCKED);
	tell(&rig, base_pushed());
	ck_assert_int_eq(subject_of(&rig, 'e').due, 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_success_concluded_across_an_event_on_a_constituent_is_dropped)
{
	struct constituent_claim of[1];
	struct pipe_rig rig;
	struct claim claim;

	open_two(&rig, _i);
	tell(&rig, asked('e'));
	claim = claim_of(&rig, 'e');
	ck_assert(compose(&rig, &claim, "a", of));
	tell_unapplied(&rig, dismissed());
	ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_ALLOWED), CONCLUDED_DROPPED);
	ck_assert_int_ne(slot_of(&rig, 'e').state, STATUS_SUCCESS);
	pipe_close(&rig);
}
END_TEST

/* ---- the list ---- */

START_TEST(a_constituent_is_judged_as_its_own_head_and_keeps_its_number)
{
	struct constituent_claim of[2];
	struct pipe_rig rig;
	struct claim claim;

	open_two(&rig, _i);
	tell(&rig, asked('e'));
	claim = claim_of(&rig, 'e');
	ck_assert(compose(&rig, &claim, "ba", of));
	ck_assert_str_eq(of[1].claim.sha.hex, sha_of('a').hex);
	ck_assert(of[1].number == 1 && of[0].number == 2);
	ck_assert(of[1].claim.n_candidates == 1 && of[1].claim.candidates[0] == 1);
	ck_assert(of[1].claim.n_bases == 0 && !of[1].claim.was_group && !of[1].claim.allowed_before);
	tell(&rig, pushed());
	ck_assert(compose(&rig, &claim, "ba", of));
	ck_assert_int_eq(of[1].number, 1);
	ck_assert_str_eq(of[1].claim.superseded_by.hex, sha_of('c').hex);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_worker_that_lost_its_fence_notes_nothing)
{
	struct constituent_claim of[1];
	struct pipe_rig rig;
	struct claim late, claim;

	open_two(&rig, _i);
	tell(&rig, asked('e'));
	late = claim_of(&rig, 'e');
	rig.now += 10 * STORE_LIMITS_DEFAULT.lease_ms;
	claim = claim_of(&rig, 'e');
	ck_assert(!compose(&rig, &late, "a", of));
	ck_assert(compose(&rig, &claim, "b", of));
	ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_ALLOWED), CONCLUDED);
	drain(&rig);
	tell(&rig, dismissed()); /* of a, which nobody noted */
	ck_assert_int_eq(slot_of(&rig, 'e').state, STATUS_SUCCESS);
	pipe_close(&rig);
}
END_TEST

/* ---- ends ---- */

START_TEST(a_group_that_landed_keeps_its_success_and_is_left_alone)
{
	struct pipe_rig rig;

	open_two(&rig, _i);
	allow_group(&rig, 'e', "a");
	tell(&rig, destroyed('e', "merged"));
	ck_assert_int_eq(slot_of(&rig, 'e').watched, 0);
	is_over(&rig, 'e');
	ck_assert_int_eq(ledger_of(&rig, 'e').state, STATUS_SUCCESS);
	pipe_close(&rig);
}
END_TEST

static const char *const unlanded[] = {"invalidated", "dequeued", "", "invalidated", "dequeued", ""};

START_TEST(a_group_that_did_not_land_loses_its_success_and_is_left_alone)
{
	struct pipe_rig rig;

	open_two(&rig, _i / 3);
	allow_group(&rig, 'e', "a");
	tell(&rig, destroyed('e', unlanded[_i]));
	ck_assert_int_eq(slot_of(&rig, 'e').state, STATUS_FAILURE);
	ck_assert_int_eq(drain(&rig), 1);
	is_over(&rig, 'e');
	ck_assert_int_eq(ledger_of(&rig, 'e').state, STATUS_FAILURE);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_group_without_success_ends_without_a_post)
{
	struct pipe_rig rig;

	open_two(&rig, _i);
	tell(&rig, asked('e'));
	judge_as(&rig, 'e', DECISION_BLOCKED);
	drain(&rig);
	tell(&rig, destroyed('e', "dequeued"));
	ck_assert_int_eq(slot_of(&rig, 'e').due, 0);
	is_over(&rig, 'e');
	pipe_close(&rig);
}
END_TEST

START_TEST(who_judges_a_group_that_ends_is_too_late)
{
	struct constituent_claim of[1];
	struct pipe_rig rig;
	struct claim claim;

	open_two(&rig, _i);
	tell(&rig, asked('e'));
	drain(&rig);
	claim = claim_of(&rig, 'e');
	tell(&rig, destroyed('e', "dequeued"));
	ck_assert(!compose(&rig, &claim, "a", of));
	ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_ALLOWED), CONCLUDED_FENCED);
	ck_assert_int_eq(slot_of(&rig, 'e').due, 0);
	is_over(&rig, 'e');
	pipe_close(&rig);
}
END_TEST

START_TEST(an_end_that_is_told_first_stays_the_end)
{
	struct pipe_rig rig;
	struct claim claim;
	struct err err = ERR_NONE;
	struct oid sha = sha_of('e');

	pipe_open(&rig, _i);
	tell(&rig, destroyed('e', "invalidated"));
	tell(&rig, asked('e'));
	ck_assert(!try_claim(&rig, &claim));
	ck_assert(store_want(&rig.store, PIPE_REPO, &sha, true, &err));
	claim = claim_of(&rig, 'e');
	ck_assert(claim.n_bases == 0 && claim.was_group);
	pipe_close(&rig);
}
END_TEST

START_TEST(what_is_found_to_have_landed_ends_without_its_event)
{
	struct pipe_rig rig;

	open_two(&rig, _i);
	allow_group(&rig, 'e', "a");
	tell(&rig, base_pushed());
	judge_landed(&rig, 'e');
	ck_assert_int_eq(slot_of(&rig, 'e').watched, 0);
	is_over(&rig, 'e');
	pipe_close(&rig);
}
END_TEST

/* ---- more than one thing ---- */

START_TEST(a_commit_of_two_groups_is_asked_for_both_until_each_has_ended)
{
	struct event second = group_event("checks_requested", 'e', QUEUE "other"), over = destroyed('e', "dequeued");
	struct constituent_claim of[1];
	struct pipe_rig rig;
	struct claim claim;

	open_two(&rig, _i);
	allow_group(&rig, 'e', "a");
	second.change.base_ref = TEXT_LIT("release");
	tell(&rig, second);
	ck_assert_int_eq(slot_of(&rig, 'e').state, STATUS_FAILURE); /* allowed for one of them only */
	claim = claim_of(&rig, 'e');
	ck_assert_uint_eq(claim.n_bases, 2);
	ck_assert(compose(&rig, &claim, "a", of));
	ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_ALLOWED), CONCLUDED);
	drain(&rig);
	tell(&rig, over);
	ck_assert_int_eq(slot_of(&rig, 'e').state, STATUS_SUCCESS); /* less is asked of it now */
	claim = claim_of(&rig, 'e');
	ck_assert_uint_eq(claim.n_bases, 1);
	ck_assert(text_is(claim.bases[0], "release"));
	ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_ALLOWED), CONCLUDED);
	tell(&rig, dismissed());
	ck_assert_int_eq(slot_of(&rig, 'e').state, STATUS_FAILURE);
	pipe_close(&rig);
}
END_TEST

START_TEST(the_same_request_told_twice_revokes_nothing)
{
	struct pipe_rig rig;

	open_two(&rig, _i);
	allow_group(&rig, 'e', "a");
	tell(&rig, asked('e'));
	ck_assert_int_eq(slot_of(&rig, 'e').state, STATUS_SUCCESS);
	ck_assert_int_eq(subject_of(&rig, 'e').due, 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_change_opened_on_a_groups_commit_revokes_it_and_outlives_the_group)
{
	struct pipe_rig rig;
	struct claim claim;

	open_two(&rig, _i);
	allow_group(&rig, 'e', "a");
	tell(&rig, change_event(CHANGE_OPENED, 7, 'e', 9));
	ck_assert_int_eq(slot_of(&rig, 'e').state, STATUS_FAILURE);
	claim = claim_of(&rig, 'e');
	ck_assert(claim.n_bases == 1 && claim.n_candidates == 1);
	ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_ALLOWED), CONCLUDED);
	tell(&rig, destroyed('e', "dequeued"));
	ck_assert_int_eq(slot_of(&rig, 'e').state, STATUS_FAILURE); /* the forge may know of no such change */
	claim = claim_of(&rig, 'e');
	ck_assert(claim.was_group && claim.n_bases == 0 && claim.n_candidates == 1);
	ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_ALLOWED), CONCLUDED);
	ck_assert_int_eq(slot_of(&rig, 'e').state, STATUS_SUCCESS);
	pipe_close(&rig);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_commit_that_the_queue_names_is_pending_at_once_and_judged, backends),
	SUITE_ROWS(a_commit_that_no_event_of_the_queue_named_is_no_group, backends),
	SUITE_ROWS(what_revokes_a_constituent_revokes_every_group_with_it_at_once, two_ways),
	SUITE_ROWS(what_happens_to_another_head_leaves_the_group_alone, backends),
	SUITE_ROWS(what_touches_a_constituent_has_its_group_judged_again, both_touching),
	SUITE_ROWS(a_push_to_the_branch_of_a_group_without_known_constituents_touches_it, backends),
	SUITE_ROWS(a_success_concluded_across_an_event_on_a_constituent_is_dropped, backends),
	SUITE_ROWS(a_constituent_is_judged_as_its_own_head_and_keeps_its_number, backends),
	SUITE_ROWS(a_worker_that_lost_its_fence_notes_nothing, backends),
	SUITE_ROWS(a_group_that_landed_keeps_its_success_and_is_left_alone, backends),
	SUITE_ROWS(a_group_that_did_not_land_loses_its_success_and_is_left_alone, unlanded),
	SUITE_ROWS(a_group_without_success_ends_without_a_post, backends),
	SUITE_ROWS(who_judges_a_group_that_ends_is_too_late, backends),
	SUITE_ROWS(an_end_that_is_told_first_stays_the_end, backends),
	SUITE_ROWS(what_is_found_to_have_landed_ends_without_its_event, backends),
	SUITE_ROWS(a_commit_of_two_groups_is_asked_for_both_until_each_has_ended, backends),
	SUITE_ROWS(the_same_request_told_twice_revokes_nothing, backends),
	SUITE_ROWS(a_change_opened_on_a_groups_commit_revokes_it_and_outlives_the_group, backends),
	SUITE_END};
SUITE_MAIN(tests)
