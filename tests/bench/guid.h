/* guid: the id of delivery `number` of run `run`, as sender and checker both make it. */
#ifndef TESTS_BENCH_GUID_H
#define TESTS_BENCH_GUID_H

#include <stddef.h>
#include <stdio.h>

#define BENCH_GUID 37

static inline void bench_guid(unsigned run, size_t number, char ret[BENCH_GUID])
{
	(void)snprintf(ret, BENCH_GUID, "%08x-beef-4000-8000-%012zx", run, number & 0xffffffffffff);
}

#endif
