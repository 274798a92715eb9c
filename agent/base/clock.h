/*
 * clock: the only door to time. Wall time for what is written down and compared with the forge, monotonic time for
 * deadlines. A port: production reads the kernel, fibers and tests hand in their own.
 *
 * Leases, doubts and ages in the store are told by a steady clock: the wall's time as it was at the start of the
 * process, moved on by the time that has passed since, a suspend included. It takes no part in jumps of the wall clock:
 * a doubt must last as long as a request may live, whatever the administrator or NTP does to the clock meanwhile.
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

struct clock_steady { /* filled by clock_steady(); outlives the port */
	int64_t wall_at, boot_at;
};
/* Its wall never jumps. What an earlier process wrote by its own steady clock may lie anywhere: see
 * store_restart_posts(). */
struct clock_port clock_steady(struct clock_steady *start);

#endif
