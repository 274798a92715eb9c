/*
 * pulse: whether a worker still moves. Its clock and its wake-up go through here: each look at the clock is a sign of
 * life, and who waits for a time gives one until then. Nothing else is asked of a worker: whatever may last has a
 * deadline, and so a look at the clock before and after it.
 *
 * Borrows both ports; stays where it was begun. pulse_still_ms: any thread; the ports: the worker's.
 */
#ifndef AGENT_WORK_PULSE_H
#define AGENT_WORK_PULSE_H

#include <stdatomic.h>

#include "agent/base/clock.h"
#include "agent/base/wake.h"

struct pulse {
	struct clock_port clock;
	struct wake_port wake;
	atomic_int_least64_t at; /* monotonic milliseconds; later than now: it waits until then */
};

void pulse_begin(struct pulse *pulse, struct clock_port clock, struct wake_port wake);
struct clock_port pulse_clock(struct pulse *pulse);
struct wake_port pulse_wake(struct pulse *pulse);
/* For how long there was no sign; 0 while it waits. */
int64_t pulse_still_ms(struct pulse *pulse);

#endif
