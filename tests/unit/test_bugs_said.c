/* What a tracker's connector said of single bugs, from the store through the worker into the table and its file. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "tests/support/polling.h"
#include "tests/support/suite.h"

#define HOUR INT64_C(3600000)

static void said(struct polling *b, int64_t bug, enum bug_said what, int64_t of)
{
	struct row_bug_news row = {.tracker = TEXT_LIT("bmo"),
				   .bug = bug,
				   .due = BUG_SAID,
				   .heard_at = b->t.now,
				   .said = what,
				   .said_of = of,
				   .said_at = b->t.now};

	told_forge_keep(&b->t, &table_bug_news, &row);
}

static const char *a_directory(struct polling *b)
{
	char *dir = arena_alloc(&b->t.arena, 64, 1);

	(void)snprintf(dir, 64, "/tmp/headgate-said-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	return dir;
}

/* A table that nothing is read for, and its file. */
static void bench_of_table(struct polling *b, struct table_store *disk)
{
	polling_open(b);
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
	struct polling b;

	bench_of_table(&b, &disk);
	polling_link(&b, 12);
	said(&b, 12, words[_i].said, b.t.now - 5000);
	polling_work(&b);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 12), words[_i].state);
	ck_assert_int_eq(bug_table_seen(b.tracker.table, 12), b.t.now - 5000);
	ck_assert_int_eq(on_disk(&disk, 12), words[_i].state);
	ck_assert(!polling_is_due(&b, 12) && polling_judged_again(&b));
	ck_assert_uint_eq(b.tracker.reads + b.tracker.lists, 0);
	remove_directory(&disk);
	polling_close(&b);
}
END_TEST

START_TEST(what_no_file_can_take_is_said_until_one_can)
{
	struct table_store disk, nowhere;
	struct polling b;

	bench_of_table(&b, &disk);
	nowhere = (struct table_store){TEXT_LIT("/nowhere/at/all"), TEXT_LIT("bmo")};
	b.worker.disk = &nowhere;
	polling_link(&b, 12);
	said(&b, 12, BUG_SAID_INSECURE, b.t.now);
	polling_work(&b);
	ck_assert(polling_is_due(&b, 12) && !polling_judged_again(&b));
	b.worker.disk = &disk;
	b.t.now += 1000;
	polling_work(&b);
	ck_assert(!polling_is_due(&b, 12) && polling_judged_again(&b));
	ck_assert_int_eq(on_disk(&disk, 12), TABLE_INSECURE);
	remove_directory(&disk);
	polling_close(&b);
}
END_TEST

static int hold_lock(const struct table_store *disk)
{
	char path[128];
	int fd;

	(void)snprintf(path, sizeof path, "%.*s/bugs.lock", TEXT_ARG(disk->dir));
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ck_assert(fd >= 0 && flock(fd, LOCK_EX) == 0);
	return fd;
}

START_TEST(while_a_command_that_is_stopped_holds_the_file_a_word_waits_and_is_not_lost)
{
	struct table_store disk;
	struct polling b;
	int fd;

	bench_of_table(&b, &disk);
	polling_link(&b, 12);
	fd = hold_lock(&disk);
	said(&b, 12, BUG_SAID_INSECURE, b.t.now);
	polling_work(&b);
	ck_assert(polling_is_due(&b, 12) && !polling_judged_again(&b));
	ck_assert_int_eq(close(fd), 0);
	b.t.now += 1000;
	polling_work(&b);
	ck_assert(!polling_is_due(&b, 12) && polling_judged_again(&b));
	ck_assert_int_eq(on_disk(&disk, 12), TABLE_INSECURE);
	remove_directory(&disk);
	polling_close(&b);
}
END_TEST

START_TEST(a_connectors_older_word_changes_nothing_and_a_later_one_is_of_now)
{
	struct table_store disk;
	struct polling b;

	bench_of_table(&b, &disk);
	polling_known(&b, 12, TABLE_SECURE);
	said(&b, 12, BUG_SAID_INSECURE, b.t.now - 1);
	said(&b, 13, BUG_SAID_SECURE, b.t.now + HOUR);
	polling_work(&b);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 12), TABLE_SECURE);
	ck_assert_int_eq(bug_table_seen(b.tracker.table, 13), b.t.now);
	ck_assert(!polling_is_due(&b, 12) && !polling_is_due(&b, 13));
	remove_directory(&disk);
	polling_close(&b);
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
	struct polling b;

	polling_open(&b);
	polling_work(&b);
	polling_known(&b, 12, hints[_i].before);
	polling_link(&b, 12);
	b.t.now += 1000;
	b.tracker.fails = ERR_RETRY;
	said(&b, 12, hints[_i].said, b.t.now);
	polling_work(&b);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 12), hints[_i].unread);
	ck_assert(polling_is_due(&b, 12));

	b.tracker.fails = ERR_OK;
	(void)told_tracker_bug(&b.tracker, 12, hints[_i].said == BUG_SAID_INSECURE ? "sec-high" : NULL);
	b.t.now += 120000;
	polling_work(&b);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 12),
			 hints[_i].said == BUG_SAID_INSECURE ? TABLE_SECURE : TABLE_INSECURE);
	ck_assert(!polling_is_due(&b, 12));
	polling_close(&b);
}
END_TEST

START_TEST(a_connectors_word_makes_secure_even_after_the_key_was_refused)
{
	struct polling b;

	polling_open(&b);
	b.tracker.fails = ERR_DENIED;
	polling_work(&b);
	polling_known(&b, 12, TABLE_INSECURE);
	b.t.now += 1000;
	said(&b, 12, BUG_SAID_SECURE, b.t.now);
	polling_work(&b);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 12), TABLE_SECURE);
	polling_close(&b);
}
END_TEST

/* No dump came, and a connector told of this bug: that is as good for as long. */
static const struct {
	bool read;
	int64_t after;
	bool counts;
} alone[] = {
	{false, 0, true},
	{false, HOUR, true},
	{false, HOUR + 1, false},
	{true, 0, false},
};

START_TEST(where_nothing_is_read_what_was_told_of_one_bug_counts_like_a_table_of_that_time)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct bugs_wanted wanted = {.bugs = NULL};
	struct bug_asking asking = {NULL, &wanted, 12, 0};
	struct polling b;
	struct bug bug;

	polling_open(&b);
	b.tracker.source.table_max_age_ms = HOUR;
	if (!alone[_i].read)
		b.tracker.source.port = (struct tracker){.self = NULL};
	polling_known(&b, 12, TABLE_INSECURE);
	asking.now = b.t.now + alone[_i].after;
	ck_assert_int_eq(bug_source_counts(&b.tracker.source, &asking, &arena, &bug), alone[_i].counts);
	ck_assert(!alone[_i].counts || (bug.secure == TRI_NO && bug.as_of == b.t.now));
	polling_close(&b);
}
END_TEST

/* One becomes secure, and another one ceases to be: hooks that read the file hear of both. */
START_TEST(the_file_soon_has_what_was_read_though_it_counts_as_many_as_before)
{
	struct table_store disk;
	struct polling b;

	polling_open(&b);
	disk = (struct table_store){text_of(a_directory(&b)), TEXT_LIT("bmo")};
	b.worker.disk = &disk;
	(void)told_tracker_bug(&b.tracker, 12, NULL);
	(void)told_tracker_bug(&b.tracker, 13, "sec-high");
	polling_known(&b, 12, TABLE_INSECURE);
	polling_known(&b, 13, TABLE_SECURE);
	polling_work(&b);
	ck_assert_int_eq(on_disk(&disk, 12), TABLE_INSECURE);
	b.tracker.bugs[0].is.id = 13;
	b.tracker.bugs[1].is.id = 12;
	b.t.now += 10000;
	polling_link(&b, 12); /* read by itself, before any poll */
	polling_told_of(&b, 12);
	polling_told_of(&b, 13);
	polling_work(&b);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 13), TABLE_INSECURE);
	ck_assert_int_eq(on_disk(&disk, 12), TABLE_SECURE);
	ck_assert_int_eq(on_disk(&disk, 13), TABLE_INSECURE);
	remove_directory(&disk);
	polling_close(&b);
}
END_TEST

START_TEST(what_could_not_be_saved_is_saved_as_soon_as_it_can_be)
{
	struct table_store disk, nowhere = {TEXT_LIT("/nowhere/at/all"), TEXT_LIT("bmo")};
	struct polling b;

	polling_open(&b);
	disk = (struct table_store){text_of(a_directory(&b)), TEXT_LIT("bmo")};
	b.worker.disk = &disk;
	(void)told_tracker_bug(&b.tracker, 12, "sec-high");
	polling_known(&b, 12, TABLE_INSECURE);
	polling_work(&b);
	b.worker.disk = &nowhere;
	b.t.now += 10000;
	polling_link(&b, 12);
	polling_told_of(&b, 12);
	polling_work(&b);
	ck_assert_int_eq(bug_table_state(b.tracker.table, 12), TABLE_SECURE);
	ck_assert_int_eq(on_disk(&disk, 12), TABLE_INSECURE);
	b.worker.disk = &disk;
	b.t.now += 10000;
	polling_work(&b);
	ck_assert_int_eq(on_disk(&disk, 12), TABLE_SECURE);
	remove_directory(&disk);
	polling_close(&b);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(where_nothing_is_read_a_connectors_word_counts_once_the_file_has_it, words),
	SUITE_TEST(what_no_file_can_take_is_said_until_one_can),
	SUITE_TEST(while_a_command_that_is_stopped_holds_the_file_a_word_waits_and_is_not_lost),
	SUITE_TEST(a_connectors_older_word_changes_nothing_and_a_later_one_is_of_now),
	SUITE_ROWS(where_the_tracker_is_read_a_connectors_word_is_a_hint_that_can_only_make_secure, hints),
	SUITE_TEST(a_connectors_word_makes_secure_even_after_the_key_was_refused),
	SUITE_ROWS(where_nothing_is_read_what_was_told_of_one_bug_counts_like_a_table_of_that_time, alone),
	SUITE_TEST(the_file_soon_has_what_was_read_though_it_counts_as_many_as_before),
	SUITE_TEST(what_could_not_be_saved_is_saved_as_soon_as_it_can_be),
	SUITE_END,
};
SUITE_MAIN(tests)
