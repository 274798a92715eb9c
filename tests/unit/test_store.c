/* The protocol's rules, each as a conversation with the store, over every backend (_i is the backend). */
#include "tests/support/pipe.h"
#include "tests/support/suite.h"

static const int backends[PIPE_BACKENDS] = {0, 1};

START_TEST(a_new_head_is_announced_and_asked_for)
{
	struct pipe_rig rig;
	struct post post;

	pipe_open_told(&rig, _i);
	ck_assert(next_post(&rig, &post));
	ck_assert_int_eq(post.state, STATUS_PENDING);
	ck_assert_int_eq(subject_of(&rig, 'a').due, 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_known_delivery_id_changes_nothing)
{
	struct err err = ERR_NONE;
	struct append append = {.guid = TEXT_LIT("one"), .state = JOURNAL_QUARANTINED};
	struct store_counts counts;
	struct pipe_rig rig;

	pipe_open(&rig, _i);
	ck_assert(store_append(&rig.store, &append, &err) && !append.duplicate);
	ck_assert(store_append(&rig.store, &append, &err) && append.duplicate);
	ck_assert(store_counts(&rig.store, &counts, &err));
	ck_assert_int_eq(counts.quarantined, 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_push_fails_the_old_head_before_anything_on_the_new_one)
{
	struct pipe_rig rig;
	struct post first, second;

	pipe_open_allowed(&rig, _i);
	tell(&rig, push_to_change(1, 'a', 'b', 2));
	ck_assert(next_post(&rig, &first));
	ck_assert_str_eq(first.sha.hex, sha_of('a').hex);
	ck_assert_int_eq(first.state, STATUS_FAILURE);
	ck_assert(text_starts(first.text, TEXT_LIT("Superseded by bbbbbbb")));
	ck_assert(!next_post(&rig, &second)); /* b waits for the answer about a */
	answer(&rig, &first, POST_ACCEPTED);
	ck_assert(next_post(&rig, &second));
	ck_assert_str_eq(second.sha.hex, sha_of('b').hex);
	ck_assert_int_eq(second.state, STATUS_PENDING);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_supersede_that_is_refused_for_good_lets_the_new_head_go_on)
{
	struct pipe_rig rig;
	struct post post;

	pipe_open_allowed(&rig, _i);
	tell(&rig, push_to_change(1, 'a', 'b', 2));
	ck_assert(next_post(&rig, &post));
	answer(&rig, &post, POST_REFUSED);
	ck_assert(next_post(&rig, &post));
	ck_assert_str_eq(post.sha.hex, sha_of('b').hex);
	pipe_close(&rig);
}
END_TEST

START_TEST(an_unanswered_supersede_holds_the_new_head_back)
{
	struct pipe_rig rig;
	struct post post;

	pipe_open_allowed(&rig, _i);
	tell(&rig, push_to_change(1, 'a', 'b', 2));
	ck_assert(next_post(&rig, &post));
	answer(&rig, &post, POST_UNANSWERED);
	ck_assert(!next_post(&rig, &post));
	rig.now += 1000; /* its backoff is over: a revocation in doubt is sent again at once */
	ck_assert(next_post(&rig, &post));
	ck_assert_str_eq(post.sha.hex, sha_of('a').hex);
	pipe_close(&rig);
}
END_TEST

START_TEST(two_heads_never_wait_for_each_other)
{
	struct pipe_rig rig;

	pipe_open_allowed(&rig, _i);
	tell(&rig, push_to_change(1, 'a', 'b', 2));
	tell(&rig, push_to_change(1, 'b', 'a', 3));
	ck_assert_int_ge(drain(&rig), 2);
	ck_assert_int_eq(ledger_of(&rig, 'b').state, STATUS_FAILURE);
	ck_assert_int_eq(slot_of(&rig, 'a').due, 0);
	ck_assert_int_ne(ledger_of(&rig, 'a').state, STATUS_SUCCESS);
	pipe_close(&rig);
}
END_TEST

START_TEST(neither_head_is_claimed_before_the_old_one_is_taken_back)
{
	struct pipe_rig rig;
	struct oid old = sha_of('a');
	struct claim claim;
	struct post post;

	pipe_open_allowed(&rig, _i);
	tell(&rig, push_to_change(1, 'a', 'b', 2));
	next_tick(&rig);
	ck_assert(!try_claim(&rig, &claim));
	ck_assert(next_post(&rig, &post));
	ck_assert(oid_eq(&post.sha, &old));
	ck_assert(!try_claim(&rig, &claim)); /* sent is not answered */
	answer(&rig, &post, POST_ACCEPTED);
	ck_assert(try_claim(&rig, &claim));
	pipe_close(&rig);
}
END_TEST

START_TEST(a_superseded_head_of_another_open_change_is_judged_not_failed)
{
	struct pipe_rig rig;

	pipe_open_allowed(&rig, _i);
	tell(&rig, change_event(CHANGE_OPENED, 2, 'a', 2));
	judge_as(&rig, 'a', DECISION_ALLOWED);
	drain(&rig);
	tell(&rig, push_to_change(1, 'a', 'b', 3));
	ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_SUCCESS);
	ck_assert_int_eq(subject_of(&rig, 'a').due, 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_second_change_on_an_allowed_head_revokes_it)
{
	struct pipe_rig rig;

	pipe_open_allowed(&rig, _i);
	tell(&rig, change_event(CHANGE_OPENED, 2, 'a', 2));
	ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_FAILURE);
	ck_assert_int_eq(subject_of(&rig, 'a').due, 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_late_synchronize_neither_announces_nor_lets_the_head_stay_superseded)
{
	struct pipe_rig rig;
	struct claim claim;

	pipe_open_told(&rig, _i);
	tell(&rig, push_to_change(1, 'a', 'c', 4)); /* b came and went: its events are late */
	drain(&rig);
	judge_as(&rig, 'c', DECISION_ALLOWED);
	drain(&rig);
	tell(&rig, push_to_change(1, 'c', 'a', 3)); /* names c as superseded: false */
	ck_assert_int_eq(slot_of(&rig, 'c').state, STATUS_FAILURE);
	drain(&rig);
	claim = claim_of(&rig, 'c'); /* and so it is judged again */
	ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_ALLOWED), CONCLUDED);
	drain(&rig);
	ck_assert_int_eq(ledger_of(&rig, 'c').state, STATUS_SUCCESS);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_success_is_dropped_when_a_delivery_came_in_since_the_claim)
{
	struct pipe_rig rig;
	struct claim claim;

	pipe_open_told(&rig, _i);
	claim = claim_of(&rig, 'a');
	tell_unapplied(&rig, review_event(REVIEW_DISMISSED, 9, REVIEW_STATE_DISMISSED, 'a'));
	ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_ALLOWED), CONCLUDED_DROPPED);
	ck_assert_int_ne(slot_of(&rig, 'a').state, STATUS_SUCCESS);
	ck_assert_int_eq(subject_of(&rig, 'a').due, 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_denial_may_be_concluded_although_news_came_in)
{
	struct pipe_rig rig;
	struct claim claim;

	pipe_open_told(&rig, _i);
	claim = claim_of(&rig, 'a');
	tell(&rig, review_event(REVIEW_SUBMITTED, 9, REVIEW_APPROVED, 'a'));
	ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_WAITING), CONCLUDED);
	ck_assert_int_eq(subject_of(&rig, 'a').due, 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_lost_fence_concludes_nothing)
{
	struct pipe_rig rig;
	struct claim late, now;

	pipe_open_told(&rig, _i);
	late = claim_of(&rig, 'a');
	ck_assert(!try_claim(&rig, &now)); /* the lease holds */
	rig.now += rig.store.limits.lease_ms + 1;
	now = claim_of(&rig, 'a');
	ck_assert_int_eq(conclude_as(&rig, &now, DECISION_BLOCKED), CONCLUDED);
	ck_assert_int_eq(conclude_as(&rig, &late, DECISION_ALLOWED), CONCLUDED_FENCED);
	ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_FAILURE);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_success_is_not_sent_while_a_delivery_is_unapplied)
{
	struct pipe_rig rig;
	struct post post;

	pipe_open_told(&rig, _i);
	drain(&rig);
	judge_as(&rig, 'a', DECISION_ALLOWED);
	tell_unapplied(&rig, change_event(CHANGE_DRAFT, 1, 'a', 2));
	ck_assert(!next_post(&rig, &post));
	apply_all(&rig);
	while (next_post(&rig, &post)) {
		ck_assert_int_ne(post.state, STATUS_SUCCESS);
		answer(&rig, &post, POST_ACCEPTED);
	}
	pipe_close(&rig);
}
END_TEST

START_TEST(a_success_that_waited_too_long_is_judged_again)
{
	struct pipe_rig rig;
	struct post post;

	pipe_open_told(&rig, _i);
	drain(&rig);
	judge_as(&rig, 'a', DECISION_ALLOWED);
	rig.now += rig.store.limits.grant_age_ms + 1;
	while (next_post(&rig, &post)) {
		ck_assert_int_ne(post.state, STATUS_SUCCESS);
		answer(&rig, &post, POST_ACCEPTED);
	}
	ck_assert_int_eq(subject_of(&rig, 'a').due, 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(at_most_one_post_of_a_commit_is_out)
{
	struct pipe_rig rig;
	struct post out, other;

	pipe_open_told(&rig, _i);
	ck_assert(next_post(&rig, &out));
	judge_as(&rig, 'a', DECISION_BLOCKED);
	ck_assert(!next_post(&rig, &other));
	answer(&rig, &out, POST_ACCEPTED);
	ck_assert(next_post(&rig, &other));
	ck_assert_int_eq(other.state, STATUS_FAILURE);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_failure_in_flight_does_not_hide_the_success_after_it)
{
	struct pipe_rig rig;
	struct post failure, success;

	pipe_open_allowed(&rig, _i);
	tell(&rig, change_event(CHANGE_DRAFT, 1, 'a', 2));
	ck_assert(next_post(&rig, &failure));
	tell(&rig, change_event(CHANGE_READY, 1, 'a', 3));
	judge_as(&rig, 'a', DECISION_ALLOWED); /* equals what the ledger held before the failure went out */
	answer(&rig, &failure, POST_ACCEPTED);
	ck_assert(next_post(&rig, &success));
	ck_assert_int_eq(success.state, STATUS_SUCCESS);
	pipe_close(&rig);
}
END_TEST

static void settle(struct pipe_rig *rig, enum status_state state)
{
	struct err err = ERR_NONE;
	struct taker taker = {"post-1", rig->now, &rig->arena, NULL};
	struct reread seen = {state, TEXT_LIT("seen"), 500, 3, 0, NULL, 0};
	struct doubt doubt;
	int64_t next_at;

	ck_assert_msg(store_take_doubt(&rig->store, &taker, &doubt, &next_at, &err), "%s", err.text);
	ck_assert(store_settle_doubt(&rig->store, &doubt, &seen, &err));
}

START_TEST(in_doubt_a_revocation_is_sent_at_once_and_a_success_never)
{
	struct pipe_rig rig;
	struct claim claim;
	struct post post;

	pipe_open_told(&rig, _i);
	drain(&rig);
	judge_as(&rig, 'a', DECISION_ALLOWED);
	ck_assert(next_post(&rig, &post));
	answer(&rig, &post, POST_UNANSWERED);
	rig.now += 10000;
	ck_assert(!next_post(&rig, &post)); /* the success is not sent twice while the first may still land */
	tell(&rig, change_event(CHANGE_DRAFT, 1, 'a', 2));
	ck_assert(next_post(&rig, &post));
	ck_assert_int_eq(post.state, STATUS_FAILURE);
	answer(&rig, &post, POST_ACCEPTED);
	claim = claim_of(&rig, 'a');
	ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_ALLOWED), CONCLUDED_DROPPED);
	rig.now += 30000; /* now the lost success cannot land any more, but it did land after the failure */
	settle(&rig, STATUS_SUCCESS);
	ck_assert(next_post(&rig, &post));
	ck_assert_int_eq(post.state, STATUS_FAILURE);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_post_whose_poster_died_is_in_doubt_after_its_longest_life)
{
	struct err err = ERR_NONE;
	struct pipe_rig rig;
	struct post post;
	struct doubt doubt;
	struct taker taker;
	int64_t next_at;

	pipe_open_told(&rig, _i);
	drain(&rig);
	judge_as(&rig, 'a', DECISION_ALLOWED);
	ck_assert(next_post(&rig, &post)); /* and it is never answered */
	taker = (struct taker){"post-2", rig.now, &rig.arena, NULL};
	ck_assert(!store_take_doubt(&rig.store, &taker, &doubt, &next_at, &err));
	ck_assert_int_eq(next_at, rig.now + 30000);
	rig.now += 30001;
	ck_assert(!next_post(&rig, &post));
	settle(&rig, STATUS_PENDING);
	ck_assert_int_eq(ledger_of(&rig, 'a').state, STATUS_PENDING);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_foreign_status_is_overwritten)
{
	struct pipe_rig rig;
	struct post post;

	pipe_open_told(&rig, _i);
	judge_as(&rig, 'a', DECISION_BLOCKED);
	drain(&rig);
	tell(&rig, status_event(100000, "success", 'a'));
	ck_assert(next_post(&rig, &post));
	ck_assert_int_eq(post.state, STATUS_FAILURE);
	pipe_close(&rig);
}
END_TEST

START_TEST(an_own_or_older_status_event_changes_nothing)
{
	struct pipe_rig rig;
	struct post post;
	struct row_ledger ledger;

	pipe_open_allowed(&rig, _i);
	ledger = ledger_of(&rig, 'a');
	tell(&rig, status_event(ledger.forge_status_id, "success", 'a'));
	tell(&rig, status_event(ledger.forge_status_id - 1, "failure", 'a'));
	ck_assert(!next_post(&rig, &post));
	ck_assert_int_eq(ledger_of(&rig, 'a').count, ledger.count);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_status_event_says_nothing_while_a_post_is_out)
{
	struct pipe_rig rig;
	struct post post;

	pipe_open_allowed(&rig, _i);
	tell(&rig, change_event(CHANGE_DRAFT, 1, 'a', 2));
	ck_assert(next_post(&rig, &post));
	tell(&rig, status_event(99999, "success", 'a'));
	ck_assert_int_eq(ledger_of(&rig, 'a').state, STATUS_UNKNOWN);
	pipe_close(&rig);
}
END_TEST

START_TEST(near_the_cap_the_slot_latches_to_failure)
{
	struct pipe_rig rig;
	struct post post;

	pipe_open(&rig, _i);
	rig.store.limits.posts_max = 3;
	tell(&rig, change_event(CHANGE_OPENED, 1, 'a', 1));
	drain(&rig);
	for (int i = 0; i < 6; i++) {
		tell(&rig, change_event(CHANGE_READY, 1, 'a', 2 + i));
		judge_as(&rig, 'a', i % 2 ? DECISION_WAITING : DECISION_ALLOWED);
		while (next_post(&rig, &post)) {
			ck_assert(post.state == STATUS_FAILURE || ledger_of(&rig, 'a').count <= 3);
			answer(&rig, &post, POST_ACCEPTED);
		}
	}
	ck_assert_int_eq(ledger_of(&rig, 'a').state, STATUS_FAILURE);
	ck_assert_int_eq(ledger_of(&rig, 'a').count, 4);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_deferred_judgement_stays_owed_and_news_hurries_it)
{
	struct pipe_rig rig;
	struct claim claim;
	struct err err = ERR_NONE;

	pipe_open_told(&rig, _i);
	claim = claim_of(&rig, 'a');
	ck_assert(store_defer(&rig.store, &claim, rig.now + 60000, &err));
	ck_assert(!try_claim(&rig, &claim));
	tell(&rig, review_event(REVIEW_SUBMITTED, 9, REVIEW_APPROVED, 'a'));
	ck_assert(try_claim(&rig, &claim));
	ck_assert_int_eq(claim.attempts, 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(the_same_verdict_again_is_not_posted_again)
{
	struct pipe_rig rig;

	pipe_open_allowed(&rig, _i);
	tell(&rig, change_event(CHANGE_READY, 1, 'a', 2));
	judge_as(&rig, 'a', DECISION_ALLOWED);
	ck_assert_int_eq(drain(&rig), 0);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_replayed_journal_row_is_applied_once)
{
	struct pipe_rig rig;
	struct err err = ERR_NONE;
	struct applied applied;

	pipe_open_told(&rig, _i);
	ck_assert(store_apply(&rig.store, rig.now, 100, &applied, &err));
	ck_assert_uint_eq(applied.rows, 0);
	ck_assert_int_eq(subject_of(&rig, 'a').wanted, 2); /* announced, and new to the index */
	pipe_close(&rig);
}
END_TEST

START_TEST(facts_that_cannot_be_read_are_quarantined_and_stop_nothing)
{
	struct pipe_rig rig;
	struct err err = ERR_NONE;
	struct append append = {.guid = TEXT_LIT("bad"), .repo = PIPE_REPO, .facts = TEXT_LIT("{")};
	struct applied applied;
	struct deliveries list;

	pipe_open(&rig, _i);
	ck_assert(store_append(&rig.store, &append, &err));
	tell_unapplied(&rig, change_event(CHANGE_OPENED, 1, 'a', 1));
	ck_assert(store_apply(&rig.store, rig.now, 100, &applied, &err));
	ck_assert_uint_eq(applied.rows, 2);
	ck_assert_uint_eq(applied.broken, 1);
	ck_assert(store_deliveries(&rig.store, JOURNAL_QUARANTINED, &list, &rig.arena, &err));
	ck_assert_uint_eq(list.n, 1);
	ck_assert(text_is(list.at[0].guid, "bad"));
	pipe_close(&rig);
}
END_TEST

START_TEST(an_edited_verdict_breaks_the_chain)
{
	struct pipe_rig rig;
	struct err err = ERR_NONE;
	struct row_verdict row = {.id = 1};
	int64_t n;

	pipe_open_allowed(&rig, _i);
	tell(&rig, change_event(CHANGE_READY, 1, 'a', 2));
	judge_as(&rig, 'a', DECISION_WAITING);
	ck_assert(store_verify_chain(&rig.store, &n, &err));
	ck_assert_int_eq(n, 2);
	ck_assert(store_verdict(&rig.store, 1, &row, &rig.arena, &err));
	row.decision = TEXT_LIT("blocked");
	ck_assert(rig.rows.ops->begin(rig.rows.self, true, &err));
	ck_assert(rig.rows.ops->put(rig.rows.self, &table_verdict, &row, &err));
	ck_assert(rig.rows.ops->commit(rig.rows.self, &err));
	ck_assert(!store_verify_chain(&rig.store, &n, &err));
	ck_assert_int_eq(err.code, ERR_INVALID);
	pipe_close(&rig);
}
END_TEST

START_TEST(what_is_known_of_a_commit_is_shown_by_name)
{
	struct pipe_rig rig;
	struct err err = ERR_NONE;
	struct commit_key key = {TEXT_LIT("acme/engine"), sha_of('a')};
	struct shown shown;

	pipe_open_allowed(&rig, _i);
	ck_assert_msg(store_show(&rig.store, &key, &shown, &rig.arena, &err), "%s", err.text);
	ck_assert_uint_eq(shown.n_verdicts, 1);
	ck_assert(text_is(shown.verdicts[0].decision, "allowed"));
	ck_assert_uint_eq(shown.n_changes, 1);
	key.sha = sha_of('f');
	ck_assert(!store_show(&rig.store, &key, &shown, &rig.arena, &err));
	ck_assert_int_eq(err.code, ERR_GONE);
	pipe_close(&rig);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_new_head_is_announced_and_asked_for, backends),
	SUITE_ROWS(a_known_delivery_id_changes_nothing, backends),
	SUITE_ROWS(a_push_fails_the_old_head_before_anything_on_the_new_one, backends),
	SUITE_ROWS(a_supersede_that_is_refused_for_good_lets_the_new_head_go_on, backends),
	SUITE_ROWS(an_unanswered_supersede_holds_the_new_head_back, backends),
	SUITE_ROWS(two_heads_never_wait_for_each_other, backends),
	SUITE_ROWS(neither_head_is_claimed_before_the_old_one_is_taken_back, backends),
	SUITE_ROWS(a_superseded_head_of_another_open_change_is_judged_not_failed, backends),
	SUITE_ROWS(a_second_change_on_an_allowed_head_revokes_it, backends),
	SUITE_ROWS(a_late_synchronize_neither_announces_nor_lets_the_head_stay_superseded, backends),
	SUITE_ROWS(a_success_is_dropped_when_a_delivery_came_in_since_the_claim, backends),
	SUITE_ROWS(a_denial_may_be_concluded_although_news_came_in, backends),
	SUITE_ROWS(a_lost_fence_concludes_nothing, backends),
	SUITE_ROWS(a_success_is_not_sent_while_a_delivery_is_unapplied, backends),
	SUITE_ROWS(a_success_that_waited_too_long_is_judged_again, backends),
	SUITE_ROWS(at_most_one_post_of_a_commit_is_out, backends),
	SUITE_ROWS(a_failure_in_flight_does_not_hide_the_success_after_it, backends),
	SUITE_ROWS(in_doubt_a_revocation_is_sent_at_once_and_a_success_never, backends),
	SUITE_ROWS(a_post_whose_poster_died_is_in_doubt_after_its_longest_life, backends),
	SUITE_ROWS(a_foreign_status_is_overwritten, backends),
	SUITE_ROWS(an_own_or_older_status_event_changes_nothing, backends),
	SUITE_ROWS(a_status_event_says_nothing_while_a_post_is_out, backends),
	SUITE_ROWS(near_the_cap_the_slot_latches_to_failure, backends),
	SUITE_ROWS(a_deferred_judgement_stays_owed_and_news_hurries_it, backends),
	SUITE_ROWS(the_same_verdict_again_is_not_posted_again, backends),
	SUITE_ROWS(a_replayed_journal_row_is_applied_once, backends),
	SUITE_ROWS(facts_that_cannot_be_read_are_quarantined_and_stop_nothing, backends),
	SUITE_ROWS(an_edited_verdict_breaks_the_chain, backends),
	SUITE_ROWS(what_is_known_of_a_commit_is_shown_by_name, backends),
	SUITE_END,
};
SUITE_MAIN(tests)
