/*
 * treediff: the paths in which two trees differ. Needs trees only, never blobs, so that it works in a mirror without
 * them; no rename detection (a rename is a deletion and an addition).
 *
 * Promise: every difference of name, object or mode is reported once, sorted bytewise, or the whole comparison is an
 * error. Limits: mirror.max_paths (the caller's), mirror.max_depth, mirror.max_trees.
 */
#ifndef GIT_TREEDIFF_H
#define GIT_TREEDIFF_H

#include "git/objects.h"

enum { TREEDIFF_DEPTH = 128, TREEDIFF_TREES = 200000 };

/* Differences are added up: comparing with several old trees gives the union of the paths. */
struct treediff {
	git_repository *repo;
	size_t max_paths;
	size_t trees; /* read so far */
	struct path *paths;
	size_t n_paths, room;
	struct arena *arena;
};

/* Either tree may be NULL: empty. */
bool treediff_add(struct treediff *diff, const git_tree *old_tree, const git_tree *new_tree, struct err *err);

/* Sorts, and folds what several comparisons found at one path. */
void treediff_finish(struct treediff *diff);

#endif
