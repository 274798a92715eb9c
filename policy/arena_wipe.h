/*
 * arena_wipe: memory that held what nobody may find in it later: it is overwritten before it goes back. For bodies that
 * a tracker sent, which tell of secret bugs, and what was decoded from them.
 */
#ifndef POLICY_ARENA_WIPE_H
#define POLICY_ARENA_WIPE_H

#include "policy/arena.h"

/* arena_release of an arena whose bytes are overwritten first. */
void arena_wipe(struct arena *arena);

/* For __attribute__((cleanup)), as auto_arena. */
#define auto_wiped __attribute__((cleanup(arena_wipe)))

/* n may be 0, and at NULL then. */
void bytes_wipe(void *at, size_t n);

#endif
