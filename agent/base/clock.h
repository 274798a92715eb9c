/*
 * clock: the only door to time. Wall time for what is written down and compared with the forge, monotonic time for
 * deadlines. A port: production reads the kernel, fibers and tests hand in their own.
 */
#ifndef AGENT_BASE_CLOCK_H
#define AGENT_BASE_CLOCK_H

#include <stdint.h>

struct clock_port {
	void *self;
	int64_t (*wall)(void *self); /* Unix milliseconds, UTC */
	int64_t (*mono)(void *self); /* milliseconds since an arbitrary start, never going back */
};

struct clock_port clock_system(void);

#endif
