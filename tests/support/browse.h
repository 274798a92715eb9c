/*
 * browse: the web's three listeners over a store in memory (pipe.h), on an ephemeral port of loopback and a Unix socket
 * in a scratch directory, and a plain client. For tests of what is shown.
 */
#ifndef TESTS_SUPPORT_BROWSE_H
#define TESTS_SUPPORT_BROWSE_H

#include "agent/web/web.h"
#include "tests/support/pipe.h"

#define BROWSE_BODY_MAX   131072
#define BROWSE_POLICY_SHA "77c01aa0000000000000000000000000000000aa" /* of what browse_judge concludes */

struct browse {
	struct pipe_rig pipe;
	struct web web;
	struct arena arena;
	struct listener *public, *ops, *control, *control_tcp; /* control_tcp: the control routes without peer uid */
	char socket[128], dir[64];
	int64_t now; /* of web.clock */
	int woken;   /* signals of WAKE_SUBJECTS */
};

void browse_open(struct browse *b);
void browse_open_over(struct browse *b, int backend); /* of pipe.h */
void browse_close(struct browse *b);

struct browsed {
	int status; /* 0: no answer */
	char head[4096], body[BROWSE_BODY_MAX];
	size_t body_len;
};
/* `port` 0: the control socket. `lines`: further header lines, each with its line break, or "". */
struct browse_request {
	unsigned port;
	const char *method, *path, *lines, *body;
};
void browse_send(struct browse *b, const struct browse_request *request, struct browsed *ret);
void browse_get(struct browse *b, const char *path, struct browsed *ret);     /* public */
void browse_control(struct browse *b, const char *path, struct browsed *ret); /* GET on the control socket */

/* Concludes commit `head`, which must be due, with this verdict and its rules. */
void browse_judge(struct browse *b, char head, const struct verdict *verdict);

#endif
