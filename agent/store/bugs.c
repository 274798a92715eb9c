#include "agent/store/bugs.h"

#include <assert.h>

#include "agent/store/apply.h"
#include "agent/store/links.h"
#include "agent/store/store_bugs.h"

#define PRUNE_MAX 20 /* each that comes sends some that are over */

static const char text[] = "Revoked: maintainer clearance is looked at again";

/* ---- links ---- */

static struct link link_of(const void *row)
{
	const struct row_bug_link *link = row;

	return (struct link){link->repo, link->sha, link->weighs != 0};
}

static const struct links links = {&table_bug_link, BUG_LINK_BY_SHA, 2, BUG_REFS_MAX, link_of};

static bool is_asked(const struct conclusion *in, const void *row)
{
	const struct row_bug_link *link = row;

	for (size_t i = 0; i < in->n_bugs; i++)
		if (in->bugs[i].id == link->bug && text_eq(in->bugs[i].tracker, link->tracker))
			return true;
	return false;
}

bool bugs_link(struct step *step, const struct conclusion *in)
{
	struct row_bug_link key = {.repo = in->claim->repo, .sha = in->claim->sha};

	assert(in->n_bugs <= BUG_REFS_MAX);
	if (!links_drop_stale(step, &links, &(struct links_asked){&key, in, is_asked}))
		return false;
	for (size_t i = 0; i < in->n_bugs; i++) {
		key.tracker = in->bugs[i].tracker;
		key.bug = in->bugs[i].id;
		key.weighs = in->bugs[i].weighs;
		if (!step_put(step, &table_bug_link, &key))
			return false;
	}
	return true;
}

/* ---- news ---- */

bool bugs_told_since(struct step *step, const struct conclusion *in, bool *ret)
{
	*ret = false;
	for (size_t i = 0; i < in->n_bugs && !*ret; i++) {
		struct row_bug_news row = {.tracker = in->bugs[i].tracker, .bug = in->bugs[i].id};
		bool found;

		if (!step_find(step, &table_bug_news, &row, &found))
			return false;
		*ret = found && row.heard_at >= in->read_at;
	}
	return true;
}

struct pruning {
	struct step *step;
	bool ok;
};

static bool prune_one(void *context, const void *row)
{
	struct pruning *pruning = context;
	struct step *step = pruning->step;

	pruning->ok = step->rows->ops->del(step->rows->self, &table_bug_news, row, step->err);
	return pruning->ok;
}

/* What was read again, and longer ago than any judgement takes that read the bug before. */
static bool prune(struct step *step, struct text tracker)
{
	struct row_bug_news key = {.tracker = tracker, .due = BUG_SETTLED};
	struct scan scan = {.table = &table_bug_news,
			    .index = BUG_NEWS_BY_DUE,
			    .equal = &key,
			    .n_equal = 2,
			    .has_upto = true,
			    .upto = step->now - BUG_NEWS_KEEP_MS,
			    .limit = PRUNE_MAX};
	struct pruning pruning = {step, true};

	return step->rows->ops->scan(step->rows->self, &scan, (struct visitor){prune_one, &pruning, step->arena},
				     step->err) &&
	       pruning.ok;
}

static bool note(struct step *step, const struct bug_told *told)
{
	struct row_bug_news row = {.tracker = told->bug.tracker, .bug = told->bug.id};
	bool found;

	if (!prune(step, told->bug.tracker) || !step_find(step, &table_bug_news, &row, &found))
		return false;
	if (told->read_at == 0)
		row.due = BUG_DUE;
	else if (!found || row.heard_at < told->read_at)
		row.due = BUG_SETTLED;
	row.heard_at = step->now;
	return step_put(step, &table_bug_news, &row);
}

bool bugs_tell(struct step *step, const struct bug_told *told)
{
	const struct row_bug_link key = {.tracker = told->bug.tracker, .bug = told->bug.id};
	const struct links_news news = {&key, told->spares ? TEXT_EMPTY : TEXT_LIT(text)};
	bool any;

	return note(step, told) && links_reach(step, &links, &news, &any);
}

/* A delivery is a hint: what is true now is read from the tracker, and until then nothing stands on what was read.
 * Custom fields change whenever a fix lands, and hardly a policy asks for one: they only have the bug read again. */
bool apply_bug(struct applying *a)
{
	const struct event *event = a->event;
	const struct bug_told told = {.bug = {event->bug.tracker, event->bug.id, false},
				      .spares = event->bug.touched == BUG_TOUCHED_FIELDS};

	return event->bug.id == 0 || event->bug.touched == 0 || bugs_tell(a->step, &told);
}
