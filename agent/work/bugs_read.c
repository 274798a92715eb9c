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

/* ---- who hears of it ---- */

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

static bool tell(struct bugs_worker *b, const struct bugs_told *told, struct err *err)
{
	bool subjects;

	if (!store_tell_bugs(b->worker.store, told, &subjects, err))
		return false;
	if (subjects)
		b->worker.wake.signal(b->worker.wake.self, WAKE_SLOTS);
	return true;
}

bool bugs_spread(struct bugs_worker *b, int64_t id, int64_t read_at, struct err *err)
{
	return tell(b,
		    &(struct bugs_told){
			    .tracker = b->source->name, .ids = &id, .n = 1, .read_at = read_at, .now = bugs_wall(b)},
		    err);
}

bool bugs_spare(struct bugs_worker *b, int64_t id, int64_t read_at, struct err *err)
{
	return tell(b,
		    &(struct bugs_told){.tracker = b->source->name,
					.ids = &id,
					.n = 1,
					.read_at = read_at,
					.now = bugs_wall(b),
					.spares = true},
		    err);
}

/* The table says it already: who stands on them is told when the store can. */
static bool is_owed(struct bugs_worker *b, const int64_t *ids, size_t n)
{
	bug_table_owe(b->source->table, ids, n);
	return false;
}

/* What a secure bug made secure with it is read again: this was another one's reading. */
static bool spread_others(struct bugs_worker *b, const struct tracker_ids *others, struct err *err)
{
	const struct bugs_told told = {
		.tracker = b->source->name, .ids = others->at, .n = others->n, .now = bugs_wall(b)};

	return others->n == 0 || tell(b, &told, err) || is_owed(b, others->at, others->n);
}

/* ---- a bug that cannot be read ---- */

enum err_code bugs_heard(struct bugs_worker *b, enum err_code code)
{
	if (code == ERR_RETRY)
		b->in_a_row++;
	else if (code != ERR_DENIED) {
		b->answers++;
		b->in_a_row = 0;
	}
	return code;
}

/* It is not this bug that has no answer: nothing more is asked now. */
static bool is_all_silent(const struct bugs_worker *b, const struct err *err)
{
	return err->code == ERR_DENIED || err->retry_at_ms != 0 ||
	       (err->code == ERR_RETRY && b->in_a_row >= BUGS_IN_A_ROW);
}

/* There was an answer, or there was none before, either, and others had theirs since. Remembers it. */
static bool is_its_own(struct bugs_worker *b, int64_t id, const struct err *err)
{
	struct bug_silent was = {0, 0}, now = {id, b->answers};
	size_t at = b->next_silent;

	if (err->code == ERR_DENIED || err->retry_at_ms != 0)
		return false;
	if (err->code != ERR_RETRY)
		return true;
	for (size_t i = 0; i < BUGS_SILENT; i++)
		if (b->silent[i].id == id) {
			at = i;
			was = b->silent[i];
		}
	b->next_silent = (b->next_silent + (was.id == 0)) % BUGS_SILENT;
	b->silent[at] = now;
	return was.id == id && was.answers < b->answers;
}

static void say_doubt(const struct bugs_worker *b, const struct err *why)
{
	const struct text labels[] = {b->source->name, TEXT_LIT("doubted")};
	struct log_field fields[] = {LOG_T("tracker", b->source->name), LOG_S("error", why->text),
				     LOG_S("detail", "what hangs on it waits; others are read all the same"), LOG_DONE};

	metrics_add(b->worker.metrics, METRIC_TRACKER_REQUESTS, labels, 1);
	log_event(b->worker.log, LOG_WARN_LEVEL, "a bug cannot be read", fields);
}

/* Nobody knows what it is: it counts from no table, nor does an approval. Who stands on it hears of that once. */
static bool doubt(struct bugs_worker *b, int64_t id, int64_t at, const struct err *why, struct err *err)
{
	struct bug_seen *seen = &b->seen[(uint64_t)id % BUGS_SEEN];
	enum table_state before = bugs_state(b, id);
	bool again = seen->id == id && seen->content == 0;

	if (before == TABLE_INSECURE || before == TABLE_APPROVED)
		(void)bug_table_tell(b->source->table, id, TABLE_SECURE, at);
	else if (again)
		return true;
	if (!bugs_spread(b, id, at, err))
		return false;
	*seen = (struct bug_seen){id, 0};
	say_doubt(b, why);
	return true;
}

static bool cannot_read(struct bugs_worker *b, int64_t id, int64_t at, bool *ret_left, struct err *err)
{
	const struct err why = *err;

	if (!is_its_own(b, id, &why)) {
		*ret_left = true;
		return !is_all_silent(b, &why);
	}
	*err = ERR_NONE;
	return doubt(b, id, at, &why, err);
}

/* ---- one bug ---- */

static bool take_reading(struct bugs_worker *b, struct tracker_bug *bug, bool linked, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct deeds deeds = bugs_deeds(b);
	struct tracker_ids others;
	bool changed;

	bug->is.tracker = b->source->name;
	if (!deeds_find(&deeds, bug, err))
		return false;
	changed = bug_source_tell(b->source, bug, &arena, &others);
	if (!spread_others(b, &others, err))
		return false;
	if (linked)
		changed = !is_as_seen(b, &bug->is, &arena) || changed;
	if (!changed || bugs_spread(b, bug->is.id, bug->is.as_of, err))
		return true;
	b->seen[(uint64_t)bug->is.id % BUGS_SEEN] = (struct bug_seen){0, 0}; /* nobody heard of it yet */
	return is_owed(b, &bug->is.id, 1);
}

bool bugs_read_one(struct bugs_worker *b, int64_t id, bool linked, bool *ret_left, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct tracker *port = &b->source->port;
	struct tracker_call call = bugs_call(b, &arena);
	struct tracker_wanted wanted = bug_source_wanted(b->source);
	int64_t at = bugs_wall(b);
	struct tracker_bug bug;

	if (bugs_heard(b, port->bug(port->self, &call, id, &wanted, &bug, err)) != ERR_OK)
		return cannot_read(b, id, at, ret_left, err);
	return take_reading(b, &bug, linked, err);
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
	return before != TABLE_INSECURE || bugs_spread(b, id, at, err) || is_owed(b, &id, 1);
}

bool bugs_take_hint(struct bugs_worker *b, const struct tracker_bug *hint, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct tracker_ids others;

	if (bug_source_state(b->source, hint) < TABLE_SECURE)
		return true;
	bug_source_tell_others(b->source, hint, &arena, &others);
	return spread_others(b, &others, err) && bugs_make_secure(b, hint->is.id, hint->is.as_of, err);
}

/* Nothing in it is against what a whole reading said before: that it is not secure. */
bool bugs_is_clear(const struct bugs_worker *b, const struct tracker_bug *hint)
{
	return hint->is.state == BUG_READ && hint->is.secure == TRI_NO && hint->is.dupe_of == 0 &&
	       bug_source_state(b->source, hint) < TABLE_SECURE;
}

/* What many were asked about and had no answer to, each is asked about. */
bool bugs_look_up(struct bugs_worker *b, const struct tracker_ids *ids, bool *ret_left, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct tracker *port = &b->source->port;
	struct tracker_call call = bugs_call(b, &arena);
	struct tracker_bugs out;
	bool told;

	if (ids->n == 0)
		return true;
	told = bugs_heard(b, port->hints(port->self, &call, ids, &out, err)) == ERR_OK;
	if (!told && is_all_silent(b, err))
		return false;
	*err = ERR_NONE;
	for (size_t i = 0; i < ids->n; i++) {
		if (told && !bugs_take_hint(b, &out.at[i], err))
			return false;
		if ((!told || !bugs_is_clear(b, &out.at[i])) && !bugs_read_one(b, ids->at[i], false, &ret_left[i], err))
			return false;
	}
	return true;
}
