/*
 * The state machine's door: clock, ids, log, tokens, faults, and one request at a time through them to the routes.
 * Nothing here or below reads the real clock or makes random numbers: ids count up from the seed.
 */
#include "tests/world/world_state.h"

#include <ctype.h>
#include <fnmatch.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

static const int64_t birthday_ms = 1767571200000; /* 2026-01-05T00:00:00Z: a virtual clock begins here */

json_int_t world_id(struct world *w, const char *kind)
{
	/* Kinds begin far apart, so that a mixed-up id is never by chance a right one. */
	static const struct {
		const char *kind;
		json_int_t first;
	} kinds[] = {{"user", 1001},        {"repo", 500001},       {"change", 9000001},   {"review", 20000001},
		     {"status", 300000001}, {"comment", 40000001},  {"activity", 5000001}, {"delivery", 60000001},
		     {"team", 70001},       {"timeline", 800000001}};
	json_int_t last = world_int(w->ids, kind);

	for (size_t i = 0; last == 0 && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].kind, kind) == 0)
			last = kinds[i].first + (json_int_t)(w->seed % 97);
	world_put(w->ids, kind, json_integer(last + 1));
	return last;
}

enum { KEPT_MAX = 4000 };

json_t *world_known(const struct world *w, const char *key)
{
	return json_incref(json_object_get(w->kept, key));
}

json_t *world_keep(struct world *w, const char *key, json_t *value)
{
	if (json_object_size(w->kept) >= KEPT_MAX)
		json_object_clear(w->kept);
	if (value)
		world_put(w->kept, key, json_incref(value));
	return value;
}

void world_forget(struct world *w)
{
	json_object_clear(w->kept);
}

static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

void world_guid(struct world *w, char ret[37])
{
	uint64_t n = (uint64_t)world_id(w, "guid") + 1, a = mix(w->seed * 1000003u + 2 * n),
		 b = mix(w->seed * 1000003u + 2 * n + 1);

	world_put(w->ids, "guid", json_integer((json_int_t)n));
	snprintf(ret, 37, "%08x-%04x-4%03x-%04x-%012llx", (unsigned)(a >> 32), (unsigned)(a >> 16) & 0xffff,
		 (unsigned)a & 0xfff, 0x8000u | ((unsigned)(b >> 48) & 0x3fff),
		 (unsigned long long)(b & 0xffffffffffff));
}

void world_log(struct world *w, const char *kind, json_t *entry)
{
	json_t *line =
		world_own(json_pack("{s:I,s:I,s:s}", "n", ++w->log_last, "ms", (json_int_t)w->now_ms, "kind", kind));

	json_object_update(line, world_own(entry));
	json_decref(entry);
	json_array_append_new(w->log, line);
	if (json_array_size(w->log) > WORLD_LOG_MAX) {
		json_t *half = world_own(json_array());

		for (size_t i = WORLD_LOG_MAX / 2; i < json_array_size(w->log); i++)
			json_array_append(half, json_array_get(w->log, i));
		json_decref(w->log);
		w->log = half;
	}
}

static json_t *read_tokens(const char *text)
{
	json_t *tokens;
	size_t len;

	while (isspace((unsigned char)*text))
		text++;
	if (*text == '{')
		return json_loads(text, 0, NULL);
	len = strcspn(text, " \t\r\n");
	if (len == 0)
		return NULL;
	tokens = world_own(json_object());
	json_object_setn_new(tokens, text, len, json_pack("{s:s}", "app", "headgate"));
	return tokens;
}

struct world *world_new(const struct world_config *config, const char **why)
{
	struct world *w = calloc(1, sizeof(*w));
	json_t *tokens = read_tokens(config->tokens ? config->tokens : "{}");

	if (!w)
		abort();
	if (!json_is_object(tokens) || (mkdir(config->dir, 0700) != 0 && access(config->dir, W_OK) != 0)) {
		*why = json_is_object(tokens) ? "the state directory cannot be written" : "the token file is malformed";
		json_decref(tokens);
		free(w);
		return NULL;
	}
	git_libgit2_init();
	*w = (struct world){.dir = realpath(config->dir, NULL),
			    .public_url = world_text("%s", config->public_url ? config->public_url : ""),
			    .seed = config->seed,
			    .now_ms = birthday_ms,
			    .real = config->real,
			    .ids = world_own(json_object()),
			    .tokens = tokens,
			    .users = world_own(json_object()),
			    .teams = world_own(json_object()),
			    .repos = world_own(json_object()),
			    .moved = world_own(json_object()),
			    .kept = world_own(json_object()),
			    .log = world_own(json_array()),
			    .faults = world_own(json_array())};
	w->hooks = (struct world_hooks){.url = config->hook_url ? world_text("%s", config->hook_url) : NULL,
					.secret = world_text("%s", config->secret ? config->secret : ""),
					.list = world_own(json_array()),
					.rules = world_own(json_array()),
					.concurrent = 1};
	return w;
}

void world_free(struct world *w)
{
	if (!w)
		return;
	json_t *all[] = {w->ids,    w->tokens,     w->users,       w->teams, w->repos, w->log,
			 w->faults, w->hooks.list, w->hooks.rules, w->moved, w->kept};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		json_decref(all[i]);
	world_git_close(w);
	free(w->dir);
	free(w->public_url);
	free(w->hooks.url);
	free(w->hooks.secret);
	free(w);
	git_libgit2_shutdown();
}

void world_tick(struct world *w, int64_t now_ms)
{
	if (w->real && now_ms > w->now_ms)
		w->now_ms = now_ms;
}

void world_set_public_url(struct world *w, const char *url)
{
	free(w->public_url);
	w->public_url = world_text("%s", url);
	world_forget(w);
}

static char *basic_password(const char *encoded)
{
	size_t len = strlen(encoded);
	char *plain = calloc(1, len + 4), *colon, *password = NULL;
	int n = 0;

	if (!plain)
		abort();
	if (len % 4 == 0)
		n = EVP_DecodeBlock((unsigned char *)plain, (const unsigned char *)encoded, (int)len);
	colon = n > 0 ? strchr(plain, ':') : NULL;
	if (colon)
		password = world_text("%s", colon + 1);
	free(plain);
	return password;
}

const json_t *world_token(struct world *w, const char *authorization)
{
	char *password;
	const json_t *token;

	if (!authorization)
		return NULL;
	if (strncasecmp(authorization, "Bearer ", 7) == 0)
		return json_object_get(w->tokens, authorization + 7);
	if (strncasecmp(authorization, "token ", 6) == 0)
		return json_object_get(w->tokens, authorization + 6);
	if (strncasecmp(authorization, "Basic ", 6) != 0)
		return NULL;
	password = basic_password(authorization + 6);
	token = password ? json_object_get(w->tokens, password) : NULL;
	free(password);
	return token;
}

static bool fault_matches(json_t *fault, const struct world_request *request)
{
	const char *method = world_str(fault, "method"), *endpoint = world_str(fault, "endpoint");

	return (!method[0] || strcasecmp(method, request->method) == 0) &&
	       (strncmp(request->path, endpoint, strlen(endpoint)) == 0 || fnmatch(endpoint, request->path, 0) == 0);
}

static size_t find_fault(struct world *w, const struct world_request *request)
{
	json_t *fault;
	size_t i;

	if (strncmp(request->path, "/_world/", 8) == 0)
		return json_array_size(w->faults);
	json_array_foreach(w->faults, i, fault)
	{
		if (fault_matches(fault, request))
			break;
	}
	return i;
}

int64_t world_delay_before(struct world *w, const struct world_request *request)
{
	return world_int(json_array_get(w->faults, find_fault(w, request)), "delay_before_ms");
}

/* The fault for this request (new reference), counted down; NULL: none. count 0 or missing: for ever. */
json_t *world_take_fault(struct world *w, const struct world_request *request)
{
	size_t i = find_fault(w, request);
	json_t *fault = json_array_get(w->faults, i);
	json_int_t left = world_int(fault, "count");

	if (!fault)
		return NULL;
	json_incref(fault);
	if (left > 1)
		world_put(fault, "count", json_integer(left - 1));
	else if (left == 1)
		json_array_remove(w->faults, i);
	return fault;
}

static json_t *date_header(int64_t ms)
{
	static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	return world_jtext("%s, %02d %s %04d %02d:%02d:%02d GMT", days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon],
			   tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void set_headers(struct world *w, struct world_response *ret)
{
	world_put(ret->headers, "Date", date_header(w->now_ms));
	world_put(ret->headers, "x-ratelimit-limit", json_string("5000"));
	world_put(ret->headers, "x-ratelimit-remaining", json_string("4999"));
	world_put(ret->headers, "x-ratelimit-used", json_string("1"));
	world_put(ret->headers, "x-ratelimit-reset", world_jtext("%lld", (long long)w->now_ms / 1000 + 3600));
	world_put(ret->headers, "x-ratelimit-resource", json_string("core"));
}

static void unescape(char *s)
{
	char *to = s, hex[3] = "";

	for (; *s; s++) {
		if (s[0] == '%' && isxdigit((unsigned char)s[1]) && isxdigit((unsigned char)s[2])) {
			memcpy(hex, s + 1, 2);
			*to++ = (char)strtol(hex, NULL, 16);
			s += 2;
		} else {
			*to++ = *s;
		}
	}
	*to = 0;
}

json_t *world_query(const char *query)
{
	json_t *values = world_own(json_object());
	char *copy = world_text("%s", query ? query : ""), *rest = copy, *pair, *equals;

	while ((pair = strsep(&rest, "&"))) {
		equals = strchr(pair, '=');
		if (equals)
			*equals++ = 0;
		unescape(pair);
		if (equals)
			unescape(equals);
		if (pair[0])
			json_object_set_new(values, pair, json_string(equals ? equals : ""));
	}
	free(copy);
	return values;
}

enum { PARTS_MAX = 24 };

static size_t split(char *path, char *parts[PARTS_MAX])
{
	size_t n = 0;
	char *part;

	while (n < PARTS_MAX && (part = strsep(&path, "/"))) {
		if (!part[0])
			continue;
		unescape(part);
		parts[n++] = part;
	}
	return n;
}

static void dispatch(struct world_call *call)
{
	char *path = world_text("%s", call->request->path), *parts[PARTS_MAX];
	size_t n = split(path, parts),
	       skip = n > 2 && strcmp(parts[0], "api") == 0 && strcmp(parts[1], "v3") == 0 ? 2 : 0;

	call->act.out = world_own(json_object());
	call->act.args =
		call->request->len ? json_loadb(call->request->body, call->request->len, 0, NULL) : json_object();
	if (!json_is_object(call->act.args)) {
		world_fail(&call->act, 400, "Problems parsing JSON");
	} else if (n > 0 && strcmp(parts[0], "_world") == 0) {
		world_control(call, parts + 1, n - 1);
	} else if (!call->token) {
		world_fail(&call->act, 401,
			   call->request->authorization ? "Bad credentials" : "Requires authentication");
	} else {
		world_route(call, parts + skip, n - skip);
	}
	json_decref(call->act.args);
	free(path);
}

static const char *who_of(struct world *w, const json_t *token, char ret[128])
{
	if (world_str(token, "user")[0])
		snprintf(ret, 128, "%s", world_str(token, "user"));
	else if (world_str(token, "app")[0])
		snprintf(ret, 128, "%s[bot]", world_str(token, "app"));
	else
		ret[0] = 0;
	if (ret[0])
		world_user(w, ret);
	return ret;
}

static void finish(struct world_call *call)
{
	struct world_response *ret = call->response;

	if (!ret->status)
		ret->status = call->act.status ? call->act.status : 200;
	if (!ret->body && ret->status != 204) {
		ret->body = json_dumps(call->act.out, JSON_COMPACT);
		ret->len = ret->body ? strlen(ret->body) : 0;
		world_put(ret->headers, "Content-Type", json_string("application/json; charset=utf-8"));
	}
	json_decref(call->act.out);
}

static void play_fault(struct world_call *call, json_t *fault)
{
	json_int_t status = world_int(fault, "status");
	json_t *headers = json_object_get(fault, "headers"), *body = json_object_get(fault, "body");

	call->response->delay_ms = world_int(fault, "delay_ms");
	call->response->lost = world_true(fault, "lost_answer");
	if (status) {
		call->act.out = body ? json_incref(body) : world_own(json_pack("{s:s}", "message", "Server Error"));
		call->act.status = (int)status;
	} else {
		dispatch(call);
	}
	if (json_is_object(headers))
		json_object_update(call->response->headers, headers);
}

void world_handle(struct world *w, const struct world_request *request, struct world_response *ret)
{
	char who[128];
	struct world_call call = {.act = {.w = w}, .request = request, .response = ret};
	json_t *fault = world_take_fault(w, request);

	*ret = (struct world_response){.headers = world_own(json_object())};
	call.token = world_token(w, request->authorization);
	call.act.who = who_of(w, call.token, who);
	set_headers(w, ret);
	if (fault)
		play_fault(&call, fault);
	else
		dispatch(&call);
	finish(&call);
	if (strncmp(request->path, "/_world/", 8) != 0)
		world_log(w, "request",
			  json_pack("{s:s,s:s,s:s,s:i,s:s,s:b,s:b}", "method", request->method, "path", request->path,
				    "query", request->query ? request->query : "", "status", ret->status, "who", who,
				    "lost", ret->lost, "fault", fault != NULL));
	json_decref(fault);
}

void world_response_clear(struct world_response *response)
{
	free(response->body);
	json_decref(response->headers);
	*response = (struct world_response){0};
}

/* ---- replicas ---- */

struct world_past {
	json_t *users, *teams, *repos, *moved;
};

struct world_past *world_remember(const struct world *w)
{
	struct world_past *past = malloc(sizeof(*past));

	if (!past)
		abort();
	*past = (struct world_past){world_own(json_deep_copy(w->users)), world_own(json_deep_copy(w->teams)),
				    world_own(json_deep_copy(w->repos)), world_own(json_deep_copy(w->moved))};
	return past;
}

void world_past_free(struct world_past *past)
{
	if (!past)
		return;
	json_decref(past->users);
	json_decref(past->teams);
	json_decref(past->repos);
	json_decref(past->moved);
	free(past);
}

static void exchange(struct world *w, struct world_past *past)
{
	json_t *const now[] = {w->users, w->teams, w->repos, w->moved};

	w->users = past->users;
	w->teams = past->teams;
	w->repos = past->repos;
	w->moved = past->moved;
	*past = (struct world_past){now[0], now[1], now[2], now[3]};
}

void world_handle_as_of(struct world *w, struct world_past *past, const struct world_request *request,
			struct world_response *ret)
{
	if (!past || strcasecmp(request->method, "GET") != 0) {
		world_handle(w, request, ret);
		return;
	}
	exchange(w, past);
	world_handle(w, request, ret);
	exchange(w, past);
}
