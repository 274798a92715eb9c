#include "agent/work/bugs_worker.h"

#include "agent/work/bugs_said.h"
#include "agent/work/deeds.h"
#include "webhooks/crypto.h"

#define IDLE_MS  5000
#define AGAIN_MS 60000 /* after a failure that names no time */
#define DUE_MAX  1000
#define SAVE_MS  5000 /* between two versions of the file, at least */

static int64_t wall(const struct bugs_worker *b)
{
	return b->worker.clock.wall(b->worker.clock.self);
}

static struct tracker_call call_of(const struct bugs_worker *b, struct arena *arena)
{
	return (struct tracker_call){arena, b->worker.clock.mono(b->worker.clock.self) + b->deadline_ms};
}

static void say(const struct bugs_worker *b, enum log_level level, const char *what, const char *detail)
{
	struct log_field fields[] = {LOG_T("tracker", b->source->name), LOG_S("detail", detail), LOG_DONE};

	log_event(b->worker.log, level, what, fields);
}

static struct deeds deeds_of(const struct bugs_worker *b)
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
static bool tell(struct bugs_worker *b, int64_t id, int64_t read_at, struct err *err)
{
	struct bugs_told told = {b->source->name, &id, 1, read_at, wall(b)};
	bool subjects;

	if (!store_tell_bugs(b->worker.store, &told, &subjects, err))
		return false;
	if (subjects)
		b->worker.wake.signal(b->worker.wake.self, WAKE_SLOTS);
	return true;
}

static bool read_one(struct bugs_worker *b, int64_t id, bool linked, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct bug_source *source = b->source;
	struct tracker_call call = call_of(b, &arena);
	struct tracker_wanted wanted = bug_source_wanted(source);
	const struct deeds deeds = deeds_of(b);
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
	if (!changed || tell(b, id, bug.is.as_of, err))
		return true;
	b->seen[(uint64_t)id % BUGS_SEEN] = (struct bug_seen){0, 0}; /* nobody heard of it yet */
	return false;
}

/* ---- what lists show: from a copy that lags ---- */

static enum table_state state_of(const struct bugs_worker *b, int64_t id)
{
	return bug_table_state(b->source->table, id);
}

/* Flags are guarded on secure bugs: a bug that nothing stands on may be one, and no list shows flags. */
static bool guards(const struct bugs_worker *b)
{
	return b->source->guard.flags.n > 0;
}

/* Read by itself: somebody stands on it, or on whether it is approved, which no list shows. */
static bool is_alone(const struct bugs_worker *b, int64_t id, bool linked)
{
	return linked || state_of(b, id) >= TABLE_SECURE;
}

/* Seen as of `at`. */
static bool make_secure(struct bugs_worker *b, int64_t id, int64_t at, struct err *err)
{
	enum table_state before = state_of(b, id);

	if (before >= TABLE_SECURE)
		return true;
	(void)bug_table_tell(b->source->table, id, TABLE_SECURE, at);
	return before != TABLE_INSECURE || tell(b, id, at, err);
}

static bool take_hint(struct bugs_worker *b, const struct tracker_bug *hint, struct err *err)
{
	return bug_source_state(b->source, hint) < TABLE_SECURE || make_secure(b, hint->is.id, hint->is.as_of, err);
}

/* Nothing in it is against what a whole reading said before: that it is not secure. */
static bool is_clear(const struct bugs_worker *b, const struct tracker_bug *hint)
{
	return hint->is.state == BUG_READ && hint->is.secure == TRI_NO && hint->is.dupe_of == 0 &&
	       bug_source_state(b->source, hint) < TABLE_SECURE;
}

/* By number, at most TRACKER_HINTS_MAX. What is not clear, is read. */
static bool look_up(struct bugs_worker *b, const struct tracker_ids *ids, struct arena *arena, struct err *err)
{
	const struct bug_source *source = b->source;
	struct tracker_call call = call_of(b, arena);
	struct tracker_bugs out;

	if (ids->n == 0)
		return true;
	if (source->port.hints(source->port.self, &call, ids, &out, err) != ERR_OK)
		return false;
	for (size_t i = 0; i < out.n; i++) {
		if (!take_hint(b, &out.at[i], err))
			return false;
		if (!is_clear(b, &out.at[i]) && !read_one(b, ids->at[i], false, err))
			return false;
	}
	return true;
}

/* ---- what was told ---- */

struct sorted { /* news, sorted by what is to be done */
	struct bug_news *reads, *looks, *others;
	size_t n_reads, n_looks, n_others;
	bool *linked; /* of each news */
};

static bool sort_of(struct bugs_worker *b, const struct bug_news_list *list, struct arena *arena, struct sorted *ret,
		    struct err *err)
{
	int64_t *ids = arena_alloc(arena, list->n + 1, sizeof *ids);

	*ret = (struct sorted){.reads = arena_alloc(arena, list->n + 1, sizeof *ret->reads),
			       .looks = arena_alloc(arena, list->n + 1, sizeof *ret->looks),
			       .others = arena_alloc(arena, list->n + 1, sizeof *ret->others),
			       .linked = arena_alloc(arena, list->n + 1, sizeof *ret->linked)};
	for (size_t i = 0; i < list->n; i++)
		ids[i] = list->at[i].id;
	return store_linked_bugs(b->worker.store, b->source->name, ids, list->n, ret->linked, err);
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
	int64_t at = news->heard_at + (guards(b) ? BUGS_GUARD_MS : BUGS_GATHER_MS);
	bool open = state_of(b, news->id) == TABLE_INSECURE || guards(b);

	if (open && news->heard_at > b->walk_began && at < b->poll_at)
		b->poll_at = at;
}

static bool take_news(struct bugs_worker *b, const struct bug_news_list *list, struct arena *arena, struct err *err)
{
	struct sorted sorted;

	if (!sort_of(b, list, arena, &sorted, err))
		return false;
	for (size_t i = 0; i < list->n; i++) {
		const struct bug_news *news = &list->at[i];

		if (is_alone(b, news->id, sorted.linked[i])) {
			if (!read_one(b, news->id, sorted.linked[i], err))
				return false;
			sorted.reads[sorted.n_reads++] = *news;
		} else {
			poll_soon(b, news);
			sorted.others[sorted.n_others++] = *news;
		}
	}
	return mark(b, BUG_SETTLED, sorted.reads, sorted.n_reads, err) &&
	       mark(b, BUG_PUT_OFF, sorted.others, sorted.n_others, err);
}

/* *ret_any: something was told. */
static bool take_due(struct bugs_worker *b, bool *ret_any, struct err *err)
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

		if (news->heard_at + BUGS_LAG_MS > b->walk_began)
			continue;
		if (is_alone(b, news->id, sorted->linked[i]))
			sorted->reads[sorted->n_reads++] = *news;
		else if (state_of(b, news->id) == TABLE_INSECURE || guards(b))
			sorted->looks[sorted->n_looks++] = *news;
		else /* nobody knew it, nor does anybody now: whoever asks will read it */
			sorted->others[sorted->n_others++] = *news;
	}
}

static bool look_at(struct bugs_worker *b, const struct sorted *sorted, struct err *err)
{
	for (size_t i = 0; i < sorted->n_reads; i++)
		if (!read_one(b, sorted->reads[i].id, true, err))
			return false;
	for (size_t i = 0; i < sorted->n_looks; i += TRACKER_HINTS_MAX) {
		auto_arena struct arena arena = ARENA_EMPTY;
		int64_t ids[TRACKER_HINTS_MAX];
		struct tracker_ids some = {ids, 0};

		for (; some.n < TRACKER_HINTS_MAX && i + some.n < sorted->n_looks; some.n++)
			ids[some.n] = sorted->looks[i + some.n].id;
		if (!look_up(b, &some, &arena, err))
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

	if (!store_due_bugs(b->worker.store, &due, &arena, &list, err) || !sort_of(b, &list, &arena, &sorted, err))
		return false;
	sort_out(b, &list, &sorted);
	*ret_more = list.n == DUE_MAX && sorted.n_reads + sorted.n_looks + sorted.n_others > 0;
	return look_at(b, &sorted, err) && mark(b, BUG_SETTLED, sorted.reads, sorted.n_reads, err) &&
	       mark(b, BUG_SETTLED, sorted.looks, sorted.n_looks, err) &&
	       mark(b, BUG_SETTLED, sorted.others, sorted.n_others, err);
}

static bool settle_put_off(struct bugs_worker *b, struct err *err)
{
	bool more = true;

	while (more)
		if (!settle_some(b, &more, err))
			return false;
	return true;
}

/* ---- lists ---- */

/* Asks for the page at *walk and takes what is on it. */
typedef bool (*taker)(struct bugs_worker *b, const struct tracker_call *call, struct tracker_walk *walk,
		      struct err *err);

static bool is_stopping(const struct bugs_worker *b, struct err *err)
{
	return b->worker.wake.stopping && b->worker.wake.stopping(b->worker.wake.self) &&
	       !err_set(err, ERR_RETRY, "stopping");
}

static bool take_secure(struct bugs_worker *b, const struct tracker_call *call, struct tracker_walk *walk,
			struct err *err)
{
	const struct tracker *port = &b->source->port;
	int64_t now = wall(b);
	struct tracker_ids ids;

	if (port->secure_ids(port->self, call, walk, &ids, err) != ERR_OK)
		return false;
	for (size_t i = 0; i < ids.n; i++)
		if (!make_secure(b, ids.at[i], now, err))
			return false;
	return true;
}

/* What was told so long ago that no copy lags is settled for those that show nothing against it. */
static bool take_shown(struct bugs_worker *b, const struct tracker_bugs *bugs, struct arena *arena, struct err *err)
{
	int64_t *ids = arena_alloc(arena, bugs->n + 1, sizeof *ids);
	bool *linked = arena_alloc(arena, bugs->n + 1, sizeof *linked);
	struct bugs_seen seen = {b->source->name, ids, 0, b->walk_began - BUGS_LAG_MS + 1};

	for (size_t i = 0; i < bugs->n; i++)
		ids[i] = bugs->at[i].is.id;
	if (!store_linked_bugs(b->worker.store, b->source->name, ids, bugs->n, linked, err))
		return false;
	for (size_t i = 0; i < bugs->n; i++) {
		const struct tracker_bug *hint = &bugs->at[i];

		if (is_alone(b, hint->is.id, linked[i])) {
			if (!read_one(b, hint->is.id, linked[i], err))
				return false;
			continue;
		}
		if (!take_hint(b, hint, err))
			return false;
		if (is_clear(b, hint))
			ids[seen.n++] = hint->is.id;
		else if (guards(b) && state_of(b, hint->is.id) >= TABLE_SECURE && !read_one(b, hint->is.id, false, err))
			return false;
	}
	return store_seen_bugs(b->worker.store, &seen, err);
}

static bool take_changed(struct bugs_worker *b, const struct tracker_call *call, struct tracker_walk *walk,
			 struct err *err)
{
	const struct tracker *port = &b->source->port;
	struct tracker_bugs bugs;

	return port->changed_since(port->self, call, walk, &bugs, err) == ERR_OK &&
	       take_shown(b, &bugs, call->arena, err);
}

/* A page whose bugs could not all be looked at is asked for again: *walk stands before it. */
static bool walk_on(struct bugs_worker *b, struct tracker_walk *walk, taker take, struct err *err)
{
	while (!walk->done) {
		auto_arena struct arena arena = ARENA_EMPTY;
		struct tracker_call call = call_of(b, &arena);
		struct tracker_walk here = *walk;

		if (is_stopping(b, err) || !take(b, &call, &here, err))
			return false;
		*walk = here;
	}
	return true;
}

static bool ask_time(struct bugs_worker *b, int64_t *ret, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct tracker_call call = call_of(b, &arena);

	return b->source->port.db_time(b->source->port.self, &call, ret, err) == ERR_OK;
}

static bool resync(struct bugs_worker *b, struct err *err)
{
	struct tracker_walk walk = {.since = 0};
	int64_t began = wall(b);

	if (!walk_on(b, &walk, take_secure, err))
		return false;
	b->resync_at = began + BUGS_RESYNC_MS;
	return true;
}

/* The first time from where the table ends, which an earlier process may have written; the clocks differ by less than
 * what the lists overlap. */
static bool begin_poll(struct bugs_worker *b, struct err *err)
{
	int64_t dated = bug_table_dated(b->source->table), now;

	if (!ask_time(b, &now, err))
		return false;
	if (b->since == 0)
		b->since = dated > 0 ? dated : now;
	b->walk = (struct tracker_walk){.since = b->since - BUGS_LAG_MS};
	b->walk_until = now;
	b->walk_began = wall(b);
	return true;
}

static bool poll(struct bugs_worker *b, struct err *err)
{
	if ((b->walk_until == 0 && !begin_poll(b, err)) || !walk_on(b, &b->walk, take_changed, err) ||
	    !settle_put_off(b, err))
		return false;
	b->since = b->walk_until;
	b->walk_until = 0;
	b->poll_at = b->walk_began + b->poll_ms;
	bug_table_date(b->source->table, b->walk_began);
	return true;
}

static bool greet(struct bugs_worker *b, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct tracker_call call = call_of(b, &arena);
	struct tracker_self self = {.account = 0};
	enum err_code code = b->source->port.whoami(b->source->port.self, &call, &self, err);

	if (code != ERR_OK && code != ERR_GONE)
		return false;
	*err = ERR_NONE;
	b->greeted = true;
	if (self.in_groups == TRI_NO)
		say(b, LOG_WARN_LEVEL, "tracker", "our account is not in each group that makes a bug secure");
	if (self.pushes == TRI_NO)
		say(b, LOG_WARN_LEVEL, "tracker", "no webhook of our account is enabled: changes are found by polling");
	return true;
}

/* ---- the table on disk ---- */

static void take_in(struct bugs_worker *b)
{
	struct err err = ERR_NONE;
	uint64_t changed;

	if (b->disk && !table_store_refresh(b->disk, b->source->table, &changed, &err) && err.code != ERR_GONE)
		say(b, LOG_WARN_LEVEL, "the table of bugs was not read", err.text);
}

static bool save(struct bugs_worker *b)
{
	struct err err = ERR_NONE;

	b->saved = bug_table_count(b->source->table);
	b->save_at = wall(b) + SAVE_MS;
	if (!b->disk || table_store_save(b->disk, b->source->table, &err)) {
		b->unsaved = false;
		return true;
	}
	say(b, LOG_ERROR_LEVEL, "the table of bugs was not saved", err.text);
	return false;
}

/* Commit hooks and commands read the file: an approval shall be there soon. */
static void save_news(struct bugs_worker *b)
{
	struct bug_table_count now;

	if (!b->source->port.bug || wall(b) < b->save_at)
		return;
	now = bug_table_count(b->source->table);
	if (now.insecure != b->saved.insecure || now.secure != b->saved.secure || now.approved != b->saved.approved)
		(void)save(b);
}

/* ---- a table that nothing is read for ---- */

/* What was told of a bug is over when the table is newer. */
static bool settle_by_table(struct bugs_worker *b, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct bug_due_query due = {b->source->name, BUG_DUE, DUE_MAX};
	int64_t dated = bug_table_dated(b->source->table);
	struct bug_news_list list;
	struct bug_news *at;
	size_t n = 0;

	if (!store_due_bugs(b->worker.store, &due, &arena, &list, err))
		return false;
	at = arena_alloc(&arena, list.n + 1, sizeof *at);
	for (size_t i = 0; i < list.n; i++)
		if (dated > list.at[i].heard_at ||
		    bug_table_seen(b->source->table, list.at[i].id) > list.at[i].heard_at)
			at[n++] = list.at[i];
	return mark(b, BUG_SETTLED, at, n, err);
}

/* Of what is seen for the first time, who waits for it looks again by himself. */
static bool tell_if_other(struct bugs_worker *b, int64_t id, struct err *err)
{
	struct bug_seen *seen = &b->seen[(uint64_t)id % BUGS_SEEN];
	enum table_state state = state_of(b, id);
	const struct bug_seen was = *seen, now = {id, (uint64_t)state + 1};

	*seen = now;
	if (was.id == now.id ? was.content == now.content : state == TABLE_INSECURE || state == TABLE_APPROVED)
		return true;
	return tell(b, id, wall(b), err);
}

static bool tell_of_table(struct bugs_worker *b, struct err *err)
{
	const struct bug_table_count now = bug_table_count(b->source->table);
	struct bug_ref after = {b->source->name, 0, false};
	int64_t ids[TRACKER_HINTS_MAX];
	size_t n = TRACKER_HINTS_MAX;

	if (wall(b) < b->poll_at && now.insecure == b->looked.insecure && now.secure == b->looked.secure &&
	    now.approved == b->looked.approved)
		return true;
	while (n == TRACKER_HINTS_MAX) {
		if (!store_asked_bugs(b->worker.store, &after, ids, TRACKER_HINTS_MAX, &n, err))
			return false;
		for (size_t i = 0; i < n; i++)
			if (!tell_if_other(b, ids[i], err))
				return false;
		after.id = n > 0 ? ids[n - 1] : after.id;
	}
	b->looked = now;
	b->poll_at = wall(b) + b->poll_ms;
	return true;
}

/* ---- the loop ---- */

static void count_requests(struct bugs_worker *b)
{
	const struct ask_counts now = b->ask ? ask_counts(b->ask) : (struct ask_counts){0}, was = b->counted;
	const struct {
		const char *what;
		int64_t n;
	} rows[] = {{"sent", now.requests - was.requests}, {"failed", now.failed - was.failed},
		    {"shared", now.shared - was.shared},   {"over_budget", now.over_budget - was.over_budget},
		    {"paused", now.paused - was.paused},   {"stopped", now.stopped - was.stopped}};
	int64_t healthy = !b->refused && !now.key_refused;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct text labels[] = {b->source->name, text_of(rows[i].what)};

		if (rows[i].n > 0)
			metrics_add(b->worker.metrics, METRIC_TRACKER_REQUESTS, labels, rows[i].n);
	}
	b->counted = now;
	metrics_set(b->worker.metrics, METRIC_TRACKER_HEALTHY, &b->source->name, healthy);
}

static void failed(struct bugs_worker *b, const struct err *err)
{
	int64_t again = wall(b) + AGAIN_MS;

	b->not_before = err->retry_at_ms > again ? err->retry_at_ms : again;
	if (err->code == ERR_DENIED) {
		b->refused = true;
		say(b, LOG_ERROR_LEVEL, "the tracker refused our key: nothing is asked until a restart with another",
		    err->text);
		return;
	}
	say(b, LOG_WARN_LEVEL, "tracker not read", err->text);
}

/* *ret_any: there may be more. */
static bool work(struct bugs_worker *b, bool *ret_any, struct err *err)
{
	const struct deeds deeds = deeds_of(b);
	int64_t now = wall(b);

	*ret_any = true;
	if (!b->source->port.bug) {
		*ret_any = false;
		return settle_by_table(b, err) && tell_of_table(b, err);
	}
	if (!b->greeted)
		return greet(b, err);
	if (now >= b->resync_at)
		return resync(b, err);
	if (now < b->poll_at) /* whoever stands on a bug hears of it first */
		return take_due(b, ret_any, err) && (*ret_any || deeds_step(&deeds, ret_any, err));
	if (!poll(b, err))
		return false;
	(void)save(b);
	return true;
}

bool bugs_worker_step(struct bugs_worker *b, int64_t *ret_at)
{
	struct err err = ERR_NONE;
	bool any = false;

	*ret_at = b->worker.clock.mono(b->worker.clock.self) + IDLE_MS;
	take_in(b);
	if (!bugs_take_said(b, save, &err))
		say(b, LOG_WARN_LEVEL, "tracker", err.text);
	err = ERR_NONE;
	if (!b->refused && wall(b) >= b->not_before && !work(b, &any, &err)) {
		any = false;
		failed(b, &err);
	}
	save_news(b);
	count_requests(b);
	return any;
}

void bugs_worker_run(struct bugs_worker *b)
{
	const struct worker *w = &b->worker;
	int64_t at;

	while (!w->wake.stopping(w->wake.self))
		if (!bugs_worker_step(b, &at))
			w->wake.wait(w->wake.self, WAKE_BUGS, at);
	if (b->source->port.bug)
		(void)save(b);
}
