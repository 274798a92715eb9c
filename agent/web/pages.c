/* The public listener: one dispatcher that knows every path there is. It only ever reads. */
#include "agent/web/routes.h"

#include "agent/web/commit_json.h"
#include "agent/web/page.h"
#include "agent/web/path.h"
#include "agent/web/reply.h"
#include "agent/web/style.h"

/* The path of public_url: what a proxy in front takes off again. */
static struct text base_of(const struct web *web)
{
	size_t host = text_find(web->public_url, TEXT_LIT("://")), slash;
	struct text rest = web->public_url;

	if (host == SIZE_MAX)
		return TEXT_EMPTY;
	rest = (struct text){rest.at + host + 3, rest.len - host - 3};
	slash = text_find(rest, TEXT_LIT("/"));
	if (slash == SIZE_MAX)
		return TEXT_EMPTY;
	rest = (struct text){rest.at + slash, rest.len - slash};
	while (rest.len > 0 && rest.at[rest.len - 1] == '/')
		rest.len--;
	return rest;
}

static void answer_error(const struct web *web, struct exchange *exchange, const struct reply_error *error)
{
	auto_arena struct arena arena = ARENA_EMPTY;

	if (path_wants_json(exchange_path(exchange)))
		reply_error_json(exchange, error);
	else
		reply(exchange, error->status, REPLY_HTML, page_error(error, base_of(web), &arena));
}

static void answer_view(const struct web *web, struct exchange *exchange, const struct view *view, enum path_form form)
{
	auto_arena struct arena arena = ARENA_EMPTY;

	if (form == PATH_JSON)
		reply(exchange, 200, REPLY_JSON, commit_json(view, COMMIT_PUBLIC, &arena));
	else if (form == PATH_TXT)
		reply(exchange, 200, REPLY_TEXT, commit_text(view, &arena));
	else
		reply(exchange, 200, REPLY_HTML, page_commit(view, base_of(web), &arena));
}

static void show(const struct web *web, struct exchange *exchange, const struct path_named *named)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct viewing viewing = {web->store, COMMIT_PUBLIC, &arena};
	struct commit_key key = {named->repo, named->sha};
	struct err err = ERR_NONE;
	struct reply_error error;
	struct view view;
	bool found = named->number > 0
			     ? view_change(&viewing, &(struct change_named){named->repo, named->number}, &view, &err)
			     : view_commit(&viewing, &key, &view, &err);

	if (found) {
		answer_view(web, exchange, &view, named->form);
		return;
	}
	error = reply_error_of(&err, named->number > 0 ? "Nothing is known of this change."
						       : "Nothing is known of this commit.");
	answer_error(web, exchange, &error);
}

void pages_handle(void *context, struct exchange *exchange, const struct verified *verified)
{
	const struct reply_error unknown = {
		404, "not_found",
		TEXT_LIT("There is no page at this address. Those of commits are /OWNER/REPO/c/COMMIT, with the "
			 "whole id of the commit, those of changes /OWNER/REPO/NUMBER.")};
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct web *web = context;
	struct text path = exchange_path(exchange);
	struct path_named named;

	(void)verified;
	if (text_is(path, "/"))
		reply(exchange, 200, REPLY_HTML, page_front(base_of(web), &arena));
	else if (text_is(path, "/s.css"))
		reply(exchange, 200, "text/css; charset=utf-8", style_sheet());
	else if (!exchange_path_encoded(exchange) && path_public(path, &named)) /* nothing here needs %XX */
		show(web, exchange, &named);
	else
		answer_error(web, exchange, &unknown);
}
