/*
 * The sweep's looks: what the forge really holds for a commit, compared with the ledger.
 *
 * A list that is read while a POST is out may or may not hold it, so that nothing of it is believed: not where the
 * ledger is in flight or in doubt, not where it moved since the look was taken (its count rises with every POST and
 * every status told), and never where the newest status listed is older than the one known. What is written back
 * otherwise hides the failure that went out meanwhile, and an equal verdict is never posted.
 */
#include "agent/store/forged.h"

#define LOOKS     64 /* passed over at once: those in doubt are the poster's */
#define LOOKS_MAX 100000

struct look_job {
	const struct store *store;
	const struct taker *taker;
	struct sweep_look *ret;
	struct step *step;
	bool has, more, ok;
};

static bool fill_look(struct step *step, const struct row_slot *slot, const struct row_ledger *ledger,
		      struct sweep_look *ret)
{
	struct row_repo repo = {.id = slot->repo};
	bool found;

	if (!step_find(step, &table_repo, &repo, &found))
		return false;
	*ret = (struct sweep_look){slot->repo,    repo.name, repo.installation, slot->sha, slot->context,
				   ledger->count, 0};
	return name_doubt(step, slot->repo, &ret->name_doubt);
}

static bool consider(void *context, const void *row)
{
	struct look_job *job = context;
	struct row_slot slot = *(const struct row_slot *)row;
	struct row_ledger ledger;

	slot.look = 0;
	job->more = true;
	job->ok = slot_settle(job->step, &slot) && slot_ledger(job->step, &slot, &ledger);
	if (job->ok && !ledger.in_doubt) {
		job->has = true;
		job->ok = fill_look(job->step, &slot, &ledger, job->ret);
	}
	return job->ok && !job->has;
}

static bool look_in(struct rows *rows, void *arg, struct err *err)
{
	struct look_job *job = arg;
	struct step step = {
		.rows = rows, .store = job->store, .arena = job->taker->arena, .err = err, .now = job->taker->now};
	struct row_slot key = {.look = 1};
	struct scan scan = {.table = &table_slot, .index = SLOT_BY_LOOK, .equal = &key, .n_equal = 1, .limit = LOOKS};

	job->step = &step;
	job->has = job->more = false;
	job->ok = true;
	return rows->ops->scan(rows->self, &scan, (struct visitor){consider, job, step.arena}, err) && job->ok;
}

bool store_take_look(const struct store *store, const struct taker *taker, struct sweep_look *ret, struct err *err)
{
	struct look_job job = {.store = store, .taker = taker, .ret = ret};

	do
		if (!store->exec.write(store->exec.self, look_in, &job, err))
			return false;
	while (!job.has && job.more);
	return job.has || err_set(err, ERR_GONE, "no commit is to be looked at");
}

struct drop {
	struct step *step;
	bool ok;
};

static bool drop_one(void *context, const void *row)
{
	struct row_slot slot = *(const struct row_slot *)row;
	struct drop *drop = context;

	slot.look = 0;
	drop->ok = slot_settle(drop->step, &slot);
	return drop->ok;
}

struct drop_job {
	const struct store *store;
	int64_t repo;
};

static bool drop_in(struct rows *rows, void *arg, struct err *err)
{
	const struct drop_job *job = arg;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct step step = {.rows = rows, .store = job->store, .arena = &arena, .err = err};
	struct row_slot key = {.look = 1, .repo = job->repo};
	struct scan scan = {
		.table = &table_slot, .index = SLOT_BY_LOOK, .equal = &key, .n_equal = 2, .limit = LOOKS_MAX};
	struct drop drop = {&step, true};

	return rows->ops->scan(rows->self, &scan, (struct visitor){drop_one, &drop, &arena}, err) && drop.ok;
}

bool store_drop_looks(const struct store *store, int64_t repo, struct err *err)
{
	struct drop_job job = {store, repo};

	return store->exec.write(store->exec.self, drop_in, &job, err);
}

struct looked_job {
	const struct store *store;
	const struct sweep_look *look;
	const struct reread *seen;
	enum looked outcome;
};

/* The newest status listed is the newest known: its state is the forge's word, its text was ours and may have been
 * shortened there. One that is newer was told by nobody. */
static enum looked correct(struct row_ledger *ledger, const struct reread *seen)
{
	bool same = ledger->state == (int64_t)seen->state, newer = seen->forge_status_id > ledger->forge_status_id;
	bool known = same && text_eq(ledger->text, seen->text);

	if (seen->count > ledger->count)
		ledger->count = seen->count;
	if (seen->forge_status_id < ledger->forge_status_id || seen->forge_status_id == 0 || (same && !newer))
		return LOOKED_SAME;
	ledger->state = seen->state;
	ledger->text = seen->text;
	ledger->forge_status_id = seen->forge_status_id;
	if (!newer)
		return LOOKED_CORRECTED;
	return known ? LOOKED_SAME : LOOKED_FOREIGN;
}

/* Whose the newest is outweighs whether it was known: a forged one may say what ours did. */
static bool judge_newest(struct step *step, struct looked_job *job, struct row_ledger *ledger)
{
	const struct reread *seen = job->seen;
	bool older = seen->forge_status_id < ledger->forge_status_id;
	enum forged what = FORGED_UNTOLD;

	job->outcome = correct(ledger, seen);
	ledger_listed(step->store, ledger, seen->now);
	if ((!older && !forged_audit(step, ledger, seen, &what)) || !ledger_write(step, ledger))
		return false;
	if (what == FORGED_NOT && job->outcome == LOOKED_FOREIGN)
		job->outcome = LOOKED_CORRECTED;
	if (what < FORGED_FOREIGN)
		return true;
	job->outcome = what == FORGED_STOLEN ? LOOKED_STOLEN : LOOKED_FOREIGN;
	return forged_revoke(step, ledger, what, seen->at[0].login);
}

static bool looked_in(struct rows *rows, void *arg, struct err *err)
{
	struct looked_job *job = arg;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct step step = {.rows = rows, .store = job->store, .arena = &arena, .err = err, .now = job->seen->now};
	const struct sweep_look *look = job->look;
	struct row_ledger ledger = {.repo = look->repo, .sha = look->sha, .context = look->context};
	bool found;

	if (!step_find(&step, &table_ledger, &ledger, &found))
		return false;
	job->outcome = LOOKED_OVERTAKEN;
	if (ledger.in_doubt || ledger.count != job->look->known_count)
		return true;
	return judge_newest(&step, job, &ledger);
}

bool store_looked(const struct store *store, const struct sweep_look *look, const struct reread *seen, enum looked *ret,
		  struct err *err)
{
	struct looked_job job = {store, look, seen, LOOKED_OVERTAKEN};

	if (!store->exec.write(store->exec.self, looked_in, &job, err))
		return false;
	*ret = job.outcome;
	return true;
}
