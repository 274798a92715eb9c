/*
 * Limits. The primary one is counted for each caller (a user, an installation, an App) from its first request on for
 * an hour of the world's; it is refused only once a test has set it, so that no long story ends at a number it never
 * chose. Secondary limits come when a test says so: the next requests, or more than so many writes in a minute.
 */
#include "tests/world/world_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOUR_MS = 3600 * 1000, MINUTE_MS = 60 * 1000, LIMIT = 5000 };

struct world_rate world_rate_new(void)
{
	return (struct world_rate){.limit = LIMIT,
				   .window_ms = HOUR_MS,
				   .status = 403,
				   .used = world_own(json_object()),
				   .writes = world_own(json_object())};
}

void world_rate_free(struct world_rate *rate)
{
	json_decref(rate->used);
	json_decref(rate->writes);
	json_decref(rate->secondary);
}

static void caller_of(const struct world_call *call, char ret[160])
{
	json_int_t installation = world_int(call->token, "installation");
	const char *user = world_str(call->token, "user");

	if (installation)
		snprintf(ret, 160, "installation ID %lld", (long long)installation);
	else
		snprintf(ret, 160, "%s %.120s", user[0] ? "user" : "app", call->act.who);
}

/* The caller's hour; begun when there is none, or it is over. */
static json_t *hour_of(const struct world_call *call)
{
	struct world *w = call->act.w;
	char who[160];
	json_t *hour;

	caller_of(call, who);
	hour = json_object_get(w->rate.used, who);
	if (hour && w->now_ms < world_int(hour, "since") + w->rate.window_ms)
		return hour;
	hour = world_own(json_pack("{s:I,s:I}", "since", (json_int_t)w->now_ms, "n", (json_int_t)0));
	world_put(w->rate.used, who, hour);
	return hour;
}

static json_int_t reset_of(const struct world *w, json_t *hour)
{
	return (world_int(hour, "since") + w->rate.window_ms + 999) / 1000;
}

static json_int_t left_of(const struct world *w, json_t *hour)
{
	json_int_t left = w->rate.limit - world_int(hour, "n"), least = w->rate.enforced ? 0 : 1;

	return left > least ? left : least;
}

/* ---- secondary limits ---- */

static void refuse_secondary(struct world_call *call, int status, json_int_t retry_after)
{
	world_fail(&call->act, status,
		   "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.");
	if (retry_after > 0)
		world_put(call->response->headers, "Retry-After", world_jtext("%lld", (long long)retry_after));
}

static bool secondary_is_due(struct world_call *call)
{
	struct world_rate *rate = &call->act.w->rate;
	json_int_t left = world_int(rate->secondary, "count"), status = world_int(rate->secondary, "status");

	if (!rate->secondary)
		return false;
	refuse_secondary(call, status ? (int)status : 403, world_int(rate->secondary, "retry_after"));
	if (left > 1) {
		world_put(rate->secondary, "count", json_integer(left - 1));
	} else if (left == 1) {
		json_decref(rate->secondary);
		rate->secondary = NULL;
	}
	return true;
}

/* The caller's writes of the last minute, oldest first. */
static json_t *recent_writes(const struct world_call *call)
{
	struct world *w = call->act.w;
	char who[160];
	json_t *list;

	caller_of(call, who);
	list = world_list(w->rate.writes, who);
	while (json_array_size(list) > 0 && json_integer_value(json_array_get(list, 0)) <= w->now_ms - MINUTE_MS)
		json_array_remove(list, 0);
	return list;
}

static bool writes_too_fast(struct world_call *call)
{
	struct world *w = call->act.w;
	json_t *list;
	json_int_t wait;

	if (w->rate.writes_per_minute <= 0 || strcmp(call->request->method, "GET") == 0)
		return false;
	list = recent_writes(call);
	if ((json_int_t)json_array_size(list) < w->rate.writes_per_minute) {
		json_array_append_new(list, json_integer(w->now_ms));
		return false;
	}
	wait = json_integer_value(json_array_get(list, 0)) + MINUTE_MS - w->now_ms;
	refuse_secondary(call, 403, (wait + 999) / 1000);
	return true;
}

/* ---- primary ---- */

static bool is_free(const struct world_call *call)
{
	const char *path = call->request->path;
	size_t len = strlen(path);

	return len >= 11 && strcmp(path + len - 11, "/rate_limit") == 0;
}

bool world_rate_takes(struct world_call *call)
{
	struct world_rate *rate = &call->act.w->rate;
	json_t *hour = hour_of(call);
	char who[160], *message;

	if (is_free(call))
		return true;
	if (secondary_is_due(call) || writes_too_fast(call))
		return false;
	if (rate->enforced && world_int(hour, "n") >= rate->limit) {
		caller_of(call, who);
		message = world_text("API rate limit exceeded for %s.", who);
		world_fail(&call->act, rate->status, message);
		free(message);
		return false;
	}
	world_put(hour, "n", json_integer(world_int(hour, "n") + 1));
	return true;
}

void world_rate_settle(struct world_call *call, bool given_back)
{
	struct world *w = call->act.w;
	json_t *hour = hour_of(call), *headers = call->response->headers;

	if (given_back && world_int(hour, "n") > 0)
		world_put(hour, "n", json_integer(world_int(hour, "n") - 1));
	world_put(headers, "x-ratelimit-limit", world_jtext("%lld", (long long)w->rate.limit));
	world_put(headers, "x-ratelimit-remaining", world_jtext("%lld", (long long)left_of(w, hour)));
	world_put(headers, "x-ratelimit-used", world_jtext("%lld", (long long)world_int(hour, "n")));
	world_put(headers, "x-ratelimit-reset", world_jtext("%lld", (long long)reset_of(w, hour)));
	world_put(headers, "x-ratelimit-resource", json_string("core"));
}

json_t *world_rate_view(struct world_call *call)
{
	struct world *w = call->act.w;
	json_t *hour = hour_of(call);
	json_t *core = world_own(json_pack("{s:I,s:I,s:I,s:I}", "limit", w->rate.limit, "remaining", left_of(w, hour),
					   "used", world_int(hour, "n"), "reset", reset_of(w, hour)));

	return world_own(json_pack("{s:{s:O,s:O},s:o}", "resources", "core", core, "search", core, "rate", core));
}

/* {"limit"?, "window_ms"?, "status"?: 403 or 429, "writes_per_minute"?, "secondary"?: {"status"?, "retry_after"?,
 * "count"?}} or {"clear": true}. What was counted so far is forgotten. */
void world_act_rate(struct world_act *act)
{
	struct world_rate *rate = &act->w->rate;
	json_t *secondary = json_object_get(act->args, "secondary");
	json_int_t limit = world_int(act->args, "limit"), window = world_int(act->args, "window_ms");

	if (world_true(act->args, "clear")) {
		world_rate_free(rate);
		*rate = world_rate_new();
		return;
	}
	json_object_clear(rate->used);
	rate->limit = limit > 0 ? limit : rate->limit;
	rate->enforced = rate->enforced || limit > 0;
	rate->window_ms = window > 0 ? window : rate->window_ms;
	rate->status = world_int(act->args, "status") == 429 ? 429 : 403;
	if (json_object_get(act->args, "writes_per_minute"))
		rate->writes_per_minute = world_int(act->args, "writes_per_minute");
	if (json_is_object(secondary)) {
		json_decref(rate->secondary);
		rate->secondary = world_own(json_deep_copy(secondary));
	}
}
