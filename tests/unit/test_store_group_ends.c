/*
 * Ends of merge groups that are not told, or not taken by the forge, and what comes after an end. Over every backend
 * (_i), as test_store_groups.
 */
#include "tests/support/forging.h"
#include "tests/support/grouping.h"
#include "tests/support/suite.h"

static const int backends[PIPE_BACKENDS] = {0, 1};

/* Nobody's change is in the forge's list. */
static struct swept sweep(struct pipe_rig *rig)
{
	struct sweep repo = {.repo = PIPE_REPO, .repo_name = TEXT_LIT("acme/engine")};
	struct sweep_seen seen = {.sweep = &repo, .clock = pipe_clock(rig), .next_at = rig->now + 120000};
	struct err err = ERR_NONE;
	struct swept swept;

	ck_assert_msg(store_sweep(&rig->store, &seen, &swept, &err), "%s", err.text);
	return swept;
}

START_TEST(a_group_whose_branch_is_gone_ends_without_its_event)
{
	struct pipe_rig rig;
	struct claim claim;

	open_two(&rig, _i);
	allow_group(&rig, 'e', "a");
	tell(&rig, base_pushed());
	rig.over = TEXT_LIT(QUEUE "e");
	claim = claim_of(&rig, 'e');
	ck_assert_uint_eq(claim.n_branches, 1);
	ck_assert(text_is(claim.branches[0].ref, QUEUE "e") && text_is(claim.branches[0].base_ref, "main"));
	conclude_ended(&rig, &claim);
	rig.over = TEXT_EMPTY;
	ck_assert_int_eq(slot_of(&rig, 'e').state, STATUS_FAILURE);
	(void)drain(&rig);
	is_over(&rig, 'e');
	ck_assert_int_eq(ledger_of(&rig, 'e').state, STATUS_FAILURE);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_branch_that_news_names_is_not_taken_for_gone)
{
	struct pipe_rig rig;
	struct claim claim;

	open_two(&rig, _i);
	allow_group(&rig, 'e', "a");
	tell(&rig, base_pushed());
	rig.over = TEXT_LIT(QUEUE "e");
	claim = claim_of(&rig, 'e');
	tell(&rig, asked('e'));
	conclude_ended(&rig, &claim);
	rig.over = TEXT_EMPTY;
	ck_assert_uint_eq(claim_of(&rig, 'e').n_bases, 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_success_that_the_forge_would_not_take_back_is_taken_back_until_it_is)
{
	struct pipe_rig rig;
	struct post post;

	open_two(&rig, _i);
	allow_group(&rig, 'e', "a");
	tell(&rig, destroyed('e', "dequeued"));
	ck_assert(next_post(&rig, &post));
	ck_assert_int_eq(post.state, STATUS_FAILURE);
	answer(&rig, &post, POST_REFUSED);
	ck_assert_int_eq(slot_of(&rig, 'e').due, 0);
	(void)sweep(&rig);
	judge_ended(&rig, 'e');
	ck_assert_int_eq(slot_of(&rig, 'e').state, STATUS_FAILURE);
	ck_assert(slot_of(&rig, 'e').due && slot_of(&rig, 'e').watched);
	rig.now += 3600000;
	(void)drain(&rig);
	ck_assert_int_eq(ledger_of(&rig, 'e').state, STATUS_FAILURE);
	ck_assert_int_eq(slot_of(&rig, 'e').watched, 0);
	pipe_close(&rig);
}
END_TEST

static bool is_e(const struct post *post)
{
	struct oid e = sha_of('e');

	return oid_eq(&post->sha, &e);
}

START_TEST(a_success_without_an_answer_is_watched_after_its_group_has_ended)
{
	struct pipe_rig rig;
	struct post post;

	open_two(&rig, _i);
	tell(&rig, asked('e'));
	judge_as(&rig, 'e', DECISION_ALLOWED);
	for (int i = 0; i < 20 && next_post(&rig, &post) && !is_e(&post); i++)
		answer(&rig, &post, POST_ACCEPTED);
	ck_assert(is_e(&post) && post.state == STATUS_SUCCESS);
	answer(&rig, &post, POST_UNANSWERED);
	tell(&rig, destroyed('e', "dequeued"));
	(void)drain(&rig);
	(void)sweep(&rig);
	judge_ended(&rig, 'e');
	ck_assert_int_gt(ledger_of(&rig, 'e').grants_until, 0);
	ck_assert_int_eq(slot_of(&rig, 'e').watched, 1);
	pipe_close(&rig);
}
END_TEST

/* The group's commit was allowed, the forge said who we are, and it has landed. */
static void land(struct pipe_rig *rig, int backend)
{
	open_two(rig, backend);
	rig->creator = US;
	allow_group(rig, 'e', "a");
	tell(rig, destroyed('e', "merged"));
}

/* Of another maker, and newer than ours. */
static struct event by_another(const struct pipe_rig *rig, enum event_kind kind)
{
	struct event event = status_by(MALLORY, forging_id += 1000, "success", rig->now);

	event.kind = kind;
	event.status.sha = sha_of('e');
	if (kind == EVENT_CHECK_RUN)
		event.status.context = rig->store.context;
	return event;
}

static const enum event_kind others[] = {EVENT_STATUS, EVENT_STATUS, EVENT_CHECK_RUN, EVENT_CHECK_RUN};

START_TEST(what_another_says_of_a_group_that_landed_revokes_nothing)
{
	struct pipe_rig rig;
	struct row_slot before;

	land(&rig, _i % 2);
	before = slot_of(&rig, 'e');
	tell(&rig, by_another(&rig, others[_i]));
	ck_assert_int_eq(slot_of(&rig, 'e').state, STATUS_SUCCESS);
	ck_assert(text_eq(slot_of(&rig, 'e').text, before.text));
	ck_assert_int_eq(subject_of(&rig, 'e').due, 0);
	ck_assert_uint_eq(alarms_of(&rig).n, 1);
	ck_assert_int_eq(post_all(&rig), others[_i] == EVENT_STATUS); /* ours, over it */
	tell(&rig, change_event(CHANGE_OPENED, 7, 'e', 9));           /* and then it is looked after again */
	ck_assert_int_eq(slot_of(&rig, 'e').watched, 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_group_that_landed_is_not_watched_again_after_a_look)
{
	struct pipe_rig rig;
	struct sweep_look look;
	struct taker taker = {"look", 0, &rig.arena, NULL};
	struct reread seen = {.state = STATUS_SUCCESS};
	enum looked outcome;
	struct err err = ERR_NONE;

	open_two(&rig, _i);
	allow_group(&rig, 'e', "a");
	(void)sweep(&rig);
	tell(&rig, destroyed('e', "merged"));
	for (bool is_it = false; !is_it; is_it = look.sha.hex[0] == 'e')
		ck_assert(store_take_look(&rig.store, &taker, &look, &err));
	seen.text = ledger_of(&rig, 'e').text;
	seen.forge_status_id = ledger_of(&rig, 'e').forge_status_id;
	seen.count = 1;
	seen.now = rig.now;
	ck_assert(store_looked(&rig.store, &look, &seen, &outcome, &err));
	ck_assert_int_eq(slot_of(&rig, 'e').watched, 0);
	judge_all(&rig);
	ck_assert_int_eq(subject_of(&rig, 'e').due, 0);
	(void)sweep(&rig);
	ck_assert_int_eq(subject_of(&rig, 'e').due, 0);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_change_that_opens_on_a_group_that_landed_is_watched_as_any)
{
	struct pipe_rig rig;

	land(&rig, _i);
	tell(&rig, change_event(CHANGE_OPENED, 7, 'e', 9));
	judge_as(&rig, 'e', DECISION_ALLOWED);
	(void)drain(&rig);
	ck_assert_int_eq(ledger_of(&rig, 'e').state, STATUS_SUCCESS);
	ck_assert_int_eq(slot_of(&rig, 'e').watched, 1);
	pipe_close(&rig);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_group_whose_branch_is_gone_ends_without_its_event, backends),
	SUITE_ROWS(a_branch_that_news_names_is_not_taken_for_gone, backends),
	SUITE_ROWS(a_success_that_the_forge_would_not_take_back_is_taken_back_until_it_is, backends),
	SUITE_ROWS(a_success_without_an_answer_is_watched_after_its_group_has_ended, backends),
	SUITE_ROWS(what_another_says_of_a_group_that_landed_revokes_nothing, others),
	SUITE_ROWS(a_group_that_landed_is_not_watched_again_after_a_look, backends),
	SUITE_ROWS(a_change_that_opens_on_a_group_that_landed_is_watched_as_any, backends),
	SUITE_END};
SUITE_MAIN(tests)
