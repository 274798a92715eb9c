/*
 * oom_stack: whose allocation is it? Walks the stack of the calling thread with the unwinder, so that frames of
 * libraries without frame pointers count too. Part of the preloaded hook: allocates nothing, takes no lock that
 * malloc's callers may hold.
 *
 * The innermost frame inside the test program decides: in production code (oom_page.ranges) the allocation is
 * production's, whatever library made it; elsewhere (tests, their support, Check) it is the test's. A thread
 * without such a frame, other than the main thread, belongs to a library that production code started.
 */
#ifndef TESTS_FAULTS_OOM_OOM_STACK_H
#define TESTS_FAULTS_OOM_OOM_STACK_H

#include "tests/faults/oom/oom.h"

/* Before anything else, from the main thread. The page must outlive the process. */
void oom_stack_start(const struct oom_page *page);

/* Whose, and (unless NULL) the way up to the first frame that is not production's; `first` and `last` stay as they are.
 */
enum oom_whose oom_stack_whose(struct oom_site *site);

/* The whole stack, for a person to read. */
void oom_stack_take(struct oom_stack *ret);

#endif
