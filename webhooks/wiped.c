#include "webhooks/wiped.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

void wiped_free(void *at)
{
	if (at)
		explicit_bzero(at, malloc_usable_size(at));
	free(at);
}

/* realloc would move it, and leave the old one as it was. */
void *wiped_resize(void *old, size_t size)
{
	size_t had = old ? malloc_usable_size(old) : 0;
	void *ret = malloc(size);

	if (!ret)
		return NULL;
	if (old)
		memcpy(ret, old, had < size ? had : size);
	wiped_free(old);
	return ret;
}
