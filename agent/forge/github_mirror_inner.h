/*
 * github_mirror_inner: what the files of the mirror over REST share; nobody else includes it.
 */
#ifndef AGENT_FORGE_GITHUB_MIRROR_INNER_H
#define AGENT_FORGE_GITHUB_MIRROR_INNER_H

#include "agent/forge/github_inner.h"
#include "agent/forge/github_mirror.h"
#include "agent/forge/kept.h"
#include "agent/forge/prove.h"
#include "git/tree.h"

enum { REST_PAGE = 100, REST_TREES = 1000, REST_EDGES = 100 };

struct github_mirror {
	struct github *github;
	struct github_mirror_config config;
	struct kept *kept;
};

struct rest_reading { /* one verb under way */
	struct github_mirror *mirror;
	struct forge_repo repo;
	int64_t deadline_ms;
	struct prove prove; /* its arena is set for each use */
};
/* What a request takes; its answer lives as long as this arena. */
struct forge_call rest_call(const struct rest_reading *r, struct arena *arena);
struct kept_key rest_key(const struct rest_reading *r, enum kept_kind kind, const struct oid *name);

/* ---- objects (github_mirror_objects.c) ---- */

/* A commit, tree or blob, kept or asked for; proven. */
bool rest_object(struct rest_reading *r, const struct kept_key *key, struct arena *arena, struct text *ret,
		 struct err *err);
/* The tree of a commit as the forge says it, which says that the commit is there, too. Not proven: old commits have
 * headers that REST leaves out, and nothing of them but the tree is used. */
bool rest_tree_of(struct rest_reading *r, const struct oid *commit, struct oid *ret, struct err *err);
struct tree_reader rest_trees(struct rest_reading *r);

/* ---- the commits of a range (github_mirror_compare.c) ---- */

struct rest_range {
	const struct mirror_range_in *in;
	struct arena *arena; /* of the results */
	struct oid near;     /* the forge's merge base; unknown: unrelated histories */
	struct commit *at;
	size_t n, room;
	size_t bytes; /* of all commits */
	struct oid bases[MIRROR_MERGE_BASES];
	size_t n_bases;
};
/* From the forge, or from what is kept; with its merge bases. */
bool rest_commits(struct rest_reading *r, struct rest_range *range, struct err *err);
/* Is a behind b, or b itself? */
bool rest_is_behind(struct rest_reading *r, const struct oid *a, const struct oid *b, bool *ret, struct err *err);

/* ---- is it all there, and where does it begin? (github_mirror_bases.c) ---- */

/* The list is whole, and range->bases all merge bases; anything else is an error. */
bool rest_bases(struct rest_reading *r, struct rest_range *range, struct err *err);

#endif
