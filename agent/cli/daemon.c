#include "agent/cli/daemon.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/descriptors.h"
#include "agent/base/metrics.h"
#include "agent/base/notify.h"
#include "agent/base/secret.h"
#include "agent/base/signals.h"
#include "agent/cli/command.h"
#include "agent/cli/daemon_hooks.h"
#include "agent/cli/daemon_issues.h"
#include "agent/hook/serve.h"
#include "agent/store/state_dir.h"
#include "agent/web/web.h"
#include "agent/work/crew.h"
#include "agent/work/receive.h"
#include "agent/work/trackers.h"

#define DRAIN_MS           2500 /* deliveries that wait for the disk */
#define FINISH_MS          2000 /* then workers that wait for the forge or for git */
#define QUEUE_AGE_MAX_MS   60000
#define OWED_AGE_MAX_MS    60000
#define CONTROL_REQUEST_MS 30000
#define OWN_CONNECTIONS    16 /* of each listener that only operators reach */
#define OWN_FILES          24 /* database, log, listeners, timers, and some to spare */
#define WORKER_FILES       8  /* a connection to the forge, a git child's pipes, some of the packs (MIRROR_PACKS) */
#define LOOK_MS            60000
#define JUMP_MS            5000 /* a wall clock that differs by so much was set, not slewed */

struct daemon {
	const struct config *config;
	const struct log *log;
	struct arena arena;
	int claim;                        /* of state_dir */
	struct clock_port clock;          /* the wall: log, secrets that end, arrival of deliveries */
	struct clock_port steady;         /* the workers': leases, doubts, ages */
	struct clock_steady steady_start; /* of steady */
	struct signals *signals;
	struct metrics *metrics;
	struct wake_threads *wake;
	struct rows writer, reader;
	struct exec_committer *exec;
	struct store store;
	struct push_branch *push_branches; /* as configured; in the arena */
	struct trackers *trackers;
	struct crew *crew;
	struct secret *secrets[CONFIG_SECRETS_MAX];
	struct intake_config intake;
	struct daemon_hooks hooks; /* of trackers */
	struct daemon_issues issues;
	struct hook_serve *pushes; /* of commit hooks; NULL: none are answered */
	struct receive receive;
	struct web web;
	struct listener *public, *ops, *control;
	int64_t connections; /* of clients: as configured, or what the descriptors allow */
};

static void say(const struct log *log, enum log_level level, const char *msg, const char *detail)
{
	struct log_field fields[] = {LOG_S("detail", detail), LOG_DONE};

	log_event(log, level, msg, fields);
}

/* With the file, and what to do about it, where it may be damaged. */
static void say_error(const struct daemon *d, const char *msg, const struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct log_field fields[] = {
		LOG_S("detail", err->text),
		LOG_T("database", arena_printf(&arena, "%s/headgate.db", d->config->state_dir.at)),
		LOG_S("advice", "look at the disk; if the file is damaged, keep a copy and put a backup in its place"),
		LOG_DONE};

	if (err->code != ERR_BROKEN)
		fields[1] = LOG_DONE;
	log_event(d->log, LOG_ERROR_LEVEL, msg, fields);
}

/* The store's own word that it cannot be trusted: leave at once, so that no further 202 is sent. What was committed
 * is safe; what was not was not acknowledged. */
static void broken(void *context, const struct err *err)
{
	const struct daemon *d = context;

	say_error(d, "the store failed; stopping before anything else is acknowledged", err);
	_exit(DAEMON_BROKEN);
}

static struct text next_part(struct text *rest)
{
	size_t colon = text_find(*rest, TEXT_LIT(":"));
	struct text part = colon == SIZE_MAX ? *rest : (struct text){rest->at, colon};

	rest->at += part.len + (colon != SIZE_MAX);
	rest->len -= part.len + (colon != SIZE_MAX);
	return part;
}

static void plan_pushes(struct daemon *d)
{
	const struct config_texts *list = &d->config->pushes;

	d->push_branches = arena_alloc(&d->arena, list->n + 1, sizeof *d->push_branches);
	for (size_t i = 0; i < list->n; i++) {
		struct text rest = list->at[i];

		d->push_branches[i].repo = next_part(&rest);
		d->push_branches[i].branch = next_part(&rest);
		d->push_branches[i].onto = rest;
	}
}

static bool open_store(struct daemon *d, struct err *err)
{
	const struct config_limits *limits = &d->config->limits;
	struct text path = arena_printf(&d->arena, "%s/headgate.db", d->config->state_dir.at);
	struct exec_committer_config config = {
		.writer = &d->writer,
		.reader = &d->reader,
		.queue_jobs = (size_t)limits->queue_rows,
		.queue_bytes = (size_t)limits->queue_bytes,
		.broken = broken,
		.context = d,
	};

	if (!state_dir_claim(d->config->state_dir.at, &d->claim, err) ||
	    !rows_sqlite_open(path.at, false, &d->writer, err) || !rows_sqlite_open(path.at, true, &d->reader, err) ||
	    !state_dir_keep(d->config->state_dir.at, err))
		return false;
	d->exec = exec_committer_start(&config, err);
	if (!d->exec)
		return false;
	plan_pushes(d);
	d->store = (struct store){
		.exec = exec_committer_port(d->exec),
		.limits = {limits->post_deadline_ms, limits->post_grace_ms, limits->grant_age_ms, limits->posts,
			   limits->lease_ms, trackers_longest_age(d->config)},
		.context = d->config->policy.context,
		.pushes = d->push_branches,
		.n_pushes = d->config->pushes.n,
	};
	return true;
}

/* What an earlier process left: its leases, and what it had sent. The first write of a start, so it says where. */
static bool settle_store(struct daemon *d, struct err *err)
{
	int64_t now = d->steady.wall(d->steady.self);

	if (store_end_leases(&d->store, now, err) && store_restart_posts(&d->store, now, err))
		return true;
	return err_wrap(err, "%.*s/headgate.db", TEXT_ARG(d->config->state_dir));
}

static bool read_secrets(struct daemon *d, struct err *err)
{
	const struct config_secrets *list = &d->config->forge.webhook_secrets;

	for (size_t i = 0; i < list->n; i++) {
		d->secrets[i] = secret_read(list->at[i].file, INTAKE_SECRET_BYTES_MIN, err);
		if (!d->secrets[i])
			return err_wrap(err, "forge.webhook_secrets");
		d->intake.secrets[i] =
			(struct intake_secret){.bytes = secret_text(d->secrets[i]), .until_ms = list->at[i].until_ms};
	}
	d->intake.n_secrets = list->n;
	return true;
}

static bool plan_intake(struct daemon *d, struct err *err)
{
	const struct config_limits *limits = &d->config->limits;

	d->intake.limits = (struct intake_limits){(size_t)limits->body_bytes, (size_t)limits->in_flight_bytes};
	d->intake.path = "/webhooks/github";
	d->intake.repositories = d->config->repositories.at;
	d->intake.n_repositories = d->config->repositories.n;
	d->intake.installation = d->config->forge.installation;
	return read_secrets(d, err) && intake_config_check(&d->intake, err) &&
	       daemon_hooks_read(&d->hooks, d->config, err) && daemon_issues_read(&d->issues, d->config, err);
}

static struct exec_counters counters(void *exec)
{
	return exec_committer_counters(exec);
}

static void plan_web(struct daemon *d)
{
	struct wake_port wake = wake_threads_port(d->wake);

	d->receive = (struct receive){&d->store, d->clock, wake, d->log, d->metrics, NULL};
	d->hooks.bugs.receive = &d->receive;
	d->hooks.bugs.refused = web_refused;
	d->hooks.bugs.refused_context = &d->web;
	d->hooks.said.receive = &d->receive;
	d->hooks.said.clock = d->steady;
	d->hooks.said.refused = web_refused;
	d->hooks.said.refused_context = &d->web;
	d->issues.all.receive = &d->receive;
	d->issues.all.refused = web_refused;
	d->issues.all.refused_context = &d->web;
	d->web = (struct web){
		.store = &d->store,
		.clock = d->clock,
		.wake = wake,
		.log = d->log,
		.metrics = d->metrics,
		.public_url = d->config->public_url,
		.steady = d->steady,
		.queue_age_max_ms = QUEUE_AGE_MAX_MS,
		.owed_age_max_ms = OWED_AGE_MAX_MS,
		.exec_counters = counters,
		.exec = d->exec,
	};
}

static struct listener *listen_on(struct daemon *d, const char *address, struct web_table table,
				  const struct intake_config *intake, struct err *err)
{
	const struct config_limits *limits = &d->config->limits;
	struct listener_config config = {
		.address = address,
		.routes = table.routes,
		.n_routes = table.n,
		.intake = intake,
		.connections_max = intake ? (unsigned)d->connections : OWN_CONNECTIONS,
		.per_ip_max = (unsigned)limits->connections_per_ip,
		.request_ms = intake ? limits->request_seconds * 1000 : CONTROL_REQUEST_MS,
		.wall_ms = d->clock.wall,
		.clock = d->clock.self,
		.refused = web_refused,
		.refused_context = &d->web,
	};
	struct listener *listener = listener_start(&config, err);

	if (!listener)
		(void)err_wrap(err, "%s", address);
	return listener;
}

static struct web_table public_table(struct daemon *d)
{
	struct web_table pages = web_public(&d->web, &d->arena), all;

	all.routes =
		arena_alloc(&d->arena, pages.n + 1 + DAEMON_HOOKS_ROUTES + DAEMON_ISSUES_ROUTES, sizeof *all.routes);
	all.routes[0] = (struct route){"POST", d->intake.path, true, 0, receive_handle, &d->receive};
	all.n = 1 + daemon_hooks_routes(&d->hooks, all.routes + 1);
	all.n += daemon_issues_routes(&d->issues, all.routes + all.n);
	for (size_t i = 0; i < pages.n; i++)
		all.routes[all.n++] = pages.routes[i];
	return all;
}

static bool open_listeners(struct daemon *d, struct err *err)
{
	struct text control = d->config->control_socket;

	if (control.len == 0)
		control = arena_printf(&d->arena, "%s/control.sock", d->config->state_dir.at);
	control = arena_printf(&d->arena, "unix:%s", control.at);
	d->control = listen_on(d, control.at, web_control(&d->web, &d->arena), NULL, err);
	d->ops = d->control ? listen_on(d, d->config->ops_listen.at, web_ops(&d->web, &d->arena), NULL, err) : NULL;
	d->public = d->ops ? listen_on(d, d->config->listen.at, public_table(d), &d->intake, err) : NULL;
	return d->public != NULL;
}

static bool share_descriptors(struct daemon *d, struct err *err)
{
	int64_t wanted = d->config->limits.connections,
		asking = d->config->workers.judge + 3 + (int64_t)d->config->trackers.n, /* poster, sweeper, trees */
		hooks = d->config->hook.socket.len > 0 ? OWN_CONNECTIONS + WORKER_FILES * HOOK_WORKERS : 0,
		reserved = OWN_FILES + 2 * OWN_CONNECTIONS + WORKER_FILES * asking + hooks;

	d->connections = wanted;
	if (!descriptors_share(reserved, &d->connections, err))
		return false;
	if (d->connections < wanted) {
		struct log_field fields[] = {LOG_I("connections", d->connections), LOG_I("configured", wanted),
					     LOG_DONE};

		log_event(d->log, LOG_WARN_LEVEL, "fewer connections: too few open files are allowed (ulimit -n)",
			  fields);
	}
	return true;
}

static bool trackers_ok(void *trackers)
{
	return trackers_healthy(trackers);
}

static bool open_trackers(struct daemon *d, struct err *err)
{
	struct trackers_plan plan = {d->config, d->steady, wake_threads_port(d->wake), d->log};

	d->trackers = trackers_open(&plan, err);
	d->web.trackers_ok = trackers_ok;
	d->web.trackers = d->trackers;
	return d->trackers && trackers_begin(d->trackers, &d->store, err);
}

static const char *stuck(void *crew)
{
	return crew_stuck(crew);
}

static bool open_pushes(struct daemon *d, struct err *err)
{
	const struct hook_serve_plan plan = {
		.config = d->config,
		.clock = d->steady,
		.wake = wake_threads_port(d->wake),
		.trackers = d->trackers,
		.store = &d->store,
		.log = d->log,
		.metrics = d->metrics,
		.refused = web_refused,
		.refused_context = &d->web,
	};

	return hook_serve_open(&plan, &d->pushes, err);
}

static bool start(struct daemon *d, struct err *err)
{
	struct crew_plan plan = {
		.config = d->config, .store = &d->store, .clock = d->steady, .wall = d->clock, .log = d->log};

	d->signals = signals_new(err); /* before any thread: they inherit the mask */
	if (!d->signals)
		return false;
	d->metrics = metrics_new(metrics_rows(), METRICS);
	d->wake = wake_threads_new();
	if (!share_descriptors(d, err) || !plan_intake(d, err) || !open_store(d, err) || !settle_store(d, err))
		return false;
	plan_web(d);
	if (!open_trackers(d, err) || !open_pushes(d, err))
		return false;
	plan.trackers = d->trackers;
	plan.wake = d->wake;
	plan.metrics = d->metrics;
	plan.mirrors = arena_printf(&d->arena, "%s/mirrors", d->config->state_dir.at).at;
	d->crew = crew_start(&plan, err);
	if (!d->crew)
		return false;
	d->receive.access = crew_access(d->crew);
	d->web.stuck = stuck;
	d->web.crew = d->crew;
	return open_listeners(d, err) && hook_serve_start(d->pushes, err);
}

/* A forge that hangs must not hold the stop back: whatever a worker has not concluded is not begun yet, and a status
 * that is on its way is in doubt, for the ledger says so already. The next start goes on from there. */
static _Noreturn void leave(const struct daemon *d)
{
	say(d->log, LOG_WARN_LEVEL, "stopped amid work",
	    "the forge or git did not answer in time; the next start goes on");
	_exit(COMMAND_OK);
}

/* Listeners first, so that nothing new is accepted; then the workers; the store last. */
static void stop(struct daemon *d)
{
	listener_stop(d->public, DRAIN_MS);
	listener_stop(d->ops, 0);
	listener_stop(d->control, 0);
	hook_serve_stop(d->pushes);
	if (!crew_stop(d->crew, FINISH_MS))
		leave(d);
	hook_serve_free(d->pushes);
	trackers_free(d->trackers);
	exec_committer_stop(d->exec);
	rows_close(&d->reader);
	rows_close(&d->writer);
	wake_threads_free(d->wake);
	metrics_free(d->metrics);
	for (size_t i = 0; i < CONFIG_SECRETS_MAX; i++)
		secret_free(d->secrets[i]);
	daemon_hooks_free(&d->hooks);
	daemon_issues_free(&d->issues);
	signals_free(d->signals);
	state_dir_release(d->claim);
	arena_release(&d->arena);
}

static void say_ready(const struct daemon *d)
{
	struct log_field fields[] = {
		LOG_T("listen", d->config->listen),          LOG_I("port", listener_port(d->public)),
		LOG_I("ops_port", listener_port(d->ops)),    LOG_T("public_url", d->config->public_url),
		LOG_T("context", d->config->policy.context), LOG_DONE};

	log_event(d->log, LOG_INFO_LEVEL, "ready", fields);
	(void)notify_send(NOTIFY_READY);
}

/* *off: how far the wall clock was found to be from the steady one. */
static void look_at_clocks(const struct daemon *d, int64_t *off)
{
	int64_t now = d->clock.wall(d->clock.self) - d->steady.wall(d->steady.self);
	struct log_field fields[] = {LOG_I("ms", now - *off),
				     LOG_S("detail",
					   "nothing hangs on it; times of verdicts follow the old clock until "
					   "a restart"),
				     LOG_DONE};

	if (now - *off < JUMP_MS && *off - now < JUMP_MS)
		return;
	log_event(d->log, LOG_WARN_LEVEL, "the clock was set", fields);
	*off = now;
}

/* One that hangs holds for ever what only it does: the service manager shall start us anew, and nothing is lost. */
static bool all_move(const struct daemon *d, bool *said)
{
	const char *who = crew_stuck(d->crew);

	if (who && !*said)
		say(d->log, LOG_ERROR_LEVEL, "a worker does not move any more: restart", who);
	*said = who != NULL;
	return !who;
}

static void serve(struct daemon *d)
{
	int64_t watchdog = notify_watchdog_ms(), off = 0;
	bool moves, said = false;

	for (;;) {
		enum signals_asked asked = signals_wait(d->signals, watchdog > 0 ? (int)watchdog : LOOK_MS);

		if (asked == SIGNALS_STOP)
			return;
		look_at_clocks(d, &off);
		if (asked == SIGNALS_RELOAD)
			say(d->log, LOG_WARN_LEVEL, "reload asked for",
			    "restart to take a changed configuration; nothing is lost");
		moves = all_move(d, &said);
		if (moves && watchdog > 0)
			(void)notify_send(NOTIFY_WATCHDOG);
	}
}

/* What the operator can put right is a matter of configuration; the rest is not. */
static int exit_code(const struct err *err)
{
	static const enum err_code ours[] = {ERR_INVALID, ERR_GONE, ERR_DENIED, ERR_CONFLICT};

	for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
		if (err->code == ours[i])
			return COMMAND_CONFIG;
	return DAEMON_BROKEN;
}

int daemon_run(const struct config *config, const struct log *log)
{
	struct daemon d = {.config = config, .log = log, .clock = clock_system(), .claim = STATE_DIR_NONE};
	struct err err = ERR_NONE;
	int code = COMMAND_OK;

	d.steady = clock_steady(&d.steady_start);
	(void)umask(077);
	if (start(&d, &err)) {
		say_ready(&d);
		serve(&d);
		say(log, LOG_INFO_LEVEL, "stopping", "");
		(void)notify_send(NOTIFY_STOPPING);
	} else {
		say_error(&d, "not started", &err);
		code = exit_code(&err);
	}
	stop(&d);
	return code;
}
