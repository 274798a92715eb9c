/*
 * pace: how fast the forge may be asked. One value for the process, shared by all clients, so that what one of them
 * was told of a limit holds for everybody. It sends nothing and never sleeps: who may not ask now is told when, and
 * puts the work off until then. In doubt it waits longer: going on against a limit may get an App banned.
 *
 * For each installation (0: the token of a file, or the App itself):
 *   primary limit    x-ratelimit-* of the newest answer. Its last part is kept for statuses: reads must never keep a
 *                    revocation from being said.
 *   secondary limit  points of the last minute (a read 1, a write 5; a quarter of them is for writes alone) and a pause
 *                    between two writes.
 *   refusals         nothing goes before the time the forge named; without one a minute, doubled with each refusal.
 *   fair shares      once the rest of the limit would not last until it is set back, each repository that has work
 *                    gets the same part of it; jobs, not single reads, are put off, so that one begun is ended.
 *
 * Source: GitHub's documentation, "Rate limits for the REST API" and "Best practices for using the REST API". Any
 * thread; the lock is held for no request. Times are wall clock milliseconds, handed in.
 */
#ifndef AGENT_FORGE_PACE_H
#define AGENT_FORGE_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/when.h"

struct pace_config {
	int64_t write_every_ms;    /* between two writes of one installation; 0: no pause */
	int64_t points_per_minute; /* of one installation; the platform allows 900; 0: no such limit */
};

struct pace;
struct pace *pace_new(const struct pace_config *config);
void pace_free(struct pace *pace); /* takes NULL */

struct pace_who {
	int64_t installation, repo; /* repo 0: none in particular */
	int64_t now;
};

enum pace_kind { PACE_READ = 0, PACE_WRITE };

/* May a job of this repository begin now, one that only reads or one that writes? False: *ret_at, later than now.
 * Counts nothing. */
bool pace_may_begin(struct pace *pace, const struct pace_who *who, enum pace_kind kind, int64_t *ret_at);

/* May this one request go now? True: it counts as under way until pace_told(). False: *ret_at, later than now. */
bool pace_may_send(struct pace *pace, const struct pace_who *who, enum pace_kind kind, int64_t *ret_at);

/* What came back. Every request that was let go is told of once, whatever became of it. */
struct pace_answer {
	unsigned status;          /* 0: none came */
	bool limited;             /* refused over a limit */
	int64_t limit, remaining; /* x-ratelimit-*; below 0: not said */
	int64_t reset_at;         /* x-ratelimit-reset, as the forge's clock has it; WHEN_UNKNOWN */
	int64_t date;             /* the forge's clock with this answer; WHEN_UNKNOWN */
	int64_t retry_after_ms;   /* below 0: not said */
};
void pace_told(struct pace *pace, const struct pace_who *who, enum pace_kind kind, const struct pace_answer *answer);

/* For people and metrics: what is left of the primary limit; below 0: not known. */
int64_t pace_left(struct pace *pace, int64_t installation);

#endif
