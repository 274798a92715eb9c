/*
 * judge_bugs: what a judgement keeps of its second stage, in which bugs are read: the verdicts made without them, in
 * every context, and when a success that hangs on bugs may be given (agent/PROTOCOL.md, the tick). Reads nothing.
 */
#ifndef AGENT_WORK_JUDGE_BUGS_H
#define AGENT_WORK_JUDGE_BUGS_H

#include "agent/work/contexts.h"
#include "agent/work/gather_bugs.h"

struct bug_stage {
	bool looked_up;           /* bugs were read; else nothing else here is set but zeroes */
	struct verdict own;       /* the verdicts made without them, */
	struct contexts contexts; /* in the same order, */
	struct facts facts;       /* and what they were made from */
	struct gathered_bugs bugs;
	int64_t tick_at; /* not 0: a success waits for this */
};

/* Is all that the public sees met in one context at least? */
bool bug_stage_due(const struct verdict *own, const struct contexts *contexts);

struct bug_tick {
	const struct claim *claim;
	int64_t tick_ms; /* bugs.tick; 0: none */
	int64_t began;   /* wall: the judgement */
	int64_t now;     /* wall */
};
/* Each success that may not be given yet becomes what was known without bugs. True: the own one did. */
bool bug_stage_wait(struct bug_stage *stage, const struct bug_tick *tick, struct verdict *own,
		    struct contexts *contexts);

#endif
