/*
 * bench_table DIR: the table of bugs with 2,000,000 bugs, 50,000 of them secure, beside SQLite. In one interleaved run:
 * lookups in the resident table, lookups through a prepared statement over a table of secure bugs, and how many times
 * the one is in the other, round by round. Then the size in memory and on the disk, and how long a start takes: the
 * file is read, checked and unmasked. What the commit hook does without a server, opening the file for one bug, is
 * beside it.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "agent/tracker/table_store.h"

#define ROUNDS       21
#define BUGS         2000000
#define FAST_LOOKUPS 2000000
#define SLOW_LOOKUPS 40000
#define NOW          INT64_C(1790000000000)

static int64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static uint32_t next_id(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed % BUGS + 1;
}

static int rank(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void report(const char *what, double *at)
{
	qsort(at, ROUNDS, sizeof *at, rank);
	printf("%s median=%.2f least=%.2f most=%.2f n=%d\n", what, at[ROUNDS / 2], at[0], at[ROUNDS - 1], ROUNDS);
}

static struct bug_table *fill(void)
{
	struct bug_table *table = bug_table_new(INT64_C(7200000));

	for (int64_t id = 1; id <= BUGS; id++)
		(void)bug_table_tell(table, id, id % 40 == 0 ? TABLE_SECURE : TABLE_INSECURE, NOW + id);
	bug_table_date(table, NOW);
	return table;
}

static void must(int code, sqlite3 *db)
{
	if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW)
		return;
	(void)fprintf(stderr, "sqlite: %s\n", sqlite3_errmsg(db));
	exit(2);
}

static sqlite3_stmt *fill_sqlite(const char *dir, sqlite3 **ret)
{
	char path[4096];
	sqlite3_stmt *statement = NULL;

	(void)snprintf(path, sizeof path, "%s/bench.db", dir);
	(void)remove(path);
	must(sqlite3_open(path, ret), *ret);
	must(sqlite3_exec(*ret, "PRAGMA journal_mode=WAL; CREATE TABLE bug(id INTEGER PRIMARY KEY, state INT); BEGIN",
			  NULL, NULL, NULL),
	     *ret);
	must(sqlite3_prepare_v2(*ret, "INSERT INTO bug VALUES(?, 2)", -1, &statement, NULL), *ret);
	for (int id = 40; id <= BUGS; id += 40) {
		must(sqlite3_bind_int(statement, 1, id), *ret);
		must(sqlite3_step(statement), *ret);
		must(sqlite3_reset(statement), *ret);
	}
	must(sqlite3_finalize(statement), *ret);
	must(sqlite3_exec(*ret, "COMMIT", NULL, NULL, NULL), *ret);
	must(sqlite3_prepare_v2(*ret, "SELECT state FROM bug WHERE id = ?", -1, &statement, NULL), *ret);
	return statement;
}

static double time_table(const struct bug_table *table, uint32_t *seed, uint64_t *secure)
{
	int64_t from = now_ns();

	for (int i = 0; i < FAST_LOOKUPS; i++)
		*secure += bug_table_state(table, next_id(seed)) == TABLE_SECURE;
	return (double)(now_ns() - from) / FAST_LOOKUPS;
}

static double time_fresh(const struct bug_table *table, uint32_t *seed, uint64_t *fresh)
{
	int64_t from = now_ns(), as_of;

	for (int i = 0; i < FAST_LOOKUPS; i++)
		*fresh += bug_table_fresh(table, next_id(seed), NOW + BUGS, &as_of);
	return (double)(now_ns() - from) / FAST_LOOKUPS;
}

static double time_sqlite(sqlite3 *db, sqlite3_stmt *statement, uint32_t *seed, uint64_t *secure)
{
	int64_t from = now_ns();

	for (int i = 0; i < SLOW_LOOKUPS; i++) {
		must(sqlite3_bind_int(statement, 1, (int)next_id(seed)), db);
		*secure += sqlite3_step(statement) == SQLITE_ROW;
		must(sqlite3_reset(statement), db);
	}
	return (double)(now_ns() - from) / SLOW_LOOKUPS;
}

static double time_start(const struct table_store *store)
{
	int64_t from = now_ns();
	struct err err = ERR_NONE;
	struct bug_table *table = table_store_load(store, 7200000, &err);

	if (!table) {
		(void)fprintf(stderr, "%s\n", err.text);
		exit(2);
	}
	from = now_ns() - from;
	bug_table_free(table);
	return (double)from / 1e6;
}

static double time_file(const char *path, const char *key, uint32_t *seed, uint64_t *secure)
{
	int64_t from = now_ns();

	for (int i = 0; i < 200; i++) {
		enum table_state state = TABLE_UNKNOWN;
		struct table_file file;

		if (!table_file_open(&file, path, key) || !table_file_state(&file, next_id(seed), &state))
			exit(2);
		table_file_close(&file);
		*secure += state == TABLE_SECURE;
	}
	return (double)(now_ns() - from) / 200 / 1000;
}

int main(int argc, char **argv)
{
	static double ours[ROUNDS], fresh[ROUNDS], theirs[ROUNDS], ratio[ROUNDS], start[ROUNDS], file[ROUNDS];
	char path[4096], key[4096];
	struct table_store store = {text_of(argc > 1 ? argv[1] : "."), TEXT_LIT("bench")};
	struct bug_table *table = fill();
	struct err err = ERR_NONE;
	sqlite3 *db = NULL;
	sqlite3_stmt *statement = fill_sqlite(store.dir.at, &db);
	uint64_t a = 0, b = 0, c = 0, d = 0;
	uint32_t seed = 7;
	struct stat st = {0};

	if (!table_store_save(&store, table, &err)) {
		(void)fprintf(stderr, "%s\n", err.text);
		return 2;
	}
	(void)snprintf(path, sizeof path, "%s/bugs.bench.table", store.dir.at);
	(void)snprintf(key, sizeof key, "%s/bugs.key", store.dir.at);
	(void)stat(path, &st);
	for (int i = 0; i < ROUNDS; i++) {
		ours[i] = time_table(table, &seed, &a);
		theirs[i] = time_sqlite(db, statement, &seed, &b);
		fresh[i] = time_fresh(table, &seed, &c);
		ratio[i] = theirs[i] / ours[i];
		start[i] = time_start(&store);
		file[i] = time_file(path, key, &seed, &d);
	}
	report("table_ns", ours);
	report("with_age_ns", fresh);
	report("sqlite_ns", theirs);
	report("ratio", ratio);
	report("start_ms", start);
	report("file_us", file);
	printf("memory_bytes=%zu disk_bytes=%lld found=%.4f/%.4f\n", bug_table_count(table).bytes,
	       (long long)st.st_size, (double)a / FAST_LOOKUPS / ROUNDS, (double)b / SLOW_LOOKUPS / ROUNDS);
	must(sqlite3_finalize(statement), db);
	(void)sqlite3_close(db);
	bug_table_free(table);
	return a > 0 && b > 0 && c > 0 && d > 0 ? 0 : 1;
}
