/*
 * What libgit2 allocates with. Without memory it reports an error, whose making needs memory, and so on until the
 * stack ends; so the process stops here instead (policy/memory.h). Only a size that an object's header may have
 * named is refused: that error is the object's, and nobody may stop the process by pushing one.
 */
#include <git2.h>
#include <git2/sys/alloc.h>
#include <stdint.h>

#include "git/inside.h"
#include "policy/memory.h"

#define NAMED_BY_AN_OBJECT ((size_t)4 * 1024 * 1024)

static void *given(void *p, size_t size)
{
	if (!p && size < NAMED_BY_AN_OBJECT)
		out_of_memory();
	return p;
}

static void *take(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return given(malloc(n > 0 ? n : 1), n);
}

static void *resize(void *old, size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return given(realloc(old, n > 0 ? n : 1), n);
}

static void give(void *p)
{
	free(p);
}

#ifdef HAVE_GIT_ALLOCATOR_OF_NINE /* libgit2 before 1.6 */
static void *take_zeroed(size_t count, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return given(calloc(count > 0 ? count : 1, size > 0 ? size : 1),
		     size > 0 && count > SIZE_MAX / size ? SIZE_MAX : count * size);
}

static char *copy(const char *s, size_t n, const char *file, int line)
{
	char *to = n < SIZE_MAX ? take(n + 1, file, line) : NULL;

	if (to) {
		memcpy(to, s, n);
		to[n] = '\0';
	}
	return to;
}

static char *copy_all(const char *s, const char *file, int line)
{
	return copy(s, strlen(s), file, line);
}

static char *copy_some(const char *s, size_t n, const char *file, int line)
{
	return copy(s, strnlen(s, n), file, line);
}

static void *resize_array(void *old, size_t count, size_t size, const char *file, int line)
{
	return size > 0 && count > SIZE_MAX / size ? NULL : resize(old, count * size, file, line);
}

static void *take_array(size_t count, size_t size, const char *file, int line)
{
	return resize_array(NULL, count, size, file, line);
}
#endif

void memory_of_git(void)
{
	static git_allocator allocator = {
		.gmalloc = take,
		.grealloc = resize,
		.gfree = give,
#ifdef HAVE_GIT_ALLOCATOR_OF_NINE
		.gcalloc = take_zeroed,
		.gstrdup = copy_all,
		.gstrndup = copy_some,
		.gsubstrdup = copy,
		.greallocarray = resize_array,
		.gmallocarray = take_array,
#endif
	};

	(void)git_libgit2_opts(GIT_OPT_SET_ALLOCATOR, &allocator); /* a version without it works as ever */
}
