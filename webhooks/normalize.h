/*
 * normalize: payload bytes -> event, by one table of {event name, actions, fields, function} (github.c). Lenient:
 * every field is optional but the few used; unknown events and actions are ignored, a missing used field quarantines.
 * Never crashes, never allocates more than the arena's bounded copies; the result borrows from body and arena.
 */
#ifndef WEBHOOKS_NORMALIZE_H
#define WEBHOOKS_NORMALIZE_H

#include "webhooks/intake.h"

/* Takes the facts of a body whose signature held. Total: fate and note say what became of it ("pull_request.head.sha:
 * missing"). False only when the bytes are not a JSON object (the refusal is made by the caller): *err is ERR_INVALID
 * with a byte's position. Fills all of *ret but guid and secret_index. An ignored or quarantined delivery's event has
 * kind EVENT_IGNORED and holds what is common to all events, as far as it is sound: name, action, installation,
 * repository, sender. */
bool normalize_github(struct text event_name, struct text body, struct arena *arena, struct delivery *ret,
		      struct err *err);

/* Events that have a row, for documentation and tests; NULL past the end. */
struct normalize_row {
	const char *name;
	enum event_kind kind;
	const char *help;
};
const struct normalize_row *normalize_row_at(size_t i);

#endif
