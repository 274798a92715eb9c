/*
 * What the head has in common with the commits that approvals were given to, for policies that keep reviews over a
 * push. Only what a signed event bound counts: the commit that the forge names for a review has been seen to move.
 *
 * same-tree: the two have one tree and one merge base with the base branch. Without the second, the same files could
 * stand on a newer base and take back what came into it.
 *
 * A commit that cannot be read any more is had in common with nothing.
 */
#include "agent/work/gather_inner.h"

#define CARRIES_MAX 8 /* different commits; reviews of more of them are not carried */

struct root { /* what decides, of one commit */
	struct oid sha, tree, merge_base;
};

static bool tree_of(const struct mirror_range_out *range, const struct oid *sha, struct oid *ret)
{
	for (size_t i = 0; i < range->n_commits; i++)
		if (oid_eq(&range->commits[i].sha, sha)) {
			*ret = range->commits[i].tree;
			return oid_known(ret);
		}
	return false;
}

/* False with err ERR_NONE: it cannot be read, and is carried nowhere. */
static bool read_root(const struct collect *c, const struct seen_change *seen, struct root *root, struct err *err)
{
	struct mirror *mirror = c->gather->ports->mirror;
	struct oid wants[2] = {seen->tip, root->sha};
	struct mirror_range_in in = {.base = seen->tip,
				     .head = root->sha,
				     .max_commits = c->gather->config->max_commits,
				     .max_paths = c->gather->config->max_paths};
	struct mirror_range_out range;

	if (!gather_fetch_any(c, wants, &in.where, err))
		return false;
	if (mirror->range(mirror->self, &in, &range, c->arena, err) != ERR_OK)
		return false;
	root->merge_base = range.merge_base;
	return oid_known(&range.merge_base) && tree_of(&range, &root->sha, &root->tree);
}

static bool settle(const struct collect *c, const struct seen_change *seen, struct root *root, bool *ret_read,
		   struct err *err)
{
	*ret_read = read_root(c, seen, root, err);
	if (!*ret_read && err->code == ERR_RETRY)
		return collect_failed(err, "a reviewed commit");
	*err = ERR_NONE; /* mastered: who asks looks at err alone, too */
	return true;
}

/* Each commit is asked for once. NULL: beyond the limit. */
static struct root *root_of(struct root *roots, size_t *n, const struct oid *sha, bool *ret_new)
{
	for (size_t i = 0; i < *n; i++)
		if (oid_eq(&roots[i].sha, sha)) {
			*ret_new = false;
			return &roots[i];
		}
	*ret_new = true;
	if (*n == CARRIES_MAX)
		return NULL;
	roots[*n] = (struct root){.sha = *sha};
	return &roots[(*n)++];
}

static bool same(const struct root *a, const struct root *b)
{
	return oid_known(&a->tree) && oid_eq(&a->tree, &b->tree) && oid_eq(&a->merge_base, &b->merge_base);
}

bool gather_carried(const struct collect *c, const struct seen_change *seen, struct change *ret, struct err *err)
{
	struct root head = {.sha = seen->now.head}, roots[CARRIES_MAX];
	struct carried *all = arena_alloc(c->arena, ret->n_reviews + 1, sizeof *all);
	size_t n_roots = 0;
	bool read, fresh;

	if (!settle(c, seen, &head, &read, err))
		return false;
	for (size_t i = 0; read && i < ret->n_reviews; i++) {
		const struct review *review = &ret->reviews[i];
		const struct row_binding *binding = gather_binding(&seen->told, review->id);
		struct root *root;
		bool ok = true;

		if (review->state != REVIEW_APPROVED || !binding || !oid_eq(&binding->sha, &review->bound_sha))
			continue;
		root = root_of(roots, &n_roots, &review->bound_sha, &fresh);
		if (root && fresh && !settle(c, seen, root, &ok, err))
			return false;
		if (root && same(root, &head))
			all[ret->n_carried++] = (struct carried){review->id, review->bound_sha, CARRY_SAME_TREE};
	}
	ret->carried = all;
	return true;
}
