/* What a tracker's connector said of single bugs (receive_said.h): what was answered 202 may not be lost on its way. */
#include "agent/work/bugs_inner.h"

#define WORDS_MAX 1000

static const enum table_state states_said[] = {[BUG_SAID_NOTHING] = TABLE_UNKNOWN,
					       [BUG_SAID_INSECURE] = TABLE_INSECURE,
					       [BUG_SAID_SECURE] = TABLE_SECURE,
					       [BUG_SAID_APPROVED] = TABLE_APPROVED};

/* False: the table is as it was. */
static bool tell_table(const struct bugs_worker *b, const struct bug_news *news)
{
	enum table_state state = states_said[news->said];
	int64_t now = bugs_wall(b), of = news->said_of < now ? news->said_of : now;
	enum table_told told;

	if (b->source->port.bug && state != TABLE_SECURE)
		return false;
	told = bug_table_tell(b->source->table, news->id, state, of);
	return told == TABLE_TOLD_CHANGED || told == TABLE_TOLD_SEEN;
}

bool bugs_take_said(struct bugs_worker *b, bool (*save)(struct bugs_worker *b), struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct bugs_taken taken = {b->source->name, {NULL, 0}, !b->source->port.bug, 0};
	const struct bug_due_query due = {b->source->name, BUG_SAID, WORDS_MAX};
	bool subjects;

	if (!store_due_bugs(b->worker.store, &due, &arena, &taken.list, err))
		return false;
	for (size_t i = 0; i < taken.list.n; i++)
		b->unsaved = tell_table(b, &taken.list.at[i]) || b->unsaved;
	if (taken.list.n == 0)
		return true;
	if (taken.settles && b->unsaved && !save(b))
		return err_set(err, ERR_RETRY, "what was said of bugs waits for the disk");
	taken.now = bugs_wall(b);
	if (!store_take_said(b->worker.store, &taken, &subjects, err))
		return false;
	if (subjects)
		b->worker.wake.signal(b->worker.wake.self, WAKE_SLOTS);
	return true;
}
