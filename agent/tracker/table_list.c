#include "agent/tracker/table_list.h"

#include <stdlib.h>
#include <string.h>

#include "policy/memory.h"

bool table_list_find(const struct table_list *list, uint32_t id, uint32_t *ret)
{
	uint32_t from = 0, to = list->n;

	if (list->n > 0 && list->ids[list->n - 1] < id) /* reading a file, all come at the end */
		from = list->n;
	while (from < to) {
		uint32_t middle = from + (to - from) / 2;

		if (list->ids[middle] < id)
			from = middle + 1;
		else
			to = middle;
	}
	*ret = from;
	return from < list->n && list->ids[from] == id;
}

struct table_entry table_list_at(const struct table_list *list, uint32_t i)
{
	return (struct table_entry){
		.id = list->ids[i],
		.state = (enum table_state)(list->rest[i] >> 10 & 3),
		.version = (int64_t)list->seconds[i] * 1000 + (list->rest[i] & 1023),
	};
}

/* An eighth more than is there: the list is a third of the table. */
static void grow(struct table_list *list)
{
	uint32_t room = list->n + list->n / 8 + 64;

	if (list->n < list->room)
		return;
	list->ids = memory_resize(list->ids, room * sizeof *list->ids);
	list->seconds = memory_resize(list->seconds, room * sizeof *list->seconds);
	list->rest = memory_resize(list->rest, room * sizeof *list->rest);
	list->room = room;
}

static void shift(struct table_list *list, uint32_t to, uint32_t from)
{
	size_t n = list->n - from;

	memmove(list->ids + to, list->ids + from, n * sizeof *list->ids);
	memmove(list->seconds + to, list->seconds + from, n * sizeof *list->seconds);
	memmove(list->rest + to, list->rest + from, n * sizeof *list->rest);
}

bool table_list_put(struct table_list *list, const struct table_entry *entry)
{
	uint32_t at;

	if (!table_list_find(list, entry->id, &at)) {
		if (list->n == TABLE_LIST_MAX)
			return false;
		grow(list);
		shift(list, at + 1, at);
		list->n++;
	}
	list->ids[at] = entry->id;
	list->seconds[at] = (uint32_t)(entry->version / 1000);
	list->rest[at] = (uint16_t)(entry->version % 1000 + ((int64_t)entry->state << 10));
	return true;
}

void table_list_drop(struct table_list *list, uint32_t id)
{
	uint32_t at;

	if (!table_list_find(list, id, &at))
		return;
	shift(list, at, at + 1);
	list->n--;
}

void table_list_release(struct table_list *list)
{
	free(list->ids);
	free(list->seconds);
	free(list->rest);
	*list = (struct table_list){0};
}
