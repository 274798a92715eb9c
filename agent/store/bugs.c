#include "agent/store/bugs.h"

#include <assert.h>

#include "agent/store/apply.h"
#include "agent/store/links.h"
#include "agent/store/store_bugs.h"

#define REVOKED   "Revoked: maintainer clearance is looked at again"
#define PRUNE_MAX 20 /* each that comes sends some that are over */

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

/* What was read again, and longer ago than any judgement takes that read the bug before, and than a table counts that
 * does not know of it (bug_source_begin). */
static bool prune(struct step *step, struct text tracker)
{
	struct row_bug_news key = {.tracker = tracker, .due = BUG_SETTLED};
	struct scan scan = {.table = &table_bug_news,
			    .index = BUG_NEWS_BY_DUE,
			    .equal = &key,
			    .n_equal = 2,
			    .has_upto = true,
			    .upto = step->now - BUG_NEWS_KEEP_MS - step->store->limits.bug_age_ms,
			    .limit = PRUNE_MAX};
	struct pruning pruning = {step, true};

	return step->rows->ops->scan(step->rows->self, &scan, (struct visitor){prune_one, &pruning, step->arena},
				     step->err) &&
	       pruning.ok;
}

struct ahead {
	struct step *step;
	bool ok;
};

/* What was said before the last that was heard stays before it. */
static bool hear_by_now(void *context, const void *at)
{
	struct row_bug_news row = *(const struct row_bug_news *)at;
	struct ahead *ahead = context;
	int64_t now = ahead->step->now;

	if (row.heard_at <= now)
		return true;
	row.said_at = row.said_at == row.heard_at ? now : row.said_at < now ? row.said_at : now - 1;
	row.heard_at = now;
	ahead->ok = step_put(ahead->step, &table_bug_news, &row);
	return ahead->ok;
}

bool bugs_restart(struct step *step)
{
	struct scan scan = {.table = &table_bug_news, .index = INDEX_KEY, .limit = SIZE_MAX / 2};
	struct ahead ahead = {step, true};

	return step->rows->ops->scan(step->rows->self, &scan, (struct visitor){hear_by_now, &ahead, step->arena},
				     step->err) &&
	       ahead.ok;
}

/* What was said stays to be taken, whatever else is told or read meanwhile. */
static int64_t due_of(const struct bug_told *told, const struct row_bug_news *row, bool found)
{
	if (told->said != BUG_SAID_NOTHING || row->due == BUG_SAID)
		return BUG_SAID;
	if (told->read_at == 0)
		return BUG_DUE;
	if (!found || row->heard_at < told->read_at)
		return BUG_SETTLED;
	return row->due;
}

static bool note(struct step *step, const struct bug_told *told, struct row_bug_news *row, bool found)
{
	int64_t after = row->heard_at + (told->read_at == 0); /* two hints never at the same time */

	row->due = due_of(told, row, found);
	row->heard_at = after < step->now ? step->now : after;
	if (told->said != BUG_SAID_NOTHING) {
		row->said = told->said;
		row->said_of = told->of;
		row->said_at = row->heard_at;
	}
	return prune(step, told->bug.tracker) && step_put(step, &table_bug_news, row);
}

static unsigned mildness(int64_t said)
{
	static const unsigned by_said[] = {[BUG_SAID_SECURE] = 0, [BUG_SAID_APPROVED] = 1, [BUG_SAID_INSECURE] = 2};

	return by_said[said];
}

/* Beside what waits to be taken: of an earlier moment, or of the same one and no stricter. */
static bool is_older(const struct bug_told *told, const struct row_bug_news *row)
{
	if (told->said == BUG_SAID_NOTHING || row->due != BUG_SAID)
		return false;
	return told->of < row->said_of || (told->of == row->said_of && mildness(told->said) >= mildness(row->said));
}

static bool reach_all(struct step *step, const struct bug_told *told)
{
	const struct row_bug_link key = {.tracker = told->bug.tracker, .bug = told->bug.id};
	const struct links_news news = {&key, told->spares ? TEXT_EMPTY : TEXT_LIT(REVOKED)};
	bool any;

	return links_reach(step, &links, &news, &any);
}

bool bugs_tell(struct step *step, const struct bug_told *told)
{
	struct row_bug_news row = {.tracker = told->bug.tracker, .bug = told->bug.id};
	bool found;

	if (!step_find(step, &table_bug_news, &row, &found))
		return false;
	if (is_older(told, &row))
		return true;
	return note(step, told, &row, found) && reach_all(step, told);
}

bool bugs_took(struct step *step, struct row_bug_news *row, bool settles)
{
	const struct bug_told told = {.bug = {row->tracker, row->bug, false}};
	bool over = settles && row->heard_at == row->said_at;

	row->due = over ? BUG_SETTLED : BUG_DUE;
	row->said = row->said_of = row->said_at = 0;
	if (over)
		row->heard_at = row->heard_at < step->now ? step->now : row->heard_at + 1;
	return step_put(step, &table_bug_news, row) && (!over || reach_all(step, &told));
}

/* A delivery is a hint: what is true now is read from the tracker, and until then nothing stands on what was read.
 * Where none is read there, what was said goes to the table, and until then the same holds. Custom fields change
 * whenever a fix lands, and hardly a policy asks for one: they only have the bug read again. */
bool apply_bug(struct applying *a)
{
	const struct event *event = a->event;
	bool known = event->bug.said > BUG_SAID_NOTHING && event->bug.said <= BUG_SAID_APPROVED;
	const struct bug_told told = {.bug = {event->bug.tracker, event->bug.id, false},
				      .said = known ? (enum bug_said)event->bug.said : BUG_SAID_NOTHING,
				      .of = event->bug.at,
				      .spares = event->bug.touched == BUG_TOUCHED_FIELDS};

	return event->bug.id == 0 || event->bug.touched == 0 || bugs_tell(a->step, &told);
}
