#include "policy/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/arena_wipe.h"
#include "policy/memory.h"

#if defined(__SANITIZE_ADDRESS__)
#define BLOCK_BYTES 0 /* every allocation is a block of its own: the sanitizer sees its ends */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BLOCK_BYTES 0
#endif
#endif
#ifdef BLOCK_BYTES
#define FIRST_BYTES 0
#else
#define BLOCK_BYTES 8192
#define FIRST_BYTES 960 /* most arenas hold little, and malloc keeps blocks of this size at hand */
#endif

struct arena_block {
	struct arena_block *next;
	size_t size, used;
	alignas(max_align_t) unsigned char bytes[];
};

static struct arena_block *block_new(struct arena *arena, size_t size, bool zeroed)
{
	struct arena_block *block;

	if (size > SIZE_MAX / 2)
		out_of_memory();
	block = zeroed ? calloc(1, sizeof *block + size) : malloc(sizeof *block + size);
	if (!block)
		out_of_memory();
	block->size = size;
	block->used = 0;
	block->next = arena->blocks;
	arena->blocks = block;
	return block;
}

static size_t room(const struct arena *arena)
{
	return arena->blocks ? arena->blocks->size - arena->blocks->used : 0;
}

static size_t aligned(size_t size)
{
	const size_t align = alignof(max_align_t);

	return size == 0 ? align : (size + align - 1) / align * align;
}

/* size is aligned, and there is room. */
static void *hand_out(struct arena *arena, size_t size)
{
	struct arena_block *block = arena->blocks;
	void *at = block->bytes + block->used;

	block->used += size;
	arena->used += size;
	return at;
}

/* With whatever bytes are there: blocks are cleared as they are handed out, not before. */
static void *take(struct arena *arena, size_t size)
{
	size_t usual = arena->blocks ? BLOCK_BYTES : FIRST_BYTES, want = aligned(size);

	if (room(arena) < want)
		(void)block_new(arena, want > usual ? want : usual, false);
	return hand_out(arena, want);
}

void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
	size_t want;

	if (size != 0 && count > SIZE_MAX / 4 / size)
		out_of_memory();
	want = aligned(count * size);
	if (want <= BLOCK_BYTES || room(arena) >= want)
		return memset(take(arena, want), 0, want);
	(void)block_new(arena, want, true); /* the system may have so much of it cleared already */
	return hand_out(arena, want);
}

void *arena_room(struct arena *arena, void *at, size_t n, size_t *room, size_t size)
{
	void *more;

	if (n < *room)
		return at;
	*room = *room ? 2 * *room : 4;
	more = arena_alloc(arena, *room, size);
	if (n > 0)
		memcpy(more, at, n * size);
	return more;
}

struct text arena_text(struct arena *arena, struct text t)
{
	char *copy = take(arena, t.len + 1);

	if (t.len > 0)
		memcpy(copy, t.at, t.len);
	copy[t.len] = '\0';
	return (struct text){copy, t.len};
}

struct text arena_printf(struct arena *arena, const char *format, ...)
{
	size_t left = room(arena);
	char *at = left > 0 ? (char *)arena->blocks->bytes + arena->blocks->used : NULL;
	va_list args, again;
	int n;

	va_start(args, format);
	va_copy(again, args);
	n = vsnprintf(at, left, format, args);
	va_end(args);
	if (n < 0)
		out_of_memory();
	if ((size_t)n < left) {
		(void)hand_out(arena, aligned((size_t)n + 1));
	} else {
		at = take(arena, (size_t)n + 1);
		(void)vsnprintf(at, (size_t)n + 1, format, again);
	}
	va_end(again);
	return (struct text){at, (size_t)n};
}

void arena_release(struct arena *arena)
{
	struct arena_block *block = arena->blocks;

	while (block) {
		struct arena_block *next = block->next;

		free(block);
		block = next;
	}
	*arena = ARENA_EMPTY;
}

/* Called through what the compiler cannot look through: it would leave out writes that nobody reads. */
static void *(*const volatile overwrite)(void *at, int with, size_t n) = memset;

void arena_wipe(struct arena *arena)
{
	for (struct arena_block *block = arena->blocks; block; block = block->next)
		(void)overwrite(block->bytes, 0, block->size); /* beyond `used` may be the beginning of a text */
	arena_release(arena);
}

void bytes_wipe(void *at, size_t n)
{
	if (n > 0)
		(void)overwrite(at, 0, n);
}
