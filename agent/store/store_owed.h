/*
 * store_owed: since when a success stands at the forge, or may, that was to be taken back and is not: not sent yet, not
 * answered, or refused. For /readyz. One look at an index; reads only; any thread, through the exec port.
 */
#ifndef AGENT_STORE_STORE_OWED_H
#define AGENT_STORE_STORE_OWED_H

#include "agent/store/store.h"

struct owed {
	int64_t since; /* the oldest that is not shunned; WHEN_UNKNOWN: none is */
	bool refused;  /* the forge refused that one: it is sent again once its commit is judged again */
	/* The oldest of all. The others are shunned: the forge refused each of them, and took a status of something
	 * else since. It is not headgate that it refuses, then, but what stands there: a repository that was archived,
	 * or lost to us with all that is in it. */
	int64_t oldest;
};
/* Not in repositories that are left out (store_leave_out_sweep): nobody sends anything there. */
bool store_owed(const struct store *store, struct owed *ret, struct err *err);

#endif
