/* How a doubt ends: by what the forge's list says, where the list can know; and what a doubt about a change spares. */
#include "tests/support/pipe.h"
#include "tests/support/suite.h"

static const int backends[PIPE_BACKENDS] = {0, 1};

/* The webhook of a newer status came first: a copy of the forge that does not have it yet says nothing. */
START_TEST(a_list_without_the_newest_known_status_ends_no_doubt)
{
	struct err err = ERR_NONE;
	struct reread seen = {STATUS_FAILURE, TEXT_LIT("old"), 500, 1, 0, NULL, 0};
	struct pipe_rig rig;
	int64_t next_at;
	struct post post;
	struct doubt doubt;

	pipe_open_told(&rig, _i);
	judge_as(&rig, 'a', DECISION_BLOCKED);
	ck_assert(next_post(&rig, &post));
	answer(&rig, &post, POST_UNANSWERED);
	tell(&rig, status_event(501, "success", 'a'));
	rig.now += 31000;
	ck_assert(store_take_doubt(&rig.store, &(struct taker){"post-1", rig.now, &rig.arena, NULL}, &doubt, &next_at,
				   &err));
	seen.now = rig.now;
	ck_assert(store_settle_doubt(&rig.store, &doubt, &seen, &err));
	ck_assert_int_eq(ledger_of(&rig, 'a').state, STATUS_UNKNOWN);
	ck_assert_int_gt(ledger_of(&rig, 'a').doubt_until, rig.now);
	pipe_close(&rig);
}
END_TEST

/* Commits that no change heads and that may have success, as a sweep finds them. */
static size_t left_behind(struct pipe_rig *rig)
{
	struct sweep repo = {.repo = PIPE_REPO, .repo_name = TEXT_LIT("acme/engine")};
	struct event_change head = change_event(CHANGE_OTHER, 1, 'b', 9).change;
	struct sweep_seen seen = {
		.sweep = &repo, .changes = &head, .n = 1, .clock = pipe_clock(rig), .next_at = rig->now + 120000};
	struct err err = ERR_NONE;
	struct swept swept;

	ck_assert_msg(store_sweep(&rig->store, &seen, &swept, &err), "%s", err.text);
	return swept.left;
}

static struct reread list_of(struct pipe_rig *rig)
{
	return (struct reread){
		STATUS_FAILURE, TEXT_LIT("f"), ledger_of(rig, 'a').forge_status_id, 1, rig->now, NULL, 0};
}

static void settle_doubt(struct pipe_rig *rig)
{
	struct taker taker = {"post-1", rig->now, &rig->arena, NULL};
	struct reread seen = list_of(rig);
	struct err err = ERR_NONE;
	struct doubt doubt;
	int64_t next_at;

	ck_assert_msg(store_take_doubt(&rig->store, &taker, &doubt, &next_at, &err), "%s", err.text);
	ck_assert_msg(store_settle_doubt(&rig->store, &doubt, &seen, &err), "%s", err.text);
}

static void look_at_a(struct pipe_rig *rig)
{
	struct taker taker = {"sweep-1", rig->now, &rig->arena, NULL};
	struct reread seen = list_of(rig);
	struct oid a = sha_of('a');
	struct err err = ERR_NONE;
	struct sweep_look look;
	enum looked outcome;
	int at_a = 0;

	while (store_take_look(&rig->store, &taker, &look, &err)) {
		if (!oid_eq(&look.sha, &a))
			continue;
		ck_assert(store_looked(&rig->store, &look, &seen, &outcome, &err));
		at_a++;
	}
	ck_assert_int_eq(at_a, 1);
}

/* The request may have arrived just before the doubt ended, on a copy that was not read. */
START_TEST(a_lost_success_that_the_list_does_not_show_is_watched_until_every_copy_would)
{
	struct pipe_rig rig;
	struct post post;

	pipe_open_told(&rig, _i);
	(void)drain(&rig);
	judge_as(&rig, 'a', DECISION_ALLOWED);
	ck_assert(next_post(&rig, &post));
	answer(&rig, &post, POST_UNANSWERED);
	tell(&rig, push_to_change(1, 'a', 'b', 2));
	(void)drain(&rig);
	judge_as(&rig, 'b', DECISION_WAITING);
	(void)drain(&rig);
	rig.now += 31000;
	settle_doubt(&rig);
	ck_assert_int_eq(ledger_of(&rig, 'a').state, STATUS_FAILURE);
	ck_assert_uint_eq(left_behind(&rig), 1);
	look_at_a(&rig);
	rig.now += FLOOR_LAG_MS;
	ck_assert_uint_eq(left_behind(&rig), 1);
	look_at_a(&rig);
	ck_assert_uint_eq(left_behind(&rig), 0);
	pipe_close(&rig);
}
END_TEST

/* An earlier process's clock was a day ahead. */
START_TEST(a_watch_from_a_clock_that_was_ahead_ends_in_its_time)
{
	struct pipe_rig rig;
	struct post post;

	pipe_open_told(&rig, _i);
	(void)drain(&rig);
	rig.now += 86400000;
	judge_as(&rig, 'a', DECISION_ALLOWED);
	ck_assert(next_post(&rig, &post));
	answer(&rig, &post, POST_UNANSWERED);
	tell(&rig, push_to_change(1, 'a', 'b', 2));
	(void)drain(&rig);
	judge_as(&rig, 'b', DECISION_WAITING);
	(void)drain(&rig);
	rig.now += 31000;
	settle_doubt(&rig);
	rig.now -= 86400000;
	for (int i = 0; i < 2; i++, rig.now += FLOOR_LAG_MS + 31000) {
		ck_assert_uint_eq(left_behind(&rig), 1);
		look_at_a(&rig);
	}
	ck_assert_uint_eq(left_behind(&rig), 0);
	pipe_close(&rig);
}
END_TEST

/* Edited and closed in one second, and the edit told last: the index has it open. */
START_TEST(a_change_of_which_nobody_is_sure_spares_no_head)
{
	struct event closed = change_event(CHANGE_CLOSED, 1, 'a', 5);
	struct pipe_rig rig;

	pipe_open_allowed(&rig, _i);
	tell(&rig, change_event(CHANGE_OPENED, 2, 'a', 3));
	judge_as(&rig, 'a', DECISION_ALLOWED);
	(void)drain(&rig);
	tell(&rig, closed);
	tell(&rig, change_event(CHANGE_EDITED, 1, 'a', 5));
	judge_as(&rig, 'a', DECISION_ALLOWED);
	(void)drain(&rig);
	ck_assert_int_eq(ledger_of(&rig, 'a').state, STATUS_SUCCESS);
	tell(&rig, change_event(CHANGE_CLOSED, 2, 'a', 9));
	ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_FAILURE);
	ck_assert_int_eq(subject_of(&rig, 'a').due, 1);
	pipe_close(&rig);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_list_without_the_newest_known_status_ends_no_doubt, backends),
	SUITE_ROWS(a_lost_success_that_the_list_does_not_show_is_watched_until_every_copy_would, backends),
	SUITE_ROWS(a_change_of_which_nobody_is_sure_spares_no_head, backends),
	SUITE_ROWS(a_watch_from_a_clock_that_was_ahead_ends_in_its_time, backends),
	SUITE_END,
};
SUITE_MAIN(tests)
