/*
 * The route table. A pattern's ":" takes one segment, "*" the rest (slashes included, so raw and %2F mean the same).
 * Each row says the right that an App token needs and the role that a user's token needs.
 */
#include "tests/world/world_rest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void world_answer(struct world_call *call, int status, json_t *body)
{
	json_decref(call->act.out);
	call->act.out = world_own(body);
	call->response->status = status;
}

/* right: one name, or several with '|' between them, of which one is enough. */
bool world_may(const json_t *token, const char *right, const char *level)
{
	json_t *rights = json_object_get(token, "rights");
	bool may = !rights || !right[0];
	char one[32];

	for (; !may && *right; right += strcspn(right, "|"), right += *right == '|') {
		snprintf(one, sizeof(one), "%.*s", (int)strcspn(right, "|"), right);
		may = world_level_holds(world_str(rights, one), level);
	}
	return may;
}

static json_int_t number_in(json_t *query, const char *key, json_int_t fallback)
{
	const char *text = world_str(query, key);
	char *end = NULL;
	long value = text[0] ? strtol(text, &end, 10) : 0;

	return text[0] && *end == 0 && value > 0 ? value : fallback;
}

static char *page_url(struct world_call *call, json_t *query, json_int_t page)
{
	char *url = world_text("%s%s?", call->act.w->public_url, call->request->path), *longer, *escaped;
	const char *key;
	json_t *value;

	json_object_foreach(query, key, value)
	{
		if (strcmp(key, "page") == 0)
			continue;
		escaped = world_escape(json_string_value(value));
		longer = world_text("%s%s=%s&", url, key, escaped);
		free(escaped);
		free(url);
		url = longer;
	}
	longer = world_text("%spage=%lld", url, (long long)page);
	free(url);
	return longer;
}

static void add_link(struct world_call *call, json_t *query, json_int_t page, const char *rel)
{
	const char *old = world_str(call->response->headers, "Link");
	char *url = page_url(call, query, page);

	world_put(call->response->headers, "Link",
		  world_jtext("%s%s<%s>; rel=\"%s\"", old, old[0] ? ", " : "", url, rel));
	free(url);
}

json_t *world_pages(struct world_call *call, json_t *list, json_int_t usual)
{
	json_t *query = world_query(call->request->query), *page = world_own(json_array());
	json_int_t per = number_in(query, "per_page", 0), at = number_in(query, "page", 1), total, last;

	per = per > 100 ? 100 : per > 0 ? per : usual;
	total = (json_int_t)json_array_size(list);
	last = total ? (total + per - 1) / per : 1;
	for (json_int_t i = (at - 1) * per; i < at * per && i < total; i++)
		json_array_append(page, json_array_get(list, (size_t)i));
	if (at > 1) {
		add_link(call, query, at - 1, "prev");
		add_link(call, query, 1, "first");
	}
	if (at < last) {
		add_link(call, query, at + 1, "next");
		add_link(call, query, last, "last");
	}
	json_decref(query);
	json_decref(list);
	return page;
}

json_t *world_page(struct world_call *call, json_t *list)
{
	return world_pages(call, list, 30);
}

void world_answer_page(struct world_call *call, json_t *list)
{
	world_answer(call, 200, world_page(call, list));
}

static void get_rate_limit(struct world_call *call)
{
	world_answer(call, 200, world_rate_view(call));
}

struct route {
	const char *method, *pattern;
	void (*run)(struct world_call *call);
	const char *right, *level; /* of an App; a|b: one of them is enough */
	const char *role;          /* of a user */
};

static const struct route routes[] = {
	{"GET", "repos/:/:", world_get_repo, "metadata", "read", "read"},
	{"GET", "repos/:/:/pulls", world_get_pulls, "pull_requests", "read", "read"},
	{"GET", "repos/:/:/pulls/:", world_get_pull, "pull_requests", "read", "read"},
	{"GET", "repos/:/:/pulls/:/reviews", world_get_reviews, "pull_requests", "read", "read"},
	{"POST", "repos/:/:/pulls/:/reviews", world_post_review, "pull_requests", "write", "read"},
	{"GET", "repos/:/:/pulls/:/reviews/:", world_get_review, "pull_requests", "read", "read"},
	{"PUT", "repos/:/:/pulls/:/reviews/:/dismissals", world_put_dismissal, "pull_requests", "write", "write"},
	{"PUT", "repos/:/:/pulls/:/update-branch", world_put_update_branch, "contents", "write", "write"},
	{"GET", "repos/:/:/pulls/:/commits", world_get_pull_commits, "pull_requests", "read", "read"},
	{"GET", "repos/:/:/pulls/:/files", world_get_files, "pull_requests", "read", "read"},
	{"PUT", "repos/:/:/pulls/:/merge", world_put_merge, "contents", "write", "write"},
	{"GET", "repos/:/:/collaborators/:/permission", world_get_permission, "metadata", "read", "read"},
	{"GET", "orgs/:/teams/:/memberships/:", world_get_membership, "members", "read", ""},
	{"GET", "orgs/:/teams/:/members", world_get_team_members, "members", "read", ""},
	{"GET", "orgs/:/members/:", world_get_org_member, "members", "read", ""},
	{"GET", "repos/:/:/git/ref/*", world_get_ref, "contents", "read", "read"},
	{"PATCH", "repos/:/:/git/refs/*", world_patch_ref, "contents", "write", "write"},
	{"POST", "repos/:/:/git/refs", world_post_ref, "contents", "write", "write"},
	{"DELETE", "repos/:/:/git/refs/*", world_delete_ref, "contents", "write", "write"},
	{"POST", "repos/:/:/git/commits", world_post_commit, "contents", "write", "write"},
	{"GET", "repos/:/:/git/commits/:", world_get_git_commit, "contents", "read", "read"},
	{"GET", "repos/:/:/git/trees/:", world_get_tree, "contents", "read", "read"},
	{"GET", "repos/:/:/git/blobs/:", world_get_blob, "contents", "read", "read"},
	{"GET", "repos/:/:/commits", world_get_commits, "contents", "read", "read"},
	{"POST", "repos/:/:/merges", world_post_merge, "contents", "write", "write"},
	{"GET", "repos/:/:/branches/:/protection", world_get_protection, "administration", "read", "admin"},
	{"GET", "repos/:/:/branches/*", world_get_branch, "contents", "read", "read"},
	{"GET", "repos/:/:/rules/branches/*", world_get_branch_rules, "metadata", "read", "read"},
	{"GET", "repos/:/:/commits/:/pulls", world_get_commit_pulls, "pull_requests", "read", "read"},
	{"GET", "repos/:/:/commits/:/statuses", world_get_statuses, "statuses", "read", "read"},
	{"GET", "repos/:/:/commits/:/status", world_get_combined, "statuses", "read", "read"},
	{"GET", "repos/:/:/commits/:/check-runs", world_get_checks, "checks", "read", "read"},
	{"GET", "repos/:/:/actions/runs", world_get_runs, "actions", "read", "read"},
	{"POST", "repos/:/:/check-runs", world_post_check, "checks", "write", "read"},
	{"GET", "repos/:/:/check-runs/:", world_get_check, "checks", "read", "read"},
	{"PATCH", "repos/:/:/check-runs/:", world_patch_check, "checks", "write", "read"},
	{"GET", "repos/:/:/commits/*", world_get_commit, "contents", "read", "read"},
	{"POST", "repos/:/:/statuses/:", world_post_status, "statuses", "write", "write"},
	{"GET", "repos/:/:/activity", world_get_activity, "contents", "read", "read"},
	{"GET", "repos/:/:/issues", world_get_issues, "issues", "read", "read"},
	{"GET", "repos/:/:/issues/:/timeline", world_get_timeline, "issues|pull_requests", "read", "read"},
	{"GET", "repos/:/:/issues/:/comments", world_get_comments, "issues|pull_requests", "read", "read"},
	{"POST", "repos/:/:/issues/:/comments", world_post_comment, "issues|pull_requests", "write", "read"},
	{"GET", "repos/:/:/contents/*", world_get_contents, "contents", "read", "read"},
	{"GET", "repos/:/:/hooks/:/deliveries", world_get_hook_deliveries, "repository_hooks", "read", "admin"},
	{"GET", "repos/:/:/hooks/:/deliveries/:", world_get_hook_delivery, "repository_hooks", "read", "admin"},
	{"POST", "repos/:/:/hooks/:/deliveries/:/attempts", world_post_hook_attempt, "repository_hooks", "write",
	 "admin"},
	{"PUT", "repos/:/:/contents/*", world_put_contents, "contents", "write", "write"},
	{"DELETE", "repos/:/:/contents/*", world_delete_contents, "contents", "write", "write"},
	{"GET", "repos/:/:/compare/*", world_get_compare, "contents", "read", "read"},
	{"GET", "installation/repositories", world_get_installation_repos, "metadata", "read", ""},
	{"DELETE", "installation/token", world_delete_token, "", "", ""},
	{"GET", "rate_limit", get_rate_limit, "", "", ""},
	{"POST", "graphql", world_post_graphql, "", "", ""},
	{"POST", "api/graphql", world_post_graphql, "", "", ""},
};

/* Those an App opens with its own signature, and nobody else. */
static const struct route own_routes[] = {
	{"GET", "app", world_get_app, "", "", ""},
	{"GET", "app/installations", world_get_installations, "", "", ""},
	{"GET", "app/installations/:", world_get_installation, "", "", ""},
	{"POST", "app/installations/:/access_tokens", world_post_access_token, "", "", ""},
	{"GET", "repos/:/:/installation", world_get_repo_installation, "", "", ""},
	{"GET", "app/hook/deliveries", world_get_deliveries, "", "", ""},
	{"GET", "app/hook/deliveries/:", world_get_delivery, "", "", ""},
	{"POST", "app/hook/deliveries/:/attempts", world_post_attempt, "", "", ""},
	{"GET", "orgs/:/installation", world_get_account_installation, "", "", ""},
	{"GET", "users/:/installation", world_get_account_installation, "", "", ""},
	{"GET", "rate_limit", get_rate_limit, "", "", ""},
};

/* Open to everybody. */
static const struct route open_routes[] = {
	{"POST", "app-manifests/:/conversions", world_post_conversion, "", "", ""},
};

static char *join(char **parts, size_t n)
{
	char *all = world_text("%s", ""), *longer;

	for (size_t i = 0; i < n; i++) {
		longer = world_text("%s%s%s", all, i ? "/" : "", parts[i]);
		free(all);
		all = longer;
	}
	return all;
}

/* Fills args with what ":" and "*" took; the rest text is owned by *rest. */
static bool matches(const char *pattern, char **parts, size_t n, const char *args[4], char **rest)
{
	size_t i = 0, k = 0;

	for (; *pattern; i++) {
		size_t len = strcspn(pattern, "/");

		if (i >= n)
			return false;
		if (*pattern == '*') {
			*rest = join(parts + i, n - i);
			args[k] = *rest;
			return true;
		}
		if (*pattern == ':')
			args[k++] = parts[i];
		else if (strlen(parts[i]) != len || strncmp(pattern, parts[i], len) != 0)
			return false;
		pattern += len + (pattern[len] == '/');
	}
	return i == n;
}

static bool user_may(struct world_call *call, const char *role)
{
	const char *user = world_str(call->token, "user");

	return !user[0] || !call->act.repo || world_role_at_least(world_role(call->act.w, call->act.repo, user), role);
}

static bool app_is_installed(struct world_call *call)
{
	json_int_t id = world_int(call->token, "installation");

	return id ? world_covers(world_installation(call->act.w, id), json_object_get(call->token, "repos"),
				 call->act.repo)
		  : !world_true(call->act.repo, "uninstalled");
}

/* Where the App is not installed it is a stranger: it reads what is public. */
static bool app_may(struct world_call *call, const char *level)
{
	json_t *repo = call->act.repo;

	if (!world_str(call->token, "app")[0] || !repo || app_is_installed(call))
		return true;
	return strcmp(level, "read") == 0 && !world_true(repo, "private");
}

/* An App's own signature looks at what it is installed on. */
bool world_may_read(struct world_call *call)
{
	return call->act.repo && (call->app || (user_may(call, "read") && app_may(call, "read")));
}

static bool readable(struct world_call *call)
{
	if (world_may_read(call))
		return true;
	world_fail(&call->act, 404, "Not Found");
	return false;
}

/* The path as it was sent, behind the repository's owner and name. */
static const char *behind_name(const char *path)
{
	if (strncmp(path, "/api/v3/", 8) == 0)
		path += 7;
	for (int i = 0; i < 3 && path; i++)
		path = strchr(path + 1, '/');
	return path ? path : "";
}

/* An old name is answered with the new place, by its number; a write is told to repeat itself there. */
static void redirect(struct world_call *call)
{
	const struct world_request *request = call->request;
	bool get = strcmp(request->method, "GET") == 0;
	char *url = world_text("%s%s/repositories/%lld%s%s%s", call->act.w->public_url,
			       strncmp(request->path, "/api/v3/", 8) == 0 ? "/api/v3" : "",
			       (long long)world_int(call->act.repo, "id"), behind_name(request->path),
			       request->query && request->query[0] ? "?" : "", request->query ? request->query : "");

	world_fail(&call->act, get ? 301 : 307, "Moved Permanently");
	world_put(call->act.out, "url", json_string(url));
	world_put(call->response->headers, "Location", json_string(url));
	free(url);
}

/* Sets act.repo to that of the path; false: answered already. */
static bool find_repo(struct world_call *call)
{
	char *name = world_text("%s/%s", call->args[0], call->args[1]);
	bool moved;

	call->act.repo = world_repo(call->act.w, name);
	moved = !call->act.repo;
	if (moved)
		call->act.repo = world_repo_moved(call->act.w, name);
	free(name);
	if (!readable(call))
		return false;
	if (moved)
		redirect(call);
	return !moved;
}

static void run(struct world_call *call, const struct route *route)
{
	if (strncmp(route->pattern, "repos/", 6) == 0 && !find_repo(call))
		return;
	if (!call->app && (!app_may(call, route->level) ||
			   (world_str(call->token, "app")[0] && !world_may(call->token, route->right, route->level))))
		world_fail(&call->act, 403, "Resource not accessible by integration");
	else if (!user_may(call, route->role))
		world_fail(&call->act, 403, "Must have push access to Repository");
	else
		route->run(call);
}

struct table {
	const struct route *rows;
	size_t n;
};

static const struct table with_token = {routes, sizeof(routes) / sizeof(routes[0])},
			  with_signature = {own_routes, sizeof(own_routes) / sizeof(own_routes[0])},
			  without = {open_routes, sizeof(open_routes) / sizeof(open_routes[0])};

enum found { FOUND_NOTHING, FOUND_PATH, FOUND_ROUTE }; /* the path alone: with another method */

/* Runs the first row that matches. */
static enum found run_one_of(struct world_call *call, char **parts, size_t n, const struct table *table)
{
	enum found found = FOUND_NOTHING;

	for (size_t i = 0; i < table->n && found != FOUND_ROUTE; i++) {
		const struct route *row = &table->rows[i];
		char *rest = NULL;

		if (matches(row->pattern, parts, n, call->args, &rest)) {
			found = FOUND_PATH;
			if (strcmp(row->method, call->request->method) == 0) {
				found = FOUND_ROUTE;
				run(call, row);
			}
		}
		free(rest);
	}
	return found;
}

static bool has_path(struct world_call *call, char **parts, size_t n, const struct table *table)
{
	bool has = false;

	for (size_t i = 0; i < table->n && !has; i++) {
		char *rest = NULL;

		has = matches(table->rows[i].pattern, parts, n, call->args, &rest);
		free(rest);
	}
	return has;
}

void world_open_route(struct world_call *call, char **parts, size_t n)
{
	enum found found = run_one_of(call, parts, n, &without);

	if (found == FOUND_PATH)
		world_fail(&call->act, 405, "Method Not Allowed");
	else if (found == FOUND_NOTHING)
		world_fail(&call->act, 404, "Not Found");
}

/* What only the other kind of door opens is answered as to a stranger. */
static void run_route(struct world_call *call, char **parts, size_t n)
{
	enum found found = run_one_of(call, parts, n, call->app ? &with_signature : &with_token);

	if (found == FOUND_PATH)
		world_fail(&call->act, 405, "Method Not Allowed");
	else if (found == FOUND_NOTHING && has_path(call, parts, n, call->app ? &with_token : &with_signature))
		world_fail(&call->act, 401, call->app ? "Bad credentials" : "A JSON web token could not be decoded");
	else if (found == FOUND_NOTHING)
		world_fail(&call->act, 404, "Not Found");
}

enum { PARTS_ROOM = 32 };

/* repositories/NUMBER/... is repos/OWNER/NAME/... of now. */
void world_route(struct world_call *call, char **parts, size_t n)
{
	char repos[] = "repos", *of_name[PARTS_ROOM] = {NULL}, *name, *slash;
	json_t *repo;

	if (n < 2 || strcmp(parts[0], "repositories") != 0 || n + 2 > PARTS_ROOM) {
		run_route(call, parts, n);
		return;
	}
	repo = world_repo_by_id(call->act.w, strtoll(parts[1], NULL, 10));
	name = world_text("%s", repo ? world_str(repo, "full_name") : "/");
	slash = strchr(name, '/');
	*slash = 0;
	of_name[0] = repos;
	of_name[1] = name;
	of_name[2] = slash + 1;
	for (size_t i = 2; i < n; i++)
		of_name[i + 1] = parts[i];
	if (repo)
		run_route(call, of_name, n + 1);
	else
		world_fail(&call->act, 404, "Not Found");
	free(name);
}
