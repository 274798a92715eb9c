/*
 * table: what this process knows of each bug of one tracker: unknown, not secure, secure without approval, secure with
 * approval; and when the reading began that said so, its version. Two bits for each number below 2^22, in pages that
 * are taken when they are needed, three more for the age of "not secure", and a sorted list with exact versions for
 * secure bugs and for larger numbers. 2,000,000 bugs with 50,000 secure ones are less than 2 MB.
 *
 * Promises: a version never goes back, an older reading changes nothing. Losing sight of a secure bug keeps it secure;
 * only a newer reading makes it not secure. Where the order of two readings is not known any more, only what makes a
 * bug secure is believed. An age is never told younger than it is. What was told by a clock that was ahead hides
 * nothing that is told later.
 *
 * Threads: bug_table_tell and its like from any thread, one at a time by a lock; bug_table_state takes no lock for
 * numbers below 2^22. The table owns its memory; bug_table_free when no other thread has it.
 */
#ifndef AGENT_TRACKER_TABLE_H
#define AGENT_TRACKER_TABLE_H

#include "agent/base/clock.h"
#include "agent/tracker/table_file.h"

struct bug_table;

/* max_age_ms: for how long bug_table_fresh is to hold (bugs.max_age); ages are told in steps of a sixth of it. */
struct bug_table *bug_table_new(int64_t max_age_ms);
void bug_table_free(struct bug_table *table); /* takes NULL */

/* Numbers that are no bug's (below 1, above TABLE_ID_MAX) are unknown. */
enum table_state bug_table_state(const struct bug_table *table, int64_t id);

/* Whether the bug was read as not secure no longer than max_age ago; *ret_as_of is then when that was at the latest
 * that is certain. Secure and unknown bugs never are, nor is anything with a max_age of 0 or seen in the future. */
bool bug_table_fresh(const struct bug_table *table, int64_t id, int64_t now_ms, int64_t *ret_as_of);

/* Of which time what is known of it is, at the latest that is certain; 0: nothing is known. */
int64_t bug_table_seen(const struct bug_table *table, int64_t id);

enum table_told {
	TABLE_TOLD_CHANGED, /* another state than before */
	TABLE_TOLD_SEEN,    /* the same, and its version is newer */
	TABLE_TOLD_OLDER,   /* a newer reading said otherwise, or might have: nothing changed */
	TABLE_TOLD_REFUSED  /* no bug's number, no version, no state, or the list is full */
};

/* A reading that began at version_ms (wall clock) says `state`; TABLE_UNKNOWN is none. TABLE_INSECURE and
 * TABLE_APPROVED only from a complete reading: bug, groups, attachments and flags. */
enum table_told bug_table_tell(struct bug_table *table, int64_t id, enum table_state state, int64_t version_ms);

/* A reading that was denied: the bug is there and is not shown. It is secure from now on, if it was not; an approval
 * that cannot be seen any more counts no more. */
enum table_told bug_table_hidden(struct bug_table *table, int64_t id, int64_t version_ms);

/* Asks what time it is: after loading, before a merge, and wherever the clock may have gone back. What was told as of
 * later than that is of no known age, where it is not secure, or of now; a date that lies more than five minutes ahead
 * is none. The clock is read with the lock held, so that a thread that has to wait brings no time that looks like a
 * clock that was set back: it calls nothing of this table. */
void bug_table_clock(struct bug_table *table, const struct clock_port *clock);
/* The same for a table that one thread alone has, which knows the time. */
void bug_table_clock_at(struct bug_table *table, int64_t now_ms);

/* A digest of what makes bugs secure, and where: after loading, and before anything is told. What was not secure by
 * another rule is of no known age, and the table of no date. */
void bug_table_rules(struct bug_table *table, uint64_t rules);

/* Everything that `from` knows, as if each had been told here, by the clock and the rules of
 * `into`. Returns how many bugs changed. */
uint64_t bug_table_merge(struct bug_table *into, struct bug_table *from);

/* When its source was last heard completely; never goes back. 0: never. */
int64_t bug_table_dated(const struct bug_table *table);
void bug_table_date(struct bug_table *table, int64_t now_ms);

struct bug_table_count {
	uint64_t insecure, secure, approved; /* secure: without the approved ones */
	size_t bytes;                        /* of memory */
};
struct bug_table_count bug_table_count(const struct bug_table *table);
/* How often a bug's state changed since the table was made or loaded: other than before, something changed. */
uint64_t bug_table_changes(const struct bug_table *table);

/* These changed here, and the store could not tell those who stand on them: a table that says it already will not
 * change again. Whoever keeps the table asks for that, after which nothing is owed, and tells them. Where there were
 * too many (`all`), every bug is told of whatever its state, since what is told late must not show which are secure.
 * Any thread. */
#define TABLE_OWED_MAX 256
struct bug_table_owed {
	int64_t ids[TABLE_OWED_MAX];
	size_t n;
	bool all;
};
void bug_table_owe(struct bug_table *table, const int64_t *ids, size_t n);
void bug_table_owe_all(struct bug_table *table);
bool bug_table_owed(struct bug_table *table, struct bug_table_owed *ret); /* false: nothing */

/* One run after the other, in the order of numbers: bugs side by side of one state and one version. For insecure ones
 * the version is the latest that is certain. Start with 0; false: there are no more. Not beside a writer. */
struct bug_table_run {
	uint32_t first, last;
	enum table_state state;
	int64_t version;
};
bool bug_table_next(const struct bug_table *table, uint32_t after, struct bug_table_run *ret);

#endif
