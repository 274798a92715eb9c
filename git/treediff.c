/*
 * Both trees are walked as two sorted lists side by side, in git's order (a directory sorts as "name/"). Equal
 * entries (name, mode and object) are skipped with all that is below; a directory on either side is entered; all the
 * rest is a path. A list that is out of order only makes the walk report more: nothing is skipped but equal entries.
 */
#include "git/treediff.h"

#include <string.h>

struct step {
	struct text old_tree, new_tree; /* what is left of each */
	struct text dir;                /* "" or "a/b/" */
	unsigned depth;
};

static uint32_t mode(const struct tree_entry *entry)
{
	return entry ? entry->mode : 0;
}

static bool put(struct treediff *diff, struct path path, struct err *err)
{
	if (diff->n_paths >= diff->max_paths)
		return err_set(err, ERR_LIMIT, "more than %zu changed paths (mirror.max_paths)", diff->max_paths);
	if (diff->n_paths == diff->room) {
		size_t room = diff->room ? diff->room * 2 : 64;
		struct path *wider = arena_alloc(diff->arena, room, sizeof(*wider));
		if (diff->n_paths)
			memcpy(wider, diff->paths, diff->n_paths * sizeof(*wider));
		diff->paths = wider;
		diff->room = room;
	}
	diff->paths[diff->n_paths++] = path;
	return true;
}

static bool report(struct treediff *diff, struct text dir, const struct tree_entry *was, const struct tree_entry *is,
		   struct err *err)
{
	if ((!was || tree_is_dir(was)) && (!is || tree_is_dir(is)))
		return true;
	struct path path = {.old_mode = tree_is_dir(was) ? 0 : mode(was), .mode = tree_is_dir(is) ? 0 : mode(is)};
	path.status = !path.old_mode ? PATH_ADDED : !path.mode ? PATH_DELETED : PATH_MODIFIED;
	const struct tree_place place = {dir, was ? was->name : is->name, false};
	return tree_path(&place, diff->arena, &path.path, err) && put(diff, path, err);
}

static bool read_tree(struct treediff *diff, const struct oid *name, struct arena *arena, struct text *ret,
		      struct err *err)
{
	if (++diff->n_trees > diff->max_trees)
		return err_set(err, ERR_LIMIT, "more than %zu trees to compare (%s)", diff->max_trees,
			       diff->limit_trees);
	if (!diff->trees.read(diff->trees.self, name, arena, ret, err))
		return false;
	diff->open += ret->len;
	diff->all += ret->len;
	if (diff->open > TREEDIFF_OPEN_BYTES)
		return err_set(err, ERR_LIMIT,
			       "directories of more than %d bytes in one another "
			       "(mirror.max_open_tree_bytes)",
			       TREEDIFF_OPEN_BYTES);
	return diff->all <= TREEDIFF_ALL_BYTES ||
	       err_set(err, ERR_LIMIT, "more than %d bytes of trees to compare (mirror.max_all_tree_bytes)",
		       TREEDIFF_ALL_BYTES);
}

static bool open_tree(struct treediff *diff, const struct tree_entry *entry, struct arena *arena, struct text *ret,
		      struct err *err)
{
	if (!tree_is_dir(entry))
		return true;
	struct oid name = tree_object(entry);
	return read_tree(diff, &name, arena, ret, err);
}

static bool walk(struct treediff *diff, struct step step, struct err *err);

static bool enter(struct treediff *diff, const struct step *step, const struct tree_entry *was,
		  const struct tree_entry *is, struct err *err)
{
	auto_arena struct arena scratch = ARENA_EMPTY; /* trees and their path, no longer than they are walked */
	struct step below = {TEXT_EMPTY, TEXT_EMPTY, TEXT_EMPTY, step->depth + 1};
	const struct tree_place place = {step->dir, was ? was->name : is->name, true};
	size_t open = diff->open;
	if (step->depth >= TREEDIFF_DEPTH)
		return err_set(err, ERR_LIMIT, "trees deeper than %d (mirror.max_depth)", TREEDIFF_DEPTH);
	if (!open_tree(diff, was, &scratch, &below.old_tree, err) ||
	    !open_tree(diff, is, &scratch, &below.new_tree, err) || !tree_path(&place, &scratch, &below.dir, err) ||
	    !walk(diff, below, err))
		return false;
	diff->open = open;
	return true;
}

static bool differ(struct treediff *diff, const struct step *step, const struct tree_entry *was,
		   const struct tree_entry *is, struct err *err)
{
	if (was && is && was->mode == is->mode) {
		struct oid before = tree_object(was), now = tree_object(is);
		if (oid_eq(&before, &now))
			return true;
	}
	if (!report(diff, step->dir, was, is, err))
		return false;
	return (!tree_is_dir(was) && !tree_is_dir(is)) || enter(diff, step, was, is, err);
}

/* *has: there is one; it was taken off. */
static bool take(struct text *left, bool *has, struct tree_entry *ret, struct err *err)
{
	*has = *has || left->len;
	return !*has || ret->object || tree_next(left, ret, err);
}

static bool walk(struct treediff *diff, struct step step, struct err *err)
{
	struct tree_entry old_entry = {.mode = 0}, new_entry = {.mode = 0};
	for (;;) {
		bool has_old = old_entry.object, has_new = new_entry.object;
		if (!take(&step.old_tree, &has_old, &old_entry, err) ||
		    !take(&step.new_tree, &has_new, &new_entry, err))
			return false;
		if (!has_old && !has_new)
			return true;
		int first = !has_old ? 1 : !has_new ? -1 : tree_order(&old_entry, &new_entry);
		if (!differ(diff, &step, first <= 0 ? &old_entry : NULL, first >= 0 ? &new_entry : NULL, err))
			return false;
		old_entry.object = first <= 0 ? NULL : old_entry.object;
		new_entry.object = first >= 0 ? NULL : new_entry.object;
	}
}

bool treediff_add(struct treediff *diff, const struct oid *old_tree, const struct oid *new_tree, struct err *err)
{
	auto_arena struct arena roots = ARENA_EMPTY;
	struct step step = {TEXT_EMPTY, TEXT_EMPTY, TEXT_EMPTY, 0};
	if (old_tree && new_tree && oid_eq(old_tree, new_tree))
		return true;
	if ((old_tree && !read_tree(diff, old_tree, &roots, &step.old_tree, err)) ||
	    (new_tree && !read_tree(diff, new_tree, &roots, &step.new_tree, err)) || !walk(diff, step, err))
		return false;
	diff->open = 0;
	return true;
}

static int by_path(const void *a, const void *b)
{
	const struct path *x = a, *y = b;
	return text_cmp(x->path, y->path);
}

/* Two reports of one path agree on what is there now; whatever was there before in any of them stays told. A file
 * that became a directory is told as deleted. */
static struct path fold(struct path a, struct path b)
{
	a.mode = a.mode ? a.mode : b.mode;
	a.old_mode = a.old_mode ? a.old_mode : b.old_mode;
	a.status = !a.old_mode ? PATH_ADDED : !a.mode ? PATH_DELETED : PATH_MODIFIED;
	return a;
}

void treediff_finish(struct treediff *diff)
{
	size_t n = 0;
	if (diff->n_paths > 1)
		qsort(diff->paths, diff->n_paths, sizeof(*diff->paths), by_path);
	for (size_t i = 0; i < diff->n_paths; i++) {
		if (n && text_eq(diff->paths[n - 1].path, diff->paths[i].path))
			diff->paths[n - 1] = fold(diff->paths[n - 1], diff->paths[i]);
		else
			diff->paths[n++] = diff->paths[i];
	}
	diff->n_paths = n;
}
