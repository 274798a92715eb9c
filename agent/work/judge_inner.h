/*
 * judge_inner: one judgement under way, which judge.c makes, judge_end.c ends, and judge_later.c keeps in between where
 * what bugs decided is said at a moment of its own (judge_bugs.h). Inner to them.
 *
 * A judgement owns all that it read. The thread of its judge alone touches it.
 */
#ifndef AGENT_WORK_JUDGE_INNER_H
#define AGENT_WORK_JUDGE_INNER_H

#include "agent/work/judge_bugs.h"
#include "agent/work/workers.h"

struct judging { /* one commit being judged */
	struct judge *judge;
	const struct claim *claim;
	struct gather gather;
	struct gather_ports ports;
	struct arena *arena;
	struct err err;
	const char *too_large; /* what exceeds a limit, in public words; NULL: something of the change */
	struct text facts_json;
	int64_t began, read_at; /* wall: this judgement; the last reading */
	struct contexts contexts;
	struct bug_stage stage;
};

struct judgement { /* the same from its claim to its end, with what it was made from */
	struct judging is;
	struct claim claim;
	struct gathered gathered;
	struct verdict verdict;
	struct arena claimed; /* the claim's texts, where it is kept for later */
	struct arena names;
	struct arena arena; /* of the round */
	int64_t until;      /* monotonic; 0: it is not kept for later */
	struct judgement *next;
};

/* Wall. */
int64_t judge_wall(const struct judge *judge);

/* ---- how it ends (judge_end.c) ---- */

void judging_count(const struct judging *j, const char *result);
bool judging_allows_all(const struct judging *j, const struct verdict *own);
/* Gives the claim back: it is judged again later. */
void judging_defer(struct judging *j);
/* Of an error: deferred, or said in public where that has been done often enough. */
void judging_failed(struct judging *j);
/* What the store refuses for good is said as far as it denies. */
void judging_conclude(struct judging *j, struct conclusion *in);

/* ---- what is said later (judge_later.c) ---- */

/* Taken over; `claimed`, with the claim's texts, too. False: there is no room, and nothing was taken. */
bool judge_later_put(struct judgement *made, struct arena *claimed, int64_t until);
/* The first one whose time has come; owned. NULL: none. */
struct judgement *judge_later_take(struct judge *judge);
void judgement_free(struct judgement *made);

#endif
