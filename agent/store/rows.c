#include "agent/store/rows.h"

#include <assert.h>
#include <stddef.h>

static const struct {
	const char *name;
	size_t offset;
} verbs[] = {
	{"begin", offsetof(struct rows_ops, begin)},       {"commit", offsetof(struct rows_ops, commit)},
	{"rollback", offsetof(struct rows_ops, rollback)}, {"mark", offsetof(struct rows_ops, mark)},
	{"keep", offsetof(struct rows_ops, keep)},         {"undo", offsetof(struct rows_ops, undo)},
	{"get", offsetof(struct rows_ops, get)},           {"put", offsetof(struct rows_ops, put)},
	{"add", offsetof(struct rows_ops, add)},           {"del", offsetof(struct rows_ops, del)},
	{"scan", offsetof(struct rows_ops, scan)},         {"count", offsetof(struct rows_ops, count)},
	{"close", offsetof(struct rows_ops, close)},
};

bool rows_complete(const struct rows_ops *ops, struct err *err)
{
	static const char unset[sizeof(void (*)(void))];

	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		if (memcmp((const char *)ops + verbs[i].offset, unset, sizeof unset) == 0)
			return err_set(err, ERR_INVALID, "rows backend: the verb %s is not set", verbs[i].name);
	return true;
}

void rows_check_scan(const struct scan *scan)
{
	const struct index *index = &scan->table->indexes[scan->index];

	assert(scan->index < scan->table->n_indexes && scan->n_equal <= index->n_columns);
	if (scan->has_from || scan->has_upto)
		assert(scan->n_equal < index->n_columns &&
		       scan->table->columns[index->columns[scan->n_equal]].type == COLUMN_INT);
}

void rows_close(struct rows *rows)
{
	if (rows->ops)
		rows->ops->close(rows->self);
	*rows = (struct rows){NULL, NULL};
}
