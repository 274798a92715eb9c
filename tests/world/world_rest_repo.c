#include "tests/world/world_rest.h"

#include <stdlib.h>
#include <string.h>

void world_get_repo(struct world_call *call)
{
	world_answer(call, 200, world_repo_view(call->act.w, call->act.repo));
}

void world_get_permission(struct world_call *call)
{
	json_t *user = world_user_known(call->act.w, call->args[2]);
	const char *role;
	json_t *view, *seen;

	if (!user) {
		world_fail(&call->act, 404, "Not Found");
		return;
	}
	role = world_role(call->act.w, call->act.repo, call->args[2]);
	seen = world_user_view(call->act.w, world_str(user, "login"));
	view = world_own(json_copy(seen)); /* the other is shared */
	json_decref(seen);
	world_put(view, "role_name", json_string(role));
	world_answer(
		call, 200,
		json_pack("{s:s,s:s,s:o}", "permission", world_role_legacy(role), "role_name", role, "user", view));
}

void world_get_membership(struct world_call *call)
{
	char *team = world_text("%s/%s", call->args[0], call->args[1]);

	if (world_team_has(call->act.w, team, call->args[2]))
		world_answer(call, 200,
			     json_pack("{s:s,s:s,s:o}", "state", "active", "role", "member", "url",
				       world_jtext("%s%s", call->act.w->public_url, call->request->path)));
	else
		world_fail(&call->act, 404, "Not Found");
	free(team);
}

static json_t *ref_view(struct world_call *call, const char *ref, const char *sha)
{
	return world_own(json_pack("{s:s,s:o,s:o,s:{s:s,s:s,s:o}}", "ref", ref, "node_id", world_jtext("REF_%s", ref),
				   "url", world_jtext("%s%s", call->act.w->public_url, call->request->path), "object",
				   "type", "commit", "sha", sha, "url",
				   world_jtext("%s/repos/%s/git/commits/%s", call->act.w->public_url,
					       world_str(call->act.repo, "full_name"), sha)));
}

void world_get_ref(struct world_call *call)
{
	char *ref = world_text("refs/%s", call->args[2]);
	const char *tip = world_tip(call->act.repo, ref);

	if (tip[0])
		world_answer(call, 200, ref_view(call, ref, tip));
	else
		world_fail(&call->act, 404, "Not Found");
	free(ref);
}

/* {"sha", "force"?} */
void world_patch_ref(struct world_call *call)
{
	char *ref = world_text("refs/%s", call->args[2]);

	if (strncmp(ref, "refs/heads/", 11) != 0 || !world_tip(call->act.repo, ref)[0]) {
		world_fail(&call->act, 422, "Reference does not exist");
	} else {
		json_object_del(call->act.args, "bypass");
		world_put(call->act.args, "branch", json_string(ref + 11));
		if (world_str(call->act.args, "sha")[0])
			world_act_push(&call->act);
		else
			world_fail(&call->act, 422, "Invalid request. \"sha\" wasn't supplied.");
	}
	if (!call->act.status)
		world_answer(call, 200, ref_view(call, ref, world_tip(call->act.repo, ref)));
	free(ref);
}

const char *world_resolve(struct world_call *call, const char *name)
{
	const char *tip = world_tip(call->act.repo, name);

	if (strlen(name) == 40 && world_has_commit(call->act.w, call->act.repo, name))
		return name;
	return tip;
}

static bool no_commit(struct world_call *call, const char *name)
{
	char *message;

	if (world_resolve(call, name)[0])
		return false;
	message = world_text("No commit found for SHA: %s", name);
	world_fail(&call->act, 422, message);
	free(message);
	return true;
}

void world_get_commit(struct world_call *call)
{
	if (!no_commit(call, call->args[2]))
		world_answer(call, 200,
			     world_commit_view(call->act.w, call->act.repo, world_resolve(call, call->args[2])));
}

static bool contains(struct world_call *call, json_t *change, const char *sha)
{
	json_t *range, *one;
	bool found = false;
	size_t i;

	/* Changes from forks are not found by their commits. */
	if (world_int(change, "head_repo") != world_int(call->act.repo, "id"))
		return false;
	range = world_range(call->act.w, call->act.repo, world_str(change, "base_sha"), world_str(change, "head_sha"));
	json_array_foreach(range, i, one) found = found || strcmp(json_string_value(one), sha) == 0;
	json_decref(range);
	return found;
}

void world_get_commit_pulls(struct world_call *call)
{
	json_t *list, *change;
	size_t i;

	if (no_commit(call, call->args[2]))
		return;
	list = world_own(json_array());
	json_array_foreach(world_list(call->act.repo, "changes"), i, change)
	{
		if (contains(call, change, world_resolve(call, call->args[2])))
			json_array_append_new(list, world_change_view(call->act.w, call->act.repo, change, false));
	}
	world_answer_page(call, list);
}

void world_get_statuses(struct world_call *call)
{
	json_t *all = world_statuses(call->act.repo, world_resolve(call, call->args[2])),
	       *list = world_own(json_array()), *one;
	size_t i;

	json_array_foreach(all, i, one)
		json_array_append_new(list, world_status_view(call->act.w, call->act.repo, one));
	json_decref(all);
	world_answer_page(call, list);
}

void world_get_combined(struct world_call *call)
{
	if (!no_commit(call, call->args[2]))
		world_answer(call, 200,
			     world_combined(call->act.w, call->act.repo, world_resolve(call, call->args[2])));
}

void world_post_status(struct world_call *call)
{
	world_put(call->act.args, "sha", json_string(call->args[2]));
	world_act_status(&call->act);
	if (!call->act.status)
		call->response->status = 201;
}

static json_t *activity_view(struct world_call *call, json_t *entry)
{
	return world_own(json_pack("{s:I,s:o,s:s,s:s,s:s,s:o,s:s,s:o}", "id", world_int(entry, "id"), "node_id",
				   world_jtext("PSH_%lld", (long long)world_int(entry, "id")), "before",
				   world_str(entry, "before"), "after", world_str(entry, "after"), "ref",
				   world_str(entry, "ref"), "timestamp", world_time(world_int(entry, "at")),
				   "activity_type", world_str(entry, "type"), "actor",
				   world_user_view(call->act.w, world_str(entry, "who"))));
}

static bool activity_wanted(json_t *entry, json_t *query)
{
	const char *ref = world_str(query, "ref"), *type = world_str(query, "activity_type");
	const char *own = world_str(entry, "ref"), *after = world_str(query, "after");
	const char *slash = strncmp(own, "refs/heads/", 11) == 0 ? own + 11 : own;

	return (!ref[0] || strcmp(ref, own) == 0 || strcmp(ref, slash) == 0) &&
	       (!type[0] || strcmp(type, world_str(entry, "type")) == 0) &&
	       (!after[0] || world_int(entry, "id") < strtoll(after, NULL, 10));
}

/* Newest first. Pages by a cursor, never by number: the next page begins after the last id of this one. */
void world_get_activity(struct world_call *call)
{
	json_t *query = world_query(call->request->query), *all = world_list(call->act.repo, "activity"), *entry;
	json_t *list = world_own(json_array());
	long per = strtol(world_str(query, "per_page"), NULL, 10);
	bool more = false;
	char *ref;

	per = per < 1 || per > 100 ? 30 : per;
	for (size_t i = json_array_size(all); i > 0 && !more; i--) {
		entry = json_array_get(all, i - 1);
		if (!activity_wanted(entry, query))
			continue;
		more = (long)json_array_size(list) == per;
		if (!more)
			json_array_append_new(list, activity_view(call, entry));
	}
	ref = world_escape(world_str(query, "ref"));
	if (more)
		world_put(call->response->headers, "Link",
			  world_jtext("<%s%s?ref=%s&per_page=%ld&after=%lld>; rel=\"next\"", call->act.w->public_url,
				      call->request->path, ref, per,
				      (long long)world_int(json_array_get(list, json_array_size(list) - 1), "id")));
	free(ref);
	json_decref(query);
	world_answer(call, 200, list);
}

/* ---- organizations ---- */

static json_t *team_members(struct world *w, const char *team)
{
	json_t *list = world_own(json_array()), *one;
	const char *login;

	json_object_foreach(world_map(json_object_get(w->teams, team), "members"), login, one)
		json_array_append_new(list, world_user_view(w, login));
	return list;
}

void world_get_team_members(struct world_call *call)
{
	char *team = world_text("%s/%s", call->args[0], call->args[1]);

	if (json_object_get(call->act.w->teams, team))
		world_answer_page(call, team_members(call->act.w, team));
	else
		world_fail(&call->act, 404, "Not Found");
	free(team);
}

void world_get_org_member(struct world_call *call)
{
	if (world_org_has(call->act.w, call->args[0], call->args[1]))
		call->response->status = 204;
	else
		world_fail(&call->act, 404, "User does not exist or is not a member of the organization");
}
