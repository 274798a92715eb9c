/*
 * http_curl against a server that offers HTTP/2: TLS and frames by hand, as few as an answer needs (RFC 9113), under a
 * certificate made for the test.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "agent/base/http.h"
#include "agent/work/hands.h"
#include "tests/support/key_file.h"
#include "tests/support/repo.h"
#include "tests/support/suite.h"

enum { DATA = 0, HEADERS = 1, RST_STREAM = 3, SETTINGS = 4 };
enum { END_STREAM = 1, ACK = 1, END_HEADERS = 4 };
enum end { WHOLE = 0, CLOSED, RESET };

struct server {
	SSL_CTX *tls;
	int fd;
	unsigned port;
	pthread_t thread;
	enum end end;
	atomic_int accepted, requests;
	char spoken[16]; /* the protocol of the newest connection */
	char ca[KEY_FILE_BYTES];
};

/* ---- a certificate ---- */

static X509 *certificate(EVP_PKEY *key)
{
	X509 *cert = X509_new();
	X509_EXTENSION *name = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1");

	ck_assert(cert && name);
	(void)X509_set_version(cert, 2);
	(void)ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	(void)X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
	(void)X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	(void)X509_set_pubkey(cert, key);
	(void)X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
					 (const unsigned char *)"forge.test", -1, -1, 0);
	(void)X509_set_issuer_name(cert, X509_get_subject_name(cert));
	ck_assert(X509_add_ext(cert, name, -1) == 1 && X509_sign(cert, key, EVP_sha256()) > 0);
	X509_EXTENSION_free(name);
	return cert;
}

/* NOLINTNEXTLINE(readability-function-size): the library gives the parameters */
static int choose(SSL *ssl, const unsigned char **out, unsigned char *out_len, const unsigned char *in, unsigned in_len,
		  void *arg)
{
	static const unsigned char offered[] = "\x02h2\x08http/1.1";
	unsigned char *chosen;

	(void)ssl;
	(void)arg;
	if (SSL_select_next_proto(&chosen, out_len, offered, sizeof offered - 1, in, in_len) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_NOACK;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

static void make_tls(struct server *s)
{
	EVP_PKEY *key = key_rsa(2048);
	X509 *cert = certificate(key);
	FILE *file;

	key_file_text(s->ca, "", 0600);
	file = fopen(s->ca, "w");
	ck_assert(file && PEM_write_X509(file, cert) == 1 && fclose(file) == 0);
	s->tls = SSL_CTX_new(TLS_server_method());
	ck_assert(SSL_CTX_use_certificate(s->tls, cert) == 1 && SSL_CTX_use_PrivateKey(s->tls, key) == 1);
	SSL_CTX_set_alpn_select_cb(s->tls, choose, NULL);
	X509_free(cert);
	EVP_PKEY_free(key);
}

/* ---- frames ---- */

static bool read_all(SSL *ssl, void *to, size_t n)
{
	for (size_t got = 0, now; got < n; got += now)
		if (SSL_read_ex(ssl, (char *)to + got, n - got, &now) != 1)
			return false;
	return true;
}

static void send_frame(SSL *ssl, unsigned type, unsigned flags, unsigned stream, struct text payload)
{
	const unsigned char head[9] = {0,
				       (unsigned char)(payload.len >> 8),
				       (unsigned char)payload.len,
				       (unsigned char)type,
				       (unsigned char)flags,
				       0,
				       0,
				       (unsigned char)(stream >> 8),
				       (unsigned char)stream};
	size_t n;

	(void)SSL_write_ex(ssl, head, sizeof head, &n);
	if (payload.len)
		(void)SSL_write_ex(ssl, payload.at, payload.len, &n);
}

/* False: the connection ends here. */
static bool reply(struct server *s, SSL *ssl, unsigned stream)
{
	s->requests++;
	send_frame(ssl, HEADERS, END_HEADERS, stream, TEXT_LIT("\x88")); /* :status 200, and no length */
	send_frame(ssl, DATA, s->end == WHOLE ? END_STREAM : 0, stream, TEXT_LIT("hello"));
	if (s->end == RESET)
		send_frame(ssl, RST_STREAM, 0, stream, (struct text){"\0\0\0\2", 4});
	return s->end != CLOSED;
}

static void speak_frames(struct server *s, SSL *ssl)
{
	unsigned char head[24], payload[16384];

	if (!read_all(ssl, head, 24)) /* the preface */
		return;
	send_frame(ssl, SETTINGS, 0, 0, TEXT_EMPTY);
	while (read_all(ssl, head, 9)) {
		size_t len = (size_t)head[0] << 16 | (size_t)head[1] << 8 | head[2];

		if (len > sizeof payload || !read_all(ssl, payload, len))
			return;
		if (head[3] == SETTINGS && !(head[4] & ACK))
			send_frame(ssl, SETTINGS, ACK, 0, TEXT_EMPTY);
		if (head[3] == HEADERS && !reply(s, ssl, (unsigned)head[7] << 8 | head[8]))
			return;
	}
}

static void speak_lines(struct server *s, SSL *ssl)
{
	static const char answer[] = "HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\nhello";
	char request[4096] = "";
	size_t n = 0, now;

	while (n + 1 < sizeof request && !strstr(request, "\r\n\r\n") &&
	       SSL_read_ex(ssl, request + n, sizeof request - 1 - n, &now) == 1)
		n += now;
	s->requests++;
	(void)SSL_write_ex(ssl, answer, sizeof answer - 1, &now);
}

static void serve(struct server *s, int fd)
{
	struct timeval idle = {0, 200000};
	SSL *ssl = SSL_new(s->tls);
	const unsigned char *chosen = NULL;
	unsigned len = 0;

	(void)SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1) {
		SSL_get0_alpn_selected(ssl, &chosen, &len);
		(void)snprintf(s->spoken, sizeof s->spoken, "%.*s", (int)len, chosen ? (const char *)chosen : "");
		if (!strcmp(s->spoken, "h2")) {
			(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &idle, sizeof idle); /* it stays open */
			speak_frames(s, ssl);
		} else {
			speak_lines(s, ssl);
		}
	}
	SSL_free(ssl);
}

static void *run(void *arg)
{
	struct server *s = arg;
	struct timeval slow = {10, 0}; /* a client that is starved of the processor is still shaking hands */

	for (;;) {
		int fd = accept(s->fd, NULL, NULL);

		if (fd < 0)
			return NULL;
		s->accepted++;
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &slow, sizeof slow);
		serve(s, fd);
		close(fd);
	}
}

static void start(struct server *s)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof at;

	(void)signal(SIGPIPE, SIG_IGN);
	make_tls(s);
	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(s->fd, (struct sockaddr *)&at, sizeof at), 0);
	ck_assert_int_eq(listen(s->fd, 8), 0);
	ck_assert_int_eq(getsockname(s->fd, (struct sockaddr *)&at, &len), 0);
	s->port = ntohs(at.sin_port);
	ck_assert_int_eq(pthread_create(&s->thread, NULL, run, s), 0);
}

static void stop(struct server *s)
{
	(void)shutdown(s->fd, SHUT_RDWR); /* ends accept */
	pthread_join(s->thread, NULL);
	close(s->fd);
	(void)unlink(s->ca);
	SSL_CTX_free(s->tls);
}

/* ---- tests ---- */

static enum err_code ask(struct server *s, struct http_curl *http, const char *method, struct arena *arena,
			 struct http_answer *out)
{
	struct clock_port clock = clock_system();
	struct http_request in = {.method = text_of(method),
				  .url = arena_printf(arena, "https://127.0.0.1:%u/x", s->port),
				  .body = text_of(strcmp(method, "POST") ? "" : "{}"),
				  .max_bytes = 1000,
				  .deadline_ms = clock.mono(clock.self) + 5000,
				  .arena = arena};
	struct http_port port = http_curl_port(http);
	struct err err = ERR_NONE;

	*out = (struct http_answer){0};
	return port.send(port.self, &in, out, &err);
}

static struct http_curl *client(const struct server *s)
{
	struct http_curl_config config = {s->ca, NULL};
	struct err err = ERR_NONE;
	struct http_curl *http = http_curl_new(&config, &err);

	ck_assert_ptr_nonnull(http);
	return http;
}

static const struct {
	enum end end;
	enum err_code code;
} ends[] = {{WHOLE, ERR_OK}, {CLOSED, ERR_RETRY}, {RESET, ERR_RETRY}};

START_TEST(an_answer_over_frames_is_whole_or_an_error)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct server s = {.end = ends[_i].end};
	struct http_curl *http;
	struct http_answer out;
	enum err_code code;

	start(&s);
	http = client(&s);
	code = ask(&s, http, "GET", &arena, &out);
	http_curl_free(http);
	stop(&s);
	ck_assert_str_eq(s.spoken, "h2");
	ck_assert_msg(code == ends[_i].code, "%s", err_name(code));
	ck_assert(text_is(out.body, code == ERR_OK ? "hello" : ""));
	ck_assert_uint_eq(out.status, code == ERR_OK ? 200 : 0);
}
END_TEST

START_TEST(reads_share_a_connection_and_a_write_speaks_plainly_on_its_own)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct server s = {.end = WHOLE};
	struct http_curl *http;
	struct http_answer out;

	start(&s);
	http = client(&s);
	ck_assert_int_eq(ask(&s, http, "GET", &arena, &out), ERR_OK);
	ck_assert_int_eq(ask(&s, http, "GET", &arena, &out), ERR_OK);
	ck_assert_int_eq(atomic_load(&s.accepted), 1);
	ck_assert_int_eq(ask(&s, http, "POST", &arena, &out), ERR_OK);
	ck_assert_uint_eq(out.status, 201);
	http_curl_free(http);
	stop(&s);
	ck_assert_str_eq(s.spoken, "http/1.1");
	ck_assert_int_eq(atomic_load(&s.accepted), 2);
	ck_assert_int_eq(atomic_load(&s.requests), 3);
}
END_TEST

static const bool told[] = {true, false}; /* the server's certificate */

/* The tools of a judge, as they are made of a configuration. */
static bool open_hands(struct hands *hands, struct hands_shared *shared, const struct config *config,
		       const char *mirrors)
{
	struct access_ports ports = {.clock = clock_system(), .wall = clock_system()};
	struct hands_plan plan = {config, shared, clock_system(), mirrors};
	struct err err = ERR_NONE;

	return hands_share(shared, config, &ports, &err) && hands_init(hands, &plan, &err);
}

START_TEST(git_believes_whom_the_api_believes)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct server s = {.end = WHOLE};
	struct repo dir = repo_begin();
	struct config config = {.limits = {.pages = 1, .answer_bytes = 1000}, .mirror = {.max_bytes = 1 << 20}};
	struct hands_shared shared = {0};
	struct hands hands = {0};
	struct oid want = {"1111111111111111111111111111111111111111"};
	struct mirror_fetch_in in = {.where = {.repo = 1}, .wants = &want, .n_wants = 1};
	struct mirror_fetch_out out;
	struct clock_port clock;
	struct err err = ERR_NONE;
	char token[KEY_FILE_BYTES];

	start(&s);
	key_file_text(token, "first\n", 0600);
	config.forge.token_file = text_of(token);
	config.forge.api_url = config.forge.git_url = arena_printf(&arena, "https://127.0.0.1:%u", s.port);
	config.forge.ca_file = text_of(told[_i] ? s.ca : "");
	ck_assert(open_hands(&hands, &shared, &config, dir.dir));
	in.where.url = arena_printf(&arena, "https://127.0.0.1:%u/o/r.git", s.port);
	clock = clock_system();
	in.deadline_ms = clock.mono(clock.self) + 20000;
	ck_assert_int_ne(hands.mirror.fetch(hands.mirror.self, &in, &out, &err), ERR_OK); /* it serves no git */
	hands_release(&hands);
	hands_shared_release(&shared);
	stop(&s);
	(void)unlink(token);
	repo_end(&dir);
	ck_assert_msg((atomic_load(&s.requests) > 0) == told[_i], "%s", err.text);
}
END_TEST

static const struct suite_test tests[] = {SUITE_ROWS(an_answer_over_frames_is_whole_or_an_error, ends),
					  SUITE_TEST(reads_share_a_connection_and_a_write_speaks_plainly_on_its_own),
					  SUITE_ROWS(git_believes_whom_the_api_believes, told), SUITE_END};
SUITE_MAIN(tests)
