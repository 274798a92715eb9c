/*
 * ghost_inner: what the sources of the ghosts share: ghost.c owns what is true and told, ghost_judge.c looks at what is
 * read, concluded and taken, ghost_ledger.c at what the store believes, ghost_post.c at what the forge takes,
 * ghost_end.c at what has settled, ghost_peek.c reads the store. Nobody else includes it. Nothing here changes the
 * store; a peek reads it beside the hands, so no fault meets it.
 */
#ifndef TESTS_SIM_GHOST_INNER_H
#define TESTS_SIM_GHOST_INNER_H

#include <string.h>

#include "tests/sim/sim.h"

#define GHOST_REVOKED_MS 5000 /* of the webhook's 202, in a calm history */

bool ghost_landed(const struct sim *sim, int commit); /* it is on a base branch */

/* Step of the push that made this commit the change's head; 0: it was opened with it, or never had it. */
uint64_t ghost_pushed_at(const struct sim *sim, int change, int commit);

/* Did it ever head another change than this one? */
bool ghost_shared_ever(const struct sim *sim, int commit, int change);

/* The push that made this commit a head, by the last webhook told of it; NULL: none, or it was replaced since. */
const struct ghost_deed *ghost_pushed_to(const struct sim *sim, int commit);
bool ghost_replaced_without_failure(const struct sim *sim, const struct ghost_deed *push);

/* Was all that was done to this change told before that step, in its order, and no two acts in one second? */
bool ghost_all_told(const struct sim *sim, int change, uint64_t before);

int64_t ghost_unapplied(struct sim *sim); /* rows of the journal; -1: it cannot be read */
void ghost_note_applied(struct sim *sim); /* after a write: what was told until now, if nothing is left in it */

struct peek { /* what the store holds for one place */
	struct row_subject subject;
	struct row_slot slot;
	struct row_ledger ledger;
	struct arena arena;
	uint64_t wanted; /* what the slot says, as a number; 0: there is none */
	bool has_subject, has_slot, has_ledger;
	bool fresh; /* nobody has written it since */
};
/* NULL: it cannot be read. It is the ghosts', and good until the store is written or that place is asked for again. */
const struct peek *ghost_peek(struct sim *sim, int place);
void ghost_check_peeks(struct sim *sim); /* those that were kept are what the store has */
void ghost_store_begin(struct sim *sim);
void ghost_store_end(struct sim *sim);
bool ghost_taken_back(struct sim *sim, int place); /* its slot is a revocation */

/* The next place after this one that can have a status; SIM_PLACES: there is none. The first is 0. */
int ghost_next(const struct sim *sim, int place);

/* ghost_ledger.c: what the store believes of the forge is held against what is so. */
void ghost_check_ledger(struct hand *hand);                 /* after a write */
void ghost_check_grants_wait(struct hand *hand, int taken); /* a success was taken: nothing that takes back was due */
void ghost_check_due(struct sim *sim);                      /* now and then: no failure that is due stands still */

/* Was anything that can take permission away, done at `since` or later, told to nobody before that step? */
bool ghost_untold(const struct sim *sim, uint64_t before, int64_t since);

/* ghost_bugs.c */
/* Did the newest success hang on the bugs of this deed, as they were when it was read? */
bool ghost_weighed(const struct sim *sim, int place, const struct ghost_deed *deed);
void ghost_rare_by_bugs(struct sim *sim, const struct ghost_post *post);
void ghost_rare_concluded(struct sim *sim, const struct hand *hand);
/* Was it true at some instant since its evaluation began, if each bug was as one may go on to be believed (max_age)? */
bool ghost_by_table(const struct sim *sim, int place, const struct ghost_success *on);
bool ghost_bug_told(struct sim *sim, struct ghost_deed *d, int64_t id); /* false: another bug is still to be told of */

#endif
