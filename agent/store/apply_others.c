/* Pushes to base branches, comments, statuses, and who may do what. */
#include "agent/store/apply.h"

#include "agent/store/groups.h"

struct touching {
	struct applying *a;
	int64_t repo, installation; /* installation 0: any; else those whose repository is not known to be another's */
	bool ok;
};

static bool touch(void *context, const void *row)
{
	const struct row_change *change = row;
	struct touching *t = context;

	struct row_repo repo = {.id = change->repo};
	bool found;

	if (change->open == TRI_NO)
		return true;
	t->ok = step_find(t->a->step, &table_repo, &repo, &found);
	/* The repository's newest, not the change's: an app can be installed anew. */
	if (t->ok && t->installation != 0 && found && repo.installation != 0 && repo.installation != t->installation)
		return true;
	t->ok = t->ok && subject_want(t->a->step, change->repo, &change->head, true);
	return t->ok;
}

#define CHANGES_AT_ONCE 100000 /* one repository's changes: read in one walk */

static bool touch_all(struct applying *a, const struct scan *scan, struct touching *t)
{
	return a->step->rows->ops->scan(a->step->rows->self, scan, (struct visitor){touch, t, a->step->arena},
					a->step->err) &&
	       t->ok;
}

/* A base branch moved: the policy, the range and the paths of its changes may be others now. */
bool apply_push(struct applying *a)
{
	static const char prefix[] = "refs/heads/";
	struct text ref = a->event->ref;
	struct row_change key = {.repo = a->event->repo};
	struct scan scan = {
		.table = &table_change, .index = CHANGE_BY_BASE, .equal = &key, .n_equal = 2, .limit = CHANGES_AT_ONCE};
	struct touching t = {a, a->event->repo, 0, true};

	if (!text_starts(ref, text_of(prefix)))
		return true;
	key.base_ref = (struct text){ref.at + (sizeof prefix - 1), ref.len - (sizeof prefix - 1)};
	return keep_tip(a, key.base_ref) && touch_all(a, &scan, &t) &&
	       groups_want_into(a->step, key.repo, key.base_ref);
}

static bool asks_recheck(struct text body)
{
	static const char command[] = "/headgate recheck";
	size_t at = text_find(body, text_of(command)), end = at + sizeof command - 1;

	if (at == SIZE_MAX || (at > 0 && body.at[at - 1] != '\n'))
		return false;
	return end == body.len || body.at[end] == '\n' || body.at[end] == '\r';
}

bool apply_comment(struct applying *a)
{
	struct row_change change = {.repo = a->event->repo, .number = a->event->change.number};
	bool found;

	if (!text_is(a->event->action, "created") || !asks_recheck(a->event->comment.body))
		return true;
	if (!step_find(a->step, &table_change, &change, &found))
		return false;
	return !found || change.open == TRI_NO || subject_want(a->step, change.repo, &change.head, true);
}

/*
 * A status of our context, by whoever: the forge's newest is what it holds. Believed only while nothing of ours is out
 * or in doubt (then only its id is kept), and never from an older id than the one known. Its text is not told, so a
 * difference is assumed and the slot is posted again: an own status that differs is overwritten, and so is a foreign
 * one.
 */
bool apply_status(struct applying *a)
{
	const struct event *event = a->event;
	struct row_ledger ledger;
	struct row_slot slot;
	bool found, watched;

	if (!text_eq_nocase(event->status.context, a->step->store->context) || !oid_known(&event->status.sha))
		return true;
	if (!slot_find(a->step, event->repo, &event->status.sha, &slot, &watched) ||
	    !ledger_find(a->step, event->repo, &event->status.sha, &ledger, &found))
		return false;
	if (!watched || event->status.id <= ledger.forge_status_id)
		return true;
	if (ledger.in_doubt) { /* its id alone: an answer that names an older one is then not what the forge holds */
		ledger.forge_status_id = event->status.id;
		return ledger_write(a->step, &ledger);
	}
	ledger.state = status_state_parse(event->status.state);
	ledger.text = TEXT_EMPTY;
	ledger.forge_status_id = event->status.id;
	ledger.count++;
	return ledger_write(a->step, &ledger);
}

/* Permissions, teams, installations: whoever counted may count no more. The judgements read them afresh. */
bool apply_people(struct applying *a)
{
	struct row_change key = {.repo = a->event->repo};
	struct scan scan = {.table = &table_change,
			    .index = INDEX_KEY,
			    .equal = &key,
			    .n_equal = a->event->repo != 0,
			    .limit = CHANGES_AT_ONCE};
	struct touching t = {a, a->event->repo, a->event->installation, true};

	return keep_people(a) && touch_all(a, &scan, &t);
}
