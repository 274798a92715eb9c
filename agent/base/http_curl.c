/*
 * http over libcurl, which is met only here. One easy handle per value, reset before each request: connections stay.
 *
 * maybe_sent is learnt from libcurl's pre-request callback, which runs after the connection (and TLS) stands and before
 * the first byte of the request leaves: if it never ran, the other side has certainly seen nothing.
 *
 * A request that changes something gets a connection of its own, because libcurl silently sends a request again when a
 * kept connection turns out to be dead, and a status must never be posted twice. For the same reason it speaks
 * HTTP/1.1: over HTTP/2 libcurl repeats what the server declined to process. Reads speak HTTP/2 where TLS offers it.
 *
 * Each value keeps connections for itself. libcurl can share them between handles, but its documentation does not
 * support that between threads (CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT), whatever locks it is given.
 */
#include "agent/base/http.h"

#include <assert.h>
#include <curl/curl.h>

#include "agent/base/clock.h"
#include "policy/memory.h"
#include "webhooks/wiped.h"

#define HEADER_BYTES_MAX ((size_t)64 * 1024) /* of one answer, interim answers included */
#define HEADERS_MAX      128
#define CONNECT_MS_MAX   10000
#define URL_BYTES_MAX    8192

struct http_curl {
	CURL *easy;
	char *ca_file, *unix_socket;
	struct clock_port clock;
};

struct exchange { /* one request under way */
	const struct http_request *in;
	struct http_header *headers;
	size_t n_headers, header_bytes;
	char *body;
	size_t len, room;
	bool sent;
	bool complete;    /* the empty line after the headers came */
	const char *over; /* the limit that was exceeded */
};

static char *copy_or_null(const char *s)
{
	char *copy = s ? strdup(s) : NULL;

	if (s && !copy)
		out_of_memory();
	return copy;
}

struct http_curl *http_curl_new(const struct http_curl_config *config, struct err *err)
{
	struct http_curl *http = calloc(1, sizeof *http);

	if (!http)
		out_of_memory();
	if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, wiped_free, wiped_resize, strdup, calloc) != CURLE_OK ||
	    !(http->easy = curl_easy_init())) {
		free(http);
		err_set(err, ERR_RETRY, "libcurl cannot be initialised");
		return NULL;
	}
	http->ca_file = copy_or_null(config->ca_file);
	http->unix_socket = copy_or_null(config->unix_socket);
	http->clock = clock_system();
	return http;
}

void http_curl_free(struct http_curl *http)
{
	if (!http)
		return;
	curl_easy_cleanup(http->easy);
	curl_global_cleanup();
	free(http->ca_file);
	free(http->unix_socket);
	free(http);
}

/* ---- what libcurl calls ---- */

static int on_connected(void *arg, char *peer, char *local, int peer_port, int local_port)
{
	struct exchange *x = arg;

	(void)peer, (void)local, (void)peer_port, (void)local_port;
	x->sent = true;
	return CURL_PREREQFUNC_OK;
}

static struct text trim(struct text t)
{
	while (t.len && strchr(" \t\r\n", t.at[0]))
		t.at++, t.len--;
	while (t.len && strchr(" \t\r\n", t.at[t.len - 1]))
		t.len--;
	return t;
}

static struct text lower(struct arena *arena, struct text t)
{
	char *copy = arena_alloc(arena, t.len + 1, 1);

	for (size_t i = 0; i < t.len; i++)
		copy[i] = (char)(t.at[i] >= 'A' && t.at[i] <= 'Z' ? t.at[i] + 32 : t.at[i]);
	return (struct text){copy, t.len};
}

static size_t on_header(char *bytes, size_t size, size_t n, void *arg)
{
	struct exchange *x = arg;
	struct text line = {bytes, size * n};
	const char *colon = memchr(bytes, ':', line.len);

	x->header_bytes += line.len;
	if (x->header_bytes > HEADER_BYTES_MAX || x->n_headers == HEADERS_MAX) {
		x->over = "the answer's headers (64 KiB, 128 lines)";
		return 0;
	}
	if (text_starts(line, TEXT_LIT("HTTP/"))) {
		x->n_headers = 0; /* what came before belonged to an interim answer */
		x->complete = false;
		return line.len;
	}
	x->complete = x->complete || trim(line).len == 0;
	if (colon) {
		struct text name = {bytes, (size_t)(colon - bytes)};
		struct text value = {colon + 1, line.len - name.len - 1};

		x->headers[x->n_headers++] =
			(struct http_header){lower(x->in->arena, trim(name)), arena_text(x->in->arena, trim(value))};
	}
	return line.len;
}

static size_t on_body(char *bytes, size_t size, size_t n, void *arg)
{
	struct exchange *x = arg;
	size_t len = size * n;

	if (len > x->in->max_bytes - x->len) {
		x->over = "the answer's body (limits.answer_bytes)";
		return 0;
	}
	if (x->len + len > x->room) {
		x->room = (x->len + len) * 2;
		x->body = wiped_resize(x->body, x->room);
		if (!x->body)
			out_of_memory();
	}
	if (len)
		memcpy(x->body + x->len, bytes, len);
	x->len += len;
	return len;
}

/* ---- the request ---- */

static bool plain(struct text t)
{
	for (size_t i = 0; i < t.len; i++)
		if ((unsigned char)t.at[i] < 0x20 || (unsigned char)t.at[i] == 0x7f)
			return false;
	return true;
}

static bool loopback(const char *host)
{
	static const char *const names[] = {"127.0.0.1", "[::1]", "localhost"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (!strcmp(host, names[i]))
			return true;
	return false;
}

/* https, or http to this very machine; no user name in it. */
static bool url_allowed(const char *url, bool local_socket, struct err *err)
{
	CURLU *parts = curl_url();
	char *scheme = NULL, *host = NULL;
	bool ok = false;

	if (!parts)
		out_of_memory();
	if (curl_url_set(parts, CURLUPART_URL, url, CURLU_DISALLOW_USER | CURLU_PATH_AS_IS) != CURLUE_OK ||
	    curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
	    curl_url_get(parts, CURLUPART_HOST, &host, 0) != CURLUE_OK)
		err_set(err, ERR_INVALID, "not a URL that can be asked");
	else if (!strcmp(scheme, "https") || (!strcmp(scheme, "http") && (local_socket || loopback(host))))
		ok = true;
	else
		err_set(err, ERR_INVALID, "refused: %.20s to %.100s; https is needed beyond this machine", scheme,
			host);
	curl_free(scheme);
	curl_free(host);
	curl_url_cleanup(parts);
	return ok;
}

static bool check(const struct http_curl *http, const struct http_request *in, char url[URL_BYTES_MAX], struct err *err)
{
	if (in->url.len >= URL_BYTES_MAX || !plain(in->url) || !plain(in->method) || in->method.len == 0 ||
	    in->method.len > 10)
		return err_set(err, ERR_INVALID, "the request's method or URL is malformed");
	for (size_t i = 0; i < in->n_headers; i++)
		if (!plain(in->headers[i].name) || !plain(in->headers[i].value))
			return err_set(err, ERR_INVALID, "a request header holds control bytes");
	memcpy(url, in->url.at, in->url.len);
	url[in->url.len] = '\0';
	return url_allowed(url, http->unix_socket != NULL, err);
}

static void append(struct curl_slist **list, const char *line)
{
	struct curl_slist *longer = curl_slist_append(*list, line);

	if (!longer)
		out_of_memory();
	*list = longer;
}

static struct curl_slist *header_lines(const struct http_request *in)
{
	struct curl_slist *list = NULL;

	append(&list, "Expect:");
	append(&list, "Accept-Encoding: identity"); /* so that the limit on bytes is the limit on what is kept */
	for (size_t i = 0; i < in->n_headers; i++) {
		struct text line = arena_printf(in->arena, "%.*s: %.*s", TEXT_ARG(in->headers[i].name),
						TEXT_ARG(in->headers[i].value));

		append(&list, line.at);
		explicit_bzero((char *)(uintptr_t)line.at, line.len);
	}
	return list;
}

/* One of them holds a token. */
static void free_lines(struct curl_slist *list)
{
	for (struct curl_slist *at = list; at; at = at->next)
		explicit_bzero(at->data, strlen(at->data));
	curl_slist_free_all(list);
}

static void set_wire(const struct http_curl *http, struct exchange *x, const char *url)
{
	CURL *c = http->easy;

	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	curl_easy_setopt(c, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (http->ca_file)
		curl_easy_setopt(c, CURLOPT_CAINFO, http->ca_file);
	if (http->unix_socket)
		curl_easy_setopt(c, CURLOPT_UNIX_SOCKET_PATH, http->unix_socket);
	curl_easy_setopt(c, CURLOPT_PREREQFUNCTION, on_connected);
	curl_easy_setopt(c, CURLOPT_PREREQDATA, x);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, x);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, x);
}

static void set_method(CURL *c, const struct http_request *in)
{
	bool read_only = text_is(in->method, "GET") || text_is(in->method, "HEAD");
	bool body = in->body.len || text_is(in->method, "POST") || text_is(in->method, "PUT") ||
		    text_is(in->method, "PATCH");

	if (body) {
		curl_easy_setopt(c, CURLOPT_POST, 1L);
		curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)in->body.len);
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, in->body.len ? in->body.at : "");
	}
	if (text_is(in->method, "HEAD"))
		curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
	else
		curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, arena_text(in->arena, in->method).at);
	curl_easy_setopt(c, CURLOPT_FRESH_CONNECT, read_only ? 0L : 1L);
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)(read_only ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
}

/* libcurl takes a connection that closes for the end of headers, and of a body without a length. HTTP/2 says itself
 * where an answer ends, and libcurl minds that. */
static bool framed(CURL *easy, const struct exchange *x, struct err *err)
{
	struct http_answer seen = {.headers = x->headers, .n_headers = x->n_headers};
	long version = 0;

	if (!x->complete)
		return err_set(err, ERR_RETRY, "the answer's headers are cut short");
	curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
	if (version >= CURL_HTTP_VERSION_2_0)
		return true;
	if (x->len && !http_answer_header(&seen, "content-length").len &&
	    !http_answer_header(&seen, "transfer-encoding").len)
		return err_set(err, ERR_RETRY, "an answer that does not say how long it is");
	return true;
}

static bool perform(struct http_curl *http, struct exchange *x, const char *url, struct err *err)
{
	struct curl_slist *lines = header_lines(x->in);
	int64_t left = x->in->deadline_ms - http->clock.mono(http->clock.self);
	char why[CURL_ERROR_SIZE] = "";
	CURLcode code;

	if (left <= 0) {
		free_lines(lines);
		return err_set(err, ERR_RETRY, "the deadline passed before the request was made");
	}
	curl_easy_reset(http->easy);
	set_wire(http, x, url);
	set_method(http->easy, x->in);
	curl_easy_setopt(http->easy, CURLOPT_HTTPHEADER, lines);
	curl_easy_setopt(http->easy, CURLOPT_ERRORBUFFER, why);
	curl_easy_setopt(http->easy, CURLOPT_TIMEOUT_MS, (long)left);
	curl_easy_setopt(http->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)(left < CONNECT_MS_MAX ? left : CONNECT_MS_MAX));
	code = curl_easy_perform(http->easy);
	curl_easy_setopt(http->easy, CURLOPT_ERRORBUFFER, NULL);
	curl_easy_setopt(http->easy, CURLOPT_HTTPHEADER, NULL);
	free_lines(lines);
	if (x->over)
		return err_set(err, ERR_LIMIT, "more than the limit of %s", x->over);
	if (code != CURLE_OK)
		return err_set(err, ERR_RETRY, "%.150s", why[0] ? why : curl_easy_strerror(code));
	return framed(http->easy, x, err);
}

static enum err_code send_one(void *self, const struct http_request *in, struct http_answer *out, struct err *err)
{
	struct http_curl *http = self;
	struct exchange x = {.in = in};
	char url[URL_BYTES_MAX];
	bool ok = false;
	long status = 0;

	assert(in->arena && in->max_bytes > 0);
	if (check(http, in, url, err)) {
		x.headers = arena_alloc(in->arena, HEADERS_MAX, sizeof *x.headers);
		ok = perform(http, &x, url, err);
	}
	if (ok)
		curl_easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &status);
	if (ok)
		*out = (struct http_answer){(unsigned)status, x.headers, x.n_headers,
					    arena_text(in->arena, (struct text){x.body, x.len}), true};
	out->maybe_sent = x.sent;
	explicit_bzero(url, sizeof url); /* some trackers take their key nowhere else */
	if (x.body)
		explicit_bzero(x.body, x.len); /* it may have brought one */
	free(x.body);
	return ok ? ERR_OK : err->code;
}

struct http_port http_curl_port(struct http_curl *http)
{
	return (struct http_port){http, send_one};
}
