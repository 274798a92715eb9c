#include "tests/support/scripted.h"

#include <check.h>

static struct text header_of(const struct http_request *in, const char *name)
{
	for (size_t i = 0; i < in->n_headers; i++)
		if (text_is(in->headers[i].name, name))
			return in->headers[i].value;
	return TEXT_EMPTY;
}

static void check_bearer(struct scripted *s, const struct http_request *in, const char *expected)
{
	struct text bearer = header_of(in, "Authorization");
	size_t dots = 0;

	ck_assert(text_starts(bearer, TEXT_LIT("Bearer ")));
	(void)snprintf(s->last_bearer, sizeof s->last_bearer, "%.*s", (int)bearer.len - 7, bearer.at + 7);
	for (const char *at = s->last_bearer; *at; at++)
		dots += *at == '.';
	if (expected && !strcmp(expected, "*"))
		ck_assert_msg(dots == 2, "request %zu carries no proof: %s", s->asked, s->last_bearer);
	else if (expected)
		ck_assert_str_eq(s->last_bearer, expected);
}

static void check(struct scripted *s, const struct scripted_step *step, const struct http_request *in)
{
	const char *base = step->path[0] == '/' ? s->base : "";
	struct text url = arena_printf(in->arena, "%s%s", base, step->path);
	struct text etag = header_of(in, "If-None-Match");

	ck_assert_msg(text_eq(in->url, url), "%.*s instead of %.*s", TEXT_ARG(in->url), TEXT_ARG(url));
	ck_assert(text_is(in->method, step->method));
	ck_assert_msg(text_is(etag, step->etag ? step->etag : ""), "request %zu: If-None-Match %.*s", s->asked,
		      TEXT_ARG(etag));
	check_bearer(s, in, step->bearer);
	(void)snprintf(s->last_body, sizeof s->last_body, "%.*s", TEXT_ARG(in->body));
}

static enum err_code play(void *self, const struct http_request *in, struct http_answer *out, struct err *err)
{
	struct scripted *s = self;
	const struct scripted_step *step = &s->steps[s->asked];
	struct http_header *headers = arena_alloc(in->arena, SCRIPTED_HEADERS + 1, sizeof *headers);
	size_t n = 0;

	ck_assert_msg(s->asked < s->n, "one request too many: %.*s", TEXT_ARG(in->url));
	check(s, step, in);
	s->asked++;
	if (step->fail)
		return err_set(err, step->fail, "scripted"), err->code;
	if (strlen(step->body) > in->max_bytes)
		return err_set(err, ERR_LIMIT, "more than max_bytes"), err->code;
	headers[n++] =
		(struct http_header){TEXT_LIT("date"), text_of(s->date ? s->date : "Tue, 14 Nov 2023 22:13:20 GMT")};
	for (size_t i = 0; i < SCRIPTED_HEADERS && step->headers[i].name; i++)
		headers[n++] = (struct http_header){text_of(step->headers[i].name), text_of(step->headers[i].value)};
	/* a copy, since whoever reads secrets may wipe them */
	*out = (struct http_answer){step->status, headers, n, arena_text(in->arena, text_of(step->body)), true};
	return ERR_OK;
}

struct http_port scripted_port(struct scripted *script)
{
	return (struct http_port){script, play};
}

void scripted_over(const struct scripted *script)
{
	ck_assert_uint_eq(script->asked, script->n);
}
