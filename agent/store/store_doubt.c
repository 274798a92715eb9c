/* Doubts that have passed: what the forge really holds is read again and the ledger settled. */
#include "agent/store/bugs.h"
#include "agent/store/forged.h"

#define DOUBT_LOOK 256

struct doubt_job {
	const struct store *store;
	const struct taker *taker;
	struct doubt *ret;
	int64_t *next_at;
	struct row_ledger found;
	bool has;
};

static void consider_at(struct doubt_job *job, const struct row_ledger *ledger, int64_t at)
{
	if (at > job->taker->now) {
		if (*job->next_at == WHEN_UNKNOWN || at < *job->next_at)
			*job->next_at = at;
	} else if (!job->has) {
		job->found = *ledger;
		job->has = true;
	}
}

static bool consider(void *context, const void *row)
{
	const struct row_ledger *ledger = row;
	struct doubt_job *job = context;
	int64_t at = ledger->doubt_until;

	if (ledger->in_flight_by.len > 0 && post_dead_at(job->store, ledger) > at)
		at = post_dead_at(job->store, ledger);
	consider_at(job, ledger, at);
	return true;
}

/* A whole life is waited for, from now on. */
static bool count_from_now(struct step *step, struct row_ledger *ledger)
{
	const struct store_limits *limits = &step->store->limits;

	if (ledger->in_flight_by.len > 0)
		ledger->in_flight_since = step->now;
	if (ledger->doubt_until > 0)
		ledger->doubt_until = step->now + limits->post_deadline_ms + limits->post_grace_ms;
	return ledger_write(step, ledger);
}

static bool doubt_in(struct rows *rows, void *arg, struct err *err)
{
	struct doubt_job *job = arg;
	struct step step = {
		.rows = rows, .store = job->store, .arena = job->taker->arena, .err = err, .now = job->taker->now};
	struct row_ledger key = {.in_doubt = 1};
	struct scan scan = {
		.table = &table_ledger, .index = LEDGER_BY_DOUBT, .equal = &key, .n_equal = 1, .limit = DOUBT_LOOK};
	struct row_repo repo;
	bool found;

	*job->next_at = WHEN_UNKNOWN;
	if (!rows->ops->scan(rows->self, &scan, (struct visitor){consider, job, job->taker->arena}, err))
		return false;
	if (!job->has)
		return true;
	if (job->found.in_flight_by.len > 0) { /* its poster is gone */
		job->found.doubt_until = post_dead_at(job->store, &job->found);
		job->found.in_flight_by = TEXT_EMPTY;
	}
	repo = (struct row_repo){.id = job->found.repo};
	if (!ledger_write(&step, &job->found) || !step_find(&step, &table_repo, &repo, &found))
		return false;
	*job->ret = (struct doubt){job->found.repo,    repo.name,
				   repo.installation,  job->found.sha,
				   job->found.context, job->found.doubt_until,
				   job->found.count,   0};
	return name_doubt(&step, job->found.repo, &job->ret->name_doubt);
}

bool store_take_doubt(const struct store *store, const struct taker *taker, struct doubt *ret, int64_t *next_at,
		      struct err *err)
{
	struct doubt_job job = {.store = store, .taker = taker, .ret = ret, .next_at = next_at};

	if (!store->exec.write(store->exec.self, doubt_in, &job, err))
		return false;
	return job.has || err_set(err, ERR_GONE, "no status is in doubt");
}

struct restart_job {
	const struct store *store;
	int64_t now;
};

struct found_rows {
	void *at;
	size_t n, size;
	struct arena *arena;
};

/* The rows of a scan live as long as the arena. */
static bool gather_row(void *context, const void *row)
{
	struct found_rows *found = context;
	size_t used = found->n * found->size;

	if ((found->n & (found->n - 1)) == 0) { /* full at each power of two */
		void *grown = arena_alloc(found->arena, found->n ? 2 * found->n : 1, found->size);

		if (used > 0)
			__builtin_memcpy(grown, found->at, used);
		found->at = grown;
	}
	__builtin_memcpy((char *)found->at + used, row, found->size);
	found->n++;
	return true;
}

static bool find_all(struct step *step, const struct scan *scan, struct found_rows *ret)
{
	*ret = (struct found_rows){.size = scan->table->row_size, .arena = step->arena};
	return step->rows->ops->scan(step->rows->self, scan, (struct visitor){gather_row, ret, step->arena}, step->err);
}

/* Its connection was cut when its process ended: nothing is out any more, but what was may yet arrive. */
static bool restart_doubts(struct step *step)
{
	struct row_ledger key = {.in_doubt = 1}, *at;
	struct scan scan = {
		.table = &table_ledger, .index = LEDGER_BY_DOUBT, .equal = &key, .n_equal = 1, .limit = SIZE_MAX / 2};
	struct found_rows found;

	if (!find_all(step, &scan, &found))
		return false;
	at = found.at;
	for (size_t i = 0; i < found.n; i++) {
		at[i].in_flight_by = TEXT_EMPTY;
		at[i].doubt_until = 1; /* of an unknown clock */
		if (!count_from_now(step, &at[i]))
			return false;
	}
	return true;
}

static bool restart_grants(struct step *step)
{
	struct row_slot key = {.due = 1, .rank = RANK_GRANTS}, *at;
	struct scan scan = {
		.table = &table_slot, .index = SLOT_BY_DUE, .equal = &key, .n_equal = 2, .limit = SIZE_MAX / 2};
	struct found_rows found;

	if (!find_all(step, &scan, &found))
		return false;
	at = found.at;
	for (size_t i = 0; i < found.n; i++)
		if (!slot_age(step, &at[i]))
			return false;
	return true;
}

static bool restart_in(struct rows *rows, void *arg, struct err *err)
{
	struct restart_job *job = arg;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct step step = {.rows = rows, .store = job->store, .arena = &arena, .err = err, .now = job->now};

	return restart_doubts(&step) && restart_grants(&step) && identity_restart(&step) && bugs_restart(&step);
}

bool store_restart_posts(const struct store *store, int64_t now, struct err *err)
{
	struct restart_job job = {store, now};

	return store->exec.write(store->exec.self, restart_in, &job, err);
}

struct settle_job {
	const struct store *store;
	const struct doubt *doubt;
	const struct reread *seen; /* NULL: put off until `until` */
	int64_t until;
};

#define DOUBT_OLD_MS 5000 /* a copy that lags is read again after this */

static void note_seen(const struct store *store, struct row_ledger *ledger, const struct reread *seen)
{
	/* A newer status is known, by its answer or by its webhook: the copy that was read does not have it yet. */
	if (seen->forge_status_id < ledger->forge_status_id) {
		ledger->doubt_until = seen->now + DOUBT_OLD_MS;
		return;
	}
	ledger->state = seen->state;
	ledger->text = seen->text;
	ledger->in_flight_state = STATUS_UNKNOWN;
	ledger->doubt_until = 0;
	ledger_listed(store, ledger, seen->now);
	if (seen->forge_status_id > ledger->forge_status_id)
		ledger->forge_status_id = seen->forge_status_id;
	ledger->count = seen->count > ledger->count ? seen->count : ledger->count;
}

/* What the list shows, and whose its newest is. */
static bool settle(struct step *step, struct row_ledger *ledger, const struct reread *seen)
{
	bool older = seen->forge_status_id < ledger->forge_status_id;
	enum forged what = FORGED_UNTOLD;

	note_seen(step->store, ledger, seen);
	if ((!older && !forged_audit(step, ledger, seen, &what)) || !ledger_write(step, ledger))
		return false;
	return what < FORGED_FOREIGN || forged_revoke(step, ledger, what, seen->n > 0 ? seen->at[0].login : TEXT_EMPTY);
}

static bool settle_in(struct rows *rows, void *arg, struct err *err)
{
	struct settle_job *job = arg;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct step step = {.rows = rows,
			    .store = job->store,
			    .arena = &arena,
			    .err = err,
			    .now = job->seen ? job->seen->now : job->until};
	const struct doubt *doubt = job->doubt;
	struct row_ledger ledger = {.repo = doubt->repo, .sha = doubt->sha, .context = doubt->context};
	bool found;

	if (!step_find(&step, &table_ledger, &ledger, &found))
		return false;
	/* A newer POST went out while the forge was read: the list may or may not hold it. Its own answer settles it.
	 */
	if (!found || ledger.in_flight_by.len > 0 || ledger.doubt_until != job->doubt->since ||
	    ledger.count != job->doubt->seen_count)
		return true;
	if (job->seen)
		return settle(&step, &ledger, job->seen);
	ledger.doubt_until = job->until;
	return ledger_write(&step, &ledger);
}

bool store_settle_doubt(const struct store *store, const struct doubt *doubt, const struct reread *seen,
			struct err *err)
{
	struct settle_job job = {store, doubt, seen, 0};

	return store->exec.write(store->exec.self, settle_in, &job, err);
}

bool store_defer_doubt(const struct store *store, const struct doubt *doubt, int64_t until, struct err *err)
{
	struct settle_job job = {store, doubt, NULL, until};

	return store->exec.write(store->exec.self, settle_in, &job, err);
}
