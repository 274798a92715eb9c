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

static bool apply_nothing(struct applying *a)
{
	(void)a;
	return true;
}

static const struct {
	enum event_kind kind;
	bool (*apply)(struct applying *a);
} kinds[] = {
	{EVENT_CHANGE, apply_change},        {EVENT_REVIEW, apply_review},         {EVENT_PUSH, apply_push},
	{EVENT_COMMENT, apply_comment},      {EVENT_STATUS, apply_status},         {EVENT_MEMBER, apply_people},
	{EVENT_MEMBERSHIP, apply_people},    {EVENT_TEAM, apply_people},           {EVENT_ORGANIZATION, apply_people},
	{EVENT_INSTALLATION, apply_people},  {EVENT_REPOSITORY, apply_repository}, {EVENT_PROTECTION, apply_nothing},
	{EVENT_CHECK_RUN, apply_check_run},  {EVENT_CHECK_SUITE, apply_nothing},   {EVENT_MERGE_GROUP, apply_group},
	{EVENT_WORKFLOW_RUN, apply_outcome}, {EVENT_THREAD, apply_thread},         {EVENT_PING, apply_nothing},
	{EVENT_BUG, apply_bug},              {EVENT_IGNORED, apply_nothing},
};

static bool dispatch(struct applying *a)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (kinds[i].kind == a->event->kind)
			return kinds[i].apply(a);
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
	bool ok;
};

static bool visit(void *context, const void *row)
{
	struct walk *walk = context;
	bool broken = false;

	walk->ok = apply_row(walk->step, row, &broken);
	walk->rows++;
	walk->broken += broken;
	return walk->ok;
}

static bool walk_journal(struct step *step, const struct scan *scan, struct walk *walk)
{
	*walk = (struct walk){step, 0, 0, true};
	return step->rows->ops->scan(step->rows->self, scan, (struct visitor){visit, walk, step->arena}, step->err) &&
	       walk->ok;
}

bool apply_repo(struct step *step, int64_t repo, size_t max, bool *ret_left)
{
	const int64_t repos[] = {0, repo}; /* rows of no repository (teams, organisations) concern them all */

	*ret_left = false;
	for (size_t i = 0; i < 2; i++) {
		struct row_journal key = {.repo = repos[i], .state = JOURNAL_WAITING};
		struct scan scan = {
			.table = &table_journal, .index = JOURNAL_BY_REPO, .equal = &key, .n_equal = 2, .limit = max};
		struct walk walk;

		if (!walk_journal(step, &scan, &walk))
			return false;
		*ret_left = *ret_left || walk.rows == max;
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
	struct scan scan = {
		.table = &table_journal, .index = JOURNAL_BY_STATE, .equal = &key, .n_equal = 1, .limit = in->max};
	struct walk walk;

	if (!walk_journal(&step, &scan, &walk))
		return false;
	*in->ret = (struct applied){walk.rows,  walk.rows == in->max, step.subjects,
				    step.slots, walk.broken,          step.looks || step.alarms};
	return true;
}

bool store_apply(const struct store *store, int64_t now, size_t max, struct applied *ret, struct err *err)
{
	struct apply_job in = {store, now, max, ret};

	return store->exec.write(store->exec.self, job, &in, err);
}
