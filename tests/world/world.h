/*
 * world: the forge and the trackers as one deterministic state machine. Bytes in, bytes out: world_handle() performs
 * one HTTP request on the state and never touches a socket, a thread or the real time; the git repositories below `dir`
 * are its only files. The same requests at the same clock give the same ids, commits and answers. Webhooks come out as
 * a queue (world_next_delivery); who sends them, and when, is the caller's affair.
 *
 * Not locked: one thread at a time per struct world. The HTTP face (world_http.h) holds a lock around each call.
 */
#ifndef TESTS_WORLD_WORLD_H
#define TESTS_WORLD_WORLD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	WORLD_BODY_MAX = 64 << 20, /* a request's body, git packs included */
	WORLD_LOG_MAX = 200000,    /* entries; then the oldest half goes */
	WORLD_STATUS_MAX = 1000,   /* statuses per commit and context */
	WORLD_TEXT_MAX = 140       /* characters of a status's description */
};

struct world;

struct world_config {
	const char *dir;        /* bare repositories live below; made if missing */
	const char *public_url; /* absolute URLs (Link, html_url) are built from it; no trailing slash */
	const char *hook_url;   /* NULL: deliveries wait until one is set */
	const char *secret;     /* of the webhooks */
	const char *tokens; /* JSON {"TOKEN": {"user": login} | {"app": slug, "rights": {..}}}, or one bare App token */
	uint64_t seed;
	bool real; /* the caller sets the clock before each request; else it moves only by /_world/clock */
};

/* NULL with a line in *why when the directory or the tokens are no good. */
struct world *world_new(const struct world_config *config, const char **why);
void world_free(struct world *world); /* takes NULL */

/* Sets the clock if it follows the real one; else does nothing. Never moves backwards. */
void world_tick(struct world *world, int64_t now_ms);
void world_set_public_url(struct world *world, const char *url);

struct world_request {
	const char *method, *path; /* path still escaped */
	const char *query;         /* without '?'; NULL: none */
	const char *authorization, *accept;
	const char *if_none_match; /* NULL: none */
	const char *tracker_key;   /* X-BUGZILLA-API-KEY; NULL: none */
	const char *body;
	size_t len;
};

struct world_response {
	int status;
	char *body; /* owned */
	size_t len;
	size_t promised; /* above len: the Content-Length says this, and the connection breaks off after len */
	json_t *headers; /* owned; name -> value */
	int64_t delay_ms;
	bool lost; /* performed, but the caller gets no answer: close the connection */
};

/* ret is written completely; world_response_clear() frees it. */
void world_handle(struct world *world, const struct world_request *request, struct world_response *ret);
void world_response_clear(struct world_response *response);

/* What a replica knows that saw nothing after now, and a GET answered by it (others go to the present, as at the forge;
 * git objects and the clock are the present's). past NULL: the present. */
struct world_past;
struct world_past *world_remember(const struct world *world);
void world_past_free(struct world_past *past); /* takes NULL */
void world_handle_as_of(struct world *world, struct world_past *past, const struct world_request *request,
			struct world_response *ret);

/* How long a fault wants this request to wait before it is performed; 0 without one. */
int64_t world_delay_before(struct world *world, const struct world_request *request);

struct world_delivery {
	json_int_t id;
	char *url, *body;
	size_t len;
	json_t *headers;
	int64_t timeout_ms; /* the sender's patience; 0: the forge's */
};

/* Takes the next delivery that may be sent now: at most one in flight, or as many as the hooks' `concurrent` says, and
 * one of the tracker's. The caller clears it and reports the outcome (status 0: no answer). */
bool world_next_delivery(struct world *world, struct world_delivery *ret);
int64_t world_delivery_due(struct world *world); /* ms until the tracker may have one; below 0: nothing waits */
void world_delivery_done(struct world *world, json_int_t id, int status, int64_t took_ms);
void world_delivery_clear(struct world_delivery *delivery);

/* Git over HTTP. begin: 0 and the repository's directory, or the HTTP status to answer. end: after a receive-pack,
 * events for whatever refs are different now. Both name the repository by "owner/name". */
struct world_git_visit {
	char repo[256], who[128], path[512]; /* path: as it is on disk, below the directory */
	bool write;
};
int world_git_begin(struct world *world, const struct world_request *request, struct world_git_visit *ret);
void world_git_end(struct world *world, const struct world_git_visit *visit);

#endif
