#include "git/objects.h"

#include "git/commit.h"

bool objects_error(struct err *err, const char *what)
{
	const git_error *last = git_error_last();
	return err_set(err, ERR_RETRY, "%s: %s", what, last && last->message ? last->message : "cannot be read");
}

bool objects_open(const char *objects_dir, struct objects *ret, struct err *err)
{
	struct objects opened = {0};
	if (git_odb_open(&opened.odb, objects_dir) || git_repository_wrap_odb(&opened.repo, opened.odb)) {
		objects_error(err, "mirror");
		objects_close(&opened);
		return false;
	}
	*ret = opened;
	return true;
}

void objects_close(struct objects *objects)
{
	git_repository_free(objects->repo);
	git_odb_free(objects->odb);
	*objects = (struct objects){0};
}

bool objects_oid(const struct oid *oid, git_oid *ret, struct err *err)
{
	struct oid checked;
	git_oid name;
	if (!oid_parse(oid_text(oid), &checked) || oid_text(&checked).len != GIT_OID_HEXSZ ||
	    git_oid_fromstr(&name, checked.hex))
		return err_set(err, ERR_INVALID, "not a full SHA-1 object name: \"%.64s\"", oid->hex);
	*ret = name;
	return true;
}

struct oid objects_name(const git_oid *oid)
{
	struct oid name = OID_NONE;
	git_oid_tostr(name.hex, GIT_OID_HEXSZ + 1, oid);
	return name;
}

bool objects_is_commit(struct objects *objects, const struct oid *oid)
{
	size_t size;
	git_object_t type;
	git_oid name;
	struct err ignored = ERR_NONE;
	return objects_oid(oid, &name, &ignored) && !git_odb_read_header(&size, &type, objects->odb, &name) &&
	       type == GIT_OBJECT_COMMIT;
}

bool objects_tree_of(struct objects *objects, const git_oid *commit, struct oid *ret, struct err *err)
{
	git_commit *found = NULL;
	if (git_commit_lookup(&found, objects->repo, commit))
		return objects_error(err, objects_name(commit).hex);
	*ret = objects_name(git_commit_tree_id(found));
	git_commit_free(found);
	return true;
}

/* Asked before it is read. */
static bool tree_fits(struct objects *objects, const git_oid *name, const struct oid *tree, struct err *err)
{
	size_t size;
	git_object_t type;
	if (git_odb_read_header(&size, &type, objects->odb, name))
		return objects_error(err, tree->hex);
	return size <= TREE_BYTES ||
	       err_set(err, ERR_LIMIT, "a tree has %zu bytes, more than %d (mirror.max_tree_bytes)", size, TREE_BYTES);
}

static bool read_tree(void *self, const struct oid *tree, struct arena *arena, struct text *ret, struct err *err)
{
	struct objects *objects = self;
	git_odb_object *object;
	git_oid name;
	if (!objects_oid(tree, &name, err) || !tree_fits(objects, &name, tree, err))
		return false;
	if (git_odb_read(&object, objects->odb, &name))
		return objects_error(err, tree->hex);
	bool right = git_odb_object_type(object) == GIT_OBJECT_TREE;
	if (right)
		*ret = arena_text(arena, (struct text){git_odb_object_data(object), git_odb_object_size(object)});
	git_odb_object_free(object);
	return right || err_set(err, ERR_INVALID, "%s is not a tree", tree->hex);
}

struct tree_reader objects_trees(struct objects *objects)
{
	return (struct tree_reader){objects, read_tree};
}

/* Asked before it is read. */
static bool fits(struct reading *reading, const git_oid *name, struct err *err)
{
	size_t size;
	git_object_t type;
	struct oid hex = objects_name(name);
	if (git_odb_read_header(&size, &type, reading->objects->odb, name))
		return objects_error(err, hex.hex);
	if (type != GIT_OBJECT_COMMIT)
		return err_set(err, ERR_INVALID, "%s is not a commit", hex.hex);
	reading->bytes += size < COMMIT_BYTES ? size : COMMIT_BYTES;
	return commit_fits(size, reading->bytes, err);
}

bool objects_commit(struct reading *reading, const git_oid *name, struct commit *ret, struct err *err)
{
	if (!fits(reading, name, err))
		return false;
	git_odb_object *object;
	struct oid hex = objects_name(name);
	if (git_odb_read(&object, reading->objects->odb, name))
		return objects_error(err, hex.hex);
	struct text raw = {git_odb_object_data(object), git_odb_object_size(object)};
	struct commit_bytes in = {&hex, arena_text(reading->arena, raw), reading->host};
	git_odb_object_free(object);
	return commit_parse(&in, ret, reading->arena, err);
}
