/*
 * metrics: counters, gauges and histograms, by a table of rows. A row has up to three labels; label values may come
 * from outside, so each row keeps at most `series` of them: what comes later is counted under "other". Never a bug
 * number, a user or a SHA as a label.
 *
 * Owns its series; any thread. Values are atomic; only a new label set takes a lock. Durations are milliseconds here
 * and seconds in the text.
 */
#ifndef AGENT_BASE_METRICS_H
#define AGENT_BASE_METRICS_H

#include "policy/arena.h"

#define METRIC_LABELS_MAX  3
#define METRIC_BUCKETS_MAX 16

enum metric_type { METRIC_COUNTER = 0, METRIC_GAUGE, METRIC_HISTOGRAM };

struct metric_row {
	const char *name; /* "headgate_status_posts": the text adds _total, _bucket and the like */
	enum metric_type type;
	const char *help;
	const char *labels[METRIC_LABELS_MAX]; /* NULL from the first unused one */
	unsigned series;                       /* at most this many label sets, "other" besides */
	const int64_t *buckets;                /* METRIC_HISTOGRAM: upper bounds in milliseconds, ascending, ... */
	size_t n_buckets;
};

struct metrics;
struct metrics *metrics_new(const struct metric_row *rows, size_t n); /* rows are borrowed until metrics_free */
void metrics_free(struct metrics *metrics);                           /* takes NULL */

/* labels: as many as the row has; NULL where it has none. NULL metrics: silent. `row` is an index into the table. */
void metrics_add(struct metrics *metrics, size_t row, const struct text *labels, int64_t n); /* n >= 0 */
void metrics_set(struct metrics *metrics, size_t row, const struct text *labels, int64_t value);
void metrics_observe(struct metrics *metrics, size_t row, const struct text *labels, int64_t ms);

/* The value of a counter or gauge, the count of a histogram; 0 for a label set never seen. */
int64_t metrics_value(struct metrics *metrics, size_t row, const struct text *labels);

enum metrics_format { METRICS_PROMETHEUS = 0, METRICS_OPENMETRICS };
enum metrics_format metrics_format_of(struct text accept); /* the request's Accept */
const char *metrics_content_type(enum metrics_format format);
struct text metrics_text(struct metrics *metrics, enum metrics_format format, struct arena *arena);

/* headgate's own table (metrics_rows.c). */
enum metric {
	METRIC_BUILD = 0,
	METRIC_DELIVERIES,  /* event, result */
	METRIC_REFUSALS,    /* reason */
	METRIC_SECRET_USED, /* secret: its index */
	METRIC_EVALUATIONS, /* verdict */
	METRIC_EVALUATION_TIME,
	METRIC_POSTS, /* state, outcome */
	METRIC_HEAD_TO_STATUS,
	METRIC_QUEUE,        /* state */
	METRIC_QUEUE_OLDEST, /* seconds */
	METRIC_OWED_OLDEST,  /* seconds */
	METRIC_IN_DOUBT,
	METRIC_FORGE_ERRORS, /* kind */
	METRIC_FORGE_READS,  /* outcome */
	METRIC_FORGE_LEFT,   /* installation */
	METRIC_FORGE_HELD,   /* installation */
	METRIC_COMMITS,      /* of the store */
	METRIC_STORE_FAILING,
	METRIC_LOG_DROPPED,
	METRIC_WORKER_STUCK,
	METRIC_SWEEP,            /* what */
	METRIC_ALARMS,           /* kind */
	METRIC_ALARMS_OPEN,      /* kind */
	METRIC_REDELIVERIES,     /* what */
	METRIC_TRACKER_REQUESTS, /* tracker, what */
	METRIC_TRACKER_HEALTHY,  /* tracker */
	METRIC_TOKEN_USED,       /* tracker, token: its index */
	METRIC_TRACKER_DEEDS,    /* tracker, what */
	METRIC_HOOK_QUESTIONS,   /* answer */
	METRICS
};
const struct metric_row *metrics_rows(void); /* METRICS of them */

#endif
