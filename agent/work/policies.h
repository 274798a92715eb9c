/*
 * policies: what policy files came to, kept by one judge. Parsing is a function of the bytes and the administrator's
 * defaults alone (policy/policy.h), and a judge reads the same few files all day: the same bytes are not parsed twice.
 * Nothing else is kept, nothing of it is stored, and whoever forgets it all reads the same anew.
 *
 * What is handed out lives until the next policies_rest, which the judge calls between two judgements; then all of it
 * goes if it has become much. Without one (NULL) everything is parsed each time, into the arena of whoever asks. One
 * thread at a time; the defaults are the same in every call.
 */
#ifndef AGENT_WORK_POLICIES_H
#define AGENT_WORK_POLICIES_H

#include "policy/facts.h"
#include "policy/policy.h"
#include "policy/remote.h"

#define POLICIES_MAX       16                 /* files kept at once */
#define POLICIES_BYTES_MAX ((size_t)16 << 20) /* of all that they came to; passed by one file at most */

struct policies;

/* Never NULL. */
struct policies *policies_new(void);
void policies_free(struct policies *policies); /* takes NULL */

struct policy_bytes { /* what one file came to */
	enum remote_answer remote;
	struct remote elsewhere;              /* REMOTE_YES */
	const struct problem *remote_problem; /* REMOTE_WRONG */
	struct governed governed;             /* of the bytes themselves; no policy: its problem says why */
};

/* `policies` may be NULL; the arena is for what is not kept. Never NULL. */
const struct policy_bytes *policies_read(struct policies *policies, struct text bytes,
					 const struct policy_defaults *defaults, struct arena *arena);
/* The built-in policy. */
const struct policy *policies_builtin(struct policies *policies, const struct policy_defaults *defaults,
				      struct arena *arena);

/* Nothing that was handed out is used any more. */
void policies_rest(struct policies *policies);

#endif
