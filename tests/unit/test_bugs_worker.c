/*
 * The worker of one tracker, step by step in virtual time: what it asks, what the table knows of it, and who hears of a
 * change that no webhook told.
 */
#include "agent/work/bugs_worker.h"

#include <stdlib.h>
#include <unistd.h>

#include "tests/support/suite.h"
#include "tests/support/told_forge.h"
#include "tests/support/told_tracker.h"

#define HOUR INT64_C(3600000)

struct bench {
	struct told_forge t;
	struct told_tracker tracker;
	struct metrics *metrics;
	struct bugs_worker worker;
};

static void signal_nobody(void *self, enum wake_topic topic)
{
	(void)self, (void)topic;
}

static void bench_open(struct bench *b)
{
	*b = (struct bench){.metrics = metrics_new(metrics_rows(), METRICS)};
	told_forge_open_approved(&b->t);
	b->t.now = INT64_C(1795600000000);
	told_tracker_open(&b->tracker, &b->t.now, 4 * HOUR);
	b->worker = (struct bugs_worker){.worker = {.store = &b->t.store,
						    .clock = b->t.ports.clock,
						    .wake = {.signal = signal_nobody},
						    .metrics = b->metrics,
						    .owner = "w"},
					 .source = &b->tracker.source,
					 .deadline_ms = 1000};
}

static void bench_close(struct bench *b)
{
	metrics_free(b->metrics);
	told_tracker_close(&b->tracker);
	told_forge_close(&b->t);
}

/* Until it has nothing to do. */
static void work(struct bench *b)
{
	int64_t at;

	for (int i = 0; bugs_worker_step(&b->worker, &at); i++)
		ck_assert_int_lt(i, 100);
}

static void link_bug(struct bench *b, int64_t bug)
{
	struct row_bug_link link = {
		.tracker = TEXT_LIT("bmo"), .bug = bug, .repo = TOLD_REPO, .sha = told_oid('a'), .weighs = 1};
	struct row_subject subject = {
		.repo = TOLD_REPO, .sha = told_oid('a'), .wanted = 1, .judged = 1, .allowed_before = 1};

	told_forge_keep(&b->t, &table_bug_link, &link);
	told_forge_keep(&b->t, &table_subject, &subject);
}

static bool judged_again(struct bench *b)
{
	struct row_subject subject = {.repo = TOLD_REPO, .sha = told_oid('a')};
	bool due;

	ck_assert(told_forge_find(&b->t, &table_subject, &subject));
	due = subject.due != 0;
	subject.due = 0;
	subject.judged = subject.wanted;
	told_forge_keep(&b->t, &table_subject, &subject);
	return due;
}

static void told_of(struct bench *b, int64_t bug)
{
	struct bugs_told told = {TEXT_LIT("bmo"), &bug, 1, false, b->t.now};
	struct err err = ERR_NONE;
	bool subjects;

	ck_assert_msg(store_tell_bugs(&b->t.store, &told, &subjects, &err), "%s", err.text);
}

static bool is_due(struct bench *b, int64_t bug)
{
	const struct bug_ref ref = {TEXT_LIT("bmo"), bug, false};
	struct err err = ERR_NONE;
	bool due;

	ck_assert(store_bug_is_due(&b->t.store, &ref, &due, &err));
	return due;
}

static void known(struct bench *b, int64_t bug, enum table_state state)
{
	ck_assert_int_eq(bug_table_tell(b->tracker.table, bug, state, b->t.now), TABLE_TOLD_CHANGED);
}

START_TEST(at_its_start_it_learns_all_secure_bugs_and_polls)
{
	struct bench b;

	bench_open(&b);
	b.tracker.ids[0] = 12;
	b.tracker.ids[1] = 13;
	b.tracker.n_secure = 2;
	work(&b);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 12), TABLE_SECURE);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 13), TABLE_SECURE);
	ck_assert_int_eq(bug_table_dated(b.tracker.table), b.t.now);
	ck_assert_int_eq(b.tracker.since, b.t.now - BUGS_LAG_MS);
	ck_assert_uint_eq(b.tracker.reads, 0);
	ck_assert_uint_eq(b.tracker.lists, 4); /* who we are, secure bugs, the time, what changed */
	bench_close(&b);
}
END_TEST

START_TEST(it_polls_every_five_minutes_with_as_much_overlap)
{
	struct bench b;
	unsigned lists;
	int64_t first;

	bench_open(&b);
	work(&b);
	first = b.t.now;
	lists = b.tracker.lists;
	b.t.now += BUGS_LAG_MS - 1;
	work(&b);
	ck_assert_uint_eq(b.tracker.lists, lists);
	b.t.now += 1;
	work(&b);
	ck_assert_uint_eq(b.tracker.lists, lists + 2);
	ck_assert_int_eq(b.tracker.since, first - BUGS_LAG_MS);
	bench_close(&b);
}
END_TEST

/* The webhook was lost: the poll finds it, and tells it once. */
START_TEST(a_change_that_no_webhook_told_is_found_by_polling_and_told_once)
{
	struct bench b;

	bench_open(&b);
	told_tracker_approval(told_tracker_bug(&b.tracker, 12, "sec-high"), '+', false);
	link_bug(&b, 12);
	told_of(&b, 12);
	work(&b);
	ck_assert(judged_again(&b) && !is_due(&b, 12));
	b.tracker.ids[0] = 12;
	b.tracker.n_changed = 1;
	b.t.now += BUGS_LAG_MS;
	work(&b);
	ck_assert(!judged_again(&b));       /* as it was */
	b.tracker.bugs[0].is.open = TRI_NO; /* nothing that the table knows of */
	b.t.now += BUGS_LAG_MS;
	work(&b);
	ck_assert(judged_again(&b));
	told_tracker_approval(&b.tracker.bugs[0], 0, false);
	b.t.now += BUGS_LAG_MS;
	work(&b);
	ck_assert(judged_again(&b));
	b.t.now += BUGS_LAG_MS; /* the overlap names it again */
	work(&b);
	ck_assert(!judged_again(&b));
	bench_close(&b);
}
END_TEST

START_TEST(a_poll_that_fails_begins_where_it_stood_and_loses_nothing)
{
	struct bench b;
	int64_t first;

	bench_open(&b);
	work(&b);
	first = b.t.now;
	b.tracker.fails = ERR_RETRY;
	for (int i = 0; i < 20; i++) {
		b.t.now += BUGS_LAG_MS;
		work(&b);
	}
	ck_assert_int_eq(bug_table_dated(b.tracker.table), first);
	b.tracker.fails = ERR_OK;
	b.t.now += BUGS_LAG_MS;
	work(&b);
	ck_assert_int_eq(b.tracker.since, first - BUGS_LAG_MS);
	ck_assert_int_eq(bug_table_dated(b.tracker.table), b.t.now);
	bench_close(&b);
}
END_TEST

START_TEST(a_refused_key_stops_every_request_and_is_said)
{
	const struct text name = TEXT_LIT("bmo");
	struct bench b;

	bench_open(&b);
	b.tracker.fails = ERR_DENIED;
	work(&b);
	ck_assert_uint_eq(b.tracker.lists, 1);
	ck_assert_int_eq(metrics_value(b.metrics, METRIC_TRACKER_HEALTHY, &name), 0);
	for (int i = 0; i < 100; i++) {
		b.t.now += HOUR;
		told_of(&b, 12);
		work(&b);
	}
	ck_assert_uint_eq(b.tracker.lists + b.tracker.reads, 1);
	bench_close(&b);
}
END_TEST

START_TEST(a_thousand_bugs_that_no_change_names_cost_five_lists_and_no_reading)
{
	struct bench b;
	unsigned lists;

	bench_open(&b);
	work(&b);
	lists = b.tracker.lists;
	for (int64_t bug = 100; bug < 1100; bug++)
		told_of(&b, bug);
	work(&b);
	ck_assert_uint_eq(b.tracker.reads, 0);
	ck_assert_uint_eq(b.tracker.lists - lists, 5);
	ck_assert(!is_due(&b, 100) && !is_due(&b, 1099));
	bench_close(&b);
}
END_TEST

/* The list may be a copy's, from before what was told: until it cannot be, the bug counts from no table. */
START_TEST(a_bug_known_not_secure_is_unsettled_until_no_copy_lags)
{
	struct bench b;
	unsigned lists;

	bench_open(&b);
	told_tracker_bug(&b.tracker, 12, NULL);
	known(&b, 12, TABLE_INSECURE);
	work(&b);
	told_of(&b, 12);
	lists = b.tracker.lists;
	work(&b);
	ck_assert(is_due(&b, 12));
	ck_assert_uint_eq(b.tracker.lists, lists + 1);
	b.t.now += 60000;
	work(&b);
	ck_assert_uint_eq(b.tracker.lists, lists + 1); /* it was looked up once */
	b.t.now += BUGS_LAG_MS;
	work(&b);
	ck_assert(!is_due(&b, 12));
	ck_assert_int_eq(bug_table_state(b.tracker.table, 12), TABLE_INSECURE);
	bench_close(&b);
}
END_TEST

START_TEST(a_bug_that_a_list_shows_as_secure_is_secure_and_told)
{
	struct bench b;

	bench_open(&b);
	told_tracker_bug(&b.tracker, 12, "sec-high");
	known(&b, 12, TABLE_INSECURE);
	work(&b);
	b.t.now += 1000;
	told_of(&b, 12);
	work(&b);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 12), TABLE_SECURE);
	ck_assert(!is_due(&b, 12));
	bench_close(&b);
}
END_TEST

START_TEST(an_approval_is_in_the_table_as_soon_as_it_is_told)
{
	struct bench b;

	bench_open(&b);
	told_tracker_approval(told_tracker_bug(&b.tracker, 12, "sec-high"), '+', false);
	known(&b, 12, TABLE_SECURE);
	work(&b);
	b.t.now += 1000;
	told_of(&b, 12);
	work(&b);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 12), TABLE_APPROVED);
	told_tracker_approval(&b.tracker.bugs[0], '+', true);
	b.t.now += 1000;
	told_of(&b, 12);
	work(&b);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 12), TABLE_SECURE);
	bench_close(&b);
}
END_TEST

START_TEST(losing_sight_of_a_secure_bug_keeps_it_secure)
{
	static const enum bug_state lost[] = {BUG_HIDDEN, BUG_MISSING};
	struct bench b;

	for (size_t i = 0; i < sizeof lost / sizeof lost[0]; i++) {
		bench_open(&b);
		told_tracker_bug(&b.tracker, 12, NULL)->is.state = lost[i];
		known(&b, 12, TABLE_APPROVED);
		work(&b);
		b.t.now += 1000;
		told_of(&b, 12);
		work(&b);
		ck_assert_int_eq(bug_table_state(b.tracker.table, 12), TABLE_SECURE);
		bench_close(&b);
	}
}
END_TEST

/* What was told of a bug is over when a newer table says what it is. */
START_TEST(a_tracker_that_is_read_from_a_table_is_never_asked)
{
	struct bench b;

	bench_open(&b);
	b.tracker.source.port = (struct tracker){.self = NULL};
	known(&b, 12, TABLE_INSECURE);
	b.t.now += 1000;
	told_of(&b, 12);
	work(&b);
	ck_assert(is_due(&b, 12));
	b.t.now += HOUR;
	ck_assert_int_ne(bug_table_tell(b.tracker.table, 12, TABLE_INSECURE, b.t.now), TABLE_TOLD_REFUSED);
	b.t.now += 1000;
	work(&b);
	ck_assert(!is_due(&b, 12));
	ck_assert_uint_eq(b.tracker.reads + b.tracker.lists, 0);
	bench_close(&b);
}
END_TEST

/* ---- what its connector said ---- */

static void said(struct bench *b, int64_t bug, enum bug_said what, int64_t of)
{
	struct row_bug_news row = {.tracker = TEXT_LIT("bmo"),
				   .bug = bug,
				   .due = BUG_DUE_SAID,
				   .heard_at = b->t.now,
				   .said = what,
				   .said_of = of,
				   .said_at = b->t.now};

	told_forge_keep(&b->t, &table_bug_news, &row);
}

static const char *a_directory(struct bench *b)
{
	char *dir = arena_alloc(&b->t.arena, 64, 1);

	(void)snprintf(dir, 64, "/tmp/headgate-said-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	return dir;
}

/* A table that nothing is read for, and its file. */
static void bench_of_table(struct bench *b, struct table_store *disk)
{
	bench_open(b);
	b->tracker.source.port = (struct tracker){.self = NULL};
	*disk = (struct table_store){text_of(a_directory(b)), TEXT_LIT("bmo")};
	b->worker.disk = disk;
}

static enum table_state on_disk(const struct table_store *disk, int64_t bug)
{
	struct err err = ERR_NONE;
	struct bug_table *table = table_store_load(disk, HOUR, &err);
	enum table_state state = table ? bug_table_state(table, bug) : TABLE_UNKNOWN;

	bug_table_free(table);
	return state;
}

static void remove_directory(const struct table_store *disk)
{
	static const char *const names[] = {"bugs.bmo.table", "bugs.key", "bugs.lock"};
	char path[128];

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		(void)snprintf(path, sizeof path, "%.*s/%s", TEXT_ARG(disk->dir), names[i]);
		(void)unlink(path);
	}
	ck_assert_int_eq(rmdir(disk->dir.at), 0);
}

static const struct {
	enum bug_said said;
	enum table_state state;
} words[] = {{BUG_SAID_SECURE, TABLE_SECURE}, {BUG_SAID_APPROVED, TABLE_APPROVED}, {BUG_SAID_INSECURE, TABLE_INSECURE}};

START_TEST(where_nothing_is_read_a_connectors_word_counts_once_the_file_has_it)
{
	struct table_store disk;
	struct bench b;

	bench_of_table(&b, &disk);
	link_bug(&b, 12);
	said(&b, 12, words[_i].said, b.t.now - 5000);
	work(&b);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 12), words[_i].state);
	ck_assert_int_eq(bug_table_seen(b.tracker.table, 12), b.t.now - 5000);
	ck_assert_int_eq(on_disk(&disk, 12), words[_i].state);
	ck_assert(!is_due(&b, 12) && judged_again(&b));
	ck_assert_uint_eq(b.tracker.reads + b.tracker.lists, 0);
	remove_directory(&disk);
	bench_close(&b);
}
END_TEST

START_TEST(what_no_file_can_take_is_said_until_one_can)
{
	struct table_store disk, nowhere;
	struct bench b;

	bench_of_table(&b, &disk);
	nowhere = (struct table_store){TEXT_LIT("/nowhere/at/all"), TEXT_LIT("bmo")};
	b.worker.disk = &nowhere;
	link_bug(&b, 12);
	said(&b, 12, BUG_SAID_INSECURE, b.t.now);
	work(&b);
	ck_assert(is_due(&b, 12) && !judged_again(&b));
	b.worker.disk = &disk;
	b.t.now += 1000;
	work(&b);
	ck_assert(!is_due(&b, 12) && judged_again(&b));
	ck_assert_int_eq(on_disk(&disk, 12), TABLE_INSECURE);
	remove_directory(&disk);
	bench_close(&b);
}
END_TEST

START_TEST(a_connectors_older_word_changes_nothing_and_a_later_one_is_of_now)
{
	struct table_store disk;
	struct bench b;

	bench_of_table(&b, &disk);
	known(&b, 12, TABLE_SECURE);
	said(&b, 12, BUG_SAID_INSECURE, b.t.now - 1);
	said(&b, 13, BUG_SAID_SECURE, b.t.now + HOUR);
	work(&b);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 12), TABLE_SECURE);
	ck_assert_int_eq(bug_table_seen(b.tracker.table, 13), b.t.now);
	ck_assert(!is_due(&b, 12) && !is_due(&b, 13));
	remove_directory(&disk);
	bench_close(&b);
}
END_TEST

/* A word and a reading: what the tracker says decides, and until it was read only "secure" is believed. */
static const struct {
	enum table_state before;
	enum bug_said said;
	enum table_state unread;
} hints[] = {
	{TABLE_INSECURE, BUG_SAID_SECURE, TABLE_SECURE},     {TABLE_APPROVED, BUG_SAID_SECURE, TABLE_SECURE},
	{TABLE_SECURE, BUG_SAID_INSECURE, TABLE_SECURE},     {TABLE_SECURE, BUG_SAID_APPROVED, TABLE_SECURE},
	{TABLE_INSECURE, BUG_SAID_APPROVED, TABLE_INSECURE},
};

START_TEST(where_the_tracker_is_read_a_connectors_word_is_a_hint_that_can_only_make_secure)
{
	struct bench b;

	bench_open(&b);
	work(&b);
	known(&b, 12, hints[_i].before);
	link_bug(&b, 12);
	b.t.now += 1000;
	b.tracker.fails = ERR_RETRY;
	said(&b, 12, hints[_i].said, b.t.now);
	work(&b);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 12), hints[_i].unread);
	ck_assert(is_due(&b, 12));

	b.tracker.fails = ERR_OK;
	(void)told_tracker_bug(&b.tracker, 12, hints[_i].said == BUG_SAID_INSECURE ? "sec-high" : NULL);
	b.t.now += 120000;
	work(&b);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 12),
			 hints[_i].said == BUG_SAID_INSECURE ? TABLE_SECURE : TABLE_INSECURE);
	ck_assert(!is_due(&b, 12));
	bench_close(&b);
}
END_TEST

START_TEST(a_connectors_word_makes_secure_even_after_the_key_was_refused)
{
	struct bench b;

	bench_open(&b);
	b.tracker.fails = ERR_DENIED;
	work(&b);
	known(&b, 12, TABLE_INSECURE);
	b.t.now += 1000;
	said(&b, 12, BUG_SAID_SECURE, b.t.now);
	work(&b);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 12), TABLE_SECURE);
	bench_close(&b);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(at_its_start_it_learns_all_secure_bugs_and_polls),
	SUITE_TEST(it_polls_every_five_minutes_with_as_much_overlap),
	SUITE_TEST(a_change_that_no_webhook_told_is_found_by_polling_and_told_once),
	SUITE_TEST(a_poll_that_fails_begins_where_it_stood_and_loses_nothing),
	SUITE_TEST(a_refused_key_stops_every_request_and_is_said),
	SUITE_TEST(a_thousand_bugs_that_no_change_names_cost_five_lists_and_no_reading),
	SUITE_TEST(a_bug_known_not_secure_is_unsettled_until_no_copy_lags),
	SUITE_TEST(a_bug_that_a_list_shows_as_secure_is_secure_and_told),
	SUITE_TEST(an_approval_is_in_the_table_as_soon_as_it_is_told),
	SUITE_TEST(losing_sight_of_a_secure_bug_keeps_it_secure),
	SUITE_TEST(a_tracker_that_is_read_from_a_table_is_never_asked),
	SUITE_ROWS(where_nothing_is_read_a_connectors_word_counts_once_the_file_has_it, words),
	SUITE_TEST(what_no_file_can_take_is_said_until_one_can),
	SUITE_TEST(a_connectors_older_word_changes_nothing_and_a_later_one_is_of_now),
	SUITE_ROWS(where_the_tracker_is_read_a_connectors_word_is_a_hint_that_can_only_make_secure, hints),
	SUITE_TEST(a_connectors_word_makes_secure_even_after_the_key_was_refused),
	SUITE_END,
};
SUITE_MAIN(tests)
