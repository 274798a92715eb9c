#include "policy/memory.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void out_of_memory(void)
{
	fputs("headgate: out of memory\n", stderr);
	abort();
}

void *memory_take(size_t size)
{
	void *p = malloc(size > 0 ? size : 1);

	if (!p)
		out_of_memory();
	return p;
}

void *memory_resize(void *old, size_t size)
{
	void *p = realloc(old, size > 0 ? size : 1);

	if (!p)
		out_of_memory();
	return p;
}
