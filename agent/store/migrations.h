/*
 * migrations: the schema of rows_sqlite.c, as numbered steps from an empty file. A step that was released is never
 * edited: its SHA-256 stands in every file it was applied to, and a file whose sum differs is refused. A new step goes
 * to the end, with the next number, together with the same change in tables.h and tables.c (test_rows compares them).
 */
#ifndef AGENT_STORE_MIGRATIONS_H
#define AGENT_STORE_MIGRATIONS_H

#include "agent/store/rows.h"

struct migration {
	int number;             /* 1, 2, 3... without a gap */
	const char *const *sql; /* statements in order, the last NULL; the checksum is over all of them */
};

struct migrations {
	const struct migration *at;
	size_t n;
};

extern const struct migrations store_migrations;

/* A backend that can run SQL: what the migrations need of it. */
struct migration_target {
	struct rows rows;
	bool (*run_sql)(void *self, const char *sql, struct err *err); /* inside a write transaction */
	bool read_only;                                                /* checks alone */
};

/* Applies what is missing, each step in its own transaction with its checksum: all of a step or nothing. ERR_INVALID:
 * the file is newer than this program (names both numbers), a step was edited, or (read_only) the file is older. */
bool migrations_run(const struct migrations *list, const struct migration_target *target, struct err *err);

/* rows_sqlite_open with another list of migrations, or on another disk, for tests of both. */
struct sqlite_file_at {
	const char *path;
	bool read_only;
	const char *vfs; /* a file system that SQLite knows by this name: no owners, no modes, and it makes the file.
			    NULL: the real one */
};
bool rows_sqlite_open_at(const struct sqlite_file_at *at, const struct migrations *list, struct rows *ret,
			 struct err *err);

#endif
