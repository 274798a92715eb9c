/*
 * Names that change hands. A repository that is renamed or given to another owner keeps its number, and its old name
 * leads to it until a new repository takes that name; a login that is given up can be taken by somebody else, with
 * another number. Records name people by login, so a renaming goes through all of them.
 */
#include "tests/world/world_state.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

json_t *world_repo_moved(struct world *w, const char *old)
{
	char *key = world_lower(old);
	json_int_t id = world_int(w->moved, key);

	free(key);
	return id ? world_repo_by_id(w, id) : NULL;
}

/* False: the name is taken, or is none. */
static bool move_repo(struct world *w, json_t *repo, const char *name)
{
	char *old = world_lower(world_str(repo, "full_name")), *fresh = world_lower(name);
	const char *slash = strchr(name, '/');
	json_int_t id = world_int(repo, "id");
	bool ok = world_name_is_free(w, name) && world_link_name(w, name, id);

	if (ok) {
		json_incref(repo);
		json_object_del(w->repos, old);
		world_put(w->repos, fresh, repo);
		world_put(repo, "full_name", json_string(name));
		world_put(repo, "owner", json_stringn(name, (size_t)(slash - name)));
		world_user(w, world_str(repo, "owner"));
		world_put(w->moved, old, json_integer(id));
		json_object_del(w->moved, fresh);
		world_forget(w);
	}
	free(old);
	free(fresh);
	return ok;
}

/* {"name": "owner/name"}: from now on the old name is answered with a redirect. */
void world_act_rename(struct world_act *act)
{
	char *old = world_text("%s", world_str(act->repo, "full_name")), *slash = strchr(old, '/');

	if (move_repo(act->w, act->repo, world_str(act->args, "name")))
		world_emit_by(act, "repository",
			      world_own(json_pack("{s:s,s:{s:{s:{s:s}}}}", "action", "renamed", "changes", "repository",
						  "name", "from", slash ? slash + 1 : old)));
	else
		world_fail(act, 422, "the name is taken, or is not owner/name");
	free(old);
}

/* {"to": owner}: the same under another owner. Its collaborators stay, the old owner among them no more. */
void world_act_transfer(struct world_act *act)
{
	const char *slash = strchr(world_str(act->repo, "full_name"), '/');
	char *owner = world_text("%s", world_str(act->repo, "owner"));
	char *name = world_text("%s%s", world_str(act->args, "to"), slash ? slash : "");
	bool org = strcmp(world_str(world_user(act->w, owner), "type"), "Organization") == 0;

	if (move_repo(act->w, act->repo, name))
		world_emit_by(
			act, "repository",
			world_own(json_pack("{s:s,s:{s:{s:{s:o}}}}", "action", "transferred", "changes", "owner",
					    "from", org ? "organization" : "user", world_user_view(act->w, owner))));
	else
		world_fail(act, 422, "the name is taken there, or `to` is nobody");
	free(owner);
	free(name);
}

/* ---- people ---- */

struct renaming {
	const char *old, *fresh; /* as they are written */
};

/* Where a record says who. */
static bool says_who(const char *key)
{
	static const char *const keys[] = {"who", "author", "owner", "merged_by", "user", "account", "org"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(keys[i], key) == 0)
			return true;
	return false;
}

static void rename_keys(json_t *by_login, const struct renaming *names)
{
	char *old = world_lower(names->old), *fresh = world_lower(names->fresh);
	json_t *value = json_incref(json_object_get(by_login, old));

	json_object_del(by_login, old);
	if (value)
		world_put(by_login, fresh, value);
	free(old);
	free(fresh);
}

/* In all records below value. Their depth is that of a change's parts: small. */
static void rename_in(json_t *value, const struct renaming *names) // NOLINT(misc-no-recursion)
{
	const char *key;
	json_t *one;
	void *next;
	size_t i;

	json_array_foreach(value, i, one) rename_in(one, names);
	json_object_foreach_safe(value, next, key, one)
	{
		if (json_is_string(one) && says_who(key) && strcasecmp(json_string_value(one), names->old) == 0)
			world_put(value, key, json_string(names->fresh));
		else if (strcmp(key, "roles") == 0 || strcmp(key, "members") == 0)
			rename_keys(one, names);
		else if (!json_is_string(one))
			rename_in(one, names);
	}
}

static void move_repos_of(struct world *w, const struct renaming *names)
{
	json_t *all = world_own(json_copy(w->repos)), *repo;
	const char *key;
	char *name;

	json_object_foreach(all, key, repo)
	{
		if (strcasecmp(world_str(repo, "owner"), names->old) != 0)
			continue;
		name = world_text("%s%s", names->fresh, strchr(world_str(repo, "full_name"), '/'));
		move_repo(w, repo, name);
		free(name);
	}
	json_decref(all);
}

/* {"login", "to"}: the same person, number and all; the old login is free for somebody else. */
void world_act_rename_user(struct world_act *act)
{
	const struct renaming names = {world_str(act->args, "login"), world_str(act->args, "to")};
	json_t *user = world_user_known(act->w, names.old),
	       *everywhere[] = {act->w->users,  act->w->repos,         act->w->teams,
				act->w->tokens, act->w->installations, act->w->apps};

	if (!user || !names.fresh[0] || world_user_known(act->w, names.fresh)) {
		world_fail(act, 422, "nobody has this login, or somebody has the other");
		return;
	}
	rename_keys(act->w->users, &names);
	world_put(user, "login", json_string(names.fresh));
	move_repos_of(act->w, &names);
	for (size_t i = 0; i < sizeof(everywhere) / sizeof(everywhere[0]); i++)
		rename_in(everywhere[i], &names);
	act->w->renamings++;
	world_forget(act->w);
	world_put(act->out, "id", json_integer(world_int(user, "id")));
}
