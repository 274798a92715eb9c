#include "agent/base/clock.h"

#include <assert.h>

static int64_t read_ms(clockid_t id)
{
	struct timespec now;
	int failed = clock_gettime(id, &now);

	assert(failed == 0); /* these clocks exist on every Linux */
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t wall(void *self)
{
	(void)self;
	return read_ms(CLOCK_REALTIME);
}

static int64_t mono(void *self)
{
	(void)self;
	return read_ms(CLOCK_MONOTONIC);
}

static int64_t steady_wall(void *self)
{
	const struct clock_steady *start = self;

	return start->wall_at + (read_ms(CLOCK_BOOTTIME) - start->boot_at);
}

struct clock_port clock_system(void)
{
	return (struct clock_port){NULL, wall, mono};
}

struct clock_port clock_steady(struct clock_steady *start)
{
	*start = (struct clock_steady){.wall_at = read_ms(CLOCK_REALTIME), .boot_at = read_ms(CLOCK_BOOTTIME)};
	return (struct clock_port){start, steady_wall, mono};
}
