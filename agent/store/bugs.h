/*
 * bugs: which verdicts asked about which bugs, and of which bugs something was told since. Two tables: links, one row a
 * commit and bug of the newest verdict of that commit; news, one row a bug. A bug that changed reaches exactly the
 * commits whose verdicts asked for it: what it costs grows with those. Private to agent/store; others see
 * store_conclude's `bugs` and the verbs in store.h.
 *
 * Numbers alone are kept of a bug here, and that something was told of it; what a connector said of it only until a
 * worker took it.
 */
#ifndef AGENT_STORE_BUGS_H
#define AGENT_STORE_BUGS_H

#include "agent/store/steps.h"

/* From now on these are what the commit's verdict asked about. */
bool bugs_link(struct step *step, const struct conclusion *in);

/* Was anything told of one of them since its reading began? Then what was read may be from before. */
bool bugs_told_since(struct step *step, const struct conclusion *in, bool *ret);

/* At the start of a process: whatever an earlier one heard, by a clock that need not have been this one's, it heard by
 * now. */
bool bugs_restart(struct step *step);

/* Something may have changed: every commit linked to it is judged again, and its success is taken back where the bug
 * weighed. It is to be read again, unless a reading told it: one that began at read_at (0: none did), after all else
 * that was told of it. What was said waits to be taken; what is older than what waits so changes nothing. */
struct bug_told {
	struct bug_ref bug;
	int64_t read_at;
	enum bug_said said; /* BUG_SAID_NOTHING: this is a hint */
	int64_t of;         /* when that was so */
	bool spares;        /* nothing is taken back by the event alone */
};
bool bugs_tell(struct step *step, const struct bug_told *told);

/* The table holds what was said. `settles`: that is all there is to know, unless something else was told since, and
 * everybody linked is judged by it; else the bug is to be read. */
bool bugs_took(struct step *step, struct row_bug_news *row, bool settles);

#endif
