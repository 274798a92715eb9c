/*
 * trackers: what the hook's workers know of bugs: for each tracker that a repository of the hook names, its table as it
 * was when the server started with all that commands wrote since, and a client for each worker. No key is read of a
 * tracker that is a table alone.
 *
 * A reading that finds a bug secure is told to the table here; that one is not secure only who knows all policies may
 * tell. Owns tables, keys and clients. Made and freed by one thread while no other uses libcurl; each worker uses its
 * own number.
 */
#ifndef AGENT_HOOK_TRACKERS_H
#define AGENT_HOOK_TRACKERS_H

#include "agent/base/config.h"
#include "agent/base/log.h"
#include "agent/base/wake.h"
#include "agent/hook/answer.h"

#define HOOK_WORKERS 4

struct hook_trackers_ports {
	const struct config *config; /* borrowed, all of these */
	struct clock_port clock;
	struct wake_port wake;
	const struct log *log;
};

struct hook_trackers;
struct hook_trackers *hook_trackers_open(const struct hook_trackers_ports *ports, struct err *err);
void hook_trackers_free(struct hook_trackers *trackers); /* takes NULL */

/* The tracker of that name for one question of one worker. `view` outlives *ret. False: no repository names it. */
struct hook_view {
	struct hook_trackers *all;
	struct hook_source *source;
	size_t worker;
	int64_t deadline_ms; /* monotonic */
};
bool hook_trackers_view(struct hook_trackers *trackers, struct text name, struct hook_view *view,
			struct hook_tracker *ret);

#endif
