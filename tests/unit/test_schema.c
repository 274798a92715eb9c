/* The database file: its schema against the descriptors, its migrations, its settings and who may read it. */
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/store/migrations.h"
#include "agent/store/row_sql.h"
#include "agent/store/tables.h"
#include "tests/support/scratch_db.h"
#include "tests/support/suite.h"

struct file {
	struct scratch_db scratch;
	struct rows rows;
	struct err err;
	sqlite3 *db; /* a plain connection beside it, to look */
};

static void file_open(struct file *file)
{
	*file = (struct file){.err = ERR_NONE};
	scratch_db_make(&file->scratch);
	ck_assert_msg(rows_sqlite_open(file->scratch.file, false, &file->rows, &file->err), "%s", file->err.text);
	ck_assert_int_eq(sqlite3_open(file->scratch.file, &file->db), SQLITE_OK);
}

static void file_close(struct file *file)
{
	(void)sqlite3_close(file->db);
	rows_close(&file->rows);
	scratch_db_remove(&file->scratch);
}

/* Every row of a query as "a|b|c" lines. */
static struct text ask(struct file *file, struct arena *arena, const char *sql)
{
	struct text ret = TEXT_EMPTY;
	sqlite3_stmt *stmt = NULL;

	ck_assert_msg(sqlite3_prepare_v2(file->db, sql, -1, &stmt, NULL) == SQLITE_OK, "%s: %s", sql,
		      sqlite3_errmsg(file->db));
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(stmt); i++)
			ret = arena_printf(arena, "%.*s%s%s", TEXT_ARG(ret), i ? "|" : "",
					   (const char *)sqlite3_column_text(stmt, i));
		ret = arena_printf(arena, "%.*s\n", TEXT_ARG(ret));
	}
	(void)sqlite3_finalize(stmt);
	return ret;
}

static size_t key_place(const struct table *table, size_t column)
{
	for (size_t i = 0; i < table->indexes[0].n_columns; i++)
		if (table->indexes[0].columns[i] == column)
			return i + 1;
	return 0;
}

static struct text expected_columns(const struct table *table, struct arena *arena)
{
	static const char *const types[] = {
		[COLUMN_INT] = "INTEGER", [COLUMN_TEXT] = "TEXT", [COLUMN_BLOB] = "BLOB", [COLUMN_OID] = "TEXT"};
	struct text ret = TEXT_EMPTY;

	for (size_t i = 0; i < table->n_columns; i++)
		ret = arena_printf(arena, "%.*s%s|%s|1|%zu\n", TEXT_ARG(ret), table->columns[i].name,
				   types[table->columns[i].type], key_place(table, i));
	return ret;
}

static struct text expected_index(const struct table *table, const struct index *index, struct arena *arena)
{
	struct text ret = arena_printf(arena, "%s_by_%s|%d|", table->name, index->name, index->unique);

	for (size_t i = 0; i < index->n_columns; i++)
		ret = arena_printf(arena, "%.*s%s%s", TEXT_ARG(ret), i ? "," : "",
				   table->columns[index->columns[i]].name);
	return arena_printf(arena, "%.*s\n", TEXT_ARG(ret));
}

static void compare_table(struct file *file, const struct table *table)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text sql, found;

	sql = arena_printf(&arena, "SELECT name, type, \"notnull\", pk FROM pragma_table_info('%s') ORDER BY cid",
			   table->name);
	found = ask(file, &arena, sql.at);
	ck_assert_str_eq(found.at, expected_columns(table, &arena).at);
	sql = arena_printf(&arena,
			   "SELECT count(*) FROM sqlite_schema WHERE name='%s' AND sql LIKE '%%STRICT%%'"
			   " AND (sql LIKE '%%AUTOINCREMENT%%') = %d",
			   table->name, table->auto_key);
	ck_assert_str_eq(ask(file, &arena, sql.at).at, "1\n");
	sql = arena_printf(&arena, "SELECT count(*) FROM pragma_index_list('%s') WHERE origin = 'c'", table->name);
	found = arena_printf(&arena, "%zu\n", table->n_indexes - 1);
	ck_assert_str_eq(ask(file, &arena, sql.at).at, found.at);
	for (size_t i = 1; i < table->n_indexes; i++) {
		sql = arena_printf(&arena,
				   "SELECT l.name, l.\"unique\", (SELECT group_concat(name) FROM (SELECT name FROM "
				   "pragma_index_info(l.name) ORDER BY seqno)) FROM pragma_index_list('%s') l"
				   " WHERE l.name='%s_by_%s'",
				   table->name, table->name, table->indexes[i].name);
		ck_assert_str_eq(ask(file, &arena, sql.at).at, expected_index(table, &table->indexes[i], &arena).at);
	}
}

START_TEST(tables_match_the_schema)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct file file;
	size_t n = 0;

	file_open(&file);
	for (; store_tables[n]; n++)
		compare_table(&file, store_tables[n]);
	ck_assert_str_eq(ask(&file, &arena,
			     "SELECT count(*) FROM sqlite_schema WHERE type='table' AND name NOT IN"
			     " ('migration', 'sqlite_sequence')")
				 .at,
			 arena_printf(&arena, "%zu\n", n).at);
	file_close(&file);
}
END_TEST

static void check_plans(struct file *file, const struct table *table, size_t index)
{
	for (size_t n = 0; n <= table->indexes[index].n_columns; n++)
		for (int descending = 0; descending < 2; descending++) {
			auto_arena struct arena arena = ARENA_EMPTY;
			struct scan scan = {
				.table = table, .index = index, .n_equal = n, .descending = descending == 1};
			struct row_sql sql;
			struct text plan;

			row_sql_scan(&sql, &scan);
			plan = ask(file, &arena, arena_printf(&arena, "EXPLAIN QUERY PLAN %s", sql.at).at);
			ck_assert_msg(!strstr(plan.at, "TEMP B-TREE"), "%s\n%s", sql.at, plan.at);
			ck_assert_msg(n == 0 || strstr(plan.at, "SEARCH"), "%s\n%s", sql.at, plan.at);
		}
}

START_TEST(every_walk_follows_its_index_and_never_sorts)
{
	struct file file;

	file_open(&file);
	for (size_t i = 0; store_tables[i]; i++)
		for (size_t k = 0; k < store_tables[i]->n_indexes; k++)
			check_plans(&file, store_tables[i], k);
	file_close(&file);
}
END_TEST

START_TEST(descriptors_cover_every_field_of_their_struct)
{
	static const size_t sizes[] = {[COLUMN_INT] = sizeof(int64_t),
				       [COLUMN_TEXT] = sizeof(struct text),
				       [COLUMN_BLOB] = sizeof(struct text),
				       [COLUMN_OID] = sizeof(struct oid)};

	for (size_t t = 0; store_tables[t]; t++) {
		const struct table *table = store_tables[t];
		size_t end = 0;

		for (size_t i = 0; i < table->n_columns; i++) {
			/* A gap of eight bytes or more would be a field that is not described. */
			ck_assert_msg(table->columns[i].offset >= end && table->columns[i].offset < end + 8, "%s.%s",
				      table->name, table->columns[i].name);
			end = table->columns[i].offset + sizes[table->columns[i].type];
		}
		ck_assert_msg(table->row_size >= end && table->row_size < end + 8, "%s", table->name);
	}
}
END_TEST

START_TEST(the_file_has_the_settings_that_durability_needs)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct file file;

	file_open(&file);
	ck_assert_str_eq(ask(&file, &arena, "PRAGMA journal_mode").at, "wal\n");
	ck_assert_str_eq(ask(&file, &arena, "PRAGMA page_size").at, "8192\n");
	ck_assert_str_eq(ask(&file, &arena, "PRAGMA integrity_check").at, "ok\n");
	file_close(&file);
}
END_TEST

/* ---- migrations ---- */

static const char *const one[] = {"CREATE TABLE a(x INTEGER) STRICT;", NULL};
static const char *const one_edited[] = {"CREATE TABLE a(x INTEGER, y INTEGER) STRICT;", NULL};
static const char *const two[] = {"CREATE TABLE b(x INTEGER) STRICT;", NULL};
static const char *const two_broken[] = {"CREATE TABLE b(x INTEGER) STRICT;", "CREATE TABLE b(x INTEGER) STRICT;",
					 NULL};

#define STEPS_MAX 2
static const struct {
	const char *what;
	struct migration before[STEPS_MAX], after[STEPS_MAX];
	size_t n_before, n_after;
	bool read_only, ok;
	const char *says;
} upgrades[] = {
	{"the same again", {{1, one}}, {{1, one}}, 1, 1, false, true, ""},
	{"one step more", {{1, one}}, {{1, one}, {2, two}}, 1, 2, false, true, ""},
	{"a newer file", {{1, one}, {2, two}}, {{1, one}}, 2, 1, false, false, "has number 2, this program knows 1"},
	{"a newer file, reading",
	 {{1, one}, {2, two}},
	 {{1, one}},
	 2,
	 1,
	 true,
	 false,
	 "number 2, this program knows 1"},
	{"an edited step", {{1, one}}, {{1, one_edited}}, 1, 1, false, false, "migration 1 differs"},
	{"an edited step below a new one", {{1, one}}, {{1, one_edited}, {2, two}}, 1, 2, false, false, "1 differs"},
	{"an older file, reading",
	 {{1, one}},
	 {{1, one}, {2, two}},
	 1,
	 2,
	 true,
	 false,
	 "number 1, this program needs 2"},
};

static bool open_with(const struct scratch_db *scratch, bool read_only, const struct migrations *list, struct err *err)
{
	struct rows rows;

	*err = ERR_NONE;
	if (!rows_sqlite_open_at(&(struct sqlite_file_at){scratch->file, read_only, NULL}, list, &rows, err))
		return false;
	rows_close(&rows);
	return true;
}

START_TEST(a_file_is_upgraded_or_refused_by_its_history)
{
	struct migrations before = {upgrades[_i].before, upgrades[_i].n_before};
	struct migrations after = {upgrades[_i].after, upgrades[_i].n_after};
	struct scratch_db scratch;
	struct err err;

	scratch_db_make(&scratch);
	ck_assert_msg(open_with(&scratch, false, &before, &err), "%s", err.text);
	ck_assert_msg(open_with(&scratch, upgrades[_i].read_only, &after, &err) == upgrades[_i].ok, "%s: %s",
		      upgrades[_i].what, err.text);
	ck_assert_int_eq(err.code, upgrades[_i].ok ? ERR_OK : ERR_INVALID);
	ck_assert_msg(strstr(err.text, upgrades[_i].says) != NULL, "%s: %s", upgrades[_i].what, err.text);
	if (!upgrades[_i].ok) /* what was refused was not touched */
		ck_assert_msg(open_with(&scratch, false, &before, &err), "%s", err.text);
	scratch_db_remove(&scratch);
}
END_TEST

START_TEST(half_a_migration_is_none)
{
	static const struct migration good[] = {{1, one}, {2, two}}, bad[] = {{1, one}, {2, two_broken}};
	struct scratch_db scratch;
	struct err err;

	scratch_db_make(&scratch);
	ck_assert(!open_with(&scratch, false, &(struct migrations){bad, 2}, &err));
	ck_assert_msg(open_with(&scratch, false, &(struct migrations){good, 1}, &err), "%s", err.text);
	/* Table b of the failed step is not in its way. */
	ck_assert_msg(open_with(&scratch, false, &(struct migrations){good, 2}, &err), "%s", err.text);
	scratch_db_remove(&scratch);
}
END_TEST

/* ---- two connections ---- */

START_TEST(a_reader_sees_what_is_committed_while_a_writer_writes)
{
	struct file file;
	struct rows reader;
	struct row_repo row = {.id = 1, .name = TEXT_LIT("n")};
	struct scan scan = {.table = &table_repo};
	const struct rows_ops *ops;
	int64_t n = -1;

	file_open(&file);
	ck_assert_msg(rows_sqlite_open(file.scratch.file, true, &reader, &file.err), "%s", file.err.text);
	ops = file.rows.ops;
	for (int64_t committed = 0; committed < 3; committed++) {
		row.id = committed;
		ck_assert(ops->begin(file.rows.self, true, &file.err));
		ck_assert(ops->add(file.rows.self, &table_repo, &row, &file.err));
		ck_assert(ops->begin(reader.self, false, &file.err));
		ck_assert(ops->count(reader.self, &scan, &n, &file.err));
		ck_assert_int_eq(n, committed);
		ck_assert(ops->commit(file.rows.self, &file.err));
		ck_assert(ops->count(reader.self, &scan, &n, &file.err));
		ck_assert_int_eq(n, committed); /* a snapshot stays */
		ck_assert(ops->commit(reader.self, &file.err));
	}
	rows_close(&reader);
	file_close(&file);
}
END_TEST

/* ---- who may read it ---- */

START_TEST(a_new_database_and_its_companions_are_private)
{
	static const char *const ends[] = {"", "-wal", "-shm"};
	char name[128];
	struct stat st;
	struct file file;

	(void)umask(0);
	file_open(&file);
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		(void)snprintf(name, sizeof name, "%s%s", file.scratch.file, ends[i]);
		ck_assert_int_eq(stat(name, &st), 0);
		ck_assert_uint_eq(st.st_mode & 0777, 0600);
	}
	file_close(&file);
}
END_TEST

static const struct {
	const char *what;
	mode_t file, directory;
	const char *companion; /* made readable for all */
	bool ok;
} modes[] = {
	{"private", 0600, 0700, NULL, true},
	{"group may read", 0640, 0700, NULL, false},
	{"all may read", 0604, 0700, NULL, false},
	{"group may write", 0620, 0700, NULL, false},
	{"open directory", 0600, 0777, NULL, false},
	{"group's directory", 0600, 0770, NULL, false},
	{"sticky directory", 0600, 01777, NULL, true},
	{"open log", 0600, 0700, "-wal", false},
	{"open journal", 0600, 0700, "-journal", false},
};

START_TEST(a_file_that_others_can_reach_is_refused)
{
	struct scratch_db scratch;
	struct rows rows;
	struct err err = ERR_NONE;
	char name[128];

	(void)umask(0);
	scratch_db_make(&scratch);
	ck_assert(rows_sqlite_open(scratch.file, false, &rows, &err));
	rows_close(&rows);
	ck_assert_int_eq(chmod(scratch.file, modes[_i].file), 0);
	ck_assert_int_eq(chmod(scratch.directory, modes[_i].directory), 0);
	if (modes[_i].companion) {
		(void)snprintf(name, sizeof name, "%s%s", scratch.file, modes[_i].companion);
		(void)close(open(name, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	}
	ck_assert_msg(rows_sqlite_open(scratch.file, false, &rows, &err) == modes[_i].ok, "%s", modes[_i].what);
	if (modes[_i].ok)
		rows_close(&rows);
	else
		ck_assert_int_eq(err.code, ERR_INVALID);
	scratch_db_remove(&scratch);
}
END_TEST

START_TEST(a_link_and_a_missing_file_are_refused)
{
	struct scratch_db scratch, other;
	struct rows rows;
	struct err err = ERR_NONE;

	scratch_db_make(&scratch);
	scratch_db_make(&other);
	ck_assert(!rows_sqlite_open(scratch.file, true, &rows, &err));
	ck_assert_int_eq(err.code, ERR_GONE);
	ck_assert(rows_sqlite_open(other.file, false, &rows, &err));
	rows_close(&rows);
	ck_assert_int_eq(symlink(other.file, scratch.file), 0);
	ck_assert(!rows_sqlite_open(scratch.file, false, &rows, &err));
	ck_assert_int_eq(err.code, ERR_INVALID);
	scratch_db_remove(&other);
	scratch_db_remove(&scratch);
}
END_TEST

/* ---- a disk that fails ---- */

static bool write_body(struct file *file, int64_t seq)
{
	static char body[20000];
	const struct rows_ops *ops = file->rows.ops;
	struct row_journal row = {.seq = seq, .body_lz4 = {body, sizeof body}};
	char guid[32];
	bool ok;

	(void)snprintf(guid, sizeof guid, "%lld", (long long)seq);
	row.guid = text_of(guid);
	if (!ops->begin(file->rows.self, true, &file->err))
		return false;
	ok = ops->put(file->rows.self, &table_journal, &row, &file->err) && ops->commit(file->rows.self, &file->err);
	if (!ok)
		ops->rollback(file->rows.self);
	return ok;
}

START_TEST(a_write_error_breaks_the_connection_for_good)
{
	struct rlimit limit, small;
	struct file file;
	int64_t n = 1;

	file_open(&file);
	ck_assert(write_body(&file, n));
	(void)signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = (struct rlimit){400000, limit.rlim_max};
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	while (n < 1000 && write_body(&file, n + 1))
		n++;
	ck_assert_int_lt(n, 1000);
	ck_assert_int_eq(file.err.code, ERR_BROKEN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert(!write_body(&file, 2000)); /* the disk is well again; nobody knows what it holds */
	ck_assert_int_eq(file.err.code, ERR_BROKEN);
	rows_close(&file.rows);
	ck_assert(rows_sqlite_open(file.scratch.file, false, &file.rows, &file.err));
	ck_assert(write_body(&file, 2000));
	file_close(&file);
}
END_TEST

static const struct suite_test tests[] = {SUITE_TEST(tables_match_the_schema),
					  SUITE_TEST(every_walk_follows_its_index_and_never_sorts),
					  SUITE_TEST(descriptors_cover_every_field_of_their_struct),
					  SUITE_TEST(the_file_has_the_settings_that_durability_needs),
					  SUITE_ROWS(a_file_is_upgraded_or_refused_by_its_history, upgrades),
					  SUITE_TEST(half_a_migration_is_none),
					  SUITE_TEST(a_reader_sees_what_is_committed_while_a_writer_writes),
					  SUITE_TEST(a_new_database_and_its_companions_are_private),
					  SUITE_ROWS(a_file_that_others_can_reach_is_refused, modes),
					  SUITE_TEST(a_link_and_a_missing_file_are_refused),
					  SUITE_TEST(a_write_error_breaks_the_connection_for_good),
					  SUITE_END};

SUITE_MAIN(tests)
