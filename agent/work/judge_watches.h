/* judge_watches: what a verdict asked other tools and people, for the store: their later words touch its commit. */
#ifndef AGENT_WORK_JUDGE_WATCHES_H
#define AGENT_WORK_JUDGE_WATCHES_H

#include "agent/work/gather.h"

/* As agent/store/watches.h writes it. The policies of the commit's own changes come first, then those of a merge
 * group's constituents. */
struct text judge_watches(const struct gathered *gathered, struct arena *arena);

#endif
