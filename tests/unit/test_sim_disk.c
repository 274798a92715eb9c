/* The disk that can lose power (tests/sim/disk.h), held against what it says of itself. */
#include <sqlite3.h>
#include <string.h>

#include "tests/sim/disk.h"
#include "tests/support/suite.h"

#define CUTS 400
#define BIG  4096

struct open_file {
	sqlite3_file *file;
	char room[512];
};

static const int log_flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_WAL;

static sqlite3_vfs *vfs_of(const struct disk *disk)
{
	return sqlite3_vfs_find(disk_name(disk));
}

static void open_on(const struct disk *disk, const char *name, int flags, struct open_file *ret)
{
	ck_assert_int_le(vfs_of(disk)->szOsFile, (int)sizeof ret->room);
	ret->file = (sqlite3_file *)(void *)ret->room;
	ck_assert_int_eq(vfs_of(disk)->xOpen(vfs_of(disk), name, ret->file, flags, NULL), SQLITE_OK);
}

static int put(struct open_file *file, char byte, int n, sqlite3_int64 at)
{
	char bytes[BIG];

	memset(bytes, byte, sizeof bytes);
	return file->file->pMethods->xWrite(file->file, bytes, n, at);
}

static int flush(struct open_file *file)
{
	return file->file->pMethods->xSync(file->file, SQLITE_SYNC_NORMAL);
}

static void close_file(struct open_file *file)
{
	(void)file->file->pMethods->xClose(file->file);
}

static bool exists(const struct disk *disk, const char *name)
{
	int ret = 0;

	(void)vfs_of(disk)->xAccess(vfs_of(disk), name, SQLITE_ACCESS_READWRITE, &ret);
	return ret != 0;
}

struct content {
	char at[BIG + 1];
	sqlite3_int64 size;
};

/* size -1: there is no such file. */
static struct content content_of(const struct disk *disk, const char *name)
{
	struct content ret = {.size = -1};
	struct open_file file;

	if (!exists(disk, name))
		return ret;
	open_on(disk, name, SQLITE_OPEN_READONLY | SQLITE_OPEN_WAL, &file);
	(void)file.file->pMethods->xFileSize(file.file, &ret.size);
	(void)file.file->pMethods->xRead(file.file, ret.at, BIG, 0);
	close_file(&file);
	return ret;
}

static struct content cut_of(const struct disk *disk, const char *name, uint64_t seed)
{
	struct disk *image = disk_image(disk, "image", seed);
	struct content ret = content_of(image, name);

	disk_free(image);
	return ret;
}

/* A log of BIG times 'a', durable, its name too. */
static struct disk *durable_log(struct open_file *ret)
{
	struct disk *disk = disk_new("disk", 1);

	open_on(disk, "log", log_flags, ret);
	ck_assert_int_eq(put(ret, 'a', BIG, 0), SQLITE_OK);
	ck_assert_int_eq(flush(ret), SQLITE_OK);
	return disk;
}

START_TEST(what_was_synced_survives_every_cut)
{
	struct open_file file;
	struct disk *disk = durable_log(&file);

	for (uint64_t seed = 0; seed < CUTS; seed++) {
		struct content left = cut_of(disk, "log", seed);

		ck_assert_int_eq(left.size, BIG);
		ck_assert_uint_eq(strspn(left.at, "a"), BIG);
	}
	close_file(&file);
	disk_free(disk);
}
END_TEST

START_TEST(a_write_without_a_sync_is_kept_lost_or_torn_at_sectors)
{
	int whole = 0, none = 0, torn = 0;
	struct open_file file;
	struct disk *disk = durable_log(&file);

	ck_assert_int_eq(put(&file, 'b', 3000, 100), SQLITE_OK);
	for (uint64_t seed = 0; seed < CUTS; seed++) {
		struct content left = cut_of(disk, "log", seed);
		int new = 0, wrong = 0;

		ck_assert_int_eq(left.size, BIG);
		for (int i = 0; i < BIG; i++) {
			bool border = i % 512 == 0 || i == 100 || i == 3100;

			wrong += left.at[i] != 'a' && (left.at[i] != 'b' || i < 100 || i >= 3100);
			wrong += !border && left.at[i] != left.at[i - 1];
			new += left.at[i] == 'b';
		}
		ck_assert_int_eq(wrong, 0);
		whole += new == 3000;
		none += new == 0;
		torn += new > 0 && new < 3000;
	}
	ck_assert_int_gt(whole, CUTS / 20);
	ck_assert_int_gt(none, CUTS / 20);
	ck_assert_int_gt(torn, CUTS / 20);
	close_file(&file);
	disk_free(disk);
}
END_TEST

START_TEST(a_later_write_may_survive_an_earlier_one_that_is_lost)
{
	int later_alone = 0, earlier_alone = 0;
	struct open_file first, second;
	struct disk *disk = durable_log(&first);

	open_on(disk, "other", log_flags, &second);
	ck_assert_int_eq(put(&second, 'a', BIG, 0), SQLITE_OK);
	ck_assert_int_eq(flush(&second), SQLITE_OK);
	ck_assert_int_eq(put(&first, 'b', 10, 0), SQLITE_OK);
	ck_assert_int_eq(put(&second, 'b', 10, 0), SQLITE_OK);
	for (uint64_t seed = 0; seed < CUTS; seed++) {
		char one = cut_of(disk, "log", seed).at[0], two = cut_of(disk, "other", seed).at[0];

		later_alone += one == 'a' && two == 'b';
		earlier_alone += one == 'b' && two == 'a';
	}
	ck_assert_int_gt(later_alone, CUTS / 20);
	ck_assert_int_gt(earlier_alone, CUTS / 20);
	close_file(&first);
	close_file(&second);
	disk_free(disk);
}
END_TEST

START_TEST(older_bytes_never_stand_over_newer_ones_that_were_kept)
{
	struct open_file file;
	struct disk *disk = durable_log(&file);

	ck_assert_int_eq(put(&file, 'b', 10, 0), SQLITE_OK);
	ck_assert_int_eq(flush(&file), SQLITE_OK);
	ck_assert_int_eq(put(&file, 'c', 10, 0), SQLITE_OK);
	for (uint64_t seed = 0; seed < CUTS; seed++)
		ck_assert_int_ne(cut_of(disk, "log", seed).at[0], 'a');
	close_file(&file);
	disk_free(disk);
}
END_TEST

START_TEST(a_size_may_be_ahead_of_its_bytes_or_behind)
{
	int behind = 0, zeros = 0, rubbish = 0, whole = 0;
	struct open_file file;
	struct disk *disk = durable_log(&file);

	ck_assert_int_eq(file.file->pMethods->xTruncate(file.file, 100), SQLITE_OK);
	ck_assert_int_eq(flush(&file), SQLITE_OK);
	ck_assert_int_eq(put(&file, 'b', 300, 100), SQLITE_OK);
	for (uint64_t seed = 0; seed < CUTS; seed++) {
		struct content left = cut_of(disk, "log", seed);

		ck_assert(left.size == 100 || left.size == 400);
		behind += left.size == 100;
		whole += left.size == 400 && left.at[100] == 'b' && left.at[399] == 'b';
		zeros += left.size == 400 && left.at[100] == 0 && left.at[399] == 0;
		rubbish += left.size == 400 && left.at[100] != 'b' && left.at[101] != left.at[100];
	}
	ck_assert_int_gt(behind, CUTS / 20);
	ck_assert_int_gt(whole, CUTS / 20);
	ck_assert_int_gt(zeros, 0);
	ck_assert_int_gt(rubbish, 0);
	close_file(&file);
	disk_free(disk);
}
END_TEST

START_TEST(a_truncation_without_a_sync_may_be_undone)
{
	int undone = 0, done = 0;
	struct open_file file;
	struct disk *disk = durable_log(&file);

	ck_assert_int_eq(file.file->pMethods->xTruncate(file.file, 0), SQLITE_OK);
	for (uint64_t seed = 0; seed < CUTS; seed++) {
		sqlite3_int64 size = cut_of(disk, "log", seed).size;

		undone += size == BIG;
		done += size == 0;
	}
	ck_assert_int_eq(undone + done, CUTS);
	ck_assert_int_gt(undone, CUTS / 20);
	ck_assert_int_gt(done, CUTS / 20);
	close_file(&file);
	disk_free(disk);
}
END_TEST

START_TEST(a_name_is_durable_with_the_first_sync_of_a_log_and_of_nothing_else)
{
	static const int plain = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MAIN_DB;
	int there = 0;
	struct disk *disk = disk_new("disk", 1);
	struct open_file database, log;

	open_on(disk, "database", plain, &database);
	ck_assert_int_eq(put(&database, 'a', 10, 0), SQLITE_OK);
	ck_assert_int_eq(flush(&database), SQLITE_OK);
	for (uint64_t seed = 0; seed < CUTS; seed++)
		there += cut_of(disk, "database", seed).size == 10;
	ck_assert(there > CUTS / 20 && there < CUTS - CUTS / 20);
	open_on(disk, "log", log_flags, &log);
	ck_assert_int_eq(flush(&log), SQLITE_OK);
	for (uint64_t seed = 0; seed < CUTS; seed++)
		ck_assert_int_eq(cut_of(disk, "database", seed).size, 10);
	close_file(&database);
	close_file(&log);
	disk_free(disk);
}
END_TEST

START_TEST(a_later_name_may_survive_an_earlier_one_that_is_lost)
{
	int later_alone = 0;
	struct disk *disk = disk_new("disk", 1);
	struct open_file first, second;

	open_on(disk, "first", log_flags, &first);
	open_on(disk, "second", log_flags, &second);
	for (uint64_t seed = 0; seed < CUTS; seed++)
		later_alone += cut_of(disk, "first", seed).size < 0 && cut_of(disk, "second", seed).size == 0;
	ck_assert_int_gt(later_alone, CUTS / 50);
	close_file(&first);
	close_file(&second);
	disk_free(disk);
}
END_TEST

START_TEST(a_deleted_file_may_come_back_unless_the_directory_was_synced)
{
	int back = 0;
	struct open_file file;
	struct disk *disk = durable_log(&file);

	close_file(&file);
	ck_assert_int_eq(vfs_of(disk)->xDelete(vfs_of(disk), "log", 0), SQLITE_OK);
	ck_assert(!exists(disk, "log"));
	for (uint64_t seed = 0; seed < CUTS; seed++)
		back += cut_of(disk, "log", seed).size == BIG;
	ck_assert(back > CUTS / 20 && back < CUTS - CUTS / 20);
	open_on(disk, "log", log_flags, &file);
	close_file(&file);
	ck_assert_int_eq(vfs_of(disk)->xDelete(vfs_of(disk), "log", 1), SQLITE_OK);
	for (uint64_t seed = 0; seed < CUTS; seed++)
		ck_assert_int_eq(cut_of(disk, "log", seed).size, -1);
	disk_free(disk);
}
END_TEST

START_TEST(a_crash_of_the_process_loses_nothing_and_stops_the_dead)
{
	struct open_file file;
	struct disk *disk = durable_log(&file);

	ck_assert_int_eq(put(&file, 'b', 10, 0), SQLITE_OK);
	ck_assert_int_eq(file.file->pMethods->xLock(file.file, SQLITE_LOCK_SHARED), SQLITE_OK);
	disk_crash(disk);
	ck_assert_int_ne(put(&file, 'c', 10, 0), SQLITE_OK);
	ck_assert_int_ne(flush(&file), SQLITE_OK);
	ck_assert_int_eq(content_of(disk, "log").at[0], 'b');
	close_file(&file);
	disk_free(disk);
}
END_TEST

START_TEST(a_cut_in_place_leaves_what_an_image_of_that_seed_shows)
{
	for (uint64_t seed = 0; seed < 40; seed++) {
		struct open_file file;
		struct disk *disk = durable_log(&file);
		struct content image, left;

		ck_assert_int_eq(put(&file, 'b', 3000, 0), SQLITE_OK);
		image = cut_of(disk, "log", seed);
		disk_cut(disk, seed);
		left = content_of(disk, "log");
		ck_assert_int_eq(left.size, image.size);
		ck_assert_int_eq(memcmp(image.at, left.at, BIG), 0);
		close_file(&file);
		disk_free(disk);
	}
}
END_TEST

START_TEST(after_a_failed_sync_the_writes_may_be_lost_although_a_later_sync_succeeds)
{
	int lost = 0, kept = 0, shown = 0;

	for (uint64_t seed = 0; seed < CUTS; seed++) {
		struct disk *disk = disk_new("disk", seed);
		struct open_file file;
		char after;

		open_on(disk, "log", log_flags, &file);
		ck_assert_int_eq(flush(&file), SQLITE_OK);
		ck_assert_int_eq(put(&file, 'b', 10, 0), SQLITE_OK);
		disk_fail(disk, DISK_SYNC, 1, DISK_EIO);
		ck_assert_int_eq(flush(&file), SQLITE_IOERR_FSYNC);
		ck_assert_int_eq(flush(&file), SQLITE_OK);
		after = cut_of(disk, "log", seed).at[0];
		lost += after == 0;
		kept += after == 'b';
		shown += after == 0 && content_of(disk, "log").at[0] == 'b';
		close_file(&file);
		disk_free(disk);
	}
	ck_assert_int_gt(lost, CUTS / 20);
	ck_assert_int_gt(kept, CUTS / 20);
	ck_assert_int_gt(shown, CUTS / 20);
}
END_TEST

START_TEST(a_full_disk_takes_what_fits_and_more_when_space_is_freed)
{
	struct open_file file;
	struct disk *disk = durable_log(&file);

	disk_space(disk, BIG + 50);
	ck_assert_int_eq(put(&file, 'b', 100, 0), SQLITE_OK); /* no more space needed */
	ck_assert_int_eq(put(&file, 'b', 100, BIG), SQLITE_FULL);
	ck_assert_int_eq(content_of(disk, "log").size, BIG + 50);
	disk_space(disk, 0);
	ck_assert_int_eq(put(&file, 'b', 100, BIG), SQLITE_OK);
	close_file(&file);
	disk_free(disk);
}
END_TEST

static const struct {
	enum disk_act act;
	enum disk_fault fault;
	int result;
} faults[] = {
	{DISK_WRITE, DISK_EIO, SQLITE_IOERR_WRITE},
	{DISK_WRITE, DISK_ENOSPC, SQLITE_FULL},
	{DISK_WRITE, DISK_SHORT, SQLITE_FULL},
	{DISK_SYNC, DISK_EIO, SQLITE_IOERR_FSYNC},
	{DISK_READ, DISK_EIO, SQLITE_IOERR_READ},
	{DISK_READ, DISK_SHORT, SQLITE_IOERR_SHORT_READ},
	{DISK_TRUNCATE, DISK_EIO, SQLITE_IOERR_TRUNCATE},
};

static int act_on(struct open_file *file, enum disk_act act)
{
	char bytes[100];

	if (act == DISK_WRITE)
		return put(file, 'b', 100, 0);
	if (act == DISK_SYNC)
		return flush(file);
	if (act == DISK_TRUNCATE)
		return file->file->pMethods->xTruncate(file->file, BIG);
	return file->file->pMethods->xRead(file->file, bytes, sizeof bytes, 0);
}

START_TEST(the_nth_act_fails_once)
{
	struct open_file file;
	struct disk *disk = durable_log(&file);

	disk_fail(disk, faults[_i].act, 3, faults[_i].fault);
	for (int n = 1; n <= 6; n++)
		ck_assert_int_eq(act_on(&file, faults[_i].act), n == 3 ? faults[_i].result : SQLITE_OK);
	ck_assert_uint_eq(disk_counts(disk).failed, 1);
	close_file(&file);
	disk_free(disk);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(what_was_synced_survives_every_cut),
	SUITE_TEST(a_write_without_a_sync_is_kept_lost_or_torn_at_sectors),
	SUITE_TEST(a_later_write_may_survive_an_earlier_one_that_is_lost),
	SUITE_TEST(older_bytes_never_stand_over_newer_ones_that_were_kept),
	SUITE_TEST(a_size_may_be_ahead_of_its_bytes_or_behind),
	SUITE_TEST(a_truncation_without_a_sync_may_be_undone),
	SUITE_TEST(a_name_is_durable_with_the_first_sync_of_a_log_and_of_nothing_else),
	SUITE_TEST(a_later_name_may_survive_an_earlier_one_that_is_lost),
	SUITE_TEST(a_deleted_file_may_come_back_unless_the_directory_was_synced),
	SUITE_TEST(a_crash_of_the_process_loses_nothing_and_stops_the_dead),
	SUITE_TEST(a_cut_in_place_leaves_what_an_image_of_that_seed_shows),
	SUITE_TEST(after_a_failed_sync_the_writes_may_be_lost_although_a_later_sync_succeeds),
	SUITE_TEST(a_full_disk_takes_what_fits_and_more_when_space_is_freed),
	SUITE_ROWS(the_nth_act_fails_once, faults),
	SUITE_END,
};
SUITE_MAIN(tests)
