/*
 * Changes (pull requests). The head follows its branch: whatever moves the branch moves the heads of its open changes
 * and tells so with `synchronize`. base.sha is the base's tip as of the last such moment, not of now.
 */
#include "tests/world/world_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

json_t *world_change(json_t *repo, json_int_t number)
{
	json_t *change;
	size_t i;

	json_array_foreach(world_list(repo, "changes"), i, change)
	{
		if (world_int(change, "number") == number)
			return change;
	}
	return NULL;
}

json_t *world_change_of(struct world_act *act)
{
	json_int_t number =
		world_int(act->args, "number") ? world_int(act->args, "number") : world_int(act->args, "pr");
	json_t *change = world_change(act->repo, number);

	if (!change)
		world_fail(act, 404, "Not Found");
	return change;
}

void world_touch(struct world *w, json_t *change, const char *event, json_t *entry)
{
	world_put(change, "updated_at", json_integer(w->now_ms));
	if (!event)
		return;
	world_put(entry, "event", json_string(event));
	world_put(entry, "at", json_integer(w->now_ms));
	world_put(entry, "id", json_integer(world_id(w, "timeline")));
	json_array_append_new(world_list(change, "timeline"), entry);
}

static json_t *side_view(struct world *w, json_t *repo, const char *ref, const char *sha)
{
	const char *owner = repo ? world_str(repo, "owner") : "";

	return world_own(json_pack("{s:o,s:s,s:s,s:o,s:o}", "label", world_jtext("%s:%s", owner, ref), "ref", ref,
				   "sha", sha, "user", world_user_view(w, owner), "repo",
				   repo ? world_repo_view(w, repo) : json_null()));
}

static json_t *label_view(struct world *w, json_t *repo, const char *label, int id)
{
	char *escaped = world_escape(label);
	json_t *view = world_own(json_pack(
		"{s:i,s:o,s:s,s:o,s:s,s:s,s:b}", "id", id, "node_id", world_jtext("LA_%d", id), "name", label, "url",
		world_jtext("%s/repos/%s/labels/%s", w->public_url, world_str(repo, "full_name"), escaped),
		"description", "", "color", "ededed", "default", 0));

	free(escaped);
	return view;
}

static json_t *labels_view(struct world *w, json_t *repo, json_t *change)
{
	json_t *list = world_own(json_array()), *label;
	size_t i;

	json_array_foreach(world_list(change, "labels"), i, label)
		json_array_append_new(list, label_view(w, repo, json_string_value(label), (int)i + 1));
	return list;
}

static void add_full(struct world *w, json_t *repo, json_t *change, json_t *view)
{
	world_fill_change_full(w, repo, change, view);
	world_put(view, "merged", json_boolean(world_true(change, "merged")));
	world_put(view, "mergeable", json_null());
	world_put(view, "mergeable_state", json_string("unknown"));
	world_put(view, "merged_by", world_user_view(w, world_str(change, "merged_by")));
	world_put(view, "comments", json_integer((json_int_t)json_array_size(world_list(change, "comments"))));
}

/* Fields that are always there and that nothing here fills. */
static void add_empty(json_t *view)
{
	static const char *const nulls[] = {"assignee", "milestone", "auto_merge", "active_lock_reason"};
	static const char *const lists[] = {"assignees", "requested_reviewers", "requested_teams"};

	for (size_t i = 0; i < sizeof(nulls) / sizeof(nulls[0]); i++)
		world_put(view, nulls[i], json_null());
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		world_put(view, lists[i], json_array());
}

json_t *world_change_view(struct world *w, json_t *repo, json_t *change, bool full)
{
	json_int_t number = world_int(change, "number");
	const char *merge = world_str(change, "merge_commit_sha");
	json_t *view = world_own(json_pack("{s:I,s:o,s:I,s:s,s:b,s:s,s:O,s:o}", "id", world_int(change, "id"),
					   "node_id", world_jtext("PR_%lld", (long long)world_int(change, "id")),
					   "number", number, "state", world_str(change, "state"), "locked", 0, "title",
					   world_str(change, "title"), "body", json_object_get(change, "body"), "user",
					   world_user_view(w, world_str(change, "author"))));

	world_put(view, "created_at", world_time(world_int(change, "created_at")));
	world_put(view, "updated_at", world_time(world_int(change, "updated_at")));
	world_put(view, "closed_at", world_time_or_null(world_int(change, "closed_at")));
	world_put(view, "merged_at", world_time_or_null(world_int(change, "merged_at")));
	world_put(view, "merge_commit_sha", merge[0] ? json_string(merge) : json_null());
	world_put(view, "draft", json_boolean(world_true(change, "draft")));
	world_put(view, "labels", labels_view(w, repo, change));
	world_put(view, "head",
		  side_view(w, world_repo_by_id(w, world_int(change, "head_repo")), world_str(change, "head_ref"),
			    world_str(change, "head_sha")));
	world_put(view, "base", side_view(w, repo, world_str(change, "base_ref"), world_str(change, "base_sha")));
	world_put(view, "author_association", json_string(world_association(w, repo, world_str(change, "author"))));
	add_empty(view);
	world_fill_change(w, repo, change, view);
	if (full)
		add_full(w, repo, change, view);
	return view;
}

void world_change_event(struct world_act *act, json_t *change, const char *action, json_t *extra)
{
	json_t *payload = world_own(json_pack("{s:s,s:I,s:o}", "action", action, "number", world_int(change, "number"),
					      "pull_request", world_change_view(act->w, act->repo, change, true)));

	if (extra)
		json_object_update(payload, extra);
	json_decref(extra);
	world_emit_by(act, "pull_request", payload);
}

/* refs/pull/N/head keeps the head in the base repository, whatever happens to the branch or the fork. */
static void keep_head(struct world *w, json_t *repo, json_t *change)
{
	char *ref = world_text("refs/pull/%lld/head", (long long)world_int(change, "number"));

	world_set_ref(w, repo, ref, world_str(change, "head_sha"));
	free(ref);
}

/* "owner:branch" or "branch": the repository of the same network that has it. */
static json_t *head_repo_of(struct world_act *act, const char *head, const char **branch)
{
	const char *colon = strchr(head, ':'), *key;
	json_t *repo = NULL;
	char *owner;

	*branch = colon ? colon + 1 : head;
	if (!colon)
		return act->repo;
	owner = world_text("%.*s", (int)(colon - head), head);
	json_object_foreach(act->w->repos, key, repo)
	{
		if (strcasecmp(world_str(repo, "owner"), owner) == 0 &&
		    world_int(repo, "root") == world_int(act->repo, "root"))
			break;
		repo = NULL;
	}
	free(owner);
	return repo;
}

static bool already_open(json_t *repo, json_t *head_repo, const char *branch, const char *base)
{
	json_t *change;
	size_t i;

	json_array_foreach(world_list(repo, "changes"), i, change)
	{
		if (strcmp(world_str(change, "state"), "open") == 0 &&
		    world_int(change, "head_repo") == world_int(head_repo, "id") &&
		    strcmp(world_str(change, "head_ref"), branch) == 0 &&
		    strcmp(world_str(change, "base_ref"), base) == 0)
			return true;
	}
	return false;
}

static json_t *new_change(struct world_act *act, json_t *head_repo, const char *branch, const char *base)
{
	json_int_t number = world_int(act->repo, "next_number"), now = act->w->now_ms;
	const char *title = world_str(act->args, "title");
	json_t *body = json_object_get(act->args, "body"), *change;

	world_put(act->repo, "next_number", json_integer(number + 1));
	change = world_own(json_pack(
		"{s:I,s:I,s:s,s:o,s:s,s:b,s:b,s:s,s:I,s:s,s:s,s:s,s:s,s:I,s:I}", "id", world_id(act->w, "change"),
		"number", number, "title", title[0] ? title : branch, "body", body ? json_incref(body) : json_null(),
		"state", "open", "draft", world_true(act->args, "draft"), "merged", 0, "author", act->who, "head_repo",
		world_int(head_repo, "id"), "head_ref", branch, "head_sha", world_tip(head_repo, branch), "base_ref",
		base, "base_sha", world_tip(act->repo, base), "created_at", now, "updated_at", now));
	json_array_append_new(world_list(act->repo, "changes"), change);
	return change;
}

/* {"head", "head_repo"?, "base"?, "title"?, "body"?, "draft"?}; head_repo: which, where one owner has several forks */
void world_act_open(struct world_act *act)
{
	const char *base = world_str(act->args, "base"), *branch;
	const char *named = world_str(act->args, "head_repo");
	json_t *head_repo = head_repo_of(act, world_str(act->args, "head"), &branch), *change;

	if (named[0])
		head_repo = world_repo(act->w, named);
	if (!base[0])
		base = world_str(act->repo, "default_branch");
	if (!head_repo || !world_tip(head_repo, branch)[0] || !world_tip(act->repo, base)[0] || !act->who[0]) {
		world_fail(act, 422, "Validation Failed: head or base does not exist, or nobody opens it");
		return;
	}
	if (already_open(act->repo, head_repo, branch, base)) {
		world_fail(act, 422, "Validation Failed: A pull request already exists for this head and base");
		return;
	}
	if (world_is_ancestor(act->w, act->repo, world_tip(head_repo, branch), world_tip(act->repo, base))) {
		world_fail(act, 422, "Validation Failed: No commits between base and head");
		return;
	}
	change = new_change(act, head_repo, branch, base);
	keep_head(act->w, act->repo, change);
	world_change_event(act, change, "opened", NULL);
	world_put(act->out, "number", json_integer(world_int(change, "number")));
	world_put(act->out, "id", json_integer(world_int(change, "id")));
	world_put(act->out, "head", json_string(world_str(change, "head_sha")));
	world_put(act->out, "base", json_string(world_str(change, "base_sha")));
}

static void set_closed(struct world_act *act, json_t *change)
{
	world_put(change, "state", json_string("closed"));
	world_put(change, "closed_at", json_integer(act->w->now_ms));
	world_touch(act->w, change, "closed", world_own(json_pack("{s:s}", "who", act->who)));
	world_change_event(act, change, "closed", NULL);
}

void world_act_close(struct world_act *act)
{
	json_t *change = world_change_of(act);

	if (change && strcmp(world_str(change, "state"), "open") == 0)
		set_closed(act, change);
	else if (change)
		world_fail(act, 422, "The change is closed already");
}

/* The head is whatever the branch is now, or what it was if the branch is gone. */
void world_act_reopen(struct world_act *act)
{
	json_t *change = world_change_of(act), *head_repo;
	const char *tip;

	if (!change)
		return;
	if (strcmp(world_str(change, "state"), "open") == 0 || world_true(change, "merged")) {
		world_fail(act, 422, "The change cannot be reopened");
		return;
	}
	head_repo = world_repo_by_id(act->w, world_int(change, "head_repo"));
	tip = head_repo ? world_tip(head_repo, world_str(change, "head_ref")) : "";
	if (tip[0])
		world_put(change, "head_sha", json_string(tip));
	world_put(change, "base_sha", json_string(world_tip(act->repo, world_str(change, "base_ref"))));
	world_put(change, "state", json_string("open"));
	world_put(change, "closed_at", json_integer(0));
	keep_head(act->w, act->repo, change);
	world_touch(act->w, change, "reopened", world_own(json_pack("{s:s}", "who", act->who)));
	world_change_event(act, change, "reopened", NULL);
}

/* {"base"}: head and reviews stay. */
void world_act_retarget(struct world_act *act)
{
	json_t *change = world_change_of(act), *changes;
	const char *base = world_str(act->args, "base");

	if (!change)
		return;
	if (!world_tip(act->repo, base)[0]) {
		world_fail(act, 422, "Validation Failed: base does not exist");
		return;
	}
	changes = world_own(json_pack("{s:{s:{s:{s:O},s:{s:O}}}}", "changes", "base", "ref", "from",
				      json_object_get(change, "base_ref"), "sha", "from",
				      json_object_get(change, "base_sha")));
	world_put(change, "base_ref", json_string(base));
	world_put(change, "base_sha", json_string(world_tip(act->repo, base)));
	world_touch(act->w, change, "base_ref_changed", world_own(json_pack("{s:s}", "who", act->who)));
	world_change_event(act, change, "edited", changes);
}

/* {"title"?, "body"?} */
void world_act_edit(struct world_act *act)
{
	static const char *const keys[] = {"title", "body"};
	json_t *change = world_change_of(act), *changes = world_own(json_object());

	for (size_t i = 0; change && i < 2; i++) {
		if (!json_object_get(act->args, keys[i]))
			continue;
		world_put(changes, keys[i], json_pack("{s:O}", "from", json_object_get(change, keys[i])));
		world_put(change, keys[i], json_incref(json_object_get(act->args, keys[i])));
	}
	if (change) {
		world_touch(act->w, change, NULL, NULL);
		world_change_event(act, change, "edited", world_own(json_pack("{s:O}", "changes", changes)));
	}
	json_decref(changes);
}

static void set_draft(struct world_act *act, bool draft, const char *event, const char *action)
{
	json_t *change = world_change_of(act);

	if (!change)
		return;
	world_put(change, "draft", json_boolean(draft));
	world_touch(act->w, change, event, world_own(json_pack("{s:s}", "who", act->who)));
	world_change_event(act, change, action, NULL);
}

void world_act_draft(struct world_act *act)
{
	set_draft(act, true, "convert_to_draft", "converted_to_draft");
}

void world_act_ready(struct world_act *act)
{
	set_draft(act, false, "ready_for_review", "ready_for_review");
}

static void label_event(struct world_act *act, json_t *change, const char *action)
{
	const char *label = world_str(act->args, "label");

	world_touch(act->w, change, action, world_own(json_pack("{s:s,s:s}", "who", act->who, "label", label)));
	world_change_event(act, change, action, world_own(json_pack("{s:{s:s}}", "label", "name", label)));
}

void world_act_label(struct world_act *act)
{
	json_t *change = world_change_of(act);

	if (!change)
		return;
	json_array_append_new(world_list(change, "labels"), json_string(world_str(act->args, "label")));
	label_event(act, change, "labeled");
}

void world_act_unlabel(struct world_act *act)
{
	json_t *change = world_change_of(act), *label;
	size_t i;

	if (!change)
		return;
	json_array_foreach(world_list(change, "labels"), i, label)
	{
		if (strcmp(json_string_value(label), world_str(act->args, "label")) == 0)
			break;
	}
	json_array_remove(world_list(change, "labels"), i);
	label_event(act, change, "unlabeled");
}

static json_t *find_comment(json_t *change, json_int_t id)
{
	json_t *comment;
	size_t i;

	json_array_foreach(world_list(change, "comments"), i, comment)
	{
		if (world_int(comment, "id") == id)
			return comment;
	}
	return NULL;
}

static json_t *issue_view(struct world *w, json_t *repo, json_t *change)
{
	return world_own(json_pack("{s:I,s:I,s:O,s:s,s:o,s:{s:o}}", "id", world_int(change, "id"), "number",
				   world_int(change, "number"), "title", json_object_get(change, "title"), "state",
				   world_str(change, "state"), "user", world_user_view(w, world_str(change, "author")),
				   "pull_request", "url",
				   world_jtext("%s/repos/%s/pulls/%lld", w->public_url, world_str(repo, "full_name"),
					       (long long)world_int(change, "number"))));
}

json_t *world_comment_view(struct world_act *act, json_t *change, json_t *comment)
{
	const char *name = world_str(act->repo, "full_name"), *url = act->w->public_url;
	long long id = world_int(comment, "id"), number = world_int(change, "number");
	json_t *view = world_own(json_pack(
		"{s:I,s:O,s:o,s:o,s:o,s:s}", "id", world_int(comment, "id"), "body", json_object_get(comment, "body"),
		"user", world_user_view(act->w, world_str(comment, "who")), "created_at",
		world_time(world_int(comment, "at")), "updated_at", world_time(world_int(comment, "edited_at")),
		"author_association", world_association(act->w, act->repo, world_str(comment, "who"))));

	world_put(view, "node_id", world_jtext("IC_%lld", id));
	world_put(view, "url", world_jtext("%s/repos/%s/issues/comments/%lld", url, name, id));
	world_put(view, "issue_url", world_jtext("%s/repos/%s/issues/%lld", url, name, number));
	world_put(view, "html_url", world_jtext("%s/%s/pull/%lld#issuecomment-%lld", url, name, number, id));
	return view;
}

static void comment_event(struct world_act *act, json_t *change, json_t *comment, json_t *from)
{
	json_t *view = world_comment_view(act, change, comment);
	json_t *payload = world_own(json_pack("{s:s,s:o,s:o}", "action", from ? "edited" : "created", "issue",
					      issue_view(act->w, act->repo, change), "comment", view));

	if (from)
		world_put(payload, "changes", json_pack("{s:{s:o}}", "body", "from", from));
	world_emit_by(act, "issue_comment", payload);
}

/* {"body"}, or {"id", "body"} to edit one. */
void world_act_comment(struct world_act *act)
{
	json_t *change = world_change_of(act), *comment, *from = NULL;

	if (!change)
		return;
	comment = find_comment(change, world_int(act->args, "id"));
	if (comment) {
		from = json_incref(json_object_get(comment, "body"));
	} else {
		comment = world_own(json_pack("{s:I,s:s,s:I}", "id", world_id(act->w, "comment"), "who", act->who, "at",
					      (json_int_t)act->w->now_ms));
		json_array_append_new(world_list(change, "comments"), comment);
		world_touch(act->w, change, "commented", world_own(json_pack("{s:s}", "who", act->who)));
	}
	world_put(comment, "body", json_string(world_str(act->args, "body")));
	world_put(comment, "edited_at", json_integer(act->w->now_ms));
	comment_event(act, change, comment, from);
	world_put(act->out, "id", json_integer(world_int(comment, "id")));
}
