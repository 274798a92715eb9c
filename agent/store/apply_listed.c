/*
 * What the forge's list of changes says, compared with what events told.
 *
 * An entry older than the change's floor tells nothing: an event knew more. One of the floor's second is news only
 * where it differs, and then nobody can say which is older: the floor's head becomes unknown, so that a judgement waits
 * until no copy of the forge's data lags that much. A head that was superseded is not believed again in that second.
 *
 * A change that the forge does not know at all, neither in its list nor by itself, is closed here too: its author's
 * account may be hidden, and who would judge it again and again would learn nothing. It comes back as it went.
 *
 * The head that the index believed in is superseded by a newer one. Should that be wrong (heads in between were never
 * told), the judgement that the supersede asks for lifts it.
 */
#include "agent/store/apply.h"

static bool same(const struct row_change *was, const struct event_change *is)
{
	return was->number != 0 && oid_eq(&was->head, &is->head) && was->open == (int64_t)is->open;
}

/* The floor's second. */
static bool tie(struct applying *a, struct listed *ret, struct row_floor *floor)
{
	const struct event_change *is = &a->event->change;
	struct row_subject subject = {.repo = a->event->repo, .sha = is->head};
	bool found;

	if (!step_find(a->step, &table_subject, &subject, &found))
		return false;
	if (ret->was.updated_at < floor->forge_time && text_eq(floor->value, oid_text(&is->head))) {
		ret->news = true; /* the index never heard of that second */
		return true;
	}
	ret->news = !same(&ret->was, is) && !(found && oid_known(&subject.superseded_by));
	if (ret->news)
		floor->value = TEXT_EMPTY; /* also where the head stayed and the change was closed or opened */
	return true;
}

static bool compare(struct applying *a, struct listed *ret)
{
	const struct event_change *is = &a->event->change;
	struct row_floor floor = {.repo = a->event->repo, .kind = TEXT_LIT("change"), .key = is->number};
	bool found;

	if (!step_find(a->step, &table_floor, &floor, &found))
		return false;
	ret->news = !found || floor.forge_time < is->updated_at;
	if (ret->news) {
		floor.forge_time = is->updated_at;
		floor.value = oid_text(&is->head);
	} else if (floor.forge_time == is->updated_at && !tie(a, ret, &floor)) {
		return false;
	}
	return !ret->news || step_put(a->step, &table_floor, &floor);
}

static bool keep(struct applying *a, const struct row_change *was)
{
	const struct event_change *is = &a->event->change;
	struct row_change row = *was;

	row.repo = a->event->repo;
	row.number = is->number;
	row.head = is->head;
	row.base_ref = is->base_ref;
	row.base_sha = is->base_sha;
	row.head_ref = is->head_ref;
	row.open = is->open;
	row.draft = is->draft;
	row.merged = is->merged;
	row.author = is->author.id;
	row.updated_at = is->updated_at;
	row.installation = a->event->installation;
	return step_put(a->step, &table_change, &row);
}

bool listed_keep(struct applying *a, struct listed *ret)
{
	struct row_change row = {.repo = a->event->repo, .number = a->event->change.number};
	bool found;

	if (!step_find(a->step, &table_change, &row, &found))
		return false;
	*ret = (struct listed){.news = false};
	if (found)
		ret->was = row;
	if (!compare(a, ret))
		return false;
	a->newest = ret->news;
	return !ret->news || keep(a, &ret->was);
}

/* Whether it was merged is known, and it was not. */
static bool ended(struct applying *a, struct text text)
{
	const struct event_change *is = &a->event->change;
	enum tri another;

	if (!heads_another(a, &is->head, is->number, &another))
		return false;
	if (another == TRI_YES)
		return subject_want(a->step, a->event->repo, &is->head, true);
	return revoke_for_good(a, &is->head, text);
}

static bool closed(struct applying *a)
{
	const struct event_change *is = &a->event->change;

	if (is->merged == TRI_YES) /* it may have landed: what it has is left alone, and the judgement says so */
		return subject_want_again(a->step, a->event->repo, &is->head);
	return ended(a, arena_printf(a->step->arena, "Blocked: #%lld is closed", (long long)is->number));
}

/* The head stayed. What can only weaken is taken back at once, as its event would have done. */
static bool stayed(struct applying *a, const struct row_change *was)
{
	const struct event_change *is = &a->event->change;

	if (!text_eq(was->base_ref, is->base_ref))
		return keep_base(a, is->updated_at) &&
		       revoke(a, &is->head, TEXT_LIT("Revoked: the base branch was changed"));
	if (is->draft == TRI_YES && was->draft != TRI_YES)
		return revoke(a, &is->head, TEXT_LIT("Blocked: this is a draft"));
	return true;
}

bool listed_act(struct applying *a, const struct listed *listed)
{
	const struct event_change *is = &a->event->change;
	const struct row_change *was = &listed->was;
	bool moved = was->number != 0 && oid_known(&was->head) && !oid_eq(&was->head, &is->head);

	if (!listed->news)
		return true;
	if (moved && !supersede(a, &was->head))
		return false;
	if (is->open != TRI_YES)
		return closed(a);
	if (moved)
		return arrive(a, &was->head);
	return was->number == 0 || was->open != TRI_YES ? arrive(a, &OID_NONE) : stayed(a, was);
}

bool listed_gone(struct applying *a, int64_t read_at, bool *ret)
{
	int64_t number = a->event->change.number;
	struct row_change row = {.repo = a->event->repo, .number = number};
	struct row_floor floor = {.repo = a->event->repo, .kind = TEXT_LIT("change"), .key = number};
	struct event event = *a->event;
	struct applying of = {a->step, &event, a->guid, true};
	bool found, told;

	*ret = false;
	if (!step_find(a->step, &table_change, &row, &found) || !step_find(a->step, &table_floor, &floor, &told))
		return false;
	if (!found || row.open == TRI_NO || !told || read_at - floor.forge_time <= FLOOR_LAG_MS)
		return true;
	row.open = TRI_NO;
	event.change.head = row.head;
	*ret = true;
	return step_put(a->step, &table_change, &row) &&
	       (!oid_known(&row.head) ||
		ended(&of, arena_printf(a->step->arena, "Blocked: the forge shows #%lld no more", (long long)number)));
}
