/*
 * route: request targets and the table of routes. A target is decoded exactly once, by us and from the bytes on the
 * wire: the HTTP library's own decoding ends at an encoded NUL and would make two paths look like one. Pure.
 */
#ifndef WEBHOOKS_ROUTE_H
#define WEBHOOKS_ROUTE_H

#include "policy/arena.h"
#include "webhooks/listener.h"
#include "webhooks/refusal.h"

#define ROUTE_TARGET_MAX ((size_t)2048) /* bytes of path and query as sent */
#define ROUTE_ALLOW_MAX  ((size_t)128)

struct target {
	struct text path;  /* decoded; in the arena */
	struct text query; /* as sent, without the '?' */
};

/* False: too long, a control byte, a malformed escape, or not beginning with '/'. */
bool target_parse(struct text raw, struct arena *arena, struct target *ret, struct refusal *refusal);

/* The first value of this name, decoded, in the arena; empty when absent or malformed. */
struct text target_query(struct text query, const char *name, struct arena *arena);

/* The first route that takes method and path; HEAD is taken as GET. NULL: *refusal says 404 or 405, and allow lists
 * the methods of this path ("GET, HEAD, POST"; empty for 404). */
const struct route *route_find(const struct listener_config *config, struct text method, struct text path,
			       char allow[ROUTE_ALLOW_MAX], struct refusal *refusal);

#endif
