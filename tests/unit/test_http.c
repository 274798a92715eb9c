/*
 * http_curl against a raw socket: one connection per row, answered with fixed bytes by a thread.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "agent/base/http.h"
#include "tests/support/suite.h"

enum how { PLAIN = 0, FLOOD, SILENT, DROP };

struct server {
	int fd;
	unsigned port;
	pthread_t thread;
	enum how how;
	const char *answer;
	size_t repeat; /* FLOOD: lines or blocks sent after the answer */
	const char *more;
	atomic_bool stop;
	atomic_int connections, requests;
	char request[4096];
};

static void send_all(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		bytes += n;
		len -= (size_t)n;
	}
}

/* Reads one request up to its empty line; bodies in these tests arrive in the same packet. */
static bool read_request(struct server *s, int fd)
{
	size_t n = 0;

	while (n + 1 < sizeof s->request) {
		ssize_t got = recv(fd, s->request + n, sizeof s->request - 1 - n, 0);

		if (got <= 0)
			return false;
		n += (size_t)got;
		s->request[n] = '\0';
		if (strstr(s->request, "\r\n\r\n"))
			return true;
	}
	return false;
}

static void serve(struct server *s, int fd)
{
	struct timeval idle = {0, 100000}; /* a kept connection must not keep the next one waiting */

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &idle, sizeof idle);
	while (read_request(s, fd)) {
		atomic_fetch_add(&s->requests, 1);
		if (s->how == DROP)
			return;
		while (s->how == SILENT && !atomic_load(&s->stop))
			usleep(5000);
		if (s->how == SILENT)
			return;
		send_all(fd, s->answer, strlen(s->answer));
		for (size_t i = 0; s->how == FLOOD && i < s->repeat; i++)
			send_all(fd, s->more, strlen(s->more));
		if (!strstr(s->answer, "keep-alive"))
			return;
	}
}

static void *run(void *arg)
{
	struct server *s = arg;

	for (;;) {
		int fd = accept(s->fd, NULL, NULL);

		if (fd < 0 || atomic_load(&s->stop)) {
			if (fd >= 0)
				close(fd);
			return NULL;
		}
		atomic_fetch_add(&s->connections, 1);
		serve(s, fd);
		shutdown(fd, SHUT_RDWR);
		close(fd);
	}
}

static void start(struct server *s)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof at;

	s->fd = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_ge(s->fd, 0);
	ck_assert_int_eq(bind(s->fd, (struct sockaddr *)&at, sizeof at), 0);
	ck_assert_int_eq(listen(s->fd, 8), 0);
	ck_assert_int_eq(getsockname(s->fd, (struct sockaddr *)&at, &len), 0);
	s->port = ntohs(at.sin_port);
	ck_assert_int_eq(pthread_create(&s->thread, NULL, run, s), 0);
}

static void stop(struct server *s)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	atomic_store(&s->stop, true);
	at.sin_port = htons((uint16_t)s->port);
	(void)connect(fd, (struct sockaddr *)&at, sizeof at);
	close(fd);
	pthread_join(s->thread, NULL);
	close(s->fd);
}

static enum err_code ask_as(const char *token, struct http_curl *http, const char *method, struct text url,
			    struct arena *arena, struct http_answer *out)
{
	struct clock_port clock = clock_system();
	struct http_header headers[] = {{TEXT_LIT("Authorization"), text_of(token ? token : "")}};
	struct http_request in = {.method = text_of(method),
				  .url = url,
				  .headers = headers,
				  .n_headers = token ? 1 : 0,
				  .max_bytes = 1000,
				  .deadline_ms = clock.mono(clock.self) + 400,
				  .arena = arena};
	struct http_port port = http_curl_port(http);
	struct err err = ERR_NONE;
	enum err_code code;

	if (!strcmp(method, "POST"))
		in.body = TEXT_LIT("{}");
	*out = (struct http_answer){0};
	code = port.send(port.self, &in, out, &err);
	ck_assert_int_eq(code, err.code);
	ck_assert_ptr_null(strstr(err.text, "secret"));
	return code;
}

static enum err_code ask(struct http_curl *http, const char *method, struct text url, struct arena *arena,
			 struct http_answer *out)
{
	return ask_as("Bearer secret", http, method, url, arena, out);
}

static struct http_curl *client(void)
{
	struct http_curl_config config = {NULL, NULL};
	struct err err = ERR_NONE;
	struct http_curl *http = http_curl_new(&config, &err);

	ck_assert_ptr_nonnull(http);
	return http;
}

static const struct {
	const char *name;
	enum how how;
	const char *answer, *more;
	size_t repeat;
	enum err_code code;
	unsigned status;
	const char *body;
} answers[] = {
	{"whole", PLAIN, "HTTP/1.1 200 OK\r\nX-One: 1\r\nContent-Length: 5\r\n\r\nhello", NULL, 0, ERR_OK, 200,
	 "hello"},
	{"chunked", PLAIN, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", NULL, 0,
	 ERR_OK, 200, "hello"},
	{"chunks cut short", PLAIN, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", NULL, 0, ERR_RETRY,
	 0, ""},
	{"interim", PLAIN,
	 "HTTP/1.1 103 Early\r\nx-one: 9\r\n\r\nHTTP/1.1 200 OK\r\nX-One: 1\r\nContent-Length: 2\r\n\r\nok", NULL, 0,
	 ERR_OK, 200, "ok"},
	{"short body", PLAIN, "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello", NULL, 0, ERR_RETRY, 0, ""},
	{"no length", PLAIN, "HTTP/1.1 200 OK\r\n\r\nhello", NULL, 0, ERR_RETRY, 0, ""},
	{"headers cut short", PLAIN, "HTTP/1.1 200 OK\r\nContent-Le", NULL, 0, ERR_RETRY, 0, ""},
	{"not HTTP", PLAIN, "SSH-2.0-OpenSSH_9.2\r\n", NULL, 0, ERR_RETRY, 0, ""},
	{"dropped", DROP, "", NULL, 0, ERR_RETRY, 0, ""},
	{"silent", SILENT, "", NULL, 0, ERR_RETRY, 0, ""},
	{"many header lines", FLOOD, "HTTP/1.1 200 OK\r\n", "x: y\r\n", 100000, ERR_LIMIT, 0, ""},
	{"interim flood", FLOOD, "HTTP/1.1 103 Early\r\n\r\n", "HTTP/1.1 103 Early\r\n\r\n", 100000, ERR_LIMIT, 0, ""},
	{"body over the limit", FLOOD, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", "0123456789", 100000,
	 ERR_LIMIT, 0, ""},
	{"redirect", PLAIN, "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n",
	 NULL, 0, ERR_OK, 302, ""},
};

START_TEST(an_answer_is_whole_or_an_error)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct server s = {.how = answers[_i].how,
			   .answer = answers[_i].answer,
			   .more = answers[_i].more,
			   .repeat = answers[_i].repeat};
	struct clock_port clock = clock_system();
	struct http_curl *http = client();
	struct http_answer out;
	int64_t began = clock.mono(clock.self);
	enum err_code code;

	start(&s);
	code = ask(http, "GET", arena_printf(&arena, "http://127.0.0.1:%u/x", s.port), &arena, &out);
	ck_assert_msg(code == answers[_i].code, "%s: %s", answers[_i].name, err_name(code));
	ck_assert(out.maybe_sent);
	ck_assert_uint_eq(out.status, answers[_i].status);
	ck_assert(text_is(out.body, answers[_i].body));
	ck_assert_int_lt(clock.mono(clock.self) - began, 3000);
	ck_assert_int_eq(atomic_load(&s.connections), 1);
	if (code == ERR_OK && out.status == 200 && strstr(answers[_i].answer, "X-One"))
		ck_assert(text_is(http_answer_header(&out, "x-one"), "1"));
	http_curl_free(http);
	stop(&s);
}
END_TEST

static const struct {
	const char *url;
	enum err_code code;
} refused[] = {
	{"http://127.0.0.1:1/", ERR_RETRY}, /* nobody listens */
	{"http://169.254.169.254/latest/", ERR_INVALID},
	{"http://example.test/", ERR_INVALID},
	{"http://127.0.0.1.example.test/", ERR_INVALID},
	{"ftp://127.0.0.1/", ERR_INVALID},
	{"file:///etc/passwd", ERR_INVALID},
	{"gopher://127.0.0.1/", ERR_INVALID},
	{"http://user:pass@127.0.0.1/", ERR_INVALID},
	{"http://127.0.0.1/\r\nX: y", ERR_INVALID},
	{"127.0.0.1/x", ERR_INVALID},
	{"", ERR_INVALID},
};

START_TEST(what_is_refused_was_certainly_not_sent)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct http_curl *http = client();
	struct http_answer out;

	ck_assert_int_eq(ask(http, "GET", text_of(refused[_i].url), &arena, &out), refused[_i].code);
	ck_assert(!out.maybe_sent);
	http_curl_free(http);
}
END_TEST

START_TEST(reads_keep_the_connection_and_writes_take_a_new_one)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct server s = {.answer = "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok"};
	struct http_curl *http = client();
	struct http_answer out;
	struct text url;

	start(&s);
	url = arena_printf(&arena, "http://127.0.0.1:%u/x", s.port);
	ck_assert_int_eq(ask(http, "GET", url, &arena, &out), ERR_OK);
	ck_assert_int_eq(ask(http, "GET", url, &arena, &out), ERR_OK);
	ck_assert_int_eq(atomic_load(&s.connections), 1);
	ck_assert_int_eq(atomic_load(&s.requests), 2);
	ck_assert_ptr_nonnull(strstr(s.request, "Authorization: Bearer secret\r\n"));
	ck_assert_int_eq(ask(http, "POST", url, &arena, &out), ERR_OK);
	ck_assert_int_eq(atomic_load(&s.connections), 2);
	ck_assert_int_eq(atomic_load(&s.requests), 3);
	http_curl_free(http);
	stop(&s);
}
END_TEST

START_TEST(a_lost_write_is_sent_once_and_may_have_arrived)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct server s = {.how = DROP, .answer = ""};
	struct http_curl *http = client();
	struct http_answer out;

	start(&s);
	ck_assert_int_eq(ask(http, "POST", arena_printf(&arena, "http://127.0.0.1:%u/x", s.port), &arena, &out),
			 ERR_RETRY);
	ck_assert(out.maybe_sent);
	ck_assert_int_eq(atomic_load(&s.requests), 1);
	http_curl_free(http);
	stop(&s);
}
END_TEST

/* Where a redirect leads, nothing is sent: not the request, not the token, not even a connection. */
static const struct {
	unsigned status;
	const char *method, *to; /* %u: another server's port */
} redirects[] = {
	{301, "GET", "http://127.0.0.1:%u/elsewhere"},
	{302, "GET", "http://127.0.0.1:%u/elsewhere"},
	{303, "POST", "http://127.0.0.1:%u/elsewhere"},
	{307, "POST", "http://127.0.0.1:%u/elsewhere"},
	{308, "GET", "http://127.0.0.1:%u/elsewhere"},
	{302, "GET", "//127.0.0.1:%u/elsewhere"},
	{302, "GET", "file:///etc/passwd"},
	{302, "GET", "http://169.254.169.254/latest/"},
};

START_TEST(to_where_a_redirect_leads_nothing_is_sent)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct server other = {.answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"}, s = {.answer = NULL};
	struct http_curl *http = client();
	const char *to = redirects[_i].to, *at;
	struct http_answer out;
	struct text where;

	start(&other);
	at = strstr(to, "%u");
	where = at ? arena_printf(&arena, "%.*s%u%s", (int)(at - to), to, other.port, at + 2) : text_of(to);
	s.answer = arena_printf(&arena, "HTTP/1.1 %u Found\r\nLocation: %.*s\r\nContent-Length: 0\r\n\r\n",
				redirects[_i].status, TEXT_ARG(where))
			   .at;
	start(&s);
	ck_assert_int_eq(
		ask(http, redirects[_i].method, arena_printf(&arena, "http://127.0.0.1:%u/x", s.port), &arena, &out),
		ERR_OK);
	ck_assert_uint_eq(out.status, redirects[_i].status);
	ck_assert_uint_eq(out.body.len, 0);
	ck_assert_int_eq(atomic_load(&s.requests), 1);
	ck_assert_int_eq(atomic_load(&other.connections), 0);
	http_curl_free(http);
	stop(&s);
	stop(&other);
}
END_TEST

/* A file that gives out passwords by host is nobody's business here. */
START_TEST(no_file_of_passwords_is_read)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct server s = {.answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"};
	char dir[] = "/tmp/headgate-netrc-XXXXXX";
	struct http_curl *http;
	struct http_answer out;
	const char *path;
	FILE *file;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	path = arena_printf(&arena, "%s/.netrc", dir).at;
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	(void)fputs("machine 127.0.0.1 login mallory password planted\ndefault login mallory password planted\n", file);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(setenv("HOME", dir, 1), 0);
	http = client();
	start(&s);
	ck_assert_int_eq(ask_as(NULL, http, "GET", arena_printf(&arena, "http://127.0.0.1:%u/x", s.port), &arena, &out),
			 ERR_OK);
	ck_assert_ptr_null(strstr(s.request, "Authorization"));
	http_curl_free(http);
	stop(&s);
	ck_assert(unlink(path) == 0 && rmdir(dir) == 0);
}
END_TEST

START_TEST(proxy_variables_are_not_read)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct server s = {.answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"};
	struct http_curl *http;
	struct http_answer out;

	ck_assert_int_eq(setenv("http_proxy", "http://127.0.0.1:1/", 1), 0);
	ck_assert_int_eq(setenv("ALL_PROXY", "http://127.0.0.1:1/", 1), 0);
	http = client();
	start(&s);
	ck_assert_int_eq(ask(http, "GET", arena_printf(&arena, "http://127.0.0.1:%u/x", s.port), &arena, &out), ERR_OK);
	http_curl_free(http);
	stop(&s);
}
END_TEST

static const struct suite_test tests[] = {SUITE_ROWS(an_answer_is_whole_or_an_error, answers),
					  SUITE_ROWS(what_is_refused_was_certainly_not_sent, refused),
					  SUITE_TEST(reads_keep_the_connection_and_writes_take_a_new_one),
					  SUITE_TEST(a_lost_write_is_sent_once_and_may_have_arrived),
					  SUITE_ROWS(to_where_a_redirect_leads_nothing_is_sent, redirects),
					  SUITE_TEST(no_file_of_passwords_is_read),
					  SUITE_TEST(proxy_variables_are_not_read),
					  SUITE_END};
SUITE_MAIN(tests)
