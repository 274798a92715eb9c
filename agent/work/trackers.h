/*
 * trackers: the configured trackers, as the workers of a process share them: of each its table, loaded from the state
 * directory, and the one gate that all requests to it pass (ask.h). tracker_hands: one worker's own clients of them.
 *
 * trackers_open before any worker, trackers_free after the last. Owns keys, gates and tables. A tracker that is read
 * from its table alone has neither key nor client; nor has one without a key, since what strangers are told may lag.
 * Any thread; tracker_hands: one.
 */
#ifndef AGENT_WORK_TRACKERS_H
#define AGENT_WORK_TRACKERS_H

#include "agent/base/config.h"
#include "agent/base/log.h"
#include "agent/tracker/ask.h"
#include "agent/tracker/table_store.h"
#include "agent/work/bug_source.h"

struct trackers_plan { /* borrowed until trackers_free */
	const struct config *config;
	struct clock_port clock;
	struct wake_port wake;
	const struct log *log;
};

struct trackers;
struct trackers *trackers_open(const struct trackers_plan *plan, struct err *err); /* NULL: *err */
void trackers_free(struct trackers *trackers);                                     /* takes NULL */
/* Before anybody judges: bug_source_begin of each that is read. False: *err. */
bool trackers_begin(const struct trackers *trackers, const struct store *store, struct err *err);
int64_t trackers_longest_age(const struct config *config); /* of max_age; 0: nothing counts without a reading */
size_t trackers_count(const struct trackers *trackers);

struct table_store trackers_store(const struct trackers *trackers, size_t i); /* where its table is kept */
struct ask *trackers_ask(const struct trackers *trackers, size_t i);          /* NULL: nothing is asked */
/* No tracker refused our key; takes NULL. */
bool trackers_healthy(const struct trackers *trackers);

/* How one of them is opened (tracker.h); borrows all three. */
struct tracker_config trackers_asked(const struct config *config, const struct config_tracker *tracker,
				     struct text key);

/* For bug_table_rules(): another address, or other words, and what was not secure may be. 0 where nothing is read:
 * whoever makes that table answers for it. */
uint64_t trackers_rules(const struct config_tracker *tracker);

struct tracker_hands {
	struct http_curl *http; /* NULL: nothing is asked */
	struct ask_client *clients[CONFIG_TRACKERS_MAX];
	struct bug_source sources[CONFIG_TRACKERS_MAX];
	struct bug_sources all;
};
/* False: *err; *hands may be released. */
bool tracker_hands_init(struct tracker_hands *hands, const struct trackers *trackers, struct err *err);
void tracker_hands_keep(struct tracker_hands *hands);    /* before the first question: as ask_client_keeps */
void tracker_hands_release(struct tracker_hands *hands); /* takes zeroed and half-made ones */

#endif
