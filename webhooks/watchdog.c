#include "webhooks/watchdog.h"

#include <pthread.h>
#include <sys/socket.h>

#include "policy/memory.h"

#define LOOK_MS_MAX 1000

struct watch {
	struct watchdog *dog;
	struct watch *next, *before;
	int fd;
	bool paused, ended;
	int64_t since_ms;
};

struct watchdog {
	pthread_mutex_t lock; /* guards all that follows, and every watch */
	pthread_cond_t changed;
	bool stop;
	struct watch *watches;
	int64_t request_ms;
	pthread_t thread;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void end_old(struct watchdog *dog)
{
	int64_t now = now_ms();

	for (struct watch *w = dog->watches; w; w = w->next) {
		if (w->paused || w->ended || now - w->since_ms < dog->request_ms)
			continue;
		w->ended = true;
		shutdown(w->fd, SHUT_RDWR);
	}
}

static void *run(void *arg)
{
	struct watchdog *dog = arg;
	int64_t look_ms = dog->request_ms / 4 < LOOK_MS_MAX ? dog->request_ms / 4 + 1 : LOOK_MS_MAX;

	pthread_mutex_lock(&dog->lock);
	while (!dog->stop) {
		int64_t next = now_ms() + look_ms;
		struct timespec until = {.tv_sec = next / 1000, .tv_nsec = next % 1000 * 1000000};

		pthread_cond_timedwait(&dog->changed, &dog->lock, &until);
		end_old(dog);
	}
	pthread_mutex_unlock(&dog->lock);
	return NULL;
}

struct watchdog *watchdog_start(int64_t request_ms, struct err *err)
{
	struct watchdog *dog = calloc(1, sizeof(*dog));
	pthread_condattr_t monotonic;

	if (!dog)
		out_of_memory();
	dog->request_ms = request_ms;
	pthread_mutex_init(&dog->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&dog->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (pthread_create(&dog->thread, NULL, run, dog) == 0)
		return dog;
	err_set(err, ERR_RETRY, "the watchdog's thread does not start");
	pthread_cond_destroy(&dog->changed);
	pthread_mutex_destroy(&dog->lock);
	free(dog);
	return NULL;
}

void watchdog_stop(struct watchdog *dog)
{
	if (!dog)
		return;
	pthread_mutex_lock(&dog->lock);
	dog->stop = true;
	pthread_cond_signal(&dog->changed);
	pthread_mutex_unlock(&dog->lock);
	pthread_join(dog->thread, NULL);
	pthread_cond_destroy(&dog->changed);
	pthread_mutex_destroy(&dog->lock);
	free(dog);
}

struct watch *watch_add(struct watchdog *dog, int fd)
{
	struct watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		out_of_memory();
	watch->dog = dog;
	watch->fd = fd;
	watch->since_ms = now_ms();
	pthread_mutex_lock(&dog->lock);
	watch->next = dog->watches;
	if (watch->next)
		watch->next->before = watch;
	dog->watches = watch;
	pthread_mutex_unlock(&dog->lock);
	return watch;
}

void watch_restart(struct watch *watch)
{
	pthread_mutex_lock(&watch->dog->lock);
	watch->paused = false;
	watch->since_ms = now_ms();
	pthread_mutex_unlock(&watch->dog->lock);
}

void watch_pause(struct watch *watch)
{
	pthread_mutex_lock(&watch->dog->lock);
	watch->paused = true;
	pthread_mutex_unlock(&watch->dog->lock);
}

bool watch_ended(struct watch *watch)
{
	bool ended;

	pthread_mutex_lock(&watch->dog->lock);
	ended = watch->ended;
	pthread_mutex_unlock(&watch->dog->lock);
	return ended;
}

void watch_remove(struct watch *watch)
{
	struct watchdog *dog = watch->dog;

	pthread_mutex_lock(&dog->lock);
	if (watch->before)
		watch->before->next = watch->next;
	else
		dog->watches = watch->next;
	if (watch->next)
		watch->next->before = watch->before;
	pthread_mutex_unlock(&dog->lock);
	free(watch);
}
