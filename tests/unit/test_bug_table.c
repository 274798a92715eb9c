/* What is known of each bug, and what a reading may change. */
#include "agent/tracker/table.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "tests/support/suite.h"

#define HOUR INT64_C(3600000)
#define NOW  INT64_C(1790000000000)

static const int64_t borders[] = {1, 31, 32, 63, 64, 4095, 4096, 4194303, 4194304, 4194305, 99999999};

START_TEST(every_state_is_kept_up_to_the_borders_of_planes_and_list)
{
	static const enum table_state states[] = {TABLE_INSECURE, TABLE_SECURE, TABLE_APPROVED};
	int64_t id = borders[_i], as_of;

	for (size_t i = 0; i < 3; i++) {
		struct bug_table *table = bug_table_new(HOUR);

		ck_assert_int_eq(bug_table_state(table, id), TABLE_UNKNOWN);
		ck_assert_int_eq(bug_table_seen(table, id), 0);
		ck_assert(!bug_table_fresh(table, id, NOW, &as_of));
		ck_assert_int_eq(bug_table_tell(table, id, states[i], NOW), TABLE_TOLD_CHANGED);
		ck_assert_int_eq(bug_table_state(table, id), states[i]);
		ck_assert_int_eq(bug_table_seen(table, id), NOW);
		ck_assert(bug_table_fresh(table, id, NOW, &as_of) == (states[i] == TABLE_INSECURE));
		ck_assert_int_eq(bug_table_state(table, id - 1), TABLE_UNKNOWN);
		ck_assert_int_eq(bug_table_state(table, id + 1), TABLE_UNKNOWN);
		bug_table_free(table);
	}
}
END_TEST

static const struct {
	const char *why;
	int64_t id, version;
	enum table_state state;
} refused[] = {
	{"no bug has the number 0", 0, NOW, TABLE_SECURE},
	{"a negative number", -1, NOW, TABLE_SECURE},
	{"a number of nine digits", 100000000, NOW, TABLE_SECURE},
	{"a number that would wrap", INT64_C(4294967297), NOW, TABLE_INSECURE},
	{"the largest number", INT64_MAX, NOW, TABLE_INSECURE},
	{"unknown is no reading", 5, NOW, TABLE_UNKNOWN},
	{"a time before all times", 5, -1, TABLE_INSECURE},
	{"a time that has no room", 5, INT64_MAX, TABLE_INSECURE},
};

START_TEST(what_is_no_reading_is_refused)
{
	struct bug_table *table = bug_table_new(HOUR);
	struct bug_table_run run;

	ck_assert_msg(bug_table_tell(table, refused[_i].id, refused[_i].state, refused[_i].version) ==
			      TABLE_TOLD_REFUSED,
		      "%s", refused[_i].why);
	ck_assert_int_eq(bug_table_state(table, refused[_i].id), TABLE_UNKNOWN);
	ck_assert(!bug_table_next(table, 0, &run));
	bug_table_free(table);
}
END_TEST

/* What is known, what is told after it, and what is known then. */
static const struct {
	const char *why;
	enum table_state was;
	int64_t was_at;
	enum table_state told;
	int64_t told_at;
	enum table_told answer;
	enum table_state is;
} orders[] = {
	{"a newer grant counts", TABLE_SECURE, 10, TABLE_APPROVED, 11, TABLE_TOLD_CHANGED, TABLE_APPROVED},
	{"a newer revocation counts", TABLE_APPROVED, 10, TABLE_SECURE, 11, TABLE_TOLD_CHANGED, TABLE_SECURE},
	{"an older grant changes nothing", TABLE_SECURE, 10, TABLE_APPROVED, 9, TABLE_TOLD_OLDER, TABLE_SECURE},
	{"an older revocation changes nothing", TABLE_APPROVED, 10, TABLE_SECURE, 9, TABLE_TOLD_OLDER, TABLE_APPROVED},
	{"secure becomes not secure by a newer reading", TABLE_SECURE, 10, TABLE_INSECURE, 11, TABLE_TOLD_CHANGED,
	 TABLE_INSECURE},
	{"and by none that is older", TABLE_SECURE, 10, TABLE_INSECURE, 9, TABLE_TOLD_OLDER, TABLE_SECURE},
	{"nor by one of the same moment", TABLE_SECURE, 10, TABLE_INSECURE, 10, TABLE_TOLD_OLDER, TABLE_SECURE},
	{"nor approved by one of the same moment", TABLE_SECURE, 10, TABLE_APPROVED, 10, TABLE_TOLD_OLDER,
	 TABLE_SECURE},
	{"in the same moment the stricter counts", TABLE_APPROVED, 10, TABLE_SECURE, 10, TABLE_TOLD_CHANGED,
	 TABLE_SECURE},
	{"and is not secure no more", TABLE_INSECURE, 10, TABLE_SECURE, 10, TABLE_TOLD_CHANGED, TABLE_SECURE},
	{"not secure becomes secure by a newer reading", TABLE_INSECURE, 10, TABLE_SECURE, 11, TABLE_TOLD_CHANGED,
	 TABLE_SECURE},
	{"and by none that is older", TABLE_INSECURE, 10, TABLE_SECURE, 9, TABLE_TOLD_OLDER, TABLE_INSECURE},
	{"the same again is only seen", TABLE_SECURE, 10, TABLE_SECURE, 11, TABLE_TOLD_SEEN, TABLE_SECURE},
	{"a reading told twice is old", TABLE_SECURE, 10, TABLE_SECURE, 10, TABLE_TOLD_OLDER, TABLE_SECURE},
};

START_TEST(an_older_reading_changes_nothing_and_a_newer_one_counts)
{
	static const int64_t ids[] = {77, 5000000};

	for (size_t i = 0; i < 2; i++) {
		struct bug_table *table = bug_table_new(HOUR);

		(void)bug_table_tell(table, ids[i], orders[_i].was, NOW + orders[_i].was_at);
		ck_assert_msg(bug_table_tell(table, ids[i], orders[_i].told, NOW + orders[_i].told_at) ==
				      orders[_i].answer,
			      "%s (%d)", orders[_i].why, (int)ids[i]);
		ck_assert_msg(bug_table_state(table, ids[i]) == orders[_i].is, "%s (%d)", orders[_i].why, (int)ids[i]);
		bug_table_free(table);
	}
}
END_TEST

START_TEST(a_bug_that_was_made_secure_keeps_its_version_when_older_readings_come_in)
{
	struct bug_table *table = bug_table_new(HOUR);

	(void)bug_table_tell(table, 7, TABLE_INSECURE, NOW);
	(void)bug_table_tell(table, 7, TABLE_SECURE, NOW + 20);
	ck_assert_int_eq(bug_table_tell(table, 7, TABLE_INSECURE, NOW + 10), TABLE_TOLD_OLDER);
	ck_assert_int_eq(bug_table_tell(table, 7, TABLE_SECURE, NOW + 5), TABLE_TOLD_OLDER);
	ck_assert_int_eq(bug_table_tell(table, 7, TABLE_INSECURE, NOW + 20), TABLE_TOLD_OLDER);
	ck_assert_int_eq(bug_table_state(table, 7), TABLE_SECURE);
	bug_table_free(table);
}
END_TEST

START_TEST(losing_sight_of_a_bug_keeps_it_secure_and_takes_its_approval)
{
	struct bug_table *table = bug_table_new(HOUR);

	for (int64_t id = 1; id <= 3; id++)
		(void)bug_table_tell(table, id, (enum table_state)id, NOW);
	for (int64_t id = 1; id <= 4; id++) {
		(void)bug_table_hidden(table, id, NOW + 1);
		ck_assert_int_eq(bug_table_state(table, id), TABLE_SECURE);
	}
	(void)bug_table_tell(table, 5, TABLE_APPROVED, NOW + 2);
	ck_assert_int_eq(bug_table_hidden(table, 5, NOW + 1), TABLE_TOLD_OLDER);
	ck_assert_int_eq(bug_table_state(table, 5), TABLE_APPROVED);
	bug_table_free(table);
}
END_TEST

/* Bugs that share a place among the recently read: the exact version of the first is forgotten. */
START_TEST(where_the_order_is_not_known_any_more_only_secure_is_believed)
{
	struct bug_table *table = bug_table_new(6 * HOUR);
	int64_t a = 10, b = a + 2048, c = b + 2048;

	(void)bug_table_tell(table, a, TABLE_INSECURE, NOW);
	(void)bug_table_tell(table, a, TABLE_INSECURE, NOW + 1000);
	(void)bug_table_tell(table, b, TABLE_INSECURE, NOW + 2000);
	(void)bug_table_tell(table, c, TABLE_INSECURE, NOW + 3000);
	ck_assert_int_eq(bug_table_tell(table, a, TABLE_INSECURE, NOW + 500), TABLE_TOLD_OLDER);
	ck_assert_int_eq(bug_table_tell(table, a, TABLE_APPROVED, NOW - 1), TABLE_TOLD_OLDER);
	ck_assert_int_eq(bug_table_tell(table, a, TABLE_SECURE, NOW + 500), TABLE_TOLD_CHANGED);
	ck_assert_int_eq(bug_table_tell(table, c, TABLE_SECURE, NOW + 2999), TABLE_TOLD_OLDER);
	ck_assert_int_eq(bug_table_tell(table, b, TABLE_SECURE, NOW - 1), TABLE_TOLD_OLDER);
	bug_table_free(table);
}
END_TEST

START_TEST(an_age_is_never_told_younger_than_it_is)
{
	struct bug_table *table = bug_table_new(2 * HOUR);
	int64_t as_of = 0;

	for (int64_t id = 1; id <= 600; id++) { /* one a minute, for ten hours: older epochs are forgotten */
		int64_t seen = NOW + id * 60000;

		(void)bug_table_tell(table, id, TABLE_INSECURE, seen);
		for (int64_t past = 1; past <= id; past++) {
			int64_t true_age = (id - past) * 60000;
			bool fresh = bug_table_fresh(table, past, seen, &as_of);

			ck_assert_msg(!fresh || (seen - as_of >= true_age && seen - as_of <= 2 * HOUR), "bug %d at %d",
				      (int)past, (int)id);
			ck_assert_msg(fresh || true_age > 2 * HOUR * 5 / 6 - 60000, "bug %d at %d forgotten", (int)past,
				      (int)id);
		}
	}
	ck_assert_int_eq(bug_table_state(table, 1), TABLE_INSECURE);
	bug_table_free(table);
}
END_TEST

START_TEST(only_what_was_seen_not_secure_counts_without_a_read)
{
	struct bug_table *table = bug_table_new(HOUR), *none = bug_table_new(0);
	int64_t as_of = 0;

	for (int64_t id = 1; id <= 3; id++) {
		(void)bug_table_tell(table, id, (enum table_state)id, NOW);
		(void)bug_table_tell(table, 5000000 + id, (enum table_state)id, NOW);
		(void)bug_table_tell(none, id, (enum table_state)id, NOW);
		ck_assert(!bug_table_fresh(none, id, NOW, &as_of));
		ck_assert(bug_table_fresh(table, id, NOW + HOUR, &as_of) == (id == 1));
		ck_assert(bug_table_fresh(table, 5000000 + id, NOW + HOUR, &as_of) == (id == 1));
	}
	ck_assert(!bug_table_fresh(table, 4, NOW, &as_of));
	ck_assert(!bug_table_fresh(table, 0, NOW, &as_of));
	ck_assert(!bug_table_fresh(table, 1, NOW + HOUR + 1, &as_of));
	ck_assert(!bug_table_fresh(table, 5000001, NOW + HOUR + 1, &as_of));
	ck_assert(!bug_table_fresh(table, 1, NOW - 1, &as_of));
	(void)bug_table_tell(table, 6, TABLE_INSECURE, 0);
	ck_assert(!bug_table_fresh(table, 6, 1, &as_of));
	bug_table_free(table);
	bug_table_free(none);
}
END_TEST

START_TEST(a_bug_that_was_secure_and_is_not_has_the_age_of_its_last_reading)
{
	struct bug_table *table = bug_table_new(HOUR);
	int64_t as_of = 0;

	(void)bug_table_tell(table, 9, TABLE_SECURE, NOW);
	(void)bug_table_tell(table, 9, TABLE_INSECURE, NOW + 1);
	ck_assert(bug_table_fresh(table, 9, NOW + 2, &as_of));
	ck_assert_int_eq(as_of, NOW + 1);
	bug_table_free(table);
}
END_TEST

START_TEST(runs_and_counts_tell_every_bug_once)
{
	static const struct bug_table_run want[] = {
		{1, 3, TABLE_INSECURE, NOW},
		{4, 4, TABLE_SECURE, NOW + 4},
		{5, 5, TABLE_INSECURE, NOW},
		{7, 7, TABLE_APPROVED, NOW + 7},
		{4194303, 4194303, TABLE_INSECURE, NOW},
		{4194304, 4194304, TABLE_INSECURE, NOW + 9},
		{99999999, 99999999, TABLE_SECURE, NOW + 9},
	};
	struct bug_table *table = bug_table_new(HOUR);
	struct bug_table_run run = {0};
	struct bug_table_count count;
	size_t n = 0;

	for (size_t i = 0; i < sizeof want / sizeof want[0]; i++)
		for (uint32_t id = want[i].first; id <= want[i].last; id++)
			ck_assert_int_eq(bug_table_tell(table, id, want[i].state, want[i].version), TABLE_TOLD_CHANGED);
	for (uint32_t after = 0; bug_table_next(table, after, &run); after = run.last, n++) {
		ck_assert_uint_lt(n, sizeof want / sizeof want[0]);
		ck_assert(run.first == want[n].first && run.last == want[n].last && run.state == want[n].state &&
			  run.version == want[n].version);
	}
	ck_assert_uint_eq(n, sizeof want / sizeof want[0]);
	count = bug_table_count(table);
	ck_assert(count.insecure == 6 && count.secure == 2 && count.approved == 1);
	bug_table_free(table);
}
END_TEST

START_TEST(two_tables_together_know_what_each_knew_and_the_newer_counts)
{
	struct bug_table *a = bug_table_new(HOUR), *b = bug_table_new(HOUR);
	int64_t as_of = 0;

	(void)bug_table_tell(a, 1, TABLE_SECURE, NOW);
	(void)bug_table_tell(b, 1, TABLE_INSECURE, NOW - 1);
	(void)bug_table_tell(a, 2, TABLE_SECURE, NOW);
	(void)bug_table_tell(b, 2, TABLE_APPROVED, NOW + 1);
	(void)bug_table_tell(b, 3, TABLE_INSECURE, NOW - 2 * HOUR);
	(void)bug_table_tell(b, 4, TABLE_INSECURE, NOW);
	(void)bug_table_tell(b, 4200000, TABLE_SECURE, NOW);
	(void)bug_table_tell(a, 5, TABLE_INSECURE, NOW);
	(void)bug_table_tell(b, 5, TABLE_SECURE, NOW - 1);
	bug_table_date(b, NOW);
	ck_assert_uint_eq(bug_table_merge(a, b), 4);
	ck_assert_uint_eq(bug_table_merge(a, b), 0);
	ck_assert_int_eq(bug_table_state(a, 1), TABLE_SECURE);
	ck_assert_int_eq(bug_table_state(a, 2), TABLE_APPROVED);
	ck_assert_int_eq(bug_table_state(a, 3), TABLE_INSECURE);
	ck_assert_int_eq(bug_table_state(a, 4), TABLE_INSECURE);
	ck_assert_int_eq(bug_table_state(a, 5), TABLE_INSECURE);
	ck_assert_int_eq(bug_table_state(a, 4200000), TABLE_SECURE);
	ck_assert(!bug_table_fresh(a, 3, NOW, &as_of));
	ck_assert(bug_table_fresh(a, 4, NOW, &as_of));
	ck_assert_int_eq(bug_table_dated(a), NOW);
	bug_table_date(a, NOW - 1);
	ck_assert_int_eq(bug_table_dated(a), NOW);
	bug_table_free(a);
	bug_table_free(b);
}
END_TEST

/* It was two hours ahead; what is told by the right one is newer. */
START_TEST(what_a_clock_that_was_ahead_told_hides_nothing_that_is_told_later)
{
	static const int64_t ids[] = {7, 4096, 4194303, 4194304};

	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
		struct bug_table *table = bug_table_new(3 * HOUR);
		int64_t as_of;

		(void)bug_table_tell(table, 1, TABLE_INSECURE, NOW - HOUR);
		(void)bug_table_tell(table, ids[i], TABLE_INSECURE, NOW + 2 * HOUR);
		(void)bug_table_tell(table, ids[i] + 10, TABLE_APPROVED, NOW + 2 * HOUR);
		bug_table_date(table, NOW + 2 * HOUR);
		bug_table_clock_at(table, NOW);
		ck_assert_int_eq(bug_table_dated(table), 0);
		ck_assert(bug_table_fresh(table, 1, NOW, &as_of) && as_of == NOW - HOUR);
		ck_assert(!bug_table_fresh(table, ids[i], NOW + 2 * HOUR, &as_of));
		ck_assert_int_eq(bug_table_state(table, ids[i]), TABLE_INSECURE);
		ck_assert_int_eq(bug_table_state(table, ids[i] + 10), TABLE_APPROVED);
		ck_assert_int_eq(bug_table_tell(table, ids[i], TABLE_SECURE, NOW + 1), TABLE_TOLD_CHANGED);
		ck_assert_int_eq(bug_table_tell(table, ids[i] + 10, TABLE_SECURE, NOW + 1), TABLE_TOLD_CHANGED);
		ck_assert_int_eq(bug_table_tell(table, ids[i], TABLE_INSECURE, NOW + 2), TABLE_TOLD_CHANGED);
		ck_assert(bug_table_fresh(table, ids[i], NOW + 2, &as_of));
		ck_assert(bug_table_fresh(table, 1, NOW + HOUR, &as_of));
		bug_table_free(table);
	}
}
END_TEST

/* A keyword more: of what was not secure by the others nobody knows. What was secure stays so. */
START_TEST(what_was_not_secure_by_other_rules_counts_no_more)
{
	static const int64_t ids[] = {7, 4194304};

	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
		struct bug_table *table = bug_table_new(HOUR), *from = bug_table_new(HOUR);
		int64_t as_of;

		bug_table_rules(table, 1);
		(void)bug_table_tell(table, ids[i], TABLE_INSECURE, NOW);
		(void)bug_table_tell(table, 8, TABLE_APPROVED, NOW);
		bug_table_date(table, NOW);
		bug_table_rules(table, 1);
		ck_assert(bug_table_fresh(table, ids[i], NOW, &as_of) && bug_table_dated(table) == NOW);
		bug_table_rules(table, 2);
		ck_assert(!bug_table_fresh(table, ids[i], NOW, &as_of) && bug_table_dated(table) == 0);
		ck_assert_int_eq(bug_table_state(table, 8), TABLE_APPROVED);
		ck_assert_int_eq(bug_table_tell(table, ids[i], TABLE_INSECURE, NOW + 1), TABLE_TOLD_SEEN);
		ck_assert(bug_table_fresh(table, ids[i], NOW + 1, &as_of));
		(void)bug_table_tell(from, 9, TABLE_INSECURE, NOW);
		bug_table_date(from, NOW);
		ck_assert_uint_eq(bug_table_merge(table, from), 1);
		ck_assert(!bug_table_fresh(table, 9, NOW, &as_of) && bug_table_dated(table) == 0);
		bug_table_free(table);
		bug_table_free(from);
	}
}
END_TEST

/* A little may be another host's clock: its table waits for its date. As long as time goes on, nothing is looked at. */
START_TEST(a_clock_takes_from_a_table_only_what_lies_ahead)
{
	struct bug_table *into = bug_table_new(3 * HOUR), *from = bug_table_new(3 * HOUR);
	int64_t as_of;

	bug_table_date(into, NOW + 300000);
	bug_table_clock_at(into, NOW);
	ck_assert_int_eq(bug_table_dated(into), NOW + 300000);
	(void)bug_table_tell(into, 5, TABLE_INSECURE, NOW + 1);
	bug_table_clock_at(into, NOW);
	ck_assert(bug_table_fresh(into, 5, NOW + 1, &as_of));
	(void)bug_table_tell(from, 6, TABLE_INSECURE, NOW + HOUR);
	(void)bug_table_tell(from, 7, TABLE_SECURE, NOW + HOUR);
	bug_table_date(from, NOW + HOUR);
	ck_assert_uint_eq(bug_table_merge(into, from), 2);
	ck_assert_int_eq(bug_table_dated(into), NOW + 300000);
	ck_assert(!bug_table_fresh(into, 6, NOW + HOUR, &as_of));
	ck_assert_int_eq(bug_table_tell(into, 6, TABLE_SECURE, NOW + 1), TABLE_TOLD_CHANGED);
	ck_assert_int_eq(bug_table_tell(into, 7, TABLE_APPROVED, NOW + 1), TABLE_TOLD_CHANGED);
	bug_table_clock_at(into, NOW - 2 * HOUR);
	ck_assert(!bug_table_fresh(into, 5, NOW + 1, &as_of));
	bug_table_free(into);
	bug_table_free(from);
}
END_TEST

START_TEST(two_million_bugs_with_fifty_thousand_secure_ones_are_less_than_two_megabytes)
{
	struct bug_table *table = bug_table_new(HOUR);
	struct bug_table_count count;

	for (int64_t id = 1; id <= 2000000; id++)
		(void)bug_table_tell(table, id, id % 40 == 0 ? TABLE_SECURE : TABLE_INSECURE, NOW + id / 1000);
	count = bug_table_count(table);
	ck_assert_uint_eq(count.secure, 50000);
	ck_assert_uint_eq(count.insecure, 1950000);
	ck_assert_uint_lt(count.bytes, 2000000);
	bug_table_free(table);
}
END_TEST

/* ---- threads ---- */

struct race {
	struct bug_table *table;
	atomic_bool stop;
	atomic_uint wrong;
};

/* Bug 100 is secure, then not secure; it is never approved. Bugs 101 and 5000000 are secure all the time. */
static void *look(void *context)
{
	struct race *race = context;
	int64_t as_of;

	while (!atomic_load(&race->stop)) {
		enum table_state state = bug_table_state(race->table, 100);
		unsigned wrong = state == TABLE_APPROVED || state == TABLE_UNKNOWN;

		wrong += bug_table_state(race->table, 101) != TABLE_SECURE;
		wrong += bug_table_state(race->table, 5000000) != TABLE_SECURE;
		wrong += bug_table_fresh(race->table, 101, NOW, &as_of);
		atomic_fetch_add(&race->wrong, wrong);
	}
	return NULL;
}

START_TEST(readers_beside_a_writer_meet_what_was_or_what_is)
{
	struct race race = {.table = bug_table_new(HOUR)};
	pthread_t readers[3];

	(void)bug_table_tell(race.table, 100, TABLE_SECURE, NOW);
	(void)bug_table_tell(race.table, 101, TABLE_SECURE, NOW);
	(void)bug_table_tell(race.table, 5000000, TABLE_SECURE, NOW);
	for (size_t i = 0; i < 3; i++)
		ck_assert_int_eq(pthread_create(&readers[i], NULL, look, &race), 0);
	for (int64_t i = 1; i < 20000; i++) {
		struct bug_table *other = i % 1000 == 0 ? bug_table_new(HOUR) : NULL;

		(void)bug_table_tell(race.table, 100, i % 2 == 0 ? TABLE_SECURE : TABLE_INSECURE, NOW + i * 60000);
		(void)bug_table_tell(race.table, 5000000 - i, TABLE_APPROVED, NOW);
		(void)bug_table_tell(race.table, 200 + i * 100, TABLE_INSECURE, NOW + i);
		if (other) {
			(void)bug_table_tell(other, 100, TABLE_SECURE, NOW + i * 60000 + 1);
			(void)bug_table_merge(race.table, other);
			bug_table_free(other);
		}
	}
	atomic_store(&race.stop, true);
	for (size_t i = 0; i < 3; i++)
		(void)pthread_join(readers[i], NULL);
	ck_assert_uint_eq(atomic_load(&race.wrong), 0);
	bug_table_free(race.table);
}
END_TEST

/* A clock that goes on by a minute while its first reader waits for `other` to have looked at it, too. */
struct slow_clock {
	struct bug_table *table;
	pthread_t other;
	atomic_uint reads;
	atomic_bool done;
};

static int64_t tells_late(void *self);

static void *look_at_it_too(void *context)
{
	struct slow_clock *slow = context;
	const struct clock_port clock = {slow, tells_late, NULL};

	bug_table_clock(slow->table, &clock);
	atomic_store(&slow->done, true);
	return NULL;
}

static int64_t tells_late(void *self)
{
	static const struct timespec step = {0, 1000000};
	struct slow_clock *slow = self;

	if (atomic_fetch_add(&slow->reads, 1) > 0)
		return NOW + 60000;
	ck_assert_int_eq(pthread_create(&slow->other, NULL, look_at_it_too, slow), 0);
	for (int i = 0; i < 100 && !atomic_load(&slow->done); i++)
		(void)nanosleep(&step, NULL);
	return NOW;
}

START_TEST(a_thread_that_was_slow_is_no_clock_that_was_set_back)
{
	struct slow_clock slow = {.table = bug_table_new(HOUR)};
	const struct clock_port clock = {&slow, tells_late, NULL};
	int64_t as_of;

	bug_table_clock_at(slow.table, NOW);
	(void)bug_table_tell(slow.table, 5, TABLE_INSECURE, NOW + 1);
	(void)bug_table_tell(slow.table, 6, TABLE_SECURE, NOW + 1);
	bug_table_clock(slow.table, &clock);
	(void)pthread_join(slow.other, NULL);
	ck_assert(atomic_load(&slow.done));
	ck_assert(bug_table_fresh(slow.table, 5, NOW + 60000, &as_of) && as_of == NOW + 1);
	ck_assert_int_eq(bug_table_seen(slow.table, 6), NOW + 1);
	bug_table_free(slow.table);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(every_state_is_kept_up_to_the_borders_of_planes_and_list, borders),
	SUITE_ROWS(what_is_no_reading_is_refused, refused),
	SUITE_ROWS(an_older_reading_changes_nothing_and_a_newer_one_counts, orders),
	SUITE_TEST(a_bug_that_was_made_secure_keeps_its_version_when_older_readings_come_in),
	SUITE_TEST(losing_sight_of_a_bug_keeps_it_secure_and_takes_its_approval),
	SUITE_TEST(where_the_order_is_not_known_any_more_only_secure_is_believed),
	SUITE_TEST(an_age_is_never_told_younger_than_it_is),
	SUITE_TEST(only_what_was_seen_not_secure_counts_without_a_read),
	SUITE_TEST(a_bug_that_was_secure_and_is_not_has_the_age_of_its_last_reading),
	SUITE_TEST(runs_and_counts_tell_every_bug_once),
	SUITE_TEST(two_tables_together_know_what_each_knew_and_the_newer_counts),
	SUITE_TEST(what_a_clock_that_was_ahead_told_hides_nothing_that_is_told_later),
	SUITE_TEST(a_clock_takes_from_a_table_only_what_lies_ahead),
	SUITE_TEST(what_was_not_secure_by_other_rules_counts_no_more),
	SUITE_TEST(two_million_bugs_with_fifty_thousand_secure_ones_are_less_than_two_megabytes),
	SUITE_TEST(readers_beside_a_writer_meet_what_was_or_what_is),
	SUITE_TEST(a_thread_that_was_slow_is_no_clock_that_was_set_back),
	SUITE_END,
};

SUITE_MAIN(tests)
