/*
 * The App's hook: what the forge tried to deliver to us, and asking it to try again (docs: REST API endpoints for
 * GitHub App webhooks). Newest first, by a cursor; kept for three days, on the enterprise server for seven. The forge
 * tries nothing again by itself.
 */
#include "agent/forge/github_inner.h"
#include "agent/forge/origin.h"

bool github_keeps_deliveries(void *self)
{
	const struct github *github = self;

	return access_is_app(github->config.access);
}

static bool take_attempt(struct github_items *items, jval v, struct err *err)
{
	struct forge_delivery one = {
		.attempted_at = jwhen(v, "delivered_at"),
		.installation = jint(v, "installation_id", 0),
		.repo = jint(v, "repository_id", 0),
		.again = jtri(v, "redelivery") == TRI_YES,
	};
	struct text guid;
	int64_t code;

	if (!jneed_int(v, "id", &one.id, err) || !jneed_text(v, "guid", &guid, err) ||
	    !jneed_int(v, "status_code", &code, err))
		return false;
	if (one.id <= 0 || guid.len == 0 || one.attempted_at == WHEN_UNKNOWN)
		return err_set(err, ERR_INVALID, "an attempt to deliver without an id, a guid or a time");
	one.answered = code >= 200 && code <= 299;
	one.guid = arena_text(items->arena, guid);
	one.event = github_text(items->arena, v, "event");
	*(struct forge_delivery *)github_grow(items) = one;
	return true;
}

static bool old_enough(const struct github_items *items)
{
	const struct forge_span *in = items->extra;
	const struct forge_delivery *at = items->at;

	return in->since != WHEN_UNKNOWN && items->n > 0 && at[items->n - 1].attempted_at < in->since;
}

enum err_code github_deliveries(void *self, const struct forge_call *call, const struct forge_span *in,
				struct forge_list_deliveries *out, struct err *err)
{
	struct github *github = self;
	struct rest_path path = {"/app/hook/deliveries?per_page=100", {TEXT_EMPTY}, 0};
	struct github_items items = {
		.take = take_attempt, .arena = call->arena, .size = sizeof(struct forge_delivery), .extra = in};
	struct github_walk walk = {.url = in->from, .as_app = true, .enough = old_enough};

	if (in->from.len && !origin_holds(github->config.api_url, in->from))
		return err_set(err, ERR_INVALID, "refused: the list goes on at another origin"), err->code;
	if (!in->from.len && rest_url(github->config.api_url, call, &path, &walk.url, err) != ERR_OK)
		return err->code;
	if (github_walk(github, call, &walk, &items, err) != ERR_OK)
		return err->code;
	*out = (struct forge_list_deliveries){items.at, items.n, walk.url};
	return ERR_OK;
}

enum err_code github_redeliver(void *self, const struct forge_call *call, int64_t attempt, struct err *err)
{
	struct github *github = self;
	struct rest_path path = {"/app/hook/deliveries/*/attempts", {github_number(call->arena, attempt)}, 1};
	struct github_ask ask = {.method = "POST", .as_app = true, .blind = true};
	struct github_reply reply;

	if (rest_url(github->config.api_url, call, &path, &ask.url, err) != ERR_OK)
		return err->code;
	return github_send(github, call, &ask, &reply, err);
}
