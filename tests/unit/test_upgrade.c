/* Files that an earlier number of the schema made and that hold rows, opened by this program. */
#include <sqlite3.h>

#include "agent/store/migrations.h"
#include "agent/store/tables.h"
#include "tests/support/scratch_db.h"
#include "tests/support/suite.h"

#define ROWS   3  /* in each table */
#define TABLES 32 /* at most */

static void open_at(const struct scratch_db *scratch, const struct migrations *list, struct rows *ret)
{
	struct err err = ERR_NONE;

	ck_assert_msg(rows_sqlite_open_at(&(struct sqlite_file_at){scratch->file, false, NULL}, list, ret, &err), "%s",
		      err.text);
}

/* A file with the first `number` migrations; a plain connection to it. */
static sqlite3 *make_older(struct scratch_db *scratch, size_t number)
{
	struct migrations list = {store_migrations.at, number};
	struct rows rows;
	sqlite3 *ret = NULL;

	scratch_db_make(scratch);
	open_at(scratch, &list, &rows);
	rows_close(&rows);
	ck_assert_int_eq(sqlite3_open(scratch->file, &ret), SQLITE_OK);
	return ret;
}

/* The first column of every row of the answer, with a newline between them. */
static struct text ask(sqlite3 *db, struct arena *arena, struct text sql)
{
	struct text ret = TEXT_EMPTY;
	sqlite3_stmt *stmt = NULL;

	ck_assert_msg(sqlite3_prepare_v2(db, sql.at, -1, &stmt, NULL) == SQLITE_OK, "%s: %s", sql.at,
		      sqlite3_errmsg(db));
	while (sqlite3_step(stmt) == SQLITE_ROW)
		ret = arena_printf(arena, "%.*s%s%s", TEXT_ARG(ret), ret.len ? "\n" : "",
				   (const char *)sqlite3_column_text(stmt, 0));
	ck_assert_msg(sqlite3_finalize(stmt) == SQLITE_OK, "%s: %s", sql.at, sqlite3_errmsg(db));
	return ret;
}

/* `each` (SQL over name and type) for every column that the table has in this file, with `between` between them. */
static struct text columns(sqlite3 *db, struct arena *arena, const struct table *table, const char *each,
			   const char *between)
{
	return ask(db, arena,
		   arena_printf(arena, "SELECT group_concat(%s, '%s') FROM pragma_table_info('%s')", each, between,
				table->name));
}

/* 'a', 'b': the columns that hold commits. */
static struct text oid_names(const struct table *table, struct arena *arena)
{
	struct text ret = TEXT_LIT("''");

	for (size_t i = 0; i < table->n_columns; i++)
		if (table->columns[i].type == COLUMN_OID)
			ret = arena_printf(arena, "%.*s, '%s'", TEXT_ARG(ret), table->columns[i].name);
	return ret;
}

/* Three rows, each column another value in each. */
static void fill(sqlite3 *db, struct arena *arena, const struct table *table)
{
	struct text names = columns(db, arena, table, "'\"' || name || '\"'", ",");
	struct text value = arena_printf(arena,
					 "CASE WHEN name IN (%.*s) THEN 'printf(''%%040x'', n * 4097)'"
					 " WHEN type = 'INTEGER' THEN 'n' WHEN type = 'BLOB' THEN 'CAST(n AS BLOB)'"
					 " ELSE '''' || name || ' '' || n' END",
					 TEXT_ARG(oid_names(table, arena)));
	struct text values = columns(db, arena, table, value.at, ",");

	(void)ask(db, arena,
		  arena_printf(arena,
			       "INSERT INTO %s(%.*s) WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i"
			       " WHERE n < %d) SELECT %.*s FROM i",
			       table->name, TEXT_ARG(names), ROWS, TEXT_ARG(values)));
}

static bool stands(sqlite3 *db, struct arena *arena, const struct table *table)
{
	return ask(db, arena, arena_printf(arena, "SELECT name FROM sqlite_schema WHERE name = '%s'", table->name))
		       .len > 0;
}

/* How a query prints the rows of one table, with the columns that it had in the older file. */
struct printing {
	struct text then, now; /* SQL for the older file, and for the same one upgraded */
};

static struct printing print_sql(sqlite3 *db, struct arena *arena, const struct table *table)
{
	static const char then[] = "'quote(\"' || name || '\")'";
	static const char now[] = "'quote(\"' || CASE name WHEN 'grant' THEN 'rank' ELSE name END || '\")'";
	struct text a = columns(db, arena, table, then, " || '' '' || ");
	struct text b = columns(db, arena, table, now, " || '' '' || ");

	return (struct printing){arena_printf(arena, "SELECT %.*s FROM %s ORDER BY 1", TEXT_ARG(a), table->name),
				 arena_printf(arena, "SELECT %.*s FROM %s ORDER BY 1", TEXT_ARG(b), table->name)};
}

static bool seen(void *context, const void *row)
{
	(void)row;
	++*(int *)context;
	return true;
}

/* Every row, read as the store reads it: a value of another kind than its column's would be an error. */
static int read_all(const struct rows *rows, struct arena *arena, const struct table *table)
{
	struct scan scan = {.table = table};
	struct err err = ERR_NONE;
	int ret = 0;

	ck_assert(rows->ops->begin(rows->self, false, &err));
	ck_assert_msg(rows->ops->scan(rows->self, &scan, (struct visitor){seen, &ret, arena}, &err), "%s: %s",
		      table->name, err.text);
	ck_assert(rows->ops->commit(rows->self, &err));
	return ret;
}

/* Which migration the older program knew as its last one. */
static const size_t last[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21};

/* What a migration makes of other rows: each of the three verdicts is of a commit of its own. */
static int made_of_others(const struct table *table)
{
	return table == &table_announced ? ROWS : 0;
}

START_TEST(an_older_file_with_rows_is_upgraded_and_loses_none)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct printing prints[TABLES] = {0};
	struct text before[TABLES] = {TEXT_EMPTY};
	struct scratch_db scratch;
	struct rows rows;
	sqlite3 *db = make_older(&scratch, last[_i]);

	for (size_t t = 0; store_tables[t]; t++)
		if (stands(db, &arena, store_tables[t])) {
			ck_assert_uint_lt(t, TABLES);
			fill(db, &arena, store_tables[t]);
			prints[t] = print_sql(db, &arena, store_tables[t]);
			before[t] = ask(db, &arena, prints[t].then);
		}
	open_at(&scratch, &store_migrations, &rows);
	for (size_t t = 0; store_tables[t]; t++) {
		ck_assert_int_eq(read_all(&rows, &arena, store_tables[t]),
				 before[t].len ? ROWS : made_of_others(store_tables[t]));
		if (before[t].len)
			ck_assert_str_eq(ask(db, &arena, prints[t].now).at, before[t].at);
	}
	ck_assert_uint_eq(store_migrations.n, sizeof last / sizeof last[0]);
	(void)sqlite3_close(db);
	rows_close(&rows);
	scratch_db_remove(&scratch);
}
END_TEST

/* Before migration 9 an ended group said no more than that; a success that stood was the sign of a landing. */
START_TEST(an_ended_group_of_an_older_file_landed_where_a_success_stands)
{
	static const char rows_of_old[] =
		"INSERT INTO merge_group(repo, sha, ended) VALUES (1, 'a', 1), (1, 'b', 1), (1, 'c', 0);"
		"INSERT INTO slot(repo, sha, context, state) VALUES (1, 'a', 'x', 4), (1, 'b', 'x', 2), (1, 'c', 'x', "
		"4);";
	auto_arena struct arena arena = ARENA_EMPTY;
	struct scratch_db scratch;
	struct rows rows;
	sqlite3 *db = make_older(&scratch, 8);

	ck_assert_int_eq(sqlite3_exec(db, rows_of_old, NULL, NULL, NULL), SQLITE_OK);
	open_at(&scratch, &store_migrations, &rows);
	ck_assert_str_eq(ask(db, &arena, TEXT_LIT("SELECT sha || ended FROM merge_group ORDER BY sha")).at,
			 "a2\nb1\nc0");
	(void)sqlite3_close(db);
	rows_close(&rows);
	scratch_db_remove(&scratch);
}
END_TEST

/* Before migration 20 nobody knew since when: what is due or refused, and may stand, is as old as its slot. */
START_TEST(what_an_older_file_has_to_take_back_is_as_old_as_its_slot)
{
	static const char rows_of_old[] =
		"INSERT INTO slot(repo, sha, context, state, made_at, due, refused, watched) VALUES"
		" (1, 'a', 'x', 2, 50, 1, 0, 1), (1, 'b', 'x', 2, 0, 0, 1, 1), (1, 'c', 'x', 4, 50, 1, 0, 1),"
		" (1, 'd', 'x', 2, 50, 0, 0, 1), (1, 'e', 'x', 2, 50, 1, 0, 0);";
	auto_arena struct arena arena = ARENA_EMPTY;
	struct scratch_db scratch;
	struct rows rows;
	sqlite3 *db = make_older(&scratch, 19);

	ck_assert_int_eq(sqlite3_exec(db, rows_of_old, NULL, NULL, NULL), SQLITE_OK);
	open_at(&scratch, &store_migrations, &rows);
	ck_assert_str_eq(ask(db, &arena, TEXT_LIT("SELECT sha || owed_since FROM slot ORDER BY sha")).at,
			 "a50\nb1\nc0\nd0\ne0");
	(void)sqlite3_close(db);
	rows_close(&rows);
	scratch_db_remove(&scratch);
}
END_TEST

/* Before migration 19 the public was told by verdicts alone: one after another that say the same are one row. */
START_TEST(what_an_older_file_told_the_public_is_announced_by_it)
{
	static const char rows_of_old[] =
		"INSERT INTO verdict(repo, sha, context, made_at, decision, state, text, public_text, rules) VALUES"
		" (1, 'a', 'x', 10, 'waiting', 'pending', 'secret 1', 'p', '[1]'),"
		" (1, 'a', 'x', 20, 'waiting', 'pending', 'secret 2', 'p', '[2]'),"
		" (1, 'a', 'y', 20, 'allowed', 'success', 'p', 'p', '[]'),"
		" (1, 'b', 'x', 25, 'waiting', 'pending', 'p', 'p', '[]'),"
		" (2, 'a', 'x', 27, 'waiting', 'pending', 'p', 'p', '[]'),"
		" (1, 'a', 'x', 30, 'allowed', 'success', 'p', 'p', '[3]'),"
		" (1, 'a', 'x', 40, 'waiting', 'pending', 'secret 1', 'p', '[1]'),"
		" (1, 'a', 'x', 50, 'waiting', 'pending', 'secret 1', 'q', '[1]'),"
		" (1, 'a', 'x', 60, 'waiting', 'pending', 'secret 3', 'q', '[1]'),"
		" (1, 'a', 'x', 70, 'waiting', 'error', 'secret 3', 'q', '[1]');";
	auto_arena struct arena arena = ARENA_EMPTY;
	struct scratch_db scratch;
	struct rows rows;
	sqlite3 *db = make_older(&scratch, 18);

	ck_assert_int_eq(sqlite3_exec(db, rows_of_old, NULL, NULL, NULL), SQLITE_OK);
	open_at(&scratch, &store_migrations, &rows);
	ck_assert_str_eq(ask(db, &arena,
			     TEXT_LIT("SELECT id || ' ' || repo || sha || context || ' ' || made_at || ' ' || last"
				      " || ' ' || last_at || ' ' || decision || ' ' || state || ' ' || public_text"
				      " || rules FROM announced ORDER BY id"))
				 .at,
			 "1 1ax 10 2 20 waiting pending p\n"
			 "3 1ay 20 3 20 allowed success p\n"
			 "4 1bx 25 4 25 waiting pending p\n"
			 "5 2ax 27 5 27 waiting pending p\n"
			 "6 1ax 30 6 30 allowed success p\n"
			 "7 1ax 40 7 40 waiting pending p\n"
			 "8 1ax 50 9 60 waiting pending q\n"
			 "10 1ax 70 10 70 waiting error q");
	(void)sqlite3_close(db);
	rows_close(&rows);
	scratch_db_remove(&scratch);
}
END_TEST

static const struct suite_test tests[] = {SUITE_ROWS(an_older_file_with_rows_is_upgraded_and_loses_none, last),
					  SUITE_TEST(an_ended_group_of_an_older_file_landed_where_a_success_stands),
					  SUITE_TEST(what_an_older_file_has_to_take_back_is_as_old_as_its_slot),
					  SUITE_TEST(what_an_older_file_told_the_public_is_announced_by_it), SUITE_END};

SUITE_MAIN(tests)
