/* A change was opened, pushed to, closed, retargeted, drafted: the events that move heads. */
#include "agent/store/apply.h"

#define HEELS_MS      5000 /* by the forge's own times */
#define ARRIVALS_LOOK 1000 /* of one head in one change */

static bool keep_index(struct applying *a, struct row_change *ret_before)
{
	const struct event_change *change = &a->event->change;
	struct row_change row = {.repo = a->event->repo, .number = change->number};
	bool found;

	if (!step_find(a->step, &table_change, &row, &found))
		return false;
	*ret_before = found ? row : (struct row_change){.repo = a->event->repo};
	if (found && !a->newest)
		return true;
	row.head = change->head;
	row.base_ref = change->base_ref;
	row.base_sha = change->base_sha;
	row.head_ref = change->head_ref;
	row.open = change->open;
	if (change->draft != TRI_UNKNOWN)
		row.draft = change->draft;
	if (change->merged != TRI_UNKNOWN)
		row.merged = change->merged;
	row.author = change->author.id;
	row.updated_at = change->updated_at;
	row.installation = a->event->installation;
	return step_put(a->step, &table_change, &row);
}

/* A head arrives when its change is opened with it or pushed to it. A reopened change's head arrived before, unless
 * no event told so. The time is the forge's, from the signed payload; never our receipt. Only the event of a push says
 * who pushed: whoever opens a change need not have pushed any of it. */
static bool keep_arrival(struct applying *a)
{
	const struct event_change *change = &a->event->change;
	struct row_arrival row = {.repo = a->event->repo,
				  .change = change->number,
				  .sha = change->head,
				  .forge_at = change->updated_at,
				  .guid = a->guid};

	if (change->updated_at == WHEN_UNKNOWN)
		return true;
	if (a->event->change_action == CHANGE_SYNCHRONIZE) {
		row.pusher = a->event->sender.id;
		row.before = a->event->before;
	}
	return step_put(a->step, &table_arrival, &row);
}

static bool seen_any(void *context, const void *row)
{
	const struct row_arrival *arrival = row;
	bool *seen = context;

	*seen = *seen || !arrival->first_shown;
	return !*seen;
}

static bool keep_first_arrival(struct applying *a)
{
	struct row_arrival key = {
		.repo = a->event->repo, .change = a->event->change.number, .sha = a->event->change.head};
	struct scan scan = {.table = &table_arrival, .index = INDEX_KEY, .equal = &key, .n_equal = 3};
	bool seen = false;

	if (!a->step->rows->ops->scan(a->step->rows->self, &scan, (struct visitor){seen_any, &seen, a->step->arena},
				      a->step->err))
		return false;
	return seen || keep_arrival(a);
}

static bool note_superseded(struct applying *a, const struct oid *old, const struct oid *by)
{
	struct row_subject subject = {.repo = a->event->repo, .sha = *old};
	bool found;

	if (!step_find(a->step, &table_subject, &subject, &found))
		return false;
	if (!found)
		return true;
	subject.superseded_by = *by;
	return step_put(a->step, &table_subject, &subject);
}

/* The event's own `before` is superseded, never the head that the store believes in: the store may have missed some.
 * The new head stands, as far as this event is no late one: what replaced it may be known already. */
bool supersede(struct applying *a, const struct oid *old)
{
	const struct oid *head = &a->event->change.head;
	struct text text = arena_printf(a->step->arena, "Superseded by %.*s", TEXT_ARG(oid_short(head)));
	enum tri another;

	if (!heads_another(a, old, a->event->change.number, &another))
		return false;
	if (another == TRI_YES)
		return subject_want(a->step, a->event->repo, old, true);
	return revoke_for_good(a, old, text) && note_superseded(a, old, head) &&
	       (!a->newest || note_superseded(a, head, &OID_NONE));
}

bool arrive(struct applying *a, const struct oid *before)
{
	struct text why = arena_printf(a->step->arena, "Revoked: #%lld now has this head, too",
				       (long long)a->event->change.number);

	return announce(a, &a->event->change.head, before, why);
}

static bool on_synchronize(struct applying *a)
{
	const struct oid *before = &a->event->before, *head = &a->event->change.head;

	if (!keep_arrival(a))
		return false;
	if (!oid_known(before) || oid_eq(before, head))
		return arrive(a, &OID_NONE);
	return supersede(a, before) && arrive(a, before);
}

static bool on_opened(struct applying *a)
{
	return keep_arrival(a) && arrive(a, &OID_NONE);
}

static bool on_reopened(struct applying *a)
{
	return keep_first_arrival(a) && arrive(a, &OID_NONE);
}

/* A merged change's commit may be on the base already: what it has is left alone. */
static bool on_closed(struct applying *a)
{
	const struct event_change *change = &a->event->change;
	struct text text = arena_printf(a->step->arena, "Blocked: #%lld is closed", (long long)change->number);
	enum tri another;

	if (!heads_another(a, &change->head, change->number, &another))
		return false;
	if (another == TRI_YES || (another == TRI_UNKNOWN && change->merged == TRI_YES))
		return subject_want(a->step, a->event->repo, &change->head, true);
	return change->merged == TRI_YES || revoke_for_good(a, &change->head, text);
}

/* Rules may ask about it: whatever it was, it is not so any more. What was merged is left alone. */
static bool look_again(struct applying *a)
{
	return a->event->change.open == TRI_NO ||
	       subject_want(a->step, a->event->repo, &a->event->change.head, false);
}

/* A title names bugs, and rules may ask for its words. */
static bool on_edited(struct applying *a)
{
	if (a->event->base_changed != TRI_YES)
		return look_again(a);
	return keep_base(a, a->event->change.updated_at) &&
	       revoke(a, &a->event->change.head, TEXT_LIT("Revoked: the base branch was changed"));
}

static bool on_draft(struct applying *a)
{
	return revoke(a, &a->event->change.head, TEXT_LIT("Blocked: this is a draft"));
}

static bool on_ready(struct applying *a)
{
	return subject_want(a->step, a->event->repo, &a->event->change.head, true);
}

static bool on_other(struct applying *a)
{
	bool label = text_is(a->event->action, "labeled") || text_is(a->event->action, "unlabeled");

	return (!label || look_again(a)) && apply_queue(a);
}

static bool (*const actions[])(struct applying *a) = {
	[CHANGE_OTHER] = on_other,       [CHANGE_OPENED] = on_opened,
	[CHANGE_REOPENED] = on_reopened, [CHANGE_SYNCHRONIZE] = on_synchronize,
	[CHANGE_CLOSED] = on_closed,     [CHANGE_EDITED] = on_edited,
	[CHANGE_DRAFT] = on_draft,       [CHANGE_READY] = on_ready,
};

static bool moved(const struct row_change *was, const struct event_change *is)
{
	return was->number == 0 || !oid_eq(&was->head, &is->head) || !text_eq(was->base_ref, is->base_ref) ||
	       was->open != (int64_t)is->open || was->draft != (int64_t)is->draft;
}

/* What the index believed and the event contradicts: an event in between was lost. Both heads are looked at again. */
static bool touch_moved(struct applying *a, const struct row_change *was)
{
	const struct event_change *is = &a->event->change;

	if (!moved(was, is))
		return true;
	if (oid_known(&was->head) && !oid_eq(&was->head, &is->head) &&
	    !subject_want(a->step, a->event->repo, &was->head, true))
		return false;
	return is->merged == TRI_YES || subject_want(a->step, a->event->repo, &is->head, true);
}

bool keep_change(struct applying *a)
{
	struct row_change was;

	return keep_index(a, &was) && touch_moved(a, &was);
}

static bool newest_arrival(void *context, const void *row)
{
	const struct row_arrival *arrival = row;
	int64_t *newest = context;

	if (!arrival->first_shown && arrival->forge_at > *newest)
		*newest = arrival->forge_at;
	return true;
}

/* Was the head that this push replaced itself only seconds old? */
static bool on_heels(struct applying *a, bool *ret)
{
	const struct event_change *is = &a->event->change;
	struct row_arrival key = {.repo = a->event->repo, .change = is->number, .sha = a->event->before};
	struct scan scan = {
		.table = &table_arrival, .index = INDEX_KEY, .equal = &key, .n_equal = 3, .limit = ARRIVALS_LOOK};
	int64_t newest = WHEN_UNKNOWN;

	*ret = false;
	if (is->updated_at == WHEN_UNKNOWN || !oid_known(&a->event->before))
		return true;
	if (!a->step->rows->ops->scan(a->step->rows->self, &scan,
				      (struct visitor){newest_arrival, &newest, a->step->arena}, a->step->err))
		return false;
	*ret = newest != WHEN_UNKNOWN && is->updated_at - newest <= HEELS_MS;
	return true;
}

/* A push on the heels of another: more may follow. The new head has its first status already; it is judged at the next
 * tick, unless news of it comes before, and the old one in company. */
static bool stagger(struct applying *a)
{
	const struct oid *before = &a->event->before;
	bool heels;

	if (a->event->change_action != CHANGE_SYNCHRONIZE)
		return true;
	if (!on_heels(a, &heels) || (oid_known(before) && !company_wait_replaced(a->step, a->event->repo, before)))
		return false;
	return !a->newest || !heels || company_wait(a->step, a->event->repo, &a->event->change.head);
}

bool apply_change(struct applying *a)
{
	struct row_change was;

	return raise_floor(a) && keep_index(a, &was) && actions[a->event->change_action](a) && touch_moved(a, &was) &&
	       stagger(a);
}
