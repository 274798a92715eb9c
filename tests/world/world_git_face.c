/* Who may read and write which repository over git, and what the world learns from a push. */
#include "tests/world/world_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool service_writes(const struct world_request *request)
{
	return strstr(request->path, "/git-receive-pack") ||
	       (request->query && strstr(request->query, "service=git-receive-pack"));
}

static bool allowed(struct world *w, json_t *repo, const json_t *token, bool write)
{
	const char *user = world_str(token, "user");
	json_int_t id = world_int(token, "installation");

	if (user[0])
		return world_role_at_least(world_role(w, repo, user), write ? "write" : "read");
	if (id && !world_covers(world_installation(w, id), json_object_get(token, "repos"), repo))
		return !write && !world_true(repo, "private");
	return world_may(token, "contents", write ? "write" : "read");
}

int world_git_begin(struct world *w, const struct world_request *request, struct world_git_visit *ret)
{
	const char *end = strstr(request->path, ".git/");
	const json_t *token = world_token(w, request->authorization);
	json_t *repo, *fault;
	char *key;
	int status;

	fault = world_take_fault(w, request);
	status = (int)world_int(fault, "status");
	json_decref(fault);
	*ret = (struct world_git_visit){.write = service_writes(request)};
	if (status)
		return status;
	if (!end || end - request->path < 2 || strstr(request->path, ".."))
		return 404;
	snprintf(ret->repo, sizeof(ret->repo), "%.*s", (int)(end - request->path - 1), request->path + 1);
	key = world_lower(ret->repo);
	snprintf(ret->path, sizeof(ret->path), "/%s%.200s", key, end);
	free(key);
	repo = world_repo(w, ret->repo);
	world_name_caller(token, NULL, ret->who);
	if (!token && (ret->write || request->authorization || !repo || world_true(repo, "private")))
		return 401;
	if (token && world_token_sleeps(w, token))
		return 403;
	if (!repo || (token && !allowed(w, repo, token, false)))
		return 404;
	return ret->write && !allowed(w, repo, token, true) ? 403 : 0;
}

void world_git_end(struct world *w, const struct world_git_visit *visit)
{
	json_t *repo = world_repo(w, visit->repo);

	world_log(w, "git", json_pack("{s:s,s:s,s:b}", "repo", visit->repo, "who", visit->who, "write", visit->write));
	if (repo && visit->write)
		world_scan_refs(w, repo, visit->who);
}
