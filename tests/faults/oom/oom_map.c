#include "tests/faults/oom/oom_map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const production[] = {"libheadgate_policy.a(", "libheadgate_git.a(", "libheadgate_webhooks.a(",
					 "libheadgate_agent.a("};

static const char stopping[] = "libheadgate_policy.a(memory.c.o)";

/* The same file has the same number in every program. */
static uint64_t id_of(const char *object)
{
	uint64_t hash = 14695981039346656037u;

	for (; *object != '\0' && *object != '\n'; object++)
		hash = (hash ^ (unsigned char)*object) * 1099511628211u;
	return hash << 20; /* offsets into the file are added */
}

static const char *object_of(const char *line)
{
	for (size_t i = 0; i < sizeof production / sizeof production[0]; i++) {
		const char *found = strstr(line, production[i]);

		if (found)
			return found;
	}
	return NULL;
}

/* " .text  0xFROM  0xSIZE  path/libx.a(y.o)"; the name stands on a line of its own when it is long. */
static bool piece(const char *line, bool named, struct oom_range *ret)
{
	const char *object = object_of(line), *number = strstr(line, " 0x");
	char *end;

	if (!object || !number || (!named && strncmp(line, " .text", 6) != 0))
		return false;
	ret->from = strtoull(number, &end, 16);
	ret->to = ret->from + strtoull(end, NULL, 16);
	ret->id = id_of(object);
	ret->stops = strncmp(object, stopping, sizeof stopping - 1) == 0;
	return ret->to > ret->from && ret->from > 0;
}

static int by_address(const void *a, const void *b)
{
	const struct oom_range *one = a, *other = b;

	return (one->from > other->from) - (one->from < other->from);
}

static void read_pieces(FILE *in, struct oom_range *ranges, unsigned *n)
{
	char line[1024];
	bool named = false;

	while (*n < OOM_RANGES && fgets(line, sizeof line, in)) {
		if (piece(line, named, &ranges[*n]))
			(*n)++;
		named = strncmp(line, " .text", 6) == 0 && strstr(line, " 0x") == NULL;
	}
}

bool oom_map_read(const char *map, struct oom_range *ranges, unsigned *n)
{
	FILE *in = fopen(map, "re");

	*n = 0;
	if (in) {
		read_pieces(in, ranges, n);
		(void)fclose(in);
	}
	qsort(ranges, *n, sizeof *ranges, by_address);
	if (*n == 0)
		fprintf(stderr, "oom: %s: no map, or no production code in it\n", map);
	return *n > 0;
}

const struct oom_range *oom_map_innermost(const struct oom_page *page, const struct oom_stack *stack, uint64_t *ret_at)
{
	unsigned f = 0;

	while (f < stack->n && stack->frames[f].module[0] != '\0')
		f++;
	for (unsigned i = 0; f < stack->n && i < page->n_ranges; i++) {
		const struct oom_range *range = &page->ranges[i];

		*ret_at = stack->frames[f].at;
		if (*ret_at >= range->from && *ret_at < range->to)
			return range;
	}
	return NULL;
}
