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
	enum bug_due due;
	size_t max, n;
	struct bug_news *at;
	struct arena *arena;
};

static bool take_one(void *context, const void *row)
{
	const struct row_bug_news *news = row;
	struct take_job *job = context;

	job->at[job->n++] = (struct bug_news){news->bug, news->heard_at, (enum bug_said)news->said, news->said_of};
	return job->n < job->max;
}

static bool take_in(struct rows *rows, void *arg, struct err *err)
{
	struct take_job *job = arg;
	struct row_bug_news key = {.tracker = job->tracker, .due = job->due};
	struct scan scan = {
		.table = &table_bug_news, .index = BUG_NEWS_BY_DUE, .equal = &key, .n_equal = 2, .limit = job->max};

	job->n = 0;
	return rows->ops->scan(rows->self, &scan, (struct visitor){take_one, job, job->arena}, err);
}

static bool list_due(const struct store *store, struct take_job *job, struct bug_news_list *ret, struct err *err)
{
	assert(job->max > 0);
	job->at = arena_alloc(job->arena, job->max, sizeof *job->at);
	if (!store->exec.read(store->exec.self, take_in, job, err))
		return false;
	*ret = (struct bug_news_list){job->at, job->n};
	return true;
}

bool store_due_bugs(const struct store *store, struct text tracker, size_t max, struct arena *arena,
		    struct bug_news_list *ret, struct err *err)
{
	struct take_job job = {.tracker = tracker, .due = BUG_DUE_READ, .max = max, .arena = arena};

	return list_due(store, &job, ret, err);
}

bool store_said_bugs(const struct store *store, struct text tracker, size_t max, struct arena *arena,
		     struct bug_news_list *ret, struct err *err)
{
	struct take_job job = {.tracker = tracker, .due = BUG_DUE_SAID, .max = max, .arena = arena};

	return list_due(store, &job, ret, err);
}

struct said_job {
	const struct store *store;
	const struct bugs_taken *in;
	bool *ret_subjects;
};

static bool take_said_one(struct step *step, const struct bugs_taken *in, const struct bug_news *news)
{
	struct row_bug_news row = {.tracker = in->tracker, .bug = news->id};
	bool found;

	if (!step_find(step, &table_bug_news, &row, &found))
		return false;
	if (!found || row.due != BUG_DUE_SAID || row.said != (int64_t)news->said || row.said_of != news->said_of)
		return true;
	return bugs_took(step, &row, in->settles);
}

static bool take_said_in(struct rows *rows, void *arg, struct err *err)
{
	struct said_job *job = arg;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct step step = {.rows = rows, .store = job->store, .arena = &arena, .err = err, .now = job->in->now};

	for (size_t i = 0; i < job->in->list.n; i++)
		if (!take_said_one(&step, job->in, &job->in->list.at[i]))
			return false;
	*job->ret_subjects = step.subjects || step.slots;
	return true;
}

bool store_take_said(const struct store *store, const struct bugs_taken *in, bool *ret_subjects, struct err *err)
{
	struct said_job job = {store, in, ret_subjects};

	*ret_subjects = false;
	return store->exec.write(store->exec.self, take_said_in, &job, err);
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
	if (row.heard_at != news->heard_at || row.due != BUG_DUE_READ)
		return true;
	row.due = BUG_DUE_NOT;
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
		job->due = row.due != BUG_DUE_NOT;
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
