/*
 * The derived columns.
 *
 *   slot.due      1 while what the slot wants differs from what the ledger believes the forge to hold, and while
 *                 our own newest status is a success that is not wanted. Superseded slots are compared by state only:
 *                 their text may name another newer head without a post.
 *   slot.rank     revocations first: neither a grant nor anybody's many first statuses stand before one.
 *   slot.watched  1 while the forge may hold success: what a sweep has to look at. Not where it has landed, once that
 *                 needs no post; who opens a change or a group there puts its slot, too.
 *   slot.owed_since  since when all of this holds: the forge may hold a success that was sent or seen there, the slot
 *                 wants something else, and the forge has not taken that, because it was not sent, not answered or
 *                 refused. Kept while it holds, whatever else is written there: how long a success stands that should
 *                 not. A commit that never had one is watched where a status was refused, and owes nothing.
 *   ledger.in_doubt  1 while a POST is out or its fate unknown, so that those rows are found without a walk.
 */
#include "agent/store/steps.h"

#include "agent/store/groups.h"
#include "agent/store/turns.h"

#include <assert.h>

#define OTHERS_MAX 16

static const char latched[] = "Blocked: too many statuses on this commit; push a new commit";

bool step_find(struct step *step, const struct table *table, void *row, bool *found)
{
	*found = step->rows->ops->get(step->rows->self, table, row, step->arena, step->err);
	if (*found)
		return true;
	if (step->err->code != ERR_GONE)
		return false;
	*step->err = ERR_NONE;
	return true;
}

bool step_put(struct step *step, const struct table *table, const void *row)
{
	step->puts++;
	return step->rows->ops->put(step->rows->self, table, row, step->err);
}

bool subject_raise(struct step *step, int64_t repo, const struct oid *sha, bool create)
{
	struct row_subject subject = {.repo = repo, .sha = *sha};
	bool found;

	assert(oid_known(sha));
	if (!step_find(step, &table_subject, &subject, &found))
		return false;
	if (!found && !create)
		return true;
	if (!turn_take(step, &subject))
		return false;
	subject.wanted++;
	subject.due = 1;
	subject.not_before = 0; /* news is worth a look at once, whatever the last attempt ran into */
	step->subjects = true;
	return step_put(step, &table_subject, &subject);
}

bool subject_want(struct step *step, int64_t repo, const struct oid *sha, bool create)
{
	return subject_raise(step, repo, sha, create) && groups_want(step, repo, sha);
}

bool subject_want_again(struct step *step, int64_t repo, const struct oid *sha)
{
	struct row_subject subject = {.repo = repo, .sha = *sha};
	bool found;

	if (!step_find(step, &table_subject, &subject, &found))
		return false;
	if (found && subject.due && (subject.attempts > 0 || subject.not_before <= step->now))
		return true;
	if (!turn_take(step, &subject))
		return false;
	subject.wanted += !subject.due;
	subject.due = 1;
	subject.not_before = step->now; /* behind all news, which is 0, and behind whoever waits longer */
	step->subjects = true;
	return step_put(step, &table_subject, &subject);
}

bool slot_find(struct step *step, int64_t repo, const struct oid *sha, struct row_slot *ret, bool *found)
{
	*ret = (struct row_slot){.repo = repo, .sha = *sha, .context = step->store->context};
	return step_find(step, &table_slot, ret, found);
}

bool ledger_find(struct step *step, int64_t repo, const struct oid *sha, struct row_ledger *ret, bool *found)
{
	*ret = (struct row_ledger){.repo = repo, .sha = *sha, .context = step->store->context};
	return step_find(step, &table_ledger, ret, found);
}

/* ---- contexts ---- */

bool is_own(const struct step *step, struct text context)
{
	return text_eq(context, step->store->context);
}

struct taking {
	struct slots *slots;
	struct arena *arena;
};

/* As many as policies have ever named for the commit: one or two. */
static bool take_slot(void *context, const void *row)
{
	const struct taking *t = context;
	struct slots *slots = t->slots;

	if ((slots->n & (slots->n - 1)) == 0) { /* full at each power of two */
		struct row_slot *more = arena_alloc(t->arena, slots->n > 0 ? 2 * slots->n : 1, sizeof *more);

		for (size_t i = 0; i < slots->n; i++)
			more[i] = slots->at[i];
		slots->at = more;
	}
	slots->at[slots->n++] = *(const struct row_slot *)row;
	return true;
}

bool slots_of(struct step *step, int64_t repo, const struct oid *sha, struct slots *ret)
{
	struct row_slot key = {.repo = repo, .sha = *sha};
	struct scan scan = {
		.table = &table_slot, .index = INDEX_KEY, .equal = &key, .n_equal = 2, .limit = SIZE_MAX / 2};
	struct taking taking = {ret, step->arena};

	*ret = (struct slots){NULL, 0};
	return step->rows->ops->scan(step->rows->self, &scan, (struct visitor){take_slot, &taking, step->arena},
				     step->err);
}

bool slot_ledger(struct step *step, const struct row_slot *slot, struct row_ledger *ret)
{
	bool found;

	*ret = (struct row_ledger){.repo = slot->repo, .sha = slot->sha, .context = slot->context};
	return step_find(step, &table_ledger, ret, &found);
}

bool stays_superseded(const struct row_slot *slot)
{
	return slot->superseded && slot->state == STATUS_FAILURE;
}

bool slots_revoke(struct step *step, const struct slot_wish *wish)
{
	struct slots slots;

	if (!slots_of(step, wish->repo, &wish->sha, &slots))
		return false;
	for (size_t i = 0; i < slots.n; i++) {
		struct slot_wish one = *wish;
		struct row_ledger ledger;

		one.context = slots.at[i].context;
		if (!slot_ledger(step, &slots.at[i], &ledger))
			return false;
		if (!stays_superseded(&slots.at[i]) && may_be_success(&slots.at[i], &ledger) && !slot_write(step, &one))
			return false;
	}
	return true;
}

bool slots_settle(struct step *step, int64_t repo, const struct oid *sha)
{
	struct slots slots;

	if (!slots_of(step, repo, sha, &slots))
		return false;
	for (size_t i = 0; i < slots.n; i++)
		if (!slot_settle(step, &slots.at[i]))
			return false;
	return true;
}

bool slot_named(struct step *step, struct row_slot *slot, bool *found)
{
	struct slots slots;

	*found = false;
	if (!slots_of(step, slot->repo, &slot->sha, &slots))
		return false;
	for (size_t i = 0; i < slots.n && !*found; i++) {
		*found = text_eq_nocase(slots.at[i].context, slot->context);
		if (*found)
			*slot = slots.at[i];
	}
	return true;
}

/* ---- one slot ---- */

static bool differs(const struct row_slot *slot, const struct row_ledger *ledger)
{
	if (ledger->state == STATUS_UNKNOWN || slot->state != ledger->state)
		return true;
	/* Another's denial stands above our success. Who looks for ours alone would still see that. */
	if (ledger->granted && slot->state != STATUS_SUCCESS)
		return true;
	return !slot->superseded && !text_eq(slot->text, ledger->text);
}

static enum slot_rank rank_of(const struct row_slot *slot)
{
	if (slot->state == STATUS_SUCCESS)
		return RANK_GRANTS;
	return slot->watched ? RANK_REVOKES : RANK_TELLS;
}

/* Ours, as far as no status that took its place was answered; one that is out or has no answer; or another's. */
static bool success_was_there(const struct row_ledger *ledger)
{
	return ledger->state == STATUS_SUCCESS || ledger->in_flight_state == STATUS_SUCCESS ||
	       ledger->grants_until > 0 || ledger->granted || ledger->others > 0;
}

static void count_owed(const struct step *step, struct row_slot *slot, const struct row_ledger *ledger)
{
	if (!slot->watched || slot->state == STATUS_SUCCESS || !differs(slot, ledger) || !success_was_there(ledger))
		slot->owed_since = 0;
	else if (slot->owed_since == 0)
		slot->owed_since = step->now > 0 ? step->now : 1;
}

static bool slot_put(struct step *step, struct row_slot *slot, const struct row_ledger *ledger)
{
	bool landed = false, waited = slot->due != 0;

	slot->due = !slot->refused && differs(slot, ledger);
	slot->watched = may_be_success(slot, ledger);
	if (slot->watched && !slot->due && !commit_landed(step, slot->repo, &slot->sha, &landed))
		return false;
	if (landed)
		slot->watched = 0;
	slot->rank = rank_of(slot);
	count_owed(step, slot, ledger);
	if (slot->due && !waited && !turn_end_slot(step, slot))
		return false;
	step->slots = step->slots || slot->due;
	step->looks = step->looks || slot->look;
	return step_put(step, &table_slot, slot);
}

bool slot_settle(struct step *step, struct row_slot *slot)
{
	struct row_ledger ledger;

	return slot_ledger(step, slot, &ledger) && slot_put(step, slot, &ledger);
}

bool is_latched(const struct store *store, const struct row_ledger *ledger)
{
	return ledger->count >= store->limits.posts_max || ledger->others >= OTHERS_MAX;
}

bool slot_write(struct step *step, const struct slot_wish *wish)
{
	struct row_subject subject = {.repo = wish->repo, .sha = wish->sha};
	struct text context = wish->context.len > 0 ? wish->context : step->store->context;
	struct row_slot slot = {.repo = wish->repo, .sha = wish->sha, .context = context};
	struct row_ledger ledger;
	bool had_slot, had_subject, latch;
	enum status_state state;
	struct text text;

	if (!step_find(step, &table_slot, &slot, &had_slot) || !slot_ledger(step, &slot, &ledger) ||
	    !step_find(step, &table_subject, &subject, &had_subject))
		return false;
	/* What the forge holds already needs no post, and stands. */
	latch = is_latched(step->store, &ledger) &&
		!(ledger.state == (int64_t)wish->state && text_eq(ledger.text, wish->text));
	state = latch ? STATUS_FAILURE : wish->state;
	text = latch ? TEXT_LIT(latched) : wish->text;
	if (!had_slot || slot.state != (int64_t)state || !text_eq(slot.text, text)) {
		slot.refused = 0;
		slot.attempts = 0;
		slot.not_before = 0;
	}
	if (wish->kind == SLOT_VERDICT) /* judged anew: what the forge refused once it may take now */
		slot.refused = 0;
	slot.state = state;
	slot.text = text;
	slot.kind = wish->kind;
	slot.generation = had_subject ? subject.wanted : 0;
	slot.made_at = wish->made_at ? wish->made_at : step->now;
	slot.verdict = wish->verdict;
	slot.superseded = wish->superseded;
	if (wish->kind == SLOT_VERDICT && wish->state == STATUS_SUCCESS)
		slot.allowed_before = 1;
	if (!wish->superseded && oid_known(&wish->after)) /* a supersede keeps it for what comes after, and waits not */
		slot.after = wish->after;
	return slot_put(step, &slot, &ledger);
}

bool slot_age(struct step *step, const struct row_slot *slot)
{
	struct slot_wish wish = {.repo = slot->repo,
				 .sha = slot->sha,
				 .context = slot->context,
				 .state = STATUS_PENDING,
				 .kind = SLOT_VERDICT};

	wish.text = arena_printf(step->arena, "Needs a new look at %.*s", TEXT_ARG(oid_short(&slot->sha)));
	return subject_want(step, slot->repo, &slot->sha, true) && slot_write(step, &wish);
}

bool ledger_write(struct step *step, struct row_ledger *ledger)
{
	struct row_slot slot = {.repo = ledger->repo, .sha = ledger->sha, .context = ledger->context};
	bool found;

	ledger->in_doubt = ledger->in_flight_by.len > 0 || ledger->doubt_until > 0;
	if (ledger->doubt_until > 0 && ledger->lost_grants > 0 &&
	    ledger->grants_until < ledger->doubt_until + FLOOR_LAG_MS)
		ledger->grants_until = ledger->doubt_until + FLOOR_LAG_MS;
	if (!step_put(step, &table_ledger, ledger) || !step_find(step, &table_slot, &slot, &found))
		return false;
	return !found || slot_put(step, &slot, ledger);
}

void ledger_listed(const struct store *store, struct row_ledger *ledger, int64_t at)
{
	int64_t most = at + store->limits.post_deadline_ms + store->limits.post_grace_ms + FLOOR_LAG_MS;

	if (at >= ledger->grants_until)
		ledger->grants_until = 0;
	else if (ledger->grants_until > most) /* an earlier process's clock was ahead */
		ledger->grants_until = most;
}

struct landing {
	bool merged, open;
};

static bool had_it(void *context, const void *row)
{
	const struct row_change *change = row;
	struct landing *landing = context;

	landing->merged = landing->merged || change->merged == TRI_YES;
	landing->open = landing->open || change->open != TRI_NO;
	return true;
}

bool commit_landed(struct step *step, int64_t repo, const struct oid *sha, bool *ret)
{
	struct row_change key = {.repo = repo, .head = *sha};
	struct scan scan = {.table = &table_change, .index = CHANGE_BY_HEAD, .equal = &key, .n_equal = 2};
	struct landing landing = {false, false};
	struct groups_count groups;

	if (!step->rows->ops->scan(step->rows->self, &scan, (struct visitor){had_it, &landing, step->arena}, step->err))
		return false;
	*ret = false;
	if (landing.open)
		return true;
	if (!groups_count(step, repo, sha, &groups))
		return false;
	*ret = groups.live == 0 && (landing.merged || groups.landed > 0);
	return true;
}

bool may_be_success(const struct row_slot *slot, const struct row_ledger *ledger)
{
	if (slot->state == STATUS_SUCCESS || ledger->state == STATUS_SUCCESS ||
	    ledger->in_flight_state == STATUS_SUCCESS || ledger->grants_until > 0 || ledger->granted)
		return true;
	/* What the forge holds is not known now, or may yet change. Only a first POST that is out and is no success
	 * cannot have left one; after one that the forge refused, what came before it stands. */
	return ledger->doubt_until > 0 ||
	       (ledger->state == STATUS_UNKNOWN && ledger->count > (ledger->in_flight_by.len > 0));
}

int64_t post_dead_at(const struct store *store, const struct row_ledger *ledger)
{
	return ledger->in_flight_since + store->limits.post_deadline_ms + store->limits.post_grace_ms;
}

bool gate_asked(struct step *step, const struct gate *gate, int64_t repo, int64_t *ret_at)
{
	struct row_repo row = {.id = repo};
	struct gate_who who = {.repo = repo, .now = step->now};
	bool found;

	*ret_at = WHEN_UNKNOWN;
	if (!gate)
		return true;
	if (!step_find(step, &table_repo, &row, &found))
		return false;
	who.installation = row.installation;
	if (gate->open(gate->self, &who, ret_at))
		*ret_at = WHEN_UNKNOWN;
	return true;
}

bool supersede_answered(struct step *step, int64_t repo, const struct oid *sha, bool *ret)
{
	struct slots slots;

	if (!slots_of(step, repo, sha, &slots))
		return false;
	*ret = true;
	for (size_t i = 0; i < slots.n; i++) /* not due: the forge took it, or refused it for good */
		*ret = *ret && (!slots.at[i].superseded || !slots.at[i].due);
	return true;
}
