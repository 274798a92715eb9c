/*
 * Commits that are pushed to a configured branch: which become subjects, and what takes them back. Over every backend
 * (_i). The branch autoland of acme/engine, whose commits are to become main; 'a' heads change 1.
 */
#include "agent/store/pushed.h"
#include "tests/support/pipe.h"
#include "tests/support/suite.h"

static const int backends[PIPE_BACKENDS] = {0, 1};

static const struct push_branch configured[] = {{{"acme/Engine", 11}, {"autoland", 8}, {"main", 4}},
						{{"acme/other", 10}, {"inbound", 7}, {"main", 4}}};

static void open_pushes(struct pipe_rig *rig, int backend)
{
	pipe_open(rig, backend);
	rig->store.pushes = configured;
	rig->store.n_pushes = 2;
}

/* '-': none. */
static struct event push(const char *branch, char before, char after, int64_t at)
{
	struct event event = change_event(CHANGE_OTHER, 0, 'a', at);

	event.kind = EVENT_PUSH;
	event.change = (struct event_change){.number = 0};
	event.ref = text_of(branch);
	event.before = before == '-' ? OID_NONE : sha_of(before);
	event.after = after == '-' ? OID_NONE : sha_of(after);
	event.created = before == '-' ? TRI_YES : TRI_NO;
	event.deleted = after == '-' ? TRI_YES : TRI_NO;
	event.forced = TRI_NO;
	event.pushed_at = at * 1000;
	return event;
}

#define AUTOLAND "refs/heads/autoland"

static void allow(struct pipe_rig *rig, char commit)
{
	judge_as(rig, commit, DECISION_ALLOWED);
	drain(rig);
	ck_assert_int_eq(ledger_of(rig, commit).state, STATUS_SUCCESS);
}

static void open_allowed(struct pipe_rig *rig, int backend)
{
	open_pushes(rig, backend);
	tell(rig, push(AUTOLAND, '-', 'c', 1));
	allow(rig, 'c');
}

START_TEST(a_push_makes_its_commit_pending_at_once_and_judged)
{
	struct pipe_rig rig;
	struct claim claim;

	open_pushes(&rig, _i);
	tell(&rig, push(AUTOLAND, '-', 'c', 1));
	ck_assert_int_eq(slot_of(&rig, 'c').state, STATUS_PENDING);
	ck_assert_int_eq(slot_of(&rig, 'c').due, 1);
	claim = claim_of(&rig, 'c');
	ck_assert_uint_eq(claim.n_pushes, 1);
	ck_assert(text_is(claim.pushes[0]->branch, "autoland") && text_is(claim.pushes[0]->onto, "main"));
	pipe_close(&rig);
}
END_TEST

static const char *const others[] = {"refs/heads/topic", "refs/heads/inbound", "refs/tags/autoland", "refs/heads/main"};
#define OTHERS (sizeof others / sizeof others[0])
static const char both_others[PIPE_BACKENDS * OTHERS];

START_TEST(a_push_to_any_other_branch_makes_nothing)
{
	struct pipe_rig rig;
	struct claim claim;

	open_pushes(&rig, _i / (int)OTHERS);
	tell(&rig, push(others[(size_t)_i % OTHERS], '-', 'c', 1));
	ck_assert(!try_claim(&rig, &claim));
	pipe_close(&rig);
}
END_TEST

START_TEST(without_the_configuration_a_push_makes_nothing)
{
	struct pipe_rig rig;
	struct claim claim;

	pipe_open(&rig, _i);
	tell(&rig, push(AUTOLAND, '-', 'c', 1));
	ck_assert(!try_claim(&rig, &claim));
	pipe_close(&rig);
}
END_TEST

START_TEST(a_push_that_only_adds_leaves_what_was_there)
{
	struct pipe_rig rig;

	open_allowed(&rig, _i);
	tell(&rig, push(AUTOLAND, 'c', 'd', 2));
	ck_assert_int_eq(slot_of(&rig, 'c').state, STATUS_SUCCESS);
	ck_assert_int_eq(slot_of(&rig, 'd').state, STATUS_PENDING);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_forced_push_takes_the_old_tip_back_before_the_new_one_is_judged)
{
	struct event event = push(AUTOLAND, 'c', 'd', 2);
	struct pipe_rig rig;
	struct claim claim;

	open_allowed(&rig, _i);
	event.forced = TRI_YES;
	tell(&rig, event);
	ck_assert_int_eq(slot_of(&rig, 'c').state, STATUS_FAILURE);
	ck_assert(text_is(slot_of(&rig, 'c').text, "Superseded by ddddddd"));
	ck_assert_int_eq(slot_of(&rig, 'c').due, 1);
	ck_assert(!try_claim(&rig, &claim)); /* until the forge has that */
	drain(&rig);
	ck_assert_int_eq(ledger_of(&rig, 'c').state, STATUS_FAILURE);
	ck_assert(try_claim(&rig, &claim));
	pipe_close(&rig);
}
END_TEST

START_TEST(where_nobody_says_whether_it_was_forced_it_was)
{
	struct event event = push(AUTOLAND, 'c', 'd', 2);
	struct pipe_rig rig;

	open_allowed(&rig, _i);
	event.forced = TRI_UNKNOWN;
	tell(&rig, event);
	ck_assert_int_eq(slot_of(&rig, 'c').state, STATUS_FAILURE);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_branch_that_is_deleted_takes_its_tip_back)
{
	struct pipe_rig rig;

	open_allowed(&rig, _i);
	tell(&rig, push(AUTOLAND, 'c', '-', 2));
	ck_assert_int_eq(slot_of(&rig, 'c').state, STATUS_FAILURE);
	ck_assert(text_is(slot_of(&rig, 'c').text, "Blocked: the branch autoland was deleted"));
	pipe_close(&rig);
}
END_TEST

START_TEST(what_an_open_change_has_is_judged_again_and_stands_until_then)
{
	struct event event = push(AUTOLAND, 'a', 'd', 3);
	struct pipe_rig rig;

	open_pushes(&rig, _i);
	tell(&rig, push(AUTOLAND, '-', 'a', 1));
	tell(&rig, change_event(CHANGE_OPENED, 1, 'a', 2));
	allow(&rig, 'a');
	event.forced = TRI_YES;
	tell(&rig, event);
	ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_SUCCESS);
	ck_assert_int_eq(subject_of(&rig, 'a').due, 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_changes_head_that_is_pushed_there_too_loses_its_success_until_it_is_judged)
{
	struct pipe_rig rig;

	pipe_open_allowed(&rig, _i);
	rig.store.pushes = configured;
	rig.store.n_pushes = 2;
	tell(&rig, push(AUTOLAND, '-', 'a', 9));
	ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_FAILURE);
	ck_assert(text_is(slot_of(&rig, 'a').text, "Revoked: it was pushed to autoland, too"));
	ck_assert_int_eq(subject_of(&rig, 'a').due, 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_push_to_where_they_are_to_go_has_the_tip_judged_again)
{
	struct pipe_rig rig;

	open_allowed(&rig, _i);
	ck_assert_int_eq(subject_of(&rig, 'c').due, 0);
	tell(&rig, push("refs/heads/main", 'f', 'e', 2));
	ck_assert_int_eq(subject_of(&rig, 'c').due, 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(who_pushed_is_kept_with_what_was_there_before)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct pushed_rows rows;
	struct err err = ERR_NONE;
	struct oid c = sha_of('c');
	struct pipe_rig rig;

	open_pushes(&rig, _i);
	tell(&rig, push(AUTOLAND, 'b', 'c', 1));
	ck_assert(store_pushes_of(&rig.store, &(struct pushed_at){PIPE_REPO, &c}, &rows, &arena, &err));
	ck_assert_uint_eq(rows.n, 1);
	ck_assert_int_eq(rows.at[0].pusher, 11);
	ck_assert_str_eq(rows.at[0].before.hex, sha_of('b').hex);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_tip_that_no_event_told_of_is_judged_and_nobody_is_said_to_have_pushed_it)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct pushed_rows rows;
	struct err err = ERR_NONE;
	struct oid c = sha_of('c');
	struct pipe_rig rig;
	bool subjects;

	open_pushes(&rig, _i);
	for (int twice = 0; twice < 2; twice++)
		ck_assert(store_push_seen(&rig.store, &(struct pushed_at){PIPE_REPO, &c}, rig.now + twice, &subjects,
					  &err));
	ck_assert(store_pushes_of(&rig.store, &(struct pushed_at){PIPE_REPO, &c}, &rows, &arena, &err));
	ck_assert_uint_eq(rows.n, 1);
	ck_assert(rows.at[0].pusher == 0 && rows.at[0].first_shown == 1);
	ck_assert_int_eq(subject_of(&rig, 'c').due, 1);
	pipe_close(&rig);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_push_makes_its_commit_pending_at_once_and_judged, backends),
	SUITE_ROWS(a_push_to_any_other_branch_makes_nothing, both_others),
	SUITE_ROWS(without_the_configuration_a_push_makes_nothing, backends),
	SUITE_ROWS(a_push_that_only_adds_leaves_what_was_there, backends),
	SUITE_ROWS(a_forced_push_takes_the_old_tip_back_before_the_new_one_is_judged, backends),
	SUITE_ROWS(where_nobody_says_whether_it_was_forced_it_was, backends),
	SUITE_ROWS(a_branch_that_is_deleted_takes_its_tip_back, backends),
	SUITE_ROWS(what_an_open_change_has_is_judged_again_and_stands_until_then, backends),
	SUITE_ROWS(a_changes_head_that_is_pushed_there_too_loses_its_success_until_it_is_judged, backends),
	SUITE_ROWS(a_push_to_where_they_are_to_go_has_the_tip_judged_again, backends),
	SUITE_ROWS(who_pushed_is_kept_with_what_was_there_before, backends),
	SUITE_ROWS(a_tip_that_no_event_told_of_is_judged_and_nobody_is_said_to_have_pushed_it, backends),
	SUITE_END};
SUITE_MAIN(tests)
