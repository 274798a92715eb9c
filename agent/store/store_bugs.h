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
	bool read; /* they were read just now: nobody need read them again for that */
	int64_t now;
};
/* Every commit whose newest verdict asked about one is judged again; its success is taken back, unless only rules that
 * warn asked. *ret_subjects: there is something to judge, or to post. */
bool store_tell_bugs(const struct store *store, const struct bugs_told *in, bool *ret_subjects, struct err *err);

struct bug_news {
	int64_t id, heard_at;
	enum bug_said said; /* of store_said_bugs */
	int64_t said_of;
};
struct bug_news_list {
	const struct bug_news *at;
	size_t n;
};
/* Bugs that are to be read again, the longest due first, at most max. */
bool store_due_bugs(const struct store *store, struct text tracker, size_t max, struct arena *arena,
		    struct bug_news_list *ret, struct err *err);
/* They were read, and nothing was told of them since as far as that list knew. */
bool store_read_bugs(const struct store *store, struct text tracker, const struct bug_news_list *in, struct err *err);
/* Bugs of which their tracker's connector said something that no worker took yet, in the order it came. */
bool store_said_bugs(const struct store *store, struct text tracker, size_t max, struct arena *arena,
		     struct bug_news_list *ret, struct err *err);
struct bugs_taken { /* the table holds what was said of them, durably where it settles */
	struct text tracker;
	struct bug_news_list list;
	bool settles; /* nothing is read there: who asked about one is judged by it now */
	int64_t now;
};
/* Those of which something newer was said since stay to be taken. */
bool store_take_said(const struct store *store, const struct bugs_taken *in, bool *ret_subjects, struct err *err);
/* Of n bugs, whether the newest verdict of any commit asked about it. */
bool store_linked_bugs(const struct store *store, struct text tracker, const int64_t *ids, size_t n, bool *ret,
		       struct err *err);
/* Is it to be read again? Then what is known of it may be from before. True on errors. */
bool store_bug_is_due(const struct store *store, const struct bug_ref *bug, bool *ret, struct err *err);

#endif
