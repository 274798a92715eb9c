/*
 * table_list: bugs with exact versions, sorted by number: 10 bytes each. Private to table*.c; the table's lock guards
 * it.
 */
#ifndef AGENT_TRACKER_TABLE_LIST_H
#define AGENT_TRACKER_TABLE_LIST_H

#include "agent/tracker/table_file.h"

#define TABLE_LIST_MAX (UINT32_C(1) << 20)

struct table_list {
	uint32_t *ids, *seconds;
	uint16_t *rest; /* milliseconds, and the state above bit 10 */
	uint32_t n, room;
};

/* Where it is, or where it would be. */
bool table_list_find(const struct table_list *list, uint32_t id, uint32_t *ret);
struct table_entry table_list_at(const struct table_list *list, uint32_t i);
bool table_list_put(struct table_list *list, const struct table_entry *entry); /* false: full */
void table_list_drop(struct table_list *list, uint32_t id);
void table_list_release(struct table_list *list);

#endif
