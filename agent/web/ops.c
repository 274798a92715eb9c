/* For operators and their tools: is it alive, is it keeping up, what does it count. */
#include "agent/web/routes.h"

#include "agent/store/store_owed.h"
#include "agent/web/alarm_json.h"
#include "agent/web/reply.h"
#include "webhooks/jread.h"

struct readiness {
	bool store_ok;
	int64_t age_ms;  /* of the oldest waiting delivery; -1: none waits */
	int64_t owed_ms; /* for how long a success is to be taken back; -1: none is */
	struct text but; /* of one that does not keep it from being ready; empty: nothing */
	int64_t stolen;  /* alarms of a stolen key that nobody acknowledged */
	struct text why; /* not ready; empty: ready */
};

static int64_t age_of(const struct web *web, const struct store_counts *counts)
{
	int64_t age = counts->oldest_waiting_at == WHEN_UNKNOWN
			      ? -1
			      : web->clock.wall(web->clock.self) - counts->oldest_waiting_at;

	return counts->oldest_waiting_at != WHEN_UNKNOWN && age < 0 ? 0 : age;
}

/* From the future: the clock went back, and nobody can say how long it lasts; what is a moment ahead is new. */
static int64_t owed_for(const struct web *web, int64_t since)
{
	int64_t age;

	if (since == WHEN_UNKNOWN)
		return -1;
	age = web->steady.wall(web->steady.self) - since;
	if (age < -web->owed_age_max_ms)
		return web->owed_age_max_ms + 1;
	return age < 0 ? 0 : age;
}

static struct text why_owed(const struct web *web, struct arena *arena, const struct owed *owed)
{
	int64_t ms = owed_for(web, owed->since);

	if (ms <= web->owed_age_max_ms)
		return TEXT_EMPTY;
	return arena_printf(arena, "a success that is to be taken back stands at the forge for %lld s%s",
			    (long long)(ms / 1000),
			    owed->refused ? ", because the forge refused our status: see the log's lines `post`; it is "
					    "sent again when its commit is judged again, by the next sweep that can "
					    "read it, a recheck or a restart"
					  : ": the forge did not take our status yet");
}

/* One repository keeps nobody from being served. */
static struct text but_owed(const struct web *web, struct arena *arena, int64_t ms)
{
	if (ms <= web->owed_age_max_ms)
		return TEXT_EMPTY;
	return arena_printf(arena,
			    "a success that is to be taken back stands at the forge for %lld s: the forge refused our "
			    "status there and took others since: see the log's lines `post`",
			    (long long)(ms / 1000));
}

/* Deliveries are refused then, so that none waits and grows old. */
static bool is_failing(const struct web *web)
{
	return web->exec_counters && web->exec_counters(web->exec).failing;
}

static const char *stuck(const struct web *web)
{
	return web->stuck ? web->stuck(web->crew) : NULL;
}

static struct text why_work(const struct web *web, struct arena *arena)
{
	const char *who = stuck(web);

	if (is_failing(web))
		return TEXT_LIT("the store cannot be written: is the disk full?");
	return who ? arena_printf(arena, "the worker `%s` does not move any more: restart", who) : TEXT_EMPTY;
}

static struct text why_counts(const struct web *web, struct arena *arena, const struct readiness *r)
{
	if (r->stolen > 0)
		return TEXT_LIT("statuses were set with headgate's key that headgate did not set: replace the key, "
				"then `headgate alarms --acknowledge`");
	if (web->trackers_ok && !web->trackers_ok(web->trackers))
		return TEXT_LIT("a tracker refused headgate's key: replace it and start again; what asks about its "
				"bugs waits");
	if (r->age_ms > web->queue_age_max_ms)
		return arena_printf(arena, "the oldest waiting delivery is %lld s old, more than %lld s",
				    (long long)(r->age_ms / 1000), (long long)(web->queue_age_max_ms / 1000));
	return TEXT_EMPTY;
}

static void look(const struct web *web, struct arena *arena, struct readiness *ret)
{
	struct store_counts counts;
	struct owed owed;
	struct err err = ERR_NONE;

	*ret = (struct readiness){.age_ms = -1, .owed_ms = -1};
	if (!store_counts(web->store, &counts, &err) || !store_owed(web->store, &owed, &err)) {
		ret->why = TEXT_LIT("the store cannot be read");
		return;
	}
	ret->store_ok = true;
	ret->age_ms = age_of(web, &counts);
	ret->owed_ms = owed_for(web, owed.oldest);
	ret->stolen = counts.alarms[ALARM_STOLEN_KEY];
	ret->why = why_work(web, arena);
	if (ret->why.len == 0)
		ret->why = why_counts(web, arena, ret);
	if (ret->why.len == 0)
		ret->why = why_owed(web, arena, &owed);
	if (ret->why.len == 0)
		ret->but = but_owed(web, arena, ret->owed_ms);
}

void ops_healthz(void *context, struct exchange *exchange, const struct verified *verified)
{
	(void)context;
	(void)verified;
	reply(exchange, 200, REPLY_TEXT, TEXT_LIT("ok\n"));
}

static void ready_json(struct exchange *exchange, const struct readiness *r)
{
	struct jwrite *w = jwrite_new();
	bool ready = r->why.len == 0;

	jwrite_object(w, NULL);
	jwrite_bool(w, "ready", ready);
	jwrite_bool(w, "store", r->store_ok);
	if (r->age_ms < 0)
		jwrite_null(w, "oldest_waiting_ms");
	else
		jwrite_int(w, "oldest_waiting_ms", r->age_ms);
	if (r->stolen > 0)
		jwrite_int(w, "stolen_key_alarms", r->stolen);
	if (r->owed_ms >= 0)
		jwrite_int(w, "oldest_owed_ms", r->owed_ms);
	if (!ready) {
		jwrite_text(w, "error", TEXT_LIT("not_ready"));
		jwrite_text(w, "detail", r->why);
	} else if (r->but.len > 0) {
		jwrite_text(w, "warning", r->but);
	}
	jwrite_end(w);
	reply(exchange, ready ? 200 : 503, REPLY_JSON, jwrite_text_of(w));
	jwrite_free(w);
}

static struct text ready_text(struct arena *arena, const struct readiness *r)
{
	if (r->why.len > 0)
		return arena_printf(arena, "not ready: %.*s\n", TEXT_ARG(r->why));
	if (r->but.len > 0)
		return arena_printf(arena, "ready, but %.*s\n", TEXT_ARG(r->but));
	return TEXT_LIT("ready\n");
}

void ops_readyz(void *context, struct exchange *exchange, const struct verified *verified)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct readiness r;

	(void)verified;
	look(context, &arena, &r);
	if (text_find(exchange_header(exchange, "accept"), TEXT_LIT("application/json")) != SIZE_MAX)
		ready_json(exchange, &r);
	else
		reply(exchange, r.why.len == 0 ? 200 : 503, REPLY_TEXT, ready_text(&arena, &r));
}

/* Gauges that mirror the store are read when somebody asks, so that they are never stale. */
static void refresh_store(struct web *web)
{
	struct store_counts c;
	struct err err = ERR_NONE;
	struct owed owed;
	int64_t age;

	if (!store_counts(web->store, &c, &err) || !store_owed(web->store, &owed, &err))
		return; /* /readyz says so; old numbers are better than none */
	const struct {
		const char *state;
		int64_t n;
	} queues[] = {{"waiting", c.waiting},
		      {"quarantined", c.quarantined},
		      {"subjects_due", c.subjects_due},
		      {"slots_due", c.slots_due}};

	for (size_t i = 0; i < sizeof queues / sizeof queues[0]; i++) {
		struct text label = text_of(queues[i].state);

		metrics_set(web->metrics, METRIC_QUEUE, &label, queues[i].n);
	}
	for (int kind = 1; kind < ALARM_KINDS; kind++) {
		struct text label = text_of(alarm_kind_name((enum alarm_kind)kind));

		metrics_set(web->metrics, METRIC_ALARMS_OPEN, &label, c.alarms[kind]);
	}
	age = age_of(web, &c);
	metrics_set(web->metrics, METRIC_QUEUE_OLDEST, NULL, age < 0 ? 0 : age / 1000);
	age = owed_for(web, owed.oldest);
	metrics_set(web->metrics, METRIC_OWED_OLDEST, NULL, age < 0 ? 0 : age / 1000);
	metrics_set(web->metrics, METRIC_IN_DOUBT, NULL, c.in_doubt);
}

/* A counter that somebody else counts. */
static void catch_up(struct web *web, enum metric metric, int64_t now)
{
	int64_t was = metrics_value(web->metrics, metric, NULL);

	if (now > was)
		metrics_add(web->metrics, metric, NULL, now - was);
}

static void refresh_others(struct web *web)
{
	if (web->log && web->log->drops)
		catch_up(web, METRIC_LOG_DROPPED, log_dropped(web->log->drops));
	metrics_set(web->metrics, METRIC_WORKER_STUCK, NULL, stuck(web) != NULL);
	if (!web->exec_counters)
		return;
	metrics_set(web->metrics, METRIC_STORE_FAILING, NULL, is_failing(web));
	catch_up(web, METRIC_COMMITS, web->exec_counters(web->exec).commits);
}

void ops_metrics(void *context, struct exchange *exchange, const struct verified *verified)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct web *web = context;
	enum metrics_format format = metrics_format_of(exchange_header(exchange, "accept"));
	struct text version = TEXT_LIT(HEADGATE_VERSION);

	(void)verified;
	metrics_set(web->metrics, METRIC_BUILD, &version, 1);
	refresh_store(web);
	refresh_others(web);
	reply(exchange, 200, metrics_content_type(format), metrics_text(web->metrics, format, &arena));
}
