/* What a judge says a group's commit was built from (groups.h). */
#include "agent/store/groups.h"

struct compose_job {
	const struct store *store;
	const struct composition *in;
	struct constituent_claim *ret;
	struct arena *arena;
};

static bool open_number(void *context, const void *row)
{
	const struct row_change *change = row;
	int64_t *number = context;

	if (change->open != TRI_NO)
		*number = change->number;
	return *number == 0;
}

/* The row of one constituent, made where there is none. */
static bool note(struct step *step, const struct claim *claim, struct row_constituent *row)
{
	struct row_change key = {.repo = claim->repo, .head = row->head};
	struct scan scan = {.table = &table_change, .index = CHANGE_BY_HEAD, .equal = &key, .n_equal = 2};
	bool found;

	if (!step_find(step, &table_constituent, row, &found))
		return false;
	if (found && row->number != 0)
		return true;
	return step->rows->ops->scan(step->rows->self, &scan, (struct visitor){open_number, &row->number, step->arena},
				     step->err) &&
	       ((found && row->number == 0) || step_put(step, &table_constituent, row));
}

static bool compose_one(struct step *step, const struct compose_job *job, size_t i)
{
	const struct claim *group = job->in->claim;
	struct row_constituent row = {.repo = group->repo, .sha = group->sha, .head = job->in->heads[i]};
	struct row_subject subject = {.repo = group->repo, .sha = row.head};
	bool found;

	if (!note(step, group, &row) || !step_find(step, &table_subject, &subject, &found))
		return false;
	job->ret[i].number = row.number;
	job->ret[i].claim = *group;
	job->ret[i].claim.sha = row.head;
	job->ret[i].claim.superseded_by = subject.superseded_by;
	job->ret[i].claim.heard = subject.heard;
	job->ret[i].claim.allowed_before = false; /* what it lacks is said as if it was never allowed */
	job->ret[i].claim.bases = NULL;
	job->ret[i].claim.n_bases = 0;
	job->ret[i].claim.branches = NULL;
	job->ret[i].claim.n_branches = 0;
	job->ret[i].claim.was_group = false;
	job->ret[i].claim.pushes = NULL;
	job->ret[i].claim.n_pushes = 0;
	return claim_candidates(step, &job->ret[i].claim);
}

static bool compose_in(struct rows *rows, void *arg, struct err *err)
{
	struct compose_job *job = arg;
	struct step step = {.rows = rows, .store = job->store, .arena = job->arena, .err = err};
	struct row_subject subject = {.repo = job->in->claim->repo, .sha = job->in->claim->sha};
	bool found;

	if (!step_find(&step, &table_subject, &subject, &found))
		return false;
	if (!found || subject.fence != job->in->claim->fence)
		return err_set(err, ERR_RETRY, "another worker judges this merge group, or it has ended");
	for (size_t i = 0; i < job->in->n; i++)
		if (!compose_one(&step, job, i))
			return false;
	return true;
}

bool store_compose(const struct store *store, const struct composition *in, struct constituent_claim *ret,
		   struct arena *arena, struct err *err)
{
	struct compose_job job = {store, in, ret, arena};

	return store->exec.write(store->exec.self, compose_in, &job, err);
}

static bool seen_in(struct rows *rows, void *arg, struct err *err)
{
	const struct branch_seen *in = arg;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct step step = {.rows = rows, .arena = &arena, .err = err};
	struct row_merge_group row = {.repo = in->claim->repo, .sha = in->claim->sha, .ref = in->ref};
	bool found;

	if (!step_find(&step, &table_merge_group, &row, &found))
		return false;
	row.gone_since = in->there ? 0 : in->at;
	return !found || step_put(&step, &table_merge_group, &row);
}

bool store_branch_seen(const struct store *store, const struct branch_seen *in, struct err *err)
{
	return store->exec.write(store->exec.self, seen_in, (void *)(uintptr_t)in, err);
}
