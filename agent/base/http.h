/*
 * http: the client port below forge and tracker. One request, one complete answer within its deadline, or an error
 * that says whether the request may have reached the other side. Never follows redirects, never reads .netrc or proxy
 * variables; the scheme and host are checked by the caller (forge/origin.h) before a request is made.
 *
 * http_curl: one handle with kept connections per struct http_curl; one thread at a time per handle. Make and free them
 * on one thread while no other one uses any (older libcurls initialise themselves unlocked). Plain http is refused
 * beyond this machine. Reads share connections, over HTTP/2 where it is offered; a request that changes something takes
 * a new one.
 */
#ifndef AGENT_BASE_HTTP_H
#define AGENT_BASE_HTTP_H

#include "policy/arena.h"
#include "policy/err.h"

struct http_header {
	struct text name, value;
};

struct http_request {
	struct text method, url;
	const struct http_header *headers;
	size_t n_headers;
	struct text body; /* sent when not empty or the method is POST, PUT or PATCH */
	size_t max_bytes; /* of the answer's body; more: ERR_LIMIT */
	int64_t deadline_ms;
	struct arena *arena;
};

struct http_answer {
	unsigned status;
	const struct http_header *headers; /* names in lower case */
	size_t n_headers;
	struct text body; /* NUL-terminated besides */
	bool maybe_sent;  /* set also on failure: the request may have reached the other side */
};

struct http_port {
	void *self;
	/* in->deadline_ms: monotonic, absolute. Everything in *out is owned by in->arena. */
	enum err_code (*send)(void *self, const struct http_request *in, struct http_answer *out, struct err *err);
};

struct text http_answer_header(const struct http_answer *answer, const char *lower_name);

struct http_curl;
struct http_curl_config {
	const char *ca_file;     /* NULL: the system's */
	const char *unix_socket; /* NULL: TCP */
};
struct http_curl *http_curl_new(const struct http_curl_config *config, struct err *err);
void http_curl_free(struct http_curl *http); /* takes NULL */
struct http_port http_curl_port(struct http_curl *http);

#endif
