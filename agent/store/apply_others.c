/* Pushes to base branches, statuses, and who may do what. */
#include "agent/store/apply.h"
#include "agent/store/forged.h"

#include "agent/store/groups.h"
#include "agent/store/pushes.h"

#define CHANGES_AT_ONCE 1000 /* in memory: the walk goes on behind the last of them */

struct touching {
	struct step *step;
	int64_t last; /* the number of the last one that was touched */
	size_t n;
	bool ok;
};

static bool touch(void *context, const void *row)
{
	const struct row_change *change = row;
	struct touching *t = context;
	auto_arena struct arena arena = ARENA_EMPTY; /* of what is read of this one: there may be many thousands */
	struct arena *outer = t->step->arena;

	t->n++;
	t->last = change->number;
	t->step->arena = &arena;
	t->ok = subject_want(t->step, change->repo, &change->head, true);
	t->step->arena = outer;
	return t->ok;
}

/* The changes that the scan names, which are in order of their number from there on, however many there are. */
static bool touch_all(struct step *step, struct scan *scan)
{
	struct touching t = {.step = step};

	scan->has_from = true;
	scan->from = 0;
	scan->limit = CHANGES_AT_ONCE;
	do {
		auto_arena struct arena arena = ARENA_EMPTY;

		t.n = 0;
		t.ok = true;
		if (!step->rows->ops->scan(step->rows->self, scan, (struct visitor){touch, &t, &arena}, step->err) ||
		    !t.ok)
			return false;
		scan->from = t.last + (t.last < INT64_MAX);
	} while (t.n == CHANGES_AT_ONCE);
	return true;
}

/* Of this repository; into this branch only, unless it is NULL. Closed ones, of which anybody can make more, are never
 * walked over. */
static bool touch_open(struct step *step, int64_t repo, const struct text *base_ref)
{
	static const int64_t may_be_open[] = {TRI_YES, TRI_UNKNOWN};
	struct row_change key = {.repo = repo, .base_ref = base_ref ? *base_ref : TEXT_EMPTY};
	struct scan scan = {.table = &table_change,
			    .index = base_ref ? CHANGE_BY_BASE : CHANGE_BY_OPEN,
			    .equal = &key,
			    .n_equal = base_ref ? 3 : 2};

	for (size_t i = 0; i < sizeof may_be_open / sizeof may_be_open[0]; i++) {
		key.open = may_be_open[i];
		if (!touch_all(step, &scan))
			return false;
	}
	return true;
}

/* A base branch moved: the policy, the range and the paths of its changes may be others now. */
bool apply_push(struct applying *a)
{
	static const char prefix[] = "refs/heads/";
	struct text ref = a->event->ref;
	struct text branch;

	if (!text_starts(ref, text_of(prefix)))
		return true;
	branch = (struct text){ref.at + (sizeof prefix - 1), ref.len - (sizeof prefix - 1)};
	return keep_tip(a, branch) && touch_open(a->step, a->event->repo, &branch) &&
	       groups_want_into(a->step, a->event->repo, branch) && pushes_apply(a, branch);
}

/* A POST of ours is out, and this says what it says: its answer tells whether it is the same one. */
static bool may_be_ours(const struct row_ledger *ledger, const struct listed_status *told)
{
	return ledger->in_flight_by.len > 0 && ledger->in_flight_state == (int64_t)told->state;
}

static void learn(struct row_ledger *ledger, const struct listed_status *told, enum forged what)
{
	ledger->forge_status_id = told->id;
	if (ledger->in_doubt) /* its id alone: an answer that names an older one is then not what the forge holds */
		return;
	ledger->state = told->state;
	ledger->text = TEXT_EMPTY;
	ledger->count++;
	(void)own_told(ledger, told->state, what);
}

/*
 * A status of one of our contexts, by whoever: the forge's newest is what it holds. Believed only while nothing of ours
 * is out or in doubt (then only its id is kept), and never from an older id than the one known. Its text is not told,
 * so a difference is assumed and the slot is posted again. Where it is certainly not ours (forged.h), failure is posted
 * over it, and the commit judged again.
 */
bool apply_status(struct applying *a)
{
	const struct event *event = a->event;
	struct listed_status status = {event->status.id, status_state_parse(event->status.state),
				       event->status.creator.id, event->status.created_at, event->status.creator.login};
	struct row_ledger ledger;
	struct row_slot slot = {.repo = event->repo, .sha = event->status.sha, .context = event->status.context};
	struct forged_told told = {&status, false};
	enum forged what = FORGED_UNTOLD;
	bool watched, newest;

	if (!oid_known(&event->status.sha))
		return true;
	if (!slot_named(a->step, &slot, &watched))
		return false;
	if (!watched)
		return text_eq_nocase(event->status.context, a->step->store->context) || apply_outcome(a);
	if (!slot_ledger(a->step, &slot, &ledger))
		return false;
	newest = status.id > ledger.forge_status_id;
	told.certain = newest && !ledger.in_doubt;
	if (!may_be_ours(&ledger, &status) && !forged_told(a->step, &ledger, &told, &what))
		return false;
	if (!newest && what < FORGED_FOREIGN)
		return true;
	if (newest)
		learn(&ledger, &status, what);
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
	struct row_slot slot = {.repo = event->repo, .sha = event->status.sha, .context = event->status.context};
	bool watched, landed;

	if (!oid_known(&event->status.sha))
		return true;
	if (!slot_named(a->step, &slot, &watched))
		return false;
	if (!watched || !text_eq(event->status.context, slot.context))
		return text_eq(event->status.context, a->step->store->context) || apply_outcome(a);
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

/* The repository's newest installation, not the change's: an app can be installed anew. Where it is in doubt, the
 * event may be about this repository. */
static bool of_another(const struct applying *a, int64_t id, bool *ret)
{
	const int64_t installation = a->event->installation; /* 0: any */
	struct row_repo repo = {.id = id};
	int64_t doubt = 0;
	bool found;

	if (!step_find(a->step, &table_repo, &repo, &found))
		return false;
	*ret = installation != 0 && found && repo.installation != 0 && repo.installation != installation;
	if (*ret && !name_doubt(a->step, id, &doubt))
		return false;
	*ret = *ret && doubt == 0;
	return true;
}

static bool touch_repository(struct applying *a, int64_t repo)
{
	bool another;

	return of_another(a, repo, &another) && (another || touch_open(a->step, repo, NULL));
}

static bool take_repo(void *context, const void *row)
{
	*(int64_t *)context = ((const struct row_change *)row)->repo;
	return false;
}

/* Whatever repository has changes, one after the other. */
static bool touch_repositories(struct applying *a)
{
	struct scan scan = {.table = &table_change, .index = INDEX_KEY, .has_from = true, .from = 1, .limit = 1};
	int64_t repo;

	do {
		auto_arena struct arena arena = ARENA_EMPTY;

		repo = 0;
		if (!a->step->rows->ops->scan(a->step->rows->self, &scan, (struct visitor){take_repo, &repo, &arena},
					      a->step->err) ||
		    (repo != 0 && !touch_repository(a, repo)))
			return false;
		scan.from = repo + (repo < INT64_MAX);
	} while (repo != 0 && repo < INT64_MAX);
	return true;
}

/* Nobody was given any of them since the row before, in the same transaction, asked for the same. */
static bool touch_those(struct applying *a)
{
	struct touched *last = &a->step->touched, these = {true, a->event->repo, a->event->installation};

	if (last->any && last->repo == these.repo && last->installation == these.installation)
		return true;
	*last = these;
	return a->event->repo != 0 ? touch_repository(a, a->event->repo) : touch_repositories(a);
}

/* Permissions, teams, installations: whoever counted may count no more. The judgements read them afresh. */
bool apply_people(struct applying *a)
{
	return keep_people(a) && touch_those(a);
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
			return (!rows[i].rights || keep_people(a)) && touch_those(a);
	return true;
}
