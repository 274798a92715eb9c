/*
 * The http port below the REST client: the world, behind a network. What the dice say happens to a request becomes what
 * a client would see of it: a status, half a body, no answer. A request whose client has given up is performed later,
 * byte for byte. A replica that lags answers a read from what the world was then.
 */
#include "tests/sim/deep.h"

#include <string.h>

/* ---- requests and answers ---- */

static struct text header(const struct http_request *request, const char *name)
{
	for (size_t i = 0; i < request->n_headers; i++)
		if (text_eq_nocase(request->headers[i].name, text_of(name)))
			return request->headers[i].value;
	return TEXT_EMPTY;
}

static struct world_request translated(const struct http_request *in)
{
	struct text url = arena_text(in->arena, in->url);
	struct text query = TEXT_EMPTY;
	size_t mark = text_find(url, TEXT_LIT("?"));
	struct text known = arena_text(in->arena, header(in, "if-none-match"));
	struct text key = arena_text(in->arena, header(in, "x-bugzilla-api-key"));

	if (!text_starts(url, TEXT_LIT(DEEP_URL "/")))
		abort(); /* the token would go to somebody else */
	if (mark != SIZE_MAX) {
		query = (struct text){url.at + mark + 1, url.len - mark - 1};
		url = arena_text(in->arena, text_cut(url, mark));
	}
	return (struct world_request){.method = arena_text(in->arena, in->method).at,
				      .path = url.at + sizeof DEEP_URL - 1,
				      .query = query.len ? query.at : NULL,
				      .authorization = arena_text(in->arena, header(in, "authorization")).at,
				      .accept = "application/json",
				      .if_none_match = known.len ? known.at : NULL,
				      .tracker_key = key.len ? key.at : NULL,
				      .body = in->body.len ? in->body.at : "",
				      .len = in->body.len};
}

static void lower(struct text name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.at[i] >= 'A' && name.at[i] <= 'Z')
			((char *)(uintptr_t)name.at)[i] = (char)(name.at[i] + 32);
}

/* What the client gets; clears the response. */
static void answered(struct world_response *response, const struct http_request *in, struct http_answer *out)
{
	struct http_header *headers = arena_alloc(in->arena, json_object_size(response->headers), sizeof *headers);
	const char *key;
	json_t *value;
	size_t n = 0;

	json_object_foreach(response->headers, key, value)
	{
		headers[n] = (struct http_header){arena_text(in->arena, text_of(key)),
						  arena_text(in->arena, text_of(json_string_value(value)))};
		lower(headers[n++].name);
	}
	*out = (struct http_answer){.status = (unsigned)response->status,
				    .headers = headers,
				    .n_headers = n,
				    .body = arena_text(in->arena, (struct text){response->body, response->len}),
				    .maybe_sent = true};
	world_response_clear(response);
}

static enum err_code no_answer(struct http_answer *out, bool maybe_sent, const char *what, struct err *err)
{
	*out = (struct http_answer){.maybe_sent = maybe_sent};
	(void)err_set(err, ERR_RETRY, "%s", what);
	return ERR_RETRY;
}

static enum err_code refused(const struct http_request *in, unsigned status, struct http_answer *out)
{
	*out = (struct http_answer){
		.status = status,
		.body = arena_printf(in->arena, "{\"message\":\"refused with %u\",\"documentation_url\":\"\"}", status),
		.maybe_sent = true};
	return ERR_OK;
}

/* Both words that the forge has for it. */
static enum err_code limited(struct hand *hand, const struct http_request *in, int64_t until, struct http_answer *out)
{
	int64_t seconds = (until - sim_now(hand->sim) + 999) / 1000;
	struct http_header *again = arena_alloc(in->arena, 1, sizeof *again);

	(void)refused(in, until % 2 ? 429 : 403, out);
	*again = (struct http_header){TEXT_LIT("retry-after"), arena_printf(in->arena, "%lld", (long long)seconds)};
	out->headers = again;
	out->n_headers = 1;
	return ERR_OK;
}

/* ---- reads ---- */

static const struct {
	const char *part;
	enum call call;
} kinds[] = {
	{"/reviews", CALL_REVIEWS}, {"/commits?", CALL_PEOPLE},   {"/activity", CALL_MOVES},
	{"/timeline", CALL_MOVES},  {"/statuses", CALL_STATUSES}, {"/collaborators/", CALL_PERMISSION},
	{"/members/", CALL_TEAM},   {"/memberships/", CALL_TEAM}, {"/git/ref/", CALL_TIP},
	{"/pulls?", CALL_CHANGES},  {"/pulls/", CALL_CHANGE},     {"/check-runs", CALL_CHECKS},
};

static enum call kind_of(struct text url)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (text_find(url, text_of(kinds[i].part)) != SIZE_MAX)
			return kinds[i].call;
	return CALL_CHANGES;
}

static enum err_code performed(struct hand *hand, const struct http_request *in, int64_t lag, struct http_answer *out)
{
	struct deep *deep = deep_of(hand->sim);
	struct world_request request = translated(in);
	struct world_response response;

	world_tick(deep->world, sim_now(hand->sim));
	world_handle_as_of(deep->world, deep_as_of(deep, lag), &request, &response);
	answered(&response, in, out);
	if (out->status == 301)
		sim_once(hand->sim, SOMETIMES_REDIRECTED);
	sim_detail(hand->sim, "%s %.*s: %u", hand->owner, TEXT_ARG(in->url), out->status);
	return ERR_OK;
}

static enum err_code get(struct hand *hand, const struct http_request *in, struct http_answer *out, struct err *err)
{
	struct net_read read = net_ask(hand, kind_of(in->url));

	switch (read.reply) {
	case NET_LIMITED:
		return limited(hand, in, read.retry_at, out);
	case NET_DENIED:
		sim_once(hand->sim, SOMETIMES_TOKEN_EXPIRED);
		return refused(in, 401, out);
	case NET_UNWELL:
		return refused(in, 503, out);
	case NET_DEAD:
	case NET_CUT:
		return no_answer(out, true, "the connection broke off", err);
	case NET_GARBLED:
	case NET_ANSWERED:
		break;
	}
	(void)performed(hand, in, read.lag, out);
	if (read.reply == NET_GARBLED) {
		sim_once(hand->sim, SOMETIMES_HALF_ANSWER);
		out->body.len /= 2;
	}
	return ERR_OK;
}

/* ---- a status on its way ---- */

struct flying {
	struct ghost_post post;
	char text[160], path[160], authorization[120], body[1024];
};

static void copied(char *to, size_t room, const char *from)
{
	if ((size_t)snprintf(to, room, "%s", from) >= room)
		abort();
}

/* What the ghosts are to know of it. */
static struct flying taken_down(struct hand *hand, const struct http_request *in)
{
	struct world_request request = translated(in);
	json_t *body = json_loadb(in->body.at, in->body.len, 0, NULL);
	const char *state = json_string_value(json_object_get(body, "state"));
	const char *context = json_string_value(json_object_get(body, "context"));
	int commit = deep_commit_of(deep_of(hand->sim), strrchr(request.path, '/') + 1);
	struct flying ret = {.post = {.place = show_place(commit, text_of(context ? context : "")),
				      .ours = true,
				      .taken = hand->taken,
				      .decided = hand->decided,
				      .stopped = hand->stopped,
				      .state = status_state_parse(text_of(state ? state : ""))}};

	copied(ret.text, sizeof ret.text, json_string_value(json_object_get(body, "description")));
	copied(ret.path, sizeof ret.path, request.path);
	copied(ret.authorization, sizeof ret.authorization, request.authorization);
	copied(ret.body, sizeof ret.body, arena_text(in->arena, in->body).at);
	json_decref(body);
	return ret;
}

/* The forge takes it, or refuses. */
static void arrive(struct sim *sim, struct flying *flying, struct world_response *ret)
{
	struct deep *deep = deep_of(sim);

	flying->post.text = text_of(flying->text);
	deep_handle(deep,
		    &(struct world_request){.method = "POST",
					    .path = flying->path,
					    .authorization = flying->authorization,
					    .body = flying->body,
					    .len = strlen(flying->body)},
		    ret);
	if (ret->status != 201)
		return;
	if (flying->post.place == NOBODY)
		sim_break(sim, "a status on a commit that nobody made, or in a context that nobody named: %s",
			  flying->path);
	else
		(void)ghost_accepts(sim, &flying->post);
	deep_changed(deep, NULL, -1);
}

static void land(struct sim *sim, void *what)
{
	struct flying *flying = what;
	struct world_response response;

	arrive(sim, flying, &response);
	world_response_clear(&response);
	free(flying);
}

static void fly(struct hand *hand, const struct flying *flying, int64_t left_ms)
{
	struct flying *copy = malloc(sizeof *copy);
	struct landing landing = {.land = land, .what = copy, .place = flying->post.place};

	if (!copy)
		abort();
	*copy = *flying;
	copy->post.late = true;
	net_land_later(hand->sim, hand, &landing, left_ms + SIM_GRACE_MS);
}

static enum err_code sent(struct hand *hand, const struct http_request *in, struct flying *flying,
			  struct http_answer *out, struct err *err)
{
	struct sim *sim = hand->sim;
	struct world_response response;

	arrive(sim, flying, &response);
	answered(&response, in, out);
	hand->air = NOBODY;
	fiber_sleep(sim->fibers, 1 + dice_below(&sim->net_dice, sim->swarm.latency_ms / 2));
	if (node_alive(hand) && !flying->post.lost)
		return ERR_OK;
	if (hand->life->dead)
		sim_once(sim, SOMETIMES_CRASH_POSTING);
	return no_answer(out, true, "the answer was lost", err);
}

static enum err_code send_status(struct hand *hand, const struct http_request *in, struct http_answer *out,
				 struct err *err)
{
	struct clock_port clock = fibers_clock(hand->sim->fibers);
	struct err why = ERR_NONE;
	enum net_fate fate = net_post_fate(hand, &why);
	struct flying flying = taken_down(hand, in);

	if (fate >= NET_LOST_REQUEST || fate == NET_DONE)
		fate = net_in_time(hand, in->deadline_ms, fate, &why);
	flying.post.lost = fate == NET_LOST_ANSWER;
	if (fate >= NET_LOST_REQUEST)
		hand->sim->ghost.commits[flying.post.place].doubted_until = hand->air_until + SIM_GRACE_MS;
	if (fate == NET_REFUSED)
		return refused(in, 403, out);
	if (fate == NET_NOT_SENT && why.retry_at_ms > 0)
		return limited(hand, in, why.retry_at_ms, out);
	if (fate == NET_DONE || fate == NET_LOST_ANSWER)
		return sent(hand, in, &flying, out, err);
	if (fate == NET_LATE)
		fly(hand, &flying, in->deadline_ms - clock.mono(clock.self));
	hand->air = NOBODY; /* what flies is a landing by now */
	if (fate == NET_LATE || fate == NET_LOST_REQUEST)
		net_wait_in_vain(hand, in->deadline_ms);
	return no_answer(out, fate == NET_LATE || fate == NET_LOST_REQUEST, why.text, err);
}

static enum err_code post(struct hand *hand, const struct http_request *in, struct http_answer *out, struct err *err)
{
	struct clock_port clock = fibers_clock(hand->sim->fibers);
	struct flying flying = taken_down(hand, in);
	enum err_code code;

	ghost_sends(hand, flying.post.place, sim_now(hand->sim) + in->deadline_ms - clock.mono(clock.self));
	code = send_status(hand, in, out, err);
	ghost_sent(hand);
	return code;
}

enum err_code deep_send(void *self, const struct http_request *in, struct http_answer *out, struct err *err)
{
	return text_is(in->method, "GET") ? get(self, in, out, err) : post(self, in, out, err);
}
