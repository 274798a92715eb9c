/*
 * Runs of workflows, as the forge's own CI makes them for a commit: a run keeps its number however often it is started
 * anew. Told to whoever hears of them: requested, in progress, completed.
 */
#include "tests/world/world_rest.h"

#include <string.h>

#include "tests/world/world_state.h"

static const char *const places[][2] = {{"jobs_url", "jobs"},
					{"logs_url", "logs"},
					{"cancel_url", "cancel"},
					{"rerun_url", "rerun"},
					{"artifacts_url", "artifacts"}};

static json_t *commit_of(struct world *w, json_t *repo, const char *sha)
{
	json_t *view = world_commit_view(w, repo, sha), *git = json_object_get(view, "commit"), *ret;
	json_t *author = json_object_get(git, "author"), *committer = json_object_get(git, "committer");

	if (!view)
		return json_null();
	ret = world_own(json_pack("{s:s,s:s,s:s,s:s,s:{s:s,s:s},s:{s:s,s:s}}", "id", sha, "tree_id",
				  world_str(json_object_get(git, "tree"), "sha"), "message", world_str(git, "message"),
				  "timestamp", world_str(committer, "date"), "author", "name",
				  world_str(author, "name"), "email", world_str(author, "email"), "committer", "name",
				  world_str(committer, "name"), "email", world_str(committer, "email")));
	json_decref(view);
	return ret;
}

static json_t *run_view(struct world *w, json_t *repo, json_t *run)
{
	long long id = world_int(run, "id");
	const char *name = world_str(repo, "full_name"), *conclusion = world_str(run, "conclusion");
	json_t *view = world_own(
		json_pack("{s:I,s:o,s:s,s:n,s:I,s:s,s:s,s:s,s:s,s:I,s:I,s:[]}", "id", world_int(run, "id"), "node_id",
			  world_jtext("WFR_%lld", id), "name", world_str(run, "path"), "head_branch", "run_number",
			  (json_int_t)1, "display_title", world_str(run, "path"), "event", world_str(run, "event"),
			  "status", world_str(run, "status"), "path", world_str(run, "path"), "workflow_id",
			  (json_int_t)1, "run_attempt", world_int(run, "attempt"), "pull_requests"));

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		world_put(view, places[i][0],
			  world_jtext("%s/repos/%s/actions/runs/%lld/%s", w->public_url, name, id, places[i][1]));
	world_put(view, "url", world_jtext("%s/repos/%s/actions/runs/%lld", w->public_url, name, id));
	world_put(view, "html_url", world_jtext("%s/%s/actions/runs/%lld", w->public_url, name, id));
	world_put(view, "check_suite_url", world_jtext("%s/repos/%s/check-suites/%lld", w->public_url, name, id));
	world_put(view, "workflow_url", world_jtext("%s/repos/%s/actions/workflows/1", w->public_url, name));
	world_put(view, "head_sha", json_string(world_str(run, "head_sha")));
	world_put(view, "conclusion", conclusion[0] ? json_string(conclusion) : json_null());
	world_put(view, "created_at", world_time(world_int(run, "at")));
	world_put(view, "updated_at", world_time(world_int(run, "at")));
	world_put(view, "head_commit", commit_of(w, repo, world_str(run, "head_sha")));
	world_put(view, "repository", world_repo_view(w, repo));
	world_put(view, "head_repository", world_repo_view(w, repo));
	return view;
}

static json_t *runs_of(json_t *repo)
{
	return world_list(repo, "workflow_runs");
}

static json_t *run_by_id(json_t *repo, json_int_t id)
{
	json_t *one;
	size_t i;

	json_array_foreach(runs_of(repo), i, one)
	{
		if (world_int(one, "id") == id)
			return one;
	}
	return NULL;
}

static json_t *made(struct world_act *act)
{
	const char *event = world_str(act->args, "event");
	json_t *run = world_own(json_pack("{s:I,s:s,s:s,s:s,s:I}", "id", world_id(act->w, "workflow_run"), "head_sha",
					  world_str(act->args, "head_sha"), "path", world_str(act->args, "path"),
					  "event", event[0] ? event : "pull_request", "attempt", (json_int_t)0));

	json_array_append_new(runs_of(act->repo), run);
	return run;
}

static void take(struct world_act *act, json_t *run)
{
	const char *status = world_str(act->args, "status"), *conclusion = world_str(act->args, "conclusion");

	if (conclusion[0])
		status = "completed";
	if (strcmp(status, "completed") != 0 && strcmp(world_str(run, "status"), "in_progress") != 0)
		world_put(run, "attempt", json_integer(world_int(run, "attempt") + 1));
	world_put(run, "status", json_string(status[0] ? status : "queued"));
	world_put(run, "conclusion", json_string(conclusion));
	world_put(run, "at", json_integer(act->w->now_ms));
}

static const char *action_of(json_t *run)
{
	const char *status = world_str(run, "status");

	return strcmp(status, "queued") == 0 ? "requested" : status;
}

/* {"path", "head_sha", "event"?, "status"?, "conclusion"?}; "id": a run that is there already */
void world_act_workflow_run(struct world_act *act)
{
	json_int_t id = world_int(act->args, "id");
	json_t *run = id ? run_by_id(act->repo, id) : NULL;

	if (id && !run) {
		world_fail(act, 404, "Not Found");
		return;
	}
	if (!run && (!world_str(act->args, "path")[0] ||
		     !world_has_commit(act->w, act->repo, world_str(act->args, "head_sha")))) {
		world_fail(act, 422, "A run needs the path of its workflow, and a commit.");
		return;
	}
	if (!run)
		run = made(act);
	take(act, run);
	world_emit_by(act, "workflow_run",
		      world_own(json_pack("{s:s,s:o}", "action", action_of(run), "workflow_run",
					  run_view(act->w, act->repo, run))));
	json_object_update_new(act->out, run_view(act->w, act->repo, run));
}

/* ?head_sha; newest first */
void world_get_runs(struct world_call *call)
{
	json_t *query = world_query(call->request->query), *all = runs_of(call->act.repo),
	       *list = world_own(json_array());
	const char *sha = world_str(query, "head_sha");
	json_int_t total;

	for (size_t i = json_array_size(all); i > 0; i--) {
		json_t *run = json_array_get(all, i - 1);

		if (!sha[0] || strcmp(sha, world_str(run, "head_sha")) == 0)
			json_array_append_new(list, run_view(call->act.w, call->act.repo, run));
	}
	json_decref(query);
	total = (json_int_t)json_array_size(list);
	world_answer(call, 200, json_pack("{s:I,s:o}", "total_count", total, "workflow_runs", world_page(call, list)));
}
