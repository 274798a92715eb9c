/*
 * oom_plan: which test cases there are, and in which order their points of failure are tried. A point is one case,
 * one of its allocations and whether that one fails or all from it on.
 *
 * A way is the path of calls from the allocator up to the test; two calls that came the same way meet the same
 * error path. A sample tries each way once, in the case where it is reached soonest, in an order that only the seed
 * decides; what is left follows. The complete plan holds every way of every case, and, for a case with few
 * allocations, every single allocation.
 */
#ifndef TESTS_FAULTS_OOM_OOM_PLAN_H
#define TESTS_FAULTS_OOM_OOM_PLAN_H

#include "tests/faults/oom/oom_run.h"

struct oom_plan {
	struct oom_case *cases;
	size_t n_cases;
	struct oom_point *points;
	size_t n_points, n_ways; /* the first n_ways points are all different ways */
};

/* Adds what `PROGRAM --list` names, or only `name` of it. False, with a line on stderr: it does not run. */
bool oom_plan_add(struct oom_plan *plan, const char *program, const char *name);

/* When each case is counted. `every`: cases with at most so many allocations give all of them (0: none). */
void oom_plan_points(struct oom_plan *plan, uint64_t seed, uint64_t every);

void oom_plan_free(struct oom_plan *plan);

#endif
