#include "agent/work/sweep_hook.h"

#include "agent/store/pushed.h"
#include "agent/work/listed.h"
#include "agent/work/name.h"

#define IDLE_MS          5000
#define STORE_TROUBLE_MS 200
#define LIST_DEADLINES   4  /* a list has many pages */
#define READ_MAX         32 /* changes read one by one in a sweep; the others have their turn in the next */
#define BACKOFF_FIRST_MS 5000

static int64_t mono(const struct sweeper *s)
{
	return s->worker.clock.mono(s->worker.clock.self);
}

static int64_t wall(const struct sweeper *s)
{
	return s->worker.clock.wall(s->worker.clock.self);
}

static struct forge_call call_of(const struct sweeper *s, struct forge_repo repo, struct arena *arena, int deadlines)
{
	return (struct forge_call){repo, arena, mono(s) + deadlines * s->deadline_ms, 0};
}

static void count(const struct sweeper *s, const char *what, int64_t n)
{
	const struct text label = text_of(what);

	metrics_add(s->worker.metrics, METRIC_SWEEP, &label, n);
}

static bool trouble(const struct sweeper *s, const struct err *err, int64_t *ret_at)
{
	struct log_field fields[] = {LOG_S("step", "sweep"), LOG_S("code", err_name(err->code)),
				     LOG_S("error", err->text), LOG_DONE};

	log_event(s->worker.log, LOG_ERROR_LEVEL, "store", fields);
	*ret_at = mono(s) + STORE_TROUBLE_MS;
	return false;
}

static void say_failed(const struct sweeper *s, struct text repo, const struct err *err)
{
	struct log_field fields[] = {LOG_T("repo", repo), LOG_S("code", err_name(err->code)), LOG_S("error", err->text),
				     LOG_DONE};

	count(s, "failed", 1);
	log_event(s->worker.log, LOG_WARN_LEVEL, "sweep put off", fields);
}

/* ---- what is governed ---- */

static bool governed(const struct sweeper *s, struct text name)
{
	for (size_t i = 0; i < s->n_repositories; i++)
		if (text_eq_nocase(s->repositories[i], name))
			return true;
	return s->n_repositories == 0;
}

/* One configured name that no event told of yet. False: nothing was asked of the forge. */
static bool look_up(const struct sweeper *s, struct text name, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct forge_call call = call_of(s, (struct forge_repo){0, name, 0}, &arena, 1);
	struct forge_found found;
	struct row_repo row;

	if (store_repo_by_name(s->worker.store, name, &row, &arena, err))
		return false;
	if (err->code != ERR_GONE)
		return false;
	*err = ERR_NONE;
	if (s->forge->repo(s->forge->self, &call, &found, err) != ERR_OK) {
		say_failed(s, name, err);
		*err = ERR_NONE;
		return true;
	}
	row = (struct row_repo){.id = found.id, .name = found.name, .installation = found.installation};
	return store_know_repo(s->worker.store, &row, err);
}

static bool names_step(struct sweeper *s, struct err *err)
{
	if (s->next_name >= s->n_repositories && mono(s) >= s->names_at)
		s->next_name = 0;
	while (s->next_name < s->n_repositories && err->code == ERR_OK) {
		struct text name = s->repositories[s->next_name++];

		s->names_at = mono(s) + s->every_ms;
		if (look_up(s, name, err))
			return true;
	}
	return false;
}

/* ---- one repository ---- */

static struct event_change as_told(const struct forge_change *c)
{
	return (struct event_change){
		.number = c->number,
		.head = c->head,
		.base_sha = c->base_sha,
		.head_ref = c->head_ref,
		.base_ref = c->base_ref,
		.head_repo = c->head_repo,
		.open = c->open ? TRI_YES : TRI_NO,
		.draft = c->draft ? TRI_YES : TRI_NO,
		.merged = c->merged ? TRI_YES : TRI_NO,
		.author = c->author,
		.updated_at = c->updated_at,
	};
}

struct reading { /* the changes of one repository, as far as they were read */
	const struct sweeper *sweeper;
	const struct sweep *sweep;
	struct arena *arena;
	struct event_change *at;
	size_t n, listed;
	int64_t began;
	int64_t gone[READ_MAX];
	size_t n_gone;
	bool named; /* the forge said that the repository still has its name */
};

static int newest_first(const void *a, const void *b)
{
	const struct event_change *x = a, *y = b;

	if (x->updated_at != y->updated_at)
		return x->updated_at > y->updated_at ? -1 : 1;
	return x->number > y->number ? -1 : x->number < y->number;
}

/* False: not known, or another than was called; *err. Every reader takes it from the store. */
static bool ask_for_name(struct reading *r, struct err *err)
{
	const struct sweeper *s = r->sweeper;
	struct naming naming = {s->forge, s->worker.store};
	struct forge_repo repo = {r->sweep->repo, r->sweep->repo_name, r->sweep->installation};
	struct forge_call call = call_of(s, repo, r->arena, 1);

	if (name_ask(&naming, &call, 0, err) != ERR_OK)
		return false;
	r->named = text_eq(call.repo.name, repo.name);
	return r->named || err_set(err, ERR_RETRY, "its name is %.*s now", TEXT_ARG(text_cut(call.repo.name, 100)));
}

static bool read_list(struct reading *r, struct err *err)
{
	struct forge *forge = r->sweeper->forge;
	struct forge_repo repo = {r->sweep->repo, r->sweep->repo_name, r->sweep->installation};
	struct forge_call call = call_of(r->sweeper, repo, r->arena, LIST_DEADLINES);
	struct forge_list_changes list;

	if (forge->open_changes(forge->self, &call, NULL, &list, err) != ERR_OK)
		return false;
	r->at = arena_alloc(r->arena, list.n + READ_MAX, sizeof *r->at);
	/* The entries of a longer one carry the repository's number. */
	if (list.n == 0 && r->sweep->n_open > 0 && !ask_for_name(r, err))
		return false;
	for (size_t i = 0; i < list.n; i++)
		r->at[r->n++] = as_told(&list.at[i]);
	r->listed = r->n;
	qsort(r->at, r->n, sizeof *r->at, newest_first);
	return true;
}

static bool is_listed(const struct reading *r, int64_t number)
{
	for (size_t i = 0; i < r->listed; i++)
		if (r->at[i].number == number)
			return true;
	return false;
}

/* The forge does not know it (404), and the repository is the one that is meant. */
static bool note_gone(struct reading *r, int64_t number, struct err *err)
{
	*err = ERR_NONE;
	if (!r->named && !ask_for_name(r, err))
		return err->code != ERR_RETRY;
	r->gone[r->n_gone++] = number;
	return true;
}

static bool read_one(struct reading *r, int64_t number, struct err *err)
{
	struct forge *forge = r->sweeper->forge;
	struct forge_repo repo = {r->sweep->repo, r->sweep->repo_name, r->sweep->installation};
	struct forge_call call = call_of(r->sweeper, repo, r->arena, 1);
	struct forge_change change;
	bool ok = true;

	if (forge->change(forge->self, &call, number, &change, err) == ERR_OK)
		r->at[r->n++] = as_told(&change);
	else if (err->code == ERR_GONE)
		ok = note_gone(r, number, err);
	else
		ok = err->code != ERR_RETRY;
	if (ok)
		*err = ERR_NONE;
	return ok;
}

/* Open by what we know and not in the list: closed unseen, gone, or missed while the list was read. Each is asked for,
 * or has its turn in another sweep; one that cannot be read is only judged again. */
static bool read_missing(struct reading *r, struct err *err)
{
	int64_t *missing = arena_alloc(r->arena, r->sweep->n_open + 1, sizeof *missing);
	size_t n = 0, from = 0;

	for (size_t i = 0; i < r->sweep->n_open; i++)
		if (!is_listed(r, r->sweep->open[i]))
			missing[n++] = r->sweep->open[i];
	if (n > READ_MAX) /* turns come and go with the clock: nobody has to remember whose it is */
		from = (size_t)(r->began / r->sweeper->every_ms) * READ_MAX % n;
	for (size_t i = 0; i < n && i < READ_MAX; i++)
		if (!read_one(r, missing[(from + i) % n], err))
			return false;
	return true;
}

/* The tips of the branches whose commits are judged without a change: the event of one may be lost. */
static bool read_pushes(const struct reading *r, bool *ret_subjects, struct err *err)
{
	const struct sweeper *s = r->sweeper;
	const struct store *store = s->worker.store;
	struct forge_repo repo = {r->sweep->repo, r->sweep->repo_name, r->sweep->installation};

	for (size_t i = 0; i < store->n_pushes; i++) {
		struct forge_call call = call_of(s, repo, r->arena, 1);
		bool subjects = false;
		struct oid tip;

		if (!text_eq_nocase(store->pushes[i].repo, repo.name))
			continue;
		if (s->forge->branch_tip(s->forge->self, &call, store->pushes[i].branch, &tip, err) != ERR_OK) {
			if (err->code != ERR_GONE)
				return false;
			*err = ERR_NONE; /* it is not there: nothing is pushed to it */
			continue;
		}
		if (!store_push_seen(store, &(struct pushed_at){repo.id, &tip}, wall(s), &subjects, err))
			return false;
		*ret_subjects = *ret_subjects || subjects;
	}
	return true;
}

static int64_t again_at(const struct sweeper *s, const struct sweep *sweep, const struct err *err)
{
	int64_t ms = BACKOFF_FIRST_MS, at;

	for (int64_t i = 0; i < sweep->attempts && ms < s->every_ms; i++)
		ms *= 2;
	at = wall(s) + (ms < s->every_ms ? ms : s->every_ms);
	return err->retry_at_ms > at ? err->retry_at_ms : at;
}

static void say_swept(const struct sweeper *s, const struct reading *r, const struct swept *swept)
{
	struct log_field fields[] = {LOG_T("repo", r->sweep->repo_name), LOG_I("changes", (int64_t)r->listed),
				     LOG_I("unseen", (int64_t)swept->moved), LOG_I("left", (int64_t)swept->left),
				     LOG_DONE};

	count(s, "repository", 1);
	count(s, "unseen", (int64_t)swept->moved);
	log_event(s->worker.log, swept->moved > 0 ? LOG_INFO_LEVEL : LOG_DEBUG_LEVEL, "swept", fields);
}

/* The poster wakes the judges: revocations first, then reads. */
static void wake(const struct sweeper *s, bool subjects, bool slots)
{
	if (slots)
		s->worker.wake.signal(s->worker.wake.self, WAKE_SLOTS);
	else if (subjects)
		s->worker.wake.signal(s->worker.wake.self, WAKE_SUBJECTS);
}

/* Not now: the pause grows. */
static bool put_off(const struct sweeper *s, const struct sweep *sweep, struct err *err)
{
	int64_t until = again_at(s, sweep, err);

	say_failed(s, sweep->repo_name, err);
	*err = ERR_NONE;
	return store_put_off_sweep(s->worker.store, sweep, until, err);
}

static bool sweep_one(const struct sweeper *s, const struct sweep *sweep, struct arena *arena, struct err *err)
{
	struct reading r = {.sweeper = s, .sweep = sweep, .arena = arena, .began = wall(s)};
	struct sweep_seen seen = {.sweep = sweep, .next_at = wall(s) + s->every_ms};
	struct swept swept;
	bool pushes = false;

	if (sweep->left_out || (sweep->first && !governed(s, sweep->repo_name)))
		return store_leave_out_sweep(s->worker.store, sweep, seen.next_at, err);
	if (!read_list(&r, err) || !read_missing(&r, err) || !read_pushes(&r, &pushes, err)) {
		struct err ignored = ERR_NONE;

		if (err->code == ERR_INVALID || err->code == ERR_GONE)
			(void)ask_for_name(&r, &ignored);
		return put_off(s, sweep, err);
	}
	seen.changes = r.at;
	seen.n = r.n;
	seen.gone = r.gone;
	seen.n_gone = r.n_gone;
	seen.began = r.began;
	seen.clock = s->worker.clock;
	if (!store_sweep(s->worker.store, &seen, &swept, err))
		return false;
	say_swept(s, &r, &swept);
	wake(s, swept.subjects || pushes, swept.slots);
	return true;
}

/* Under the name that it has now, where that was in doubt. */
static bool sweep_named(const struct sweeper *s, struct sweep *sweep, struct arena *arena, struct err *err)
{
	struct naming naming = {s->forge, s->worker.store};
	struct forge_repo repo = {sweep->repo, sweep->repo_name, sweep->installation};
	struct forge_call call = call_of(s, repo, arena, 1);

	if (name_sure(&naming, &call, sweep->name_doubt, err) != ERR_OK)
		return put_off(s, sweep, err);
	sweep->first = sweep->first && !governed(s, sweep->repo_name); /* either of its names will do */
	sweep->repo_name = call.repo.name;
	sweep->installation = call.repo.installation;
	return sweep_one(s, sweep, arena, err);
}

static bool repository_step(const struct sweeper *s, int64_t *ret_wall_at, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	/* Whatever goes wrong from here on, a full disk or our own death, the repository has its turn a period later.
	 */
	int64_t now = wall(s), lease = now + s->every_ms;
	struct taker taker = {s->worker.owner, now, &arena, NULL};
	struct sweep sweep;
	int64_t next_at;

	if (store_take_sweep(s->worker.store, &taker, lease, &sweep, &next_at, err))
		return sweep_named(s, &sweep, &arena, err);
	if (next_at != WHEN_UNKNOWN && (*ret_wall_at == WHEN_UNKNOWN || next_at < *ret_wall_at))
		*ret_wall_at = next_at;
	return false;
}

/* ---- one commit's statuses ---- */

static bool read_statuses(const struct sweeper *s, const struct sweep_look *look, struct arena *arena,
			  struct reread *ret, struct err *err)
{
	struct naming naming = {s->forge, s->worker.store};
	struct listed_plan plan = {
		.forge = s->forge,
		.call = call_of(s, (struct forge_repo){look->repo, look->repo_name, look->installation}, arena, 1),
		.sha = look->sha,
		.context = look->context,
		.now = wall(s)};

	return name_sure(&naming, &plan.call, look->name_doubt, err) == ERR_OK && listed_read(&plan, ret, err);
}

static const struct {
	enum looked outcome;
	const char *name, *said; /* said NULL: not logged */
} outcomes[] = {
	{LOOKED_SAME, "same", NULL},
	{LOOKED_OVERTAKEN, "overtaken", NULL},
	{LOOKED_CORRECTED, "corrected", "the forge holds another status than was known"},
	{LOOKED_FOREIGN, "foreign", "a status that headgate did not post; overwritten"},
	{LOOKED_STOLEN, "stolen", "a status with headgate's name that headgate did not post; overwritten"},
};

static void say_looked(const struct sweeper *s, const struct sweep_look *look, const struct reread *seen,
		       enum looked outcome)
{
	struct log_field fields[] = {LOG_T("repo", look->repo_name), LOG_S("sha", look->sha.hex),
				     LOG_S("state", status_state_name(seen->state)),
				     LOG_I("status_id", seen->forge_status_id), LOG_DONE};

	count(s, outcomes[outcome - 1].name, 1);
	if (outcomes[outcome - 1].said)
		log_event(s->worker.log, LOG_WARN_LEVEL, outcomes[outcome - 1].said, fields);
}

/* The forge cannot be read there: its other commits would only wait for their deadlines in turn. */
static bool look_failed(const struct sweeper *s, const struct sweep_look *look, struct err *err)
{
	bool all = err->code == ERR_RETRY;

	say_failed(s, look->repo_name, err);
	*err = ERR_NONE;
	return !all || store_drop_looks(s->worker.store, look->repo, err);
}

static bool look_step(const struct sweeper *s, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct taker taker = {s->worker.owner, wall(s), &arena, NULL};
	struct sweep_look look;
	struct reread seen;
	enum looked outcome;

	if (!store_take_look(s->worker.store, &taker, &look, err))
		return false;
	if (!read_statuses(s, &look, &arena, &seen, err))
		return look_failed(s, &look, err);
	if (!store_looked(s->worker.store, &look, &seen, &outcome, err))
		return false;
	say_looked(s, &look, &seen, outcome);
	wake(s, false, outcome >= LOOKED_CORRECTED);
	return true;
}

/* ---- alarms ---- */

static const struct {
	enum log_level level;
	const char *name, *said;
} alarms[ALARM_KINDS] = {
	[ALARM_STATUS] = {LOG_WARN_LEVEL, "status", "somebody else set the status; overwritten with failure"},
	[ALARM_CHECK_RUN] = {LOG_WARN_LEVEL, "check_run", "a check run has the status's name and shadows it"},
	[ALARM_STOLEN_KEY] = {LOG_ERROR_LEVEL, "stolen_key",
			      "a status was set with headgate's own key, and not by headgate: replace the key, then "
			      "headgate alarms --acknowledge"},
};

/* Whoever raised it, it is told here: one place, and each of them durable before. */
static bool alarm_step(const struct sweeper *s, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct taker taker = {s->worker.owner, wall(s), &arena, NULL};
	struct row_alarm row;
	struct text kind;

	if (!store_take_alarm(s->worker.store, &taker, &row, err))
		return false;
	struct log_field fields[] = {LOG_I("alarm", row.id),      LOG_I("repo_id", row.repo),
				     LOG_S("sha", row.sha.hex),   LOG_T("who", row.who),
				     LOG_I("who_id", row.who_id), LOG_I("forge_id", row.forge_id),
				     LOG_I("times", row.times),   LOG_DONE};

	kind = text_of(alarms[row.kind].name);
	metrics_add(s->worker.metrics, METRIC_ALARMS, &kind, row.times - row.said);
	log_event(s->worker.log, alarms[row.kind].level, alarms[row.kind].said, fields);
	return true;
}

/* ---- the loop ---- */

static bool begin(struct sweeper *s, struct err *err)
{
	if (!s->started)
		s->started = store_sweep_all(s->worker.store, err) &&
			     (!s->forge->keeps_deliveries(s->forge->self) || store_hook_due(s->worker.store, err));
	return s->started;
}

static bool looks(const struct sweeper *s, int64_t *ret_wall_at, struct err *err)
{
	(void)ret_wall_at;
	return look_step(s, err);
}

/* They take turns, for where repositories are many one of them is always due. Changes first: they are few, and heads
 * that moved unseen are the worst. What asks for a delivery goes before the many looks, because it is let go only every
 * so often. */
static const struct unit {
	bool (*step)(const struct sweeper *s, int64_t *ret_wall_at, struct err *err);
	unsigned turns; /* in a row */
} units[] = {{repository_step, 1}, {sweep_hook_list, 1}, {sweep_hook_ask, 1}, {looks, 32}};
#define UNITS (sizeof units / sizeof units[0])

static void had_turn(struct sweeper *s, size_t unit)
{
	s->turns = unit == s->unit ? s->turns + 1 : 1;
	s->unit = unit;
	if (s->turns < units[unit].turns)
		return;
	s->unit = (unit + 1) % UNITS;
	s->turns = 0;
}

/* False with ERR_OK: nothing is due. */
static bool one_unit(struct sweeper *s, int64_t *ret_wall_at, struct err *err)
{
	if (!begin(s, err) || alarm_step(s, err))
		return err->code == ERR_OK;
	if (err->code == ERR_GONE)
		*err = ERR_NONE;
	if (err->code != ERR_OK || names_step(s, err))
		return err->code == ERR_OK;
	for (size_t i = 0, first = s->unit; i < UNITS && err->code == ERR_OK; i++) {
		size_t unit = (first + i) % UNITS;

		if (units[unit].step(s, ret_wall_at, err)) {
			had_turn(s, unit);
			return true;
		}
		if (err->code == ERR_GONE)
			*err = ERR_NONE;
	}
	return false;
}

bool sweeper_step(struct sweeper *sweeper, int64_t *ret_at)
{
	int64_t wall_at = WHEN_UNKNOWN, left;
	struct err err = ERR_NONE;

	*ret_at = mono(sweeper);
	if (one_unit(sweeper, &wall_at, &err))
		return true;
	if (err.code != ERR_OK)
		return trouble(sweeper, &err, ret_at);
	left = wall_at == WHEN_UNKNOWN ? IDLE_MS : wall_at - wall(sweeper);
	*ret_at = mono(sweeper) + (left < 0 ? 0 : left < IDLE_MS ? left : IDLE_MS);
	return false;
}

void sweeper_run(struct sweeper *sweeper)
{
	const struct worker *w = &sweeper->worker;
	int64_t at;

	while (!w->wake.stopping(w->wake.self))
		if (!sweeper_step(sweeper, &at))
			w->wake.wait(w->wake.self, WAKE_SWEEP, at);
}
