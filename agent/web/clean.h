/* clean: which characters of foreign text may be shown to a person. Pure; any thread. */
#ifndef AGENT_WEB_CLEAN_H
#define AGENT_WEB_CLEAN_H

#include "policy/arena.h"
#include "policy/text.h"

#define CLEAN_REPLACEMENT TEXT_LIT("\xef\xbf\xbd") /* U+FFFD */

/* Length of the character at the front of t (not empty); 0: it is ill-formed, a control character, or reorders text,
 * and one byte of it is to be replaced. */
size_t clean_step(struct text t);

/* t with all that clean_step refuses replaced, line breaks too. Owned by the arena. */
struct text clean_text(struct text t, struct arena *arena);

#endif
