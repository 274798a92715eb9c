/*
 * bugs_worker: keeps the table of one tracker, and finds what its webhooks did not tell. At its start it asks what our
 * account may do; at the start and daily for all secure bugs; every five minutes for what changed since the last time,
 * with five minutes of overlap, by the tracker's own clock; and whenever something was told of a bug, for that bug.
 *
 * Bugs that verdicts asked about are read one by one, and who stands on one hears of it where it is not as it was when
 * this worker read it last; a bug that it has not read yet is told of, too. Others are looked up in batches, from a
 * copy that may lag: that makes a bug secure and never takes it back, and what was told of a bug known to be not secure
 * is settled only when a copy cannot lag that much any more.
 *
 * Once the key is refused nothing is asked any more. A table that nothing is read for only takes in what commands
 * wrote, and what the tracker's connector said (receive_said.h): that is in the file before anything is judged by it.
 * One worker among the others (workers.h), one thread per tracker. Nothing durable is lost when it dies.
 */
#ifndef AGENT_WORK_BUGS_WORKER_H
#define AGENT_WORK_BUGS_WORKER_H

#include "agent/tracker/ask.h"
#include "agent/tracker/table_store.h"
#include "agent/work/bug_source.h"
#include "agent/work/workers.h"

#define BUGS_LAG_MS    300000 /* a copy of the tracker's data lags no longer; also the overlap, and how often it polls */
#define BUGS_RESYNC_MS 86400000 /* between two readings of all secure bugs */
#define BUGS_SEEN      4096     /* bugs whose content is remembered */

struct bug_seen {
	int64_t id;
	uint64_t content; /* of its digest */
};

struct bugs_worker {
	struct worker worker;
	const struct bug_source *source;
	const struct table_store *disk; /* NULL: the table is kept nowhere */
	struct ask *ask;                /* for its counts; NULL: not counted */
	int64_t deadline_ms;            /* of one question */

	/* Zero at the start; losing it only makes it read more. */
	bool greeted, refused;
	int64_t resync_at, poll_at, not_before; /* wall */
	int64_t since;                /* by the tracker's clock: nothing that changed before is missed; 0: none */
	int64_t looked_to;            /* what was heard up to then was looked up once */
	struct tracker_walk walk;     /* the poll under way, at the page it goes on with */
	int64_t walk_began;           /* wall */
	int64_t walk_until;           /* the tracker's clock when it began; 0: none is under way */
	struct bug_table_count saved; /* what the file holds */
	int64_t save_at;              /* wall: no sooner */
	bool unsaved;                 /* what a connector said is in the table, and perhaps not in the file */
	struct ask_counts counted;
	struct bug_seen seen[BUGS_SEEN];
};

/* As the steps of workers.h. */
bool bugs_worker_step(struct bugs_worker *b, int64_t *ret_at);
void bugs_worker_run(struct bugs_worker *b);

#endif
