/* What is to be judged later, and a sweep before that time, over every backend (_i: the backend). */
#include "tests/support/pipe.h"
#include "tests/support/suite.h"

static const int backends[PIPE_BACKENDS] = {0, 1};

/* Change 1 with head 'a', as it was told. */
static void sweep(struct pipe_rig *rig)
{
	struct event_change change = change_event(CHANGE_OTHER, 1, 'a', 1).change;
	struct sweep repo = {.repo = PIPE_REPO, .repo_name = TEXT_LIT("acme/engine")};
	struct sweep_seen seen = {
		.sweep = &repo, .changes = &change, .n = 1, .clock = pipe_clock(rig), .next_at = rig->now + 120000};
	struct err err = ERR_NONE;
	struct swept swept;

	ck_assert_msg(store_sweep(&rig->store, &seen, &swept, &err), "%s", err.text);
}

START_TEST(what_is_to_be_looked_at_later_is_looked_at_by_a_sweep_now)
{
	struct pipe_rig rig;
	struct claim claim;
	int64_t wanted;

	pipe_open_told(&rig, _i);
	rig.look_again_at = rig.now + 60000;
	judge_as(&rig, 'a', DECISION_WAITING);
	ck_assert(!try_claim(&rig, &claim)); /* not yet */
	wanted = subject_of(&rig, 'a').wanted;
	sweep(&rig);
	ck_assert(try_claim(&rig, &claim));
	ck_assert_int_eq(subject_of(&rig, 'a').wanted, wanted); /* it was owed already */
	pipe_close(&rig);
}
END_TEST

START_TEST(what_failed_waits_out_its_pause_in_spite_of_a_sweep)
{
	struct pipe_rig rig;
	struct claim claim;
	struct err err = ERR_NONE;

	pipe_open_told(&rig, _i);
	claim = claim_of(&rig, 'a');
	ck_assert(store_defer(&rig.store, &claim, rig.now + 60000, &err));
	sweep(&rig);
	ck_assert(!try_claim(&rig, &claim));
	rig.now += 60000;
	ck_assert(try_claim(&rig, &claim));
	pipe_close(&rig);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(what_is_to_be_looked_at_later_is_looked_at_by_a_sweep_now, backends),
	SUITE_ROWS(what_failed_waits_out_its_pause_in_spite_of_a_sweep, backends),
	SUITE_END,
};

SUITE_MAIN(tests)
