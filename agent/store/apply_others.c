/* Pushes to base branches, statuses, and who may do what. */
#include "agent/store/apply.h"
#include "agent/store/forged.h"

#include "agent/store/groups.h"

struct touching {
	struct applying *a;
	int64_t repo, installation; /* installation 0: any; else those whose repository is not known to be another's */
	bool ok;
};

/* The repository's newest installation, not the change's: an app can be installed anew. Where it is in doubt, the
 * event may be about this repository. */
static bool of_another(struct touching *t, int64_t id, bool *ret)
{
	struct row_repo repo = {.id = id};
	int64_t doubt = 0;
	bool found;

	if (!step_find(t->a->step, &table_repo, &repo, &found))
		return false;
	*ret = t->installation != 0 && found && repo.installation != 0 && repo.installation != t->installation;
	if (*ret && !name_doubt(t->a->step, id, &doubt))
		return false;
	*ret = *ret && doubt == 0;
	return true;
}

static bool touch(void *context, const void *row)
{
	const struct row_change *change = row;
	struct touching *t = context;
	bool another;

	if (change->open == TRI_NO)
		return true;
	t->ok = of_another(t, change->repo, &another) &&
		(another || subject_want(t->a->step, change->repo, &change->head, true));
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

/* A POST of ours is out, and this says what it says: its answer tells whether it is the same one. */
static bool may_be_ours(const struct row_ledger *ledger, const struct listed_status *told)
{
	return ledger->in_flight_by.len > 0 && ledger->in_flight_state == (int64_t)told->state;
}

static void learn(struct row_ledger *ledger, const struct listed_status *told)
{
	ledger->forge_status_id = told->id;
	if (ledger->in_doubt) /* its id alone: an answer that names an older one is then not what the forge holds */
		return;
	ledger->state = told->state;
	ledger->text = TEXT_EMPTY;
	ledger->count++;
}

/*
 * A status of our context, by whoever: the forge's newest is what it holds. Believed only while nothing of ours is out
 * or in doubt (then only its id is kept), and never from an older id than the one known. Its text is not told, so a
 * difference is assumed and the slot is posted again. Where it is certainly not ours (forged.h), failure is posted over
 * it, and the commit judged again.
 */
bool apply_status(struct applying *a)
{
	const struct event *event = a->event;
	struct listed_status status = {event->status.id, status_state_parse(event->status.state),
				       event->status.creator.id, event->status.created_at, event->status.creator.login};
	struct row_ledger ledger;
	struct row_slot slot;
	struct forged_told told = {&status, false};
	enum forged what = FORGED_UNTOLD;
	bool found, watched, newest;

	if (!text_eq_nocase(event->status.context, a->step->store->context) || !oid_known(&event->status.sha))
		return true;
	if (!slot_find(a->step, event->repo, &event->status.sha, &slot, &watched) ||
	    !ledger_find(a->step, event->repo, &event->status.sha, &ledger, &found))
		return false;
	if (!watched)
		return true;
	newest = status.id > ledger.forge_status_id;
	told.certain = newest && !ledger.in_doubt;
	if (!may_be_ours(&ledger, &status) && !forged_told(a->step, &ledger, &told, &what))
		return false;
	if (!newest && what < FORGED_FOREIGN)
		return true;
	if (newest)
		learn(&ledger, &status);
	return ledger_write(a->step, &ledger) &&
	       (!newest || what < FORGED_FOREIGN || forged_revoke(a->step, &ledger, what, status.login));
}

static bool denies(struct text conclusion)
{
	static const char *const words[] = {"failure", "cancelled", "timed_out", "action_required", "startup_failure"};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (text_is(conclusion, words[i]))
			return true;
	return false;
}

/* A check run with our name: gates that know no app let it win over our status. It cannot be taken away, so while it
 * may be read as success the status is failure; the judgement reads what stands there. */
bool apply_check_run(struct applying *a)
{
	const struct event *event = a->event;
	struct text whose = event->status.creator.login;
	struct alarm_news news = {event->repo, event->status.sha,        ALARM_CHECK_RUN,
				  whose,       event->status.creator.id, event->status.id};
	struct row_slot slot;
	bool watched, landed;

	if (!text_eq(event->status.context, a->step->store->context) || !oid_known(&event->status.sha))
		return true;
	if (!slot_find(a->step, event->repo, &event->status.sha, &slot, &watched) || !watched)
		return a->step->err->code == ERR_OK;
	if (!alarm_raise(a->step, &news, NULL) || !commit_landed(a->step, event->repo, &event->status.sha, &landed))
		return false;
	if (landed)
		return true;
	if (denies(event->status.state))
		return subject_want(a->step, event->repo, &event->status.sha, true);
	return revoke(a, &event->status.sha,
		      arena_printf(a->step->arena, "Revoked: a check run of this name by %.*s shadows this status",
				   TEXT_ARG(forged_login(whose, a->step->arena))));
}

static bool touch_repository(struct applying *a)
{
	struct row_change key = {.repo = a->event->repo};
	struct scan scan = {.table = &table_change,
			    .index = INDEX_KEY,
			    .equal = &key,
			    .n_equal = a->event->repo != 0,
			    .limit = CHANGES_AT_ONCE};
	struct touching t = {a, a->event->repo, a->event->installation, true};

	return touch_all(a, &scan, &t);
}

/* Permissions, teams, installations: whoever counted may count no more. The judgements read them afresh. */
bool apply_people(struct applying *a)
{
	return keep_people(a) && touch_repository(a);
}

/* What an owner did to the repository itself: under another owner, or seen by others, people have other rights. */
bool apply_repository(struct applying *a)
{
	static const struct {
		const char *action;
		bool rights;
	} rows[] = {{"transferred", true}, {"publicized", true},  {"privatized", true},
		    {"renamed", false},    {"unarchived", false}, {"edited", false}};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (text_is(a->event->action, rows[i].action))
			return (!rows[i].rights || keep_people(a)) && touch_repository(a);
	return true;
}
