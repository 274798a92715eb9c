#include "agent/store/row_sql.h"

#include <assert.h>
#include <stdarg.h>

static void add(struct row_sql *sql, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct row_sql *sql, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(sql->at + sql->len, sizeof sql->at - sql->len, format, args);
	va_end(args);
	assert(n >= 0 && (size_t)n < sizeof sql->at - sql->len); /* descriptors are ours: they fit or are wrong */
	sql->len += (size_t)n;
}

static const char *column_name(const struct table *table, const struct index *index, size_t i)
{
	return table->columns[index->columns[i]].name;
}

static bool in_index(const struct index *index, size_t column)
{
	for (size_t i = 0; i < index->n_columns; i++)
		if (index->columns[i] == column)
			return true;
	return false;
}

static void add_columns(struct row_sql *sql, const struct table *table)
{
	for (size_t i = 0; i < table->n_columns; i++)
		add(sql, "%s\"%s\"", i ? "," : "", table->columns[i].name);
}

/* Every column keeps its place. */
static void add_scanned(struct row_sql *sql, const struct scan *scan)
{
	const struct column *columns = scan->table->columns;

	for (size_t i = 0; i < scan->table->n_columns; i++)
		if (scan->lean && columns[i].large)
			add(sql, "%s''", i ? "," : "");
		else
			add(sql, "%s\"%s\"", i ? "," : "", columns[i].name);
}

static void add_key(struct row_sql *sql, const struct table *table)
{
	for (size_t i = 0; i < table->indexes[0].n_columns; i++)
		add(sql, "%s\"%s\"=?", i ? " AND " : " WHERE ", column_name(table, &table->indexes[0], i));
}

void row_sql_get(struct row_sql *sql, const struct table *table)
{
	sql->len = 0;
	add(sql, "SELECT ");
	add_columns(sql, table);
	add(sql, " FROM \"%s\"", table->name);
	add_key(sql, table);
}

void row_sql_del(struct row_sql *sql, const struct table *table)
{
	sql->len = 0;
	add(sql, "DELETE FROM \"%s\"", table->name);
	add_key(sql, table);
}

void row_sql_add(struct row_sql *sql, const struct table *table)
{
	sql->len = 0;
	add(sql, "INSERT INTO \"%s\"(", table->name);
	add_columns(sql, table);
	add(sql, ") VALUES(");
	for (size_t i = 0; i < table->n_columns; i++)
		add(sql, "%s?", i ? "," : "");
	add(sql, ")");
}

/* Only the primary key may be replaced: a taken unique index stays a conflict. */
void row_sql_put(struct row_sql *sql, const struct table *table)
{
	const struct index *key = &table->indexes[0];
	const char *comma = "";

	row_sql_add(sql, table);
	add(sql, " ON CONFLICT(");
	for (size_t i = 0; i < key->n_columns; i++)
		add(sql, "%s\"%s\"", i ? "," : "", column_name(table, key, i));
	add(sql, ") DO UPDATE SET ");
	for (size_t i = 0; i < table->n_columns; i++) {
		if (in_index(key, i))
			continue;
		add(sql, "%s\"%s\"=excluded.\"%s\"", comma, table->columns[i].name, table->columns[i].name);
		comma = ",";
	}
}

/* The index is named, so that a plan never depends on statistics. */
static void add_source(struct row_sql *sql, const struct scan *scan)
{
	const struct index *index = &scan->table->indexes[scan->index];
	const char *word = " WHERE ";

	add(sql, " FROM \"%s\"", scan->table->name);
	if (scan->index > 0)
		add(sql, " INDEXED BY \"%s_by_%s\"", scan->table->name, index->name);
	for (size_t i = 0; i < scan->n_equal; i++) {
		add(sql, "%s\"%s\"=?", word, column_name(scan->table, index, i));
		word = " AND ";
	}
	if (scan->has_from) {
		add(sql, "%s\"%s\">=?", word, column_name(scan->table, index, scan->n_equal));
		word = " AND ";
	}
	if (scan->has_upto)
		add(sql, "%s\"%s\"<=?", word, column_name(scan->table, index, scan->n_equal));
}

/* The rest of the index, then the primary key: a total order. */
static void add_order(struct row_sql *sql, const struct scan *scan)
{
	const struct table *table = scan->table;
	const struct index *index = &table->indexes[scan->index], *key = &table->indexes[0];
	const char *word = " ORDER BY ", *way = scan->descending ? " DESC" : "";

	for (size_t i = scan->n_equal; i < index->n_columns; i++) {
		add(sql, "%s\"%s\"%s", word, column_name(table, index, i), way);
		word = ",";
	}
	for (size_t i = 0; i < key->n_columns; i++) {
		if (in_index(index, key->columns[i]))
			continue;
		add(sql, "%s\"%s\"%s", word, column_name(table, key, i), way);
		word = ",";
	}
}

void row_sql_scan(struct row_sql *sql, const struct scan *scan)
{
	sql->len = 0;
	add(sql, "SELECT ");
	add_scanned(sql, scan);
	add_source(sql, scan);
	add_order(sql, scan);
	add(sql, " LIMIT ?");
}

void row_sql_count(struct row_sql *sql, const struct scan *scan)
{
	sql->len = 0;
	add(sql, "SELECT count(*)");
	add_source(sql, scan);
}
