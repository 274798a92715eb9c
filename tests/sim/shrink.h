/*
 * shrink: makes a history that breaks an invariant as small as it can (acts left out, faults switched off, fewer
 * nodes) while the same invariant still breaks, and tells what is left as a story that a person can read.
 */
#ifndef TESTS_SIM_SHRINK_H
#define TESTS_SIM_SHRINK_H

#include "tests/sim/sim.h"

struct sim_order sim_order_of(uint64_t seed, const struct stage *stage);

/* *order becomes the smaller history; at most `runs` histories are tried. The number that was. */
unsigned shrink(struct sim_order *order, unsigned runs);

void shrink_and_tell(uint64_t seed, const struct stage *stage, FILE *out);

#endif
