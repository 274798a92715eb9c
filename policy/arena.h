/*
 * arena: one lifetime, one free. Without memory the process stops (policy/memory.h).
 *
 * Everything returned is owned by the arena and lives until arena_release. Under AddressSanitizer each block is
 * its own allocation, so that pooling does not blind the sanitizer. Not thread-safe: one thread owns an arena.
 */
#ifndef POLICY_ARENA_H
#define POLICY_ARENA_H

#include <stddef.h>

#include "policy/text.h"

struct arena_block;
struct arena {
	struct arena_block *blocks; /* newest first; NULL: empty */
	size_t used;                /* bytes handed out, for limits and tests */
};

#define ARENA_EMPTY ((struct arena){NULL, 0})

/* Zeroed memory for count elements of size bytes, aligned for any type. Never NULL; aborts on overflow or no memory. */
void *arena_alloc(struct arena *arena, size_t count, size_t size);

/* An array of n elements of size bytes with room for one more: `at` itself (NULL: none yet), or a copy that has twice
 * as much room. *room is the caller's, 0 at first. For lists that may be long and mostly are not. */
void *arena_room(struct arena *arena, void *at, size_t n, size_t *room, size_t size);

/* A NUL-terminated copy of the slice (the NUL is not counted in len). */
struct text arena_text(struct arena *arena, struct text t);

/* printf into the arena. */
struct text arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Frees everything and leaves an empty arena. Takes an empty or already released arena. */
void arena_release(struct arena *arena);

/* For __attribute__((cleanup)): `auto_arena struct arena a = ARENA_EMPTY;` */
#define auto_arena __attribute__((cleanup(arena_release)))

#endif
