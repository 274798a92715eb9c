/*
 * Check runs: of a commit, by an App. A required name is looked up among statuses and check runs alike, and where both
 * have it both must be good; skipped and neutral count as good.
 */
#include "tests/world/world_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { ANNOTATIONS_MAX = 50 };

/* ---- views ---- */

/* One that is not registered is known by its bot's number. */
json_t *world_app_of(struct world *w, const char *slug)
{
	json_t *app = json_object_get(w->apps, slug), *view;
	char *bot;

	if (app)
		return world_app_view(w, app);
	bot = world_text("%s[bot]", slug);
	view = world_own(json_pack("{s:I,s:s,s:s,s:s,s:o,s:s,s:s,s:s,s:s,s:{},s:[]}", "id",
				   world_int(world_user(w, bot), "id"), "slug", slug, "name", slug, "node_id", "A_0",
				   "owner", world_user_view(w, bot), "description", "", "external_url",
				   "https://app.example.test", "created_at", "2026-01-05T00:00:00Z", "updated_at",
				   "2026-01-05T00:00:00Z", "permissions", "events"));
	world_put(view, "html_url", world_jtext("%s/apps/%s", w->public_url, slug));
	free(bot);
	return view;
}

static json_t *text_or_null(json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);

	return json_is_string(value) ? json_incref(value) : json_null();
}

static json_t *output_of(struct world *w, const char *url, json_t *run)
{
	json_t *output = json_object_get(run, "output");

	(void)w;
	return world_own(json_pack("{s:o,s:o,s:o,s:I,s:o}", "title", text_or_null(output, "title"), "summary",
				   text_or_null(output, "summary"), "text", text_or_null(output, "text"),
				   "annotations_count",
				   (json_int_t)json_array_size(json_object_get(output, "annotations")),
				   "annotations_url", world_jtext("%s/annotations", url)));
}

static json_t *side_of(struct world *w, json_t *repo, const char *ref, const char *sha)
{
	const char *name = world_str(repo, "full_name"), *slash = strchr(name, '/');

	return world_own(json_pack("{s:s,s:s,s:{s:I,s:o,s:s}}", "ref", ref, "sha", sha, "repo", "id",
				   world_int(repo, "id"), "url", world_jtext("%s/repos/%s", w->public_url, name),
				   "name", slash ? slash + 1 : name));
}

/* Changes from forks are not named. */
static json_t *changes_at(struct world *w, json_t *repo, const char *sha)
{
	json_t *list = world_own(json_array()), *change;
	size_t i;

	json_array_foreach(world_list(repo, "changes"), i, change)
	{
		if (strcmp(world_str(change, "state"), "open") != 0 ||
		    strcmp(world_str(change, "head_sha"), sha) != 0 ||
		    world_int(change, "head_repo") != world_int(repo, "id"))
			continue;
		json_array_append_new(
			list,
			json_pack("{s:I,s:I,s:o,s:o,s:o}", "id", world_int(change, "id"), "number",
				  world_int(change, "number"), "url",
				  world_jtext("%s/repos/%s/pulls/%lld", w->public_url, world_str(repo, "full_name"),
					      (long long)world_int(change, "number")),
				  "head", side_of(w, repo, world_str(change, "head_ref"), sha), "base",
				  side_of(w, repo, world_str(change, "base_ref"), world_str(change, "base_sha"))));
	}
	return list;
}

json_t *world_check_view(struct world *w, json_t *repo, json_t *run)
{
	long long id = world_int(run, "id");
	const char *name = world_str(repo, "full_name"), *sha = world_str(run, "head_sha");
	char *url = world_text("%s/repos/%s/check-runs/%lld", w->public_url, name, id);
	json_t *view = world_own(json_pack(
		"{s:I,s:o,s:s,s:s,s:s,s:s,s:o,s:o,s:o,s:o,s:o}", "id", world_int(run, "id"), "node_id",
		world_jtext("CR_%lld", id), "head_sha", sha, "name", world_str(run, "name"), "status",
		world_str(run, "status"), "url", url, "external_id", text_or_null(run, "external_id"), "details_url",
		text_or_null(run, "details_url"), "conclusion", text_or_null(run, "conclusion"), "html_url",
		world_jtext("%s/%s/runs/%lld", w->public_url, name, id), "output", output_of(w, url, run)));

	world_put(view, "started_at", world_time_or_null(world_int(run, "started_at")));
	world_put(view, "completed_at", world_time_or_null(world_int(run, "completed_at")));
	world_put(view, "check_suite", json_pack("{s:I}", "id", world_int(run, "id") + 1000000));
	world_put(view, "app", world_app_of(w, world_str(run, "app")));
	world_put(view, "pull_requests", changes_at(w, repo, sha));
	free(url);
	return view;
}

/* ---- reading ---- */

json_t *world_checks(json_t *repo, const char *sha)
{
	json_t *list = json_object_get(world_map(repo, "checks"), sha), *ret = world_own(json_array());

	for (size_t i = json_array_size(list); i > 0; i--)
		json_array_append(ret, json_array_get(list, i - 1));
	return ret;
}

json_t *world_check_by_id(json_t *repo, json_int_t id)
{
	json_t *list, *one;
	const char *sha;
	size_t i;

	json_object_foreach(world_map(repo, "checks"), sha, list)
	{
		json_array_foreach(list, i, one)
		{
			if (world_int(one, "id") == id)
				return one;
		}
	}
	return NULL;
}

json_t *world_newest_check(json_t *repo, const char *sha, const char *name)
{
	json_t *list = json_object_get(world_map(repo, "checks"), sha), *one;

	for (size_t i = json_array_size(list); i > 0; i--) {
		one = json_array_get(list, i - 1);
		if (strcasecmp(world_str(one, "name"), name) == 0)
			return one;
	}
	return NULL;
}

bool world_check_is_good(json_t *run)
{
	static const char *const good[] = {"success", "skipped", "neutral"};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (strcmp(world_str(run, "status"), "completed") == 0 &&
		    strcmp(world_str(run, "conclusion"), good[i]) == 0)
			return true;
	return false;
}

/* ---- writing ---- */

static bool is_one_of(const char *word, const char *const *words)
{
	while (*words && strcmp(*words, word) != 0)
		words++;
	return *words != NULL;
}

static bool words_are_known(json_t *args)
{
	static const char *const states[] = {"", "queued", "in_progress", "completed", "waiting", "pending", NULL};
	static const char *const ends[] = {"",        "action_required", "cancelled", "failure", "neutral",
					   "success", "skipped",         "timed_out", NULL};

	return is_one_of(world_str(args, "status"), states) && is_one_of(world_str(args, "conclusion"), ends) &&
	       (strcmp(world_str(args, "status"), "completed") != 0 || world_str(args, "conclusion")[0]);
}

static bool output_is_whole(json_t *args)
{
	json_t *output = json_object_get(args, "output");

	return !output || (world_str(output, "summary")[0] &&
			   json_array_size(json_object_get(output, "annotations")) <= ANNOTATIONS_MAX);
}

/* What the request says; a conclusion completes the run. */
static void take(struct world_act *act, json_t *run)
{
	static const char *const keys[] = {"name", "status", "conclusion", "external_id", "details_url", "output"};
	json_t *value;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if ((value = json_object_get(act->args, keys[i])))
			world_put(run, keys[i], json_deep_copy(value));
	if (world_str(act->args, "conclusion")[0])
		world_put(run, "status", json_string("completed"));
	if (!world_str(run, "status")[0])
		world_put(run, "status", json_string("queued"));
	if (strcmp(world_str(run, "status"), "completed") == 0)
		world_put(run, "completed_at", json_integer(act->w->now_ms));
	else
		json_object_del(run, "completed_at");
}

static void tell(struct world_act *act, json_t *run, const char *action)
{
	world_emit_by(act, "check_run",
		      world_own(json_pack("{s:s,s:o}", "action", action, "check_run",
					  world_check_view(act->w, act->repo, run))));
}

static bool is_complete(json_t *run)
{
	return strcmp(world_str(run, "status"), "completed") == 0;
}

static bool may_be_written(struct world_act *act)
{
	if (!words_are_known(act->args))
		world_fail(act, 422, "Invalid request. status or conclusion is not one that is known.");
	else if (!output_is_whole(act->args))
		world_fail(act, 422, "Invalid request. output needs a summary and has at most 50 annotations.");
	return act->status == 0;
}

static json_t *made(struct world_act *act, const char *app)
{
	const char *sha = world_str(act->args, "head_sha");
	json_t *run = world_own(json_pack("{s:I,s:s,s:s,s:I}", "id", world_id(act->w, "check"), "app", app, "head_sha",
					  sha, "started_at", (json_int_t)act->w->now_ms));

	take(act, run);
	json_array_append_new(world_list(world_map(act->repo, "checks"), sha), run);
	return run;
}

static void settle(struct world_act *act, json_t *run)
{
	world_log(act->w, "check",
		  json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:I}", "repo", world_str(act->repo, "full_name"), "sha",
			    world_str(run, "head_sha"), "name", world_str(run, "name"), "status",
			    world_str(run, "status"), "conclusion", world_str(run, "conclusion"), "app",
			    world_str(run, "app"), "id", world_int(run, "id")));
	if (json_object_size(world_map(act->repo, "protected")) > 0)
		world_write_protection(act->w, act->repo);
	json_object_update_new(act->out, world_check_view(act->w, act->repo, run));
}

/* {"app"?: slug, "head_sha", "name", "status"?, "conclusion"?, "output"?, ...} */
void world_act_check_run(struct world_act *act)
{
	const char *app = world_str(act->args, "app")[0] ? world_str(act->args, "app") : "ci";
	const char *sha = world_str(act->args, "head_sha"), *asked_by = act->who;
	char *bot = world_text("%s[bot]", app), *message;
	json_t *run;

	act->who = bot;
	if (!world_str(act->args, "name")[0]) {
		world_fail(act, 422, "Invalid request. \"name\" wasn't supplied.");
	} else if (!world_has_commit(act->w, act->repo, sha)) {
		message = world_text("No commit found for SHA: %s", sha);
		world_fail(act, 422, message);
		free(message);
	} else if (may_be_written(act)) {
		run = made(act, app);
		tell(act, run, "created");
		if (is_complete(run))
			tell(act, run, "completed");
		settle(act, run);
	}
	act->who = asked_by;
	free(bot);
}

static json_t *run_of(struct world_act *act)
{
	json_t *run = world_check_by_id(act->repo, world_int(act->args, "id"));

	if (!run)
		world_fail(act, 404, "Not Found");
	return run;
}

/* {"id", ...}: changes a run, as the App that made it. */
void world_act_update_check(struct world_act *act)
{
	json_t *run = run_of(act);
	bool before = run && is_complete(run);
	const char *asked_by = act->who;
	char *bot;

	if (!run || !may_be_written(act))
		return;
	bot = world_text("%s[bot]", world_str(run, "app"));
	act->who = bot;
	take(act, run);
	if (is_complete(run) && !before)
		tell(act, run, "completed");
	settle(act, run);
	act->who = asked_by;
	free(bot);
}

/* {"id"}: `who` asks for it once more. Only the App that made it is told. */
void world_act_rerequest_check(struct world_act *act)
{
	json_t *run = run_of(act), *app = world_hooked_app(act->w);

	if (run && strcmp(world_str(run, "app"), app ? world_str(app, "slug") : "headgate") == 0)
		tell(act, run, "rerequested");
}
