/*
 * One request with our key, and its answer sorted. What the tracker says in words is never read, and never repeated:
 * its messages name bugs. A redirect is refused, since following it would take the key along.
 */
#include "agent/tracker/bugzilla_inner.h"

#include "agent/forge/origin.h"
#include "webhooks/crypto.h"

#define RATE_WAIT_MS     60000 /* where the tracker names no time; whoever calls doubles it (ask.h) */
#define RATE_WAIT_MAX_MS (INT64_C(3600) * 1000)

#define NOT_ITS_OWN "not the tracker's own word: something before it, perhaps"

#define ANY        -1
#define UNNUMBERED INT64_MAX /* an error without a number; in a row: of whatever tells none */

/* What is before a tracker answers so for it: a redirect, a login page, a proxy. The tracker itself numbers what it
 * refuses, so that without a number nobody heard from it. The first row that fits. `code`: of the body's error; 0: it
 * has none. */
static const struct sort {
	unsigned from, to;
	int64_t code;
	enum err_code sorted;
	enum bugzilla_fate fate;
	bool paced; /* asked too much */
	const char *what;
} sorts[] = {
	{200, 299, 0, ERR_OK, BUGZILLA_TOLD, false, ""},
	{401, 401, 102, ERR_OK, BUGZILLA_HIDDEN, false, ""},
	{404, 404, 101, ERR_OK, BUGZILLA_MISSING, false, ""},
	{400, 400, 306, ERR_DENIED, BUGZILLA_TOLD, false, "the API key is not accepted"},
	{401, 401, 410, ERR_DENIED, BUGZILLA_TOLD, false, "a key is asked for"},
	{404, 404, 32614, ERR_GONE, BUGZILLA_TOLD, false, "this tracker has no such call"},
	{400, 400, 32000, ERR_RETRY, BUGZILLA_TOLD, true, "refused without a reason: asked too often, perhaps"},
	{200, 200, 100500, ERR_RETRY, BUGZILLA_TOLD, false, "an error inside of the tracker"},
	{200, 299, ANY, ERR_INVALID, BUGZILLA_TOLD, false, "an error that is answered as if it were none"},
	{300, 399, UNNUMBERED, ERR_RETRY, BUGZILLA_TOLD, false, "a redirect, which is never followed: " NOT_ITS_OWN},
	{300, 399, ANY, ERR_INVALID, BUGZILLA_TOLD, false, "a redirect, which is never followed"},
	{401, 401, UNNUMBERED, ERR_RETRY, BUGZILLA_TOLD, false, NOT_ITS_OWN},
	{403, 403, UNNUMBERED, ERR_RETRY, BUGZILLA_TOLD, false, NOT_ITS_OWN},
	{407, 407, UNNUMBERED, ERR_RETRY, BUGZILLA_TOLD, false, NOT_ITS_OWN},
	{408, 408, ANY, ERR_RETRY, BUGZILLA_TOLD, false, "timeout at the tracker"},
	{414, 414, ANY, ERR_LIMIT, BUGZILLA_TOLD, false, "the request's address is too long"},
	{429, 429, ANY, ERR_RETRY, BUGZILLA_TOLD, true, "rate limit"},
	{400, 499, ANY, ERR_INVALID, BUGZILLA_TOLD, false, "the tracker rejects the request"},
	{500, 599, ANY, ERR_RETRY, BUGZILLA_TOLD, false, "the tracker is unwell"},
	{0, UINT32_MAX, ANY, ERR_INVALID, BUGZILLA_TOLD, false, "not an answer the documentation knows"},
};

static bool fits(const struct sort *s, unsigned status, int64_t code)
{
	return status >= s->from && status <= s->to &&
	       (s->code == ANY || s->code == code || (s->code == UNNUMBERED && code == 0));
}

static const struct sort *sort_of(unsigned status, int64_t code)
{
	const struct sort *s = sorts;

	while (!fits(s, status, code))
		s++;
	return s;
}

/* 0: says no error. */
static int64_t code_of(const struct jdoc *doc)
{
	jval root = doc ? jdoc_root(doc) : NULL;
	int64_t code;

	if (!root || (!jget(root, "error") && !jget(root, "code")) || jtri(root, "error") == TRI_NO)
		return 0;
	code = jint(root, "code", UNNUMBERED);
	return code == 0 || code == ANY ? UNNUMBERED : code;
}

static int64_t retry_at(const struct http_answer *a, int64_t now)
{
	struct text said = http_answer_header(a, "retry-after");
	int64_t n, at = now + RATE_WAIT_MS;

	if (text_int64(said, &n))
		at = n >= 0 && n <= RATE_WAIT_MAX_MS / 1000 ? now + n * 1000 : now + RATE_WAIT_MAX_MS;
	else if (!when_parse_http(said, &at))
		at = now + RATE_WAIT_MS;
	if (at <= now)
		at = now + 1000; /* clocks differ */
	return at > now + RATE_WAIT_MAX_MS ? now + RATE_WAIT_MAX_MS : at;
}

static bool refused(const struct bugzilla *b, const struct sort *s, const struct http_answer *a, int64_t code,
		    struct err *err)
{
	if (code != 0 && code != UNNUMBERED)
		err_set(err, s->sorted, "%u, code %lld: %s", a->status, (long long)code, s->what);
	else
		err_set(err, s->sorted, "%u: %s", a->status, s->what);
	if (s->paced)
		err->retry_at_ms = retry_at(a, b->ports.clock.wall(b->ports.clock.self));
	return false;
}

/* *doc: parsed where the body is JSON; a refusal may come as HTML. */
static bool sort(const struct bugzilla *b, const struct bugzilla_path *path, const struct http_answer *a,
		 struct bugzilla_reply *ret, struct err *err)
{
	int64_t code = code_of(ret->doc);
	const struct sort *s = sort_of(a->status, code);

	if (path->may_refuse && (s->sorted == ERR_INVALID || s->sorted == ERR_GONE) && a->status / 100 == 4) {
		ret->fate = BUGZILLA_REFUSED;
		return true;
	}
	if (s->sorted != ERR_OK)
		return refused(b, s, a, code, err);
	ret->fate = s->fate;
	if (s->fate != BUGZILLA_TOLD)
		return path->of_bug || err_set(err, ERR_INVALID, "%u, code %lld: of a bug, where none was asked for",
					       a->status, (long long)code);
	if (!ret->doc)
		return err_set(err, ERR_RETRY, "the answer is not JSON"); /* cut short on its way, most likely */
	return jis_object(jdoc_root(ret->doc)) || err_set(err, ERR_INVALID, "the answer is not an object");
}

/* ---- sending ---- */

static bool url_of(const struct bugzilla *b, const struct bugzilla_path *path, struct arena *arena, struct text *ret,
		   struct err *err)
{
	struct text *segments = arena_alloc(arena, path->n + 1, sizeof *segments);
	struct origin_path in = {b->config.url, path->path, segments, path->n};

	for (size_t i = 0; i < path->n; i++)
		segments[i] = path->segments[i];
	if (!b->flavour->key_in_header) {
		in.path = arena_printf(arena, "%s&api_key=*", path->path).at;
		segments[in.n_segments++] = b->config.key;
	}
	return origin_url(&in, arena, ret, err);
}

static void wipe(struct text t)
{
	if (t.len)
		crypto_cleanse((char *)(uintptr_t)t.at, t.len);
}

struct sending {
	struct text method, url, body;
	int64_t deadline_ms;
};

static enum err_code send(const struct bugzilla *b, const struct sending *what, struct arena *arena,
			  struct http_answer *ret, struct err *err)
{
	const struct http_header key = {TEXT_LIT("X-BUGZILLA-API-KEY"), b->config.key};
	struct http_header headers[4] = {
		{TEXT_LIT("Accept"), TEXT_LIT("application/json")},
		{TEXT_LIT("User-Agent"), TEXT_LIT("headgate/" HEADGATE_VERSION)},
	};
	struct http_request in = {
		.method = what->method,
		.url = what->url,
		.headers = headers,
		.n_headers = 2,
		.body = what->body,
		.max_bytes = b->config.answer_bytes,
		.deadline_ms = what->deadline_ms,
		.arena = arena,
	};
	enum err_code code;

	if (b->flavour->key_in_header)
		headers[in.n_headers++] = key;
	if (what->body.len > 0)
		headers[in.n_headers++] = (struct http_header){TEXT_LIT("Content-Type"), TEXT_LIT("application/json")};
	code = b->ports.http.send(b->ports.http.self, &in, ret, err);
	/* Whoever made this text may have put the address in it, and the key is part of that. */
	if (code != ERR_OK && text_find(text_of(err->text), b->config.key) != SIZE_MAX)
		err_set(err, code, "the tracker cannot be asked");
	return code;
}

enum err_code bugzilla_get(struct bugzilla *b, const struct tracker_call *call, const struct bugzilla_path *path,
			   struct bugzilla_reply *ret, struct err *err)
{
	auto_wiped struct arena scratch = ARENA_EMPTY;
	struct bugzilla_reply reply = {.date = WHEN_UNKNOWN};
	struct http_answer answer = {.status = 0};
	struct sending get = {.method = TEXT_LIT("GET"), .deadline_ms = call->deadline_ms};
	struct err unread;
	enum err_code code;

	if (!url_of(b, path, &scratch, &get.url, err))
		return err->code;
	code = send(b, &get, &scratch, &answer, err);
	wipe(get.url);
	if (code != ERR_OK)
		return code;
	reply.doc = jdoc_parse(answer.body, &unread);
	wipe(answer.body);
	(void)when_parse_http(http_answer_header(&answer, "date"), &reply.date);
	if (!sort(b, path, &answer, &reply, err)) {
		jdoc_free(reply.doc);
		return err->code;
	}
	if (reply.fate != BUGZILLA_TOLD) {
		jdoc_free(reply.doc);
		reply.doc = NULL;
	}
	*ret = reply;
	return ERR_OK;
}

/* ---- changing ---- */

/* A 4xx did nothing. What it may do later it is not told apart from what it never will: the error says that. */
static enum tracker_fate fate_of(const struct http_answer *answer, bool sorted, const struct err *err)
{
	if (answer->status / 100 == 4)
		return sorted || (err->code != ERR_RETRY && err->code != ERR_DENIED) ? TRACKER_REFUSED : TRACKER_UNSENT;
	return sorted ? TRACKER_DONE : TRACKER_DOUBT;
}

static enum err_code sort_change(const struct bugzilla *b, const struct http_answer *answer, enum tracker_fate *fate,
				 struct err *err)
{
	const struct bugzilla_path any = {.of_bug = true};
	struct bugzilla_reply reply = {.date = WHEN_UNKNOWN};
	struct err unread;
	bool ok;

	reply.doc = jdoc_parse(answer->body, &unread);
	ok = sort(b, &any, answer, &reply, err);
	*fate = fate_of(answer, ok, err);
	jdoc_free(reply.doc);
	return ok ? ERR_OK : err->code;
}

static struct text closed(const struct bugzilla *b, const struct bugzilla_change *change, struct arena *arena)
{
	struct text ret;

	if (!b->flavour->key_in_header)
		jwrite_text(change->body, "api_key", b->config.key);
	jwrite_end(change->body);
	ret = arena_text(arena, jwrite_text_of(change->body));
	wipe(jwrite_text_of(change->body));
	jwrite_free(change->body);
	return ret;
}

enum err_code bugzilla_send(struct bugzilla *b, const struct tracker_call *call, const struct bugzilla_change *change,
			    enum tracker_fate *fate, struct err *err)
{
	auto_wiped struct arena scratch = ARENA_EMPTY;
	struct origin_path path = {b->config.url, change->path, &change->segment, 1};
	struct sending what = {.method = text_of(change->method),
			       .body = closed(b, change, &scratch),
			       .deadline_ms = call->deadline_ms};
	struct http_answer answer = {.status = 0};
	enum err_code code;

	*fate = TRACKER_UNSENT;
	if (!origin_url(&path, &scratch, &what.url, err))
		return err->code;
	code = send(b, &what, &scratch, &answer, err);
	wipe(what.body);
	if (code != ERR_OK) {
		*fate = answer.maybe_sent ? TRACKER_DOUBT : TRACKER_UNSENT;
		return code;
	}
	code = sort_change(b, &answer, fate, err);
	wipe(answer.body);
	return code;
}
