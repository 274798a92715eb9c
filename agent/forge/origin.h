/*
 * origin: the one place a forge may be asked at. URLs are built from the configured base and escaped segments only, and
 * a URL that an answer names is used only when it lies below the same base: the token goes nowhere else.
 */
#ifndef AGENT_FORGE_ORIGIN_H
#define AGENT_FORGE_ORIGIN_H

#include "policy/arena.h"
#include "policy/err.h"

/* A base is "https://host[:port][/path]" (or http), no user, query, fragment, spaces or trailing slash. */
bool origin_check(struct text base, struct err *err);

/* base + path, where each '*' of path is replaced by the next segment, percent-escaped so that it stays one segment.
 * An empty segment, "." and ".." are ERR_INVALID. As many segments as stars. */
struct origin_path {
	struct text base;
	const char *path;
	const struct text *segments;
	size_t n_segments;
};
bool origin_url(const struct origin_path *in, struct arena *arena, struct text *ret, struct err *err);

/* Does this URL lie below the base: same scheme, host, port and path prefix, with nothing in it that could be read
 * in two ways (user names, backslashes, dot segments, control bytes)? */
bool origin_holds(struct text base, struct text url);

/* "owner/name" in two parts; false and ERR_INVALID when it is anything else. */
bool origin_split(struct text name, struct text parts[2], struct err *err);

#endif
