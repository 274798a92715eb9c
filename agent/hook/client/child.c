#include "agent/hook/client/child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { STEP = 65536 };

void output_free(struct output *output)
{
	free(output->at);
	*output = (struct output){NULL, 0, 0};
}

int64_t now_ms(void)
{
	struct timespec now;

	return clock_gettime(CLOCK_MONOTONIC, &now) ? INT64_MAX : (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool more_room(struct output *out)
{
	size_t room = out->room > 0 ? out->room * 2 : STEP;
	char *at;

	if (out->n < out->room)
		return true;
	at = realloc(out->at, room);
	if (!at)
		return false;
	out->at = at;
	out->room = room;
	return true;
}

bool descriptor_ready(int fd, short events, int64_t deadline_ms)
{
	for (;;) {
		int64_t left = deadline_ms - now_ms();
		struct pollfd at = {.fd = fd, .events = events};
		int n;

		if (left <= 0)
			return false;
		n = poll(&at, 1, left > INT_MAX ? INT_MAX : (int)left);
		if (n > 0)
			return true;
		if (n < 0 && errno != EINTR)
			return false;
	}
}

bool descriptor_read(int fd, int64_t deadline_ms, size_t max, struct output *ret, const char **ret_why)
{
	for (;;) {
		ssize_t n;

		*ret_why = "memory ran out";
		if (!more_room(ret))
			return false;
		*ret_why = "it took too long";
		if (!descriptor_ready(fd, POLLIN, deadline_ms))
			return false;
		n = read(fd, ret->at + ret->n, ret->room - ret->n);
		*ret_why = "it could not be read";
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return false;
		if (n == 0)
			return true;
		ret->n += n > 0 ? (size_t)n : 0;
		*ret_why = "there is too much of it";
		if (ret->n > max)
			return false;
	}
}

static bool start(const char *const *argv, int in, int out, pid_t *ret)
{
	posix_spawn_file_actions_t files;
	bool ok;

	if (posix_spawn_file_actions_init(&files) != 0)
		return false;
	ok = (in < 0 ? posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
		     : posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO)) == 0 &&
	     posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO) == 0 &&
	     posix_spawnp(ret, argv[0], &files, NULL, (char *const *)(uintptr_t)argv, environ) == 0;
	posix_spawn_file_actions_destroy(&files);
	return ok;
}

/* Returns how many were started; *ret_out is the last one's output, or -1. */
static size_t start_chain(const char *const *const *argvs, pid_t *ret_pids, int *ret_out)
{
	int in = -1, ends[2];
	bool ok = true;
	size_t i;

	for (i = 0; i < CHAIN_MAX && argvs[i] && ok && pipe2(ends, O_CLOEXEC) == 0; i += ok) {
		ok = start(argvs[i], in, ends[1], &ret_pids[i]);
		close(ends[1]);
		if (in >= 0)
			close(in);
		in = ends[0];
	}
	*ret_out = in;
	return i;
}

/* Its exit code; -1: it was killed. */
static int code_of(pid_t pid)
{
	int status;
	pid_t ended;

	do
		ended = waitpid(pid, &status, 0);
	while (ended < 0 && errno == EINTR);
	return ended == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The code of the first that did not end well; 0: each did. */
static int end_chain(const pid_t *pids, size_t n, bool at_once)
{
	int code = 0;

	for (size_t i = 0; at_once && i < n; i++)
		kill(pids[i], SIGKILL);
	for (size_t i = 0; i < n; i++) {
		int one = code_of(pids[i]);

		code = code == 0 ? one : code;
	}
	return code;
}

/* As chain_read; how it ended. -1, too: it could not be started, or read. */
static int chain_end(const char *const *const *argvs, int64_t deadline_ms, size_t max, struct output *ret,
		     const char **ret_why)
{
	pid_t pids[CHAIN_MAX];
	int out, code;
	size_t started = start_chain(argvs, pids, &out);
	bool all;

	*ret_why = "a program could not be started";
	all = started > 0 && !argvs[started] && descriptor_read(out, deadline_ms, max, ret, ret_why);
	if (out >= 0)
		close(out);
	code = end_chain(pids, started, !all);
	if (!all)
		return -1;
	if (code != 0)
		*ret_why = "a program failed";
	return code;
}

bool chain_read(const char *const *const *argvs, int64_t deadline_ms, size_t max, struct output *ret,
		const char **ret_why)
{
	return chain_end(argvs, deadline_ms, max, ret, ret_why) == 0;
}

bool child_read(const char *const *argv, int64_t deadline_ms, size_t max, struct output *ret, const char **ret_why)
{
	return chain_read((const char *const *const[]){argv, NULL}, deadline_ms, max, ret, ret_why);
}

bool child_says(const char *const *argv, int64_t deadline_ms, size_t max, struct output *ret, const char **ret_why)
{
	int code = chain_end((const char *const *const[]){argv, NULL}, deadline_ms, max, ret, ret_why);

	return code == 0 || (code == 1 && ret->n == 0);
}
