/*
 * Commits: made from files given by the control face, and shown as REST shows them. A commit with two parents starts
 * from the merge of their trees; files put over it make an evil merge.
 */
#include "tests/world/world_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RANGE_MAX = 100000, FILES_MAX = 3000 };

static git_signature *signature_of(struct world_act *act, const char *key, const char *fallback)
{
	json_t *given = json_object_get(act->args, key);
	const char *login = json_is_string(given) ? json_string_value(given) : fallback;
	const char *name = login, *email = "";
	git_signature *signature = NULL;
	git_time_t at = act->w->now_ms / 1000;

	if (json_is_object(given)) {
		name = world_str(given, "name");
		email = world_str(given, "email");
		at = json_is_integer(json_object_get(given, "date")) ? world_int(given, "date") : at;
	} else if (login[0]) {
		email = json_string_value(json_array_get(world_list(world_user(act->w, login), "emails"), 0));
	}
	if (git_signature_new(&signature, name[0] ? name : "nobody", email && email[0] ? email : "nobody@example.test",
			      at, 0) != 0)
		return NULL;
	return signature;
}

static bool put_file(git_repository *git, const char *path, const json_t *value, git_tree_update *ret)
{
	const char *mode = json_is_object(value) ? world_str(value, "mode") : "";
	const json_t *content = json_is_object(value) ? json_object_get(value, "content") : value;

	ret->path = path;
	ret->action = json_is_null(value) ? GIT_TREE_UPDATE_REMOVE : GIT_TREE_UPDATE_UPSERT;
	ret->filemode = GIT_FILEMODE_BLOB;
	if (strcmp(mode, "100755") == 0)
		ret->filemode = GIT_FILEMODE_BLOB_EXECUTABLE;
	if (strcmp(mode, "120000") == 0)
		ret->filemode = GIT_FILEMODE_LINK;
	if (json_is_null(value))
		return true;
	return json_is_string(content) &&
	       git_blob_create_from_buffer(&ret->id, git, json_string_value(content), json_string_length(content)) == 0;
}

/* Puts the files over the tree *inout. */
static bool put_files(git_repository *git, json_t *files, git_oid *inout)
{
	size_t n = json_object_size(files), i = 0;
	git_tree_update *updates = calloc(n + 1, sizeof(*updates));
	git_tree *base = NULL;
	const char *path;
	json_t *value;
	bool ok = updates && git_tree_lookup(&base, git, inout) == 0;

	if (ok) {
		json_object_foreach(files, path, value)
		{
			if (!put_file(git, path, value, &updates[i++]))
				ok = false;
		}
	}
	ok = ok && (n == 0 || git_tree_create_updated(inout, git, base, n, updates) == 0);
	git_tree_free(base);
	free(updates);
	return ok;
}

bool world_merge_tree(git_repository *git, const git_oid pair[2], git_oid *ret)
{
	git_merge_options options;
	git_commit *a = NULL, *b = NULL;
	git_index *index = NULL;
	bool ok = git_merge_options_init(&options, GIT_MERGE_OPTIONS_VERSION) == 0 &&
		  git_commit_lookup(&a, git, &pair[0]) == 0 && git_commit_lookup(&b, git, &pair[1]) == 0 &&
		  git_merge_commits(&index, git, a, b, &options) == 0 && !git_index_has_conflicts(index) &&
		  git_index_write_tree_to(ret, index, git) == 0;

	git_index_free(index);
	git_commit_free(a);
	git_commit_free(b);
	return ok;
}

static bool start_tree(git_repository *git, git_commit *const *parents, size_t n, git_oid *ret)
{
	git_treebuilder *builder = NULL;
	git_oid pair[2];
	bool ok;

	if (n == 0) {
		ok = git_treebuilder_new(&builder, git, NULL) == 0 && git_treebuilder_write(ret, builder) == 0;
		git_treebuilder_free(builder);
		return ok;
	}
	git_oid_cpy(ret, git_commit_tree_id(parents[0]));
	if (n == 2) {
		git_oid_cpy(&pair[0], git_commit_id(parents[0]));
		git_oid_cpy(&pair[1], git_commit_id(parents[1]));
		world_merge_tree(git, pair, ret); /* on a conflict the first parent's tree stays */
	}
	return true;
}

static char *message_of(struct world_act *act)
{
	const char *given = world_str(act->args, "message"), *login;
	char *text = world_text("%s", given[0] ? given : "Change"), *longer;
	json_t *one;
	size_t i;

	json_array_foreach(json_object_get(act->args, "coauthors"), i, one)
	{
		login = json_string_value(one);
		if (login && strchr(login, '<'))
			longer = world_text("%s%sCo-authored-by: %s", text, i == 0 ? "\n\n" : "\n", login);
		else
			longer = world_text("%s%sCo-authored-by: %s <%s@example.test>", text, i == 0 ? "\n\n" : "\n",
					    login ? login : "", login ? login : "");
		free(text);
		text = longer;
	}
	return text;
}

static size_t find_parents(struct world_act *act, git_repository *git, const char *parent, git_commit *ret[2])
{
	json_t *list = json_object_get(act->args, "parents"), *one;
	size_t n = 0, i;
	git_oid oid;

	if (!json_is_array(list)) {
		if (parent[0] && git_oid_fromstr(&oid, parent) == 0 && git_commit_lookup(&ret[0], git, &oid) == 0)
			n = 1;
		return n;
	}
	json_array_foreach(list, i, one)
	{
		const char *sha = json_string_value(one) ? json_string_value(one) : "";

		sha = world_tip(act->repo, sha)[0] ? world_tip(act->repo, sha) : sha;
		if (n < 2 && git_oid_fromstr(&oid, sha) == 0 && git_commit_lookup(&ret[n], git, &oid) == 0)
			n++;
	}
	return n;
}

/* Makes a commit of act.args (files, message, author, committer, coauthors, parents) on `parent`, moves nothing. */
bool world_commit(struct world_act *act, const char *parent, char ret[41])
{
	git_repository *git = world_git(act->w, act->repo);
	git_commit *parents[2] = {NULL, NULL};
	git_signature *author = signature_of(act, "author", act->who), *committer = NULL;
	char *message = message_of(act);
	size_t n = git ? find_parents(act, git, parent, parents) : 0;
	git_oid tree, oid;
	bool ok;

	committer = signature_of(act, json_object_get(act->args, "committer") ? "committer" : "author", act->who);
	ok = git && author && committer && start_tree(git, parents, n, &tree) &&
	     put_files(git, json_object_get(act->args, "files"), &tree);
	if (ok) {
		git_tree *root = NULL;

		ok = git_tree_lookup(&root, git, &tree) == 0 &&
		     git_commit_create(&oid, git, NULL, author, committer, NULL, message, root, n,
				       (const git_commit **)(void *)parents) == 0;
		git_tree_free(root);
	}
	if (ok)
		git_oid_tostr(ret, 41, &oid);
	else
		world_fail(act, 422, "the commit cannot be made (files, parents or people)");
	git_commit_free(parents[0]);
	git_commit_free(parents[1]);
	git_signature_free(author);
	git_signature_free(committer);
	free(message);
	return ok;
}

static json_t *person_view(const git_signature *who)
{
	return world_own(json_pack("{s:o,s:o,s:o}", "name", world_jbytes(who->name, strlen(who->name)), "email",
				   world_jbytes(who->email, strlen(who->email)), "date",
				   world_time((int64_t)who->when.time * 1000)));
}

/* It ends at its last letter. */
static json_t *message_view(git_commit *commit)
{
	const char *message = git_commit_message(commit);
	size_t len = message ? strlen(message) : 0;

	while (len > 0 && message[len - 1] == '\n')
		len--;
	return world_jbytes(message, len);
}

/* A signed commit is told in full: what was signed, and the signature. The world knows no keys: what it is said to find
 * (world_act_verify) it finds. */
static json_t *verification_view(git_repository *git, git_commit *commit, const char *found)
{
	git_oid oid = *git_commit_id(commit);
	git_buf signature = GIT_BUF_INIT, payload = GIT_BUF_INIT;
	bool is_signed = git_commit_extract_signature(&signature, &payload, git, &oid, NULL) == 0;
	const char *reason = found[0] ? found : is_signed ? "unknown_key" : "unsigned";
	json_t *view = world_own(
		json_pack("{s:b,s:s,s:o,s:o,s:n}", "verified", strcmp(reason, "valid") == 0, "reason", reason,
			  "signature", is_signed ? world_jbytes(signature.ptr, signature.size) : json_null(), "payload",
			  is_signed ? world_jbytes(payload.ptr, payload.size) : json_null(), "verified_at"));

	git_buf_dispose(&signature);
	git_buf_dispose(&payload);
	return view;
}

static json_t *account_view(struct world *w, const git_signature *who)
{
	json_t *user = world_user_by_email(w, who->email);

	return user ? world_user_view(w, world_str(user, "login")) : json_null();
}

/* As git has it. */
static json_t *inner_view(struct world *w, json_t *repo, git_commit *commit, const char *sha)
{
	const char *name = world_str(repo, "full_name");
	const char *tree = git_oid_tostr_s(git_commit_tree_id(commit));

	return world_own(json_pack(
		"{s:o,s:o,s:o,s:{s:s,s:o},s:i,s:o,s:o}", "author", person_view(git_commit_author(commit)), "committer",
		person_view(git_commit_committer(commit)), "message", message_view(commit), "tree", "sha", tree, "url",
		world_jtext("%s/repos/%s/git/trees/%s", w->public_url, name, tree), "comment_count", 0, "url",
		world_jtext("%s/repos/%s/git/commits/%s", w->public_url, name, sha), "verification",
		verification_view(world_git(w, repo), commit, world_str(world_map(repo, "verified"), sha))));
}

static json_t *view_of(struct world *w, json_t *repo, git_commit *commit, const char *sha)
{
	const char *name = world_str(repo, "full_name");
	json_t *parents = world_own(json_array());

	for (unsigned i = 0; i < git_commit_parentcount(commit); i++) {
		const char *parent = git_oid_tostr_s(git_commit_parent_id(commit, i));

		json_array_append_new(
			parents,
			world_own(json_pack("{s:s,s:o,s:o}", "sha", parent, "url",
					    world_jtext("%s/repos/%s/commits/%s", w->public_url, name, parent),
					    "html_url", world_jtext("%s/%s/commit/%s", w->public_url, name, parent))));
	}
	return world_own(json_pack("{s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "sha", sha, "node_id",
				   world_jtext("C_%s", sha), "commit", inner_view(w, repo, commit, sha), "url",
				   world_jtext("%s/repos/%s/commits/%s", w->public_url, name, sha), "comments_url",
				   world_jtext("%s/repos/%s/commits/%s/comments", w->public_url, name, sha), "html_url",
				   world_jtext("%s/%s/commit/%s", w->public_url, name, sha), "author",
				   account_view(w, git_commit_author(commit)), "committer",
				   account_view(w, git_commit_committer(commit)), "parents", parents));
}

/* {"sha", "reason"}: what the forge finds of this commit's signature; "valid": it is good. */
void world_act_verify(struct world_act *act)
{
	const char *sha = world_str(act->args, "sha"), *reason = world_str(act->args, "reason");

	if (!reason[0] || !world_has_commit(act->w, act->repo, sha)) {
		world_fail(act, 422, "verify needs sha and reason");
		return;
	}
	world_put(world_map(act->repo, "verified"), sha, json_string(reason));
	world_forget(act->w);
}

json_t *world_commit_view(struct world *w, json_t *repo, const char *sha)
{
	char *key = world_text("%s %s", world_str(repo, "full_name"), sha);
	git_repository *git = world_git(w, repo);
	json_t *view = world_known(w, key);
	git_commit *commit = NULL;
	git_oid oid;

	if (!view && git && strlen(sha) == 40 && git_oid_fromstr(&oid, sha) == 0 &&
	    git_commit_lookup(&commit, git, &oid) == 0)
		view = world_keep(w, key, view_of(w, repo, commit, sha));
	git_commit_free(commit);
	free(key);
	return view;
}

static json_t *walked(git_repository *git, const char *base, const char *head)
{
	git_revwalk *walk = NULL;
	json_t *list = world_own(json_array());
	git_oid a, b, oid;

	if (git && git_oid_fromstr(&b, head) == 0 && git_revwalk_new(&walk, git) == 0) {
		git_revwalk_sorting(walk, GIT_SORT_TOPOLOGICAL | GIT_SORT_REVERSE);
		if (base[0] && git_oid_fromstr(&a, base) == 0)
			git_revwalk_hide(walk, &a);
		if (git_revwalk_push(walk, &b) == 0)
			while (json_array_size(list) < RANGE_MAX && git_revwalk_next(&oid, walk) == 0)
				json_array_append_new(list, json_string(git_oid_tostr_s(&oid)));
	}
	git_revwalk_free(walk);
	return list;
}

json_t *world_range(struct world *w, json_t *repo, const char *base, const char *head)
{
	char *key = world_text("%s %s..%s", world_str(repo, "full_name"), base, head);
	json_t *list = world_known(w, key);

	if (!list) {
		list = walked(world_git(w, repo), base, head);
		if (json_array_size(list) > 0) /* else an object may be missing, and come yet */
			world_keep(w, key, list);
	}
	free(key);
	return list;
}

static bool tree_at(git_repository *git, const git_oid *commit_id, git_tree **ret)
{
	git_commit *commit = NULL;
	bool ok = git_commit_lookup(&commit, git, commit_id) == 0 && git_commit_tree(ret, commit) == 0;

	git_commit_free(commit);
	return ok;
}

static json_t *file_view(git_diff *diff, size_t i)
{
	static const char *const names[] = {[GIT_DELTA_ADDED] = "added",
					    [GIT_DELTA_DELETED] = "removed",
					    [GIT_DELTA_MODIFIED] = "modified",
					    [GIT_DELTA_RENAMED] = "renamed"};
	const git_diff_delta *delta = git_diff_get_delta(diff, i);
	const char *status = delta->status <= GIT_DELTA_RENAMED ? names[delta->status] : NULL;
	const git_diff_file *shown = delta->status == GIT_DELTA_DELETED ? &delta->old_file : &delta->new_file;
	size_t added = 0, removed = 0;
	git_patch *patch = NULL;
	json_t *view;

	if (git_patch_from_diff(&patch, diff, i) == 0 && patch)
		git_patch_line_stats(NULL, &added, &removed, patch);
	git_patch_free(patch);
	view = world_own(json_pack("{s:s,s:o,s:s,s:I,s:I,s:I}", "sha", git_oid_tostr_s(&shown->id), "filename",
				   world_jbytes(shown->path, strlen(shown->path)), "status",
				   status ? status : "changed", "additions", (json_int_t)added, "deletions",
				   (json_int_t)removed, "changes", (json_int_t)added + (json_int_t)removed));
	if (delta->status == GIT_DELTA_RENAMED)
		world_put(view, "previous_filename", world_jbytes(delta->old_file.path, strlen(delta->old_file.path)));
	return view;
}

/* What was removed is shown where it was last. */
static json_t *addressed(struct world *w, json_t *repo, const git_diff_delta *delta, const char *const ends[2],
			 json_t *view)
{
	bool gone = delta->status == GIT_DELTA_DELETED;

	world_fill_file(w, repo, ends[gone ? 0 : 1], gone ? delta->old_file.path : delta->new_file.path, view);
	return view;
}

/* What differs between the merge base (nothing, if base is "") and the head; renames found, as the forge shows them. */
json_t *world_files(struct world *w, json_t *repo, const char *base, const char *head)
{
	git_repository *git = world_git(w, repo);
	git_tree *from = NULL, *to = NULL;
	git_diff *diff = NULL;
	json_t *list = world_own(json_array());
	char fork_name[41] = "";
	const char *ends[2] = {fork_name, head};
	git_oid a, b, fork;

	if (git && git_oid_fromstr(&b, head) == 0 && tree_at(git, &b, &to)) {
		if (git_oid_fromstr(&a, base) == 0 && git_merge_base(&fork, git, &a, &b) == 0 &&
		    tree_at(git, &fork, &from))
			git_oid_tostr(fork_name, sizeof(fork_name), &fork);
		if (git_diff_tree_to_tree(&diff, git, from, to, NULL) == 0)
			git_diff_find_similar(diff, NULL);
		for (size_t i = 0; diff && i < git_diff_num_deltas(diff) && i < FILES_MAX; i++)
			json_array_append_new(
				list, addressed(w, repo, git_diff_get_delta(diff, i), ends, file_view(diff, i)));
	}
	git_diff_free(diff);
	git_tree_free(from);
	git_tree_free(to);
	return list;
}

/* Where a new commit goes: args.onto (branch or sha), else the branch's tip, else the default branch's. */
static const char *parent_of(struct world_act *act, const char *branch)
{
	const char *onto = world_str(act->args, "onto"), *tip = world_tip(act->repo, branch);

	if (onto[0])
		return world_tip(act->repo, onto)[0] ? world_tip(act->repo, onto) : onto;
	return tip[0] ? tip : world_tip(act->repo, world_str(act->repo, "default_branch"));
}

void world_act_commit(struct world_act *act)
{
	const char *branch = world_str(act->args, "branch");
	char sha[41];

	if (world_commit(act, parent_of(act, branch[0] ? branch : world_str(act->repo, "default_branch")), sha))
		world_put(act->out, "sha", json_string(sha));
}

static void refuse_move(struct world_act *act, const char *ref, const char *sha, const char *why)
{
	world_log(act->w, "ref",
		  json_pack("{s:s,s:s,s:s,s:s,s:s,s:b,s:s}", "repo", world_str(act->repo, "full_name"), "ref", ref,
			    "before", world_tip(act->repo, ref), "after", sha, "who", act->who, "refused", 1, "why",
			    why));
	world_fail(act, 422, why);
}

/* Moves args.branch to sha as `who`: fast-forward unless forced, and past the branch's protection. */
static void move_branch(struct world_act *act, const char *sha, bool force)
{
	const char *branch = world_str(act->args, "branch"), *missing;
	char *ref = world_text("refs/heads/%s", branch), before[41] = WORLD_ZERO;
	const char *tip = world_tip(act->repo, branch);
	bool guarded = world_is_protected(act->repo, branch) && !world_true(act->args, "bypass");

	if (tip[0])
		snprintf(before, sizeof(before), "%s", tip);
	missing = guarded && tip[0] ? world_missing_context(act->repo, branch, sha) : NULL;
	if (!branch[0] || !world_has_commit(act->w, act->repo, sha))
		refuse_move(act, ref, sha, "Object does not exist");
	else if (tip[0] && (!force || guarded) && !world_is_ancestor(act->w, act->repo, tip, sha))
		refuse_move(act, ref, sha, "Update is not a fast forward");
	else if (missing)
		refuse_move(act, ref, sha, "Required status check is expected.");
	else if (strcmp(before, sha) != 0 && !world_set_ref(act->w, act->repo, ref, sha))
		refuse_move(act, ref, sha, "Reference cannot be updated");
	else if (strcmp(before, sha) != 0)
		world_moved(act->w, act->repo, &(struct world_move){ref, before, sha, act->who, NULL});
	free(ref);
	if (act->status)
		return;
	world_put(act->out, "sha", json_string(sha));
	world_put(act->out, "before", json_string(before));
}

static void push(struct world_act *act, bool force)
{
	const char *branch = world_str(act->args, "branch"), *given = world_str(act->args, "sha");
	char sha[41];

	if (given[0])
		move_branch(act, given, force);
	else if (world_commit(act, parent_of(act, branch), sha))
		move_branch(act, sha, force);
}

/* {"branch", "sha"} or {"branch", "files", "message", "onto"?, ...} */
void world_act_push(struct world_act *act)
{
	push(act, world_true(act->args, "force"));
}

void world_act_force_push(struct world_act *act)
{
	push(act, true);
}

/* {"text"}: the policy file on the default branch, past its protection. */
void world_act_policy(struct world_act *act)
{
	world_put(act->args, "files", json_pack("{s:s}", ".headgate.yml", world_str(act->args, "text")));
	world_put(act->args, "branch", json_string(world_str(act->repo, "default_branch")));
	world_put(act->args, "bypass", json_true());
	push(act, false);
}

/* {"branch", "onto"?}: makes it; {"branch", "delete": true}: deletes it. */
void world_act_branch(struct world_act *act)
{
	const char *branch = world_str(act->args, "branch"), *tip = world_tip(act->repo, branch);
	char *ref, before[41];

	if (!world_true(act->args, "delete")) {
		move_branch(act, parent_of(act, branch), false);
		return;
	}
	ref = world_text("refs/heads/%s", branch);
	snprintf(before, sizeof(before), "%s", tip);
	if (!tip[0] || world_is_protected(act->repo, branch))
		refuse_move(act, ref, WORLD_ZERO, "Cannot delete this branch");
	else if (world_set_ref(act->w, act->repo, ref, ""))
		world_moved(act->w, act->repo, &(struct world_move){ref, before, WORLD_ZERO, act->who, NULL});
	free(ref);
}
