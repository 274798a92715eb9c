/* What each kind of event does to the store, over every backend (_i is the backend where a test has no table). */
#include "tests/support/pipe.h"
#include "tests/support/suite.h"

static const int backends[PIPE_BACKENDS] = {0, 1};

struct weak {
	const char *what;
	enum review_action action;
	enum review_state state;
	const char *association;
	int64_t user;
	bool revokes, asks;
};
static const struct weak weak[] = {
	{"changes requested by a member", REVIEW_SUBMITTED, REVIEW_CHANGES_REQUESTED, "MEMBER", 33, true, true},
	{"changes requested by one who was counted", REVIEW_SUBMITTED, REVIEW_CHANGES_REQUESTED, "NONE", 22, true,
	 true},
	{"changes requested by an outsider", REVIEW_SUBMITTED, REVIEW_CHANGES_REQUESTED, "NONE", 33, false, true},
	{"an outsider with a merged change", REVIEW_SUBMITTED, REVIEW_CHANGES_REQUESTED, "CONTRIBUTOR", 33, false,
	 true},
	{"a comment", REVIEW_SUBMITTED, REVIEW_COMMENTED, "OWNER", 22, false, false},
	{"one more approval", REVIEW_SUBMITTED, REVIEW_APPROVED, "OWNER", 22, false, true},
	{"a dismissal of a review nobody told of", REVIEW_DISMISSED, REVIEW_STATE_DISMISSED, "NONE", 22, true, true},
	{"an edit", REVIEW_EDITED, REVIEW_APPROVED, "OWNER", 22, false, true},
};

START_TEST(only_what_can_weaken_and_comes_from_one_who_counts_revokes)
{
	const struct weak *row = &weak[_i];

	for (int backend = 0; backend < PIPE_BACKENDS; backend++) {
		struct event event = review_event(row->action, 77, row->state, 'a');
		struct pipe_rig rig;

		pipe_open_allowed(&rig, backend);
		event.review.association = text_of(row->association);
		event.review.user.id = row->user;
		tell(&rig, event);
		ck_assert_msg((slot_of(&rig, 'a').state == STATUS_FAILURE) == row->revokes, "%s", row->what);
		ck_assert_msg(subject_of(&rig, 'a').due == row->asks, "%s", row->what);
		pipe_close(&rig);
	}
}
END_TEST

START_TEST(the_first_delivery_binds_a_review_and_a_dismissal_is_final)
{
	struct pipe_rig rig;
	struct told told;
	struct err err = ERR_NONE;
	struct event moved;

	pipe_open_told(&rig, _i);
	tell(&rig, review_event(REVIEW_SUBMITTED, 9, REVIEW_APPROVED, 'a'));
	moved = review_event(REVIEW_EDITED, 9, REVIEW_APPROVED, 'b');
	tell(&rig, moved);
	tell(&rig, review_event(REVIEW_DISMISSED, 9, REVIEW_STATE_DISMISSED, 'b'));
	tell(&rig, review_event(REVIEW_SUBMITTED, 9, REVIEW_APPROVED, 'b')); /* delivered late */
	ck_assert(store_told(&rig.store, (struct change_key){PIPE_REPO, 1}, &told, &rig.arena, &err));
	ck_assert_uint_eq(told.n_bindings, 1);
	ck_assert_str_eq(told.bindings[0].sha.hex, sha_of('a').hex);
	ck_assert_int_eq(told.bindings[0].state, REVIEW_STATE_DISMISSED);
	ck_assert(text_is(told.bindings[0].login, "bob"));
	pipe_close(&rig);
}
END_TEST

START_TEST(a_review_of_a_head_nobody_told_of_asks_for_the_old_head)
{
	struct pipe_rig rig;

	pipe_open_allowed(&rig, _i);
	ck_assert_int_eq(subject_of(&rig, 'a').due, 0);
	tell(&rig, review_event(REVIEW_SUBMITTED, 9, REVIEW_APPROVED, 'b')); /* the push was lost */
	ck_assert_int_eq(subject_of(&rig, 'a').due, 1);
	ck_assert_int_eq(subject_of(&rig, 'b').due, 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(an_edit_alone_proves_no_binding)
{
	struct pipe_rig rig;
	struct told told;
	struct err err = ERR_NONE;

	pipe_open(&rig, _i);
	tell(&rig, review_event(REVIEW_EDITED, 9, REVIEW_APPROVED, 'b'));
	ck_assert(store_told(&rig.store, (struct change_key){PIPE_REPO, 1}, &told, &rig.arena, &err));
	ck_assert_uint_eq(told.n_bindings, 0);
	pipe_close(&rig);
}
END_TEST

struct tie {
	const char *what;
	char events[3][2]; /* before, head; in journal order, all of one second */
	char floor;
};
static const struct tie ties[] = {
	{"in order", {{'a', 'b'}, {'b', 'c'}, {0, 0}}, 'c'},
	{"the older one late", {{'b', 'c'}, {'a', 'b'}, {0, 0}}, 'c'},
	{"there and back: no event tells which was last", {{'a', 'b'}, {'b', 'a'}, {0, 0}}, 0},
};

START_TEST(the_floor_of_one_second_is_its_last_head)
{
	for (int backend = 0; backend < PIPE_BACKENDS; backend++) {
		struct pipe_rig rig;
		struct told told;
		struct err err = ERR_NONE;

		pipe_open(&rig, backend);
		tell(&rig, change_event(CHANGE_OPENED, 1, 'a', 1));
		for (int i = 0; i < 3 && ties[_i].events[i][0]; i++)
			tell(&rig, push_to_change(1, ties[_i].events[i][0], ties[_i].events[i][1], 2));
		ck_assert(store_told(&rig.store, (struct change_key){PIPE_REPO, 1}, &told, &rig.arena, &err));
		ck_assert_msg(told.floor_head.hex[0] == ties[_i].floor, "%s: %c", ties[_i].what,
			      told.floor_head.hex[0]);
		pipe_close(&rig);
	}
}
END_TEST

struct change_row {
	const char *what;
	enum change_action action;
	bool base_changed, revokes;
};
static const struct change_row change_rows[] = {
	{"draft", CHANGE_DRAFT, false, true},        {"closed", CHANGE_CLOSED, false, true},
	{"base changed", CHANGE_EDITED, true, true}, {"title changed", CHANGE_EDITED, false, false},
	{"ready", CHANGE_READY, false, false},       {"labelled", CHANGE_OTHER, false, false},
	{"reopened", CHANGE_REOPENED, false, true},
};

START_TEST(what_a_change_event_can_weaken_is_revoked_at_once)
{
	for (int backend = 0; backend < PIPE_BACKENDS; backend++) {
		struct event event = change_event(change_rows[_i].action, 1, 'a', 2);
		struct pipe_rig rig;

		pipe_open_allowed(&rig, backend);
		event.base_changed = change_rows[_i].base_changed ? TRI_YES : TRI_NO;
		tell(&rig, event);
		ck_assert_msg((slot_of(&rig, 'a').state == STATUS_FAILURE) == change_rows[_i].revokes, "%s",
			      change_rows[_i].what);
		ck_assert(!change_rows[_i].revokes || subject_of(&rig, 'a').due);
		pipe_close(&rig);
	}
}
END_TEST

START_TEST(a_merged_change_is_left_alone)
{
	struct pipe_rig rig;
	struct event event = change_event(CHANGE_CLOSED, 1, 'a', 2);

	pipe_open_allowed(&rig, _i);
	event.change.merged = TRI_YES;
	tell(&rig, event);
	event.change_action = CHANGE_OTHER;
	event.action = TEXT_LIT("labeled");
	tell(&rig, event);
	ck_assert_int_eq(subject_of(&rig, 'a').due, 0);
	ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_SUCCESS);
	ck_assert_int_eq(drain(&rig), 0);
	pipe_close(&rig);
}
END_TEST

START_TEST(what_was_said_of_a_landed_commit_stands)
{
	struct pipe_rig rig;
	struct err err = ERR_NONE;
	struct commit_key key = {TEXT_LIT("acme/engine"), sha_of('a')};
	struct event event = change_event(CHANGE_CLOSED, 1, 'a', 2);
	struct shown shown;

	pipe_open_allowed(&rig, _i);
	event.change.merged = TRI_YES;
	tell(&rig, event);
	tell(&rig, review_event(REVIEW_SUBMITTED, 9, REVIEW_APPROVED, 'a')); /* somebody is late */
	judge_landed(&rig, 'a');
	ck_assert_int_eq(subject_of(&rig, 'a').due, 0);
	ck_assert_int_eq(drain(&rig), 0);
	ck_assert(store_show(&rig.store, &key, &shown, &rig.arena, &err));
	ck_assert_uint_eq(shown.n_verdicts, 1);
	ck_assert(text_is(shown.verdicts[0].decision, "allowed"));
	pipe_close(&rig);
}
END_TEST

START_TEST(a_move_of_the_base_asks_for_its_changes)
{
	struct pipe_rig rig;
	struct event event = change_event(CHANGE_OTHER, 0, 'a', 2);

	pipe_open_allowed(&rig, _i);
	ck_assert_int_eq(subject_of(&rig, 'a').due, 0);
	event.kind = EVENT_PUSH;
	event.ref = TEXT_LIT("refs/heads/other");
	tell(&rig, event);
	ck_assert_int_eq(subject_of(&rig, 'a').due, 0);
	event.ref = TEXT_LIT("refs/heads/main");
	tell(&rig, event);
	ck_assert_int_eq(subject_of(&rig, 'a').due, 1);
	ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_SUCCESS);
	pipe_close(&rig);
}
END_TEST

static const struct {
	const char *action;
	enum change_action kind;
	int64_t due;
} looks[] = {{"edited", CHANGE_EDITED, 1},
	     {"labeled", CHANGE_OTHER, 1},
	     {"unlabeled", CHANGE_OTHER, 1},
	     {"assigned", CHANGE_OTHER, 0}};

START_TEST(a_new_title_or_label_has_the_head_judged_again)
{
	for (int backend = 0; backend < PIPE_BACKENDS; backend++) {
		struct event event = change_event(looks[_i].kind, 1, 'a', 2);
		struct pipe_rig rig;

		pipe_open_allowed(&rig, backend);
		event.action = text_of(looks[_i].action);
		tell(&rig, event);
		ck_assert_int_eq(subject_of(&rig, 'a').due, looks[_i].due);
		ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_SUCCESS);
		pipe_close(&rig);
	}
}
END_TEST

START_TEST(a_recheck_comment_asks_and_other_comments_do_not)
{
	struct pipe_rig rig;
	struct event event = change_event(CHANGE_OTHER, 1, 'a', 2);

	pipe_open_allowed(&rig, _i);
	event.kind = EVENT_COMMENT;
	event.action = TEXT_LIT("created");
	event.comment.body = TEXT_LIT("please do not /headgate recheck");
	event.comment.association = TEXT_LIT("MEMBER");
	tell(&rig, event);
	ck_assert_int_eq(subject_of(&rig, 'a').due, 0);
	event.comment.body = TEXT_LIT("please\n/headgate recheck\n");
	tell(&rig, event);
	ck_assert_int_eq(subject_of(&rig, 'a').due, 1);
	pipe_close(&rig);
}
END_TEST

/* When the head's repository, a fork, was last known to be there. */
static const struct {
	const char *what;
	enum event_kind kind;
	int64_t head_repo, submitted_at, seen_at;
} forks[] = {
	{"a push to it", EVENT_CHANGE, 99, WHEN_UNKNOWN, 2000},
	{"a review whose delivery names it", EVENT_REVIEW, 99, 3000, 3000},
	{"a review whose delivery names none", EVENT_REVIEW, 0, 3000, WHEN_UNKNOWN},
	{"its own repository", EVENT_CHANGE, PIPE_REPO, WHEN_UNKNOWN, WHEN_UNKNOWN},
};

START_TEST(a_delivery_that_names_the_fork_says_that_it_was_there)
{
	for (int backend = 0; backend < PIPE_BACKENDS; backend++) {
		struct row_floor floor = {.repo = PIPE_REPO, .kind = TEXT_LIT("head"), .key = 1};
		struct event event = review_event(REVIEW_SUBMITTED, 9, REVIEW_APPROVED, 'a');
		struct err err = ERR_NONE;
		struct pipe_rig rig;

		pipe_open(&rig, backend);
		event.kind = forks[_i].kind;
		event.change.updated_at = 2000;
		event.change.head_repo = forks[_i].head_repo;
		event.review.submitted_at = forks[_i].submitted_at;
		tell(&rig, event);
		event.change.updated_at = 1000; /* a late one takes nothing back */
		event.review.submitted_at = WHEN_UNKNOWN;
		tell(&rig, event);
		ck_assert(store_floor(&rig.store, &floor, &rig.arena, &err));
		ck_assert_msg(floor.forge_time == forks[_i].seen_at, "%s: %lld", forks[_i].what,
			      (long long)floor.forge_time);
		pipe_close(&rig);
	}
}
END_TEST

START_TEST(a_retarget_is_remembered)
{
	struct row_floor floor = {.repo = PIPE_REPO, .kind = TEXT_LIT("base"), .key = 1};
	struct event event = change_event(CHANGE_EDITED, 1, 'a', 7);
	struct err err = ERR_NONE;
	struct pipe_rig rig;

	pipe_open_allowed(&rig, _i);
	tell(&rig, event);
	ck_assert(store_floor(&rig.store, &floor, &rig.arena, &err));
	ck_assert(floor.forge_time == WHEN_UNKNOWN); /* the title was edited */
	event.base_changed = TRI_YES;
	event.change.base_ref = TEXT_LIT("release");
	tell(&rig, event);
	ck_assert(store_floor(&rig.store, &floor, &rig.arena, &err));
	ck_assert_int_eq(floor.forge_time, 7000);
	pipe_close(&rig);
}
END_TEST

static struct event recheck_event(const char *action, const char *association, int64_t user)
{
	struct event event = change_event(CHANGE_OTHER, 1, 'a', 2);

	event.kind = EVENT_COMMENT;
	event.action = text_of(action);
	event.sender.id = user;
	event.comment.body = TEXT_LIT("/headgate recheck");
	event.comment.association = text_of(association);
	return event;
}

static const struct {
	const char *action, *association;
	int64_t user;
	bool heard;
} askers[] = {
	{"created", "OWNER", 33, true}, {"created", "MEMBER", 33, true},       {"created", "COLLABORATOR", 33, true},
	{"created", "NONE", 22, true}, /* counts in the verdict */
	{"created", "NONE", 33, false}, {"created", "CONTRIBUTOR", 33, false}, {"created", "", 33, false},
	{"edited", "OWNER", 33, false}, {"deleted", "OWNER", 33, false}};

START_TEST(a_recheck_by_one_of_the_house_is_posted_again_and_by_others_not_even_judged)
{
	for (int backend = 0; backend < PIPE_BACKENDS; backend++) {
		struct pipe_rig rig;

		pipe_open_allowed(&rig, backend);
		tell(&rig, recheck_event(askers[_i].action, askers[_i].association, askers[_i].user));
		ck_assert_int_eq(subject_of(&rig, 'a').due, askers[_i].heard);
		if (askers[_i].heard)
			judge_as(&rig, 'a', DECISION_ALLOWED);
		ck_assert_int_eq(drain(&rig), askers[_i].heard); /* the very same status */
		ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_SUCCESS);
		pipe_close(&rig);
	}
}
END_TEST

START_TEST(a_judgement_from_before_a_recheck_does_not_answer_it)
{
	struct pipe_rig rig;
	struct claim claim;

	pipe_open_told(&rig, _i);
	judge_as(&rig, 'a', DECISION_BLOCKED);
	(void)drain(&rig);
	tell(&rig, review_event(REVIEW_SUBMITTED, 9, REVIEW_APPROVED, 'a'));
	claim = claim_of(&rig, 'a');
	tell(&rig, recheck_event("created", "MEMBER", 33));
	ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_BLOCKED), CONCLUDED);
	ck_assert_int_eq(drain(&rig), 0);
	judge_as(&rig, 'a', DECISION_BLOCKED);
	ck_assert_int_eq(drain(&rig), 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(rechecks_cannot_use_up_the_forges_posts)
{
	struct pipe_rig rig;
	int posts = 0;

	pipe_open_allowed(&rig, _i);
	for (int i = 0; i < 50; i++) {
		tell(&rig, recheck_event("created", "MEMBER", 33));
		judge_as(&rig, 'a', DECISION_ALLOWED);
		posts += drain(&rig);
	}
	ck_assert_int_eq(posts, 10);
	ck_assert_int_eq(ledger_of(&rig, 'a').state, STATUS_SUCCESS);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_recheck_near_the_forges_cap_posts_nothing)
{
	struct pipe_rig rig;

	pipe_open(&rig, _i);
	rig.store.limits.posts_max = 2;
	tell(&rig, change_event(CHANGE_OPENED, 1, 'a', 1));
	ck_assert_int_eq(drain(&rig), 1);
	judge_as(&rig, 'a', DECISION_ALLOWED);
	ck_assert_int_eq(drain(&rig), 1);
	tell(&rig, recheck_event("created", "MEMBER", 33));
	judge_as(&rig, 'a', DECISION_ALLOWED);
	ck_assert_int_eq(drain(&rig), 0);
	ck_assert_int_eq(ledger_of(&rig, 'a').state, STATUS_SUCCESS);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_restart_ends_the_leases_of_the_dead_and_their_fences_hold)
{
	struct pipe_rig rig;
	struct claim dead, claim;
	struct err err = ERR_NONE;

	pipe_open_told(&rig, _i);
	dead = claim_of(&rig, 'a');
	ck_assert(!try_claim(&rig, &claim));
	ck_assert_msg(store_end_leases(&rig.store, rig.now, &err), "%s", err.text);
	claim = claim_of(&rig, 'a');
	ck_assert_int_eq(conclude_as(&rig, &dead, DECISION_ALLOWED), CONCLUDED_FENCED);
	ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_BLOCKED), CONCLUDED);
	pipe_close(&rig);
}
END_TEST

static const struct {
	const char *what;
	int n;
	enum change_action actions[3];
	bool draft[3], closed[3], other_base[3];
	bool believed;
} seconds[] = {
	{"a draft", 2, {CHANGE_OPENED, CHANGE_DRAFT}, {false, true}, {false}, {false}, true},
	{"a draft told before what it ended", 2, {CHANGE_DRAFT, CHANGE_READY}, {true, false}, {false}, {false}, false},
	{"closed", 2, {CHANGE_OPENED, CHANGE_CLOSED}, {false}, {false, true}, {false}, true},
	{"closed and opened again", 2, {CHANGE_CLOSED, CHANGE_REOPENED}, {false}, {true, false}, {false}, false},
	{"another base", 2, {CHANGE_OPENED, CHANGE_EDITED}, {false}, {false}, {false, true}, true},
	{"there and back", 2, {CHANGE_EDITED, CHANGE_EDITED}, {false}, {false}, {true, false}, false},
	{"a draft, and a title from before it",
	 3,
	 {CHANGE_OPENED, CHANGE_DRAFT, CHANGE_OTHER},
	 {false, true, false},
	 {false},
	 {false},
	 false},
	{"a draft, and its title",
	 3,
	 {CHANGE_OPENED, CHANGE_DRAFT, CHANGE_OTHER},
	 {false, true, true},
	 {false},
	 {false},
	 true},
	{"closed, and a title from before",
	 3,
	 {CHANGE_OPENED, CHANGE_CLOSED, CHANGE_OTHER},
	 {false},
	 {false, true, false},
	 {false},
	 false},
	{"another base, and a push from before",
	 3,
	 {CHANGE_OPENED, CHANGE_EDITED, CHANGE_SYNCHRONIZE},
	 {false},
	 {false},
	 {false, true, false},
	 false},
	{"a draft, then a title",
	 3,
	 {CHANGE_READY, CHANGE_DRAFT, CHANGE_OPENED},
	 {false, true, true},
	 {false},
	 {false},
	 false},
};

/* Nobody can say which came last, and the journal's order is none. */
START_TEST(events_of_one_second_that_contradict_each_other_leave_nothing_to_agree_with)
{
	for (int backend = 0; backend < PIPE_BACKENDS; backend++) {
		struct row_floor floor = {.repo = PIPE_REPO, .kind = TEXT_LIT("change"), .key = 1};
		struct err err = ERR_NONE;
		struct pipe_rig rig;

		pipe_open(&rig, backend);
		for (int i = 0; i < seconds[_i].n; i++) {
			struct event event = change_event(seconds[_i].actions[i], 1, 'a', 1);

			event.change.draft = seconds[_i].draft[i] ? TRI_YES : TRI_NO;
			event.change.open = seconds[_i].closed[i] ? TRI_NO : TRI_YES;
			event.base_changed = seconds[_i].actions[i] == CHANGE_EDITED ? TRI_YES : TRI_NO;
			event.change.base_ref = seconds[_i].other_base[i] ? TEXT_LIT("next") : TEXT_LIT("main");
			tell(&rig, event);
		}
		ck_assert(store_floor(&rig.store, &floor, &rig.arena, &err));
		ck_assert_msg((floor.value.len > 0) == seconds[_i].believed, "%s", seconds[_i].what);
		pipe_close(&rig);
	}
}
END_TEST

/* Opened again, pushed to b, closed and opened once more, all in one second; the first opening comes last. */
START_TEST(a_head_that_was_replaced_stays_so_in_a_second_that_contradicts_itself)
{
	struct event closed = change_event(CHANGE_CLOSED, 1, 'b', 2);
	struct pipe_rig rig;

	pipe_open_allowed(&rig, _i);
	tell(&rig, push_to_change(1, 'a', 'b', 2));
	closed.change.open = TRI_NO;
	tell(&rig, closed);
	tell(&rig, change_event(CHANGE_REOPENED, 1, 'b', 2));
	(void)drain(&rig);
	ck_assert_int_eq(ledger_of(&rig, 'a').state, STATUS_FAILURE);
	tell(&rig, change_event(CHANGE_REOPENED, 1, 'a', 2));
	ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_FAILURE);
	ck_assert_int_eq(slot_of(&rig, 'a').superseded, 1);
	ck_assert_int_eq(subject_of(&rig, 'a').due, 1);
	pipe_close(&rig);
}
END_TEST

/* It came back in the second in which it was replaced, and both webhooks of its coming are late. */
START_TEST(a_late_push_says_nothing_of_what_replaced_its_head)
{
	struct pipe_rig rig;

	pipe_open_allowed(&rig, _i);
	tell(&rig, push_to_change(1, 'b', 'c', 3));
	tell(&rig, push_to_change(1, 'a', 'b', 2));
	ck_assert_int_eq(subject_of(&rig, 'b').superseded_by.hex[0], 'c');
	tell(&rig, change_event(CHANGE_REOPENED, 1, 'b', 3));
	ck_assert_int_eq(slot_of(&rig, 'b').state, STATUS_FAILURE);
	ck_assert_int_eq(slot_of(&rig, 'b').superseded, 1);
	pipe_close(&rig);
}
END_TEST

static const struct {
	const char *what, *first, *second;
	int64_t ms; /* between the two */
	const char *value;
} rights[] = {
	{"given", "added", "added", 10, FLOOR_MORE},
	{"taken", "removed", "removed", 10, FLOOR_LESS},
	{"taken in one team, given in another", "removed", "added", 10, FLOOR_OTHER},
	{"given and taken", "added", "removed", 10, FLOOR_OTHER},
	{"taken long ago, given now", "removed", "added", FLOOR_LAG_MS + 1, FLOOR_MORE},
	{"something else, then given", "edited", "added", 10, FLOOR_OTHER},
};

static struct event member_event(const char *action)
{
	return (struct event){
		.kind = EVENT_MEMBERSHIP, .action = text_of(action), .repo = PIPE_REPO, .subject_user = {.id = 22}};
}

START_TEST(what_two_events_said_of_somebodys_rights_is_told_together)
{
	for (int backend = 0; backend < PIPE_BACKENDS; backend++) {
		struct row_floor floor = {.repo = PIPE_REPO, .kind = TEXT_LIT(FLOOR_PEOPLE), .key = 22};
		struct err err = ERR_NONE;
		struct pipe_rig rig;

		pipe_open(&rig, backend);
		tell(&rig, member_event(rights[_i].first));
		rig.now += rights[_i].ms;
		tell(&rig, member_event(rights[_i].second));
		ck_assert(store_floor(&rig.store, &floor, &rig.arena, &err));
		ck_assert_msg(text_is(floor.value, rights[_i].value), "%s: %.*s", rights[_i].what,
			      TEXT_ARG(floor.value));
		pipe_close(&rig);
	}
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(only_what_can_weaken_and_comes_from_one_who_counts_revokes, weak),
	SUITE_ROWS(the_first_delivery_binds_a_review_and_a_dismissal_is_final, backends),
	SUITE_ROWS(a_review_of_a_head_nobody_told_of_asks_for_the_old_head, backends),
	SUITE_ROWS(an_edit_alone_proves_no_binding, backends),
	SUITE_ROWS(the_floor_of_one_second_is_its_last_head, ties),
	SUITE_ROWS(what_a_change_event_can_weaken_is_revoked_at_once, change_rows),
	SUITE_ROWS(a_merged_change_is_left_alone, backends),
	SUITE_ROWS(what_was_said_of_a_landed_commit_stands, backends),
	SUITE_ROWS(a_move_of_the_base_asks_for_its_changes, backends),
	SUITE_ROWS(a_new_title_or_label_has_the_head_judged_again, looks),
	SUITE_ROWS(a_recheck_comment_asks_and_other_comments_do_not, backends),
	SUITE_ROWS(a_recheck_by_one_of_the_house_is_posted_again_and_by_others_not_even_judged, askers),
	SUITE_ROWS(a_judgement_from_before_a_recheck_does_not_answer_it, backends),
	SUITE_ROWS(a_delivery_that_names_the_fork_says_that_it_was_there, forks),
	SUITE_ROWS(a_retarget_is_remembered, backends),
	SUITE_ROWS(rechecks_cannot_use_up_the_forges_posts, backends),
	SUITE_ROWS(a_recheck_near_the_forges_cap_posts_nothing, backends),
	SUITE_ROWS(a_restart_ends_the_leases_of_the_dead_and_their_fences_hold, backends),
	SUITE_ROWS(events_of_one_second_that_contradict_each_other_leave_nothing_to_agree_with, seconds),
	SUITE_ROWS(a_head_that_was_replaced_stays_so_in_a_second_that_contradicts_itself, backends),
	SUITE_ROWS(a_late_push_says_nothing_of_what_replaced_its_head, backends),
	SUITE_ROWS(what_two_events_said_of_somebodys_rights_is_told_together, rights),
	SUITE_END,
};
SUITE_MAIN(tests)
