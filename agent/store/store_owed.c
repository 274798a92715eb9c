/*
 * Two floors tell what is shunned. They count, because clocks go back: "taken" how many statuses the forge took, ever,
 * and "refused" how many it had taken when it first refused to take this success back. Once it took more, it takes
 * others'. What is refused anew after each judgement stays what it is, so that nothing comes and goes with the sweep.
 */
#include "agent/store/store_owed.h"

#include "agent/store/steps.h"

#define LOOK 10000 /* from the oldest on; so many are left out or shunned only where large repositories were */

/* ---- what the forge answered ---- */

static struct row_floor taken_ever(void)
{
	return (struct row_floor){.kind = TEXT_LIT("taken")};
}

/* Since the same moment: the same debt. */
static struct row_floor refused_first(const struct row_slot *slot, struct arena *arena)
{
	return (struct row_floor){
		.repo = slot->repo,
		.kind = arena_printf(arena, "refused/%s/%.*s", slot->sha.hex, TEXT_ARG(slot->context)),
		.key = slot->owed_since};
}

bool owed_answered(struct step *step, const struct row_slot *slot, enum status_state state, enum post_outcome outcome)
{
	struct row_floor taken = taken_ever(), refused = refused_first(slot, step->arena);
	bool found, takes_back = slot->owed_since != 0 && state != STATUS_SUCCESS;

	if (outcome != POST_ACCEPTED && (outcome != POST_REFUSED || !takes_back))
		return true;
	if (!step_find(step, &table_floor, &taken, &found))
		return false;
	if (outcome == POST_ACCEPTED) {
		taken.forge_time++;
		return step_put(step, &table_floor, &taken);
	}
	if (!step_find(step, &table_floor, &refused, &found) || found)
		return found;
	refused.forge_time = taken.forge_time;
	return step_put(step, &table_floor, &refused);
}

/* ---- what is owed ---- */

struct owed_job {
	struct owed *ret;
	struct step step;
	int64_t taken;    /* by the forge, ever */
	int64_t left_out; /* the repository last found to be; 0: none yet */
	size_t looked;
	bool ok;
};

static bool is_left_out(struct owed_job *job, int64_t id, bool *ret)
{
	struct row_repo repo = {.id = id};
	bool found;

	*ret = job->left_out == id && id != 0;
	if (*ret)
		return true;
	if (!step_find(&job->step, &table_repo, &repo, &found))
		return false;
	*ret = found && repo.sweep_attempts == REPO_LEFT_OUT;
	if (*ret)
		job->left_out = id;
	return true;
}

static bool is_shunned(struct owed_job *job, const struct row_slot *slot, bool *ret)
{
	struct row_floor refused = refused_first(slot, job->step.arena);
	bool found;

	if (!step_find(&job->step, &table_floor, &refused, &found))
		return false;
	*ret = found && job->taken > refused.forge_time;
	return true;
}

static bool take_oldest(void *context, const void *row)
{
	const struct row_slot *slot = row;
	struct owed_job *job = context;
	bool left_out, shunned;

	job->looked++;
	job->ok = is_left_out(job, slot->repo, &left_out);
	if (!job->ok || left_out)
		return job->ok;
	if (job->ret->oldest == WHEN_UNKNOWN)
		job->ret->oldest = slot->owed_since;
	job->ok = is_shunned(job, slot, &shunned);
	if (!job->ok || shunned)
		return job->ok;
	job->ret->since = slot->owed_since;
	job->ret->refused = slot->refused != 0;
	return false;
}

static bool owed_in(struct rows *rows, void *arg, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct owed_job job = {.ret = arg, .step = {.rows = rows, .arena = &arena, .err = err}, .ok = true};
	struct row_floor taken = taken_ever();
	struct scan scan = {.table = &table_slot,
			    .index = SLOT_BY_OWED,
			    .has_from = true,
			    .has_upto = true,
			    .from = 1,
			    .upto = INT64_MAX,
			    .lean = true,
			    .limit = LOOK};
	bool found;

	*job.ret = (struct owed){.since = WHEN_UNKNOWN, .oldest = WHEN_UNKNOWN};
	if (!step_find(&job.step, &table_floor, &taken, &found))
		return false;
	job.taken = taken.forge_time;
	if (!rows->ops->scan(rows->self, &scan, (struct visitor){take_oldest, &job, &arena}, err) || !job.ok)
		return false;
	if (job.looked == LOOK && job.ret->since == WHEN_UNKNOWN) /* nobody knows what stands behind them */
		job.ret->since = job.ret->oldest;
	return true;
}

bool store_owed(const struct store *store, struct owed *ret, struct err *err)
{
	return store->exec.read(store->exec.self, owed_in, ret, err);
}
