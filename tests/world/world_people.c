/*
 * People: users, roles, teams. A role is the highest of all grants: owner, collaborator, teams, and read for everybody
 * on a public repository.
 */
#include "tests/world/world_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const roles[] = {"none", "read", "triage", "write", "maintain", "admin"};
static const char *const legacy[] = {"none", "read", "read", "write", "write", "admin"};
enum { N_ROLES = sizeof(roles) / sizeof(roles[0]) };

static size_t rank_of(const char *role)
{
	for (size_t i = 0; i < N_ROLES; i++)
		if (strcmp(roles[i], role) == 0)
			return i;
	return 0;
}

bool world_role_at_least(const char *role, const char *least)
{
	return rank_of(role) >= rank_of(least);
}

const char *world_role_legacy(const char *role)
{
	return legacy[rank_of(role)];
}

json_t *world_user_known(struct world *w, const char *login)
{
	char *key = world_lower(login);
	json_t *user = json_object_get(w->users, key);

	free(key);
	return user;
}

static json_t *make_user(struct world *w, const char *login, const char *type)
{
	json_int_t id = world_id(w, "user");
	char *key = world_lower(login);
	json_t *user = world_own(json_pack("{s:I,s:s,s:s,s:[]}", "id", id, "login", login, "type", type, "emails"));
	char *email = world_text("%s@example.test", key);

	if (world_user_by_email(w, email)) /* of whoever had this login before */
		json_array_append_new(world_list(user, "emails"),
				      world_jtext("%s-%lld@example.test", key, (long long)id));
	else
		json_array_append_new(world_list(user, "emails"), json_string(email));
	free(email);
	json_array_append_new(world_list(user, "emails"),
			      world_jtext("%lld+%s@users.noreply.github.com", (long long)id, key));
	world_put(w->users, key, user);
	free(key);
	return user;
}

json_t *world_user(struct world *w, const char *login)
{
	json_t *user = world_user_known(w, login);
	size_t len = strlen(login);

	if (user)
		return user;
	return make_user(w, login, len > 5 && strcmp(login + len - 5, "[bot]") == 0 ? "Bot" : "User");
}

json_t *world_user_view(struct world *w, const char *login)
{
	json_t *user, *view;
	char key[160];

	if (!login[0])
		return json_null();
	user = world_user(w, login);
	login = world_str(user, "login");
	snprintf(key, sizeof(key), "%lld %.120s", (long long)world_int(user, "id"), login);
	if ((view = world_known(w, key)))
		return view;
	view = world_own(json_pack("{s:s,s:I,s:o,s:s,s:s,s:b}", "login", login, "id", world_int(user, "id"), "node_id",
				   world_jtext("U_%lld", (long long)world_int(user, "id")), "gravatar_id", "", "type",
				   world_str(user, "type"), "site_admin", 0));
	world_fill_user(w, view);
	return world_keep(w, key, view);
}

json_t *world_user_by_email(struct world *w, const char *email)
{
	const char *key;
	json_t *user, *one;
	size_t i;

	json_object_foreach(w->users, key, user)
	{
		json_array_foreach(world_list(user, "emails"), i, one)
		{
			if (strcasecmp(json_string_value(one), email) == 0)
				return user;
		}
	}
	return NULL;
}

bool world_team_has(struct world *w, const char *team, const char *login)
{
	json_t *record = json_object_get(w->teams, team);
	char *key = world_lower(login);
	bool has = record && json_object_get(world_map(record, "members"), key);

	free(key);
	return has;
}

bool world_org_has(struct world *w, const char *org, const char *login)
{
	json_t *record = world_user_known(w, org);
	char *key = world_lower(login);
	bool has = record && json_object_get(json_object_get(record, "members"), key);

	free(key);
	return has;
}

static size_t team_rank(struct world *w, json_t *repo, const char *login)
{
	const char *team;
	json_t *role;
	size_t best = 0, rank;

	json_object_foreach(world_map(repo, "teams"), team, role)
	{
		rank = world_team_has(w, team, login) ? rank_of(json_string_value(role)) : 0;
		best = rank > best ? rank : best;
	}
	return best;
}

const char *world_role(struct world *w, json_t *repo, const char *login)
{
	char *key = world_lower(login);
	size_t best = rank_of(world_str(world_map(repo, "roles"), key)), team = team_rank(w, repo, login);

	if (team > best)
		best = team;
	if (strcasecmp(world_str(repo, "owner"), login) == 0)
		best = N_ROLES - 1;
	if (best == 0 && (!world_true(repo, "private") || world_org_has(w, world_str(repo, "owner"), login)))
		best = 1;
	free(key);
	return roles[best];
}

const char *world_association(struct world *w, json_t *repo, const char *login)
{
	char *key;
	bool collaborator;

	if (strcasecmp(world_str(repo, "owner"), login) == 0)
		return "OWNER";
	if (team_rank(w, repo, login) > 0 || world_org_has(w, world_str(repo, "owner"), login))
		return "MEMBER";
	key = world_lower(login);
	collaborator = json_object_get(world_map(repo, "roles"), key) != NULL;
	free(key);
	return collaborator ? "COLLABORATOR" : "NONE";
}

void world_act_user(struct world_act *act)
{
	const char *login = world_str(act->args, "login")[0] ? world_str(act->args, "login") : act->who;
	const char *type = world_str(act->args, "type");
	json_t *user, *email;
	size_t i;

	if (!login[0]) {
		world_fail(act, 422, "login is missing");
		return;
	}
	user = world_user(act->w, login);
	if (type[0])
		world_put(user, "type", json_string(type));
	json_array_foreach(json_object_get(act->args, "emails"), i, email)
		json_array_append(world_list(user, "emails"), email);
	world_forget(act->w);
	world_put(act->out, "id", json_integer(world_int(user, "id")));
	world_put(act->out, "login", json_string(world_str(user, "login")));
}

/* {"login", "role"}: the explicit grant; "none" takes it away. */
void world_act_permission(struct world_act *act)
{
	const char *login = world_str(act->args, "login"), *role = world_str(act->args, "role");
	json_t *map = world_map(act->repo, "roles"), *payload;
	const char *action;
	char *key, old[16];

	if (!login[0] || (strcmp(role, "none") != 0 && rank_of(role) == 0)) {
		world_fail(act, 422, "permission needs login and role");
		return;
	}
	key = world_lower(login);
	snprintf(old, sizeof(old), "%s", world_str(map, key));
	action = json_object_get(map, key) ? "edited" : "added";
	if (rank_of(role) == 0) {
		action = "removed";
		json_object_del(map, key);
	} else {
		world_put(map, key, json_string(role));
	}
	free(key);
	payload = world_own(json_pack("{s:s,s:o}", "action", action, "member", world_user_view(act->w, login)));
	if (strcmp(action, "edited") == 0)
		world_put(payload, "changes",
			  json_pack("{s:{s:s},s:{s:s,s:s}}", "old_permission", "from", old, "permission", "from", old,
				    "to", role));
	world_emit_by(act, "member", payload);
	world_put(act->out, "role", json_string(world_role(act->w, act->repo, login)));
}

static json_t *team_record(struct world *w, const char *name)
{
	const char *slash = strchr(name, '/');
	json_t *team = json_object_get(w->teams, name);

	if (team || !slash)
		return team;
	team = world_own(json_pack("{s:I,s:s,s:s,s:s%,s:{}}", "id", world_id(w, "team"), "name", slash + 1, "slug",
				   slash + 1, "org", name, (size_t)(slash - name), "members"));
	world_put(w->teams, name, team);
	return team;
}

static void team_member(struct world_act *act, json_t *team, const char *login)
{
	bool remove = world_true(act->args, "remove");
	char *key = world_lower(login);
	json_t *org = world_user(act->w, world_str(team, "org")), *payload;

	world_user(act->w, login);
	world_put(org, "type", json_string("Organization"));
	world_forget(act->w);
	if (remove)
		json_object_del(world_map(team, "members"), key);
	else
		world_put(world_map(team, "members"), key, json_true());
	free(key);
	payload = world_own(json_pack("{s:s,s:s,s:o,s:{s:I,s:s,s:s},s:{s:s,s:I},s:o}", "action",
				      remove ? "removed" : "added", "scope", "team", "member",
				      world_user_view(act->w, login), "team", "id", world_int(team, "id"), "name",
				      world_str(team, "name"), "slug", world_str(team, "slug"), "organization", "login",
				      world_str(team, "org"), "id", world_int(org, "id"), "sender",
				      world_user_view(act->w, act->who[0] ? act->who : login)));
	world_emit(act->w, NULL, "membership", payload);
}

static void team_grant(struct world_act *act, json_t *team)
{
	const char *org = world_str(team, "org");
	json_t *view =
		world_own(json_pack("{s:I,s:s,s:s,s:s}", "id", world_int(team, "id"), "name", world_str(team, "name"),
				    "slug", world_str(team, "slug"), "permission", world_str(act->args, "role")));

	world_put(world_map(act->repo, "teams"), world_str(act->args, "team"),
		  json_string(world_str(act->args, "role")));
	world_emit_by(
		act, "team",
		world_own(json_pack("{s:s,s:o,s:{s:s,s:I}}", "action", "added_to_repository", "team", view,
				    "organization", "login", org, "id", world_int(world_user(act->w, org), "id"))));
}

/* {"team": "org/slug", "member": login, "remove"?} and/or {"repo", "role"}: a grant to the whole team. */
void world_act_team(struct world_act *act)
{
	const char *name = world_str(act->args, "team");
	json_t *team = team_record(act->w, name);

	if (!team) {
		world_fail(act, 422, "team is org/slug");
		return;
	}
	if (world_str(act->args, "member")[0])
		team_member(act, team, world_str(act->args, "member"));
	if (act->repo && world_str(act->args, "role")[0])
		team_grant(act, team);
	world_put(act->out, "id", json_integer(world_int(team, "id")));
}

/* {"org", "member", "remove"?}: a member reads the organization's private repositories, too. */
void world_act_org(struct world_act *act)
{
	const char *name = world_str(act->args, "org"), *login = world_str(act->args, "member");
	bool remove = world_true(act->args, "remove");
	json_t *org, *payload;
	char *key;

	if (!name[0] || !login[0]) {
		world_fail(act, 422, "org needs org and member");
		return;
	}
	org = world_user(act->w, name);
	key = world_lower(login);
	world_user(act->w, login);
	world_put(org, "type", json_string("Organization"));
	world_forget(act->w);
	if (remove)
		json_object_del(world_map(org, "members"), key);
	else
		world_put(world_map(org, "members"), key, json_true());
	free(key);
	payload = world_own(json_pack("{s:s,s:{s:s,s:s,s:o},s:{s:s,s:I},s:o}", "action",
				      remove ? "member_removed" : "member_added", "membership", "role", "member",
				      "state", "active", "user", world_user_view(act->w, login), "organization",
				      "login", world_str(org, "login"), "id", world_int(org, "id"), "sender",
				      world_user_view(act->w, act->who[0] ? act->who : login)));
	world_emit(act->w, NULL, "organization", payload);
}

/* {"token", "user"|"app", "rights"}: from now on this token is somebody; {"token", "revoke": true} ends it. */
void world_act_token(struct world_act *act)
{
	const char *token = world_str(act->args, "token");

	if (!token[0]) {
		world_fail(act, 422, "token is missing");
		return;
	}
	if (world_true(act->args, "revoke"))
		json_object_del(act->w->tokens, token);
	else
		world_put(act->w->tokens, token, json_deep_copy(act->args));
}
