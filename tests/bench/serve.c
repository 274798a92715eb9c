/*
 * bench_serve: the product's own listener, verification, store and applier, put together as the daemon does it, with
 * the store on, off or alone. It holds no code of the product and changes none: what is left out is left out here.
 *
 *   bench_serve serve MODE DIR SECRET_FILE   prints "port N"; SIGTERM: one line of key=value
 *       verify  202 as soon as the signature held and the facts were taken out: nothing is made of them
 *       sink    as in production up to the finished row; an executor that keeps nothing answers at once
 *       store   as in production: the row is on the disk before the 202; nothing is applied
 *       apply   the same, and the applier on its thread; how far it was behind
 *   bench_serve check DIR ACKS RUN           rows of the journal against the acknowledged numbers, one by one
 *   bench_serve drain DIR                    applies all that waits, and says how fast
 *   bench_serve probe DIR                    how long one small fdatasync takes
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "agent/work/receive.h"
#include "agent/work/workers.h"
#include "tests/bench/guid.h"

enum { SAMPLE_MS = 20, APPLY_BATCH = 500 /* as the crew has it */, PROBES = 201, DRAIN_MS = 2500 };

struct box {
	char dir[512], secret[128];
	struct clock_steady start;
	struct clock_port wall, steady;
	struct log log;
	struct metrics *metrics;
	struct wake_threads *wake;
	struct rows writer, reader;
	struct exec_committer *exec;
	struct store store;
	struct receive receive;
	struct intake_config intake;
	struct route route;
	struct listener *listener;
	struct applier applier;
	pthread_t thread;
	int64_t most_waiting, most_lag_ms, drained_ms;
	size_t answered; /* where no metric counts them */
};

static _Noreturn void die(const char *what, const char *detail)
{
	(void)fprintf(stderr, "bench_serve: %s: %s\n", what, detail);
	exit(2);
}

static int64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- the parts ---- */

static void broken(void *context, const struct err *err)
{
	(void)context;
	die("store", err->text);
}

static void open_store(struct box *box)
{
	struct exec_committer_config config = {.writer = &box->writer,
					       .reader = &box->reader,
					       .queue_jobs = 4096,
					       .queue_bytes = 64U << 20,
					       .broken = broken};
	struct err err = ERR_NONE;
	char path[600];

	(void)snprintf(path, sizeof path, "%s/headgate.db", box->dir);
	if (!rows_sqlite_open(path, false, &box->writer, &err) || !rows_sqlite_open(path, true, &box->reader, &err))
		die(path, err.text);
	box->exec = exec_committer_start(&config, &err);
	if (!box->exec)
		die("committer", err.text);
	box->store = (struct store){.exec = exec_committer_port(box->exec),
				    .limits = STORE_LIMITS_DEFAULT,
				    .context = TEXT_LIT("policy/merge-allowed")};
}

static void close_store(struct box *box)
{
	exec_committer_stop(box->exec);
	rows_close(&box->reader);
	rows_close(&box->writer);
}

static bool keep_nothing(void *self, struct store_later *later, struct err *err)
{
	(void)self;
	*err = ERR_NONE;
	later->done(later, err);
	return true;
}

static void answer_verified(void *context, struct exchange *exchange, const struct verified *verified)
{
	struct box *box = context;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text guid = verified_delivery(verified)->guid;
	struct answer answer = {.status = 202, .content_type = "application/json"};

	answer.body = arena_printf(&arena, "{\"delivery\":\"%.*s\",\"result\":\"accepted\"}\n", TEXT_ARG(guid));
	box->answered++;
	exchange_answer(exchange, &answer);
}

static void *apply_for_ever(void *arg)
{
	applier_run(arg);
	return NULL;
}

static void start_applier(struct box *box)
{
	box->applier = (struct applier){
		{&box->store, box->steady, wake_threads_port(box->wake), &box->log, box->metrics, "bench", NULL},
		APPLY_BATCH};
	if (pthread_create(&box->thread, NULL, apply_for_ever, &box->applier) != 0)
		die("applier", "no thread");
}

/* ---- modes ---- */

static void prepare_verify(struct box *box)
{
	box->route.handle = answer_verified;
	box->route.context = box;
}

static void prepare_sink(struct box *box)
{
	box->store.exec = (struct store_exec){.write_later = keep_nothing};
}

static const struct mode {
	const char *name;
	void (*prepare)(struct box *box);
	void (*start)(struct box *box);
} modes[] = {{"verify", prepare_verify, NULL},
	     {"sink", prepare_sink, NULL},
	     {"store", open_store, NULL},
	     {"apply", open_store, start_applier}};

static const struct mode *mode_named(const char *name)
{
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
		if (strcmp(modes[i].name, name) == 0)
			return &modes[i];
	die("no such mode", name);
}

/* ---- the server ---- */

static void read_secret(struct box *box, const char *name)
{
	FILE *f = fopen(name, "r");

	if (!f || !fgets(box->secret, sizeof box->secret, f))
		die("secret", name);
	(void)fclose(f);
	box->secret[strcspn(box->secret, "\n")] = '\0';
}

static void plan(struct box *box, const char *dir, const char *secret_file)
{
	(void)snprintf(box->dir, sizeof box->dir, "%s", dir);
	box->wall = clock_system();
	box->steady = clock_steady(&box->start);
	box->log = (struct log){open("/dev/null", O_WRONLY | O_CLOEXEC), LOG_LOGFMT, LOG_INFO_LEVEL, box->wall, NULL};
	box->metrics = metrics_new(metrics_rows(), METRICS);
	box->wake = wake_threads_new();
	read_secret(box, secret_file);
	box->intake = (struct intake_config){.secrets = {{.bytes = text_of(box->secret), .until_ms = WHEN_UNKNOWN}},
					     .n_secrets = 1,
					     .limits = {25U << 20, 64U << 20},
					     .path = "/webhooks/github"};
	box->receive =
		(struct receive){&box->store, box->wall, wake_threads_port(box->wake), &box->log, box->metrics, NULL};
	box->route = (struct route){"POST", box->intake.path, true, 0, receive_handle, &box->receive};
}

static void listen_here(struct box *box)
{
	struct err err = ERR_NONE;
	struct listener_config config = {.address = "127.0.0.1:0",
					 .routes = &box->route,
					 .n_routes = 1,
					 .intake = &box->intake,
					 .connections_max = 512,
					 .per_ip_max = 512,
					 .request_ms = 30000,
					 .wall_ms = box->wall.wall,
					 .clock = box->wall.self};

	if (!intake_config_check(&box->intake, &err))
		die("intake", err.text);
	box->listener = listener_start(&config, &err);
	if (!box->listener)
		die("listener", err.text);
	printf("port %u\n", listener_port(box->listener));
	(void)fflush(stdout);
}

/* How far the applier is behind: rows, and the age of the oldest. */
static int64_t look(struct box *box)
{
	struct store_counts counts;
	struct err err = ERR_NONE;
	int64_t lag;

	if (!store_counts(&box->store, &counts, &err))
		die("store", err.text);
	lag = counts.waiting > 0 ? box->wall.wall(box->wall.self) - counts.oldest_waiting_at : 0;
	box->most_waiting = counts.waiting > box->most_waiting ? counts.waiting : box->most_waiting;
	box->most_lag_ms = lag > box->most_lag_ms ? lag : box->most_lag_ms;
	return counts.waiting;
}

static void wait_for_term(struct box *box, const sigset_t *term, bool applying)
{
	struct timespec pause = {0, SAMPLE_MS * 1000000};
	int64_t began;
	int got;

	if (!applying) {
		(void)sigwait(term, &got);
		return;
	}
	while (sigtimedwait(term, NULL, &pause) < 0)
		(void)look(box);
	began = now_ns();
	while (look(box) > 0)
		(void)nanosleep(&pause, NULL);
	box->drained_ms = (now_ns() - began) / 1000000;
}

static void report(const struct box *box, const char *mode)
{
	struct exec_counters counters = box->exec ? exec_committer_counters(box->exec) : (struct exec_counters){0};
	struct rusage use;
	int64_t cpu;

	(void)getrusage(RUSAGE_SELF, &use);
	cpu = (int64_t)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1000000 + use.ru_utime.tv_usec +
	      use.ru_stime.tv_usec;
	printf("mode=%s cpu_us=%lld commits=%lld jobs=%lld most_waiting=%lld most_lag_ms=%lld drained_ms=%lld\n", mode,
	       (long long)cpu, (long long)counters.commits, (long long)counters.jobs, (long long)box->most_waiting,
	       (long long)box->most_lag_ms, (long long)box->drained_ms);
}

static int serve(char **words)
{
	static struct box box;
	const struct mode *mode = mode_named(words[0]);
	sigset_t term;

	(void)sigemptyset(&term);
	(void)sigaddset(&term, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &term, NULL);
	(void)umask(077);
	plan(&box, words[1], words[2]);
	mode->prepare(&box);
	if (mode->start)
		mode->start(&box);
	listen_here(&box);
	wait_for_term(&box, &term, mode->start != NULL);
	listener_stop(box.listener, DRAIN_MS);
	report(&box, mode->name);
	wake_threads_stop(box.wake);
	if (mode->start)
		(void)pthread_join(box.thread, NULL);
	if (box.exec)
		close_store(&box);
	wake_threads_free(box.wake);
	metrics_free(box.metrics);
	return 0;
}

/* ---- the journal afterwards ---- */

static sqlite3 *database(const char *dir)
{
	char path[600];
	sqlite3 *db = NULL;

	(void)snprintf(path, sizeof path, "%s/headgate.db", dir);
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
		die(path, sqlite3_errmsg(db));
	return db;
}

static int64_t number_of(sqlite3_stmt *statement)
{
	int64_t n = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : -1;

	(void)sqlite3_reset(statement);
	return n;
}

static int check(char **words)
{
	sqlite3 *db = database(words[0]);
	FILE *acks = fopen(words[1], "r");
	unsigned run = (unsigned)strtoul(words[2], NULL, 10);
	sqlite3_stmt *all = NULL, *one = NULL;
	int64_t acked = 0, missing = 0, rows;
	char guid[BENCH_GUID], line[32];

	if (!acks || sqlite3_prepare_v2(db, "SELECT count(*) FROM journal", -1, &all, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(db, "SELECT count(*) FROM journal WHERE guid = ?", -1, &one, NULL) != SQLITE_OK)
		die("check", sqlite3_errmsg(db));
	for (; fgets(line, sizeof line, acks); acked++) {
		bench_guid(run, strtoul(line, NULL, 10), guid);
		(void)sqlite3_bind_text(one, 1, guid, -1, SQLITE_TRANSIENT);
		missing += number_of(one) != 1;
	}
	rows = number_of(all);
	printf("acked=%lld rows=%lld missing=%lld\n", (long long)acked, (long long)rows, (long long)missing);
	(void)fclose(acks);
	(void)sqlite3_finalize(all);
	(void)sqlite3_finalize(one);
	(void)sqlite3_close(db);
	return missing != 0 || rows != acked;
}

static int drain(char **words)
{
	static struct box box;
	struct applied applied = {.more = true};
	struct err err = ERR_NONE;
	int64_t began, n = 0;
	double seconds;

	(void)snprintf(box.dir, sizeof box.dir, "%s", words[0]);
	box.steady = clock_steady(&box.start);
	open_store(&box);
	began = now_ns();
	while (applied.more) {
		if (!store_apply(&box.store, box.steady.wall(box.steady.self), APPLY_BATCH, &applied, &err))
			die("apply", err.text);
		n += (int64_t)applied.rows;
	}
	seconds = (double)(now_ns() - began) / 1e9;
	printf("applied=%lld rate=%.0f\n", (long long)n, (double)n / seconds);
	close_store(&box);
	return 0;
}

static int ascending(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static int probe(char **words)
{
	int64_t took[PROBES];
	char path[600], bytes[4096] = "";
	int fd;

	(void)snprintf(path, sizeof path, "%s/probe", words[0]);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	for (int i = 0; i < PROBES; i++) {
		took[i] = now_ns();
		if (pwrite(fd, bytes, sizeof bytes, 0) < 0 || fdatasync(fd) != 0)
			die("probe", path);
		took[i] = now_ns() - took[i];
	}
	(void)close(fd);
	(void)unlink(path);
	qsort(took, PROBES, sizeof took[0], ascending);
	printf("fdatasync_p50_us=%lld\n", (long long)(took[PROBES / 2] / 1000));
	return 0;
}

static const struct command {
	const char *name;
	int words;
	int (*run)(char **words);
} commands[] = {{"serve", 3, serve}, {"check", 3, check}, {"drain", 1, drain}, {"probe", 1, probe}};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
		if (argc == commands[i].words + 2 && strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argv + 2);
	(void)fputs(
		"usage: bench_serve serve verify|sink|store|apply DIR SECRET_FILE | check DIR ACKS RUN | drain DIR | "
		"probe DIR\n",
		stderr);
	return 2;
}
