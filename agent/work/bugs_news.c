/* What was told of bugs: what is read at once, what waits for the poll, and when it is settled. */
#include <stdlib.h>

#include "agent/work/bugs_inner.h"
#include "policy/memory.h"

#define DUE_MAX 1000

/* ---- what was told ---- */

struct sorted { /* news, sorted by what is to be done */
	struct bug_news *reads, *looks, *others, *done;
	size_t n_reads, n_looks, n_others, n_done;
	bool *linked; /* of each news */
};

/* What had no answer is done again, and nothing waits for it. */
static bool all_answered(bool left, struct err *err)
{
	return !left || err_set(err, ERR_RETRY, "of some bugs no answer came");
}

static bool sort_of(struct bugs_worker *b, const struct bug_news_list *list, struct arena *arena, struct sorted *ret,
		    struct err *err)
{
	int64_t *ids = arena_alloc(arena, list->n + 1, sizeof *ids);
	const struct bugs_linked linked = {b->source->name, ids, list->n};

	*ret = (struct sorted){.reads = arena_alloc(arena, list->n + 1, sizeof *ret->reads),
			       .looks = arena_alloc(arena, list->n + 1, sizeof *ret->looks),
			       .others = arena_alloc(arena, list->n + 1, sizeof *ret->others),
			       .done = arena_alloc(arena, list->n + 1, sizeof *ret->done),
			       .linked = arena_alloc(arena, list->n + 1, sizeof *ret->linked)};
	for (size_t i = 0; i < list->n; i++)
		ids[i] = list->at[i].id;
	return store_linked_bugs(b->worker.store, &linked, ret->linked, err);
}

static bool mark(struct bugs_worker *b, enum bug_due due, const struct bug_news *at, size_t n, struct err *err)
{
	const struct bug_news_list list = {at, n};

	return n == 0 || store_mark_bugs(b->worker.store, b->source->name, due, &list, err);
}

/* Where the table has it as not secure, it is wrong perhaps: the poll does not wait for its time. Nor where a flag may
 * be guarded: what is done about it shall not take a minute. */
static void poll_soon(struct bugs_worker *b, const struct bug_news *news)
{
	int64_t at = news->heard_at + (bugs_guard(b) ? BUGS_GUARD_MS : BUGS_GATHER_MS);
	bool open = bugs_state(b, news->id) == TABLE_INSECURE || bugs_guard(b);

	if (open && news->heard_at >= b->walk_began && at < b->poll_at)
		b->poll_at = at;
}

/* Reads one, or leaves it to the poll. */
static bool take_one(struct bugs_worker *b, const struct bug_news *news, bool linked, struct sorted *sorted,
		     bool *ret_left, struct err *err)
{
	bool left = false;

	if (!bugs_is_alone(b, news->id, linked)) {
		poll_soon(b, news);
		sorted->others[sorted->n_others++] = *news;
		return true;
	}
	if (!bugs_read_one(b, news->id, linked, &left, err))
		return false;
	if (!left)
		sorted->done[sorted->n_done++] = *news;
	*ret_left = *ret_left || left;
	return true;
}

static bool take_news(struct bugs_worker *b, const struct bug_news_list *list, struct arena *arena, struct err *err)
{
	struct sorted sorted;
	bool left = false, ok = true;

	if (!sort_of(b, list, arena, &sorted, err))
		return false;
	for (size_t i = 0; ok && i < list->n; i++)
		ok = take_one(b, &list->at[i], sorted.linked[i], &sorted, &left, err);
	return mark(b, BUG_SETTLED, sorted.done, sorted.n_done, err) &&
	       mark(b, BUG_PUT_OFF, sorted.others, sorted.n_others, err) && ok && all_answered(left, err);
}

/* *ret_any: something was told. */
bool bugs_take_due(struct bugs_worker *b, bool *ret_any, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct bug_due_query due = {b->source->name, BUG_DUE, DUE_MAX};
	struct bug_news_list list;

	if (!store_due_bugs(b->worker.store, &due, &arena, &list, err))
		return false;
	*ret_any = list.n > 0;
	return take_news(b, &list, &arena, err);
}

/* ---- what the poll did not show ---- */

/* Not before no copy lags, nor before a reading has ended that began before it was told. */
static void sort_out(struct bugs_worker *b, const struct bug_news_list *list, struct sorted *sorted)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct bug_news *news = &list->at[i];

		if (news->heard_at + BUGS_LAG_MS > b->walked)
			continue;
		if (bugs_is_alone(b, news->id, sorted->linked[i]))
			sorted->reads[sorted->n_reads++] = *news;
		else if (bugs_state(b, news->id) == TABLE_INSECURE || bugs_guard(b))
			sorted->looks[sorted->n_looks++] = *news;
		else /* nobody knew it, nor does anybody now: whoever asks will read it */
			sorted->done[sorted->n_done++] = *news;
	}
}

static bool look_at_some(struct bugs_worker *b, const struct bug_news *at, size_t n, struct sorted *sorted,
			 bool *ret_left, struct err *err)
{
	int64_t ids[TRACKER_HINTS_MAX];
	bool left[TRACKER_HINTS_MAX] = {false};

	for (size_t i = 0; i < n; i++)
		ids[i] = at[i].id;
	if (!bugs_look_up(b, &(struct tracker_ids){ids, n}, left, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		*ret_left = *ret_left || left[i];
		if (!left[i])
			sorted->done[sorted->n_done++] = at[i];
	}
	return true;
}

static bool look_at(struct bugs_worker *b, struct sorted *sorted, bool *ret_left, struct err *err)
{
	for (size_t i = 0; i < sorted->n_reads; i++) {
		bool left = false;

		if (!bugs_read_one(b, sorted->reads[i].id, true, &left, err))
			return false;
		if (!left)
			sorted->done[sorted->n_done++] = sorted->reads[i];
		*ret_left = *ret_left || left;
	}
	for (size_t i = 0; i < sorted->n_looks; i += TRACKER_HINTS_MAX) {
		size_t rest = sorted->n_looks - i, n = rest < TRACKER_HINTS_MAX ? rest : TRACKER_HINTS_MAX;

		if (!look_at_some(b, sorted->looks + i, n, sorted, ret_left, err))
			return false;
	}
	return true;
}

/* *ret_more: there may be. */
static bool settle_some(struct bugs_worker *b, bool *ret_more, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct bug_due_query due = {b->source->name, BUG_PUT_OFF, DUE_MAX};
	struct bug_news_list list;
	struct sorted sorted;
	bool left = false, ok;

	if (!store_due_bugs(b->worker.store, &due, &arena, &list, err) || !sort_of(b, &list, &arena, &sorted, err))
		return false;
	sort_out(b, &list, &sorted);
	ok = look_at(b, &sorted, &left, err);
	*ret_more = list.n == DUE_MAX && sorted.n_done > 0;
	return mark(b, BUG_SETTLED, sorted.done, sorted.n_done, err) && ok && all_answered(left, err);
}

bool bugs_settle_put_off(struct bugs_worker *b, struct err *err)
{
	bool more = true;

	while (more)
		if (!settle_some(b, &more, err))
			return false;
	return true;
}

/* ---- a table that nothing is read for ---- */

/* Of which time it is, for this bug: what was told of it later is not over. Never 0, by which one is read. */
static int64_t time_of_table(const struct bugs_worker *b, int64_t id)
{
	int64_t dated = bug_table_dated(b->source->table), seen = bug_table_seen(b->source->table, id);
	int64_t of = seen > dated ? seen : dated;

	return of > 0 ? of : 1;
}

static bool settle_older(struct bugs_worker *b, enum bug_due of, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct bug_due_query due = {b->source->name, of, DUE_MAX};
	struct bug_news_list list;
	struct bug_news *at;
	size_t n = 0;

	if (!store_due_bugs(b->worker.store, &due, &arena, &list, err))
		return false;
	at = arena_alloc(&arena, list.n + 1, sizeof *at);
	for (size_t i = 0; i < list.n; i++)
		if (time_of_table(b, list.at[i].id) > list.at[i].heard_at)
			at[n++] = list.at[i];
	return mark(b, BUG_SETTLED, at, n, err);
}

/* What was told of a bug is over when the table is newer; also what was put off while the tracker was read. */
bool bugs_settle_by_table(struct bugs_worker *b, struct err *err)
{
	return settle_older(b, BUG_DUE, err) && settle_older(b, BUG_PUT_OFF, err);
}

struct look { /* at all that verdicts asked about, in the order of numbers */
	struct bugs_known before, now;
	size_t at; /* of `before`: nothing earlier comes any more */
};

/* NULL: this is the first look at it. */
static const struct bug_known *known_before(struct look *look, int64_t id)
{
	const struct bugs_known *before = &look->before;

	while (look->at < before->n && before->at[look->at].id < id)
		look->at++;
	return look->at < before->n && before->at[look->at].id == id ? &before->at[look->at] : NULL;
}

/* What there is no room for is looked at for the first time again, and again: only what is not plainly "not secure"
 * takes room, for of each bug that ever landed something is kept. */
static void keep_known(struct bugs_known *to, struct bug_known one)
{
	if (to->n == BUGS_KNOWN)
		return;
	if (to->n == to->room) {
		to->room = to->room > 0 ? 2 * to->room : 64;
		to->at = memory_resize(to->at, to->room * sizeof *to->at);
	}
	to->at[to->n++] = one;
}

/* Of what is seen for the first time: who waits for it looks again by himself, and who asked about it when it was not
 * secure is asked again, though it is approved. */
static bool tell_if_other(struct bugs_worker *b, void *context, int64_t id, struct err *err)
{
	struct look *look = context;
	const struct bug_known *before = known_before(look, id), now = {id, bugs_state(b, id)};
	bool ok = true;

	if (!before && now.state == TABLE_APPROVED)
		ok = bugs_spare(b, id, time_of_table(b, id), err);
	else if (before ? now.state != before->state : now.state != TABLE_INSECURE)
		ok = bugs_spread(b, id, time_of_table(b, id), err);
	if (ok && now.state != TABLE_INSECURE) /* else nobody heard of it yet, or need hear when it is seen again */
		keep_known(&look->now, now);
	return ok;
}

/* Where it is read, it is read again; where it is not, nothing is newer than the table. */
static bool tell_late(struct bugs_worker *b, void *context, int64_t id, struct err *err)
{
	(void)context;
	return bugs_spread(b, id, b->source->port.bug ? 0 : time_of_table(b, id), err);
}

typedef bool (*teller)(struct bugs_worker *b, void *context, int64_t id, struct err *err);

static bool tell_asked(struct bugs_worker *b, teller tell, void *context, struct err *err)
{
	struct bug_ref after = {b->source->name, 0, false};
	int64_t ids[TRACKER_HINTS_MAX];
	struct bugs_asked asked = {ids, TRACKER_HINTS_MAX, TRACKER_HINTS_MAX};

	while (asked.n == asked.max) {
		if (!store_asked_bugs(b->worker.store, &after, &asked, err))
			return false;
		for (size_t i = 0; i < asked.n; i++)
			if (!tell(b, context, ids[i], err))
				return false;
		after.id = asked.n > 0 ? ids[asked.n - 1] : after.id;
	}
	return true;
}

bool bugs_tell_owed(struct bugs_worker *b, struct err *err)
{
	struct bug_table_owed owed;
	size_t n = 0;

	if (!bug_table_owed(b->source->table, &owed))
		return true;
	if (owed.all) {
		if (tell_asked(b, tell_late, NULL, err))
			return true;
		bug_table_owe_all(b->source->table);
		return false;
	}
	while (n < owed.n && tell_late(b, NULL, owed.ids[n], err))
		n++;
	bug_table_owe(b->source->table, owed.ids + n, owed.n - n);
	return n == owed.n;
}

/* It ended early: what nobody heard of stays as it was known. */
static void keep_rest(struct look *look)
{
	int64_t told = look->now.n > 0 ? look->now.at[look->now.n - 1].id : 0;

	for (; look->at < look->before.n; look->at++)
		if (look->before.at[look->at].id > told)
			keep_known(&look->now, look->before.at[look->at]);
}

static bool look_at_table(struct bugs_worker *b, struct err *err)
{
	struct look look = {.before = b->known};
	bool ok = tell_asked(b, tell_if_other, &look, err);

	if (!ok)
		keep_rest(&look);
	free(look.before.at);
	b->known = look.now;
	return ok;
}

bool bugs_tell_of_table(struct bugs_worker *b, struct err *err)
{
	const uint64_t now = bug_table_changes(b->source->table);

	if (bugs_wall(b) < b->poll_at && now == b->looked)
		return true;
	if (!look_at_table(b, err))
		return false;
	b->looked = now;
	b->poll_at = bugs_wall(b) + b->poll_ms;
	return true;
}
