/*
 * deeds: what is said and undone on bugs, where that is configured, each thing once (agent/store/store_deeds.h):
 *   - a flag that must not be + on a secure bug before it is approved: a private comment there, and the flag cleared;
 *   - a change for a secure bug that a rule would have blocked which only warns: a private comment there.
 *
 * The bug is read anew before anything is done: what is not so any more is left alone. What may have been done by a
 * request whose answer nobody has, or by a process that died, is looked for, and a comment not before no copy lags any
 * more. What the tracker refuses is told once and not tried again. Texts name no bug, no repository and no person; logs
 * and metrics name the tracker alone. Used by the thread that keeps the tracker's table; borrows everything.
 */
#ifndef AGENT_WORK_DEEDS_H
#define AGENT_WORK_DEEDS_H

#include "agent/store/store_deeds.h"
#include "agent/work/bug_source.h"
#include "agent/work/workers.h"

#define DEED_ATTEMPTS_MAX 10 /* then it is given up, and said */

struct deeds {
	const struct worker *worker;
	const struct bug_source *source;
	int64_t deadline_ms; /* of one question */
};

/* Of a bug that was just read: whatever is to be done about its flags is wanted. False: *err, of the store. */
bool deeds_find(const struct deeds *deeds, const struct tracker_bug *bug, struct err *err);

/* Does at most one that is due. False: *err, of the store, or ERR_DENIED: the tracker refused our key. */
bool deeds_step(const struct deeds *deeds, bool *ret_any, struct err *err);

/* Of a change whose rule would block that only warns. False: *err, of the store. */
struct warned_change {
	int64_t repo, change, bug;
};
bool deeds_warned(const struct worker *worker, const struct bug_source *source, const struct warned_change *in,
		  struct err *err);

#endif
