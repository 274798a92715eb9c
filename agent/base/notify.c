#include "agent/base/notify.h"

#include <fcntl.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "policy/text.h"

#define SOCKETS_MAX 16

static bool address_of(const char *name, struct sockaddr_un *address, socklen_t *ret_len)
{
	size_t len = strlen(name);

	if ((name[0] != '/' && name[0] != '@') || len < 2 || len >= sizeof address->sun_path)
		return false;
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(address->sun_path, name, len);
	if (name[0] == '@')
		address->sun_path[0] = '\0';
	*ret_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	return true;
}

bool notify_send(const char *state)
{
	const char *name = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address;
	socklen_t len;
	ssize_t sent;
	int fd;

	if (!name || name[0] == '\0')
		return true;
	if (!address_of(name, &address, &len))
		return false;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	sent = sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address, len);
	(void)close(fd);
	return sent == (ssize_t)strlen(state);
}

/* The variable as a number that is meant for us; -1: absent, malformed or for another process. */
static int64_t number_for_us(const char *name, const char *pid_name, bool pid_needed)
{
	const char *value = getenv(name), *for_pid = getenv(pid_name);
	int64_t n, pid;

	if (!value || !text_int64(text_of(value), &n) || n < 0)
		return -1;
	if (!for_pid)
		return pid_needed ? -1 : n;
	return text_int64(text_of(for_pid), &pid) && pid == (int64_t)getpid() ? n : -1;
}

int64_t notify_watchdog_ms(void)
{
	int64_t us = number_for_us("WATCHDOG_USEC", "WATCHDOG_PID", false);

	return us < 2000 ? 0 : us / 2000;
}

int notify_sockets(void)
{
	int64_t n = number_for_us("LISTEN_FDS", "LISTEN_PID", true);

	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDNAMES");
	if (n < 0 || n > SOCKETS_MAX)
		return 0;
	for (int fd = NOTIFY_FIRST_FD; fd < NOTIFY_FIRST_FD + (int)n; fd++)
		if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
			return fd - NOTIFY_FIRST_FD;
	return (int)n;
}
