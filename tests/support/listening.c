#include "tests/support/listening.h"

#include <arpa/inet.h>
#include <check.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "webhooks/crypto.h"

static int64_t wall_ms(void *clock)
{
	(void)clock;
	return NOW_MS;
}

static void on_refused(void *context, struct text guid, const struct refusal *refusal)
{
	struct listening *box = context;

	pthread_mutex_lock(&box->lock);
	box->refused++;
	snprintf(box->reason, sizeof(box->reason), "%s", refusal->reason);
	snprintf(box->guid, sizeof(box->guid), "%.*s", TEXT_ARG(guid));
	pthread_mutex_unlock(&box->lock);
}

static void take(void *context, struct exchange *exchange, const struct verified *verified)
{
	const struct answer answer = {.status = 202, .content_type = "application/json", .body = TEXT_LIT("{}\n")};
	struct listening *box = context;

	pthread_mutex_lock(&box->lock);
	box->handled++;
	box->fate = verified_delivery(verified)->fate;
	box->secret_index = verified_delivery(verified)->secret_index;
	pthread_mutex_unlock(&box->lock);
	exchange_answer(exchange, &answer);
}

static void page(void *context, struct exchange *exchange, const struct verified *verified)
{
	struct answer answer = {.status = 200, .content_type = "text/plain", .body = exchange_query(exchange, "q")};
	struct listening *box = context;

	ck_assert_ptr_null(verified);
	if (answer.body.len == 0)
		answer.body = TEXT_LIT("page");
	pthread_mutex_lock(&box->lock);
	box->peer_uid = exchange_peer_uid(exchange);
	pthread_mutex_unlock(&box->lock);
	exchange_answer(exchange, &answer);
}

void listening_init(struct listening *box)
{
	memset(box, 0, sizeof(*box));
	pthread_mutex_init(&box->lock, NULL);
	box->repositories[0] = TEXT_LIT("Acme/App");
	box->intake = (struct intake_config){.secrets = {{TEXT_LIT(SECRET_ONE), WHEN_UNKNOWN, NULL},
							 {TEXT_LIT(SECRET_TWO), NOW_MS + 1, NULL},
							 {TEXT_LIT(SECRET_EXPIRED), NOW_MS, NULL}},
					     .n_secrets = 3,
					     .limits = {(size_t)25 << 20, (size_t)64 << 20},
					     .path = WEBHOOK_PATH,
					     .repositories = box->repositories,
					     .n_repositories = 1,
					     .installation = INSTALLATION};
	box->routes[0] = (struct route){"POST", WEBHOOK_PATH, true, 0, take, box};
	box->routes[1] = (struct route){"GET", "/page", false, 0, page, box};
	box->config = (struct listener_config){.address = "127.0.0.1:0",
					       .routes = box->routes,
					       .n_routes = 2,
					       .intake = &box->intake,
					       .connections_max = 400,
					       .per_ip_max = 400,
					       .request_ms = 5000,
					       .wall_ms = wall_ms,
					       .refused = on_refused,
					       .refused_context = box};
}

void listening_start(struct listening *box)
{
	struct err err = ERR_NONE;

	box->listener = listener_start(&box->config, &err);
	ck_assert_msg(box->listener != NULL, "%s", err.text);
}

void listening_stop(struct listening *box)
{
	listener_stop(box->listener, 1000);
	pthread_mutex_destroy(&box->lock);
}

unsigned listening_refused(struct listening *box)
{
	unsigned n;

	pthread_mutex_lock(&box->lock);
	n = box->refused;
	pthread_mutex_unlock(&box->lock);
	return n;
}

unsigned listening_handled(struct listening *box)
{
	unsigned n;

	pthread_mutex_lock(&box->lock);
	n = box->handled;
	pthread_mutex_unlock(&box->lock);
	return n;
}

bool listening_waits_refused(struct listening *box, unsigned n)
{
	for (int i = 0; i < 500 && listening_refused(box) < n; i++)
		poll(NULL, 0, 10);
	return listening_refused(box) >= n;
}

void sign(struct text secret, struct text body, char ret[72])
{
	unsigned char digest[CRYPTO_DIGEST];
	char hex[2 * CRYPTO_DIGEST + 1];
	struct hmac *hmac = hmac_new(secret);

	hmac_feed(hmac, body.at, body.len);
	hmac_end(hmac, digest);
	hmac_free(hmac);
	crypto_hex(digest, CRYPTO_DIGEST, hex);
	snprintf(ret, 72, "sha256=%s", hex);
}

struct text good_request(struct text body, const char *guid)
{
	char signature[72], *request = malloc(body.len + 1000);
	int n;

	ck_assert_ptr_nonnull(request);
	sign(TEXT_LIT(SECRET_ONE), body, signature);
	n = snprintf(request, 1000,
		     "POST " WEBHOOK_PATH " HTTP/1.1\r\nHost: headgate\r\nContent-Type: application/json\r\n"
		     "Content-Length: %zu\r\nX-GitHub-Event: pull_request\r\nX-GitHub-Delivery: %s\r\n"
		     "X-Hub-Signature-256: %s\r\n\r\n",
		     body.len, guid, signature);
	memcpy(request + n, body.at, body.len);
	return (struct text){request, (size_t)n + body.len};
}

int client_connect(unsigned port)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

bool client_send(int fd, struct text bytes)
{
	while (bytes.len) {
		ssize_t n = send(fd, bytes.at, bytes.len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		bytes = (struct text){bytes.at + n, bytes.len - (size_t)n};
	}
	return true;
}

/* One byte at a time: what follows the reply stays in the socket for the next call. */
static bool read_byte(int fd, int wait_ms, char *ret)
{
	struct pollfd readable = {.fd = fd, .events = POLLIN};

	return poll(&readable, 1, wait_ms) == 1 && recv(fd, ret, 1, 0) == 1;
}

static void find_error(struct reply *reply)
{
	const char *at = strstr(reply->body, "\"error\": \"");

	if (at)
		sscanf(at, "\"error\": \"%63[^\"]\"", reply->error);
}

void client_read(int fd, struct reply *ret, int wait_ms, bool head_only)
{
	size_t n = 0, length = 0;
	const char *declared;

	memset(ret, 0, sizeof(*ret));
	while (n + 1 < sizeof(ret->head) && !strstr(ret->head + (n < 4 ? 0 : n - 4), "\r\n\r\n")) {
		if (!read_byte(fd, wait_ms, &ret->head[n]))
			break;
		n++;
	}
	if (sscanf(ret->head, "HTTP/1.1 %u", &ret->status) != 1)
		return;
	declared = strstr(ret->head, "Content-Length: ");
	if (!declared || head_only || sscanf(declared, "Content-Length: %zu", &length) != 1)
		return;
	for (n = 0; n < length && n + 1 < sizeof(ret->body); n++)
		if (!read_byte(fd, wait_ms, &ret->body[n]))
			break;
	find_error(ret);
}

void listening_ask(unsigned port, struct text request, struct reply *ret)
{
	int fd = client_connect(port);

	client_send(fd, request);
	client_read(fd, ret, 5000, false);
	close(fd);
}

bool client_sees_end(int fd, int wait_ms)
{
	struct pollfd readable = {.fd = fd, .events = POLLIN};
	char byte;

	return poll(&readable, 1, wait_ms) == 1 && recv(fd, &byte, 1, 0) <= 0;
}
