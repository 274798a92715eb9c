/*
 * table_inner: what table*.c share: the planes, the epochs, the list. Nobody else includes it.
 *
 * A page is as it lies in the file. Its states are read without the lock, a word at a time: both bits of a bug are in
 * one word, so that no reader meets half of a change. All else but the generation is for who holds the lock.
 */
#ifndef AGENT_TRACKER_TABLE_INNER_H
#define AGENT_TRACKER_TABLE_INNER_H

#include <pthread.h>
#include <stdatomic.h>

#include "agent/tracker/table.h"
#include "agent/tracker/table_list.h"

#define STATE_WORDS   (TABLE_PAGE_BUGS / 32)
#define EPOCH_WORDS   (TABLE_PAGE_BUGS / 64)
#define EPOCH_BITS    3
#define TABLE_RECENTS 2048
#define VERSION_MAX   (INT64_C(1000) * UINT32_MAX)

struct table_page {
	_Atomic uint64_t states[STATE_WORDS];
	uint64_t epochs[EPOCH_BITS][EPOCH_WORDS];
};

struct table_recent { /* the exact version of a bug that is not secure; 0: none */
	uint32_t id;
	int64_t version;
};

struct bug_table {
	pthread_mutex_t lock;
	struct table_page *_Atomic pages[TABLE_PAGES];
	struct table_epoch epochs[TABLE_EPOCHS];
	unsigned newest; /* epoch; 0: none yet */
	int64_t max_age_ms, step_ms;
	struct table_list list;
	struct table_recent recents[TABLE_RECENTS];
	int64_t horizon_ms, dated_ms;
	uint64_t changes;
	struct bug_table_owed owed;
	int64_t now_ms; /* the clock when it was told last; 0: it never was */
	uint64_t rules; /* a digest of what makes bugs secure; 0: not said */
	/* Of the file that it was read from or written to last; 0: none. Whoever meets an old one reads the file again.
	 */
	_Atomic uint64_t generation;
};

void table_hold(const struct bug_table *table); /* the lock */
void table_let_go(const struct bug_table *table);

/* Taken where it is missing; for who holds the lock. */
struct table_page *table_page_of(struct bug_table *table, uint32_t page);

#endif
