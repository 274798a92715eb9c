#include "agent/store/store_owed.h"

#define LOOK 1000 /* from the oldest on; more than so many are left out only where a large repository was */

struct owed_job {
	struct owed *ret;
	struct rows *rows;
	struct arena *arena;
	struct err *err;
	int64_t left_out; /* the repository last found to be; 0: none yet */
	bool ok;
};

static bool is_left_out(struct owed_job *job, int64_t id, bool *ret)
{
	struct row_repo repo = {.id = id};

	*ret = job->left_out == id && id != 0;
	if (*ret)
		return true;
	if (!job->rows->ops->get(job->rows->self, &table_repo, &repo, job->arena, job->err)) {
		if (job->err->code != ERR_GONE)
			return false;
		*job->err = ERR_NONE;
		return true;
	}
	*ret = repo.sweep_attempts == REPO_LEFT_OUT;
	if (*ret)
		job->left_out = id;
	return true;
}

static bool take_oldest(void *context, const void *row)
{
	const struct row_slot *slot = row;
	struct owed_job *job = context;
	bool left_out;

	job->ok = is_left_out(job, slot->repo, &left_out);
	if (!job->ok || left_out)
		return job->ok;
	*job->ret = (struct owed){slot->owed_since, slot->refused != 0};
	return false;
}

static bool owed_in(struct rows *rows, void *arg, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct owed_job job = {.ret = arg, .rows = rows, .arena = &arena, .err = err, .ok = true};
	struct scan scan = {.table = &table_slot,
			    .index = SLOT_BY_OWED,
			    .has_from = true,
			    .has_upto = true,
			    .from = 1,
			    .upto = INT64_MAX,
			    .lean = true,
			    .limit = LOOK};

	*job.ret = (struct owed){.since = WHEN_UNKNOWN};
	return rows->ops->scan(rows->self, &scan, (struct visitor){take_oldest, &job, &arena}, err) && job.ok;
}

bool store_owed(const struct store *store, struct owed *ret, struct err *err)
{
	return store->exec.read(store->exec.self, owed_in, ret, err);
}
