/*
 * dump: a table as text, to be carried to another host, and lists of bugs that people or trackers write.
 *
 * One JSON value a line, or one JSON array of such:
 *     {"format":"headgate-bugs-1","tracker":"bmo","dated":"2026-11-23T01:02:03Z"}   first, where there is one
 *     {"id":12,"secure":true,"approved":false,"seen":"2026-11-23T01:00:00.250Z"}
 *     {"id":13,"to":90,"secure":false,"seen":"2026-11-23T01:00:00Z"}                all from 13 to 90, at most 4194303
 *     12345                                                                         secure; not approved
 *     {"lines":3}                                                                   the last, after a first
 *     {"signature":"..."}                                                           Ed25519 over all bytes before it
 * What is not said is the milder thing never: without `seen` it is the date of the dump, without `approved` no
 * approval.
 *
 * Promises: total over bytes; whatever is not understood is a named error with its line, never a number of a bug, and
 * nothing of that dump counts. Owned by the arena handed in. Pure; any thread.
 */
#ifndef AGENT_TRACKER_DUMP_H
#define AGENT_TRACKER_DUMP_H

#include "agent/tracker/table.h"
#include "policy/arena.h"
#include "policy/err.h"

#define DUMP_BYTES_MAX   ((size_t)64 * 1024 * 1024)
#define DUMP_ENTRIES_MAX 2000000
#define DUMP_FUTURE_MS   INT64_C(300000) /* how far another host's clock may be ahead */

struct dump {
	struct text tracker; /* of its first line; empty: it has none */
	int64_t dated_ms;    /* WHEN_UNKNOWN: not said */
	bool has_signature;
	unsigned char signature[64];
	struct text signed_bytes;   /* what it is over; borrowed from the input */
	struct bug_table_run *runs; /* by number, none twice; version WHEN_UNKNOWN: not said */
	size_t n;
};

/* now_ms bounds every time in it. False: ERR_INVALID or ERR_LIMIT, with the line. */
bool dump_read(struct text bytes, int64_t now_ms, struct arena *arena, struct dump *ret, struct err *err);

/* One value as a line has it, alone, of a bug that something else named: *ret has its number, and TABLE_SECURE or
 * TABLE_INSECURE. `id` and `secure` may be missing, and are the same where they are not. Nothing is null. Fills state
 * and version (WHEN_UNKNOWN: not said). False: ERR_INVALID, and *ret is as it was. */
bool dump_read_one(struct text bytes, int64_t now_ms, struct bug_table_run *ret, struct err *err);

struct dump_told {
	uint64_t changed, seen, older, refused;
};
/* Tells the table all of it. Readings that name no time are of `dated_ms`. Sorts the runs. */
struct dump_told dump_apply(struct dump *dump, int64_t dated_ms, struct bug_table *table);

/* A list of all secure bugs up to a number: the others, up to it, are told as not secure at that time. */
uint64_t dump_apply_absent(struct dump *dump, int64_t dated_ms, int64_t up_to, struct bug_table *table);

/* The whole table, without a signature. */
struct text dump_write(const struct bug_table *table, struct text tracker, int64_t dated_ms, struct arena *arena);
/* The line that follows what was signed. */
struct text dump_signature_line(const unsigned char signature[64], struct arena *arena);

#endif
