/*
 * The sweep's half in the store: which repository is due, and what becomes of a read of its open changes.
 *
 *   batches of BATCH changes:  the index and floors learn all of them, then each that is news acts as its events would
 *                              have (apply_listed.c); its head is asked to be judged again and looked at
 *   then, once:                what is gone is closed; heads that are open by the index and not in the list, and
 * commits that may have success and head no open change: judged again; the repository is due at next_at
 *
 * A crash in between loses nothing: each batch is whole in itself, and the repository is still due.
 */
#include "agent/store/apply.h"

#include <stdlib.h>

#define BATCH           256
#define APPLY_FIRST_MAX 2000
#define OPEN_MAX        10000
#define WATCHED_MAX     100000  /* slots of one repository that may have success */
#define AHEAD_MAX       7200000 /* later than any interval: a clock that went back */

struct sweep_job {
	const struct store *store;
	const struct sweep_seen *seen;
	struct swept *ret;
	struct oid *heads; /* of the open ones, sorted */
	size_t n_heads;
	size_t from;    /* the batch: changes from here on */
	int64_t now;    /* of this transaction */
	bool unapplied; /* the journal was applied in part, and nothing else was done */
};

static int by_hex(const void *a, const void *b)
{
	return strcmp(((const struct oid *)a)->hex, ((const struct oid *)b)->hex);
}

static bool is_head(const struct sweep_job *job, const struct oid *sha)
{
	return job->n_heads > 0 && bsearch(sha, job->heads, job->n_heads, sizeof *job->heads, by_hex);
}

/* Only where there is a slot: what was never to be posted has nothing to be compared with. */
static bool ask_look(struct step *step, int64_t repo, const struct oid *sha)
{
	struct slots slots;

	if (!slots_of(step, repo, sha, &slots))
		return false;
	for (size_t i = 0; i < slots.n; i++) {
		slots.at[i].look = 1;
		if (!slot_settle(step, &slots.at[i]))
			return false;
	}
	return true;
}

/* ---- one batch ---- */

static struct event event_of(const struct sweep_job *job, size_t i)
{
	const struct sweep *sweep = job->seen->sweep;

	return (struct event){
		.kind = EVENT_CHANGE,
		.repo = sweep->repo,
		.repo_name = sweep->repo_name,
		.installation = sweep->installation,
		.change = job->seen->changes[job->from + i],
	};
}

static bool act(struct step *step, struct sweep_job *job, struct applying *a, const struct listed *listed)
{
	const struct event_change *change = &a->event->change;

	job->ret->moved += listed->news && (listed->was.number == 0 || !oid_eq(&listed->was.head, &change->head) ||
					    listed->was.open != (int64_t)change->open);
	if (!listed_act(a, listed))
		return false;
	if (change->open != TRI_YES)
		return true;
	return subject_want_again(step, a->event->repo, &change->head) && ask_look(step, a->event->repo, &change->head);
}

static void finish(struct sweep_job *job, const struct step *step)
{
	job->ret->subjects = job->ret->subjects || step->subjects;
	job->ret->slots = job->ret->slots || step->slots;
}

static bool batch_in(struct rows *rows, void *arg, struct err *err)
{
	struct sweep_job *job = arg;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct step step = {.rows = rows, .store = job->store, .arena = &arena, .err = err, .now = job->now};
	size_t left = job->seen->n - job->from, n = left < BATCH ? left : BATCH;
	struct event *events = arena_alloc(&arena, n, sizeof *events);
	struct listed *listed = arena_alloc(&arena, n, sizeof *listed);

	if (!apply_repo(&step, job->seen->sweep->repo, APPLY_FIRST_MAX, &job->unapplied))
		return false;
	finish(job, &step);
	if (job->unapplied)
		return true;
	for (size_t i = 0; i < n; i++) {
		struct applying a = {&step, &events[i], TEXT_EMPTY, true};

		events[i] = event_of(job, i);
		if (!listed_keep(&a, &listed[i]))
			return false;
	}
	for (size_t i = 0; i < n; i++) {
		struct applying a = {&step, &events[i], TEXT_EMPTY, listed[i].news};

		if (!act(&step, job, &a, &listed[i]))
			return false;
	}
	finish(job, &step);
	return true;
}

/* ---- what is left ---- */

/* After what the journal still holds, which may know better. */
static bool close_gone(struct step *step, struct sweep_job *job)
{
	const struct sweep_seen *seen = job->seen;

	job->unapplied = false;
	if (seen->n_gone > 0 && !apply_repo(step, seen->sweep->repo, APPLY_FIRST_MAX, &job->unapplied))
		return false;
	for (size_t i = 0; i < seen->n_gone && !job->unapplied; i++) {
		struct event event = {.kind = EVENT_CHANGE,
				      .repo = seen->sweep->repo,
				      .repo_name = seen->sweep->repo_name,
				      .installation = seen->sweep->installation,
				      .change = {.number = seen->gone[i], .open = TRI_NO}};
		struct applying a = {step, &event, TEXT_EMPTY, true};
		bool closed;

		if (!listed_gone(&a, seen->began, &closed))
			return false;
		job->ret->moved += closed;
	}
	return true;
}

struct leaving {
	struct step *step;
	struct sweep_job *job;
	bool ok;
};

static bool unlisted(void *context, const void *row)
{
	struct leaving *l = context;
	const struct row_change *change = row;

	if (oid_known(&change->head) && !is_head(l->job, &change->head))
		l->ok = subject_want_again(l->step, change->repo, &change->head);
	return l->ok;
}

static bool watched(void *context, const void *row)
{
	struct leaving *l = context;
	struct row_slot slot = *(const struct row_slot *)row;
	bool landed;

	if (is_head(l->job, &slot.sha))
		return true;
	l->ok = commit_landed(l->step, slot.repo, &slot.sha, &landed);
	if (!l->ok || landed) {
		l->ok = l->ok && slot_settle(l->step, &slot);
		return l->ok;
	}
	l->job->ret->left++;
	slot.look = 1;
	l->ok = subject_want_again(l->step, slot.repo, &slot.sha) && slot_settle(l->step, &slot);
	return l->ok;
}

static bool walk(struct step *step, struct sweep_job *job, const struct scan *scan, rows_visit *visit)
{
	struct leaving l = {step, job, true};

	return step->rows->ops->scan(step->rows->self, scan, (struct visitor){visit, &l, step->arena}, step->err) &&
	       l.ok;
}

static bool reschedule(struct step *step, int64_t repo, int64_t at, bool failed)
{
	struct row_repo row = {.id = repo};
	bool found;

	if (!step_find(step, &table_repo, &row, &found) || !found)
		return found || step->err->code == ERR_OK;
	row.sweep_at = at;
	row.sweep_attempts = failed ? row.sweep_attempts + 1 : 0;
	return step_put(step, &table_repo, &row);
}

static bool rest_in(struct rows *rows, void *arg, struct err *err)
{
	struct sweep_job *job = arg;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct step step = {.rows = rows, .store = job->store, .arena = &arena, .err = err, .now = job->now};
	int64_t repo = job->seen->sweep->repo;
	struct row_change open = {.repo = repo, .open = TRI_YES};
	struct row_slot may = {.repo = repo, .watched = 1};
	struct scan changes = {
		.table = &table_change, .index = CHANGE_BY_OPEN, .equal = &open, .n_equal = 2, .limit = OPEN_MAX};
	struct scan slots = {
		.table = &table_slot, .index = SLOT_BY_WATCHED, .equal = &may, .n_equal = 2, .limit = WATCHED_MAX};

	if (!close_gone(&step, job))
		return false;
	finish(job, &step);
	if (job->unapplied)
		return true;
	if (!walk(&step, job, &changes, unlisted) || !walk(&step, job, &slots, watched) ||
	    !reschedule(&step, repo, job->seen->next_at, false))
		return false;
	finish(job, &step);
	return true;
}

static void sort_heads(struct sweep_job *job, struct arena *arena)
{
	const struct sweep_seen *seen = job->seen;

	job->heads = arena_alloc(arena, seen->n + 1, sizeof *job->heads);
	for (size_t i = 0; i < seen->n; i++)
		if (seen->changes[i].open == TRI_YES)
			job->heads[job->n_heads++] = seen->changes[i].head;
	qsort(job->heads, job->n_heads, sizeof *job->heads, by_hex);
}

/* Once what the journal holds is applied, however many transactions that takes. Each asks for the time: a delivery that
 * came while others were applied is not heard of before it came, or copies that lag might be believed too early. */
static bool applied_first(const struct store *store, store_job *in, struct sweep_job *job, struct err *err)
{
	const struct clock_port *clock = &job->seen->clock;

	do {
		job->now = clock->wall(clock->self);
		if (!store->exec.write(store->exec.self, in, job, err))
			return false;
	} while (job->unapplied);
	return true;
}

bool store_sweep(const struct store *store, const struct sweep_seen *seen, struct swept *ret, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct sweep_job job = {.store = store, .seen = seen, .ret = ret};

	*ret = (struct swept){.moved = 0};
	sort_heads(&job, &arena);
	for (; job.from < seen->n; job.from += BATCH)
		if (!applied_first(store, batch_in, &job, err))
			return false;
	return applied_first(store, rest_in, &job, err);
}

/* ---- who is due ---- */

struct due_job {
	const struct store *store;
	const struct taker *taker;
	int64_t until;
	struct sweep *ret;
	int64_t *next_at;
	struct row_repo repo;
	bool has;
};

static bool first_repo(void *context, const void *row)
{
	struct due_job *job = context;

	job->repo = *(const struct row_repo *)row;
	job->has = true;
	return false;
}

struct open_numbers {
	struct arena *arena;
	int64_t *at;
	size_t n, room;
};

static bool take_number(void *context, const void *row)
{
	struct open_numbers *numbers = context;

	numbers->at = arena_room(numbers->arena, numbers->at, numbers->n, &numbers->room, sizeof *numbers->at);
	numbers->at[numbers->n++] = ((const struct row_change *)row)->number;
	return true;
}

static bool fill_sweep(struct step *step, const struct row_repo *repo, struct sweep *ret)
{
	struct row_change key = {.repo = repo->id, .open = TRI_YES};
	struct scan scan = {
		.table = &table_change, .index = CHANGE_BY_OPEN, .equal = &key, .n_equal = 2, .limit = OPEN_MAX};
	struct open_numbers numbers = {.arena = step->arena};

	if (!step->rows->ops->scan(step->rows->self, &scan, (struct visitor){take_number, &numbers, step->arena},
				   step->err))
		return false;
	*ret = (struct sweep){.repo = repo->id,
			      .repo_name = repo->name,
			      .installation = repo->installation,
			      .attempts = repo->sweep_attempts,
			      .left_out = repo->sweep_attempts == REPO_LEFT_OUT,
			      .open = numbers.at,
			      .n_open = numbers.n};
	return name_doubt(step, repo->id, &ret->name_doubt);
}

static bool due_in(struct rows *rows, void *arg, struct err *err)
{
	struct due_job *job = arg;
	struct step step = {
		.rows = rows, .store = job->store, .arena = job->taker->arena, .err = err, .now = job->taker->now};
	struct scan scan = {.table = &table_repo, .index = REPO_BY_SWEEP, .limit = 1};
	bool first;

	*job->next_at = WHEN_UNKNOWN;
	job->has = false;
	if (!rows->ops->scan(rows->self, &scan, (struct visitor){first_repo, job, step.arena}, err) || !job->has)
		return err->code == ERR_OK;
	if (job->repo.sweep_at > step.now && job->repo.sweep_at - step.now <= AHEAD_MAX) {
		*job->next_at = job->repo.sweep_at;
		job->has = false;
		return true;
	}
	first = job->repo.sweep_at == 0;
	job->repo.sweep_at = job->until;
	if (!step_put(&step, &table_repo, &job->repo) || !fill_sweep(&step, &job->repo, job->ret))
		return false;
	job->ret->first = first;
	return true;
}

bool store_take_sweep(const struct store *store, const struct taker *taker, int64_t until, struct sweep *ret,
		      int64_t *next_at, struct err *err)
{
	struct due_job job = {.store = store, .taker = taker, .until = until, .ret = ret, .next_at = next_at};

	if (!store->exec.write(store->exec.self, due_in, &job, err))
		return false;
	return job.has || err_set(err, ERR_GONE, "no repository is due for a sweep");
}

struct put_off_job {
	const struct store *store;
	const struct sweep *sweep;
	int64_t until;
};

static bool put_off_in(struct rows *rows, void *arg, struct err *err)
{
	struct put_off_job *job = arg;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct step step = {.rows = rows, .store = job->store, .arena = &arena, .err = err};

	return reschedule(&step, job->sweep->repo, job->until, true);
}

bool store_put_off_sweep(const struct store *store, const struct sweep *sweep, int64_t until, struct err *err)
{
	struct put_off_job job = {store, sweep, until};

	return store->exec.write(store->exec.self, put_off_in, &job, err);
}

static bool leave_out_in(struct rows *rows, void *arg, struct err *err)
{
	struct put_off_job *job = arg;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct step step = {.rows = rows, .store = job->store, .arena = &arena, .err = err};
	struct row_repo row = {.id = job->sweep->repo};
	bool found;

	if (!step_find(&step, &table_repo, &row, &found) || !found)
		return found || err->code == ERR_OK;
	row.sweep_at = job->until;
	row.sweep_attempts = REPO_LEFT_OUT;
	return step_put(&step, &table_repo, &row);
}

bool store_leave_out_sweep(const struct store *store, const struct sweep *sweep, int64_t until, struct err *err)
{
	struct put_off_job job = {store, sweep, until};

	return store->exec.write(store->exec.self, leave_out_in, &job, err);
}

struct all_job {
	struct step *step;
	bool ok;
};

static bool due_now(void *context, const void *row)
{
	struct row_repo repo = *(const struct row_repo *)row;
	struct all_job *job = context;

	repo.sweep_at = 0;
	repo.sweep_attempts = 0;
	job->ok = step_put(job->step, &table_repo, &repo);
	return job->ok;
}

static bool all_in(struct rows *rows, void *arg, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct step step = {.rows = rows, .store = arg, .arena = &arena, .err = err};
	struct scan scan = {.table = &table_repo, .index = INDEX_KEY, .limit = WATCHED_MAX};
	struct all_job job = {&step, true};

	return rows->ops->scan(rows->self, &scan, (struct visitor){due_now, &job, &arena}, err) && job.ok;
}

bool store_sweep_all(const struct store *store, struct err *err)
{
	return store->exec.write(store->exec.self, all_in, (void *)(uintptr_t)store, err);
}

static bool know_in(struct rows *rows, void *arg, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct row_repo *in = arg;
	struct step step = {.rows = rows, .arena = &arena, .err = err};
	struct row_repo repo = {.id = in->id};
	bool found;

	if (!step_find(&step, &table_repo, &repo, &found))
		return false;
	if (found && text_eq(repo.name, in->name) && repo.sweep_attempts != REPO_LEFT_OUT &&
	    (in->installation == 0 || in->installation == repo.installation))
		return true;
	repo.name = in->name;
	if (in->installation != 0)
		repo.installation = in->installation;
	repo.sweep_at = 1; /* due, and not to be asked for its name */
	repo.sweep_attempts = 0;
	return name_taken(&step, &repo) && step_put(&step, &table_repo, &repo);
}

bool store_know_repo(const struct store *store, const struct row_repo *repo, struct err *err)
{
	return store->exec.write(store->exec.self, know_in, (void *)(uintptr_t)repo, err);
}
