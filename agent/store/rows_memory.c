/*
 * Rows in memory. Each row is one malloc'd block: the struct, then the bytes of its texts. Each index of each table is
 * a sorted array of pointers to the blocks, ordered by the index columns and then by the primary key, so that the
 * order is total and equal to the database's. A change never edits a block: it swaps the old one for a new one and
 * writes both into the log; going back to a mark or to the beginning swaps them back, newest first. Old blocks are
 * freed at commit.
 */
#include "agent/store/rows.h"

#include <assert.h>

#include "policy/memory.h"

#define INDEXES_MAX 8
#define TABLES_MAX  32
#define COLUMNS_MAX 32
#define PLACES      128 /* a power of two, much more than there are tables */

struct sorted {
	char **rows;
	size_t n, space;
};

struct memory_table {
	const struct table *table;
	unsigned char texts[COLUMNS_MAX]; /* the columns that have bytes beside the struct */
	size_t n_texts;
	struct sorted sorted[INDEXES_MAX];
	int64_t last_key; /* the highest key ever taken, for auto_key */
};

struct change {
	struct memory_table *table;
	char *old, *new; /* NULL: there was, there is no such row */
	int64_t last_key;
};

struct memory {
	struct memory_table tables[TABLES_MAX];
	size_t n_tables;
	struct memory_table *places[PLACES]; /* by the descriptor's address; open addressing */
	struct change *log;
	size_t n_log, log_space, mark;
	bool open, writing, marked;
};

static void *grown(void *old, size_t *space, size_t size)
{
	size_t want = *space ? *space * 2 : 16;
	void *ret = want > SIZE_MAX / size ? NULL : realloc(old, want * size);

	if (!ret)
		out_of_memory();
	*space = want;
	return ret;
}

static struct memory_table **place_of(struct memory *memory, const struct table *table)
{
	size_t at = (uintptr_t)table / sizeof *table;

	while (memory->places[at % PLACES] && memory->places[at % PLACES]->table != table)
		at++;
	return &memory->places[at % PLACES];
}

static struct memory_table *find_table(struct memory *memory, const struct table *table)
{
	struct memory_table *found = *place_of(memory, table);

	assert(found && "the table is described in store_tables");
	return found;
}

/* ---- values and order ---- */

static int64_t int_at(const struct column *column, const char *row)
{
	int64_t value;

	memcpy(&value, row + column->offset, sizeof value);
	return value;
}

static struct text text_at(const struct column *column, const char *row)
{
	struct text value;

	if (column->type == COLUMN_OID)
		return text_of(row + column->offset);
	memcpy(&value, row + column->offset, sizeof value);
	return value;
}

static int column_order(const struct column *column, const char *a, const char *b)
{
	if (column->type == COLUMN_INT) {
		int64_t x = int_at(column, a), y = int_at(column, b);

		return x < y ? -1 : x > y;
	}
	if (column->type == COLUMN_OID)
		return strcmp(a + column->offset, b + column->offset);
	return text_cmp(text_at(column, a), text_at(column, b));
}

static int prefix_order(const struct table *table, const struct index *index, size_t n, const char *a, const char *b)
{
	int order = 0;

	for (size_t i = 0; i < n && order == 0; i++)
		order = column_order(&table->columns[index->columns[i]], a, b);
	return order;
}

static int full_order(const struct table *table, size_t index, const char *a, const char *b)
{
	const struct index *by = &table->indexes[index], *key = &table->indexes[0];
	int order = prefix_order(table, by, by->n_columns, a, b);

	return order != 0 || index == 0 ? order : prefix_order(table, key, key->n_columns, a, b);
}

/* The first position whose row is not below `row` in the whole order of the index. */
static size_t position(const struct memory_table *table, size_t index, const char *row)
{
	const struct sorted *sorted = &table->sorted[index];
	size_t low = 0, high = sorted->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (full_order(table->table, index, sorted->rows[middle], row) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static char *find_row(const struct memory_table *table, const char *key)
{
	size_t at = position(table, 0, key);
	const struct sorted *sorted = &table->sorted[0];

	return at < sorted->n && full_order(table->table, 0, sorted->rows[at], key) == 0 ? sorted->rows[at] : NULL;
}

/* ---- blocks ---- */

static void rebase(const struct memory_table *table, char *block, char *bytes)
{
	for (size_t i = 0; i < table->n_texts; i++) {
		const struct column *column = &table->table->columns[table->texts[i]];
		struct text value = text_at(column, block);

		if (value.len > 0)
			memcpy(bytes, value.at, value.len);
		value.at = bytes;
		memcpy(block + column->offset, &value, sizeof value);
		bytes += value.len;
	}
}

static size_t bytes_of(const struct memory_table *table, const char *row)
{
	size_t ret = 0;

	for (size_t i = 0; i < table->n_texts; i++)
		ret += text_at(&table->table->columns[table->texts[i]], row).len;
	return ret;
}

static char *new_block(const struct memory_table *table, const char *row)
{
	size_t size = table->table->row_size;
	char *block = malloc(size + bytes_of(table, row) + 1);

	if (!block)
		out_of_memory();
	memcpy(block, row, size);
	rebase(table, block, block + size);
	return block;
}

static void leave_out_large(const struct memory_table *table, char *row)
{
	for (size_t i = 0; i < table->n_texts; i++) {
		const struct column *column = &table->table->columns[table->texts[i]];

		if (column->large)
			memcpy(row + column->offset, &TEXT_EMPTY, sizeof TEXT_EMPTY);
	}
}

static void copy_out(const struct memory_table *table, void *ret, const char *row, bool lean, struct arena *arena)
{
	memcpy(ret, row, table->table->row_size);
	if (table->n_texts == 0)
		return;
	if (lean)
		leave_out_large(table, ret);
	rebase(table, ret, arena_alloc(arena, bytes_of(table, ret) + 1, 1));
}

/* ---- swapping rows ---- */

static void link_row(struct memory_table *table, char *row)
{
	for (size_t i = 0; i < table->table->n_indexes; i++) {
		struct sorted *sorted = &table->sorted[i];
		size_t at = position(table, i, row);

		if (sorted->n == sorted->space)
			sorted->rows = grown(sorted->rows, &sorted->space, sizeof *sorted->rows);
		memmove(sorted->rows + at + 1, sorted->rows + at, (sorted->n - at) * sizeof *sorted->rows);
		sorted->rows[at] = row;
		sorted->n++;
	}
}

static void unlink_row(struct memory_table *table, const char *row)
{
	for (size_t i = 0; i < table->table->n_indexes; i++) {
		struct sorted *sorted = &table->sorted[i];
		size_t at = position(table, i, row);

		assert(at < sorted->n && sorted->rows[at] == row);
		sorted->n--;
		memmove(sorted->rows + at, sorted->rows + at + 1, (sorted->n - at) * sizeof *sorted->rows);
	}
}

/* From one place of an index to another; `to` is counted while the row still stands at `from`. */
static size_t shift(const struct sorted *sorted, size_t from, size_t to)
{
	char **rows = sorted->rows;

	if (to <= from) {
		memmove(rows + to + 1, rows + to, (from - to) * sizeof *rows);
		return to;
	}
	memmove(rows + from, rows + from + 1, (to - 1 - from) * sizeof *rows);
	return to - 1;
}

/* The one stands where the other stood, in every index whose columns did not change: in the most of them. */
static void replace_row(struct memory_table *table, const char *out, char *in)
{
	for (size_t i = 0; i < table->table->n_indexes; i++) {
		struct sorted *sorted = &table->sorted[i];
		size_t at = position(table, i, out);

		assert(at < sorted->n && sorted->rows[at] == out);
		if (full_order(table->table, i, out, in) != 0)
			at = shift(sorted, at, position(table, i, in));
		sorted->rows[at] = in;
	}
}

static void swap_rows(struct memory_table *table, char *out, char *in)
{
	if (out && in) {
		replace_row(table, out, in);
		return;
	}
	if (out)
		unlink_row(table, out);
	if (in)
		link_row(table, in);
}

static void change_row(struct memory *memory, struct memory_table *table, char *old, char *new)
{
	if (memory->n_log == memory->log_space)
		memory->log = grown(memory->log, &memory->log_space, sizeof *memory->log);
	memory->log[memory->n_log++] = (struct change){table, old, new, table->last_key};
	swap_rows(table, old, new);
	if (new && table->table->auto_key && int_at(&table->table->columns[0], new) > table->last_key)
		table->last_key = int_at(&table->table->columns[0], new);
}

static void back_to(struct memory *memory, size_t mark)
{
	while (memory->n_log > mark) {
		struct change *change = &memory->log[--memory->n_log];

		swap_rows(change->table, change->new, change->old);
		change->table->last_key = change->last_key;
		free(change->new);
	}
}

/* Another row (not `self`) that has the same columns of a unique index. */
static bool taken(const struct memory_table *table, const char *row, const char *self)
{
	for (size_t i = 1; i < table->table->n_indexes; i++) {
		const struct index *index = &table->table->indexes[i];
		const struct sorted *sorted = &table->sorted[i];
		size_t at;

		if (!index->unique)
			continue;
		at = position(table, i, row);
		/* The order ends with the primary key: the one other row may stand just before or at the position. */
		for (size_t k = at > 0 ? at - 1 : 0; k < sorted->n && k <= at; k++)
			if (sorted->rows[k] != self &&
			    prefix_order(table->table, index, index->n_columns, sorted->rows[k], row) == 0)
				return true;
	}
	return false;
}

/* ---- verbs ---- */

static bool memory_begin(void *self, bool write, struct err *err)
{
	struct memory *memory = self;

	(void)err;
	assert(!memory->open);
	memory->open = true;
	memory->writing = write;
	return true;
}

static void finish(struct memory *memory)
{
	memory->n_log = 0;
	memory->open = memory->writing = memory->marked = false;
}

static bool memory_commit(void *self, struct err *err)
{
	struct memory *memory = self;

	(void)err;
	assert(memory->open && !memory->marked);
	for (size_t i = 0; i < memory->n_log; i++)
		free(memory->log[i].old);
	finish(memory);
	return true;
}

static void memory_rollback(void *self)
{
	struct memory *memory = self;

	back_to(memory, 0);
	finish(memory);
}

static bool memory_mark(void *self, struct err *err)
{
	struct memory *memory = self;

	(void)err;
	assert(memory->writing && !memory->marked);
	memory->marked = true;
	memory->mark = memory->n_log;
	return true;
}

static bool memory_keep(void *self, struct err *err)
{
	struct memory *memory = self;

	(void)err;
	assert(memory->marked);
	memory->marked = false;
	return true;
}

static bool memory_undo(void *self, struct err *err)
{
	struct memory *memory = self;

	(void)err;
	assert(memory->marked);
	back_to(memory, memory->mark);
	memory->marked = false;
	return true;
}

static bool memory_get(void *self, const struct table *table, void *row, struct arena *arena, struct err *err)
{
	struct memory *memory = self;
	const struct memory_table *rows = find_table(memory, table);
	const char *found = find_row(rows, row);

	assert(memory->open);
	if (!found)
		return err_set(err, ERR_GONE, "%s: no such row", table->name);
	copy_out(rows, row, found, false, arena);
	return true;
}

static bool memory_put(void *self, const struct table *table, const void *row, struct err *err)
{
	struct memory *memory = self;
	struct memory_table *rows = find_table(memory, table);
	char *old = find_row(rows, row);

	assert(memory->writing);
	if (taken(rows, row, old))
		return err_set(err, ERR_CONFLICT, "%s: a unique index is taken", table->name);
	change_row(memory, rows, old, new_block(rows, row));
	return true;
}

static bool memory_add(void *self, const struct table *table, void *row, struct err *err)
{
	struct memory *memory = self;
	struct memory_table *rows = find_table(memory, table);
	bool assign = table->auto_key && int_at(&table->columns[0], row) == 0;
	char *block;

	assert(memory->writing);
	if (assign && rows->last_key == INT64_MAX)
		return err_set(err, ERR_LIMIT, "%s: no key is left", table->name);
	block = new_block(rows, row);
	if (assign) {
		int64_t key = rows->last_key + 1;

		memcpy(block + table->columns[0].offset, &key, sizeof key);
	}
	if (find_row(rows, block) || taken(rows, block, NULL)) {
		free(block);
		return err_set(err, ERR_CONFLICT, "%s: the row exists", table->name);
	}
	memcpy((char *)row + table->columns[0].offset, block + table->columns[0].offset, assign ? sizeof(int64_t) : 0);
	change_row(memory, rows, NULL, block);
	return true;
}

static bool memory_del(void *self, const struct table *table, const void *key, struct err *err)
{
	struct memory *memory = self;
	struct memory_table *rows = find_table(memory, table);
	char *old = find_row(rows, key);

	(void)err;
	assert(memory->writing);
	if (old)
		change_row(memory, rows, old, NULL);
	return true;
}

/* -1: before the wanted part of the index, 0: in it, 1: behind it. */
static int side(const struct scan *scan, const char *row)
{
	const struct index *index = &scan->table->indexes[scan->index];
	int order = prefix_order(scan->table, index, scan->n_equal, row, scan->equal);
	int64_t value;

	if (order != 0 || (!scan->has_from && !scan->has_upto))
		return order;
	value = int_at(&scan->table->columns[index->columns[scan->n_equal]], row);
	if (scan->has_from && value < scan->from)
		return -1;
	return scan->has_upto && value > scan->upto ? 1 : 0;
}

/* The first position whose row is at or behind the wanted part; with `behind` only behind it. */
static size_t edge(const struct scan *scan, const struct sorted *sorted, bool behind)
{
	size_t low = 0, high = sorted->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (side(scan, sorted->rows[middle]) < (behind ? 1 : 0))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool memory_scan(void *self, const struct scan *scan, struct visitor visitor, struct err *err)
{
	const struct memory_table *rows = find_table(self, scan->table);
	const struct sorted *sorted = &rows->sorted[scan->index];
	size_t size = scan->table->row_size, limit = scan->limit ? scan->limit : 1000, low, high, n;
	char *found;

	(void)err;
	assert(((struct memory *)self)->open);
	rows_check_scan(scan);
	low = edge(scan, sorted, false);
	if (scan->descending)
		high = edge(scan, sorted, true);
	else /* each of them is copied: to look at them costs less than to look for the end */
		for (high = low; high < sorted->n && high - low < limit && side(scan, sorted->rows[high]) == 0; high++)
			;
	n = high <= low ? 0 : high - low < limit ? high - low : limit;
	if (n == 0)
		return true;
	found = arena_alloc(visitor.arena, n, size);
	for (size_t i = 0; i < n; i++)
		copy_out(rows, found + i * size, sorted->rows[scan->descending ? high - 1 - i : low + i], scan->lean,
			 visitor.arena);
	for (size_t i = 0; i < n && visitor.visit(visitor.context, found + i * size); i++)
		;
	return true;
}

static bool memory_count(void *self, const struct scan *scan, int64_t *ret, struct err *err)
{
	struct sorted *sorted = &find_table(self, scan->table)->sorted[scan->index];
	size_t low, high;

	(void)err;
	assert(((struct memory *)self)->open);
	rows_check_scan(scan);
	low = edge(scan, sorted, false);
	high = edge(scan, sorted, true);
	*ret = high > low ? (int64_t)(high - low) : 0;
	return true;
}

static void memory_close(void *self)
{
	struct memory *memory = self;

	memory_rollback(memory);
	for (size_t i = 0; i < memory->n_tables; i++) {
		struct memory_table *table = &memory->tables[i];

		for (size_t k = 0; k < table->sorted[0].n; k++)
			free(table->sorted[0].rows[k]);
		for (size_t k = 0; k < INDEXES_MAX; k++)
			free(table->sorted[k].rows);
	}
	free(memory->log);
	free(memory);
}

static const struct rows_ops memory_ops = {
	.name = "memory",
	.begin = memory_begin,
	.commit = memory_commit,
	.rollback = memory_rollback,
	.mark = memory_mark,
	.keep = memory_keep,
	.undo = memory_undo,
	.get = memory_get,
	.put = memory_put,
	.add = memory_add,
	.del = memory_del,
	.scan = memory_scan,
	.count = memory_count,
	.close = memory_close,
};

static void describe(struct memory *memory, struct memory_table *rows, const struct table *table)
{
	assert(table->n_columns <= COLUMNS_MAX);
	rows->table = table;
	for (size_t i = 0; i < table->n_columns; i++)
		if (table->columns[i].type == COLUMN_TEXT || table->columns[i].type == COLUMN_BLOB)
			rows->texts[rows->n_texts++] = (unsigned char)i;
	*place_of(memory, table) = rows;
}

bool rows_memory_open(struct rows *ret, struct err *err)
{
	struct memory *memory;

	if (!rows_complete(&memory_ops, err))
		return false;
	memory = calloc(1, sizeof *memory);
	if (!memory)
		out_of_memory();
	for (size_t i = 0; store_tables[i]; i++) {
		assert(i < TABLES_MAX && store_tables[i]->n_indexes <= INDEXES_MAX);
		describe(memory, &memory->tables[memory->n_tables++], store_tables[i]);
	}
	*ret = (struct rows){&memory_ops, memory};
	return true;
}
