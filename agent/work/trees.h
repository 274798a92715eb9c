/*
 * trees: the worker that asks treestatus, in turn, for each tree that newest verdicts asked about, and tells the store
 * what it says. An answer that is not understood makes a tree unknown at once; no answer, once what is known is older
 * than max_age_ms. One request at a time; the same code on threads and on fibers, as the others of workers.h.
 */
#ifndef AGENT_WORK_TREES_H
#define AGENT_WORK_TREES_H

#include "agent/tracker/treestatus.h"
#include "agent/work/workers.h"

struct tree_watcher {
	struct worker worker;
	struct treestatus treestatus;
	int64_t every_ms, max_age_ms;
	int64_t deadline_ms; /* of one question, relative */
};

bool tree_watcher_step(struct tree_watcher *watcher, int64_t *ret_at);
void tree_watcher_run(struct tree_watcher *watcher);

#endif
