/*
 * The merge queue. Changes that may be merged become a group: a branch of merges on the base, or on the commit of
 * another group, one after another, that is named after the last of them. The group ends merged, when its commit has
 * what the base requires and the base is where it was; or invalidated or dequeued, and then nothing moved.
 */
#include "tests/world/world_state.h"

#include <stdlib.h>
#include <string.h>

static const char queue_bot[] = "github-merge-queue[bot]";

static json_t *group_view(struct world_act *act, json_t *group)
{
	static const char *const keys[] = {"id", "tree_id", "message", "timestamp", "author", "committer"};
	json_t *commit = world_short_commit(act->w, act->repo, world_str(group, "head_sha")),
	       *head = world_own(json_object());

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (json_object_get(commit, keys[i]))
			world_put(head, keys[i], json_incref(json_object_get(commit, keys[i])));
	json_decref(commit);
	return world_own(json_pack("{s:s,s:s,s:s,s:o,s:o}", "head_sha", world_str(group, "head_sha"), "head_ref",
				   world_str(group, "head_ref"), "base_sha", world_str(group, "base_sha"), "base_ref",
				   world_jtext("refs/heads/%s", world_str(group, "base")), "head_commit", head));
}

static void tell(struct world_act *act, json_t *group, const char *action, const char *reason)
{
	json_t *payload = world_own(json_pack("{s:s,s:o}", "action", action, "merge_group", group_view(act, group)));

	if (reason)
		world_put(payload, "reason", json_string(reason));
	world_emit_by(act, "merge_group", payload);
}

static bool may_enter(struct world_act *act, json_t *change, const char *base)
{
	const char *missing = world_missing_context(act->repo, base, world_str(change, "head_sha"));

	if (!change || strcmp(world_str(change, "state"), "open") != 0 || world_true(change, "draft") ||
	    strcmp(world_str(change, "base_ref"), base) != 0)
		world_fail(act, 422, "the change is not open, is a draft or has another base");
	else if (missing)
		world_fail(act, 422, "Required status check is expected.");
	return act->status == 0;
}

/* Numbers of the changes: args.numbers, else args.number alone. New list. */
static json_t *numbers_of(struct world_act *act)
{
	json_t *given = json_object_get(act->args, "numbers"), *one;

	if (json_is_array(given))
		return world_own(json_deep_copy(given));
	one = world_own(json_array());
	json_array_append_new(one, json_integer(world_int(act->args, "number")));
	return one;
}

/* Merges each into what came before it; sha is the base's tip at first, and the group's head at last. */
static bool build(struct world_act *act, json_t *numbers, const char *base, char sha[41])
{
	json_t *number, *change;
	struct world_join in;
	char *message;
	size_t i;
	bool ok = true;

	json_array_foreach(numbers, i, number)
	{
		change = world_change(act->repo, json_integer_value(number));
		if (!may_enter(act, change, base))
			return false;
		message = world_text("Merge pull request #%lld from %s", (long long)json_integer_value(number),
				     world_str(change, "head_ref"));
		in = (struct world_join){sha, world_str(change, "head_sha"), message,
					 strcmp(world_str(act->args, "merge_method"), "squash") == 0};
		ok = world_join(act->w, act->repo, &in, sha);
		free(message);
		if (!ok)
			break;
	}
	if (!ok)
		world_fail(act, 422, "the change does not merge");
	return ok;
}

static void tell_changes(struct world_act *act, json_t *group, const char *action, const char *reason)
{
	json_t *number, *change, *extra;
	size_t i;

	json_array_foreach(json_object_get(group, "numbers"), i, number)
	{
		change = world_change(act->repo, json_integer_value(number));
		extra = reason ? world_own(json_pack("{s:s}", "reason", reason)) : NULL;
		world_change_event(act, change, action, extra);
	}
}

static void move(struct world_act *act, const char *ref, const char *to, const char *type)
{
	char before[41] = WORLD_ZERO;
	const char *tip = world_tip(act->repo, ref);

	if (tip[0])
		memcpy(before, tip, sizeof(before));
	world_set_ref(act->w, act->repo, ref, to);
	world_moved(act->w, act->repo, &(struct world_move){ref, before, to, queue_bot, type});
}

/* By its branch, else the oldest. */
static size_t find_group(struct world_act *act, const char *ref)
{
	json_t *group;
	size_t i;

	json_array_foreach(world_list(act->repo, "groups"), i, group)
	{
		if (!ref[0] || strcmp(world_str(group, "head_ref"), ref) == 0)
			break;
	}
	return i;
}

/* What the new group is built on: another group's commit (args.after: its branch), else the base's tip. */
static const char *start_of(struct world_act *act, const char *base)
{
	const char *after = world_str(act->args, "after"),
		   *sha = after[0] ? world_str(json_array_get(world_list(act->repo, "groups"), find_group(act, after)),
					       "head_sha")
				   : world_tip(act->repo, base);

	return sha[0] ? sha : WORLD_ZERO;
}

/* {"number" or "numbers", "after"?: the branch of a group, "merge_method"?: merge | squash} */
void world_act_enqueue(struct world_act *act)
{
	json_t *numbers = numbers_of(act), *group;
	json_int_t last = json_integer_value(json_array_get(numbers, json_array_size(numbers) - 1));
	json_t *first = world_change(act->repo, json_integer_value(json_array_get(numbers, 0)));
	const char *base = world_str(first, "base_ref");
	char sha[41] = "", start[41] = "";

	memcpy(start, start_of(act, base), sizeof(start));
	memcpy(sha, start, sizeof(sha));
	if (!first) {
		world_fail(act, 404, "Not Found");
	} else if (build(act, numbers, base, sha)) {
		group = world_own(json_pack(
			"{s:s,s:s,s:s,s:o,s:O}", "head_sha", sha, "base", base, "base_sha", start, "head_ref",
			world_jtext("refs/heads/gh-readonly-queue/%s/pr-%lld-%s", base, (long long)last, start),
			"numbers", numbers));
		json_array_append_new(world_list(act->repo, "groups"), group);
		tell_changes(act, group, "enqueued", NULL);
		move(act, world_str(group, "head_ref"), sha, NULL);
		tell(act, group, "checks_requested", NULL);
		world_put(act->out, "head_sha", json_string(sha));
		world_put(act->out, "head_ref", json_incref(json_object_get(group, "head_ref")));
	}
	json_decref(numbers);
}

static bool may_land(struct world_act *act, json_t *group)
{
	const char *base = world_str(group, "base");

	if (strcmp(world_tip(act->repo, base), world_str(group, "base_sha")) != 0)
		world_fail(act, 422, "the base has moved");
	else if (world_missing_context(act->repo, base, world_str(group, "head_sha")))
		world_fail(act, 422, "Required status check is expected.");
	return act->status == 0;
}

static bool is_reason(const char *reason)
{
	return strcmp(reason, "merged") == 0 || strcmp(reason, "invalidated") == 0 || strcmp(reason, "dequeued") == 0;
}

/* {"head_ref"?, "reason": merged | invalidated | dequeued} */
void world_act_destroy_group(struct world_act *act)
{
	const char *reason = world_str(act->args, "reason");
	size_t at = find_group(act, world_str(act->args, "head_ref"));
	json_t *group = json_incref(json_array_get(world_list(act->repo, "groups"), at));
	bool merged = strcmp(reason, "merged") == 0;
	char *base;

	if (!group || !is_reason(reason)) {
		world_fail(act, 422, "no such group, or no such reason");
	} else if (!merged || may_land(act, group)) {
		json_array_remove(world_list(act->repo, "groups"), at);
		base = world_text("refs/heads/%s", world_str(group, "base"));
		tell_changes(act, group, "dequeued", merged ? "MERGE" : "MANUAL");
		if (merged)
			move(act, base, world_str(group, "head_sha"), "merge_queue_merge");
		move(act, world_str(group, "head_ref"), WORLD_ZERO, NULL);
		tell(act, group, "destroyed", reason);
		free(base);
	}
	json_decref(group);
}
