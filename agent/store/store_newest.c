#include "agent/store/store_newest.h"

#include "agent/store/tables.h"

#define LATER_MAX 16 /* verdicts of a commit that are looked at: contexts are few */

struct newest_job {
	int64_t before;
	struct newest_verdict *at;
	size_t n;
	struct arena *arena;
};

static bool take_verdict(void *context, const void *row)
{
	struct newest_job *job = context;
	struct row_verdict *verdict = &job->at[job->n++].row;

	*verdict = *(const struct row_verdict *)row;
	verdict->inputs_lz4 = verdict->policy_text = TEXT_EMPTY;
	return job->n < NEWEST_MAX;
}

static bool has(struct rows *rows, const struct table *table, void *row, struct arena *arena, struct err *err)
{
	if (rows->ops->get(rows->self, table, row, arena, err))
		return true;
	if (err->code == ERR_GONE)
		*err = ERR_NONE;
	return false;
}

struct later {
	const struct row_verdict *of;
	bool found;
};

static bool is_later(void *context, const void *row)
{
	const struct row_verdict *verdict = row;
	struct later *later = context;

	later->found = verdict->id > later->of->id && text_eq(verdict->context, later->of->context);
	return !later->found && verdict->id > later->of->id;
}

static bool look_later(struct rows *rows, struct newest_verdict *verdict, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct row_verdict key = {.repo = verdict->row.repo, .sha = verdict->row.sha};
	struct scan scan = {.table = &table_verdict,
			    .index = VERDICT_BY_SHA,
			    .equal = &key,
			    .n_equal = 2,
			    .descending = true,
			    .lean = true,
			    .limit = LATER_MAX};
	struct later later = {&verdict->row, false};

	if (!rows->ops->scan(rows->self, &scan, (struct visitor){is_later, &later, &arena}, err))
		return false;
	verdict->replaced = verdict->replaced || later.found;
	return true;
}

static bool complete(struct rows *rows, struct newest_verdict *verdict, struct arena *arena, struct err *err)
{
	struct row_repo repo = {.id = verdict->row.repo};
	struct row_subject subject = {.repo = verdict->row.repo, .sha = verdict->row.sha};

	if (has(rows, &table_repo, &repo, arena, err))
		verdict->repo = repo.name;
	else if (err->code != ERR_OK)
		return false;
	if (has(rows, &table_subject, &subject, arena, err))
		verdict->replaced = oid_known(&subject.superseded_by);
	else if (err->code != ERR_OK)
		return false;
	return look_later(rows, verdict, err);
}

static bool newest_in(struct rows *rows, void *arg, struct err *err)
{
	struct newest_job *job = arg;
	struct scan scan = {.table = &table_verdict,
			    .index = INDEX_KEY,
			    .has_upto = job->before > 0,
			    .upto = job->before - 1,
			    .descending = true,
			    .limit = NEWEST_MAX};

	job->n = 0;
	if (!rows->ops->scan(rows->self, &scan, (struct visitor){take_verdict, job, job->arena}, err))
		return false;
	for (size_t i = 0; i < job->n; i++)
		if (!complete(rows, &job->at[i], job->arena, err))
			return false;
	return true;
}

bool store_newest_verdicts(const struct store *store, int64_t before, struct newest_verdicts *ret, struct arena *arena,
			   struct err *err)
{
	struct newest_job job = {before, arena_alloc(arena, NEWEST_MAX, sizeof *job.at), 0, arena};

	if (!store->exec.read(store->exec.self, newest_in, &job, err))
		return false;
	*ret = (struct newest_verdicts){job.at, job.n};
	return true;
}
