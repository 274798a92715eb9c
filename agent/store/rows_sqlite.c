/*
 * Rows in SQLite: it and sqlite_log.c meet it, nobody else. Statements are written from descriptors (row_sql.h) and
 * kept per table and verb. Two dangers are handled here. SQLite may end a transaction by itself when an operation fails
 * (disk full, I/O): what follows would then be committed one by one, so that the transaction counts as lost until
 * rollback. And an I/O error of any kind, a checkpoint's too, makes the connection broken for good: after a failed sync
 * nobody knows what the disk holds, and trying again would seem to succeed.
 */
#include "agent/store/migrations.h"
#include "agent/store/private_file.h"
#include "agent/store/row_sql.h"
#include "agent/store/sqlite_log.h"

#include <assert.h>
#include <sqlite3.h>

#include "policy/memory.h"

#define CHECKPOINT_PAGES 125
#define WRITER_BUSY_MS   5000
#define READER_BUSY_MS   250

enum verb { VERB_GET = 1, VERB_PUT, VERB_ADD, VERB_DEL, VERB_SCAN, VERB_COUNT };

struct statement {
	const struct table *table;
	unsigned key; /* statement_key() */
	sqlite3_stmt *stmt;
};

enum step { STEP_BEGIN_READ, STEP_BEGIN_WRITE, STEP_COMMIT, STEP_ROLLBACK, STEP_MARK, STEP_KEEP, STEP_UNDO, STEPS };
static const char *const steps[STEPS] = {
	[STEP_BEGIN_READ] = "BEGIN",      [STEP_BEGIN_WRITE] = "BEGIN IMMEDIATE", [STEP_COMMIT] = "COMMIT",
	[STEP_ROLLBACK] = "ROLLBACK",     [STEP_MARK] = "SAVEPOINT mark",         [STEP_KEEP] = "RELEASE mark",
	[STEP_UNDO] = "ROLLBACK TO mark",
};

struct database {
	sqlite3 *db;
	sqlite3_stmt *steps[STEPS];
	struct statement *statements;
	size_t n_statements;
	bool open, writing, marked;
	bool lost;      /* SQLite ended the transaction; `why` says what for */
	bool broken;    /* for good */
	struct err why; /* of lost or broken */
};

/* ---- result codes ---- */

static const struct {
	int result;
	enum err_code code;
} codes[] = {
	{SQLITE_CONSTRAINT_UNIQUE, ERR_CONFLICT},
	{SQLITE_CONSTRAINT_PRIMARYKEY, ERR_CONFLICT},
	{SQLITE_CONSTRAINT_ROWID, ERR_CONFLICT},
	{SQLITE_FULL, ERR_LIMIT},
	{SQLITE_TOOBIG, ERR_LIMIT},
	{SQLITE_BUSY, ERR_RETRY},
	{SQLITE_LOCKED, ERR_RETRY},
};

/* What is not known is broken: a doubt about durable state is never passed over. */
static enum err_code code_of(int result)
{
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
		if (codes[i].result == result || codes[i].result == (result & 0xff))
			return codes[i].code;
	return ERR_BROKEN;
}

static bool fail(struct database *database, int result, const char *what, struct err *err)
{
	struct err why = ERR_NONE;

	if ((result & 0xff) == SQLITE_NOMEM)
		out_of_memory();
	(void)err_set(&why, code_of(result), "sqlite: %s: %s (%d)", what, sqlite3_errmsg(database->db), result);
	if (why.code == ERR_BROKEN && !database->broken) {
		database->broken = true;
		database->why = why;
	}
	if (database->open && sqlite3_get_autocommit(database->db) && !database->lost && !database->broken) {
		database->lost = true;
		database->why = why;
	}
	*err = why;
	return false;
}

static bool usable(const struct database *database, struct err *err)
{
	if (!database->lost && !database->broken)
		return true;
	*err = database->why;
	return false;
}

/* ---- transactions ---- */

static bool take_step(struct database *database, enum step step, struct err *err)
{
	sqlite3_stmt **stmt = &database->steps[step];
	int result = SQLITE_OK;

	if (!*stmt)
		result = sqlite3_prepare_v3(database->db, steps[step], -1, SQLITE_PREPARE_PERSISTENT, stmt, NULL);
	if (result == SQLITE_OK)
		result = sqlite3_step(*stmt);
	if (*stmt)
		(void)sqlite3_reset(*stmt);
	return result == SQLITE_DONE || fail(database, result, steps[step], err);
}

static bool sqlite_begin(void *self, bool write, struct err *err)
{
	struct database *database = self;

	assert(!database->open);
	if (!usable(database, err) || !take_step(database, write ? STEP_BEGIN_WRITE : STEP_BEGIN_READ, err))
		return false;
	database->open = true;
	database->writing = write;
	return true;
}

static bool sqlite_commit(void *self, struct err *err)
{
	struct database *database = self;

	assert(database->open && !database->marked);
	if (!usable(database, err) || !take_step(database, STEP_COMMIT, err))
		return false;
	database->open = database->writing = false;
	return true;
}

static void sqlite_rollback(void *self)
{
	struct database *database = self;
	struct err ignored = ERR_NONE;

	if (database->open && !sqlite3_get_autocommit(database->db) && !take_step(database, STEP_ROLLBACK, &ignored) &&
	    !database->broken) {
		database->broken = true; /* still inside: nothing on this connection can be trusted */
		database->why = ignored;
	}
	database->open = database->writing = database->marked = database->lost = false;
}

static bool sqlite_mark(void *self, struct err *err)
{
	struct database *database = self;

	assert(database->writing && !database->marked);
	if (!usable(database, err) || !take_step(database, STEP_MARK, err))
		return false;
	database->marked = true;
	return true;
}

static bool sqlite_keep(void *self, struct err *err)
{
	struct database *database = self;

	assert(database->marked);
	database->marked = false;
	return usable(database, err) && take_step(database, STEP_KEEP, err);
}

static bool sqlite_undo(void *self, struct err *err)
{
	struct database *database = self;

	assert(database->marked);
	database->marked = false;
	return usable(database, err) && take_step(database, STEP_UNDO, err) && take_step(database, STEP_KEEP, err);
}

/* Runs after each commit. The commit stands; an I/O error of the checkpoint must still stop the process. */
static int checkpoint(void *self, sqlite3 *db, const char *name, int pages)
{
	int result;

	(void)self;
	if (pages < CHECKPOINT_PAGES)
		return SQLITE_OK;
	result = sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	return code_of(result) == ERR_BROKEN && result != SQLITE_OK ? result : SQLITE_OK;
}

/* ---- statements ---- */

static unsigned statement_key(enum verb verb, const struct scan *scan)
{
	if (!scan)
		return verb;
	return verb | (unsigned)scan->index << 4 | (unsigned)scan->n_equal << 8 | (unsigned)scan->has_from << 12 |
	       (unsigned)scan->has_upto << 13 | (unsigned)scan->descending << 14 | (unsigned)scan->lean << 15;
}

static void write_sql(struct row_sql *sql, enum verb verb, const struct table *table, const struct scan *scan)
{
	static void (*const of_table[])(struct row_sql *, const struct table *) = {
		[VERB_GET] = row_sql_get, [VERB_PUT] = row_sql_put, [VERB_ADD] = row_sql_add, [VERB_DEL] = row_sql_del};

	if (verb == VERB_SCAN)
		row_sql_scan(sql, scan);
	else if (verb == VERB_COUNT)
		row_sql_count(sql, scan);
	else
		of_table[verb](sql, table);
}

/* What to run: a verb on a table, for a walk with its scan. */
struct query {
	enum verb verb;
	const struct table *table;
	const struct scan *scan;
};

static sqlite3_stmt *statement(struct database *database, struct query query, struct err *err)
{
	unsigned key = statement_key(query.verb, query.scan);
	struct statement *grown;
	sqlite3_stmt *stmt = NULL;
	struct row_sql sql;
	int result;

	assert(database->open);
	if (!usable(database, err))
		return NULL;
	for (size_t i = 0; i < database->n_statements; i++)
		if (database->statements[i].table == query.table && database->statements[i].key == key)
			return database->statements[i].stmt;
	write_sql(&sql, query.verb, query.table, query.scan);
	result = sqlite3_prepare_v3(database->db, sql.at, (int)sql.len + 1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL);
	if (result != SQLITE_OK) {
		(void)fail(database, result, query.table->name, err);
		return NULL;
	}
	grown = memory_resize(database->statements, (database->n_statements + 1) * sizeof *grown);
	database->statements = grown;
	grown[database->n_statements++] = (struct statement){query.table, key, stmt};
	return stmt;
}

/* Resets the statement and forgets what was bound: it borrowed the caller's bytes. */
static void done_with(sqlite3_stmt *stmt)
{
	(void)sqlite3_reset(stmt);
	(void)sqlite3_clear_bindings(stmt);
}

static int bind_value(sqlite3_stmt *stmt, int at, const struct column *column, const char *row)
{
	struct text value;
	int64_t number;

	if (column->type == COLUMN_INT) {
		memcpy(&number, row + column->offset, sizeof number);
		return sqlite3_bind_int64(stmt, at, number);
	}
	if (column->type == COLUMN_OID)
		value = text_of(row + column->offset);
	else
		memcpy(&value, row + column->offset, sizeof value);
	if (value.len == 0)
		value.at = ""; /* a null pointer would be bound as NULL */
	if (column->type == COLUMN_BLOB)
		return sqlite3_bind_blob64(stmt, at, value.at, value.len, SQLITE_STATIC);
	return sqlite3_bind_text64(stmt, at, value.at, value.len, SQLITE_STATIC, SQLITE_UTF8);
}

static int bind_index(sqlite3_stmt *stmt, const struct table *table, size_t index, size_t n, const char *row)
{
	int result = SQLITE_OK;

	for (size_t i = 0; i < n && result == SQLITE_OK; i++)
		result = bind_value(stmt, (int)i + 1, &table->columns[table->indexes[index].columns[i]], row);
	return result;
}

static int bind_row(sqlite3_stmt *stmt, const struct table *table, const char *row, bool assign_key)
{
	int result = SQLITE_OK;

	for (size_t i = assign_key ? 1 : 0; i < table->n_columns && result == SQLITE_OK; i++)
		result = bind_value(stmt, (int)i + 1, &table->columns[i], row);
	return result;
}

static int bind_scan(sqlite3_stmt *stmt, const struct scan *scan, int *next)
{
	int result = bind_index(stmt, scan->table, scan->index, scan->n_equal, scan->equal);

	*next = (int)scan->n_equal + 1;
	if (result == SQLITE_OK && scan->has_from)
		result = sqlite3_bind_int64(stmt, (*next)++, scan->from);
	if (result == SQLITE_OK && scan->has_upto)
		result = sqlite3_bind_int64(stmt, (*next)++, scan->upto);
	return result;
}

static struct text read_text(sqlite3_stmt *stmt, int at, bool blob, struct arena *arena)
{
	const void *bytes = blob ? sqlite3_column_blob(stmt, at) : (const void *)sqlite3_column_text(stmt, at);
	int n = sqlite3_column_bytes(stmt, at);

	if (!bytes && n > 0)
		out_of_memory();
	return arena_text(arena, (struct text){bytes, (size_t)n});
}

/* False: a value that this program never wrote. */
static bool read_value(sqlite3_stmt *stmt, int at, const struct column *column, char *row, struct arena *arena)
{
	int64_t number;
	struct text value;

	if (column->type == COLUMN_INT) {
		number = sqlite3_column_int64(stmt, at);
		memcpy(row + column->offset, &number, sizeof number);
		return true;
	}
	value = read_text(stmt, at, column->type == COLUMN_BLOB, arena);
	if (column->type != COLUMN_OID) {
		memcpy(row + column->offset, &value, sizeof value);
		return true;
	}
	if (value.len >= sizeof(struct oid))
		return false;
	memset(row + column->offset, 0, sizeof(struct oid));
	if (value.len > 0)
		memcpy(row + column->offset, value.at, value.len);
	return true;
}

static int read_row(sqlite3_stmt *stmt, const struct table *table, char *row, struct arena *arena)
{
	for (size_t i = 0; i < table->n_columns; i++)
		if (!read_value(stmt, (int)i, &table->columns[i], row, arena))
			return SQLITE_CORRUPT;
	return SQLITE_ROW;
}

/* ---- verbs ---- */

static bool sqlite_get(void *self, const struct table *table, void *row, struct arena *arena, struct err *err)
{
	sqlite3_stmt *stmt = statement(self, (struct query){VERB_GET, table, NULL}, err);
	char *found;
	int result;

	if (!stmt)
		return false;
	found = arena_alloc(arena, 1, table->row_size);
	result = bind_index(stmt, table, 0, table->indexes[0].n_columns, row);
	if (result == SQLITE_OK)
		result = sqlite3_step(stmt);
	if (result == SQLITE_ROW)
		result = read_row(stmt, table, found, arena);
	done_with(stmt);
	if (result == SQLITE_DONE)
		return err_set(err, ERR_GONE, "%s: no such row", table->name);
	if (result != SQLITE_ROW)
		return fail(self, result, table->name, err);
	memcpy(row, found, table->row_size);
	return true;
}

/* Runs a statement whose parameters were bound with `result`. */
static bool run(struct database *database, sqlite3_stmt *stmt, int result, struct query query, struct err *err)
{
	assert(database->writing);
	if (result == SQLITE_OK)
		result = sqlite3_step(stmt);
	done_with(stmt);
	return result == SQLITE_DONE || fail(database, result, query.table->name, err);
}

static bool sqlite_put(void *self, const struct table *table, const void *row, struct err *err)
{
	struct query query = {VERB_PUT, table, NULL};
	sqlite3_stmt *stmt = statement(self, query, err);

	return stmt && run(self, stmt, bind_row(stmt, table, row, false), query, err);
}

static bool sqlite_add(void *self, const struct table *table, void *row, struct err *err)
{
	struct database *database = self;
	struct query query = {VERB_ADD, table, NULL};
	sqlite3_stmt *stmt = statement(database, query, err);
	int64_t key = 0;
	bool assign;

	if (!stmt)
		return false;
	if (table->auto_key)
		memcpy(&key, (char *)row + table->columns[0].offset, sizeof key);
	assign = table->auto_key && key == 0;
	if (!run(database, stmt, bind_row(stmt, table, row, assign), query, err))
		return false;
	if (assign) {
		key = sqlite3_last_insert_rowid(database->db);
		memcpy((char *)row + table->columns[0].offset, &key, sizeof key);
	}
	return true;
}

static bool sqlite_del(void *self, const struct table *table, const void *key, struct err *err)
{
	struct query query = {VERB_DEL, table, NULL};
	sqlite3_stmt *stmt = statement(self, query, err);

	return stmt && run(self, stmt, bind_index(stmt, table, 0, table->indexes[0].n_columns, key), query, err);
}

struct found {
	char *rows;
	size_t n, space;
};

static char *next_row(struct found *found, size_t size, struct arena *arena)
{
	char *grown;

	if (found->n == found->space) {
		found->space = found->space ? found->space * 2 : 16;
		grown = arena_alloc(arena, found->space, size);
		if (found->n > 0)
			memcpy(grown, found->rows, found->n * size);
		found->rows = grown;
	}
	return found->rows + size * found->n++;
}

/* Collects the rows; SQLITE_CORRUPT at one that is not of the table's kinds. */
static int read_found(sqlite3_stmt *stmt, const struct table *table, struct found *found, struct arena *arena)
{
	int result;

	for (result = sqlite3_step(stmt); result == SQLITE_ROW; result = sqlite3_step(stmt))
		if (read_row(stmt, table, next_row(found, table->row_size, arena), arena) != SQLITE_ROW)
			return SQLITE_CORRUPT;
	return result;
}

static bool sqlite_scan(void *self, const struct scan *scan, struct visitor visitor, struct err *err)
{
	size_t limit = scan->limit ? scan->limit : 1000, size = scan->table->row_size;
	sqlite3_stmt *stmt;
	struct found found = {NULL, 0, 0};
	int result, next;

	rows_check_scan(scan);
	stmt = statement(self, (struct query){VERB_SCAN, scan->table, scan}, err);
	if (!stmt)
		return false;
	result = bind_scan(stmt, scan, &next);
	if (result == SQLITE_OK)
		result = sqlite3_bind_int64(stmt, next, limit > INT64_MAX ? INT64_MAX : (int64_t)limit);
	if (result == SQLITE_OK)
		result = read_found(stmt, scan->table, &found, visitor.arena);
	done_with(stmt);
	if (result != SQLITE_DONE)
		return fail(self, result, scan->table->name, err);
	for (size_t i = 0; i < found.n && visitor.visit(visitor.context, found.rows + i * size); i++)
		;
	return true;
}

static bool sqlite_count(void *self, const struct scan *scan, int64_t *ret, struct err *err)
{
	sqlite3_stmt *stmt;
	int result, next;
	int64_t n = 0;

	rows_check_scan(scan);
	stmt = statement(self, (struct query){VERB_COUNT, scan->table, scan}, err);
	if (!stmt)
		return false;
	result = bind_scan(stmt, scan, &next);
	if (result == SQLITE_OK)
		result = sqlite3_step(stmt);
	if (result == SQLITE_ROW)
		n = sqlite3_column_int64(stmt, 0);
	done_with(stmt);
	if (result != SQLITE_ROW)
		return fail(self, result, scan->table->name, err);
	*ret = n;
	return true;
}

static void sqlite_close(void *self)
{
	struct database *database = self;

	sqlite_rollback(database);
	for (size_t i = 0; i < STEPS; i++)
		(void)sqlite3_finalize(database->steps[i]);
	for (size_t i = 0; i < database->n_statements; i++)
		(void)sqlite3_finalize(database->statements[i].stmt);
	(void)sqlite3_close(database->db);
	free(database->statements);
	free(database);
}

static const struct rows_ops sqlite_ops = {
	.name = "sqlite",
	.begin = sqlite_begin,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.mark = sqlite_mark,
	.keep = sqlite_keep,
	.undo = sqlite_undo,
	.get = sqlite_get,
	.put = sqlite_put,
	.add = sqlite_add,
	.del = sqlite_del,
	.scan = sqlite_scan,
	.count = sqlite_count,
	.close = sqlite_close,
};

/* ---- opening ---- */

static const char settings_both[] = "PRAGMA foreign_keys=OFF; PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF;"
				    "PRAGMA cell_size_check=ON;";
static const char settings_reader[] = "PRAGMA query_only=ON;";
/* The page size holds only if it is said before the file has its first page. */
static const char settings_writer[] = "PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;";

static bool run_sql(void *self, const char *sql, struct err *err)
{
	struct database *database = self;
	int result = sqlite3_exec(database->db, sql, NULL, NULL, NULL);

	return result == SQLITE_OK || fail(database, result, "statement", err);
}

/* A pragma that is not obeyed says so only when asked. */
static bool setting_is(struct database *database, const char *pragma, const char *wanted, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	bool ok = sqlite3_prepare_v2(database->db, pragma, -1, &stmt, NULL) == SQLITE_OK &&
		  sqlite3_step(stmt) == SQLITE_ROW &&
		  text_is(text_of((const char *)sqlite3_column_text(stmt, 0)), wanted);

	(void)sqlite3_finalize(stmt);
	return ok || err_set(err, ERR_INVALID, "database: %s is not %s", pragma, wanted);
}

static bool configure(struct database *database, bool read_only, struct err *err)
{
	sqlite3 *db = database->db;

	(void)sqlite3_busy_timeout(db, read_only ? READER_BUSY_MS : WRITER_BUSY_MS);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
	if (!run_sql(database, settings_both, err) ||
	    !run_sql(database, read_only ? settings_reader : settings_writer, err))
		return false;
	if (read_only)
		return true;
	(void)sqlite3_wal_hook(db, checkpoint, database);
	return setting_is(database, "PRAGMA journal_mode", "wal", err) &&
	       setting_is(database, "PRAGMA synchronous", "2", err);
}

bool rows_sqlite_open_at(const struct sqlite_file_at *at, const struct migrations *list, struct rows *ret,
			 struct err *err)
{
	int flags = at->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE, result;
	struct migration_target target = {{&sqlite_ops, NULL}, run_sql, at->read_only};
	struct database *database;

	assert(sqlite3_threadsafe() != 0);
	if (!rows_complete(&sqlite_ops, err) || (!at->vfs && !private_file(at->path, !at->read_only, err)))
		return false;
	database = calloc(1, sizeof *database);
	if (!database)
		out_of_memory();
	target.rows.self = database;
	result = sqlite3_open_v2(at->path, &database->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, at->vfs);
	if ((result != SQLITE_OK && !fail(database, result, at->path, err)) ||
	    (!at->read_only && !sqlite_log_settle(database->db, err)) || !configure(database, at->read_only, err) ||
	    !migrations_run(list, &target, err)) {
		sqlite_close(database);
		return err_wrap(err, "%s", at->path);
	}
	*ret = target.rows;
	return true;
}

bool rows_sqlite_open(const char *path, bool read_only, struct rows *ret, struct err *err)
{
	return rows_sqlite_open_at(&(struct sqlite_file_at){path, read_only, NULL}, &store_migrations, ret, err);
}
