#include "agent/work/bugs_worker.h"

#include <stdlib.h>

#include "agent/work/bugs_inner.h"

#define IDLE_MS  5000
#define AGAIN_MS 60000 /* after a failure that names no time */
#define SAVE_MS  5000  /* between two versions of the file, at least */

static void say(const struct bugs_worker *b, enum log_level level, const char *what, const char *detail)
{
	struct log_field fields[] = {LOG_T("tracker", b->source->name), LOG_S("detail", detail), LOG_DONE};

	log_event(b->worker.log, level, what, fields);
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
	int64_t now = bugs_wall(b);
	struct tracker_ids ids;

	if (bugs_heard(b, port->secure_ids(port->self, call, walk, &ids, err)) != ERR_OK)
		return false;
	for (size_t i = 0; i < ids.n; i++)
		if (!bugs_make_secure(b, ids.at[i], now, err))
			return false;
	return true;
}

/* Attachments of a bug that the public cannot see are told to insiders of the tracker alone, without a word to others.
 */
static void warn_untold(struct bugs_worker *b, const struct tracker_bug *hint, enum table_state before)
{
	enum table_state after = bugs_state(b, hint->is.id);
	int64_t now = bugs_wall(b);

	if (!b->hooked || before < TABLE_SECURE || after < TABLE_SECURE || before == after || b->first_until == 0 ||
	    hint->changed_at < b->first_until || hint->changed_at + BUGS_UNTOLD_MS > b->walk_until)
		return;
	if (b->warned_at != 0 && now - b->warned_at < BUGS_RESYNC_MS)
		return;
	b->warned_at = now;
	say(b, LOG_WARN_LEVEL, "tracker",
	    "an approval of a secure bug was found by polling, and no webhook told: it must select attachments, and "
	    "its "
	    "owner be in the tracker's insidergroup");
}

/* One that stands for itself, or that the table has as not secure while the list does not say so: nothing of it is
 * understood, or it is one with another. */
static bool is_read(const struct bugs_worker *b, const struct tracker_bug *hint, bool linked)
{
	return bugs_is_alone(b, hint->is.id, linked) ||
	       (bugs_state(b, hint->is.id) == TABLE_INSECURE && !bugs_is_clear(b, hint) &&
		bug_source_state(b->source, hint) < TABLE_SECURE);
}

struct hint_fate {
	bool clear; /* what was told of this one long enough ago is settled */
	bool left;  /* of one at least no answer came */
};

static bool take_hint(struct bugs_worker *b, const struct tracker_bug *hint, bool linked, struct hint_fate *ret,
		      struct err *err)
{
	enum table_state before = bugs_state(b, hint->is.id);

	ret->clear = false;
	if (is_read(b, hint, linked)) {
		if (!bugs_read_one(b, hint->is.id, linked, &ret->left, err))
			return false;
		warn_untold(b, hint, before);
		return true;
	}
	if (!bugs_take_hint(b, hint, err))
		return false;
	ret->clear = bugs_is_clear(b, hint);
	return ret->clear || !bugs_guard(b) || bugs_state(b, hint->is.id) < TABLE_SECURE ||
	       bugs_read_one(b, hint->is.id, false, &ret->left, err);
}

/* What was told so long ago that no copy lags is settled for those that show nothing against it. */
static bool take_shown(struct bugs_worker *b, const struct tracker_bugs *bugs, struct arena *arena, struct err *err)
{
	int64_t *ids = arena_alloc(arena, bugs->n + 1, sizeof *ids);
	bool *linked = arena_alloc(arena, bugs->n + 1, sizeof *linked);
	const struct bugs_linked shown = {b->source->name, ids, bugs->n};
	struct hint_fate fate = {false, false};
	struct bugs_seen seen = {b->source->name, ids, 0, b->walk_began - BUGS_LAG_MS + 1};

	for (size_t i = 0; i < bugs->n; i++)
		ids[i] = bugs->at[i].is.id;
	if (!store_linked_bugs(b->worker.store, &shown, linked, err))
		return false;
	for (size_t i = 0; i < bugs->n; i++) {
		if (!take_hint(b, &bugs->at[i], linked[i], &fate, err))
			return false;
		if (fate.clear)
			ids[seen.n++] = bugs->at[i].is.id;
	}
	if (!store_seen_bugs(b->worker.store, &seen, err))
		return false;
	return !fate.left || err_set(err, ERR_RETRY, "of some bugs no answer came");
}

static bool take_changed(struct bugs_worker *b, const struct tracker_call *call, struct tracker_walk *walk,
			 struct err *err)
{
	const struct tracker *port = &b->source->port;
	struct tracker_bugs bugs;

	return bugs_heard(b, port->changed_since(port->self, call, walk, &bugs, err)) == ERR_OK &&
	       take_shown(b, &bugs, call->arena, err);
}

/* A page whose bugs could not all be looked at is asked for again: *walk stands before it. */
static bool walk_on(struct bugs_worker *b, struct tracker_walk *walk, taker take, struct err *err)
{
	while (!walk->done) {
		auto_arena struct arena arena = ARENA_EMPTY;
		struct tracker_call call = bugs_call(b, &arena);
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
	struct tracker_call call = bugs_call(b, &arena);

	return bugs_heard(b, b->source->port.db_time(b->source->port.self, &call, ret, err)) == ERR_OK;
}

static bool resync(struct bugs_worker *b, bool *ret_any, struct err *err)
{
	struct tracker_walk walk = {.since = 0};
	int64_t began = bugs_wall(b);

	*ret_any = true;
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
	b->walk_began = bugs_wall(b);
	return true;
}

static bool poll(struct bugs_worker *b, bool *ret_any, struct err *err)
{
	*ret_any = true;
	if ((b->walk_until == 0 && !begin_poll(b, err)) || !walk_on(b, &b->walk, take_changed, err))
		return false;
	b->since = b->walk_until;
	b->first_until = b->first_until == 0 ? b->walk_until : b->first_until;
	b->walk_until = 0;
	b->walked = b->walk_began;
	b->poll_at = b->walk_began + b->poll_ms;
	return true;
}

static bool greet(struct bugs_worker *b, bool *ret_any, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct tracker *port = &b->source->port;
	struct tracker_call call = bugs_call(b, &arena);
	struct tracker_self self = {.account = 0};
	enum err_code code = bugs_heard(b, port->whoami(port->self, &call, &self, err));

	*ret_any = true;
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

	bug_table_clock(b->source->table, &b->worker.clock);
	if (b->disk && !table_store_refresh(b->disk, b->source->table, &changed, &err) && err.code != ERR_GONE)
		say(b, LOG_WARN_LEVEL, "the table of bugs was not read", err.text);
}

static bool save(struct bugs_worker *b)
{
	struct err err = ERR_NONE;
	uint64_t changes;

	bug_table_clock(b->source->table, &b->worker.clock);
	changes = bug_table_changes(b->source->table);
	b->save_at = bugs_wall(b) + SAVE_MS;
	if (!b->disk || table_store_save(b->disk, b->source->table, &err)) {
		b->saved = changes;
		b->unsaved = false;
		return true;
	}
	say(b, LOG_ERROR_LEVEL, "the table of bugs was not saved", err.text);
	return false;
}

/* Commit hooks and commands read the file: an approval shall be there soon. */
static void save_news(struct bugs_worker *b)
{
	if (b->disk && b->source->port.bug && bugs_wall(b) >= b->save_at &&
	    bug_table_changes(b->source->table) != b->saved)
		(void)save(b);
}

/* ---- counting ---- */

int64_t bugs_late_ms(int64_t poll_ms)
{
	int64_t late = BUGS_LATE_POLLS * poll_ms;

	return late > BUGS_LATE_MS ? late : BUGS_LATE_MS;
}

/* Where nothing is read, nothing is polled; a refused key was said. */
static void look_at_polls(struct bugs_worker *b)
{
	int64_t now = b->worker.clock.mono(b->worker.clock.self);
	bool late;

	if (b->kept_at == 0)
		b->kept_at = now;
	late = b->source->port.bug && now - b->kept_at > bugs_late_ms(b->poll_ms);
	if (late && !b->late && !b->refused)
		say(b, LOG_ERROR_LEVEL, "tracker",
		    "no poll has come to its end for three times bugs.poll: what changes, and no webhook tells, is not "
		    "found");
	if (!late && b->late)
		say(b, LOG_WARN_LEVEL, "tracker", "polls come to their end again");
	b->late = late;
}

static void count_requests(struct bugs_worker *b)
{
	const struct ask_counts now = b->ask ? ask_counts(b->ask) : (struct ask_counts){0}, was = b->counted;
	const struct {
		const char *what;
		int64_t n;
	} rows[] = {{"sent", now.requests - was.requests}, {"failed", now.failed - was.failed},
		    {"shared", now.shared - was.shared},   {"over_budget", now.over_budget - was.over_budget},
		    {"paused", now.paused - was.paused},   {"stopped", now.stopped - was.stopped}};
	int64_t healthy = !b->refused && !now.key_refused && !b->late;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct text labels[] = {b->source->name, text_of(rows[i].what)};

		if (rows[i].n > 0)
			metrics_add(b->worker.metrics, METRIC_TRACKER_REQUESTS, labels, rows[i].n);
	}
	b->counted = now;
	metrics_set(b->worker.metrics, METRIC_TRACKER_HEALTHY, &b->source->name, healthy);
}

/* ---- the tasks ---- */

/* The table is of the time of a poll once all that it left open is settled, and all secure bugs were listed before. */
static bool settle(struct bugs_worker *b, bool *ret_any, struct err *err)
{
	*ret_any = true;
	if (!bugs_settle_put_off(b, err))
		return false;
	if (b->resync_at > 0) {
		bug_table_date(b->source->table, b->walked);
		b->kept_at = b->worker.clock.mono(b->worker.clock.self);
	}
	b->walked = 0;
	(void)save(b);
	return true;
}

static bool do_deeds(struct bugs_worker *b, bool *ret_any, struct err *err)
{
	const struct deeds deeds = bugs_deeds(b);

	return deeds_step(&deeds, ret_any, err);
}

static bool is_due(const struct bugs_worker *b, enum bugs_task task, int64_t now)
{
	const bool due[BUGS_TASKS] = {
		[BUGS_GREET] = !b->greeted,
		[BUGS_RESYNC] = now >= b->resync_at,
		[BUGS_POLL] = now >= b->poll_at,
		[BUGS_SETTLE] = b->walked > 0,
		[BUGS_NEWS] = true,
		[BUGS_DEEDS] = true, /* whoever stands on a bug hears of it first */
	};

	return due[task] && now >= b->put_off_to[task];
}

static bool (*const tasks[BUGS_TASKS])(struct bugs_worker *b, bool *ret_any, struct err *err) = {
	[BUGS_GREET] = greet,   [BUGS_RESYNC] = resync,      [BUGS_POLL] = poll,
	[BUGS_SETTLE] = settle, [BUGS_NEWS] = bugs_take_due, [BUGS_DEEDS] = do_deeds,
};

/* The others have their turn before it is tried again. Without an answer, or with a refused key, nothing is asked for a
 * while. */
static void failed(struct bugs_worker *b, enum bugs_task task, const struct err *err)
{
	int64_t again = bugs_wall(b) + AGAIN_MS;

	b->put_off_to[task] = again;
	b->turn = task + 1;
	if (err->code == ERR_RETRY || err->code == ERR_DENIED)
		b->not_before = err->retry_at_ms > again ? err->retry_at_ms : again;
	if (err->code == ERR_DENIED) {
		b->refused = true;
		say(b, LOG_ERROR_LEVEL, "the tracker refused our key: nothing is asked until a restart with another",
		    err->text);
		return;
	}
	say(b, LOG_WARN_LEVEL, "tracker not read", err->text);
}

/* ---- the loop ---- */

static bool keep_by_table(struct bugs_worker *b)
{
	struct err err = ERR_NONE;

	if (bugs_settle_by_table(b, &err) && bugs_tell_of_table(b, &err))
		return false;
	b->not_before = bugs_wall(b) + AGAIN_MS;
	say(b, LOG_WARN_LEVEL, "tracker", err.text);
	return false;
}

/* One task. True: there may be more to do. */
static bool work(struct bugs_worker *b)
{
	int64_t now = bugs_wall(b);

	if (!b->source->port.bug)
		return keep_by_table(b);
	for (unsigned i = 0; i < BUGS_TASKS; i++) {
		enum bugs_task task = (b->turn + i) % BUGS_TASKS;
		struct err err = ERR_NONE;
		bool any = false;

		if (!is_due(b, task, now))
			continue;
		if (!tasks[task](b, &any, &err)) {
			failed(b, task, &err);
			return !b->refused && b->not_before <= now;
		}
		if (any)
			return true;
	}
	b->turn = 0;
	return false;
}

static void tell_owed(struct bugs_worker *b)
{
	int64_t now = b->worker.clock.mono(b->worker.clock.self);
	struct err err = ERR_NONE;

	if (bugs_tell_owed(b, &err)) {
		b->owed_quiet_to = 0;
	} else if (now >= b->owed_quiet_to) {
		b->owed_quiet_to = now + AGAIN_MS;
		say(b, LOG_WARN_LEVEL, "tracker", err.text);
	}
}

bool bugs_worker_step(struct bugs_worker *b, int64_t *ret_at)
{
	struct err err = ERR_NONE;
	bool any = false;

	*ret_at = b->worker.clock.mono(b->worker.clock.self) + IDLE_MS;
	take_in(b);
	if (!bugs_take_said(b, save, &err))
		say(b, LOG_WARN_LEVEL, "tracker", err.text);
	tell_owed(b);
	if (!b->refused && bugs_wall(b) >= b->not_before)
		any = work(b);
	save_news(b);
	look_at_polls(b);
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
	bugs_worker_release(b);
}

void bugs_worker_release(struct bugs_worker *b)
{
	free(b->known.at);
	b->known = (struct bugs_known){NULL, 0, 0};
}
