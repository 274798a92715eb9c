#include "agent/base/signals.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "policy/memory.h"

struct signals {
	int fd;
	sigset_t before;
};

struct signals *signals_new(struct err *err)
{
	struct signals *signals = calloc(1, sizeof *signals);
	sigset_t wanted;

	if (!signals)
		out_of_memory();
	(void)sigemptyset(&wanted);
	(void)sigaddset(&wanted, SIGTERM);
	(void)sigaddset(&wanted, SIGINT);
	(void)sigaddset(&wanted, SIGHUP);
	if (pthread_sigmask(SIG_BLOCK, &wanted, &signals->before) != 0)
		abort();
	signals->fd = signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals->fd >= 0)
		return signals;
	(void)err_set(err, ERR_BROKEN, "signalfd: %s", strerror(errno));
	signals_free(signals);
	return NULL;
}

void signals_free(struct signals *signals)
{
	if (!signals)
		return;
	if (signals->fd >= 0)
		(void)close(signals->fd);
	(void)pthread_sigmask(SIG_SETMASK, &signals->before, NULL);
	free(signals);
}

enum signals_asked signals_wait(struct signals *signals, int timeout_ms)
{
	struct pollfd waits = {signals->fd, POLLIN, 0};
	struct signalfd_siginfo info;

	if (poll(&waits, 1, timeout_ms) <= 0 || read(signals->fd, &info, sizeof info) != (ssize_t)sizeof info)
		return SIGNALS_NOTHING;
	return info.ssi_signo == SIGHUP ? SIGNALS_RELOAD : SIGNALS_STOP;
}
