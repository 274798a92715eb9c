/*
 * tap: a hand on the system calls of one running program, by ptrace. It counts the calls of all threads in the order
 * in which they are made, and does one thing at the n-th of them: kill -9 before the call is performed, or let the call
 * fail with an error without performing it. A count over all threads together is what "at each boundary" needs; tools
 * that count by thread never reach the early calls of one that is started late.
 *
 * The tap is a process of its own: it follows the program from before its exec and stands aside, without stopping any
 * call, until it is armed. Children of the program are not followed. All that is traced dies with the tap, and the tap
 * with the process that opened it. One program at a time; not for several threads.
 */
#ifndef TESTS_FAULTS_TAP_H
#define TESTS_FAULTS_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tap_calls {
	TAP_ALL = 0, /* but those that only touch memory, locks and clocks: nobody outside can tell a kill before one
			from a kill before the next */
	TAP_PWRITE,
	TAP_FDATASYNC,
	TAP_FSYNC,
	TAP_CALLS
};
enum tap_act { TAP_COUNT = 0, TAP_KILL, TAP_FAIL };

#define TAP_THREADS 16

struct tap_plan {
	enum tap_act act;
	enum tap_calls calls;
	uint32_t threads; /* whose calls: bit 0 is the first that was made, 15 the sixteenth and all after; 0: all */
	int64_t at;       /* the first call it is done to, from 1 */
	bool onwards;     /* and to all after it */
	int error;        /* TAP_FAIL: errno */
};

struct tap_seen {
	int64_t calls;                  /* that were counted since the plan was set */
	int64_t hits;                   /* to which the plan's act was done */
	const char *name;               /* of the first call it was done to; borrowed for ever */
	unsigned thread;                /* that made it */
	char file[128];                 /* what its first argument was open on, where that is a descriptor */
	int64_t by_thread[TAP_THREADS]; /* the calls of each */
	int64_t by_call[TAP_CALLS];     /* how many of the calls were such */
};

struct tap;

/* NULL: this machine does not let a process be traced; *why says what is missing. */
struct tap *tap_open(const char **why);
void tap_close(struct tap *tap);

/* In a child, right before its exec: waits until the tap has it. False: it has not. */
bool tap_follow(struct tap *tap);

/* Sets the plan for the program that runs, or for the one that will be followed next (counted from its exec). Returns
 * once each thread is under it. */
bool tap_arm(struct tap *tap, const struct tap_plan *plan);
/* Ends the plan: no call is stopped any more. Where the plan was of a dead program, too. */
struct tap_seen tap_disarm(struct tap *tap);
/* What the plan has seen so far. */
struct tap_seen tap_look(const struct tap *tap);

#endif
