/* The table on the disk: whole or refused, old or new, and silent without its key. */
#include "agent/tracker/table_store.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/tracker/table_hash.h"
#include "tests/support/suite.h"

#define HOUR INT64_C(3600000)
#define NOW  INT64_C(1790000000000)

/* ---- steps that end the process, or fail: the linker sends these calls here ---- */

ssize_t __real_write(int fd, const void *bytes, size_t n);
int __real_fsync(int fd);
int __real_rename(const char *from, const char *to);
ssize_t __wrap_write(int fd, const void *bytes, size_t n);
int __wrap_fsync(int fd);
int __wrap_rename(const char *from, const char *to);

static int steps_left = -1; /* -1: all go well */
static bool dies;

static bool last_step(void)
{
	if (steps_left < 0 || steps_left-- > 0)
		return false;
	if (dies)
		_exit(42);
	errno = ENOSPC;
	return true;
}

/* Half of it reaches the file before the end. */
ssize_t __wrap_write(int fd, const void *bytes, size_t n)
{
	if (steps_left == 0)
		(void)!__real_write(fd, bytes, n / 2);
	return last_step() ? -1 : __real_write(fd, bytes, n < 4000 ? n : 4000);
}

int __wrap_fsync(int fd)
{
	return last_step() ? -1 : __real_fsync(fd);
}

int __wrap_rename(const char *from, const char *to)
{
	return last_step() ? -1 : __real_rename(from, to);
}

/* ---- a state directory of its own ---- */

struct bench {
	char dir[64], table[96], key[96], fresh[96], lock[96];
	struct table_store store;
	struct err err;
};

static void bench_make(struct bench *bench)
{
	*bench = (struct bench){.err = ERR_NONE};
	(void)snprintf(bench->dir, sizeof bench->dir, "/tmp/headgate-table.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(bench->dir));
	(void)snprintf(bench->table, sizeof bench->table, "%s/bugs.bmo.table", bench->dir);
	(void)snprintf(bench->fresh, sizeof bench->fresh, "%s/bugs.bmo.table.new", bench->dir);
	(void)snprintf(bench->key, sizeof bench->key, "%s/bugs.key", bench->dir);
	(void)snprintf(bench->lock, sizeof bench->lock, "%s/bugs.lock", bench->dir);
	bench->store = (struct table_store){text_of(bench->dir), TEXT_LIT("bmo")};
}

static void bench_drop(struct bench *bench)
{
	(void)unlink(bench->table);
	(void)unlink(bench->key);
	(void)unlink(bench->fresh);
	(void)unlink(bench->lock);
	ck_assert_int_eq(rmdir(bench->dir), 0);
}

static const struct bug_table_run known[] = {
	{1, 50, TABLE_INSECURE, NOW - 9 * HOUR},
	{51, 51, TABLE_SECURE, NOW - 1},
	{52, 90, TABLE_INSECURE, NOW},
	{4095, 4095, TABLE_APPROVED, NOW + 123},
	{4096, 4096, TABLE_SECURE, NOW},
	{4194303, 4194303, TABLE_SECURE, NOW},
	{4194304, 4194304, TABLE_APPROVED, NOW},
	{4194305, 4194305, TABLE_INSECURE, NOW + 999},
	{99999999, 99999999, TABLE_SECURE, NOW + 5},
};
#define N_KNOWN (sizeof known / sizeof known[0])

static struct bug_table *some_bugs(void)
{
	struct bug_table *table = bug_table_new(HOUR);

	for (size_t i = 0; i < N_KNOWN; i++)
		for (uint32_t id = known[i].first; id <= known[i].last; id++)
			(void)bug_table_tell(table, id, known[i].state, known[i].version);
	bug_table_date(table, NOW);
	return table;
}

static void assert_some_bugs(const struct bug_table *table)
{
	struct bug_table_run run;
	size_t n = 0;

	for (uint32_t after = 0; bug_table_next(table, after, &run); after = run.last, n++)
		ck_assert(n < N_KNOWN && run.first == known[n].first && run.last == known[n].last &&
			  run.state == known[n].state && run.version == known[n].version);
	ck_assert_uint_eq(n, N_KNOWN);
	ck_assert_int_eq(bug_table_dated(table), NOW);
}

static void save_some_bugs(struct bench *bench)
{
	struct bug_table *table = some_bugs();

	ck_assert_msg(table_store_save(&bench->store, table, &bench->err), "%s", bench->err.text);
	bug_table_free(table);
}

START_TEST(what_was_saved_is_known_after_a_restart_with_ages_and_versions)
{
	struct bench bench;
	struct bug_table *table;
	struct stat st;
	int64_t as_of = 0;

	bench_make(&bench);
	ck_assert_ptr_null(table_store_load(&bench.store, HOUR, &bench.err));
	ck_assert_int_eq(bench.err.code, ERR_GONE);
	save_some_bugs(&bench);
	ck_assert(stat(bench.table, &st) == 0 && (st.st_mode & 0777) == 0600);
	ck_assert(stat(bench.key, &st) == 0 && (st.st_mode & 0777) == 0600);
	ck_assert_int_ne(access(bench.fresh, F_OK), 0);
	table = table_store_load(&bench.store, HOUR, &bench.err);
	ck_assert_msg(table, "%s", bench.err.text);
	assert_some_bugs(table);
	ck_assert_int_eq(bug_table_tell(table, 4096, TABLE_INSECURE, NOW), TABLE_TOLD_OLDER);
	ck_assert_int_eq(bug_table_tell(table, 52, TABLE_SECURE, NOW - HOUR), TABLE_TOLD_OLDER);
	ck_assert(bug_table_fresh(table, 60, NOW + 1, &as_of) && as_of == NOW);
	ck_assert(!bug_table_fresh(table, 1, NOW + 1, &as_of));
	bug_table_free(table);
	bench_drop(&bench);
}
END_TEST

static enum table_state hook_says(const struct bench *bench, int64_t id, bool *ret_ok)
{
	enum table_state state = TABLE_UNKNOWN;
	struct table_file file;

	*ret_ok = table_file_open(&file, bench->table, bench->key);
	if (*ret_ok) {
		ck_assert_str_eq(file.header.tracker, "bmo");
		ck_assert_int_eq(file.header.dated_ms, NOW);
		*ret_ok = table_file_state(&file, id, &state);
		table_file_close(&file);
	}
	return state;
}

START_TEST(the_file_alone_answers_for_one_bug)
{
	struct bench bench;
	bool ok;

	bench_make(&bench);
	save_some_bugs(&bench);
	for (size_t i = 0; i < N_KNOWN; i++)
		ck_assert(hook_says(&bench, known[i].first, &ok) == known[i].state && ok);
	for (size_t i = 0; i < N_KNOWN; i++)
		if (i + 1 == N_KNOWN || known[i + 1].first > known[i].last + 1)
			ck_assert(hook_says(&bench, (int64_t)known[i].last + 1, &ok) == TABLE_UNKNOWN && ok);
	ck_assert(hook_says(&bench, 0, &ok) == TABLE_UNKNOWN && ok);
	ck_assert(hook_says(&bench, -4096, &ok) == TABLE_UNKNOWN && ok);
	ck_assert(hook_says(&bench, INT64_C(4294967347), &ok) == TABLE_UNKNOWN && ok);
	bench_drop(&bench);
}
END_TEST

static size_t slurp(const char *path, unsigned char *ret, size_t max)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, ret, max);

	ck_assert_int_gt(n, 0);
	(void)close(fd);
	return (size_t)n;
}

static void put(const char *path, const unsigned char *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CREAT | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(__real_write(fd, bytes, n), (ssize_t)n);
	(void)close(fd);
}

static void assert_refused(struct bench *bench, const char *why, size_t at)
{
	struct bug_table *table;

	bench->err = ERR_NONE;
	table = table_store_load(&bench->store, HOUR, &bench->err);
	ck_assert_msg(!table && bench->err.code == ERR_INVALID && strstr(bench->err.text, "refused: "), "%s %zu: %s",
		      why, at, bench->err.text);
}

START_TEST(a_file_with_any_bit_changed_is_refused)
{
	static unsigned char bytes[32768];
	struct bench bench;
	size_t n;
	bool ok;

	bench_make(&bench);
	save_some_bugs(&bench);
	n = slurp(bench.table, bytes, sizeof bytes);
	for (size_t i = 0; i < n; i++) {
		bytes[i] ^= (unsigned char)(1U << i % 8);
		put(bench.table, bytes, n);
		assert_refused(&bench, "bit", i);
		ck_assert(hook_says(&bench, 51, &ok) == (ok ? TABLE_SECURE : TABLE_UNKNOWN));
		ck_assert(hook_says(&bench, 4194303, &ok) == (ok ? TABLE_SECURE : TABLE_UNKNOWN));
		bytes[i] ^= (unsigned char)(1U << i % 8);
	}
	bench_drop(&bench);
}
END_TEST

START_TEST(a_file_of_any_other_length_is_refused)
{
	static unsigned char bytes[32768];
	struct bench bench;
	size_t n;
	bool ok;

	bench_make(&bench);
	save_some_bugs(&bench);
	n = slurp(bench.table, bytes, sizeof bytes);
	for (size_t i = 0; i <= n + 3000; i += i < 600 ? 1 : 97) {
		put(bench.table, bytes, i == n ? n + 1 : i);
		assert_refused(&bench, "length", i);
		ck_assert(hook_says(&bench, 52, &ok) == TABLE_UNKNOWN && !ok);
	}
	bench_drop(&bench);
}
END_TEST

static void other_key(struct bench *bench)
{
	unsigned char key[TABLE_KEY_BYTES] = {1};

	put(bench->key, key, sizeof key);
}
static void short_key(struct bench *bench)
{
	put(bench->key, (const unsigned char *)"k", 1);
}
static void no_key(struct bench *bench)
{
	ck_assert_int_eq(unlink(bench->key), 0);
}
static void key_of_others(struct bench *bench)
{
	ck_assert_int_eq(chmod(bench->key, 0620), 0);
}
static void open_to_others(struct bench *bench)
{
	ck_assert_int_eq(chmod(bench->table, 0602), 0);
}
static void other_version(struct bench *bench)
{
	static unsigned char bytes[32768];
	size_t n = slurp(bench->table, bytes, sizeof bytes);

	bytes[8]++;
	put(bench->table, bytes, n);
}
static void another_format(struct bench *bench)
{
	static const unsigned char bytes[TABLE_HEADER_BYTES] = "SQLite format 3";

	put(bench->table, bytes, sizeof bytes);
}
static void a_directory(struct bench *bench)
{
	ck_assert(unlink(bench->table) == 0 && mkdir(bench->table, 0700) == 0);
}
static void of_another_tracker(struct bench *bench)
{
	bench->store.tracker = TEXT_LIT("bmp");
	ck_assert_int_eq(__real_rename(bench->table, bench->fresh), 0);
	bench->table[strlen(bench->dir) + 8] = 'p';
	ck_assert_int_eq(__real_rename(bench->fresh, bench->table), 0);
}
static void page_of_an_older_one(struct bench *bench)
{
	static unsigned char old[32768], fresh[32768];
	size_t n = slurp(bench->table, old, sizeof old);

	save_some_bugs(bench);
	ck_assert_uint_eq(slurp(bench->table, fresh, sizeof fresh), n);
	memcpy(fresh + TABLE_HEADER_BYTES, old + TABLE_HEADER_BYTES, TABLE_PAGE_BYTES);
	put(bench->table, fresh, n);
}
static void pages_in_another_order(struct bench *bench)
{
	static unsigned char is[32768], swapped[32768];
	size_t n = slurp(bench->table, is, sizeof is), first = TABLE_HEADER_BYTES, second = first + TABLE_PAGE_BYTES;

	memcpy(swapped, is, n);
	memcpy(swapped + first, is + second, TABLE_PAGE_BYTES);
	memcpy(swapped + second, is + first, TABLE_PAGE_BYTES);
	put(bench->table, swapped, n);
}

static const struct {
	void (*spoil)(struct bench *bench);
	const char *why;
} spoilt[] = {
	{other_key, "seal of the header"},
	{short_key, "not a key"},
	{no_key, "no key that only its owner may change"},
	{key_of_others, "no key that only its owner may change"},
	{open_to_others, "others may change it"},
	{other_version, "another version"},
	{another_format, "not a table of bugs"},
	{a_directory, "others may change it, or it is no regular file"},
	{of_another_tracker, "it is of another tracker"},
	{page_of_an_older_one, "seal of a page"},
	{pages_in_another_order, "seal of a page"},
};

START_TEST(what_is_not_ours_is_refused_by_name)
{
	struct bench bench;

	bench_make(&bench);
	save_some_bugs(&bench);
	spoilt[_i].spoil(&bench);
	assert_refused(&bench, spoilt[_i].why, 0);
	ck_assert_msg(strstr(bench.err.text, spoilt[_i].why), "%s", bench.err.text);
	(void)rmdir(bench.table);
	bench_drop(&bench);
}
END_TEST

START_TEST(a_refused_file_is_replaced_by_the_next_save)
{
	struct bench bench;
	struct bug_table *table;

	bench_make(&bench);
	save_some_bugs(&bench);
	other_key(&bench);
	save_some_bugs(&bench);
	table = table_store_load(&bench.store, HOUR, &bench.err);
	ck_assert_msg(table, "%s", bench.err.text);
	assert_some_bugs(table);
	bug_table_free(table);
	bench_drop(&bench);
}
END_TEST

static bool contains(const unsigned char *bytes, size_t n, const void *part, size_t len)
{
	for (size_t i = 0; i + len <= n; i++)
		if (memcmp(bytes + i, part, len) == 0)
			return true;
	return false;
}

START_TEST(without_the_key_the_file_tells_no_number_and_no_change)
{
	static unsigned char first[32768], second[32768];
	static const uint64_t insecure = UINT64_C(0x5555555555555555);
	const uint32_t listed = 99999999;
	struct bench bench;
	size_t n, same = 0;

	bench_make(&bench);
	save_some_bugs(&bench);
	n = slurp(bench.table, first, sizeof first);
	save_some_bugs(&bench);
	ck_assert_uint_eq(slurp(bench.table, second, sizeof second), n);
	ck_assert(!contains(first, n, &insecure, sizeof insecure));
	ck_assert(!contains(first, n, &listed, sizeof listed));
	for (size_t i = TABLE_HEADER_BYTES; i < n; i++)
		same += first[i] == second[i];
	ck_assert_uint_lt(same, (n - TABLE_HEADER_BYTES) / 100);
	bench_drop(&bench);
}
END_TEST

/* Secure bug 51 is read as approved, and the machine stops in each step of saving that. */
static void save_news(struct bench *bench)
{
	struct bug_table *table = table_store_load(&bench->store, HOUR, &bench->err);

	if (table && bug_table_tell(table, 51, TABLE_APPROVED, NOW + HOUR) == TABLE_TOLD_CHANGED)
		(void)table_store_save(&bench->store, table, &bench->err);
	bug_table_free(table);
}

static void old_or_new(struct bench *bench, int step, bool must_be_new)
{
	struct bug_table *table = table_store_load(&bench->store, HOUR, &bench->err);
	enum table_state state;

	ck_assert_msg(table, "step %d: %s", step, bench->err.text);
	state = bug_table_state(table, 51);
	ck_assert_msg(state == TABLE_APPROVED || (!must_be_new && state == TABLE_SECURE), "step %d", step);
	ck_assert_int_eq(bug_table_state(table, 4194303), TABLE_SECURE);
	ck_assert_int_eq(bug_table_state(table, 1), TABLE_INSECURE);
	bug_table_free(table);
}

START_TEST(a_process_that_ends_in_any_step_leaves_the_old_table_or_the_new)
{
	struct bench bench;
	int status = 42 << 8, step;

	bench_make(&bench);
	for (step = 0; WIFEXITED(status) && WEXITSTATUS(status) == 42; step++) {
		pid_t child;

		(void)unlink(bench.table);
		save_some_bugs(&bench);
		child = fork();
		ck_assert_int_ge(child, 0);
		if (child == 0) {
			steps_left = step;
			dies = true;
			save_news(&bench);
			_exit(0);
		}
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		old_or_new(&bench, step, WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	ck_assert_int_ge(step, 6); /* several writes, a sync, the name, the sync of the name; and all of them */
	bench_drop(&bench);
}
END_TEST

START_TEST(a_disk_that_fails_in_any_step_is_told_and_leaves_the_old_table_or_the_new)
{
	struct bench bench;
	bool failed = true;
	int step;

	bench_make(&bench);
	for (step = 0; failed; step++) {
		struct bug_table *table;

		(void)unlink(bench.table);
		save_some_bugs(&bench);
		table = table_store_load(&bench.store, HOUR, &bench.err);
		(void)bug_table_tell(table, 51, TABLE_APPROVED, NOW + HOUR);
		steps_left = step;
		bench.err = ERR_NONE;
		failed = !table_store_save(&bench.store, table, &bench.err);
		steps_left = -1;
		ck_assert_int_eq(bench.err.code, failed ? ERR_LIMIT : ERR_OK);
		old_or_new(&bench, step, !failed);
		ck_assert_int_ne(access(bench.fresh, F_OK), 0);
		ck_assert(table_store_save(&bench.store, table, &bench.err));
		old_or_new(&bench, step, true);
		bug_table_free(table);
	}
	ck_assert_int_ge(step, 6);
	bench_drop(&bench);
}
END_TEST

START_TEST(two_writers_in_turn_lose_nothing_of_each_other)
{
	struct bench bench;
	struct bug_table *a, *b, *both;
	uint64_t changed = 9;

	bench_make(&bench);
	save_some_bugs(&bench);
	a = table_store_load(&bench.store, HOUR, &bench.err);
	b = table_store_load(&bench.store, HOUR, &bench.err);
	ck_assert(table_store_refresh(&bench.store, a, &changed, &bench.err) && changed == 0);
	(void)bug_table_tell(a, 51, TABLE_INSECURE, NOW + 1);
	(void)bug_table_tell(a, 7000, TABLE_SECURE, NOW);
	(void)bug_table_tell(b, 51, TABLE_APPROVED, NOW + 2);
	(void)bug_table_tell(b, 7001, TABLE_SECURE, NOW);
	ck_assert(table_store_save(&bench.store, a, &bench.err) && table_store_save(&bench.store, b, &bench.err));
	both = table_store_load(&bench.store, HOUR, &bench.err);
	ck_assert_int_eq(bug_table_state(both, 51), TABLE_APPROVED);
	ck_assert_int_eq(bug_table_state(both, 7000), TABLE_SECURE);
	ck_assert_int_eq(bug_table_state(both, 7001), TABLE_SECURE);
	ck_assert(table_store_refresh(&bench.store, a, &changed, &bench.err));
	ck_assert_uint_eq(changed, 2);
	ck_assert_int_eq(bug_table_state(a, 51), TABLE_APPROVED);
	ck_assert(table_store_refresh(&bench.store, a, &changed, &bench.err) && changed == 0);
	bug_table_free(a);
	bug_table_free(b);
	bug_table_free(both);
	bench_drop(&bench);
}
END_TEST

START_TEST(a_name_that_is_too_long_and_a_directory_that_is_not_there_are_told)
{
	struct table_store long_name = {TEXT_LIT("/tmp"), TEXT_LIT("a-name-of-a-tracker-of-more-than-forty-bytes")},
			   nowhere = {TEXT_LIT("/nonexistent/headgate"), TEXT_LIT("bmo")};
	struct bug_table *table = some_bugs();
	struct err err = ERR_NONE;

	ck_assert(!table_store_save(&long_name, table, &err));
	ck_assert_int_eq(err.code, ERR_INVALID);
	ck_assert(!table_store_save(&nowhere, table, &err));
	ck_assert_ptr_null(table_store_load(&nowhere, HOUR, &err));
	ck_assert_int_eq(err.code, ERR_GONE);
	bug_table_free(table);
}
END_TEST

START_TEST(a_table_is_readable_by_a_group_only_where_its_key_is)
{
	static const struct {
		mode_t key, table;
	} modes[] = {{0600, 0600}, {0640, 0640}, {0644, 0640}, {0604, 0600}, {0400, 0600}};
	struct bench bench;
	struct stat st;

	bench_make(&bench);
	save_some_bugs(&bench);
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		ck_assert_int_eq(chmod(bench.key, modes[i].key), 0);
		save_some_bugs(&bench);
		ck_assert(stat(bench.table, &st) == 0 && (st.st_mode & 0777) == modes[i].table);
	}
	bench_drop(&bench);
}
END_TEST

/* OpenSSL has the same hash. */
START_TEST(the_hash_is_siphash_2_4)
{
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "SIPHASH", NULL);
	unsigned char key[TABLE_HASH_KEY], bytes[300], want[8];

	ck_assert_ptr_nonnull(mac);
	for (size_t i = 0; i < sizeof key; i++)
		key[i] = (unsigned char)(7 * i + 3);
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)(31 * i + 5);
	for (size_t n = 0; n <= sizeof bytes; n++) {
		size_t size = sizeof want, got = 0;
		OSSL_PARAM params[] = {OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size), OSSL_PARAM_END};
		EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(mac);

		ck_assert_int_eq(EVP_MAC_init(ctx, key, sizeof key, params), 1);
		ck_assert_int_eq(EVP_MAC_update(ctx, bytes, n), 1);
		ck_assert_int_eq(EVP_MAC_final(ctx, want, &got, sizeof want), 1);
		EVP_MAC_CTX_free(ctx);
		ck_assert_uint_eq(got, sizeof want);
		ck_assert_msg(table_hash(key, bytes, n) == table_get64(want), "%zu bytes", n);
	}
	EVP_MAC_free(mac);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(what_was_saved_is_known_after_a_restart_with_ages_and_versions),
	SUITE_TEST(the_file_alone_answers_for_one_bug),
	SUITE_SLOW(a_file_with_any_bit_changed_is_refused, 300),
	SUITE_TEST(a_file_of_any_other_length_is_refused),
	SUITE_ROWS(what_is_not_ours_is_refused_by_name, spoilt),
	SUITE_TEST(a_refused_file_is_replaced_by_the_next_save),
	SUITE_TEST(without_the_key_the_file_tells_no_number_and_no_change),
	SUITE_TEST(a_process_that_ends_in_any_step_leaves_the_old_table_or_the_new),
	SUITE_TEST(a_disk_that_fails_in_any_step_is_told_and_leaves_the_old_table_or_the_new),
	SUITE_TEST(two_writers_in_turn_lose_nothing_of_each_other),
	SUITE_TEST(a_name_that_is_too_long_and_a_directory_that_is_not_there_are_told),
	SUITE_TEST(a_table_is_readable_by_a_group_only_where_its_key_is),
	SUITE_TEST(the_hash_is_siphash_2_4),
	SUITE_END,
};

SUITE_MAIN(tests)
