/*
 * Taking and answering posts (agent/PROTOCOL.md, Post).
 *
 * The ledger is written ahead: before a request leaves, the ledger durably says that one is out. An answer settles it.
 * No answer leaves it in doubt until the longest life of a request has passed: a revocation is still sent at once, a
 * success never; then the forge is read again, and the slot compared with what it really holds.
 */
#include "agent/store/forged.h"
#include "agent/store/turns.h"

#define POST_LOOK        256 /* due slots looked at first; if all of them are held back, more and more are */
#define POST_LOOK_MAX    131072
#define POST_LOOK_TIMES  8
#define NOT_BEFORE_MAX   7200000 /* later than any backoff or limit names: a clock that went back */
#define BACKOFF_FIRST_MS 250
#define BACKOFF_MAX_MS   60000
#define JOURNAL_SOON_MS  20

struct take_job {
	const struct store *store;
	const struct taker *taker;
	struct post *ret;
	int64_t *next_at;
	struct row_slot *slots; /* candidates, in order */
	size_t n, room;
	bool taken;
};

static void earlier(int64_t *at, int64_t other)
{
	if (*at == WHEN_UNKNOWN || other < *at)
		*at = other;
}

static bool keep(void *context, const void *row)
{
	struct take_job *job = context;

	job->slots = arena_room(job->taker->arena, job->slots, job->n, &job->room, sizeof *job->slots);
	job->slots[job->n++] = *(const struct row_slot *)row;
	return true;
}

static bool some(void *context, const void *row)
{
	(void)row;
	*(bool *)context = true;
	return false;
}

static bool unapplied(struct step *step, int64_t repo, bool *ret)
{
	const int64_t repos[] = {0, repo};

	*ret = false;
	for (size_t i = 0; i < 2 && !*ret; i++) {
		struct row_journal key = {.repo = repos[i], .state = JOURNAL_WAITING};
		struct scan scan = {.table = &table_journal,
				    .index = JOURNAL_BY_REPO,
				    .equal = &key,
				    .n_equal = 2,
				    .lean = true,
				    .limit = 1};

		if (!step->rows->ops->scan(step->rows->self, &scan, (struct visitor){some, ret, step->arena},
					   step->err))
			return false;
	}
	return true;
}

/* Too old to be sent: its reads may be untrue by now. */
static bool too_old(struct step *step, const struct row_slot *slot, bool *ret)
{
	/* From the future: the clock went back, and nobody can say how old it is. */
	*ret = slot->made_at > step->now || step->now - slot->made_at > step->store->limits.grant_age_ms;
	return !*ret || slot_age(step, slot);
}

/* *ret_at: WHEN_UNKNOWN when it may be sent now, else when to look again (INT64_MAX: something else will wake us). */
static bool grant_held(struct step *step, const struct row_slot *slot, const struct row_ledger *ledger, int64_t *ret_at)
{
	bool waiting, old;

	*ret_at = WHEN_UNKNOWN;
	if (ledger->in_flight_by.len > 0) { /* out for too long: a doubt that nobody has named yet */
		*ret_at = INT64_MAX;
		return true;
	}
	if (ledger->doubt_until > 0) {
		*ret_at = ledger->doubt_until > step->now ? ledger->doubt_until : INT64_MAX;
		return true;
	}
	if (!unapplied(step, slot->repo, &waiting))
		return false;
	if (waiting) {
		*ret_at = step->now + JOURNAL_SOON_MS;
		return true;
	}
	if (!too_old(step, slot, &old))
		return false;
	if (old)
		*ret_at = step->now;
	return true;
}

/* Is the supersede of the head that this one replaced answered? A supersede itself waits for nobody: no two slots can
 * wait for each other. */
static bool behind_free(struct step *step, const struct row_slot *slot, bool *ret)
{
	*ret = true;
	return slot->superseded || !oid_known(&slot->after) || supersede_answered(step, slot->repo, &slot->after, ret);
}

static bool held(struct step *step, struct row_slot *slot, struct row_ledger *ledger, int64_t *ret_at)
{
	bool free;

	*ret_at = WHEN_UNKNOWN;
	if (!slot_ledger(step, slot, ledger) || !behind_free(step, slot, &free))
		return false;
	if (slot->not_before > step->now && slot->not_before - step->now <= NOT_BEFORE_MAX)
		*ret_at = slot->not_before;
	else if (ledger->in_flight_by.len > 0 && post_dead_at(step->store, ledger) > step->now)
		*ret_at = post_dead_at(step->store, ledger);
	else if (!free)
		*ret_at = INT64_MAX;
	else if (slot->state == STATUS_SUCCESS)
		return grant_held(step, slot, ledger, ret_at);
	return true;
}

/* A POST that is out for longer than one can live, its poster gone: in doubt from now on. */
static void presume_dead(const struct store *store, struct row_ledger *ledger)
{
	if (ledger->in_flight_by.len == 0)
		return;
	if (ledger->doubt_until < post_dead_at(store, ledger))
		ledger->doubt_until = post_dead_at(store, ledger);
	ledger->in_flight_by = TEXT_EMPTY;
}

static bool write_ahead(struct step *step, struct take_job *job, struct row_slot *slot, struct row_ledger *ledger)
{
	struct row_repo repo = {.id = slot->repo};
	bool found;

	presume_dead(step->store, ledger);
	ledger->state = STATUS_UNKNOWN;
	ledger->text = TEXT_EMPTY;
	ledger->in_flight_by = arena_text(step->arena, text_of(job->taker->owner));
	ledger->in_flight_since = step->now;
	ledger->in_flight_state = slot->state;
	ledger->count++;
	own_sent(ledger, (enum status_state)slot->state);
	if (!slot->superseded)
		slot->after = OID_NONE;
	slot->attempts++;
	if (!turn_end_slot(step, slot))
		return false;
	*job->ret = (struct post){
		.repo = slot->repo,
		.sha = slot->sha,
		.context = slot->context,
		.text = slot->text,
		.state = (enum status_state)slot->state,
		.taken_at = step->now,
		.made_at = slot->made_at,
		.generation = slot->generation,
		.attempts = slot->attempts,
		.verdict = slot->verdict,
	};
	if (!step_put(step, &table_slot, slot) || !ledger_write(step, ledger) ||
	    !step_find(step, &table_repo, &repo, &found))
		return false;
	job->ret->repo_name = repo.name;
	job->ret->installation = repo.installation;
	return name_doubt(step, slot->repo, &job->ret->name_doubt);
}

/* Near the forge's cap the last posts are kept for failures: anything else is turned into one. */
static bool latch(struct step *step, struct row_slot *slot)
{
	struct row_ledger ledger;
	struct slot_wish wish = {.repo = slot->repo,
				 .sha = slot->sha,
				 .context = slot->context,
				 .state = STATUS_FAILURE,
				 .text = slot->text,
				 .kind = SLOT_REVOCATION,
				 .superseded = slot->superseded != 0};
	bool found;

	if (!slot_ledger(step, slot, &ledger))
		return false;
	if (!is_latched(step->store, &ledger) || slot->state == STATUS_FAILURE)
		return true;
	return slot_write(step, &wish) && step_find(step, &table_slot, slot, &found);
}

static bool take(struct step *step, struct take_job *job)
{
	for (size_t i = 0; i < job->n && !job->taken; i++) {
		struct row_slot *slot = &job->slots[i];
		struct row_ledger ledger;
		int64_t at;

		if (!latch(step, slot) || !held(step, slot, &ledger, &at) ||
		    (at == WHEN_UNKNOWN && !gate_asked(step, job->taker->gate, slot->repo, &at)))
			return false;
		if (at == WHEN_UNKNOWN && slot->due) {
			job->taken = true;
			if (!write_ahead(step, job, slot, &ledger))
				return false;
		} else if (at != INT64_MAX && at != WHEN_UNKNOWN) {
			earlier(job->next_at, at);
		}
	}
	return true;
}

static bool look(struct step *step, struct take_job *job, const struct scan *scan)
{
	job->n = 0;
	return step->rows->ops->scan(step->rows->self, scan, (struct visitor){keep, job, step->arena}, step->err);
}

/* Those held back may be many, and what they wait for may stand behind them: then a longer look is taken. */
static bool take_among(struct step *step, struct take_job *job, const struct turn *turn, int i, enum slot_rank rank)
{
	size_t limit = POST_LOOK;

	do {
		struct scan scan = due_slots(turn->order[i], rank, limit);

		turn_bound(step, turn, i, &scan);
		if (!look(step, job, &scan) || !take(step, job))
			return false;
		limit *= POST_LOOK_TIMES;
	} while (!job->taken && job->n == limit / POST_LOOK_TIMES && limit <= POST_LOOK_MAX);
	return true;
}

static bool take_of(struct step *step, struct take_job *job, enum slot_rank rank)
{
	const struct scan waiting[DUES] = {due_slots(DUE_NEWS, rank, 1), due_slots(DUE_NEXT, rank, 1),
					   due_slots(DUE_PUT_OFF, rank, 1)};
	struct turn turn = {.line = LINE_SLOTS(rank), .waiting = waiting};

	if (!turn_begin(step, &turn))
		return false;
	for (int i = 0; i < TURN_LOOKS && turn.order[i] != DUES; i++) {
		if (!take_among(step, job, &turn, i, rank))
			return false;
		if (job->taken)
			return turn_given(step, &turn, turn.order[i]);
	}
	return true;
}

static bool take_in(struct rows *rows, void *arg, struct err *err)
{
	struct take_job *job = arg;
	struct step step = {
		.rows = rows, .store = job->store, .arena = job->taker->arena, .err = err, .now = job->taker->now};

	*job->next_at = WHEN_UNKNOWN;
	for (enum slot_rank rank = RANK_REVOKES; rank < SLOT_RANKS && !job->taken; rank++) /* over all slots */
		if (!take_of(&step, job, rank))
			return false;
	return true;
}

bool store_take_post(const struct store *store, const struct taker *taker, struct post *ret, int64_t *next_at,
		     struct err *err)
{
	struct take_job job = {.store = store, .taker = taker, .ret = ret, .next_at = next_at};

	if (!store->exec.write(store->exec.self, take_in, &job, err))
		return false;
	return job.taken || err_set(err, ERR_GONE, "no status is due");
}

struct posted_job {
	const struct store *store;
	const struct post *post;
	const struct post_result *result;
};

static int64_t backoff(int64_t attempts)
{
	int64_t ms = BACKOFF_FIRST_MS;

	for (int64_t i = 1; i < attempts && ms < BACKOFF_MAX_MS; i++)
		ms *= 2;
	return ms < BACKOFF_MAX_MS ? ms : BACKOFF_MAX_MS;
}

/* What stands in the slot by now may be another status: it inherits what the forge asked for, not our backoff. */
static void hold(struct posted_job *job, struct row_slot *slot)
{
	const struct post_result *result = job->result;
	bool same = slot->state == (int64_t)job->post->state && text_eq(slot->text, job->post->text);
	int64_t again = same ? result->now + backoff(job->post->attempts) : 0;

	if (same && result->outcome == POST_REFUSED)
		slot->refused = 1;
	slot->not_before = result->retry_at > again ? result->retry_at : again;
}

/* A newer status than ours was told of while ours was out: what the forge holds is not what we sent, and whose it is
 * is read. */
static void accepted(const struct posted_job *job, struct row_slot *slot, struct row_ledger *ledger)
{
	int64_t id = job->result->forge_status_id;

	ledger->granted = job->post->state == STATUS_SUCCESS;
	if (id != 0 && id < ledger->forge_status_id) {
		slot->look = 1;
		return;
	}
	ledger->state = job->post->state;
	ledger->text = job->post->text;
	if (id > ledger->forge_status_id)
		ledger->forge_status_id = id;
}

/* Cut just now: later than its deadline, if the process stood still meanwhile. */
static void doubt_cut(const struct posted_job *job, struct row_ledger *ledger)
{
	int64_t gone_at = job->result->now + job->store->limits.post_grace_ms;

	presume_dead(job->store, ledger);
	if (ledger->doubt_until < gone_at)
		ledger->doubt_until = gone_at;
}

static void settle(struct posted_job *job, struct step *step, struct row_slot *slot, struct row_ledger *ledger)
{
	const struct post_result *result = job->result;

	if (result->outcome == POST_UNANSWERED)
		doubt_cut(job, ledger);
	ledger->in_flight_by = TEXT_EMPTY;
	if (result->outcome != POST_UNANSWERED)
		ledger->in_flight_state = STATUS_UNKNOWN;
	if (result->outcome == POST_ACCEPTED) {
		own_answered(step, ledger, job->post, result->forge_status_id);
		accepted(job, slot, ledger);
		slot->attempts = 0;
		slot->not_before = 0;
		return;
	}
	if (result->outcome != POST_UNANSWERED) { /* the forge keeps only what it accepted */
		ledger->count--;
		own_unsent(ledger, job->post->state);
	}
	hold(job, slot);
}

static bool posted_in(struct rows *rows, void *arg, struct err *err)
{
	struct posted_job *job = arg;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct step step = {.rows = rows, .store = job->store, .arena = &arena, .err = err, .now = job->result->now};
	const struct post *post = job->post;
	struct row_slot slot = {.repo = post->repo, .sha = post->sha, .context = post->context};
	struct row_ledger ledger = {.repo = post->repo, .sha = post->sha, .context = post->context};
	bool has_slot, has_ledger;

	if (!identity_answered(&step, job->post, job->result) || !step_find(&step, &table_slot, &slot, &has_slot) ||
	    !step_find(&step, &table_ledger, &ledger, &has_ledger))
		return false;
	/* Answered after it was presumed dead: the doubt stands, and the re-read will tell. */
	if (!has_slot || !has_ledger || ledger.in_flight_by.len == 0 || ledger.in_flight_since != job->post->taken_at)
		return true;
	if (!owed_answered(&step, &slot, job->post->state, job->result->outcome))
		return false;
	settle(job, &step, &slot, &ledger);
	return step_put(&step, &table_slot, &slot) && ledger_write(&step, &ledger);
}

bool store_posted(const struct store *store, const struct post *post, const struct post_result *result, struct err *err)
{
	struct posted_job job = {store, post, result};

	return store->exec.write(store->exec.self, posted_in, &job, err);
}
