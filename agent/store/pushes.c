#include "agent/store/pushes.h"

#include "agent/store/pushed.h"

#define ARRIVALS_MAX 100 /* of one commit */

/* ---- events ---- */

static bool take_back(struct applying *a, const struct push_branch *branch)
{
	const struct event *event = a->event;
	struct text text =
		event->deleted == TRI_YES || !oid_known(&event->after)
			? arena_printf(a->step->arena, "Blocked: the branch %.*s was deleted", TEXT_ARG(branch->branch))
			: arena_printf(a->step->arena, "Superseded by %.*s", TEXT_ARG(oid_short(&event->after)));
	enum tri another;

	if (!heads_another(a, &event->before, 0, &another))
		return false;
	return another == TRI_YES ? subject_want(a->step, event->repo, &event->before, true)
				  : revoke_for_good(a, &event->before, text);
}

static bool keep_push(struct applying *a)
{
	const struct event *event = a->event;
	struct row_arrival row = {.repo = event->repo,
				  .sha = event->after,
				  .forge_at = event->pushed_at != WHEN_UNKNOWN ? event->pushed_at : a->step->now,
				  .pusher = event->sender.id,
				  .guid = a->guid,
				  .before = event->before};
	struct row_floor who = {.repo = event->repo,
				.kind = TEXT_LIT(FLOOR_PUSHER),
				.key = event->sender.id,
				.forge_time = row.forge_at,
				.value = event->sender.login};

	return step_put(a->step, &table_arrival, &row) &&
	       (event->sender.id <= 0 || event->sender.login.len == 0 || step_put(a->step, &table_floor, &who));
}

/* A push that only adds leaves what was there on the branch. */
static bool pushed(struct applying *a, const struct push_branch *branch)
{
	const struct event *event = a->event;
	bool adds = event->forced == TRI_NO && event->deleted != TRI_YES && oid_known(&event->after);
	struct text why = arena_printf(a->step->arena, "Revoked: it was pushed to %.*s, too", TEXT_ARG(branch->branch));

	if (!adds && oid_known(&event->before) && !oid_eq(&event->before, &event->after) && !take_back(a, branch))
		return false;
	return !oid_known(&event->after) ||
	       (keep_push(a) && announce(a, &event->after, adds ? &OID_NONE : &event->before, why));
}

/* The tip, as far as events told of it. */
static bool want_tip(struct applying *a, const struct push_branch *branch)
{
	struct row_floor floor = {.repo = a->event->repo,
				  .kind = arena_printf(a->step->arena, "tip/%.*s", TEXT_ARG(branch->branch))};
	struct oid tip;
	bool found;

	if (!step_find(a->step, &table_floor, &floor, &found))
		return false;
	return !found || !oid_parse(floor.value, &tip) || subject_want(a->step, a->event->repo, &tip, false);
}

/* By the name that the repository is called by. */
static bool repo_name(struct step *step, int64_t id, struct text *ret)
{
	struct row_repo repo = {.id = id};
	bool found;

	*ret = TEXT_EMPTY;
	if (step->store->n_pushes == 0)
		return true;
	if (!step_find(step, &table_repo, &repo, &found))
		return false;
	if (found)
		*ret = repo.name;
	return true;
}

bool pushes_apply(struct applying *a, struct text branch)
{
	const struct store *store = a->step->store;
	struct text name;

	if (!repo_name(a->step, a->event->repo, &name))
		return false;
	for (size_t i = 0; i < store->n_pushes; i++) {
		const struct push_branch *one = &store->pushes[i];

		if (!text_eq_nocase(one->repo, name))
			continue;
		if ((text_eq(one->branch, branch) && !pushed(a, one)) ||
		    (text_eq(one->onto, branch) && !want_tip(a, one)))
			return false;
	}
	return true;
}

/* ---- judgements ---- */

bool pushes_claim(struct step *step, struct claim *claim)
{
	const struct store *store = step->store;
	const struct push_branch **all = arena_alloc(step->arena, store->n_pushes + 1, sizeof *all);

	claim->pushes = all;
	claim->n_pushes = 0;
	for (size_t i = 0; i < store->n_pushes; i++)
		if (text_eq_nocase(store->pushes[i].repo, claim->repo_name))
			all[claim->n_pushes++] = &store->pushes[i];
	return true;
}

struct rows_job {
	struct row_arrival key;
	struct row_arrival *at;
	size_t n;
	struct arena *arena;
};

static bool take_row(void *context, const void *row)
{
	struct rows_job *job = context;

	job->at[job->n++] = *(const struct row_arrival *)row;
	return job->n < ARRIVALS_MAX;
}

static bool rows_in(struct rows *rows, void *arg, struct err *err)
{
	struct rows_job *job = arg;
	struct scan scan = {
		.table = &table_arrival, .index = INDEX_KEY, .equal = &job->key, .n_equal = 3, .limit = ARRIVALS_MAX};

	job->n = 0;
	return rows->ops->scan(rows->self, &scan, (struct visitor){take_row, job, job->arena}, err);
}

bool store_pushes_of(const struct store *store, const struct pushed_at *in, struct pushed_rows *ret,
		     struct arena *arena, struct err *err)
{
	struct rows_job job = {.key = {.repo = in->repo, .sha = *in->sha}, .arena = arena};

	job.at = arena_alloc(arena, ARRIVALS_MAX, sizeof *job.at);
	if (!store->exec.read(store->exec.self, rows_in, &job, err))
		return false;
	*ret = (struct pushed_rows){job.at, job.n};
	return true;
}

/* ---- sweep ---- */

struct seen_job {
	const struct store *store;
	const struct pushed_at *at;
	int64_t now;
	bool subjects;
};

/* No event told of it: nobody knows who pushed. */
static bool seen_in(struct rows *rows, void *arg, struct err *err)
{
	struct seen_job *in = arg;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct step step = {.rows = rows, .store = in->store, .arena = &arena, .err = err, .now = in->now};
	struct row_arrival row = {.repo = in->at->repo, .sha = *in->at->sha, .forge_at = in->now, .first_shown = 1};
	struct rows_job job = {.key = row, .at = arena_alloc(&arena, ARRIVALS_MAX, sizeof *job.at), .arena = &arena};

	if (!rows_in(rows, &job, err) || (job.n == 0 && !step_put(&step, &table_arrival, &row)) ||
	    !subject_want_again(&step, in->at->repo, in->at->sha))
		return false;
	in->subjects = step.subjects;
	return true;
}

bool store_push_seen(const struct store *store, const struct pushed_at *in, int64_t now, bool *ret_subjects,
		     struct err *err)
{
	struct seen_job job = {store, in, now, false};

	if (!store->exec.write(store->exec.self, seen_in, &job, err))
		return false;
	*ret_subjects = job.subjects;
	return true;
}
