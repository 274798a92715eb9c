/*
 * forging: a pipe whose forge says who posts for us, and what others set under our name beside it. Change 1 has head
 * 'a'.
 */
#ifndef TESTS_SUPPORT_FORGING_H
#define TESTS_SUPPORT_FORGING_H

#include "tests/support/pipe.h"

#define US      900
#define MALLORY 666
#define LIFE_MS 30000 /* of a request: deadline and grace */

extern int64_t forging_id; /* the newest status that the forge has */

/* Change 1 is allowed, the forge said who we are, and whatever an earlier process sent is dead. */
void forging_open(struct pipe_rig *rig, int backend);

/* A webhook's status on 'a'; at: by the forge's clock. */
struct event status_by(int64_t creator, int64_t id, const char *state, int64_t at);
/* The forge takes it; returns its id. */
int64_t answered(struct pipe_rig *rig, const struct post *post);
int64_t post_now(struct pipe_rig *rig); /* the next that is due, which must be */
int post_all(struct pipe_rig *rig);     /* returns how many */

struct listed_status listed_by(int64_t creator, int64_t id, enum status_state state, int64_t at);
struct reread list_of(struct pipe_rig *rig, const struct listed_status *at, size_t n);
enum looked look_at(struct pipe_rig *rig, const struct listed_status *at, size_t n); /* newest first */

struct alarms alarms_of(struct pipe_rig *rig);
int64_t open_of(struct pipe_rig *rig, enum alarm_kind kind); /* not acknowledged */

/* Failure is wanted, by a text that has this word in it, and a judgement. */
void is_revoked(struct pipe_rig *rig, const char *word);

#endif
