/* What a read of the forge does to the store when events were lost, over every backend (_i: the backend). */
#include <stdio.h>

#include "tests/support/pipe.h"
#include "tests/support/suite.h"

static const int backends[PIPE_BACKENDS] = {0, 1};

static struct event_change listed(int64_t number, char head, int64_t at)
{
	return change_event(CHANGE_OTHER, number, head, at).change;
}

static struct swept sweep(struct pipe_rig *rig, const struct event_change *changes, size_t n)
{
	struct sweep repo = {.repo = PIPE_REPO, .repo_name = TEXT_LIT("acme/engine")};
	struct sweep_seen seen = {
		.sweep = &repo, .changes = changes, .n = n, .clock = pipe_clock(rig), .next_at = rig->now + 120000};
	struct err err = ERR_NONE;
	struct swept swept;

	ck_assert_msg(store_sweep(&rig->store, &seen, &swept, &err), "%s", err.text);
	return swept;
}

static struct swept sweep_one(struct pipe_rig *rig, struct event_change change)
{
	return sweep(rig, &change, 1);
}

static struct told told_of(struct pipe_rig *rig, int64_t number)
{
	struct err err = ERR_NONE;
	struct told told;

	ck_assert(store_told(&rig->store, (struct change_key){PIPE_REPO, number}, &told, &rig->arena, &err));
	return told;
}

/* ---- what nobody told of ---- */

START_TEST(a_change_nobody_told_of_gets_its_subject_and_a_first_status)
{
	struct pipe_rig rig;
	struct post post;
	struct swept swept;

	pipe_open(&rig, _i);
	swept = sweep_one(&rig, listed(1, 'a', 1));
	ck_assert_uint_eq(swept.moved, 1);
	ck_assert(swept.subjects && swept.slots);
	ck_assert_int_eq(subject_of(&rig, 'a').due, 1);
	ck_assert(next_post(&rig, &post));
	ck_assert_int_eq(post.state, STATUS_PENDING);
	ck_assert_uint_eq(told_of(&rig, 1).n_arrivals, 0); /* a list proves no arrival */
	pipe_close(&rig);
}
END_TEST

START_TEST(a_head_that_moved_unseen_is_failed_before_anything_is_said_of_the_new_one)
{
	struct pipe_rig rig;
	struct post post, none;
	struct claim claim;

	pipe_open_allowed(&rig, _i);
	ck_assert_uint_eq(sweep_one(&rig, listed(1, 'b', 9)).moved, 1);
	ck_assert(!try_claim(&rig, &claim)); /* nothing is read before the forge has the failure */
	ck_assert(next_post(&rig, &post));
	ck_assert_str_eq(post.sha.hex, sha_of('a').hex);
	ck_assert_int_eq(post.state, STATUS_FAILURE);
	ck_assert(!next_post(&rig, &none));
	answer(&rig, &post, POST_ACCEPTED);
	ck_assert(next_post(&rig, &post));
	ck_assert_str_eq(post.sha.hex, sha_of('b').hex);
	ck_assert_int_eq(subject_of(&rig, 'a').due, 1); /* a revocation never stands alone */
	ck_assert_int_eq(subject_of(&rig, 'b').due, 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_head_that_another_listed_change_has_is_not_superseded)
{
	struct pipe_rig rig;
	struct event_change changes[2];

	pipe_open_allowed(&rig, _i);
	changes[0] = listed(1, 'b', 9);
	changes[1] = listed(2, 'a', 9);
	ck_assert_uint_eq(sweep(&rig, changes, 2).moved, 2);
	ck_assert_int_eq(slot_of(&rig, 'a').superseded, 0);
	ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_FAILURE); /* two changes have it: not judged together yet */
	ck_assert_int_eq(subject_of(&rig, 'a').due, 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_base_changed_or_a_draft_made_unseen_is_revoked)
{
	for (int draft = 0; draft < 2; draft++) {
		struct event_change change = listed(1, 'a', 9);
		struct pipe_rig rig;

		pipe_open_allowed(&rig, _i);
		if (draft)
			change.draft = TRI_YES;
		else
			change.base_ref = TEXT_LIT("release");
		(void)sweep_one(&rig, change);
		ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_FAILURE);
		ck_assert_int_eq(subject_of(&rig, 'a').due, 1);
		pipe_close(&rig);
	}
}
END_TEST

START_TEST(every_open_head_is_judged_again_though_nothing_is_new)
{
	struct pipe_rig rig;

	pipe_open_allowed(&rig, _i);
	ck_assert_int_eq(subject_of(&rig, 'a').due, 0);
	ck_assert_uint_eq(sweep_one(&rig, listed(1, 'a', 1)).moved, 0);
	ck_assert_int_eq(subject_of(&rig, 'a').due, 1);
	ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_SUCCESS); /* nothing speaks against it */
	ck_assert_int_eq(drain(&rig), 0);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_running_judgement_survives_one_sweep_after_another)
{
	struct pipe_rig rig;
	struct claim claim;

	pipe_open_allowed(&rig, _i);
	(void)sweep_one(&rig, listed(1, 'a', 1));
	claim = claim_of(&rig, 'a');
	(void)sweep_one(&rig, listed(1, 'a', 1));
	(void)sweep_one(&rig, listed(1, 'a', 1));
	ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_ALLOWED), CONCLUDED);
	pipe_close(&rig);
}
END_TEST

START_TEST(what_news_asks_for_is_judged_before_what_a_sweep_does)
{
	struct pipe_rig rig;
	struct claim claim;

	pipe_open_allowed(&rig, _i);
	(void)sweep_one(&rig, listed(1, 'a', 1));
	tell(&rig, change_event(CHANGE_OPENED, 2, 'f', 9));
	ck_assert(try_claim(&rig, &claim));
	ck_assert_str_eq(claim.sha.hex, sha_of('f').hex);
	ck_assert(try_claim(&rig, &claim));
	ck_assert_str_eq(claim.sha.hex, sha_of('a').hex);
	pipe_close(&rig);
}
END_TEST

START_TEST(what_the_journal_still_holds_comes_first)
{
	struct pipe_rig rig;

	pipe_open_allowed(&rig, _i);
	tell_unapplied(&rig, push_to_change(1, 'a', 'b', 20));
	(void)sweep_one(&rig, listed(1, 'a', 1)); /* read before the push */
	ck_assert_str_eq(told_of(&rig, 1).index.head.hex, sha_of('b').hex);
	ck_assert_int_eq(slot_of(&rig, 'a').superseded, 1);
	ck_assert_int_eq(slot_of(&rig, 'b').superseded, 0);
	pipe_close(&rig);
}
END_TEST

/* ---- older lists ---- */

START_TEST(an_entry_older_than_an_event_tells_nothing)
{
	struct pipe_rig rig;

	pipe_open_allowed(&rig, _i);
	tell(&rig, push_to_change(1, 'a', 'b', 20));
	(void)drain(&rig);
	judge_as(&rig, 'b', DECISION_ALLOWED);
	judge_as(&rig, 'a', DECISION_BLOCKED);
	(void)drain(&rig);
	ck_assert_uint_eq(sweep_one(&rig, listed(1, 'a', 19)).moved, 0);
	ck_assert_str_eq(told_of(&rig, 1).index.head.hex, sha_of('b').hex);
	ck_assert_int_eq(slot_of(&rig, 'b').state, STATUS_SUCCESS);
	ck_assert_int_eq(subject_of(&rig, 'b').due, 1); /* judged again all the same: the list was asked for */
	pipe_close(&rig);
}
END_TEST

START_TEST(another_head_in_the_second_of_the_last_event_is_news_of_which_nobody_is_sure)
{
	struct pipe_rig rig;
	struct told told;

	pipe_open_allowed(&rig, _i);
	ck_assert_uint_eq(sweep_one(&rig, listed(1, 'b', 1)).moved, 1);
	ck_assert_int_eq(slot_of(&rig, 'a').superseded, 1);
	told = told_of(&rig, 1);
	ck_assert(!oid_known(&told.floor_head)); /* a judgement waits until no copy lags */
	ck_assert_uint_eq(sweep_one(&rig, listed(1, 'b', 1)).moved, 0);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_head_superseded_in_the_second_of_the_last_event_is_not_believed_again)
{
	struct pipe_rig rig;

	pipe_open_allowed(&rig, _i);
	tell(&rig, push_to_change(1, 'a', 'b', 1));
	ck_assert_uint_eq(sweep_one(&rig, listed(1, 'a', 1)).moved, 0);
	ck_assert_int_eq(slot_of(&rig, 'a').superseded, 1);
	ck_assert_int_eq(slot_of(&rig, 'b').superseded, 0);
	ck_assert_str_eq(told_of(&rig, 1).floor_head.hex, sha_of('b').hex);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_late_event_is_older_than_what_was_listed)
{
	struct pipe_rig rig;

	pipe_open_allowed(&rig, _i);
	(void)sweep_one(&rig, listed(1, 'c', 30));
	tell(&rig, push_to_change(1, 'a', 'b', 20)); /* c came after b */
	ck_assert_str_eq(told_of(&rig, 1).index.head.hex, sha_of('c').hex);
	ck_assert_int_eq(slot_of(&rig, 'c').superseded, 0);
	pipe_close(&rig);
}
END_TEST

/* ---- what is not in the list ---- */

START_TEST(a_change_that_is_not_listed_any_more_has_its_head_judged)
{
	struct pipe_rig rig;

	pipe_open_allowed(&rig, _i);
	(void)sweep(&rig, NULL, 0);
	ck_assert_int_eq(subject_of(&rig, 'a').due, 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_change_found_closed_is_failed_and_one_found_merged_is_left_alone)
{
	for (int merged = 0; merged < 2; merged++) {
		struct event_change change = listed(1, 'a', 9);
		struct pipe_rig rig;

		pipe_open_allowed(&rig, _i);
		change.open = TRI_NO;
		change.merged = merged ? TRI_YES : TRI_NO;
		(void)sweep_one(&rig, change);
		ck_assert_int_eq(slot_of(&rig, 'a').state, merged ? STATUS_SUCCESS : STATUS_FAILURE);
		ck_assert_int_eq(subject_of(&rig, 'a').due, 1);
		pipe_close(&rig);
	}
}
END_TEST

/* 'a' was allowed, and its change has another head by what an edit told. */
static void leave_behind(struct pipe_rig *rig, int backend)
{
	struct event edit = change_event(CHANGE_EDITED, 1, 'b', 9);

	pipe_open_allowed(rig, backend);
	tell(rig, edit);
	judge_as(rig, 'a', DECISION_ALLOWED); /* by a worker that read before it */
	judge_as(rig, 'b', DECISION_WAITING);
	(void)drain(rig);
	ck_assert_int_eq(subject_of(rig, 'a').due, 0);
	ck_assert_int_eq(ledger_of(rig, 'a').state, STATUS_SUCCESS);
}

START_TEST(a_success_that_heads_no_open_change_is_judged_again)
{
	struct pipe_rig rig;

	leave_behind(&rig, _i);
	ck_assert_uint_eq(sweep_one(&rig, listed(1, 'b', 9)).left, 1);
	ck_assert_int_eq(subject_of(&rig, 'a').due, 1);
	judge_as(&rig, 'a', DECISION_BLOCKED);
	(void)drain(&rig);
	ck_assert_uint_eq(sweep_one(&rig, listed(1, 'b', 9)).left, 0); /* and then it rests */
	ck_assert_int_eq(subject_of(&rig, 'a').due, 0);
	pipe_close(&rig);
}
END_TEST

START_TEST(what_has_landed_rests)
{
	struct event merged = change_event(CHANGE_CLOSED, 1, 'a', 9);
	struct pipe_rig rig;

	pipe_open_allowed(&rig, _i);
	merged.change.merged = TRI_YES;
	tell(&rig, merged);
	ck_assert_uint_eq(sweep(&rig, NULL, 0).left, 0);
	ck_assert_int_eq(subject_of(&rig, 'a').due, 0);
	ck_assert_int_eq(slot_of(&rig, 'a').watched, 0);
	ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_SUCCESS);
	pipe_close(&rig);
}
END_TEST

#define MANY 600 /* several batches */

START_TEST(a_long_list_is_taken_whole)
{
	struct event_change *changes;
	struct pipe_rig rig;
	struct err err = ERR_NONE;
	struct store_counts counts;

	pipe_open(&rig, _i);
	changes = arena_alloc(&rig.arena, MANY, sizeof *changes);
	for (int i = 0; i < MANY; i++) {
		changes[i] = listed(i + 1, 'c', 1);
		(void)snprintf(changes[i].head.hex, sizeof changes[i].head.hex, "%040d", i + 1);
	}
	ck_assert_uint_eq(sweep(&rig, changes, MANY).moved, MANY);
	ck_assert(store_counts(&rig.store, &counts, &err));
	ck_assert_int_eq(counts.subjects_due, MANY);
	ck_assert_int_eq(counts.slots_due, MANY);
	pipe_close(&rig);
}
END_TEST

/* ---- whose turn it is ---- */

static bool take(struct pipe_rig *rig, struct sweep *ret, int64_t *next_at)
{
	struct taker taker = {"sweep-1", rig->now, &rig->arena, NULL};
	struct err err = ERR_NONE;

	if (store_take_sweep(&rig->store, &taker, rig->now + rig->store.limits.lease_ms, ret, next_at, &err))
		return true;
	ck_assert_msg(err.code == ERR_GONE, "%s", err.text);
	return false;
}

START_TEST(a_repository_is_swept_when_it_is_first_heard_of_and_then_in_turn)
{
	struct pipe_rig rig;
	struct row_repo other = {.id = 8, .name = TEXT_LIT("acme/other")};
	struct err err = ERR_NONE;
	struct sweep first, second, third;
	int64_t next_at;

	pipe_open_told(&rig, _i);
	ck_assert(store_know_repo(&rig.store, &other, &err));
	ck_assert(take(&rig, &first, &next_at));
	ck_assert(take(&rig, &second, &next_at));
	ck_assert_int_ne(first.repo, second.repo);
	ck_assert_uint_eq(first.n_open + second.n_open, 1);
	ck_assert(!take(&rig, &third, &next_at)); /* both are being read */
	ck_assert_int_eq(next_at, rig.now + rig.store.limits.lease_ms);
	ck_assert(store_put_off_sweep(&rig.store, &first, rig.now + 5000, &err));
	rig.now += 5000;
	ck_assert(take(&rig, &third, &next_at));
	ck_assert_int_eq(third.repo, first.repo);
	ck_assert_int_eq(third.attempts, 1);
	ck_assert(store_sweep_all(&rig.store, &err)); /* a new start */
	ck_assert(take(&rig, &first, &next_at));
	ck_assert_int_eq(first.attempts, 0);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_sweep_that_is_done_comes_again_at_its_time)
{
	struct pipe_rig rig;
	struct sweep due;
	int64_t next_at;

	pipe_open_allowed(&rig, _i);
	ck_assert(take(&rig, &due, &next_at));
	(void)sweep_one(&rig, listed(1, 'a', 1));
	ck_assert(!take(&rig, &due, &next_at));
	ck_assert_int_eq(next_at, rig.now + 120000);
	rig.now -= 30 * 86400000LL; /* the clock went back: it is not waited for */
	ck_assert(take(&rig, &due, &next_at));
	pipe_close(&rig);
}
END_TEST

/* ---- our statuses ---- */

static bool take_look(struct pipe_rig *rig, struct sweep_look *ret)
{
	struct taker taker = {"sweep-1", rig->now, &rig->arena, NULL};
	struct err err = ERR_NONE;

	if (store_take_look(&rig->store, &taker, ret, &err))
		return true;
	ck_assert_msg(err.code == ERR_GONE, "%s", err.text);
	return false;
}

static enum looked look(struct pipe_rig *rig, const struct sweep_look *look, struct reread seen)
{
	struct err err = ERR_NONE;
	enum looked outcome;

	ck_assert(store_looked(&rig->store, look, &seen, &outcome, &err));
	return outcome;
}

struct shown_status {
	const char *what;
	int newer; /* than the id known */
	enum status_state state;
	const char *text; /* NULL: the one we sent */
	enum looked outcome;
	bool due; /* it is posted again */
};
static const struct shown_status shown[] = {
	{"what we sent", 0, STATUS_SUCCESS, NULL, LOOKED_SAME, false},
	{"what we sent, shortened by the forge", 0, STATUS_SUCCESS, "verdict al", LOOKED_SAME, false},
	{"an older copy", -1, STATUS_FAILURE, "old", LOOKED_SAME, false},
	{"a foreign failure", 5, STATUS_FAILURE, "not ours", LOOKED_FOREIGN, true},
	{"a foreign success", 5, STATUS_SUCCESS, "not ours", LOOKED_FOREIGN, true},
	{"the same again under another id", 5, STATUS_SUCCESS, NULL, LOOKED_SAME, false},
	{"another state under the id known", 0, STATUS_FAILURE, NULL, LOOKED_CORRECTED, true},
};

START_TEST(the_ledger_becomes_what_the_forge_shows_and_never_an_older_status)
{
	for (int backend = 0; backend < PIPE_BACKENDS; backend++) {
		const struct shown_status *row = &shown[_i];
		struct pipe_rig rig;
		struct sweep_look at;
		struct row_ledger ledger;
		struct reread seen;

		pipe_open_allowed(&rig, backend);
		(void)sweep_one(&rig, listed(1, 'a', 1));
		ck_assert(take_look(&rig, &at));
		ledger = ledger_of(&rig, 'a');
		seen = (struct reread){row->state,
				       row->text ? text_of(row->text) : ledger.text,
				       ledger.forge_status_id + row->newer,
				       1,
				       0,
				       NULL,
				       0};
		ck_assert_msg(look(&rig, &at, seen) == row->outcome, "%s", row->what);
		ck_assert_msg((slot_of(&rig, 'a').due != 0) == row->due, "%s", row->what);
		ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_SUCCESS); /* the slot is the policy's */
		ck_assert(!take_look(&rig, &at));
		pipe_close(&rig);
	}
}
END_TEST

/* The forge's answer to the last POST had no id: the ledger knows the one before. */
static void forget_id(struct pipe_rig *rig, int64_t id)
{
	struct row_ledger ledger = ledger_of(rig, 'a');
	struct err err = ERR_NONE;

	ledger.forge_status_id = id;
	ck_assert(rig->rows.ops->begin(rig->rows.self, true, &err));
	ck_assert(rig->rows.ops->put(rig->rows.self, &table_ledger, &ledger, &err));
	ck_assert(rig->rows.ops->commit(rig->rows.self, &err));
}

/* The list was read, a failure goes out, and then the old list is written. */
START_TEST(a_list_read_before_a_post_went_out_is_not_believed)
{
	/* 0: out, 1: accepted, 2: accepted under an id that was not told, 3: unanswered */
	for (int answered = 0; answered < 4; answered++) {
		struct pipe_rig rig;
		struct sweep_look at;
		struct row_ledger before, after;
		struct post post;

		pipe_open_allowed(&rig, _i);
		(void)sweep_one(&rig, listed(1, 'a', 1));
		ck_assert(take_look(&rig, &at));
		before = ledger_of(&rig, 'a');
		tell(&rig, review_event(REVIEW_DISMISSED, 9, REVIEW_STATE_DISMISSED, 'a'));
		ck_assert(next_post(&rig, &post));
		ck_assert_int_eq(post.state, STATUS_FAILURE);
		if (answered)
			answer(&rig, &post, answered < 3 ? POST_ACCEPTED : POST_UNANSWERED);
		if (answered == 2)
			forget_id(&rig, before.forge_status_id);
		ck_assert_int_eq(
			look(&rig, &at,
			     (struct reread){STATUS_SUCCESS, before.text, before.forge_status_id, 1, 0, NULL, 0}),
			LOOKED_OVERTAKEN);
		after = ledger_of(&rig, 'a');
		ck_assert_int_eq(after.state, answered == 1 || answered == 2 ? STATUS_FAILURE : STATUS_UNKNOWN);
		pipe_close(&rig);
	}
}
END_TEST

/* The list holds a status nobody told of; while it was read ours went over it. */
START_TEST(a_newer_status_that_ours_went_over_meanwhile_is_not_believed)
{
	struct pipe_rig rig;
	struct sweep_look at;
	struct post post;
	int64_t id;

	pipe_open_allowed(&rig, _i);
	(void)sweep_one(&rig, listed(1, 'a', 1));
	ck_assert(take_look(&rig, &at));
	id = ledger_of(&rig, 'a').forge_status_id;
	tell(&rig, review_event(REVIEW_DISMISSED, 9, REVIEW_STATE_DISMISSED, 'a'));
	ck_assert(next_post(&rig, &post));
	ck_assert_int_eq(look(&rig, &at, (struct reread){STATUS_FAILURE, TEXT_LIT("theirs"), id + 1, 2, 0, NULL, 0}),
			 LOOKED_OVERTAKEN);
	ck_assert_int_eq(ledger_of(&rig, 'a').state, STATUS_UNKNOWN);
	pipe_close(&rig);
}
END_TEST

START_TEST(what_is_in_doubt_is_not_looked_at)
{
	struct pipe_rig rig;
	struct sweep_look at;
	struct post post;

	pipe_open_told(&rig, _i);
	ck_assert(next_post(&rig, &post));
	answer(&rig, &post, POST_UNANSWERED);
	(void)sweep_one(&rig, listed(1, 'a', 1));
	ck_assert(!take_look(&rig, &at));
	pipe_close(&rig);
}
END_TEST

START_TEST(a_success_left_behind_is_looked_at_too_and_a_repository_can_be_let_go)
{
	struct pipe_rig rig;
	struct sweep_look at;
	struct err err = ERR_NONE;

	leave_behind(&rig, _i);
	(void)sweep_one(&rig, listed(1, 'b', 9));
	ck_assert(take_look(&rig, &at) && take_look(&rig, &at) && !take_look(&rig, &at));
	(void)sweep_one(&rig, listed(1, 'b', 9));
	ck_assert(store_drop_looks(&rig.store, PIPE_REPO, &err));
	ck_assert(!take_look(&rig, &at));
	pipe_close(&rig);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_change_nobody_told_of_gets_its_subject_and_a_first_status, backends),
	SUITE_ROWS(a_head_that_moved_unseen_is_failed_before_anything_is_said_of_the_new_one, backends),
	SUITE_ROWS(a_head_that_another_listed_change_has_is_not_superseded, backends),
	SUITE_ROWS(a_base_changed_or_a_draft_made_unseen_is_revoked, backends),
	SUITE_ROWS(every_open_head_is_judged_again_though_nothing_is_new, backends),
	SUITE_ROWS(a_running_judgement_survives_one_sweep_after_another, backends),
	SUITE_ROWS(what_news_asks_for_is_judged_before_what_a_sweep_does, backends),
	SUITE_ROWS(what_the_journal_still_holds_comes_first, backends),
	SUITE_ROWS(an_entry_older_than_an_event_tells_nothing, backends),
	SUITE_ROWS(another_head_in_the_second_of_the_last_event_is_news_of_which_nobody_is_sure, backends),
	SUITE_ROWS(a_head_superseded_in_the_second_of_the_last_event_is_not_believed_again, backends),
	SUITE_ROWS(a_late_event_is_older_than_what_was_listed, backends),
	SUITE_ROWS(a_change_that_is_not_listed_any_more_has_its_head_judged, backends),
	SUITE_ROWS(a_change_found_closed_is_failed_and_one_found_merged_is_left_alone, backends),
	SUITE_ROWS(a_success_that_heads_no_open_change_is_judged_again, backends),
	SUITE_ROWS(what_has_landed_rests, backends),
	SUITE_ROWS(a_long_list_is_taken_whole, backends),
	SUITE_ROWS(a_repository_is_swept_when_it_is_first_heard_of_and_then_in_turn, backends),
	SUITE_ROWS(a_sweep_that_is_done_comes_again_at_its_time, backends),
	SUITE_ROWS(the_ledger_becomes_what_the_forge_shows_and_never_an_older_status, shown),
	SUITE_ROWS(a_list_read_before_a_post_went_out_is_not_believed, backends),
	SUITE_ROWS(a_newer_status_that_ours_went_over_meanwhile_is_not_believed, backends),
	SUITE_ROWS(what_is_in_doubt_is_not_looked_at, backends),
	SUITE_ROWS(a_success_left_behind_is_looked_at_too_and_a_repository_can_be_let_go, backends),
	SUITE_END,
};
SUITE_MAIN(tests)
