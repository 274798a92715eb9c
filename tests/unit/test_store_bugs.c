/*
 * Bugs in the store, over every backend: something that is told of a bug reaches exactly the commits whose verdicts
 * asked about it, takes their successes back where it weighed, and overtakes no reading.
 */
#include "agent/store/store_bugs.h"
#include "tests/support/crowd.h"
#include "tests/support/pipe.h"
#include "tests/support/suite.h"

static const int backends[PIPE_BACKENDS] = {0, 1};

static const struct bug_ref weighing[] = {{{"bmo", 3}, 12, true}, {{"bmo", 3}, 13, true}};
static const struct bug_ref warning[] = {{{"bmo", 3}, 12, false}};

static bool tell_bug_of(struct pipe_rig *rig, const char *tracker, int64_t id)
{
	struct bugs_told in = {.tracker = text_of(tracker), .ids = &id, .n = 1, .now = rig->now};
	struct err err = ERR_NONE;
	bool subjects;

	ck_assert_msg(store_tell_bugs(&rig->store, &in, &subjects, &err), "%s", err.text);
	return subjects;
}

static bool tell_bug(struct pipe_rig *rig, int64_t id)
{
	return tell_bug_of(rig, "bmo", id);
}

static void asked(struct pipe_rig *rig, const struct bug_ref *at, size_t n)
{
	rig->bugs = at;
	rig->n_bugs = n;
	judge_as(rig, 'a', DECISION_ALLOWED);
	rig->bugs = NULL;
	rig->n_bugs = 0;
	ck_assert_int_gt(drain(rig), 0);
	rig->now += 1000;
}

static struct bug_news_list bugs_that_are(struct pipe_rig *rig, enum bug_due due)
{
	const struct bug_due_query query = {TEXT_LIT("bmo"), due, 10};
	struct bug_news_list list;
	struct err err = ERR_NONE;

	ck_assert_msg(store_due_bugs(&rig->store, &query, &rig->arena, &list, &err), "%s", err.text);
	return list;
}

static struct bug_news_list due_bugs(struct pipe_rig *rig)
{
	return bugs_that_are(rig, BUG_DUE);
}

START_TEST(a_bug_that_changed_takes_back_the_success_that_asked_about_it)
{
	struct pipe_rig rig;
	struct post post;

	pipe_open_told(&rig, _i);
	asked(&rig, weighing, 2);
	ck_assert(!tell_bug(&rig, 11));
	ck_assert(!tell_bug_of(&rig, "other", 12));
	ck_assert(!subject_of(&rig, 'a').due && !next_post(&rig, &post));
	ck_assert(tell_bug(&rig, 13));
	ck_assert(subject_of(&rig, 'a').due);
	ck_assert(next_post(&rig, &post) && post.state == STATUS_FAILURE);
	ck_assert(text_is(post.text, "Revoked: maintainer clearance is looked at again"));
	pipe_close(&rig);
}
END_TEST

START_TEST(a_custom_field_has_the_bug_read_and_judged_again_and_takes_nothing_back_by_itself)
{
	struct event event = {.kind = EVENT_BUG,
			      .bug = {.tracker = TEXT_LIT("bmo"), .id = 12, .touched = BUG_TOUCHED_FIELDS}};
	struct pipe_rig rig;
	struct post post;

	pipe_open_told(&rig, _i);
	asked(&rig, weighing, 2);
	tell(&rig, event);
	ck_assert(subject_of(&rig, 'a').due && due_bugs(&rig).n == 1);
	ck_assert(!next_post(&rig, &post));
	event.bug.touched |= BUG_TOUCHED_KEYWORDS;
	tell(&rig, event);
	ck_assert(next_post(&rig, &post) && post.state == STATUS_FAILURE);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_delivery_of_a_tracker_revokes_where_it_may_weaken_and_else_does_nothing)
{
	struct event event = {.kind = EVENT_BUG, .bug = {.tracker = TEXT_LIT("bmo"), .id = 12}};
	struct pipe_rig rig;
	struct post post;

	pipe_open_told(&rig, _i);
	asked(&rig, weighing, 2);
	tell(&rig, event);
	ck_assert(!subject_of(&rig, 'a').due && due_bugs(&rig).n == 0);
	event.bug.touched = BUG_TOUCHED_FLAGS;
	tell(&rig, event);
	ck_assert(subject_of(&rig, 'a').due && due_bugs(&rig).n == 1);
	ck_assert(next_post(&rig, &post) && post.state == STATUS_FAILURE);
	pipe_close(&rig);
}
END_TEST

START_TEST(what_an_earlier_process_heard_by_a_clock_that_was_ahead_it_heard_by_now)
{
	struct err err = ERR_NONE;
	struct pipe_rig rig;

	pipe_open_told(&rig, _i);
	rig.now += 28800000;
	(void)tell_bug(&rig, 12);
	rig.now -= 28800000;
	ck_assert_msg(store_restart_posts(&rig.store, rig.now, &err), "%s", err.text);
	rig.now += 1000;
	asked(&rig, weighing, 2);
	ck_assert(!subject_of(&rig, 'a').due);
	pipe_close(&rig);
}
END_TEST

START_TEST(where_only_a_rule_that_warns_asked_nothing_is_taken_back)
{
	struct pipe_rig rig;
	struct post post;

	pipe_open_told(&rig, _i);
	asked(&rig, warning, 1);
	ck_assert(tell_bug(&rig, 12));
	ck_assert(subject_of(&rig, 'a').due && !next_post(&rig, &post));
	pipe_close(&rig);
}
END_TEST

START_TEST(what_the_newest_verdict_does_not_ask_about_reaches_nobody)
{
	struct pipe_rig rig;

	pipe_open_told(&rig, _i);
	asked(&rig, weighing, 2);
	ck_assert(tell_bug(&rig, 12));
	ck_assert_int_gt(drain(&rig), 0);
	rig.now += 1000;
	asked(&rig, &weighing[1], 1);
	ck_assert(!tell_bug(&rig, 12));
	ck_assert(tell_bug(&rig, 13));
	pipe_close(&rig);
}
END_TEST

/* It reaches no commit yet, since no verdict has asked about it: the verdict itself must mind it. */
START_TEST(what_was_told_since_the_reading_drops_the_success)
{
	struct pipe_rig rig;
	struct claim claim;

	pipe_open_told(&rig, _i);
	claim = claim_of(&rig, 'a');
	(void)tell_bug(&rig, 12);
	rig.bugs = weighing;
	rig.n_bugs = 2;
	ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_ALLOWED), CONCLUDED_DROPPED);
	rig.now += 1000;
	claim = claim_of(&rig, 'a');
	ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_ALLOWED), CONCLUDED);
	pipe_close(&rig);
}
END_TEST

START_TEST(what_was_told_since_the_reading_judges_a_waiting_commit_again)
{
	struct pipe_rig rig;
	struct claim claim;

	pipe_open_told(&rig, _i);
	claim = claim_of(&rig, 'a');
	(void)tell_bug(&rig, 12);
	rig.bugs = weighing;
	rig.n_bugs = 2;
	ck_assert_int_eq(conclude_as(&rig, &claim, DECISION_WAITING), CONCLUDED);
	ck_assert(subject_of(&rig, 'a').due);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_bug_is_due_until_it_was_read_and_nothing_more_was_told)
{
	struct pipe_rig rig;
	struct bug_news_list list;
	struct err err = ERR_NONE;
	bool due;

	pipe_open_told(&rig, _i);
	(void)tell_bug(&rig, 12);
	rig.now += 1000;
	(void)tell_bug(&rig, 13);
	list = due_bugs(&rig);
	ck_assert_uint_eq(list.n, 2);
	ck_assert_int_eq(list.at[0].id, 12); /* the longest due first */
	rig.now += 1000;
	(void)tell_bug(&rig, 13); /* while both are being read */
	ck_assert(store_mark_bugs(&rig.store, TEXT_LIT("bmo"), BUG_SETTLED, &list, &err));
	list = due_bugs(&rig);
	ck_assert_uint_eq(list.n, 1);
	ck_assert_int_eq(list.at[0].id, 13);
	ck_assert(store_bug_is_due(&rig.store, &weighing[0], &due, &err) && !due);
	ck_assert(store_bug_is_due(&rig.store, &weighing[1], &due, &err) && due);
	pipe_close(&rig);
}
END_TEST

/* Still due to whoever asks about it, but in another list. */
START_TEST(a_bug_that_is_put_off_is_due_until_it_was_seen_later)
{
	const struct bugs_seen early = {TEXT_LIT("bmo"), (int64_t[]){12, 13, 14}, 3, 0};
	struct bugs_seen seen = early;
	struct pipe_rig rig;
	struct bug_news_list list;
	struct err err = ERR_NONE;
	bool due;

	pipe_open_told(&rig, _i);
	(void)tell_bug(&rig, 12);
	(void)tell_bug(&rig, 13);
	list = due_bugs(&rig);
	rig.now += 1000;
	(void)tell_bug(&rig, 13);
	ck_assert(store_mark_bugs(&rig.store, TEXT_LIT("bmo"), BUG_PUT_OFF, &list, &err));
	ck_assert_uint_eq(due_bugs(&rig).n, 1); /* of 13 more was told */
	list = bugs_that_are(&rig, BUG_PUT_OFF);
	ck_assert(list.n == 1 && list.at[0].id == 12);
	ck_assert(store_bug_is_due(&rig.store, &weighing[0], &due, &err) && due);
	seen.heard_before = list.at[0].heard_at;
	ck_assert(store_seen_bugs(&rig.store, &seen, &err));
	ck_assert_uint_eq(bugs_that_are(&rig, BUG_PUT_OFF).n, 1);
	seen.heard_before++;
	ck_assert(store_seen_bugs(&rig.store, &seen, &err));
	ck_assert_uint_eq(bugs_that_are(&rig, BUG_PUT_OFF).n, 0);
	ck_assert_uint_eq(due_bugs(&rig).n, 1);
	ck_assert(store_bug_is_due(&rig.store, &weighing[0], &due, &err) && !due);
	pipe_close(&rig);
}
END_TEST

/* What a reading says settles what was told before it began, and nothing that was told since. */
START_TEST(a_reading_that_began_before_the_news_does_not_settle_it)
{
	struct bugs_told in = {.tracker = TEXT_LIT("bmo"), .ids = (int64_t[]){12}, .n = 1};
	struct pipe_rig rig;
	struct err err = ERR_NONE;
	bool subjects;

	pipe_open_told(&rig, _i);
	(void)tell_bug(&rig, 12);
	in.read_at = rig.now;
	in.now = rig.now + 2000;
	ck_assert(store_tell_bugs(&rig.store, &in, &subjects, &err));
	ck_assert_uint_eq(due_bugs(&rig).n, 1);
	in.read_at = in.now + 1000;
	in.now += 2000;
	ck_assert(store_tell_bugs(&rig.store, &in, &subjects, &err));
	ck_assert_uint_eq(due_bugs(&rig).n, 0);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_thousand_bugs_that_no_change_names_judge_nothing_and_leave_no_rows_for_good)
{
	struct pipe_rig rig;
	struct scan all = {.table = &table_bug_news, .index = INDEX_KEY};
	struct err err = ERR_NONE;
	int64_t rows;

	pipe_open_told(&rig, _i);
	asked(&rig, weighing, 2);
	for (int64_t id = 1000; id < 2000; id++)
		ck_assert(!tell_bug(&rig, id));
	for (struct bug_news_list list = due_bugs(&rig); list.n > 0; list = due_bugs(&rig))
		ck_assert(store_mark_bugs(&rig.store, TEXT_LIT("bmo"), BUG_SETTLED, &list, &err));
	rig.now += BUG_NEWS_KEEP_MS + 1000;
	for (int64_t id = 2000; id < 2060; id++)
		ck_assert(!tell_bug(&rig, id));
	ck_assert(rig.rows.ops->begin(rig.rows.self, false, &err));
	ck_assert(rig.rows.ops->count(rig.rows.self, &all, &rows, &err));
	rig.rows.ops->rollback(rig.rows.self);
	ck_assert_int_eq(rows, 60);
	pipe_close(&rig);
}
END_TEST

/* ---- what a connector said ---- */

static void said(struct pipe_rig *rig, enum bug_said what, int64_t of)
{
	struct event event = {
		.kind = EVENT_BUG,
		.bug = {.tracker = TEXT_LIT("bmo"), .id = 12, .touched = BUG_TOUCHED_ALL, .at = of, .said = what}};

	tell(rig, event);
	rig->now += 1000;
}

static struct bug_news_list said_bugs(struct pipe_rig *rig)
{
	struct bug_news_list list;
	struct err err = ERR_NONE;

	const struct bug_due_query query = {TEXT_LIT("bmo"), BUG_SAID, 10};

	ck_assert_msg(store_due_bugs(&rig->store, &query, &rig->arena, &list, &err), "%s", err.text);
	return list;
}

static bool take_said(struct pipe_rig *rig, struct bug_news_list list, bool settles)
{
	const struct bugs_taken in = {TEXT_LIT("bmo"), list, settles, rig->now};
	struct err err = ERR_NONE;
	bool subjects;

	ck_assert_msg(store_take_said(&rig->store, &in, &subjects, &err), "%s", err.text);
	return subjects;
}

static bool is_due(struct pipe_rig *rig)
{
	struct err err = ERR_NONE;
	bool due;

	ck_assert(store_bug_is_due(&rig->store, &weighing[0], &due, &err));
	return due;
}

START_TEST(what_is_said_of_a_bug_takes_its_successes_back_and_no_other)
{
	struct pipe_rig rig;
	struct post post;

	pipe_open_told(&rig, _i);
	asked(&rig, &weighing[1], 1);
	said(&rig, BUG_SAID_SECURE, 50);
	ck_assert(!subject_of(&rig, 'a').due && !next_post(&rig, &post));
	pipe_close(&rig);
	pipe_open_told(&rig, _i);
	asked(&rig, weighing, 2);
	said(&rig, BUG_SAID_SECURE, 50);
	ck_assert(subject_of(&rig, 'a').due && is_due(&rig));
	ck_assert(next_post(&rig, &post) && post.state == STATUS_FAILURE);
	pipe_close(&rig);
}
END_TEST

/* What waits to be taken, then what is said; which of the two is taken. */
static const struct {
	enum bug_said first;
	int64_t first_of;
	enum bug_said second;
	int64_t second_of;
	bool second_counts;
} orders[] = {
	{BUG_SAID_SECURE, 50, BUG_SAID_INSECURE, 51, true},    {BUG_SAID_SECURE, 50, BUG_SAID_INSECURE, 49, false},
	{BUG_SAID_SECURE, 50, BUG_SAID_INSECURE, 50, false},   {BUG_SAID_INSECURE, 50, BUG_SAID_SECURE, 50, true},
	{BUG_SAID_INSECURE, 50, BUG_SAID_SECURE, 49, false},   {BUG_SAID_INSECURE, 50, BUG_SAID_SECURE, 51, true},
	{BUG_SAID_APPROVED, 50, BUG_SAID_SECURE, 50, true},    {BUG_SAID_SECURE, 50, BUG_SAID_APPROVED, 50, false},
	{BUG_SAID_INSECURE, 50, BUG_SAID_APPROVED, 50, true},  {BUG_SAID_APPROVED, 50, BUG_SAID_INSECURE, 50, false},
	{BUG_SAID_INSECURE, 50, BUG_SAID_INSECURE, 50, false}, {BUG_SAID_SECURE, 50, BUG_SAID_SECURE, 50, false},
};

START_TEST(of_two_that_are_said_the_newer_counts_and_of_equal_ones_the_stricter)
{
	for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
		struct bug_news_list list;
		struct pipe_rig rig;

		pipe_open_told(&rig, _i);
		said(&rig, orders[i].first, orders[i].first_of);
		asked(&rig, weighing, 1);
		said(&rig, orders[i].second, orders[i].second_of);
		ck_assert_int_eq(subject_of(&rig, 'a').due, orders[i].second_counts);
		list = said_bugs(&rig);
		ck_assert_uint_eq(list.n, 1);
		ck_assert_int_eq(list.at[0].said, orders[i].second_counts ? orders[i].second : orders[i].first);
		ck_assert_int_eq(list.at[0].said_of,
				 orders[i].second_counts ? orders[i].second_of : orders[i].first_of);
		pipe_close(&rig);
	}
}
END_TEST

START_TEST(what_was_said_is_over_when_it_was_taken_and_who_asked_is_judged_by_it)
{
	struct pipe_rig rig;

	pipe_open_told(&rig, _i);
	asked(&rig, weighing, 2);
	said(&rig, BUG_SAID_SECURE, 50);
	ck_assert_int_gt(drain(&rig), 0);
	asked(&rig, weighing, 2);
	ck_assert(!subject_of(&rig, 'a').due);
	ck_assert(take_said(&rig, said_bugs(&rig), true));
	ck_assert(subject_of(&rig, 'a').due);
	ck_assert(!is_due(&rig) && said_bugs(&rig).n == 0 && due_bugs(&rig).n == 0);
	pipe_close(&rig);
}
END_TEST

START_TEST(where_the_tracker_is_read_a_bug_is_due_after_it_was_taken)
{
	struct pipe_rig rig;

	pipe_open_told(&rig, _i);
	said(&rig, BUG_SAID_INSECURE, 50);
	ck_assert(due_bugs(&rig).n == 0);
	ck_assert(!take_said(&rig, said_bugs(&rig), false));
	ck_assert(is_due(&rig) && said_bugs(&rig).n == 0 && due_bugs(&rig).n == 1);
	pipe_close(&rig);
}
END_TEST

/* Neither the taking of an older word nor a reading settles what came amid. */
START_TEST(what_comes_while_a_word_is_taken_stays)
{
	struct bug_news_list list;
	struct pipe_rig rig;
	struct err err = ERR_NONE;
	struct bugs_told read = {.tracker = TEXT_LIT("bmo"), .ids = &weighing[0].id, .n = 1};
	bool subjects;

	pipe_open_told(&rig, _i);
	said(&rig, BUG_SAID_INSECURE, 50);
	list = said_bugs(&rig);
	said(&rig, BUG_SAID_SECURE, 51);
	(void)take_said(&rig, list, true);
	ck_assert(is_due(&rig) && said_bugs(&rig).n == 1);

	list = said_bugs(&rig);
	rig.now -= 1000;
	(void)tell_bug(&rig, 12); /* a hint, in the same millisecond */
	(void)take_said(&rig, list, true);
	ck_assert(is_due(&rig) && said_bugs(&rig).n == 0 && due_bugs(&rig).n == 1);

	said(&rig, BUG_SAID_SECURE, 52);
	read.read_at = rig.now;
	read.now = rig.now;
	ck_assert(store_tell_bugs(&rig.store, &read, &subjects, &err));
	ck_assert(is_due(&rig) && said_bugs(&rig).n == 1);
	list = said_bugs(&rig);
	(void)tell_bug(&rig, 12);
	ck_assert(store_mark_bugs(&rig.store, TEXT_LIT("bmo"), BUG_SETTLED, &list, &err));
	ck_assert(is_due(&rig) && said_bugs(&rig).n == 1);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_word_that_nobody_knows_is_a_hint)
{
	struct pipe_rig rig;

	pipe_open_told(&rig, _i);
	said(&rig, (enum bug_said)4, 50);
	ck_assert(is_due(&rig) && said_bugs(&rig).n == 0 && due_bugs(&rig).n == 1);
	pipe_close(&rig);
}
END_TEST

static int64_t links(struct pipe_rig *rig)
{
	struct scan all = {.table = &table_bug_link, .index = INDEX_KEY};
	struct err err = ERR_NONE;
	int64_t n = -1;

	ck_assert(rig->rows.ops->begin(rig->rows.self, false, &err));
	ck_assert(rig->rows.ops->count(rig->rows.self, &all, &n, &err));
	rig->rows.ops->rollback(rig->rows.self);
	return n;
}

START_TEST(of_any_number_of_commits_that_one_bug_reaches_none_is_left_out)
{
	struct pipe_rig rig;
	struct row_bug_link link = {.tracker = TEXT_LIT("bmo"), .bug = 12, .repo = 1};
	struct err err = ERR_NONE;
	struct post post;

	pipe_open_told(&rig, 0);
	asked(&rig, weighing, 2);
	ck_assert(rig.rows.ops->begin(rig.rows.self, true, &err));
	for (int i = 0; i < 100001; i++) {
		(void)snprintf(link.sha.hex, sizeof link.sha.hex, "%040x", (unsigned)i + 1);
		ck_assert(rig.rows.ops->put(rig.rows.self, &table_bug_link, &link, &err));
	}
	ck_assert(rig.rows.ops->commit(rig.rows.self, &err));
	ck_assert(tell_bug(&rig, 12));
	ck_assert(next_post(&rig, &post) && post.state == STATUS_FAILURE);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_commit_that_landed_is_reached_by_nothing_any_more)
{
	struct pipe_rig rig;
	struct event event;

	pipe_open_told(&rig, _i);
	asked(&rig, weighing, 2);
	ck_assert_int_eq(links(&rig), 2);
	event = change_event(CHANGE_CLOSED, 1, 'a', 50);
	event.change.merged = TRI_YES;
	tell(&rig, event);
	(void)tell_bug(&rig, 12);
	ck_assert_int_eq(links(&rig), 1);
	(void)tell_bug(&rig, 13);
	ck_assert_int_eq(links(&rig), 0);
	pipe_close(&rig);
}
END_TEST

START_TEST(a_commit_that_landed_keeps_its_status_whatever_its_bug_does)
{
	struct pipe_rig rig;
	struct event event;
	struct post post;

	pipe_open_told(&rig, _i);
	asked(&rig, weighing, 2);
	event = change_event(CHANGE_CLOSED, 1, 'a', 50);
	event.change.merged = TRI_YES;
	tell(&rig, event);
	while (next_post(&rig, &post))
		answer(&rig, &post, POST_ACCEPTED);
	(void)tell_bug(&rig, 12);
	ck_assert(!next_post(&rig, &post));
	pipe_close(&rig);
}
END_TEST

static int64_t revoked(struct pipe_rig *rig)
{
	struct post post;
	int64_t n = 0;

	for (; next_post(rig, &post); n++) {
		ck_assert_int_eq(post.state, STATUS_FAILURE);
		answer(rig, &post, POST_ACCEPTED);
	}
	return n;
}

START_TEST(of_a_hundred_thousand_open_changes_one_bugs_event_judges_the_three_that_name_it)
{
	struct pipe_rig rig;

	crowd_open(&rig, 100000);
	ck_assert_int_eq(crowd_judged(&rig), 0);
	crowd_hears(&rig, CROWD_BUG);
	ck_assert_int_eq(revoked(&rig), CROWD_NAMED);
	ck_assert_int_eq(crowd_judged(&rig), CROWD_NAMED);
	(void)drain(&rig);
	crowd_hears(&rig, 77); /* one change's own */
	ck_assert_int_eq(revoked(&rig), 1);
	ck_assert_int_eq(crowd_judged(&rig), 1);
	(void)drain(&rig);
	crowd_hears(&rig, 900000002); /* nobody's */
	ck_assert_int_eq(revoked(&rig), 0);
	ck_assert_int_eq(crowd_judged(&rig), 0);
	pipe_close(&rig);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_bug_that_changed_takes_back_the_success_that_asked_about_it, backends),
	SUITE_ROWS(a_custom_field_has_the_bug_read_and_judged_again_and_takes_nothing_back_by_itself, backends),
	SUITE_ROWS(a_delivery_of_a_tracker_revokes_where_it_may_weaken_and_else_does_nothing, backends),
	SUITE_ROWS(what_an_earlier_process_heard_by_a_clock_that_was_ahead_it_heard_by_now, backends),
	SUITE_ROWS(where_only_a_rule_that_warns_asked_nothing_is_taken_back, backends),
	SUITE_ROWS(what_the_newest_verdict_does_not_ask_about_reaches_nobody, backends),
	SUITE_ROWS(what_was_told_since_the_reading_drops_the_success, backends),
	SUITE_ROWS(what_was_told_since_the_reading_judges_a_waiting_commit_again, backends),
	SUITE_ROWS(a_bug_is_due_until_it_was_read_and_nothing_more_was_told, backends),
	SUITE_ROWS(a_bug_that_is_put_off_is_due_until_it_was_seen_later, backends),
	SUITE_ROWS(a_reading_that_began_before_the_news_does_not_settle_it, backends),
	SUITE_ROWS(a_thousand_bugs_that_no_change_names_judge_nothing_and_leave_no_rows_for_good, backends),
	SUITE_ROWS(what_is_said_of_a_bug_takes_its_successes_back_and_no_other, backends),
	SUITE_ROWS(of_two_that_are_said_the_newer_counts_and_of_equal_ones_the_stricter, backends),
	SUITE_ROWS(what_was_said_is_over_when_it_was_taken_and_who_asked_is_judged_by_it, backends),
	SUITE_ROWS(where_the_tracker_is_read_a_bug_is_due_after_it_was_taken, backends),
	SUITE_ROWS(what_comes_while_a_word_is_taken_stays, backends),
	SUITE_ROWS(a_word_that_nobody_knows_is_a_hint, backends),
	SUITE_SLOW(of_any_number_of_commits_that_one_bug_reaches_none_is_left_out, 120),
	SUITE_ROWS(a_commit_that_landed_is_reached_by_nothing_any_more, backends),
	SUITE_ROWS(a_commit_that_landed_keeps_its_status_whatever_its_bug_does, backends),
	SUITE_SLOW(of_a_hundred_thousand_open_changes_one_bugs_event_judges_the_three_that_name_it, 120),
	SUITE_END,
};
SUITE_MAIN(tests)
