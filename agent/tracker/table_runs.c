/* The whole table: its runs, its size, and what two of them know together. */
#include "agent/tracker/table_inner.h"

/* Two bits a bug: one of a bug's two in a word of ones. */
#define LOWER UINT64_C(0x5555555555555555)

static unsigned epoch_at(const struct table_page *page, uint32_t in_page)
{
	unsigned epoch = 0;

	for (unsigned bit = 0; bit < EPOCH_BITS; bit++)
		epoch |= (unsigned)(page->epochs[bit][in_page / 64] >> (in_page % 64) & 1) << bit;
	return epoch;
}

static const struct table_page *page_at(const struct bug_table *table, uint32_t id)
{
	return atomic_load_explicit(&table->pages[id / TABLE_PAGE_BUGS], memory_order_acquire);
}

static enum table_state state_at(const struct table_page *page, uint32_t in_page)
{
	uint64_t word = atomic_load_explicit(&page->states[in_page / 32], memory_order_relaxed);

	return (enum table_state)(word >> 2 * (in_page % 32) & 3);
}

/* One bug of the planes. False: nothing is known of it. */
static bool plane_run(const struct bug_table *table, uint32_t id, struct bug_table_run *ret)
{
	const struct table_page *page = page_at(table, id);
	enum table_state state = page ? state_at(page, id % TABLE_PAGE_BUGS) : TABLE_UNKNOWN;
	int64_t version = 0;
	uint32_t at;

	if (state == TABLE_UNKNOWN)
		return false;
	if (state == TABLE_INSECURE)
		version = table->epochs[epoch_at(page, id % TABLE_PAGE_BUGS)].first;
	else if (table_list_find(&table->list, id, &at))
		version = table_list_at(&table->list, at).version;
	*ret = (struct bug_table_run){id, id, state, version};
	return true;
}

/* The next number of the planes that may be known. */
static uint32_t skip(const struct bug_table *table, uint32_t id)
{
	while (id < TABLE_PLANES) {
		const struct table_page *page = page_at(table, id);

		if (!page)
			id = (id / TABLE_PAGE_BUGS + 1) * TABLE_PAGE_BUGS;
		else if (id % 32 == 0 &&
			 atomic_load_explicit(&page->states[id % TABLE_PAGE_BUGS / 32], memory_order_relaxed) == 0)
			id += 32;
		else
			break;
	}
	return id;
}

static bool next_in_planes(const struct bug_table *table, uint32_t id, struct bug_table_run *ret)
{
	struct bug_table_run one;

	for (id = skip(table, id); id < TABLE_PLANES && !plane_run(table, id, ret); id = skip(table, id + 1))
		;
	if (id >= TABLE_PLANES)
		return false;
	while (ret->last + 1 < TABLE_PLANES && plane_run(table, ret->last + 1, &one) && one.state == ret->state &&
	       one.version == ret->version)
		ret->last++;
	return true;
}

bool bug_table_next(const struct bug_table *table, uint32_t after, struct bug_table_run *ret)
{
	struct table_entry entry;
	uint32_t at;

	if (after + 1 < TABLE_PLANES && next_in_planes(table, after + 1, ret))
		return true;
	(void)table_list_find(&table->list, after + 1 < TABLE_PLANES ? TABLE_PLANES : after + 1, &at);
	if (at >= table->list.n)
		return false;
	entry = table_list_at(&table->list, at);
	*ret = (struct bug_table_run){entry.id, entry.id, entry.state, entry.version};
	return true;
}

/* ---- counting ---- */

static unsigned ones(uint64_t word)
{
	return (unsigned)__builtin_popcountll(word);
}

static void count_page(const struct table_page *page, struct bug_table_count *count)
{
	for (size_t i = 0; i < STATE_WORDS; i++) {
		uint64_t word = atomic_load_explicit(&page->states[i], memory_order_relaxed);
		uint64_t low = word & LOWER, high = word >> 1 & LOWER;

		if (word == 0) /* nearly all of them */
			continue;
		count->insecure += ones(low & ~high);
		count->secure += ones(high & ~low);
		count->approved += ones(high & low);
	}
}

struct bug_table_count bug_table_count(const struct bug_table *table)
{
	struct bug_table_count count = {.bytes = sizeof *table};
	uint32_t at;

	for (uint32_t i = 0; i < TABLE_PAGES; i++) {
		const struct table_page *page = atomic_load_explicit(&table->pages[i], memory_order_acquire);

		if (page) {
			count_page(page, &count);
			count.bytes += sizeof *page;
		}
	}
	table_hold(table);
	count.bytes += (size_t)table->list.room * TABLE_ENTRY_BYTES;
	(void)table_list_find(&table->list, TABLE_PLANES, &at);
	for (; at < table->list.n; at++) {
		enum table_state state = table_list_at(&table->list, at).state;

		count.insecure += state == TABLE_INSECURE;
		count.secure += state == TABLE_SECURE;
		count.approved += state == TABLE_APPROVED;
	}
	table_let_go(table);
	return count;
}

/* ---- two tables ---- */

static uint64_t tell_run(struct bug_table *into, const struct bug_table_run *run)
{
	uint64_t changed = 0;

	for (uint32_t id = run->first; id <= run->last; id++)
		changed += bug_table_tell(into, id, run->state, run->version) == TABLE_TOLD_CHANGED;
	return changed;
}

/* By epochs, the oldest first: an epoch that is opened later could not hold what was read before. Those of the list
 * and the secure ones come with the last. */
uint64_t bug_table_merge(struct bug_table *into, struct bug_table *from)
{
	struct bug_table_run run;
	uint64_t changed = 0;
	uint64_t rules;
	int64_t now;

	table_hold(into);
	now = into->now_ms;
	rules = into->rules;
	table_let_go(into);
	if (now > 0)
		bug_table_clock_at(from, now);
	bug_table_rules(from, rules);
	for (unsigned epoch = 0; epoch <= TABLE_EPOCHS; epoch++) {
		bool rest = epoch == TABLE_EPOCHS;

		for (uint32_t after = 0; bug_table_next(from, after, &run); after = run.last) {
			bool in_planes = run.state == TABLE_INSECURE && run.first < TABLE_PLANES;

			if (rest ? !in_planes : in_planes && run.version == from->epochs[epoch].first)
				changed += tell_run(into, &run);
		}
	}
	table_hold(into);
	if (into->horizon_ms < from->horizon_ms)
		into->horizon_ms = from->horizon_ms;
	table_let_go(into);
	bug_table_date(into, from->dated_ms);
	return changed;
}
