/*
 * Both trees are walked as two sorted lists side by side, in git's order (a directory sorts as "name/"). Equal
 * entries (name, mode and object) are skipped with all that is below; a directory on either side is entered; all the
 * rest is a path. A list that is out of order only makes the walk report more: nothing is skipped but equal entries.
 */
#include "git/treediff.h"

enum { MODE_KIND = 0170000, MODE_TREE = 0040000, PATH_BYTES = 4096 };

struct step {
	const git_tree *old_tree, *new_tree;
	struct text dir; /* "" or "a/b/" */
	unsigned depth;
};

/* By the kind alone, as git does: 40755 is a directory too, and its content would else be hidden. */
static bool is_tree(const git_tree_entry *entry)
{
	return entry && ((unsigned)git_tree_entry_filemode_raw(entry) & MODE_KIND) == MODE_TREE;
}

static uint32_t mode(const git_tree_entry *entry)
{
	return entry ? (uint32_t)git_tree_entry_filemode_raw(entry) : 0;
}

static int order(const git_tree_entry *a, const git_tree_entry *b)
{
	const char *x = git_tree_entry_name(a), *y = git_tree_entry_name(b);
	size_t i = 0;
	while (x[i] && x[i] == y[i])
		i++;
	unsigned char p = (unsigned char)x[i], q = (unsigned char)y[i];
	p = !p && is_tree(a) ? '/' : p;
	q = !q && is_tree(b) ? '/' : q;
	return p < q ? -1 : p > q;
}

static bool good_name(const char *name)
{
	static const char *const bad[] = {"", ".", ".."};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (!strcmp(name, bad[i]))
			return false;
	return !strchr(name, '/');
}

static bool name_of(struct treediff *diff, struct text dir, const git_tree_entry *entry, struct text *ret,
		    struct err *err)
{
	const char *name = git_tree_entry_name(entry);
	if (!good_name(name))
		return err_set(err, ERR_INVALID, "a tree holds an impossible name");
	if (dir.len + strlen(name) > PATH_BYTES)
		return err_set(err, ERR_LIMIT, "a path is longer than %d bytes (mirror.max_path_bytes)", PATH_BYTES);
	*ret = arena_printf(diff->arena, "%.*s%s", TEXT_ARG(dir), name);
	return true;
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

static bool report(struct treediff *diff, struct text dir, const git_tree_entry *was, const git_tree_entry *is,
		   struct err *err)
{
	if ((!was || is_tree(was)) && (!is || is_tree(is)))
		return true;
	struct path path = {.old_mode = is_tree(was) ? 0 : mode(was), .mode = is_tree(is) ? 0 : mode(is)};
	path.status = !path.old_mode ? PATH_ADDED : !path.mode ? PATH_DELETED : PATH_MODIFIED;
	return name_of(diff, dir, was ? was : is, &path.path, err) && put(diff, path, err);
}

static bool open_tree(struct treediff *diff, const git_tree_entry *entry, git_tree **ret, struct err *err)
{
	if (!is_tree(entry))
		return true;
	if (++diff->trees > TREEDIFF_TREES)
		return err_set(err, ERR_LIMIT, "more than %d trees to compare (mirror.max_trees)", TREEDIFF_TREES);
	if (git_tree_lookup(ret, diff->repo, git_tree_entry_id(entry)))
		return objects_error(err, objects_name(git_tree_entry_id(entry)).hex);
	return true;
}

static bool walk(struct treediff *diff, struct step step, struct err *err);

static bool enter(struct treediff *diff, struct step step, const git_tree_entry *was, const git_tree_entry *is,
		  struct err *err)
{
	git_tree *old_tree = NULL, *new_tree = NULL;
	struct text name = TEXT_EMPTY;
	bool done = false;
	if (step.depth >= TREEDIFF_DEPTH)
		return err_set(err, ERR_LIMIT, "trees deeper than %d (mirror.max_depth)", TREEDIFF_DEPTH);
	if (open_tree(diff, was, &old_tree, err) && open_tree(diff, is, &new_tree, err) &&
	    name_of(diff, step.dir, was ? was : is, &name, err)) {
		struct step below = {old_tree, new_tree, arena_printf(diff->arena, "%.*s/", TEXT_ARG(name)),
				     step.depth + 1};
		done = walk(diff, below, err);
	}
	git_tree_free(old_tree);
	git_tree_free(new_tree);
	return done;
}

static bool differ(struct treediff *diff, struct step step, const git_tree_entry *was, const git_tree_entry *is,
		   struct err *err)
{
	if (was && is && mode(was) == mode(is) && git_oid_equal(git_tree_entry_id(was), git_tree_entry_id(is)))
		return true;
	if (!report(diff, step.dir, was, is, err))
		return false;
	return (!is_tree(was) && !is_tree(is)) || enter(diff, step, was, is, err);
}

static bool walk(struct treediff *diff, struct step step, struct err *err)
{
	size_t n_old = step.old_tree ? git_tree_entrycount(step.old_tree) : 0;
	size_t n_new = step.new_tree ? git_tree_entrycount(step.new_tree) : 0;
	for (size_t i = 0, j = 0; i < n_old || j < n_new;) {
		const git_tree_entry *was = i < n_old ? git_tree_entry_byindex(step.old_tree, i) : NULL;
		const git_tree_entry *is = j < n_new ? git_tree_entry_byindex(step.new_tree, j) : NULL;
		int first = !was ? 1 : !is ? -1 : order(was, is);
		was = first <= 0 ? was : NULL;
		is = first >= 0 ? is : NULL;
		if (!differ(diff, step, was, is, err))
			return false;
		i += was != NULL;
		j += is != NULL;
	}
	return true;
}

bool treediff_add(struct treediff *diff, const git_tree *old_tree, const git_tree *new_tree, struct err *err)
{
	return walk(diff, (struct step){old_tree, new_tree, TEXT_EMPTY, 0}, err);
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
