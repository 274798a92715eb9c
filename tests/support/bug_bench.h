/*
 * bug_bench: a tracker over an http port of our own that answers from a table, in order, and fails the test when
 * something else is asked for, or a Cookie or the key is carried where it should not be. The clock stands still.
 */
#ifndef TESTS_SUPPORT_BUG_BENCH_H
#define TESTS_SUPPORT_BUG_BENCH_H

#include "agent/tracker/tracker.h"

#define BUG_BENCH_URL  "https://bugs.test"
#define BUG_BENCH_KEY  "k3y-that+nobody/may-see"
#define BUG_BENCH_NOW  INT64_C(1795600000000)
#define BUG_BENCH_DATE "Tue, 25 Nov 2025 10:00:00 GMT"

struct bug_step {
	const char *path; /* below the base, without the key; NULL: any */
	unsigned status;
	const char *body;
	const char *retry_after; /* of the answer; NULL: none */
	enum err_code fail;      /* instead of an answer: the text is the URL, as of a careless port */
	const char *method;      /* NULL: GET */
	const char *sent;        /* the request's body, where the key is no part of it; NULL: none */
	bool not_sent;           /* of a failure: it certainly did not go */
};

struct bug_bench {
	struct arena arena;
	const struct bug_step *steps;
	size_t n, asked;
	const struct tracker_kind *kind;
	void *opened;
	struct tracker tracker;
	struct tracker_call call;
	struct err err;
};

/* The steps are borrowed. Secure: keywords sec-high and sec-critical, groups core-sec. */
void bug_bench_open(struct bug_bench *b, const char *kind, const struct bug_step *steps, size_t n);
/* The same, where members of the team acme/security set sec-approval by a comment. */
void bug_bench_open_talking(struct bug_bench *b, const struct bug_step *steps, size_t n);
void bug_bench_close(struct bug_bench *b); /* each step was asked for */
/* The next requests are answered from these steps. */
void bug_bench_next(struct bug_bench *b, const struct bug_step *steps, size_t n);
/* In the bench's arena: the text with the first `what` replaced; the test fails where it has none. */
const char *bug_bench_with(struct bug_bench *b, const char *text, const char *what, const char *with);

#endif
