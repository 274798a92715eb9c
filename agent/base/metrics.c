/*
 * Each row has a fixed array of pointers to series. A series is published by raising the row's count after it is
 * complete and never changes its labels again, so readers search without a lock; only making one takes it.
 */
#include "agent/base/metrics.h"

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>

#include "policy/memory.h"

#define LABEL_BYTES_MAX 100

struct series {
	struct text labels[METRIC_LABELS_MAX];
	_Atomic int64_t value; /* counter, gauge; histogram: observations */
	_Atomic int64_t sum;   /* milliseconds */
	_Atomic int64_t buckets[METRIC_BUCKETS_MAX];
};

struct family {
	struct series **series; /* row->series + 1 places: the last for "other" */
	_Atomic size_t n;
};

struct metrics {
	const struct metric_row *rows;
	size_t n;
	struct family *families;
	pthread_mutex_t lock; /* of making series, and of the arena */
	struct arena arena;
};

struct metrics *metrics_new(const struct metric_row *rows, size_t n)
{
	struct metrics *metrics = calloc(1, sizeof *metrics);

	if (!metrics || pthread_mutex_init(&metrics->lock, NULL) != 0)
		out_of_memory();
	metrics->rows = rows;
	metrics->n = n;
	metrics->families = arena_alloc(&metrics->arena, n, sizeof *metrics->families);
	for (size_t i = 0; i < n; i++) {
		assert(rows[i].n_buckets <= METRIC_BUCKETS_MAX);
		metrics->families[i].series =
			arena_alloc(&metrics->arena, (size_t)rows[i].series + 1, sizeof(struct series *));
	}
	return metrics;
}

void metrics_free(struct metrics *metrics)
{
	if (!metrics)
		return;
	(void)pthread_mutex_destroy(&metrics->lock);
	arena_release(&metrics->arena);
	free(metrics);
}

static size_t label_count(const struct metric_row *row)
{
	size_t n = 0;

	while (n < METRIC_LABELS_MAX && row->labels[n])
		n++;
	return n;
}

static struct text shortened(struct text t)
{
	return t.len > LABEL_BYTES_MAX ? (struct text){t.at, LABEL_BYTES_MAX} : t;
}

static struct series *search(struct metrics *metrics, size_t row, const struct text *labels)
{
	struct family *family = &metrics->families[row];
	size_t n = atomic_load_explicit(&family->n, memory_order_acquire), width = label_count(&metrics->rows[row]);

	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		while (k < width && text_eq(family->series[i]->labels[k], shortened(labels[k])))
			k++;
		if (k == width)
			return family->series[i];
	}
	return NULL;
}

/* With the lock held. */
static struct series *make(struct metrics *metrics, size_t row, const struct text *labels)
{
	struct family *family = &metrics->families[row];
	size_t n = atomic_load_explicit(&family->n, memory_order_relaxed);
	struct series *made;

	made = search(metrics, row, labels);
	if (made)
		return made;
	if (n > metrics->rows[row].series)
		return family->series[n - 1]; /* "other" */
	made = arena_alloc(&metrics->arena, 1, sizeof *made);
	for (size_t k = 0; k < label_count(&metrics->rows[row]); k++)
		made->labels[k] = n == metrics->rows[row].series ? TEXT_LIT("other")
								 : arena_text(&metrics->arena, shortened(labels[k]));
	family->series[n] = made;
	atomic_store_explicit(&family->n, n + 1, memory_order_release);
	return made;
}

static struct series *series_of(struct metrics *metrics, size_t row, const struct text *labels)
{
	struct series *series;

	assert(row < metrics->n);
	series = search(metrics, row, labels);
	if (series)
		return series;
	if (pthread_mutex_lock(&metrics->lock) != 0)
		abort();
	series = make(metrics, row, labels);
	if (pthread_mutex_unlock(&metrics->lock) != 0)
		abort();
	return series;
}

void metrics_add(struct metrics *metrics, size_t row, const struct text *labels, int64_t n)
{
	if (!metrics)
		return;
	assert(n >= 0 && metrics->rows[row].type == METRIC_COUNTER);
	(void)atomic_fetch_add(&series_of(metrics, row, labels)->value, n);
}

void metrics_set(struct metrics *metrics, size_t row, const struct text *labels, int64_t value)
{
	if (!metrics)
		return;
	assert(metrics->rows[row].type == METRIC_GAUGE);
	atomic_store(&series_of(metrics, row, labels)->value, value);
}

void metrics_observe(struct metrics *metrics, size_t row, const struct text *labels, int64_t ms)
{
	struct series *series;
	size_t bucket = 0;

	if (!metrics)
		return;
	assert(metrics->rows[row].type == METRIC_HISTOGRAM);
	if (ms < 0) /* the wall clock was set back */
		ms = 0;
	series = series_of(metrics, row, labels);
	while (bucket < metrics->rows[row].n_buckets && ms > metrics->rows[row].buckets[bucket])
		bucket++;
	if (bucket < metrics->rows[row].n_buckets)
		(void)atomic_fetch_add(&series->buckets[bucket], 1);
	(void)atomic_fetch_add(&series->sum, ms);
	(void)atomic_fetch_add(&series->value, 1);
}

int64_t metrics_value(struct metrics *metrics, size_t row, const struct text *labels)
{
	struct series *series = metrics ? search(metrics, row, labels) : NULL;

	return series ? atomic_load(&series->value) : 0;
}

/* ---- text ---- */

enum metrics_format metrics_format_of(struct text accept)
{
	return text_find(accept, TEXT_LIT("application/openmetrics-text")) != SIZE_MAX ? METRICS_OPENMETRICS
										       : METRICS_PROMETHEUS;
}

const char *metrics_content_type(enum metrics_format format)
{
	return format == METRICS_OPENMETRICS ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
					     : "text/plain; version=0.0.4; charset=utf-8";
}

struct page {
	FILE *out;
	enum metrics_format format;
	const struct metric_row *row;
};

static void put_label(struct page *page, const char *name, struct text value, const char *before)
{
	bool utf8 = text_utf8(value);

	(void)fprintf(page->out, "%s%s=\"", before, name);
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.at[i];

		if (c == '\n')
			(void)fprintf(page->out, "\\n");
		else if (c == '"' || c == '\\')
			(void)fprintf(page->out, "\\%c", c);
		else
			(void)fputc(c < 0x20 || c == 0x7f || (c >= 0x80 && !utf8) ? '?' : c, page->out);
	}
	(void)fprintf(page->out, "\"");
}

/* name{labels} with one more label, `le`, where it is given. */
static void put_head(struct page *page, const char *suffix, const struct series *series, const char *le)
{
	size_t n = label_count(page->row);

	(void)fprintf(page->out, "%s%s", page->row->name, suffix);
	for (size_t i = 0; i < n; i++)
		put_label(page, page->row->labels[i], series->labels[i], i == 0 ? "{" : ",");
	if (le)
		put_label(page, "le", text_of(le), n == 0 ? "{" : ",");
	(void)fprintf(page->out, "%s ", n > 0 || le ? "}" : "");
}

static void put_seconds(FILE *out, int64_t ms)
{
	(void)fprintf(out, "%" PRId64 ".%03d\n", ms / 1000, (int)(ms % 1000));
}

static void put_histogram(struct page *page, struct series *series)
{
	int64_t so_far = 0;
	char le[40];

	for (size_t i = 0; i < page->row->n_buckets; i++) {
		so_far += atomic_load(&series->buckets[i]);
		(void)snprintf(le, sizeof le, "%" PRId64 ".%03d", page->row->buckets[i] / 1000,
			       (int)(page->row->buckets[i] % 1000));
		put_head(page, "_bucket", series, le);
		(void)fprintf(page->out, "%" PRId64 "\n", so_far);
	}
	/* Read after the buckets, so that it is never below them. */
	so_far = atomic_load(&series->value) > so_far ? atomic_load(&series->value) : so_far;
	put_head(page, "_bucket", series, "+Inf");
	(void)fprintf(page->out, "%" PRId64 "\n", so_far);
	put_head(page, "_count", series, NULL);
	(void)fprintf(page->out, "%" PRId64 "\n", so_far);
	put_head(page, "_sum", series, NULL);
	put_seconds(page->out, atomic_load(&series->sum));
}

/* OpenMetrics names the family without _total, Prometheus with it. */
static void put_family(struct page *page, struct family *family)
{
	static const char *const types[] = {"counter", "gauge", "histogram"};
	bool counter = page->row->type == METRIC_COUNTER;
	const char *total = counter && page->format == METRICS_PROMETHEUS ? "_total" : "";
	size_t n = atomic_load_explicit(&family->n, memory_order_acquire);

	(void)fprintf(page->out, "# HELP %s%s %s\n# TYPE %s%s %s\n", page->row->name, total, page->row->help,
		      page->row->name, total, types[page->row->type]);
	for (size_t i = 0; i < n; i++) {
		if (page->row->type == METRIC_HISTOGRAM) {
			put_histogram(page, family->series[i]);
			continue;
		}
		put_head(page, counter ? "_total" : "", family->series[i], NULL);
		(void)fprintf(page->out, "%" PRId64 "\n", atomic_load(&family->series[i]->value));
	}
}

struct text metrics_text(struct metrics *metrics, enum metrics_format format, struct arena *arena)
{
	struct page page = {.format = format};
	char *bytes = NULL;
	size_t len = 0;
	struct text all;

	page.out = open_memstream(&bytes, &len);
	if (!page.out)
		out_of_memory();
	for (size_t i = 0; i < metrics->n; i++) {
		page.row = &metrics->rows[i];
		put_family(&page, &metrics->families[i]);
	}
	if (format == METRICS_OPENMETRICS)
		(void)fprintf(page.out, "# EOF\n");
	if (fclose(page.out) != 0)
		out_of_memory();
	all = arena_text(arena, (struct text){bytes, len});
	free(bytes);
	return all;
}
