/*
 * ghost_inner: what the sources of the ghosts share: ghost.c owns what is true and told, ghost_judge.c looks at what is
 * read, concluded and taken, ghost_post.c at what the forge takes, ghost_end.c at what has settled. Nobody else
 * includes it. Nothing here changes the store; a peek reads it beside the hands, so no fault meets it.
 */
#ifndef TESTS_SIM_GHOST_INNER_H
#define TESTS_SIM_GHOST_INNER_H

#include <string.h>

#include "tests/sim/sim.h"

#define GHOST_REVOKED_MS 5000 /* of the webhook's 202, in a calm history */

bool ghost_landed(const struct sim *sim, int commit); /* it is on a base branch */

/* The push that made this commit a head, by the last webhook told of it; NULL: none, or it was replaced since. */
const struct ghost_deed *ghost_pushed_to(const struct sim *sim, int commit);
bool ghost_replaced_without_failure(const struct sim *sim, const struct ghost_deed *push);

int64_t ghost_unapplied(struct sim *sim); /* rows of the journal; -1: it cannot be read */

struct peek { /* what the store holds for one commit */
	struct row_subject subject;
	struct row_slot slot;
	struct row_ledger ledger;
	struct arena *arena;
	bool has_subject, has_slot, has_ledger;
};
bool ghost_peek(struct sim *sim, int commit, struct peek *peek); /* peek->arena is the caller's */

#endif
