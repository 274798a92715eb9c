#include "agent/work/deeds.h"

#include "agent/work/bugs_worker.h"

#define AGAIN_MS 30000 /* doubled with each attempt */
#define DOUBLED  6

static int64_t wall(const struct deeds *d)
{
	return d->worker->clock.wall(d->worker->clock.self);
}

static struct tracker_call call_of(const struct deeds *d, struct arena *arena)
{
	return (struct tracker_call){arena, d->worker->clock.mono(d->worker->clock.self) + d->deadline_ms};
}

static void count(const struct deeds *d, const char *what)
{
	const struct text labels[] = {d->source->name, text_of(what)};

	metrics_add(d->worker->metrics, METRIC_TRACKER_DEEDS, labels, 1);
}

static void say(const struct deeds *d, enum log_level level, const char *what, const char *detail)
{
	struct log_field fields[] = {LOG_T("tracker", d->source->name), LOG_S("detail", detail), LOG_DONE};

	log_event(d->worker->log, level, what, fields);
}

/* ---- what is to be done ---- */

/* What was said of a field, and undone: when it is + again, that is another time. */
static bool forget_unset(const struct deeds *d, const struct tracker_bug *bug, struct err *err)
{
	static const enum deed_kind kinds[] = {DEED_COMMENT, DEED_CLEAR};
	struct deed_about all[2 * TRACKER_MARKS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < bug->n_unset && i < TRACKER_MARKS_MAX; i++)
		for (size_t k = 0; k < 2; k++)
			all[n++] = (struct deed_about){
				.tracker = d->source->name, .kind = kinds[k], .bug = bug->is.id, .name = bug->unset[i]};
	return store_forget_deeds(d->worker->store, all, n, err);
}

bool deeds_find(const struct deeds *d, const struct tracker_bug *bug, struct err *err)
{
	const struct bug_guard *guard = &d->source->guard;
	struct deed_about all[TRACKER_MARKS_MAX];
	struct deeds_wanted wanted = {all, 0, wall(d)};
	size_t fresh;

	if (!forget_unset(d, bug, err))
		return false;
	if (!bug_source_lacks_approval(d->source, bug))
		return true;
	for (size_t i = 0; i < bug->n_marks && i < TRACKER_MARKS_MAX; i++) {
		const struct tracker_mark *mark = &bug->marks[i];
		struct deed_about about = {.tracker = d->source->name,
					   .bug = bug->is.id,
					   .attachment = mark->attachment,
					   .flag = mark->flag,
					   .name = mark->name};

		about.kind = guard->comments ? DEED_COMMENT : DEED_CLEAR;
		if (guard->comments || guard->clears)
			all[wanted.n++] = about;
	}
	return store_want_deeds(d->worker->store, &wanted, &fresh, err);
}

bool deeds_warned(const struct worker *worker, const struct bug_source *source, const struct warned_change *in,
		  struct err *err)
{
	const struct deed_about about = {
		.tracker = source->name, .kind = DEED_WARNED, .bug = in->bug, .repo = in->repo, .change = in->change};
	const struct deeds_wanted wanted = {&about, 1, worker->clock.wall(worker->clock.self)};
	size_t fresh;

	if (!store_want_deeds(worker->store, &wanted, &fresh, err))
		return false;
	if (fresh > 0)
		worker->wake.signal(worker->wake.self, WAKE_BUGS);
	return true;
}

static bool is_configured(const struct bug_guard *guard, int64_t kind)
{
	return (kind == DEED_COMMENT && guard->comments) || (kind == DEED_CLEAR && guard->clears) ||
	       (kind == DEED_WARNED && guard->warnings);
}

static bool stands(const struct tracker_bug *bug, const struct row_bug_deed *deed)
{
	for (size_t i = 0; i < bug->n_marks; i++)
		if (bug->marks[i].attachment == deed->attachment && bug->marks[i].flag == deed->flag &&
		    text_eq(bug->marks[i].name, deed->name))
			return true;
	return deed->kind == DEED_WARNED;
}

/* ---- the words, in which the bug's own flag is all that is not constant ---- */

static struct text approvals(const struct bug_source *source, struct arena *arena)
{
	struct text all = TEXT_EMPTY;

	for (size_t i = 0; i < source->approvals.n; i++)
		all = arena_printf(arena, "%.*s%s%.*s+", TEXT_ARG(all), i ? " or " : "",
				   TEXT_ARG(source->approvals.at[i]));
	return all;
}

static struct text words(const struct bug_source *source, const struct row_bug_deed *deed, struct arena *arena)
{
	struct text wanted = approvals(source, arena), where = TEXT_LIT("this bug");

	if (deed->kind == DEED_WARNED)
		return TEXT_LIT("A change that names this bug would be blocked by a rule that only warns for now. "
				"Whoever runs headgate finds it with `headgate warnings`.");
	if (deed->attachment)
		where = arena_printf(arena, "attachment %lld", (long long)deed->attachment);
	return arena_printf(arena,
			    "%.*s is + on %.*s, but no attachment that is not obsolete has %.*s. Please ask for that "
			    "first.",
			    TEXT_ARG(deed->name), TEXT_ARG(where), TEXT_ARG(wanted));
}

/* ---- how it ends ---- */

static bool end(const struct deeds *d, struct row_bug_deed *deed, enum deed_state state, int64_t not_before,
		struct err *err)
{
	const struct deed_end how = {state, not_before};

	return store_end_deed(d->worker->store, deed, &how, err);
}

/* Of both it is said first, and cleared once that is over: afterwards nobody would know what it was about. */
static bool want_next(const struct deeds *d, const struct row_bug_deed *deed, struct err *err)
{
	const struct deed_about about = {.tracker = d->source->name,
					 .kind = DEED_CLEAR,
					 .bug = deed->bug,
					 .attachment = deed->attachment,
					 .flag = deed->flag,
					 .name = deed->name};
	const struct deeds_wanted wanted = {&about, 1, wall(d)};
	size_t fresh;

	return deed->kind != DEED_COMMENT || !d->source->guard.clears ||
	       store_want_deeds(d->worker->store, &wanted, &fresh, err);
}

static bool over(const struct deeds *d, struct row_bug_deed *deed, const char *what, struct err *err)
{
	if (!want_next(d, deed, err) || !end(d, deed, DEED_DONE, 0, err))
		return false;
	count(d, what);
	return true;
}

static bool give_up(const struct deeds *d, struct row_bug_deed *deed, const char *what, const struct err *why,
		    struct err *err)
{
	if (!want_next(d, deed, err) || !end(d, deed, DEED_GIVEN_UP, 0, err))
		return false;
	count(d, what);
	say(d, LOG_ERROR_LEVEL, "not done on a bug, and not tried again", why->text);
	return true;
}

/* Once more, later, in the state it is in. */
static bool again(const struct deeds *d, struct row_bug_deed *deed, const struct err *why, int64_t at, struct err *err)
{
	int64_t now = wall(d), wait = (int64_t)AGAIN_MS << (deed->attempts < DOUBLED ? deed->attempts : DOUBLED);

	if (why->code == ERR_DENIED) { /* whoever starts with another key finds it due */
		if (end(d, deed, (enum deed_state)deed->state, now, err))
			*err = *why;
		return false;
	}
	if (deed->attempts + 1 >= DEED_ATTEMPTS_MAX)
		return give_up(d, deed, "given_up", why, err);
	at = at > now + wait ? at : now + wait;
	return end(d, deed, (enum deed_state)deed->state, why->retry_at_ms > at ? why->retry_at_ms : at, err);
}

/* ---- doing ---- */

struct doing {
	const struct deeds *d;
	struct row_bug_deed deed;
	struct arena *arena;
	struct tracker_comment comment;
};

static bool answered(struct doing *doing, enum tracker_fate fate, const struct err *why, struct err *err)
{
	const struct deeds *d = doing->d;
	struct row_bug_deed *deed = &doing->deed;
	bool copied = deed->kind != DEED_CLEAR;

	switch (fate) {
	case TRACKER_DONE:
		return over(d, deed, "done", err);
	case TRACKER_REFUSED:
		return give_up(d, deed, "refused", why, err);
	case TRACKER_UNSENT:
		deed->state = DEED_WANTED;
		return again(d, deed, why, 0, err);
	case TRACKER_DOUBT:
		break;
	}
	return again(d, deed, why, copied ? deed->sent_at + BUGS_LAG_MS : 0, err);
}

static bool send(struct doing *doing, struct err *err)
{
	const struct deeds *d = doing->d;
	const struct tracker *port = &d->source->port;
	struct row_bug_deed *deed = &doing->deed;
	struct tracker_mark mark = {deed->attachment, deed->flag, deed->name};
	struct tracker_call call;
	struct err why = ERR_NONE;
	enum tracker_fate fate;

	if (!store_begin_deed(d->worker->store, deed, wall(d), err))
		return false;
	call = call_of(d, doing->arena);
	if (deed->kind == DEED_CLEAR)
		(void)port->clear(port->self, &call, deed->bug, &mark, &fate, &why);
	else
		(void)port->comment(port->self, &call, &doing->comment, &fate, &why);
	return answered(doing, fate, &why, err);
}

/* It may stand there already. *ret_over: this is all for now. */
static bool look(struct doing *doing, bool *ret_over, struct err *err)
{
	const struct deeds *d = doing->d;
	const struct tracker *port = &d->source->port;
	struct tracker_call call = call_of(d, doing->arena);
	int64_t shown_at = doing->deed.sent_at + BUGS_LAG_MS;
	struct err why = ERR_NONE;
	bool found = false;

	*ret_over = true;
	if (wall(d) < shown_at && shown_at - wall(d) <= BUGS_LAG_MS)
		return end(d, &doing->deed, DEED_SENT, shown_at, err);
	if (port->commented(port->self, &call, &doing->comment, &found, &why) != ERR_OK)
		return again(d, &doing->deed, &why, 0, err);
	if (found)
		return over(d, &doing->deed, "done", err);
	*ret_over = false;
	return true;
}

/* Whatever it is about is read anew: it may be over by itself, or have been done by a request without an answer. */
static bool is_owed(struct doing *doing, bool *ret, struct err *err)
{
	const struct deeds *d = doing->d;
	const struct tracker *port = &d->source->port;
	struct tracker_wanted wanted = bug_source_wanted(d->source);
	struct tracker_call call = call_of(d, doing->arena);
	struct tracker_bug bug;
	struct err why = ERR_NONE;

	*ret = false;
	if (port->bug(port->self, &call, doing->deed.bug, &wanted, &bug, &why) != ERR_OK)
		return again(d, &doing->deed, &why, 0, err);
	*ret = bug_source_lacks_approval(d->source, &bug) && stands(&bug, &doing->deed);
	return *ret || over(d, &doing->deed, doing->deed.state == DEED_SENT ? "done" : "moot", err);
}

static bool do_one(struct doing *doing, struct err *err)
{
	const struct deeds *d = doing->d;
	bool all = false, owed;

	if (!is_configured(&d->source->guard, doing->deed.kind) || !d->source->port.comment)
		return over(d, &doing->deed, "moot", err);
	doing->comment = (struct tracker_comment){doing->deed.bug, words(d->source, &doing->deed, doing->arena),
						  doing->deed.mark};
	if (doing->deed.state == DEED_SENT && doing->deed.kind != DEED_CLEAR && !look(doing, &all, err))
		return false;
	if (all)
		return true;
	return is_owed(doing, &owed, err) && (!owed || send(doing, err));
}

bool deeds_step(const struct deeds *d, bool *ret_any, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct deed_query query = {d->source->name, wall(d)};
	struct doing doing = {.d = d, .arena = &arena};
	struct deed_due due;

	if (!store_due_deed(d->worker->store, &query, &arena, &due, err))
		return false;
	*ret_any = due.any;
	doing.deed = due.deed;
	return !due.any || do_one(&doing, err);
}
