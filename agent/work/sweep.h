/*
 * sweep: what converges when webhooks are lost (tests/rows.md, row 32). At its start and every `every_ms` it
 * reads all open changes of each repository and hands them to the store, which does what the lost events would have
 * done; then it reads our statuses of every open head and of every commit that may have success, and has the ledger
 * corrected. Every open head is judged again, so that lost reviews and dismissals are found.
 *
 * Where the forge is asked as an App, deliveries that failed are asked for again (sweep_hook.h): what they alone can
 * tell comes late, but it comes.
 *
 * One worker among the others (workers.h). A step does one unit: one repository, one commit's statuses, one list of
 * deliveries, or one of them. All it has to do is in the store, so that it may die between any two calls, and several
 * nodes share the work. An error puts that repository off with a growing pause and keeps no other waiting for longer
 * than the deadlines of its reads.
 */
#ifndef AGENT_WORK_SWEEP_H
#define AGENT_WORK_SWEEP_H

#include "agent/work/workers.h"

struct sweeper {
	struct worker worker;
	struct forge *forge;
	int64_t every_ms;
	int64_t deadline_ms;             /* of one question; a list of many pages has four of them */
	const struct text *repositories; /* "owner/name" of those that are governed; borrowed */
	size_t n_repositories;           /* 0: all that events told of */
	int64_t installation;            /* whose deliveries are asked for again; 0: any */

	/* Zero at the start; losing it only makes the sweep begin anew. */
	bool started;
	size_t next_name; /* of repositories: to be looked up, if the store does not know it */
	int64_t names_at; /* when they are gone through again */
	size_t unit;      /* of what takes turns: whose turn it is, */
	unsigned turns;   /* and how many it had in a row */
};

bool sweeper_step(struct sweeper *sweeper, int64_t *ret_at);
void sweeper_run(struct sweeper *sweeper);

#endif
