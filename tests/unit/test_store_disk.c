/* The store on a disk that loses power and fails (tests/sim/disk.h): what is promised over a new start. */
#include <string.h>

#include "agent/store/migrations.h"
#include "agent/store/tables.h"
#include "tests/sim/disk.h"
#include "tests/support/suite.h"

static bool open_rows(struct disk *disk, bool read_only, struct rows *ret, struct err *err)
{
	*err = ERR_NONE;
	return rows_sqlite_open_at(&(struct sqlite_file_at){"headgate.db", read_only, disk_name(disk)},
				   &store_migrations, ret, err);
}

static bool add_row(struct rows *rows, const char *guid, struct err *err)
{
	struct row_journal row = {.guid = text_of(guid)};
	bool ok;

	*err = ERR_NONE;
	if (!rows->ops->begin(rows->self, true, err))
		return false;
	ok = rows->ops->add(rows->self, &table_journal, &row, err) && rows->ops->commit(rows->self, err);
	if (!ok)
		rows->ops->rollback(rows->self);
	return ok;
}

static int64_t count_rows(struct rows *rows)
{
	struct scan scan = {.table = &table_journal};
	struct err err = ERR_NONE;
	int64_t n = -1;

	ck_assert_msg(rows->ops->begin(rows->self, false, &err), "%s", err.text);
	ck_assert_msg(rows->ops->count(rows->self, &scan, &n, &err), "%s", err.text);
	ck_assert(rows->ops->commit(rows->self, &err));
	return n;
}

START_TEST(a_reader_sees_what_the_writer_committed_and_a_second_writer_waits)
{
	struct disk *disk = disk_new("disk", 1);
	struct rows writer, reader;
	struct err err;

	ck_assert_msg(open_rows(disk, false, &writer, &err), "%s", err.text);
	ck_assert_msg(open_rows(disk, true, &reader, &err), "%s", err.text);
	ck_assert(add_row(&writer, "one", &err));
	ck_assert_int_eq(count_rows(&reader), 1);
	disk_busy(disk, 10); /* it lets go before our patience ends */
	ck_assert_msg(add_row(&writer, "two", &err), "%s", err.text);
	ck_assert_uint_eq(disk_counts(disk).busy, 10);
	ck_assert_uint_gt(disk_counts(disk).slept_us, 0);
	disk_busy(disk, UINT64_MAX);
	ck_assert(!add_row(&writer, "three", &err));
	ck_assert_int_eq(err.code, ERR_RETRY);
	disk_busy(disk, 0);
	ck_assert_int_eq(count_rows(&reader), 2);
	rows_close(&reader);
	rows_close(&writer);
	disk_free(disk);
}
END_TEST

static bool has_row(struct rows *rows, const char *guid)
{
	struct row_journal key = {.guid = text_of(guid)};
	struct scan scan = {.table = &table_journal, .index = JOURNAL_BY_GUID, .equal = &key, .n_equal = 1};
	struct err err = ERR_NONE;
	int64_t n = -1;

	ck_assert(rows->ops->begin(rows->self, false, &err));
	ck_assert(rows->ops->count(rows->self, &scan, &n, &err));
	ck_assert(rows->ops->commit(rows->self, &err));
	return n == 1;
}

/* The sync of "two" fails and the process stops; what the system's cache shows of it may never have reached the disk.
 */
static struct disk *after_a_failed_sync(uint64_t seed, struct rows *ret)
{
	struct disk *disk = disk_new("disk", seed);
	struct rows rows;
	struct err err;

	ck_assert_msg(open_rows(disk, false, &rows, &err), "%s", err.text);
	rows_close(&rows); /* the log is short now, so that "one" ends none, and "two" begins none */
	ck_assert_msg(open_rows(disk, false, &rows, &err), "%s", err.text);
	ck_assert(add_row(&rows, "one", &err));
	disk_fail(disk, DISK_SYNC, 1, DISK_EIO);
	ck_assert(!add_row(&rows, "two", &err));
	ck_assert_int_eq(err.code, ERR_BROKEN);
	disk_crash(disk);
	rows_close(&rows);
	ck_assert_msg(open_rows(disk, false, ret, &err), "%s", err.text);
	return disk;
}

static void check_image(struct disk *disk, uint64_t seed, const char *first, const char *second)
{
	struct disk *image = disk_image(disk, "image", seed);
	struct rows rows;
	struct err err;

	ck_assert_msg(open_rows(image, false, &rows, &err), "%s", err.text);
	ck_assert_msg(has_row(&rows, first) && has_row(&rows, second), "seed %d", (int)seed);
	rows_close(&rows);
	disk_free(image);
}

START_TEST(what_is_acknowledged_after_a_failed_sync_and_a_new_start_is_not_lost_with_it)
{
	for (uint64_t seed = 0; seed < 100; seed++) {
		struct rows rows;
		struct err err;
		struct disk *disk = after_a_failed_sync(seed, &rows);

		ck_assert_msg(add_row(&rows, "three", &err), "%s", err.text);
		check_image(disk, seed, "one", "three");
		rows_close(&rows);
		disk_free(disk);
	}
}
END_TEST

START_TEST(what_a_new_start_finds_in_the_log_is_durable_before_it_is_called_known)
{
	int found = 0;

	for (uint64_t seed = 0; seed < 100; seed++) {
		struct rows rows;
		struct disk *disk = after_a_failed_sync(seed, &rows);

		if (has_row(&rows, "two")) { /* its sender would be told that it is a duplicate */
			check_image(disk, seed, "one", "two");
			found++;
		}
		rows_close(&rows);
		disk_free(disk);
	}
	ck_assert_int_gt(found, 10);
}
END_TEST

START_TEST(a_log_that_cannot_be_made_durable_stops_the_start)
{
	struct rows rows;
	struct err err;
	struct disk *disk = after_a_failed_sync(1, &rows);

	disk_crash(disk);
	rows_close(&rows);
	disk_fail(disk, DISK_SYNC, 1, DISK_EIO);
	ck_assert(!open_rows(disk, false, &rows, &err));
	ck_assert_int_eq(err.code, ERR_BROKEN);
	ck_assert_msg(strstr(err.text, "the log cannot be made durable"), "%s", err.text);
	ck_assert_msg(open_rows(disk, false, &rows, &err), "%s", err.text);
	rows_close(&rows);
	disk_free(disk);
}
END_TEST

static uint64_t story(uint64_t seed)
{
	struct disk *disk = disk_new("disk", seed), *image;
	struct rows rows;
	struct err err;
	struct disk_counts counts;
	uint64_t ret;

	disk_fail_often(disk, DISK_WRITE, 200, DISK_ENOSPC);
	if (open_rows(disk, false, &rows, &err)) {
		for (int i = 0; i < 30; i++)
			(void)add_row(&rows, (const char[]){'g', (char)('0' + i), 0}, &err);
		rows_close(&rows);
	}
	image = disk_image(disk, "image", seed);
	counts = disk_counts(disk);
	ret = counts.acts[DISK_WRITE] * 1000003 + counts.acts[DISK_SYNC] * 997 + counts.failed;
	counts = disk_counts(image);
	ret = ret * 31 + counts.lost * 7 + counts.kept * 5 + counts.torn;
	disk_free(image);
	disk_free(disk);
	return ret;
}

START_TEST(a_seed_repeats)
{
	int differ = 0;

	for (uint64_t seed = 0; seed < 20; seed++) {
		ck_assert_uint_eq(story(seed), story(seed));
		differ += story(seed) != story(seed + 1);
	}
	ck_assert_int_gt(differ, 5);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(a_reader_sees_what_the_writer_committed_and_a_second_writer_waits),
	SUITE_TEST(what_is_acknowledged_after_a_failed_sync_and_a_new_start_is_not_lost_with_it),
	SUITE_TEST(what_a_new_start_finds_in_the_log_is_durable_before_it_is_called_known),
	SUITE_TEST(a_log_that_cannot_be_made_durable_stops_the_start),
	SUITE_TEST(a_seed_repeats),
	SUITE_END,
};
SUITE_MAIN(tests)
