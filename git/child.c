/*
 * The leader is watched through a pidfd (where the kernel has none: by asking every 20 ms) and the pipe. When it has
 * ended it is left unreaped until its group was killed, so that the group's number cannot belong to anybody else yet.
 */
#include "git/child.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ASK_MS = 20, SLICE_MS = 1000, DESCRIPTORS = 65536 };

int64_t child_now_ms(void)
{
	struct timespec now;
	int failed = clock_gettime(CLOCK_MONOTONIC, &now);
	assert(!failed);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void close_above_stderr(void)
{
	if (!close_range(3, ~0U, 0))
		return;
	for (int fd = 3; fd < DESCRIPTORS; fd++)
		close(fd);
}

static bool bound_files(int64_t max_bytes)
{
	const struct sigaction ignored = {.sa_handler = SIG_IGN};
	struct rlimit bound;
	if (!max_bytes)
		return true;
	if (getrlimit(RLIMIT_FSIZE, &bound))
		return false;
	if (bound.rlim_cur > (rlim_t)max_bytes)
		bound.rlim_cur = (rlim_t)max_bytes;
	bound.rlim_max = bound.rlim_cur;
	return !sigaction(SIGXFSZ, &ignored, NULL) && !setrlimit(RLIMIT_FSIZE, &bound);
}

/* Between fork and exec: async-signal-safe calls only, because other threads may have held any lock. */
static _Noreturn void become(const struct child_in *in, int null, int out, pid_t parent)
{
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	struct sigaction plain = {.sa_handler = SIG_DFL};
	for (int n = 1; n < 32; n++)
		sigaction(n, &plain, NULL);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (!bound_files(in->max_file_bytes))
		_exit(127);
	if (dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0 || chdir("/"))
		_exit(127);
	close_above_stderr();
	execve(in->argv[0], (char *const *)(uintptr_t)in->argv, (char *const *)(uintptr_t)in->env);
	_exit(127);
}

static void keep_tail(struct child_out *out, const char *bytes, size_t n)
{
	if (n >= CHILD_TAIL) {
		out->cut = out->cut || n > CHILD_TAIL || out->n_tail;
		memcpy(out->tail, bytes + n - CHILD_TAIL, CHILD_TAIL);
		out->n_tail = CHILD_TAIL;
		return;
	}
	size_t room = CHILD_TAIL - out->n_tail;
	if (n > room) {
		size_t drop = n - room;
		memmove(out->tail, out->tail + drop, out->n_tail - drop);
		out->n_tail -= drop;
		out->cut = true;
	}
	memcpy(out->tail + out->n_tail, bytes, n);
	out->n_tail += n;
}

/* Takes what the pipe holds, at most a few reads so that a chatterer cannot outlast its deadline. False: at its end. */
static bool drain(int fd, struct child_out *out)
{
	char bytes[CHILD_TAIL];
	for (int reads = 0; reads < 32; reads++) {
		ssize_t n = read(fd, bytes, sizeof(bytes));
		if (n > 0)
			keep_tail(out, bytes, (size_t)n);
		else
			return n < 0 && (errno == EAGAIN || errno == EINTR);
	}
	return true;
}

static bool ended(pid_t pid)
{
	siginfo_t info = {0};
	int failed = waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT);
	return failed ? errno != EINTR : info.si_pid == pid;
}

static void watch(pid_t pid, int fd, const struct child_in *in, struct child_out *out)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	int64_t kill_ms = in->deadline_ms;
	int signal = SIGTERM;
	while (!ended(pid)) {
		int64_t left = kill_ms - child_now_ms();
		if (left <= 0) {
			out->timed_out = true;
			kill(-pid, signal);
			signal = SIGKILL;
			kill_ms = child_now_ms() + CHILD_GRACE_MS;
			continue;
		}
		int64_t most = pidfd < 0 ? ASK_MS : SLICE_MS;
		struct pollfd fds[] = {{.fd = fd, .events = POLLIN}, {.fd = pidfd, .events = POLLIN}};
		if (poll(fds, 2, (int)(left < most ? left : most)) > 0 && fds[0].revents && !drain(fd, out))
			fd = -1;
	}
	if (fd >= 0)
		drain(fd, out);
	if (pidfd >= 0)
		close(pidfd);
}

static int reap(pid_t pid)
{
	int status = 0;
	pid_t got;
	kill(-pid, SIGKILL);
	do
		got = waitpid(pid, &status, 0);
	while (got < 0 && errno == EINTR);
	if (got != pid)
		return 127; /* somebody else reaped it: nothing is known of it, so it failed */
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static bool start(const struct child_in *in, int ends[2], pid_t *ret, struct err *err)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	pid_t parent = getpid();
	pid_t pid = null < 0 ? -1 : fork();
	if (pid == 0)
		become(in, null, ends[1], parent);
	int why = errno;
	if (null >= 0)
		close(null);
	if (pid < 0)
		return err_set(err, ERR_RETRY, "no child process: %s", strerror(why));
	setpgid(pid, pid); /* the child does the same: whoever comes first */
	*ret = pid;
	return true;
}

bool child_run(const struct child_in *in, struct child_out *ret, struct err *err)
{
	assert(in->argv[0] && in->argv[0][0] == '/');
	int ends[2];
	if (pipe2(ends, O_CLOEXEC))
		return err_set(err, ERR_RETRY, "no pipe for a child process: %s", strerror(errno));
	pid_t pid = -1;
	bool started = start(in, ends, &pid, err);
	close(ends[1]);
	if (started) {
		struct child_out out = {0};
		fcntl(ends[0], F_SETFL, O_NONBLOCK);
		watch(pid, ends[0], in, &out);
		out.status = reap(pid);
		*ret = out;
	}
	close(ends[0]);
	return started;
}
