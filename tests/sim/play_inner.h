/*
 * play_inner: what the sources of play share; nobody else includes it.
 */
#ifndef TESTS_SIM_PLAY_INNER_H
#define TESTS_SIM_PLAY_INNER_H

#include "tests/sim/play.h"

typedef bool resolver(const struct truth *truth, const struct swarm *swarm, const struct act *act, struct deed *ret);

int play_pick_open(const struct truth *truth, uint32_t draw); /* a change; NOBODY: none is open */

/* play_bugs.c */
unsigned play_names_bugs(const struct swarm *swarm, uint32_t draw); /* of a new commit, or a title; bits */
resolver play_to_rate, play_to_show, play_to_patch, play_to_approve_patch, play_to_mark, play_to_resolve;

#endif
