/*
 * Claim, inputs, defer: the durable half of a judgement. Concluding is store_conclude.c.
 *
 * After a push the old head is taken back before anything of the change is read: neither the old head nor the new one
 * is claimed until the forge has answered the supersede (or refused it for good).
 */
#include "agent/store/groups.h"
#include "agent/store/pushes.h"
#include "agent/store/steps.h"
#include "agent/store/turns.h"

#include <assert.h>
#include <stdlib.h>

#include "policy/memory.h"

#define HELD_MS          250 /* the poster wakes us when it has an answer; this is for when it died */
#define CANDIDATES_MAX   64 /* more changes than any real commit heads; the forge's own list of open ones is complete */
#define CLOSED_MAX       16 /* changes that had it and are closed: anybody can make more, so they crowd nobody out */
#define HEADED_MAX       10000
#define NOT_BEFORE_MAX   7200000 /* later than any backoff or limit names: a clock that went back */
#define DIED_FIRST_MS    1000    /* put off so long where a process died twice with it, then twice as long each time */
#define DIED_MAX_MS      300000
#define CLAIM_LOOK       64 /* due subjects looked at first: more than there are workers holding leases */
#define CLAIM_LOOK_TIMES 8  /* so many more, where all of them wait: anybody's pushes may stand in front */
#define CLAIM_LOOK_MAX   32768

struct claim_job {
	const struct store *store;
	const struct taker *taker;
	struct claim *ret;
	int64_t *next_at;
	struct row_subject *ready; /* in order */
	size_t n, seen, room;      /* ready ones, and all that were looked at */
	bool found;
	bool moved; /* some were put off: others may stand behind them */
};

static void earlier(int64_t *at, int64_t other)
{
	if (*at == WHEN_UNKNOWN || other < *at)
		*at = other;
}

static bool consider(void *context, const void *row)
{
	const struct row_subject *subject = row;
	struct claim_job *job = context;
	int64_t now = job->taker->now, ready = subject->not_before;

	job->seen++;
	/* What ends later than it ever could was written before the clock went back. */
	if (ready - now > NOT_BEFORE_MAX)
		ready = now;
	if (subject->owner.len > 0 && subject->lease_until > ready &&
	    subject->lease_until - now <= job->store->limits.lease_ms)
		ready = subject->lease_until;
	if (ready > job->taker->now) {
		earlier(job->next_at, ready);
		return true;
	}
	job->ready = arena_room(job->taker->arena, job->ready, job->n, &job->room, sizeof *job->ready);
	job->ready[job->n++] = *subject;
	return true;
}

bool subject_waits(struct step *step, const struct row_subject *subject, bool *ret)
{
	struct slots slots;
	bool answered;

	if (!supersede_answered(step, subject->repo, &subject->sha, &answered) ||
	    !slots_of(step, subject->repo, &subject->sha, &slots))
		return false;
	for (size_t i = 0; i < slots.n && answered; i++)
		if (oid_known(&slots.at[i].after) &&
		    !supersede_answered(step, subject->repo, &slots.at[i].after, &answered))
			return false;
	*ret = !answered;
	return true;
}

/* Where the forge may not be asked now, the commit is put off, so that it stands in nobody's way. */
static bool put_off(struct step *step, struct claim_job *job, struct row_subject *subject, bool *ret)
{
	int64_t at;

	if (!gate_asked(step, job->taker->gate, subject->repo, &at))
		return false;
	*ret = at != WHEN_UNKNOWN;
	if (!*ret)
		return true;
	earlier(job->next_at, at);
	subject->not_before = at;
	job->moved = true;
	return step_put(step, &table_subject, subject);
}

/* The first that need not wait; NULL: none. */
static bool choose(struct step *step, struct claim_job *job, struct row_subject **ret)
{
	bool held = true, any = false;

	*ret = NULL;
	for (size_t i = 0; i < job->n && held; i++) {
		bool off;

		if (!put_off(step, job, &job->ready[i], &off) || (!off && !subject_waits(step, &job->ready[i], &held)))
			return false;
		any = any || !off;
		if (!held)
			*ret = &job->ready[i];
	}
	if (any && held)
		earlier(job->next_at, step->now + HELD_MS);
	return true;
}

enum { OPEN, MERGED, CLOSED };

struct numbers {
	int64_t at[CANDIDATES_MAX];
	size_t n, most;
	int take; /* the open ones first; then what may say that the commit has landed */
};

static bool take_number(void *context, const void *row)
{
	const struct row_change *change = row;
	struct numbers *numbers = context;
	int kind = change->open != TRI_NO ? OPEN : change->merged == TRI_YES ? MERGED : CLOSED;

	if (kind == numbers->take && numbers->n < numbers->most)
		numbers->at[numbers->n++] = change->number;
	return numbers->n < numbers->most;
}

bool claim_candidates(struct step *step, struct claim *claim)
{
	struct row_change key = {.repo = claim->repo, .head = claim->sha};
	struct scan scan = {
		.table = &table_change, .index = CHANGE_BY_HEAD, .equal = &key, .n_equal = 2, .limit = HEADED_MAX};
	struct numbers numbers = {.n = 0, .most = CANDIDATES_MAX};
	int64_t *copy;

	for (int take = OPEN; take <= CLOSED; take++) {
		numbers.take = take;
		if (!step->rows->ops->scan(step->rows->self, &scan,
					   (struct visitor){take_number, &numbers, step->arena}, step->err))
			return false;
		numbers.most = numbers.n > CLOSED_MAX ? numbers.n : CLOSED_MAX;
	}
	copy = arena_alloc(step->arena, numbers.n, sizeof *copy);
	for (size_t i = 0; i < numbers.n; i++)
		copy[i] = numbers.at[i];
	claim->candidates = copy;
	claim->n_candidates = numbers.n;
	return true;
}

bool claim_contexts(struct step *step, struct claim *claim)
{
	struct claim_context *contexts;
	struct slots slots;

	if (!slots_of(step, claim->repo, &claim->sha, &slots))
		return false;
	contexts = arena_alloc(step->arena, slots.n, sizeof *contexts);
	claim->contexts = contexts;
	claim->n_contexts = 0;
	for (size_t i = 0; i < slots.n; i++) {
		const struct row_slot *slot = &slots.at[i];
		struct row_ledger ledger;

		if (is_own(step, slot->context))
			continue;
		if (!slot_ledger(step, slot, &ledger))
			return false;
		contexts[claim->n_contexts++] =
			(struct claim_context){slot->context,
					       slot->allowed_before != 0,
					       slot->state == STATUS_SUCCESS && ledger.state == STATUS_SUCCESS,
					       {(enum status_state)slot->state, slot->text}};
	}
	return true;
}

static bool fill_claim(struct step *step, const struct row_subject *subject, struct claim *ret)
{
	struct row_repo repo = {.id = subject->repo};
	struct row_slot slot;
	struct row_ledger ledger;
	bool found, wished, posted;

	if (!step_find(step, &table_repo, &repo, &found) ||
	    !slot_find(step, subject->repo, &subject->sha, &slot, &wished) ||
	    !ledger_find(step, subject->repo, &subject->sha, &ledger, &posted))
		return false;
	*ret = (struct claim){
		.repo = subject->repo,
		.repo_name = repo.name,
		.installation = repo.installation,
		.sha = subject->sha,
		.fence = subject->fence,
		.wanted = subject->wanted,
		.attempts = subject->attempts,
		.owner = subject->owner,
		.allowed_before = subject->allowed_before != 0,
		.granted = wished && slot.state == STATUS_SUCCESS && posted && ledger.state == STATUS_SUCCESS,
		.said = {wished ? (enum status_state)slot.state : STATUS_UNKNOWN, wished ? slot.text : TEXT_EMPTY},
		.superseded_by = subject->superseded_by,
		.heard = subject->heard,
		.put_off_to = subject->not_before,
	};
	return name_doubt(step, subject->repo, &ret->name_doubt) && claim_candidates(step, ret) &&
	       claim_contexts(step, ret) && groups_claim(step, ret) && pushes_claim(step, ret) &&
	       recheck_claim(step, ret);
}

static bool look_for_claim(struct step *step, struct claim_job *in, const struct scan *scan, struct row_subject **ret)
{
	in->n = in->seen = 0;
	return step->rows->ops->scan(step->rows->self, scan, (struct visitor){consider, in, step->arena}, step->err) &&
	       choose(step, in, ret);
}

static bool look_among(struct step *step, struct claim_job *in, const struct turn *turn, int i,
		       struct row_subject **ret)
{
	size_t limit = CLAIM_LOOK;
	bool more;

	do {
		struct scan scan = due_subjects(turn->order[i], limit);

		turn_bound(step, turn, i, &scan);
		if (!look_for_claim(step, in, &scan, ret))
			return false;
		more = !*ret && !in->moved && in->seen == limit && limit < CLAIM_LOOK_MAX;
		limit *= CLAIM_LOOK_TIMES;
	} while (more);
	return true;
}

static bool find_claim(struct step *step, struct claim_job *in, struct row_subject **ret)
{
	const struct scan waiting[DUES] = {due_subjects(DUE_NEWS, 1), due_subjects(DUE_NEXT, 1),
					   due_subjects(DUE_PUT_OFF, 1)};
	struct turn turn = {.line = LINE_SUBJECTS, .waiting = waiting};

	*ret = NULL;
	if (!turn_begin(step, &turn))
		return false;
	for (int i = 0; i < TURN_LOOKS && turn.order[i] != DUES; i++) {
		if (!look_among(step, in, &turn, i, ret))
			return false;
		if (*ret)
			return turn_given(step, &turn, turn.order[i]);
	}
	return true;
}

static bool claim_in(struct rows *rows, void *arg, struct err *err)
{
	struct claim_job *in = arg;
	struct step step = {
		.rows = rows, .store = in->store, .arena = in->taker->arena, .err = err, .now = in->taker->now};
	struct row_subject *best;

	in->moved = false;
	*in->next_at = WHEN_UNKNOWN;
	if (!find_claim(&step, in, &best))
		return false;
	in->found = best != NULL;
	if (!best) /* what was put off is written down */
		return in->moved || err_set(err, ERR_GONE, "no commit is due for a judgement");
	best->owner = arena_text(in->taker->arena, text_of(in->taker->owner));
	best->lease_until = in->taker->now + in->store->limits.lease_ms;
	best->fence++;
	return turn_end(&step, best) && step_put(&step, &table_subject, best) && fill_claim(&step, best, in->ret);
}

bool store_claim(const struct store *store, const struct taker *taker, struct claim *ret, int64_t *next_at,
		 struct err *err)
{
	struct claim_job in = {.store = store, .taker = taker, .ret = ret, .next_at = next_at};

	do
		if (!store->exec.write(store->exec.self, claim_in, &in, err))
			return false;
	while (!in.found && in.moved);
	return in.found || err_set(err, ERR_GONE, "no commit is due for a judgement");
}

#define LEASES 64 /* ended in one transaction */

struct leases {
	int64_t now;
	struct row_subject at[LEASES];
	size_t n;
};

static bool leased(void *context, const void *row)
{
	const struct row_subject *subject = row;
	struct leases *leases = context;

	if (subject->owner.len > 0) {
		leases->at[leases->n] = *subject;
		leases->at[leases->n++].owner = TEXT_EMPTY;
	}
	return leases->n < LEASES;
}

/* A stop like any other costs nothing. */
static void end_lease(struct row_subject *subject, int64_t now)
{
	int64_t ms = DIED_FIRST_MS;

	for (int64_t i = 1; i < subject->attempts && ms < DIED_MAX_MS; i++)
		ms *= 2;
	subject->attempts++;
	subject->lease_until = 0;
	if (subject->attempts > 1)
		subject->not_before = now + (ms < DIED_MAX_MS ? ms : DIED_MAX_MS);
}

static bool end_leases_in(struct rows *rows, void *arg, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct row_subject key = {.due = 1};
	struct scan scan = {
		.table = &table_subject, .index = SUBJECT_BY_DUE, .equal = &key, .n_equal = 1, .limit = SIZE_MAX / 2};
	struct step step = {.rows = rows, .arena = &arena, .err = err};
	struct leases *leases = arg;

	leases->n = 0;
	if (!rows->ops->scan(rows->self, &scan, (struct visitor){leased, leases, &arena}, err))
		return false;
	for (size_t i = 0; i < leases->n; i++) {
		end_lease(&leases->at[i], leases->now);
		if (!step_put(&step, &table_subject, &leases->at[i]))
			return false;
	}
	return true;
}

bool store_end_leases(const struct store *store, int64_t now, struct err *err)
{
	struct leases leases = {.now = now};

	do
		if (!store->exec.write(store->exec.self, end_leases_in, &leases, err))
			return false;
	while (leases.n == LEASES);
	return true;
}

struct defer_job {
	const struct store *store;
	const struct claim *claim;
	int64_t not_before;
};

static bool defer_in(struct rows *rows, void *arg, struct err *err)
{
	struct defer_job *in = arg;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct step step = {.rows = rows, .store = in->store, .arena = &arena, .err = err};
	struct row_subject subject = {.repo = in->claim->repo, .sha = in->claim->sha};
	bool found;

	if (!step_find(&step, &table_subject, &subject, &found))
		return false;
	if (!found || subject.fence != in->claim->fence)
		return true;
	subject.owner = TEXT_EMPTY;
	subject.lease_until = 0;
	subject.attempts++;
	/* News that came meanwhile is worth a look at once. */
	subject.not_before = subject.wanted == in->claim->wanted ? in->not_before : 0;
	return step_put(&step, &table_subject, &subject);
}

bool store_defer(const struct store *store, const struct claim *claim, int64_t not_before, struct err *err)
{
	struct defer_job in = {store, claim, not_before};

	return store->exec.write(store->exec.self, defer_in, &in, err);
}

struct want_job {
	const struct store *store;
	int64_t repo;
	const struct oid *sha;
	bool create;
};

static bool want_in(struct rows *rows, void *arg, struct err *err)
{
	struct want_job *in = arg;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct step step = {.rows = rows, .store = in->store, .arena = &arena, .err = err};

	return subject_want(&step, in->repo, in->sha, in->create);
}

bool store_want(const struct store *store, int64_t repo, const struct oid *sha, bool create, struct err *err)
{
	struct want_job in = {store, repo, sha, create};

	return store->exec.write(store->exec.self, want_in, &in, err);
}

#define TOLD_MAX 10000 /* reviews or head moves of one change that events told */

struct collect { /* rows gathered by a visitor into one growing array */
	void *at;
	size_t n, size, room;
};

static bool collect(void *context, const void *row)
{
	struct collect *c = context;

	if (c->n == c->room) {
		c->room = c->room ? 2 * c->room : 16;
		c->at = realloc(c->at, c->room * c->size);
		if (!c->at)
			out_of_memory();
	}
	__builtin_memcpy((char *)c->at + c->n++ * c->size, row, c->size);
	return true;
}

struct told_job {
	struct change_key key;
	struct told *ret;
	struct arena *arena;
};

static bool collect_all(struct rows *rows, const struct scan *scan, struct arena *arena, struct collect *c,
			struct err *err)
{
	void *copy;
	bool ok;

	*c = (struct collect){.size = scan->table->row_size};
	ok = rows->ops->scan(rows->self, scan, (struct visitor){collect, c, arena}, err);
	if (ok && c->n >= TOLD_MAX)
		ok = err_set(err, ERR_LIMIT, "more than %d rows of %s for one change", TOLD_MAX, scan->table->name);
	copy = arena_alloc(arena, c->n, c->size);
	if (c->n > 0)
		__builtin_memcpy(copy, c->at, c->n * c->size);
	free(c->at);
	c->at = copy;
	return ok;
}

/* False without an error: there is no such row. */
static bool get_row(struct rows *rows, struct told_job *in, const struct table *table, void *row, struct err *err)
{
	if (rows->ops->get(rows->self, table, row, in->arena, err))
		return true;
	if (err->code == ERR_GONE)
		*err = ERR_NONE;
	return false;
}

static bool told_newest(struct rows *rows, struct told_job *in, struct err *err)
{
	struct row_floor floor = {.repo = in->key.repo, .kind = TEXT_LIT("change"), .key = in->key.number};
	struct row_change change = {.repo = in->key.repo, .number = in->key.number};

	if (get_row(rows, in, &table_floor, &floor, err)) {
		in->ret->floor_time = floor.forge_time;
		(void)oid_parse(floor.value, &in->ret->floor_head);
	}
	if (err->code == ERR_OK && get_row(rows, in, &table_change, &change, err))
		in->ret->index = change;
	return err->code == ERR_OK;
}

static bool told_in(struct rows *rows, void *arg, struct err *err)
{
	struct told_job *in = arg;
	struct row_binding binding = {.repo = in->key.repo, .change = in->key.number};
	struct row_arrival arrival = {.repo = in->key.repo, .change = in->key.number};
	struct scan bindings = {.table = &table_binding,
				.index = BINDING_BY_CHANGE,
				.equal = &binding,
				.n_equal = 2,
				.limit = TOLD_MAX};
	struct scan arrivals = {
		.table = &table_arrival, .index = INDEX_KEY, .equal = &arrival, .n_equal = 2, .limit = TOLD_MAX};
	struct row_pushed named = {.repo = in->key.repo, .change = in->key.number};
	struct scan pushed = {
		.table = &table_pushed, .index = INDEX_KEY, .equal = &named, .n_equal = 2, .limit = TOLD_MAX};
	struct row_spoken ordered = {.repo = in->key.repo, .change = in->key.number};
	struct scan spoken = {
		.table = &table_spoken, .index = INDEX_KEY, .equal = &ordered, .n_equal = 2, .limit = TOLD_MAX};
	struct collect b, a, p, o;

	*in->ret = (struct told){.floor_time = WHEN_UNKNOWN};
	if (!collect_all(rows, &bindings, in->arena, &b, err) || !collect_all(rows, &arrivals, in->arena, &a, err) ||
	    !collect_all(rows, &pushed, in->arena, &p, err) || !collect_all(rows, &spoken, in->arena, &o, err))
		return false;
	in->ret->bindings = b.at;
	in->ret->n_bindings = b.n;
	in->ret->arrivals = a.at;
	in->ret->n_arrivals = a.n;
	in->ret->pushed = p.at;
	in->ret->n_pushed = p.n;
	in->ret->spoken = o.at;
	in->ret->n_spoken = o.n;
	return told_newest(rows, in, err);
}

bool store_told(const struct store *store, struct change_key key, struct told *ret, struct arena *arena,
		struct err *err)
{
	struct told_job in = {key, ret, arena};

	return store->exec.read(store->exec.self, told_in, &in, err);
}

struct shown_job {
	const struct first_shown *in;
	int64_t first;
};

static bool earliest(void *context, const void *row)
{
	const struct row_arrival *arrival = row;
	struct shown_job *job = context;

	if (arrival->first_shown && arrival->forge_at > job->in->after)
		earlier(&job->first, arrival->forge_at);
	return true;
}

static bool shown_in(struct rows *rows, void *arg, struct err *err)
{
	struct shown_job *job = arg;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct row_arrival row = {.repo = job->in->key.repo, .change = job->in->key.number, .sha = job->in->sha};
	struct scan scan = {.table = &table_arrival, .index = INDEX_KEY, .equal = &row, .n_equal = 3};

	job->first = WHEN_UNKNOWN;
	if (!rows->ops->scan(rows->self, &scan, (struct visitor){earliest, job, &arena}, err))
		return false;
	if (job->first != WHEN_UNKNOWN || job->in->date <= job->in->after) {
		if (job->first == WHEN_UNKNOWN)
			job->first = job->in->date;
		return true;
	}
	row.forge_at = job->in->date;
	row.first_shown = 1;
	job->first = row.forge_at;
	if (rows->ops->add(rows->self, &table_arrival, &row, err))
		return true;
	if (err->code != ERR_CONFLICT)
		return false;
	*err = ERR_NONE; /* a signed arrival of the same second stands there already */
	return true;
}

static bool pushed_in(struct rows *rows, void *arg, struct err *err)
{
	const struct pushed *in = *(const struct pushed **)arg;
	struct row_pushed row = {.repo = in->key.repo, .change = in->key.number, .sha = in->sha};

	for (size_t i = 0; i < in->n; i++) {
		row.pusher = in->by[i];
		if (!rows->ops->add(rows->self, &table_pushed, &row, err) && err->code != ERR_CONFLICT)
			return false;
		*err = ERR_NONE; /* it was kept already */
	}
	return true;
}

bool store_keep_pushers(const struct store *store, const struct pushed *in, struct err *err)
{
	return store->exec.write(store->exec.self, pushed_in, &in, err);
}

bool store_first_shown(const struct store *store, const struct first_shown *in, int64_t *ret_first, struct err *err)
{
	struct shown_job job = {in, WHEN_UNKNOWN};

	if (!store->exec.write(store->exec.self, shown_in, &job, err))
		return false;
	*ret_first = job.first;
	return true;
}
