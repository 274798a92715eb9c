/*
 * treediff: the paths in which two trees differ. Needs trees only, never blobs, so that it works in a mirror without
 * them; no rename detection (a rename is a deletion and an addition).
 *
 * Promise: every difference of name, object or mode is reported once, sorted bytewise, or the whole comparison is an
 * error. Limits: mirror.max_paths and that of trees (the caller's), mirror.max_depth.
 */
#ifndef GIT_TREEDIFF_H
#define GIT_TREEDIFF_H

#include "git/tree.h"
#include "policy/facts.h"

enum { TREEDIFF_DEPTH = 128 };

/* Differences are added up: comparing with several old trees gives the union of the paths. */
struct treediff {
	struct tree_reader trees;
	size_t max_paths, max_trees;
	const char *limit_trees; /* the name of max_trees */
	size_t n_trees;          /* read so far */
	struct path *paths;
	size_t n_paths, room;
	struct arena *arena;
};

/* Either tree may be NULL: empty. */
bool treediff_add(struct treediff *diff, const struct oid *old_tree, const struct oid *new_tree, struct err *err);

/* Sorts, and folds what several comparisons found at one path. */
void treediff_finish(struct treediff *diff);

#endif
