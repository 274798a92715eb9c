/*
 * bench_scan DELIVERIES [NODE_MODULES]: time of the scanner and of a whole normalisation beside jansson's parse, in one
 * interleaved run, so that a noisy machine hits all alike: over the corpus of our own (corpus.h; DELIVERIES is
 * tests/data/deliveries), and over recorded payloads (NODE_MODULES is that of tests/npm/fetch.sh). For each way the
 * median time, and jansson's time by its own, round by round: median, least and most. It is the facts' extraction
 * ("scan") that has a goal.
 */
#include <jansson.h>
#include <stdio.h>
#include <time.h>

#include "tests/bench/corpus.h"
#include "webhooks/normalize.h"
#include "webhooks/scan.h"

#define ROUNDS       21
#define PAYLOADS_MAX 1000
#define OWN          400

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
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double time_of(size_t way, const struct payload *payloads, size_t n)
{
	int64_t start = now_ns();

	for (size_t i = 0; i < n; i++)
		ways[way].run(&payloads[i]);
	return (double)(now_ns() - start) / 1000;
}

static void compare(const char *what, const struct payload *payloads, size_t n)
{
	static double took[WAYS][ROUNDS], ratio[WAYS][ROUNDS];
	size_t bytes = 0;

	for (size_t i = 0; i < n; i++)
		bytes += payloads[i].body.len;
	for (size_t round = 0; round < ROUNDS; round++)
		for (size_t way = 0; way < WAYS; way++) {
			took[way][round] = time_of(way, payloads, n);
			ratio[way][round] = took[0][round] / took[way][round];
		}
	printf("%s: %zu payloads, %zu bytes on average, n=%d\n", what, n, bytes / n, ROUNDS);
	for (size_t way = 0; way < WAYS; way++) {
		qsort(took[way], ROUNDS, sizeof took[way][0], order);
		qsort(ratio[way], ROUNDS, sizeof ratio[way][0], order);
		printf("  %-9s %8.2f us a payload, %6.0f MB/s, jansson takes %.1f times as long [%.1f-%.1f]\n",
		       ways[way].name, took[way][ROUNDS / 2] / (double)n, (double)bytes / took[way][ROUNDS / 2],
		       ratio[way][ROUNDS / 2], ratio[way][0], ratio[way][ROUNDS - 1]);
	}
}

int main(int argc, char **argv)
{
	static struct payload payloads[PAYLOADS_MAX];
	struct corpus corpus;
	size_t n;

	if (argc < 2 || argc > 3) {
		fputs("usage: bench_scan DELIVERIES [NODE_MODULES]\n", stderr);
		return 2;
	}
	corpus_make(&corpus, argv[1], OWN, NULL);
	for (size_t i = 0; i < corpus.n; i++)
		payloads[i] = (struct payload){text_of(corpus.at[i].event), {corpus.at[i].body, corpus.at[i].len}};
	compare("own mix", payloads, corpus.n);
	n = argc == 3 ? load(argv[2], payloads) : 0;
	if (n > 0)
		compare("recorded", payloads, n);
	corpus_free(&corpus);
	return 0;
}
