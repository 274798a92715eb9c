/*
 * pushing: a stage for headgate-hook under the real git and Mercurial. The server is a line of its own here: a Unix
 * socket that keeps the question and gives one answer. A stage is a folder under /tmp; failures are Check's.
 */
#ifndef TESTS_SUPPORT_PUSHING_H
#define TESTS_SUPPORT_PUSHING_H

#include <pthread.h>

#include "policy/text.h"

struct stage {
	char dir[64], socket[96];
	int listener;
	pthread_t thread;
	const char *answer; /* NULL: none, ever */
	char question[65536];
	size_t n; /* of the last question; 0: none */
};

#define ANSWER(body) "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" body

#define AS_SOMEBODY                                                                                                    \
	"export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.test GIT_COMMITTER_NAME=a "                               \
	"GIT_COMMITTER_EMAIL=a@example.test; "

/* A bare repository r.git with the hook pre-receive, and a clone w with two commits that nobody pushed. */
void stage_begin(struct stage *stage, const char *answer, const char *flags);

/* The same; and a Mercurial repository h with the hook, and a clone c of it with two changesets that nobody pushed. */
void stage_begin_hg(struct stage *stage, const char *answer, const char *hook);

void stage_end(struct stage *stage);

/* A shell's line in the stage's folder; what it says is kept in out.txt. */
int stage_run(const struct stage *stage, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *stage_said(const struct stage *stage);

/* Reads the whole question; how many commits it tells of this branch whose message holds this. */
size_t stage_told(const struct stage *stage, const char *branch, const char *message);

#endif
