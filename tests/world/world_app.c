/*
 * Apps and where they are installed. An installation belongs to one account, covers all of its repositories or those
 * selected, and has the permissions that the account accepted. The first App made owns the webhooks: it is told of
 * what its installation covers, may read, and it subscribed to. A world without Apps has one unseen App everywhere.
 */
#include "tests/world/world_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- what is known ---- */

json_t *world_installation(struct world *w, json_int_t id)
{
	char key[24];

	snprintf(key, sizeof(key), "%lld", (long long)id);
	return json_object_get(w->installations, key);
}

bool world_covers(json_t *installation, const json_t *only, json_t *repo)
{
	char key[24];

	snprintf(key, sizeof(key), "%lld", (long long)world_int(repo, "id"));
	if (strcasecmp(world_str(installation, "account"), world_str(repo, "owner")) != 0 ||
	    (json_is_object(only) && !json_object_get(only, key)))
		return false;
	return strcmp(world_str(installation, "selection"), "all") == 0 ||
	       json_object_get(json_object_get(installation, "repos"), key) != NULL;
}

json_t *world_installation_on(struct world *w, const char *slug, json_t *repo)
{
	const char *key;
	json_t *one;

	json_object_foreach(w->installations, key, one)
	{
		if (strcmp(world_str(one, "app"), slug) == 0 && world_covers(one, NULL, repo))
			return one;
	}
	return NULL;
}

json_t *world_installation_repos(struct world *w, json_t *installation, const json_t *only)
{
	json_t *list = world_own(json_array()), *repo;
	const char *key;

	json_object_foreach(w->repos, key, repo)
	{
		if (world_covers(installation, only, repo))
			json_array_append_new(list, world_repo_view(w, repo));
	}
	return list;
}

bool world_level_holds(const char *has, const char *needs)
{
	static const char *const levels[] = {"read", "write", "admin"};
	size_t a = 0, b = 0;

	for (size_t i = 0; i < 3; i++) {
		a = strcmp(levels[i], has) == 0 ? i + 1 : a;
		b = strcmp(levels[i], needs) == 0 ? i + 1 : b;
	}
	return a > 0 && b > 0 && a >= b;
}

/* ---- views ---- */

json_t *world_app_view(struct world *w, json_t *app)
{
	const char *slug = world_str(app, "slug");
	json_int_t n = 0;
	const char *key;
	json_t *one, *view;

	json_object_foreach(w->installations, key, one) n += strcmp(world_str(one, "app"), slug) == 0;
	view = world_own(json_pack("{s:I,s:s,s:o,s:s,s:o,s:s,s:s,s:s,s:o,s:I}", "id", world_int(app, "id"), "slug",
				   slug, "node_id", world_jtext("A_%lld", (long long)world_int(app, "id")), "client_id",
				   world_str(app, "client_id"), "owner", world_user_view(w, world_str(app, "owner")),
				   "name", slug, "description", "", "external_url", "https://app.example.test",
				   "html_url", world_jtext("%s/apps/%s", w->public_url, slug), "installations_count",
				   n));
	world_put(view, "created_at", world_time(world_int(app, "created_at")));
	world_put(view, "updated_at", world_time(world_int(app, "created_at")));
	world_put(view, "permissions", json_deep_copy(world_map(app, "permissions")));
	world_put(view, "events", json_deep_copy(world_list(app, "events")));
	return view;
}

static void add_places(struct world *w, json_t *view, long long id)
{
	world_put(view, "access_tokens_url", world_jtext("%s/app/installations/%lld/access_tokens", w->public_url, id));
	world_put(view, "repositories_url", world_jtext("%s/installation/repositories", w->public_url));
	world_put(view, "html_url", world_jtext("%s/settings/installations/%lld", w->public_url, id));
	world_put(view, "single_file_name", json_null());
	world_put(view, "has_multiple_single_files", json_false());
	world_put(view, "single_file_paths", json_array());
}

json_t *world_installation_view(struct world *w, json_t *installation)
{
	json_t *app = json_object_get(w->apps, world_str(installation, "app"));
	json_t *account = world_user(w, world_str(installation, "account"));
	json_int_t slept = world_int(installation, "suspended_at"), id = world_int(installation, "id");
	json_t *view =
		world_own(json_pack("{s:I,s:o,s:o,s:s,s:I,s:s,s:s,s:I,s:s}", "id", id, "node_id",
				    world_jtext("MDIzOkludGVncmF0aW9u%lld", (long long)id), "account",
				    world_user_view(w, world_str(account, "login")), "repository_selection",
				    world_str(installation, "selection"), "app_id", world_int(app, "id"), "app_slug",
				    world_str(app, "slug"), "client_id", world_str(app, "client_id"), "target_id",
				    world_int(account, "id"), "target_type", world_str(account, "type")));

	add_places(w, view, (long long)id);
	world_put(view, "permissions", json_deep_copy(world_map(installation, "permissions")));
	world_put(view, "events", json_deep_copy(world_list(app, "events")));
	world_put(view, "created_at", world_time(world_int(installation, "created_at")));
	world_put(view, "updated_at", world_time(world_int(installation, "updated_at")));
	world_put(view, "suspended_at", world_time_or_null(slept));
	world_put(view, "suspended_by", slept ? world_user_view(w, world_str(account, "login")) : json_null());
	return view;
}

/* ---- what the App is told ---- */

/* An event comes only to an App whose installation may read this. */
static const struct {
	const char *event, *right;
} readings[] = {{"push", "contents"},
		{"create", "contents"},
		{"delete", "contents"},
		{"pull_request", "pull_requests"},
		{"pull_request_review", "pull_requests"},
		{"pull_request_review_comment", "pull_requests"},
		{"pull_request_review_thread", "pull_requests"},
		{"issue_comment", "issues"},
		{"status", "statuses"},
		{"check_run", "checks"},
		{"workflow_run", "actions"},
		{"merge_group", "merge_queues"},
		{"repository", "metadata"},
		{"member", "members"},
		{"membership", "members"},
		{"team", "members"},
		{"organization", "members"},
		{"branch_protection_rule", "administration"}};

static bool subscribed(json_t *app, const char *event)
{
	json_t *events = world_list(app, "events"), *one;
	size_t i;

	json_array_foreach(events, i, one)
	{
		if (strcmp(json_string_value(one), event) == 0)
			return true;
	}
	return json_array_size(events) == 0;
}

static bool may_be_told(json_t *app, json_t *installation, const char *event)
{
	if (world_int(installation, "suspended_at") || !subscribed(app, event))
		return false;
	for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++)
		if (strcmp(readings[i].event, event) == 0)
			return world_level_holds(world_str(world_map(installation, "permissions"), readings[i].right),
						 "read");
	return true;
}

/* Without a repository the event is about an account. */
static json_t *installation_told(struct world *w, json_t *app, json_t *repo, json_t *payload)
{
	const char *account = world_str(json_object_get(payload, "organization"), "login"), *key;
	json_t *one;

	if (repo)
		return world_installation_on(w, world_str(app, "slug"), repo);
	json_object_foreach(w->installations, key, one)
	{
		if (strcmp(world_str(one, "app"), world_str(app, "slug")) == 0 &&
		    strcasecmp(world_str(one, "account"), account) == 0)
			return one;
	}
	return NULL;
}

json_t *world_hooked_app(struct world *w)
{
	return json_object_iter_value(json_object_iter(w->apps));
}

json_int_t world_told_installation(struct world *w, json_t *repo, const char *event, json_t *payload)
{
	json_int_t own = world_int(json_object_get(payload, "installation"), "id");
	json_t *app = world_hooked_app(w), *installation;

	if (own)
		return own;
	if (!app || strcmp(event, "ping") == 0)
		return repo && world_true(repo, "uninstalled") ? 0 : 7001 + (json_int_t)(w->seed % 97);
	installation = installation_told(w, app, repo, payload);
	return installation && may_be_told(app, installation, event) ? world_int(installation, "id") : 0;
}

static void tell(struct world_act *act, json_t *installation, const char *event, json_t *payload)
{
	json_t *app = world_hooked_app(act->w);

	world_put(payload, "installation", world_installation_view(act->w, installation));
	world_put(payload, "sender",
		  world_user_view(act->w, act->who[0] ? act->who : world_str(installation, "account")));
	world_put(act->out, "id", json_integer(world_int(installation, "id")));
	if (app && strcmp(world_str(app, "slug"), world_str(installation, "app")) == 0)
		world_emit(act->w, NULL, event, payload);
	else
		json_decref(payload);
}

/* The few fields by which an installation's events name a repository. */
static json_t *short_repo(json_t *repo)
{
	const char *name = world_str(repo, "full_name"), *slash = strchr(name, '/');

	return world_own(json_pack("{s:I,s:o,s:s,s:s,s:b}", "id", world_int(repo, "id"), "node_id",
				   world_jtext("R_%lld", (long long)world_int(repo, "id")), "name",
				   slash ? slash + 1 : name, "full_name", name, "private",
				   world_true(repo, "private")));
}

static json_t *short_repos(struct world *w, json_t *installation)
{
	json_t *list = world_own(json_array()), *repo;
	const char *key;

	json_object_foreach(w->repos, key, repo)
	{
		if (world_covers(installation, NULL, repo))
			json_array_append_new(list, short_repo(repo));
	}
	return list;
}

/* ---- acts ---- */

static json_t *new_app(struct world_act *act, const char *slug)
{
	json_int_t id = 77 + (json_int_t)json_object_size(act->w->apps);
	const char *owner = act->who[0] ? act->who : "o";
	json_t *app = world_own(json_pack("{s:I,s:s,s:o,s:s,s:[],s:{},s:[],s:I}", "id", id, "slug", slug, "client_id",
					  world_jtext("Iv23liWorld%lld", (long long)id), "owner", owner, "keys",
					  "permissions", "events", "created_at", (json_int_t)act->w->now_ms));

	world_put(act->w->apps, slug, app);
	return app;
}

/* {"slug"?, "key"?: public PEM, "forget_keys"?, "permissions"?, "events"?}: made, or changed; a key is one more. */
void world_act_app(struct world_act *act)
{
	const char *slug = world_str(act->args, "slug")[0] ? world_str(act->args, "slug") : "headgate";
	json_t *app = json_object_get(act->w->apps, slug), *key = json_object_get(act->args, "key");
	static const char *const taken[] = {"permissions", "events"};

	if (key && (!json_is_string(key) || !world_key_is_good(json_string_value(key)))) {
		world_fail(act, 422, "key is not the PEM of a public RSA key of 2048 bits or more");
		return;
	}
	app = app ? app : new_app(act, slug);
	if (world_true(act->args, "forget_keys"))
		json_array_clear(world_list(app, "keys"));
	if (key)
		json_array_append(world_list(app, "keys"), key);
	for (size_t i = 0; i < 2; i++)
		if (json_object_get(act->args, taken[i]))
			world_put(app, taken[i], json_deep_copy(json_object_get(act->args, taken[i])));
	world_put(act->out, "id", json_integer(world_int(app, "id")));
	world_put(act->out, "client_id", json_string(world_str(app, "client_id")));
}

/* {"code", "pem": private key, "slug"?, "webhook_secret"?, "permissions"?, "events"?}: what a click on "create" would
 * have made; whoever knows the code may fetch it within the hour, once. */
void world_act_manifest(struct world_act *act)
{
	json_t *public = world_public_key(world_str(act->args, "pem")), *kept;

	if (!public || !world_key_is_good(json_string_value(public)) || !world_str(act->args, "code")[0]) {
		world_fail(act, 422, "manifest needs a code and the PEM of a private RSA key");
		json_decref(public);
		return;
	}
	kept = world_own(json_deep_copy(act->args));
	world_put(kept, "key", public);
	world_put(kept, "at", json_integer(act->w->now_ms));
	world_put(act->w->manifests, world_str(act->args, "code"), kept);
}

/* Names in args[key] as numbers into the selection; or, taken, out of it. Those it knows, in short. */
static json_t *select_repos(struct world_act *act, json_t *installation, const char *key, bool add)
{
	json_t *list = world_own(json_array()), *name, *repo;
	char number[24];
	size_t i;

	json_array_foreach(json_object_get(act->args, key), i, name)
	{
		repo = json_is_string(name) ? world_repo(act->w, json_string_value(name)) : NULL;
		if (!repo)
			continue;
		snprintf(number, sizeof(number), "%lld", (long long)world_int(repo, "id"));
		if (add)
			world_put(world_map(installation, "repos"), number, json_true());
		else
			json_object_del(world_map(installation, "repos"), number);
		json_array_append_new(list, short_repo(repo));
	}
	return list;
}

/* {"who": account, "slug"?, "repositories"?: [names], "permissions"?}: all repositories, and what the App asks for,
 * unless named. */
void world_act_install(struct world_act *act)
{
	const char *slug = world_str(act->args, "slug")[0] ? world_str(act->args, "slug") : "headgate";
	json_t *app = json_object_get(act->w->apps, slug), *given = json_object_get(act->args, "permissions"), *made;
	bool some = json_is_array(json_object_get(act->args, "repositories"));
	json_int_t id, now = act->w->now_ms;
	char key[24];

	if (!app || !act->who[0]) {
		world_fail(act, 422, "install needs an App and `who`");
		return;
	}
	id = world_id(act->w, "installation");
	snprintf(key, sizeof(key), "%lld", (long long)id);
	made = world_own(json_pack("{s:I,s:s,s:s,s:s,s:{},s:o,s:I,s:I,s:I}", "id", id, "app", slug, "account", act->who,
				   "selection", some ? "selected" : "all", "repos", "permissions",
				   json_deep_copy(given ? given : world_map(app, "permissions")), "suspended_at",
				   (json_int_t)0, "created_at", now, "updated_at", now));
	world_put(act->w->installations, key, made);
	json_decref(select_repos(act, made, "repositories", true));
	tell(act, made, "installation",
	     world_own(json_pack("{s:s,s:o}", "action", "created", "repositories", short_repos(act->w, made))));
}

/* By args.installation, else the only one. */
static json_t *installation_of(struct world_act *act)
{
	json_int_t id = world_int(act->args, "installation");
	json_t *ret =
		id ? world_installation(act->w, id) : json_object_iter_value(json_object_iter(act->w->installations));

	if (!ret)
		world_fail(act, 404, "no such installation");
	else
		world_put(ret, "updated_at", json_integer(act->w->now_ms));
	return ret;
}

void world_act_uninstall(struct world_act *act)
{
	json_t *installation = installation_of(act);
	char key[24];

	if (!installation)
		return;
	tell(act, installation, "installation",
	     world_own(json_pack("{s:s,s:o}", "action", "deleted", "repositories", short_repos(act->w, installation))));
	snprintf(key, sizeof(key), "%lld", (long long)world_int(installation, "id"));
	json_object_del(act->w->installations, key);
}

static void set_asleep(struct world_act *act, json_int_t at, const char *action)
{
	json_t *installation = installation_of(act);

	if (!installation)
		return;
	world_put(installation, "suspended_at", json_integer(at));
	tell(act, installation, "installation", world_own(json_pack("{s:s}", "action", action)));
}

void world_act_suspend(struct world_act *act)
{
	set_asleep(act, act->w->now_ms, "suspend");
}

void world_act_unsuspend(struct world_act *act)
{
	set_asleep(act, 0, "unsuspend");
}

/* {"installation"?, "permissions"}: what the account grants from now on. */
void world_act_accept_permissions(struct world_act *act)
{
	json_t *installation = installation_of(act), *given = json_object_get(act->args, "permissions");

	if (!installation)
		return;
	world_put(installation, "permissions", json_is_object(given) ? json_deep_copy(given) : json_object());
	tell(act, installation, "installation", world_own(json_pack("{s:s}", "action", "new_permissions_accepted")));
}

/* {"installation"?, "add"?: [names], "remove"?: [names]}: a selection of repositories, changed. */
void world_act_select_repos(struct world_act *act)
{
	static const struct {
		const char *key, *action;
		bool add;
	} sides[] = {{"add", "added", true}, {"remove", "removed", false}};
	json_t *installation = installation_of(act), *payload;

	if (!installation)
		return;
	world_put(installation, "selection", json_string("selected"));
	for (size_t i = 0; i < 2; i++) {
		if (!json_object_get(act->args, sides[i].key))
			continue;
		payload = world_own(json_pack("{s:s,s:s,s:[],s:[]}", "action", sides[i].action, "repository_selection",
					      "selected", "repositories_added", "repositories_removed"));
		world_put(payload, sides[i].add ? "repositories_added" : "repositories_removed",
			  select_repos(act, installation, sides[i].key, sides[i].add));
		tell(act, installation, "installation_repositories", payload);
	}
}
