#include "agent/store/apply.h"

bool revoke(struct applying *a, const struct oid *sha, struct text text)
{
	struct slot_wish wish = {
		.repo = a->event->repo, .sha = *sha, .state = STATUS_FAILURE, .text = text, .kind = SLOT_REVOCATION};

	return revoke_groups(a, sha, text) && subject_want(a->step, a->event->repo, sha, true) &&
	       slots_revoke(a->step, &wish);
}

/* In every context that has a slot; in the server's own there is one from then on. */
static bool write_all(struct step *step, const struct slot_wish *wish)
{
	struct slots slots;

	if (!slot_write(step, wish) || !slots_of(step, wish->repo, &wish->sha, &slots))
		return false;
	for (size_t i = 0; i < slots.n; i++) {
		struct slot_wish one = *wish;

		one.context = slots.at[i].context;
		if (!is_own(step, one.context) && !slot_write(step, &one))
			return false;
	}
	return true;
}

bool revoke_for_good(struct applying *a, const struct oid *sha, struct text text)
{
	struct slot_wish wish = {.repo = a->event->repo,
				 .sha = *sha,
				 .state = STATUS_FAILURE,
				 .text = text,
				 .kind = SLOT_REVOCATION,
				 .superseded = true};

	if (!revoke_groups(a, sha, text))
		return false;
	return subject_want(a->step, a->event->repo, sha, true) && write_all(a->step, &wish);
}

/* A late event of the head that a younger one told of is no old story: what it says of that head still holds. */
static bool is_believed(struct applying *a, const struct oid *sha, bool *ret)
{
	struct row_change row = {.repo = a->event->repo, .number = a->event->change.number};
	bool found;

	if (!step_find(a->step, &table_change, &row, &found))
		return false;
	*ret = found && oid_eq(&row.head, sha);
	return true;
}

struct announcing {
	struct slot_wish wish; /* where nothing was allowed */
	struct text why;       /* where something may be */
	bool believed;
};

static bool announce_in(struct applying *a, const struct announcing *in, struct row_slot *slot, bool has_slot)
{
	struct slot_wish wish = in->wish;
	struct row_ledger ledger;

	wish.context = slot->context;
	if (!slot_ledger(a->step, slot, &ledger))
		return false;
	if (!a->newest && stays_superseded(slot))
		return true;
	if (may_be_success(slot, &ledger)) {
		wish.state = STATUS_FAILURE;
		wish.text = in->why;
		return slot_write(a->step, &wish);
	}
	/* A late event may name a head that was replaced since: it says nothing there, and only asks for a judgement.
	 */
	if (!in->believed)
		return true;
	if (has_slot && !slot->superseded) {
		if (oid_known(&wish.after))
			slot->after = wish.after;
		return slot_settle(a->step, slot);
	}
	return slot_write(a->step, &wish);
}

bool announce(struct applying *a, const struct oid *sha, const struct oid *after, struct text why)
{
	struct text text = arena_printf(a->step->arena, "Needs a first look at %.*s", TEXT_ARG(oid_short(sha)));
	struct announcing in = {.wish = {.repo = a->event->repo,
					 .sha = *sha,
					 .state = STATUS_PENDING,
					 .text = text,
					 .kind = SLOT_REVOCATION,
					 .after = *after},
				.why = why,
				.believed = true};
	struct row_slot own;
	struct slots slots;
	bool has_own;

	if (!subject_want(a->step, a->event->repo, sha, true) ||
	    !slot_find(a->step, a->event->repo, sha, &own, &has_own) ||
	    !slots_of(a->step, a->event->repo, sha, &slots) || (!a->newest && !is_believed(a, sha, &in.believed)))
		return false;
	if ((in.believed && !revoke_groups(a, sha, why)) || !announce_in(a, &in, &own, has_own))
		return false;
	for (size_t i = 0; i < slots.n; i++)
		if (!is_own(a->step, slots.at[i].context) && !announce_in(a, &in, &slots.at[i], true))
			return false;
	return true;
}

struct other {
	struct step *step;
	int64_t number;
	enum tri found;
	bool ok;
};

/* Events of the newest second contradict each other: nobody knows whether it is open, or what its head is. */
static bool is_contradicted(struct step *step, const struct row_change *change, bool *ret)
{
	struct row_floor floor = {.repo = change->repo, .kind = TEXT_LIT("change"), .key = change->number};
	bool found;

	if (!step_find(step, &table_floor, &floor, &found))
		return false;
	*ret = found && floor.value.len == 0;
	return true;
}

static bool is_other(void *context, const void *row)
{
	const struct row_change *change = row;
	struct other *other = context;
	bool contradicted = false;

	if (change->number == other->number || change->open == TRI_NO)
		return true;
	other->ok = is_contradicted(other->step, change, &contradicted);
	other->found = contradicted || change->open == TRI_UNKNOWN ? TRI_UNKNOWN : TRI_YES;
	return other->ok && other->found != TRI_YES;
}

bool heads_another(struct applying *a, const struct oid *sha, int64_t number, enum tri *ret)
{
	struct row_change key = {.repo = a->event->repo, .head = *sha};
	struct scan scan = {.table = &table_change, .index = CHANGE_BY_HEAD, .equal = &key, .n_equal = 2};
	struct other other = {a->step, number, TRI_NO, true};

	if (!a->step->rows->ops->scan(a->step->rows->self, &scan, (struct visitor){is_other, &other, a->step->arena},
				      a->step->err) ||
	    !other.ok)
		return false;
	*ret = other.found;
	return true;
}

/*
 * The forge's times have a grain of one second, so two events of one change can carry the same. Then the one that
 * says it replaced the other's head is newer, and a head known to be superseded is older; else a push is newer than
 * what came before it in the journal, and of what names another head and no push nobody knows. Two that each say they
 * replaced the other's head (there and back) contradict each other, and so do two of which one closed, drafted or moved
 * what the other one opened, readied or moved, and one that tells of another state than the newest did without having
 * made it: no answer is believed then before no copy lags.
 */
static bool arrived_then(struct applying *a, struct text head, struct row_arrival *row, bool *ret)
{
	*row = (struct row_arrival){
		.repo = a->event->repo, .change = a->event->change.number, .forge_at = a->event->change.updated_at};
	*ret = false;
	return !oid_parse(head, &row->sha) || step_find(a->step, &table_arrival, row, ret);
}

static const char *turn_of(const struct event *event)
{
	static const char *const kinds[] = {[CHANGE_DRAFT] = "turn/draft",
					    [CHANGE_READY] = "turn/draft",
					    [CHANGE_CLOSED] = "turn/open",
					    [CHANGE_REOPENED] = "turn/open"};

	if (event->change_action == CHANGE_EDITED)
		return event->base_changed == TRI_YES ? "turn/base" : NULL;
	return event->change_action < sizeof kinds / sizeof kinds[0] ? kinds[event->change_action] : NULL;
}

/* Did the same thing turn in that second before? There and back: nobody can say which was last. */
static bool turned_twice(struct applying *a, bool *ret)
{
	const struct event_change *change = &a->event->change;
	const char *kind = turn_of(a->event);
	struct row_floor floor = {.repo = a->event->repo, .kind = text_of(kind), .key = change->number};
	bool found;

	*ret = false;
	if (!kind)
		return true;
	if (!step_find(a->step, &table_floor, &floor, &found))
		return false;
	*ret = found && floor.forge_time == change->updated_at;
	if (found && floor.forge_time >= change->updated_at)
		return true;
	floor.forge_time = change->updated_at;
	return step_put(a->step, &table_floor, &floor);
}

/* Does an event that turns nothing tell of another state than the index has of that second? One of the two is from
 * before a turn. */
static bool tells_another(struct applying *a, bool *ret)
{
	const struct event_change *is = &a->event->change;
	struct row_change was = {.repo = a->event->repo, .number = is->number};
	bool found;

	if (!step_find(a->step, &table_change, &was, &found))
		return false;
	*ret = found && !turn_of(a->event) && was.updated_at == is->updated_at &&
	       (was.open != (int64_t)is->open || !text_eq(was.base_ref, is->base_ref) ||
		(is->draft != TRI_UNKNOWN && was.draft != (int64_t)is->draft));
	return true;
}

/* The event names the head that is believed; all but its opening came after it. */
static bool break_tie_of_head(struct applying *a, bool twice, struct text *ret_head)
{
	bool another;

	if (!tells_another(a, &another))
		return false;
	a->newest = a->event->change_action != CHANGE_OPENED;
	if (twice || (another && a->newest))
		*ret_head = TEXT_EMPTY;
	return true;
}

/* a->newest and *ret_head, the head to believe in. */
static bool break_tie(struct applying *a, struct text floor_head, bool twice, struct text *ret_head)
{
	struct row_subject subject = {.repo = a->event->repo, .sha = a->event->change.head};
	struct row_arrival arrival;
	bool after = text_eq(oid_text(&a->event->before), floor_head), found, arrived, pushed;

	if (text_eq(*ret_head, floor_head))
		return break_tie_of_head(a, twice, ret_head);
	if (!step_find(a->step, &table_subject, &subject, &found) || !arrived_then(a, floor_head, &arrival, &arrived))
		return false;
	if (floor_head.len == 0) { /* contradicted already, for all of that second; a replaced head is older still */
		a->newest = !found || !oid_known(&subject.superseded_by) ||
			    oid_eq(&subject.superseded_by, &a->event->before);
		if (!oid_known(&a->event->before) || (found && oid_known(&subject.superseded_by)))
			*ret_head = TEXT_EMPTY; /* a push to a head that nothing replaced names it again */
		return true;
	}
	if (!after) {
		/* Where another change had it, too, nobody wrote down that it was replaced in this one, but for the
		 * push that did: one to it that is told later came before that. */
		pushed = oid_known(&a->event->before);
		a->newest = !(found && oid_known(&subject.superseded_by)) &&
			    !(pushed && arrived && oid_eq(&arrival.before, &a->event->change.head));
		if (a->newest && !pushed)
			*ret_head = TEXT_EMPTY;
	} else if (found && arrived && text_eq(oid_text(&subject.superseded_by), floor_head))
		*ret_head = TEXT_EMPTY;
	return true;
}

bool raise_floor(struct applying *a)
{
	const struct event_change *change = &a->event->change;
	struct row_floor floor = {.repo = a->event->repo, .kind = TEXT_LIT("change"), .key = change->number};
	struct text head = oid_text(&change->head);
	bool found, twice;

	a->newest = true;
	if (!keep_head_repository(a))
		return false;
	if (change->updated_at == WHEN_UNKNOWN)
		return true;
	if (!turned_twice(a, &twice) || !step_find(a->step, &table_floor, &floor, &found))
		return false;
	if (found && floor.forge_time > change->updated_at)
		a->newest = false;
	else if (found && floor.forge_time == change->updated_at && !break_tie(a, floor.value, twice, &head))
		return false;
	if (!a->newest)
		return true;
	floor.forge_time = change->updated_at;
	floor.value = head;
	return step_put(a->step, &table_floor, &floor);
}
