#include "agent/work/sweep_hook.h"

#define LIST_DEADLINES   4 /* a list has many pages */
#define BACKOFF_FIRST_MS 5000
#define REFUSED_MS       60000 /* before anything is asked for again */

static int64_t wall(const struct sweeper *s)
{
	return s->worker.clock.wall(s->worker.clock.self);
}

static struct forge_call call_of(const struct sweeper *s, struct arena *arena, int deadlines)
{
	int64_t mono = s->worker.clock.mono(s->worker.clock.self);

	return (struct forge_call){.arena = arena, .deadline_ms = mono + deadlines * s->deadline_ms};
}

static void count(const struct sweeper *s, const char *what, size_t n)
{
	const struct text label = text_of(what);

	metrics_add(s->worker.metrics, METRIC_REDELIVERIES, &label, (int64_t)n);
}

static void sooner(int64_t *at, int64_t other)
{
	if (other != WHEN_UNKNOWN && (*at == WHEN_UNKNOWN || other < *at))
		*at = other;
}

static bool none_here(const struct sweeper *s)
{
	return !s->forge->keeps_deliveries(s->forge->self);
}

/* ---- the list ---- */

static int64_t again_at(const struct sweeper *s, int64_t attempts, const struct err *err)
{
	int64_t ms = BACKOFF_FIRST_MS, at;

	for (int64_t i = 0; i < attempts && ms < s->every_ms; i++)
		ms *= 2;
	at = wall(s) + (ms < s->every_ms ? ms : s->every_ms);
	return err->retry_at_ms > at ? err->retry_at_ms : at;
}

/* Where the list went on may be no place any more: then it is read from its beginning. */
static bool put_off(const struct sweeper *s, const struct hook_turn *turn, struct err *err)
{
	struct log_field fields[] = {LOG_S("code", err_name(err->code)), LOG_S("error", err->text), LOG_DONE};
	bool anew = err->code != ERR_RETRY;
	int64_t until = again_at(s, turn->attempts, err);

	count(s, "unread", 1);
	log_event(s->worker.log, LOG_WARN_LEVEL, "list of deliveries put off", fields);
	*err = ERR_NONE;
	return store_put_off_hook(s->worker.store, until, anew, err);
}

/* Of another installation than the configured one: it would be refused again. */
static bool is_ours(const struct sweeper *s, const struct forge_delivery *d)
{
	return s->installation == 0 || d->installation == 0 || d->installation == s->installation;
}

static struct hook_seen seen_of(const struct sweeper *s, const struct forge_list_deliveries *list, struct arena *arena)
{
	struct attempt *at = arena_alloc(arena, list->n + 1, sizeof *at);
	struct hook_seen ret = {.at = at,
				.rest = list->rest,
				.governed = s->n_repositories > 0,
				.now = wall(s),
				.next_at = wall(s) + s->every_ms};

	for (size_t i = 0; i < list->n; i++) {
		const struct forge_delivery *d = &list->at[i];

		if (is_ours(s, d))
			at[ret.n++] = (struct attempt){d->guid, d->event,    d->id,   d->attempted_at,
						       d->repo, d->answered, d->again};
	}
	return ret;
}

static void say_read(const struct sweeper *s, const struct hook_seen *seen, size_t wanted)
{
	bool cut = seen->rest.len > 0;
	struct log_field fields[] = {LOG_I("attempts", (int64_t)seen->n), LOG_I("failed", (int64_t)wanted),
				     LOG_S("rest", cut ? "next time (limits.pages)" : ""), LOG_DONE};

	count(s, "found", wanted);
	count(s, "cut", cut);
	log_event(s->worker.log,
		  cut          ? LOG_WARN_LEVEL
		  : wanted > 0 ? LOG_INFO_LEVEL
			       : LOG_DEBUG_LEVEL,
		  "deliveries read", fields);
}

static bool read_list(const struct sweeper *s, const struct hook_turn *turn, struct arena *arena, struct err *err)
{
	struct forge_call call = call_of(s, arena, LIST_DEADLINES);
	struct forge_span span = {turn->from, turn->since};
	struct forge_list_deliveries list;
	struct hook_seen seen;
	size_t wanted;

	if (s->forge->deliveries(s->forge->self, &call, &span, &list, err) != ERR_OK)
		return put_off(s, turn, err);
	seen = seen_of(s, &list, arena);
	if (!store_hook_seen(s->worker.store, &seen, &wanted, err))
		return false;
	say_read(s, &seen, wanted);
	return true;
}

bool sweep_hook_list(const struct sweeper *sweeper, int64_t *ret_wall_at, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct taker taker = {sweeper->worker.owner, wall(sweeper), &arena, NULL};
	struct hook_turn turn = {.next_at = WHEN_UNKNOWN};

	if (none_here(sweeper))
		return false;
	if (!store_take_hook(sweeper->worker.store, &taker, taker.now + sweeper->every_ms, &turn, err)) {
		sooner(ret_wall_at, turn.next_at);
		return false;
	}
	return read_list(sweeper, &turn, &arena, err);
}

/* ---- one more attempt ---- */

static void say_asked(const struct sweeper *s, const struct redelivery *r, const char *what, const struct err *err)
{
	struct log_field fields[] = {LOG_T("delivery", r->guid), LOG_T("event", r->event),  LOG_S("result", what),
				     LOG_I("asked", r->asked),   LOG_S("error", err->text), LOG_DONE};
	bool fine = strcmp(what, "asked") == 0;

	count(s, what, 1);
	log_event(s->worker.log, fine ? LOG_INFO_LEVEL : LOG_WARN_LEVEL, "redelivery", fields);
}

/* Only what names a time was certainly not done; anything else counts, or a delivery whose askings are never answered
 * would be asked for without end. */
static bool not_asked(const struct sweeper *s, const struct redelivery *r, struct err *err)
{
	int64_t now = wall(s), until = now + REFUSED_MS;
	enum unasked why = UNASKED_FAILED;

	if (err->code == ERR_GONE) {
		why = UNASKED_FOR_EVER;
		until = now;
	} else if (err->code == ERR_RETRY && err->retry_at_ms > 0) {
		why = UNASKED_NOW;
		until = err->retry_at_ms;
	}
	if (why != UNASKED_NOW)
		say_asked(s, r, why == UNASKED_FOR_EVER ? "given_up" : "refused", err);
	*err = ERR_NONE;
	return store_unasked(s->worker.store, r, why, until, err);
}

static bool ask(const struct sweeper *s, const struct redelivery *r, struct arena *arena, struct err *err)
{
	struct forge_call call = call_of(s, arena, 1);

	if (!r->given_up && s->forge->redeliver(s->forge->self, &call, r->attempt, err) != ERR_OK)
		return not_asked(s, r, err);
	say_asked(s, r, r->given_up ? "given_up" : "asked", err);
	return true;
}

bool sweep_hook_ask(const struct sweeper *sweeper, int64_t *ret_wall_at, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct taker taker = {sweeper->worker.owner, wall(sweeper), &arena, NULL};
	struct redelivery redelivery;
	bool has;

	if (none_here(sweeper))
		return false;
	has = store_take_redelivery(sweeper->worker.store, &taker, &redelivery, err);
	count(sweeper, "arrived", redelivery.arrived);
	if (has)
		return ask(sweeper, &redelivery, &arena, err);
	sooner(ret_wall_at, redelivery.next_at);
	return false;
}
