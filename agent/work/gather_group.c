/*
 * What a merge group's commit was built from, and the facts of each.
 *
 *   tip of the group's branch --> range tip..commit from git objects --> first parents from the commit down to the tip
 *     --> the other parents of each: heads of changes --> noted in the store --> each gathered as its own head is
 *
 * The walk goes to the branch's tip and not to the event's base_sha: a group may be built on another group, and all
 * that would land with it counts. What the forge merged is not merged again here: the branches of its queue are
 * written by the forge alone, and its signed event named the commit. Messages are no evidence.
 *
 * The second reading reads the tip and every constituent again. Given the same tip, git objects give the same list.
 */
#include <limits.h>

#include "agent/work/gather_inner.h"

#define GROUP_TIMES 16 /* the limits of one change, for all that lands with a group */
#define HEADS_MAX   50

struct chain {
	struct oid heads[HEADS_MAX];
	size_t n;
	struct oid unmerged;
	bool landed;
};

/* A base that is gone with its queue is nothing to wait for: OID_NONE. */
static bool read_tip(const struct collect *c, const struct group_part *part, struct oid *ret, struct err *err)
{
	struct forge *f = c->gather->ports->forge;
	struct seen_change into = {.now = {.base_ref = part->base_ref, .answered_at = WHEN_UNKNOWN}};

	*ret = OID_NONE;
	if (f->branch_tip(f->self, &c->anew, part->base_ref, &into.tip, err) != ERR_OK) {
		if (err->code != ERR_GONE || !part->over)
			return collect_failed(err, "tip of the group's branch");
		*err = ERR_NONE;
		return gather_check_name(c, err);
	}
	*ret = into.tip;
	return gather_check_tip(c, &into, err);
}

static unsigned times(unsigned limit)
{
	return limit > UINT_MAX / GROUP_TIMES ? UINT_MAX : limit * GROUP_TIMES;
}

static bool read_range(const struct collect *c, const struct oid *tip, struct mirror_range_out *ret, struct err *err)
{
	const struct gather *g = c->gather;
	struct mirror *mirror = g->ports->mirror;
	struct oid wants[2] = {*tip, g->claim->sha};
	struct mirror_range_in in = {.base = *tip,
				     .head = g->claim->sha,
				     .max_commits = times(g->config->max_commits),
				     .max_paths = times(g->config->max_paths)};

	if (!gather_fetch(c, wants, &in.where, err))
		return false;
	if (mirror->range(mirror->self, &in, ret, c->arena, err) != ERR_OK)
		return collect_failed(err, "commits of the merge group");
	return true;
}

static const struct commit *commit_of(const struct mirror_range_out *range, const struct oid *sha)
{
	for (size_t i = 0; i < range->n_commits; i++)
		if (oid_eq(&range->commits[i].sha, sha))
			return &range->commits[i];
	return NULL;
}

static bool walk(const struct collect *c, const struct mirror_range_out *range, struct chain *ret, struct err *err)
{
	const struct commit *at = commit_of(range, &c->gather->claim->sha);

	ret->landed = range->head_in_base;
	if (!at && !ret->landed)
		return err_set(err, ERR_RETRY, "the range of the merge group does not hold its commit");
	for (; at && !ret->landed; at = commit_of(range, &at->parents[0])) {
		if (at->n_parents < 2) {
			*ret = (struct chain){.unmerged = at->sha};
			return true;
		}
		if (at->n_parents - 1 > HEADS_MAX - ret->n)
			return err_set(err, ERR_LIMIT, "more than %d changes in one merge group", HEADS_MAX);
		for (size_t i = 1; i < at->n_parents; i++)
			ret->heads[ret->n++] = at->parents[i];
	}
	return true;
}

/* Its change was merged: the tip may be from before this very group landed, or the group below it. A verdict on that
 * would throw the others out of the queue. */
static bool check_merged(const struct gathered_part *part, struct err *err)
{
	if (!part->gathered.landing_lags)
		return true;
	return err_set(err, ERR_RETRY, "change %lld landed while its merge group was read", (long long)part->of.number);
}

static bool collect_parts(const struct collect *c, const struct chain *chain, struct group_part *ret, struct err *err)
{
	const struct gather *g = c->gather;
	struct composition in = {g->claim, chain->heads, chain->n};
	struct constituent_claim *of = arena_alloc(c->arena, chain->n + 1, sizeof *of);
	struct gathered_part *parts = arena_alloc(c->arena, chain->n + 1, sizeof *parts);

	if (!store_compose(g->ports->store, &in, of, c->arena, err))
		return err_wrap(err, "constituents");
	for (size_t i = 0; i < chain->n; i++) {
		struct gather one = {g->config, g->ports, &parts[i].of.claim};

		parts[i].of = of[i];
		if (!gather_collect(&one, c->arena, &parts[i].gathered, err) || !check_merged(&parts[i], err))
			return err_wrap(err, "constituent %.7s", of[i].claim.sha.hex);
	}
	ret->parts = parts;
	ret->n = chain->n;
	return true;
}

static bool collect_one(const struct collect *c, struct group_part *ret, struct err *err)
{
	struct mirror_range_out range = {.n_commits = 0};
	struct chain chain = {.n = 0};

	if (!read_tip(c, ret, &ret->tip, err))
		return false;
	if (!oid_known(&ret->tip))
		return true;
	if (!read_range(c, &ret->tip, &range, err) || !walk(c, &range, &chain, err))
		return false;
	ret->unmerged = chain.unmerged;
	ret->landed = chain.landed;
	return chain.landed || ret->over || chain.n == 0 || collect_parts(c, &chain, ret, err);
}

/* ---- facts ---- */

static void later(struct unsettled *all, const struct unsettled *one)
{
	all->less = one->less > all->less ? one->less : all->less;
	all->more = one->more > all->more ? one->more : all->more;
}

static struct group take_group(const struct group_part *from, struct arena *arena)
{
	struct constituent *constituents = arena_alloc(arena, from->n + 1, sizeof *constituents);

	for (size_t i = 0; i < from->n; i++)
		constituents[i] = (struct constituent){from->parts[i].gathered.facts, from->parts[i].of.number};
	return (struct group){from->base_ref, from->unmerged, constituents, from->n};
}

/* The policies of the constituents' changes, after those of the commit's own. */
static void take_policies(struct gathered *ret, struct arena *arena)
{
	struct governed *all = arena_alloc(arena, facts_changes(&ret->facts) + 1, sizeof *all);
	size_t n;

	for (n = 0; n < ret->facts.n_changes; n++)
		all[n] = ret->governed[n];
	for (size_t i = 0; i < ret->n_groups; i++)
		for (size_t k = 0; k < ret->groups[i].n; k++) {
			const struct gathered *one = &ret->groups[i].parts[k].gathered;

			for (size_t j = 0; j < one->facts.n_changes; j++)
				all[n++] = one->governed[j];
			if (ret->policy_text.len == 0) {
				ret->policy_text = one->policy_text;
				ret->policy_sha = one->policy_sha;
			}
			later(&ret->unsettled, &one->unsettled);
		}
	ret->governed = all;
}

bool gather_groups(const struct collect *c, struct gathered *ret, struct err *err)
{
	const struct claim *claim = c->gather->claim;
	struct group_part *parts = arena_alloc(c->arena, claim->n_bases + 1, sizeof *parts);
	struct group *groups = arena_alloc(c->arena, claim->n_bases + 1, sizeof *groups);
	bool landed = true;

	if (!gather_queue(c, ret, err))
		return false;
	for (size_t i = 0; i < claim->n_bases; i++) {
		parts[i].base_ref = claim->bases[i];
		parts[i].over = gather_queue_over(c, ret, claim->bases[i]);
		if (!collect_one(c, &parts[i], err))
			return err_wrap(err, "merge group");
		landed = landed && parts[i].landed;
		if (!parts[i].landed && !parts[i].over)
			groups[ret->facts.n_groups++] = take_group(&parts[i], c->arena);
	}
	ret->groups = parts;
	ret->n_groups = claim->n_bases;
	ret->facts.groups = groups;
	ret->facts.superseded_by = OID_NONE;
	ret->silent = ret->facts.n_changes == 0 && ret->facts.n_groups == 0;
	ret->landed = ret->silent && landed;
	take_policies(ret, c->arena);
	return true;
}

bool gather_groups_unmoved(const struct collect *c, const struct gathered *first, bool *ret_unmoved, struct err *err)
{
	const struct gather *g = c->gather;

	*ret_unmoved = true;
	for (size_t i = 0; i < first->n_groups && *ret_unmoved; i++) {
		const struct group_part *group = &first->groups[i];
		struct oid tip;

		if (!read_tip(c, group, &tip, err))
			return err_wrap(err, "merge group");
		*ret_unmoved = oid_eq(&tip, &group->tip);
		for (size_t k = 0; k < group->n && *ret_unmoved; k++) {
			struct gather one = {g->config, g->ports, &group->parts[k].of.claim};

			if (!gather_unmoved(&one, &group->parts[k].gathered, ret_unmoved, err))
				return err_wrap(err, "constituent %.7s", group->parts[k].of.claim.sha.hex);
		}
	}
	return true;
}
