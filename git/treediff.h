/*
 * treediff: the paths in which two trees differ. Needs trees only, never blobs, so that it works in a mirror without
 * them; no rename detection (a rename is a deletion and an addition).
 *
 * Promise: every difference of name, object or mode is reported once, sorted bytewise, or the whole comparison is an
 * error. The arena gets what is reported and nothing else; of trees no more is held than those from the root down to
 * the one that is walked, so that what somebody pushed costs no more memory than these limits: mirror.max_paths and
 * that of trees (the caller's), mirror.max_depth, mirror.max_tree_bytes, mirror.max_open_tree_bytes (32 MiB held at one
 * time), mirror.max_all_tree_bytes (512 MiB read in one comparison).
 */
#ifndef GIT_TREEDIFF_H
#define GIT_TREEDIFF_H

#include "git/tree.h"
#include "policy/facts.h"

enum { TREEDIFF_DEPTH = 128, TREEDIFF_OPEN_BYTES = 32 << 20, TREEDIFF_ALL_BYTES = 512 << 20 };

/* Differences are added up: comparing with several old trees gives the union of the paths. */
struct treediff {
	struct tree_reader trees;
	size_t max_paths, max_trees;
	const char *limit_trees; /* the name of max_trees */
	size_t n_trees;          /* read so far */
	size_t open, all;        /* bytes of trees: held now, and read so far */
	struct path *paths;
	size_t n_paths, room;
	struct arena *arena;
};

/* Either tree may be NULL: empty. */
bool treediff_add(struct treediff *diff, const struct oid *old_tree, const struct oid *new_tree, struct err *err);

/* Sorts, and folds what several comparisons found at one path. */
void treediff_finish(struct treediff *diff);

#endif
