#include "webhooks/socket.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "policy/memory.h"
#include "policy/text.h"

#define ADDRESS_MAX 256

static bool failed(struct err *err, const char *what, const char *address)
{
	return err_set(err, ERR_INVALID, "%s %s: %s", what, address, strerror(errno));
}

/* Splits "host:port" or "[host]:port" in place. */
static bool split(char *address, char **host, char **port)
{
	char *colon = strrchr(address, ':');

	if (!colon || colon == address || !colon[1])
		return false;
	*colon = '\0';
	*port = colon + 1;
	*host = address;
	if (address[0] != '[')
		return strchr(address, ':') == NULL;
	if (colon[-1] != ']')
		return false;
	colon[-1] = '\0';
	*host = address + 1;
	return true;
}

static bool bind_inet(int fd, const struct addrinfo *info, unsigned *ret_port)
{
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} bound = {.in6 = {0}};
	socklen_t len = sizeof(bound);
	int on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0)
		return false;
	if (info->ai_family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0)
		return false;
	if (bind(fd, info->ai_addr, info->ai_addrlen) != 0 || listen(fd, SOMAXCONN) != 0 ||
	    getsockname(fd, &bound.any, &len) != 0)
		return false;
	*ret_port = ntohs(info->ai_family == AF_INET6 ? bound.in6.sin6_port : bound.in.sin_port);
	return true;
}

static bool open_inet(const char *address, struct listen_socket *ret, struct err *err)
{
	const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
				       .ai_socktype = SOCK_STREAM};
	struct listen_socket made = {.fd = -1};
	struct addrinfo *info = NULL;
	char copy[ADDRESS_MAX], *host, *port;

	snprintf(copy, sizeof(copy), "%s", address);
	if (strlen(address) >= sizeof(copy) || !split(copy, &host, &port) ||
	    getaddrinfo(host, port, &hints, &info) != 0)
		return err_set(err, ERR_INVALID,
			       "listen address %.100s: write 127.0.0.1:PORT, [::1]:PORT or unix:/PATH", address);
	made.fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (made.fd < 0 || !bind_inet(made.fd, info, &made.port)) {
		failed(err, "listen on", address);
		if (made.fd >= 0)
			close(made.fd);
		freeaddrinfo(info);
		return false;
	}
	freeaddrinfo(info);
	*ret = made;
	return true;
}

/* Makes way for a new socket at path: nothing there, or a socket on which nobody answers. */
static bool remove_stale(const struct sockaddr_un *where, struct err *err)
{
	struct stat info;
	int fd, why;

	if (lstat(where->sun_path, &info) != 0)
		return errno == ENOENT || failed(err, "listen on", where->sun_path);
	if (!S_ISSOCK(info.st_mode))
		return err_set(err, ERR_INVALID, "listen on %s: a file that is not a socket is there", where->sun_path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return failed(err, "listen on", where->sun_path);
	why = connect(fd, (const struct sockaddr *)where, sizeof(*where)) == 0 ? 0 : errno;
	close(fd);
	if (why != ECONNREFUSED)
		return err_set(err, ERR_INVALID, "listen on %s: another process answers there", where->sun_path);
	if (unlink(where->sun_path) != 0)
		return failed(err, "remove the stale socket", where->sun_path);
	return true;
}

/* The mode of the socket's inode becomes the mode of the path at bind, so that there is no moment with a wider one;
 * what came out is checked, because not every system does so. */
static bool bind_unix(const struct sockaddr_un *where, struct listen_socket *made)
{
	struct stat info;

	if (fchmod(made->fd, 0600) != 0 || bind(made->fd, (const struct sockaddr *)where, sizeof(*where)) != 0)
		return false;
	if (chmod(where->sun_path, 0600) != 0 || lstat(where->sun_path, &info) != 0 || (info.st_mode & 0777) != 0600 ||
	    listen(made->fd, SOMAXCONN) != 0) {
		unlink(where->sun_path);
		return false;
	}
	made->device = info.st_dev;
	made->inode = info.st_ino;
	return true;
}

static bool open_unix(const char *path, struct listen_socket *ret, struct err *err)
{
	struct sockaddr_un where = {.sun_family = AF_UNIX};
	struct listen_socket made = {.fd = -1};

	if (path[0] != '/' || strlen(path) >= sizeof(where.sun_path))
		return err_set(err, ERR_INVALID, "listen address unix:%.100s: the path must be absolute and short",
			       path);
	snprintf(where.sun_path, sizeof(where.sun_path), "%s", path);
	if (!remove_stale(&where, err))
		return false;
	made.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (made.fd < 0 || !bind_unix(&where, &made)) {
		failed(err, "listen on", path);
		if (made.fd >= 0)
			close(made.fd);
		return false;
	}
	made.path = strdup(path);
	if (!made.path)
		out_of_memory();
	*ret = made;
	return true;
}

bool socket_open(const char *address, struct listen_socket *ret, struct err *err)
{
	static const char unix_prefix[] = "unix:";

	if (strncmp(address, unix_prefix, sizeof(unix_prefix) - 1) == 0)
		return open_unix(address + sizeof(unix_prefix) - 1, ret, err);
	return open_inet(address, ret, err);
}

void socket_close(struct listen_socket *listening)
{
	struct stat info;

	if (listening->path && lstat(listening->path, &info) == 0 && info.st_dev == listening->device &&
	    info.st_ino == listening->inode)
		unlink(listening->path);
	free(listening->path);
	listening->path = NULL;
	if (listening->fd >= 0)
		close(listening->fd);
	listening->fd = -1;
}

int64_t socket_peer_uid(int fd)
{
	struct sockaddr_storage self = {0};
	struct ucred peer;
	socklen_t len = sizeof(self);

	if (getsockname(fd, (struct sockaddr *)&self, &len) != 0 || self.ss_family != AF_UNIX)
		return -1;
	len = sizeof(peer);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
		return -1;
	return (int64_t)peer.uid;
}

bool socket_ignored(int fd)
{
	struct tcp_info info = {0};
	socklen_t len = sizeof(info);

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 && info.tcpi_bytes_received > 0 &&
	       info.tcpi_bytes_sent == 0 && len > offsetof(struct tcp_info, tcpi_bytes_sent);
}
