/*
 * judge_bugs: what a judgement keeps of its second stage, in which bugs are read: the verdicts made without them, in
 * every context; what of them is said before anything is read, and when what bugs decided may be said
 * (agent/PROTOCOL.md, the tick). So that no moment tells what was read, or how long that took. Reads nothing.
 */
#ifndef AGENT_WORK_JUDGE_BUGS_H
#define AGENT_WORK_JUDGE_BUGS_H

#include "agent/work/contexts.h"
#include "agent/work/gather_bugs.h"

struct bug_stage {
	bool looked_up;           /* bugs were read; else nothing else here is set but again_at */
	struct verdict own;       /* the verdicts made without them, */
	struct contexts contexts; /* in the same order, */
	struct facts facts;       /* and what they were made from */
	struct gathered_bugs bugs;
	int64_t again_at; /* not 0: a success waits for this, or bugs are to be read then */
};

/* Is all that the public sees met in one context at least? */
bool bug_stage_due(const struct verdict *own, const struct contexts *contexts);

struct bug_tick {
	const struct claim *claim;
	int64_t tick_ms; /* bugs.tick; 0: none */
	int64_t began;   /* wall: the judgement */
	int64_t now;     /* wall */
};

/* The verdicts made without bugs say in public what is not said yet: then this is said at once, and the next judgement
 * reads bugs. True: so it is, and each verdict is as it shall be said. */
bool bug_stage_says_first(struct bug_stage *stage, const struct bug_tick *tick, struct verdict *own,
			  struct contexts *contexts);

/* Each success that may not be given yet becomes what was known without bugs. True: the own one did. */
bool bug_stage_wait(struct bug_stage *stage, const struct bug_tick *tick, struct verdict *own,
		    struct contexts *contexts);

/* For how many milliseconds what bugs decided is not said yet. 0: nothing new is said, or something is taken back. */
int64_t bug_stage_hold(const struct bug_stage *stage, const struct bug_tick *tick, const struct verdict *own,
		       const struct contexts *contexts);

#endif
