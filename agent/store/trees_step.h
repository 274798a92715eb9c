/* trees_step: what conclude needs of trees.h inside its transaction. Private to agent/store. */
#ifndef AGENT_STORE_TREES_STEP_H
#define AGENT_STORE_TREES_STEP_H

#include "agent/store/steps.h"
#include "agent/store/trees.h"

/* From now on these are what the commit's verdict asked about. */
bool trees_link(struct step *step, const struct conclusion *in);

/* Does one of them say something else by now than what was judged by? */
bool trees_moved(struct step *step, const struct conclusion *in, bool *ret);

#endif
