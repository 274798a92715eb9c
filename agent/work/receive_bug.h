/*
 * receive_bug: a tracker's webhook from its request to a durable row, as receive.h does for the forge's. It has no id
 * of its own, and two equal ones may tell of two changes: each gets a new id, none is dropped. What is appended is
 * derived facts alone; the request's body ends here. Runs on the listener's thread and never blocks.
 */
#ifndef AGENT_WORK_RECEIVE_BUG_H
#define AGENT_WORK_RECEIVE_BUG_H

#include "agent/work/receive.h"
#include "webhooks/bugzilla.h"

#define RECEIVE_BUG_PATH "/webhooks/bugzilla" /* of the only hook; below it: of the tracker with that name */

struct receive_bugs {
	const struct receive *receive;
	const struct bugzilla_hook *hooks;
	size_t n;
	/* Counts a refusal, as the listener does its own; may be NULL. */
	void (*refused)(void *context, struct text guid, const struct refusal *refusal);
	void *refused_context;
};

/* The hook of this path; NULL: none. */
const struct bugzilla_hook *receive_bug_hook(const struct receive_bugs *bugs, struct text path);

/* The routes' handler; context is a struct receive_bugs. Not a webhook route: at most BUGZILLA_BODY_MAX bytes. */
void receive_bug_handle(void *context, struct exchange *exchange, const struct verified *verified);

#endif
