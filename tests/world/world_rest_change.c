#include "tests/world/world_rest.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { COMMITS_MAX = 250 };

static json_t *change_of(struct world_call *call)
{
	char *end = NULL;
	long long number = strtoll(call->args[2], &end, 10);
	json_t *change = *end == 0 ? world_change(call->act.repo, number) : NULL;

	if (!change)
		world_fail(&call->act, 404, "Not Found");
	return change;
}

static bool head_matches(struct world *w, json_t *change, const char *head)
{
	json_t *repo = world_repo_by_id(w, world_int(change, "head_repo"));
	const char *colon = strchr(head, ':');
	size_t len = colon ? (size_t)(colon - head) : 0;

	if (!head[0])
		return true;
	return colon && repo && strlen(world_str(repo, "owner")) == len &&
	       strncasecmp(world_str(repo, "owner"), head, len) == 0 &&
	       strcmp(world_str(change, "head_ref"), colon + 1) == 0;
}

static bool wanted(struct world *w, json_t *change, json_t *query)
{
	const char *state = world_str(query, "state"), *base = world_str(query, "base");

	if (!state[0])
		state = "open";
	return (strcmp(state, "all") == 0 || strcmp(state, world_str(change, "state")) == 0) &&
	       (!base[0] || strcmp(base, world_str(change, "base_ref")) == 0) &&
	       head_matches(w, change, world_str(query, "head"));
}

/* Newest first, unless ?direction=asc. */
void world_get_pulls(struct world_call *call)
{
	json_t *query = world_query(call->request->query), *all = world_list(call->act.repo, "changes"), *change;
	json_t *list = world_own(json_array());
	bool up = strcmp(world_str(query, "direction"), "asc") == 0;
	size_t n = json_array_size(all);

	for (size_t i = 0; i < n; i++) {
		change = json_array_get(all, up ? i : n - 1 - i);
		if (wanted(call->act.w, change, query))
			json_array_append_new(list, world_change_view(call->act.w, call->act.repo, change, false));
	}
	json_decref(query);
	world_answer_page(call, list);
}

static json_t *pull_of(json_t *view)
{
	static const char *const same[] = {"url", "html_url", "diff_url", "patch_url", "merged_at"};
	json_t *pull = world_own(json_object());

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		world_put(pull, same[i], json_incref(json_object_get(view, same[i])));
	return pull;
}

/* A change as the list of issues shows it: without its branches, and with the time it was merged. */
static json_t *issue_view(struct world_call *call, json_t *change)
{
	static const char *const same[] = {"id",
					   "node_id",
					   "number",
					   "state",
					   "locked",
					   "title",
					   "body",
					   "user",
					   "created_at",
					   "updated_at",
					   "closed_at",
					   "labels",
					   "html_url",
					   "comments_url",
					   "draft",
					   "assignee",
					   "assignees",
					   "milestone",
					   "author_association"};
	json_t *view = world_own(json_object()), *from = world_change_view(call->act.w, call->act.repo, change, false);
	char *repo = world_text("%s/repos/%s", call->act.w->public_url, world_str(call->act.repo, "full_name"));
	const char *url = world_str(from, "issue_url");

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		if (json_object_get(from, same[i]))
			world_put(view, same[i], json_incref(json_object_get(from, same[i])));
	world_put(view, "url", json_string(url));
	world_put(view, "events_url", world_jtext("%s/events", url));
	world_put(view, "labels_url", world_jtext("%s/labels{/name}", url));
	world_put(view, "repository_url", json_string(repo));
	world_put(view, "comments", json_integer((json_int_t)json_array_size(world_list(change, "comments"))));
	world_put(view, "pull_request", pull_of(from));
	free(repo);
	json_decref(from);
	return view;
}

/* Newest first, unless ?direction=asc. The world has no issues but changes. */
void world_get_issues(struct world_call *call)
{
	json_t *query = world_query(call->request->query), *all = world_list(call->act.repo, "changes"), *change;
	json_t *list = world_own(json_array());
	bool up = strcmp(world_str(query, "direction"), "asc") == 0;
	const char *creator = world_str(query, "creator");
	size_t n = json_array_size(all);

	for (size_t i = 0; i < n; i++) {
		change = json_array_get(all, up ? i : n - 1 - i);
		if (wanted(call->act.w, change, query) &&
		    (!creator[0] || strcasecmp(creator, world_str(change, "author")) == 0))
			json_array_append_new(list, issue_view(call, change));
	}
	json_decref(query);
	world_answer_page(call, list);
}

void world_get_pull(struct world_call *call)
{
	json_t *change = change_of(call);

	if (change)
		world_answer(call, 200, world_change_view(call->act.w, call->act.repo, change, true));
}

void world_get_reviews(struct world_call *call)
{
	json_t *change = change_of(call), *list = world_own(json_array()), *review;
	size_t i;

	json_array_foreach(change ? world_list(change, "reviews") : NULL, i, review)
		json_array_append_new(list, world_review_view(call->act.w, call->act.repo, change, review));
	if (change)
		world_answer_page(call, list);
	else
		json_decref(list);
}

void world_post_review(struct world_call *call)
{
	static const struct {
		const char *event;
		world_act_fn *run;
	} kinds[] = {{"APPROVE", world_act_approve},
		     {"REQUEST_CHANGES", world_act_request_changes},
		     {"COMMENT", world_act_comment_review}};
	json_t *change = change_of(call);

	if (!change)
		return;
	world_put(call->act.args, "number", json_integer(world_int(change, "number")));
	for (size_t i = 0; i < 3; i++) {
		if (strcmp(kinds[i].event, world_str(call->act.args, "event")) == 0) {
			kinds[i].run(&call->act);
			return;
		}
	}
	world_fail(&call->act, 422, "Unprocessable Entity: event is not known");
}

static json_t *range_of(struct world_call *call, json_t *change)
{
	return world_range(call->act.w, call->act.repo, world_tip(call->act.repo, world_str(change, "base_ref")),
			   world_str(change, "head_sha"));
}

void world_get_pull_commits(struct world_call *call)
{
	json_t *change = change_of(call), *range, *list, *sha;
	size_t i;

	if (!change)
		return;
	range = range_of(call, change);
	list = world_own(json_array());
	json_array_foreach(range, i, sha)
	{
		if (i < COMMITS_MAX)
			json_array_append_new(list,
					      world_commit_view(call->act.w, call->act.repo, json_string_value(sha)));
	}
	json_decref(range);
	world_answer_page(call, list);
}

void world_get_files(struct world_call *call)
{
	json_t *change = change_of(call);

	if (change)
		world_answer_page(call, world_files(call->act.w, call->act.repo,
						    world_tip(call->act.repo, world_str(change, "base_ref")),
						    world_str(change, "head_sha")));
}

void world_put_merge(struct world_call *call)
{
	json_t *change = change_of(call);

	if (!change)
		return;
	world_put(call->act.args, "number", json_integer(world_int(change, "number")));
	world_act_merge(&call->act);
}

static json_t *review_in(json_t *change, json_int_t id)
{
	json_t *review;
	size_t i;

	json_array_foreach(world_list(change, "reviews"), i, review)
	{
		if (world_int(review, "id") == id)
			return review;
	}
	return NULL;
}

static json_t *review_of(struct world_call *call, json_t *change)
{
	char *end = NULL;
	long long id = strtoll(call->args[3], &end, 10);
	json_t *review = change && *end == 0 ? review_in(change, id) : NULL;

	if (change && !review)
		world_fail(&call->act, 404, "Not Found");
	return review;
}

void world_get_review(struct world_call *call)
{
	json_t *change = change_of(call), *review = review_of(call, change);

	if (review)
		world_answer(call, 200, world_review_view(call->act.w, call->act.repo, change, review));
}

/* {"message"} */
void world_put_dismissal(struct world_call *call)
{
	json_t *change = change_of(call), *review = review_of(call, change);

	if (!review)
		return;
	if (!world_str(call->act.args, "message")[0]) {
		world_fail(&call->act, 422, "Validation Failed: message is missing");
		return;
	}
	json_object_del(call->act.args, "silent");
	world_put(call->act.args, "number", json_integer(world_int(change, "number")));
	world_put(call->act.args, "review", json_integer(world_int(review, "id")));
	world_act_dismiss(&call->act);
	if (!call->act.status)
		world_answer(call, 200, world_review_view(call->act.w, call->act.repo, change, review));
}

/* The base as it is now is merged into the head's branch. */
static void update_branch(struct world_call *call, json_t *change)
{
	const char *tip = world_tip(call->act.repo, world_str(change, "base_ref"));
	json_t *head_repo = world_repo_by_id(call->act.w, world_int(change, "head_repo"));
	char *message =
		world_text("Merge branch '%s' into %s", world_str(change, "base_ref"), world_str(change, "head_ref"));
	struct world_join in = {world_str(change, "head_sha"), tip, message, false};
	char sha[41];

	if (world_is_ancestor(call->act.w, call->act.repo, tip, in.base)) {
		world_fail(&call->act, 422, "There are no new commits on the base branch.");
	} else if (!head_repo || !world_join(call->act.w, call->act.repo, &in, sha)) {
		world_fail(&call->act, 422, "merge conflict between base and head");
	} else {
		json_object_clear(call->act.args);
		world_put(call->act.args, "branch", json_string(world_str(change, "head_ref")));
		world_put(call->act.args, "sha", json_string(sha));
		call->act.repo = head_repo;
		world_act_push(&call->act);
	}
	free(message);
}

/* {"expected_head_sha"?} */
void world_put_update_branch(struct world_call *call)
{
	json_t *change = change_of(call);
	const char *expected = world_str(call->act.args, "expected_head_sha");

	if (!change)
		return;
	if (expected[0] && strcmp(expected, world_str(change, "head_sha")) != 0)
		world_fail(&call->act, 422, "expected head sha didn't match current head ref.");
	else
		update_branch(call, change);
	if (!call->act.status)
		world_answer(call, 202,
			     json_pack("{s:s,s:s}", "message", "Updating pull request branch.", "url",
				       call->act.w->public_url));
}

static void add_entry_rest(struct world_call *call, json_t *entry, json_t *view)
{
	const char *url = call->act.w->public_url, *name = world_str(call->act.repo, "full_name");
	const char *commit = world_str(entry, "commit_id");
	long long id = world_int(entry, "id");

	world_put(view, "node_id", world_jtext("EVENT_%lld", id));
	world_put(view, "url", world_jtext("%s/repos/%s/issues/events/%lld", url, name, id));
	world_put(view, "commit_id", commit[0] ? json_string(commit) : json_null());
	world_put(view, "commit_url",
		  commit[0] ? world_jtext("%s/repos/%s/commits/%s", url, name, commit) : json_null());
	world_put(view, "created_at", world_time(world_int(entry, "at")));
	world_put(view, "performed_via_github_app", json_null());
}

static json_t *entry_view(struct world_call *call, json_t *change, json_t *entry)
{
	json_t *review = review_in(change, world_int(entry, "review"));
	json_t *view =
		world_own(json_pack("{s:I,s:s}", "id", world_int(entry, "id"), "event", world_str(entry, "event")));
	json_t *who = world_user_view(call->act.w, world_str(entry, "who"));

	if (review && strcmp(world_str(entry, "event"), "reviewed") == 0) {
		json_decref(who);
		who = world_review_view(call->act.w, call->act.repo, change, review);
		json_object_update_missing(view, who);
		json_decref(who);
		return view;
	}
	world_put(view, "actor", who);
	add_entry_rest(call, entry, view);
	if (world_str(entry, "label")[0])
		world_put(view, "label", json_pack("{s:s,s:s}", "name", world_str(entry, "label"), "color", "ededed"));
	return view;
}

/* The commit itself, as git has it. */
static json_t *committed_view(struct world_call *call, const char *sha)
{
	json_t *commit = world_commit_view(call->act.w, call->act.repo, sha);
	json_t *view = world_own(json_copy(json_object_get(commit, "commit")));
	static const char *const outer[] = {"sha", "node_id", "url", "html_url", "parents"};

	json_object_del(view, "comment_count");
	world_put(view, "event", json_string("committed"));
	for (size_t i = 0; i < sizeof(outer) / sizeof(outer[0]); i++)
		world_put(view, outer[i], json_incref(json_object_get(commit, outer[i])));
	json_decref(commit);
	return view;
}

/* The commits of the change as it is now, then what happened to it. "committed" has no time but its author's. */
void world_get_timeline(struct world_call *call)
{
	json_t *change = change_of(call), *range, *list, *one;
	size_t i;

	if (!change)
		return;
	range = range_of(call, change);
	list = world_own(json_array());
	json_array_foreach(range, i, one) json_array_append_new(list, committed_view(call, json_string_value(one)));
	json_decref(range);
	json_array_foreach(world_list(change, "timeline"), i, one)
		json_array_append_new(list, entry_view(call, change, one));
	world_answer_page(call, list);
}

void world_get_comments(struct world_call *call)
{
	json_t *change = change_of(call), *list, *one;
	size_t i;

	if (!change)
		return;
	list = world_own(json_array());
	json_array_foreach(world_list(change, "comments"), i, one)
		json_array_append_new(list, world_comment_view(&call->act, change, one));
	world_answer_page(call, list);
}

/* {"body"} */
void world_post_comment(struct world_call *call)
{
	json_t *change = change_of(call), *comments;

	if (!change)
		return;
	if (!world_str(call->act.args, "body")[0]) {
		world_fail(&call->act, 422, "Validation Failed: body is missing");
		return;
	}
	json_object_del(call->act.args, "id");
	world_put(call->act.args, "number", json_integer(world_int(change, "number")));
	world_act_comment(&call->act);
	comments = world_list(change, "comments");
	world_answer(call, 201,
		     world_comment_view(&call->act, change, json_array_get(comments, json_array_size(comments) - 1)));
}
