/*
 * bugzilla: a webhook of BMO -> an event. It has no signature and no delivery id, may be redacted, stale, doubled, late
 * and lost: it is a hint that a bug may have changed, and nothing of it is believed but which one. The routing key says
 * what may have weakened a permission; where it says nothing that is understood, everything may have.
 *
 * Promise: of a body nothing is kept but the derived facts of EVENT_BUG: no summary, no user, no comment, not the body.
 * The delivery's body, for the journal, is the JSON of that event.
 */
#ifndef WEBHOOKS_BUGZILLA_H
#define WEBHOOKS_BUGZILLA_H

#include "webhooks/intake.h"

#define BUGZILLA_BODY_MAX ((size_t)256 * 1024) /* the longest comment of a bug takes 64 KiB */

struct bugzilla_hook {       /* one tracker that delivers; texts outlive its use */
	struct text tracker; /* its name in the configuration */
	const char *header;  /* NULL: "Authorization" */
	struct text secret;  /* the header's whole value; empty: whoever may reach us may hint */
};

/* Judges the header lines. Compares in constant time. False: *refusal. */
bool bugzilla_admit(const struct bugzilla_hook *hook, const struct header *headers, size_t n, struct refusal *refusal);

/* Total: fate and note say what became of it. False only when the bytes are not a JSON object: *err is ERR_INVALID with
 * a byte's position. Fills all of *ret but guid and secret_index; what it points to is the arena's and the hook's. */
bool normalize_bugzilla(const struct bugzilla_hook *hook, struct text body, struct arena *arena, struct delivery *ret,
			struct err *err);

/* Words of routing keys and what they touch, for documentation and tests; NULL past the end. */
struct bugzilla_word {
	const char *word; /* ends in '.': a prefix */
	int64_t touched;
};
const struct bugzilla_word *bugzilla_word_at(size_t i);

#endif
