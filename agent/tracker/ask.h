/*
 * ask: one tracker, asked by all workers of a process. Each worker has a client of its own (a port as tracker.h's), all
 * share one struct ask, which promises:
 *   - of one bug at most one reading is under way; who wants it meanwhile waits, until his deadline, and gets that
 *     reading if it began after he came, else one is begun anew, for all who wait then;
 *   - at most `per_hour` requests in any hour; what is over that is ERR_RETRY with its time, and not sent. A quarter of
 *     them is for the clients alone that keep the table: whoever has verdicts and hooks ask for many bugs does not end
 *     the polling, which may be all that finds what became secure;
 *   - once the key was refused nothing is sent any more, until ask_renew(): each try could prolong a block;
 *   - once too much was asked, nothing is sent before the time the tracker named, twice as long with each refusal.
 * It keeps no answer beyond those who wait for it. Any thread; the lock is held for no request.
 */
#ifndef AGENT_TRACKER_ASK_H
#define AGENT_TRACKER_ASK_H

#include "agent/base/wake.h"
#include "agent/tracker/tracker.h"

struct ask_config {
	int64_t per_hour; /* requests; 0: no such limit */
};
struct ask_ports {
	struct clock_port clock;
	struct wake_port wake; /* WAKE_BUGS */
};

struct ask;
struct ask *ask_new(const struct ask_config *config, const struct ask_ports *ports);
void ask_free(struct ask *ask);  /* takes NULL; no client may be left */
void ask_renew(struct ask *ask); /* the key was replaced */

/* One worker's way to it; the http port is that worker's. NULL: the configuration is wrong. */
struct ask_client;
struct ask_client *ask_client_new(struct ask *ask, const struct tracker_config *config,
				  const struct tracker_ports *ports, struct err *err);
void ask_client_free(struct ask_client *client);  /* takes NULL */
void ask_client_keeps(struct ask_client *client); /* before its first request: it keeps the table */
struct tracker ask_client_port(struct ask_client *client);

struct ask_counts {                           /* since the start */
	int64_t requests, failed;             /* sent; without a whole answer */
	int64_t shared;                       /* bugs told from a reading that somebody else did */
	int64_t over_budget, paused, stopped; /* requests not sent */
	bool key_refused;                     /* now: nothing is sent */
};
struct ask_counts ask_counts(struct ask *ask);

#endif
