/*
 * web: the pages, the API and the operator's endpoints, as three tables of routes for three listeners. A GET reads
 * stored rows and nothing else: it never evaluates, posts or changes anything. Only the control socket may ask for a
 * judgement or acknowledge an alarm. Restricted rules fold into one public row on every public surface
 * (policy/verdict.h, public view).
 *
 * Public:  GET /OWNER/REPO/c/SHA (.json, .txt)   the stored verdict of one commit, and its history
 *          GET /OWNER/REPO/NUMBER                 the newest head known of a change; says which commit it shows
 *          GET /s.css                             the one stylesheet
 * Ops:     GET /healthz /readyz /metrics
 * Control: GET /api/v1/commits/OWNER/REPO/SHA, /api/v1/changes/OWNER/REPO/N, /api/v1/deliveries?state=...,
 *          /api/v1/verdicts/ID[?full=1], /api/v1/alarms; POST /api/v1/recheck {"repo", "sha" | "number"},
 *          /api/v1/alarms {"id"}: acknowledges that one
 *
 * Owns the tables; a struct web is borrowed by its handlers until the listeners have stopped. Handlers run on the
 * listeners' threads and only read through the store's read port.
 */
#ifndef AGENT_WEB_WEB_H
#define AGENT_WEB_WEB_H

#include "agent/base/clock.h"
#include "agent/base/log.h"
#include "agent/base/metrics.h"
#include "agent/base/wake.h"
#include "agent/store/store.h"
#include "webhooks/listener.h"

struct web {
	const struct store *store;
	struct clock_port clock;
	struct wake_port wake;
	const struct log *log;
	struct metrics *metrics;
	struct text public_url;
	struct clock_port steady;            /* of the store's times */
	int64_t queue_age_max_ms;            /* /readyz: an older unapplied delivery means not ready */
	int64_t owed_age_max_ms;             /* the same of a success that is to be taken back and is not */
	bool (*trackers_ok)(void *trackers); /* no tracker refused our key; NULL: there is none */
	void *trackers;
	const char *(*stuck)(void *crew); /* the worker that does not move, by what it is for; NULL: not known */
	void *crew;
	struct exec_counters (*exec_counters)(void *exec); /* NULL: not counted */
	void *exec;
};

struct web_table {
	struct route *routes; /* owned by the arena; contexts point at the struct web */
	size_t n;
};

struct web_table web_public(struct web *web, struct arena *arena);
struct web_table web_ops(struct web *web, struct arena *arena);
struct web_table web_control(struct web *web, struct arena *arena);

/* For listener_config.refused: counts, and logs one line. context is the struct web. */
void web_refused(void *context, struct text guid, const struct refusal *refusal);

#endif
