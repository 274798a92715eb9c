/*
 * What an App asks under its own proof (docs: REST API endpoints for GitHub Apps): a token of an installation, narrowed
 * to what headgate needs, and the installation of a repository.
 *
 * Narrowed means that the forge refuses (422) where something of it was not granted. Then the installation is read and
 * the text says what is missing. A person's own account has no members to read, and only some policies ask for what
 * needs `issues` or `actions`: where these lack, it is asked for without.
 */
#include "agent/forge/access_inner.h"
#include "webhooks/jread.h"

#define ANSWER_BYTES_MAX ((size_t)1024 * 1024)
#define MINUTE_MS        INT64_C(60000)
#define KEEP_MAX_MS      (50 * MINUTE_MS) /* of a token's hour */
#define MARGIN_MS        (5 * MINUTE_MS)  /* before its end */
#define PLACE_KEEP_MS    (60 * MINUTE_MS)
#define SKEW_MS          (30 * INT64_C(1000))

/* Each with what reads or writes it; git fetches with `contents`. */
static const struct permission_needed {
	const char *name, *level;
	bool of_organization; /* a person's account has none */
	bool optional;        /* what it reads is not known without, and whatever hangs on it waits */
} needed[] = {
	{.name = "statuses", .level = "write"}, /* the verdict */
	{.name = "checks", .level = "read"},
	{.name = "contents", .level = "read"},
	{.name = "issues", .level = "read", .optional = true}, /* whether somebody had a change merged */
	{.name = "members", .level = "read", .of_organization = true},
	{.name = "metadata", .level = "read"},
	{.name = "pull_requests", .level = "read"},
	{.name = "actions", .level = "read", .optional = true}, /* runs of workflows */
};
#define NEEDED (sizeof needed / sizeof needed[0])

struct left_out { /* by the rows of needed[] */
	bool at[NEEDED];
	bool any;
};

static struct rest rest_of(const struct access_asking *in)
{
	return (struct rest){in->config->api_url, in->http, in->ports->clock, ANSWER_BYTES_MAX};
}

static int64_t wall(const struct access_asking *in)
{
	return in->ports->wall.wall(in->ports->wall.self);
}

static int64_t date_of(const struct access_asking *in, const struct http_answer *answer)
{
	int64_t at = wall(in);

	(void)when_parse_http(http_answer_header(answer, "date"), &at);
	return at;
}

/* ---- refusals, in words that name the remedy ---- */

static enum err_code say_unproven(const struct access_asking *in, const struct http_answer *answer, struct err *err)
{
	int64_t off = wall(in) - date_of(in, answer);

	if (off > SKEW_MS || off < -SKEW_MS)
		(void)err_set(err, ERR_DENIED,
			      "the forge does not take the app's proof (401): this clock is %lld s off the forge's",
			      (long long)(off / 1000));
	else
		(void)err_set(err, ERR_DENIED,
			      "the forge does not take the app's proof (401): do forge.app_id and forge.key_file "
			      "belong together?");
	return err->code;
}

static enum err_code say_refused(const struct access_asking *in, const struct http_answer *answer, struct err *err)
{
	if (err->code != ERR_DENIED && err->code != ERR_GONE)
		return err->code; /* a rate limit is a 403, too */
	if (answer->status == 401)
		return say_unproven(in, answer, err);
	if (answer->status == 403)
		(void)err_set(err, ERR_DENIED, "installation %lld gives no token (403): suspended, perhaps",
			      (long long)in->id);
	if (answer->status == 404 || answer->status == 410)
		(void)err_set(err, ERR_DENIED,
			      "installation %lld does not exist (%u): removed, or of another app than forge.app_id",
			      (long long)in->id, answer->status);
	return err->code;
}

/* ---- sending ---- */

/* Under the app's proof. *ret is filled where the forge refused, too. */
static enum err_code send_proven(const struct access_asking *in, struct rest_ask *ask, struct http_answer *ret,
				 struct err *err)
{
	struct app_claims claims = {in->config->app_id, wall(in)};
	struct rest rest = rest_of(in);
	struct text proof;
	enum err_code code;

	if (!app_key_jwt(in->key, &claims, in->call->arena, &proof, err))
		return err->code;
	ask->bearer = proof;
	code = rest_send(&rest, in->call, ask, ret, err);
	crypto_cleanse((char *)(uintptr_t)proof.at, proof.len);
	if (code != ERR_OK)
		return code;
	return rest_sort(&rest, ask, ret, err) ? ERR_OK : err->code;
}

static enum err_code get(const struct access_asking *in, const struct rest_path *path, struct http_answer *ret,
			 struct err *err)
{
	struct rest_ask ask = {.method = "GET"};

	if (rest_url(in->config->api_url, in->call, path, &ask.url, err) != ERR_OK)
		return err->code;
	return send_proven(in, &ask, ret, err);
}

static struct text number(const struct access_asking *in)
{
	return arena_printf(in->call->arena, "%lld", (long long)in->id);
}

static struct text body_of(const struct access_asking *in, const struct left_out *without)
{
	struct jwrite *w = jwrite_new();
	struct text body;

	jwrite_object(w, NULL);
	jwrite_object(w, "permissions");
	for (size_t i = 0; i < NEEDED; i++)
		if (!without->at[i])
			jwrite_text(w, needed[i].name, text_of(needed[i].level));
	jwrite_end(w);
	jwrite_end(w);
	body = arena_text(in->call->arena, jwrite_text_of(w));
	jwrite_free(w);
	return body;
}

static enum err_code ask_for_token(const struct access_asking *in, const struct left_out *without,
				   struct http_answer *ret, struct err *err)
{
	struct rest_path path = {"/app/installations/*/access_tokens", {number(in)}, 1};
	struct rest_ask ask = {.method = "POST", .body = body_of(in, without)};

	if (rest_url(in->config->api_url, in->call, &path, &ask.url, err) != ERR_OK)
		return err->code;
	return send_proven(in, &ask, ret, err);
}

/* ---- what was not granted ---- */

static bool granted(jval permissions, const struct permission_needed *need)
{
	struct text level = jtext(permissions, need->name);

	return text_is(level, need->level) || text_is(level, "write") || text_is(level, "admin");
}

static struct left_out spared(jval permissions, bool personal)
{
	struct left_out without = {.any = false};

	for (size_t i = 0; i < NEEDED; i++) {
		without.at[i] = (personal && needed[i].of_organization) ||
				(needed[i].optional && !granted(permissions, &needed[i]));
		without.any = without.any || without.at[i];
	}
	return without;
}

static struct text missing(const struct access_asking *in, jval permissions, const struct left_out *without)
{
	struct text list = TEXT_EMPTY;

	for (size_t i = 0; i < NEEDED; i++)
		if (!granted(permissions, &needed[i]) && !without->at[i])
			list = arena_printf(in->call->arena, "%.*s%s%s: %s", TEXT_ARG(list), list.len ? ", " : "",
					    needed[i].name, needed[i].level);
	return list;
}

static enum err_code say_missing(const struct access_asking *in, struct text list, struct err *err)
{
	if (list.len)
		(void)err_set(
			err, ERR_DENIED,
			"installation %lld was not granted %.*s: whoever owns it must accept the app's permissions",
			(long long)in->id, TEXT_ARG(list));
	else
		(void)err_set(err, ERR_DENIED, "installation %lld: the forge rejects the permissions asked for (422)",
			      (long long)in->id);
	return err->code;
}

/* After a 422. */
static enum err_code ask_again(const struct access_asking *in, struct http_answer *ret, struct err *err)
{
	struct rest_path path = {"/app/installations/*", {number(in)}, 1};
	struct http_answer answer = {.status = 0};
	struct jdoc *doc;
	struct left_out without;
	struct text list;

	*err = ERR_NONE;
	if (get(in, &path, &answer, err) != ERR_OK)
		return say_refused(in, &answer, err);
	doc = jdoc_parse(answer.body, err);
	if (!doc)
		return err->code;
	without = spared(jget(jdoc_root(doc), "permissions"), text_is(jtext(jdoc_root(doc), "target_type"), "User"));
	list = missing(in, jget(jdoc_root(doc), "permissions"), &without);
	jdoc_free(doc);
	if (!without.any || list.len)
		return say_missing(in, list, err);
	if (ask_for_token(in, &without, ret, err) == ERR_OK)
		return ERR_OK;
	return ret->status == 422 ? say_missing(in, list, err) : say_refused(in, ret, err);
}

/* ---- what was given ---- */

static int64_t keep_of(int64_t life)
{
	int64_t keep = life > 2 * MARGIN_MS ? life - MARGIN_MS : life / 2;

	return keep < KEEP_MAX_MS ? keep : KEEP_MAX_MS;
}

/* By the forge's own clock: how far ours is off does not matter. */
static bool take_token(const struct access_asking *in, const struct http_answer *answer, jval v,
		       struct access_found *ret, struct err *err)
{
	int64_t expires = jwhen(v, "expires_at"), life;
	struct access_found found = {.installation = in->id};
	struct text token;

	if (!jneed_text(v, "token", &token, err))
		return false;
	if (expires == WHEN_UNKNOWN)
		return err_set(err, ERR_INVALID, "expires_at: not a time");
	life = expires - date_of(in, answer);
	if (life <= 0)
		return err_set(err, ERR_INVALID, "a token that has expired already");
	if (!access_token_make(token, in->id, &found.token))
		return err_set(err, ERR_INVALID, "a token that is not one word");
	crypto_cleanse((char *)(uintptr_t)token.at, token.len);
	found.keep_ms = keep_of(life);
	found.life_ms = life;
	*ret = found;
	return true;
}

enum err_code access_ask_token(const struct access_asking *in, struct access_found *ret, struct err *err)
{
	struct left_out without = {.any = false};
	struct http_answer answer = {.status = 0};
	enum err_code code = ask_for_token(in, &without, &answer, err);
	struct jdoc *doc;

	if (code == ERR_DENIED && answer.status == 422)
		code = ask_again(in, &answer, err);
	else if (code != ERR_OK)
		code = say_refused(in, &answer, err);
	if (code != ERR_OK)
		return code;
	doc = jdoc_parse(answer.body, err);
	crypto_cleanse((char *)(uintptr_t)answer.body.at, answer.body.len);
	if (!doc)
		err->code = ERR_RETRY; /* cut short on its way, most likely */
	else if (!take_token(in, &answer, jdoc_root(doc), ret, err))
		(void)err_wrap(err, "installation %lld", (long long)in->id);
	jdoc_free(doc);
	return err->code;
}

/* ---- the installation of a repository ---- */

static enum err_code say_nowhere(const struct access_asking *in, unsigned status, struct err *err)
{
	const struct forge_repo *repo = &in->call->repo;
	struct text name = arena_printf(in->call->arena, "repository %lld", (long long)repo->id);

	if (repo->name.len > 0)
		name = text_cut(repo->name, 100);
	(void)err_set(err, ERR_DENIED, "the app is not installed on %.*s (%u)", TEXT_ARG(name), status);
	return err->code;
}

static enum err_code place_by_number(const struct access_asking *in, int64_t repo, struct http_answer *ret,
				     struct err *err)
{
	struct text id = arena_printf(in->call->arena, "%lld", (long long)repo);
	struct rest_path path = {"/repositories/*/installation", {id}, 1};

	return get(in, &path, ret, err);
}

/* By name, as documented; where that is an old one, or none is known, by number. */
static enum err_code ask_where(const struct access_asking *in, struct http_answer *ret, struct err *err)
{
	struct rest_path path = {"/repos/*/*/installation", {TEXT_EMPTY}, 0};
	const struct forge_repo *repo = &in->call->repo;
	enum err_code code;
	int64_t id;

	if (repo->name.len == 0)
		return place_by_number(in, repo->id, ret, err);
	code = get(in, &path, ret, err);
	id = code == ERR_INVALID ? rest_moved_to(in->config->api_url, ret, "/installation") : 0;
	if (id == 0 || (repo->id != 0 && id != repo->id))
		return code;
	*err = ERR_NONE;
	return place_by_number(in, id, ret, err);
}

enum err_code access_ask_place(const struct access_asking *in, struct access_found *ret, struct err *err)
{
	struct access_found found = {.keep_ms = PLACE_KEEP_MS, .life_ms = ACCESS_NO_END};
	struct http_answer answer = {.status = 0};
	struct jdoc *doc;

	if (ask_where(in, &answer, err) != ERR_OK) {
		if (answer.status == 401)
			return say_unproven(in, &answer, err);
		return err->code == ERR_GONE ? say_nowhere(in, answer.status, err) : err->code;
	}
	doc = jdoc_parse(answer.body, err);
	if (!doc) {
		err->code = ERR_RETRY;
		return err->code;
	}
	if (jneed_int(jdoc_root(doc), "id", &found.installation, err) && found.installation <= 0)
		(void)err_set(err, ERR_INVALID, "id: not an installation");
	jdoc_free(doc);
	if (err->code == ERR_OK)
		*ret = found;
	return err->code;
}
