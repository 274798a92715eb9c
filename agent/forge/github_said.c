/*
 * What was said in a change: its comments and the texts of its reviews. Anybody may write much of it, so all of it
 * together has a limit in bytes.
 */
#include "agent/forge/github_inner.h"

struct saying {
	struct github_items items;
	size_t bytes, begun; /* so far; where the list under way began */
	bool reviews;
};

static void again(struct github_items *items)
{
	struct saying *s = (struct saying *)items; /* its first member */

	s->bytes = s->begun;
}

static bool take(struct github_items *items, jval v, struct err *err)
{
	struct saying *s = (struct saying *)items; /* its first member */
	struct comment one = {.created_at = jwhen(v, s->reviews ? "submitted_at" : "created_at")};
	struct text body = jtext(v, "body");

	if (!jneed_int(v, "id", &one.id, err))
		return false;
	if (one.id <= 0 || (!s->reviews && one.created_at == WHEN_UNKNOWN))
		return err_set(err, ERR_INVALID, "a comment without an id or a time");
	s->bytes += body.len;
	if (s->bytes > FORGE_SAID_BYTES)
		return err_set(err, ERR_LIMIT, "the comments of a change have more than %zu bytes", FORGE_SAID_BYTES);
	one.user = github_person(items->arena, jget(v, "user"));
	one.body = arena_text(items->arena, body);
	one.edited = s->reviews ? body.len > 0 : jwhen(v, "updated_at") != one.created_at;
	*(struct comment *)github_grow(items) = one;
	return true;
}

static enum err_code list(struct github *github, const struct forge_call *call, const struct rest_path *path,
			  struct saying *s, struct err *err)
{
	s->items = (struct github_items){
		.take = take, .again = again, .arena = call->arena, .size = sizeof(struct comment)};
	s->begun = s->bytes;
	return github_list(github, call, path, &s->items, err);
}

enum err_code github_said(void *self, const struct forge_call *call, int64_t number, struct forge_said *out,
			  struct err *err)
{
	struct text n = github_number(call->arena, number);
	struct rest_path comments = {"/repos/*/*/issues/*/comments?per_page=100", {n}, 1};
	struct rest_path reviews = {"/repos/*/*/pulls/*/reviews?per_page=100", {n}, 1};
	struct saying s = {.bytes = 0};
	struct forge_said said = {.n_comments = 0};
	enum err_code code = list(self, call, &comments, &s, err);

	said.comments = s.items.at;
	said.n_comments = s.items.n;
	if (code != ERR_OK)
		return code;
	s.reviews = true;
	code = list(self, call, &reviews, &s, err);
	said.reviews = s.items.at;
	said.n_reviews = s.items.n;
	if (code == ERR_OK)
		*out = said;
	return code;
}
