/*
 * What a table that comes from elsewhere may not do. Told by a clock that was ahead, its versions lie in the future,
 * and until then nothing that is told would be newer; told by other rules, what was not secure may be. Of what was not
 * secure nothing is left then but that; what was secure is so as of now.
 */
#include "agent/tracker/table_inner.h"

#define SKEW_MS INT64_C(300000) /* another host's clock may be ahead so much: its table only waits for its date */

static bool is_ahead(const struct table_epoch *epoch, int64_t now)
{
	return epoch->first > now || epoch->last > now;
}

/* The bugs of one word that are in this epoch or a later one. */
static uint64_t from_epoch(const struct table_page *page, size_t word, unsigned epoch)
{
	uint64_t all = 0;

	for (; epoch < TABLE_EPOCHS; epoch++) {
		uint64_t in = UINT64_MAX;

		for (unsigned bit = 0; bit < EPOCH_BITS; bit++)
			in &= epoch >> bit & 1 ? page->epochs[bit][word] : ~page->epochs[bit][word];
		all |= in;
	}
	return all;
}

static void forget_ages(struct bug_table *table, unsigned from)
{
	for (uint32_t i = 0; i < TABLE_PAGES; i++) {
		struct table_page *page = atomic_load_explicit(&table->pages[i], memory_order_relaxed);

		for (size_t word = 0; page && word < EPOCH_WORDS; word++) {
			uint64_t all = from_epoch(page, word, from);

			for (unsigned bit = 0; bit < EPOCH_BITS; bit++)
				page->epochs[bit][word] &= ~all;
		}
	}
	for (unsigned epoch = from; epoch < TABLE_EPOCHS; epoch++)
		table->epochs[epoch] = (struct table_epoch){0, 0};
	table->newest = from - 1;
}

static void look_at_epochs(struct bug_table *table, int64_t now)
{
	unsigned epoch = 1;

	while (epoch <= table->newest && !is_ahead(&table->epochs[epoch], now))
		epoch++;
	if (epoch <= table->newest)
		forget_ages(table, epoch);
	if (table->epochs[0].last > now)
		table->epochs[0].last = now;
}

/* Those of which a version later than `latest` is told. */
static void look_at_list(struct bug_table *table, int64_t latest, int64_t now)
{
	for (uint32_t i = 0; i < table->list.n; i++) {
		struct table_entry entry = table_list_at(&table->list, i);

		if (entry.version <= latest || (entry.version <= now && entry.state != TABLE_INSECURE))
			continue;
		entry.version = entry.state == TABLE_INSECURE ? 0 : now;
		(void)table_list_put(&table->list, &entry); /* it is there */
	}
}

static void look_at_recents(struct bug_table *table, int64_t now)
{
	for (size_t i = 0; i < TABLE_RECENTS; i++)
		if (table->recents[i].version > now)
			table->recents[i] = (struct table_recent){0, 0};
}

static void look_at_all(struct bug_table *table, int64_t now_ms)
{
	if (table->now_ms == 0 || now_ms < table->now_ms) {
		look_at_epochs(table, now_ms);
		look_at_list(table, now_ms, now_ms);
		look_at_recents(table, now_ms);
		table->horizon_ms = table->horizon_ms < now_ms ? table->horizon_ms : now_ms;
		table->dated_ms = table->dated_ms <= now_ms + SKEW_MS ? table->dated_ms : 0;
	}
	table->now_ms = now_ms;
}

void bug_table_clock(struct bug_table *table, const struct clock_port *clock)
{
	table_hold(table);
	look_at_all(table, clock->wall(clock->self));
	table_let_go(table);
}

void bug_table_clock_at(struct bug_table *table, int64_t now_ms)
{
	table_hold(table);
	look_at_all(table, now_ms);
	table_let_go(table);
}

void bug_table_rules(struct bug_table *table, uint64_t rules)
{
	table_hold(table);
	if (table->rules != rules) {
		forget_ages(table, 1);
		look_at_list(table, 0, INT64_MAX);
		look_at_recents(table, 0);
		table->dated_ms = 0;
		table->rules = rules;
	}
	table_let_go(table);
}
