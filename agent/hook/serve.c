#include "agent/hook/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/hook/rate.h"
#include "agent/hook/share.h"
#include "policy/memory.h"

#define CONNECTIONS 16
#define REQUEST_MS  10000
#define DRAIN_MS    2500

struct job { /* one question */
	struct job *next;
	struct exchange *exchange;
	int64_t uid, deadline_ms; /* monotonic */
};

struct worker {
	struct hook_serve *serve;
	pthread_t thread;
	size_t number;
	bool running;
};

struct hook_serve {
	struct hook_serve_plan plan;
	struct hook_trackers *trackers;
	struct route route;
	struct listener *listener;
	struct hook_rate questions; /* the listener's thread alone */
	struct worker workers[HOOK_WORKERS];

	pthread_mutex_t lock; /* of all below */
	pthread_cond_t more;
	struct hook_rate bugs;
	struct job *first, **last;
	bool stopping;
};

static void answer_with(struct exchange *exchange, unsigned status, struct text body)
{
	const struct answer answer = {.status = status, .content_type = "text/plain; charset=utf-8", .body = body};

	exchange_answer(exchange, &answer);
}

static void count(struct hook_serve *s, const char *answer)
{
	const struct text label = text_of(answer);

	metrics_add(s->plan.metrics, METRIC_HOOK_QUESTIONS, &label, 1);
}

/* ---- one question ---- */

struct asked {
	struct hook_serve *serve;
	int64_t uid;
	struct hook_view view;
	struct hook_tracker tracker;
};

static bool read_whole(int fd, char *at, size_t room, size_t *ret)
{
	ssize_t n;

	for (*ret = 0; *ret < room; *ret += (size_t)n) {
		n = read(fd, at + *ret, room - *ret);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n <= 0)
			return n == 0;
	}
	return false; /* there is more */
}

static bool read_policy(const char *path, struct arena *arena, struct text *ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *at = arena_alloc(arena, POLICY_BYTES_MAX + 1, 1);
	struct stat is;
	size_t n = 0;
	bool ok = fd >= 0 && fstat(fd, &is) == 0 && S_ISREG(is.st_mode) && read_whole(fd, at, POLICY_BYTES_MAX + 1, &n);

	if (fd >= 0)
		close(fd);
	*ret = (struct text){at, n};
	return ok;
}

static void say_unreadable(const struct hook_serve *s, const struct config_hook_repository *at)
{
	struct log_field fields[] = {
		LOG_T("repository", at->name), LOG_T("file", at->policy),
		LOG_S("advice", "it must be a plain file of at most 256 KiB that headgate may read"), LOG_DONE};

	log_event(s->plan.log, LOG_ERROR_LEVEL, "the policy of a commit hook cannot be read; pushes are refused",
		  fields);
}

static bool repository(void *self, struct text name, struct arena *arena, struct hook_repository *ret)
{
	struct asked *asked = self;
	const struct config_hook_repository *at = config_hook_named(asked->serve->plan.config, name);

	if (!at)
		return false;
	*ret = (struct hook_repository){.warns = at->mode == CONFIG_HOOK_WARN};
	ret->policy_there = read_policy(at->policy.at, arena, &ret->policy);
	if (!ret->policy_there)
		say_unreadable(asked->serve, at);
	if (hook_trackers_view(asked->serve->trackers, at->tracker, &asked->view, &asked->tracker))
		ret->tracker = &asked->tracker;
	return true;
}

/* One question may name many bugs: by halves of a list somebody would find each secure one on it. */
static bool may_ask(void *self, size_t n_bugs)
{
	struct asked *asked = self;
	struct hook_serve *s = asked->serve;
	struct log_field fields[] = {LOG_I("uid", asked->uid), LOG_I("bugs", (int64_t)n_bugs),
				     LOG_S("advice", "2000 at once are answered, and hook.per_minute more a minute"),
				     LOG_DONE};
	bool may;

	pthread_mutex_lock(&s->lock); /* the clock, too: no worker comes with an earlier time than another's */
	may = hook_rate_take(&s->bugs, asked->uid, (int64_t)n_bugs, s->plan.clock.mono(s->plan.clock.self));
	pthread_mutex_unlock(&s->lock);
	if (!may)
		log_event(s->plan.log, LOG_WARN_LEVEL, "somebody's pushes name more bugs than are answered", fields);
	return may;
}

static void audit(struct hook_serve *s, const struct job *job, const struct hook_answered *answered)
{
	struct log_field fields[] = {LOG_I("uid", job->uid),
				     LOG_T("repository", answered->repository),
				     LOG_T("branch", answered->branch),
				     LOG_I("branches", (int64_t)answered->n_branches),
				     LOG_I("commits", (int64_t)answered->n_commits),
				     LOG_I("bugs", (int64_t)answered->n_bugs),
				     LOG_S("answer", answered->warned ? "warn" : hook_word(answered->word)),
				     LOG_DONE};

	log_event(s->plan.log, LOG_INFO_LEVEL, "a push was asked about", fields);
}

static void refuse_job(struct hook_serve *s, int64_t uid, const char *why)
{
	struct log_field fields[] = {LOG_I("uid", uid), LOG_S("detail", why), LOG_DONE};

	count(s, "refused");
	log_event(s->plan.log, LOG_WARN_LEVEL, "a commit hook's question was refused", fields);
}

static void answer_job(struct worker *worker, struct job *job)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct hook_serve *s = worker->serve;
	struct asked asked = {
		.serve = s, .uid = job->uid, .view = {.worker = worker->number, .deadline_ms = job->deadline_ms}};
	const struct hook_ports ports = {&asked, s->plan.clock.wall(s->plan.clock.self), repository, may_ask};
	struct hook_answered answered;

	hook_answer(&ports, exchange_body(job->exchange), &arena, &answered);
	if (answered.word == HOOK_NO_ANSWER) {
		refuse_job(s, job->uid, "it is broken");
		answer_with(job->exchange, 400, answered.text);
		return;
	}
	audit(s, job, &answered);
	count(s, answered.warned               ? "warn"
		 : answered.word == HOOK_ALLOW ? "allow"
					       : "deny"); /* which of the denials nobody learns here */
	answer_with(job->exchange, 200, answered.text);
}

/* ---- threads ---- */

static struct job *take_job(struct hook_serve *s)
{
	struct job *job;

	pthread_mutex_lock(&s->lock);
	while (!s->first && !s->stopping)
		pthread_cond_wait(&s->more, &s->lock);
	job = s->first;
	if (job) {
		s->first = job->next;
		if (!s->first)
			s->last = &s->first;
	}
	pthread_mutex_unlock(&s->lock);
	return job;
}

static void *work(void *arg)
{
	struct worker *worker = arg;
	struct job *job;

	while ((job = take_job(worker->serve)) != NULL) {
		answer_job(worker, job);
		free(job);
	}
	return NULL;
}

/* On the listener's thread. There are never more jobs than connections. */
static void handle(void *context, struct exchange *exchange, const struct verified *verified)
{
	struct hook_serve *s = context;
	int64_t now = s->plan.clock.mono(s->plan.clock.self), uid = exchange_peer_uid(exchange);
	struct job *job;

	(void)verified;
	if (uid < 0) {
		refuse_job(s, uid, "nobody knows who asks");
		answer_with(exchange, 403, TEXT_LIT("Nobody knows who asks\n"));
		return;
	}
	if (!hook_rate_take(&s->questions, uid, 1, now)) {
		refuse_job(s, uid, "hook.per_minute is used up");
		answer_with(exchange, 429, TEXT_LIT("Too many questions; try again in a minute\n"));
		return;
	}
	job = memory_take(sizeof *job);
	*job = (struct job){NULL, exchange, uid, now + s->plan.config->hook.deadline_ms};
	pthread_mutex_lock(&s->lock);
	*s->last = job;
	s->last = &job->next;
	pthread_cond_signal(&s->more);
	pthread_mutex_unlock(&s->lock);
}

static bool start_workers(struct hook_serve *s, struct err *err)
{
	for (size_t i = 0; i < HOOK_WORKERS; i++) {
		struct worker *worker = &s->workers[i];

		*worker = (struct worker){.serve = s, .number = i};
		worker->running = pthread_create(&worker->thread, NULL, work, worker) == 0;
		if (!worker->running)
			return err_set(err, ERR_RETRY, "no thread can be started for commit hooks");
	}
	return true;
}

/* ---- the socket ---- */

static bool start_listener(struct hook_serve *s, struct err *err)
{
	const struct config_hook *hook = &s->plan.config->hook;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct listener_config config = {
		.address = arena_printf(&arena, "unix:%s", hook->socket.at).at,
		.routes = &s->route,
		.n_routes = 1,
		.connections_max = CONNECTIONS,
		.per_ip_max = CONNECTIONS,
		.request_ms = REQUEST_MS,
		.wall_ms = s->plan.clock.wall,
		.clock = s->plan.clock.self,
		.refused = s->plan.refused,
		.refused_context = s->plan.refused_context,
	};

	s->route = (struct route){"POST", HOOK_PATH, false, HOOK_BODY_MAX, handle, s};
	s->listener = listener_start(&config, err);
	if (!s->listener)
		return err_wrap(err, "hook.socket");
	return hook->group.len == 0 || hook_share(hook->socket.at, hook->group.at, err);
}

/* ---- together ---- */

bool hook_serve_open(const struct hook_serve_plan *plan, struct hook_serve **ret, struct err *err)
{
	const struct hook_trackers_ports ports = {plan->config, plan->trackers, plan->store,
						  plan->clock,  plan->wake,     plan->log};
	int64_t per_minute = plan->config->hook.per_minute;
	struct hook_serve *s;

	*ret = NULL;
	if (plan->config->hook.socket.len == 0)
		return true;
	s = memory_take(sizeof *s);
	*s = (struct hook_serve){.plan = *plan,
				 .questions = {.per_minute = per_minute, .most = per_minute},
				 .bugs = {.per_minute = per_minute, .most = HOOK_BUGS_MAX}};
	s->last = &s->first;
	if (pthread_mutex_init(&s->lock, NULL) != 0 || pthread_cond_init(&s->more, NULL) != 0)
		out_of_memory();
	s->trackers = hook_trackers_open(&ports, err);
	*ret = s;
	return s->trackers != NULL;
}

bool hook_serve_start(struct hook_serve *s, struct err *err)
{
	return !s || (start_workers(s, err) && start_listener(s, err));
}

void hook_serve_stop(struct hook_serve *s)
{
	if (!s)
		return;
	listener_stop(s->listener, DRAIN_MS);
	s->listener = NULL;
	pthread_mutex_lock(&s->lock);
	s->stopping = true;
	pthread_cond_broadcast(&s->more);
	pthread_mutex_unlock(&s->lock);
	for (size_t i = 0; i < HOOK_WORKERS; i++)
		if (s->workers[i].running && pthread_join(s->workers[i].thread, NULL) == 0)
			s->workers[i].running = false;
}

void hook_serve_free(struct hook_serve *s)
{
	if (!s)
		return;
	hook_trackers_free(s->trackers);
	pthread_cond_destroy(&s->more);
	pthread_mutex_destroy(&s->lock);
	free(s);
}
