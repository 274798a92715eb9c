/*
 * One struct access for many workers: on fibers, where the order is known, and on threads.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "agent/forge/access.h"
#include "policy/memory.h"
#include "tests/support/fiber.h"
#include "tests/support/key_file.h"
#include "tests/support/suite.h"

#define WORKERS   6
#define START     INT64_C(1700000000000)
#define ASK_MS    1000 /* how long the forge takes */
#define LONG_MS   600000
#define INSTALLED 42

static char key_file[KEY_FILE_BYTES];

struct stage {
	struct fibers *fibers; /* NULL: threads */
	struct access *access;
	atomic_int asked, out, most_out;
	enum err_code fail; /* what the forge says; ERR_OK: a token */
	struct worker {
		struct stage *stage;
		int64_t deadline_ms, late_ms;
		enum err_code code;
		int64_t ended_at;
	} workers[WORKERS];
};

static enum err_code answer(void *self, const struct http_request *in, struct http_answer *out, struct err *err)
{
	struct stage *stage = self;
	int others = atomic_fetch_add(&stage->out, 1);

	atomic_fetch_add(&stage->asked, 1);
	if (others + 1 > atomic_load(&stage->most_out))
		atomic_store(&stage->most_out, others + 1);
	if (stage->fibers)
		fiber_sleep(stage->fibers, ASK_MS);
	else
		usleep(500);
	atomic_fetch_sub(&stage->out, 1);
	if (stage->fail)
		return err_set(err, stage->fail, "as told"), err->code;
	*out = (struct http_answer){
		201, NULL, 0,
		arena_text(in->arena, TEXT_LIT("{\"token\":\"ghs_1\",\"expires_at\":\"2033-05-18T03:33:20Z\"}")), true};
	return ERR_OK;
}

static struct access *app(struct clock_port clock, struct wake_port wake)
{
	struct access_config config = {
		.api_url = TEXT_LIT("https://forge.test"), .app_id = TEXT_LIT("1"), .key_file = text_of(key_file)};
	struct access_ports ports = {clock, clock, wake};
	struct err err = ERR_NONE;
	struct access *access = access_new(&config, &ports, &err);

	ck_assert_msg(access != NULL, "%s", err.text);
	return access;
}

static enum err_code take(struct stage *stage, int64_t deadline_ms)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct forge_call call = {{7, TEXT_LIT("o/r"), INSTALLED}, &arena, deadline_ms, 0};
	struct access_token token = {.installation = 0};
	struct err err = ERR_NONE;
	enum err_code code = access_take(stage->access, (struct http_port){stage, answer}, &call, &token, &err);

	ck_assert(code != ERR_OK || text_is(token.bytes, "ghs_1"));
	access_drop(&token);
	return code;
}

/* ---- fibers ---- */

static int64_t now(struct fibers *fibers)
{
	struct clock_port clock = fibers_clock(fibers);

	return clock.mono(clock.self);
}

static void work(void *arg)
{
	struct worker *w = arg;

	if (w->late_ms)
		fiber_sleep(w->stage->fibers, w->late_ms);
	w->code = take(w->stage, w->deadline_ms);
	w->ended_at = now(w->stage->fibers);
}

static void play(struct stage *stage, uint64_t seed)
{
	stage->fibers = fibers_new(seed, START);
	stage->access = app(fibers_clock(stage->fibers), fibers_wake(stage->fibers));
	for (size_t i = 0; i < WORKERS; i++) {
		struct worker *w = &stage->workers[i];

		w->stage = stage;
		if (!w->deadline_ms)
			w->deadline_ms = now(stage->fibers) + LONG_MS;
		fibers_add(stage->fibers, "worker", work, w);
	}
	ck_assert(fibers_run(stage->fibers, 100000));
}

static void end(struct stage *stage)
{
	access_free(stage->access);
	fibers_free(stage->fibers);
}

START_TEST(who_needs_the_same_token_waits_for_one_question)
{
	for (uint64_t seed = 1; seed <= 50; seed++) {
		struct stage stage = {.asked = 0};

		play(&stage, seed);
		ck_assert_int_eq(atomic_load(&stage.asked), 1);
		for (size_t i = 0; i < WORKERS; i++) {
			ck_assert_int_eq(stage.workers[i].code, ERR_OK);
			ck_assert_int_le(stage.workers[i].ended_at - now(stage.fibers), 0);
		}
		ck_assert_int_lt(now(stage.fibers), stage.workers[0].deadline_ms - LONG_MS + 2 * ASK_MS);
		end(&stage);
	}
}
END_TEST

START_TEST(a_refusal_is_asked_for_once_and_told_to_all)
{
	for (uint64_t seed = 1; seed <= 50; seed++) {
		struct stage stage = {.fail = ERR_LIMIT};

		play(&stage, seed);
		ck_assert_int_eq(atomic_load(&stage.asked), 1);
		for (size_t i = 0; i < WORKERS; i++)
			ck_assert_int_eq(stage.workers[i].code, ERR_LIMIT);
		end(&stage);
	}
}
END_TEST

START_TEST(after_a_lost_answer_the_others_ask_in_turn)
{
	struct stage stage = {.fail = ERR_RETRY};

	play(&stage, 1);
	ck_assert_int_eq(atomic_load(&stage.asked), WORKERS);
	ck_assert_int_eq(atomic_load(&stage.most_out), 1);
	end(&stage);
}
END_TEST

START_TEST(nobody_waits_beyond_his_own_deadline)
{
	struct stage stage = {.asked = 0};
	struct fibers *probe = fibers_new(1, START);
	int64_t begin = now(probe);

	fibers_free(probe);
	for (size_t i = 1; i < WORKERS; i++) {
		stage.workers[i].late_ms = 10;
		stage.workers[i].deadline_ms = begin + 300;
	}
	play(&stage, 1);
	ck_assert_int_eq(stage.workers[0].code, ERR_OK);
	for (size_t i = 1; i < WORKERS; i++) {
		ck_assert_int_eq(stage.workers[i].code, ERR_RETRY);
		ck_assert_int_le(stage.workers[i].ended_at, begin + 300);
	}
	ck_assert_int_eq(atomic_load(&stage.asked), 1);
	end(&stage);
}
END_TEST

/* ---- threads ---- */

#define ROUNDS 40

struct crowd {
	struct stage stage;
	struct clock_port clock;
	pthread_barrier_t barrier;
};

static void *run(void *arg)
{
	struct crowd *crowd = arg;

	for (int round = 0; round < ROUNDS; round++) {
		(void)pthread_barrier_wait(&crowd->barrier); /* forgotten */
		if (take(&crowd->stage, crowd->clock.mono(crowd->clock.self) + LONG_MS) != ERR_OK)
			abort();
		(void)pthread_barrier_wait(&crowd->barrier); /* all have one */
	}
	return NULL;
}

START_TEST(threads_ask_once_and_none_is_left_waiting)
{
	struct wake_threads *wake = wake_threads_new();
	struct crowd crowd = {.clock = clock_system()};
	pthread_t threads[WORKERS];

	crowd.stage.access = app(crowd.clock, wake_threads_port(wake));
	ck_assert_int_eq(pthread_barrier_init(&crowd.barrier, NULL, WORKERS + 1), 0);
	for (size_t i = 0; i < WORKERS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, run, &crowd), 0);
	for (int round = 0; round < ROUNDS; round++) {
		access_forget(crowd.stage.access, INSTALLED);
		(void)pthread_barrier_wait(&crowd.barrier);
		(void)pthread_barrier_wait(&crowd.barrier);
		ck_assert_int_eq(atomic_load(&crowd.stage.asked), round + 1);
	}
	for (size_t i = 0; i < WORKERS; i++)
		pthread_join(threads[i], NULL);
	(void)pthread_barrier_destroy(&crowd.barrier);
	access_free(crowd.stage.access);
	wake_threads_free(wake);
}
END_TEST

static const struct suite_test tests[] = {SUITE_TEST(who_needs_the_same_token_waits_for_one_question),
					  SUITE_TEST(a_refusal_is_asked_for_once_and_told_to_all),
					  SUITE_TEST(after_a_lost_answer_the_others_ask_in_turn),
					  SUITE_TEST(nobody_waits_beyond_his_own_deadline),
					  SUITE_TEST(threads_ask_once_and_none_is_left_waiting),
					  SUITE_END};

int main(int argc, char **argv)
{
	EVP_PKEY *key = key_rsa(2048);
	int code;

	key_file_write(key_file, key, NULL);
	EVP_PKEY_free(key);
	code = suite_main(argc, argv, tests);
	(void)unlink(key_file);
	return code;
}
