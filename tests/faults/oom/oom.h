/*
 * oom: the page that the driver (oom.c) and the preloaded hook (oom_hook.c) share, one per run of one test case.
 *
 * The driver fills the first half and starts the test program; the hook maps the page named by OOM_VARIABLE, counts
 * the allocations that production code asks for, lets one of them (or all from it on) fail, and writes what it saw
 * into the second half. It promises to touch nothing else: an allocation asked for by a test is never counted and
 * never fails. Only the process that was started counts; a forked or executed child allocates as ever.
 */
#ifndef TESTS_FAULTS_OOM_OOM_H
#define TESTS_FAULTS_OOM_OOM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OOM_VARIABLE "HEADGATE_OOM_PAGE"
#define OOM_ENDED    70 /* exit: a test's assertion failed, or the driver asked where the program hangs */

enum {
	OOM_RANGES = 2048, /* pieces of production code in one test program */
	OOM_FRAMES = 48,
	OOM_SITES = 1 << 16,
	OOM_FOLDERS = 256,
	OOM_JUDGED = 1 << 16,
	OOM_NAME = 48
};

/* Whose code a stack belongs to: that of its innermost frame inside the test program itself. */
enum oom_whose { OOM_NOBODY = 0, OOM_TEST, OOM_PRODUCTION };

/* A run of machine code from one file of production code, as offsets into the program. Sorted, disjoint. */
struct oom_range {
	uint64_t from, to;
	uint64_t id; /* says which file, whatever the program */
	bool stops;  /* what it is not given ends the process there and then (policy/memory.c) */
};

struct oom_frame {
	char module[OOM_NAME]; /* empty: the test program */
	uint64_t at;           /* offset into the module */
};

struct oom_stack {
	enum oom_whose whose;
	unsigned n;
	struct oom_frame frames[OOM_FRAMES];
};

/* Calls that came by the same way: from the library's malloc up to the test that called production code. */
struct oom_site {
	uint64_t way;   /* 0: free */
	uint64_t place; /* the line of production code that it goes through first; 0: none, a library's own thread */
	uint64_t first, last;
	bool stops; /* the process ends in that line: nothing above it ever learns of the failure */
};

enum oom_mode { OOM_COUNT = 0, OOM_ONCE, OOM_FROM_THEN_ON };

struct oom_page {
	/* the driver's */
	enum oom_mode mode;
	uint64_t nth;  /* 1 is the first */
	uint64_t most; /* calls after this one are not counted and do not fail */
	bool go_on;    /* a failed assertion is printed as Check does it, instead of ending the program */
	unsigned n_ranges;
	struct oom_range ranges[OOM_RANGES];

	/* the hook's */
	atomic_bool ready;
	atomic_uint_least64_t calls, failed;
	struct oom_stack failure; /* where the first failure was injected */
	struct oom_stack end;     /* where it aborted, faulted, asserted or hung */
	atomic_bool asserted, aborted, faulted, hung;
	bool unheard;              /* it aborted while the test had taken stderr away */
	bool leak_checked, leaked; /* at a failed assertion */
	atomic_uint n_folders;
	char folders[OOM_FOLDERS][128]; /* what mkdtemp and mkstemp made */
	atomic_uint n_judged;
	uint8_t judged[OOM_JUDGED]; /* the decisions, in order */
	unsigned n_sites;
	struct oom_site sites[OOM_SITES];
};

#endif
