/*
 * rate: how much a user of this machine may ask: questions, or bugs. Each has so many at once, and gets one back every
 * so often. Of HOOK_RATE_USERS users something is remembered; for another one that is forgotten which remembers least.
 * A plain value of one thread; `at` is monotonic milliseconds.
 */
#ifndef AGENT_HOOK_RATE_H
#define AGENT_HOOK_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOOK_RATE_USERS 256

struct hook_rate {
	int64_t per_minute, most; /* what comes back, and what there is at once */
	struct hook_rate_user {
		int64_t uid, full_at; /* when all of it is back */
	} users[HOOK_RATE_USERS];
	size_t n;
};

/* Takes n of this user's, or nothing. False: so many are not left. */
bool hook_rate_take(struct hook_rate *rate, int64_t uid, int64_t n, int64_t at);

#endif
