/*
 * Statuses belong to (commit, context), contexts compare without case; and protection, which asks for the newest
 * status of each required context to be success.
 */
#include "tests/world/world_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

json_t *world_status_view(struct world *w, json_t *repo, json_t *status)
{
	return world_own(json_pack("{s:I,s:o,s:s,s:O,s:O,s:s,s:o,s:o,s:o,s:o,s:s}", "id", world_int(status, "id"),
				   "node_id", world_jtext("SC_%lld", (long long)world_int(status, "id")), "state",
				   world_str(status, "state"), "description", json_object_get(status, "description"),
				   "target_url", json_object_get(status, "target_url"), "context",
				   world_str(status, "context"), "created_at", world_time(world_int(status, "at")),
				   "updated_at", world_time(world_int(status, "at")), "creator",
				   world_user_view(w, world_str(status, "who")), "url",
				   world_jtext("%s/repos/%s/statuses/%s", w->public_url, world_str(repo, "full_name"),
					       world_str(status, "sha")),
				   "avatar_url", ""));
}

json_t *world_statuses(json_t *repo, const char *sha)
{
	json_t *list = json_object_get(world_map(repo, "statuses"), sha), *ret = world_own(json_array());

	for (size_t i = json_array_size(list); i > 0; i--)
		json_array_append(ret, json_array_get(list, i - 1));
	return ret;
}

static json_t *newest(json_t *repo, const char *sha, const char *context)
{
	json_t *list = json_object_get(world_map(repo, "statuses"), sha), *one;

	for (size_t i = json_array_size(list); i > 0; i--) {
		one = json_array_get(list, i - 1);
		if (strcasecmp(world_str(one, "context"), context) == 0)
			return one;
	}
	return NULL;
}

static const char *state_of(size_t contexts, size_t failed, size_t pending)
{
	if (failed)
		return "failure";
	return pending || contexts == 0 ? "pending" : "success";
}

json_t *world_combined(struct world *w, json_t *repo, const char *sha)
{
	json_t *all = world_statuses(repo, sha), *list = world_own(json_array()), *one, *view;
	size_t i, failed = 0, pending = 0;
	const char *state;

	json_array_foreach(all, i, one)
	{
		state = world_str(one, "state");
		if (newest(repo, sha, world_str(one, "context")) != one)
			continue;
		failed += strcmp(state, "failure") == 0 || strcmp(state, "error") == 0;
		pending += strcmp(state, "pending") == 0;
		view = world_status_view(w, repo, one);
		json_object_del(view, "creator"); /* the combined view has none */
		json_array_append_new(list, view);
	}
	json_decref(all);
	i = json_array_size(list);
	return world_own(json_pack("{s:s,s:s,s:I,s:o,s:o}", "state", state_of(i, failed, pending), "sha", sha,
				   "total_count", (json_int_t)i, "statuses", list, "repository",
				   world_repo_view(w, repo)));
}

static json_t *rule_of(json_t *repo, const char *branch)
{
	return json_object_get(world_map(repo, "protected"), branch);
}

bool world_is_protected(json_t *repo, const char *branch)
{
	return rule_of(repo, branch) != NULL;
}

static const char *name_of(const json_t *required)
{
	return json_is_string(required) ? json_string_value(required) : world_str(required, "context");
}

/* Said by the App that the rule expects, if it expects one? */
static bool is_from(const json_t *required, const char *who)
{
	const char *app = world_str(required, "app");
	size_t len = strlen(app);

	return !app[0] || (strncmp(who, app, len) == 0 && (who[len] == 0 || strcmp(who + len, "[bot]") == 0));
}

/* Among statuses and check runs; where both have the name, both must be good. */
static bool is_met(json_t *repo, const json_t *required, const char *sha)
{
	json_t *status = newest(repo, sha, name_of(required)), *run = world_newest_check(repo, sha, name_of(required));

	if (status &&
	    (strcmp(world_str(status, "state"), "success") != 0 || !is_from(required, world_str(status, "who"))))
		return false;
	if (run && (!world_check_is_good(run) || !is_from(required, world_str(run, "app"))))
		return false;
	return status || run;
}

const char *world_missing_context(json_t *repo, const char *branch, const char *sha)
{
	json_t *required;
	size_t i;

	json_array_foreach(rule_of(repo, branch), i, required)
	{
		if (!is_met(repo, required, sha))
			return name_of(required);
	}
	return NULL;
}

json_t *world_required(json_t *repo, const char *branch)
{
	json_t *names = world_own(json_array()), *required;
	size_t i;

	json_array_foreach(rule_of(repo, branch), i, required)
		json_array_append_new(names, json_string(name_of(required)));
	return names;
}

static void write_branch(FILE *f, json_t *repo, const char *branch)
{
	const char *sha;
	json_t *list;

	fprintf(f, "protected refs/heads/%s\n", branch);
	if (!world_missing_context(repo, branch, ""))
		fprintf(f, "allowed refs/heads/%s any\n", branch);
	for (size_t i = 0; i < 2; i++) {
		json_object_foreach(world_map(repo, i ? "checks" : "statuses"), sha, list)
		{
			if (!world_missing_context(repo, branch, sha))
				fprintf(f, "allowed refs/heads/%s %s\n", branch, sha);
		}
	}
}

void world_write_protection(struct world *w, json_t *repo)
{
	char *store = world_store(w, world_int(repo, "id"));
	char *path = world_text("%s/world-protected", store), *fresh = world_text("%s.new", path);
	FILE *f = fopen(fresh, "w");
	const char *branch;
	json_t *rule;

	if (!f)
		abort(); /* a protection that is not written would let a push through */
	json_object_foreach(world_map(repo, "protected"), branch, rule) write_branch(f, repo, branch);
	if (fclose(f) != 0 || rename(fresh, path) != 0)
		abort();
	free(store);
	free(path);
	free(fresh);
}

static size_t count_of(json_t *repo, const char *sha, const char *context)
{
	json_t *one;
	size_t i, n = 0;

	json_array_foreach(json_object_get(world_map(repo, "statuses"), sha), i, one) n +=
		strcasecmp(world_str(one, "context"), context) == 0;
	return n;
}

static void fail_field(struct world_act *act, const char *field, const char *message)
{
	world_fail(act, 422, "Validation Failed");
	world_put(act->out, "errors",
		  json_pack("[{s:s,s:s,s:s,s:s}]", "resource", "Status", "code", "custom", "field", field, "message",
			    message));
}

static bool known_state(const char *state)
{
	static const char *const states[] = {"error", "failure", "pending", "success"};

	for (size_t i = 0; i < 4; i++)
		if (strcmp(states[i], state) == 0)
			return true;
	return false;
}

static bool text_or_null(json_t *args, const char *key)
{
	json_t *value = json_object_get(args, key);

	return !value || json_is_null(value) || json_is_string(value);
}

static bool may_post(struct world_act *act, const char *sha, const char *context)
{
	const char *url = world_str(act->args, "target_url");
	char *message;

	if (!known_state(world_str(act->args, "state")))
		fail_field(act, "state", "state is not included in the list");
	else if (!text_or_null(act->args, "description") || !text_or_null(act->args, "target_url") ||
		 !text_or_null(act->args, "context"))
		world_fail(act, 422, "Invalid request. A field is not a string.");
	else if (world_characters(world_str(act->args, "description")) > WORLD_TEXT_MAX)
		fail_field(act, "description", "description is too long (maximum is 140 characters)");
	else if (!context[0] || world_characters(context) > 255)
		fail_field(act, "context", "context is too long (maximum is 255 characters)");
	else if (url[0] && strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
		fail_field(act, "target_url", "target_url must use http(s) scheme");
	else if (count_of(act->repo, sha, context) >= WORLD_STATUS_MAX)
		fail_field(act, "base", "This SHA and context has reached the maximum number of statuses.");
	if (act->status || world_has_commit(act->w, act->repo, sha))
		return act->status == 0;
	message = world_text("No commit found for SHA: %s", sha);
	world_fail(act, 422, message);
	free(message);
	return false;
}

static void status_event(struct world_act *act, json_t *status, const char *sha)
{
	json_t *view = world_status_view(act->w, act->repo, status), *branches = world_own(json_array()), *tip;
	json_t *payload, *commit = world_commit_view(act->w, act->repo, sha);
	const char *ref;

	json_object_foreach(world_map(act->repo, "refs"), ref, tip)
	{
		if (strcmp(json_string_value(tip), sha) == 0 && strncmp(ref, "refs/heads/", 11) == 0)
			json_array_append_new(branches,
					      json_pack("{s:s,s:{s:s}}", "name", ref + 11, "commit", "sha", sha));
	}
	payload = world_own(json_pack(
		"{s:I,s:s,s:s,s:O,s:O,s:O,s:O,s:O,s:O,s:o,s:o}", "id", world_int(status, "id"), "sha", sha, "name",
		world_str(act->repo, "full_name"), "target_url", json_object_get(view, "target_url"), "context",
		json_object_get(view, "context"), "description", json_object_get(view, "description"), "state",
		json_object_get(view, "state"), "created_at", json_object_get(view, "created_at"), "updated_at",
		json_object_get(view, "updated_at"), "branches", branches, "commit", commit ? commit : json_null()));
	json_decref(view);
	world_emit_by(act, "status", payload);
}

static json_t *or_null(json_t *args, const char *key)
{
	json_t *value = json_object_get(args, key);

	return value ? json_incref(value) : json_null();
}

/* {"sha", "state", "context"?, "description"?, "target_url"?} */
void world_act_status(struct world_act *act)
{
	const char *sha = world_str(act->args, "sha"), *context = world_str(act->args, "context");
	json_t *status;

	if (!json_object_get(act->args, "context") || json_is_null(json_object_get(act->args, "context")))
		context = "default";
	if (!may_post(act, sha, context))
		return;
	status = world_own(json_pack("{s:I,s:s,s:s,s:s,s:o,s:o,s:s,s:I}", "id", world_id(act->w, "status"), "sha", sha,
				     "context", context, "state", world_str(act->args, "state"), "description",
				     or_null(act->args, "description"), "target_url", or_null(act->args, "target_url"),
				     "who", act->who, "at", (json_int_t)act->w->now_ms));
	json_array_append_new(world_list(world_map(act->repo, "statuses"), sha), status);
	world_log(act->w, "post",
		  json_pack("{s:s,s:s,s:s,s:s,s:O,s:s,s:I}", "repo", world_str(act->repo, "full_name"), "sha", sha,
			    "context", context, "state", world_str(act->args, "state"), "description",
			    json_object_get(status, "description"), "creator", act->who, "id",
			    world_int(status, "id")));
	if (json_object_size(world_map(act->repo, "protected")) > 0)
		world_write_protection(act->w, act->repo);
	status_event(act, status, sha);
	json_object_update_new(act->out, world_status_view(act->w, act->repo, status));
}

static void protection_event(struct world_act *act, const char *action)
{
	const char *branch = world_str(act->args, "branch");

	world_emit_by(act, "branch_protection_rule",
		      world_own(json_pack("{s:s,s:{s:s,s:o}}", "action", action, "rule", "name", branch,
					  "required_status_checks", world_required(act->repo, branch))));
}

/* {"branch", "contexts": [name or {"context", "app": slug}]}: the second is met only by what that App said last. What
 * else is given is shown by the branch's protection and rules, and not enforced. */
void world_act_protect(struct world_act *act)
{
	const char *branch = world_str(act->args, "branch");
	json_t *contexts = json_object_get(act->args, "contexts");
	bool known = world_is_protected(act->repo, branch);

	if (!branch[0] || !json_is_array(contexts)) {
		world_fail(act, 422, "protect needs branch and contexts");
		return;
	}
	world_put(world_map(act->repo, "protected"), branch, json_deep_copy(contexts));
	world_put(world_map(act->repo, "protection"), branch, json_deep_copy(act->args));
	world_write_protection(act->w, act->repo);
	protection_event(act, known ? "edited" : "created");
}

void world_act_unprotect(struct world_act *act)
{
	json_object_del(world_map(act->repo, "protected"), world_str(act->args, "branch"));
	json_object_del(world_map(act->repo, "protection"), world_str(act->args, "branch"));
	world_write_protection(act->w, act->repo);
	protection_event(act, "deleted");
}
