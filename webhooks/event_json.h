/*
 * event_json: the journal's text form of an event: one JSON object with only the known fields, written and read by one
 * table of {key, type, offset}. event_decode(event_encode(e)) equals e (texts being UTF-8 without NUL, as every body
 * that was scanned). Unknown fields are left out. Version 1 stands in "v"; an unknown version, an unknown key
 * or a malformed text is ERR_BROKEN (it is our own writing).
 */
#ifndef WEBHOOKS_EVENT_JSON_H
#define WEBHOOKS_EVENT_JSON_H

#include "policy/arena.h"
#include "policy/err.h"
#include "policy/event.h"

/* An event that says nothing: what a form without a field is read as. */
struct event event_unknown(void);

struct text event_encode(const struct event *event, struct arena *arena);
bool event_decode(struct text json, struct arena *arena, struct event *ret, struct err *err);

#endif
