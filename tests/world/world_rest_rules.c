/* What a branch asks for, as both of the forge's kinds of rules tell it. Only contexts are enforced (world_status.c).
 */
#include "tests/world/world_rest.h"

#include <stdlib.h>

static json_t *given(struct world_call *call)
{
	return json_object_get(world_map(call->act.repo, "protection"), call->args[2]);
}

static json_int_t app_id(struct world_call *call, const char *slug)
{
	json_t *app = world_app_of(call->act.w, slug);
	json_int_t id = world_int(app, "id");

	json_decref(app);
	return id;
}

/* [{"context", KEY: number}]; an app that nobody names is `nobody`, or left out where that is 0. */
static json_t *checks_view(struct world_call *call, const char *key, json_t *nobody)
{
	json_t *list = world_own(json_array()), *one, *required;
	size_t i;

	json_array_foreach(json_object_get(given(call), "contexts"), i, required)
	{
		const char *app = world_str(required, "app");

		one = json_pack("{s:s}", "context",
				json_is_string(required) ? json_string_value(required)
							 : world_str(required, "context"));
		if (app[0])
			world_put(one, key, json_integer(app_id(call, app)));
		else if (nobody)
			world_put(one, key, json_incref(nobody));
		json_array_append_new(list, world_own(one));
	}
	return list;
}

/* ---- rulesets ---- */

/* The rules that `protect` was given, and its contexts as one more. */
void world_get_branch_rules(struct world_call *call)
{
	json_t *list = world_own(json_array()), *checks = checks_view(call, "integration_id", NULL), *rule;
	const char *repo = world_str(call->act.repo, "full_name");
	size_t i;

	if (json_array_size(checks) > 0)
		json_array_append_new(list, json_pack("{s:s,s:{s:O,s:b}}", "type", "required_status_checks",
						      "parameters", "required_status_checks", checks,
						      "strict_required_status_checks_policy", 0));
	json_array_foreach(json_object_get(given(call), "rules"), i, rule)
		json_array_append_new(list, json_deep_copy(rule));
	json_array_foreach(list, i, rule)
	{
		world_put(rule, "ruleset_source_type", json_string("Repository"));
		world_put(rule, "ruleset_source", json_string(repo));
		world_put(rule, "ruleset_id", json_integer(1));
	}
	json_decref(checks);
	world_answer_page(call, list);
}

/* ---- branch protection ---- */

static json_t *contexts_of(json_t *checks)
{
	json_t *names = world_own(json_array()), *one;
	size_t i;

	json_array_foreach(checks, i, one) json_array_append(names, json_object_get(one, "context"));
	return names;
}

static json_t *statuses_view(struct world_call *call, const char *url)
{
	json_t *nobody = json_null(), *checks = checks_view(call, "app_id", nobody);

	return world_own(json_pack("{s:o,s:b,s:o,s:o,s:o}", "url", world_jtext("%s/required_status_checks", url),
				   "strict", world_true(given(call), "strict"), "contexts", contexts_of(checks),
				   "contexts_url", world_jtext("%s/required_status_checks/contexts", url), "checks",
				   checks));
}

static void put_switch(json_t *view, const char *name, json_t *url, bool is_on)
{
	json_t *one = json_pack("{s:b}", "enabled", is_on);

	if (url)
		world_put(one, "url", url);
	world_put(view, name, world_own(one));
}

void world_get_protection(struct world_call *call)
{
	json_t *rule = given(call), *view, *reviews;
	char *url = world_text("%s/repos/%s/branches/%s/protection", call->act.w->public_url,
			       world_str(call->act.repo, "full_name"), call->args[2]);

	if (!rule) {
		world_fail(&call->act, 404,
			   world_tip(call->act.repo, call->args[2])[0] ? "Branch not protected" : "Branch not found");
		free(url);
		return;
	}
	view = world_own(json_pack("{s:s}", "url", url));
	if (json_array_size(json_object_get(rule, "contexts")) > 0)
		world_put(view, "required_status_checks", statuses_view(call, url));
	reviews = json_object_get(rule, "reviews");
	if (reviews) {
		world_put(view, "required_pull_request_reviews", json_deep_copy(reviews));
		world_put(json_object_get(view, "required_pull_request_reviews"), "url",
			  world_jtext("%s/required_pull_request_reviews", url));
	}
	put_switch(view, "enforce_admins", world_jtext("%s/enforce_admins", url), world_true(rule, "admins"));
	put_switch(view, "required_signatures", world_jtext("%s/required_signatures", url),
		   world_true(rule, "signatures"));
	put_switch(view, "required_linear_history", NULL, world_true(rule, "linear"));
	put_switch(view, "allow_force_pushes", NULL, world_true(rule, "forced"));
	put_switch(view, "required_conversation_resolution", NULL, world_true(rule, "threads"));
	world_answer(call, 200, view);
	free(url);
}
