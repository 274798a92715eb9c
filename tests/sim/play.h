/*
 * play: what people and attackers do in one history. A plan is made from the seed beforehand: acts with their times
 * and raw draws; what an act means is decided when its turn comes, from what is true then. So leaving acts out (the
 * shrinker) leaves the others what they are. Pure; no allocation beyond the plan itself.
 */
#ifndef TESTS_SIM_PLAY_H
#define TESTS_SIM_PLAY_H

#include "tests/sim/swarm.h"

#define PLAN_MAX 48

struct act {
	enum deed_done kind;
	int64_t at; /* milliseconds after the start */
	bool turns; /* takes the act before it back, as far as there is one */
	uint32_t draw[6];
};

struct plan {
	struct act acts[PLAN_MAX];
	unsigned n;
};

struct plan plan_of(uint64_t seed, const struct swarm *swarm);

/* What this act is now. False: there is nothing to do it to. */
bool play_resolve(const struct truth *truth, const struct swarm *swarm, const struct act *act, struct deed *ret);

/* "p0 approves c3 of #1": one line for a story. */
void play_tell(const struct deed *deed, char *line, size_t room);

#endif
