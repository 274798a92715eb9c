/*
 * Repositories and their refs. A repository's record keeps the refs the world knows; git keeps the same on disk. Every
 * move, whoever made it (REST, control face, git push), goes through world_moved(): activity, log, push event, changes
 * whose head or base it is. Forks share the object directory of their root, as at the forge: a fork's commits are
 * there for the base repository, and refs/pull/N/head keeps them.
 */
#include "tests/world/world_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Asks nobody: it reads the file that the world rewrites whenever an answer may have changed. */
static const char update_hook[] =
	"#!/bin/sh\n"
	"refuse() { echo \"$1 $2 $3\" >> \"$GIT_DIR/world-refused\"; echo \"error: $4\" >&2; exit 1; }\n"
	"case $1 in refs/pull/*) refuse \"$1\" \"$2\" \"$3\" 'deny updating a hidden ref';; esac\n"
	"[ -f \"$GIT_DIR/world-protected\" ] || exit 0\n"
	"grep -qxF \"protected $1\" \"$GIT_DIR/world-protected\" || exit 0\n"
	"case $2 in *[!0]*) ;; *) exit 0;; esac\n"
	"case $3 in *[!0]*) ;; *) refuse \"$1\" \"$2\" \"$3\" 'GH006: Cannot delete a protected branch';; esac\n"
	"git merge-base --is-ancestor \"$2\" \"$3\" ||\n"
	"  refuse \"$1\" \"$2\" \"$3\" 'GH006: Cannot force-push to a protected branch'\n"
	"grep -qxF -e \"allowed $1 $3\" -e \"allowed $1 any\" \"$GIT_DIR/world-protected\" ||\n"
	"  refuse \"$1\" \"$2\" \"$3\" 'GH006: Protected branch update failed: a required status check is missing'\n";

json_t *world_repo(struct world *w, const char *name)
{
	char *key = world_lower(name);
	json_t *repo = json_object_get(w->repos, key);

	free(key);
	return repo;
}

json_t *world_repo_by_id(struct world *w, json_int_t id)
{
	const char *key;
	json_t *repo;

	json_object_foreach(w->repos, key, repo)
	{
		if (world_int(repo, "id") == id)
			return repo;
	}
	return NULL;
}

char *world_store(const struct world *w, json_int_t id)
{
	return world_text("%s/store/%lld.git", w->dir, (long long)id);
}

/* Opening reads the machine's and the repository's configuration: once is enough. */
git_repository *world_git(struct world *w, json_t *repo)
{
	char *path = world_store(w, world_int(repo, "id"));
	struct world_open *at = w->open;

	while (at && strcmp(at->path, path) != 0)
		at = at->next;
	if (!at && (at = calloc(1, sizeof(*at)))) {
		*at = (struct world_open){path, NULL, w->open};
		w->open = at;
		path = NULL;
	}
	if (at && !at->git && git_repository_open_bare(&at->git, at->path) != 0)
		at->git = NULL;
	free(path);
	return at ? at->git : NULL;
}

void world_git_close(struct world *w)
{
	struct world_open *at;

	while ((at = w->open)) {
		w->open = at->next;
		git_repository_free(at->git);
		free(at->path);
		free(at);
	}
}

json_t *world_repo_view(struct world *w, json_t *repo)
{
	const char *name = world_str(repo, "full_name"), *slash = strchr(name, '/');
	json_t *view = world_own(json_pack(
		"{s:I,s:o,s:s,s:s,s:b,s:o,s:b,s:s}", "id", world_int(repo, "id"), "node_id",
		world_jtext("R_%lld", (long long)world_int(repo, "id")), "name", slash ? slash + 1 : name, "full_name",
		name, "private", world_true(repo, "private"), "owner", world_user_view(w, world_str(repo, "owner")),
		"fork", world_true(repo, "fork"), "default_branch", world_str(repo, "default_branch")));

	world_put(view, "visibility", json_string(world_true(repo, "private") ? "private" : "public"));
	world_put(view, "size", json_integer(world_int(repo, "size")));
	world_put(view, "created_at", world_time(world_int(repo, "created_at")));
	world_put(view, "updated_at", world_time(world_int(repo, "pushed_at")));
	world_put(view, "pushed_at", world_time(world_int(repo, "pushed_at")));
	world_fill_repo(w, view);
	return view;
}

const char *world_tip(json_t *repo, const char *branch)
{
	char ref[512];

	snprintf(ref, sizeof(ref), "%s%s", strncmp(branch, "refs/", 5) == 0 ? "" : "refs/heads/", branch);
	return world_str(json_object_get(repo, "refs"), ref);
}

bool world_has_commit(struct world *w, json_t *repo, const char *sha)
{
	git_repository *git = world_git(w, repo);
	git_commit *commit = NULL;
	git_oid oid;
	bool has = git && strlen(sha) == 40 && git_oid_fromstr(&oid, sha) == 0 &&
		   git_commit_lookup(&commit, git, &oid) == 0;

	git_commit_free(commit);
	return has;
}

bool world_is_ancestor(struct world *w, json_t *repo, const char *old, const char *new)
{
	git_repository *git = world_git(w, repo);
	git_oid a, b;
	bool is = git && git_oid_fromstr(&a, old) == 0 && git_oid_fromstr(&b, new) == 0 &&
		  (git_oid_equal(&a, &b) || git_graph_descendant_of(git, &b, &a) == 1);

	return is;
}

/* Writes the ref on disk (sha "" or zeros: deletes it). */
bool world_set_ref(struct world *w, json_t *repo, const char *ref, const char *sha)
{
	git_repository *git = world_git(w, repo);
	git_reference *made = NULL;
	git_oid oid;
	bool ok;

	if (!git)
		return false;
	if (!sha[0] || strcmp(sha, WORLD_ZERO) == 0)
		ok = git_reference_remove(git, ref) == 0;
	else
		ok = git_oid_fromstr(&oid, sha) == 0 && git_reference_create(&made, git, ref, &oid, 1, "world") == 0;
	git_reference_free(made);
	return ok;
}

/* In a push a person has a name, an address and, if the address is somebody's, a login; no date. */
static json_t *pushed_person(json_t *view, const char *key)
{
	json_t *who = json_object_get(json_object_get(view, "commit"), key);
	json_t *ret = world_own(
		json_pack("{s:O,s:O}", "name", json_object_get(who, "name"), "email", json_object_get(who, "email")));
	const char *login = world_str(json_object_get(view, key), "login");

	if (login[0])
		world_put(ret, "username", json_string(login));
	return ret;
}

static void add_paths(struct world *w, json_t *repo, json_t *view, json_t *ret)
{
	const char *parent = world_str(json_array_get(json_object_get(view, "parents"), 0), "sha");
	json_t *files = world_files(w, repo, parent, world_str(view, "sha")), *file;
	const char *status;
	size_t i;

	world_list(ret, "added");
	world_list(ret, "removed");
	world_list(ret, "modified");
	json_array_foreach(files, i, file)
	{
		status = world_str(file, "status");
		if (strcmp(status, "added") != 0 && strcmp(status, "removed") != 0)
			status = "modified";
		json_array_append(world_list(ret, status), json_object_get(file, "filename"));
	}
	json_decref(files);
}

json_t *world_short_commit(struct world *w, json_t *repo, const char *sha)
{
	json_t *view = world_commit_view(w, repo, sha), *git, *ret;

	if (!view)
		return json_null();
	git = json_object_get(view, "commit");
	ret = world_own(json_pack("{s:s,s:s,s:b,s:O,s:O,s:O,s:o,s:o}", "id", sha, "tree_id",
				  world_str(json_object_get(git, "tree"), "sha"), "distinct", 1, "message",
				  json_object_get(git, "message"), "timestamp",
				  json_object_get(json_object_get(git, "committer"), "date"), "url",
				  json_object_get(view, "html_url"), "author", pushed_person(view, "author"),
				  "committer", pushed_person(view, "committer")));
	add_paths(w, repo, view, ret);
	json_decref(view);
	return ret;
}

static json_t *pushed_commits(struct world *w, json_t *repo, const struct world_move *move)
{
	json_t *shas, *list = world_own(json_array()), *sha;
	size_t i;

	if (strcmp(move->after, WORLD_ZERO) == 0)
		return list;
	shas = world_range(w, repo, strcmp(move->before, WORLD_ZERO) == 0 ? "" : move->before, move->after);
	json_array_foreach(shas, i, sha)
	{
		if (i < 20)
			json_array_append_new(list, world_short_commit(w, repo, json_string_value(sha)));
	}
	json_decref(shas);
	return list;
}

static void push_event(struct world *w, json_t *repo, const struct world_move *move, bool forced)
{
	bool created = strcmp(move->before, WORLD_ZERO) == 0, deleted = strcmp(move->after, WORLD_ZERO) == 0;
	json_t *user = world_user(w, move->who), *payload, *view;

	payload = world_own(json_pack(
		"{s:s,s:s,s:s,s:b,s:b,s:b,s:n,s:o,s:o,s:o,s:{s:s,s:O},s:o}", "ref", move->ref, "before", move->before,
		"after", move->after, "created", created, "deleted", deleted, "forced", forced, "base_ref", "compare",
		world_jtext("%s/%s/compare/%.12s...%.12s", w->public_url, world_str(repo, "full_name"), move->before,
			    move->after),
		"commits", pushed_commits(w, repo, move), "head_commit",
		deleted ? json_null() : world_short_commit(w, repo, move->after), "pusher", "name",
		world_str(user, "login"), "email", json_array_get(world_list(user, "emails"), 0), "sender",
		world_user_view(w, move->who)));
	view = world_repo_view(w, repo);
	/* Only here the forge writes these times as numbers. */
	world_put(view, "pushed_at", json_integer(w->now_ms / 1000));
	world_put(view, "created_at", json_integer(world_int(repo, "created_at") / 1000));
	world_put(payload, "repository", view);
	world_emit(w, repo, "push", payload);
}

static const char *type_of(const struct world_move *move, bool forced)
{
	if (move->type)
		return move->type;
	if (strcmp(move->before, WORLD_ZERO) == 0)
		return "branch_creation";
	if (strcmp(move->after, WORLD_ZERO) == 0)
		return "branch_deletion";
	return forced ? "force_push" : "push";
}

void world_moved(struct world *w, json_t *repo, const struct world_move *move)
{
	bool both = strcmp(move->before, WORLD_ZERO) != 0 && strcmp(move->after, WORLD_ZERO) != 0;
	bool forced = both && !world_is_ancestor(w, repo, move->before, move->after);
	const char *type = type_of(move, forced);

	if (strcmp(move->after, WORLD_ZERO) == 0)
		json_object_del(world_map(repo, "refs"), move->ref);
	else
		world_put(world_map(repo, "refs"), move->ref, json_string(move->after));
	world_put(repo, "pushed_at", json_integer(w->now_ms));
	json_array_append_new(world_list(repo, "activity"),
			      world_own(json_pack("{s:I,s:s,s:s,s:s,s:s,s:s,s:I}", "id", world_id(w, "activity"), "ref",
						  move->ref, "before", move->before, "after", move->after, "who",
						  move->who, "type", type, "at", (json_int_t)w->now_ms)));
	world_log(w, "ref",
		  json_pack("{s:s,s:s,s:s,s:s,s:s,s:b}", "repo", world_str(repo, "full_name"), "ref", move->ref,
			    "before", move->before, "after", move->after, "who", move->who, "refused", 0));
	push_event(w, repo, move, forced);
	world_heads_follow(w, repo, move);
	world_bases_follow(w, repo, move);
}

/* What git has on disk now. */
static json_t *refs_on_disk(struct world *w, json_t *repo)
{
	git_repository *git = world_git(w, repo);
	git_reference_iterator *walk = NULL;
	git_reference *ref = NULL;
	json_t *refs = world_own(json_object());
	const char *name;

	if (git && git_reference_iterator_new(&walk, git) == 0) {
		for (; git_reference_next(&ref, walk) == 0; git_reference_free(ref)) {
			name = git_reference_name(ref);
			if (strncmp(name, "refs/pull/", 10) != 0 && git_reference_target(ref))
				world_put(refs, name, json_string(git_oid_tostr_s(git_reference_target(ref))));
		}
	}
	git_reference_iterator_free(walk);
	return refs;
}

static void log_refusals(struct world *w, json_t *repo)
{
	char *dir = world_store(w, world_int(repo, "id")), *path = world_text("%s/world-refused", dir);
	char ref[300], before[64], after[64];
	FILE *f = fopen(path, "r");

	while (f && fscanf(f, "%299s %63s %63s", ref, before, after) == 3)
		world_log(w, "ref",
			  json_pack("{s:s,s:s,s:s,s:s,s:b}", "repo", world_str(repo, "full_name"), "ref", ref, "before",
				    before, "after", after, "refused", 1));
	if (f) {
		fclose(f);
		unlink(path);
	}
	free(path);
	free(dir);
}

/* After a git push: events for every ref that is different from what the world knew, in the order of their names. */
void world_scan_refs(struct world *w, json_t *repo, const char *who)
{
	json_t *disk = refs_on_disk(w, repo), *known = json_deep_copy(world_map(repo, "refs")), *value;
	const char *ref, *before;

	log_refusals(w, repo);
	json_object_foreach(disk, ref, value)
	{
		before = world_str(known, ref)[0] ? world_str(known, ref) : WORLD_ZERO;
		if (strcmp(before, json_string_value(value)) != 0)
			world_moved(w, repo, &(struct world_move){ref, before, json_string_value(value), who, NULL});
	}
	json_object_foreach(known, ref, value)
	{
		if (!json_object_get(disk, ref))
			world_moved(w, repo,
				    &(struct world_move){ref, json_string_value(value), WORLD_ZERO, who, NULL});
	}
	json_decref(disk);
	json_decref(known);
}

static bool write_file(const char *path, const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");
	bool ok = f && fputs(text, f) >= 0;

	if (f && fclose(f) != 0)
		ok = false;
	return ok && chmod(path, mode) == 0;
}

static void configure(git_repository *git)
{
	static const char *const on[] = {"http.receivepack", "uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant",
					 "uploadpack.allowReachableSHA1InWant"};
	git_config *config = NULL;

	if (git_repository_config(&config, git) != 0)
		return;
	for (size_t i = 0; i < sizeof(on) / sizeof(on[0]); i++)
		git_config_set_bool(config, on[i], 1);
	git_config_set_bool(config, "receive.autogc", 0);
	git_config_set_int32(config, "gc.auto", 0);
	git_config_free(config);
}

/* The fork's objects are its root's. */
static bool share_objects(const char *path, const char *root_path)
{
	char *own = world_text("%s/objects", path), *root = world_text("%s/objects", root_path);
	char *away = world_text("%s/objects-unused", path);
	bool ok = rename(own, away) == 0 && symlink(root, own) == 0;

	free(own);
	free(root);
	free(away);
	return ok;
}

/* On disk a repository is a number, too; names lead there, old ones as well until they are given away. */
bool world_link_name(struct world *w, const char *name, json_int_t id)
{
	char *key = world_lower(name), *link = world_text("%s/%s.git", w->dir, key), *store = world_store(w, id);
	char *folder = world_text("%.*s", (int)(strrchr(link, '/') - link), link);
	bool ok = (mkdir(folder, 0755) == 0 || errno == EEXIST) && (unlink(link) == 0 || errno == ENOENT) &&
		  symlink(store, link) == 0;

	free(key);
	free(link);
	free(store);
	free(folder);
	return ok;
}

/* root 0: its objects are its own. */
static bool make_on_disk(struct world *w, json_int_t id, json_int_t root, const char *branch)
{
	git_repository_init_options options;
	char *path = world_store(w, id), *hooks = world_text("%s/hooks", path);
	char *hook = world_text("%s/update", hooks), *root_path = world_store(w, root);
	git_repository *git = NULL;
	bool ok;

	git_repository_init_options_init(&options, GIT_REPOSITORY_INIT_OPTIONS_VERSION);
	options.flags = GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_MKPATH | GIT_REPOSITORY_INIT_NO_REINIT;
	options.initial_head = branch;
	ok = git_repository_init_ext(&git, path, &options) == 0;
	if (ok)
		configure(git);
	git_repository_free(git);
	if (ok && mkdir(hooks, 0755) != 0 && errno != EEXIST)
		ok = false;
	ok = ok && write_file(hook, update_hook, 0755) && (!root || share_objects(path, root_path));
	free(path);
	free(hooks);
	free(hook);
	free(root_path);
	return ok;
}

static bool is_name(const char *name)
{
	const char *slash = strchr(name, '/');

	return slash && slash > name && slash[1] && !strchr(slash + 1, '/') && name[0] != '.' && strlen(name) <= 200 &&
	       !strstr(name, "..") && strncmp(name, "store/", 6) != 0;
}

bool world_name_is_free(struct world *w, const char *name)
{
	return is_name(name) && !world_repo(w, name);
}

static json_t *new_record(struct world_act *act, const char *name, json_t *parent)
{
	const char *slash = strchr(name, '/'), *branch = world_str(act->args, "default_branch");
	bool secret = parent && !json_object_get(act->args, "private") ? world_true(parent, "private")
								       : world_true(act->args, "private");
	json_int_t id, root = world_int(parent, "root");
	json_t *record;
	char *key;

	if (parent)
		branch = world_str(parent, "default_branch");
	else if (!branch[0])
		branch = "main";
	if (!world_name_is_free(act->w, name))
		return NULL;
	id = world_id(act->w, "repo");
	if (!make_on_disk(act->w, id, root, branch) || !world_link_name(act->w, name, id))
		return NULL;
	record = world_own(json_pack("{s:I,s:s,s:s%,s:s,s:I,s:b,s:b,s:I,s:I,s:{},s:I}", "id", id, "full_name", name,
				     "owner", name, (size_t)(slash - name), "default_branch", branch, "root",
				     root ? root : id, "fork", parent != NULL, "private", secret, "created_at",
				     (json_int_t)act->w->now_ms, "pushed_at", (json_int_t)act->w->now_ms, "refs",
				     "next_number", (json_int_t)1));
	world_user(act->w, world_str(record, "owner"));
	key = world_lower(name);
	world_put(act->w->repos, key, record);
	json_object_del(act->w->moved, key); /* a new repository ends the redirect from an old one */
	free(key);
	return record;
}

/* {"repo", "files"?, "private"?, "default_branch"?, "installed"?}: a repository with one commit. */
void world_act_repo(struct world_act *act)
{
	const char *owner;
	char sha[41], *ref;
	json_t *repo = new_record(act, world_str(act->args, "repo"), NULL);

	if (!repo) {
		world_fail(act, 422, "the repository exists, or its name is not owner/name");
		return;
	}
	act->repo = repo;
	if (!act->who[0])
		act->who = world_str(repo, "owner");
	owner = act->who;
	if (!json_object_get(act->args, "message"))
		world_put(act->args, "message", json_string("Initial commit"));
	if (!world_commit(act, "", sha))
		return;
	ref = world_text("refs/heads/%s", world_str(repo, "default_branch"));
	world_put(repo, "uninstalled", json_boolean(json_is_false(json_object_get(act->args, "installed"))));
	world_set_ref(act->w, repo, ref, sha);
	world_moved(act->w, repo, &(struct world_move){ref, WORLD_ZERO, sha, owner, NULL});
	free(ref);
	world_put(act->out, "id", json_integer(world_int(repo, "id")));
	world_put(act->out, "sha", json_string(sha));
}

/* {"kb"}: what the forge says of its size, whatever it holds */
void world_act_size(struct world_act *act)
{
	world_put(act->repo, "size", json_integer(world_int(act->args, "kb")));
}

/* {"repo", "as"?, "private"?}: a fork owned by `who` with the default branch; the App is not installed there. */
void world_act_fork(struct world_act *act)
{
	const char *slash = strchr(world_str(act->repo, "full_name"), '/'), *as = world_str(act->args, "as");
	char *name = world_text("%s/%s", act->who, as[0] || !slash ? as : slash + 1), *ref;
	json_t *fork = act->who[0] ? new_record(act, name, act->repo) : NULL;
	const char *branch = world_str(act->repo, "default_branch"), *tip = world_tip(act->repo, branch);

	free(name);
	if (!fork) {
		world_fail(act, 422, "the fork exists, or `who` is missing");
		return;
	}
	world_put(fork, "uninstalled", json_true());
	ref = world_text("refs/heads/%s", branch);
	world_set_ref(act->w, fork, ref, tip);
	world_moved(act->w, fork, &(struct world_move){ref, WORLD_ZERO, tip, act->who, NULL});
	free(ref);
	world_put(act->out, "id", json_integer(world_int(fork, "id")));
	world_put(act->out, "full_name", json_string(world_str(fork, "full_name")));
	world_put(act->out, "sha", json_string(tip));
}

/* The record goes; what others know of it becomes null, as a change's head.repo. */
void world_act_delete_repo(struct world_act *act)
{
	char *key = world_lower(world_str(act->repo, "full_name"));

	world_emit_by(act, "repository", world_own(json_pack("{s:s}", "action", "deleted")));
	json_object_del(act->w->repos, key);
	world_git_close(act->w);
	free(key);
}
