/*
 * What the forge's answers hold besides what anybody here reads: addresses, counts of things that the world does not
 * have, settings at their defaults. They are complete by the forge's published description (tests/contract).
 */
#include "tests/world/world_state.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

struct field {
	const char *name, *rest; /* behind the address of what it belongs to */
};

static void put_addresses(json_t *view, const char *base, const struct field *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		world_put(view, rows[i].name, world_jtext("%s%s", base, rows[i].rest));
}

/* ---- people ---- */

void world_fill_user(struct world *w, json_t *view)
{
	static const struct field rows[] = {{"followers_url", "/followers"},
					    {"following_url", "/following{/other_user}"},
					    {"gists_url", "/gists{/gist_id}"},
					    {"starred_url", "/starred{/owner}{/repo}"},
					    {"subscriptions_url", "/subscriptions"},
					    {"organizations_url", "/orgs"},
					    {"repos_url", "/repos"},
					    {"events_url", "/events{/privacy}"},
					    {"received_events_url", "/received_events"},
					    {"url", ""}};
	char *login = world_escape(world_str(view, "login")), *base = world_text("%s/users/%s", w->public_url, login);

	put_addresses(view, base, rows, COUNT(rows));
	world_put(view, "html_url", world_jtext("%s/%s", w->public_url, login));
	world_put(view, "avatar_url", world_jtext("%s/u/%lld?v=4", w->public_url, (long long)world_int(view, "id")));
	free(base);
	free(login);
}

/* ---- repositories ---- */

static const struct field repo_addresses[] = {{"archive_url", "/{archive_format}{/ref}"},
					      {"assignees_url", "/assignees{/user}"},
					      {"blobs_url", "/git/blobs{/sha}"},
					      {"branches_url", "/branches{/branch}"},
					      {"collaborators_url", "/collaborators{/collaborator}"},
					      {"comments_url", "/comments{/number}"},
					      {"commits_url", "/commits{/sha}"},
					      {"compare_url", "/compare/{base}...{head}"},
					      {"contents_url", "/contents/{+path}"},
					      {"contributors_url", "/contributors"},
					      {"deployments_url", "/deployments"},
					      {"downloads_url", "/downloads"},
					      {"events_url", "/events"},
					      {"forks_url", "/forks"},
					      {"git_commits_url", "/git/commits{/sha}"},
					      {"git_refs_url", "/git/refs{/sha}"},
					      {"git_tags_url", "/git/tags{/sha}"},
					      {"hooks_url", "/hooks"},
					      {"issue_comment_url", "/issues/comments{/number}"},
					      {"issue_events_url", "/issues/events{/number}"},
					      {"issues_url", "/issues{/number}"},
					      {"keys_url", "/keys{/key_id}"},
					      {"labels_url", "/labels{/name}"},
					      {"languages_url", "/languages"},
					      {"merges_url", "/merges"},
					      {"milestones_url", "/milestones{/number}"},
					      {"notifications_url", "/notifications{?since,all,participating}"},
					      {"pulls_url", "/pulls{/number}"},
					      {"releases_url", "/releases{/id}"},
					      {"stargazers_url", "/stargazers"},
					      {"statuses_url", "/statuses/{sha}"},
					      {"subscribers_url", "/subscribers"},
					      {"subscription_url", "/subscription"},
					      {"tags_url", "/tags"},
					      {"teams_url", "/teams"},
					      {"trees_url", "/git/trees{/sha}"},
					      {"url", ""}};

static void put_repo_rest(json_t *view)
{
	static const char *const counts[] = {"forks",         "forks_count",       "open_issues", "open_issues_count",
					     "network_count", "subscribers_count", "size",        "stargazers_count",
					     "watchers",      "watchers_count"};
	static const char *const nothing[] = {"description", "homepage", "language", "license", "mirror_url"};
	static const char *const off[] = {"archived", "disabled", "has_discussions", "has_pages", "is_template"};
	static const char *const on[] = {"allow_forking", "has_downloads", "has_issues", "has_projects", "has_wiki"};

	for (size_t i = 0; i < COUNT(counts); i++)
		world_put(view, counts[i], json_integer(0));
	for (size_t i = 0; i < COUNT(nothing); i++)
		world_put(view, nothing[i], json_null());
	for (size_t i = 0; i < COUNT(off); i++)
		world_put(view, off[i], json_false());
	for (size_t i = 0; i < COUNT(on); i++)
		world_put(view, on[i], json_true());
	world_put(view, "topics", json_array());
}

static json_t *repo_fields(struct world *w, const char *name)
{
	char *base = world_text("%s/repos/%s", w->public_url, name);
	json_t *view = world_own(json_object());

	put_addresses(view, base, repo_addresses, COUNT(repo_addresses));
	put_repo_rest(view);
	world_put(view, "html_url", world_jtext("%s/%s", w->public_url, name));
	world_put(view, "svn_url", world_jtext("%s/%s", w->public_url, name));
	world_put(view, "clone_url", world_jtext("%s/%s.git", w->public_url, name));
	world_put(view, "git_url", world_jtext("git://localhost/%s.git", name));
	world_put(view, "ssh_url", world_jtext("git@localhost:%s.git", name));
	free(base);
	return view;
}

void world_fill_repo(struct world *w, json_t *view)
{
	const char *name = world_str(view, "full_name");
	char *key = world_text("fields of %s", name);
	json_t *fields = world_known(w, key);

	if (!fields)
		fields = world_keep(w, key, repo_fields(w, name));
	if (json_object_update_missing(view, fields) != 0)
		abort();
	json_decref(fields);
	free(key);
}

/* ---- changes ---- */

static const struct change_link {
	const char *field, *link;
	const char *before, *after; /* around the number; after NULL: without it */
} change_links[] = {{"url", "self", "/pulls/", ""},
		    {"issue_url", "issue", "/issues/", ""},
		    {"comments_url", "comments", "/issues/", "/comments"},
		    {"commits_url", "commits", "/pulls/", "/commits"},
		    {"review_comments_url", "review_comments", "/pulls/", "/comments"},
		    {"review_comment_url", "review_comment", "/pulls/comments{/number}", NULL}};

static void put_link(json_t *view, const char *link, const char *field)
{
	world_put(world_map(view, "_links"), link, json_pack("{s:O}", "href", json_object_get(view, field)));
}

/* Of GET pulls/N alone: how large it is. */
static json_t *size_of(struct world *w, json_t *repo, json_t *change)
{
	const char *base = world_str(change, "base_sha"), *head = world_str(change, "head_sha");
	char *key = world_text("size %s %s..%s", world_str(repo, "full_name"), base, head);
	json_t *size = world_known(w, key), *files, *range, *file;
	json_int_t added = 0, deleted = 0;
	size_t i;

	if (!size) {
		files = world_files(w, repo, base, head);
		range = world_range(w, repo, base, head);
		json_array_foreach(files, i, file)
		{
			added += world_int(file, "additions");
			deleted += world_int(file, "deletions");
		}
		size = world_own(json_pack("{s:I,s:I,s:I,s:I}", "additions", added, "deletions", deleted,
					   "changed_files", (json_int_t)json_array_size(files), "commits",
					   (json_int_t)json_array_size(range)));
		world_keep(w, key, size);
		json_decref(files);
		json_decref(range);
	}
	free(key);
	return size;
}

void world_fill_change(struct world *w, json_t *repo, json_t *change, json_t *view)
{
	const char *name = world_str(repo, "full_name");
	char *base = world_text("%s/repos/%s", w->public_url, name);
	long long number = world_int(change, "number");

	for (size_t i = 0; i < COUNT(change_links); i++) {
		const struct change_link *row = &change_links[i];

		world_put(view, row->field,
			  row->after ? world_jtext("%s%s%lld%s", base, row->before, number, row->after)
				     : world_jtext("%s%s", base, row->before));
		put_link(view, row->link, row->field);
	}
	world_put(view, "statuses_url", world_jtext("%s/statuses/%s", base, world_str(change, "head_sha")));
	put_link(view, "statuses", "statuses_url");
	world_put(view, "html_url", world_jtext("%s/%s/pull/%lld", w->public_url, name, number));
	put_link(view, "html", "html_url");
	world_put(view, "diff_url", world_jtext("%s/%s/pull/%lld.diff", w->public_url, name, number));
	world_put(view, "patch_url", world_jtext("%s/%s/pull/%lld.patch", w->public_url, name, number));
	free(base);
}

void world_fill_change_full(struct world *w, json_t *repo, json_t *change, json_t *view)
{
	json_t *size = size_of(w, repo, change);

	world_put(view, "review_comments", json_integer(0));
	world_put(view, "maintainer_can_modify", json_false());
	if (json_object_update(view, size) != 0)
		abort();
	json_decref(size);
}

/* ---- files and comparisons ---- */

void world_fill_file(struct world *w, json_t *repo, const char *sha, const char *path, json_t *view)
{
	const char *name = world_str(repo, "full_name");
	char *escaped = world_escape(path), *page = world_text("%s/%s", w->public_url, name);

	world_put(view, "blob_url", world_jtext("%s/blob/%s/%s", page, sha, escaped));
	world_put(view, "raw_url", world_jtext("%s/raw/%s/%s", page, sha, escaped));
	world_put(view, "contents_url",
		  world_jtext("%s/repos/%s/contents/%s?ref=%s", w->public_url, name, escaped, sha));
	free(page);
	free(escaped);
}

void world_fill_comparison(struct world *w, json_t *repo, const struct world_ends *ends, json_t *view)
{
	const char *name = world_str(repo, "full_name"), *owner = world_str(repo, "owner");
	char *asked = world_escape(ends->asked), *page = world_text("%s/%s/compare", w->public_url, name);

	world_put(view, "url", world_jtext("%s/repos/%s/compare/%s", w->public_url, name, asked));
	world_put(view, "html_url", world_jtext("%s/%s", page, asked));
	world_put(view, "diff_url", world_jtext("%s/%s.diff", page, asked));
	world_put(view, "patch_url", world_jtext("%s/%s.patch", page, asked));
	world_put(view, "permalink_url", world_jtext("%s/%s:%s...%s:%s", page, owner, ends->base, owner, ends->head));
	free(page);
	free(asked);
}
