/*
 * The trackers' doors: /bugzilla-bmo/rest as BMO answers, /bugzilla/rest as upstream does, /treestatus/trees. A key is
 * taken from BMO's header, from the query or from a body; upstream does not know the header. What is refused before any
 * route is looked at comes first: too long a target, an address that is blocked, a key that is none.
 */
#include "tests/world/world_bug.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char bmo_root[] = "/bugzilla-bmo/rest/", upstream_root[] = "/bugzilla/rest/",
		  tree_root[] = "/treestatus/trees/";

enum { BLOCK_MS = 3600000, WINDOW_MS = 60000, WRONG_KEYS = 5, ANONYMOUS_READS = 75 };
enum face { FACE_BMO = 1, FACE_UPSTREAM = 2, FACE_BOTH = 3 };

static bool starts(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

bool world_is_tracker(const struct world_request *request)
{
	return starts(request->path, bmo_root) || starts(request->path, upstream_root) ||
	       starts(request->path, tree_root);
}

json_t *world_tracker_query(const struct world_request *request)
{
	char *copy = world_text("%s", request->query ? request->query : ""), *rest = copy, *pair;
	char *kept = world_text("%s", ""), *longer;
	json_t *text;

	while ((pair = strsep(&rest, "&"))) {
		bool key = starts(pair, "api_key=") || starts(pair, "Bugzilla_api_key=");

		longer = world_text("%s%s%s", kept, kept[0] && pair[0] ? "&" : "", key ? "api_key=..." : pair);
		free(kept);
		kept = longer;
	}
	text = world_own(json_string(kept));
	free(kept);
	free(copy);
	return text;
}

/* ---- limits ---- */

static bool is_blocked(struct world *w)
{
	json_t *limits = w->bugs->limits;

	if (!limits || w->now_ms >= world_int(limits, "blocked_until"))
		return false;
	world_put(limits, "blocked_until", json_integer(w->now_ms + BLOCK_MS));
	return true;
}

/* Counts one; true: that was one more than a minute takes, and nothing is answered from now on. */
static bool is_over(struct world *w, const char *kind, json_int_t most)
{
	json_t *count;

	if (!w->bugs->limits)
		return false;
	count = world_map(w->bugs->limits, kind);
	if (w->now_ms - world_int(count, "since") >= WINDOW_MS) {
		world_put(count, "since", json_integer(w->now_ms));
		world_put(count, "n", json_integer(0));
	}
	world_put(count, "n", json_integer(world_int(count, "n") + 1));
	if (world_int(count, "n") <= most)
		return false;
	world_put(w->bugs->limits, "blocked_until", json_integer(w->now_ms + BLOCK_MS));
	return true;
}

/* ---- who asks ---- */

static void plain(struct world_call *call, int status, const char *type, const char *text)
{
	call->act.status = status;
	call->response->body = world_text("%s", text);
	call->response->len = strlen(text);
	world_put(call->response->headers, "Content-Type", json_string(type));
}

static const char *key_of(struct world_bz *bz)
{
	const char *header = bz->call->request->tracker_key, *asked = world_bug_asked(bz->query, "api_key");

	if (bz->shown.bmo && header && header[0])
		return header;
	if (asked[0])
		return asked;
	asked = world_bug_asked(bz->query, "Bugzilla_api_key");
	return asked[0] ? asked : world_str(bz->act->args, "api_key");
}

/* False: answered already. */
static bool admit(struct world_bz *bz, char who[WORLD_LOGIN_MAX])
{
	const char *key = key_of(bz);
	json_t *account = world_bug_of_key(bz->act->w, key);

	if (is_blocked(bz->act->w)) {
		plain(bz->call, 429, "text/html", "<!DOCTYPE html><title>Too many requests</title>\n");
		return false;
	}
	if (key[0] && !account) {
		is_over(bz->act->w, "keys", WRONG_KEYS);
		world_bug_fail(bz->act, 306, "This API key is not valid.");
		return false;
	}
	snprintf(who, WORLD_LOGIN_MAX, "%.120s", world_str(account, "login"));
	return true;
}

/* ---- routes ---- */

static const struct route {
	const char *method, *pattern;
	world_bz_fn *run;
	enum face face;
	bool counted; /* among what anonymous callers may do so often */
} routes[] = {
	{"GET", "bug", world_bz_search, FACE_BOTH, false},
	{"POST", "bug", world_bz_post_bug, FACE_BOTH, false},
	{"GET", "bug/attachment/*", world_bz_get_attachment, FACE_BOTH, true},
	{"PUT", "bug/attachment/*", world_bz_put_attachment, FACE_BOTH, false},
	{"GET", "bug/*/attachment", world_bz_get_attachments, FACE_BOTH, true},
	{"POST", "bug/*/attachment", world_bz_post_attachment, FACE_BOTH, false},
	{"GET", "bug/*/comment", world_bz_get_comments, FACE_BOTH, true},
	{"POST", "bug/*/comment", world_bz_post_comment, FACE_BOTH, false},
	{"GET", "bug/*/history", world_bz_get_history, FACE_BOTH, false},
	{"GET", "bug/*", world_bz_get_bug, FACE_BOTH, true},
	{"PUT", "bug/*", world_bz_put_bug, FACE_BOTH, false},
	{"GET", "time", world_bz_time, FACE_BOTH, false},
	{"GET", "version", world_bz_version, FACE_BOTH, false},
	{"GET", "whoami", world_bz_whoami, FACE_BMO, false},
	{"GET", "valid_login", world_bz_valid_login, FACE_BOTH, false},
	{"GET", "user", world_bz_user, FACE_BOTH, false},
	{"GET", "user/*", world_bz_user, FACE_BOTH, false},
	{"GET", "flag_type/*", world_bz_flag_types, FACE_BOTH, false},
	{"GET", "flag_type/*/*", world_bz_flag_types, FACE_BOTH, false},
	{"GET", "review/flag_activity", world_bz_flag_activity, FACE_BMO, false},
	{"GET", "webhooks/list", world_bz_webhooks, FACE_BMO, false},
};

enum { PARTS = 4 };

static size_t split(char *path, char *parts[PARTS])
{
	size_t n = 0;
	char *part;

	while ((part = strsep(&path, "/"))) {
		if (n == PARTS)
			return 0;
		world_unescape(part);
		if (part[0])
			parts[n++] = part;
	}
	return n;
}

static bool fits(struct world_bz *bz, const char *pattern, char **parts, size_t n)
{
	char *copy = world_text("%s", pattern), *rest = copy, *word;
	size_t at = 0, args = 0;
	bool ok = true;

	while (ok && (word = strsep(&rest, "/"))) {
		ok = at < n && (strcmp(word, "*") == 0 || strcmp(word, parts[at]) == 0);
		if (ok && strcmp(word, "*") == 0)
			bz->args[args++] = parts[at];
		at++;
	}
	free(copy);
	return ok && at == n;
}

static void run(struct world_bz *bz, const struct route *route)
{
	struct world *w = bz->act->w;

	if (route->counted && !bz->shown.who[0] && bz->shown.bmo && is_over(w, "reads", ANONYMOUS_READS))
		world_bug_fail(bz->act, 32000, "You have exceeded the rate limit.");
	else
		route->run(bz);
}

static void find_route(struct world_bz *bz, char *path)
{
	enum face face = bz->shown.bmo ? FACE_BMO : FACE_UPSTREAM;
	char *whole = world_text("%s", path), *parts[PARTS];
	size_t n = split(path, parts), i;

	for (i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if ((routes[i].face & face) && strcmp(routes[i].method, bz->call->request->method) == 0 &&
		    fits(bz, routes[i].pattern, parts, n))
			break;
	}
	if (i < sizeof(routes) / sizeof(routes[0]))
		run(bz, &routes[i]);
	else
		world_bug_fail(bz->act, 32614, "There is no '%s /%s' here.", bz->call->request->method, whole);
	free(whole);
}

static void read_body(struct world_bz *bz)
{
	const struct world_request *request = bz->call->request;

	bz->act->args = request->len ? json_loadb(request->body, request->len, 0, NULL) : json_object();
	if (json_is_object(bz->act->args))
		return;
	json_decref(bz->act->args);
	bz->act->args = world_own(json_object());
	world_bug_fail(bz->act, 32000, "This is no JSON object.");
}

static const char *documentation(const struct world_bz *bz)
{
	return bz->shown.bmo ? "docs/%lang%/html/api/" : "https://bugzilla.readthedocs.org/en/5.0/api/";
}

/* The same header twice: names of headers have no case. */
static void cookies(struct world_bz *bz)
{
	json_t *headers = bz->call->response->headers;

	world_put(headers, "Set-Cookie", json_string("Bugzilla_login_request_cookie=AAAAAAAAAA; path=/; HttpOnly"));
	if (bz->shown.bmo)
		world_put(headers, "set-cookie", json_string("github_token=BBBBBBBBBB; path=/; HttpOnly"));
}

static void answer(struct world_bz *bz, char *path, char who[WORLD_LOGIN_MAX])
{
	json_t *in = world_bug_asked_list(bz->query, "include_fields"),
	       *out = world_bug_asked_list(bz->query, "exclude_fields");

	read_body(bz);
	if (bz->act->status == 0 && admit(bz, who)) {
		bz->shown.who = bz->act->who = who;
		bz->shown.in = in;
		bz->shown.out = out;
		find_route(bz, path);
	}
	if (!who[0])
		cookies(bz);
	if (world_true(bz->act->out, "error"))
		world_put(bz->act->out, "documentation", json_string(documentation(bz)));
	json_decref(bz->act->args);
	bz->act->args = NULL;
	json_decref(in);
	json_decref(out);
}

void world_tracker(struct world_call *call, char who[WORLD_LOGIN_MAX])
{
	const struct world_request *request = call->request;
	bool bmo = starts(request->path, bmo_root);
	struct world_bz bz = {.call = call,
			      .act = &call->act,
			      .shown = {.w = call->act.w, .who = "", .bmo = bmo},
			      .query = world_bug_query(request->query)};
	size_t root = strlen(bmo ? bmo_root : upstream_root);
	char *path = world_text("%s", request->path);

	if (starts(request->path, tree_root))
		world_tree_answers(call, request->path + strlen(tree_root));
	else if (strlen(request->path) + strlen(request->query ? request->query : "") > BUG_TARGET_MAX)
		plain(call, 414, "text/plain", "Request-URI Too Long\n");
	else
		answer(&bz, path + root, who);
	free(path);
	json_decref(bz.query);
}

/* ---- what every answer has ---- */

/* 22 letters of an MD5 of the body, without quotes. */
static void etag_of(const struct world_response *response, char ret[25])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (EVP_Digest(response->body, response->len, digest, &n, EVP_md5(), NULL) != 1)
		abort();
	EVP_EncodeBlock((unsigned char *)ret, digest, 16);
	ret[22] = 0;
}

void world_tracker_settle(struct world_call *call)
{
	struct world_response *response = call->response;
	const char *had = call->request->if_none_match;
	char etag[25];

	if (call->played)
		return;
	if (starts(call->request->path, tree_root)) {
		if (response->status == 404)
			world_put(response->headers, "Content-Type", json_string("application/problem+json"));
		return;
	}
	if (response->status == 414 || response->status == 429 || strstr(call->request->path, "/webhooks/"))
		return;
	etag_of(response, etag);
	world_put(response->headers, "ETag", json_string(etag));
	world_put(response->headers, "X-Content-Type-Options", json_string("nosniff"));
	if (response->status != 200 || !had || strcmp(had, etag) != 0)
		return;
	free(response->body);
	response->body = NULL;
	response->len = 0;
	response->status = 304;
}

/* ---- the whole state, for the control face and for replicas of the world ---- */

json_t *world_bugs_exchange(struct world *w, json_t *bugs)
{
	json_t *were = w->bugs->bugs;

	w->bugs->bugs = bugs;
	return were;
}

json_t *world_bugs_now(const struct world *w)
{
	return w->bugs->bugs;
}

void world_bugs_state(struct world *w, json_t *out)
{
	world_put(out, "bugs", json_deep_copy(w->bugs->bugs));
	world_put(out, "trees", json_deep_copy(w->bugs->trees));
	world_put(out, "webhooks", json_deep_copy(w->bugs->push.hooks));
}
