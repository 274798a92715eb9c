#include "agent/base/metrics.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/base/notify.h"
#include "agent/base/signals.h"
#include "tests/support/suite.h"

static const int64_t bounds[] = {100, 1000};
static const struct metric_row rows[] = {
	{"t_posts", METRIC_COUNTER, "posts", {"state", "code"}, 3, NULL, 0},
	{"t_depth", METRIC_GAUGE, "depth", {NULL}, 1, NULL, 0},
	{"t_seconds", METRIC_HISTOGRAM, "time", {"kind"}, 2, bounds, 2},
};
enum { POSTS, DEPTH, TIMES };

static void count(struct metrics *metrics, const char *state, const char *code)
{
	const struct text labels[] = {text_of(state), text_of(code)};

	metrics_add(metrics, POSTS, labels, 1);
}

START_TEST(the_text_is_exact_in_both_formats)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct metrics *metrics = metrics_new(rows, 3);
	const struct text kind = TEXT_LIT("judge");

	count(metrics, "success", "201");
	count(metrics, "success", "201");
	metrics_set(metrics, DEPTH, NULL, -4);
	metrics_observe(metrics, TIMES, &kind, 100);
	metrics_observe(metrics, TIMES, &kind, 101);
	metrics_observe(metrics, TIMES, &kind, 5000);
	ck_assert_str_eq(metrics_text(metrics, METRICS_OPENMETRICS, &arena).at,
			 "# HELP t_posts posts\n# TYPE t_posts counter\n"
			 "t_posts_total{state=\"success\",code=\"201\"} 2\n"
			 "# HELP t_depth depth\n# TYPE t_depth gauge\nt_depth -4\n"
			 "# HELP t_seconds time\n# TYPE t_seconds histogram\n"
			 "t_seconds_bucket{kind=\"judge\",le=\"0.100\"} 1\n"
			 "t_seconds_bucket{kind=\"judge\",le=\"1.000\"} 2\n"
			 "t_seconds_bucket{kind=\"judge\",le=\"+Inf\"} 3\n"
			 "t_seconds_count{kind=\"judge\"} 3\nt_seconds_sum{kind=\"judge\"} 5.201\n# EOF\n");
	ck_assert_ptr_nonnull(strstr(metrics_text(metrics, METRICS_PROMETHEUS, &arena).at,
				     "# HELP t_posts_total posts\n# TYPE t_posts_total counter\nt_posts_total{"));
	ck_assert_ptr_null(strstr(metrics_text(metrics, METRICS_PROMETHEUS, &arena).at, "# EOF"));
	metrics_free(metrics);
}
END_TEST

START_TEST(label_values_are_escaped)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct metrics *metrics = metrics_new(rows, 3);

	count(metrics, "a\"b\\c\nd\x01", "\xff");
	ck_assert_ptr_nonnull(strstr(metrics_text(metrics, METRICS_PROMETHEUS, &arena).at,
				     "{state=\"a\\\"b\\\\c\\nd?\",code=\"?\"} 1\n"));
	metrics_free(metrics);
}
END_TEST

START_TEST(label_sets_are_bounded)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct metrics *metrics = metrics_new(rows, 3);
	const struct text other[] = {TEXT_LIT("other"), TEXT_LIT("other")};
	char name[16], lines = 0;

	for (int i = 0; i < 100; i++) {
		(void)snprintf(name, sizeof name, "s%d", i);
		count(metrics, name, "x");
	}
	const char *at = metrics_text(metrics, METRICS_PROMETHEUS, &arena).at;

	for (; (at = strstr(at, "t_posts_total{")); at++)
		lines++;
	ck_assert_int_eq(lines, 4);
	ck_assert_int_eq(metrics_value(metrics, POSTS, other), 97);
	metrics_free(metrics);
}
END_TEST

static void *hammer(void *arg)
{
	static const char *const codes[] = {"1", "2", "3"};

	for (int i = 0; i < 3000; i++)
		count(arg, "s", codes[i % 3]);
	return NULL;
}

START_TEST(no_count_of_any_thread_is_lost)
{
	struct metrics *metrics = metrics_new(rows, 3);
	const struct text labels[] = {TEXT_LIT("s"), TEXT_LIT("2")};
	pthread_t threads[4];

	for (size_t i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, hammer, metrics), 0);
	for (size_t i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	ck_assert_int_eq(metrics_value(metrics, POSTS, labels), 4000);
	metrics_free(metrics);
}
END_TEST

START_TEST(the_agents_own_table_is_whole)
{
	const struct metric_row *own = metrics_rows();
	auto_arena struct arena arena = ARENA_EMPTY;
	struct metrics *metrics = metrics_new(own, METRICS);

	for (size_t i = 0; i < METRICS; i++) {
		ck_assert_int_eq(strncmp(own[i].name, "headgate_", 9), 0);
		ck_assert_uint_gt(own[i].series, 0);
		ck_assert_int_eq(own[i].type == METRIC_HISTOGRAM, own[i].n_buckets > 0);
		for (size_t k = 0; k < i; k++)
			ck_assert_str_ne(own[i].name, own[k].name);
	}
	ck_assert(text_ends(metrics_text(metrics, METRICS_OPENMETRICS, &arena), TEXT_LIT("# EOF\n")));
	metrics_free(metrics);
	metrics_add(NULL, 0, NULL, 1);
}
END_TEST

START_TEST(the_format_is_the_one_asked_for)
{
	ck_assert_int_eq(metrics_format_of(TEXT_LIT("application/openmetrics-text;version=1.0.0,*/*;q=0.1")),
			 METRICS_OPENMETRICS);
	ck_assert_int_eq(metrics_format_of(TEXT_LIT("*/*")), METRICS_PROMETHEUS);
	ck_assert_int_eq(metrics_format_of(TEXT_EMPTY), METRICS_PROMETHEUS);
}
END_TEST

START_TEST(readiness_reaches_the_manager)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	char folder[] = "/tmp/headgate-notify-XXXXXX", got[64] = "";

	(void)unsetenv("NOTIFY_SOCKET");
	ck_assert(notify_send(NOTIFY_READY));
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(address.sun_path, sizeof address.sun_path, "%s/s", folder);
	ck_assert_int_eq(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
	(void)setenv("NOTIFY_SOCKET", address.sun_path, 1);
	ck_assert(notify_send(NOTIFY_READY));
	ck_assert_int_eq(recv(fd, got, sizeof got - 1, 0), 7);
	ck_assert_str_eq(got, "READY=1");
	close(fd);
	(void)unlink(address.sun_path);
	(void)rmdir(folder);
	ck_assert(!notify_send(NOTIFY_STOPPING));
	(void)setenv("NOTIFY_SOCKET", "relative", 1);
	ck_assert(!notify_send(NOTIFY_STOPPING));
}
END_TEST

static const struct {
	const char *says, *pid, *fds;
	int n;
} handed[] = {
	{"nothing was handed over", NULL, NULL, 0},      {"meant for another process", "1", "1", 0},
	{"no process is named", NULL, "1", 0},           {"not a number", "us", "1x", 0},
	{"more than anybody hands over", "us", "99", 0}, {"one socket", "us", "1", 1},
};

START_TEST(sockets_are_taken_only_by_whom_they_are_meant_for)
{
	char pid[32];

	(void)snprintf(pid, sizeof pid, "%d", (int)getpid());
	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDS");
	if (handed[_i].pid)
		(void)setenv("LISTEN_PID", strcmp(handed[_i].pid, "us") == 0 ? pid : handed[_i].pid, 1);
	if (handed[_i].fds)
		(void)setenv("LISTEN_FDS", handed[_i].fds, 1);
	if (fcntl(NOTIFY_FIRST_FD, F_GETFD) < 0) /* else it is the test library's: as good as any */
		(void)dup2(STDERR_FILENO, NOTIFY_FIRST_FD);
	ck_assert_int_eq(notify_sockets(), handed[_i].n);
	ck_assert_ptr_null(getenv("LISTEN_FDS"));
	ck_assert_int_eq(notify_sockets(), 0);
}
END_TEST

START_TEST(the_watchdog_is_half_of_what_is_asked)
{
	(void)unsetenv("WATCHDOG_PID");
	(void)unsetenv("WATCHDOG_USEC");
	ck_assert_int_eq(notify_watchdog_ms(), 0);
	(void)setenv("WATCHDOG_USEC", "30000000", 1);
	ck_assert_int_eq(notify_watchdog_ms(), 15000);
	(void)setenv("WATCHDOG_PID", "1", 1);
	ck_assert_int_eq(notify_watchdog_ms(), 0);
}
END_TEST

START_TEST(signals_are_asked_for_and_do_not_interrupt)
{
	struct err err = ERR_NONE;
	struct signals *signals = signals_new(&err);

	ck_assert_ptr_nonnull(signals);
	ck_assert_int_eq(signals_wait(signals, 0), SIGNALS_NOTHING);
	(void)raise(SIGHUP);
	ck_assert_int_eq(signals_wait(signals, 5000), SIGNALS_RELOAD);
	(void)raise(SIGTERM);
	ck_assert_int_eq(signals_wait(signals, 5000), SIGNALS_STOP);
	ck_assert_int_eq(signals_wait(signals, 0), SIGNALS_NOTHING);
	signals_free(signals);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(the_text_is_exact_in_both_formats),
	SUITE_TEST(label_values_are_escaped),
	SUITE_TEST(label_sets_are_bounded),
	SUITE_TEST(no_count_of_any_thread_is_lost),
	SUITE_TEST(the_agents_own_table_is_whole),
	SUITE_TEST(the_format_is_the_one_asked_for),
	SUITE_TEST(readiness_reaches_the_manager),
	SUITE_ROWS(sockets_are_taken_only_by_whom_they_are_meant_for, handed),
	SUITE_TEST(the_watchdog_is_half_of_what_is_asked),
	SUITE_TEST(signals_are_asked_for_and_do_not_interrupt),
	SUITE_END,
};
SUITE_MAIN(tests)
