/*
 * bugs: which verdicts asked about which bugs, and of which bugs something was told since. Two tables: links, one row a
 * commit and bug of the newest verdict of that commit; news, one row a bug. A bug that changed reaches exactly the
 * commits whose verdicts asked for it: what it costs grows with those. Private to agent/store; others see
 * store_conclude's `bugs` and the verbs in store.h.
 *
 * Numbers alone are kept of a bug here, and that something was told of it.
 */
#ifndef AGENT_STORE_BUGS_H
#define AGENT_STORE_BUGS_H

#include "agent/store/steps.h"

/* From now on these are what the commit's verdict asked about. */
bool bugs_link(struct step *step, const struct conclusion *in);

/* Was anything told of one of them since its reading began? Then what was read may be from before. */
bool bugs_told_since(struct step *step, const struct conclusion *in, bool *ret);

/* Something may have changed: every commit linked to it is judged again, and its success is taken back where the bug
 * weighed. It is to be read again, unless a reading told it: one that began at read_at (0: none did), after all else
 * that was told of it. */
struct bug_told {
	struct bug_ref bug;
	int64_t read_at;
	bool spares; /* nothing is taken back by the event alone */
};
bool bugs_tell(struct step *step, const struct bug_told *told);

#endif
