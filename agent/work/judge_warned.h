/*
 * judge_warned: a change that a rule would have blocked which only warns, and that fixes a secure bug without approval:
 * where the tracker's configuration asks for it, that is said on the bug, once for each change (deeds.h). Of rules that
 * ask about bugs alone, in whatever context, and of bugs that the table knows as secure and not approved.
 */
#ifndef AGENT_WORK_JUDGE_WARNED_H
#define AGENT_WORK_JUDGE_WARNED_H

#include "agent/work/contexts.h"
#include "agent/work/workers.h"

/* What it wants is kept; a store that does not take it is logged, and whatever is judged next says it. */
void judge_warned(const struct judge *judge, const struct gathered *gathered, const struct verdict *own,
		  const struct contexts *contexts);

#endif
