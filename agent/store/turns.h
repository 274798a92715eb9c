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
 * before it, it has its turn. Private to agent/store.
 */
#ifndef AGENT_STORE_TURNS_H
#define AGENT_STORE_TURNS_H

#include "agent/store/steps.h"

/* For a commit that becomes due, or is due: a place at the end, where it has no earlier one. The caller puts it. */
bool turn_take(struct step *step, struct row_subject *subject);

/* Served: a place at the end, for the case that it stays due. The caller puts it. */
bool turn_end(struct step *step, struct row_subject *subject);
bool turn_end_slot(struct step *step, struct row_slot *slot); /* within its rank */

enum due { DUE_NEWS, DUE_PUT_OFF, DUES };
struct scan due_subjects(enum due which, size_t limit);
struct scan due_slots(enum due which, enum slot_rank rank, size_t limit);

/* Whoever goes first in a line: commits, or statuses of one rank. */
#define LINE_SUBJECTS    0
#define LINE_SLOTS(rank) (1 + (int64_t)(rank))
bool turn_first(struct step *step, int64_t line, enum due *ret);
/* One of `taken` was taken, where `first` went first. `waiting`: the line's scan of what is put off. */
struct turn_taken {
	int64_t line;
	enum due first, taken;
	struct scan waiting;
};
bool turn_given(struct step *step, const struct turn_taken *in);

#endif
