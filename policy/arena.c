#include "policy/arena.h"

#include <stdalign.h>
#include <stdarg.h>
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
#ifndef BLOCK_BYTES
#define BLOCK_BYTES 8192
#endif

struct arena_block {
	struct arena_block *next;
	size_t size, used;
	alignas(max_align_t) unsigned char bytes[];
};

static struct arena_block *block_new(struct arena *arena, size_t size)
{
	struct arena_block *block;

	if (size > SIZE_MAX / 2)
		out_of_memory();
	block = calloc(1, sizeof *block + size);
	if (!block)
		out_of_memory();
	block->size = size;
	block->next = arena->blocks;
	arena->blocks = block;
	return block;
}

void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
	struct arena_block *block = arena->blocks;
	const size_t align = alignof(max_align_t);
	size_t want;
	void *at;

	if (size != 0 && count > SIZE_MAX / 4 / size)
		out_of_memory();
	want = count * size;
	want = want == 0 ? align : (want + align - 1) / align * align;
	if (!block || block->size - block->used < want)
		block = block_new(arena, want > BLOCK_BYTES ? want : BLOCK_BYTES);
	at = block->bytes + block->used;
	block->used += want;
	arena->used += want;
	return at;
}

struct text arena_text(struct arena *arena, struct text t)
{
	char *copy = arena_alloc(arena, t.len + 1, 1);

	if (t.len > 0)
		memcpy(copy, t.at, t.len);
	return (struct text){copy, t.len};
}

struct text arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args, again;
	char *at;
	int n;

	va_start(args, format);
	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0)
		out_of_memory();
	at = arena_alloc(arena, (size_t)n + 1, 1);
	(void)vsnprintf(at, (size_t)n + 1, format, again);
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
		(void)overwrite(block->bytes, 0, block->used);
	arena_release(arena);
}

void bytes_wipe(void *at, size_t n)
{
	if (n > 0)
		(void)overwrite(at, 0, n);
}
