#include "agent/store/trees_step.h"

#include <assert.h>

#include "agent/store/links.h"

/* ---- links ---- */

static struct link link_of(const void *row)
{
	const struct row_tree_link *link = row;

	return (struct link){link->repo, link->sha, link->weighs != 0};
}

static const struct links links = {&table_tree_link, TREE_LINK_BY_SHA, 1, TREE_REFS_MAX, link_of};

static bool is_asked(const struct conclusion *in, const void *row)
{
	const struct row_tree_link *link = row;

	for (size_t i = 0; i < in->n_trees; i++)
		if (text_eq(in->trees[i].name, link->tree))
			return true;
	return false;
}

/* So that it is asked for; it says nothing yet. What had lapsed for a verdict is taken as never said: whatever is said
 * next, even the same, is news to that verdict. */
static bool keep_tree(struct step *step, const struct tree_ref *ref)
{
	struct row_tree row = {.name = ref->name};
	struct scan all = {.table = &table_tree};
	int64_t n;
	bool found;

	if (!step_find(step, &table_tree, &row, &found))
		return false;
	if (found && ref->lapsed) {
		row.as_of = 0;
		return step_put(step, &table_tree, &row);
	}
	if (found)
		return true;
	if (!step->rows->ops->count(step->rows->self, &all, &n, step->err))
		return false;
	return n >= TREES_MAX || step_put(step, &table_tree, &(struct row_tree){.name = ref->name});
}

bool trees_link(struct step *step, const struct conclusion *in)
{
	struct row_tree_link key = {.repo = in->claim->repo, .sha = in->claim->sha};

	assert(in->n_trees <= TREE_REFS_MAX);
	if (!links_drop_stale(step, &links, &(struct links_asked){&key, in, is_asked}))
		return false;
	for (size_t i = 0; i < in->n_trees; i++) {
		key.tree = in->trees[i].name;
		key.weighs = in->trees[i].weighs;
		if (!keep_tree(step, &in->trees[i]) || !step_put(step, &table_tree_link, &key))
			return false;
	}
	return true;
}

bool trees_moved(struct step *step, const struct conclusion *in, bool *ret)
{
	*ret = false;
	for (size_t i = 0; i < in->n_trees && !*ret; i++) {
		struct row_tree row = {.name = in->trees[i].name};
		bool found;

		if (!step_find(step, &table_tree, &row, &found))
			return false;
		*ret = (found ? row.changed_at : 0) != in->trees[i].changed_at;
	}
	return true;
}

/* ---- news ---- */

static bool reach_all(struct step *step, const struct row_tree *tree, bool *ret_any)
{
	const struct row_tree_link key = {.tree = tree->name};
	const bool weakens = tree->state == TREE_CLOSED || tree->state == TREE_APPROVAL_REQUIRED;
	const struct links_news news = {&key, weakens ? TEXT_LIT("Revoked: a tree was closed") : TEXT_EMPTY};

	return links_reach(step, &links, &news, ret_any);
}

static bool any_link(void *context, const void *row)
{
	(void)row;
	*(bool *)context = true;
	return false;
}

static bool is_linked(struct step *step, struct text name, bool *ret)
{
	struct row_tree_link key = {.tree = name};
	struct scan scan = {.table = &table_tree_link, .index = INDEX_KEY, .equal = &key, .n_equal = 1, .limit = 1};

	*ret = false;
	return step->rows->ops->scan(step->rows->self, &scan, (struct visitor){any_link, ret, step->arena}, step->err);
}

/* What it says from now on. */
static struct row_tree says(const struct row_tree *was, const struct tree_told *in)
{
	struct row_tree is = *was;

	is.tried_at = in->now;
	if (in->answered) {
		is.as_of = in->as_of;
		is.state = in->state;
		is.reason = in->reason;
	} else if (in->now < was->as_of || in->now - was->as_of > in->max_age_ms) {
		is.state = TREE_UNKNOWN;
		is.reason = TEXT_EMPTY;
	}
	if (is.state != was->state || !text_eq(is.reason, was->reason) || (was->as_of == 0 && is.as_of != 0))
		is.changed_at = in->now > was->changed_at ? in->now : was->changed_at + 1;
	return is;
}

static bool tell_tree(struct step *step, const struct tree_told *in, struct tree_news *ret)
{
	struct row_tree was = {.name = in->name}, is;
	bool found, linked;

	if (!step_find(step, &table_tree, &was, &found) || !is_linked(step, in->name, &linked))
		return false;
	if (!found)
		return true;
	is = says(&was, in);
	ret->changed = is.changed_at != was.changed_at;
	if (linked && ret->changed && !reach_all(step, &is, &linked))
		return false;
	if (!linked)
		return step->rows->ops->del(step->rows->self, &table_tree, &was, step->err);
	return step_put(step, &table_tree, &is);
}

struct tell_job {
	const struct store *store;
	const struct tree_told *in;
	struct tree_news *ret;
};

static bool tell_in(struct rows *rows, void *arg, struct err *err)
{
	struct tell_job *job = arg;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct step step = {.rows = rows, .store = job->store, .arena = &arena, .err = err, .now = job->in->now};

	*job->ret = (struct tree_news){0};
	if (!tell_tree(&step, job->in, job->ret))
		return false;
	job->ret->subjects = step.subjects;
	job->ret->slots = step.slots;
	return true;
}

bool store_tell_tree(const struct store *store, const struct tree_told *in, struct tree_news *ret, struct err *err)
{
	struct tell_job job = {store, in, ret};

	assert(in->name.len <= TREE_NAME_MAX && in->reason.len <= TREE_REASON_MAX);
	return store->exec.write(store->exec.self, tell_in, &job, err);
}

/* ---- reading ---- */

struct get_job {
	struct arena *arena;
	struct row_tree *row;
};

static bool get_in(struct rows *rows, void *arg, struct err *err)
{
	struct get_job *job = arg;
	struct text name = job->row->name;

	if (rows->ops->get(rows->self, &table_tree, job->row, job->arena, err))
		return true;
	if (err->code != ERR_GONE)
		return false;
	*err = ERR_NONE;
	*job->row = (struct row_tree){.name = name};
	return true;
}

bool store_tree(const struct store *store, struct text name, struct arena *arena, struct row_tree *ret, struct err *err)
{
	struct row_tree row = {.name = name};
	struct get_job job = {arena, &row};

	if (!store->exec.read(store->exec.self, get_in, &job, err))
		return false;
	*ret = row;
	return true;
}

struct due_job {
	const struct tree_turn *turn;
	struct row_tree first;
	bool found;
};

/* A time to come is of a clock that was set back: it is due. */
static int64_t due_at(const struct tree_turn *turn, const struct row_tree *row)
{
	return row->tried_at > turn->now ? 0 : row->tried_at + (row->tried_at == 0 ? 0 : turn->every_ms);
}

static bool look(void *context, const void *row)
{
	struct due_job *job = context;

	if (!job->found || due_at(job->turn, row) < due_at(job->turn, &job->first))
		job->first = *(const struct row_tree *)row;
	job->found = true;
	return true;
}

static bool due_in(struct rows *rows, void *arg, struct err *err)
{
	struct due_job *job = arg;
	struct scan scan = {.table = &table_tree, .limit = TREES_MAX};

	job->found = false;
	return rows->ops->scan(rows->self, &scan, (struct visitor){look, job, job->turn->arena}, err);
}

bool store_due_tree(const struct store *store, const struct tree_turn *turn, struct row_tree *ret, int64_t *ret_at,
		    struct err *err)
{
	struct due_job job = {.turn = turn};

	*ret_at = WHEN_UNKNOWN;
	if (!store->exec.read(store->exec.self, due_in, &job, err))
		return false;
	if (job.found)
		*ret_at = due_at(turn, &job.first);
	if (!job.found || *ret_at > turn->now)
		return err_set(err, ERR_GONE, "no tree is due");
	*ret = job.first;
	return true;
}
