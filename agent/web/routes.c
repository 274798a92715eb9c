#include "agent/web/routes.h"

#define RECHECK_BODY_MAX ((size_t)4096)

static struct web_table table_of(const struct route *routes, size_t n, struct web *web, struct arena *arena)
{
	struct web_table table = {arena_alloc(arena, n, sizeof *routes), n};

	for (size_t i = 0; i < n; i++) {
		table.routes[i] = routes[i];
		table.routes[i].context = web;
	}
	return table;
}
#define TABLE(rows) (rows), sizeof(rows) / sizeof((rows)[0])

struct web_table web_public(struct web *web, struct arena *arena)
{
	static const struct route routes[] = {{"GET", "/", false, 0, pages_handle, NULL}};

	return table_of(TABLE(routes), web, arena);
}

struct web_table web_ops(struct web *web, struct arena *arena)
{
	static const struct route routes[] = {
		{"GET", "/healthz", false, 0, ops_healthz, NULL},
		{"GET", "/readyz", false, 0, ops_readyz, NULL},
		{"GET", "/metrics", false, 0, ops_metrics, NULL},
	};

	return table_of(TABLE(routes), web, arena);
}

struct web_table web_control(struct web *web, struct arena *arena)
{
	static const struct route routes[] = {
		{"GET", "/api/v1/commits/", false, 0, api_commits, NULL},
		{"GET", "/api/v1/changes/", false, 0, api_changes, NULL},
		{"GET", "/api/v1/deliveries", false, 0, api_deliveries, NULL},
		{"GET", "/api/v1/verdicts/", false, 0, api_verdicts, NULL},
		{"POST", "/api/v1/recheck", false, RECHECK_BODY_MAX, api_recheck, NULL},
		{"GET", "/api/v1/warnings", false, 0, api_warnings, NULL},
		{"GET", "/api/v1/alarms", false, 0, api_alarms, NULL},
		{"POST", "/api/v1/alarms", false, RECHECK_BODY_MAX, api_acknowledge, NULL},
	};

	return table_of(TABLE(routes), web, arena);
}

void web_refused(void *context, struct text guid, const struct refusal *refusal)
{
	const struct web *web = context;
	struct text reason = text_of(refusal->reason);
	struct log_field fields[] = {LOG_S("reason", refusal->reason), LOG_I("status", refusal->status),
				     LOG_T("delivery", guid), LOG_S("detail", refusal->detail), LOG_DONE};

	metrics_add(web->metrics, METRIC_REFUSALS, &reason, 1);
	log_event(web->log, LOG_WARN_LEVEL, "request refused", fields);
}
