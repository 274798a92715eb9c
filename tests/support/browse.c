#include "tests/support/browse.h"

#include <check.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/base/facts_json.h"
#include "tests/support/listening.h"

static int64_t now_of(void *self)
{
	return ((struct browse *)self)->now;
}

static void signalled(void *self, enum wake_topic topic)
{
	((struct browse *)self)->woken += topic == WAKE_SUBJECTS;
}

static struct listener *listen_on(struct browse *b, const char *address, struct web_table table)
{
	struct listener_config config = {.address = address,
					 .routes = table.routes,
					 .n_routes = table.n,
					 .connections_max = 20,
					 .per_ip_max = 20,
					 .request_ms = 10000,
					 .wall_ms = now_of,
					 .clock = b,
					 .refused = web_refused,
					 .refused_context = &b->web};
	struct err err = ERR_NONE;
	struct listener *listener = listener_start(&config, &err);

	ck_assert_msg(listener != NULL, "%s", err.text);
	return listener;
}

void browse_open(struct browse *b)
{
	browse_open_over(b, 0);
}

void browse_open_over(struct browse *b, int backend)
{
	char address[160];

	*b = (struct browse){.now = INT64_C(1795269731000)};
	pipe_open(&b->pipe, backend);
	b->pipe.now = b->now;
	b->web = (struct web){
		.store = &b->pipe.store,
		.clock = {b, now_of, now_of},
		.wake = {.self = b, .signal = signalled},
		.metrics = metrics_new(metrics_rows(), METRICS),
		.public_url = TEXT_LIT("https://gate.example.org"),
		.steady = {b, now_of, now_of},
		.queue_age_max_ms = 60000,
		.owed_age_max_ms = 60000,
	};
	snprintf(b->dir, sizeof b->dir, "/tmp/headgate-web-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(b->dir));
	snprintf(b->socket, sizeof b->socket, "%s/control.sock", b->dir);
	snprintf(address, sizeof address, "unix:%s", b->socket);
	b->public = listen_on(b, "127.0.0.1:0", web_public(&b->web, &b->arena));
	b->ops = listen_on(b, "127.0.0.1:0", web_ops(&b->web, &b->arena));
	b->control = listen_on(b, address, web_control(&b->web, &b->arena));
	b->control_tcp = listen_on(b, "127.0.0.1:0", web_control(&b->web, &b->arena));
}

void browse_close(struct browse *b)
{
	listener_stop(b->public, 1000);
	listener_stop(b->ops, 1000);
	listener_stop(b->control, 1000);
	listener_stop(b->control_tcp, 1000);
	metrics_free(b->web.metrics);
	arena_release(&b->arena);
	pipe_close(&b->pipe);
	(void)unlink(b->socket);
	(void)rmdir(b->dir);
}

static int connect_unix(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	return fd;
}

static size_t read_all(int fd, char *to, size_t size)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	size_t n = 0;
	ssize_t got;

	while (n + 1 < size && poll(&p, 1, 5000) > 0 && (got = read(fd, to + n, size - n - 1)) > 0)
		n += (size_t)got;
	to[n] = '\0';
	return n;
}

void browse_send(struct browse *b, const struct browse_request *request, struct browsed *ret)
{
	static const char format[] = "%s %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n%s%s%s\r\n%s";
	char length[64] = "", *raw = malloc(BROWSE_BODY_MAX), *end;
	int fd = request->port ? client_connect(request->port) : connect_unix(b->socket);
	auto_arena struct arena arena = ARENA_EMPTY;
	size_t n;

	ck_assert_ptr_nonnull(raw);
	if (request->body)
		snprintf(length, sizeof length, "Content-Length: %zu\r\n", strlen(request->body));
	ck_assert(client_send(fd, arena_printf(&arena, format, request->method, request->path,
					       request->lines ? request->lines : "", length, "",
					       request->body ? request->body : "")));
	n = read_all(fd, raw, BROWSE_BODY_MAX);
	close(fd);
	*ret = (struct browsed){0};
	end = strstr(raw, "\r\n\r\n");
	if (end && strncmp(raw, "HTTP/1.1 ", 9) == 0) {
		ret->status = (int)strtol(raw + 9, NULL, 10);
		snprintf(ret->head, sizeof ret->head, "%.*s", (int)(end + 2 - raw), raw);
		ret->body_len = n - (size_t)(end + 4 - raw);
		memcpy(ret->body, end + 4, ret->body_len + 1);
	}
	free(raw);
}

void browse_get(struct browse *b, const char *path, struct browsed *ret)
{
	browse_send(b, &(struct browse_request){listener_port(b->public), "GET", path, NULL, NULL}, ret);
}

void browse_control(struct browse *b, const char *path, struct browsed *ret)
{
	browse_send(b, &(struct browse_request){0, "GET", path, NULL, NULL}, ret);
}

void browse_judge(struct browse *b, char head, const struct verdict *verdict)
{
	struct claim claim = claim_of(&b->pipe, head);
	struct conclusion in = {.claim = &claim,
				.verdict = verdict,
				.rules_json = rules_encode(verdict, false, &b->arena),
				.public_rules = rules_encode(verdict, true, &b->arena),
				.facts_json = TEXT_LIT("{\"version\":1}"),
				.policy_text = TEXT_LIT("version: 1\n"),
				.policy_sha = TEXT_LIT(BROWSE_POLICY_SHA),
				.counted = TEXT_LIT(",22,"),
				.now = b->pipe.now,
				.read_at = b->pipe.now};
	enum concluded outcome;
	struct err err = ERR_NONE;
	int64_t id;

	ck_assert_msg(store_conclude(&b->pipe.store, &in, &outcome, &id, &err), "%s", err.text);
	ck_assert_int_eq(outcome, CONCLUDED);
}
