/* Faults that last, many at once, and clocks that go back: the store neither waits for ever nor spins (_i: backend). */
#include <stdio.h>

#include "tests/support/pipe.h"
#include "tests/support/suite.h"

static const int backends[PIPE_BACKENDS] = {0, 1};

static bool take_doubt(struct pipe_rig *rig, struct doubt *ret)
{
	struct err err = ERR_NONE;
	struct taker taker = {"post-1", rig->now, &rig->arena, NULL};
	int64_t next_at;

	return store_take_doubt(&rig->store, &taker, ret, &next_at, &err);
}

/* Head `head` of change `number`, its first status sent and never answered. */
static void leave_in_doubt(struct pipe_rig *rig, int64_t number, char head)
{
	struct post post;

	tell(rig, change_event(CHANGE_OPENED, number, head, 1));
	ck_assert(next_post(rig, &post));
	answer(rig, &post, POST_UNANSWERED);
}

START_TEST(a_doubt_that_cannot_be_settled_holds_no_other_back)
{
	struct err err = ERR_NONE;
	struct pipe_rig rig;
	struct doubt first, second;

	pipe_open(&rig, _i);
	leave_in_doubt(&rig, 1, 'a');
	rig.now += 1;
	leave_in_doubt(&rig, 2, 'b');
	rig.now += 60000;
	ck_assert(take_doubt(&rig, &first));
	ck_assert(store_defer_doubt(&rig.store, &first, rig.now + 5000, &err)); /* its repository is gone, say */
	ck_assert(take_doubt(&rig, &second));
	ck_assert_str_ne(first.sha.hex, second.sha.hex);
	ck_assert(ledger_of(&rig, first.sha.hex[0]).in_doubt);
	pipe_close(&rig);
}
END_TEST

static struct oid numbered(int n)
{
	struct oid oid = sha_of('b');
	char digits[8];

	snprintf(digits, sizeof digits, "%05d", n);
	__builtin_memcpy(oid.hex + 2, digits, 5);
	return oid;
}

#define MANY 300 /* more than one look takes */

START_TEST(many_heads_behind_unanswered_supersedes_do_not_hide_the_supersedes)
{
	struct pipe_rig rig;
	struct post post;
	struct event event;

	pipe_open(&rig, 0); /* the number is what counts, and a file would be slow */
	for (int i = 0; i < MANY; i++) {
		event = push_to_change(i + 1, 'a', 'b', 2);
		event.change.head = numbered(i);
		event.before = numbered(MANY + i);
		tell_unapplied(&rig, event);
	}
	apply_all(&rig);
	for (int i = 0; i < MANY; i++) {
		ck_assert(next_post(&rig, &post));
		ck_assert_int_eq(post.state, STATUS_FAILURE);
		answer(&rig, &post, POST_NOT_SENT);
	}
	rig.now += 60000;
	ck_assert(next_post(&rig, &post)); /* a supersede again: nothing else may go before it */
	ck_assert_int_eq(post.state, STATUS_FAILURE);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_refused_status_is_tried_again_by_the_next_judgement)
{
	struct pipe_rig rig;
	struct post post;

	pipe_open_told(&rig, _i);
	judge_as(&rig, 'a', DECISION_BLOCKED);
	ck_assert(next_post(&rig, &post));
	answer(&rig, &post, POST_REFUSED); /* a permission was taken away, and is given back */
	rig.now += 120000;
	ck_assert(!next_post(&rig, &post));
	tell(&rig, change_event(CHANGE_READY, 1, 'a', 2));
	ck_assert(!next_post(&rig, &post));
	judge_as(&rig, 'a', DECISION_BLOCKED);
	ck_assert(next_post(&rig, &post));
	answer(&rig, &post, POST_ACCEPTED);
	ck_assert_int_eq(ledger_of(&rig, 'a').state, STATUS_FAILURE);
	ck_assert_int_eq(ledger_of(&rig, 'a').count, 1); /* what was refused is not on the forge's list */
	pipe_close(&rig);
}
END_TEST

/* Not even a "pending" came before the success: the failure was the forge's second status, and it has the first. */
START_TEST(a_success_whose_failure_the_forge_refuses_is_looked_after)
{
	struct pipe_rig rig;
	struct post post;

	pipe_open_allowed(&rig, _i);
	ck_assert_int_eq(ledger_of(&rig, 'a').count, 1);
	tell(&rig, review_event(REVIEW_DISMISSED, 9, REVIEW_STATE_DISMISSED, 'a'));
	ck_assert(next_post(&rig, &post));
	ck_assert_int_eq(post.state, STATUS_FAILURE);
	answer(&rig, &post, POST_REFUSED);
	ck_assert_int_eq(slot_of(&rig, 'a').watched, 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_success_dropped_for_a_doubt_waits_for_the_doubt)
{
	struct pipe_rig rig;
	struct claim claim, again;

	pipe_open(&rig, _i);
	leave_in_doubt(&rig, 1, 'a');
	claim = claim_of(&rig, 'a');
	ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_ALLOWED), CONCLUDED_DROPPED);
	ck_assert(!try_claim(&rig, &again)); /* or it would ask the forge the same without a pause */
	rig.now += 60000;
	claim = claim_of(&rig, 'a'); /* nobody could settle it yet: still a pause between two tries */
	ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_ALLOWED), CONCLUDED_DROPPED);
	ck_assert(!try_claim(&rig, &again));
	rig.now += 60000;
	ck_assert(try_claim(&rig, &again));
	pipe_close(&rig);
}
END_TEST

#define HOUR INT64_C(3600000)

START_TEST(a_success_from_the_future_is_judged_again)
{
	struct pipe_rig rig;
	struct post post;

	pipe_open_told(&rig, _i);
	drain(&rig);
	judge_as(&rig, 'a', DECISION_ALLOWED);
	rig.now -= HOUR; /* how old it is cannot be said */
	while (next_post(&rig, &post)) {
		ck_assert_int_ne(post.state, STATUS_SUCCESS);
		answer(&rig, &post, POST_ACCEPTED);
	}
	ck_assert_int_eq(subject_of(&rig, 'a').due, 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_lease_of_a_clock_that_went_back_runs_out)
{
	struct pipe_rig rig;
	struct claim claim;

	pipe_open_told(&rig, _i);
	claim = claim_of(&rig, 'a'); /* and its worker died */
	rig.now -= HOUR;
	ck_assert(try_claim(&rig, &claim));
	pipe_close(&rig);
}
END_TEST

START_TEST(a_post_of_a_clock_that_went_back_is_presumed_dead)
{
	struct pipe_rig rig;
	struct post post;
	struct doubt doubt;
	struct err err = ERR_NONE;

	pipe_open_told(&rig, _i);
	ck_assert(next_post(&rig, &post)); /* and its poster died */
	judge_as(&rig, 'a', DECISION_BLOCKED);
	rig.now -= HOUR; /* the clock of the next process */
	ck_assert(store_restart_posts(&rig.store, rig.now, &err));
	for (int s = 0; s < 60 && !next_post(&rig, &post); s++) {
		(void)take_doubt(&rig, &doubt);
		rig.now += 1000;
	}
	ck_assert_int_eq(post.state, STATUS_FAILURE);
	pipe_close(&rig);
}
END_TEST

/* It read the clock, stood still, and went on: the doubts of those who went on meanwhile are not too long, it is late.
 */
START_TEST(whoever_stood_still_ends_no_doubt_early)
{
	struct pipe_rig rig;
	struct post post;
	struct doubt doubt;

	pipe_open_told(&rig, _i);
	rig.now += HOUR;
	ck_assert(next_post(&rig, &post));
	answer(&rig, &post, POST_UNANSWERED);
	rig.now -= HOUR;
	ck_assert(!take_doubt(&rig, &doubt));
	rig.now += HOUR;
	ck_assert(!take_doubt(&rig, &doubt));
	pipe_close(&rig);
}
END_TEST

START_TEST(a_revocation_does_not_inherit_the_backoff_of_a_success)
{
	struct pipe_rig rig;
	struct post post;

	pipe_open_told(&rig, _i);
	drain(&rig);
	judge_as(&rig, 'a', DECISION_ALLOWED);
	ck_assert(next_post(&rig, &post));
	post.attempts = 9; /* it failed before */
	tell(&rig, change_event(CHANGE_DRAFT, 1, 'a', 2));
	answer(&rig, &post, POST_UNANSWERED);
	ck_assert(next_post(&rig, &post));
	ck_assert_int_eq(post.state, STATUS_FAILURE);
	pipe_close(&rig);
}
END_TEST

static struct event foreign(int64_t id, const char *state)
{
	struct event event = change_event(CHANGE_OTHER, 0, 'a', 1);

	event.kind = EVENT_STATUS;
	event.status.id = id;
	event.status.sha = sha_of('a');
	event.status.context = TEXT_LIT("policy/merge-allowed");
	event.status.state = text_of(state);
	return event;
}

START_TEST(a_foreign_status_that_came_while_a_post_was_out_is_overwritten)
{
	struct pipe_rig rig;
	struct post post;

	pipe_open_told(&rig, _i);
	ck_assert(next_post(&rig, &post));
	tell(&rig, foreign(1000000, "success")); /* newer than what the answer will name */
	answer(&rig, &post, POST_ACCEPTED);
	ck_assert(next_post(&rig, &post));
	ck_assert_int_eq(post.state, STATUS_PENDING);
	pipe_close(&rig);
}
END_TEST

START_TEST(closed_changes_do_not_crowd_the_open_one_out)
{
	struct pipe_rig rig;
	struct claim claim;
	bool there = false;

	pipe_open(&rig, _i);
	for (int64_t n = 1; n <= 80; n++) /* anybody can open and close changes with somebody else's commit */
		tell(&rig, change_event(CHANGE_CLOSED, n, 'a', 1));
	tell(&rig, change_event(CHANGE_OPENED, 100, 'a', 2));
	claim = claim_of(&rig, 'a');
	for (size_t i = 0; i < claim.n_candidates; i++)
		there = there || claim.candidates[i] == 100;
	ck_assert(there);
	ck_assert_uint_le(claim.n_candidates, 20);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_team_event_of_a_new_installation_reaches_older_changes)
{
	struct pipe_rig rig;
	struct event event = change_event(CHANGE_OPENED, 1, 'a', 1);

	pipe_open(&rig, _i);
	event.installation = 5;
	tell(&rig, event);
	judge_as(&rig, 'a', DECISION_ALLOWED);
	event = foreign(1, "success"); /* anything that says that the repository is of another installation now */
	event.installation = 6;
	tell(&rig, event);
	event = (struct event){.kind = EVENT_MEMBERSHIP, .name = TEXT_LIT("membership"), .installation = 6};
	event.change.updated_at = event.review.submitted_at = event.status.created_at = event.pushed_at = WHEN_UNKNOWN;
	ck_assert_int_eq(subject_of(&rig, 'a').due, 0);
	tell(&rig, event);
	ck_assert_int_eq(subject_of(&rig, 'a').due, 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_review_told_of_a_closed_change_still_asks_for_a_judgement)
{
	struct pipe_rig rig;
	struct event event = review_event(REVIEW_DISMISSED, 9, REVIEW_STATE_DISMISSED, 'a');

	pipe_open_told(&rig, _i);
	judge_as(&rig, 'a', DECISION_ALLOWED);
	event.change.open = TRI_NO; /* delivered late: the change was opened again since */
	tell(&rig, event);
	ck_assert_int_eq(subject_of(&rig, 'a').due, 1);
	pipe_close(&rig);
}
END_TEST

/* ---- who comes late ---- */

START_TEST(a_list_read_before_a_newer_post_settles_nothing)
{
	struct err err = ERR_NONE;
	struct reread seen = {STATUS_SUCCESS, TEXT_LIT("verdict allowed"), 500, 3, 0, NULL, 0};
	struct pipe_rig rig;
	struct post post;
	struct doubt doubt;

	pipe_open_told(&rig, _i);
	judge_as(&rig, 'a', DECISION_ALLOWED);
	ck_assert(next_post(&rig, &post));
	answer(&rig, &post, POST_UNANSWERED);
	rig.now += 31000;
	ck_assert(take_doubt(&rig, &doubt)); /* the list is being read */
	tell(&rig, change_event(CHANGE_DRAFT, 1, 'a', 2));
	ck_assert(next_post(&rig, &post));
	ck_assert(store_settle_doubt(&rig.store, &doubt, &seen, &err));
	ck_assert_int_eq(ledger_of(&rig, 'a').state, STATUS_UNKNOWN);
	answer(&rig, &post, POST_ACCEPTED);
	ck_assert(store_settle_doubt(&rig.store, &doubt, &seen, &err));
	ck_assert_int_eq(ledger_of(&rig, 'a').state, STATUS_FAILURE);
	pipe_close(&rig);
}
END_TEST

START_TEST(an_answer_that_comes_after_the_post_was_given_up_says_nothing)
{
	struct pipe_rig rig;
	struct post late, post;
	struct doubt doubt;

	pipe_open_told(&rig, _i);
	judge_as(&rig, 'a', DECISION_ALLOWED);
	ck_assert(next_post(&rig, &late));
	rig.now += 31000;
	ck_assert(take_doubt(&rig, &doubt));
	tell(&rig, change_event(CHANGE_DRAFT, 1, 'a', 2));
	ck_assert(next_post(&rig, &post));
	answer(&rig, &late, POST_ACCEPTED);
	ck_assert_int_eq(ledger_of(&rig, 'a').state, STATUS_UNKNOWN);
	ck_assert(ledger_of(&rig, 'a').in_flight_by.len > 0);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_late_worker_gives_no_other_workers_claim_back)
{
	struct err err = ERR_NONE;
	struct pipe_rig rig;
	struct claim late, now, other;

	pipe_open_told(&rig, _i);
	late = claim_of(&rig, 'a');
	rig.now += rig.store.limits.lease_ms + 1;
	now = claim_of(&rig, 'a');
	ck_assert(store_defer(&rig.store, &late, 0, &err));
	ck_assert(!try_claim(&rig, &other));
	ck_assert_int_eq(subject_of(&rig, 'a').fence, now.fence);
	pipe_close(&rig);
}
END_TEST

START_TEST(the_head_an_event_names_as_replaced_is_judged_although_the_index_never_knew_it)
{
	struct pipe_rig rig;

	pipe_open_told(&rig, _i);
	tell(&rig, push_to_change(1, 'e', 'b', 2)); /* the push from a to e was lost */
	ck_assert_int_eq(subject_of(&rig, 'e').due, 1);
	ck_assert_int_eq(slot_of(&rig, 'e').state, STATUS_FAILURE);
	ck_assert_int_eq(subject_of(&rig, 'a').due, 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_success_is_dropped_while_more_of_the_journal_waits_than_one_conclusion_applies)
{
	struct pipe_rig rig;
	struct claim claim;

	pipe_open(&rig, 0); /* the journal's length is what counts, and a file would be slow */
	tell(&rig, change_event(CHANGE_OPENED, 1, 'a', 1));
	claim = claim_of(&rig, 'a');
	for (int64_t n = 0; n < 2000; n++)
		tell_unapplied(&rig, foreign(1, "pending")); /* older than what is known but for the first */
	tell_unapplied(&rig, change_event(CHANGE_DRAFT, 1, 'a', 2));
	ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_ALLOWED), CONCLUDED_DROPPED);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_status_that_was_written_before_the_cap_is_no_grant_after_it)
{
	struct pipe_rig rig;
	struct post post;

	pipe_open(&rig, _i);
	rig.store.limits.posts_max = 2;
	tell(&rig, change_event(CHANGE_OPENED, 1, 'a', 1));
	for (int i = 0; i < 2; i++, rig.now += 60000) {
		ck_assert(next_post(&rig, &post));
		ck_assert_int_eq(post.state, STATUS_PENDING);
		answer(&rig, &post, POST_UNANSWERED); /* they may all stand on the forge's list */
	}
	ck_assert(next_post(&rig, &post));
	ck_assert_int_eq(post.state, STATUS_FAILURE);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_head_that_a_late_event_names_keeps_what_was_said_of_it)
{
	struct pipe_rig rig;

	pipe_open_told(&rig, _i);
	tell(&rig, push_to_change(1, 'a', 'c', 4));
	drain(&rig);
	tell(&rig, push_to_change(1, 'b', 'a', 3)); /* from before it was replaced */
	ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_FAILURE);
	ck_assert_int_eq(subject_of(&rig, 'a').due, 1);
	pipe_close(&rig);
}
END_TEST

static enum concluded conclude_read_at(struct pipe_rig *rig, const struct claim *claim, int64_t read_at)
{
	struct err err = ERR_NONE;
	struct verdict verdict = {.decision = DECISION_ALLOWED,
				  .state = STATUS_SUCCESS,
				  .text = TEXT_LIT("fine"),
				  .public_text = TEXT_LIT("fine")};
	struct conclusion in = {.claim = claim,
				.verdict = &verdict,
				.rules_json = TEXT_LIT("[]"),
				.facts_json = TEXT_LIT("{}"),
				.now = rig->now,
				.read_at = read_at};
	enum concluded outcome;
	int64_t id;

	ck_assert_msg(store_conclude(&rig->store, &in, &outcome, &id, &err), "%s", err.text);
	return outcome;
}

/* The process was stopped between its second reading and its conclusion. */
START_TEST(a_success_of_an_old_reading_is_judged_again)
{
	struct pipe_rig rig;
	struct claim claim;
	int64_t read_at;

	pipe_open_told(&rig, _i);
	drain(&rig);
	claim = claim_of(&rig, 'a');
	read_at = rig.now;
	rig.now += rig.store.limits.grant_age_ms + 1;
	ck_assert_int_eq(conclude_read_at(&rig, &claim, read_at), CONCLUDED_DROPPED);
	ck_assert_int_eq(subject_of(&rig, 'a').due, 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(near_the_cap_what_stands_is_not_taken_back)
{
	struct pipe_rig rig;

	pipe_open_told(&rig, _i);
	drain(&rig);
	judge_as(&rig, 'a', DECISION_ALLOWED);
	drain(&rig);
	rig.store.limits.posts_max = ledger_of(&rig, 'a').count;
	tell(&rig, change_event(CHANGE_READY, 1, 'a', 2));
	judge_as(&rig, 'a', DECISION_ALLOWED);
	ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_SUCCESS);
	ck_assert_int_eq(drain(&rig), 0);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_denial_that_is_owed_again_lifts_no_supersede)
{
	struct pipe_rig rig;
	struct claim claim;

	pipe_open_told(&rig, _i);
	drain(&rig);
	claim = claim_of(&rig, 'a');
	tell(&rig, push_to_change(1, 'a', 'b', 2));
	ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_WAITING), CONCLUDED);
	ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_FAILURE);
	ck_assert_int_eq(slot_of(&rig, 'a').superseded, 1);
	pipe_close(&rig);
}
END_TEST

static const struct {
	const char *what;
	int64_t ms; /* the second transaction's clock behind the first one's */
	bool kept;
} behind[] = {
	{"it shows the time", -10, false},
	{"another node's is ahead", 10, true},
	{"it was asked before, and stood still", FLOOR_LAG_MS + 1, true},
	{"it stood still for long", 7200000, true},
	{"it went back", 7200001, false},
};

START_TEST(what_was_told_of_somebodys_rights_is_not_made_older_but_where_a_clock_went_back)
{
	const struct event taken = {
		.kind = EVENT_MEMBERSHIP, .action = TEXT_LIT("removed"), .repo = PIPE_REPO, .subject_user = {.id = 22}};

	for (int backend = 0; backend < PIPE_BACKENDS; backend++) {
		struct row_floor floor = {.repo = PIPE_REPO, .kind = TEXT_LIT(FLOOR_PEOPLE), .key = 22};
		struct err err = ERR_NONE;
		struct pipe_rig rig;
		int64_t first;

		pipe_open(&rig, backend);
		first = rig.now;
		tell(&rig, taken);
		rig.now -= behind[_i].ms;
		tell(&rig, taken);
		ck_assert(store_floor(&rig.store, &floor, &rig.arena, &err));
		ck_assert_msg(floor.forge_time == (behind[_i].kept ? first : rig.now), "%s", behind[_i].what);
		pipe_close(&rig);
	}
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_success_of_an_old_reading_is_judged_again, backends),
	SUITE_ROWS(near_the_cap_what_stands_is_not_taken_back, backends),
	SUITE_ROWS(a_denial_that_is_owed_again_lifts_no_supersede, backends),
	SUITE_ROWS(a_head_that_a_late_event_names_keeps_what_was_said_of_it, backends),
	SUITE_ROWS(a_status_that_was_written_before_the_cap_is_no_grant_after_it, backends),
	SUITE_ROWS(a_list_read_before_a_newer_post_settles_nothing, backends),
	SUITE_ROWS(an_answer_that_comes_after_the_post_was_given_up_says_nothing, backends),
	SUITE_ROWS(a_late_worker_gives_no_other_workers_claim_back, backends),
	SUITE_ROWS(the_head_an_event_names_as_replaced_is_judged_although_the_index_never_knew_it, backends),
	SUITE_TEST(a_success_is_dropped_while_more_of_the_journal_waits_than_one_conclusion_applies),
	SUITE_ROWS(a_doubt_that_cannot_be_settled_holds_no_other_back, backends),
	SUITE_TEST(many_heads_behind_unanswered_supersedes_do_not_hide_the_supersedes),
	SUITE_ROWS(a_refused_status_is_tried_again_by_the_next_judgement, backends),
	SUITE_ROWS(a_success_whose_failure_the_forge_refuses_is_looked_after, backends),
	SUITE_ROWS(a_success_dropped_for_a_doubt_waits_for_the_doubt, backends),
	SUITE_ROWS(a_success_from_the_future_is_judged_again, backends),
	SUITE_ROWS(a_lease_of_a_clock_that_went_back_runs_out, backends),
	SUITE_ROWS(a_post_of_a_clock_that_went_back_is_presumed_dead, backends),
	SUITE_ROWS(whoever_stood_still_ends_no_doubt_early, backends),
	SUITE_ROWS(a_revocation_does_not_inherit_the_backoff_of_a_success, backends),
	SUITE_ROWS(a_foreign_status_that_came_while_a_post_was_out_is_overwritten, backends),
	SUITE_ROWS(closed_changes_do_not_crowd_the_open_one_out, backends),
	SUITE_ROWS(a_team_event_of_a_new_installation_reaches_older_changes, backends),
	SUITE_ROWS(a_review_told_of_a_closed_change_still_asks_for_a_judgement, backends),
	SUITE_ROWS(what_was_told_of_somebodys_rights_is_not_made_older_but_where_a_clock_went_back, behind),
	SUITE_END,
};
SUITE_MAIN(tests)
