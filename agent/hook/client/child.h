/*
 * child: one program whose whole output is read. It inherits the environment (a version control system's hook finds
 * the pushed objects by it) and standard error, and reads nothing. It is killed at the deadline and always reaped.
 */
#ifndef AGENT_HOOK_CLIENT_CHILD_H
#define AGENT_HOOK_CLIENT_CHILD_H

#include "policy/text.h"

struct output {
	char *at;
	size_t n, room;
};
void output_free(struct output *output);

int64_t now_ms(void); /* monotonic */

/* argv[0] is looked for in PATH. False: *ret_why, static. The output is at most max bytes; it is the caller's in any
 * case. */
bool child_read(const char *const *argv, int64_t deadline_ms, size_t max, struct output *ret, const char **ret_why);

/* As child_read; a program that writes nothing and ends with 1 says no, and did not fail. */
bool child_says(const char *const *argv, int64_t deadline_ms, size_t max, struct output *ret, const char **ret_why);

/* As child_read, of the last of some programs, at most CHAIN_MAX and a NULL behind them, that run at once and each read
 * the one before. False, too, where any of them fails. */
enum { CHAIN_MAX = 2 };
bool chain_read(const char *const *const *argvs, int64_t deadline_ms, size_t max, struct output *ret,
		const char **ret_why);

/* Waits for one of poll's events. False: none came by then. */
bool descriptor_ready(int fd, short events, int64_t deadline_ms);

/* As child_read, of a descriptor that is open, to its end. */
bool descriptor_read(int fd, int64_t deadline_ms, size_t max, struct output *ret, const char **ret_why);

#endif
