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
		const struct bug_told told = {.bug = {job->in->tracker, job->in->ids[i], false},
					      .read_at = job->in->read_at,
					      .spares = job->in->spares};

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
	const struct bug_due_query *in;
	struct arena *arena;
	struct bug_news *at;
	size_t n, room;
};

static bool take_one(void *context, const void *row)
{
	const struct row_bug_news *news = row;
	struct take_job *job = context;

	job->at = arena_room(job->arena, job->at, job->n, &job->room, sizeof *job->at);
	job->at[job->n++] = (struct bug_news){news->bug, news->heard_at, (enum bug_said)news->said, news->said_of};
	return job->n < job->in->max;
}

static bool take_in(struct rows *rows, void *arg, struct err *err)
{
	struct take_job *job = arg;
	struct row_bug_news key = {.tracker = job->in->tracker, .due = job->in->due};
	struct scan scan = {
		.table = &table_bug_news, .index = BUG_NEWS_BY_DUE, .equal = &key, .n_equal = 2, .limit = job->in->max};

	job->n = 0;
	return rows->ops->scan(rows->self, &scan, (struct visitor){take_one, job, job->arena}, err);
}

bool store_due_bugs(const struct store *store, const struct bug_due_query *in, struct arena *arena,
		    struct bug_news_list *ret, struct err *err)
{
	struct take_job job = {.in = in, .arena = arena};

	assert(in->max > 0);
	if (!store->exec.read(store->exec.self, take_in, &job, err))
		return false;
	*ret = (struct bug_news_list){job.at, job.n};
	return true;
}

/* ---- what is told no more ---- */

static bool find_news(struct rows *rows, struct row_bug_news *row, struct arena *arena, bool *ret, struct err *err)
{
	*ret = rows->ops->get(rows->self, &table_bug_news, row, arena, err);
	if (*ret)
		return true;
	if (err->code != ERR_GONE)
		return false;
	*err = ERR_NONE;
	return true;
}

struct mark_job {
	struct text tracker;
	enum bug_due due;
	const struct bug_news_list *in;
};

/* Not where more was told since: that is still to be read. */
static bool mark(struct rows *rows, const struct mark_job *job, const struct bug_news *news, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct row_bug_news row = {.tracker = job->tracker, .bug = news->id};
	bool found;

	if (!find_news(rows, &row, &arena, &found, err))
		return false;
	if (!found || row.heard_at != news->heard_at)
		return true;
	row.due = job->due;
	return rows->ops->put(rows->self, &table_bug_news, &row, err);
}

static bool mark_in(struct rows *rows, void *arg, struct err *err)
{
	const struct mark_job *job = arg;

	for (size_t i = 0; i < job->in->n; i++)
		if (!mark(rows, job, &job->in->at[i], err))
			return false;
	return true;
}

bool store_mark_bugs(const struct store *store, struct text tracker, enum bug_due due, const struct bug_news_list *in,
		     struct err *err)
{
	struct mark_job job = {tracker, due, in};

	return store->exec.write(store->exec.self, mark_in, &job, err);
}

struct seen_job {
	const struct bugs_seen *in;
	bool settles; /* else it only looks */
	bool any;
};

static bool settle(struct rows *rows, struct seen_job *job, int64_t id, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct row_bug_news row = {.tracker = job->in->tracker, .bug = id};
	bool found;

	if (!find_news(rows, &row, &arena, &found, err))
		return false;
	if (!found || row.due != BUG_PUT_OFF || row.heard_at >= job->in->heard_before)
		return true;
	job->any = true;
	row.due = BUG_SETTLED;
	return !job->settles || rows->ops->put(rows->self, &table_bug_news, &row, err);
}

static bool seen_in(struct rows *rows, void *arg, struct err *err)
{
	struct seen_job *job = arg;

	for (size_t i = 0; i < job->in->n; i++)
		if (!settle(rows, job, job->in->ids[i], err))
			return false;
	return true;
}

bool store_seen_bugs(const struct store *store, const struct bugs_seen *in, struct err *err)
{
	struct seen_job looks = {in, false, false}, settles = {in, true, false};

	if (!store->exec.read(store->exec.self, seen_in, &looks, err))
		return false;
	return !looks.any || store->exec.write(store->exec.self, seen_in, &settles, err);
}

/* ---- what a connector said ---- */

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
	if (!found || row.due != BUG_SAID || row.said != (int64_t)news->said || row.said_of != news->said_of)
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

/* ---- what verdicts asked about ---- */

struct linked_job {
	const struct bugs_linked *in;
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

	for (size_t i = 0; i < job->in->n; i++) {
		struct row_bug_link key = {.tracker = job->in->tracker, .bug = job->in->ids[i]};
		struct scan scan = {
			.table = &table_bug_link, .index = INDEX_KEY, .equal = &key, .n_equal = 2, .limit = 1};

		job->ret[i] = false;
		if (!rows->ops->scan(rows->self, &scan, (struct visitor){found_one, &job->ret[i], &arena}, err))
			return false;
	}
	return true;
}

bool store_linked_bugs(const struct store *store, const struct bugs_linked *in, bool *ret, struct err *err)
{
	struct linked_job job = {in, ret};

	return store->exec.read(store->exec.self, linked_in, &job, err);
}

struct asked_job {
	const struct bug_ref *after;
	struct bugs_asked *ret;
	struct arena *arena;
	int64_t next; /* from this bug on */
	size_t rows;  /* of the newest scan */
};

static bool asked_one(void *context, const void *row)
{
	const struct row_bug_link *link = row;
	struct asked_job *job = context;

	job->rows++;
	if (link->bug < job->next)
		return true;
	job->ret->ids[job->ret->n++] = link->bug;
	job->next = link->bug + 1;
	return job->ret->n < job->ret->max;
}

/* A scan reads as many rows as it may before it shows one, and a bug has a row for each commit. */
static bool asked_in(struct rows *rows, void *arg, struct err *err)
{
	struct asked_job *job = arg;
	struct row_bug_link key = {.tracker = job->after->tracker};
	struct scan scan = {.table = &table_bug_link,
			    .index = INDEX_KEY,
			    .equal = &key,
			    .n_equal = 1,
			    .has_from = true,
			    .limit = job->ret->max};

	job->ret->n = 0;
	job->next = job->after->id + 1;
	do {
		scan.from = job->next;
		job->rows = 0;
		if (!rows->ops->scan(rows->self, &scan, (struct visitor){asked_one, job, job->arena}, err))
			return false;
	} while (job->rows == scan.limit && job->ret->n < job->ret->max);
	return true;
}

bool store_asked_bugs(const struct store *store, const struct bug_ref *after, struct bugs_asked *ret, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct bugs_asked asked = *ret;
	struct asked_job job = {.after = after, .ret = &asked, .arena = &arena};

	assert(asked.max > 0);
	if (!store->exec.read(store->exec.self, asked_in, &job, err))
		return false;
	ret->n = asked.n;
	return true;
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
	bool found;

	if (!find_news(rows, &row, &arena, &found, err))
		return false;
	job->due = found && row.due != BUG_SETTLED;
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
