/*
 * Ghosts at the store: what it holds of each place, read beside the hands. Where the stage lets them watch the rows, a
 * place is read again only when somebody has written one of its rows, and at the end all of them are held against what
 * is there.
 */
#include "tests/sim/ghost_inner.h"

#include "agent/store/rows.h"

struct ghost_store {
	struct rows inner; /* what is watched */
	struct sim *sim;
	struct peek *peeks[SIM_PLACES]; /* NULL: never asked for */
	bool watches;
	int64_t unapplied; /* -1: to be counted */
};

/* ---- who writes ---- */

static void stale(struct ghost_store *store, int place)
{
	if (place != NOBODY && store->peeks[place])
		store->peeks[place]->fresh = false;
}

static void stale_subject(struct ghost_store *store, const void *row)
{
	int commit = store->sim->stage->commit_of(store->sim, &((const struct row_subject *)row)->sha);

	for (int i = 0; i < ORACLE_CONTEXTS && commit != NOBODY; i++)
		stale(store, i * TRUTH_COMMITS + commit);
}

static void stale_slot(struct ghost_store *store, const void *row)
{
	const struct row_slot *slot = row;

	stale(store, show_place(store->sim->stage->commit_of(store->sim, &slot->sha), slot->context));
}

static void stale_ledger(struct ghost_store *store, const void *row)
{
	const struct row_ledger *ledger = row;

	stale(store, show_place(store->sim->stage->commit_of(store->sim, &ledger->sha), ledger->context));
}

static void stale_journal(struct ghost_store *store, const void *row)
{
	(void)row;
	store->unapplied = -1;
}

static const struct {
	const struct table *table;
	void (*stale)(struct ghost_store *store, const void *row);
} watched[] = {{&table_subject, stale_subject},
	       {&table_slot, stale_slot},
	       {&table_ledger, stale_ledger},
	       {&table_journal, stale_journal}};

/* Whatever becomes of the transaction: what is not fresh is only read again. */
static struct rows *writes(void *self, const struct table *table, const void *row)
{
	struct ghost_store *store = self;

	for (size_t i = 0; i < sizeof watched / sizeof watched[0]; i++)
		if (watched[i].table == table)
			watched[i].stale(store, row);
	return &store->inner;
}

static struct rows *inner(void *self)
{
	return &((struct ghost_store *)self)->inner;
}

static bool begin(void *self, bool write, struct err *err)
{
	return inner(self)->ops->begin(inner(self)->self, write, err);
}

static bool commit(void *self, struct err *err)
{
	return inner(self)->ops->commit(inner(self)->self, err);
}

static void rollback(void *self)
{
	inner(self)->ops->rollback(inner(self)->self);
}

static bool mark(void *self, struct err *err)
{
	return inner(self)->ops->mark(inner(self)->self, err);
}

static bool keep(void *self, struct err *err)
{
	return inner(self)->ops->keep(inner(self)->self, err);
}

static bool undo(void *self, struct err *err)
{
	return inner(self)->ops->undo(inner(self)->self, err);
}

static bool get(void *self, const struct table *table, void *row, struct arena *arena, struct err *err)
{
	return inner(self)->ops->get(inner(self)->self, table, row, arena, err);
}

static bool put(void *self, const struct table *table, const void *row, struct err *err)
{
	struct rows *rows = writes(self, table, row);

	return rows->ops->put(rows->self, table, row, err);
}

static bool add(void *self, const struct table *table, void *row, struct err *err)
{
	struct rows *rows = writes(self, table, row);

	return rows->ops->add(rows->self, table, row, err);
}

static bool del(void *self, const struct table *table, const void *key, struct err *err)
{
	struct rows *rows = writes(self, table, key);

	return rows->ops->del(rows->self, table, key, err);
}

static bool scan(void *self, const struct scan *scan, struct visitor visitor, struct err *err)
{
	return inner(self)->ops->scan(inner(self)->self, scan, visitor, err);
}

static bool count(void *self, const struct scan *scan, int64_t *ret, struct err *err)
{
	return inner(self)->ops->count(inner(self)->self, scan, ret, err);
}

static void close(void *self)
{
	rows_close(inner(self));
}

static const struct rows_ops watching = {.name = "watched",
					 .begin = begin,
					 .commit = commit,
					 .rollback = rollback,
					 .mark = mark,
					 .keep = keep,
					 .undo = undo,
					 .get = get,
					 .put = put,
					 .add = add,
					 .del = del,
					 .scan = scan,
					 .count = count,
					 .close = close};

void ghost_watch(struct sim *sim, struct rows *rows)
{
	struct ghost_store *store = sim->ghost.store;

	store->inner = *rows;
	store->watches = true;
	*rows = (struct rows){&watching, store};
}

/* ---- reading ---- */

static bool peek_job(struct rows *rows, void *arg, struct err *err)
{
	struct peek *peek = arg;
	struct err gone = ERR_NONE;

	(void)err;
	peek->has_subject = rows->ops->get(rows->self, &table_subject, &peek->subject, &peek->arena, &gone);
	peek->has_slot = rows->ops->get(rows->self, &table_slot, &peek->slot, &peek->arena, &gone);
	peek->has_ledger = rows->ops->get(rows->self, &table_ledger, &peek->ledger, &peek->arena, &gone);
	return true;
}

static uint64_t number_of(const struct row_slot *slot)
{
	uint64_t hash = 1469598103934665603u + (uint64_t)slot->state;

	for (size_t i = 0; i < slot->text.len; i++)
		hash = (hash ^ (unsigned char)slot->text.at[i]) * 1099511628211u;
	return hash;
}

static bool read_place(struct sim *sim, int place, struct peek *ret)
{
	struct store_exec exec = sim->stage->exec(sim);
	struct oid sha = sim->stage->commit(sim, show_commit_at(place));
	struct err err = ERR_NONE;

	arena_release(&ret->arena);
	ret->subject = (struct row_subject){.repo = sim->repo, .sha = sha};
	ret->slot = (struct row_slot){.repo = sim->repo, .sha = sha, .context = show_context(place)};
	ret->ledger = (struct row_ledger){.repo = sim->repo, .sha = sha, .context = show_context(place)};
	ret->fresh = exec.read(exec.self, peek_job, ret, &err);
	ret->wanted = ret->has_slot ? number_of(&ret->slot) : 0;
	return ret->fresh;
}

const struct peek *ghost_peek(struct sim *sim, int place)
{
	struct ghost_store *store = sim->ghost.store;

	if (!store->peeks[place]) {
		store->peeks[place] = calloc(1, sizeof *store->peeks[place]);
		if (!store->peeks[place])
			abort();
	}
	if (store->watches && store->peeks[place]->fresh)
		return store->peeks[place];
	return read_place(sim, place, store->peeks[place]) ? store->peeks[place] : NULL;
}

static bool waiting_job(struct rows *rows, void *arg, struct err *err)
{
	struct row_journal waiting = {.state = JOURNAL_WAITING};
	struct scan scan = {.table = &table_journal, .index = JOURNAL_BY_STATE, .equal = &waiting, .n_equal = 1};

	return rows->ops->count(rows->self, &scan, arg, err);
}

static int64_t count_unapplied(struct sim *sim)
{
	struct store_exec exec = sim->stage->exec(sim);
	struct err err = ERR_NONE;
	int64_t n;

	return exec.read(exec.self, waiting_job, &n, &err) ? n : -1;
}

int64_t ghost_unapplied(struct sim *sim)
{
	struct ghost_store *store = sim->ghost.store;

	if (!store->watches)
		return count_unapplied(sim);
	if (store->unapplied < 0)
		store->unapplied = count_unapplied(sim);
	return store->unapplied;
}

/* ---- at the end ---- */

static bool same_column(const struct column *column, const char *a, const char *b)
{
	struct text x, y;

	if (column->type == COLUMN_INT)
		return memcmp(a + column->offset, b + column->offset, sizeof(int64_t)) == 0;
	if (column->type == COLUMN_OID)
		return strcmp(a + column->offset, b + column->offset) == 0;
	memcpy(&x, a + column->offset, sizeof x);
	memcpy(&y, b + column->offset, sizeof y);
	return text_eq(x, y);
}

static bool same_row(const struct table *table, const void *a, const void *b)
{
	for (size_t i = 0; i < table->n_columns; i++)
		if (!same_column(&table->columns[i], a, b))
			return false;
	return true;
}

static bool same_peek(const struct peek *a, const struct peek *b)
{
	return a->has_subject == b->has_subject && a->has_slot == b->has_slot && a->has_ledger == b->has_ledger &&
	       same_row(&table_subject, &a->subject, &b->subject) && same_row(&table_slot, &a->slot, &b->slot) &&
	       same_row(&table_ledger, &a->ledger, &b->ledger);
}

void ghost_check_peeks(struct sim *sim)
{
	struct ghost_store *store = sim->ghost.store;

	if (store->watches && store->unapplied >= 0 && store->unapplied != count_unapplied(sim))
		sim_break(sim, "the ghosts have another count of the journal than the store");
	for (int i = 0; i < SIM_PLACES; i++) {
		struct peek now = {.arena = ARENA_EMPTY};

		if (store->watches && store->peeks[i] && store->peeks[i]->fresh && read_place(sim, i, &now) &&
		    !same_peek(store->peeks[i], &now))
			sim_break(sim, "the ghosts have something else of %s than the store", show_named(i).text);
		arena_release(&now.arena);
	}
}

void ghost_store_begin(struct sim *sim)
{
	sim->ghost.store = calloc(1, sizeof *sim->ghost.store);
	if (!sim->ghost.store)
		abort();
	*sim->ghost.store = (struct ghost_store){.sim = sim, .unapplied = -1};
}

void ghost_store_end(struct sim *sim)
{
	for (int i = 0; i < SIM_PLACES; i++) {
		struct peek *peek = sim->ghost.store->peeks[i];

		if (peek)
			arena_release(&peek->arena);
		free(peek);
	}
	free(sim->ghost.store);
	sim->ghost.store = NULL;
}
