/* Files over REST: read at a ref, and written as a commit on a branch, whose changes follow. */
#include "tests/world/world_rest.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

static git_blob *blob_at(git_repository *git, const char *sha, const char *path)
{
	git_commit *commit = NULL;
	git_tree *tree = NULL;
	git_tree_entry *entry = NULL;
	git_blob *blob = NULL;
	git_oid oid;

	if (git_oid_fromstr(&oid, sha) == 0 && git_commit_lookup(&commit, git, &oid) == 0 &&
	    git_commit_tree(&tree, commit) == 0 && git_tree_entry_bypath(&entry, tree, path) == 0 &&
	    git_tree_entry_type(entry) == GIT_OBJECT_BLOB)
		git_blob_lookup(&blob, git, git_tree_entry_id(entry));
	git_tree_entry_free(entry);
	git_tree_free(tree);
	git_commit_free(commit);
	return blob;
}

static void answer_raw(struct world_call *call, git_blob *blob)
{
	size_t len = (size_t)git_blob_rawsize(blob);

	call->response->body = malloc(len + 1);
	if (!call->response->body)
		abort();
	memcpy(call->response->body, git_blob_rawcontent(blob), len);
	call->response->len = len;
	world_put(call->response->headers, "Content-Type", json_string("application/vnd.github.raw+json"));
}

/* The links that a file's own answer has. */
static void put_links(struct world_call *call, json_t *view, const char *sha)
{
	const char *root = call->act.w->public_url, *repo = world_str(call->act.repo, "full_name");
	json_t *self = world_jtext("%s/repos/%s/contents/%s", root, repo, call->args[2]);
	json_t *git = world_jtext("%s/repos/%s/git/blobs/%s", root, repo, sha);
	json_t *html = world_jtext("%s/%s/blob/main/%s", root, repo, call->args[2]);

	world_put(view, "_links", world_own(json_pack("{s:O,s:O,s:O}", "self", self, "git", git, "html", html)));
	world_put(view, "download_url", world_jtext("%s/%s/raw/main/%s", root, repo, call->args[2]));
	world_put(view, "url", self);
	world_put(view, "git_url", git);
	world_put(view, "html_url", html);
}

static void answer_blob(struct world_call *call, git_blob *blob)
{
	size_t len = (size_t)git_blob_rawsize(blob);
	char *encoded = calloc(1, len / 3 * 4 + 8);
	const char *slash = strrchr(call->args[2], '/');

	if (!encoded)
		abort();
	EVP_EncodeBlock((unsigned char *)encoded, git_blob_rawcontent(blob), (int)len);
	world_answer(call, 200,
		     json_pack("{s:s,s:s,s:s,s:s,s:s,s:I,s:s}", "type", "file", "encoding", "base64", "content",
			       encoded, "path", call->args[2], "name", slash ? slash + 1 : call->args[2], "size",
			       (json_int_t)len, "sha", git_oid_tostr_s(git_blob_id(blob))));
	put_links(call, call->act.out, git_oid_tostr_s(git_blob_id(blob)));
	free(encoded);
}

void world_get_contents(struct world_call *call)
{
	json_t *query = world_query(call->request->query);
	const char *ref = world_str(query, "ref");
	git_repository *git = world_git(call->act.w, call->act.repo);
	git_blob *blob;

	ref = world_resolve(call, ref[0] ? ref : world_str(call->act.repo, "default_branch"));
	blob = git && ref[0] ? blob_at(git, ref, call->args[2]) : NULL;
	if (!blob)
		world_fail(&call->act, 404, "Not Found");
	else if (call->request->accept && strstr(call->request->accept, "raw"))
		answer_raw(call, blob);
	else
		answer_blob(call, blob);
	git_blob_free(blob);
	json_decref(query);
}

/* ---- writing ---- */

/* The blob that the branch has there; "" for none. */
static void blob_of(struct world_call *call, const char *branch, char ret[41])
{
	git_repository *git = world_git(call->act.w, call->act.repo);
	const char *tip = world_tip(call->act.repo, branch);
	git_blob *blob = git && tip[0] ? blob_at(git, tip, call->args[2]) : NULL;

	ret[0] = 0;
	if (blob)
		git_oid_tostr(ret, 41, git_blob_id(blob));
	git_blob_free(blob);
}

/* NULL: it is no base64, or no text. */
static json_t *text_of(const char *encoded)
{
	size_t n = 0, len;
	char *packed = world_text("%s", encoded);
	unsigned char *plain = calloc(1, strlen(encoded) + 4);
	json_t *text = NULL;
	int got;

	if (!plain)
		abort();
	for (const char *at = encoded; *at; at++)
		if (*at != '\n')
			packed[n++] = *at;
	packed[n] = 0;
	got = EVP_DecodeBlock(plain, (const unsigned char *)packed, (int)n);
	len = got > 0 ? (size_t)got : 0;
	for (size_t i = n; i > 0 && packed[i - 1] == '=' && len > 0; i--)
		len--;
	if (got >= 0)
		text = json_stringn((const char *)plain, len);
	free(plain);
	free(packed);
	return text;
}

/* The request may not name what only acts may. */
static json_t *push_args(struct world_call *call, const char *branch, json_t *content)
{
	static const char *const kept[] = {"message", "author", "committer"};
	json_t *args = world_own(json_pack("{s:s,s:{s:o}}", "branch", branch, "files", call->args[2], content));

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (json_object_get(call->act.args, kept[i]))
			world_put(args, kept[i], json_incref(json_object_get(call->act.args, kept[i])));
	return args;
}

static bool blob_is_named(struct world_call *call, const char *had)
{
	const char *given = world_str(call->act.args, "sha");

	if (had[0] && !given[0])
		world_fail(&call->act, 422, "Invalid request. \"sha\" wasn't supplied.");
	else if (strcmp(had, given) != 0)
		world_fail(&call->act, 409, "the file does not match sha");
	return call->act.status == 0;
}

/* content NULL: the file is no text; null: it is removed. Stolen. */
static void write_content(struct world_call *call, json_t *content, int status)
{
	const char *given = world_str(call->act.args, "branch");
	const char *branch = given[0] ? given : world_str(call->act.repo, "default_branch"), *sha;
	json_t *args = call->act.args, *commit;
	bool removed = json_is_null(content);

	if (!content) {
		world_fail(&call->act, 422, "content is not valid Base64");
		return;
	}
	call->act.args = push_args(call, branch, content);
	world_act_push(&call->act);
	json_decref(call->act.args);
	call->act.args = args;
	if (call->act.status)
		return;
	sha = world_tip(call->act.repo, branch);
	commit = world_commit_view(call->act.w, call->act.repo, sha);
	world_answer(call, status,
		     json_pack("{s:o,s:o}", "commit", commit, "content",
			       removed ? json_null() : json_pack("{s:s,s:s}", "path", call->args[2], "type", "file")));
}

/* {"message", "content": base64, "branch"?, "sha"?: of the blob that is replaced} */
void world_put_contents(struct world_call *call)
{
	const char *branch = world_str(call->act.args, "branch");
	char had[41];

	blob_of(call, branch[0] ? branch : world_str(call->act.repo, "default_branch"), had);
	if (blob_is_named(call, had))
		write_content(call, text_of(world_str(call->act.args, "content")), had[0] ? 200 : 201);
}

/* {"message", "sha", "branch"?} */
void world_delete_contents(struct world_call *call)
{
	const char *branch = world_str(call->act.args, "branch");
	char had[41];

	blob_of(call, branch[0] ? branch : world_str(call->act.repo, "default_branch"), had);
	if (!had[0])
		world_fail(&call->act, 404, "Not Found");
	else if (blob_is_named(call, had))
		write_content(call, json_null(), 200);
}
