/* Two processes that write tables of one directory: each has its turn, and none waits without end. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "agent/tracker/table_store.h"
#include "tests/support/suite.h"

#define HOUR INT64_C(3600000)
#define NOW  INT64_C(1790000000000)

struct bench {
	char dir[64];
	struct table_store store;
	struct err err;
};

static const char *path_in(const struct bench *bench, const char *name)
{
	static char path[128];

	(void)snprintf(path, sizeof path, "%s/%s", bench->dir, name);
	return path;
}

static void bench_make(struct bench *bench)
{
	*bench = (struct bench){.dir = "/tmp/headgate-turns.XXXXXX", .err = ERR_NONE};
	ck_assert_ptr_nonnull(mkdtemp(bench->dir));
	bench->store = (struct table_store){text_of(bench->dir), TEXT_LIT("bmo")};
}

static void bench_drop(const struct bench *bench)
{
	static const char *const names[] = {"bugs.bmo.table", "bugs.key", "bugs.lock"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		ck_assert_int_eq(unlink(path_in(bench, names[i])), 0);
	ck_assert_int_eq(rmdir(bench->dir), 0);
}

static enum table_state on_disk(struct bench *bench, int64_t id)
{
	struct bug_table *table = table_store_load(&bench->store, HOUR, &bench->err);
	enum table_state state;

	ck_assert_ptr_nonnull(table);
	state = bug_table_state(table, id);
	bug_table_free(table);
	return state;
}

static int64_t milliseconds(void)
{
	struct timespec at;

	(void)clock_gettime(CLOCK_MONOTONIC, &at);
	return at.tv_sec * INT64_C(1000) + at.tv_nsec / 1000000;
}

/* Whoever holds the lock is stopped: an open file of our own stands for another process's. */
START_TEST(a_writer_that_is_stopped_hangs_no_other_and_what_was_not_saved_is_saved_when_he_is_gone)
{
	struct bug_table *table = bug_table_new(HOUR);
	int64_t began = milliseconds();
	struct bench bench;
	int fd;

	bench_make(&bench);
	(void)bug_table_tell(table, 51, TABLE_SECURE, NOW);
	ck_assert_msg(table_store_save(&bench.store, table, &bench.err), "%s", bench.err.text);
	(void)bug_table_tell(table, 7000, TABLE_SECURE, NOW);
	fd = open(path_in(&bench, "bugs.lock"), O_RDWR | O_CLOEXEC);
	ck_assert(fd >= 0 && flock(fd, LOCK_EX) == 0);
	ck_assert(!table_store_save(&bench.store, table, &bench.err));
	ck_assert_int_eq(bench.err.code, ERR_RETRY);
	ck_assert_msg(strstr(bench.err.text, "bugs.lock: another process") != NULL, "%s", bench.err.text);
	ck_assert(!table_store_save_within(&bench.store, table, 0, &bench.err));
	ck_assert_int_lt(milliseconds() - began, 3000);
	ck_assert(on_disk(&bench, 51) == TABLE_SECURE && on_disk(&bench, 7000) == TABLE_UNKNOWN);
	ck_assert_int_eq(close(fd), 0);
	ck_assert(table_store_save_within(&bench.store, table, 0, &bench.err));
	ck_assert_int_eq(on_disk(&bench, 7000), TABLE_SECURE);
	bug_table_free(table);
	bench_drop(&bench);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(a_writer_that_is_stopped_hangs_no_other_and_what_was_not_saved_is_saved_when_he_is_gone),
	SUITE_END,
};
SUITE_MAIN(tests)
