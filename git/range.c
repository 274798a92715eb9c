/*
 * Merge bases first, all of them: they say whether there is anything to land, bound the walk, and are what the trees
 * are compared with (with several, the union: more paths, never fewer). Then everything reachable from head and from
 * none of base and the merge bases, over all parents. The walk trusts commit times only to stop early on the hidden
 * side, so odd clocks can make it list a commit of base as well, never leave out one of head.
 */
#include "git/inside.h"

#include "git/commit.h"
#include "git/trailer.h"
#include "git/treediff.h"

enum { TREES = 200000 };

struct walk {
	struct objects objects;
	git_oid base, head;
	git_oidarray bases; /* merge bases; none: unrelated */
	git_revwalk *revwalk;
};

/* Asked first, because nothing can be walked without both. */
static bool ends_there(struct walk *walk, const struct mirror_range_in *in, struct err *err)
{
	const struct oid *const ends[] = {&in->base, &in->head};
	for (size_t i = 0; i < 2; i++)
		if (!objects_is_commit(&walk->objects, ends[i]))
			return err_set(err, ERR_RETRY, "%s is not a commit of the mirror", ends[i]->hex);
	return true;
}

/* libgit2 says "not found" both for unrelated histories and for a missing object; only the first is an answer. */
static bool merge_bases(struct walk *walk, struct err *err)
{
	int failed = git_merge_bases(&walk->bases, walk->objects.repo, &walk->base, &walk->head);
	const git_error *last = git_error_last();
	if (failed == GIT_ENOTFOUND && last && last->klass == GIT_ERROR_MERGE)
		return true;
	if (failed)
		return objects_error(err, "merge base");
	if (walk->bases.count > MIRROR_MERGE_BASES)
		return err_set(err, ERR_LIMIT, "more than %d merge bases (mirror.max_merge_bases)", MIRROR_MERGE_BASES);
	return true;
}

static bool ready(struct walk *walk, struct err *err)
{
	if (git_revwalk_new(&walk->revwalk, walk->objects.repo) || git_revwalk_push(walk->revwalk, &walk->head) ||
	    git_revwalk_hide(walk->revwalk, &walk->base))
		return objects_error(err, "range");
	for (size_t i = 0; i < walk->bases.count; i++)
		if (git_revwalk_hide(walk->revwalk, &walk->bases.ids[i]))
			return objects_error(err, "range");
	return true;
}

static bool commits(struct walk *walk, const struct mirror_range_in *in, struct mirror_range_out *out,
		    struct arena *arena, struct err *err)
{
	struct reading reading = {&walk->objects, trailer_host(in->where.url), 0, arena};
	struct commit *list = NULL;
	size_t n = 0, room = 0;
	git_oid name;
	int end;
	while (!(end = git_revwalk_next(&name, walk->revwalk))) {
		if (n >= in->max_commits)
			return err_set(err, ERR_LIMIT, "more than %u commits (mirror.max_commits)", in->max_commits);
		if (n == room) {
			room = room ? room * 2 : 16;
			struct commit *wider = arena_alloc(arena, room, sizeof(*wider));
			if (n)
				memcpy(wider, list, n * sizeof(*wider));
			list = wider;
		}
		if (!objects_commit(&reading, &name, &list[n++], err))
			return false;
	}
	if (end != GIT_ITEROVER)
		return objects_error(err, "range");
	commit_order(list, n, &in->head);
	out->commits = list;
	out->n_commits = n;
	return true;
}

static bool compare(struct walk *walk, struct treediff *diff, const git_oid *base, const struct oid *head,
		    struct err *err)
{
	struct oid tree;
	return objects_tree_of(&walk->objects, base, &tree, err) && treediff_add(diff, &tree, head, err);
}

static bool paths(struct walk *walk, const struct mirror_range_in *in, struct mirror_range_out *out,
		  struct arena *arena, struct err *err)
{
	struct treediff diff = {.trees = objects_trees(&walk->objects),
				.max_paths = in->max_paths,
				.max_trees = TREES,
				.limit_trees = "mirror.max_trees",
				.arena = arena};
	struct oid head;
	if (!objects_tree_of(&walk->objects, &walk->head, &head, err))
		return false;
	bool done = walk->bases.count || treediff_add(&diff, NULL, &head, err);
	for (size_t i = 0; done && i < walk->bases.count; i++)
		done = compare(walk, &diff, &walk->bases.ids[i], &head, err);
	if (!done)
		return false;
	treediff_finish(&diff);
	out->paths = diff.paths;
	out->n_paths = diff.n_paths;
	return true;
}

/* The smallest name: the answer does not depend on the order of a walk. */
static struct oid first_base(const git_oidarray *bases)
{
	const git_oid *first = NULL;
	for (size_t i = 0; i < bases->count; i++)
		if (!first || git_oid_cmp(&bases->ids[i], first) < 0)
			first = &bases->ids[i];
	return first ? objects_name(first) : OID_NONE;
}

bool mirror_range(struct mirror_git *mirror, const struct mirror_range_in *in, struct mirror_range_out *out,
		  struct arena *arena, struct err *err)
{
	struct walk walk = {0};
	struct mirror_range_out found = {0};
	bool done = objects_oid(&in->base, &walk.base, err) && objects_oid(&in->head, &walk.head, err) &&
		    mirror_objects(mirror, in->where.repo, &walk.objects, err) && ends_there(&walk, in, err) &&
		    merge_bases(&walk, err) && ready(&walk, err) && commits(&walk, in, &found, arena, err) &&
		    paths(&walk, in, &found, arena, err);
	if (done) {
		found.merge_base = first_base(&walk.bases);
		found.head_in_base = walk.bases.count == 1 && git_oid_equal(&walk.bases.ids[0], &walk.head);
		*out = found;
	}
	git_revwalk_free(walk.revwalk);
	git_oidarray_free(&walk.bases); /* the older name: libgit2 1.1 may know no other */
	objects_close(&walk.objects);
	return done;
}
