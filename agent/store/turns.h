/*
 * turns: who waited longest goes first. Of what is due now, and of one rank, a commit or a status is behind all that
 * were due before it, so that nobody's many, whatever their hashes, stand before another's one.
 *
 * A turn is the time, or one more than the newest turn that waits, where a clock stands still or went back. It is taken
 * when something becomes due, and kept by news; whoever was served and is due still, or again, goes to the end. What is
 * put off keeps it.
 *
 * What is put off (until a tick, an hour of the policy, the end of a pause) or asked for by a sweep goes in the order
 * of its times, and behind all that is not; but not for ever, for anybody's news may never end: after three that went
 * before it, it has its turn. Between news and those stands what is half done: what is known without bugs was said, and
 * they are to be read at once. One of these three goes before news. Private to agent/store.
 */
#ifndef AGENT_STORE_TURNS_H
#define AGENT_STORE_TURNS_H

#include "agent/store/steps.h"

/* For a commit that becomes due, or is due: a place at the end, where it has no earlier one. The caller puts it. */
bool turn_take(struct step *step, struct row_subject *subject);

/* Served: a place at the end, for the case that it stays due. The caller puts it. */
bool turn_end(struct step *step, struct row_subject *subject);
bool turn_end_slot(struct step *step, struct row_slot *slot); /* within its rank */

enum due { DUE_NEWS, DUE_NEXT, DUE_PUT_OFF, DUES };
struct scan due_subjects(enum due which, size_t limit);
struct scan due_slots(enum due which, enum slot_rank rank, size_t limit);

/* A line: commits, or statuses of one rank. */
#define LINE_SUBJECTS    0
#define LINE_SLOTS(rank) (1 + (int64_t)(rank))
struct turn {
	int64_t line;
	const struct scan *waiting; /* one row of each sort */
	const enum due *order;      /* who is looked at first, of TURN_LOOKS or up to DUES; set by turn_begin */
	int64_t passed;             /* how many went before what was put off, since the last of those */
};
enum { TURN_LOOKS = DUES + 1 };
bool turn_begin(struct step *step, struct turn *turn);
/* Of the look `i` at order[i]: what is put off and goes first is nothing whose time has not come, of which there may be
 * thousands. When nobody else goes, all of it is looked at. */
void turn_bound(const struct step *step, const struct turn *turn, int i, struct scan *scan);
/* One of `taken` was taken. */
bool turn_given(struct step *step, const struct turn *turn, enum due taken);

#endif
