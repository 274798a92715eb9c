/*
 * workers: the sequential loops of apply, judge and post (agent/PROTOCOL.md). Plain code that calls ports: the same
 * functions run on threads in production and on fibers in tests. Each loop looks in the store, does what is due, and
 * waits on its wake topic; it returns when wake says that the agent stops.
 *
 * Each *_step does at most one unit of work and says when to look again (monotonic milliseconds), so that a test can
 * drive it alone. Nothing is kept in memory that the store does not have, but what a policy file came to (policies.h)
 * and judgements that wait for their moment, whose claims the store has (judge_later.c): a worker may die between any
 * two calls.
 */
#ifndef AGENT_WORK_WORKERS_H
#define AGENT_WORK_WORKERS_H

#include "agent/base/clock.h"
#include "agent/base/log.h"
#include "agent/base/metrics.h"
#include "agent/base/wake.h"
#include "agent/forge/forge.h"
#include "agent/store/store.h"
#include "agent/work/gather.h"

struct worker { /* what every loop has */
	const struct store *store;
	struct clock_port clock;
	struct wake_port wake;
	const struct log *log;
	struct metrics *metrics; /* NULL: not counted */
	const char *owner;       /* unique per worker and process start: a lease's name */
	const struct gate *gate; /* of the forge that it asks; NULL: always open */
};

struct applier {
	struct worker worker;
	size_t batch; /* rows a transaction */
};

struct judgement;
struct judges_later { /* made, and said at their moment (judge_later.c) */
	struct judgement *first;
	size_t n, bytes;
};

struct judge {
	struct worker worker;
	struct gather_config config;
	struct forge *forge;
	struct mirror *mirror;
	unsigned attempts_max;          /* failed judgements before a verdict of waiting says so */
	const struct bug_sources *bugs; /* NULL: no tracker is configured */
	int64_t tick_ms;                /* bugs.tick */
	struct policies *policies;      /* of judge_run; NULL: a step alone keeps none */
	struct judges_later later;
};

struct poster {
	struct worker worker;
	struct forge *forge;
	struct text public_url;   /* target URLs start with it; no trailing slash */
	int64_t post_deadline_ms; /* as in the store's limits */
	unsigned in_a_row;        /* posts sent since a doubt had its turn */
};

/* True: something was done. *ret_at: when to look again if nothing wakes the worker earlier. */
bool applier_step(struct applier *applier, int64_t *ret_at);
bool judge_step(struct judge *judge, int64_t *ret_at);
bool poster_step(struct poster *poster, int64_t *ret_at);

void applier_run(struct applier *applier);
void judge_run(struct judge *judge);
void poster_run(struct poster *poster);

/* One judgement of a claim, up to its conclusion or deferral; used by judge_step. Where what it says waits for its
 * moment, it is kept, and `claimed`, which has the claim's texts, is taken over. NULL: then it waits here. */
void judge_claim(struct judge *judge, const struct claim *taken, struct arena *claimed);
/* One that was kept and whose moment has come. False: there is none. */
bool judge_end_later(struct judge *judge);
/* When the next one's comes, monotonic; WHEN_UNKNOWN: none is kept. */
int64_t judge_later_at(const struct judge *judge);
/* The process ends, or the judge: claims are given back. */
void judge_later_drop(struct judge *judge);
/* The same of several heads that were replaced, from one reading (store_claim_company). */
void judge_company(struct judge *judge, const struct claim *lead, const struct company *company);

#endif
