/*
 * world_http: a world behind a socket: an HTTP server with a thread per connection, and sender threads for webhooks.
 * One lock around the world; it is never held while sleeping, sending a webhook or running git.
 */
#ifndef TESTS_WORLD_WORLD_HTTP_H
#define TESTS_WORLD_WORLD_HTTP_H

#include "tests/world/world.h"

struct world_http;

/* Listens on addr:port (port 0: any free one) and starts sending. Borrows the world until stop. `git_root` is its
 * directory of repositories. NULL with a line in *why on failure. */
struct world_http *world_http_start(struct world *world, const char *address, uint16_t port, const char *git_root,
				    const char **why);
void world_http_public(struct world_http *http, const char *url); /* absolute URLs are built from it */
uint16_t world_http_port(const struct world_http *http);
/* The trackers on a port of their own, too, where nothing else answers. Once; 0: it cannot be listened on. */
uint16_t world_http_tracker(struct world_http *http, const char *address, uint16_t port);
void world_http_stop(struct world_http *http); /* takes NULL */

/* world_cgi.c: one run of git http-backend; everything in and out is in memory. */
struct world_cgi {
	const char *root, *method, *path, *query, *type, *encoding, *protocol, *user, *body;
	size_t len;
	int64_t deadline_ms; /* how long it may take */
};
struct world_cgi_answer {
	int status;
	char *bytes; /* owned: headers, an empty line, the body */
	size_t len, body_at;
};
/* False: it could not be started, or was killed at its deadline. */
bool world_cgi_run(const struct world_cgi *cgi, struct world_cgi_answer *ret);

#endif
