#include "agent/store/bugs.h"

#include <assert.h>

#include "agent/store/apply.h"
#include "agent/store/store_bugs.h"

#define PRUNE_MAX 20 /* each that comes sends some that are over */

static const char text[] = "Revoked: maintainer clearance is looked at again";

/* ---- links ---- */

struct stale { /* links of a commit that its newest verdict has no more */
	struct step *step;
	const struct conclusion *in;
	bool ok;
};

static bool is_asked(const struct conclusion *in, const struct row_bug_link *link)
{
	for (size_t i = 0; i < in->n_bugs; i++)
		if (in->bugs[i].id == link->bug && text_eq(in->bugs[i].tracker, link->tracker))
			return true;
	return false;
}

static bool drop_stale(void *context, const void *row)
{
	struct stale *stale = context;
	struct step *step = stale->step;

	if (!is_asked(stale->in, row))
		stale->ok = step->rows->ops->del(step->rows->self, &table_bug_link, row, step->err);
	return stale->ok;
}

bool bugs_link(struct step *step, const struct conclusion *in)
{
	struct row_bug_link key = {.repo = in->claim->repo, .sha = in->claim->sha};
	struct scan scan = {
		.table = &table_bug_link, .index = BUG_LINK_BY_SHA, .equal = &key, .n_equal = 2, .limit = BUG_REFS_MAX};
	struct stale stale = {step, in, true};

	assert(in->n_bugs <= BUG_REFS_MAX);
	if (!step->rows->ops->scan(step->rows->self, &scan, (struct visitor){drop_stale, &stale, step->arena},
				   step->err) ||
	    !stale.ok)
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

struct reaching {
	struct step *step;
	bool ok, spares;
};

static bool forget_link(struct step *step, const struct row_bug_link *link)
{
	return step->rows->ops->del(step->rows->self, &table_bug_link, link, step->err);
}

static bool reach(void *context, const void *row)
{
	const struct row_bug_link *link = row;
	struct reaching *reaching = context;
	const struct event event = {.repo = link->repo};
	struct applying a = {reaching->step, &event, TEXT_EMPTY, false};
	bool landed = false;

	reaching->ok = commit_landed(reaching->step, link->repo, &link->sha, &landed);
	if (!reaching->ok)
		return false;
	if (landed) {
		reaching->ok = forget_link(reaching->step, link);
		return reaching->ok;
	}
	reaching->ok = link->weighs && !reaching->spares ? revoke(&a, &link->sha, TEXT_LIT(text))
							 : subject_want(reaching->step, link->repo, &link->sha, false);
	return reaching->ok;
}

bool bugs_tell(struct step *step, const struct bug_told *told)
{
	struct row_bug_link key = {.tracker = told->bug.tracker, .bug = told->bug.id};
	struct scan scan = {.table = &table_bug_link,
			    .index = INDEX_KEY,
			    .equal = &key,
			    .n_equal = 2,
			    .limit = SIZE_MAX}; /* one that is left out would keep its success */
	struct reaching reaching = {step, true, told->spares};

	return note(step, told) &&
	       step->rows->ops->scan(step->rows->self, &scan, (struct visitor){reach, &reaching, step->arena},
				     step->err) &&
	       reaching.ok;
}

/* A delivery is a hint: what is true now is read from the tracker, and until then nothing stands on what was read.
 * Custom fields change whenever a fix lands, and hardly a policy asks for one: they only have the bug read again. */
bool apply_bug(struct applying *a)
{
	const struct event *event = a->event;
	const struct bug_told told = {
		.bug = {event->bug.tracker, event->bug.id, false},
		.spares = event->bug.touched == BUG_TOUCHED_FIELDS,
	};

	return event->bug.id == 0 || event->bug.touched == 0 || bugs_tell(a->step, &told);
}
