/*
 * oom_run: runs one test case of one test program under the hook, and says how it ended. A run owns its page and its
 * output file; what the test left in the file system and its children are removed before oom_run_once returns.
 *
 * Classes that are no defect: the test passed; one of its assertions failed, or it gave up, or it waited for what
 * cannot come (an error value arrived: that is what a caller must get); the program stopped with one clear line.
 * All others are defects.
 */
#ifndef TESTS_FAULTS_OOM_OOM_RUN_H
#define TESTS_FAULTS_OOM_OOM_RUN_H

#include "tests/faults/oom/oom.h"

enum oom_class {
	OOM_NOT_REACHED = 0,
	OOM_PASSED,
	OOM_HONEST,  /* a test's assertion failed */
	OOM_GAVE_UP, /* the test itself aborted, or used what it did not get */
	OOM_WAITED,  /* the test waited for what cannot come */
	OOM_STOPPED,
	OOM_LIBRARY, /* fell or leaked inside a library that takes no allocator (oom_run.c names them) */
	OOM_SKIPPED,
	OOM_FAULT,
	OOM_SANITIZER,
	OOM_LEAK,
	OOM_HANG,
	OOM_SILENT_ABORT,
	OOM_BROKEN_ASSERT,
	OOM_WRONG_SUCCESS,
	OOM_WENT_ON, /* from where the process must stop */
	OOM_ODD,
	OOM_CLASSES
};

const char *oom_class_name(enum oom_class c);
bool oom_class_is_defect(enum oom_class c);

/* A test case, and what it does when nothing fails. */
struct oom_case {
	const char *program; /* path; its map lies beside it, "PROGRAM.map" */
	char name[96];
	unsigned seconds;
	/* of the run that only counts: */
	enum oom_class clean; /* OOM_PASSED, or why it has no points */
	int64_t ms;
	uint64_t calls;
	bool leaks; /* even then */
	unsigned n_judged, n_sites;
	uint8_t *judged;
	struct oom_site *sites; /* in the order of their first call */
};

struct oom_point {
	const struct oom_case *of;
	uint64_t way, place, nth;
	unsigned rank; /* so many points of the same place are tried before it */
	enum oom_mode mode;
};

struct oom_runner {
	char folder[64]; /* of the page and the output */
	struct oom_page *page;
	char hook[4096];
	const char *mapped; /* the program whose ranges the page holds */
	char output[1 << 16];
	int64_t ms; /* the last run took */
	int status; /* of waitpid */
	bool late;
	bool loud; /* prints the program's output, with Check's own words */
};

/* Aborts the driver when the page cannot be made. */
void oom_runner_start(struct oom_runner *runner, const char *hook);
void oom_runner_stop(struct oom_runner *runner);

/* The run that only counts, at most `most` calls and `limit_ms`. Fills the second half of `test`. */
void oom_run_count(struct oom_runner *runner, struct oom_case *test, uint64_t most, int64_t limit_ms);

enum oom_class oom_run_once(struct oom_runner *runner, const struct oom_point *point);

#endif
