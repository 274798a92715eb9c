/*
 * receive_said: PUT and DELETE of one bug by its tracker's own connector: "is secure", "is not secure any more".
 * Whoever has a token of that tracker may say it, and nothing else; it is durable before the 202, as receive.h has it.
 * What it does is the journal's: where the tracker is read, this is a hint, and PUT makes the bug secure until it was
 * read; where only the table is, this counts, dated by `seen` or by when it came, and never later than that.
 *
 * Nothing is looked up: what is answered, and the work for it, is the same of every bug. Runs on the listener's thread
 * and never blocks.
 */
#ifndef AGENT_WORK_RECEIVE_SAID_H
#define AGENT_WORK_RECEIVE_SAID_H

#include "agent/work/receive.h"
#include "webhooks/intake.h"

#define RECEIVE_SAID_PATH "/api/v1/bugs/" /* then NUMBER, of the only tracker that has tokens, or NAME/NUMBER */
#define RECEIVE_SAID_MAX  ((size_t)4096)  /* bytes of a body */

struct said_tracker {        /* texts outlive its use */
	struct text tracker; /* its name in the configuration */
	struct intake_secret tokens[INTAKE_SECRETS_MAX];
	size_t n;
};

struct receive_said {
	const struct receive *receive;
	struct clock_port clock; /* what readings are dated by */
	const struct said_tracker *trackers;
	size_t n;
	/* Counts a refusal, as the listener does its own; may be NULL. */
	void (*refused)(void *context, struct text guid, const struct refusal *refusal);
	void *refused_context;
};

/* The handler of both methods; context is a struct receive_said. Takes a body of RECEIVE_SAID_MAX. */
void receive_said_handle(void *context, struct exchange *exchange, const struct verified *verified);

#endif
