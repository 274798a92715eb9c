/* Statuses and check runs that others made under our name. Over every backend. */
#include "agent/store/store.h"
#include "tests/support/forging.h"
#include "tests/support/suite.h"

static const int backends[PIPE_BACKENDS] = {0, 1};

/* ---- foreign ---- */

static const char *const states[] = {"success", "failure", "pending", "error"};

START_TEST(a_foreign_status_is_failure_at_once_and_then_what_a_new_judgement_says)
{
	for (int backend = 0; backend < PIPE_BACKENDS; backend++) {
		struct pipe_rig rig;
		struct post post;
		struct alarms alarms;

		forging_open(&rig, backend);
		tell(&rig, status_by(MALLORY, forging_id + 1000, states[_i], rig.now));
		is_revoked(&rig, "mallory");
		ck_assert(next_post(&rig, &post));
		ck_assert_int_eq(post.state, STATUS_FAILURE);
		forging_id += 1000;
		(void)answered(&rig, &post);
		judge_as(&rig, 'a', DECISION_ALLOWED);
		ck_assert(next_post(&rig, &post));
		ck_assert_int_eq(post.state, STATUS_SUCCESS);
		(void)answered(&rig, &post);
		ck_assert_int_eq(post_all(&rig), 0);
		alarms = alarms_of(&rig);
		ck_assert_uint_eq(alarms.n, 1);
		ck_assert_int_eq(alarms.at[0].kind, ALARM_STATUS);
		ck_assert_int_eq(alarms.at[0].who_id, MALLORY);
		ck_assert_int_eq(alarms.at[0].times, 1);
		pipe_close(&rig);
	}
}
END_TEST

/* A denial above our success, told or listed; then a push. */
static void deny_and_push(struct pipe_rig *rig, int64_t creator, bool told)
{
	struct listed_status list[2];

	list[1] = listed_by(US, forging_id, STATUS_SUCCESS, rig->now);
	list[0] = listed_by(creator, forging_id + 1000, STATUS_FAILURE, rig->now);
	forging_id += 1000;
	if (told)
		tell(rig, status_by(creator, forging_id, "failure", rig->now));
	else
		(void)look_at(rig, list, 2);
	tell(rig, push_to_change(1, 'a', 'b', 60));
}

/* A gate that looks for our statuses alone would still see the success. */
static void supersedes(int backend, int64_t creator)
{
	for (int told = 0; told < 2; told++) {
		struct pipe_rig rig;
		struct post post;

		forging_open(&rig, backend);
		deny_and_push(&rig, creator, told);
		ck_assert(next_post(&rig, &post));
		ck_assert_str_eq(post.sha.hex, sha_of('a').hex);
		ck_assert_int_eq(post.state, STATUS_FAILURE);
		(void)answered(&rig, &post);
		ck_assert_int_eq(slot_of(&rig, 'a').due, 0);
		ck_assert_int_eq(slot_of(&rig, 'a').watched, 0);
		pipe_close(&rig);
	}
}

START_TEST(a_denial_by_another_above_our_success_spares_no_supersede)
{
	supersedes(_i, MALLORY);
}
END_TEST

START_TEST(a_denial_of_which_nobody_knows_whose_it_is_spares_no_supersede)
{
	supersedes(_i, 0);
}
END_TEST

/* The repository is told of under another installation, for which nothing was posted yet. */
static void nobody_knows_us(struct pipe_rig *rig)
{
	struct event event = change_event(CHANGE_OPENED, 7, 'c', rig->now);

	event.installation = 77;
	tell(rig, event);
	judge_as(rig, 'c', DECISION_WAITING);
}

/* Revoked by us; then it is listed while nobody knows any more who posts for us. */
START_TEST(what_was_ours_stays_ours_when_nobody_knows_any_more_who_we_are)
{
	for (int audited = 0; audited < 2; audited++) {
		struct listed_status list[2];
		struct pipe_rig rig;
		int64_t granted_id;

		forging_open(&rig, _i);
		granted_id = forging_id;
		tell(&rig, review_event(REVIEW_DISMISSED, 1, REVIEW_STATE_DISMISSED, 'a'));
		judge_as(&rig, 'a', DECISION_BLOCKED);
		ck_assert_int_eq(post_all(&rig), 1);
		list[1] = listed_by(US, granted_id, STATUS_SUCCESS, rig.now);
		list[0] = listed_by(US, forging_id, STATUS_FAILURE, rig.now);
		if (audited)
			ck_assert_int_eq(look_at(&rig, list, 2), LOOKED_SAME);
		nobody_knows_us(&rig);
		ck_assert_int_eq(look_at(&rig, list, 2), LOOKED_SAME);
		ck_assert_int_eq(ledger_of(&rig, 'a').granted, 0);
		ck_assert_int_eq(slot_of(&rig, 'a').due, 0);
		pipe_close(&rig);
	}
}
END_TEST

/* Another process with our key, or an answer that never came: whoever reads ours sees it. */
START_TEST(a_denial_of_our_own_above_our_success_needs_no_second_one)
{
	for (int told = 0; told < 2; told++) {
		struct pipe_rig rig;

		forging_open(&rig, _i);
		deny_and_push(&rig, US, told);
		ck_assert_int_eq(ledger_of(&rig, 'a').granted, 0);
		pipe_close(&rig);
	}
}
END_TEST

START_TEST(our_success_below_anothers_denial_is_taken_back_before_anything_is_granted)
{
	struct pipe_rig rig;
	struct post post;

	forging_open(&rig, _i);
	tell(&rig, change_event(CHANGE_OPENED, 2, 'b', 1));
	(void)post_all(&rig);
	judge_as(&rig, 'b', DECISION_ALLOWED);
	tell(&rig, status_by(MALLORY, forging_id += 1000, "failure", rig.now));
	ck_assert(next_post(&rig, &post));
	ck_assert_str_eq(post.sha.hex, sha_of('a').hex);
	ck_assert_int_eq(post.state, STATUS_FAILURE);
	pipe_close(&rig);
}
END_TEST

/* It is the commit's only status: ours, that the forge refused, counts no more. */
START_TEST(a_success_by_another_that_the_forge_lets_nobody_cover_is_looked_after)
{
	struct event forged;
	struct pipe_rig rig;
	struct post post;

	forging_open(&rig, _i);
	tell(&rig, change_event(CHANGE_OPENED, 2, 'b', 1));
	forged = status_by(MALLORY, forging_id += 1000, "success", rig.now);
	forged.status.sha = sha_of('b');
	tell(&rig, forged);
	ck_assert(next_post(&rig, &post));
	ck_assert_str_eq(post.sha.hex, sha_of('b').hex);
	ck_assert_int_eq(post.state, STATUS_FAILURE);
	answer(&rig, &post, POST_REFUSED);
	ck_assert_int_eq(ledger_of(&rig, 'b').count, 1);
	ck_assert_int_eq(slot_of(&rig, 'b').watched, 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_commit_that_was_not_allowed_is_failure_too_where_somebody_else_allowed_it)
{
	struct pipe_rig rig;

	forging_open(&rig, _i);
	tell(&rig, review_event(REVIEW_DISMISSED, 1, REVIEW_STATE_DISMISSED, 'a'));
	judge_as(&rig, 'a', DECISION_WAITING);
	(void)post_all(&rig);
	tell(&rig, status_by(MALLORY, forging_id += 1000, "success", rig.now));
	is_revoked(&rig, "mallory");
	pipe_close(&rig);
}
END_TEST

START_TEST(the_same_event_twice_is_reported_and_acted_upon_once)
{
	struct pipe_rig rig;
	struct event event;

	forging_open(&rig, _i);
	event = status_by(MALLORY, forging_id += 1000, "success", rig.now);
	tell(&rig, event);
	(void)post_now(&rig);
	judge_as(&rig, 'a', DECISION_ALLOWED);
	(void)post_now(&rig);
	tell(&rig, event);
	ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_SUCCESS);
	ck_assert_int_eq(subject_of(&rig, 'a').due, 0);
	ck_assert_int_eq(alarms_of(&rig).at[0].times, 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(before_the_forge_said_who_we_are_nobody_is_called_foreign)
{
	struct pipe_rig rig;

	pipe_open_allowed(&rig, _i); /* its answers name no creator */
	tell(&rig, status_by(MALLORY, forging_id += 1000, "success", rig.now));
	ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_SUCCESS);
	ck_assert(slot_of(&rig, 'a').due); /* its text is not known: posted again, as ever */
	ck_assert_uint_eq(alarms_of(&rig).n, 0);
	pipe_close(&rig);
}
END_TEST

START_TEST(what_a_former_name_of_ours_posted_is_corrected_and_not_reported)
{
	struct pipe_rig rig;

	forging_open(&rig, _i);
	rig.creator = 901; /* another App, or another token file */
	tell(&rig, review_event(REVIEW_DISMISSED, 1, REVIEW_STATE_DISMISSED, 'a'));
	judge_as(&rig, 'a', DECISION_ALLOWED);
	(void)post_all(&rig);
	tell(&rig, review_event(REVIEW_DISMISSED, 2, REVIEW_STATE_DISMISSED, 'a'));
	judge_as(&rig, 'a', DECISION_BLOCKED);
	(void)post_now(&rig);
	tell(&rig, status_by(US, forging_id += 1000, "success", rig.now));
	ck_assert_uint_eq(alarms_of(&rig).n, 0);
	ck_assert(slot_of(&rig, 'a').due);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_foreign_status_while_ours_is_out_is_taken_back_after_the_answer)
{
	struct pipe_rig rig;
	struct post post;

	forging_open(&rig, _i);
	tell(&rig, review_event(REVIEW_DISMISSED, 1, REVIEW_STATE_DISMISSED, 'a'));
	judge_as(&rig, 'a', DECISION_WAITING);
	ck_assert(next_post(&rig, &post));
	ck_assert_int_ne(post.state, STATUS_SUCCESS);
	tell(&rig, status_by(MALLORY, forging_id + 1000, "success", rig.now));
	(void)answered(&rig, &post); /* an older one */
	is_revoked(&rig, "mallory");
	ck_assert_int_eq(ledger_of(&rig, 'a').state, STATUS_UNKNOWN);
	pipe_close(&rig);
}
END_TEST

/* The first answer to a new token names another creator, and its webhook may come before it. */
START_TEST(what_says_the_same_as_ours_on_its_way_may_be_ours)
{
	struct pipe_rig rig;
	struct post post;

	forging_open(&rig, _i);
	tell(&rig, review_event(REVIEW_DISMISSED, 1, REVIEW_STATE_DISMISSED, 'a'));
	judge_as(&rig, 'a', DECISION_ALLOWED);
	tell(&rig, status_by(MALLORY, forging_id += 1000, "pending", rig.now));
	(void)post_now(&rig);
	judge_as(&rig, 'a', DECISION_ALLOWED);
	rig.creator = 901;
	ck_assert(next_post(&rig, &post));
	tell(&rig, status_by(901, forging_id + 1, "success", rig.now));
	(void)answered(&rig, &post);
	ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_SUCCESS);
	ck_assert_int_eq(post_all(&rig), 0);
	ck_assert_uint_eq(alarms_of(&rig).n, 1); /* mallory's */
	pipe_close(&rig);
}
END_TEST

START_TEST(a_status_told_while_ours_was_out_is_looked_at_after_the_answer)
{
	struct taker taker = {.owner = "sweep-1"};
	struct err err = ERR_NONE;
	struct listed_status at[3];
	struct sweep_look taken;
	struct pipe_rig rig;
	struct post post;
	int64_t id;

	forging_open(&rig, _i);
	taker.now = rig.now;
	taker.arena = &rig.arena;
	tell(&rig, review_event(REVIEW_DISMISSED, 1, REVIEW_STATE_DISMISSED, 'a'));
	judge_as(&rig, 'a', DECISION_WAITING);
	ck_assert(next_post(&rig, &post));
	tell(&rig, status_by(MALLORY, forging_id + 1000, status_state_name(post.state), rig.now));
	id = answered(&rig, &post);
	ck_assert(store_take_look(&rig.store, &taker, &taken, &err));
	at[0] = listed_by(MALLORY, forging_id + 999, post.state, rig.now);
	at[1] = listed_by(US, id, post.state, rig.now);
	ck_assert_int_eq(look_at(&rig, at, 2), LOOKED_FOREIGN);
	is_revoked(&rig, "mallory");
	pipe_close(&rig);
}
END_TEST

START_TEST(a_list_tells_what_no_webhook_told)
{
	struct listed_status at[2];
	struct pipe_rig rig;
	int64_t ours = forging_id;

	forging_open(&rig, _i);
	ours = forging_id;
	forging_id += 1000;
	at[0] = listed_by(MALLORY, forging_id, STATUS_SUCCESS, rig.now); /* says what ours said */
	at[1] = listed_by(US, ours, STATUS_SUCCESS, rig.now);
	ck_assert_int_eq(look_at(&rig, at, 2), LOOKED_FOREIGN);
	is_revoked(&rig, "mallory");
	ck_assert_int_eq(open_of(&rig, ALARM_STATUS), 1);
	(void)post_all(&rig);
	judge_as(&rig, 'a', DECISION_ALLOWED);
	(void)post_all(&rig);
	ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_SUCCESS);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_foreign_status_that_ours_has_covered_is_reported_and_nothing_more)
{
	struct listed_status at[2];
	struct pipe_rig rig;

	forging_open(&rig, _i);
	at[0] = listed_by(US, forging_id, STATUS_SUCCESS, rig.now);
	at[1] = listed_by(MALLORY, forging_id - 1, STATUS_FAILURE, rig.now);
	ck_assert_int_eq(look_at(&rig, at, 2), LOOKED_SAME);
	ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_SUCCESS);
	ck_assert_int_eq(open_of(&rig, ALARM_STATUS), 1);
	ck_assert_int_eq(look_at(&rig, at, 2), LOOKED_SAME);
	ck_assert_int_eq(alarms_of(&rig).at[0].times, 1);
	pipe_close(&rig);
}
END_TEST

/* Else each of his costs us two of the forge's thousand. */
START_TEST(who_forges_again_and_again_leaves_the_commit_a_failure)
{
	struct pipe_rig rig;
	int posts = 0;

	forging_open(&rig, _i);
	for (int i = 0; i < 100; i++) {
		tell(&rig, status_by(MALLORY, forging_id += 10, "success", rig.now));
		posts += post_all(&rig);
		judge_as(&rig, 'a', DECISION_ALLOWED);
		posts += post_all(&rig);
		rig.now += 1000;
	}
	ck_assert_int_eq(slot_of(&rig, 'a').state, STATUS_FAILURE);
	ck_assert_int_lt(posts, 150);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_commit_that_has_landed_is_not_failed_for_a_foreign_status)
{
	struct pipe_rig rig;
	struct event merged = change_event(CHANGE_CLOSED, 1, 'a', 2);

	forging_open(&rig, _i);
	merged.change.merged = TRI_YES;
	tell(&rig, merged);
	(void)post_all(&rig);
	(void)post_all(&rig);
	tell(&rig, status_by(MALLORY, forging_id += 1000, "success", rig.now));
	ck_assert(text_find(slot_of(&rig, 'a').text, TEXT_LIT("mallory")) == SIZE_MAX);
	ck_assert_int_eq(open_of(&rig, ALARM_STATUS), 1);
	pipe_close(&rig);
}
END_TEST

/* ---- check runs ---- */

static struct event run_event(const char *name, const char *conclusion, char sha)
{
	struct event event = status_by(77, 4000, conclusion, WHEN_UNKNOWN);

	event.kind = EVENT_CHECK_RUN;
	event.status.sha = sha_of(sha);
	event.status.context = text_of(name);
	event.status.creator = (struct person){77, TEXT_LIT("ci"), PERSON_BOT};
	return event;
}

static const struct run_row {
	const char *what, *name, *conclusion;
	char sha;
	bool revoked, asked;
} runs[] = {
	{"success", "policy/merge-allowed", "success", 'a', true, true},
	{"skipped counts as success", "policy/merge-allowed", "skipped", 'a', true, true},
	{"under way", "policy/merge-allowed", "", 'a', true, true},
	{"a word that nobody knows", "policy/merge-allowed", "splendid", 'a', true, true},
	{"a failure cannot be read as success", "policy/merge-allowed", "failure", 'a', false, true},
	{"another name", "build", "success", 'a', false, false},
	{"another commit", "policy/merge-allowed", "success", 'b', false, false},
};

START_TEST(a_check_run_with_our_name_takes_the_success_back)
{
	for (int backend = 0; backend < PIPE_BACKENDS; backend++) {
		const struct run_row *row = &runs[_i];
		struct pipe_rig rig;

		forging_open(&rig, backend);
		tell(&rig, run_event(row->name, row->conclusion, row->sha));
		ck_assert_msg((slot_of(&rig, 'a').state == STATUS_FAILURE) == row->revoked, "%s", row->what);
		ck_assert_msg((subject_of(&rig, 'a').due != 0) == row->asked, "%s", row->what);
		ck_assert_int_eq(open_of(&rig, ALARM_CHECK_RUN), row->asked);
		if (row->revoked)
			ck_assert(text_find(slot_of(&rig, 'a').text, TEXT_LIT("by ci")) != SIZE_MAX);
		pipe_close(&rig);
	}
}
END_TEST

/* ---- the alarms themselves ---- */

static void raise_one(struct pipe_rig *rig, int n, enum alarm_kind kind)
{
	struct alarm_news news = {
		.repo = n, .sha = sha_of('c'), .kind = kind, .who = TEXT_LIT("w"), .who_id = 1, .forge_id = 1};
	struct err err = ERR_NONE;

	ck_assert(store_alarm(&rig->store, &news, rig->now, &err));
}

START_TEST(alarms_are_bounded_and_a_stolen_key_is_not_forgotten)
{
	struct pipe_rig rig;

	pipe_open(&rig, _i);
	raise_one(&rig, 1, ALARM_STOLEN_KEY);
	for (int i = 2; i < 1100; i++)
		raise_one(&rig, i, ALARM_STATUS);
	ck_assert_uint_eq(alarms_of(&rig).n, 1000);
	ck_assert_int_eq(open_of(&rig, ALARM_STOLEN_KEY), 1);
	ck_assert_int_eq(alarms_of(&rig).at[0].repo, 1099);
	pipe_close(&rig);
}
END_TEST

START_TEST(each_alarm_is_told_once_for_every_time)
{
	struct taker taker = {.owner = "sweep-1"};
	struct alarm_news news = {.repo = 1, .sha = sha_of('c'), .kind = ALARM_STATUS, .forge_id = 1};
	struct err err = ERR_NONE;
	struct row_alarm row;
	struct pipe_rig rig;

	pipe_open(&rig, _i);
	taker.arena = &rig.arena;
	for (; news.forge_id <= 3; news.forge_id++)
		ck_assert(store_alarm(&rig.store, &news, rig.now, &err));
	ck_assert(store_take_alarm(&rig.store, &taker, &row, &err));
	ck_assert_int_eq(row.times - row.said, 3);
	ck_assert(!store_take_alarm(&rig.store, &taker, &row, &err));
	ck_assert_int_eq(err.code, ERR_GONE);
	err = ERR_NONE;
	ck_assert(store_alarm(&rig.store, &news, rig.now, &err));
	ck_assert(store_take_alarm(&rig.store, &taker, &row, &err));
	ck_assert_int_eq(row.times - row.said, 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(an_alarm_that_does_not_exist_cannot_be_acknowledged)
{
	struct err err = ERR_NONE;
	struct pipe_rig rig;

	pipe_open(&rig, _i);
	ck_assert(!store_acknowledge_alarm(&rig.store, 7, rig.now, &err));
	ck_assert_int_eq(err.code, ERR_GONE);
	pipe_close(&rig);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_foreign_status_is_failure_at_once_and_then_what_a_new_judgement_says, states),
	SUITE_ROWS(a_denial_by_another_above_our_success_spares_no_supersede, backends),
	SUITE_ROWS(a_denial_of_which_nobody_knows_whose_it_is_spares_no_supersede, backends),
	SUITE_ROWS(a_denial_of_our_own_above_our_success_needs_no_second_one, backends),
	SUITE_ROWS(what_was_ours_stays_ours_when_nobody_knows_any_more_who_we_are, backends),
	SUITE_ROWS(our_success_below_anothers_denial_is_taken_back_before_anything_is_granted, backends),
	SUITE_ROWS(a_success_by_another_that_the_forge_lets_nobody_cover_is_looked_after, backends),
	SUITE_ROWS(a_commit_that_was_not_allowed_is_failure_too_where_somebody_else_allowed_it, backends),
	SUITE_ROWS(the_same_event_twice_is_reported_and_acted_upon_once, backends),
	SUITE_ROWS(before_the_forge_said_who_we_are_nobody_is_called_foreign, backends),
	SUITE_ROWS(what_a_former_name_of_ours_posted_is_corrected_and_not_reported, backends),
	SUITE_ROWS(a_foreign_status_while_ours_is_out_is_taken_back_after_the_answer, backends),
	SUITE_ROWS(what_says_the_same_as_ours_on_its_way_may_be_ours, backends),
	SUITE_ROWS(a_status_told_while_ours_was_out_is_looked_at_after_the_answer, backends),
	SUITE_ROWS(a_list_tells_what_no_webhook_told, backends),
	SUITE_ROWS(a_foreign_status_that_ours_has_covered_is_reported_and_nothing_more, backends),
	SUITE_ROWS(who_forges_again_and_again_leaves_the_commit_a_failure, backends),
	SUITE_ROWS(a_commit_that_has_landed_is_not_failed_for_a_foreign_status, backends),
	SUITE_ROWS(a_check_run_with_our_name_takes_the_success_back, runs),
	SUITE_ROWS(alarms_are_bounded_and_a_stolen_key_is_not_forgotten, backends),
	SUITE_ROWS(each_alarm_is_told_once_for_every_time, backends),
	SUITE_ROWS(an_alarm_that_does_not_exist_cannot_be_acknowledged, backends),
	SUITE_END,
};
SUITE_MAIN(tests)
