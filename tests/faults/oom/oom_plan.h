/*
 * oom_plan: which test cases there are, and in which order their points of failure are tried. A point is one case,
 * one of its allocations and whether that one fails or all from it on.
 *
 * A way is the path of calls from the allocator up to the test; two calls that came the same way meet the same
 * error path. Where the process ends for want of memory (policy/memory.c), what a library was about meets none: there a
 * way is the path through production code alone, and "all after it" says nothing more. Each way is tried in the case
 * where it is reached soonest: its first call fails; its first call and all after it; its last call. A sample takes one
 * point of each line of production code first, then a second one, and so on; the seed alone decides which, so that it
 * can be repeated.
 */
#ifndef TESTS_FAULTS_OOM_OOM_PLAN_H
#define TESTS_FAULTS_OOM_OOM_PLAN_H

#include "tests/faults/oom/oom_run.h"

struct oom_plan {
	struct oom_case *cases;
	size_t n_cases;
	struct oom_point *points;
	size_t n_points, room, n_ways, n_places;
};

/* Adds what `PROGRAM --list` names, or only `name` of it. False, with a line on stderr: it does not run. */
bool oom_plan_add(struct oom_plan *plan, const char *program, const char *name);

/* Before they are counted: on a slow machine a sample does not come to all of them. */
void oom_plan_shuffle(struct oom_plan *plan, uint64_t seed);

/* When the cases are counted. */
void oom_plan_points(struct oom_plan *plan, uint64_t seed);

void oom_plan_free(struct oom_plan *plan);

#endif
