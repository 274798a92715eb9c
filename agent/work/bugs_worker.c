#include "agent/work/bugs_worker.h"

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

static bool tell(struct bugs_worker *b, int64_t id, struct err *err)
{
	struct bugs_told told = {b->source->name, &id, 1, true, wall(b)};
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
	struct tracker_wanted wanted = {.flags = source->approvals.at, .n_flags = source->approvals.n};
	struct tracker_bug bug;
	bool changed;

	if (source->port.bug(source->port.self, &call, id, &wanted, &bug, err) != ERR_OK)
		return false;
	bug.is.tracker = source->name;
	changed = bug_source_tell(source, &bug);
	if (linked)
		changed = !is_as_seen(b, &bug.is, &arena) || changed;
	if (!changed || tell(b, id, err))
		return true;
	b->seen[(uint64_t)id % BUGS_SEEN] = (struct bug_seen){0, 0}; /* nobody heard of it yet */
	return false;
}

/* ---- a batch ---- */

struct batch {
	const int64_t *ids;
	size_t n;     /* at most TRACKER_HINTS_MAX */
	bool *linked; /* verdicts asked about it: it was read by itself */
};

/* From a copy that lags: it may only make a bug secure. */
static bool look_up(struct bugs_worker *b, const int64_t *ids, size_t n, struct arena *arena, struct err *err)
{
	const struct bug_source *source = b->source;
	struct tracker_call call = call_of(b, arena);
	struct tracker_ids in = {ids, n};
	struct tracker_bugs out;

	if (n == 0)
		return true;
	if (source->port.hints(source->port.self, &call, &in, &out, err) != ERR_OK)
		return false;
	for (size_t i = 0; i < out.n; i++) {
		enum table_state before = bug_table_state(source->table, ids[i]);

		if (bug_source_state(source, &out.at[i]) < TABLE_SECURE || before >= TABLE_SECURE)
			continue;
		(void)bug_table_tell(source->table, ids[i], TABLE_SECURE, wall(b));
		if (before == TABLE_INSECURE && !tell(b, ids[i], err))
			return false;
	}
	return true;
}

static bool look_at(struct bugs_worker *b, const struct batch *batch, struct arena *arena, struct err *err)
{
	int64_t *others = arena_alloc(arena, batch->n + 1, sizeof *others);
	size_t n = 0;

	if (!store_linked_bugs(b->worker.store, b->source->name, batch->ids, batch->n, batch->linked, err))
		return false;
	for (size_t i = 0; i < batch->n; i++) {
		bool alone = batch->linked[i] || bug_table_state(b->source->table, batch->ids[i]) >= TABLE_SECURE;

		if (!alone)
			others[n++] = batch->ids[i];
		else if (!read_one(b, batch->ids[i], batch->linked[i], err))
			return false;
	}
	return look_up(b, others, n, arena, err);
}

static bool look_at_all(struct bugs_worker *b, const struct tracker_ids *ids, struct arena *arena, struct err *err)
{
	for (size_t i = 0; i < ids->n; i += TRACKER_HINTS_MAX) {
		size_t left = ids->n - i;
		struct batch batch = {ids->at + i, left < TRACKER_HINTS_MAX ? left : TRACKER_HINTS_MAX, NULL};

		batch.linked = arena_alloc(arena, batch.n, sizeof *batch.linked);
		if (!look_at(b, &batch, arena, err))
			return false;
	}
	return true;
}

/* ---- what was told ---- */

/* Known to be not secure, by a reading from before it was told of: a copy says nothing yet. */
static bool waits_for_copy(const struct bugs_worker *b, const struct bug_news *news, bool linked, int64_t began)
{
	return !linked && bug_table_state(b->source->table, news->id) == TABLE_INSECURE &&
	       news->heard_at + BUGS_LAG_MS > began;
}

static bool settle(struct bugs_worker *b, const struct bug_news *news, const bool *linked, size_t n, int64_t began,
		   struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct bug_news *settled = arena_alloc(&arena, n + 1, sizeof *settled);
	struct bug_news_list list = {settled, 0};

	for (size_t i = 0; i < n; i++)
		if (!waits_for_copy(b, &news[i], linked[i], began))
			settled[list.n++] = news[i];
	return list.n == 0 || store_read_bugs(b->worker.store, b->source->name, &list, err);
}

static bool look_at_news(struct bugs_worker *b, const struct bug_news *news, size_t n, struct arena *arena,
			 struct err *err)
{
	int64_t *ids = arena_alloc(arena, n, sizeof *ids), began = wall(b);
	struct batch batch = {ids, n, arena_alloc(arena, n, sizeof *batch.linked)};

	for (size_t i = 0; i < n; i++)
		ids[i] = news[i].id;
	return look_at(b, &batch, arena, err) && settle(b, news, batch.linked, n, began, err);
}

/* Those that were looked up already wait until no copy lags. */
static size_t not_waiting(const struct bugs_worker *b, struct bug_news_list *list, struct arena *arena)
{
	struct bug_news *kept = arena_alloc(arena, list->n + 1, sizeof *kept);
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++)
		if (list->at[i].heard_at > b->looked_to || list->at[i].heard_at + BUGS_LAG_MS <= wall(b))
			kept[n++] = list->at[i];
	list->at = kept;
	list->n = n;
	return n;
}

/* *ret_any: something was looked at. */
static bool take_due(struct bugs_worker *b, bool *ret_any, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct bug_news_list list;
	int64_t newest = b->looked_to;

	if (!store_due_bugs(b->worker.store, b->source->name, DUE_MAX, &arena, &list, err))
		return false;
	*ret_any = not_waiting(b, &list, &arena) > 0;
	for (size_t i = 0; i < list.n; i += TRACKER_HINTS_MAX) {
		size_t left = list.n - i, n = left < TRACKER_HINTS_MAX ? left : TRACKER_HINTS_MAX;

		if (!look_at_news(b, list.at + i, n, &arena, err))
			return false;
	}
	for (size_t i = 0; i < list.n; i++)
		newest = list.at[i].heard_at > newest ? list.at[i].heard_at : newest;
	b->looked_to = newest;
	return true;
}

/* ---- lists ---- */

typedef enum err_code (*pages)(void *self, const struct tracker_call *call, struct tracker_walk *walk,
			       struct tracker_ids *out, struct err *err);

static bool is_stopping(const struct bugs_worker *b, struct err *err)
{
	return b->worker.wake.stopping && b->worker.wake.stopping(b->worker.wake.self) &&
	       !err_set(err, ERR_RETRY, "stopping");
}

static bool make_secure(struct bugs_worker *b, const struct tracker_ids *ids, struct arena *arena, struct err *err)
{
	int64_t now = wall(b);

	(void)arena;
	for (size_t i = 0; i < ids->n; i++) {
		enum table_state before = bug_table_state(b->source->table, ids->at[i]);

		if (before >= TABLE_SECURE)
			continue;
		(void)bug_table_tell(b->source->table, ids->at[i], TABLE_SECURE, now);
		if (before == TABLE_INSECURE && !tell(b, ids->at[i], err))
			return false;
	}
	return true;
}

typedef bool (*taker)(struct bugs_worker *b, const struct tracker_ids *ids, struct arena *arena, struct err *err);

/* A page whose bugs could not all be looked at is asked for again: *walk stands before it. */
static bool walk_on(struct bugs_worker *b, pages next, struct tracker_walk *walk, taker take, struct err *err)
{
	while (!walk->done) {
		auto_arena struct arena arena = ARENA_EMPTY;
		struct tracker_call call = call_of(b, &arena);
		struct tracker_walk here = *walk;
		struct tracker_ids ids;

		if (is_stopping(b, err) || next(b->source->port.self, &call, &here, &ids, err) != ERR_OK ||
		    !take(b, &ids, &arena, err))
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

	if (!walk_on(b, b->source->port.secure_ids, &walk, make_secure, err))
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
	if ((b->walk_until == 0 && !begin_poll(b, err)) ||
	    !walk_on(b, b->source->port.changed_since, &b->walk, look_at_all, err))
		return false;
	b->since = b->walk_until;
	b->walk_until = 0;
	b->poll_at = b->walk_began + BUGS_LAG_MS;
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

/* ---- what its connector said ---- */

static const enum table_state states_said[] = {[BUG_SAID_NOTHING] = TABLE_UNKNOWN,
					       [BUG_SAID_INSECURE] = TABLE_INSECURE,
					       [BUG_SAID_SECURE] = TABLE_SECURE,
					       [BUG_SAID_APPROVED] = TABLE_APPROVED};

/* Where the tracker is read, that decides: until then it can only make a bug secure, which the next reading, a later
 * one, takes back. False: the table is as it was. */
static bool tell_table(const struct bugs_worker *b, const struct bug_news *news)
{
	enum table_state state = states_said[news->said];
	int64_t now = wall(b), of = news->said_of < now ? news->said_of : now;
	enum table_told told;

	if (b->source->port.bug && state != TABLE_SECURE)
		return false;
	told = bug_table_tell(b->source->table, news->id, state, of);
	return told == TABLE_TOLD_CHANGED || told == TABLE_TOLD_SEEN;
}

/* Where nothing is read it is over only when the table's file has it: what was answered 202 may not be lost. */
static bool take_said(struct bugs_worker *b, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct bugs_taken taken = {b->source->name, {NULL, 0}, !b->source->port.bug, 0};
	bool subjects;

	if (!store_said_bugs(b->worker.store, b->source->name, DUE_MAX, &arena, &taken.list, err))
		return false;
	for (size_t i = 0; i < taken.list.n; i++)
		b->unsaved = tell_table(b, &taken.list.at[i]) || b->unsaved;
	if (taken.list.n == 0)
		return true;
	if (taken.settles && b->unsaved && !save(b))
		return err_set(err, ERR_RETRY, "what was said of bugs waits for the disk");
	taken.now = wall(b);
	if (!store_take_said(b->worker.store, &taken, &subjects, err))
		return false;
	if (subjects)
		b->worker.wake.signal(b->worker.wake.self, WAKE_SLOTS);
	return true;
}

/* Nothing is read: what was told of a bug is over when a newer table says what it is. */
static bool settle_by_table(struct bugs_worker *b, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct bug_news_list list, known = {NULL, 0};
	struct bug_news *at;

	if (!store_due_bugs(b->worker.store, b->source->name, DUE_MAX, &arena, &list, err))
		return false;
	at = arena_alloc(&arena, list.n + 1, sizeof *at);
	for (size_t i = 0; i < list.n; i++) {
		int64_t as_of;

		if (bug_table_fresh(b->source->table, list.at[i].id, wall(b), &as_of) && as_of > list.at[i].heard_at)
			at[known.n++] = list.at[i];
	}
	known.at = at;
	return known.n == 0 || store_read_bugs(b->worker.store, b->source->name, &known, err);
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
	int64_t now = wall(b);

	*ret_any = true;
	if (!b->source->port.bug) {
		*ret_any = false;
		return settle_by_table(b, err);
	}
	if (!b->greeted)
		return greet(b, err);
	if (now >= b->resync_at)
		return resync(b, err);
	if (now < b->poll_at)
		return take_due(b, ret_any, err);
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
	if (!take_said(b, &err))
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
