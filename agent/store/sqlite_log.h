/*
 * sqlite_log: makes durable what a write-ahead log shows. A process that was killed, or that stopped because a sync
 * failed, leaves a log whose end stands in the system's cache only: after a failed sync those pages even count as
 * written and no later sync writes them. SQLite reads them, takes the transaction for committed and appends to it, and
 * a power loss then takes everything from that gap on, however well it was synced. So each byte is written again, which
 * harms nothing wherever it is interrupted, and synced, before SQLite reads the first of them.
 *
 * Stateless. For the one process that writes, on a connection that has not read yet.
 */
#ifndef AGENT_STORE_SQLITE_LOG_H
#define AGENT_STORE_SQLITE_LOG_H

#include "policy/err.h"

struct sqlite3;

/* Without a log there is nothing to do. ERR_BROKEN: it cannot be read or written, and nothing may be built on it. */
bool sqlite_log_settle(struct sqlite3 *db, struct err *err);

#endif
