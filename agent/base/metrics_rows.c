#include "agent/base/metrics.h"

static const int64_t judging[] = {10, 30, 100, 300, 1000, 3000, 10000, 30000, 120000};
static const int64_t feeling[] = {300, 1000, 2000, 5000, 10000, 30000, 60000, 300000, 1800000};
#define BUCKETS(a) a, sizeof(a) / sizeof((a)[0])

static const struct metric_row rows[METRICS] = {
	[METRIC_BUILD] = {"headgate_build_info", METRIC_GAUGE, "1, with the version", {"version"}, 1, NULL, 0},
	[METRIC_DELIVERIES] =
		{"headgate_webhook_deliveries", METRIC_COUNTER, "signed deliveries", {"event", "result"}, 200, NULL, 0},
	[METRIC_REFUSALS] =
		{"headgate_webhook_refusals", METRIC_COUNTER, "requests refused, by reason", {"reason"}, 100, NULL, 0},
	[METRIC_SECRET_USED] = {"headgate_webhook_secret_used",
				METRIC_COUNTER,
				"which webhook secret matched",
				{"secret"},
				8,
				NULL,
				0},
	[METRIC_EVALUATIONS] = {"headgate_evaluations", METRIC_COUNTER, "verdicts", {"verdict"}, 10, NULL, 0},
	[METRIC_EVALUATION_TIME] = {"headgate_evaluation_duration_seconds",
				    METRIC_HISTOGRAM,
				    "one judgement, from claim to conclusion",
				    {NULL},
				    1,
				    BUCKETS(judging)},
	[METRIC_POSTS] = {"headgate_status_posts", METRIC_COUNTER, "statuses sent", {"state", "outcome"}, 40, NULL, 0},
	[METRIC_HEAD_TO_STATUS] = {"headgate_head_to_status_seconds",
				   METRIC_HISTOGRAM,
				   "from the event or verdict that asked for a status to the forge taking it",
				   {NULL},
				   1,
				   BUCKETS(feeling)},
	[METRIC_QUEUE] = {"headgate_queue_depth", METRIC_GAUGE, "rows in the store, by state", {"state"}, 16, NULL, 0},
	[METRIC_QUEUE_OLDEST] = {"headgate_queue_oldest_seconds",
				 METRIC_GAUGE,
				 "age of the oldest waiting delivery",
				 {NULL},
				 1,
				 NULL,
				 0},
	[METRIC_IN_DOUBT] =
		{"headgate_statuses_in_doubt", METRIC_GAUGE, "statuses sent and not answered", {NULL}, 1, NULL, 0},
	[METRIC_FORGE_ERRORS] = {"headgate_forge_errors",
				 METRIC_COUNTER,
				 "judgements that could not read what they needed",
				 {"kind"},
				 16,
				 NULL,
				 0},
	[METRIC_FORGE_READS] = {"headgate_forge_reads",
				METRIC_COUNTER,
				"answers of the forge to reads: sent anew, or not modified and thus free",
				{"outcome"},
				4,
				NULL,
				0},
	[METRIC_FORGE_LEFT] =
		{"headgate_forge_rate_left",
		 METRIC_GAUGE,
		 "requests left of the forge's limit, by installation (0: a token file, or the app itself)",
		 {"installation"},
		 64,
		 NULL,
		 0},
	[METRIC_FORGE_HELD] = {"headgate_forge_requests_held",
			       METRIC_COUNTER,
			       "requests not sent yet, because the forge's limits ask for a pause",
			       {"installation"},
			       64,
			       NULL,
			       0},
	[METRIC_COMMITS] = {"headgate_store_commits", METRIC_COUNTER, "commits to disk", {NULL}, 1, NULL, 0},
	[METRIC_SWEEP] = {"headgate_sweep",
			  METRIC_COUNTER,
			  "repositories swept, changes nobody told of, statuses looked at by outcome, failures",
			  {"what"},
			  16,
			  NULL,
			  0},
	[METRIC_REDELIVERIES] =
		{"headgate_redeliveries",
		 METRIC_COUNTER,
		 "deliveries found failed, asked for again, refused, given up, arrived; lists cut, unread",
		 {"what"},
		 8,
		 NULL,
		 0},
};

const struct metric_row *metrics_rows(void)
{
	return rows;
}
