/*
 * What the head has in common with the commits that approvals were given to, for policies that keep reviews over a
 * push. Only what a signed event bound counts: the commit that the forge names for a review has been seen to move.
 *
 * same-tree: the two have one tree and one merge base with the base branch. Without the second, the same files could
 * stand on a newer base and take back what came into it. same-patch, base-merge: git/carry.c compares.
 *
 * A commit that cannot be read any more is had in common with nothing. What a policy asked for and is not had is a
 * fact, too, with its reason.
 */
#include "agent/work/gather_inner.h"

#define CARRIES_MAX 8 /* different commits; reviews of more of them are not carried */

struct root { /* what decides, of one commit */
	struct oid sha, tree, merge_base;
	bool read;
	struct carried had[2]; /* of the moved bases, as of no review */
	size_t n_had;
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

static bool settle(const struct collect *c, const struct seen_change *seen, struct root *root, struct err *err)
{
	root->read = read_root(c, seen, root, err);
	if (!root->read && err->code == ERR_RETRY)
		return collect_failed(err, "a reviewed commit");
	*err = ERR_NONE; /* mastered: who asks looks at err alone, too */
	return true;
}

/* ---- over a base branch that moved ---- */

/* Of one commit, in one way; ret->why stays empty where it holds. */
static bool compare(const struct collect *c, const struct seen_change *seen, struct carried *ret, struct err *err)
{
	struct mirror *mirror = c->gather->ports->mirror;
	struct oid wants[2] = {seen->tip, ret->from};
	struct mirror_carry_in in = {.base = seen->tip,
				     .from = ret->from,
				     .head = seen->now.head,
				     .how = ret->how,
				     .max_commits = c->gather->config->max_commits,
				     .max_paths = c->gather->config->max_paths};
	struct mirror_carry_out out = {.holds = false};

	if (!gather_fetch_any(c, wants, &in.where, err) ||
	    mirror->carry(mirror->self, &in, &out, c->arena, err) != ERR_OK) {
		if (err->code == ERR_RETRY)
			return collect_failed(err, "a reviewed commit");
		out.why = err->code == ERR_LIMIT ? arena_text(c->arena, text_of(err->text))
						 : TEXT_LIT("the reviewed commit cannot be read");
		*err = ERR_NONE; /* mastered: who asks looks at err alone, too */
	}
	if (!out.holds)
		ret->why = out.why.len > 0 ? out.why : TEXT_LIT("it cannot be compared");
	return true;
}

static bool compare_all(const struct collect *c, const struct seen_change *seen, unsigned asked, struct root *root,
			struct err *err)
{
	static const enum carry hows[] = {CARRY_SAME_PATCH, CARRY_BASE_MERGE};

	for (size_t i = 0; i < sizeof hows / sizeof hows[0]; i++) {
		struct carried *one = &root->had[root->n_had];

		if (!(asked & hows[i]))
			continue;
		*one = (struct carried){.from = root->sha, .how = hows[i]};
		root->n_had++;
		if (!compare(c, seen, one, err))
			return false;
	}
	return true;
}

/* ---- reviews ---- */

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

struct carrying {
	struct root head; /* read only where the same tree is asked for */
	struct carried *all;
	size_t n;
};

/* Of one review, its commit's. */
static void take(struct carrying *to, const struct root *root, int64_t review)
{
	if (to->head.read && root->read && same(root, &to->head))
		to->all[to->n++] = (struct carried){.review = review, .from = root->sha, .how = CARRY_SAME_TREE};
	for (size_t i = 0; i < root->n_had; i++) {
		to->all[to->n] = root->had[i];
		to->all[to->n++].review = review;
	}
}

static bool look(const struct collect *c, const struct seen_change *seen, unsigned asked, struct root *root,
		 struct err *err)
{
	return (!(asked & CARRY_SAME_TREE) || settle(c, seen, root, err)) && compare_all(c, seen, asked, root, err);
}

static const struct oid *approved(const struct seen_change *seen, const struct review *review)
{
	const struct row_binding *binding = gather_binding(&seen->told, review->id);

	if (review->state != REVIEW_APPROVED || !binding || !oid_eq(&binding->sha, &review->bound_sha))
		return NULL;
	return &review->bound_sha;
}

bool gather_carried(const struct collect *c, const struct seen_change *seen, unsigned asked, struct change *ret,
		    struct err *err)
{
	struct carrying to = {.head = {.sha = seen->now.head}};
	struct root roots[CARRIES_MAX];
	size_t n_roots = 0;
	bool fresh;

	to.all = arena_alloc(c->arena, 3 * ret->n_reviews + 1, sizeof *to.all);
	if ((asked & CARRY_SAME_TREE) && !settle(c, seen, &to.head, err))
		return false;
	for (size_t i = 0; i < ret->n_reviews; i++) {
		const struct oid *of = approved(seen, &ret->reviews[i]);
		struct root *root = of ? root_of(roots, &n_roots, of, &fresh) : NULL;

		if (root && fresh && !look(c, seen, asked, root, err))
			return false;
		if (root)
			take(&to, root, ret->reviews[i].id);
	}
	ret->carried = to.all;
	ret->n_carried = to.n;
	return true;
}
