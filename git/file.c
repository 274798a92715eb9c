/*
 * One file as a commit holds it: commit, tree, each directory, blob. The blob is usually not in the mirror; it is
 * then fetched by its own name, once.
 */
#include "git/child.h"
#include "git/inside.h"

enum { BLOB_MS = 30000 };

static bool find(struct objects *objects, const struct mirror_file_in *in, struct tree_file *ret, struct err *err)
{
	struct tree_reader trees = objects_trees(objects);
	git_oid commit;
	struct oid tree;
	return objects_oid(&in->commit, &commit, err) && objects_tree_of(objects, &commit, &tree, err) &&
	       tree_find_file(&trees, &tree, in->path, ret, err);
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
	if (!mirror_fetch_blobs(mirror, &in->where, &(struct blobs){name, 1}, child_now_ms() + BLOB_MS, err))
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
	struct tree_file found = {0};
	git_oid name;
	bool done = mirror_objects(mirror, in->where.repo, &objects, err) && find(&objects, in, &found, err);
	if (done && !found.exists)
		*out = (struct mirror_file_out){0};
	else if (done)
		done = objects_oid(&found.blob, &name, err) && present(mirror, in, &objects, &name, err) &&
		       content(&objects, &name, out, arena, err);
	objects_close(&objects);
	return done;
}
