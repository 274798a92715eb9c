/*
 * fiber: the workers' second back end. Plain sequential functions run as fibers (ucontext, 256 kB stacks with a guard
 * page, sanitizer annotations) under a scheduler that picks the next runnable one by a seed, with virtual time: when
 * all wait, the clock jumps to the earliest deadline. No thread, no real time: the same seed gives the same schedule.
 *
 * A fiber yields only in the ports: fiber_yield before and after a verb, never inside. Ports that yield are made by
 * wrapping others (fiber_exec, fiber_http); clock and wake are the scheduler's own.
 *
 * Fibers that share a fiber_group share wake topics and can be told to stop together: one process of several. The slot
 * of a fiber that has returned is used again, stacks by later schedulers, too.
 */
#ifndef TESTS_SUPPORT_FIBER_H
#define TESTS_SUPPORT_FIBER_H

#include "agent/base/clock.h"
#include "agent/base/http.h"
#include "agent/base/wake.h"
#include "agent/store/exec.h"

#define FIBER_STACK ((size_t)256 * 1024)

struct fibers;
struct fiber_group { /* of the caller; outlives its fibers */
	struct fibers *fibers;
	bool signalled[WAKE_TOPICS], stopping;
};

struct fibers *fibers_new(uint64_t seed, int64_t wall_ms);
void fibers_free(struct fibers *fibers); /* every fiber must have returned */

/* name is borrowed. The function runs when fibers_run is called. */
void fibers_add(struct fibers *fibers, const char *name, void (*run)(void *), void *arg);

size_t fibers_alive(const struct fibers *fibers); /* those that have not returned */

/* Runs until every fiber has returned, or max_switches switches were made (false: something never ends). */
bool fibers_run(struct fibers *fibers, uint64_t max_switches);

/* From inside a fiber. */
void fiber_yield(struct fibers *fibers);
void fiber_sleep(struct fibers *fibers, int64_t ms);

/* Tells the workers to stop: wake.stopping() is true from now on and every waiter wakes. */
void fibers_stop(struct fibers *fibers);

struct clock_port fibers_clock(struct fibers *fibers);
struct wake_port fibers_wake(struct fibers *fibers);
struct wake_port fiber_group_wake(struct fiber_group *group);
void fiber_group_stop(struct fiber_group *group);           /* fibers_stop stops every group */
const void *fiber_self(const struct fibers *fibers);        /* names the fiber that runs; NULL: the scheduler */
uint64_t fibers_dice(struct fibers *fibers, uint64_t n);    /* 0..n-1, from the seed */
uint64_t fibers_schedule_hash(const struct fibers *fibers); /* equal for equal runs */

struct fiber_exec {
	struct fibers *fibers;
	struct store_exec inner;
};
struct store_exec fiber_exec_port(struct fiber_exec *exec); /* borrowed */

struct fiber_http {
	struct fibers *fibers;
	struct http_port inner;
};
struct http_port fiber_http_port(struct fiber_http *http); /* borrowed */

#endif
