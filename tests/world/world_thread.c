/*
 * Conversations about lines of a change. REST shows none of them: their one face is GraphQL, which understands one
 * question, the agent's, word for word but for how it is broken into lines, and refuses any other.
 */
#include "tests/world/world_rest.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE_MAX = 100 };

static json_t *threads_of(json_t *change)
{
	return world_list(change, "threads");
}

static json_t *thread_of(struct world_act *act, json_t *change)
{
	json_int_t id = world_int(act->args, "thread");
	json_t *one;
	size_t i;

	json_array_foreach(threads_of(change), i, one)
	{
		if (world_int(one, "id") == id)
			return one;
	}
	world_fail(act, 404, "Not Found");
	return NULL;
}

static json_t *node_id(json_t *thread)
{
	return world_jtext("PRRT_%lld", (long long)world_int(thread, "id"));
}

static json_t *comment_view(struct world_act *act, json_t *change, json_t *thread)
{
	return world_own(json_pack("{s:I,s:o,s:o,s:s,s:s,s:s,s:o,s:o,s:s}", "id", world_int(thread, "id"), "node_id",
				   world_jtext("PRRC_%lld", (long long)world_int(thread, "id")), "user",
				   world_user_view(act->w, world_str(thread, "who")), "path", world_str(thread, "path"),
				   "body", world_str(thread, "body"), "commit_id", world_str(change, "head_sha"),
				   "created_at", world_time(world_int(thread, "at")), "updated_at",
				   world_time(world_int(thread, "at")), "author_association",
				   world_association(act->w, act->repo, world_str(thread, "who"))));
}

static void tell(struct world_act *act, json_t *change, const char *action, const char *key, json_t *view)
{
	json_t *payload = world_own(json_pack("{s:s,s:o,s:o}", "action", action, key, view, "pull_request",
					      world_change_view(act->w, act->repo, change, false)));

	world_emit_by(act, strcmp(key, "thread") == 0 ? "pull_request_review_thread" : "pull_request_review_comment",
		      payload);
}

/* {"number", "path"?, "body"?} */
void world_act_open_thread(struct world_act *act)
{
	json_t *change = world_change_of(act), *thread;
	const char *path = world_str(act->args, "path");

	if (!change)
		return;
	thread = world_own(json_pack("{s:I,s:s,s:s,s:s,s:I,s:b}", "id", world_id(act->w, "comment"), "who", act->who,
				     "path", path[0] ? path : "README.md", "body", world_str(act->args, "body"), "at",
				     (json_int_t)act->w->now_ms, "resolved", 0));
	json_array_append_new(threads_of(change), thread);
	world_touch(act->w, change, NULL, NULL);
	tell(act, change, "created", "comment", comment_view(act, change, thread));
	world_put(act->out, "id", json_integer(world_int(thread, "id")));
}

static void resolve(struct world_act *act, bool resolved)
{
	json_t *change = world_change_of(act), *thread = change ? thread_of(act, change) : NULL, *comments;

	if (!thread)
		return;
	world_put(thread, "resolved", json_boolean(resolved));
	comments = world_own(json_pack("[o]", comment_view(act, change, thread)));
	tell(act, change, resolved ? "resolved" : "unresolved", "thread",
	     world_own(json_pack("{s:o,s:o}", "node_id", node_id(thread), "comments", comments)));
}

/* {"number", "thread": its id}: updated_at stays. */
void world_act_resolve_thread(struct world_act *act)
{
	resolve(act, true);
}

void world_act_unresolve_thread(struct world_act *act)
{
	resolve(act, false);
}

/* ---- GraphQL ---- */

static const char question[] =
	"query($owner:String!,$name:String!,$number:Int!,$after:String){repository(owner:$owner,name:$name){databaseId "
	"pullRequest(number:$number){updatedAt reviewThreads(first:100,after:$after){totalCount nodes{id isResolved "
	"comments(first:1){nodes{databaseId}}}pageInfo{hasNextPage endCursor}}}}}";

static void refuse(struct world_call *call, const char *type, const char *message)
{
	world_answer(call, 200, json_pack("{s:n,s:[{s:s,s:s}]}", "data", "errors", "type", type, "message", message));
}

static json_t *thread_view(json_t *thread)
{
	return world_own(json_pack("{s:o,s:b,s:{s:[{s:I}]}}", "id", node_id(thread), "isResolved",
				   world_true(thread, "resolved"), "comments", "nodes", "databaseId",
				   world_int(thread, "id")));
}

static json_t *page_view(json_t *change, const char *after)
{
	json_t *all = threads_of(change), *nodes = world_own(json_array());
	size_t n = json_array_size(all), at = after[0] ? strtoul(after, NULL, 10) : 0, to;

	for (to = at; to < n && to < at + PAGE_MAX; to++)
		json_array_append_new(nodes, thread_view(json_array_get(all, to)));
	return world_own(json_pack("{s:I,s:o,s:{s:b,s:o}}", "totalCount", (json_int_t)n, "nodes", nodes, "pageInfo",
				   "hasNextPage", to < n, "endCursor", world_jtext("%zu", to)));
}

void world_post_graphql(struct world_call *call)
{
	json_t *variables = json_object_get(call->act.args, "variables"), *change;
	char *name = world_text("%s/%s", world_str(variables, "owner"), world_str(variables, "name"));

	call->act.repo = world_repo(call->act.w, name);
	free(name);
	change = call->act.repo ? world_change(call->act.repo, world_int(variables, "number")) : NULL;
	if (strcmp(world_str(call->act.args, "query"), question) != 0)
		refuse(call, "INVALID_QUERY", "a question that this world does not know");
	else if (!change || !world_may_read(call))
		refuse(call, "NOT_FOUND", "Could not resolve to a PullRequest");
	else if (world_str(call->token, "app")[0] && !world_may(call->token, "pull_requests", "read"))
		refuse(call, "FORBIDDEN", "Resource not accessible by integration");
	else
		world_answer(call, 200,
			     json_pack("{s:{s:{s:I,s:{s:o,s:o}}}}", "data", "repository", "databaseId",
				       world_int(call->act.repo, "id"), "pullRequest", "updatedAt",
				       world_time(world_int(change, "updated_at")), "reviewThreads",
				       page_view(change, world_str(variables, "after"))));
}
