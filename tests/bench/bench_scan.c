/*
 * bench_scan DIR: time of the scanner and of a whole normalisation beside jansson's parse over recorded payloads, in
 * one interleaved run, so that a noisy machine hits all alike. DIR is the node_modules of tests/npm/fetch.sh. Prints
 * the median over rounds of each total and the ratios. Not a test: figures depend on the machine.
 */
#include <jansson.h>
#include <stdio.h>
#include <time.h>

#include "webhooks/normalize.h"
#include "webhooks/scan.h"

#define ROUNDS       21
#define PAYLOADS_MAX 1000

static const char *const paths[] = {
	"action",
	"installation.id",
	"repository.id",
	"repository.full_name",
	"sender.id",
	"sender.login",
	"pull_request.number",
	"pull_request.head.sha",
	"pull_request.base.ref",
	"pull_request.state",
	"review.state",
	"review.user.id",
	"before",
	"after",
	"ref",
};
#define N_PATHS (sizeof paths / sizeof paths[0])

struct payload {
	struct text event, body;
};

static int64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static size_t load(const char *dir, struct payload *to)
{
	char path[1024];
	json_t *events;
	size_t n = 0;

	(void)snprintf(path, sizeof path, "%s/@octokit/webhooks-examples/api.github.com/index.json", dir);
	events = json_load_file(path, 0, NULL); /* kept until the end */
	for (size_t i = 0; i < json_array_size(events); i++) {
		const json_t *event = json_array_get(events, i), *examples = json_object_get(event, "examples");

		for (size_t k = 0; k < json_array_size(examples) && n < PAYLOADS_MAX; k++)
			to[n++] = (struct payload){text_of(json_string_value(json_object_get(event, "name"))),
						   text_of(json_dumps(json_array_get(examples, k), JSON_COMPACT))};
	}
	return n;
}

static void by_jansson(const struct payload *p)
{
	json_decref(json_loadb(p->body.at, p->body.len, 0, NULL));
}

static void by_scan(const struct payload *p)
{
	const struct scan_plan *plan = scan_plan_new(paths, N_PATHS);
	auto_arena struct arena arena = ARENA_EMPTY;
	struct scan_value values[N_PATHS];
	struct err err;

	if (!scan_run(plan, p->body, &arena, values, &err))
		puts(err.text);
	scan_plan_free(plan);
}

static void by_normalize(const struct payload *p)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct delivery d = {0};
	struct err err;

	if (!normalize_github(p->event, p->body, &arena, &d, &err))
		puts(err.text);
}

static const struct {
	const char *name;
	void (*run)(const struct payload *p);
} ways[] = {{"jansson", by_jansson}, {"scan", by_scan}, {"normalize", by_normalize}};
#define WAYS (sizeof ways / sizeof ways[0])

static int order(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	static struct payload payloads[PAYLOADS_MAX];
	static int64_t took[WAYS][ROUNDS];
	size_t n = argc == 2 ? load(argv[1], payloads) : 0, bytes = 0;

	if (n == 0) {
		fputs("usage: bench_scan NODE_MODULES\n", stderr);
		return 2;
	}
	for (size_t i = 0; i < n; i++)
		bytes += payloads[i].body.len;
	for (size_t round = 0; round < ROUNDS; round++)
		for (size_t way = 0; way < WAYS; way++) {
			int64_t start = now_ns();

			for (size_t i = 0; i < n; i++)
				ways[way].run(&payloads[i]);
			took[way][round] = now_ns() - start;
		}
	for (size_t way = 0; way < WAYS; way++)
		qsort(took[way], ROUNDS, sizeof took[way][0], order);
	printf("%zu payloads, %zu bytes, median of %d rounds\n", n, bytes, ROUNDS);
	for (size_t way = 0; way < WAYS; way++)
		printf("%-9s %8.2f us a payload, %6.0f MB/s, 1/%.1f of jansson\n", ways[way].name,
		       (double)took[way][ROUNDS / 2] / 1000 / (double)n,
		       (double)bytes * 1000 / (double)took[way][ROUNDS / 2],
		       (double)took[0][ROUNDS / 2] / (double)took[way][ROUNDS / 2]);
	return 0;
}
