/*
 * listener: the only place that meets libmicrohttpd. Receives HTTP, gives requests to handlers by a table of routes,
 * and sends what they answer. Poll mode with suspend/resume (epoll stalls at 128 busy connections), never the
 * library's post processor. A watchdog closes connections whose request is older than `request_ms`: the library's own
 * timeout never ends a header drip.
 *
 * Owns its sockets and threads; handlers run on its thread, must not block, and either answer at once or keep the
 * exchange (the connection is suspended) and call exchange_answer later from any thread, exactly once.
 * listener_stop: stops accepting, waits for kept exchanges up to a deadline, answers the rest 503. A handler may still
 * answer such an exchange later: it changes nothing, and frees the exchange.
 *
 * A request that never gets as far as the listener's own answer is counted too: `protocol` (the library refused it),
 * `too_slow` (the watchdog ended it), `cut_off` (it ended before it was complete).
 */
#ifndef WEBHOOKS_LISTENER_H
#define WEBHOOKS_LISTENER_H

#include "webhooks/intake.h"

struct exchange; /* one request and its answer; owned by the listener */

struct answer {
	unsigned status;
	const char *content_type;     /* static; NULL: no body */
	struct text body;             /* copied */
	const struct header *headers; /* besides the listener's own; copied */
	size_t n_headers;
};

struct route {
	const char *method;
	const char *prefix; /* the path matches if it equals this, or starts with it where it ends in '/' */
	bool webhook;       /* the body goes through intake (intake_config of the listener); else at most body_max */
	size_t body_max;
	/* Takes the exchange. verified is NULL unless webhook. Must answer, or keep it and answer later. */
	void (*handle)(void *context, struct exchange *exchange, const struct verified *verified);
	void *context;
};

struct listener_config {
	const char *address;        /* "127.0.0.1:8480", "[::1]:0", or "unix:/path/control.sock" (made 0600) */
	const struct route *routes; /* borrowed until listener_stop returns */
	size_t n_routes;
	const struct intake_config *intake; /* NULL: no webhook routes */
	unsigned connections_max, per_ip_max;
	int64_t request_ms; /* whole request, from its first byte; 30000 */
	int64_t (*wall_ms)(void *clock);
	void *clock;
	/* Counts one refusal, made here, by intake or by the library, not those that handlers make; may be NULL. Any
	 * thread; must not call the listener. */
	void (*refused)(void *context, struct text guid, const struct refusal *refusal);
	void *refused_context;
};

struct listener;
struct listener *listener_start(const struct listener_config *config, struct err *err); /* NULL: not started */
unsigned listener_port(const struct listener *listener); /* the port bound, also when 0 was asked for; 0 for unix */
void listener_stop(struct listener *listener, int64_t drain_ms); /* takes NULL */

struct text exchange_method(const struct exchange *exchange);
struct text exchange_path(const struct exchange *exchange);              /* decoded, without query */
bool exchange_path_encoded(const struct exchange *exchange);             /* the path was sent with %XX in it */
struct text exchange_query(struct exchange *exchange, const char *name); /* decoded; empty when absent */
struct text exchange_header(const struct exchange *exchange, const char *name);
/* How many lines have this name; *ret is the first one's value, untouched when there is none. */
size_t exchange_headers(const struct exchange *exchange, const char *name, struct text *ret);
struct text exchange_body(const struct exchange *exchange); /* non-webhook bodies */
int64_t exchange_peer_uid(const struct exchange *exchange); /* unix listeners: SO_PEERCRED; -1 else */

/* Sends the answer, resuming the connection if it was kept. Callable once, from any thread; the exchange and the
 * delivery that came with it are gone afterwards. */
void exchange_answer(struct exchange *exchange, const struct answer *answer);

/* The JSON body {"error", "detail"} of a refusal as an answer. */
void exchange_refuse(struct exchange *exchange, const struct refusal *refusal);

#endif
