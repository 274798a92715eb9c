#include "tests/support/bug_bench.h"

#include <check.h>
#include <string.h>

#define IN_QUERY "&api_key=k3y-that%2Bnobody%2Fmay-see"

static int64_t now(void *self)
{
	(void)self;
	return BUG_BENCH_NOW;
}

static struct text header_of(const struct http_request *in, const char *name)
{
	for (size_t i = 0; i < in->n_headers; i++)
		if (text_is(in->headers[i].name, name))
			return in->headers[i].value;
	return TEXT_EMPTY;
}

/* Where the key goes into no header it ends the body of what changes something. */
static void check_body(const struct bug_step *step, const struct http_request *in, bool upstream)
{
	struct text sent = text_of(step->sent ? step->sent : "");

	ck_assert(text_is(header_of(in, "Content-Type"), step->sent ? "application/json" : ""));
	if (upstream && step->sent)
		sent = arena_printf(in->arena, "%.*s,\"api_key\":\"" BUG_BENCH_KEY "\"}", (int)sent.len - 1, sent.at);
	ck_assert_msg(text_eq(in->body, sent), "%.*s instead of %.*s", TEXT_ARG(in->body), TEXT_ARG(sent));
}

static void check(const struct bug_bench *b, const struct bug_step *step, const struct http_request *in)
{
	bool bmo = strcmp(b->kind->name, "bmo") == 0, upstream = strcmp(b->kind->name, "bugzilla") == 0;
	const char *key = upstream && !step->method ? IN_QUERY : "";

	ck_assert(text_is(in->method, step->method ? step->method : "GET"));
	check_body(step, in, upstream);
	ck_assert(text_starts(in->url, TEXT_LIT(BUG_BENCH_URL "/")));
	ck_assert(text_is(header_of(in, "X-BUGZILLA-API-KEY"), bmo ? BUG_BENCH_KEY : ""));
	ck_assert(!header_of(in, "Cookie").len && !header_of(in, "cookie").len);
	ck_assert((text_find(in->url, TEXT_LIT("nobody")) != SIZE_MAX) == (upstream && !step->method));
	if (step->path) {
		struct text url = arena_printf(in->arena, BUG_BENCH_URL "%s%s", step->path, key);

		ck_assert_msg(text_eq(in->url, url), "%.*s instead of %.*s", TEXT_ARG(in->url), TEXT_ARG(url));
	}
}

static enum err_code play(void *self, const struct http_request *in, struct http_answer *out, struct err *err)
{
	struct bug_bench *b = self;
	const struct bug_step *step = &b->steps[b->asked];
	struct http_header *headers = arena_alloc(in->arena, 4, sizeof *headers);
	size_t n = 0;

	ck_assert_msg(b->asked < b->n, "one request too many: %.*s", TEXT_ARG(in->url));
	b->asked++;
	check(b, step, in);
	out->maybe_sent = !step->not_sent;
	if (step->fail)
		return err_set(err, step->fail, "no route to %s %.*s", BUG_BENCH_KEY, TEXT_ARG(in->url)), err->code;
	if (strlen(step->body) > in->max_bytes)
		return err_set(err, ERR_LIMIT, "more than the limit"), err->code;
	headers[n++] = (struct http_header){TEXT_LIT("date"), TEXT_LIT(BUG_BENCH_DATE)};
	headers[n++] = (struct http_header){TEXT_LIT("set-cookie"), TEXT_LIT("Bugzilla_login_request_cookie=x")};
	headers[n++] = (struct http_header){TEXT_LIT("location"), TEXT_LIT("https://elsewhere.test/rest/bug/1")};
	if (step->retry_after)
		headers[n++] = (struct http_header){TEXT_LIT("retry-after"), text_of(step->retry_after)};
	/* a copy, since whoever reads secrets wipes them */
	*out = (struct http_answer){step->status, headers, n, arena_text(in->arena, text_of(step->body)), true};
	return ERR_OK;
}

static void open_with(struct bug_bench *b, const char *kind, const struct text *teams, size_t n_teams)
{
	static const struct text keywords[] = {{"sec-high", 8}, {"sec-critical", 12}}, groups[] = {{"core-sec", 8}},
				 approvals[] = {{"sec-approval", 12}, {"uplift", 6}};
	struct tracker_config config = {.name = TEXT_LIT("bugs"),
					.url = TEXT_LIT(BUG_BENCH_URL),
					.key = TEXT_LIT(BUG_BENCH_KEY),
					.repo = TEXT_LIT("acme/engine"),
					.keywords = keywords,
					.n_keywords = 2,
					.groups = groups,
					.n_groups = 1,
					.approvals = approvals,
					.n_approvals = 2,
					.teams = teams,
					.n_teams = n_teams,
					.answer_bytes = 100000};
	struct tracker_ports ports = {{b, play}, {NULL, now, now}};

	b->kind = tracker_kind(text_of(kind));
	ck_assert(b->kind != NULL);
	b->opened = b->kind->open(&config, &ports, &b->err);
	ck_assert_msg(b->opened != NULL, "%s", b->err.text);
	b->tracker = b->kind->port(b->opened);
	b->call = (struct tracker_call){&b->arena, BUG_BENCH_NOW + 5000};
}

void bug_bench_open(struct bug_bench *b, const char *kind, const struct bug_step *steps, size_t n)
{
	*b = (struct bug_bench){.steps = steps, .n = n};
	open_with(b, kind, NULL, 0);
}

void bug_bench_open_talking(struct bug_bench *b, const struct bug_step *steps, size_t n)
{
	static const struct text team = {"acme/security", 13};

	*b = (struct bug_bench){.steps = steps, .n = n};
	open_with(b, "github-issues", &team, 1);
}

void bug_bench_next(struct bug_bench *b, const struct bug_step *steps, size_t n)
{
	ck_assert_uint_eq(b->asked, b->n);
	b->steps = steps;
	b->n = n;
	b->asked = 0;
	b->err = ERR_NONE;
}

void bug_bench_close(struct bug_bench *b)
{
	ck_assert_uint_eq(b->asked, b->n);
	ck_assert_msg(!strstr(b->err.text, "nobody"), "%s", b->err.text);
	b->kind->close(b->opened);
	arena_release(&b->arena);
}

const char *bug_bench_with(struct bug_bench *b, const char *text, const char *what, const char *with)
{
	const char *at = strstr(text, what);

	ck_assert_msg(at != NULL, "no %s in %s", what, text);
	return arena_printf(&b->arena, "%.*s%s%s", (int)(at - text), text, with, at + strlen(what)).at;
}
