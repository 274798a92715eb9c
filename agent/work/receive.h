/*
 * receive: from a verified delivery to a durable row, and only then 202. Nothing else is derived here: everything a
 * delivery causes is apply's, from the journal. Two hints leave at once, and nothing hangs on them: the wake-up, and
 * that something was told of an App's installation, so that its tokens are asked for anew.
 *
 * A delivery whose id is known is answered 202 and changes nothing. A full queue or a store that cannot write is 503
 * with Retry-After: the forge, or an operator, delivers again. Thread: receive_handle runs on the listener's thread and
 * never blocks; the answer leaves from the committer's.
 */
#ifndef AGENT_WORK_RECEIVE_H
#define AGENT_WORK_RECEIVE_H

#include "agent/base/clock.h"
#include "agent/base/log.h"
#include "agent/base/metrics.h"
#include "agent/base/wake.h"
#include "agent/forge/access.h"
#include "agent/store/store.h"
#include "webhooks/listener.h"

struct receive {
	const struct store *store;
	struct clock_port clock;
	struct wake_port wake;
	const struct log *log;
	struct metrics *metrics; /* NULL: not counted */
	struct access *access;   /* NULL: this process has no tokens */
};

/* The row of one delivery; everything in it is owned by the arena. False: the body cannot be packed (ERR_LIMIT). */
bool receive_row(const struct delivery *delivery, int64_t now, struct arena *arena, struct append *ret,
		 struct err *err);

/* Appends one delivery and waits until it is durable (simulation, tests, import). */
bool receive_now(const struct receive *receive, const struct delivery *delivery, bool *ret_duplicate, struct err *err);

/* Keeps the exchange and answers it after the commit. The delivery is borrowed during the call. */
void receive_keep(const struct receive *receive, struct exchange *exchange, const struct delivery *delivery);

/* A new id for what came without one: hex digits. */
#define RECEIVE_ID_LEN 32
bool receive_id(char ret[RECEIVE_ID_LEN + 1], struct err *err);

/* The webhook route's handler; context is a struct receive. Keeps the exchange and answers after the commit. */
void receive_handle(void *context, struct exchange *exchange, const struct verified *verified);

#endif
