/*
 * Deliveries that failed, and who asks for them again.
 *
 * The journal is the truth: whatever it has came, whoever was told otherwise. The list of attempts is read newest first
 * and in pieces, so that a line is judged without those before it:
 *
 *   failed      wanted, unless the journal has the delivery; or one more attempt at what is known already
 *   answered    settled: a delivery that is known, and one whose earlier attempts may stand further down
 *
 * read_upto moves only when a list was read to its end, and stays behind the newest attempt by OVERLAP: an attempt can
 * be listed late, and out of order with its neighbours.
 */
#include "agent/store/steps.h"

#define BATCH      256
#define OVERLAP_MS 300000  /* longer than a delivery may take, and than a copy of the list lags */
#define AHEAD_MAX  7200000 /* later than any interval: a clock that went back */
#define LOOKS      64      /* deliveries found in the journal at once */
#define FORGET     1000    /* old ones, at once */

static bool hook_find(struct step *step, struct row_hook *ret)
{
	bool found;

	*ret = (struct row_hook){.id = HOOK_APP};
	return step_find(step, &table_hook, ret, &found);
}

static bool ahead(int64_t at, int64_t now, int64_t at_most)
{
	return at > now && at - now <= at_most;
}

static bool mark_true(void *context, const void *row)
{
	(void)row;
	*(bool *)context = true;
	return false;
}

static bool journal_has(struct step *step, struct text guid, bool *ret)
{
	struct row_journal key = {.guid = guid};
	struct scan scan = {.table = &table_journal,
			    .index = JOURNAL_BY_GUID,
			    .equal = &key,
			    .n_equal = 1,
			    .lean = true,
			    .limit = 1};

	*ret = false;
	return step->rows->ops->scan(step->rows->self, &scan, (struct visitor){mark_true, ret, step->arena}, step->err);
}

/* ---- when it is read ---- */

struct turn_job {
	const struct store *store;
	const struct taker *taker;
	int64_t until;
	struct hook_turn *ret;
	bool has;
};

static bool turn_in(struct rows *rows, void *arg, struct err *err)
{
	struct turn_job *job = arg;
	struct step step = {
		.rows = rows, .store = job->store, .arena = job->taker->arena, .err = err, .now = job->taker->now};
	struct row_hook hook;

	if (!hook_find(&step, &hook))
		return false;
	job->has = !ahead(hook.due_at, step.now, AHEAD_MAX);
	*job->ret = (struct hook_turn){hook.rest, hook.read_upto ? hook.read_upto : WHEN_UNKNOWN, hook.attempts,
				       hook.due_at};
	if (!job->has)
		return true;
	hook.due_at = job->until;
	return step_put(&step, &table_hook, &hook);
}

bool store_take_hook(const struct store *store, const struct taker *taker, int64_t until, struct hook_turn *ret,
		     struct err *err)
{
	struct turn_job job = {.store = store, .taker = taker, .until = until, .ret = ret};

	if (!store->exec.write(store->exec.self, turn_in, &job, err))
		return false;
	return job.has || err_set(err, ERR_GONE, "the list of deliveries is not due");
}

struct put_off_job {
	int64_t until;
	bool anew, start;
};

static bool put_off_in(struct rows *rows, void *arg, struct err *err)
{
	const struct put_off_job *job = arg;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct step step = {.rows = rows, .arena = &arena, .err = err};
	struct row_hook hook;

	if (!hook_find(&step, &hook))
		return false;
	hook.due_at = job->until;
	hook.attempts = job->start ? 0 : hook.attempts + 1;
	if (job->start)
		hook.ask_at = 0;
	if (job->anew)
		hook.rest = TEXT_EMPTY;
	return step_put(&step, &table_hook, &hook);
}

bool store_put_off_hook(const struct store *store, int64_t until, bool anew, struct err *err)
{
	struct put_off_job job = {until, anew, false};

	return store->exec.write(store->exec.self, put_off_in, &job, err);
}

bool store_hook_due(const struct store *store, struct err *err)
{
	struct put_off_job job = {0, false, true};

	return store->exec.write(store->exec.self, put_off_in, &job, err);
}

/* ---- what it says ---- */

struct seen_job {
	const struct store *store;
	const struct hook_seen *seen;
	size_t from, wanted;
};

/* Of no repository: of an organization, of the installation. */
static bool is_ours(struct step *step, const struct hook_seen *seen, const struct attempt *one, bool *ret)
{
	struct row_repo repo = {.id = one->repo};
	bool found;

	*ret = true;
	if (!seen->governed || one->repo == 0)
		return true;
	if (!step_find(step, &table_repo, &repo, &found))
		return false;
	*ret = found && repo.sweep_attempts != REPO_LEFT_OUT;
	return true;
}

static bool note_answered(struct step *step, const struct attempt *one, struct row_redelivery *row)
{
	row->event = one->event;
	row->state = REDELIVERY_SETTLED;
	if (row->attempted_at < one->attempted_at)
		row->attempted_at = one->attempted_at;
	return step_put(step, &table_redelivery, row);
}

static bool note_failed_again(struct step *step, const struct attempt *one, struct row_redelivery *row)
{
	if (row->attempted_at > one->attempted_at)
		return true;
	row->attempt = one->id;
	row->attempted_at = one->attempted_at;
	return step_put(step, &table_redelivery, row);
}

/* Asked for in the order in which they failed: the oldest are forgotten first. */
static bool note_failed(struct step *step, struct seen_job *job, const struct attempt *one)
{
	struct row_redelivery row = {.guid = one->guid,
				     .event = one->event,
				     .attempt = one->id,
				     .attempted_at = one->attempted_at,
				     .ask_at = one->attempted_at < step->now ? one->attempted_at : step->now};
	bool has, ours;

	if (!journal_has(step, one->guid, &has) || !is_ours(step, job->seen, one, &ours))
		return false;
	if (has || !ours)
		return true;
	job->wanted++;
	return step_put(step, &table_redelivery, &row);
}

static bool note(struct step *step, struct seen_job *job, const struct attempt *one)
{
	struct row_redelivery row = {.guid = one->guid};
	bool found;

	if (!step_find(step, &table_redelivery, &row, &found))
		return false;
	if (one->answered)
		return (!found && !one->again) || note_answered(step, one, &row);
	return found ? note_failed_again(step, one, &row) : note_failed(step, job, one);
}

static bool batch_in(struct rows *rows, void *arg, struct err *err)
{
	struct seen_job *job = arg;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct step step = {.rows = rows, .store = job->store, .arena = &arena, .err = err, .now = job->seen->now};
	size_t end = job->seen->n - job->from < BATCH ? job->seen->n : job->from + BATCH;

	for (size_t i = job->from; i < end; i++)
		if (!note(&step, job, &job->seen->at[i]))
			return false;
	return true;
}

struct forgetting {
	struct step *step;
	bool ok;
};

static bool forget_one(void *context, const void *row)
{
	struct forgetting *f = context;

	f->ok = f->step->rows->ops->del(f->step->rows->self, &table_redelivery, row, f->step->err);
	return f->ok;
}

static bool forget(struct step *step)
{
	struct scan scan = {.table = &table_redelivery,
			    .index = REDELIVERY_BY_AGE,
			    .has_upto = true,
			    .upto = step->now - REDELIVERY_KEPT_MS,
			    .limit = FORGET};
	struct forgetting f = {step, true};

	return step->rows->ops->scan(step->rows->self, &scan, (struct visitor){forget_one, &f, step->arena},
				     step->err) &&
	       f.ok;
}

static int64_t newest_of(const struct hook_seen *seen, int64_t newest)
{
	for (size_t i = 0; i < seen->n; i++)
		if (seen->at[i].attempted_at > newest)
			newest = seen->at[i].attempted_at;
	return newest < seen->now ? newest : seen->now; /* a time to come would hide all that fails until then */
}

static bool ended_in(struct rows *rows, void *arg, struct err *err)
{
	const struct hook_seen *seen = ((struct seen_job *)arg)->seen;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct step step = {.rows = rows, .arena = &arena, .err = err, .now = seen->now};
	struct row_hook hook;

	if (!hook_find(&step, &hook))
		return false;
	hook.due_at = seen->next_at;
	hook.attempts = 0;
	hook.newest = newest_of(seen, hook.newest);
	hook.rest = seen->rest;
	if (seen->rest.len == 0) {
		if (hook.newest - OVERLAP_MS > hook.read_upto)
			hook.read_upto = hook.newest - OVERLAP_MS;
		hook.newest = 0;
	}
	return step_put(&step, &table_hook, &hook) && forget(&step);
}

bool store_hook_seen(const struct store *store, const struct hook_seen *seen, size_t *ret, struct err *err)
{
	struct seen_job job = {.store = store, .seen = seen};

	for (; job.from < seen->n; job.from += BATCH)
		if (!store->exec.write(store->exec.self, batch_in, &job, err))
			return false;
	if (!store->exec.write(store->exec.self, ended_in, &job, err))
		return false;
	*ret = job.wanted;
	return true;
}

/* ---- who is asked for ---- */

struct ask_job {
	const struct store *store;
	const struct taker *taker;
	struct redelivery *ret;
	struct step *step;
	size_t passed; /* in this transaction */
	bool has, ok;
};

static int64_t pause_after(int64_t asked)
{
	int64_t ms = REDELIVERY_PAUSE_MS;

	for (int64_t i = 1; i < asked && ms < REDELIVERY_PAUSE_MAX_MS; i++)
		ms *= 4;
	return ms < REDELIVERY_PAUSE_MAX_MS ? ms : REDELIVERY_PAUSE_MAX_MS;
}

static bool take_it(struct ask_job *job, struct row_redelivery *row)
{
	bool given_up = row->asked >= REDELIVERY_ASKS_MAX;

	if (given_up)
		row->state = REDELIVERY_GIVEN_UP;
	else
		row->asked++;
	row->ask_at = job->step->now + pause_after(row->asked);
	*job->ret = (struct redelivery){row->guid, row->event,        row->attempt,     row->asked,
					given_up,  job->ret->arrived, job->ret->next_at};
	job->has = true;
	return step_put(job->step, &table_redelivery, row);
}

static bool consider(void *context, const void *at)
{
	struct row_redelivery row = *(const struct row_redelivery *)at;
	struct ask_job *job = context;
	bool has;

	if (ahead(row.ask_at, job->step->now, REDELIVERY_PAUSE_MAX_MS)) {
		job->ret->next_at = row.ask_at;
		return false;
	}
	job->ok = journal_has(job->step, row.guid, &has);
	if (!job->ok || !has) {
		job->ok = job->ok && take_it(job, &row);
		return false;
	}
	row.state = REDELIVERY_SETTLED;
	job->passed++;
	job->ok = step_put(job->step, &table_redelivery, &row);
	return job->ok;
}

static bool ask_in(struct rows *rows, void *arg, struct err *err)
{
	struct ask_job *job = arg;
	struct step step = {
		.rows = rows, .store = job->store, .arena = job->taker->arena, .err = err, .now = job->taker->now};
	struct row_redelivery key = {.state = REDELIVERY_WANTED};
	struct scan scan = {
		.table = &table_redelivery, .index = REDELIVERY_BY_DUE, .equal = &key, .n_equal = 1, .limit = LOOKS};
	struct row_hook hook;

	job->step = &step;
	job->has = false;
	job->ok = true;
	job->passed = 0;
	job->ret->next_at = WHEN_UNKNOWN;
	if (!hook_find(&step, &hook))
		return false;
	if (ahead(hook.ask_at, step.now, AHEAD_MAX)) {
		job->ret->next_at = hook.ask_at;
		return true;
	}
	return rows->ops->scan(rows->self, &scan, (struct visitor){consider, job, step.arena}, err) && job->ok;
}

bool store_take_redelivery(const struct store *store, const struct taker *taker, struct redelivery *ret,
			   struct err *err)
{
	struct ask_job job = {.store = store, .taker = taker, .ret = ret};

	*ret = (struct redelivery){.next_at = WHEN_UNKNOWN};
	do {
		if (!store->exec.write(store->exec.self, ask_in, &job, err))
			return false;
		ret->arrived += job.passed;
	} while (!job.has && job.passed == LOOKS);
	return job.has || err_set(err, ERR_GONE, "no delivery is to be asked for");
}

struct unasked_job {
	const struct redelivery *redelivery;
	enum unasked why;
	int64_t until;
};

static bool change_row(struct step *step, const struct unasked_job *job)
{
	struct row_redelivery row = {.guid = job->redelivery->guid};
	bool found;

	if (job->why == UNASKED_FAILED)
		return true;
	if (!step_find(step, &table_redelivery, &row, &found))
		return false;
	if (!found || row.state != REDELIVERY_WANTED)
		return true;
	if (job->why == UNASKED_FOR_EVER)
		row.state = REDELIVERY_GIVEN_UP;
	row.asked -= job->why == UNASKED_NOW && row.asked > 0;
	row.ask_at = job->until;
	return step_put(step, &table_redelivery, &row);
}

static bool unasked_in(struct rows *rows, void *arg, struct err *err)
{
	const struct unasked_job *job = arg;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct step step = {.rows = rows, .arena = &arena, .err = err};
	struct row_hook hook;

	if (!change_row(&step, job) || !hook_find(&step, &hook))
		return false;
	hook.ask_at = job->until;
	return step_put(&step, &table_hook, &hook);
}

bool store_unasked(const struct store *store, const struct redelivery *redelivery, enum unasked why, int64_t until,
		   struct err *err)
{
	struct unasked_job job = {redelivery, why, until};

	return store->exec.write(store->exec.self, unasked_in, &job, err);
}
