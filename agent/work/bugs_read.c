/* One bug, or some by their numbers, read for the table; and who hears of what they are. */
#include "agent/work/bugs_inner.h"

#include "webhooks/crypto.h"

int64_t bugs_wall(const struct bugs_worker *b)
{
	return b->worker.clock.wall(b->worker.clock.self);
}

struct tracker_call bugs_call(const struct bugs_worker *b, struct arena *arena)
{
	return (struct tracker_call){arena, b->worker.clock.mono(b->worker.clock.self) + b->deadline_ms};
}

struct deeds bugs_deeds(const struct bugs_worker *b)
{
	return (struct deeds){&b->worker, b->source, b->deadline_ms};
}

/* ---- one bug ---- */

/* False: it is not as it was when it was read last, or nobody knows. */
static bool is_as_seen(struct bugs_worker *b, const struct bug *bug, struct arena *arena)
{
	struct bug_seen *seen = &b->seen[(uint64_t)bug->id % BUGS_SEEN], now = {bug->id, 0};
	unsigned char digest[CRYPTO_DIGEST];
	bool same;

	crypto_sha256(bug_source_content(bug, arena), digest);
	for (size_t i = 0; i < sizeof now.content; i++)
		now.content = now.content << 8 | digest[i];
	same = seen->id == now.id && seen->content == now.content;
	*seen = now;
	return same;
}

/* read_at: when the reading began that showed it. */
bool bugs_spread(struct bugs_worker *b, int64_t id, int64_t read_at, struct err *err)
{
	struct bugs_told told = {b->source->name, &id, 1, read_at, bugs_wall(b)};
	bool subjects;

	if (!store_tell_bugs(b->worker.store, &told, &subjects, err))
		return false;
	if (subjects)
		b->worker.wake.signal(b->worker.wake.self, WAKE_SLOTS);
	return true;
}

bool bugs_read_one(struct bugs_worker *b, int64_t id, bool linked, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct bug_source *source = b->source;
	struct tracker_call call = bugs_call(b, &arena);
	struct tracker_wanted wanted = bug_source_wanted(source);
	const struct deeds deeds = bugs_deeds(b);
	struct tracker_bug bug;
	bool changed;

	if (source->port.bug(source->port.self, &call, id, &wanted, &bug, err) != ERR_OK)
		return false;
	bug.is.tracker = source->name;
	if (!deeds_find(&deeds, &bug, err))
		return false;
	changed = bug_source_tell(source, &bug);
	if (linked)
		changed = !is_as_seen(b, &bug.is, &arena) || changed;
	if (!changed || bugs_spread(b, id, bug.is.as_of, err))
		return true;
	b->seen[(uint64_t)id % BUGS_SEEN] = (struct bug_seen){0, 0}; /* nobody heard of it yet */
	return false;
}

/* ---- what lists show: from a copy that lags ---- */

enum table_state bugs_state(const struct bugs_worker *b, int64_t id)
{
	return bug_table_state(b->source->table, id);
}

bool bugs_guard(const struct bugs_worker *b)
{
	return b->source->guard.flags.n > 0;
}

/* Read by itself: somebody stands on it, or on whether it is approved, which no list shows. */
bool bugs_is_alone(const struct bugs_worker *b, int64_t id, bool linked)
{
	return linked || bugs_state(b, id) >= TABLE_SECURE;
}

/* Seen as of `at`. */
bool bugs_make_secure(struct bugs_worker *b, int64_t id, int64_t at, struct err *err)
{
	enum table_state before = bugs_state(b, id);

	if (before >= TABLE_SECURE)
		return true;
	(void)bug_table_tell(b->source->table, id, TABLE_SECURE, at);
	return before != TABLE_INSECURE || bugs_spread(b, id, at, err);
}

bool bugs_take_hint(struct bugs_worker *b, const struct tracker_bug *hint, struct err *err)
{
	return bug_source_state(b->source, hint) < TABLE_SECURE ||
	       bugs_make_secure(b, hint->is.id, hint->is.as_of, err);
}

/* Nothing in it is against what a whole reading said before: that it is not secure. */
bool bugs_is_clear(const struct bugs_worker *b, const struct tracker_bug *hint)
{
	return hint->is.state == BUG_READ && hint->is.secure == TRI_NO && hint->is.dupe_of == 0 &&
	       bug_source_state(b->source, hint) < TABLE_SECURE;
}

/* By number, at most TRACKER_HINTS_MAX. What is not clear, is read. */
bool bugs_look_up(struct bugs_worker *b, const struct tracker_ids *ids, struct arena *arena, struct err *err)
{
	const struct bug_source *source = b->source;
	struct tracker_call call = bugs_call(b, arena);
	struct tracker_bugs out;

	if (ids->n == 0)
		return true;
	if (source->port.hints(source->port.self, &call, ids, &out, err) != ERR_OK)
		return false;
	for (size_t i = 0; i < out.n; i++) {
		if (!bugs_take_hint(b, &out.at[i], err))
			return false;
		if (!bugs_is_clear(b, &out.at[i]) && !bugs_read_one(b, ids->at[i], false, err))
			return false;
	}
	return true;
}
