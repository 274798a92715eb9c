/*
 * The worker of one tracker, step by step in virtual time: what it asks, what the table knows of it, and who hears of a
 * change that no webhook told.
 */
#include <unistd.h>

#include "tests/support/polling.h"
#include "tests/support/suite.h"

#define HOUR   INT64_C(3600000)
#define MINUTE INT64_C(60000)

START_TEST(at_its_start_it_learns_all_secure_bugs_and_polls)
{
	struct polling b;

	polling_open(&b);
	b.tracker.ids[0] = 12;
	b.tracker.ids[1] = 13;
	b.tracker.n_secure = 2;
	polling_work(&b);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 12), TABLE_SECURE);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 13), TABLE_SECURE);
	ck_assert_int_eq(bug_table_dated(b.tracker.table), b.t.now);
	ck_assert_int_eq(b.tracker.since, b.t.now - BUGS_LAG_MS);
	ck_assert_uint_eq(b.tracker.reads, 0);
	ck_assert_uint_eq(b.tracker.lists, 4); /* who we are, secure bugs, the time, what changed */
	polling_close(&b);
}
END_TEST

START_TEST(it_polls_as_often_as_configured_with_five_minutes_of_overlap)
{
	struct polling b;
	unsigned lists;
	int64_t first;

	polling_open(&b);
	polling_work(&b);
	first = b.t.now;
	lists = b.tracker.lists;
	b.t.now += POLLING_MS - 1;
	polling_work(&b);
	ck_assert_uint_eq(b.tracker.lists, lists);
	b.t.now += 1;
	polling_work(&b);
	ck_assert_uint_eq(b.tracker.lists, lists + 2);
	ck_assert_int_eq(b.tracker.since, first - BUGS_LAG_MS);
	polling_close(&b);
}
END_TEST

/* No webhook told, and no poll shows it. */
START_TEST(all_secure_bugs_are_listed_once_a_day_and_one_that_became_secure_unseen_is_found)
{
	int64_t began, step = 7 * MINUTE;
	struct polling b;

	polling_open(&b);
	polling_known(&b, 12, TABLE_INSECURE);
	polling_link(&b, 12);
	polling_work(&b);
	began = b.t.now;
	ck_assert_uint_eq(b.tracker.secured, 1);
	told_tracker_bug(&b.tracker, 12, "sec-high");
	b.tracker.ids[0] = 12;
	b.tracker.n_secure = 1;
	for (int days = 1; days <= 3; days++) {
		while (b.t.now + step < began + days * BUGS_RESYNC_MS) {
			b.t.now += step;
			polling_work(&b);
		}
		b.t.now = began + days * BUGS_RESYNC_MS - 1;
		polling_work(&b);
		ck_assert_uint_eq(b.tracker.secured, (unsigned)days);
		ck_assert_int_eq(bug_table_state(b.tracker.table, 12), days == 1 ? TABLE_INSECURE : TABLE_SECURE);
		ck_assert(!polling_judged_again(&b));
		b.t.now += 1;
		polling_work(&b);
		ck_assert_uint_eq(b.tracker.secured, (unsigned)days + 1);
		ck_assert_int_eq(bug_table_state(b.tracker.table, 12), TABLE_SECURE);
		ck_assert(polling_judged_again(&b) == (days == 1));
	}
	polling_close(&b);
}
END_TEST

/* The webhook was lost: the poll finds it, and tells it once. */
START_TEST(a_change_that_no_webhook_told_is_found_by_polling_and_told_once)
{
	struct polling b;

	polling_open(&b);
	told_tracker_approval(told_tracker_bug(&b.tracker, 12, "sec-high"), '+', false);
	polling_link(&b, 12);
	polling_told_of(&b, 12);
	polling_work(&b);
	ck_assert(polling_judged_again(&b) && !polling_is_due(&b, 12));
	b.tracker.ids[0] = 12;
	b.tracker.n_changed = 1;
	b.t.now += POLLING_MS;
	polling_work(&b);
	ck_assert(!polling_judged_again(&b)); /* as it was */
	b.tracker.bugs[0].is.open = TRI_NO;   /* nothing that the table knows of */
	b.t.now += POLLING_MS;
	polling_work(&b);
	ck_assert(polling_judged_again(&b));
	told_tracker_approval(&b.tracker.bugs[0], 0, false);
	b.t.now += POLLING_MS;
	polling_work(&b);
	ck_assert(polling_judged_again(&b));
	b.t.now += BUGS_LAG_MS; /* the overlap names it again */
	polling_work(&b);
	ck_assert(!polling_judged_again(&b));
	polling_close(&b);
}
END_TEST

START_TEST(a_poll_that_fails_begins_where_it_stood_and_loses_nothing)
{
	struct polling b;
	int64_t first;

	polling_open(&b);
	polling_work(&b);
	first = b.t.now;
	b.tracker.fails = ERR_RETRY;
	for (int i = 0; i < 20; i++) {
		b.t.now += POLLING_MS;
		polling_work(&b);
	}
	ck_assert_int_eq(bug_table_dated(b.tracker.table), first);
	b.tracker.fails = ERR_OK;
	b.t.now += POLLING_MS;
	polling_work(&b);
	ck_assert_int_eq(b.tracker.since, first - BUGS_LAG_MS);
	ck_assert_int_eq(bug_table_dated(b.tracker.table), b.t.now);
	polling_close(&b);
}
END_TEST

START_TEST(a_refused_key_stops_every_request_and_is_said)
{
	const struct text name = TEXT_LIT("bmo");
	struct polling b;

	polling_open(&b);
	b.tracker.fails = ERR_DENIED;
	polling_work(&b);
	ck_assert_uint_eq(b.tracker.lists, 1);
	ck_assert_int_eq(metrics_value(b.metrics, METRIC_TRACKER_HEALTHY, &name), 0);
	for (int i = 0; i < 100; i++) {
		b.t.now += HOUR;
		polling_told_of(&b, 12);
		polling_work(&b);
	}
	ck_assert_uint_eq(b.tracker.lists + b.tracker.reads, 1);
	polling_close(&b);
}
END_TEST

static void told_of_many(struct polling *b, int64_t first, int64_t n)
{
	for (int64_t bug = first; bug < first + n; bug++)
		polling_told_of(b, bug);
}

/* Of bugs that the table does not know, either: they wait for the poll, which comes as if nothing was. */
START_TEST(a_thousand_bugs_that_no_change_names_cost_no_request_but_those_of_the_next_poll)
{
	struct polling b;
	unsigned lists;

	polling_open(&b);
	polling_work(&b);
	lists = b.tracker.lists;
	told_of_many(&b, 100, 1000);
	polling_work(&b);
	ck_assert_uint_eq(b.tracker.reads, 0);
	ck_assert_uint_eq(b.tracker.lists, lists);
	ck_assert(polling_is_due(&b, 100) && polling_is_due(&b, 1099)); /* whoever asks reads them */
	b.t.now += POLLING_MS;
	polling_work(&b);
	ck_assert_uint_eq(b.tracker.lists, lists + 2); /* the time, and what changed */
	ck_assert(!polling_is_due(&b, 100) && !polling_is_due(&b, 1099));
	ck_assert_uint_eq(b.tracker.reads, 0);
	polling_close(&b);
}
END_TEST

START_TEST(of_a_thousand_bugs_known_not_secure_one_poll_tells_which_are_secure_now)
{
	struct polling b;
	unsigned lists;

	polling_open(&b);
	polling_work(&b);
	for (int64_t bug = 100; bug < 1100; bug++)
		polling_known(&b, bug, TABLE_INSECURE);
	b.t.now += MINUTE;
	lists = b.tracker.lists;
	for (int64_t bug = 100; bug < 1100; bug += 100) { /* ten seconds, one after the other */
		told_of_many(&b, bug, 100);
		polling_work(&b);
		b.t.now += 1000;
	}
	ck_assert_uint_eq(b.tracker.lists, lists);
	told_tracker_bug(&b.tracker, 1001, "sec-high");
	b.tracker.ids[0] = 1001;
	b.tracker.n_changed = 1;
	b.t.now += BUGS_GATHER_MS - 10000;
	polling_work(&b); /* long before its time */
	ck_assert_uint_eq(b.tracker.lists, lists + 2);
	ck_assert_uint_eq(b.tracker.reads, 0);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 1001), TABLE_SECURE);
	ck_assert(polling_is_due(&b, 100));
	polling_close(&b);
}
END_TEST

/* The list may be a copy's, from before what was told: until it cannot be, the bug counts from no table. */
START_TEST(a_bug_known_not_secure_is_unsettled_until_no_copy_lags)
{
	struct polling b;

	polling_open(&b);
	told_tracker_bug(&b.tracker, 12, NULL);
	b.tracker.ids[0] = 12;
	b.tracker.n_changed = 1;
	polling_known(&b, 12, TABLE_INSECURE);
	polling_work(&b);
	b.t.now += 1;
	polling_told_of(&b, 12);
	polling_work(&b);
	ck_assert(polling_is_due(&b, 12));
	for (int64_t passed = 0; passed < BUGS_LAG_MS; passed += MINUTE) {
		ck_assert(polling_is_due(&b, 12));
		b.t.now += MINUTE;
		b.worker.poll_at = 0;
		polling_work(&b);
	}
	ck_assert(!polling_is_due(&b, 12));
	ck_assert_uint_eq(b.tracker.reads + b.tracker.hinted, 0);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 12), TABLE_INSECURE);
	polling_close(&b);
}
END_TEST

/* It went out of our sight, or changed long before that was told. */
START_TEST(what_no_poll_shows_is_looked_up_by_its_number)
{
	static const struct {
		enum bug_state is;
		enum table_state then;
		unsigned reads;
	} rows[] = {{BUG_READ, TABLE_INSECURE, 0}, {BUG_HIDDEN, TABLE_SECURE, 1}};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct polling b;

		polling_open(&b);
		told_tracker_bug(&b.tracker, 12, NULL)->is.state = rows[i].is;
		polling_known(&b, 12, TABLE_INSECURE);
		polling_work(&b);
		b.t.now += 1;
		polling_told_of(&b, 12);
		polling_work(&b);
		b.t.now += POLLING_MS;
		polling_work(&b);
		ck_assert_uint_eq(b.tracker.hinted, 1);
		ck_assert_uint_eq(b.tracker.reads, rows[i].reads);
		ck_assert(!polling_is_due(&b, 12));
		ck_assert_int_eq(bug_table_state(b.tracker.table, 12), rows[i].then);
		polling_close(&b);
	}
}
END_TEST

/* A list that shows a bug as a duplicate tells nothing of what it is one with. */
START_TEST(what_a_list_does_not_clear_is_read)
{
	struct polling b;

	polling_open(&b);
	told_tracker_bug(&b.tracker, 12, NULL)->is.dupe_of = 13;
	polling_known(&b, 12, TABLE_INSECURE);
	polling_work(&b);
	b.t.now += 1;
	polling_told_of(&b, 12);
	polling_work(&b);
	ck_assert_uint_eq(b.tracker.reads, 0);
	b.tracker.ids[0] = 12;
	b.tracker.n_changed = 1;
	b.t.now += POLLING_MS;
	polling_work(&b);
	ck_assert_uint_eq(b.tracker.reads, 1);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 12), TABLE_SECURE);
	ck_assert(!polling_is_due(&b, 12));
	polling_close(&b);
}
END_TEST

START_TEST(a_bug_that_a_list_shows_as_secure_is_secure_and_told)
{
	struct polling b;

	polling_open(&b);
	told_tracker_bug(&b.tracker, 12, "sec-high");
	polling_known(&b, 12, TABLE_INSECURE);
	polling_work(&b);
	b.t.now += 1000;
	polling_told_of(&b, 12);
	polling_work(&b);
	b.tracker.ids[0] = 12;
	b.tracker.n_changed = 1;
	b.t.now += BUGS_GATHER_MS;
	polling_work(&b);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 12), TABLE_SECURE);
	ck_assert(!polling_is_due(&b, 12));
	polling_close(&b);
}
END_TEST

START_TEST(an_approval_is_in_the_table_as_soon_as_it_is_told)
{
	struct polling b;

	polling_open(&b);
	told_tracker_approval(told_tracker_bug(&b.tracker, 12, "sec-high"), '+', false);
	polling_known(&b, 12, TABLE_SECURE);
	polling_work(&b);
	b.t.now += 1000;
	polling_told_of(&b, 12);
	polling_work(&b);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 12), TABLE_APPROVED);
	told_tracker_approval(&b.tracker.bugs[0], '+', true);
	b.t.now += 1000;
	polling_told_of(&b, 12);
	polling_work(&b);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 12), TABLE_SECURE);
	polling_close(&b);
}
END_TEST

START_TEST(losing_sight_of_a_secure_bug_keeps_it_secure)
{
	static const enum bug_state lost[] = {BUG_HIDDEN, BUG_MISSING};
	struct polling b;

	for (size_t i = 0; i < sizeof lost / sizeof lost[0]; i++) {
		polling_open(&b);
		told_tracker_bug(&b.tracker, 12, NULL)->is.state = lost[i];
		polling_known(&b, 12, TABLE_APPROVED);
		polling_work(&b);
		b.t.now += 1000;
		polling_told_of(&b, 12);
		polling_work(&b);
		ck_assert_int_eq(bug_table_state(b.tracker.table, 12), TABLE_SECURE);
		polling_close(&b);
	}
}
END_TEST

/* What was told of a bug is over when a newer table says what it is. */
START_TEST(a_tracker_that_is_read_from_a_table_is_never_asked)
{
	struct polling b;

	polling_open(&b);
	b.tracker.source.port = (struct tracker){.self = NULL};
	polling_known(&b, 12, TABLE_INSECURE);
	b.t.now += 1000;
	polling_told_of(&b, 12);
	polling_work(&b);
	ck_assert(polling_is_due(&b, 12));
	b.t.now += HOUR;
	ck_assert_int_ne(bug_table_tell(b.tracker.table, 12, TABLE_INSECURE, b.t.now), TABLE_TOLD_REFUSED);
	b.t.now += 1000;
	polling_work(&b);
	ck_assert(!polling_is_due(&b, 12));
	ck_assert_uint_eq(b.tracker.reads + b.tracker.lists, 0);
	polling_close(&b);
}
END_TEST

/* A command told the table. */
START_TEST(who_stands_on_a_bug_hears_that_a_table_says_something_else_of_it)
{
	struct polling b;

	polling_open(&b);
	b.tracker.source.port = (struct tracker){.self = NULL};
	polling_known(&b, 12, TABLE_APPROVED);
	polling_link(&b, 12);
	polling_work(&b);
	(void)polling_judged_again(&b);
	b.t.now += 1000;
	polling_known(&b, 12, TABLE_SECURE);
	polling_work(&b);
	ck_assert(polling_judged_again(&b) && !polling_is_due(&b, 12));
	polling_work(&b);
	b.t.now += POLLING_MS;
	polling_work(&b);
	ck_assert(!polling_judged_again(&b));
	polling_known(&b, 12, TABLE_APPROVED);
	polling_work(&b);
	ck_assert(polling_judged_again(&b));
	polling_close(&b);
}
END_TEST

/* One becomes secure, and another one ceases to be. */
START_TEST(who_stands_on_a_bug_hears_of_it_though_the_table_counts_as_many_as_before)
{
	struct polling b;

	polling_open(&b);
	b.tracker.source.port = (struct tracker){.self = NULL};
	polling_known(&b, 12, TABLE_INSECURE);
	polling_known(&b, 13, TABLE_SECURE);
	polling_link(&b, 12);
	polling_work(&b);
	ck_assert(!polling_judged_again(&b));
	b.t.now += 1000;
	polling_known(&b, 12, TABLE_SECURE);
	polling_known(&b, 13, TABLE_INSECURE);
	polling_work(&b);
	ck_assert(polling_judged_again(&b));
	polling_close(&b);
}
END_TEST

/* It changed while no server ran. One that is approved may have been not secure when it was asked about. */
START_TEST(at_its_start_whoever_stands_on_what_a_table_does_not_clear_hears_of_it)
{
	static const struct {
		enum table_state state;
		bool hears, falls;
	} rows[] = {{TABLE_UNKNOWN, true, true},
		    {TABLE_SECURE, true, true},
		    {TABLE_INSECURE, false, false},
		    {TABLE_APPROVED, true, false}};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct polling b;

		polling_open(&b);
		b.tracker.source.port = (struct tracker){.self = NULL};
		if (rows[i].state != TABLE_UNKNOWN)
			polling_known(&b, 12, rows[i].state);
		polling_link(&b, 12);
		polling_allowed(&b);
		polling_work(&b);
		ck_assert(polling_judged_again(&b) == rows[i].hears);
		ck_assert(polling_is_allowed(&b) != rows[i].falls);
		polling_close(&b);
	}
}
END_TEST

/* A hint outlasts whatever this worker makes of a table that is no newer: whether it looks at a bug for the first time,
 * finds that a dump made before the hint says something else, or tells what the store refused before. */
static const struct {
	enum table_state looked_at, state; /* TABLE_UNKNOWN: not before the hint; the table says nothing */
	bool owed;
	int64_t of; /* by the hint */
	bool due;
} pending[] = {
	{TABLE_UNKNOWN, TABLE_APPROVED, false, -1000, true},  {TABLE_UNKNOWN, TABLE_SECURE, false, -1000, true},
	{TABLE_UNKNOWN, TABLE_UNKNOWN, false, 0, true},       {TABLE_UNKNOWN, TABLE_APPROVED, false, 0, true},
	{TABLE_UNKNOWN, TABLE_APPROVED, false, 1000, false},  {TABLE_INSECURE, TABLE_APPROVED, false, -1000, true},
	{TABLE_INSECURE, TABLE_SECURE, false, -1000, true},   {TABLE_APPROVED, TABLE_INSECURE, false, -1000, true},
	{TABLE_INSECURE, TABLE_APPROVED, false, 1000, false}, {TABLE_UNKNOWN, TABLE_APPROVED, true, -1000, true},
	{TABLE_APPROVED, TABLE_APPROVED, true, -1000, true},
};

START_TEST(a_hint_stays_pending_beside_a_table_that_is_no_newer)
{
	struct polling b;

	polling_open(&b);
	b.tracker.source.port = (struct tracker){.self = NULL};
	if (pending[_i].looked_at != TABLE_UNKNOWN) {
		polling_known(&b, 12, pending[_i].looked_at);
		polling_link(&b, 12);
		polling_work(&b);
	}
	b.t.now += 10000;
	polling_told_of(&b, 12);
	if (pending[_i].state != TABLE_UNKNOWN)
		(void)bug_table_tell(b.tracker.table, 12, pending[_i].state, b.t.now + pending[_i].of);
	polling_link(&b, 12);
	if (pending[_i].owed)
		bug_table_owe(b.tracker.table, &(int64_t){12}, 1);
	b.t.now += 5000;
	polling_work(&b);
	ck_assert(polling_is_due(&b, 12) == pending[_i].due);
	ck_assert(polling_judged_again(&b));
	polling_close(&b);
}
END_TEST

/* Its configuration said something else before. */
START_TEST(what_was_put_off_while_it_was_read_is_over_when_a_table_alone_is_newer)
{
	struct polling b;

	polling_open(&b);
	polling_work(&b);
	b.t.now += 1000;
	polling_known(&b, 12, TABLE_INSECURE);
	polling_told_of(&b, 12);
	polling_work(&b);
	ck_assert(polling_is_due(&b, 12));
	b.tracker.source.port = (struct tracker){.self = NULL};
	polling_start(&b);
	polling_work(&b);
	ck_assert(polling_is_due(&b, 12));
	b.t.now += HOUR;
	bug_table_date(b.tracker.table, b.t.now);
	polling_work(&b);
	ck_assert(!polling_is_due(&b, 12));
	polling_close(&b);
}
END_TEST

/* In a memory of 4096 bugs the two would be in each other's place. */
START_TEST(a_bug_of_a_table_alone_is_news_once_whatever_others_are_asked_about)
{
	struct polling b;

	polling_open(&b);
	b.tracker.source.port = (struct tracker){.self = NULL};
	polling_known(&b, 12, TABLE_APPROVED);
	polling_known(&b, 12 + BUGS_SEEN, TABLE_INSECURE);
	polling_link(&b, 12);
	polling_link(&b, 12 + BUGS_SEEN);
	polling_work(&b);
	ck_assert(polling_judged_again(&b));
	b.t.now += POLLING_MS;
	polling_work(&b);
	ck_assert(!polling_judged_again(&b));
	polling_known(&b, 12 + BUGS_SEEN, TABLE_SECURE);
	polling_work(&b);
	ck_assert(polling_judged_again(&b));
	polling_close(&b);
}
END_TEST

/* An earlier process kept the table by a clock that was four hours ahead. */
START_TEST(a_table_of_a_clock_that_was_ahead_hides_no_bug_that_became_secure)
{
	struct polling b;
	int64_t as_of;

	polling_open(&b);
	b.t.now += 4 * HOUR;
	polling_known(&b, 12, TABLE_INSECURE);
	b.t.now -= 4 * HOUR;
	told_tracker_bug(&b.tracker, 12, "sec-high");
	polling_link(&b, 12);
	polling_told_of(&b, 12);
	polling_work(&b);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 12), TABLE_SECURE);
	ck_assert(!bug_table_fresh(b.tracker.table, 12, b.t.now + 5 * HOUR, &as_of));
	polling_close(&b);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(at_its_start_it_learns_all_secure_bugs_and_polls),
	SUITE_TEST(it_polls_as_often_as_configured_with_five_minutes_of_overlap),
	SUITE_TEST(all_secure_bugs_are_listed_once_a_day_and_one_that_became_secure_unseen_is_found),
	SUITE_TEST(a_change_that_no_webhook_told_is_found_by_polling_and_told_once),
	SUITE_TEST(a_poll_that_fails_begins_where_it_stood_and_loses_nothing),
	SUITE_TEST(a_refused_key_stops_every_request_and_is_said),
	SUITE_TEST(a_thousand_bugs_that_no_change_names_cost_no_request_but_those_of_the_next_poll),
	SUITE_TEST(of_a_thousand_bugs_known_not_secure_one_poll_tells_which_are_secure_now),
	SUITE_TEST(a_bug_known_not_secure_is_unsettled_until_no_copy_lags),
	SUITE_TEST(what_no_poll_shows_is_looked_up_by_its_number),
	SUITE_TEST(what_a_list_does_not_clear_is_read),
	SUITE_TEST(a_bug_that_a_list_shows_as_secure_is_secure_and_told),
	SUITE_TEST(an_approval_is_in_the_table_as_soon_as_it_is_told),
	SUITE_TEST(losing_sight_of_a_secure_bug_keeps_it_secure),
	SUITE_TEST(a_tracker_that_is_read_from_a_table_is_never_asked),
	SUITE_TEST(who_stands_on_a_bug_hears_that_a_table_says_something_else_of_it),
	SUITE_TEST(who_stands_on_a_bug_hears_of_it_though_the_table_counts_as_many_as_before),
	SUITE_ROWS(a_hint_stays_pending_beside_a_table_that_is_no_newer, pending),
	SUITE_TEST(what_was_put_off_while_it_was_read_is_over_when_a_table_alone_is_newer),
	SUITE_TEST(a_bug_of_a_table_alone_is_news_once_whatever_others_are_asked_about),
	SUITE_TEST(a_table_of_a_clock_that_was_ahead_hides_no_bug_that_became_secure),
	SUITE_TEST(at_its_start_whoever_stands_on_what_a_table_does_not_clear_hears_of_it),
	SUITE_END,
};
SUITE_MAIN(tests)
