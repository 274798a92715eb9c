/*
 * The least of HTTP/1.1 that the server's listener needs: one request, of a stated length, on a connection that is
 * closed afterwards; of the answer the status and what follows the empty line.
 */
#include "agent/hook/client/ask.h"

#include "agent/hook/client/child.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A Unix socket connects at once, or its queue of connections is full: then it is tried again until the deadline. */
static int connected(const char *path, int64_t deadline_ms)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	size_t n = strlen(path);
	int fd;

	if (n >= sizeof to.sun_path)
		return -1;
	memcpy(to.sun_path, path, n + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	while (fd >= 0 && connect(fd, (const struct sockaddr *)&to, sizeof to) != 0) {
		if ((errno == EAGAIN || errno == EINTR) && now_ms() < deadline_ms) {
			poll(NULL, 0, 10);
			continue;
		}
		close(fd);
		return -1;
	}
	return fd;
}

static bool send_all(int fd, struct text bytes, int64_t deadline_ms)
{
	while (bytes.len > 0) {
		ssize_t n;

		if (!descriptor_ready(fd, POLLOUT, deadline_ms))
			return false;
		n = send(fd, bytes.at, bytes.len, MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return false;
		bytes = n > 0 ? (struct text){bytes.at + n, bytes.len - (size_t)n} : bytes;
	}
	return true;
}

static bool receive_all(int fd, int64_t deadline_ms, char *at, size_t room, size_t *ret)
{
	for (*ret = 0; *ret < room;) {
		ssize_t n;

		if (!descriptor_ready(fd, POLLIN, deadline_ms))
			return false;
		n = recv(fd, at + *ret, room - *ret, 0);
		if (n == 0)
			return true;
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return false;
		*ret += n > 0 ? (size_t)n : 0;
	}
	return false; /* longer than any answer */
}

static void no_answer(struct asked *ret, const char *why)
{
	ret->word = HOOK_NO_ANSWER;
	ret->why = why;
}

/* "HTTP/1.1 200 OK", lines, an empty line, the body. */
static void read_answer(struct asked *ret, size_t n)
{
	const char start[] = "HTTP/1.1 ";
	const char *body = memmem(ret->reply, n, "\r\n\r\n", 4);
	const char *status = ret->reply + sizeof start - 1;
	struct text said;

	no_answer(ret, "the server's answer cannot be read");
	if (!body || n < sizeof start + 3 || memcmp(ret->reply, start, sizeof start - 1) != 0)
		return;
	ret->refused = status[0] == '4';
	said = (struct text){body + 4, n - (size_t)(body + 4 - ret->reply)};
	if (memcmp(status, "200", 3) != 0) {
		no_answer(ret, ret->refused ? "the server does not take this question" : "the server cannot answer");
		ret->lines = memcmp(status, "400", 3) == 0 ? said : TEXT_EMPTY;
		return;
	}
	ret->word = hook_answer_read(said, &ret->lines);
}

void ask(const char *socket_path, struct text question, int64_t deadline_ms, struct asked *ret)
{
	char head[200];
	int n = snprintf(head, sizeof head,
			 "POST " HOOK_PATH " HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
			 "Content-Length: %zu\r\nConnection: close\r\n\r\n",
			 question.len);
	int fd = connected(socket_path, deadline_ms);
	size_t got;

	*ret = (struct asked){.word = HOOK_NO_ANSWER};
	if (fd < 0) {
		no_answer(ret, "the server cannot be reached");
		return;
	}
	/* What the server refuses early it answers before it has read all: what it says is read in any case. */
	send_all(fd, (struct text){head, (size_t)n}, deadline_ms);
	send_all(fd, question, deadline_ms);
	if (receive_all(fd, deadline_ms, ret->reply, sizeof ret->reply, &got))
		read_answer(ret, got);
	else
		no_answer(ret, "the server did not answer in time");
	close(fd);
}
