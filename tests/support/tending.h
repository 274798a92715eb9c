/*
 * tending: the worker of one tracker (bugs_worker.h), step by step in virtual time, with a store, a table and a tracker
 * that answers what it is told. One commit of one change may stand on bugs.
 */
#ifndef TESTS_SUPPORT_TENDING_H
#define TESTS_SUPPORT_TENDING_H

#include "agent/work/bugs_worker.h"
#include "tests/support/told_forge.h"
#include "tests/support/told_tracker.h"

#define HOUR   INT64_C(3600000)
#define MINUTE INT64_C(60000)
#define POLL   (7 * MINUTE)

struct tending {
	int said[2]; /* a pipe behind the log */
	struct log log;
	struct told_forge t;
	struct told_tracker tracker;
	struct metrics *metrics;
	struct bugs_worker worker;
};

void tending_open(struct tending *b);
void tending_close(struct tending *b);
void tending_work(struct tending *b); /* until it has nothing to do */

void tending_link(struct tending *b, int64_t bug);                          /* the commit's verdict asked about it */
void tending_told_of(struct tending *b, int64_t bug);                       /* as a webhook does */
void tending_known(struct tending *b, int64_t bug, enum table_state state); /* of now, and otherwise than before */
bool tending_judged_again(struct tending *b);                               /* since the last time */
bool tending_is_due(struct tending *b, int64_t bug);
bool tending_said(struct tending *b, const char *words); /* by the log, since the last time; it never names bug 12 */

#endif
