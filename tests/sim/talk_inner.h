/*
 * talk_inner: what the two halves of a conversation need of each other: talk_told.c has people and deliveries, talk.c
 * the process, its workers and the acts. Nobody else includes it.
 */
#ifndef TESTS_SIM_TALK_INNER_H
#define TESTS_SIM_TALK_INNER_H

#include "tests/sim/talk.h"

#define TALK_BATCH 5

/* Tells `returned` that a transaction ended; returns ok. */
bool talk_tell(struct talk *talk, bool ok, const struct err *err);

/* Somebody does something, which the forge will tell as past.events[n_events - 1]. False: nobody can just now. */
bool talk_people(struct talk *talk);
bool talk_deliver(struct talk *talk, size_t event, struct err *err);
/* The newest n events (at most TALK_BATCH), in one commit of the committer. */
bool talk_deliver_batch(struct talk *talk, size_t n, struct err *err);

#endif
