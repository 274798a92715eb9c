/*
 * memory: what happens when there is none. The process stops with one line: a small daemon with durable state
 * restarts safely, limits bound what outsiders can make it hold, and an error path that nobody walks is not trusted
 * with a verdict. Whoever calls malloc and its like itself calls out_of_memory when it fails.
 *
 * A library that would go on, report something else or crash is given memory_take and its like as its allocator,
 * where it takes one and where no outsider names the size.
 */
#ifndef POLICY_MEMORY_H
#define POLICY_MEMORY_H

#include <stddef.h>

/* Says "headgate: out of memory" on stderr and aborts. */
_Noreturn void out_of_memory(void);

/* malloc and realloc that never return NULL. The caller frees with free(). */
void *memory_take(size_t size);
void *memory_resize(void *old, size_t size);

#endif
