/*
 * Git's objects over REST: trees, blobs, lists of commits, and the comparison of two. What is no UTF-8 is told with
 * U+FFFD in its place, as JSON can hold nothing else.
 */
#include "tests/world/world_rest.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

/* ---- trees and blobs ---- */

static bool tree_named(git_repository *git, const char *name, git_tree **ret)
{
	git_object *object = NULL;
	git_oid oid;
	bool found = git && strlen(name) == 40 && git_oid_fromstr(&oid, name) == 0 &&
		     git_object_lookup(&object, git, &oid, GIT_OBJECT_ANY) == 0 &&
		     git_object_peel((git_object **)(void *)ret, object, GIT_OBJECT_TREE) == 0;

	git_object_free(object);
	return found;
}

static json_t *address(struct world_call *call, const char *kind, const char *sha)
{
	return world_jtext("%s/repos/%s/git/%s/%s", call->act.w->public_url, world_str(call->act.repo, "full_name"),
			   kind, sha);
}

/* A submodule's commit is in another repository, and has neither size nor address. */
static json_t *entry_view(struct world_call *call, git_repository *git, const git_tree_entry *entry)
{
	const char *name = git_tree_entry_name(entry), *sha;
	git_object_t type = git_tree_entry_type(entry);
	git_blob *blob = NULL;
	json_t *view =
		world_own(json_pack("{s:o,s:o,s:s,s:s}", "path", world_jbytes(name, strlen(name)), "mode",
				    world_jtext("%06o", (unsigned)git_tree_entry_filemode_raw(entry)), "type",
				    git_object_type2string(type), "sha", git_oid_tostr_s(git_tree_entry_id(entry))));

	if (type == GIT_OBJECT_BLOB && git_blob_lookup(&blob, git, git_tree_entry_id(entry)) == 0)
		world_put(view, "size", json_integer((json_int_t)git_blob_rawsize(blob)));
	git_blob_free(blob);
	sha = world_str(view, "sha");
	if (type == GIT_OBJECT_BLOB || type == GIT_OBJECT_TREE)
		world_put(view, "url", address(call, type == GIT_OBJECT_BLOB ? "blobs" : "trees", sha));
	return view;
}

/* Of a tree, or of a commit's; never recursive. */
void world_get_tree(struct world_call *call)
{
	git_repository *git = world_git(call->act.w, call->act.repo);
	json_t *list;
	git_tree *tree = NULL;
	const char *sha;

	if (!tree_named(git, call->args[2], &tree)) {
		world_fail(&call->act, 404, "Not Found");
		return;
	}
	list = world_own(json_array());
	for (size_t i = 0; i < git_tree_entrycount(tree); i++)
		json_array_append_new(list, entry_view(call, git, git_tree_entry_byindex(tree, i)));
	sha = git_oid_tostr_s(git_tree_id(tree));
	world_answer(call, 200,
		     json_pack("{s:s,s:o,s:o,s:b}", "sha", sha, "url", address(call, "trees", sha), "tree", list,
			       "truncated", 0));
	git_tree_free(tree);
}

/* As the forge writes base64: sixty characters a line. */
static json_t *packed(const unsigned char *bytes, size_t len)
{
	char *plain = calloc(1, len / 3 * 4 + 8), *lines = calloc(1, len / 3 * 4 + len / 40 + 16);
	size_t n = 0, total;
	json_t *text;

	if (!plain || !lines)
		abort();
	total = (size_t)EVP_EncodeBlock((unsigned char *)plain, bytes, (int)len);
	for (size_t i = 0; i < total; i++) {
		lines[n++] = plain[i];
		if (i % 60 == 59 || i + 1 == total)
			lines[n++] = '\n';
	}
	text = world_own(json_stringn(lines, n));
	free(plain);
	free(lines);
	return text;
}

void world_get_blob(struct world_call *call)
{
	git_repository *git = world_git(call->act.w, call->act.repo);
	git_blob *blob = NULL;
	git_oid oid;

	if (!git || strlen(call->args[2]) != 40 || git_oid_fromstr(&oid, call->args[2]) != 0 ||
	    git_blob_lookup(&blob, git, &oid) != 0) {
		world_fail(&call->act, 404, "Not Found");
		return;
	}
	world_answer(call, 200,
		     json_pack("{s:s,s:o,s:o,s:s,s:I,s:o}", "sha", call->args[2], "node_id",
			       world_jtext("B_%s", call->args[2]), "url", address(call, "blobs", call->args[2]),
			       "encoding", "base64", "size", (json_int_t)git_blob_rawsize(blob), "content",
			       packed(git_blob_rawcontent(blob), (size_t)git_blob_rawsize(blob))));
	git_blob_free(blob);
}

/* ---- lists of commits ---- */

static json_t *views_of(struct world_call *call, json_t *shas, bool newest_first)
{
	json_t *list = world_own(json_array());
	size_t n = json_array_size(shas);

	for (size_t i = 0; i < n; i++) {
		const char *sha = json_string_value(json_array_get(shas, newest_first ? n - 1 - i : i));

		json_array_append_new(list, world_commit_view(call->act.w, call->act.repo, sha));
	}
	return list;
}

/* ?sha=: where to begin; else the default branch */
void world_get_commits(struct world_call *call)
{
	json_t *query = world_query(call->request->query), *shas;
	const char *from = world_str(query, "sha");

	from = world_resolve(call, from[0] ? from : world_str(call->act.repo, "default_branch"));
	if (from[0]) {
		shas = world_range(call->act.w, call->act.repo, "", from);
		world_answer_page(call, views_of(call, shas, true));
		json_decref(shas);
	} else {
		world_fail(&call->act, 404, "Not Found");
	}
	json_decref(query);
}

/* ---- comparing ---- */

enum { COMPARE_PAGE = 250, COMPARE_FILES = 300 };

static const char *relation(size_t ahead, size_t behind)
{
	if (ahead && behind)
		return "diverged";
	return ahead ? "ahead" : behind ? "behind" : "identical";
}

/* The files of the whole comparison stand on its first page, and nowhere else. */
static json_t *files_of(struct world_call *call, const char *base, const char *head)
{
	json_t *query = world_query(call->request->query), *files;
	bool first = strtol(world_str(query, "page"), NULL, 10) < 2;

	json_decref(query);
	if (!first)
		return world_own(json_array());
	files = world_files(call->act.w, call->act.repo, base, head);
	while (json_array_size(files) > COMPARE_FILES)
		json_array_remove(files, json_array_size(files) - 1);
	return files;
}

static void compare(struct world_call *call, const char *base, const char *head, const char *fork)
{
	struct world *w = call->act.w;
	json_t *ahead = world_range(w, call->act.repo, base, head),
	       *behind = world_range(w, call->act.repo, head, base);
	size_t n = json_array_size(ahead), m = json_array_size(behind);
	json_t *answer =
		world_own(json_pack("{s:s,s:I,s:I,s:I,s:o,s:o,s:o,s:o}", "status", relation(n, m), "ahead_by",
				    (json_int_t)n, "behind_by", (json_int_t)m, "total_commits", (json_int_t)n,
				    "base_commit", world_commit_view(w, call->act.repo, base), "merge_base_commit",
				    world_commit_view(w, call->act.repo, fork), "files", files_of(call, base, head),
				    "commits", world_pages(call, views_of(call, ahead, false), COMPARE_PAGE)));

	json_decref(ahead);
	json_decref(behind);
	world_fill_comparison(w, call->act.repo, &(struct world_ends){call->args[2], base, head}, answer);
	world_answer(call, 200, answer);
}

static void compare_related(struct world_call *call, const char *base, const char *head)
{
	git_repository *git = world_git(call->act.w, call->act.repo);
	char fork[41], *why;
	git_oid a, b, oid;

	if (git && git_oid_fromstr(&a, base) == 0 && git_oid_fromstr(&b, head) == 0 &&
	    git_merge_base(&oid, git, &a, &b) == 0) {
		git_oid_tostr(fork, sizeof(fork), &oid);
		compare(call, base, head, fork);
		return;
	}
	why = world_text("No common ancestor between %s and %s.", base, head);
	world_fail(&call->act, 404, why);
	free(why);
}

/* BASE...HEAD, each a branch or a SHA */
void world_get_compare(struct world_call *call)
{
	char *text = world_text("%s", call->args[2]), *dots = strstr(text, "...");
	const char *base, *head;

	if (dots)
		*dots = 0;
	base = world_resolve(call, text);
	head = dots ? world_resolve(call, dots + 3) : "";
	if (base[0] && head[0])
		compare_related(call, base, head);
	else
		world_fail(&call->act, 404, "Not Found");
	free(text);
}
