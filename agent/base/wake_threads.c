/*
 * One mutex, and one condition per topic. A signal sets the topic's sticky bit, so that one sent between "nothing to
 * do" and wait() is never lost, and moves its generation, so that everybody who waits now wakes: several workers of
 * one kind share a burst. A look too many costs one read of the store; a look too few would hang the work.
 * Stopping is never taken back: every wait after it returns.
 */
#include "agent/base/wake.h"

#include <assert.h>
#include <pthread.h>

#include "policy/memory.h"

struct topic {
	pthread_cond_t changed;
	uint64_t generation;
	bool signalled;
};

struct wake_threads {
	pthread_mutex_t lock;
	struct topic topics[WAKE_TOPICS];
	bool stopping;
};

/* These calls fail only when the state is broken; going on would hang or race. */
static void must(int failed)
{
	if (failed != 0)
		abort();
}

struct wake_threads *wake_threads_new(void)
{
	struct wake_threads *wake = calloc(1, sizeof *wake);
	pthread_condattr_t monotonic;

	if (!wake)
		out_of_memory();
	must(pthread_mutex_init(&wake->lock, NULL));
	must(pthread_condattr_init(&monotonic));
	must(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC));
	for (size_t i = 0; i < WAKE_TOPICS; i++)
		must(pthread_cond_init(&wake->topics[i].changed, &monotonic));
	must(pthread_condattr_destroy(&monotonic));
	return wake;
}

void wake_threads_free(struct wake_threads *wake)
{
	if (!wake)
		return;
	for (size_t i = 0; i < WAKE_TOPICS; i++)
		must(pthread_cond_destroy(&wake->topics[i].changed));
	must(pthread_mutex_destroy(&wake->lock));
	free(wake);
}

static struct timespec timespec_of(int64_t ms)
{
	const int64_t max = INT64_C(1) << 40; /* some 35 years of uptime: beyond any deadline, inside any time_t */

	if (ms < 0)
		ms = 0;
	if (ms > max)
		ms = max;
	return (struct timespec){(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};
}

static void wait_for(void *self, enum wake_topic topic, int64_t deadline_ms)
{
	struct wake_threads *wake = self;
	struct timespec until = timespec_of(deadline_ms);
	struct topic *on;
	uint64_t generation;
	int failed = 0;

	assert(topic < WAKE_TOPICS);
	on = &wake->topics[topic];
	must(pthread_mutex_lock(&wake->lock));
	generation = on->generation;
	while (!on->signalled && on->generation == generation && !wake->stopping && failed == 0)
		failed = pthread_cond_timedwait(&on->changed, &wake->lock, &until); /* any failure ends the wait */
	on->signalled = false;
	must(pthread_mutex_unlock(&wake->lock));
}

static void signal_one(void *self, enum wake_topic topic)
{
	struct wake_threads *wake = self;

	assert(topic < WAKE_TOPICS);
	must(pthread_mutex_lock(&wake->lock));
	wake->topics[topic].signalled = true;
	wake->topics[topic].generation++;
	must(pthread_cond_broadcast(&wake->topics[topic].changed));
	must(pthread_mutex_unlock(&wake->lock));
}

static bool is_stopping(void *self)
{
	struct wake_threads *wake = self;
	bool stopping;

	must(pthread_mutex_lock(&wake->lock));
	stopping = wake->stopping;
	must(pthread_mutex_unlock(&wake->lock));
	return stopping;
}

struct wake_port wake_threads_port(struct wake_threads *wake)
{
	return (struct wake_port){wake, wait_for, signal_one, is_stopping};
}

void wake_threads_stop(struct wake_threads *wake)
{
	must(pthread_mutex_lock(&wake->lock));
	wake->stopping = true;
	for (size_t i = 0; i < WAKE_TOPICS; i++)
		must(pthread_cond_broadcast(&wake->topics[i].changed));
	must(pthread_mutex_unlock(&wake->lock));
}
