/*
 * One file as a commit holds it: commit, tree, each directory, blob. The blob is usually not in the mirror; it is
 * then fetched by its own name, once. Only a plain file counts: a link could point at what nobody reviewed.
 */
#include "git/child.h"
#include "git/inside.h"

enum { BLOB_MS = 30000, MODE_KIND = 0170000, MODE_FILE = 0100000, MODE_DIR = 0040000 };

struct found {
	bool exists;
	unsigned mode;
	git_oid name;
};

static bool good_path(struct text path)
{
	struct text around = path;
	if (!path.len || path.len >= MIRROR_PATH || memchr(path.at, 0, path.len))
		return false;
	if (text_starts(around, TEXT_LIT("/")) || text_ends(around, TEXT_LIT("/")))
		return false;
	return text_find(path, TEXT_LIT("//")) == SIZE_MAX;
}

/* Cuts the first component off into buf. */
static bool component(struct text *left, char buf[MIRROR_PATH])
{
	if (!left->len)
		return false;
	size_t end = text_find(*left, TEXT_LIT("/"));
	size_t n = end == SIZE_MAX ? left->len : end;
	memcpy(buf, left->at, n);
	buf[n] = 0;
	*left = (struct text){left->at + n, left->len - n};
	if (left->len)
		*left = (struct text){left->at + 1, left->len - 1};
	return true;
}

static bool descend(struct objects *objects, git_tree **tree, const char *name, struct found *found, struct err *err)
{
	const git_tree_entry *entry = *tree ? git_tree_entry_byname(*tree, name) : NULL;
	found->exists = entry != NULL;
	if (!entry)
		return true;
	found->mode = (unsigned)git_tree_entry_filemode_raw(entry);
	git_oid_cpy(&found->name, git_tree_entry_id(entry));
	git_tree_free(*tree);
	*tree = NULL;
	if ((found->mode & MODE_KIND) == MODE_DIR && git_tree_lookup(tree, objects->repo, &found->name))
		return objects_error(err, objects_name(&found->name).hex);
	return true;
}

static bool find(struct objects *objects, const struct mirror_file_in *in, struct found *ret, struct err *err)
{
	git_oid commit;
	git_tree *tree = NULL;
	struct text left = in->path;
	char name[MIRROR_PATH];
	if (!good_path(in->path))
		return err_set(err, ERR_INVALID, "not a path inside a tree");
	if (!objects_oid(&in->commit, &commit, err) || !objects_tree(objects, &commit, &tree, err))
		return false;
	bool done = true;
	ret->exists = true;
	while (done && ret->exists && component(&left, name))
		done = descend(objects, &tree, name, ret, err);
	git_tree_free(tree);
	if (done && ret->exists && (ret->mode & MODE_KIND) != MODE_FILE)
		return err_set(err, ERR_INVALID, "%.*s is not a plain file (mode %06o)",
			       TEXT_ARG(text_cut(in->path, 80)), ret->mode);
	return done;
}

static bool header(struct objects *objects, const git_oid *name, size_t *size, bool *missing, struct err *err)
{
	git_object_t type = GIT_OBJECT_INVALID;
	int failed = git_odb_read_header(size, &type, objects->odb, name);
	*missing = failed == GIT_ENOTFOUND;
	if (failed && !*missing)
		return objects_error(err, objects_name(name).hex);
	if (!failed && type != GIT_OBJECT_BLOB)
		return err_set(err, ERR_INVALID, "%s is not a blob", objects_name(name).hex);
	return true;
}

static bool fetched(struct mirror_git *mirror, const struct mirror_file_in *in, struct objects *objects,
		    const git_oid *name, struct err *err)
{
	if (!mirror_fetch_blob(mirror, &in->where, name, child_now_ms() + BLOB_MS, err))
		return false;
	return !git_odb_refresh(objects->odb) || objects_error(err, "mirror");
}

/* The blob is there afterwards, is one, and is not larger than allowed. */
static bool present(struct mirror_git *mirror, const struct mirror_file_in *in, struct objects *objects,
		    const git_oid *name, struct err *err)
{
	size_t size = 0;
	bool missing;
	if (!header(objects, name, &size, &missing, err))
		return false;
	if (missing && (!fetched(mirror, in, objects, name, err) || !header(objects, name, &size, &missing, err)))
		return false;
	if (missing)
		return err_set(err, ERR_GONE, "blob %s is not at the forge", objects_name(name).hex);
	if (size > in->max_bytes)
		return err_set(err, ERR_LIMIT, "%.*s has %zu bytes, more than max_bytes = %zu",
			       TEXT_ARG(text_cut(in->path, 80)), size, in->max_bytes);
	return true;
}

static bool content(struct objects *objects, const git_oid *name, struct mirror_file_out *out, struct arena *arena,
		    struct err *err)
{
	git_odb_object *object;
	if (git_odb_read(&object, objects->odb, name))
		return objects_error(err, objects_name(name).hex);
	struct text bytes = {git_odb_object_data(object), git_odb_object_size(object)};
	*out = (struct mirror_file_out){true, objects_name(name), arena_text(arena, bytes)};
	git_odb_object_free(object);
	return true;
}

bool mirror_file(struct mirror_git *mirror, const struct mirror_file_in *in, struct mirror_file_out *out,
		 struct arena *arena, struct err *err)
{
	struct objects objects = {0};
	struct found found = {0};
	bool done = mirror_objects(mirror, in->where.repo, &objects, err) && find(&objects, in, &found, err);
	if (done && !found.exists)
		*out = (struct mirror_file_out){0};
	else if (done)
		done = present(mirror, in, &objects, &found.name, err) &&
		       content(&objects, &found.name, out, arena, err);
	objects_close(&objects);
	return done;
}
