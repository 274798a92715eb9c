/*
 * bug_source: one configured tracker as a worker has it: a way to read it, and the table of what is known without
 * reading. Promises: what is read is told to the table as bug_table_tell asks for it (secure: one of the configured
 * keywords or groups, or the public cannot see it, or one with such a bug that was read later; not secure: read whole,
 * and one with no other bug); a bug that was secure once and cannot be seen is hidden, never missing; what the table
 * says counts only while it is fresh and nothing was told of the bug since. Commit hooks and judgements ask here, and
 * are told the same.
 *
 * Borrows everything. One worker's: `port` has one thread; the table is shared by all.
 */
#ifndef AGENT_WORK_BUG_SOURCE_H
#define AGENT_WORK_BUG_SOURCE_H

#include "agent/store/store_bugs.h"
#include "agent/tracker/table.h"
#include "agent/tracker/tracker.h"
#include "policy/bugs.h"

struct bug_words {
	const struct text *at;
	size_t n;
};

struct bug_guard {              /* what is done on bugs; zeroes: nothing */
	struct bug_words flags; /* that must not be + on a secure bug that is not approved; a name may end in `*` */
	bool comments, clears;  /* one that is: it is said there, it is taken back */
	bool warnings;          /* a change that a rule would block which only warns: it is said there */
};

struct bug_source {
	struct text name;
	struct tracker port; /* .bug NULL: nothing is read there, the table is all */
	struct bug_table *table;
	struct bug_words keywords, groups, approvals;
	bool tells_duplicates;    /* a reading lists a bug's duplicates */
	int64_t table_max_age_ms; /* a table dated longer ago knows of nothing */
	struct bug_guard guard;
};

struct bug_sources {
	const struct bug_source *at;
	size_t n;
};

/* What a reading says of the bug, for the table; TABLE_UNKNOWN: not enough. */
enum table_state bug_source_state(const struct bug_source *source, const struct tracker_bug *bug);

/* Tells the table what was read, and makes a bug that is missing hidden where it was secure. True: what was known
 * is not so any more, and who stands on it must hear of it. *ret_others, in the arena: as bug_source_tell_others. */
bool bug_source_tell(const struct bug_source *source, struct tracker_bug *bug, struct arena *arena,
		     struct tracker_ids *ret_others);

/* What is one with a secure bug, by what was read of it or a hint shows: tells the table of each. Of a bug that is not
 * secure itself, and is one with one that the table has as secure: of each that the table has as not secure, so that a
 * chain is followed to its ends. *ret, in the arena: those that were not secure there before. Who stands on one must
 * hear of it, and it is to be read again; read whole later, and one with no other bug, it is not secure. Nothing is
 * told where a tracker lists no duplicates: there a bug is asked alone, and to read one of the two would undo what the
 * other one said, for ever. */
void bug_source_tell_others(const struct bug_source *source, const struct tracker_bug *bug, struct arena *arena,
			    struct tracker_ids *ret);

/* It was read and told: what was heard of it before that, and put off, is settled. A store that fails leaves it due. */
void bug_source_settle(const struct bug_source *source, const struct store *store, const struct bug *bug);

/* At the start of a process, before anybody asks: what was told of a bug that the table has as not secure, after the
 * reading that said so, is to be read again, settled or not. Whoever read it then may have died before the table was
 * saved. For what is read alone: else nobody would settle it. The port is not used. False: *err. */
bool bug_source_begin(const struct bug_source *source, const struct store *store, struct err *err);

/* What a worker that keeps the table asks of a bug. */
struct tracker_wanted bug_source_wanted(const struct bug_source *source);
/* What is asked of a bug for policies that want this: borrows it. */
struct tracker_wanted bug_source_asked(const struct bugs_wanted *wanted);
/* What was read and told, as facts: what this tracker does not tell is unread, never an empty list. */
struct bug bug_source_facts(const struct bug_source *source, const struct tracker_bug *bug);

/* Was it read whole, and is it secure, and not approved? What is not known for certain is not said of anybody. */
bool bug_source_lacks_approval(const struct bug_source *source, const struct tracker_bug *bug);

/* Whether "not secure" says enough for what will be asked: it has none of the words that make a bug secure, and of
 * others nothing is known. */
bool bug_source_can_tell(const struct bug_source *source, const struct bugs_wanted *wanted);

/* What the table says of the bug, where that counts without a reading: of one that is not secure, as long as max_age
 * lets it. Where the table is all there is, as long as the table is not stale; then of a secure bug, too: that an
 * attachment of it has the approval flag, if it is approved and the configuration names one such flag, else that it is
 * hidden. */
struct bug_asking {
	const struct store *store;        /* of which bugs something was told; NULL: of none */
	const struct bugs_wanted *wanted; /* what will be asked of it */
	int64_t id, now;
};
bool bug_source_counts(const struct bug_source *source, const struct bug_asking *asking, struct arena *arena,
		       struct bug *ret);

/* Everything that the facts say of it, but for when it was read: equal texts, equal bugs. */
struct text bug_source_content(const struct bug *bug, struct arena *arena);

#endif
