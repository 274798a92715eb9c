/*
 * table_store: a tracker's table in the state directory: the file bugs.NAME.table, mode 0600, replaced whole, and
 * bugs.key, which it is masked and sealed with. A group that an administrator lets read the key can read the table,
 * too. Whoever reads it meets the old table or the new one, whatever moment the machine stops in. A file that is torn,
 * cut, changed, another tracker's, sealed with another key or of another version is refused by name; nothing is known
 * then, and nothing counts as not secure.
 *
 * The server and a command may write in turn: each takes bugs.lock, takes in what the other one wrote, and writes
 * both. Owns no memory; blocks on the disk, and for the other writer as long as is said there. Any thread.
 */
#ifndef AGENT_TRACKER_TABLE_STORE_H
#define AGENT_TRACKER_TABLE_STORE_H

#include "agent/tracker/table.h"
#include "policy/err.h"
#include "policy/text.h"

struct table_store {
	struct text dir, tracker; /* the state directory; the tracker's name in the configuration */
};

/* What the file holds, owned by the caller. NULL: ERR_GONE, there is none; ERR_INVALID, it is refused and why. */
struct bug_table *table_store_load(const struct table_store *store, int64_t max_age_ms, struct err *err);

#define TABLE_STORE_WAIT_MS INT64_C(1000)

/* Makes it durable. False: the old file is still there; ERR_LIMIT (no space) or ERR_RETRY passes, ERR_INVALID says what
 * is wrong with the directory or the key. A file that is refused is replaced. ERR_RETRY, too, where another writer is
 * not done within TABLE_STORE_WAIT_MS, or `wait_ms`: it may be stopped. */
bool table_store_save(const struct table_store *store, struct bug_table *table, struct err *err);
bool table_store_save_within(const struct table_store *store, struct bug_table *table, int64_t wait_ms,
			     struct err *err);

/* Takes in what somebody else wrote since; *ret_changed: how many bugs differ now. Cheap when nobody did. False as
 * table_store_load; the table is as it was. */
bool table_store_refresh(const struct table_store *store, struct bug_table *table, uint64_t *ret_changed,
			 struct err *err);

#endif
