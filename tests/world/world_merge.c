/*
 * Moves of branches as changes see them, and the merge. A change whose head becomes reachable from its base is merged,
 * whoever pushed; one whose head branch is deleted is closed.
 */
#include "tests/world/world_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void set_merged(struct world_act *act, json_t *change, const char *sha)
{
	world_put(change, "state", json_string("closed"));
	world_put(change, "merged", json_true());
	world_put(change, "merged_by", json_string(act->who));
	world_put(change, "merge_commit_sha", json_string(sha));
	world_put(change, "merged_at", json_integer(act->w->now_ms));
	world_put(change, "closed_at", json_integer(act->w->now_ms));
	world_touch(act->w, change, "merged", world_own(json_pack("{s:s,s:s}", "who", act->who, "commit_id", sha)));
	world_change_event(act, change, "closed", NULL);
}

static void synchronize(struct world_act *act, json_t *change, const struct world_move *move)
{
	char *ref = world_text("refs/pull/%lld/head", (long long)world_int(change, "number"));
	bool forced = !world_is_ancestor(act->w, act->repo, move->before, move->after);

	json_array_append_new(world_list(change, "heads"), json_string(move->before));
	world_put(change, "head_sha", json_string(move->after));
	world_put(change, "base_sha", json_string(world_tip(act->repo, world_str(change, "base_ref"))));
	world_set_ref(act->w, act->repo, ref, move->after);
	free(ref);
	if (forced)
		world_touch(act->w, change, "head_ref_force_pushed",
			    world_own(json_pack("{s:s,s:s}", "who", act->who, "commit_id", move->after)));
	else
		world_touch(act->w, change, NULL, NULL);
	world_change_event(act, change, "synchronize",
			   world_own(json_pack("{s:s,s:s}", "before", move->before, "after", move->after)));
}

static void head_moved(struct world_act *act, json_t *change, const struct world_move *move)
{
	if (strcmp(move->after, WORLD_ZERO) != 0) {
		synchronize(act, change, move);
		return;
	}
	world_put(change, "state", json_string("closed"));
	world_put(change, "closed_at", json_integer(act->w->now_ms));
	world_touch(act->w, change, "closed", world_own(json_pack("{s:s}", "who", act->who)));
	world_change_event(act, change, "closed", NULL);
}

static bool is_head(json_t *change, json_t *repo, const char *branch)
{
	return strcmp(world_str(change, "state"), "open") == 0 && strcmp(world_str(change, "head_ref"), branch) == 0 &&
	       world_int(change, "head_repo") == world_int(repo, "id");
}

void world_heads_follow(struct world *w, json_t *repo, const struct world_move *move)
{
	json_t *base, *change;
	const char *key;
	size_t i;

	if (strncmp(move->ref, "refs/heads/", 11) != 0)
		return;
	json_object_foreach(w->repos, key, base)
	{
		struct world_act act = {.w = w, .repo = base, .who = move->who};

		json_array_foreach(world_list(base, "changes"), i, change)
		{
			if (is_head(change, repo, move->ref + 11))
				head_moved(&act, change, move);
		}
	}
}

static bool now_in_base(struct world *w, json_t *repo, json_t *change, const struct world_move *move)
{
	return strcmp(world_str(change, "state"), "open") == 0 &&
	       strcmp(world_str(change, "base_ref"), move->ref + 11) == 0 &&
	       world_is_ancestor(w, repo, world_str(change, "head_sha"), move->after);
}

void world_bases_follow(struct world *w, json_t *repo, const struct world_move *move)
{
	struct world_act act = {.w = w, .repo = repo, .who = move->who};
	json_t *change;
	size_t i;

	if (strncmp(move->ref, "refs/heads/", 11) != 0 || strcmp(move->after, WORLD_ZERO) == 0)
		return;
	json_array_foreach(world_list(repo, "changes"), i, change)
	{
		if (now_in_base(w, repo, change, move))
			set_merged(&act, change, move->after);
	}
}

bool world_join(struct world *w, json_t *repo, const struct world_join *in, char ret[41])
{
	git_repository *git = world_git(w, repo);
	git_oid pair[2], tree, oid;
	git_commit *parents[2] = {NULL, NULL};
	git_signature *who = NULL;
	git_tree *root = NULL;
	bool ok;

	ok = git && git_oid_fromstr(&pair[0], in->base) == 0 && git_oid_fromstr(&pair[1], in->head) == 0 &&
	     world_merge_tree(git, pair, &tree) && git_tree_lookup(&root, git, &tree) == 0 &&
	     git_commit_lookup(&parents[0], git, &pair[0]) == 0 && git_commit_lookup(&parents[1], git, &pair[1]) == 0 &&
	     git_signature_new(&who, "GitHub", "noreply@github.com", w->now_ms / 1000, 0) == 0 &&
	     git_commit_create(&oid, git, NULL, who, who, NULL, in->message, root, in->squash ? 1 : 2,
			       (const git_commit **)(void *)parents) == 0;
	if (ok)
		git_oid_tostr(ret, 41, &oid);
	git_commit_free(parents[0]);
	git_commit_free(parents[1]);
	git_tree_free(root);
	git_signature_free(who);
	return ok;
}

/* The commit that the merge puts on the base. */
static bool merge_commit(struct world_act *act, json_t *change, const char *tip, char ret[41])
{
	char *message = world_text("Merge pull request #%lld from %s\n\n%s", (long long)world_int(change, "number"),
				   world_str(change, "head_ref"), world_str(change, "title"));
	struct world_join in = {tip, world_str(change, "head_sha"), message,
				strcmp(world_str(act->args, "merge_method"), "squash") == 0};
	bool ok = world_join(act->w, act->repo, &in, ret);

	free(message);
	return ok;
}

static bool may_merge(struct world_act *act, json_t *change)
{
	const char *wanted = world_str(act->args, "sha"), *missing;

	missing = world_missing_context(act->repo, world_str(change, "base_ref"), world_str(change, "head_sha"));
	if (strcmp(world_str(change, "state"), "open") != 0 || world_true(change, "draft"))
		world_fail(act, 405, "Pull Request is not mergeable");
	else if (wanted[0] && strcmp(wanted, world_str(change, "head_sha")) != 0)
		world_fail(act, 409, "Head branch was modified. Review and try the merge again.");
	else if (missing)
		world_fail(act, 405, "Required status check is expected.");
	else if (!world_role_at_least(world_role(act->w, act->repo, act->who), "write") &&
		 strcmp(world_str(world_user(act->w, act->who), "type"), "Bot") != 0)
		world_fail(act, 403, "Must have push access to merge");
	return act->status == 0;
}

/* {"sha"?, "merge_method": "merge" | "squash" | "ff"}; "ff" is a control-face word: the head itself becomes the base.
 */
void world_act_merge(struct world_act *act)
{
	json_t *change = world_change_of(act);
	char sha[41], tip[41], *ref;
	bool ff = strcmp(world_str(act->args, "merge_method"), "ff") == 0;

	if (!change || !may_merge(act, change))
		return;
	snprintf(tip, sizeof(tip), "%s", world_tip(act->repo, world_str(change, "base_ref")));
	if (ff && world_is_ancestor(act->w, act->repo, tip, world_str(change, "head_sha")))
		snprintf(sha, sizeof(sha), "%s", world_str(change, "head_sha"));
	else if (ff || !merge_commit(act, change, tip, sha))
		world_fail(act, 405, "Pull Request is not mergeable");
	if (act->status)
		return;
	ref = world_text("refs/heads/%s", world_str(change, "base_ref"));
	world_set_ref(act->w, act->repo, ref, sha);
	world_moved(act->w, act->repo, &(struct world_move){ref, tip, sha, act->who, "pr_merge"});
	free(ref);
	if (!world_true(change, "merged")) /* squashed: the head itself is not in the base */
		set_merged(act, change, sha);
	world_put(act->out, "sha", json_string(sha));
	world_put(act->out, "merged", json_true());
	world_put(act->out, "message", json_string("Pull Request successfully merged"));
}
