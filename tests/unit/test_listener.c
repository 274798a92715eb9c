/* What the listener does over time: slow, cut and pipelined requests, kept exchanges, stopping. */
#include <poll.h>
#include <stdatomic.h>
#include <unistd.h>

#include "tests/support/listening.h"
#include "tests/support/suite.h"
#include "webhooks/refusal.h"

#define HEAD_OF(n)                                                                                                     \
	"POST " WEBHOOK_PATH " HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: " n            \
	"\r\nX-GitHub-Event: push\r\nX-GitHub-Delivery: slow-1\r\nX-Hub-Signature-256: sha256=" ZEROS "\r\n\r\n"
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define PAGE  TEXT_LIT("GET /page HTTP/1.1\r\nHost: h\r\n\r\n")

static int64_t monotonic_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void expect_reason(struct listening *box, unsigned n, const char *reason)
{
	ck_assert(listening_waits_refused(box, n));
	ck_assert_uint_eq(listening_refused(box), n);
	ck_assert_str_eq(box->reason, reason);
}

/* Sends a byte each 50 ms until the other side closes. */
static int64_t drip(int fd, const char *bytes)
{
	int64_t start = monotonic_ms();

	for (size_t i = 0; monotonic_ms() - start < 4000; i++) {
		char byte = i < strlen(bytes) ? bytes[i] : 'x';

		if (!client_send(fd, (struct text){&byte, 1}) || client_sees_end(fd, 50))
			break;
	}
	return monotonic_ms() - start;
}

static const struct {
	const char *title, *at_once, *then;
} drips[] = {
	{"from the first byte", "", "GET /page HTTP/1.1\r\nX-Slow: "},
	{"of headers", "GET /page HTTP/1.1\r\nHost: h\r\n", "X-Slow: "},
	{"of a body", HEAD_OF("1000"), "{\"a\": \""},
};

START_TEST(a_drip_is_ended_after_the_request_time)
{
	struct listening box;
	int64_t took;
	int fd;

	listening_init(&box);
	box.config.request_ms = 500;
	listening_start(&box);
	fd = client_connect(listener_port(box.listener));
	client_send(fd, text_of(drips[_i].at_once));
	took = drip(fd, drips[_i].then);
	ck_assert_msg(took >= 400 && took < 2000, "%s: %lld ms", drips[_i].title, (long long)took);
	expect_reason(&box, 1, "too_slow");
	ck_assert_uint_eq(listening_handled(&box), 0);
	close(fd);
	listening_stop(&box);
}
END_TEST

START_TEST(a_silent_connection_is_ended_after_the_request_time)
{
	struct listening box;
	int fd;

	listening_init(&box);
	box.config.request_ms = 300;
	listening_start(&box);
	fd = client_connect(listener_port(box.listener));
	ck_assert(client_sees_end(fd, 3000));
	close(fd);
	listening_stop(&box);
}
END_TEST

static const struct {
	const char *title, *sent;
} cuts[] = {
	{"within the request line", "POST /webh"},
	{"within the headers", "POST " WEBHOOK_PATH " HTTP/1.1\r\nHost: h\r\nX-"},
	{"within the body", HEAD_OF("1000") "{\"action\":"},
	{"before the body", HEAD_OF("1000")},
};

START_TEST(a_request_cut_short_is_counted_and_not_handled)
{
	struct listening box;
	struct reply reply;
	int fd;

	listening_init(&box);
	listening_start(&box);
	fd = client_connect(listener_port(box.listener));
	client_send(fd, text_of(cuts[_i].sent));
	poll(NULL, 0, 50);
	close(fd);
	expect_reason(&box, 1, "cut_off");
	ck_assert_uint_eq(listening_handled(&box), 0);
	listening_ask(listener_port(box.listener), PAGE, &reply);
	ck_assert_uint_eq(reply.status, 200);
	listening_stop(&box);
}
END_TEST

START_TEST(a_refusal_on_the_head_comes_before_the_body)
{
	struct listening box;
	struct reply reply;
	int fd;

	listening_init(&box);
	listening_start(&box);
	fd = client_connect(listener_port(box.listener));
	client_send(fd, TEXT_LIT(HEAD_OF("26214401")));
	client_read(fd, &reply, 2000, false);
	ck_assert_uint_eq(reply.status, 413);
	ck_assert_ptr_nonnull(strstr(reply.head, "Connection: close"));
	ck_assert(client_sees_end(fd, 2000));
	close(fd);
	expect_reason(&box, 1, "too_large");
	ck_assert_str_eq(box.guid, "slow-1");
	listening_stop(&box);
}
END_TEST

START_TEST(bytes_in_flight_are_bounded_and_come_back)
{
	struct text body = TEXT_LIT(GOOD_BODY), request = good_request(body, "abc-1");
	struct listening box;
	struct reply reply;
	int fd;

	listening_init(&box);
	box.intake.limits = (struct intake_limits){2000, 2000};
	listening_start(&box);
	fd = client_connect(listener_port(box.listener));
	client_send(fd, TEXT_LIT(HEAD_OF("1900")));
	poll(NULL, 0, 100);
	listening_ask(listener_port(box.listener), request, &reply);
	ck_assert_uint_eq(reply.status, 503);
	ck_assert_str_eq(reply.error, "busy");
	ck_assert_ptr_nonnull(strstr(reply.head, "Retry-After: "));
	close(fd);
	ck_assert(listening_waits_refused(&box, 2)); /* the cut one */
	listening_ask(listener_port(box.listener), request, &reply);
	ck_assert_uint_eq(reply.status, 202);
	free((void *)(uintptr_t)request.at);
	listening_stop(&box);
}
END_TEST

/* Also a leak, which the sanitizer tells at the end: the library drops such a request without a word. */
START_TEST(a_head_that_leaves_the_library_no_memory_is_forgotten_whole)
{
	enum { COOKIES = 12000 };
	static char request[COOKIES + 100];
	struct listening box;
	struct reply reply;
	size_t n;

	n = (size_t)snprintf(request, sizeof(request), "GET /page HTTP/1.1\r\nHost: x\r\nCookie: ");
	for (size_t i = 0; i < COOKIES; i += 4)
		n += (size_t)snprintf(request + n, sizeof(request) - n, "a=b;");
	n += (size_t)snprintf(request + n, sizeof(request) - n, "\r\n\r\n");
	listening_init(&box);
	listening_start(&box);
	for (unsigned i = 1; i <= 3; i++) {
		listening_ask(listener_port(box.listener), (struct text){request, n}, &reply);
		ck_assert_uint_ne(reply.status, 200);
		ck_assert(listening_waits_refused(&box, i));
	}
	listening_ask(listener_port(box.listener), PAGE, &reply);
	ck_assert_uint_eq(reply.status, 200);
	listening_stop(&box);
}
END_TEST

START_TEST(pipelined_requests_are_answered_in_order)
{
	struct text request = good_request(TEXT_LIT(GOOD_BODY), "abc-1");
	struct listening box;
	struct reply reply;
	int fd;

	listening_init(&box);
	listening_start(&box);
	fd = client_connect(listener_port(box.listener));
	client_send(fd, request);
	client_send(fd, PAGE);
	client_send(fd, request); /* the same delivery again: deduplicated by the store, not here */
	client_read(fd, &reply, 3000, false);
	ck_assert_uint_eq(reply.status, 202);
	client_read(fd, &reply, 3000, false);
	ck_assert_uint_eq(reply.status, 200);
	ck_assert_str_eq(reply.body, "page");
	client_read(fd, &reply, 3000, false);
	ck_assert_uint_eq(reply.status, 202);
	close(fd);
	ck_assert_uint_eq(listening_handled(&box), 2);
	ck_assert_uint_eq(listening_refused(&box), 0);
	free((void *)(uintptr_t)request.at);
	listening_stop(&box);
}
END_TEST

START_TEST(what_follows_a_refused_head_is_not_a_request)
{
	struct listening box;
	struct reply reply;
	int fd;

	listening_init(&box);
	listening_start(&box);
	fd = client_connect(listener_port(box.listener));
	client_send(fd, TEXT_LIT("POST " WEBHOOK_PATH " HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"
				 "GET /page HTTP/1.1\r\nHost: h\r\n\r\n"));
	client_read(fd, &reply, 3000, false);
	ck_assert_uint_eq(reply.status, 415);
	ck_assert(client_sees_end(fd, 2000));
	close(fd);
	listening_stop(&box);
}
END_TEST

START_TEST(a_head_request_has_the_answer_without_its_body)
{
	struct listening box;
	struct reply reply;
	int fd;

	listening_init(&box);
	listening_start(&box);
	fd = client_connect(listener_port(box.listener));
	client_send(fd, TEXT_LIT("HEAD /page HTTP/1.1\r\nHost: h\r\n\r\n"));
	client_read(fd, &reply, 3000, true);
	ck_assert_uint_eq(reply.status, 200);
	ck_assert_ptr_nonnull(strstr(reply.head, "Content-Length: 4"));
	client_send(fd, PAGE);
	client_read(fd, &reply, 3000, false);
	ck_assert_uint_eq(reply.status, 200); /* no stray body byte came in between */
	close(fd);
	listening_stop(&box);
}
END_TEST

static const struct {
	const char *request;
	unsigned status;
	const char *found; /* in head or body */
} plain[] = {
	{"GET /page?q=a%20b+c HTTP/1.1\r\nHost: h\r\n\r\n", 200, "a b c"},
	{"GET /page?x=1&q=2&q=3 HTTP/1.1\r\nHost: h\r\n\r\n", 200, "2"},
	{"GET /page?q=%00 HTTP/1.1\r\nHost: h\r\n\r\n", 200, "page"},
	{"GET /page?qq=1 HTTP/1.1\r\nHost: h\r\n\r\n", 200, "page"},
	{"POST /page HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", 405, "Allow: GET, HEAD\r\n"},
	{"GET /page HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc", 400, "body_unexpected"},
	{"GET /page HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411, "transfer_encoding"},
	{"GET /page HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", 200, "page"},
	{"GET /page/x HTTP/1.1\r\nHost: h\r\n\r\n", 404, "not_found"},
	{"GET /echo HTTP/1.1\r\nHost: h\r\n\r\n", 405, "Allow: POST\r\n"},
	{"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc", 200, "abc"},
	{"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 17\r\n\r\n0123456789abcdefg", 413, "too_large"},
	{"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400, "length_doubled"},
	{"GET /files/a%2Fb HTTP/1.1\r\nHost: h\r\n\r\n", 200, "/files/a/b"},
	{"GET /split HTTP/1.1\r\nHost: h\r\n\r\n", 500, "500"},
};

static void echo(void *context, struct exchange *exchange, const struct verified *verified)
{
	const struct answer answer = {200, "text/plain", exchange_body(exchange), NULL, 0};

	(void)context;
	(void)verified;
	exchange_answer(exchange, &answer);
}

static void files(void *context, struct exchange *exchange, const struct verified *verified)
{
	const struct header cache = {TEXT_LIT("Cache-Control"), TEXT_LIT("max-age=5")};
	const struct answer answer = {200, "text/plain", exchange_path(exchange), &cache, 1};

	(void)context;
	(void)verified;
	ck_assert(text_is(exchange_header(exchange, "hOST"), "h"));
	ck_assert(text_is(exchange_method(exchange), "GET"));
	exchange_answer(exchange, &answer);
}

static void split(void *context, struct exchange *exchange, const struct verified *verified)
{
	const struct header evil = {TEXT_LIT("X-A"), TEXT_LIT("b\r\nSet-Cookie: c")};
	const struct answer answer = {200, "text/plain", TEXT_LIT("body"), &evil, 1};

	(void)context;
	(void)verified;
	exchange_answer(exchange, &answer);
}

START_TEST(a_plain_request_is_routed_by_the_table)
{
	struct listening box;
	struct reply reply;

	listening_init(&box);
	box.routes[2] = (struct route){"POST", "/echo", false, 16, echo, NULL};
	box.routes[3] = (struct route){"GET", "/files/", false, 0, files, NULL};
	box.routes[4] = (struct route){"GET", "/split", false, 0, split, NULL};
	box.config.n_routes = 5;
	listening_start(&box);
	listening_ask(listener_port(box.listener), text_of(plain[_i].request), &reply);
	ck_assert_msg(reply.status == plain[_i].status, "%s: %u %s", plain[_i].request, reply.status, reply.body);
	ck_assert_msg(strstr(reply.head, plain[_i].found) || strcmp(reply.body, plain[_i].found) == 0 ||
			      strcmp(reply.error, plain[_i].found) == 0,
		      "%s: %s%s", plain[_i].request, reply.head, reply.body);
	ck_assert_ptr_null(strstr(reply.head, "Set-Cookie"));
	listening_stop(&box);
}
END_TEST

#define MANY 200

START_TEST(two_hundred_slow_connections_do_not_hinder_a_good_one)
{
	struct text request = good_request(TEXT_LIT(GOOD_BODY), "abc-1");
	struct listening box;
	struct reply reply;
	int slow[MANY];

	listening_init(&box);
	listening_start(&box);
	for (size_t i = 0; i < MANY; i++) {
		slow[i] = client_connect(listener_port(box.listener));
		client_send(slow[i], i % 2 ? TEXT_LIT(HEAD_OF("1000") "{") : TEXT_LIT("GET /page HTTP/1.1\r\nX-"));
	}
	listening_ask(listener_port(box.listener), request, &reply);
	ck_assert_uint_eq(reply.status, 202);
	for (size_t i = 0; i < MANY; i++)
		close(slow[i]);
	free((void *)(uintptr_t)request.at);
	listening_stop(&box);
}
END_TEST

START_TEST(two_hundred_busy_connections_do_not_stall)
{
	struct listening box;
	struct reply reply;
	int fds[MANY];

	listening_init(&box);
	listening_start(&box);
	for (size_t i = 0; i < MANY; i++)
		fds[i] = client_connect(listener_port(box.listener));
	for (int round = 0; round < 5; round++) {
		for (size_t i = 0; i < MANY; i++)
			ck_assert(client_send(fds[i], PAGE));
		for (size_t i = 0; i < MANY; i++) {
			client_read(fds[i], &reply, 3000, false);
			ck_assert_uint_eq(reply.status, 200);
		}
	}
	for (size_t i = 0; i < MANY; i++)
		close(fds[i]);
	listening_stop(&box);
}
END_TEST

/* Exchanges that a handler keeps, for another thread. */
struct keeper {
	pthread_mutex_t lock;
	struct exchange *kept[64];
	size_t n;
};

static void keep(void *context, struct exchange *exchange, const struct verified *verified)
{
	struct keeper *keeper = context;

	(void)verified;
	pthread_mutex_lock(&keeper->lock);
	keeper->kept[keeper->n++] = exchange;
	pthread_mutex_unlock(&keeper->lock);
}

static size_t keeper_n(struct keeper *keeper)
{
	size_t n;

	pthread_mutex_lock(&keeper->lock);
	n = keeper->n;
	pthread_mutex_unlock(&keeper->lock);
	return n;
}

static void *answer_one(void *exchange)
{
	const struct answer answer = {200, "text/plain", TEXT_LIT("later"), NULL, 0};

	exchange_answer(exchange, &answer);
	return NULL;
}

/* A listener with a keeper at /keep and n clients that wait there. */
static void start_keeping(struct listening *box, struct keeper *keeper, int *fds, size_t n)
{
	memset(keeper, 0, sizeof(*keeper));
	pthread_mutex_init(&keeper->lock, NULL);
	listening_init(box);
	box->routes[2] = (struct route){"GET", "/keep", false, 0, keep, keeper};
	box->config.n_routes = 3;
	box->config.request_ms = 600;
	listening_start(box);
	for (size_t i = 0; i < n; i++) {
		fds[i] = client_connect(listener_port(box->listener));
		client_send(fds[i], TEXT_LIT("GET /keep HTTP/1.1\r\nHost: h\r\n\r\n"));
	}
	for (int i = 0; i < 300 && keeper_n(keeper) < n; i++)
		poll(NULL, 0, 10);
	ck_assert_uint_eq(keeper_n(keeper), n);
}

START_TEST(kept_exchanges_are_answered_from_other_threads)
{
	pthread_t threads[40];
	struct keeper keeper;
	struct listening box;
	struct reply reply;
	int fds[40];

	start_keeping(&box, &keeper, fds, 40);
	poll(NULL, 0, 900); /* longer than a request may take: the wait is ours, not the client's */
	for (size_t i = 0; i < 40; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, answer_one, keeper.kept[i]), 0);
	for (size_t i = 0; i < 40; i++) {
		client_read(fds[i], &reply, 3000, false);
		ck_assert_uint_eq(reply.status, 200);
		ck_assert_str_eq(reply.body, "later");
		close(fds[i]);
		pthread_join(threads[i], NULL);
	}
	ck_assert_uint_eq(listening_refused(&box), 0);
	listening_stop(&box);
}
END_TEST

START_TEST(a_client_that_leaves_a_kept_exchange_harms_nothing)
{
	struct keeper keeper;
	struct listening box;
	struct reply reply;
	int fds[5];

	start_keeping(&box, &keeper, fds, 5);
	for (size_t i = 0; i < 5; i++)
		close(fds[i]);
	poll(NULL, 0, 50);
	for (size_t i = 0; i < 5; i++)
		answer_one(keeper.kept[i]);
	listening_ask(listener_port(box.listener), PAGE, &reply);
	ck_assert_uint_eq(reply.status, 200);
	listening_stop(&box);
}
END_TEST

START_TEST(stopping_answers_what_is_kept_and_a_late_answer_is_harmless)
{
	struct keeper keeper;
	struct listening box;
	struct reply reply;
	int64_t start;
	int fds[10];

	start_keeping(&box, &keeper, fds, 10);
	start = monotonic_ms();
	listener_stop(box.listener, 200);
	ck_assert_int_ge(monotonic_ms() - start, 200);
	ck_assert_int_lt(monotonic_ms() - start, 3000);
	for (size_t i = 0; i < 10; i++) {
		client_read(fds[i], &reply, 1000, false);
		ck_assert_uint_eq(reply.status, 503);
		ck_assert_str_eq(reply.error, "stopping");
		close(fds[i]);
		answer_one(keeper.kept[i]);
	}
	ck_assert_uint_eq(listening_refused(&box), 10);
}
END_TEST

static void *answer_soon(void *context)
{
	struct keeper *keeper = context;

	poll(NULL, 0, 200);
	for (size_t i = 0; i < 10; i++)
		answer_one(keeper->kept[i]);
	return NULL;
}

START_TEST(stopping_waits_for_the_answers_of_kept_exchanges)
{
	struct keeper keeper;
	struct listening box;
	struct reply reply;
	pthread_t thread;
	int fds[10];

	start_keeping(&box, &keeper, fds, 10);
	ck_assert_int_eq(pthread_create(&thread, NULL, answer_soon, &keeper), 0);
	listener_stop(box.listener, 5000);
	pthread_join(thread, NULL);
	for (size_t i = 0; i < 10; i++) {
		client_read(fds[i], &reply, 1000, false);
		ck_assert_uint_eq(reply.status, 200);
		close(fds[i]);
	}
	ck_assert_uint_eq(listening_refused(&box), 0);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_drip_is_ended_after_the_request_time, drips),
	SUITE_TEST(a_silent_connection_is_ended_after_the_request_time),
	SUITE_ROWS(a_request_cut_short_is_counted_and_not_handled, cuts),
	SUITE_TEST(a_refusal_on_the_head_comes_before_the_body),
	SUITE_TEST(bytes_in_flight_are_bounded_and_come_back),
	SUITE_TEST(a_head_that_leaves_the_library_no_memory_is_forgotten_whole),
	SUITE_TEST(pipelined_requests_are_answered_in_order),
	SUITE_TEST(what_follows_a_refused_head_is_not_a_request),
	SUITE_TEST(a_head_request_has_the_answer_without_its_body),
	SUITE_ROWS(a_plain_request_is_routed_by_the_table, plain),
	SUITE_TEST(two_hundred_slow_connections_do_not_hinder_a_good_one),
	SUITE_TEST(two_hundred_busy_connections_do_not_stall),
	SUITE_TEST(kept_exchanges_are_answered_from_other_threads),
	SUITE_TEST(a_client_that_leaves_a_kept_exchange_harms_nothing),
	SUITE_TEST(stopping_answers_what_is_kept_and_a_late_answer_is_harmless),
	SUITE_TEST(stopping_waits_for_the_answers_of_kept_exchanges),
	SUITE_END,
};
SUITE_MAIN(tests)
