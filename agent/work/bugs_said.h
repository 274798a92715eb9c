/*
 * bugs_said: what a tracker's connector said of single bugs (receive_said.h), on its way from the store to the table.
 * Where the tracker is read that decides, and a connector can only make a bug secure until then; where it is not, its
 * word counts, and is over only when the table's file has it: what was answered 202 may not be lost.
 *
 * One step of a bugs_worker's, on its thread; owns nothing.
 */
#ifndef AGENT_WORK_BUGS_SAID_H
#define AGENT_WORK_BUGS_SAID_H

#include "agent/work/bugs_worker.h"

/* Takes what waits, at most a thousand words; `save` makes the table's file durable. False: *err, and it waits. */
bool bugs_take_said(struct bugs_worker *b, bool (*save)(struct bugs_worker *b), struct err *err);

#endif
