/*
 * polling: the worker of one tracker, "bmo", over a told forge and a told tracker, step by step in virtual time. Bugs
 * 12 and so on are what tests ask about; the one commit that may stand on them is TOLD_REPO's 'a'.
 */
#ifndef TESTS_SUPPORT_POLLING_H
#define TESTS_SUPPORT_POLLING_H

#include "agent/work/bugs_worker.h"
#include "tests/support/told_forge.h"
#include "tests/support/told_tracker.h"

#define POLLING_MS INT64_C(420000) /* between two polls */

struct polling {
	int said[2]; /* a pipe behind the log */
	struct log log;
	struct told_forge t;
	struct told_tracker tracker;
	struct metrics *metrics;
	struct bugs_worker worker;
};

void polling_open(struct polling *p);
void polling_close(struct polling *p);
/* As a process starts: nothing of the last one is in its memory. */
void polling_start(struct polling *p);
/* Until it has nothing to do; `step_ms` pass with each step. */
void polling_work_at(struct polling *p, int64_t step_ms);
void polling_work(struct polling *p); /* all in one instant */

/* The newest verdict on 'a' asked about this bug. */
void polling_link(struct polling *p, int64_t bug);
/* The forge has a success for 'a'; and whether that still stands. */
void polling_allowed(struct polling *p);
bool polling_is_allowed(struct polling *p);
/* Whether 'a' is to be judged again; from then on it is not. */
bool polling_judged_again(struct polling *p);
/* Something may have changed in this bug. */
void polling_told_of(struct polling *p, int64_t bug);
/* Whether it is still to be read. */
bool polling_is_due(struct polling *p, int64_t bug);
/* The table learns this, and did not know it. */
void polling_known(struct polling *p, int64_t bug, enum table_state state);

#endif
