/*
 * issues: a signed webhook of GitHub about an issue of a repository that is a tracker -> an event. It comes to a path
 * and under a secret of its own, never to that of changes: whoever may set up the one hook is not trusted with the
 * other. As every tracker's webhook it is a hint; state is read.
 *
 * Promise: nothing looks into the body before the signature over its exact bytes holds; of it nothing is kept but the
 * derived facts of EVENT_BUG: no title, no label, no comment, no person. The delivery's body, for the journal, is the
 * JSON of that event.
 */
#ifndef WEBHOOKS_ISSUES_H
#define WEBHOOKS_ISSUES_H

#include "webhooks/intake.h"

#define ISSUES_BODY_MAX ((size_t)1024 * 1024) /* an issue and a comment of 65,536 characters each, escaped */

struct issues_hook {              /* one tracker that delivers; texts outlive its use */
	struct text tracker;      /* its name in the configuration */
	struct text repo;         /* "owner/name" */
	struct text secret;       /* never empty */
	const struct text *flags; /* that comments set; n 0: no comment says anything */
	size_t n_flags;
};

/* Judges header lines, length and signature. False: *refusal. *ret borrows from the head: its event and its id. */
struct issues_head {
	struct text event, guid;
};
bool issues_admit(const struct issues_hook *hook, const struct request_head *head, struct text body,
		  struct issues_head *ret, struct refusal *refusal);

/* Total: fate and note say what became of it. False only when the bytes are not a JSON object: *err is ERR_INVALID with
 * a byte's position. Fills all of *ret but guid and secret_index; what it points to is the arena's and the hook's. */
struct issues_told {
	struct text event, body; /* event: of the head */
};
bool normalize_issues(const struct issues_hook *hook, const struct issues_told *told, struct arena *arena,
		      struct delivery *ret, struct err *err);

/* '+', '-' or '?' where a comment's first line is the flag's name and that, and nothing else; 0: it is not. */
char issues_flag_said(struct text comment, struct text flag);

#endif
