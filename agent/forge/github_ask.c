/*
 * One request with its token, and once more with another where the forge refused the first. A read carries the ETag of
 * what is kept of it; a 304 is the forge's word, in this very request, that the kept body is what it would have sent.
 */
#include "agent/forge/github_inner.h"
#include "agent/forge/link.h"

struct text github_number(struct arena *arena, int64_t n)
{
	return arena_printf(arena, "%lld", (long long)n);
}

struct attempt { /* one request, from its token to its answer */
	struct github *github;
	const struct forge_call *call;
	const struct github_ask *ask;
	struct access_token token;
	struct etags_key key;
	bool get;
	bool own;         /* is kept, and may be answered by what is: no proof of the App's reads for anybody else */
	bool kept;        /* answered by what is kept */
	int64_t asked_at; /* monotonic */
};

static struct rest rest_of(const struct github *github)
{
	return (struct rest){github->config.api_url, github->http, github->clock, github->config.answer_bytes};
}

static void count(const struct attempt *a, const struct http_answer *answer)
{
	const struct text label = a->kept ? TEXT_LIT("not_modified") : TEXT_LIT("fresh");

	if (a->get && answer->status >= 200 && answer->status <= 299)
		metrics_add(a->github->config.metrics, METRIC_FORGE_READS, &label, 1);
}

/* ret->status 304 is left only where nothing was kept. */
static enum err_code send_once(struct attempt *a, struct http_answer *ret, struct err *err)
{
	struct rest rest = rest_of(a->github);
	struct rest_ask ask = {a->ask->method, a->ask->url, a->ask->body, a->token.bytes, TEXT_EMPTY};
	struct github_turn turn = github_turn_of(a->github, a->call, a->token.installation, a->ask);
	const struct etags_kept *kept = NULL;
	enum err_code code;

	if (!github_may_send(&turn, err))
		return err->code;
	a->key = etags_key(a->token.sha256, a->ask->url);
	a->asked_at = a->github->clock.mono(a->github->clock.self);
	if (a->own)
		kept = etags_take(a->github->config.etags, &a->key, a->call->sent_since);
	if (kept)
		ask.etag = etags_etag(kept);
	code = rest_send(&rest, a->call, &ask, ret, err);
	github_told(&turn, code == ERR_OK ? ret : NULL);
	a->kept = code == ERR_OK && kept && ret->status == 304;
	if (a->kept)
		*ret = etags_answer(kept, ret, a->call->arena);
	etags_give(a->github->config.etags, kept);
	return code;
}

/* A refused proof is not made again: the next one would say the same. */
static enum err_code send_proven(struct attempt *a, struct http_answer *ret, struct err *err)
{
	enum err_code code = access_prove(a->github->config.access, &a->token, err);

	return code == ERR_OK ? send_once(a, ret, err) : code;
}

static enum err_code send_with_token(struct attempt *a, struct http_answer *ret, struct err *err)
{
	struct access *access = a->github->config.access;
	enum err_code code;

	if (a->ask->as_app)
		return send_proven(a, ret, err);
	code = access_take(access, a->github->http, a->call, &a->token, err);
	if (code != ERR_OK)
		return code;
	code = send_once(a, ret, err);
	if (code != ERR_OK || ret->status != 401)
		return code;
	access_refused(access, &a->token); /* replaced while we ran, or revoked */
	access_drop(&a->token);
	*ret = (struct http_answer){.status = 0};
	code = access_take(access, a->github->http, a->call, &a->token, err);
	return code == ERR_OK ? send_once(a, ret, err) : code;
}

/* A full page without a next one may get one while its own bytes, and its ETag with them, stay what they are: then
 * "not modified" would cut the list short. */
static bool may_grow(const struct github_ask *ask, const struct http_answer *answer, const struct jdoc *doc)
{
	struct err err = ERR_NONE;
	struct text next;

	if (!jis_array(jdoc_root(doc)) || jlen(jdoc_root(doc)) < ask->page_items)
		return false;
	for (size_t i = 0; i < answer->n_headers; i++)
		if (text_is(answer->headers[i].name, "link") && link_next(answer->headers[i].value, &next, &err) &&
		    next.len)
			return false;
	return true;
}

static void keep(const struct attempt *a, const struct http_answer *answer, const struct jdoc *doc)
{
	static const struct http_answer nothing = {.status = 0};

	if (a->own && !a->kept)
		etags_keep(a->github->config.etags, &a->key, may_grow(a->ask, answer, doc) ? &nothing : answer,
			   a->asked_at);
}

static enum err_code take_answer(const struct attempt *a, struct github_reply *reply, struct err *err)
{
	if (a->ask->blind)
		return ERR_OK;
	reply->doc = jdoc_parse(reply->answer.body, err);
	if (!reply->doc) {
		err->code = ERR_RETRY; /* cut short on its way, most likely */
		return err->code;
	}
	count(a, &reply->answer);
	keep(a, &reply->answer, reply->doc);
	reply->installation = a->token.installation;
	(void)when_parse_http(http_answer_header(&reply->answer, "date"), &reply->date);
	return ERR_OK;
}

enum err_code github_send(struct github *github, const struct forge_call *call, const struct github_ask *ask,
			  struct github_reply *ret, struct err *err)
{
	struct attempt a = {.github = github, .call = call, .ask = ask};
	struct rest rest = rest_of(github);
	struct rest_ask asked = {.method = ask->method, .url = ask->url};
	struct github_reply reply = {.date = WHEN_UNKNOWN};
	enum err_code code;

	a.get = strcmp(ask->method, "GET") == 0;
	a.own = a.get && !ask->as_app;
	code = send_with_token(&a, &reply.answer, err);
	ret->answer.maybe_sent = reply.answer.maybe_sent;
	if (code == ERR_OK && !rest_sort(&rest, &asked, &reply.answer, err)) {
		ret->answer = reply.answer;
		ret->answer.maybe_sent = reply.answer.status >= 500; /* a refusal did nothing */
		code = err->code;
	} else if (code == ERR_OK) {
		code = take_answer(&a, &reply, err);
		if (code == ERR_OK)
			*ret = reply;
	}
	access_drop(&a.token);
	return code;
}

enum err_code github_get(struct github *github, const struct forge_call *call, const struct rest_path *path,
			 struct github_reply *ret, struct err *err)
{
	struct github_ask ask = {.method = "GET"};
	enum err_code code = rest_url(github->config.api_url, call, path, &ask.url, err);

	return code == ERR_OK ? github_send(github, call, &ask, ret, err) : code;
}
