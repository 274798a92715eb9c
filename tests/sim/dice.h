/*
 * dice: seeded random numbers (splitmix64). Each use has a stream of its own, so that leaving out one fault or one act
 * (the shrinker does) changes no other draw.
 */
#ifndef TESTS_SIM_DICE_H
#define TESTS_SIM_DICE_H

#include <stdbool.h>
#include <stdint.h>

struct dice {
	uint64_t state;
};

static inline uint64_t dice_roll(struct dice *dice)
{
	uint64_t z = (dice->state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static inline struct dice dice_of(uint64_t seed, uint64_t stream)
{
	struct dice dice = {seed * 0x2545f4914f6cdd1du + stream * 0xd6e8feb86659fd93u};

	(void)dice_roll(&dice);
	return dice;
}

static inline uint32_t dice_below(struct dice *dice, uint32_t n)
{
	return n ? (uint32_t)(dice_roll(dice) % n) : 0;
}

static inline bool dice_permille(struct dice *dice, unsigned chance)
{
	return chance > 0 && dice_below(dice, 1000) < chance;
}

#endif
