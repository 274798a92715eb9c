/*
 * The newest verdict is not always what holds: an event may have put a revocation into the slot since, and a slot may
 * be latched to failure. Whatever of the two is worse for the change is never hidden by the other.
 */
#include "agent/web/view.h"

#include "policy/policy.h"

static enum decision event_decision(const struct row_slot *slot)
{
	if (slot->state == STATUS_FAILURE)
		return text_starts(slot->text, TEXT_LIT("Revoked")) ? DECISION_REVOKED : DECISION_BLOCKED;
	return slot->state == STATUS_ERROR ? DECISION_CANNOT_DECIDE : DECISION_WAITING;
}

static bool slot_is_newer(const struct row_slot *slot, const struct row_verdict *verdict)
{
	if (slot->made_at == 0 || slot->state == STATUS_SUCCESS)
		return false;
	/* A verdict that allows put itself into the slot: what is there now came later, whatever the clock said. */
	if (!verdict || text_is(verdict->state, status_state_name(STATUS_SUCCESS)))
		return true;
	if (slot->kind == SLOT_REVOCATION)
		return slot->made_at >= verdict->made_at;
	return slot->verdict == verdict->id &&
	       !text_is(verdict->state, status_state_name((enum status_state)slot->state));
}

/* Allowed needs both words of the row; anything else that is unclear is "cannot decide". */
static struct now now_of_verdict(const struct row_verdict *verdict)
{
	struct now now = {.made_at = verdict->made_at,
			  .verdict = verdict,
			  .state = status_state_parse(verdict->state),
			  .text = verdict->text,
			  .public_text = verdict->public_text};

	if (!decision_parse(verdict->decision, &now.decision) || decision_state(now.decision) != now.state) {
		now.decision = DECISION_CANNOT_DECIDE;
		now.state = STATUS_ERROR;
	}
	return now;
}

static struct now now_of_slot(const struct row_slot *slot, const struct row_verdict *verdict)
{
	struct now now = {.made_at = slot->made_at,
			  .verdict = verdict,
			  .by_event = true,
			  .decision = event_decision(slot),
			  .state = (enum status_state)slot->state,
			  .text = slot->text,
			  .public_text = slot->text};

	if (!verdict && slot->state == STATUS_PENDING)
		now.kind = VIEW_FIRST_LOOK;
	return now;
}

static struct now now_of(const struct row_slot *slot, const struct row_verdict *verdict)
{
	struct now now = {.decision = DECISION_WAITING,
			  .state = STATUS_PENDING,
			  .text = TEXT_LIT("Needs a first look"),
			  .public_text = TEXT_LIT("Needs a first look"),
			  .made_at = WHEN_UNKNOWN,
			  .kind = VIEW_FIRST_LOOK};

	if (slot_is_newer(slot, verdict))
		now = now_of_slot(slot, verdict);
	else if (verdict)
		now = now_of_verdict(verdict);
	if (text_starts(now.public_text, TEXT_LIT("Superseded")))
		now.kind = VIEW_SUPERSEDED;
	return now;
}

bool view_verdict(const struct row_verdict *row, rules_reader *read, struct arena *arena, struct verdict *ret)
{
	struct now now = now_of_verdict(row);
	struct err ignored = ERR_NONE;

	*ret = (struct verdict){
		.decision = now.decision, .state = now.state, .text = row->text, .public_text = row->public_text};
	return read(row->rules, arena, ret, &ignored);
}

static void view_contexts(struct arena *arena, struct view *view)
{
	const struct shown *shown = &view->shown;
	struct view_context *contexts = arena_alloc(arena, shown->n_contexts, sizeof *contexts);

	for (size_t i = 0; i < shown->n_contexts; i++) {
		const struct shown_context *one = &shown->contexts[i];

		contexts[i] = (struct view_context){one->slot.context,
						    now_of(&one->slot, one->verdict.id != 0 ? &one->verdict : NULL),
						    &one->ledger};
	}
	view->contexts = contexts;
	view->n_contexts = shown->n_contexts;
}

void view_make(struct text context, struct arena *arena, struct view *view)
{
	view->context = context;
	view->now = now_of(&view->shown.slot, view->shown.n_verdicts > 0 ? &view->shown.verdicts[0] : NULL);
	view_contexts(arena, view);
	if (!view->now.verdict)
		return;
	(void)view_verdict(view->now.verdict, view->shown.rules_public ? rules_read_public : rules_read, arena,
			   &view->verdict);
	policy_public_view(&view->verdict, arena, &view->public_verdict);
}

bool view_commit(const struct viewing *viewing, const struct commit_key *key, struct view *ret, struct err *err)
{
	struct view view = {.sha = key->sha};
	bool shown = viewing->who == COMMIT_OPERATOR
			     ? store_show(viewing->store, key, &view.shown, viewing->arena, err)
			     : store_show_public(viewing->store, key, &view.shown, viewing->arena, err);

	if (!shown)
		return false;
	view_make(viewing->store->context, viewing->arena, &view);
	*ret = view;
	return true;
}

bool view_change(const struct viewing *viewing, const struct change_named *key, struct view *ret, struct err *err)
{
	struct row_change change;
	struct row_repo row;
	struct commit_key commit = {.repo_name = key->repo};

	if (!store_repo_by_name(viewing->store, key->repo, &row, viewing->arena, err) ||
	    !store_change(viewing->store, (struct change_key){row.id, key->number}, &change, viewing->arena, err))
		return false;
	if (!oid_known(&change.head))
		return err_set(err, ERR_GONE, "no head is known of this change");
	commit.sha = change.head;
	if (!view_commit(viewing, &commit, ret, err))
		return false;
	ret->number = key->number;
	return true;
}

int64_t view_posted_at(const struct view *view)
{
	const struct row_ledger *ledger = &view->shown.ledger;

	return ledger->state != STATUS_UNKNOWN && ledger->in_flight_since > 0 ? ledger->in_flight_since : WHEN_UNKNOWN;
}

bool view_in_doubt(const struct view *view)
{
	return view->shown.ledger.in_doubt != 0;
}
