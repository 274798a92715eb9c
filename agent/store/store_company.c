/*
 * Replaced heads are judged in company. A push takes the old head back at once, by the event alone; it is judged only
 * so that a supersede that was false is lifted, and of all heads that a burst of pushes replaced one list of the open
 * changes says whether any of them is one after all. So they wait for one another: to the next tick, and for as long as
 * the forge has not answered all their supersedes, but not for ever. Each is claimed with a fence of its own and
 * concluded by itself.
 */
#include "agent/store/groups.h"
#include "agent/store/turns.h"

#define TICK_MS      5000
#define LOOK_MAX     1024   /* due subjects looked at for company, and as many that were put off */
#define LONGEST_MS   600000 /* how long a head may wait for others whose supersede is not answered */
#define TICK_OF(now) (((now) / TICK_MS + 1) * TICK_MS)

static bool any_change(void *context, const void *row)
{
	(void)row;
	*(bool *)context = true;
	return false;
}

/* Replaced by an event, and the index knows no change, open or closed, that has it. A commit that a merge group has is
 * judged by what it was built from, and one that it had may have landed: neither is anybody's company. */
static bool is_replaced(struct step *step, const struct row_subject *subject, bool *ret)
{
	struct row_change key = {.repo = subject->repo, .head = subject->sha};
	struct scan scan = {.table = &table_change, .index = CHANGE_BY_HEAD, .equal = &key, .n_equal = 2, .limit = 1};
	bool headed = false, named;

	*ret = oid_known(&subject->superseded_by);
	if (!*ret)
		return true;
	if (!step->rows->ops->scan(step->rows->self, &scan, (struct visitor){any_change, &headed, step->arena},
				   step->err) ||
	    !groups_named(step, subject->repo, &subject->sha, &named))
		return false;
	*ret = !headed && !named;
	return true;
}

static bool wait_until(struct step *step, const struct row_subject *key, int64_t at)
{
	struct row_subject subject = {.repo = key->repo, .sha = key->sha};
	bool found;

	if (!step_find(step, &table_subject, &subject, &found))
		return false;
	if (!found || !subject.due)
		return true;
	subject.not_before = at;
	return step_put(step, &table_subject, &subject);
}

bool company_wait(struct step *step, int64_t repo, const struct oid *sha)
{
	struct row_subject key = {.repo = repo, .sha = *sha};

	return wait_until(step, &key, TICK_OF(step->now));
}

/* A moment after the new heads: it is those that people wait for. */
static bool wait_in_company(struct step *step, const struct row_subject *replaced)
{
	return wait_until(step, replaced, TICK_OF(step->now) + 1);
}

bool company_wait_replaced(struct step *step, int64_t repo, const struct oid *sha)
{
	struct row_subject subject = {.repo = repo, .sha = *sha};
	bool found, replaced;

	if (!step_find(step, &table_subject, &subject, &found) || (found && !is_replaced(step, &subject, &replaced)))
		return false;
	return !found || !replaced || wait_in_company(step, &subject);
}

/* ---- claiming ---- */

struct company_job {
	const struct store *store;
	const struct taker *taker;
	const struct claim *lead;
	size_t max;
	struct company *ret;
	struct row_subject *ready;
	size_t n, room;
	bool waits; /* the supersede of one of them is not answered */
};

static bool consider(void *context, const void *row)
{
	const struct row_subject *subject = row;
	struct company_job *job = context;

	if (subject->repo == job->lead->repo && subject->owner.len == 0 && subject->not_before <= job->taker->now &&
	    oid_known(&subject->superseded_by)) {
		job->ready = arena_room(job->taker->arena, job->ready, job->n, &job->room, sizeof *job->ready);
		job->ready[job->n++] = *subject;
	}
	return true;
}

/* Keeps those that are replaced; the first max of them that wait for no supersede are in front, *ret_n. */
static bool sort_out(struct step *step, struct company_job *job, size_t *ret_n)
{
	size_t kept = 0, first = 0;

	for (size_t i = 0; i < job->n; i++) {
		struct row_subject one = job->ready[i];
		bool replaced, waits;

		if (!is_replaced(step, &one, &replaced) || (replaced && !subject_waits(step, &one, &waits)))
			return false;
		if (!replaced)
			continue;
		job->waits = job->waits || waits;
		job->ready[kept++] = one;
		if (!waits && first < job->max) {
			job->ready[kept - 1] = job->ready[first];
			job->ready[first++] = one;
		}
	}
	job->n = kept;
	*ret_n = first;
	return true;
}

static bool lead_is_old(struct step *step, const struct company_job *job, bool *ret)
{
	struct row_slot slot;
	bool found;

	if (!slot_find(step, job->lead->repo, &job->lead->sha, &slot, &found))
		return false;
	*ret = !found || step->now - slot.made_at > LONGEST_MS;
	return true;
}

static bool put_off(struct step *step, struct company_job *job)
{
	struct row_subject lead = {.repo = job->lead->repo, .sha = job->lead->sha};
	bool found;

	for (size_t i = 0; i < job->n; i++)
		if (!wait_in_company(step, &job->ready[i]))
			return false;
	if (!step_find(step, &table_subject, &lead, &found))
		return false;
	if (!found || lead.fence != job->lead->fence)
		return true;
	lead.owner = TEXT_EMPTY;
	lead.lease_until = 0;
	lead.not_before = TICK_OF(step->now) + 1;
	return step_put(step, &table_subject, &lead);
}

static bool take(struct step *step, const struct company_job *job, struct row_subject *subject, struct claim *ret)
{
	subject->owner = arena_text(job->taker->arena, text_of(job->taker->owner));
	subject->lease_until = step->now + job->store->limits.lease_ms;
	subject->fence++;
	*ret = (struct claim){
		.repo = subject->repo,
		.repo_name = job->lead->repo_name,
		.installation = job->lead->installation,
		.name_doubt = job->lead->name_doubt,
		.sha = subject->sha,
		.fence = subject->fence,
		.wanted = subject->wanted,
		.attempts = subject->attempts,
		.owner = subject->owner,
		.allowed_before = subject->allowed_before != 0,
		.superseded_by = subject->superseded_by,
	};
	return turn_end(step, subject) && step_put(step, &table_subject, subject) && claim_contexts(step, ret);
}

static bool look_at(struct step *step, struct company_job *job, enum due which)
{
	struct scan scan = due_subjects(which, LOOK_MAX);

	return step->rows->ops->scan(step->rows->self, &scan, (struct visitor){consider, job, step->arena}, step->err);
}

static bool company_in(struct rows *rows, void *arg, struct err *err)
{
	struct company_job *job = arg;
	struct step step = {
		.rows = rows, .store = job->store, .arena = job->taker->arena, .err = err, .now = job->taker->now};
	struct claim *claims;
	bool old;
	size_t n;

	*job->ret = (struct company){.n = 0};
	job->n = 0;
	job->waits = false;
	if (!look_at(&step, job, DUE_NEWS) || !look_at(&step, job, DUE_NEXT) || !look_at(&step, job, DUE_PUT_OFF) ||
	    !sort_out(&step, job, &n) || !lead_is_old(&step, job, &old))
		return false;
	job->ret->put_off = job->waits && !old;
	if (job->ret->put_off)
		return put_off(&step, job);
	job->ret->at = claims = arena_alloc(job->taker->arena, n + 1, sizeof *claims);
	for (size_t i = 0; i < n; i++)
		if (!take(&step, job, &job->ready[i], &claims[job->ret->n++]))
			return false;
	return true;
}

bool store_claim_company(const struct store *store, const struct taker *taker, const struct claim *lead, size_t max,
			 struct company *ret, struct err *err)
{
	struct company_job job = {.store = store, .taker = taker, .lead = lead, .max = max, .ret = ret};

	if (store->exec.write(store->exec.self, company_in, &job, err))
		return true;
	*ret = (struct company){.n = 0}; /* nobody was claimed as far as is known */
	return false;
}

/* ---- one that is a head after all ---- */

struct alone_job {
	const struct store *store;
	const struct claim *claim;
	bool *ret;
};

static bool alone_in(struct rows *rows, void *arg, struct err *err)
{
	struct alone_job *job = arg;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct step step = {.rows = rows, .store = job->store, .arena = &arena, .err = err};
	struct row_subject subject = {.repo = job->claim->repo, .sha = job->claim->sha};
	bool found, waits;

	*job->ret = false;
	if (!step_find(&step, &table_subject, &subject, &found))
		return false;
	if (!found || subject.fence != job->claim->fence)
		return true;
	if (!subject_waits(&step, &subject, &waits))
		return false;
	*job->ret = !waits;
	if (!waits)
		return true;
	subject.owner = TEXT_EMPTY;
	subject.lease_until = 0;
	return step_put(&step, &table_subject, &subject);
}

bool store_claim_alone(const struct store *store, const struct claim *claim, bool *ret, struct err *err)
{
	struct alone_job job = {store, claim, ret};

	return store->exec.write(store->exec.self, alone_in, &job, err);
}
