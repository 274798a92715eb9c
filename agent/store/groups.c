#include "agent/store/groups.h"

#define GROUPS_AT_ONCE 10000 /* of one repository, or with one constituent */

/* ---- from a constituent to its groups ---- */

struct each {
	struct step *step;
	const struct groups_visit *visit;
	bool ok;
};

static bool each_row(void *context, const void *row)
{
	struct each *each = context;

	each->ok = each->visit->visit(each->visit->context, each->step, row);
	return each->ok;
}

bool groups_each(struct step *step, const struct row_constituent *head, const struct groups_visit *visit)
{
	struct scan scan = {.table = &table_constituent,
			    .index = CONSTITUENT_BY_HEAD,
			    .equal = head,
			    .n_equal = 2,
			    .limit = GROUPS_AT_ONCE};
	struct each each = {step, visit, true};

	return step->rows->ops->scan(step->rows->self, &scan, (struct visitor){each_row, &each, step->arena},
				     step->err) &&
	       each.ok;
}

static bool raise_one(void *context, struct step *step, const struct row_constituent *row)
{
	(void)context;
	return subject_raise(step, row->repo, &row->sha, true);
}

bool groups_want(struct step *step, int64_t repo, const struct oid *head)
{
	const struct row_constituent key = {.repo = repo, .head = *head};

	return groups_each(step, &key, &(struct groups_visit){raise_one, NULL});
}

/* ---- the groups of a commit, of a repository ---- */

struct walk {
	struct step *step;
	struct text base_ref, *bases;
	struct queue_branch *branches;
	struct groups_count count;
	size_t n;
	enum group_end how;
	bool ok;
};

static bool walk_groups(struct step *step, const struct scan *scan, rows_visit *visit, struct walk *walk)
{
	walk->step = step;
	walk->ok = true;
	return step->rows->ops->scan(step->rows->self, scan, (struct visitor){visit, walk, step->arena}, step->err) &&
	       walk->ok;
}

static struct scan of_commit(const struct row_merge_group *key)
{
	return (struct scan){
		.table = &table_merge_group, .index = INDEX_KEY, .equal = key, .n_equal = 2, .limit = GROUPS_AT_ONCE};
}

static bool raise_into(void *context, const void *row)
{
	const struct row_merge_group *group = row;
	struct walk *walk = context;

	if (text_eq(group->base_ref, walk->base_ref))
		walk->ok = subject_raise(walk->step, group->repo, &group->sha, true);
	return walk->ok;
}

bool groups_want_into(struct step *step, int64_t repo, struct text base_ref)
{
	struct row_merge_group key = {.repo = repo, .ended = GROUP_LIVES};
	struct scan scan = {.table = &table_merge_group,
			    .index = MERGE_GROUP_BY_LIFE,
			    .equal = &key,
			    .n_equal = 2,
			    .limit = GROUPS_AT_ONCE};
	struct walk walk = {.base_ref = base_ref};

	return walk_groups(step, &scan, raise_into, &walk);
}

static bool count_one(void *context, const void *row)
{
	const struct row_merge_group *group = row;
	struct walk *walk = context;

	walk->count.all++;
	walk->count.live += group->ended == GROUP_LIVES;
	walk->count.landed += group->ended == GROUP_LANDED;
	return true;
}

bool groups_count(struct step *step, int64_t repo, const struct oid *sha, struct groups_count *ret)
{
	struct row_merge_group key = {.repo = repo, .sha = *sha};
	struct scan scan = of_commit(&key);
	struct walk walk = {.n = 0};

	if (!walk_groups(step, &scan, count_one, &walk))
		return false;
	*ret = walk.count;
	return true;
}

static bool take_base(void *context, const void *row)
{
	const struct row_merge_group *group = row;
	struct walk *walk = context;

	if (group->ended != GROUP_LIVES)
		return true;
	for (size_t i = 0; i < walk->n; i++)
		if (text_eq(walk->bases[i], group->base_ref))
			return true;
	walk->bases[walk->n++] = group->base_ref;
	return true;
}

static bool take_branch(void *context, const void *row)
{
	const struct row_merge_group *group = row;
	struct walk *walk = context;

	if (group->ended == GROUP_LIVES)
		walk->branches[walk->n++] = (struct queue_branch){group->ref, group->base_ref, group->gone_since};
	return true;
}

bool groups_named(struct step *step, int64_t repo, const struct oid *sha, bool *ret)
{
	struct groups_count count;

	if (!groups_count(step, repo, sha, &count))
		return false;
	*ret = count.all > 0;
	return true;
}

bool groups_claim(struct step *step, struct claim *ret)
{
	struct row_merge_group key = {.repo = ret->repo, .sha = ret->sha};
	struct scan scan = of_commit(&key);
	struct groups_count count;
	struct walk bases = {.n = 0}, branches = {.n = 0};

	if (!groups_count(step, ret->repo, &ret->sha, &count))
		return false;
	bases.bases = arena_alloc(step->arena, count.live + 1, sizeof *bases.bases);
	branches.branches = arena_alloc(step->arena, count.live + 1, sizeof *branches.branches);
	if (count.live > 0 &&
	    (!walk_groups(step, &scan, take_base, &bases) || !walk_groups(step, &scan, take_branch, &branches)))
		return false;
	ret->bases = bases.bases;
	ret->n_bases = bases.n;
	ret->branches = branches.branches;
	ret->n_branches = branches.n;
	ret->was_group = count.all > 0 && count.live == 0;
	return true;
}

/* ---- ends ---- */

static bool forget(void *context, const void *row)
{
	struct walk *walk = context;
	const struct rows *rows = walk->step->rows;

	walk->ok = rows->ops->del(rows->self, &table_constituent, row, walk->step->err);
	return walk->ok;
}

bool groups_end(struct step *step, const struct row_merge_group *group, enum group_end how, bool *ret_left)
{
	struct row_merge_group ended = *group;
	struct row_constituent key = {.repo = group->repo, .sha = group->sha};
	struct scan constituents = {
		.table = &table_constituent, .index = INDEX_KEY, .equal = &key, .n_equal = 2, .limit = GROUPS_AT_ONCE};
	struct groups_count count;
	struct walk walk = {.n = 0};

	ended.ended = how;
	if (!step_put(step, &table_merge_group, &ended) || !groups_count(step, group->repo, &group->sha, &count))
		return false;
	*ret_left = count.live > 0;
	return *ret_left || walk_groups(step, &constituents, forget, &walk);
}

static bool end_one(void *context, const void *row)
{
	struct walk *walk = context;
	bool left;

	walk->n++;
	walk->ok = groups_end(walk->step, row, walk->how, &left);
	return walk->ok;
}

bool groups_landed(struct step *step, int64_t repo, const struct oid *sha)
{
	struct row_merge_group key = {.repo = repo, .sha = *sha};
	struct scan scan = of_commit(&key);
	struct walk walk = {.how = GROUP_LANDED};

	if (!walk_groups(step, &scan, end_one, &walk))
		return false;
	if (walk.n == 0)
		return true;
	return slots_settle(step, repo, sha);
}

bool groups_take_back(struct step *step, int64_t repo, const struct oid *sha, enum slot_kind kind)
{
	struct slot_wish wish = {.repo = repo,
				 .sha = *sha,
				 .state = STATUS_FAILURE,
				 .text = TEXT_LIT("Revoked: this merge group ended without landing"),
				 .kind = kind};

	return slots_revoke(step, &wish);
}

bool groups_over(struct step *step, int64_t repo, const struct oid *sha)
{
	struct groups_count count;

	if (!groups_count(step, repo, sha, &count))
		return false;
	return count.landed > 0 ? slots_settle(step, repo, sha) : groups_take_back(step, repo, sha, SLOT_VERDICT);
}

bool groups_gone(struct step *step, const struct conclusion *in)
{
	for (size_t i = 0; i < in->n_over; i++) {
		struct row_merge_group row = {.repo = in->claim->repo, .sha = in->claim->sha, .ref = in->over[i]};
		bool found, left;

		if (!step_find(step, &table_merge_group, &row, &found) ||
		    (found && row.ended == GROUP_LIVES && !groups_end(step, &row, GROUP_GONE, &left)))
			return false;
	}
	return true;
}
