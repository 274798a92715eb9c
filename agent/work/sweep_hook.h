/*
 * sweep_hook: deliveries that failed come back. Part of the sweeper (sweep.h), for an App only: a token's forge keeps
 * no list of them, and then nothing here has anything to do. The list of attempts is read back to where it was read
 * before, and the forge is asked for one more attempt of each delivery that it could not bring and the journal does not
 * have.
 *
 * What comes back is a delivery like any other, late: it can bind a review, tell of an arrival, weaken; nothing is
 * taken from the list itself. A delivery is asked for at most REDELIVERY_ASKS_MAX times (store.h), ever more rarely,
 * and then given up, in so many words. All of it is in the store; losing that only asks again.
 */
#ifndef AGENT_WORK_SWEEP_HOOK_H
#define AGENT_WORK_SWEEP_HOOK_H

#include "agent/work/sweep.h"

/* One unit each: a list of at most limits.pages pages; one delivery. False with ERR_OK or ERR_GONE: nothing is due, and
 * *ret_wall_at is no later than when something will be. */
bool sweep_hook_list(const struct sweeper *sweeper, int64_t *ret_wall_at, struct err *err);
bool sweep_hook_ask(const struct sweeper *sweeper, int64_t *ret_wall_at, struct err *err);

#endif
