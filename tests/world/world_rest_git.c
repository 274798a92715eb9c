/*
 * Git's data over REST, as gates build their staging commits with it: merge a head into a branch, make a commit of a
 * tree, set a branch to it, read a branch, delete it. Protection counts for all of them.
 */
#include "tests/world/world_rest.h"

#include <stdlib.h>
#include <string.h>

static json_t *ref_view(struct world_call *call, const char *ref)
{
	return world_own(json_pack(
		"{s:s,s:o,s:{s:s,s:s}}", "ref", ref, "url",
		world_jtext("%s/repos/%s/git/%s", call->act.w->public_url, world_str(call->act.repo, "full_name"), ref),
		"object", "type", "commit", "sha", world_tip(call->act.repo, ref)));
}

/* {"ref": "refs/heads/...", "sha"} */
void world_post_ref(struct world_call *call)
{
	const char *ref = world_str(call->act.args, "ref");

	if (strncmp(ref, "refs/heads/", 11) != 0 || !ref[11]) {
		world_fail(&call->act, 422, "Reference name must start with 'refs/heads/'");
	} else if (world_tip(call->act.repo, ref)[0]) {
		world_fail(&call->act, 422, "Reference already exists");
	} else {
		json_object_del(call->act.args, "bypass");
		json_object_del(call->act.args, "files");
		world_put(call->act.args, "branch", json_string(ref + 11));
		if (world_str(call->act.args, "sha")[0])
			world_act_push(&call->act);
		else
			world_fail(&call->act, 422, "Invalid request. \"sha\" wasn't supplied.");
	}
	if (!call->act.status)
		world_answer(call, 201, ref_view(call, ref));
}

void world_delete_ref(struct world_call *call)
{
	const char *ref = call->args[2];

	if (strncmp(ref, "heads/", 6) != 0 || !world_tip(call->act.repo, ref + 6)[0]) {
		world_fail(&call->act, 422, "Reference does not exist");
		return;
	}
	world_put(call->act.args, "branch", json_string(ref + 6));
	world_put(call->act.args, "delete", json_true());
	world_act_branch(&call->act);
	if (!call->act.status)
		call->response->status = 204;
}

/* ---- commits ---- */

static git_signature *person(struct world_call *call, const char *key)
{
	json_t *given = json_object_get(call->act.args, key);
	const char *name = world_str(given, "name"), *email = world_str(given, "email");
	git_signature *ret = NULL;
	json_t *bot = world_user(call->act.w, call->act.who);

	if (!name[0])
		name = world_str(bot, "login");
	if (!email[0])
		email = json_string_value(json_array_get(world_list(bot, "emails"), 0));
	return git_signature_new(&ret, name, email ? email : "nobody@example.test", call->act.w->now_ms / 1000, 0) == 0
		       ? ret
		       : NULL;
}

enum { PARENTS_MAX = 16 };

/* Number of parents found; SIZE_MAX: one is none. */
static size_t find_parents(struct world_call *call, git_repository *git, git_commit *ret[PARENTS_MAX])
{
	json_t *list = json_object_get(call->act.args, "parents"), *one;
	size_t i, n = 0;
	git_oid oid;

	json_array_foreach(list, i, one)
	{
		if (n == PARENTS_MAX || !json_is_string(one) || git_oid_fromstr(&oid, json_string_value(one)) != 0 ||
		    git_commit_lookup(&ret[n], git, &oid) != 0)
			return SIZE_MAX;
		n++;
	}
	return n;
}

static bool make_commit(struct world_call *call, git_repository *git, char ret[41])
{
	git_commit *parents[PARENTS_MAX] = {NULL};
	git_signature *author = person(call, "author"),
		      *committer = person(call, json_object_get(call->act.args, "committer") ? "committer" : "author");
	size_t n = find_parents(call, git, parents);
	git_tree *tree = NULL;
	git_oid oid;
	bool ok = author && committer && n != SIZE_MAX &&
		  git_oid_fromstr(&oid, world_str(call->act.args, "tree")) == 0 &&
		  git_tree_lookup(&tree, git, &oid) == 0 &&
		  git_commit_create(&oid, git, NULL, author, committer, NULL, world_str(call->act.args, "message"),
				    tree, n, (const git_commit **)(void *)parents) == 0;

	if (ok)
		git_oid_tostr(ret, 41, &oid);
	for (size_t i = 0; i < PARENTS_MAX; i++)
		git_commit_free(parents[i]);
	git_signature_free(author);
	git_signature_free(committer);
	git_tree_free(tree);
	return ok;
}

/* What the commit says of itself, without the forge's knowledge of people. */
static json_t *bare_view(struct world_call *call, const char *sha)
{
	static const char *const same[] = {"sha", "node_id", "html_url", "parents"};
	json_t *view = world_commit_view(call->act.w, call->act.repo, sha), *bare;

	if (!view)
		return NULL;
	bare = world_own(json_copy(json_object_get(view, "commit")));
	json_object_del(bare, "comment_count");
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		world_put(bare, same[i], json_incref(json_object_get(view, same[i])));
	json_decref(view);
	return bare;
}

/* {"message", "tree", "parents"?, "author"?, "committer"?}: moves nothing */
void world_post_commit(struct world_call *call)
{
	git_repository *git = world_git(call->act.w, call->act.repo);
	char sha[41];

	if (git && world_str(call->act.args, "message")[0] && make_commit(call, git, sha))
		world_answer(call, 201, bare_view(call, sha));
	else
		world_fail(&call->act, 422, "Tree SHA, parents or message are not good");
}

void world_get_git_commit(struct world_call *call)
{
	json_t *view = bare_view(call, call->args[2]);

	if (view)
		world_answer(call, 200, view);
	else
		world_fail(&call->act, 404, "Not Found");
}

/* {"base": branch, "head": branch or SHA, "commit_message"?} */
void world_post_merge(struct world_call *call)
{
	const char *base = world_str(call->act.args, "base"), *message = world_str(call->act.args, "commit_message");
	const char *tip = world_tip(call->act.repo, base),
		   *head = world_resolve(call, world_str(call->act.args, "head"));
	struct world_join in = {tip, head, message, false};
	char *usual = world_text("Merge %s into %s", world_str(call->act.args, "head"), base), sha[41];

	in.message = message[0] ? message : usual;
	if (!tip[0] || !head[0]) {
		world_fail(&call->act, 404, tip[0] ? "Head does not exist" : "Base does not exist");
	} else if (world_is_ancestor(call->act.w, call->act.repo, head, tip)) {
		call->response->status = 204;
	} else if (!world_join(call->act.w, call->act.repo, &in, sha)) {
		world_fail(&call->act, 409, "Merge conflict");
	} else {
		json_object_del(call->act.args, "bypass");
		world_put(call->act.args, "branch", json_string(base));
		world_put(call->act.args, "sha", json_string(sha));
		world_act_push(&call->act);
		if (!call->act.status)
			world_answer(call, 201, world_commit_view(call->act.w, call->act.repo, sha));
	}
	free(usual);
}

/* ---- branches ---- */

static json_t *protection_view(json_t *repo, const char *branch)
{
	json_t *contexts = world_required(repo, branch);

	return world_own(json_pack("{s:b,s:{s:s,s:o,s:[]}}", "enabled", world_is_protected(repo, branch),
				   "required_status_checks", "enforcement_level",
				   json_array_size(contexts) ? "everyone" : "off", "contexts", contexts, "checks"));
}

void world_get_branch(struct world_call *call)
{
	const char *branch = call->args[2], *tip = world_tip(call->act.repo, branch);
	json_t *repo = call->act.repo;

	if (!tip[0]) {
		world_fail(&call->act, 404, "Branch not found");
		return;
	}
	world_answer(call, 200,
		     json_pack("{s:s,s:o,s:b,s:o,s:o}", "name", branch, "commit",
			       world_commit_view(call->act.w, repo, tip), "protected", world_is_protected(repo, branch),
			       "protection", protection_view(repo, branch), "protection_url",
			       world_jtext("%s/repos/%s/branches/%s/protection", call->act.w->public_url,
					   world_str(repo, "full_name"), branch)));
}
