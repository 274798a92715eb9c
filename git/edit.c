/*
 * Four sorted lists are walked as one (as git/treediff.c does with two): of each name, what the four have of it. What
 * is resolved as it stands is skipped with all that is below, so that a base that moved far costs nothing. An entry is
 * part of exactly one comparison; a list that is out of order is refused.
 */
#include "git/edit.h"

#include <string.h>

enum { MODE_KIND = 0170000, MODE_FILE = 0100000 };

struct level {
	struct text left[EDIT_SIDES]; /* what is left of each tree */
	struct text dir;              /* "" or "a/b/" */
	unsigned depth;
};
struct heads {
	struct tree_entry at[EDIT_SIDES]; /* object NULL: none, and the name is the one before */
};
struct row {
	const struct tree_entry *of[EDIT_SIDES]; /* one name; NULL: not there */
};

static bool same(const struct tree_entry *a, const struct tree_entry *b)
{
	if (!a || !b)
		return !a && !b;
	struct oid x = tree_object(a), y = tree_object(b);
	return a->mode == b->mode && oid_eq(&x, &y);
}

static bool resolved(const struct edit *edit, const struct row *row)
{
	const struct tree_entry *const *of = row->of;
	if (same(of[EDIT_WAS], of[EDIT_IS]) && same(of[EDIT_BASE], of[EDIT_RESULT]))
		return true;
	if (same(of[EDIT_WAS], of[EDIT_BASE]) && same(of[EDIT_IS], of[EDIT_RESULT]))
		return true;
	return edit->merge && same(of[EDIT_IS], of[EDIT_BASE]) && same(of[EDIT_IS], of[EDIT_RESULT]);
}

static const struct tree_entry *any(const struct row *row)
{
	const struct tree_entry *found = NULL;
	for (size_t i = 0; i < EDIT_SIDES; i++)
		found = found ? found : row->of[i];
	return found;
}

static struct tree_place place_of(const struct level *level, const struct row *row, bool is_dir)
{
	return (struct tree_place){level->dir, any(row)->name, is_dir};
}

static bool read_tree(struct edit *edit, const struct oid *name, struct arena *arena, struct text *ret, struct err *err)
{
	if (++edit->n_trees > EDIT_TREES)
		return err_set(err, ERR_LIMIT, "more than %d trees to compare (mirror.max_carried_trees)", EDIT_TREES);
	if (!edit->trees.read(edit->trees.self, name, arena, ret, err))
		return false;
	edit->n_bytes += ret->len;
	return edit->n_bytes <= EDIT_TREE_BYTES ||
	       err_set(err, ERR_LIMIT, "more than %d bytes of trees to compare (mirror.max_carried_tree_bytes)",
		       EDIT_TREE_BYTES);
}

/* ---- files ---- */

static bool plain_file(const struct row *row)
{
	for (size_t i = 0; i < EDIT_SIDES; i++)
		if (!row->of[i] || (row->of[i]->mode & MODE_KIND) != MODE_FILE || row->of[i]->mode != row->of[0]->mode)
			return false;
	return true;
}

/* Else result is wrong whatever is in it. */
static bool both_changed(const struct row *row)
{
	return !same(row->of[EDIT_WAS], row->of[EDIT_IS]) && !same(row->of[EDIT_WAS], row->of[EDIT_BASE]) &&
	       !same(row->of[EDIT_IS], row->of[EDIT_BASE]);
}

static bool file(struct edit *edit, const struct level *level, const struct row *row, struct err *err)
{
	const struct tree_place place = place_of(level, row, false);
	struct text path;
	if (!tree_path(&place, edit->arena, &path, err))
		return false;
	if (!plain_file(row) || !both_changed(row)) {
		edit->why = arena_printf(edit->arena, "%.*s was changed otherwise", TEXT_ARG(path));
		return true;
	}
	if (edit->n_files == EDIT_FILES)
		return err_set(err, ERR_LIMIT, "more than %d files to compare (mirror.max_carried_files)", EDIT_FILES);
	if (!edit->files)
		edit->files = arena_alloc(edit->arena, EDIT_FILES, sizeof(*edit->files));
	struct edit_file *one = &edit->files[edit->n_files++];
	one->path = path;
	for (size_t i = 0; i < EDIT_SIDES; i++)
		one->blob[i] = tree_object(row->of[i]);
	return true;
}

/* ---- directories ---- */

static bool walk(struct edit *edit, struct level level, struct err *err);

static bool enter(struct edit *edit, const struct level *level, const struct row *row, struct err *err)
{
	auto_arena struct arena scratch = ARENA_EMPTY;
	const struct tree_place place = place_of(level, row, true);
	struct level below = {.depth = level->depth + 1};
	if (level->depth >= EDIT_DEPTH)
		return err_set(err, ERR_LIMIT, "trees deeper than %d (mirror.max_depth)", EDIT_DEPTH);
	if (!tree_path(&place, &scratch, &below.dir, err))
		return false;
	for (size_t i = 0; i < EDIT_SIDES; i++) {
		struct oid name = row->of[i] ? tree_object(row->of[i]) : OID_NONE;
		if (row->of[i] && !read_tree(edit, &name, &scratch, &below.left[i], err))
			return false;
	}
	return walk(edit, below, err);
}

static bool take(struct level *level, struct heads *heads, struct err *err)
{
	for (size_t i = 0; i < EDIT_SIDES; i++) {
		struct tree_entry *head = &heads->at[i], next;
		if (head->object || !level->left[i].len)
			continue;
		if (!tree_next(&level->left[i], &next, err))
			return false;
		if (head->name.at && tree_order(head, &next) >= 0)
			return err_set(err, ERR_INVALID, "a tree that is out of order");
		*head = next;
	}
	return true;
}

/* The first name of the four, taken off; false: there is none. A file and a directory are two names. */
static bool next_row(struct heads *heads, struct row *ret, struct tree_entry taken[EDIT_SIDES])
{
	const struct tree_entry *first = NULL;
	for (size_t i = 0; i < EDIT_SIDES; i++)
		if (heads->at[i].object && (!first || tree_order(&heads->at[i], first) < 0))
			first = &heads->at[i];
	if (!first)
		return false;
	const struct tree_entry name = *first;
	for (size_t i = 0; i < EDIT_SIDES; i++) {
		bool is = heads->at[i].object && tree_order(&heads->at[i], &name) == 0;
		taken[i] = heads->at[i];
		ret->of[i] = is ? &taken[i] : NULL;
		heads->at[i].object = is ? NULL : heads->at[i].object;
	}
	return true;
}

static bool walk(struct edit *edit, struct level level, struct err *err)
{
	struct heads heads = {{{.mode = 0}}};
	struct tree_entry taken[EDIT_SIDES];
	struct row row;
	while (!edit->why.len) {
		if (!take(&level, &heads, err))
			return false;
		if (!next_row(&heads, &row, taken))
			return true;
		if (resolved(edit, &row))
			continue;
		if (!(tree_is_dir(any(&row)) ? enter(edit, &level, &row, err) : file(edit, &level, &row, err)))
			return false;
	}
	return true;
}

bool edit_compare(struct edit *edit, const struct oid trees[EDIT_SIDES], struct err *err)
{
	auto_arena struct arena roots = ARENA_EMPTY;
	struct level top = {.depth = 0};
	for (size_t i = 0; i < EDIT_SIDES; i++)
		if (!read_tree(edit, &trees[i], &roots, &top.left[i], err))
			return false;
	return walk(edit, top, err);
}
