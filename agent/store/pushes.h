/*
 * pushes: commits that are pushed to a configured branch (struct push_branch) and judged there without a change.
 *
 * A signed push to such a branch is kept as an arrival of change 0: who pushed, and what was the tip before. Its commit
 * is a subject from then on, also when the branch goes on: it is what somebody may take further. What a forced push or
 * a deletion drops is taken back at once, unless an open change has it. Whether the commit is on the branch, and not
 * yet where it is to go, the judge reads from the forge; nothing here says so. Private to agent/store.
 */
#ifndef AGENT_STORE_PUSHES_H
#define AGENT_STORE_PUSHES_H

#include "agent/store/apply.h"

/* After a push to this branch: its new commit, and the tips of the branches that are to become it. */
bool pushes_apply(struct applying *a, struct text branch);

/* Fills pushes: the claim's repository's, by its name. */
bool pushes_claim(struct step *step, struct claim *claim);

#endif
