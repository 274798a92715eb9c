/*
 * Apply (agent/PROTOCOL.md): each journal row, in order, exactly once.
 *
 * One table says what each kind of event does. What an event can tell that nothing else can (a review's binding, a
 * head's arrival, the floor) is kept; every commit it names is asked to be judged again; what it can only weaken is
 * revoked at once, without reading anything from outside. A revocation never stands alone: its commit is always among
 * those to be judged, so that a false one (late, stale, doubled) is lifted.
 *
 * The index of changes only adds candidates and revocations: no permission is ever taken from it.
 */
#include "agent/store/apply.h"

#include "webhooks/event_json.h"

#define APPLY_PUTS_MAX 5000 /* a fraction of a second; the row that passes it is applied to its end */

static bool apply_nothing(struct applying *a)
{
	(void)a;
	return true;
}

static const struct {
	enum event_kind kind;
	bool (*apply)(struct applying *a);
} kinds[] = {
	{EVENT_CHANGE, apply_change},
	{EVENT_REVIEW, apply_review},
	{EVENT_PUSH, apply_push},
	{EVENT_COMMENT, apply_comment},
	{EVENT_STATUS, apply_status},
	{EVENT_MEMBER, apply_people},
	{EVENT_MEMBERSHIP, apply_people},
	{EVENT_TEAM, apply_people},
	{EVENT_ORGANIZATION, apply_people},
	{EVENT_INSTALLATION, apply_people},
	{EVENT_REPOSITORY, apply_repository},
	{EVENT_PROTECTION, apply_nothing},
	{EVENT_CHECK_RUN, apply_check_run},
	{EVENT_CHECK_SUITE, apply_nothing},
	{EVENT_MERGE_GROUP, apply_group},
	{EVENT_WORKFLOW_RUN, apply_outcome},
	{EVENT_THREAD, apply_thread},
	{EVENT_PING, apply_nothing},
	{EVENT_BUG, apply_bug},
	{EVENT_IGNORED, apply_nothing},
};

static bool dispatch(struct applying *a)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (kinds[i].kind != a->event->kind)
			continue;
		if (kinds[i].apply != apply_people)
			a->step->touched = TOUCHED_NOTHING;
		return kinds[i].apply(a);
	}
	return true;
}

static bool mark(struct step *step, const struct row_journal *row, enum journal_state state, struct text note)
{
	struct row_journal done = *row;

	done.state = state;
	if (note.len > 0)
		done.note = note;
	return step_put(step, &table_journal, &done);
}

bool apply_row(struct step *step, const struct row_journal *row, bool *ret_broken)
{
	struct err broken = ERR_NONE;
	struct event event;
	struct applying a = {step, &event, row->guid, true};

	*ret_broken = !event_decode(row->facts, step->arena, &event, &broken);
	if (*ret_broken)
		return mark(step, row, JOURNAL_QUARANTINED, arena_text(step->arena, text_of(broken.text)));
	return keep_repo(step, &event) && dispatch(&a) && mark(step, row, JOURNAL_APPLIED, TEXT_EMPTY);
}

struct walk {
	struct step *step;
	size_t rows, broken;
	bool more; /* it ended before the last row */
};

struct next {
	struct row_journal row;
	bool found;
};

static bool take_next(void *context, const void *row)
{
	*(struct next *)context = (struct next){*(const struct row_journal *)row, true};
	return false;
}

/* What was applied waits no more: the next one is the first again. */
static bool apply_next(struct walk *walk, struct scan *scan, bool *ret_found)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct step *step = walk->step;
	struct arena *outer = step->arena;
	struct next next = {.found = false};
	bool broken = false, ok;

	scan->limit = 1;
	step->arena = &arena; /* a row may touch thousands of commits, and its body is as large as outsiders make it */
	ok = step->rows->ops->scan(step->rows->self, scan, (struct visitor){take_next, &next, &arena}, step->err) &&
	     (!next.found || apply_row(step, &next.row, &broken));
	step->arena = outer;
	walk->rows += next.found;
	walk->broken += broken;
	*ret_found = next.found;
	return ok;
}

/* One event may put as many rows as there are open changes. Nothing else is written, no revocation taken, before the
 * transaction ends: it ends after so many. */
static bool walk_journal(struct step *step, struct scan *scan, size_t max, struct walk *walk)
{
	bool found = true;

	*walk = (struct walk){step, 0, 0, false};
	while (found) {
		walk->more = walk->rows >= max || step->puts >= APPLY_PUTS_MAX;
		if (walk->more)
			return true;
		if (!apply_next(walk, scan, &found))
			return false;
	}
	return true;
}

bool apply_repo(struct step *step, int64_t repo, size_t max, bool *ret_left)
{
	const int64_t repos[] = {0, repo}; /* rows of no repository (teams, organisations) concern them all */

	*ret_left = false;
	for (size_t i = 0; i < 2; i++) {
		struct row_journal key = {.repo = repos[i], .state = JOURNAL_WAITING};
		struct scan scan = {.table = &table_journal, .index = JOURNAL_BY_REPO, .equal = &key, .n_equal = 2};
		struct walk walk;

		if (!walk_journal(step, &scan, max, &walk))
			return false;
		*ret_left = *ret_left || walk.more;
	}
	return true;
}

struct apply_job {
	const struct store *store;
	int64_t now;
	size_t max;
	struct applied *ret;
};

static bool job(struct rows *rows, void *arg, struct err *err)
{
	struct apply_job *in = arg;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct step step = {.rows = rows, .store = in->store, .arena = &arena, .err = err, .now = in->now};
	struct row_journal key = {.state = JOURNAL_WAITING};
	struct scan scan = {.table = &table_journal, .index = JOURNAL_BY_STATE, .equal = &key, .n_equal = 1};
	struct walk walk;

	if (!walk_journal(&step, &scan, in->max, &walk))
		return false;
	*in->ret = (struct applied){walk.rows,  walk.more,   step.subjects,
				    step.slots, walk.broken, step.looks || step.alarms};
	return true;
}

bool store_apply(const struct store *store, int64_t now, size_t max, struct applied *ret, struct err *err)
{
	struct apply_job in = {store, now, max, ret};

	return store->exec.write(store->exec.self, job, &in, err);
}
