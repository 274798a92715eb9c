#include "agent/forge/rest.h"

#include <string.h>

#include "agent/forge/origin.h"
#include "webhooks/crypto.h"

#define RATE_WAIT_MS     60000 /* where the forge names no time */
#define RATE_WAIT_MAX_MS (INT64_C(2) * 3600 * 1000)

enum err_code rest_url(struct text api_url, const struct forge_call *call, const struct rest_path *path,
		       struct text *ret, struct err *err)
{
	struct text segments[5];
	struct origin_path in = {api_url, path->path, segments, 0};

	if (!strncmp(path->path, "/repos/", 7)) {
		if (!origin_split(call->repo.name, segments, err))
			return err->code;
		in.n_segments = 2;
	}
	for (size_t i = 0; i < path->n; i++)
		segments[in.n_segments++] = path->segments[i];
	return origin_url(&in, call->arena, ret, err) ? ERR_OK : err->code;
}

/* ---- sorting answers ---- */

bool rest_limited(const struct http_answer *a)
{
	if (a->status == 429)
		return true;
	return a->status == 403 && (http_answer_header(a, "retry-after").len ||
				    text_is(http_answer_header(a, "x-ratelimit-remaining"), "0") ||
				    text_find(a->body, TEXT_LIT("secondary rate limit")) != SIZE_MAX);
}

int64_t rest_moved_to(struct text api_url, const struct http_answer *answer, const char *rest)
{
	static const struct text path = {"/repositories/", 14};
	struct text at = http_answer_header(answer, "location");
	size_t tail = strlen(rest);
	int64_t id;

	if ((answer->status != 301 && answer->status != 308) || !origin_holds(api_url, at))
		return 0;
	at = (struct text){at.at + api_url.len, at.len - api_url.len};
	if (!text_starts(at, path))
		return 0;
	at = (struct text){at.at + path.len, at.len - path.len};
	if (!text_ends(at, text_of(rest)))
		return 0;
	return text_int64((struct text){at.at, at.len - tail}, &id) && id > 0 ? id : 0;
}

int64_t rest_retry_within(int64_t now, int64_t at)
{
	if (at < now)
		at = now + 1000; /* clocks differ */
	return at > now + RATE_WAIT_MAX_MS ? now + RATE_WAIT_MAX_MS : at;
}

static int64_t retry_at(const struct http_answer *a, int64_t now)
{
	int64_t n, at = now + RATE_WAIT_MS;

	if (text_int64(http_answer_header(a, "retry-after"), &n))
		at = n >= 0 && n <= RATE_WAIT_MAX_MS / 1000 ? now + n * 1000 : now + RATE_WAIT_MAX_MS;
	else if (text_is(http_answer_header(a, "x-ratelimit-remaining"), "0") &&
		 text_int64(http_answer_header(a, "x-ratelimit-reset"), &n) && n > 0 && n < INT64_MAX / 1000)
		at = n * 1000;
	return rest_retry_within(now, at);
}

static const struct {
	unsigned from, to;
	enum err_code code;
	const char *what;
} sorts[] = {
	{304, 304, ERR_INVALID, "not modified, and nobody asked whether it was"},
	{300, 399, ERR_INVALID, "a redirect, which is never followed"},
	{401, 401, ERR_DENIED, "the token is not accepted"},
	{403, 403, ERR_DENIED, "not allowed with this token"},
	{404, 404, ERR_GONE, "does not exist, or not for this token"},
	{408, 408, ERR_RETRY, "timeout at the forge"},
	{410, 410, ERR_GONE, "is gone"},
	{422, 422, ERR_DENIED, "the forge rejects the request"},
	{400, 499, ERR_DENIED, "the forge rejects the request"},
	{500, 599, ERR_RETRY, "the forge is unwell"},
	{0, UINT32_MAX, ERR_INVALID, "not an answer the documentation knows"},
};

bool rest_sort(const struct rest *rest, const struct rest_ask *ask, const struct http_answer *a, struct err *err)
{
	bool below = text_starts(ask->url, rest->api_url);
	struct text path =
		below ? (struct text){ask->url.at + rest->api_url.len, ask->url.len - rest->api_url.len} : ask->url;
	size_t i = 0;

	if (a->status >= 200 && a->status <= 299)
		return true;
	if (rest_limited(a)) {
		err_set(err, ERR_RETRY, "%u: rate limit", a->status);
		err->retry_at_ms = retry_at(a, rest->clock.wall(rest->clock.self));
		return false;
	}
	while (a->status < sorts[i].from || a->status > sorts[i].to)
		i++;
	return err_set(err, sorts[i].code, "%s %.*s: %u, %s", ask->method, TEXT_ARG(text_cut(path, 120)), a->status,
		       sorts[i].what);
}

/* ---- sending ---- */

enum err_code rest_send(const struct rest *rest, const struct forge_call *call, const struct rest_ask *ask,
			struct http_answer *ret, struct err *err)
{
	struct text bearer = arena_printf(call->arena, "Bearer %.*s", TEXT_ARG(ask->bearer));
	struct http_header headers[6] = {
		{TEXT_LIT("Authorization"), bearer},
		{TEXT_LIT("Accept"), TEXT_LIT("application/vnd.github+json")},
		{TEXT_LIT("X-GitHub-Api-Version"), TEXT_LIT("2022-11-28")},
		{TEXT_LIT("User-Agent"), TEXT_LIT("headgate/" HEADGATE_VERSION)},
	};
	struct http_request in = {
		.method = text_of(ask->method),
		.url = ask->url,
		.headers = headers,
		.n_headers = 4,
		.body = ask->body,
		.max_bytes = rest->answer_bytes,
		.deadline_ms = call->deadline_ms,
		.arena = call->arena,
	};
	enum err_code code;

	if (ask->body.len)
		headers[in.n_headers++] = (struct http_header){TEXT_LIT("Content-Type"), TEXT_LIT("application/json")};
	if (ask->etag.len)
		headers[in.n_headers++] = (struct http_header){TEXT_LIT("If-None-Match"), ask->etag};
	code = rest->http.send(rest->http.self, &in, ret, err);
	crypto_cleanse((char *)(uintptr_t)bearer.at, bearer.len);
	return code;
}
