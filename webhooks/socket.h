/*
 * socket: the listening socket, bound by ourselves so that port 0, IPv6 and a private Unix socket behave the same
 * everywhere. One thread.
 */
#ifndef WEBHOOKS_SOCKET_H
#define WEBHOOKS_SOCKET_H

#include <sys/types.h>

#include "policy/err.h"

struct listen_socket {
	int fd;
	unsigned port; /* 0: a Unix socket */
	char *path;    /* Unix: owned; removed by socket_close if it is still this socket */
	dev_t device;
	ino_t inode;
};

/* "127.0.0.1:8480", "[::1]:0" or "unix:/path" (mode 0600 from its first moment; a stale socket is replaced only if
 * nobody answers on it). False: *err names the address, nothing is held. */
bool socket_open(const char *address, struct listen_socket *ret, struct err *err);

/* Removes the Unix path. Closes fd unless it is -1. */
void socket_close(struct listen_socket *listening);

/* SO_PEERCRED of a Unix connection; -1 for others. */
int64_t socket_peer_uid(int fd);

/* True if bytes came on this TCP connection and none were sent. False also where the system cannot say. */
bool socket_ignored(int fd);

#endif
