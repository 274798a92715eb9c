/*
 * Reviews. commit_id stays where it was given, over head moves and dismissal alike; only `rebind` moves it, silently,
 * as the forge was seen to do after some rebases.
 */
#include "tests/world/world_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

json_t *world_review_view(struct world *w, json_t *repo, json_t *change, json_t *review)
{
	const char *who = world_str(review, "who");
	long long number = world_int(change, "number"), id = world_int(review, "id");

	json_t *view = world_own(json_pack(
		"{s:I,s:o,s:o,s:O,s:s,s:O,s:o,s:o,s:s,s:o}", "id", world_int(review, "id"), "node_id",
		world_jtext("PRR_%lld", id), "user", world_user_view(w, who), "body", json_object_get(review, "body"),
		"state", world_str(review, "state"), "commit_id", json_object_get(review, "commit_id"), "submitted_at",
		world_time(world_int(review, "at")), "html_url",
		world_jtext("%s/%s/pull/%lld#pullrequestreview-%lld", w->public_url, world_str(repo, "full_name"),
			    number, id),
		"author_association", world_association(w, repo, who), "pull_request_url",
		world_jtext("%s/repos/%s/pulls/%lld", w->public_url, world_str(repo, "full_name"), number)));

	world_put(view, "_links",
		  json_pack("{s:{s:O},s:{s:O}}", "html", "href", json_object_get(view, "html_url"), "pull_request",
			    "href", json_object_get(view, "pull_request_url")));
	return view;
}

/* In webhooks the state is in small letters, and the change lacks the fields only GET pulls/N has. */
static void review_event(struct world_act *act, json_t *change, json_t *review, const char *action)
{
	json_t *view = world_review_view(act->w, act->repo, change, review);
	char *state = world_lower(world_str(review, "state"));
	json_t *payload;

	world_put(view, "state", json_string(state));
	free(state);
	payload = world_own(json_pack("{s:s,s:o,s:o}", "action", action, "review", view, "pull_request",
				      world_change_view(act->w, act->repo, change, false)));
	if (strcmp(action, "edited") == 0)
		world_put(payload, "changes", json_object());
	world_emit_by(act, "pull_request_review", payload);
}

static bool listed(json_t *shas, const char *sha)
{
	json_t *one;
	size_t i;

	json_array_foreach(shas, i, one)
	{
		if (strcmp(json_string_value(one), sha) == 0)
			return true;
	}
	return false;
}

/* Is sha a commit of the change: between its base and its head, or once its head? */
static bool of_change(struct world_act *act, json_t *change, const char *sha)
{
	json_t *range = world_range(act->w, act->repo, world_tip(act->repo, world_str(change, "base_ref")),
				    world_str(change, "head_sha"));
	bool found = listed(range, sha) || listed(world_list(change, "heads"), sha);

	json_decref(range);
	return found;
}

static bool may_review(struct world_act *act, json_t *change, const char *state, const char *sha)
{
	bool own = strcasecmp(world_str(change, "author"), act->who) == 0;
	bool mute = !world_str(act->args, "body")[0];

	if (!act->who[0])
		world_fail(act, 422, "who is missing");
	else if (own && strcmp(state, "APPROVED") == 0)
		world_fail(act, 422, "Can not approve your own pull request");
	else if (own && strcmp(state, "CHANGES_REQUESTED") == 0)
		world_fail(act, 422, "Can not request changes on your own pull request");
	else if (mute && strcmp(state, "APPROVED") != 0)
		world_fail(act, 422, "Validation Failed: body is missing");
	else if (!of_change(act, change, sha))
		world_fail(act, 422, "Validation Failed: commit_id is not part of the pull request");
	return act->status == 0;
}

static void review(struct world_act *act, const char *state)
{
	json_t *change = world_change_of(act), *record;
	const char *sha = world_str(act->args, "commit_id");

	if (!change)
		return;
	if (!sha[0])
		sha = world_str(change, "head_sha");
	if (!may_review(act, change, state, sha))
		return;
	world_user(act->w, act->who);
	record = world_own(json_pack("{s:I,s:s,s:s,s:s,s:s,s:I}", "id", world_id(act->w, "review"), "who", act->who,
				     "state", state, "body", world_str(act->args, "body"), "commit_id", sha, "at",
				     (json_int_t)act->w->now_ms));
	json_array_append_new(world_list(change, "reviews"), record);
	world_touch(act->w, change, "reviewed",
		    world_own(json_pack("{s:s,s:I}", "who", act->who, "review", world_int(record, "id"))));
	review_event(act, change, record, "submitted");
	world_put(act->out, "id", json_integer(world_int(record, "id")));
	world_put(act->out, "commit_id", json_string(sha));
	json_object_update_missing_new(act->out, world_review_view(act->w, act->repo, change, record));
}

void world_act_approve(struct world_act *act)
{
	review(act, "APPROVED");
}

void world_act_request_changes(struct world_act *act)
{
	review(act, "CHANGES_REQUESTED");
}

void world_act_comment_review(struct world_act *act)
{
	review(act, "COMMENTED");
}

static json_t *review_of(struct world_act *act, json_t *change)
{
	json_int_t id = world_int(act->args, "review") ? world_int(act->args, "review") : world_int(act->args, "id");
	json_t *one;
	size_t i;

	json_array_foreach(world_list(change, "reviews"), i, one)
	{
		if (world_int(one, "id") == id)
			return one;
	}
	world_fail(act, 404, "Not Found");
	return NULL;
}

/* {"number", "review", "message"?}: state changes, body and commit_id stay. {"silent": true}: without an event. */
void world_act_dismiss(struct world_act *act)
{
	json_t *change = world_change_of(act), *record = change ? review_of(act, change) : NULL;

	if (!record)
		return;
	if (strcmp(world_str(record, "state"), "APPROVED") != 0 &&
	    strcmp(world_str(record, "state"), "CHANGES_REQUESTED") != 0) {
		world_fail(act, 422, "Can not dismiss a review in this state");
		return;
	}
	world_put(record, "state", json_string("DISMISSED"));
	world_touch(act->w, change, "review_dismissed",
		    world_own(json_pack("{s:s,s:I}", "who", act->who, "review", world_int(record, "id"))));
	if (!world_true(act->args, "silent"))
		review_event(act, change, record, "dismissed");
}

void world_act_edit_review(struct world_act *act)
{
	json_t *change = world_change_of(act), *record = change ? review_of(act, change) : NULL;

	if (!record)
		return;
	world_put(record, "body", json_string(world_str(act->args, "body")));
	world_touch(act->w, change, NULL, NULL);
	review_event(act, change, record, "edited");
}

/* {"number", "review", "commit_id": sha or null}: no event, no updated_at. */
void world_act_rebind(struct world_act *act)
{
	json_t *change = world_change_of(act), *record = change ? review_of(act, change) : NULL;
	json_t *sha = json_object_get(act->args, "commit_id");

	if (record)
		world_put(record, "commit_id", sha ? json_incref(sha) : json_null());
}
