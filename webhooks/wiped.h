/*
 * wiped: free and realloc that overwrite what goes back, for libraries that take their allocator: their buffers and
 * trees hold what trackers say of secret bugs. As fast as a memset of what is freed. From any thread.
 */
#ifndef WEBHOOKS_WIPED_H
#define WEBHOOKS_WIPED_H

#include <stddef.h>

/* Takes what malloc and its like returned, or NULL. */
void wiped_free(void *at);
/* NULL: there is no memory, and `old` is as it was. */
void *wiped_resize(void *old, size_t size);

#endif
