/*
 * The library's one thread reads connections and calls on_request for each head, piece of body and end. An exchange
 * that its handler keeps is suspended; exchange_answer makes the response and resumes it. `lock` guards what handlers'
 * threads and the library's thread share; it may be held while the library is called, and the library calls us
 * without locks of its own.
 *
 * A kept exchange has two owners, the connection and the handler; the later one frees it, and each holds the
 * listener's memory. So a handler that answers after listener_stop finds its exchange, though nobody reads the answer.
 */
#include "webhooks/listener.h"

#include <assert.h>
#include <errno.h>
#include <microhttpd.h>
#include <pthread.h>

#include "policy/memory.h"
#include "webhooks/crypto.h"
#include "webhooks/exchange.h"
#include "webhooks/head.h"
#include "webhooks/socket.h"
#include "webhooks/watchdog.h"

/* Head, read buffer and answer's head of one connection. Above 32 KiB the library maps it and gives it back to the
 * system when the connection ends; below, what was read stays in freed memory. */
#define CONNECTION_MEMORY ((size_t)36 * 1024)
#define FLUSH_MS          1000 /* for answers already made when the listener stops */

struct listener {
	struct listener_config config;
	struct intake_config intake; /* a copy with keyed HMACs; config.intake points here */
	struct hmac *keyed[INTAKE_SECRETS_MAX];
	atomic_size_t in_flight;
	struct listen_socket socket;
	struct watchdog *dog;
	struct MHD_Daemon *daemon;

	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned refs; /* the owner's and one for each exchange */
	bool stopping;
	struct exchange *kept; /* suspended */
	size_t sending;        /* answers made and not yet sent */
};

struct peer { /* one connection; the library's thread only */
	struct watch *watch;
	unsigned requests;
	struct exchange *current; /* between on_target and on_completed */
};

/* ---- lifetimes ---- */

static void listener_unref(struct listener *l)
{
	bool last;

	pthread_mutex_lock(&l->lock);
	last = --l->refs == 0;
	pthread_mutex_unlock(&l->lock);
	if (!last)
		return;
	for (size_t i = 0; i < INTAKE_SECRETS_MAX; i++)
		hmac_free(l->keyed[i]);
	pthread_cond_destroy(&l->changed);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

static void exchange_unref(struct exchange *x)
{
	struct listener *l = x->listener;
	bool last;

	pthread_mutex_lock(&l->lock);
	last = --x->refs == 0;
	pthread_mutex_unlock(&l->lock);
	if (!last)
		return;
	if (x->response)
		MHD_destroy_response(x->response);
	exchange_free(x); /* gives bytes back to the listener's budget */
	listener_unref(l);
}

static struct exchange *exchange_new(struct listener *l, struct MHD_Connection *connection, const char *target)
{
	struct exchange *x = calloc(1, sizeof(*x));

	if (!x)
		out_of_memory();
	x->listener = l;
	x->connection = connection;
	x->refs = 1;
	x->raw_target = arena_text(&x->arena, text_of(target));
	pthread_mutex_lock(&l->lock);
	l->refs++;
	pthread_mutex_unlock(&l->lock);
	return x;
}

static struct peer *peer_of(struct MHD_Connection *connection)
{
	return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

static void count(const struct listener *l, struct text guid, const struct refusal *refusal)
{
	if (l->config.refused)
		l->config.refused(l->config.refused_context, guid, refusal);
}

static void count_exchange(struct exchange *x, const struct refusal *refusal)
{
	if (!x->refused)
		count(x->listener, head_guid(x->headers, x->n_headers), refusal);
	x->refused = true;
}

/* ---- answers ---- */

static bool add_header(struct MHD_Response *response, struct text name, struct text value)
{
	auto_arena struct arena arena = ARENA_EMPTY;

	return MHD_add_response_header(response, arena_text(&arena, name).at, arena_text(&arena, value).at) == MHD_YES;
}

static bool add_headers(struct MHD_Response *response, const struct answer *answer)
{
	struct text given = TEXT_EMPTY;
	bool ok = add_header(response, TEXT_LIT("X-Content-Type-Options"), TEXT_LIT("nosniff"));

	if (!head_find(answer->headers, answer->n_headers, "Cache-Control", &given))
		ok = ok && add_header(response, TEXT_LIT("Cache-Control"), TEXT_LIT("no-store"));
	if (answer->content_type)
		ok = ok && add_header(response, TEXT_LIT("Content-Type"), text_of(answer->content_type));
	for (size_t i = 0; i < answer->n_headers; i++)
		ok = ok && add_header(response, answer->headers[i].name, answer->headers[i].value);
	return ok;
}

static struct MHD_Response *response_of(struct text body)
{
	char nothing[1] = "", *copy = nothing;
	struct MHD_Response *response;

	if (body.len) {
		copy = malloc(body.len);
		if (!copy)
			out_of_memory();
		memcpy(copy, body.at, body.len);
	}
	response = MHD_create_response_from_buffer(body.len, copy,
						   body.len ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_MUST_COPY);
	if (!response)
		out_of_memory();
	return response;
}

/* A header that cannot be written (a line break in its value) makes the whole answer a bare 500: an answer without
 * one of its headers might say more than was meant. */
static struct MHD_Response *make_response(const struct answer *answer, unsigned *status)
{
	struct MHD_Response *response = response_of(answer->content_type ? answer->body : TEXT_EMPTY);

	*status = answer->status;
	if (add_headers(response, answer))
		return response;
	MHD_destroy_response(response);
	*status = MHD_HTTP_INTERNAL_SERVER_ERROR;
	return response_of(TEXT_EMPTY);
}

static void kept_add(struct listener *l, struct exchange *x)
{
	x->before = NULL;
	x->next = l->kept;
	if (x->next)
		x->next->before = x;
	l->kept = x;
}

static void kept_remove(struct listener *l, struct exchange *x)
{
	if (x->before)
		x->before->next = x->next;
	else
		l->kept = x->next;
	if (x->next)
		x->next->before = x->before;
}

/* Under the lock. False: it was answered before, and the response is still the caller's. */
static bool set_response(struct exchange *x, struct MHD_Response *response, unsigned status)
{
	struct listener *l = x->listener;

	if (x->answered)
		return false;
	x->answered = true;
	x->response = response;
	x->status = status;
	x->sending = true;
	l->sending++;
	if (x->suspended) {
		x->suspended = false;
		kept_remove(l, x);
		MHD_resume_connection(x->connection);
	}
	pthread_cond_broadcast(&l->changed);
	return true;
}

void exchange_answer(struct exchange *x, const struct answer *answer)
{
	struct listener *l = x->listener;
	unsigned status;
	struct MHD_Response *response = make_response(answer, &status);
	bool taken;

	pthread_mutex_lock(&l->lock);
	taken = set_response(x, response, status);
	pthread_mutex_unlock(&l->lock);
	if (!taken)
		MHD_destroy_response(response);
	exchange_unref(x);
}

/* Answers in the name of the handler, whose reference exchange_answer takes. */
static void refuse_exchange(struct exchange *x, const struct refusal *refusal)
{
	pthread_mutex_lock(&x->listener->lock);
	x->refs++;
	pthread_mutex_unlock(&x->listener->lock);
	count_exchange(x, refusal);
	exchange_refuse(x, refusal);
}

static enum MHD_Result send_answer(struct exchange *x)
{
	watch_restart(peer_of(x->connection)->watch); /* a client that reads too slowly is ended too */
	return MHD_queue_response(x->connection, x->status, x->response);
}

/* ---- the request's course ---- */

/* NOLINTNEXTLINE(readability-function-size): the library gives the parameters */
static enum MHD_Result on_header(void *context, enum MHD_ValueKind kind, const char *name, size_t name_len,
				 const char *value, size_t value_len)
{
	(void)kind;
	exchange_add_header(context, (struct text){name, name_len}, (struct text){value, value_len});
	return MHD_YES;
}

/* A refusal before the body has been read ends the connection: what follows on it is not a request. */
static enum MHD_Result judge_head(struct exchange *x)
{
	struct listener *l = x->listener;
	char allow[ROUTE_ALLOW_MAX];
	struct refusal refusal;

	x->judged = true;
	MHD_get_connection_values_n(x->connection, MHD_HEADER_KIND, on_header, x);
	if (exchange_judge(x, &l->config, &l->in_flight, allow, &refusal))
		return MHD_YES;
	refuse_exchange(x, &refusal);
	add_header(x->response, TEXT_LIT("Connection"), TEXT_LIT("close"));
	if (allow[0] && refusal.status == MHD_HTTP_METHOD_NOT_ALLOWED)
		add_header(x->response, TEXT_LIT("Allow"), text_of(allow));
	return send_answer(x);
}

static void refuse_stopping(struct exchange *x)
{
	struct refusal refusal;

	refuse(&refusal, REASON_STOPPING);
	refuse_exchange(x, &refusal);
}

/* Calls the handler. True: it has been answered; false: suspended until it is. */
static bool hand_over(struct exchange *x)
{
	struct listener *l = x->listener;
	bool stopping, answered;

	pthread_mutex_lock(&l->lock);
	stopping = l->stopping;
	x->refs++;
	pthread_mutex_unlock(&l->lock);
	x->handed = true;
	if (stopping) {
		refuse_stopping(x);
		exchange_unref(x);
		return true;
	}
	x->route->handle(x->route->context, x, x->verified);
	pthread_mutex_lock(&l->lock);
	answered = x->answered;
	if (!answered && !l->stopping) {
		x->suspended = true;
		kept_add(l, x);
		MHD_suspend_connection(x->connection);
	}
	stopping = !answered && l->stopping;
	pthread_mutex_unlock(&l->lock);
	if (stopping)
		refuse_stopping(x);
	return answered || stopping;
}

static enum MHD_Result body_complete(struct exchange *x)
{
	struct refusal refusal;

	watch_pause(peer_of(x->connection)->watch);
	if (!exchange_complete(x, &x->listener->config, &refusal))
		refuse_exchange(x, &refusal);
	else if (!hand_over(x))
		return MHD_YES;
	return send_answer(x);
}

/* NOLINTNEXTLINE(readability-function-size): the library gives the parameters */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url, const char *method,
				  const char *version, const char *bytes, size_t *len, void **exchange)
{
	struct exchange *x = *exchange;
	struct refusal refusal;
	bool answered;

	(void)context;
	(void)connection;
	(void)url; /* decoded by the library, and cut at an encoded NUL: raw_target is used */
	(void)version;
	if (!x->judged) {
		x->method = arena_text(&x->arena, text_of(method));
		return judge_head(x);
	}
	if (*len) {
		if (!exchange_feed(x, bytes, *len, &refusal)) {
			count_exchange(x, &refusal);
			return MHD_NO;
		}
		*len = 0;
		return MHD_YES;
	}
	if (!x->handed)
		return body_complete(x);
	pthread_mutex_lock(&x->listener->lock);
	answered = x->answered;
	pthread_mutex_unlock(&x->listener->lock);
	return answered ? send_answer(x) : MHD_YES;
}

/* ---- the library's notices ---- */

/* The library says nothing of a request for whose refusal it has no memory left (a head full of cookies). */
static void forget_current(struct peer *peer)
{
	if (peer->current)
		exchange_unref(peer->current);
	peer->current = NULL;
}

static void *on_target(void *context, const char *target, struct MHD_Connection *connection)
{
	struct listener *l = context;
	struct exchange *x = exchange_new(l, connection, target);
	struct peer *peer = peer_of(connection);

	/* The first request's clock has run since the connection came; a later one's starts with its target. */
	if (peer->requests++)
		watch_restart(peer->watch);
	forget_current(peer);
	peer->current = x;
	x->peer_uid =
		socket_peer_uid(MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd);
	return x;
}

/* Nobody answered: the connection ended within the request. An error before the head was complete is a refusal by the
 * library, which on_log counts. */
static void count_unanswered(struct exchange *x, struct peer *peer, enum MHD_RequestTerminationCode why)
{
	struct refusal refusal;

	if (!x->judged && why == MHD_REQUEST_TERMINATED_WITH_ERROR && !watch_ended(peer->watch))
		return;
	refuse(&refusal, watch_ended(peer->watch)                        ? REASON_TOO_SLOW
			 : why == MHD_REQUEST_TERMINATED_DAEMON_SHUTDOWN ? REASON_STOPPING
									 : REASON_CUT_OFF);
	count_exchange(x, &refusal);
}

static void on_completed(void *context, struct MHD_Connection *connection, void **exchange,
			 enum MHD_RequestTerminationCode why)
{
	struct listener *l = context;
	struct exchange *x = *exchange;
	struct peer *peer = peer_of(connection);
	bool answered;

	if (!x)
		return;
	*exchange = NULL;
	peer->current = NULL;
	pthread_mutex_lock(&l->lock);
	answered = x->answered;
	if (x->sending)
		l->sending--;
	x->sending = false;
	pthread_cond_broadcast(&l->changed);
	pthread_mutex_unlock(&l->lock);
	if (!answered)
		count_unanswered(x, peer, why);
	watch_restart(peer->watch);
	exchange_unref(x);
}

static void on_connection(void *context, struct MHD_Connection *connection, void **socket_context,
			  enum MHD_ConnectionNotificationCode what)
{
	struct listener *l = context;
	int fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	struct peer *peer = *socket_context;
	struct refusal refusal;

	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		peer = calloc(1, sizeof(*peer));
		if (!peer)
			out_of_memory();
		peer->watch = watch_add(l->dog, fd);
		*socket_context = peer;
		return;
	}
	if (!peer->requests && (watch_ended(peer->watch) || socket_ignored(fd))) {
		refuse(&refusal, watch_ended(peer->watch) ? REASON_TOO_SLOW : REASON_CUT_OFF);
		count(l, TEXT_EMPTY, &refusal);
	}
	forget_current(peer);
	watch_remove(peer->watch);
	free(peer);
	*socket_context = NULL;
}

/* The library says that it refused a request only in its log. Were its words to change, only this count would end. */
static void on_log(void *context, const char *format, va_list args)
{
	struct listener *l = context;
	struct refusal refusal;

	(void)args;
	if (!strstr(format, "Error processing request"))
		return;
	refuse(&refusal, REASON_PROTOCOL);
	count(l, TEXT_EMPTY, &refusal);
}

/* ---- start and stop ---- */

static bool config_check(const struct listener_config *config, struct err *err)
{
	for (size_t i = 0; i < config->n_routes; i++)
		if (config->routes[i].webhook && (!config->intake || !config->wall_ms))
			return err_set(err, ERR_INVALID, "a webhook route needs an intake configuration and a clock");
	if (config->request_ms <= 0 || config->connections_max == 0)
		return err_set(err, ERR_INVALID, "request time and connection limit must be above 0");
	return !config->intake || intake_config_check(config->intake, err);
}

static struct listener *listener_new(const struct listener_config *config)
{
	struct listener *l = calloc(1, sizeof(*l));
	pthread_condattr_t monotonic;

	if (!l)
		out_of_memory();
	l->config = *config;
	l->refs = 1;
	l->socket.fd = -1;
	pthread_mutex_init(&l->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&l->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (!config->intake)
		return l;
	l->intake = *config->intake;
	l->config.intake = &l->intake;
	for (size_t i = 0; i < l->intake.n_secrets; i++)
		l->intake.secrets[i].keyed = l->keyed[i] = hmac_new(l->intake.secrets[i].bytes);
	return l;
}

static struct MHD_Daemon *daemon_start(struct listener *l)
{
	unsigned idle_seconds = (unsigned)(l->config.request_ms / 1000) + 1;
	struct MHD_OptionItem options[] = {
		{MHD_OPTION_CONNECTION_LIMIT, (intptr_t)l->config.connections_max, NULL},
		{MHD_OPTION_PER_IP_CONNECTION_LIMIT, (intptr_t)l->config.per_ip_max, NULL},
		{MHD_OPTION_CONNECTION_TIMEOUT, (intptr_t)idle_seconds, NULL},
		{MHD_OPTION_CONNECTION_MEMORY_LIMIT, (intptr_t)CONNECTION_MEMORY, NULL},
		{MHD_OPTION_LISTEN_SOCKET, (intptr_t)l->socket.fd, NULL},
		{MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
		{MHD_OPTION_END, 0, NULL},
	};

	/* The logger must be the first option: the library may log while it reads the others. */
	return MHD_start_daemon(MHD_USE_POLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL,
				NULL, on_request, l, MHD_OPTION_EXTERNAL_LOGGER, on_log, l,
				MHD_OPTION_NOTIFY_CONNECTION, on_connection, l, MHD_OPTION_NOTIFY_COMPLETED,
				on_completed, l, MHD_OPTION_URI_LOG_CALLBACK, on_target, l, MHD_OPTION_ARRAY, options,
				MHD_OPTION_END);
}

struct listener *listener_start(const struct listener_config *config, struct err *err)
{
	struct listener *l;

	if (!config_check(config, err))
		return NULL;
	l = listener_new(config);
	if (!socket_open(config->address, &l->socket, err))
		goto fail;
	l->dog = watchdog_start(config->request_ms, err);
	if (!l->dog)
		goto fail;
	l->daemon = daemon_start(l);
	if (l->daemon)
		return l;
	err_set(err, ERR_RETRY, "the HTTP server on %s does not start", config->address);
fail:
	watchdog_stop(l->dog);
	socket_close(&l->socket);
	listener_unref(l);
	return NULL;
}

unsigned listener_port(const struct listener *l)
{
	return l->socket.port;
}

static bool quiet(const struct listener *l, bool with_sending)
{
	return !l->kept && !(with_sending && l->sending);
}

/* Under the lock: until nothing is kept (and nothing is being sent), or the time is over. */
static void wait_quiet(struct listener *l, bool with_sending, int64_t ms)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += ms % 1000 * 1000000;
	until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	while (!quiet(l, with_sending))
		if (pthread_cond_timedwait(&l->changed, &l->lock, &until) == ETIMEDOUT)
			return;
}

/* Answers what is still kept. Handlers that answer it later find it answered. */
static void refuse_kept(struct listener *l)
{
	char json[REFUSAL_JSON_MAX];
	struct refusal refusal;
	struct answer answer = {.content_type = "application/json"};
	unsigned status;

	refuse(&refusal, REASON_STOPPING);
	answer.status = refusal.status;
	answer.body = refusal_json(&refusal, json);
	while (l->kept) {
		struct exchange *x = l->kept;

		count_exchange(x, &refusal);
		set_response(x, make_response(&answer, &status), refusal.status);
	}
}

void listener_stop(struct listener *l, int64_t drain_ms)
{
	if (!l)
		return;
	MHD_quiesce_daemon(l->daemon);
	pthread_mutex_lock(&l->lock);
	wait_quiet(l, false, drain_ms);
	l->stopping = true;
	refuse_kept(l);
	wait_quiet(l, true, FLUSH_MS);
	pthread_mutex_unlock(&l->lock);
	MHD_stop_daemon(l->daemon);
	watchdog_stop(l->dog);
	socket_close(&l->socket);
	listener_unref(l);
}
