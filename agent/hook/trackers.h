/*
 * trackers: what the hook's workers know of bugs, by the trackers and tables that all workers of the process share
 * (agent/work/trackers.h). What a reading says is told to the table, and to who stands on what was known.
 *
 * Owns a client of each tracker for each worker of the hook. Made and freed by one thread while no other uses libcurl;
 * each worker uses its own number.
 */
#ifndef AGENT_HOOK_TRACKERS_H
#define AGENT_HOOK_TRACKERS_H

#include "agent/hook/answer.h"
#include "agent/work/trackers.h"

#define HOOK_WORKERS 4

struct hook_trackers_ports {
	const struct config *config; /* borrowed, all of these */
	struct trackers *trackers;
	const struct store *store;
	struct clock_port clock;
	struct wake_port wake;
	const struct log *log;
};

struct hook_trackers;
struct hook_trackers *hook_trackers_open(const struct hook_trackers_ports *ports, struct err *err);
void hook_trackers_free(struct hook_trackers *trackers); /* takes NULL */

/* The tracker of that name for one question of one worker. `view` outlives *ret. False: there is none. */
struct hook_view {
	struct hook_trackers *all;
	const struct bug_source *source;
	size_t worker;
	int64_t deadline_ms; /* monotonic */
};
bool hook_trackers_view(struct hook_trackers *trackers, struct text name, struct hook_view *view,
			struct hook_tracker *ret);

#endif
