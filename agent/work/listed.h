/*
 * listed: the forge's statuses of one commit, reduced to those of our context, as the store takes them. Two workers
 * read them: the poster where a doubt has passed, the sweeper where it looks.
 */
#ifndef AGENT_WORK_LISTED_H
#define AGENT_WORK_LISTED_H

#include "agent/work/workers.h"

struct listed_plan {
	struct forge *forge;
	struct forge_call call;
	struct oid sha;
	struct text context; /* compared without case, as the forge does */
	int64_t now;
};
/* False: the forge could not be read. Everything is owned by the call's arena. */
bool listed_read(const struct listed_plan *plan, struct reread *ret, struct err *err);

#endif
