/*
 * edit: was what lies between two trees done again on another tree, and nothing else with it? Four trees are walked
 * side by side: `was` -> `is` is the edit, `base` is where it was to be done again, `result` is what came out of it.
 *
 * Promise: strict, never a guess. A path is right where the edit left it alone and so did result (result has what base
 * has), or where was and base agree and so do is and result; in a merge also where both sides did the same. What is
 * left are plain text files of one mode that both sides changed: their contents are asked (edit_file). A mode, a link,
 * a submodule, a name, a binary file and a deletion are compared as they stand; no renames. So a tree that passes is
 * the one that a merge without renames gives, conflicts excluded.
 *
 * Needs trees, and the contents of `files` alone. The arena gets those and `why`. Limits as in git/mirror.h.
 */
#ifndef GIT_EDIT_H
#define GIT_EDIT_H

#include "git/tree.h"

enum { EDIT_DEPTH = 128, EDIT_TREES = 20000, EDIT_TREE_BYTES = 128 << 20 };
enum { EDIT_FILES = 100, EDIT_FILE_BYTES = 512 << 10, EDIT_BYTES = 8 << 20 };
enum edit_side { EDIT_WAS, EDIT_IS, EDIT_BASE, EDIT_RESULT, EDIT_SIDES };

struct edit_file {
	struct text path;
	struct oid blob[EDIT_SIDES];
};

struct edit {
	struct tree_reader trees;
	bool merge; /* was is a merge base, is and base are merged */
	struct arena *arena;

	struct edit_file *files; /* EDIT_FILES at most */
	size_t n_files;
	struct text why; /* not empty: another edit, as this path shows */
	size_t n_trees, n_bytes;
};

bool edit_compare(struct edit *edit, const struct oid trees[EDIT_SIDES], struct err *err);

/* NULL: the contents of one of edit->files are right, too: base with the edit, by a merge of lines without conflict,
 * is result; and, but for a merge, the two patches are one, with three lines around each change. Else what is wrong.
 * Any thread. */
const char *edit_file(const struct text bytes[EDIT_SIDES], bool merge);

#endif
