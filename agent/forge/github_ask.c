/*
 * One request with the token and its answer, sorted into forge.h's codes. A refusal over the rate carries the time
 * from which on asking again is allowed; a redirect is refused, because following it would take the token along.
 */
#include "agent/forge/github_inner.h"
#include "agent/forge/origin.h"

#define RATE_WAIT_MS     60000 /* where the forge names no time */
#define RATE_WAIT_MAX_MS (INT64_C(2) * 3600 * 1000)

struct text github_number(struct arena *arena, int64_t n)
{
	return arena_printf(arena, "%lld", (long long)n);
}

enum err_code github_url(const struct github *github, const struct forge_call *call, const struct github_path *path,
			 struct text *ret, struct err *err)
{
	struct text segments[5];
	struct origin_path in = {github->config.api_url, path->path, segments, 0};

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

static bool rate_limited(const struct http_answer *a)
{
	if (a->status == 429)
		return true;
	return a->status == 403 && (http_answer_header(a, "retry-after").len ||
				    text_is(http_answer_header(a, "x-ratelimit-remaining"), "0") ||
				    text_find(a->body, TEXT_LIT("secondary rate limit")) != SIZE_MAX);
}

static int64_t retry_at(const struct http_answer *a, int64_t now)
{
	int64_t n, at = now + RATE_WAIT_MS;

	if (text_int64(http_answer_header(a, "retry-after"), &n))
		at = n >= 0 && n <= RATE_WAIT_MAX_MS / 1000 ? now + n * 1000 : now + RATE_WAIT_MAX_MS;
	else if (text_is(http_answer_header(a, "x-ratelimit-remaining"), "0") &&
		 text_int64(http_answer_header(a, "x-ratelimit-reset"), &n) && n > 0 && n < INT64_MAX / 1000)
		at = n * 1000;
	if (at < now)
		at = now + 1000; /* clocks differ */
	return at > now + RATE_WAIT_MAX_MS ? now + RATE_WAIT_MAX_MS : at;
}

static const struct {
	unsigned from, to;
	enum err_code code;
	const char *what;
} sorts[] = {
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

static bool sort(const struct github *github, const struct github_ask *ask, const struct http_answer *a,
		 struct err *err)
{
	struct text path = {ask->url.at + github->config.api_url.len, ask->url.len - github->config.api_url.len};
	size_t i = 0;

	if (a->status >= 200 && a->status <= 299)
		return true;
	if (rate_limited(a)) {
		err_set(err, ERR_RETRY, "%u: rate limit", a->status);
		err->retry_at_ms = retry_at(a, github->clock.wall(github->clock.self));
		return false;
	}
	while (a->status < sorts[i].from || a->status > sorts[i].to)
		i++;
	return err_set(err, sorts[i].code, "%s %.*s: %u, %s", ask->method, TEXT_ARG(text_cut(path, 120)), a->status,
		       sorts[i].what);
}

/* ---- sending ---- */

static enum err_code send_once(struct github *github, const struct forge_call *call, const struct github_ask *ask,
			       struct http_answer *ret, struct err *err)
{
	struct http_header headers[] = {
		{TEXT_LIT("Authorization"), arena_printf(call->arena, "Bearer %s", github->token)},
		{TEXT_LIT("Accept"), TEXT_LIT("application/vnd.github+json")},
		{TEXT_LIT("X-GitHub-Api-Version"), TEXT_LIT("2022-11-28")},
		{TEXT_LIT("User-Agent"), TEXT_LIT("headgate/" HEADGATE_VERSION)},
		{TEXT_LIT("Content-Type"), TEXT_LIT("application/json")},
	};
	struct http_request in = {
		.method = text_of(ask->method),
		.url = ask->url,
		.headers = headers,
		.n_headers = ask->body.len ? 5 : 4,
		.body = ask->body,
		.max_bytes = github->config.answer_bytes,
		.deadline_ms = call->deadline_ms,
		.arena = call->arena,
	};

	return github->http.send(github->http.self, &in, ret, err);
}

enum err_code github_send(struct github *github, const struct forge_call *call, const struct github_ask *ask,
			  struct github_reply *ret, struct err *err)
{
	struct github_reply reply = {.date = WHEN_UNKNOWN};
	enum err_code code = send_once(github, call, ask, &reply.answer, err);

	if (code == ERR_OK && reply.answer.status == 401) {
		/* The token may have been replaced while we ran. */
		if (!github_token_read(github, err))
			return err->code;
		code = send_once(github, call, ask, &reply.answer, err);
	}
	ret->answer.maybe_sent = reply.answer.maybe_sent;
	if (code != ERR_OK)
		return code;
	if (!sort(github, ask, &reply.answer, err)) {
		ret->answer = reply.answer;
		ret->answer.maybe_sent = reply.answer.status >= 500; /* a refusal did nothing */
		return err->code;
	}
	reply.doc = jdoc_parse(reply.answer.body, err);
	if (!reply.doc) {
		err->code = ERR_RETRY; /* cut short on its way, most likely */
		return err->code;
	}
	(void)when_parse_http(http_answer_header(&reply.answer, "date"), &reply.date);
	*ret = reply;
	return ERR_OK;
}

enum err_code github_get(struct github *github, const struct forge_call *call, const struct github_path *path,
			 struct github_reply *ret, struct err *err)
{
	struct github_ask ask = {.method = "GET"};
	enum err_code code = github_url(github, call, path, &ask.url, err);

	return code == ERR_OK ? github_send(github, call, &ask, ret, err) : code;
}
