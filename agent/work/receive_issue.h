/*
 * receive_issue: GitHub's webhook of a tracker's repository from its request to a durable row, as receive.h does for
 * the forge's. It is signed, and a delivery that comes twice is one. What is appended is derived facts alone; the
 * request's body ends here. Runs on the listener's thread and never blocks.
 */
#ifndef AGENT_WORK_RECEIVE_ISSUE_H
#define AGENT_WORK_RECEIVE_ISSUE_H

#include "agent/work/receive.h"
#include "webhooks/issues.h"

#define RECEIVE_ISSUE_PATH "/webhooks/issues" /* of the only hook; below it: of the tracker with that name */

struct receive_issues {
	const struct receive *receive;
	const struct issues_hook *hooks;
	size_t n;
	/* Counts a refusal, as the listener does its own; may be NULL. */
	void (*refused)(void *context, struct text guid, const struct refusal *refusal);
	void *refused_context;
};

/* The hook of this path; NULL: none. */
const struct issues_hook *receive_issue_hook(const struct receive_issues *issues, struct text path);

/* The routes' handler; context is a struct receive_issues. Not a webhook route: at most ISSUES_BODY_MAX bytes. */
void receive_issue_handle(void *context, struct exchange *exchange, const struct verified *verified);

#endif
