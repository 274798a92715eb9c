/*
 * wake: how workers wait. A signal says no more than "look in the store"; the work itself is a row. Signals are
 * sticky: one sent while nobody waits wakes the next waiter of that topic. A port: threads in production
 * (wake_threads.c, the only pthread condition of the workers), fibers in tests.
 */
#ifndef AGENT_BASE_WAKE_H
#define AGENT_BASE_WAKE_H

#include <stdbool.h>
#include <stdint.h>

enum wake_topic {
	WAKE_JOURNAL = 0,
	WAKE_SUBJECTS,
	WAKE_SLOTS,
	WAKE_SWEEP,
	WAKE_TOKENS,
	WAKE_BUGS,
	WAKE_TREES,
	WAKE_HELD, /* nobody signals it: for who waits for a time alone */
	WAKE_TOPICS
};

struct wake_port {
	void *self;
	/* Waits until the topic is signalled, the monotonic deadline passes, or the agent stops. */
	void (*wait)(void *self, enum wake_topic topic, int64_t deadline_ms);
	void (*signal)(void *self, enum wake_topic topic);
	bool (*stopping)(void *self); /* true once the agent was told to stop; workers return */
};

struct wake_threads;
struct wake_threads *wake_threads_new(void);
void wake_threads_free(struct wake_threads *wake); /* takes NULL; no waiter may be left */
struct wake_port wake_threads_port(struct wake_threads *wake);
void wake_threads_stop(struct wake_threads *wake); /* any thread; wakes everybody */

#endif
