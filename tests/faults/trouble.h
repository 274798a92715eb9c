/*
 * trouble: a gate in trouble, and what must hold afterwards. A story (one change, its pushes and reviews) is played
 * while a load of signed deliveries comes in; a test lets its fault happen; trouble_over() then asks for all of it:
 *   - whatever was answered 202 stands in the journal, once;
 *   - success was never said of a commit that the story did not make allowed;
 *   - what was not delivered is delivered again, a push revokes, two reviews allow, the merge goes through;
 *   - then nothing more is posted.
 *
 * Starts the server itself where the rig cannot: with limits and environment of its own. Check failures end the test.
 * One thread, besides the senders it owns.
 */
#ifndef TESTS_FAULTS_TROUBLE_H
#define TESTS_FAULTS_TROUBLE_H

#include <pthread.h>
#include <stdatomic.h>

#include "tests/support/gate.h"

enum { TROUBLE_SENDERS = 4, TROUBLE_HEADS = 64 };

struct trouble;

struct trouble_sender {
	struct trouble *trouble;
	pthread_t thread;
	int number, sent;
	int *told; /* the numbers of those that were answered 202 */
	int n_told, refused, unanswered;
};

struct trouble {
	struct gate gate;
	char allowed[TROUBLE_HEADS][41]; /* commits that the story made allowed */
	int n_allowed;
	struct trouble_sender senders[TROUBLE_SENDERS];
	char *body; /* of the load's deliveries */
	atomic_bool stop;
	bool loaded;
};

/* Size of the run: more where HEADGATE_FAULTS is "full". */
int trouble_size(int by_default, int full);

/* Both programs, change 1 allowed by two reviews and green; config: further lines, or NULL. */
void trouble_begin(struct trouble *t, const char *config);
/* The world alone and its repository; the server is to be started. */
void trouble_begin_without_agent(struct trouble *t, const char *config);
/* Opens change 1, two reviews, success. */
void trouble_allow(struct trouble *t);
void trouble_end(struct trouble *t);

/* ---- the load: deliveries of a comment on the change, one after the other, pauses in between ---- */

void trouble_load(struct trouble *t);      /* begins */
void trouble_load_stop(struct trouble *t); /* ends and joins; nothing when it does not run */
int trouble_told(const struct trouble *t); /* answered 202, after the end */
int trouble_refused(const struct trouble *t);

/* ---- the fault is over ---- */

/* All of the promises above, on a running server. */
void trouble_over(struct trouble *t);
/* The parts of it. */
void trouble_nothing_lost(struct trouble *t);
void trouble_no_wrong_success(struct trouble *t);
void trouble_redeliver(struct trouble *t); /* what the server did not take with a 2xx */
void trouble_next_head(struct trouble *t); /* push: the old head falls; two reviews: the new one is green */

/* ---- the server, started by hand ---- */

struct trouble_start {
	const char *const *env; /* "NAME=value", NULL-terminated; or NULL */
	unsigned files;         /* RLIMIT_NOFILE; 0: as it is */
};
/* True: it is ready, and the rig's agent from now on. False: it ended, *ret_code is its exit code (128 + signal). */
bool trouble_serve(struct trouble *t, const struct trouble_start *how, int *ret_code);
/* Waits for the end of the running server: its exit code, 128 + signal, -1 if it still ran after ms. */
int trouble_end_of(struct trouble *t, int ms);
/* What the server said since its last start; owned by the caller. */
char *trouble_said(const struct trouble *t);
bool trouble_says(const struct trouble *t, const char *words);
/* From here on only what it says from now on counts. */
void trouble_turn_page(struct trouble *t);
void trouble_wait_said(const struct trouble *t, const char *words, int ms);

#endif
