#include "agent/work/receive_door.h"

bool receive_door_means(struct text path, struct text door, struct text tracker, size_t n)
{
	if (text_eq(path, door))
		return n == 1; /* of several, none is meant */
	return path.len == door.len + 1 + tracker.len && text_starts(path, door) && path.at[door.len] == '/' &&
	       text_ends(path, tracker);
}

static size_t add_lines(const struct exchange *exchange, const char *name, struct header *to)
{
	struct text value = TEXT_EMPTY;
	size_t found = exchange_headers(exchange, name, &value);
	size_t n = found < RECEIVE_DOOR_LINES ? found : RECEIVE_DOOR_LINES;

	for (size_t i = 0; i < n; i++)
		to[i] = (struct header){text_of(name), value};
	return n;
}

size_t receive_door_lines(const struct exchange *exchange, const char *const *names, size_t n, struct header *to)
{
	size_t lines = 0;

	for (size_t i = 0; i < n; i++)
		lines += add_lines(exchange, names[i], to + lines);
	return lines;
}
