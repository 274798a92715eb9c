/*
 * rows: the small engine below the store. Typed rows in named tables, by primary key and by index, in transactions.
 * Backends (rows_sqlite.c, rows_memory.c) know tables only as descriptors; what the rows mean is the store's
 * (store.h), written once over this. One suite, tests/unit/test_rows.c and test_store.c, runs over every backend.
 *
 * A row is a C struct described by columns. Texts and blobs that come out are owned by the arena handed in; what goes
 * in is copied. One thread at a time per struct rows. Errors: ERR_GONE (get: no such row), ERR_CONFLICT (add: primary
 * key or unique index taken), ERR_LIMIT (disk full), ERR_BROKEN (I/O error, corruption: the process must stop).
 */
#ifndef AGENT_STORE_ROWS_H
#define AGENT_STORE_ROWS_H

#include "policy/arena.h"
#include "policy/err.h"
#include "policy/oid.h"

enum column_type {
	COLUMN_INT,  /* int64_t */
	COLUMN_TEXT, /* struct text, UTF-8 not required */
	COLUMN_BLOB, /* struct text */
	COLUMN_OID   /* struct oid; unknown is stored as '' */
};

struct column {
	const char *name;
	enum column_type type;
	size_t offset;
	bool large; /* as large as outsiders make it: left out of a lean scan */
};

#define INDEX_COLUMNS_MAX 5
struct index {
	const char *name; /* "" is the primary key */
	bool unique;
	unsigned char columns[INDEX_COLUMNS_MAX]; /* positions in table->columns */
	unsigned char n_columns;
};

struct table {
	const char *name;
	size_t row_size;
	const struct column *columns;
	size_t n_columns;
	bool auto_key;               /* the first column is assigned by add when 0, always growing */
	const struct index *indexes; /* indexes[0] is the primary key */
	size_t n_indexes;
};

/* Rows of an index in its order, whose first n_equal index columns equal those of *equal. The next index column, if
 * it is an integer, may be bounded (both ends inclusive). Rows changed by the visitor do not disturb the walk: at
 * most `limit` rows are read first (0: 1000), then visited. Lean: large columns come out empty, so that many rows may
 * be looked at; nobody may put such a row back. */
struct scan {
	const struct table *table;
	size_t index;      /* position in table->indexes */
	const void *equal; /* a row; NULL when n_equal is 0 */
	size_t n_equal;
	bool has_from, has_upto;
	int64_t from, upto;
	bool descending, lean;
	size_t limit;
};

/* False from the visitor ends the walk early (which is no error). */
typedef bool rows_visit(void *context, const void *row);

struct visitor {
	rows_visit *visit;
	void *context;
	struct arena *arena; /* of the rows' texts */
};

struct rows_ops {
	const char *name;
	bool (*begin)(void *self, bool write, struct err *err);
	bool (*commit)(void *self, struct err *err);
	void (*rollback)(void *self);
	/* Inside a write transaction: a mark that can be returned to; not nested. */
	bool (*mark)(void *self, struct err *err);
	bool (*keep)(void *self, struct err *err); /* forget the mark */
	bool (*undo)(void *self, struct err *err); /* back to the mark */
	/* *row holds the primary key on entry and the whole row on success. */
	bool (*get)(void *self, const struct table *table, void *row, struct arena *arena, struct err *err);
	bool (*put)(void *self, const struct table *table, const void *row, struct err *err); /* insert or replace */
	bool (*add)(void *self, const struct table *table, void *row, struct err *err);       /* insert */
	bool (*del)(void *self, const struct table *table, const void *key, struct err *err); /* absent is fine */
	bool (*scan)(void *self, const struct scan *scan, struct visitor visitor, struct err *err);
	bool (*count)(void *self, const struct scan *scan, int64_t *ret, struct err *err); /* limit is ignored */
	void (*close)(void *self);
};

struct rows {
	const struct rows_ops *ops; /* every verb is set: refused at open otherwise */
	void *self;
};

/* Every table, in creation order; the last is NULL. Defined in tables.c. */
extern const struct table *const store_tables[];

/* Numbered migrations, embedded, checksummed, each in one transaction; an older binary refuses a newer file
 * (ERR_INVALID). WAL, synchronous=FULL, 8 KiB pages, wal_autocheckpoint 125, file 0600. `read_only` opens a second
 * connection for readers. */
bool rows_sqlite_open(const char *path, bool read_only, struct rows *ret, struct err *err);
bool rows_memory_open(struct rows *ret, struct err *err);
void rows_close(struct rows *rows); /* takes closed and zeroed */

/* For who makes a backend or wraps one: ERR_INVALID unless every verb is set. */
bool rows_complete(const struct rows_ops *ops, struct err *err);
/* Asserts that a scan fits its table: it comes from code, never from outside. */
void rows_check_scan(const struct scan *scan);

#endif
