/* SQLite on a disk that is full or fails: what is called durable, and what goes on afterwards. */
#include "agent/store/tables.h"
#include "tests/support/bad_disk.h"
#include "tests/support/scratch_db.h"
#include "tests/support/suite.h"

struct bench {
	struct bad_disk disk;
	struct scratch_db scratch;
	struct rows rows;
	struct err err;
};

static void bench_open(struct bench *bench)
{
	bench->err = ERR_NONE;
	bad_disk_install(&bench->disk);
	scratch_db_make(&bench->scratch);
	ck_assert_msg(rows_sqlite_open(bench->scratch.file, false, &bench->rows, &bench->err), "%s", bench->err.text);
}

static void bench_close(struct bench *bench)
{
	rows_close(&bench->rows);
	scratch_db_remove(&bench->scratch);
	bad_disk_remove(&bench->disk);
}

static void reopen(struct bench *bench)
{
	bench->disk.write_error = bench->disk.sync_error = 0;
	rows_close(&bench->rows);
	ck_assert_msg(rows_sqlite_open(bench->scratch.file, false, &bench->rows, &bench->err), "%s", bench->err.text);
}

static bool begin(struct bench *bench)
{
	return bench->rows.ops->begin(bench->rows.self, true, &bench->err);
}

static bool commit(struct bench *bench)
{
	return bench->rows.ops->commit(bench->rows.self, &bench->err);
}

static void rollback(struct bench *bench)
{
	bench->rows.ops->rollback(bench->rows.self);
}

static bool add_body(struct bench *bench, int number)
{
	static char body[20000];
	char guid[32];
	struct row_journal row = {.body_lz4 = {body, sizeof body}};

	(void)snprintf(guid, sizeof guid, "g%d", number);
	row.guid = text_of(guid);
	return bench->rows.ops->add(bench->rows.self, &table_journal, &row, &bench->err);
}

static bool write_one(struct bench *bench, int number)
{
	bool ok;

	if (!begin(bench))
		return false;
	ok = add_body(bench, number) && commit(bench);
	if (!ok)
		rollback(bench);
	return ok;
}

static int64_t count(struct bench *bench)
{
	struct scan scan = {.table = &table_journal};
	int64_t n = -1;

	ck_assert(begin(bench));
	ck_assert(bench->rows.ops->count(bench->rows.self, &scan, &n, &bench->err));
	ck_assert(commit(bench));
	return n;
}

START_TEST(a_full_disk_at_commit_is_a_limit_and_passes)
{
	static struct bench bench;

	bench_open(&bench);
	ck_assert(write_one(&bench, 1));
	bench.disk.write_error = SQLITE_FULL;
	ck_assert(!write_one(&bench, 2));
	ck_assert_int_eq(bench.err.code, ERR_LIMIT);
	ck_assert(!write_one(&bench, 3));
	ck_assert_int_eq(bench.err.code, ERR_LIMIT);
	bench.disk.write_error = 0;
	ck_assert_int_eq(count(&bench), 1);
	ck_assert(write_one(&bench, 4));
	reopen(&bench);
	ck_assert_int_eq(count(&bench), 2);
	bench_close(&bench);
}
END_TEST

/* SQLite ends the transaction by itself when the cache cannot be spilled: what comes after must not become durable
 * on its own. */
START_TEST(nothing_of_a_lost_transaction_becomes_durable)
{
	static struct bench bench;
	int failed = 0;

	bench_open(&bench);
	ck_assert(write_one(&bench, 1));
	ck_assert(begin(&bench));
	bench.disk.write_error = SQLITE_FULL;
	for (int i = 0; i < 1000 && failed == 0; i++)
		failed += !add_body(&bench, 100 + i);
	ck_assert_int_eq(failed, 1);
	ck_assert_int_eq(bench.err.code, ERR_LIMIT);
	bench.disk.write_error = 0;
	for (int i = 0; i < 10; i++)
		ck_assert(!add_body(&bench, 2000 + i));
	ck_assert(!commit(&bench));
	ck_assert_int_eq(bench.err.code, ERR_LIMIT);
	rollback(&bench);
	ck_assert_int_eq(count(&bench), 1);
	ck_assert(write_one(&bench, 3000));
	reopen(&bench);
	ck_assert_int_eq(count(&bench), 2);
	bench_close(&bench);
}
END_TEST

static const struct {
	const char *what;
	int write_error, sync_error;
	bool main_file_only;
} failures[] = {
	{"the log cannot be written", SQLITE_IOERR_WRITE, 0, false},
	{"the log cannot be synced", 0, SQLITE_IOERR_FSYNC, false},
	{"the checkpoint cannot write", SQLITE_IOERR_WRITE, 0, true},
	{"the checkpoint cannot sync", 0, SQLITE_IOERR_FSYNC, true},
};

START_TEST(a_failing_disk_breaks_the_connection_for_good)
{
	static struct bench bench;
	int good = 0;

	bench_open(&bench);
	bench.disk.write_error = failures[_i].write_error;
	bench.disk.sync_error = failures[_i].sync_error;
	bench.disk.main_file_only = failures[_i].main_file_only;
	while (good < 200 && write_one(&bench, good))
		good++;
	ck_assert_msg(good < 200, "%s: nobody noticed %d failures", failures[_i].what, bench.disk.failed);
	ck_assert_int_eq(bench.err.code, ERR_BROKEN);
	bench.disk.write_error = bench.disk.sync_error = 0;
	ck_assert(!write_one(&bench, 1000));
	ck_assert_int_eq(bench.err.code, ERR_BROKEN);
	reopen(&bench);
	ck_assert_int_ge(count(&bench), good);
	bench_close(&bench);
}
END_TEST

static const struct suite_test tests[] = {SUITE_TEST(a_full_disk_at_commit_is_a_limit_and_passes),
					  SUITE_TEST(nothing_of_a_lost_transaction_becomes_durable),
					  SUITE_ROWS(a_failing_disk_breaks_the_connection_for_good, failures),
					  SUITE_END};

SUITE_MAIN(tests)
