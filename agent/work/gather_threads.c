/*
 * The conversations about a change's lines, where a policy asks whether they are resolved. Read with the change, in
 * both readings. No answer below what events told: for as long as a copy of the forge's data may lag, it must show each
 * conversation as the newest event left it.
 */
#include "agent/work/gather_inner.h"

#include "agent/store/watches.h"

static const struct forge_thread *find(const struct forge_list_threads *list, const struct heard *heard)
{
	for (size_t i = 0; i < list->n; i++)
		if (heard->id != 0 ? list->at[i].comment == heard->id : text_eq(list->at[i].id, heard->name))
			return &list->at[i];
	return NULL;
}

static bool shows(const struct forge_list_threads *list, const struct heard *heard)
{
	const struct forge_thread *thread = find(list, heard);

	if (text_is(heard->state, "created"))
		return thread != NULL;
	if (text_is(heard->state, "deleted")) /* others may have answered: then it is still there */
		return true;
	if (text_is(heard->state, "resolved"))
		return !thread || thread->resolved;
	return thread && !thread->resolved;
}

static bool check_heard(const struct collect *c, const struct seen_change *seen, struct err *err)
{
	const struct clock_port *clock = &c->gather->ports->clock;
	int64_t now = clock->wall(clock->self);
	struct text rest = c->gather->claim->heard;
	struct heard heard;

	if (seen->threads.updated_at < seen->now.updated_at)
		return err_set(err, ERR_RETRY, "conversations: the answer is older than the change (stale replica)");
	while (heard_next(&rest, &heard)) {
		bool everything = heard.scope == WATCH_EVERYTHING;

		if (heard.at + FLOOR_LAG_MS <= now || (!everything && heard.kind != WATCH_THREADS) ||
		    heard.scope == WATCH_PARTS || (!everything && shows(&seen->threads, &heard)))
			continue;
		(void)err_set(err, ERR_RETRY, "conversations: the answer is older than an event (stale replica)");
		err->retry_at_ms = everything ? heard.at + FLOOR_LAG_MS : 0;
		return false;
	}
	return true;
}

bool gather_threads(const struct collect *c, struct seen_change *seen, struct err *err)
{
	struct forge *f = c->gather->ports->forge;
	enum err_code code = f->threads(f->self, &c->anew, seen->now.number, &seen->threads, err);

	seen->threads_known = code == ERR_OK;
	if (code == ERR_OK)
		return check_heard(c, seen, err);
	if (code != ERR_LIMIT && code != ERR_DENIED && code != ERR_GONE)
		return collect_failed(err, "conversations");
	*err = ERR_NONE; /* mastered: who asks looks at err alone, too */
	return true;
}

void gather_threads_facts(const struct seen_change *seen, struct change *ret)
{
	if (!seen->threads_known)
		return;
	for (size_t i = 0; i < seen->threads.n; i++)
		ret->open_threads += !seen->threads.at[i].resolved;
	ret->known |= FACT_THREADS;
}
