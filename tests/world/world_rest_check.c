#include "tests/world/world_rest.h"

#include <stdlib.h>
#include <string.h>

static json_t *run_of(struct world_call *call)
{
	char *end = NULL;
	long long id = strtoll(call->args[2], &end, 10);
	json_t *run = *end == 0 ? world_check_by_id(call->act.repo, id) : NULL;

	if (!run)
		world_fail(&call->act, 404, "Not Found");
	return run;
}

void world_get_check(struct world_call *call)
{
	json_t *run = run_of(call);

	if (run)
		world_answer(call, 200, world_check_view(call->act.w, call->act.repo, run));
}

static bool by_an_app(struct world_call *call)
{
	if (world_str(call->token, "app")[0])
		return true;
	world_fail(&call->act, 403, "You must authenticate via a GitHub App.");
	return false;
}

void world_post_check(struct world_call *call)
{
	if (!by_an_app(call))
		return;
	world_put(call->act.args, "app", json_string(world_str(call->token, "app")));
	world_act_check_run(&call->act);
	if (!call->act.status)
		call->response->status = 201;
}

void world_patch_check(struct world_call *call)
{
	json_t *run = by_an_app(call) ? run_of(call) : NULL;

	if (!run)
		return;
	world_put(call->act.args, "id", json_integer(world_int(run, "id")));
	if (strcmp(world_str(run, "app"), world_str(call->token, "app")) != 0)
		world_fail(&call->act, 403, "This check run can only be modified by the GitHub App that created it.");
	else
		world_act_update_check(&call->act);
}

/* The newest of its App and name, among those before it in the list (newest first)? */
static bool is_latest(json_t *all, size_t at)
{
	json_t *run = json_array_get(all, at), *one;

	for (size_t i = 0; i < at; i++) {
		one = json_array_get(all, i);
		if (strcmp(world_str(one, "name"), world_str(run, "name")) == 0 &&
		    strcmp(world_str(one, "app"), world_str(run, "app")) == 0)
			return false;
	}
	return true;
}

static bool is_wanted(json_t *view, json_t *query)
{
	const char *name = world_str(query, "check_name"), *status = world_str(query, "status");
	const char *app = world_str(query, "app_id");

	return (!name[0] || strcmp(name, world_str(view, "name")) == 0) &&
	       (!status[0] || strcmp(status, world_str(view, "status")) == 0) &&
	       (!app[0] || strtoll(app, NULL, 10) == world_int(json_object_get(view, "app"), "id"));
}

/* ?check_name, ?status, ?app_id, ?filter=latest|all */
void world_get_checks(struct world_call *call)
{
	json_t *query, *all, *list, *view;
	const char *sha = world_resolve(call, call->args[2]);
	json_int_t total;
	bool every;

	if (!sha[0]) {
		world_fail(&call->act, 422, "No commit found for the ref");
		return;
	}
	query = world_query(call->request->query);
	every = strcmp(world_str(query, "filter"), "all") == 0;
	all = world_checks(call->act.repo, sha);
	list = world_own(json_array());
	for (size_t i = 0; i < json_array_size(all); i++) {
		if (!every && !is_latest(all, i))
			continue;
		view = world_check_view(call->act.w, call->act.repo, json_array_get(all, i));
		if (is_wanted(view, query))
			json_array_append(list, view);
		json_decref(view);
	}
	json_decref(all);
	json_decref(query);
	total = (json_int_t)json_array_size(list);
	world_answer(call, 200, json_pack("{s:I,s:o}", "total_count", total, "check_runs", world_page(call, list)));
}
