/*
 * Deliveries as their owner sees them afterwards: those that were attempted in the last three days, newest first, by a
 * cursor; what was never attempted is in no list. Asking for one more attempt sends the same body under the same GUID.
 */
#include "tests/world/world_rest.h"

#include <stdlib.h>
#include <string.h>

static const json_int_t kept_ms = 3 * INT64_C(86400000);
enum { HOOK_ID = 4242 };

/* Whose hook: the App that asks, or the repository of a world without Apps. */
static bool is_shown(struct world_call *call, json_t *delivery)
{
	struct world *w = call->act.w;

	if (strcmp(world_str(delivery, "state"), "done") != 0 ||
	    world_int(delivery, "delivered_at") <= w->now_ms - kept_ms)
		return false;
	if (call->app)
		return call->app == world_hooked_app(w);
	return !world_hooked_app(w) && world_int(delivery, "repo_id") == world_int(call->act.repo, "id");
}

static bool is_wanted(json_t *delivery, const char *status)
{
	json_int_t code = world_int(delivery, "status");

	if (strcmp(status, "success") == 0)
		return code >= 200 && code <= 399;
	return strcmp(status, "failure") != 0 || (code >= 400 && code <= 599);
}

static json_t *status_text(json_int_t code)
{
	if (code >= 200 && code <= 399)
		return json_string("OK");
	return code ? world_jtext("Invalid HTTP Response: %lld", (long long)code) : json_string("timed out");
}

static json_t *number_or_null(json_int_t number)
{
	return number ? json_integer(number) : json_null();
}

static json_t *view_of(json_t *delivery)
{
	const char *action = world_str(delivery, "action");
	json_int_t code = world_int(delivery, "status");

	return world_own(json_pack(
		"{s:I,s:s,s:o,s:b,s:f,s:o,s:I,s:s,s:o,s:o,s:o,s:n}", "id", world_int(delivery, "id"), "guid",
		world_str(delivery, "guid"), "delivered_at", world_time(world_int(delivery, "delivered_at")),
		"redelivery", world_true(delivery, "redelivery"), "duration",
		(double)world_int(delivery, "took_ms") / 1000.0, "status", status_text(code), "status_code", code,
		"event", world_str(delivery, "event"), "action", action[0] ? json_string(action) : json_null(),
		"installation_id", number_or_null(world_int(delivery, "installation")), "repository_id",
		number_or_null(world_int(delivery, "repo_id")), "throttled_at"));
}

/* Highest number below `before` among those shown; NULL: there is none. */
static json_t *next_older(struct world_call *call, const char *status, json_int_t before)
{
	json_t *best = NULL, *one;
	size_t i;

	json_array_foreach(call->act.w->hooks.list, i, one)
	{
		json_int_t id = world_int(one, "id");

		if (id < before && (!best || id > world_int(best, "id")) && is_shown(call, one) &&
		    is_wanted(one, status))
			best = one;
	}
	return best;
}

static void add_next(struct world_call *call, const char *status, long per, json_int_t last)
{
	world_put(call->response->headers, "Link",
		  world_jtext("<%s%s?per_page=%ld%s%s&cursor=v1_%lld>; rel=\"next\"", call->act.w->public_url,
			      call->request->path, per, status[0] ? "&status=" : "", status, (long long)last));
}

/* ?per_page, ?cursor, ?status=success|failure */
static void list(struct world_call *call)
{
	json_t *query = world_query(call->request->query), *page = world_own(json_array()), *one;
	const char *cursor = world_str(query, "cursor"), *status = world_str(query, "status");
	json_int_t before =
		cursor[0] ? strtoll(cursor + (strncmp(cursor, "v1_", 3) == 0 ? 3 : 0), NULL, 10) : INT64_MAX;
	long per = strtol(world_str(query, "per_page"), NULL, 10);

	per = per < 1 ? 30 : per > 100 ? 100 : per;
	while ((one = next_older(call, status, before)) && (long)json_array_size(page) < per) {
		json_array_append_new(page, view_of(one));
		before = world_int(one, "id");
	}
	if (one)
		add_next(call, status, per, before);
	world_answer(call, 200, page);
	json_decref(query);
}

static json_t *one_of(struct world_call *call, const char *number)
{
	char *end = NULL;
	long long id = strtoll(number, &end, 10);
	json_t *delivery = *end == 0 ? world_delivery_by_id(call->act.w, id) : NULL;

	if (delivery && is_shown(call, delivery))
		return delivery;
	world_fail(&call->act, 404, "Not Found");
	return NULL;
}

static void show(struct world_call *call, const char *number)
{
	json_t *delivery = one_of(call, number), *view, *payload;

	if (!delivery)
		return;
	view = view_of(delivery);
	payload = json_loads(world_str(delivery, "body"), 0, NULL);
	world_put(view, "url", json_string(call->act.w->hooks.url ? call->act.w->hooks.url : ""));
	world_put(view, "request",
		  json_pack("{s:o,s:o}", "headers", world_delivery_headers(call->act.w, delivery), "payload",
			    payload ? payload : json_null()));
	world_put(view, "response", json_pack("{s:{},s:s}", "headers", "payload", ""));
	world_answer(call, 200, view);
}

static void attempt(struct world_call *call, const char *number)
{
	json_t *delivery = one_of(call, number);

	if (!delivery)
		return;
	world_redeliver(call->act.w, delivery);
	world_answer(call, 202, json_object());
}

void world_get_deliveries(struct world_call *call)
{
	list(call);
}

void world_get_delivery(struct world_call *call)
{
	show(call, call->args[0]);
}

void world_post_attempt(struct world_call *call)
{
	attempt(call, call->args[0]);
}

/* ---- a repository's hook: owner, name, hook, delivery ---- */

static bool hook_is_known(struct world_call *call)
{
	if (strtol(call->args[2], NULL, 10) == HOOK_ID)
		return true;
	world_fail(&call->act, 404, "Not Found");
	return false;
}

void world_get_hook_deliveries(struct world_call *call)
{
	if (hook_is_known(call))
		list(call);
}

void world_get_hook_delivery(struct world_call *call)
{
	if (hook_is_known(call))
		show(call, call->args[3]);
}

void world_post_hook_attempt(struct world_call *call)
{
	if (hook_is_known(call))
		attempt(call, call->args[3]);
}
