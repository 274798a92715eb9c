/*
 * store_bugs: the verbs of store.h for workers that read trackers: of which bugs something was told, and what that
 * reaches (agent/store/bugs.h). Numbers alone are kept of a bug.
 */
#ifndef AGENT_STORE_STORE_BUGS_H
#define AGENT_STORE_STORE_BUGS_H

#include "agent/store/store.h"

struct bugs_told { /* something may have changed in these */
	struct text tracker;
	const int64_t *ids;
	size_t n;
	int64_t read_at; /* not 0: a reading that began then told it, and nobody need read them again for that */
	int64_t now;
	bool spares; /* takes nothing back by itself */
};
/* Every commit whose newest verdict asked about one is judged again; its success is taken back, unless only rules that
 * warn asked. *ret_subjects: there is something to judge, or to post. */
bool store_tell_bugs(const struct store *store, const struct bugs_told *in, bool *ret_subjects, struct err *err);

struct bug_news {
	int64_t id, heard_at;
	enum bug_said said; /* of those that are BUG_SAID */
	int64_t said_of;
};
struct bug_news_list {
	const struct bug_news *at;
	size_t n;
};
enum bug_due { /* what was told of a bug */
	       BUG_SETTLED = 0,
	       BUG_DUE,     /* it is to be read again */
	       BUG_PUT_OFF, /* at the next poll: nothing stands on it */
	       BUG_SAID,    /* its table is to hear first what a connector said of it */
};
struct bug_due_query {
	struct text tracker;
	enum bug_due due;
	size_t max;
};
/* Bugs of which something was told, the longest ago first. */
bool store_due_bugs(const struct store *store, const struct bug_due_query *in, struct arena *arena,
		    struct bug_news_list *ret, struct err *err);
/* From now on they are `due`, where nothing was told of them since as far as that list knew. */
bool store_mark_bugs(const struct store *store, struct text tracker, enum bug_due due, const struct bug_news_list *in,
		     struct err *err);
/* They were read: whatever was told of these before `heard_before`, and put off, is settled. */
struct bugs_seen {
	struct text tracker;
	const int64_t *ids;
	size_t n;
	int64_t heard_before;
};
bool store_seen_bugs(const struct store *store, const struct bugs_seen *in, struct err *err);
/* Those of which something newer was said since stay to be taken. */
struct bugs_taken { /* the table holds what was said of them, durably where it settles */
	struct text tracker;
	struct bug_news_list list;
	bool settles; /* nothing is read there: who asked about one is judged by it now */
	int64_t now;
};
bool store_take_said(const struct store *store, const struct bugs_taken *in, bool *ret_subjects, struct err *err);
/* Of n bugs, whether the newest verdict of any commit asked about it: ret[n]. */
struct bugs_linked {
	struct text tracker;
	const int64_t *ids;
	size_t n;
};
bool store_linked_bugs(const struct store *store, const struct bugs_linked *in, bool *ret, struct err *err);
/* The bugs that newest verdicts asked about, from behind `after` on, in order and each once. */
struct bugs_asked {
	int64_t *ids; /* the caller's */
	size_t max;   /* above 0 */
	size_t n;     /* out */
};
bool store_asked_bugs(const struct store *store, const struct bug_ref *after, struct bugs_asked *ret, struct err *err);
/* Is it to be read again, if only at the next poll? Then what is known of it may be from before. True on errors. */
bool store_bug_is_due(const struct store *store, const struct bug_ref *bug, bool *ret, struct err *err);

#endif
