/*
 * oom_map: which machine code of a test program is production's, read from the linker's map of that program. The
 * four archives of production code are named there beside each piece; everything else is the test's.
 */
#ifndef TESTS_FAULTS_OOM_OOM_MAP_H
#define TESTS_FAULTS_OOM_OOM_MAP_H

#include "tests/faults/oom/oom.h"

/* Fills at most OOM_RANGES, sorted and joined. False, with a line on stderr: no map, or nothing of ours in it. */
bool oom_map_read(const char *map, struct oom_range *ranges, unsigned *n);

/* The piece of the stack's innermost frame inside the program, and the offset of that frame; NULL: none, or the test's.
 */
const struct oom_range *oom_map_innermost(const struct oom_page *page, const struct oom_stack *stack, uint64_t *ret_at);

#endif
