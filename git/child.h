/*
 * child: one program run to its end or to its deadline, and nothing of it left behind.
 *
 * Promise: the child is the leader of its own process group, has stdin from /dev/null, stdout and stderr in one
 * bounded pipe, no other descriptor, default signals, and exactly the environment handed in. With a bound on files a
 * write beyond it fails (EFBIG), in the whole group: SIGXFSZ is ignored, so that who writes can say so. At the deadline
 * the group gets SIGTERM, CHILD_GRACE_MS later SIGKILL; whatever of the group outlives the leader is killed with it;
 * the leader is always reaped. No threads, no alarm, no signal handler: any thread may call it.
 */
#ifndef GIT_CHILD_H
#define GIT_CHILD_H

#include "policy/err.h"

enum { CHILD_TAIL = 4096, CHILD_GRACE_MS = 500 };

struct child_in {
	const char *const *argv; /* argv[0] is an absolute path; NULL at the end */
	const char *const *env;  /* NULL at the end */
	int64_t deadline_ms;     /* child_now_ms scale */
	int64_t max_file_bytes;  /* of each file that it writes; 0: no bound of ours */
};

struct child_out {
	int status;     /* of exit(2); 128 + n when killed by signal n */
	bool timed_out; /* the deadline passed: status means nothing */
	bool cut;       /* more was written than the tail holds */
	size_t n_tail;
	char tail[CHILD_TAIL]; /* the last bytes written, not NUL-terminated */
};

int64_t child_now_ms(void); /* monotonic */

/* False: no child could be started (ERR_RETRY). */
bool child_run(const struct child_in *in, struct child_out *ret, struct err *err);

#endif
