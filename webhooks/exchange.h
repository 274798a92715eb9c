/*
 * exchange: one request as the listener keeps it; shared by listener.c (the connection) and exchange.c (what handlers
 * may ask), so that only the first one meets the HTTP library.
 */
#ifndef WEBHOOKS_EXCHANGE_H
#define WEBHOOKS_EXCHANGE_H

#include "webhooks/listener.h"
#include "webhooks/refusal.h"
#include "webhooks/route.h"

#define EXCHANGE_HEAD_MAX  ((size_t)8192) /* bytes of all header lines */
#define EXCHANGE_LINES_MAX ((size_t)64)

struct MHD_Connection;
struct MHD_Response;

struct exchange {
	struct listener *listener; /* holds a reference */
	struct MHD_Connection *connection;
	struct arena arena;
	struct text raw_target, method;
	struct target target;
	struct header *headers; /* copies, so that they outlive the connection */
	size_t n_headers, head_bytes;
	bool head_large, head_malformed;
	const struct route *route;
	struct intake *intake;
	const struct verified *verified;
	char *body; /* not webhook: `want` bytes */
	size_t body_len, want;
	int64_t peer_uid;
	bool judged, handed; /* the head was judged; the handler was called */
	bool refused;        /* counted */

	/* Under the listener's lock. */
	unsigned refs; /* the connection's and the handler's */
	bool answered, suspended, sending;
	struct MHD_Response *response; /* owned until the exchange is freed */
	unsigned status;
	struct exchange *next, *before; /* list of suspended exchanges */
};

/* Keeps a copy of one header line; sets head_large past the limits, head_malformed for what RFC 9110 does not allow. */
void exchange_add_header(struct exchange *exchange, struct text name, struct text value);

/* What can be said from the head alone. False: refused; allow lists methods for a 405. */
bool exchange_judge(struct exchange *exchange, const struct listener_config *config, atomic_size_t *in_flight,
		    char allow[ROUTE_ALLOW_MAX], struct refusal *refusal);

/* Some bytes of the body came. False: more than declared. */
bool exchange_feed(struct exchange *exchange, const char *bytes, size_t len, struct refusal *refusal);

/* The body is complete: verifies a delivery. */
bool exchange_complete(struct exchange *exchange, const struct listener_config *config, struct refusal *refusal);

/* Frees what it holds, but for response and listener. */
void exchange_free(struct exchange *exchange);

#endif
