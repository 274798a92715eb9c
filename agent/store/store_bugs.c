/*
 * What the workers that read trackers take from the store: bugs of which something was told (bugs.h).
 */
#include "agent/store/store_bugs.h"

#include <assert.h>

#include "agent/store/bugs.h"

struct tell_job {
	const struct store *store;
	const struct bugs_told *in;
	bool *ret_subjects;
};

static bool tell_in(struct rows *rows, void *arg, struct err *err)
{
	struct tell_job *job = arg;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct step step = {.rows = rows, .store = job->store, .arena = &arena, .err = err, .now = job->in->now};

	for (size_t i = 0; i < job->in->n; i++) {
		const struct bug_told told = {.bug = {job->in->tracker, job->in->ids[i], false}, .read = job->in->read};

		if (!bugs_tell(&step, &told))
			return false;
	}
	*job->ret_subjects = step.subjects || step.slots;
	return true;
}

bool store_tell_bugs(const struct store *store, const struct bugs_told *in, bool *ret_subjects, struct err *err)
{
	struct tell_job job = {store, in, ret_subjects};

	*ret_subjects = false;
	return store->exec.write(store->exec.self, tell_in, &job, err);
}

struct take_job {
	struct text tracker;
	size_t max, n;
	struct bug_news *at;
	struct arena *arena;
};

static bool take_one(void *context, const void *row)
{
	const struct row_bug_news *news = row;
	struct take_job *job = context;

	job->at[job->n++] = (struct bug_news){news->bug, news->heard_at};
	return job->n < job->max;
}

static bool take_in(struct rows *rows, void *arg, struct err *err)
{
	struct take_job *job = arg;
	struct row_bug_news key = {.tracker = job->tracker, .due = 1};
	struct scan scan = {
		.table = &table_bug_news, .index = BUG_NEWS_BY_DUE, .equal = &key, .n_equal = 2, .limit = job->max};

	job->n = 0;
	return rows->ops->scan(rows->self, &scan, (struct visitor){take_one, job, job->arena}, err);
}

bool store_due_bugs(const struct store *store, struct text tracker, size_t max, struct arena *arena,
		    struct bug_news_list *ret, struct err *err)
{
	struct take_job job = {tracker, max, 0, arena_alloc(arena, max, sizeof(struct bug_news)), arena};

	assert(max > 0);
	if (!store->exec.read(store->exec.self, take_in, &job, err))
		return false;
	*ret = (struct bug_news_list){job.at, job.n};
	return true;
}

struct read_job {
	struct text tracker;
	const struct bug_news_list *in;
};

/* Not where more was told since: that is still to be read. */
static bool settle(struct rows *rows, struct text tracker, const struct bug_news *news, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct row_bug_news row = {.tracker = tracker, .bug = news->id};

	if (!rows->ops->get(rows->self, &table_bug_news, &row, &arena, err)) {
		if (err->code != ERR_GONE)
			return false;
		*err = ERR_NONE;
		return true;
	}
	if (row.heard_at != news->heard_at)
		return true;
	row.due = 0;
	return rows->ops->put(rows->self, &table_bug_news, &row, err);
}

static bool read_in(struct rows *rows, void *arg, struct err *err)
{
	struct read_job *job = arg;

	for (size_t i = 0; i < job->in->n; i++)
		if (!settle(rows, job->tracker, &job->in->at[i], err))
			return false;
	return true;
}

bool store_read_bugs(const struct store *store, struct text tracker, const struct bug_news_list *in, struct err *err)
{
	struct read_job job = {tracker, in};

	return store->exec.write(store->exec.self, read_in, &job, err);
}

struct linked_job {
	struct text tracker;
	const int64_t *ids;
	size_t n;
	bool *ret;
};

static bool found_one(void *context, const void *row)
{
	(void)row;
	*(bool *)context = true;
	return false;
}

static bool linked_in(struct rows *rows, void *arg, struct err *err)
{
	struct linked_job *job = arg;
	auto_arena struct arena arena = ARENA_EMPTY;

	for (size_t i = 0; i < job->n; i++) {
		struct row_bug_link key = {.tracker = job->tracker, .bug = job->ids[i]};
		struct scan scan = {
			.table = &table_bug_link, .index = INDEX_KEY, .equal = &key, .n_equal = 2, .limit = 1};

		job->ret[i] = false;
		if (!rows->ops->scan(rows->self, &scan, (struct visitor){found_one, &job->ret[i], &arena}, err))
			return false;
	}
	return true;
}

bool store_linked_bugs(const struct store *store, struct text tracker, const int64_t *ids, size_t n, bool *ret,
		       struct err *err)
{
	struct linked_job job = {tracker, ids, n, ret};

	return store->exec.read(store->exec.self, linked_in, &job, err);
}

struct due_job {
	const struct bug_ref *bug;
	bool due;
};

static bool due_in(struct rows *rows, void *arg, struct err *err)
{
	struct due_job *job = arg;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct row_bug_news row = {.tracker = job->bug->tracker, .bug = job->bug->id};

	if (rows->ops->get(rows->self, &table_bug_news, &row, &arena, err)) {
		job->due = row.due != 0;
		return true;
	}
	if (err->code != ERR_GONE)
		return false;
	*err = ERR_NONE;
	return true;
}

bool store_bug_is_due(const struct store *store, const struct bug_ref *bug, bool *ret, struct err *err)
{
	struct due_job job = {bug, false};

	*ret = true;
	if (!store->exec.read(store->exec.self, due_in, &job, err))
		return false;
	*ret = job.due;
	return true;
}
