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

bool world_may(const json_t *token, const char *right, const char *level)
{
	json_t *rights = json_object_get(token, "rights");
	const char *has = world_str(rights, right);

	if (!rights)
		return true;
	return strcmp(has, "write") == 0 || (strcmp(level, "read") == 0 && strcmp(has, "read") == 0);
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

/* Answers one page of the list (stolen), with first, prev, next and last built from the public URL. */
void world_answer_page(struct world_call *call, json_t *list)
{
	json_t *query = world_query(call->request->query), *page = world_own(json_array());
	json_int_t per = number_in(query, "per_page", 30), at = number_in(query, "page", 1), total, last;

	per = per > 100 ? 100 : per;
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
	world_answer(call, 200, page);
}

struct route {
	const char *method, *pattern;
	void (*run)(struct world_call *call);
	const char *right, *level; /* of an App */
	const char *role;          /* of a user */
};

static const struct route routes[] = {
	{"GET", "repos/:/:", world_get_repo, "metadata", "read", "read"},
	{"GET", "repositories/:", world_get_repo, "metadata", "read", "read"},
	{"GET", "repos/:/:/pulls", world_get_pulls, "pull_requests", "read", "read"},
	{"GET", "repos/:/:/pulls/:", world_get_pull, "pull_requests", "read", "read"},
	{"GET", "repos/:/:/pulls/:/reviews", world_get_reviews, "pull_requests", "read", "read"},
	{"POST", "repos/:/:/pulls/:/reviews", world_post_review, "pull_requests", "write", "read"},
	{"GET", "repos/:/:/pulls/:/commits", world_get_pull_commits, "pull_requests", "read", "read"},
	{"GET", "repos/:/:/pulls/:/files", world_get_files, "pull_requests", "read", "read"},
	{"PUT", "repos/:/:/pulls/:/merge", world_put_merge, "contents", "write", "write"},
	{"GET", "repos/:/:/collaborators/:/permission", world_get_permission, "metadata", "read", "read"},
	{"GET", "orgs/:/teams/:/memberships/:", world_get_membership, "members", "read", ""},
	{"GET", "repos/:/:/git/ref/*", world_get_ref, "contents", "read", "read"},
	{"PATCH", "repos/:/:/git/refs/*", world_patch_ref, "contents", "write", "write"},
	{"GET", "repos/:/:/commits/:/pulls", world_get_commit_pulls, "pull_requests", "read", "read"},
	{"GET", "repos/:/:/commits/:/statuses", world_get_statuses, "statuses", "read", "read"},
	{"GET", "repos/:/:/commits/:/status", world_get_combined, "statuses", "read", "read"},
	{"GET", "repos/:/:/commits/*", world_get_commit, "contents", "read", "read"},
	{"POST", "repos/:/:/statuses/:", world_post_status, "statuses", "write", "write"},
	{"GET", "repos/:/:/activity", world_get_activity, "contents", "read", "read"},
	{"GET", "repos/:/:/issues/:/timeline", world_get_timeline, "issues", "read", "read"},
	{"GET", "repos/:/:/contents/*", world_get_contents, "contents", "read", "read"},
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

/* Where the App is not installed it is a stranger: it reads what is public. */
static bool app_may(struct world_call *call, const char *level)
{
	json_t *repo = call->act.repo;

	if (!world_str(call->token, "app")[0] || !repo || !world_true(repo, "uninstalled"))
		return true;
	return strcmp(level, "read") == 0 && !world_true(repo, "private");
}

/* An old name is answered with the new place, by its number. */
static bool redirected(struct world_call *call, const char *name)
{
	json_t *now = world_repo(call->act.w, world_str(call->act.w->moved, name));
	char *url;

	if (!now)
		return false;
	url = world_text("%s/repositories/%lld", call->act.w->public_url, (long long)world_int(now, "id"));
	world_fail(&call->act, 301, "Moved Permanently");
	world_put(call->act.out, "url", json_string(url));
	world_put(call->response->headers, "Location", json_string(url));
	free(url);
	return true;
}

static json_t *repo_by_number(struct world *w, const char *number)
{
	json_int_t id = strtoll(number, NULL, 10);
	json_t *repo;
	const char *key;

	json_object_foreach(w->repos, key, repo)
	{
		if (world_int(repo, "id") == id)
			return repo;
	}
	return NULL;
}

static bool readable(struct world_call *call)
{
	if (call->act.repo && user_may(call, "read") && app_may(call, "read"))
		return true;
	world_fail(&call->act, 404, "Not Found");
	return false;
}

static void run(struct world_call *call, const struct route *route)
{
	if (strncmp(route->pattern, "repositories/", 13) == 0) {
		call->act.repo = repo_by_number(call->act.w, call->args[0]);
		if (!readable(call))
			return;
	}
	if (strncmp(route->pattern, "repos/", 6) == 0) {
		char *name = world_text("%s/%s", call->args[0], call->args[1]);

		call->act.repo = world_repo(call->act.w, name);
		if (!call->act.repo && redirected(call, name)) {
			free(name);
			return;
		}
		free(name);
		if (!readable(call))
			return;
	}
	if (!app_may(call, route->level) ||
	    (world_str(call->token, "app")[0] && !world_may(call->token, route->right, route->level)))
		world_fail(&call->act, 403, "Resource not accessible by integration");
	else if (!user_may(call, route->role))
		world_fail(&call->act, 403, "Must have push access to Repository");
	else
		route->run(call);
}

void world_route(struct world_call *call, char **parts, size_t n)
{
	bool known = false, done = false;

	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]) && !done; i++) {
		char *rest = NULL;
		bool here = matches(routes[i].pattern, parts, n, call->args, &rest);

		known = known || here;
		done = here && strcmp(routes[i].method, call->request->method) == 0;
		if (done)
			run(call, &routes[i]);
		free(rest);
	}
	if (!done)
		world_fail(&call->act, known ? 405 : 404, known ? "Method Not Allowed" : "Not Found");
}
