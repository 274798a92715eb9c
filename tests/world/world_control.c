/*
 * The control face: what people and tests do. Its own requests are not logged; what they cause is.
 */
#include "tests/world/world_rest.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	world_act_fn *run;
	bool homeless; /* needs no repository */
} acts[] = {
	{"user", world_act_user, true},
	{"token", world_act_token, true},
	{"team", world_act_team, true},
	{"org", world_act_org, true},
	{"app", world_act_app, true},
	{"manifest", world_act_manifest, true},
	{"install", world_act_install, true},
	{"uninstall", world_act_uninstall, true},
	{"suspend", world_act_suspend, true},
	{"unsuspend", world_act_unsuspend, true},
	{"accept_permissions", world_act_accept_permissions, true},
	{"select_repos", world_act_select_repos, true},
	{"repo", world_act_repo, true},
	{"fork", world_act_fork, false},
	{"delete_repo", world_act_delete_repo, false},
	{"rename", world_act_rename, false},
	{"transfer", world_act_transfer, false},
	{"rename_user", world_act_rename_user, true},
	{"size", world_act_size, false},
	{"policy", world_act_policy, false},
	{"permission", world_act_permission, false},
	{"branch", world_act_branch, false},
	{"commit", world_act_commit, false},
	{"verify", world_act_verify, false},
	{"push", world_act_push, false},
	{"force_push", world_act_force_push, false},
	{"open", world_act_open, false},
	{"approve", world_act_approve, false},
	{"request_changes", world_act_request_changes, false},
	{"comment_review", world_act_comment_review, false},
	{"dismiss", world_act_dismiss, false},
	{"edit_review", world_act_edit_review, false},
	{"rebind", world_act_rebind, false},
	{"comment", world_act_comment, false},
	{"retarget", world_act_retarget, false},
	{"edit", world_act_edit, false},
	{"draft", world_act_draft, false},
	{"ready", world_act_ready, false},
	{"close", world_act_close, false},
	{"reopen", world_act_reopen, false},
	{"label", world_act_label, false},
	{"unlabel", world_act_unlabel, false},
	{"forge_status", world_act_status, false},
	{"check_run", world_act_check_run, false},
	{"update_check", world_act_update_check, false},
	{"rerequest_check", world_act_rerequest_check, false},
	{"workflow_run", world_act_workflow_run, false},
	{"enqueue", world_act_enqueue, false},
	{"destroy_group", world_act_destroy_group, false},
	{"protect", world_act_protect, false},
	{"unprotect", world_act_unprotect, false},
	{"merge", world_act_merge, false},
	{"account", world_act_account, true},
	{"product", world_act_product, true},
	{"flag_type", world_act_flag_type, true},
	{"bug", world_act_bug, true},
	{"flag", world_act_flag, true},
	{"attachment", world_act_attachment, true},
	{"bug_comment", world_act_bug_comment, true},
	{"webhook", world_act_webhook, true},
	{"tree", world_act_tree, true},
};

/* What the act caused, for tests that follow one delivery. */
static void list_deliveries(struct world_call *call, json_int_t after)
{
	json_t *list = world_own(json_array()), *one;
	size_t i;

	json_array_foreach(call->act.w->hooks.list, i, one)
	{
		if (world_int(one, "id") > after)
			json_array_append_new(list,
					      json_pack("{s:s,s:s,s:s,s:s}", "guid", world_str(one, "guid"), "event",
							world_str(one, "event"), "action", world_str(one, "action"),
							"state", world_str(one, "state")));
	}
	world_put(call->act.out, "deliveries", list);
}

static void act(struct world_call *call)
{
	const char *name = world_str(call->act.args, "do");
	json_int_t before = world_id(call->act.w, "delivery");

	call->act.who = world_str(call->act.args, "who");
	call->act.repo = world_repo(call->act.w, world_str(call->act.args, "repo"));
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		if (strcmp(acts[i].name, name) != 0)
			continue;
		if (!acts[i].homeless && !call->act.repo)
			world_fail(&call->act, 404, "no such repository");
		else
			acts[i].run(&call->act);
		list_deliveries(call, before);
		return;
	}
	world_fail(&call->act, 422, "act: unknown `do`");
}

/* {"clear": true} forgets all faults. */
static void fault(struct world_call *call)
{
	if (world_true(call->act.args, "clear"))
		json_array_clear(call->act.w->faults);
	else if (!world_str(call->act.args, "endpoint")[0])
		world_fail(&call->act, 422, "fault needs an endpoint");
	else
		json_array_append(call->act.w->faults, call->act.args);
}

static void hooks(struct world_call *call)
{
	world_act_hooks(&call->act);
}

static void rate(struct world_call *call)
{
	world_act_rate(&call->act);
}

static void push(struct world_call *call)
{
	world_act_daemon(&call->act);
}

static void tracker(struct world_call *call)
{
	world_act_tracker(&call->act);
}

/* {"mark": name}: this moment, for faults that let it answer; {"clear": true} forgets all. */
static void past(struct world_call *call)
{
	const char *name = world_str(call->act.args, "mark");

	if (world_true(call->act.args, "clear"))
		world_forget_marks(call->act.w);
	else if (name[0])
		world_mark(call->act.w, name);
	else
		world_fail(&call->act, 422, "past needs a mark");
}

/* {"set": ms} | {"advance_ms": n} | {"real": bool} */
static void clock_face(struct world_call *call)
{
	struct world *w = call->act.w;
	json_t *args = call->act.args, *real = json_object_get(args, "real");

	if (json_object_get(args, "set"))
		w->now_ms = world_int(args, "set");
	w->now_ms += world_int(args, "advance_ms");
	if (real || json_object_get(args, "set") || json_object_get(args, "advance_ms"))
		w->real = json_is_true(real);
	world_put(call->act.out, "ms", json_integer(w->now_ms));
	world_put(call->act.out, "real", json_boolean(w->real));
}

static json_t *roles_of(struct world *w, json_t *repo)
{
	json_t *roles = world_own(json_object()), *user;
	const char *key;

	json_object_foreach(w->users, key, user)
		world_put(roles, world_str(user, "login"), json_string(world_role(w, repo, world_str(user, "login"))));
	return roles;
}

static json_t *statuses_of(struct world *w, json_t *repo)
{
	json_t *ret = world_own(json_object()), *views, *list, *one, *all;
	const char *sha;
	size_t i;

	json_object_foreach(world_map(repo, "statuses"), sha, all)
	{
		views = world_own(json_array());
		list = world_statuses(repo, sha);
		json_array_foreach(list, i, one) json_array_append_new(views, world_status_view(w, repo, one));
		json_decref(list);
		world_put(ret, sha, views);
	}
	return ret;
}

static json_t *changes_of(struct world *w, json_t *repo)
{
	json_t *list = world_own(json_array()), *change, *view, *reviews, *review;
	size_t i, k;

	json_array_foreach(world_list(repo, "changes"), i, change)
	{
		view = world_change_view(w, repo, change, true);
		reviews = world_own(json_array());
		json_array_foreach(world_list(change, "reviews"), k, review)
			json_array_append_new(reviews, world_review_view(w, repo, change, review));
		world_put(view, "reviews", reviews);
		json_array_append_new(list, view);
	}
	return list;
}

static void state(struct world_call *call)
{
	struct world *w = call->act.w;
	json_t *repos = world_map(call->act.out, "repos"), *repo;
	const char *key;

	world_put(call->act.out, "ms", json_integer(w->now_ms));
	world_put(call->act.out, "users", json_deep_copy(w->users));
	world_put(call->act.out, "teams", json_deep_copy(w->teams));
	json_object_foreach(w->repos, key, repo)
	{
		world_put(repos, world_str(repo, "full_name"),
			  json_pack("{s:I,s:O,s:o,s:o,s:o,s:O}", "id", world_int(repo, "id"), "refs",
				    world_map(repo, "refs"), "changes", changes_of(w, repo), "statuses",
				    statuses_of(w, repo), "permissions", roles_of(w, repo), "protected",
				    world_map(repo, "protected")));
	}
	world_bugs_state(w, call->act.out);
}

/* ?since=N: entries with a number above N. */
static void log_face(struct world_call *call)
{
	json_t *query = world_query(call->request->query), *entries = world_own(json_array()), *entry;
	json_int_t since = strtoll(world_str(query, "since"), NULL, 10);
	json_int_t queued = 0;
	size_t i;

	json_array_foreach(call->act.w->log, i, entry)
	{
		if (world_int(entry, "n") > since)
			json_array_append(entries, entry);
	}
	json_array_foreach(call->act.w->hooks.list, i, entry) queued +=
		strcmp(world_str(entry, "state"), "queued") == 0 || strcmp(world_str(entry, "state"), "sending") == 0;
	world_put(call->act.out, "entries", entries);
	world_put(call->act.out, "last", json_integer(call->act.w->log_last));
	world_put(call->act.out, "undelivered", json_integer(queued));
	world_put(call->act.out, "unpushed", json_integer((json_int_t)world_push_waiting(call->act.w)));
	json_decref(query);
}

void world_control(struct world_call *call, char **parts, size_t n)
{
	static const struct {
		const char *method, *name;
		void (*run)(struct world_call *call);
	} faces[] = {{"POST", "act", act},    {"POST", "fault", fault},      {"POST", "hooks", hooks},
		     {"POST", "rate", rate},  {"POST", "push", push},        {"POST", "tracker", tracker},
		     {"POST", "past", past},  {"POST", "clock", clock_face}, {"GET", "state", state},
		     {"GET", "log", log_face}};

	for (size_t i = 0; n == 1 && i < sizeof(faces) / sizeof(faces[0]); i++) {
		if (strcmp(faces[i].name, parts[0]) == 0 && strcmp(faces[i].method, call->request->method) == 0) {
			faces[i].run(call);
			return;
		}
	}
	world_fail(&call->act, 404, "Not Found");
}
