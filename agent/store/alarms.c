/*
 * Alarms: what an operator has to know of. One row for a commit and kind, raised again by a newer status or check run;
 * at most ALARMS_MAX rows: the oldest that nobody needs any more makes room, and where there is none the red light is
 * on already.
 */
#include "agent/store/forged.h"

#define ALARMS_MAX 1000

static bool take_alarm(void *context, const void *row)
{
	*(struct row_alarm *)context = *(const struct row_alarm *)row;
	return false;
}

static bool first_alarm(struct step *step, const struct scan *scan, struct row_alarm *ret)
{
	*ret = (struct row_alarm){.id = 0};
	return step->rows->ops->scan(step->rows->self, scan, (struct visitor){take_alarm, ret, step->arena}, step->err);
}

/* ---- raising ---- */

static bool take_droppable(void *context, const void *row)
{
	const struct row_alarm *alarm = row;

	if (alarm->kind == ALARM_STOLEN_KEY && alarm->acknowledged_at == 0)
		return true;
	return take_alarm(context, row);
}

static bool make_room(struct step *step, bool *ret)
{
	struct scan scan = {.table = &table_alarm, .index = INDEX_KEY, .limit = ALARMS_MAX};
	struct row_alarm oldest = {.id = 0};
	int64_t n;

	if (!step->rows->ops->count(step->rows->self, &scan, &n, step->err))
		return false;
	*ret = n < ALARMS_MAX;
	if (*ret)
		return true;
	if (!step->rows->ops->scan(step->rows->self, &scan, (struct visitor){take_droppable, &oldest, step->arena},
				   step->err))
		return false;
	*ret = oldest.id != 0;
	return !*ret || step->rows->ops->del(step->rows->self, &table_alarm, &oldest, step->err);
}

static bool add_alarm(struct step *step, struct row_alarm *row)
{
	bool room;

	if (!make_room(step, &room))
		return false;
	return !room || step->rows->ops->add(step->rows->self, &table_alarm, row, step->err);
}

bool alarm_raise(struct step *step, const struct alarm_news *news, bool *ret_news)
{
	struct row_alarm key = {.repo = news->repo, .sha = news->sha, .kind = news->kind}, row;
	struct scan scan = {.table = &table_alarm, .index = ALARM_BY_SUBJECT, .equal = &key, .n_equal = 3, .limit = 1};
	bool is_news;

	if (!first_alarm(step, &scan, &row))
		return false;
	is_news = row.id == 0 || row.forge_id < news->forge_id;
	if (ret_news)
		*ret_news = is_news;
	if (!is_news)
		return true;
	if (row.id == 0)
		row = key;
	row.who = news->who;
	row.who_id = news->who_id;
	row.forge_id = news->forge_id;
	row.at = step->now;
	row.first_at = row.first_at ? row.first_at : step->now;
	row.times++;
	row.acknowledged_at = 0;
	row.unsaid = 1;
	step->alarms = true;
	return row.id == 0 ? add_alarm(step, &row) : step_put(step, &table_alarm, &row);
}

struct alarm_job {
	const struct store *store;
	const struct alarm_news *news;
	const struct taker *taker;
	struct row_alarm *ret;
	int64_t id, now;
	bool found;
};

static bool raise_in(struct rows *rows, void *arg, struct err *err)
{
	struct alarm_job *job = arg;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct step step = {.rows = rows, .store = job->store, .arena = &arena, .err = err, .now = job->now};

	return alarm_raise(&step, job->news, &job->found);
}

bool store_alarm(const struct store *store, const struct alarm_news *news, int64_t now, struct err *err)
{
	struct alarm_job job = {.store = store, .news = news, .now = now};

	return store->exec.write(store->exec.self, raise_in, &job, err);
}

/* ---- telling ---- */

static struct scan unsaid(const struct row_alarm *key)
{
	return (struct scan){.table = &table_alarm, .index = ALARM_BY_UNSAID, .equal = key, .n_equal = 1, .limit = 1};
}

static bool look_in(struct rows *rows, void *arg, struct err *err)
{
	struct alarm_job *job = arg;
	struct step step = {.rows = rows, .arena = job->taker->arena, .err = err};
	struct row_alarm key = {.unsaid = 1};
	struct scan scan = unsaid(&key);

	if (!first_alarm(&step, &scan, job->ret))
		return false;
	job->found = job->ret->id != 0;
	return true;
}

static bool say_in(struct rows *rows, void *arg, struct err *err)
{
	struct alarm_job *job = arg;
	struct step step = {.rows = rows, .arena = job->taker->arena, .err = err};
	struct row_alarm said;

	if (!look_in(rows, arg, err) || !job->found)
		return err->code == ERR_OK;
	said = *job->ret;
	said.unsaid = 0;
	said.said = said.times;
	return step_put(&step, &table_alarm, &said);
}

bool store_take_alarm(const struct store *store, const struct taker *taker, struct row_alarm *ret, struct err *err)
{
	struct alarm_job job = {.store = store, .taker = taker, .ret = ret};

	if (!store->exec.read(store->exec.self, look_in, &job, err) ||
	    (job.found && !store->exec.write(store->exec.self, say_in, &job, err)))
		return false;
	return job.found || err_set(err, ERR_GONE, "no alarm is to be told");
}

/* ---- showing, acknowledging ---- */

struct alarm_list {
	struct row_alarm *at;
	size_t n;
};

static bool keep_alarm(void *context, const void *row)
{
	struct alarm_list *list = context;

	list->at[list->n++] = *(const struct row_alarm *)row;
	return true;
}

struct list_job {
	struct alarms *ret;
	struct arena *arena;
};

static bool list_in(struct rows *rows, void *arg, struct err *err)
{
	struct list_job *job = arg;
	struct scan scan = {.table = &table_alarm, .index = INDEX_KEY, .descending = true, .limit = ALARMS_MAX};
	struct alarm_list list = {arena_alloc(job->arena, ALARMS_MAX, sizeof *list.at), 0};

	if (!rows->ops->scan(rows->self, &scan, (struct visitor){keep_alarm, &list, job->arena}, err))
		return false;
	*job->ret = (struct alarms){list.at, list.n};
	return true;
}

bool store_alarms(const struct store *store, struct alarms *ret, struct arena *arena, struct err *err)
{
	struct list_job job = {ret, arena};

	return store->exec.read(store->exec.self, list_in, &job, err);
}

static bool acknowledge_in(struct rows *rows, void *arg, struct err *err)
{
	struct alarm_job *job = arg;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct step step = {.rows = rows, .arena = &arena, .err = err};
	struct row_alarm row = {.id = job->id};

	if (!step_find(&step, &table_alarm, &row, &job->found) || !job->found)
		return err->code == ERR_OK;
	if (row.acknowledged_at == 0)
		row.acknowledged_at = job->now;
	return step_put(&step, &table_alarm, &row);
}

bool store_acknowledge_alarm(const struct store *store, int64_t id, int64_t now, struct err *err)
{
	struct alarm_job job = {.store = store, .id = id, .now = now};

	if (!store->exec.write(store->exec.self, acknowledge_in, &job, err))
		return false;
	return job.found || err_set(err, ERR_GONE, "there is no alarm %lld", (long long)id);
}
