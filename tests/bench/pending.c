/*
 * bench_pending: how long it takes from a push, as the sandbox forge made its event, until the forge has accepted the
 * first status of the new head, while other deliveries come in. The two real programs on loopback
 * (tests/support/rig.h): pushes go round over open changes through the forge; the rest of the hundred events a second,
 * comments, check runs and reviews that are remarks only, is sent beside them from an open loop. One line of key=value.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "tests/support/rig.h"

enum {
	CHANGES = 20,
	SECONDS = 10,
	PUSHES_PER_S = 5,
	OTHERS_PER_S = 95,
	PUSHES = SECONDS * PUSHES_PER_S,
	BODIES_MAX = 64
};

struct other {
	char event[32], *body;
};

struct bench {
	struct rig rig;
	struct other others[BODIES_MAX];
	size_t n_others;
	atomic_bool stop;
	unsigned sent, refused, late;
	struct {
		char sha[41], guid[48];
	} pushes[PUSHES];
	size_t n_pushes;
};

static _Noreturn void die(struct rig *rig, const char *why)
{
	(void)fprintf(stderr, "bench_pending: %s\n", why);
	(void)rig_stop(rig);
	exit(2);
}

static void failed(struct rig *rig, const char *why)
{
	rig->plan.failed = NULL;
	die(rig, why);
}

static const char *str(const json_t *entry, const char *key)
{
	const char *value = json_string_value(json_object_get(entry, key));

	return value ? value : "";
}

/* ---- the stage ---- */

static void open_changes(struct bench *b)
{
	json_decref(rig_act(&b->rig, "permission", "acme", "{\"login\":\"alice\",\"role\":\"write\"}"));
	json_decref(rig_act(&b->rig, "permission", "acme", "{\"login\":\"dave\",\"role\":\"write\"}"));
	for (int i = 0; i < CHANGES; i++) {
		json_decref(rig_act(&b->rig, "push", "alice",
				    "{\"branch\":\"t%d\",\"files\":{\"f%d\":\"0\"},\"message\":\"Begin\"}", i, i));
		json_decref(rig_act(&b->rig, "open", "alice",
				    "{\"head\":\"t%d\",\"base\":\"main\",\"title\":\"Change %d\"}", i, i));
	}
}

/* The other deliveries: as the forge made them once. */
static void collect_others(struct bench *b)
{
	static const char *const wanted[] = {"issue_comment", "check_run", "pull_request_review"};
	json_t *answer, *list;
	char tip[41];

	rig_tip(&b->rig, "t0", tip);
	for (int i = 1; i <= CHANGES; i++) {
		json_decref(rig_act(&b->rig, "comment", "dave", "{\"number\":%d,\"body\":\"Hm.\"}", i));
		json_decref(
			rig_act(&b->rig, "check_run", "dave", "{\"head_sha\":\"%s\",\"name\":\"build %d\"}", tip, i));
		if (i % 10 == 0)
			json_decref(rig_act(&b->rig, "comment_review", "dave", "{\"number\":%d,\"body\":\"Oh.\"}", i));
	}
	answer = rig_world(&b->rig, "hooks", "{\"do\":\"list\",\"bodies\":true}");
	list = json_object_get(answer, "deliveries");
	for (size_t i = 0; i < json_array_size(list) && b->n_others < BODIES_MAX; i++)
		for (size_t k = 0; k < sizeof wanted / sizeof wanted[0]; k++) {
			const json_t *one = json_array_get(list, i);
			struct other *other = &b->others[b->n_others];

			if (strcmp(str(one, "event"), wanted[k]) != 0 || b->n_others == BODIES_MAX)
				continue;
			(void)snprintf(other->event, sizeof other->event, "%s", wanted[k]);
			other->body = strdup(str(one, "body"));
			b->n_others++;
		}
	json_decref(answer);
	if (b->n_others == 0)
		die(&b->rig, "no deliveries to send");
}

/* ---- the load ---- */

static bool deliver(struct bench *b, unsigned n)
{
	const struct other *other = &b->others[n % b->n_others];
	char guid[64];
	struct rig_delivery delivery = {
		.event = other->event, .guid = guid, .body = other->body, .len = strlen(other->body)};
	struct rig_reply reply;
	bool ok;

	(void)snprintf(guid, sizeof guid, "0000beef-0000-4000-8000-%012u", n);
	ok = rig_deliver(&b->rig, &delivery, &reply) && reply.status == 202;
	rig_reply_clear(&reply);
	return ok;
}

static void *send_others(void *arg)
{
	struct bench *b = arg;
	int64_t began = rig_now();

	for (unsigned n = 0; !atomic_load(&b->stop); n++) {
		int64_t due = began + (int64_t)n * 1000 / OTHERS_PER_S, now = rig_now();

		if (due > now)
			rig_sleep((int)(due - now));
		b->late += now - due > 500;
		b->refused += !deliver(b, n);
		b->sent++;
	}
	return NULL;
}

static void push_one(struct bench *b, int n)
{
	json_t *answer = rig_act(&b->rig, "push", "alice",
				 "{\"branch\":\"t%d\",\"files\":{\"f%d\":\"%d\"},\"message\":\"Push %d\"}", n % CHANGES,
				 n % CHANGES, n + 1, n);
	const json_t *list = json_object_get(answer, "deliveries");

	(void)snprintf(b->pushes[b->n_pushes].sha, 41, "%s", str(answer, "sha"));
	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(str(json_array_get(list, i), "event"), "pull_request") == 0)
			(void)snprintf(b->pushes[b->n_pushes].guid, sizeof b->pushes[0].guid, "%s",
				       str(json_array_get(list, i), "guid"));
	b->n_pushes++;
	json_decref(answer);
}

static void push_all(struct bench *b)
{
	int64_t began = rig_now();

	for (int n = 0; n < PUSHES; n++) {
		int64_t due = began + (int64_t)n * 1000 / PUSHES_PER_S, now = rig_now();

		if (due > now)
			rig_sleep((int)(due - now));
		push_one(b, n);
	}
}

/* ---- figures ---- */

static int64_t time_in_log(const json_t *log, const char *kind, const char *key, const char *value, const char *time)
{
	for (size_t i = 0; i < json_array_size(log); i++) {
		const json_t *entry = json_array_get(log, i);

		if (strcmp(str(entry, "kind"), kind) == 0 && strcmp(str(entry, key), value) == 0 &&
		    (strcmp(kind, "post") != 0 || strcmp(str(entry, "context"), RIG_CONTEXT) == 0))
			return json_integer_value(json_object_get(entry, time));
	}
	return -1;
}

static int ascending(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static bool report(struct bench *b, double cpu)
{
	const json_t *log = rig_log(&b->rig);
	int64_t took[PUSHES];
	size_t n = 0;

	for (size_t i = 0; i < b->n_pushes; i++) {
		int64_t made = time_in_log(log, "delivery", "guid", b->pushes[i].guid, "made_at"),
			posted = time_in_log(log, "post", "sha", b->pushes[i].sha, "ms");

		if (made >= 0 && posted >= 0)
			took[n++] = posted - made;
	}
	qsort(took, n, sizeof took[0], ascending);
	printf("pushes=%zu told=%zu others=%u refused=%u late=%u p50_ms=%lld p90_ms=%lld max_ms=%lld cpu=%.2f\n",
	       b->n_pushes, n, b->sent, b->refused, b->late, n ? (long long)took[n / 2] : -1,
	       n ? (long long)took[n * 9 / 10] : -1, n ? (long long)took[n - 1] : -1, cpu);
	return n == b->n_pushes && b->refused == 0;
}

static double cpu_seconds(void)
{
	struct rusage use;

	(void)getrusage(RUSAGE_SELF, &use);
	return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
	       (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

int main(void)
{
	static struct bench b;
	struct rig_plan plan = {.failed = failed, .config = "sweep:\n  every: 1h\n"};
	pthread_t others;
	int64_t began;
	double cpu;
	bool ok;

	if (!rig_start(&b.rig, &plan))
		return 2;
	open_changes(&b);
	collect_others(&b);
	(void)rig_settle(&b.rig, 1000);
	cpu = cpu_seconds();
	began = rig_now();
	if (pthread_create(&others, NULL, send_others, &b) != 0)
		die(&b.rig, "no thread");
	push_all(&b);
	atomic_store(&b.stop, true);
	(void)pthread_join(others, NULL);
	cpu = (cpu_seconds() - cpu) * 1000 / (double)(rig_now() - began);
	(void)rig_settle(&b.rig, 1000);
	ok = report(&b, cpu);
	for (size_t i = 0; i < b.n_others; i++)
		free(b.others[i].body);
	return rig_stop(&b.rig) && ok ? 0 : 1;
}
