/*
 * rest: one request to the forge's REST API under one Authorization, and its answer sorted into forge.h's codes. Holds
 * nothing, keeps nothing, tries nothing twice; a redirect is refused, because following it would take the token along.
 * Shared by the client (github_ask.c) and by what fetches its tokens (access_app.c).
 */
#ifndef AGENT_FORGE_REST_H
#define AGENT_FORGE_REST_H

#include "agent/base/clock.h"
#include "agent/base/http.h"
#include "agent/forge/forge.h"

struct rest { /* where, and by what means */
	struct text api_url;
	struct http_port http;
	struct clock_port clock; /* the wall of retry_at_ms */
	size_t answer_bytes;
};

struct rest_ask {
	const char *method;
	struct text url, body;
	struct text bearer; /* borrowed during the call */
	struct text etag;   /* If-None-Match; empty: none */
};

/* Any whole answer, whatever its status; ERR_RETRY or ERR_LIMIT without one. ret->maybe_sent is set in any case. */
enum err_code rest_send(const struct rest *rest, const struct forge_call *call, const struct rest_ask *ask,
			struct http_answer *ret, struct err *err);

/* A time that the forge named, as one at which asking again makes sense. */
int64_t rest_retry_within(int64_t now, int64_t at);

bool rest_limited(const struct http_answer *answer); /* refused because too much was asked */

/* True: 2xx. Else *err by forge.h's codes; a refusal over the rate is ERR_RETRY with the time from which on asking
 * again is allowed (docs: best practices for using the REST API). */
bool rest_sort(const struct rest *rest, const struct rest_ask *ask, const struct http_answer *answer, struct err *err);

/* The number of the repository behind an old name, where the forge leads on from it to our own origin; 0: it does not.
 * `rest`: what was asked for behind the name, "/installation". No URL of an answer is asked for: the number is, in a
 * URL of ours. Only a GET is led on, by 301 or 308. */
int64_t rest_moved_to(struct text api_url, const struct http_answer *answer, const char *rest);

/* api_url + path with the repository's owner and name, where path begins with "/repos/", and then the segments in place
 * of the stars. */
struct rest_path {
	const char *path;
	struct text segments[3];
	size_t n;
};
enum err_code rest_url(struct text api_url, const struct forge_call *call, const struct rest_path *path,
		       struct text *ret, struct err *err);

#endif
