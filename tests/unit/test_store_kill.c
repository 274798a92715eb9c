/*
 * kill -9 at any moment loses nothing that was acknowledged. A child runs the committer over SQLite with several
 * writing threads and reports each guid over a pipe as soon as it is told that it is durable; the parent kills it at
 * a random moment, opens the file again and looks for every guid it was told. HEADGATE_KILLS: how often (40).
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/store/exec.h"
#include "agent/store/tables.h"
#include "tests/support/row_dice.h"
#include "tests/support/scratch_db.h"
#include "tests/support/suite.h"

#define THREADS   4
#define PENDING   16 /* write_later in flight per thread, beside its waiting writes */
#define TOLD_MAX  400000
#define KILLS_MAX 100000
#define ROUND_MS  250
#define OPEN_MS   20000

struct guid {
	uint32_t round, thread, number;
};

static bool append_job(struct rows *rows, void *arg, struct err *err)
{
	const struct guid *guid = arg;
	char text[48], body[2000];
	struct row_journal row = {.source = TEXT_LIT("kill"), .body_bytes = sizeof body};

	memset(body, (int)(guid->number & 0xff), sizeof body);
	(void)snprintf(text, sizeof text, "%u-%u-%u", guid->round, guid->thread, guid->number);
	row.guid = text_of(text);
	row.body_lz4 = (struct text){body, guid->number % sizeof body};
	return rows->ops->add(rows->self, &table_journal, &row, err);
}

/* ---- the child ---- */

struct appender {
	struct store_exec port;
	pthread_t thread;
	int pipe;
	struct guid next;
};

static void report(int fd, struct guid guid)
{
	if (write(fd, &guid, sizeof guid) != (ssize_t)sizeof guid) /* at most PIPE_BUF: whole or not at all */
		_exit(3);
}

struct pending {
	struct store_later later; /* first: done gets it back */
	struct guid guid;
	int pipe;
};

static void report_later(struct store_later *later, const struct err *err)
{
	struct pending *pending = (struct pending *)later;

	if (err->code == ERR_OK)
		report(pending->pipe, pending->guid);
	free(pending);
}

static void append_later(struct appender *appender)
{
	struct pending *pending = calloc(1, sizeof *pending);
	struct err err = ERR_NONE;

	if (!pending)
		abort();
	*pending = (struct pending){
		{append_job, &pending->guid, 2000, report_later, NULL}, appender->next, appender->pipe};
	if (!appender->port.write_later(appender->port.self, &pending->later, &err))
		free(pending);
}

static void *append_for_ever(void *arg)
{
	struct appender *appender = arg;
	struct err err = ERR_NONE;

	for (;;) {
		for (int i = 0; i < PENDING; i++) {
			appender->next.number++;
			append_later(appender);
		}
		appender->next.number++;
		if (!appender->port.write(appender->port.self, append_job, &appender->next, &err))
			_exit(4);
		report(appender->pipe, appender->next);
	}
	return NULL;
}

static void run_child(const char *file, int fd, uint32_t round)
{
	struct appender appenders[THREADS];
	struct rows writer, reader;
	struct err err = ERR_NONE;
	struct exec_committer_config config = {&writer, &reader, 5000, (size_t)16 << 20, NULL, NULL};
	struct exec_committer *committer;

	if (!rows_sqlite_open(file, false, &writer, &err) || !rows_sqlite_open(file, true, &reader, &err))
		_exit(2);
	committer = exec_committer_start(&config, &err);
	if (!committer)
		_exit(2);
	for (uint32_t i = 0; i < THREADS; i++) {
		appenders[i] =
			(struct appender){.port = exec_committer_port(committer), .pipe = fd, .next = {round, i, 0}};
		if (pthread_create(&appenders[i].thread, NULL, append_for_ever, &appenders[i]) != 0)
			_exit(2);
	}
	for (;;)
		(void)pause();
}

/* ---- the parent ---- */

struct told {
	struct guid *at;
	size_t n;
};

/* Reads what comes for `ms` milliseconds, or to the end of the pipe. */
static void listen_for(int fd, struct told *told, int ms)
{
	struct timespec start, now;
	struct pollfd wait = {fd, POLLIN, 0};
	int spent = 0;

	(void)clock_gettime(CLOCK_MONOTONIC, &start);
	while (spent < ms && told->n < TOLD_MAX) {
		if (poll(&wait, 1, ms - spent) > 0) {
			ssize_t got = read(fd, &told->at[told->n], sizeof *told->at);

			if (got != (ssize_t)sizeof *told->at)
				return;
			told->n++;
		}
		(void)clock_gettime(CLOCK_MONOTONIC, &now);
		spent = (int)((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000);
	}
}

static void one_kill(const char *file, struct told *told, uint32_t round, int ms)
{
	size_t before = told->n;
	int ends[2], status = 0;
	pid_t child;

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0)
		run_child(file, ends[1], round);
	(void)close(ends[1]);
	/* The first guid says that it runs; then the moment is random. */
	while (told->n == before && poll(&(struct pollfd){ends[0], POLLIN, 0}, 1, OPEN_MS) > 0 &&
	       waitpid(child, &status, WNOHANG) == 0)
		listen_for(ends[0], told, 1);
	listen_for(ends[0], told, ms);
	(void)kill(child, SIGKILL);
	listen_for(ends[0], told, OPEN_MS); /* what it had said before it died */
	(void)close(ends[0]);
	(void)waitpid(child, &status, 0);
	ck_assert_msg(told->n > before, "round %u: the child reported nothing (status %d)", round, status);
	ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "round %u: status %d", round, status);
}

static bool find_guid(void *context, const void *row)
{
	(void)row;
	*(bool *)context = true;
	return false;
}

static size_t missing(const char *file, const struct told *told, size_t from)
{
	struct rows rows;
	struct err err = ERR_NONE;
	size_t ret = 0;

	ck_assert_msg(rows_sqlite_open(file, false, &rows, &err), "%s", err.text);
	ck_assert(rows.ops->begin(rows.self, false, &err));
	for (size_t i = from; i < told->n; i++) {
		const struct guid *guid = &told->at[i];
		auto_arena struct arena arena = ARENA_EMPTY;
		struct row_journal equal = {0};
		struct scan scan = {
			.table = &table_journal, .index = JOURNAL_BY_GUID, .equal = &equal, .n_equal = 1, .limit = 1};
		bool found = false;

		equal.guid = arena_printf(&arena, "%u-%u-%u", guid->round, guid->thread, guid->number);
		ck_assert_msg(rows.ops->scan(rows.self, &scan, (struct visitor){find_guid, &found, &arena}, &err), "%s",
			      err.text);
		ret += !found;
	}
	ck_assert(rows.ops->commit(rows.self, &err));
	rows_close(&rows);
	return ret;
}

START_TEST(what_was_acknowledged_survives_kill_9)
{
	const char *wanted = getenv("HEADGATE_KILLS");
	int64_t kills = 40;
	struct told told = {calloc(TOLD_MAX, sizeof(struct guid)), 0};
	struct dice dice = {20261121};
	struct scratch_db scratch;
	size_t all = 0;

	ck_assert_ptr_nonnull(told.at);
	if (wanted)
		ck_assert(text_int64(text_of(wanted), &kills) && kills > 0 && kills <= KILLS_MAX);
	scratch_db_make(&scratch);
	for (uint32_t round = 0; round < (uint32_t)kills; round++) {
		size_t lost;

		told.n = 0;
		if (round % 20 == 0 && round > 0) { /* a new file now and then: it stays small */
			scratch_db_remove(&scratch);
			scratch_db_make(&scratch);
		}
		one_kill(scratch.file, &told, round, (int)dice_roll(&dice, ROUND_MS));
		lost = missing(scratch.file, &told, 0);
		ck_assert_msg(lost == 0, "round %u: %zu of %zu acknowledged rows are lost", round, lost, told.n);
		all += told.n;
	}
	(void)printf("%lld kills, %zu acknowledged rows, all found\n", (long long)kills, all);
	scratch_db_remove(&scratch);
	free(told.at);
}
END_TEST

static const struct suite_test tests[] = {SUITE_SLOW(what_was_acknowledged_survives_kill_9, 1200), SUITE_END};

SUITE_MAIN(tests)
