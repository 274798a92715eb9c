/*
 * The conversations about lines of a change. REST tells comments and not whether anybody resolved them, so this one
 * question goes to GraphQL: a POST that only reads, and never the same answer twice. All pages must be of one state:
 * the same count and time on each, so many threads in all, each once.
 */
#include "agent/forge/github_inner.h"

#define REST_PATH "/api/v3"
#define QUERY                                                                                                          \
	"query($owner:String!,$name:String!,$number:Int!,$after:String){repository(owner:$owner,name:$name){"          \
	"databaseId pullRequest(number:$number){updatedAt reviewThreads(first:100,after:$after){totalCount "           \
	"nodes{id isResolved comments(first:1){nodes{databaseId}}}pageInfo{hasNextPage endCursor}}}}}"

struct reading {
	struct github *github;
	const struct forge_call *call;
	int64_t number;
	struct text after; /* where the next page begins; empty: the first, or there is none */
	int64_t total;     /* as the first page said; -1: it was not read yet */
	struct forge_thread *at;
	size_t n;
	int64_t updated_at;
};

/* Beside the REST of github.com, or of a server of one's own. */
static struct text url_of(const struct reading *r)
{
	struct text api = r->github->config.api_url, rest = TEXT_LIT(REST_PATH);

	if (text_ends(api, rest))
		return arena_printf(r->call->arena, "%.*s/api/graphql", (int)(api.len - rest.len), api.at);
	return arena_printf(r->call->arena, "%.*s/graphql", TEXT_ARG(api));
}

static bool body_of(const struct reading *r, struct text *ret, struct err *err)
{
	struct text parts[2];
	struct jwrite *w;

	if (!origin_split(r->call->repo.name, parts, err))
		return false;
	w = jwrite_new();
	jwrite_object(w, NULL);
	jwrite_text(w, "query", TEXT_LIT(QUERY));
	jwrite_object(w, "variables");
	jwrite_text(w, "owner", parts[0]);
	jwrite_text(w, "name", parts[1]);
	jwrite_int(w, "number", r->number);
	if (r->after.len > 0)
		jwrite_text(w, "after", r->after);
	jwrite_end(w);
	jwrite_end(w);
	*ret = arena_text(r->call->arena, jwrite_text_of(w));
	jwrite_free(w);
	return true;
}

/* ---- an answer ---- */

static const struct {
	const char *type;
	enum err_code code;
} refusals[] = {
	{"NOT_FOUND", ERR_GONE},
	{"FORBIDDEN", ERR_DENIED},
	{"INSUFFICIENT_SCOPES", ERR_DENIED},
};

/* GraphQL refuses with 200. What it does not name so may pass. */
static bool refused(const struct reading *r, const struct github_reply *reply, jval errors, struct err *err)
{
	struct text type = jtext(errors, "0.type");
	int64_t reset;

	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
		if (text_is(type, refusals[i].type))
			return err_set(err, refusals[i].code, "conversations: %s", refusals[i].type);
	(void)err_set(err, ERR_RETRY, "conversations: the forge refuses (%.*s)", TEXT_ARG(text_cut(type, 40)));
	if (text_is(type, "RATE_LIMITED") &&
	    text_int64(http_answer_header(&reply->answer, "x-ratelimit-reset"), &reset) && reset > 0 &&
	    reset < INT64_MAX / 1000)
		err->retry_at_ms = rest_retry_within(r->github->clock.wall(r->github->clock.self), reset * 1000);
	return false;
}

static bool take_one(struct reading *r, jval v, struct err *err)
{
	struct forge_thread one = {.comment = jint(v, "comments.nodes.0.databaseId", 0)};
	enum tri resolved = jtri(v, "isResolved");

	if (!jneed_text(v, "id", &one.id, err))
		return false;
	if (resolved == TRI_UNKNOWN)
		return err_set(err, ERR_INVALID, "a conversation of which it is not said whether it is resolved");
	for (size_t i = 0; i < r->n; i++)
		if (text_eq(r->at[i].id, one.id))
			return err_set(err, ERR_RETRY, "a conversation came twice: the list moved");
	if ((int64_t)r->n == r->total)
		return err_set(err, ERR_RETRY, "more conversations than were counted: the list moved");
	one.resolved = resolved == TRI_YES;
	one.id = arena_text(r->call->arena, one.id);
	r->at[r->n++] = one;
	return true;
}

/* The first page says how many there are; every other one must say the same. */
static bool take_count(struct reading *r, jval change, struct err *err)
{
	int64_t max = (int64_t)r->github->config.pages_max * GITHUB_PAGE, total,
		updated_at = jwhen(change, "updatedAt");

	if (!jneed_int(change, "reviewThreads.totalCount", &total, err))
		return false;
	if (total < 0 || updated_at == WHEN_UNKNOWN)
		return err_set(err, ERR_INVALID, "conversations without their number, or without a time");
	if (total > max)
		return err_set(err, ERR_LIMIT, "more than %lld conversations (limits.pages)", (long long)max);
	if (r->total >= 0)
		return (r->total == total && r->updated_at == updated_at) ||
		       err_set(err, ERR_RETRY, "the conversations changed while they were read");
	r->total = total;
	r->updated_at = updated_at;
	r->at = arena_alloc(r->call->arena, (size_t)total, sizeof *r->at);
	return true;
}

static bool take_page(struct reading *r, jval repository, struct err *err)
{
	jval change = jget(repository, "pullRequest"), nodes = jget(change, "reviewThreads.nodes");
	int64_t id = jint(repository, "databaseId", 0);

	if (id != r->call->repo.id && r->call->repo.id != 0)
		return err_set(err, ERR_RETRY, "conversations of another repository");
	if (!jis_object(change) || !jis_array(nodes))
		return err_set(err, ERR_INVALID, "conversations were asked for and something else came");
	if (!take_count(r, change, err))
		return false;
	for (size_t i = 0; i < jlen(nodes); i++)
		if (!take_one(r, jat(nodes, i), err))
			return false;
	r->after = TEXT_EMPTY;
	if (jtri(change, "reviewThreads.pageInfo.hasNextPage") == TRI_NO)
		return (int64_t)r->n == r->total || err_set(err, ERR_RETRY, "fewer conversations than were counted");
	if (jlen(nodes) == 0 || !jneed_text(change, "reviewThreads.pageInfo.endCursor", &r->after, err))
		return err_set(err, ERR_INVALID, "conversations go on, and it is not said where");
	r->after = arena_text(r->call->arena, r->after);
	return true;
}

static enum err_code read_page(struct reading *r, struct err *err)
{
	struct github_ask ask = {.method = "POST", .url = url_of(r), .reads = true};
	struct github_reply reply = {.doc = NULL};
	jval errors;
	bool ok;

	if (!body_of(r, &ask.body, err) || github_send(r->github, r->call, &ask, &reply, err) != ERR_OK)
		return err->code;
	errors = jget(jdoc_root(reply.doc), "errors");
	ok = errors ? refused(r, &reply, errors, err)
		    : take_page(r, jget(jdoc_root(reply.doc), "data.repository"), err);
	jdoc_free(reply.doc);
	return ok ? ERR_OK : err->code;
}

enum err_code github_threads(void *self, const struct forge_call *call, int64_t number, struct forge_list_threads *out,
			     struct err *err)
{
	struct reading r = {.github = self, .call = call, .number = number, .total = -1};
	enum err_code code;

	do
		code = read_page(&r, err);
	while (code == ERR_OK && r.after.len > 0);
	if (code == ERR_OK)
		*out = (struct forge_list_threads){r.at, r.n, r.updated_at};
	return code;
}
