/*
 * Lists, read to their end: the next page is where the answer's Link header says, on the same origin, never a page
 * asked for twice, at most limits.pages of them. Anything else is an error and never a shorter list. A page's bytes go
 * with the page: what was taken of it is a copy.
 */
#include <assert.h>

#include "agent/forge/github_inner.h"
#include "agent/forge/link.h"
#include "agent/forge/origin.h"
#include "agent/forge/pgp.h"

void *github_grow(struct github_items *items)
{
	if (items->n == items->room) {
		size_t room = items->room ? items->room * 2 : 32;
		char *more = arena_alloc(items->arena, room, items->size);

		if (items->n)
			memcpy(more, items->at, items->n * items->size);
		items->at = more;
		items->room = room;
	}
	return (char *)items->at + items->n++ * items->size;
}

static bool take_page(struct github_items *items, jval answer, struct err *err)
{
	jval page = items->within ? jget(answer, items->within) : answer;

	if (!jis_array(page))
		return err_set(err, ERR_INVALID, "a list was asked for and something else came");
	for (size_t i = 0; i < jlen(page); i++)
		if (!jis_object(jat(page, i)) || !items->take(items, jat(page, i), err)) {
			if (!jis_object(jat(page, i)))
				(void)err_set(err, ERR_INVALID, "a list holds something that is no object");
			return false;
		}
	items->shown += jlen(page);
	return true;
}

/* All Link headers count: the next page may stand in any of them. */
static bool next_page(const struct github *github, const struct http_answer *answer, struct text *ret, struct err *err)
{
	struct text next = TEXT_EMPTY, one;

	for (size_t i = 0; i < answer->n_headers; i++) {
		if (!text_is(answer->headers[i].name, "link"))
			continue;
		if (!link_next(answer->headers[i].value, &one, err))
			return false;
		if (one.len && next.len && !text_eq(one, next))
			return err_set(err, ERR_INVALID, "two different next pages");
		if (one.len)
			next = one;
	}
	if (next.len && !origin_holds(github->config.api_url, next))
		return err_set(err, ERR_INVALID, "refused: the next page lies at another origin");
	*ret = next;
	return true;
}

static bool seen(const struct text *pages, size_t n, struct text url)
{
	for (size_t i = 0; i < n; i++)
		if (text_eq(pages[i], url))
			return true;
	return false;
}

static enum err_code one_page(struct github *github, const struct forge_call *call, struct github_walk *walk,
			      struct github_items *items, struct err *err)
{
	auto_arena struct arena scratch = ARENA_EMPTY;
	struct github_ask ask = {
		.method = "GET", .url = walk->url, .as_app = walk->as_app, .page_items = walk->page_items};
	struct forge_call page = *call;
	struct github_reply reply;
	struct text next = TEXT_EMPTY;
	enum err_code code;
	bool ok;

	page.arena = &scratch;
	code = github_send(github, &page, &ask, &reply, err);
	walk->too_large = code == ERR_LIMIT;
	if (code != ERR_OK)
		return code;
	ok = take_page(items, jdoc_root(reply.doc), err) && next_page(github, &reply.answer, &next, err);
	if (ok)
		walk->url = next.len ? arena_text(call->arena, next) : TEXT_EMPTY;
	jdoc_free(reply.doc);
	return ok ? ERR_OK : err->code;
}

static unsigned pages_max(const struct github *github, const struct github_walk *walk)
{
	return github->config.pages_max * (GITHUB_PAGE / walk->page_items);
}

enum err_code github_walk(struct github *github, const struct forge_call *call, struct github_walk *walk,
			  struct github_items *items, struct err *err)
{
	struct text *pages;
	enum err_code code = ERR_OK;
	unsigned max;

	if (walk->page_items == 0)
		walk->page_items = GITHUB_PAGE;
	max = pages_max(github, walk);
	pages = arena_alloc(call->arena, (size_t)max + 1, sizeof *pages);
	for (size_t n = 0; code == ERR_OK && walk->url.len && n < max; n++) {
		if (seen(pages, n, walk->url))
			return err_set(err, ERR_INVALID, "the pages of a list go round in a circle"), err->code;
		pages[n] = walk->url;
		code = one_page(github, call, walk, items, err);
		if (code == ERR_OK && walk->enough && walk->enough(items))
			walk->url = TEXT_EMPTY;
	}
	return code;
}

/* From the page on that walk->url says. */
static enum err_code whole_list(struct github *github, const struct forge_call *call, struct github_walk *walk,
				struct github_items *items, struct err *err)
{
	enum err_code code = github_walk(github, call, walk, items, err);

	if (code == ERR_OK && walk->url.len)
		return err_set(err, ERR_LIMIT, "a list of more than %u pages (limits.pages)", pages_max(github, walk)),
		       err->code;
	return code;
}

/* Pages of two sizes do not fit each other: an item that came or went meanwhile would be read twice, or not at all. So
 * the list begins again. */
static enum err_code by_tens(struct github *github, const struct forge_call *call, const struct rest_path *first,
			     struct github_items *items, struct err *err)
{
	static const char usual[] = "per_page=100";
	struct github_walk walk = {.page_items = 10};
	struct rest_path path = *first;
	const char *at = strstr(first->path, usual);

	assert(at);
	path.path = arena_printf(call->arena, "%.*sper_page=10%s", (int)(at - first->path), first->path,
				 at + sizeof usual - 1)
			    .at;
	if (rest_url(github->config.api_url, call, &path, &walk.url, err) != ERR_OK)
		return err->code;
	return whole_list(github, call, &walk, items, err);
}

enum err_code github_list(struct github *github, const struct forge_call *call, const struct rest_path *first,
			  struct github_items *items, struct err *err)
{
	struct github_items begun = *items; /* another list may stand in it already */
	struct github_walk walk = {.enough = NULL};
	enum err_code code = rest_url(github->config.api_url, call, first, &walk.url, err);

	if (code == ERR_OK)
		code = whole_list(github, call, &walk, items, err);
	if (!walk.too_large)
		return code;
	*err = ERR_NONE;
	begun.room = begun.n; /* what comes next is zeroed */
	*items = begun;
	if (items->again)
		items->again(items);
	return by_tens(github, call, first, items, err);
}

/* ---- open changes ---- */

struct open_list {
	struct github_items items;
	const struct forge_call *call;
	const struct oid *head; /* NULL: any */
};

/* Others can open changes with long texts: what has another head is only looked at. */
static bool take_open(struct github_items *items, jval v, struct err *err)
{
	const struct open_list *list = (const struct open_list *)items; /* its first member */
	struct forge_change change;

	if (!github_change_look(list->call, v, &change, err))
		return false;
	if (!change.open)
		return err_set(err, ERR_INVALID, "a closed change in the list of open ones");
	if (list->head && !oid_eq(&change.head, list->head))
		return true;
	github_change_take(items->arena, v, &change);
	*(struct forge_change *)github_grow(items) = change;
	return true;
}

/* The forge's own list by commit leaves out heads in forks, so all open changes are listed and the head compared. Cost:
 * one request per hundred open changes. */
enum err_code github_open_changes(void *self, const struct forge_call *call, const struct oid *head,
				  struct forge_list_changes *out, struct err *err)
{
	struct rest_path path = {
		"/repos/*/*/pulls?state=open&per_page=100&sort=created&direction=asc", {TEXT_EMPTY}, 0};
	struct open_list list = {
		{.take = take_open, .arena = call->arena, .size = sizeof(struct forge_change)}, call, head};
	enum err_code code = github_list(self, call, &path, &list.items, err);

	if (code == ERR_OK)
		*out = (struct forge_list_changes){list.items.at, list.items.n, list.items.shown};
	return code;
}

/* ---- reviews ---- */

static bool take_review(struct github_items *items, jval v, struct err *err)
{
	struct forge_review review = {.submitted_at = jwhen(v, "submitted_at"), .commit_id = joid(v, "commit_id")};
	struct text state;

	if (!jneed_int(v, "id", &review.id, err) || !jneed_text(v, "state", &state, err))
		return false;
	review.state = review_state_parse(state);
	if (review.id <= 0 || review.state == REVIEW_STATE_UNKNOWN)
		return err_set(err, ERR_INVALID, "a review with an unknown state or no id");
	review.user = github_person(items->arena, jget(v, "user"));
	*(struct forge_review *)github_grow(items) = review;
	return true;
}

enum err_code github_reviews(void *self, const struct forge_call *call, int64_t number, struct forge_list_reviews *out,
			     struct err *err)
{
	struct rest_path path = {"/repos/*/*/pulls/*/reviews?per_page=100", {github_number(call->arena, number)}, 1};
	struct github_items items = {.take = take_review, .arena = call->arena, .size = sizeof(struct forge_review)};
	enum err_code code = github_list(self, call, &path, &items, err);

	if (code == ERR_OK)
		*out = (struct forge_list_reviews){items.at, items.n};
	return code;
}

/* ---- whose commits they are ---- */

/* Good is what is called verified and valid; what the answer does not say clearly is not known. */
static struct signature signature_of(struct arena *arena, jval verification)
{
	enum tri verified = jtri(verification, "verified");
	struct signature ret = {.valid = verified, .reason = github_text(arena, verification, "reason")};
	char id[PGP_KEY_ID];

	if (verified == TRI_YES && !text_is(ret.reason, "valid"))
		ret.valid = TRI_UNKNOWN;
	if (ret.valid == TRI_YES)
		ret.key_id = arena_text(arena, pgp_key_id(jtext(verification, "signature"), id));
	return ret;
}

static bool take_people(struct github_items *items, jval v, struct err *err)
{
	struct forge_commit_people people = {.author = 0};

	if (!jneed_oid(v, "sha", &people.sha, err))
		return false;
	people.author = jint(v, "author.id", 0);
	people.committer = jint(v, "committer.id", 0);
	people.author_login = github_text(items->arena, v, "author.login");
	people.committer_login = github_text(items->arena, v, "committer.login");
	people.author_email = github_text(items->arena, v, "commit.author.email");
	people.committer_email = github_text(items->arena, v, "commit.committer.email");
	people.signature = signature_of(items->arena, jget(v, "commit.verification"));
	*(struct forge_commit_people *)github_grow(items) = people;
	return true;
}

enum err_code github_commit_people(void *self, const struct forge_call *call, int64_t number,
				   struct forge_list_people *out, struct err *err)
{
	struct rest_path path = {"/repos/*/*/pulls/*/commits?per_page=100", {github_number(call->arena, number)}, 1};
	struct github_items items = {
		.take = take_people, .arena = call->arena, .size = sizeof(struct forge_commit_people)};
	enum err_code code = github_list(self, call, &path, &items, err);

	if (code == ERR_OK)
		*out = (struct forge_list_people){items.at, items.n};
	return code;
}

/* ---- statuses ---- */

static bool take_status(struct github_items *items, jval v, struct err *err)
{
	struct forge_status status = {.created_at = jwhen(v, "created_at"), .creator = jint(v, "creator.id", 0)};
	struct text state, context;

	if (!jneed_int(v, "id", &status.id, err) || !jneed_text(v, "state", &state, err) ||
	    !jneed_text(v, "context", &context, err))
		return false;
	status.state = status_state_parse(state);
	if (status.id <= 0 || status.state == STATUS_UNKNOWN)
		return err_set(err, ERR_INVALID, "a status with an unknown state or no id");
	status.context = arena_text(items->arena, context);
	status.description = github_text(items->arena, v, "description");
	status.creator_login = github_text(items->arena, v, "creator.login");
	*(struct forge_status *)github_grow(items) = status;
	return true;
}

enum err_code github_statuses(void *self, const struct forge_call *call, const struct oid *sha,
			      struct forge_list_statuses *out, struct err *err)
{
	struct rest_path path = {"/repos/*/*/commits/*/statuses?per_page=100", {oid_text(sha)}, 1};
	struct github_items items = {.take = take_status, .arena = call->arena, .size = sizeof(struct forge_status)};
	enum err_code code = github_list(self, call, &path, &items, err);

	if (code == ERR_OK)
		*out = (struct forge_list_statuses){items.at, items.n};
	return code;
}
