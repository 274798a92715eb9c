/*
 * row_sql: the statements of a table, written from its descriptor. Names come from descriptors alone and values are
 * always parameters, so that nothing from outside ever stands in a statement.
 */
#ifndef AGENT_STORE_ROW_SQL_H
#define AGENT_STORE_ROW_SQL_H

#include "agent/store/rows.h"

struct row_sql {
	char at[4096];
	size_t len;
};

/* Parameters: the columns of the primary key, in its order. */
void row_sql_get(struct row_sql *sql, const struct table *table);
void row_sql_del(struct row_sql *sql, const struct table *table);
/* Parameters: every column in order. */
void row_sql_put(struct row_sql *sql, const struct table *table);
void row_sql_add(struct row_sql *sql, const struct table *table);
/* Parameters: the n_equal columns, from, upto, and for a walk the limit. */
void row_sql_scan(struct row_sql *sql, const struct scan *scan);
void row_sql_count(struct row_sql *sql, const struct scan *scan);

#endif
