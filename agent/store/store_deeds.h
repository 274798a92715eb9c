/*
 * store_deeds: what is to be done at trackers, once: a private comment, a flag cleared (agent/work/deeds.h). The intent
 * is durable before the request and its outcome after it, so that a process that dies between the two is known to have
 * been there: what may have been done is looked for, and never simply done again.
 *
 * A deed is known by its mark, which stays; which bug it was about is forgotten when it is over.
 */
#ifndef AGENT_STORE_STORE_DEEDS_H
#define AGENT_STORE_STORE_DEEDS_H

#include "agent/store/store.h"
#include "agent/store/tables.h"

#define DEED_MARK 16 /* hexadecimal digits */

struct deed_about { /* what one is; two with the same are one */
	struct text tracker;
	enum deed_kind kind;
	int64_t bug, attachment, flag; /* attachment 0: the bug's own; flag 0: a custom field */
	struct text name;              /* of the flag */
	int64_t repo, change;          /* of DEED_WARNED, where the others are 0 */
};
struct text deed_mark(const struct deed_about *about, struct arena *arena);

/* Those that were never wanted before. *ret_new: how many. */
struct deeds_wanted {
	const struct deed_about *at;
	size_t n;
	int64_t now;
};
bool store_want_deeds(const struct store *store, const struct deeds_wanted *in, size_t *ret_new, struct err *err);

/* Those of these that are over may be wanted anew: what they were about was undone. Others stay as they are. */
bool store_forget_deeds(const struct store *store, const struct deed_about *at, size_t n, struct err *err);

/* The next one of this tracker that is due, with its texts in the arena. */
struct deed_query {
	struct text tracker;
	int64_t now;
};
struct deed_due {
	bool any; /* false: none is */
	struct row_bug_deed deed;
};
bool store_due_deed(const struct store *store, const struct deed_query *in, struct arena *arena, struct deed_due *ret,
		    struct err *err);

/* Before its request: from here on it may have been done. */
bool store_begin_deed(const struct store *store, struct row_bug_deed *deed, int64_t now, struct err *err);

/* After it. WANTED (certainly not done) and SENT (nobody knows) are due again at not_before, with one attempt more; of
 * what is over nothing stays but its mark. */
struct deed_end {
	enum deed_state state;
	int64_t not_before;
};
bool store_end_deed(const struct store *store, struct row_bug_deed *deed, const struct deed_end *end, struct err *err);

#endif
