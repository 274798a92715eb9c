#include "agent/base/wake.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "tests/support/suite.h"

#define LONG_MS 20000

static int64_t now(void)
{
	struct clock_port clock = clock_system();

	return clock.mono(clock.self);
}

START_TEST(a_signal_nobody_waits_for_is_kept)
{
	struct wake_threads *wake = wake_threads_new();
	struct wake_port port = wake_threads_port(wake);
	int64_t before = now();

	port.signal(port.self, WAKE_SLOTS);
	port.signal(port.self, WAKE_SLOTS);
	port.wait(port.self, WAKE_SLOTS, before + LONG_MS);
	ck_assert_int_lt(now() - before, LONG_MS / 2);
	before = now();
	port.wait(port.self, WAKE_SLOTS, before + 50); /* taken by the wait above */
	ck_assert_int_ge(now() - before, 50);
	wake_threads_free(wake);
}
END_TEST

START_TEST(a_topic_hears_only_its_own_signals)
{
	struct wake_threads *wake = wake_threads_new();
	struct wake_port port = wake_threads_port(wake);
	int64_t before = now();

	port.signal(port.self, WAKE_JOURNAL);
	port.wait(port.self, WAKE_SUBJECTS, before + 50);
	ck_assert_int_ge(now() - before, 50);
	wake_threads_free(wake);
}
END_TEST

START_TEST(a_deadline_that_passed_does_not_wait)
{
	struct wake_threads *wake = wake_threads_new();
	struct wake_port port = wake_threads_port(wake);
	int64_t before = now();

	port.wait(port.self, WAKE_JOURNAL, before - 1);
	port.wait(port.self, WAKE_JOURNAL, INT64_MIN);
	ck_assert_int_lt(now() - before, LONG_MS / 2);
	wake_threads_free(wake);
}
END_TEST

struct waiter {
	struct wake_port port;
	atomic_int *woken;
	int64_t deadline_ms;
};

static void *wait_once(void *arg)
{
	struct waiter *waiter = arg;

	waiter->port.wait(waiter->port.self, WAKE_SUBJECTS, waiter->deadline_ms);
	(void)atomic_fetch_add(waiter->woken, 1);
	return NULL;
}

START_TEST(stopping_wakes_everybody_and_lasts)
{
	struct wake_threads *wake = wake_threads_new();
	struct wake_port port = wake_threads_port(wake);
	atomic_int woken = 0;
	struct waiter waiter = {port, &woken, INT64_MAX};
	pthread_t threads[4];
	int64_t before = now();

	for (size_t i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, wait_once, &waiter), 0);
	ck_assert(!port.stopping(port.self));
	usleep(20000);
	wake_threads_stop(wake);
	for (size_t i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	ck_assert(port.stopping(port.self));
	port.wait(port.self, WAKE_SLOTS, INT64_MAX);
	ck_assert_int_lt(now() - before, LONG_MS / 2);
	wake_threads_free(wake);
}
END_TEST

START_TEST(a_signal_wakes_all_who_wait)
{
	struct wake_threads *wake = wake_threads_new();
	struct wake_port port = wake_threads_port(wake);
	atomic_int woken = 0;
	struct waiter waiter = {port, &woken, now() + LONG_MS};
	pthread_t threads[3];
	int64_t before = now();

	for (size_t i = 0; i < 3; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, wait_once, &waiter), 0);
	while (atomic_load(&woken) < 3 && now() - before < LONG_MS / 2) { /* who had not begun to wait hears the next */
		port.signal(port.self, WAKE_SUBJECTS);
		usleep(5000);
	}
	for (size_t i = 0; i < 3; i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	ck_assert_int_lt(now() - before, LONG_MS / 2);
	wake_threads_free(wake);
}
END_TEST

struct queue { /* a store in small: what is put is there before the signal */
	struct wake_port port;
	atomic_int put, taken;
};

static void *worker(void *arg)
{
	struct queue *queue = arg;

	while (!queue->port.stopping(queue->port.self)) {
		int seen = atomic_load(&queue->put);

		if (atomic_exchange(&queue->taken, seen) == seen)
			queue->port.wait(queue->port.self, WAKE_SUBJECTS, INT64_MAX);
	}
	return NULL;
}

START_TEST(no_signal_is_lost_between_a_look_and_a_wait)
{
	struct wake_threads *wake = wake_threads_new();
	struct queue queue = {.port = wake_threads_port(wake)};
	int64_t before = now();
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, worker, &queue), 0);
	for (int i = 1; i <= 5000; i++) {
		atomic_store(&queue.put, i);
		queue.port.signal(queue.port.self, WAKE_SUBJECTS);
		while (atomic_load(&queue.taken) != i && now() - before < LONG_MS)
			;
	}
	ck_assert_int_eq(atomic_load(&queue.taken), 5000);
	wake_threads_stop(wake);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	wake_threads_free(wake);
}
END_TEST

START_TEST(the_clocks_go_forward)
{
	struct clock_port clock = clock_system();
	int64_t wall = clock.wall(clock.self), mono = clock.mono(clock.self);

	ck_assert_int_gt(wall, 1700000000000);
	usleep(2000);
	ck_assert_int_ge(clock.mono(clock.self), mono + 1);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(a_signal_nobody_waits_for_is_kept),
	SUITE_TEST(a_topic_hears_only_its_own_signals),
	SUITE_TEST(a_deadline_that_passed_does_not_wait),
	SUITE_TEST(stopping_wakes_everybody_and_lasts),
	SUITE_TEST(a_signal_wakes_all_who_wait),
	SUITE_TEST(no_signal_is_lost_between_a_look_and_a_wait),
	SUITE_TEST(the_clocks_go_forward),
	SUITE_END,
};
SUITE_MAIN(tests)
