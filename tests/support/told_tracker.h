/*
 * told_tracker: a tracker that answers what a test told it of each bug, and counts what it was asked.
 */
#ifndef TESTS_SUPPORT_TOLD_TRACKER_H
#define TESTS_SUPPORT_TOLD_TRACKER_H

#include "agent/work/bug_source.h"

#define TOLD_BUGS_MAX 128

struct told_tracker {
	struct tracker_bug bugs[TOLD_BUGS_MAX]; /* whatever is not here is missing */
	size_t n;
	unsigned reads;      /* of single bugs */
	unsigned lists;      /* other verbs */
	unsigned secured;    /* of these the list of secure bugs */
	unsigned hinted;     /* bugs looked up by number in them */
	enum err_code fails; /* every verb */
	int64_t spoilt;      /* of this bug no reading succeeds: */
	enum err_code spoils;
	enum err_code self_fails, secure_fails; /* who we are; the list of secure bugs */
	enum tri in_groups, pushes;             /* of who we are: what is told is our account's */
	int64_t retry_at;
	int64_t ids[TOLD_BUGS_MAX]; /* what changed, and what is secure, by its lists */
	size_t n_changed, n_secure;
	int64_t since;                                 /* of the newest changed_since */
	bool fields;                                   /* the newest reading asked for custom fields */
	int64_t *now;                                  /* wall */
	void (*on_read)(void *context, unsigned read); /* before an answer; NULL: none */
	void *context;
	/* Writing. */
	struct tracker_mark marks[4]; /* of every bug that is told */
	size_t n_marks;
	struct text unset;                /* a field that is not + now; empty: none */
	unsigned comments, clears, looks; /* asked for */
	bool says_done;                   /* a comment that is asked for stands there, whatever is answered */
	bool commented;
	char said[512];            /* the newest comment */
	enum tracker_fate fate;    /* TRACKER_DOUBT: with ERR_RETRY */
	enum err_code write_fails; /* what a write that is not done answers */
	void (*on_write)(void *context);
	struct tracker port;
	struct bug_table *table;
	struct bug_source source;
	struct bug_sources sources;
};

/* Nothing is known; "bmo"; max_age as configured. Secure: keyword sec-high; approved: sec-approval. */
void told_tracker_open(struct told_tracker *t, int64_t *now, int64_t max_age_ms);
void told_tracker_close(struct told_tracker *t);

/* A bug that was read whole, open, of these keywords (NULL: none), public. */
struct tracker_bug *told_tracker_bug(struct told_tracker *t, int64_t id, const char *keyword);
/* It has one attachment with sec-approval like this; 0: cleared. */
void told_tracker_approval(struct tracker_bug *bug, char status, bool obsolete);

#endif
