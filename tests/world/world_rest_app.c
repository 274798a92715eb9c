/* The App's own routes: itself, where it is installed, its installations' tokens, and what such a token sees. */
#include "tests/world/world_rest.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { TOKEN_LIFE_MS = 3600 * 1000, REPOS_MAX = 500 };

void world_get_app(struct world_call *call)
{
	world_answer(call, 200, world_app_view(call->act.w, call->app));
}

void world_get_installations(struct world_call *call)
{
	json_t *list = world_own(json_array()), *one;
	const char *key;

	json_object_foreach(call->act.w->installations, key, one)
	{
		if (strcmp(world_str(one, "app"), world_str(call->app, "slug")) == 0)
			json_array_append_new(list, world_installation_view(call->act.w, one));
	}
	world_answer_page(call, list);
}

static json_t *own_installation(struct world_call *call)
{
	char *end = NULL;
	long long id = strtoll(call->args[0], &end, 10);
	json_t *one = *end == 0 ? world_installation(call->act.w, id) : NULL;

	if (one && strcmp(world_str(one, "app"), world_str(call->app, "slug")) == 0)
		return one;
	world_fail(&call->act, 404, "Not Found");
	return NULL;
}

void world_get_installation(struct world_call *call)
{
	json_t *one = own_installation(call);

	if (one)
		world_answer(call, 200, world_installation_view(call->act.w, one));
}

void world_get_repo_installation(struct world_call *call)
{
	json_t *one = world_installation_on(call->act.w, world_str(call->app, "slug"), call->act.repo);

	if (one)
		world_answer(call, 200, world_installation_view(call->act.w, one));
	else
		world_fail(&call->act, 404, "Not Found");
}

/* orgs/:/installation and users/:/installation */
void world_get_account_installation(struct world_call *call)
{
	json_t *one;
	const char *key;

	json_object_foreach(call->act.w->installations, key, one)
	{
		if (strcmp(world_str(one, "app"), world_str(call->app, "slug")) == 0 &&
		    strcasecmp(world_str(one, "account"), call->args[0]) == 0) {
			world_answer(call, 200, world_installation_view(call->act.w, one));
			return;
		}
	}
	world_fail(&call->act, 404, "Not Found");
}

/* ---- a token ---- */

/* What the token may: all that the installation may, or the part asked for. NULL: it asks for more. */
static json_t *narrowed_rights(struct world_call *call, json_t *installation)
{
	json_t *asked = json_object_get(call->act.args, "permissions"), *has = world_map(installation, "permissions");
	json_t *rights, *level;
	const char *right;

	if (asked && !json_is_object(asked))
		return NULL;
	rights = world_own(json_deep_copy(asked ? asked : has));
	json_object_foreach(asked, right, level)
	{
		if (!json_is_string(level) || !world_level_holds(world_str(has, right), json_string_value(level))) {
			json_decref(rights);
			return NULL;
		}
	}
	world_put(rights, "metadata", json_string("read"));
	return rights;
}

static json_t *repo_asked(struct world_call *call, json_t *installation, json_t *one)
{
	char *name;
	json_t *repo;

	if (json_is_integer(one))
		return world_repo_by_id(call->act.w, json_integer_value(one));
	name = world_text("%s/%s", world_str(installation, "account"),
			  json_string_value(one) ? json_string_value(one) : "");
	repo = world_repo(call->act.w, name);
	free(name);
	return repo;
}

/* repository_ids and repositories (short names) into *ret, which stays NULL without either. */
static bool narrowed_repos(struct world_call *call, json_t *installation, json_t **ret)
{
	static const char *const keys[] = {"repository_ids", "repositories"};
	json_t *one, *repo;
	char number[24];
	size_t i;

	for (size_t k = 0; k < 2; k++) {
		json_t *asked = json_object_get(call->act.args, keys[k]);

		if (asked && (!json_is_array(asked) || json_array_size(asked) > REPOS_MAX))
			return false;
		if (asked && !*ret)
			*ret = world_own(json_object());
		json_array_foreach(asked, i, one)
		{
			repo = repo_asked(call, installation, one);
			if (!repo || !world_covers(installation, NULL, repo))
				return false;
			snprintf(number, sizeof(number), "%lld", (long long)world_int(repo, "id"));
			world_put(*ret, number, json_true());
		}
	}
	return true;
}

/* Opaque and long, as the forge's are by now: whoever keeps one must not have counted on forty characters. */
static char *new_token(struct world *w, json_t *app)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	char guid[37], *token = world_text("ghs_%lld_eyJ", (long long)world_int(app, "id")), *longer, hex[65];
	unsigned n = 0;

	for (int k = 0; k < 4; k++) {
		world_guid(w, guid);
		EVP_Digest(guid, strlen(guid), digest, &n, EVP_sha256(), NULL);
		for (unsigned i = 0; i < 32; i++)
			snprintf(hex + (size_t)2 * i, 3, "%02x", digest[i]);
		longer = world_text("%s%s%s", token, k == 1 || k == 2 ? "." : "", hex);
		free(token);
		token = longer;
	}
	return token;
}

static void give_token(struct world_call *call, json_t *installation, json_t *rights, json_t *repos)
{
	struct world *w = call->act.w;
	char *token = new_token(w, call->app);
	json_int_t end = w->now_ms + TOKEN_LIFE_MS;
	bool some = repos || strcmp(world_str(installation, "selection"), "all") != 0;
	json_t *kept = world_own(json_pack("{s:s,s:I,s:O,s:I}", "app", world_str(installation, "app"), "installation",
					   world_int(installation, "id"), "rights", rights, "expires_at", end));
	json_t *answer = world_own(json_pack("{s:s,s:o,s:o,s:s}", "token", token, "expires_at", world_time(end),
					     "permissions", rights, "repository_selection", some ? "selected" : "all"));

	if (repos)
		world_put(kept, "repos", json_incref(repos));
	if (some)
		world_put(answer, "repositories", world_installation_repos(w, installation, repos));
	world_put(w->tokens, token, kept);
	world_answer(call, 201, answer);
	free(token);
}

/* {"permissions"?, "repository_ids"?, "repositories"?} */
void world_post_access_token(struct world_call *call)
{
	json_t *installation = own_installation(call), *rights, *repos = NULL;

	if (!installation)
		return;
	if (world_int(installation, "suspended_at")) {
		world_fail(&call->act, 403, "This installation has been suspended");
		return;
	}
	rights = narrowed_rights(call, installation);
	if (!rights)
		world_fail(&call->act, 422, "The permissions requested are not granted to this installation.");
	else if (!narrowed_repos(call, installation, &repos))
		world_fail(&call->act, 422,
			   "There is at least one repository that does not exist or is not accessible to the parent "
			   "installation.");
	else
		give_token(call, installation, json_incref(rights), repos);
	json_decref(rights);
	json_decref(repos);
}

/* ---- with an installation's token ---- */

static json_t *callers_installation(struct world_call *call)
{
	json_int_t id = world_int(call->token, "installation");

	if (!id)
		world_fail(&call->act, 403, "You must authenticate with an installation access token.");
	return id ? world_installation(call->act.w, id) : NULL;
}

void world_get_installation_repos(struct world_call *call)
{
	json_t *installation = callers_installation(call), *only = json_object_get(call->token, "repos"), *list;
	json_int_t total;

	if (!installation)
		return;
	list = world_installation_repos(call->act.w, installation, only);
	total = (json_int_t)json_array_size(list);
	world_answer(call, 200,
		     json_pack("{s:I,s:s,s:o}", "total_count", total, "repository_selection",
			       only ? "selected" : world_str(installation, "selection"), "repositories",
			       world_page(call, list)));
}

void world_delete_token(struct world_call *call)
{
	const char *key;
	json_t *one;

	if (!callers_installation(call))
		return;
	json_object_foreach(call->act.w->tokens, key, one)
	{
		if (one == call->token) {
			json_object_del(call->act.w->tokens, key);
			call->token = NULL;
			break;
		}
	}
	call->response->status = 204;
}

/* ---- the manifest's end ---- */

/* From now on the App is there, and its webhooks are signed with its secret. */
static void convert(struct world_call *call, json_t *manifest)
{
	const char *slug = world_str(manifest, "slug")[0] ? world_str(manifest, "slug") : "headgate";
	const char *secret = world_str(manifest, "webhook_secret");
	struct world_act act = call->act;
	json_t *view;

	act.args = manifest;
	act.out = world_own(json_object());
	world_act_app(&act);
	json_decref(act.out);
	if (secret[0]) {
		free(act.w->hooks.secret);
		act.w->hooks.secret = world_text("%s", secret);
	}
	view = world_app_view(act.w, json_object_get(act.w->apps, slug));
	world_put(view, "pem", json_string(world_str(manifest, "pem")));
	world_put(view, "webhook_secret", secret[0] ? json_string(secret) : json_null());
	world_put(view, "client_secret", json_string("5ecre7-of-the-client"));
	world_answer(call, 201, view);
}

void world_post_conversion(struct world_call *call)
{
	struct world *w = call->act.w;
	json_t *manifest = json_incref(json_object_get(w->manifests, call->args[0]));

	if (manifest && w->now_ms < world_int(manifest, "at") + TOKEN_LIFE_MS)
		convert(call, manifest);
	else
		world_fail(&call->act, 404, "Not Found");
	json_object_del(w->manifests, call->args[0]);
	json_decref(manifest);
}
