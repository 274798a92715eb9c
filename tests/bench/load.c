/*
 * bench_load: sends signed deliveries over connections that stay open, from one thread, and says how it went in one
 * line of key=value. Without --rate a closed loop: each connection sends its next delivery when the last was answered.
 * With it an open loop: so many a second, and a delivery that had to wait for a free connection is late by that,
 * because times are counted from when it was due. The first 15 % of the time count for no figure. --acks FILE: the
 * number of each delivery that was answered 2xx, a line each; its id is bench_guid() of run and number.
 *
 * cpu is this thread's own share of one core: near 1 the figures are the generator's, not the server's.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/corpus.h"
#include "tests/bench/guid.h"

enum { CONNECTIONS_MAX = 1024, SENT_MAX = 2000000, VARIANTS = 4096, END_WAIT_S = 60, DISCARDED_PERCENT = 15 };
#define OVERTIME_NS INT64_C(5000000000)

struct options {
	unsigned port, connections, run;
	double seconds, rate; /* rate 0: a closed loop */
	const char *path, *secret_file, *dir, *acks;
};

struct connection {
	int fd;
	bool busy;
	size_t number; /* of the delivery */
	int64_t due;   /* when it was to be sent */
	char head[512];
	size_t head_len, sent;
	char in[4096];
	size_t in_len;
};

struct load {
	struct options o;
	struct corpus corpus;
	struct connection at[CONNECTIONS_MAX];
	int poll, timer;
	int64_t began, until, counted_from;
	size_t next, answered, other;
	uint32_t *late_us; /* of each that counts */
	size_t n_late;
	unsigned char *ok; /* by number */
};

static int64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void die(const char *what)
{
	(void)fprintf(stderr, "bench_load: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* ---- connections ---- */

static int open_one(unsigned port)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	to.sin_port = htons((uint16_t)port);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
		die("connect");
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

static void watch(struct load *load, struct connection *c, int how, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = c};

	if (epoll_ctl(load->poll, how, c->fd, &event) != 0)
		die("epoll");
}

/* ---- sending ---- */

static void go_on_writing(struct load *load, struct connection *c)
{
	const struct corpus_delivery *d = &load->corpus.at[c->number % load->corpus.n];
	size_t body = c->sent > c->head_len ? c->sent - c->head_len : 0,
	       head = c->sent < c->head_len ? c->sent : c->head_len;
	struct iovec parts[] = {{c->head + head, c->head_len - head}, {d->body + body, d->len - body}};
	ssize_t n = writev(c->fd, parts, 2);

	if (n < 0 && errno != EAGAIN)
		die("the server closed a connection");
	if (n > 0)
		c->sent += (size_t)n;
	watch(load, c, EPOLL_CTL_MOD, c->sent < c->head_len + d->len ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void send_next(struct load *load, struct connection *c, int64_t due)
{
	const struct corpus_delivery *d = &load->corpus.at[load->next % load->corpus.n];
	char guid[BENCH_GUID];

	bench_guid(load->o.run, load->next, guid);
	c->number = load->next++;
	c->due = due;
	c->busy = true;
	c->sent = c->in_len = 0;
	c->head_len =
		(size_t)snprintf(c->head, sizeof c->head,
				 "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nUser-Agent: GitHub-Hookshot/0a1b2c3\r\n"
				 "Content-Type: application/json\r\nAccept: */*\r\nX-GitHub-Event: %s\r\n"
				 "X-GitHub-Delivery: %s\r\nX-Hub-Signature-256: %s\r\nContent-Length: %zu\r\n\r\n",
				 load->o.path, load->o.port, d->event, guid, d->signature, d->len);
	go_on_writing(load, c);
}

/* What an open loop could not send for seconds after its end is left unsent: the rate says so. */
static bool may_send(const struct load *load, int64_t at)
{
	return at < load->until && load->next < SENT_MAX && now_ns() < load->until + OVERTIME_NS;
}

static int64_t due_at(const struct load *load, size_t number)
{
	return load->began + (int64_t)((double)number / load->o.rate * 1e9);
}

/* Open loop: everything that is due and finds a free connection; then the timer for the next. */
static void send_due(struct load *load)
{
	struct itimerspec at = {.it_interval = {0, 0}};
	int64_t due = due_at(load, load->next);
	size_t i = 0;

	for (; i < load->o.connections && due <= now_ns() && may_send(load, due); i++)
		if (!load->at[i].busy) {
			send_next(load, &load->at[i], due);
			due = due_at(load, load->next);
		}
	if (i == load->o.connections || !may_send(load, due)) /* an answer makes room */
		return;
	at.it_value = (struct timespec){(time_t)(due / 1000000000), (long)(due % 1000000000)};
	(void)timerfd_settime(load->timer, TFD_TIMER_ABSTIME, &at, NULL);
}

/* ---- answers ---- */

/* The whole length of the answer in c->in; 0: more must come. */
static size_t answer_length(struct connection *c)
{
	char *end, *at;

	c->in[c->in_len] = '\0';
	end = strstr(c->in, "\r\n\r\n");
	if (!end)
		return 0;
	at = strcasestr(c->in, "\r\ncontent-length:");
	if (at && at < end)
		return (size_t)(end - c->in) + 4 + strtoul(at + 17, NULL, 10);
	at = strstr(end, "0\r\n\r\n"); /* in chunks */
	return strcasestr(c->in, "\r\ntransfer-encoding:") ? (at ? (size_t)(at - c->in) + 5 : 0)
							   : (size_t)(end - c->in) + 4;
}

static void count(struct load *load, const struct connection *c, int64_t now)
{
	bool ok = strncmp(c->in, "HTTP/1.1 2", 10) == 0;

	load->answered++;
	load->other += !ok;
	if (!ok && load->other == 1)
		(void)fprintf(stderr, "bench_load: %.300s\n", c->in);
	load->ok[c->number] = ok;
	if (ok && now >= load->counted_from && now < load->until)
		load->late_us[load->n_late++] = (uint32_t)((now - c->due) / 1000);
}

static void take_answer(struct load *load, struct connection *c)
{
	ssize_t n = read(c->fd, c->in + c->in_len, sizeof c->in - 1 - c->in_len);
	int64_t now;
	size_t len;

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0)
		die("the server closed a connection");
	c->in_len += (size_t)n;
	len = answer_length(c);
	if (len == 0 || c->in_len < len)
		return;
	now = now_ns();
	count(load, c, now);
	c->busy = false;
	if (load->o.rate > 0)
		send_due(load);
	else if (may_send(load, now))
		send_next(load, c, now);
}

static void run(struct load *load)
{
	struct epoll_event events[256];
	uint64_t ticks;
	int n;

	if (load->o.rate > 0)
		send_due(load);
	else
		for (unsigned i = 0; i < load->o.connections; i++)
			send_next(load, &load->at[i], now_ns());
	while (load->answered < load->next || may_send(load, now_ns())) {
		n = epoll_wait(load->poll, events, 256, 1000);
		if (now_ns() > load->until + END_WAIT_S * INT64_C(1000000000))
			die("answers are missing at the end");
		for (int i = 0; i < n; i++) {
			struct connection *c = events[i].data.ptr;

			if (!c) {
				(void)!read(load->timer, &ticks, sizeof ticks);
				send_due(load);
				continue;
			}
			if ((events[i].events & EPOLLOUT) && c->busy)
				go_on_writing(load, c);
			if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
				take_answer(load, c);
		}
	}
}

/* ---- figures ---- */

static int ascending(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static uint32_t part(const struct load *load, double share)
{
	size_t i = (size_t)((double)load->n_late * share);

	return load->n_late ? load->late_us[i < load->n_late ? i : load->n_late - 1] : 0;
}

static double cpu_seconds(void)
{
	struct rusage use;

	(void)getrusage(RUSAGE_SELF, &use);
	return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
	       (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

static void report(struct load *load, double cpu)
{
	double counted = (double)(load->until - load->counted_from) / 1e9,
	       wall = (double)(now_ns() - load->began) / 1e9;

	qsort(load->late_us, load->n_late, sizeof *load->late_us, ascending);
	printf("sent=%zu ok=%zu other=%zu rate=%.0f p50_us=%u p99_us=%u max_us=%u cpu=%.2f mb=%.1f\n", load->next,
	       load->answered - load->other, load->other, (double)load->n_late / counted, part(load, 0.5),
	       part(load, 0.99), part(load, 1.0), cpu / wall,
	       (double)load->corpus.bytes / (double)load->corpus.n * (double)load->next / 1e6);
}

static void write_acks(const struct load *load)
{
	FILE *f = fopen(load->o.acks, "w");

	if (!f)
		die(load->o.acks);
	for (size_t i = 0; i < load->next; i++)
		if (load->ok[i])
			(void)fprintf(f, "%zu\n", i);
	if (fclose(f) != 0)
		die(load->o.acks);
}

/* ---- start ---- */

static void take_option(struct options *o, const char *name, const char *value)
{
	const struct {
		const char *name;
		const char **text;
		unsigned *number;
		double *real;
	} all[] = {{"--port", NULL, &o->port, NULL},
		   {"--connections", NULL, &o->connections, NULL},
		   {"--run", NULL, &o->run, NULL},
		   {"--seconds", NULL, NULL, &o->seconds},
		   {"--rate", NULL, NULL, &o->rate},
		   {"--path", &o->path, NULL, NULL},
		   {"--secret-file", &o->secret_file, NULL, NULL},
		   {"--corpus", &o->dir, NULL, NULL},
		   {"--acks", &o->acks, NULL, NULL}};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		if (strcmp(all[i].name, name) != 0)
			continue;
		if (all[i].text)
			*all[i].text = value;
		else if (all[i].number)
			*all[i].number = (unsigned)strtoul(value, NULL, 10);
		else
			*all[i].real = strtod(value, NULL);
		return;
	}
	(void)fprintf(stderr, "bench_load: unknown option %s\n", name);
	exit(2);
}

static void read_secret(const char *name, char ret[128])
{
	FILE *f = name ? fopen(name, "r") : NULL;

	if (!f || !fgets(ret, 128, f))
		die("--secret-file");
	(void)fclose(f);
	ret[strcspn(ret, "\n")] = '\0';
}

/* The last core is the generator's; a server is started on all. */
static void stay_on_last_core(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)(n - 1), &set);
	if (n > 1)
		(void)sched_setaffinity(0, sizeof set, &set);
}

static void open_all(struct load *load)
{
	struct epoll_event event = {.events = EPOLLIN};

	load->poll = epoll_create1(EPOLL_CLOEXEC);
	load->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (load->poll < 0 || load->timer < 0 || epoll_ctl(load->poll, EPOLL_CTL_ADD, load->timer, &event) != 0)
		die("epoll");
	for (unsigned i = 0; i < load->o.connections; i++) {
		load->at[i].fd = open_one(load->o.port);
		watch(load, &load->at[i], EPOLL_CTL_ADD, EPOLLIN);
	}
}

int main(int argc, char **argv)
{
	static struct load load = {.o = {.connections = 32, .seconds = 2, .path = "/webhooks/github"}};
	char secret[128];
	double cpu;

	for (int i = 1; i < argc; i += 2)
		take_option(&load.o, argv[i], i + 1 < argc ? argv[i + 1] : "");
	if (load.o.port == 0 || !load.o.dir || load.o.connections == 0 || load.o.connections > CONNECTIONS_MAX) {
		(void)fputs("usage: bench_load --port N --corpus DIR --secret-file F [--connections N] [--seconds S] "
			    "[--rate R] [--path P] [--run N] [--acks FILE]\n",
			    stderr);
		return 2;
	}
	read_secret(load.o.secret_file, secret);
	corpus_make(&load.corpus, load.o.dir, VARIANTS, secret);
	load.late_us = calloc(SENT_MAX, sizeof *load.late_us);
	load.ok = calloc(SENT_MAX, 1);
	if (!load.late_us || !load.ok)
		die("memory");
	stay_on_last_core();
	open_all(&load);
	cpu = cpu_seconds();
	load.began = now_ns();
	load.until = load.began + (int64_t)(load.o.seconds * 1e9);
	load.counted_from = load.began + (load.until - load.began) / 100 * DISCARDED_PERCENT;
	run(&load);
	report(&load, cpu_seconds() - cpu);
	if (load.o.acks)
		write_acks(&load);
	corpus_free(&load.corpus);
	free(load.late_us);
	free(load.ok);
	return load.other > 0;
}
