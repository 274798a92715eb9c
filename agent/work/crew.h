/*
 * crew: the worker loops on threads: one applier, some judges, one poster, one sweeper, one for each tracker, and,
 * where treestatus is configured, one who watches trees. The only thread back end of the workers.
 *
 * Owns each thread's own forge client, http handle and mirror (none of them is shared), what they share (tokens, kept
 * answers, the pace), and nothing durable. crew_stop tells them to stop, lets what they do end for a while, and joins.
 * Borrowed until then: everything in the plan.
 * Thread: started and stopped by main's.
 */
#ifndef AGENT_WORK_CREW_H
#define AGENT_WORK_CREW_H

#include "agent/base/config.h"
#include "agent/work/workers.h"

struct crew_plan {
	const struct config *config;
	const struct store *store;
	struct clock_port clock;
	struct clock_port wall; /* what the forge's clock says, too; see access.h */
	struct wake_threads *wake;
	const struct log *log;
	struct metrics *metrics;
	const char *mirrors; /* directory of the mirrors */
	const struct trackers *trackers;
};

struct crew;
struct crew *crew_start(const struct crew_plan *plan, struct err *err); /* NULL: nothing runs */
struct access *crew_access(struct crew *crew); /* what its clients share; borrowed until crew_stop */
/* What a worker is for who has not moved for longer than all deadlines together; NULL: each does. Any thread, until
 * crew_stop. */
const char *crew_stuck(struct crew *crew);
/* Takes NULL. False: after finish_ms somebody still worked; nothing was freed, and the process must end now. */
bool crew_stop(struct crew *crew, int64_t finish_ms);

#endif
