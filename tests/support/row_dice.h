/*
 * row_dice: random rows of any table, written from its descriptor, and rows as text, so that two backends can be
 * compared. The generator is the test's own and seeded: a seed gives the same rows everywhere.
 */
#ifndef TESTS_SUPPORT_ROW_DICE_H
#define TESTS_SUPPORT_ROW_DICE_H

#include "agent/store/rows.h"

struct dice {
	uint64_t state;
};
uint64_t dice_roll(struct dice *dice, uint64_t below); /* splitmix64; 0..below-1 */

/* Values from small pools (empty, NUL inside, int64 extremes, unknown oid), so that rows meet each other. */
void dice_row(struct dice *dice, const struct table *table, void *row);

/* "column=value;" of every column; bytes that are not printable as \xx. Owned by the arena. */
struct text row_print(const struct table *table, const void *row, struct arena *arena);

#endif
