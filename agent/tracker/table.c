/*
 * How a reading changes the table. The versions that are known of a bug decide: exactly, of a bug in the list or read a
 * short while ago; else from the first to the last reading of the epoch that it is in.
 */
#include "agent/tracker/table_inner.h"

#include <stdlib.h>

#include "policy/memory.h"

#define EPOCHS_OF_AGE (TABLE_EPOCHS - 2) /* the newest one is not complete */
#define STEP_MIN_MS   INT64_C(60000)
#define STEP_NO_AGE   INT64_C(3600000)

struct bug_table *bug_table_new(int64_t max_age_ms)
{
	struct bug_table *table = calloc(1, sizeof *table);

	if (!table || pthread_mutex_init(&table->lock, NULL) != 0)
		out_of_memory();
	table->max_age_ms = max_age_ms;
	table->step_ms = max_age_ms > 0 ? max_age_ms / EPOCHS_OF_AGE : STEP_NO_AGE;
	if (table->step_ms < STEP_MIN_MS)
		table->step_ms = STEP_MIN_MS;
	return table;
}

void bug_table_free(struct bug_table *table)
{
	if (!table)
		return;
	for (uint32_t i = 0; i < TABLE_PAGES; i++)
		free(atomic_load(&table->pages[i]));
	table_list_release(&table->list);
	(void)pthread_mutex_destroy(&table->lock);
	free(table);
}

/* Locking changes nothing that a caller can see. */
void table_hold(const struct bug_table *table)
{
	(void)pthread_mutex_lock((pthread_mutex_t *)(uintptr_t)&table->lock);
}

void table_let_go(const struct bug_table *table)
{
	(void)pthread_mutex_unlock((pthread_mutex_t *)(uintptr_t)&table->lock);
}

/* ---- planes ---- */

struct table_page *table_page_of(struct bug_table *table, uint32_t page)
{
	struct table_page *at = atomic_load_explicit(&table->pages[page], memory_order_relaxed);

	if (at)
		return at;
	at = calloc(1, sizeof *at);
	if (!at)
		out_of_memory();
	atomic_store_explicit(&table->pages[page], at, memory_order_release);
	return at;
}

static enum table_state plane_state(const struct bug_table *table, uint32_t id)
{
	struct table_page *page = atomic_load_explicit(&table->pages[id / TABLE_PAGE_BUGS], memory_order_acquire);
	uint32_t in_page = id % TABLE_PAGE_BUGS;

	if (!page)
		return TABLE_UNKNOWN;
	return (enum table_state)(
		atomic_load_explicit(&page->states[in_page / 32], memory_order_relaxed) >> 2 * (in_page % 32) & 3);
}

static void put_plane(struct bug_table *table, uint32_t id, enum table_state state)
{
	struct table_page *page = table_page_of(table, id / TABLE_PAGE_BUGS);
	uint32_t in_page = id % TABLE_PAGE_BUGS, shift = 2 * (in_page % 32);
	_Atomic uint64_t *word = &page->states[in_page / 32];
	uint64_t was = atomic_load_explicit(word, memory_order_relaxed);

	atomic_store_explicit(word, (was & ~(UINT64_C(3) << shift)) | (uint64_t)state << shift, memory_order_release);
}

static unsigned epoch_of(const struct bug_table *table, uint32_t id)
{
	const struct table_page *page = atomic_load_explicit(&table->pages[id / TABLE_PAGE_BUGS], memory_order_relaxed);
	uint32_t in_page = id % TABLE_PAGE_BUGS;
	unsigned epoch = 0;

	for (unsigned bit = 0; page && bit < EPOCH_BITS; bit++)
		epoch |= (unsigned)(page->epochs[bit][in_page / 64] >> (in_page % 64) & 1) << bit;
	return epoch;
}

static void put_epoch(struct bug_table *table, uint32_t id, unsigned epoch)
{
	struct table_page *page = table_page_of(table, id / TABLE_PAGE_BUGS);
	uint32_t in_page = id % TABLE_PAGE_BUGS, shift = in_page % 64;

	for (unsigned bit = 0; bit < EPOCH_BITS; bit++) {
		uint64_t *word = &page->epochs[bit][in_page / 64];

		*word = (*word & ~(UINT64_C(1) << shift)) | (uint64_t)(epoch >> bit & 1) << shift;
	}
}

/* ---- epochs ---- */

/* Every epoch counts one less; what was in the first one is in epoch 0, of no known age. 64 bugs at a time. */
static void shift_page(struct table_page *page)
{
	for (size_t i = 0; i < EPOCH_WORDS; i++) {
		uint64_t one = page->epochs[0][i], two = page->epochs[1][i], four = page->epochs[2][i];
		uint64_t borrow_two = ~one, borrow_four = ~one & ~two, some = one | two | four;

		page->epochs[0][i] = ~one & some;
		page->epochs[1][i] = (two ^ borrow_two) & some;
		page->epochs[2][i] = (four ^ borrow_four) & some;
	}
}

static void forget_oldest(struct bug_table *table)
{
	for (uint32_t i = 0; i < TABLE_PAGES; i++) {
		struct table_page *page = atomic_load_explicit(&table->pages[i], memory_order_relaxed);

		if (page)
			shift_page(page);
	}
	if (table->epochs[0].last < table->epochs[1].last)
		table->epochs[0].last = table->epochs[1].last;
	for (unsigned i = 1; i + 1 < TABLE_EPOCHS; i++)
		table->epochs[i] = table->epochs[i + 1];
	table->newest = TABLE_EPOCHS - 2;
}

/* The epoch for a reading of that time: it began no later. 0: none is left that did. */
static unsigned epoch_for(struct bug_table *table, int64_t version)
{
	unsigned epoch = table->newest;

	if (version == 0) /* of no known age, and no measure for others */
		return 0;
	if (epoch == 0 || version - table->epochs[epoch].first >= table->step_ms) {
		if (table->newest == TABLE_EPOCHS - 1)
			forget_oldest(table);
		epoch = ++table->newest;
		table->epochs[epoch] = (struct table_epoch){version, version};
	}
	while (epoch > 0 && table->epochs[epoch].first > version)
		epoch--;
	if (epoch < table->newest && version - table->epochs[epoch].first >= table->step_ms &&
	    table->epochs[epoch + 1].last - version < table->step_ms)
		table->epochs[++epoch].first = version; /* its bugs look a little older */
	if (table->epochs[epoch].last < version)
		table->epochs[epoch].last = version;
	return epoch;
}

/* ---- what is known of one bug ---- */

struct known {
	enum table_state state;
	int64_t first, last; /* its version lies between them, both included */
};

static struct table_recent *recent_of(struct bug_table *table, uint32_t id)
{
	return &table->recents[id % TABLE_RECENTS];
}

static struct known known_of(struct bug_table *table, uint32_t id)
{
	struct known known = {TABLE_UNKNOWN, 0, table->horizon_ms}; /* of a secure one that the list had no room for */
	uint32_t at;

	if (table_list_find(&table->list, id, &at)) {
		struct table_entry entry = table_list_at(&table->list, at);

		return (struct known){entry.state, entry.version, entry.version};
	}
	if (id < TABLE_PLANES)
		known.state = plane_state(table, id);
	if (known.state == TABLE_INSECURE) {
		const struct table_recent *recent = recent_of(table, id);
		struct table_epoch epoch = table->epochs[epoch_of(table, id)];

		if (recent->id == id)
			return (struct known){known.state, recent->version, recent->version};
		known.first = epoch.first;
		known.last = epoch.last;
	}
	return known;
}

static enum table_state state_of(const struct bug_table *table, uint32_t id)
{
	enum table_state state = TABLE_UNKNOWN;
	uint32_t at;

	if (id < TABLE_PLANES)
		return plane_state(table, id);
	table_hold(table);
	if (table_list_find(&table->list, id, &at))
		state = table_list_at(&table->list, at).state;
	table_let_go(table);
	return state;
}

enum table_state bug_table_state(const struct bug_table *table, int64_t id)
{
	return id > 0 && id <= TABLE_ID_MAX ? state_of(table, (uint32_t)id) : TABLE_UNKNOWN;
}

static int64_t seen_at(const struct bug_table *table, uint32_t id)
{
	uint32_t at;

	if (id < TABLE_PLANES)
		return table->epochs[epoch_of(table, id)].first;
	return table_list_find(&table->list, id, &at) ? table_list_at(&table->list, at).version : 0;
}

int64_t bug_table_seen(const struct bug_table *table, int64_t id)
{
	int64_t seen = 0;
	uint32_t at;

	if (id <= 0 || id > TABLE_ID_MAX)
		return 0;
	table_hold(table);
	if (table_list_find(&table->list, (uint32_t)id, &at))
		seen = table_list_at(&table->list, at).version;
	else if (id < TABLE_PLANES && plane_state(table, (uint32_t)id) != TABLE_UNKNOWN)
		seen = seen_at(table, (uint32_t)id);
	table_let_go(table);
	return seen;
}

/* The state is read after the time: a bug that is read anew in between looks older than it is, never younger. */
bool bug_table_fresh(const struct bug_table *table, int64_t id, int64_t now_ms, int64_t *ret_as_of)
{
	int64_t seen;

	if (id <= 0 || id > TABLE_ID_MAX || table->max_age_ms <= 0)
		return false;
	table_hold(table);
	seen = seen_at(table, (uint32_t)id);
	table_let_go(table);
	if (state_of(table, (uint32_t)id) != TABLE_INSECURE)
		return false;
	if (seen <= 0 || seen > now_ms || now_ms - seen > table->max_age_ms)
		return false;
	*ret_as_of = seen;
	return true;
}

/* ---- readings ---- */

static void put_insecure(struct bug_table *table, uint32_t id, int64_t version)
{
	struct table_entry entry = {id, TABLE_INSECURE, version};

	if (id >= TABLE_PLANES) {
		(void)table_list_put(&table->list, &entry); /* room was looked for */
		return;
	}
	put_epoch(table, id, epoch_for(table, version)); /* before the state: who reads both meets the older */
	put_plane(table, id, TABLE_INSECURE);
	table_list_drop(&table->list, id);
	*recent_of(table, id) = (struct table_recent){id, version};
}

static void put_secure(struct bug_table *table, uint32_t id, enum table_state state, int64_t version)
{
	struct table_entry entry = {id, state, version};

	if (id < TABLE_PLANES)
		put_plane(table, id, state);
	if (!table_list_put(&table->list, &entry) && table->horizon_ms < version)
		table->horizon_ms = version;
}

/* From the strictest to the mildest; unknown is known to be nothing. */
static unsigned mildness(enum table_state state)
{
	static const unsigned by_state[] = {
		[TABLE_UNKNOWN] = 3, [TABLE_SECURE] = 0, [TABLE_APPROVED] = 1, [TABLE_INSECURE] = 2};

	return by_state[state];
}

/* Whether a reading counts against what is known. */
static bool counts(const struct known *known, enum table_state state, int64_t version)
{
	if (known->state == TABLE_UNKNOWN || version > known->last)
		return true;
	/* In the same moment, or in an order that nobody knows any more: only what is stricter. */
	return version >= known->first && mildness(state) < mildness(known->state);
}

static bool has_room(const struct bug_table *table, uint32_t id)
{
	uint32_t at;

	return id < TABLE_PLANES || table->list.n < TABLE_LIST_MAX || table_list_find(&table->list, id, &at);
}

static enum table_told tell(struct bug_table *table, uint32_t id, enum table_state state, int64_t version)
{
	struct known known = known_of(table, id);

	if (!counts(&known, state, version))
		return TABLE_TOLD_OLDER;
	if (!has_room(table, id))
		return TABLE_TOLD_REFUSED;
	if (state == TABLE_INSECURE)
		put_insecure(table, id, version);
	else
		put_secure(table, id, state, version);
	table->changes += known.state != state;
	return known.state == state ? TABLE_TOLD_SEEN : TABLE_TOLD_CHANGED;
}

uint64_t bug_table_changes(const struct bug_table *table)
{
	uint64_t changes;

	table_hold(table);
	changes = table->changes;
	table_let_go(table);
	return changes;
}

static void owe(struct bug_table_owed *owed, int64_t id)
{
	for (size_t i = 0; i < owed->n; i++)
		if (owed->ids[i] == id)
			return;
	if (owed->n < TABLE_OWED_MAX)
		owed->ids[owed->n++] = id;
	else
		owed->all = true;
}

void bug_table_owe(struct bug_table *table, const int64_t *ids, size_t n)
{
	table_hold(table);
	for (size_t i = 0; i < n; i++)
		owe(&table->owed, ids[i]);
	table_let_go(table);
}

void bug_table_owe_all(struct bug_table *table)
{
	table_hold(table);
	table->owed.all = true;
	table_let_go(table);
}

bool bug_table_owed(struct bug_table *table, struct bug_table_owed *ret)
{
	table_hold(table);
	*ret = table->owed;
	table->owed = (struct bug_table_owed){.n = 0};
	table_let_go(table);
	return ret->all || ret->n > 0;
}

enum table_told bug_table_tell(struct bug_table *table, int64_t id, enum table_state state, int64_t version_ms)
{
	enum table_told told;

	if (id <= 0 || id > TABLE_ID_MAX || state == TABLE_UNKNOWN || version_ms < 0 || version_ms > VERSION_MAX)
		return TABLE_TOLD_REFUSED;
	table_hold(table);
	told = tell(table, (uint32_t)id, state, version_ms);
	table_let_go(table);
	return told;
}

enum table_told bug_table_hidden(struct bug_table *table, int64_t id, int64_t version_ms)
{
	return bug_table_tell(table, id, TABLE_SECURE, version_ms);
}

int64_t bug_table_dated(const struct bug_table *table)
{
	int64_t dated;

	table_hold(table);
	dated = table->dated_ms;
	table_let_go(table);
	return dated;
}

void bug_table_date(struct bug_table *table, int64_t now_ms)
{
	table_hold(table);
	if (table->dated_ms < now_ms)
		table->dated_ms = now_ms;
	table_let_go(table);
}
