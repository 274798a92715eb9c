/*
 * turns: who waited longest goes first. Of what is due now, and of one rank, a commit or a status is behind all that
 * were due before it, so that nobody's many, whatever their hashes, stand before another's one.
 *
 * A turn is the time, or one more than the newest turn that waits, where a clock stands still or went back. It is taken
 * when something becomes due, and kept by news; whoever was served and is due still, or again, goes to the end. What is
 * put off keeps it. Private to agent/store.
 */
#ifndef AGENT_STORE_TURNS_H
#define AGENT_STORE_TURNS_H

#include "agent/store/steps.h"

/* For a commit that becomes due, or is due: a place at the end, where it has no earlier one. The caller puts it. */
bool turn_take(struct step *step, struct row_subject *subject);

/* Served: a place at the end, for the case that it stays due. The caller puts it. */
bool turn_end(struct step *step, struct row_subject *subject);
bool turn_end_slot(struct step *step, struct row_slot *slot); /* within its rank */

#endif
