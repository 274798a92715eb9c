/*
 * The state machine's door: clock, ids, log, tokens, faults, and one request at a time through them to the routes.
 * Nothing here or below reads the real clock or makes random numbers: ids count up from the seed.
 */
#include "tests/world/world_state.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const int64_t birthday_ms = 1767571200000; /* 2026-01-05T00:00:00Z: a virtual clock begins here */

json_int_t world_id(struct world *w, const char *kind)
{
	/* Kinds begin far apart, so that a mixed-up id is never by chance a right one. */
	static const struct {
		const char *kind;
		json_int_t first;
	} kinds[] = {{"user", 1001},
		     {"repo", 500001},
		     {"change", 9000001},
		     {"review", 20000001},
		     {"status", 300000001},
		     {"comment", 40000001},
		     {"activity", 5000001},
		     {"delivery", 60000001},
		     {"team", 70001},
		     {"timeline", 800000001},
		     {"installation", 7001},
		     {"check", 110000001},
		     {"workflow_run", 13000001},
		     {"account", 61001},
		     {"bug", 900001},
		     {"attachment", 8612345},
		     {"bug_comment", 16000001},
		     {"flag", 2200001},
		     {"flag_type", 801},
		     {"flag_activity", 1700001},
		     {"webhook", 31},
		     {"push", 70000001},
		     {"push_flight", 90000001}};
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
			    .apps = world_own(json_object()),
			    .installations = world_own(json_object()),
			    .manifests = world_own(json_object()),
			    .users = world_own(json_object()),
			    .teams = world_own(json_object()),
			    .repos = world_own(json_object()),
			    .moved = world_own(json_object()),
			    .kept = world_own(json_object()),
			    .log = world_own(json_array()),
			    .faults = world_own(json_array()),
			    .rate = world_rate_new(),
			    .bugs = world_bugs_new(birthday_ms)};
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
	json_t *all[] = {w->ids,    w->tokens,     w->users,       w->teams, w->repos, w->log,           w->apps,
			 w->faults, w->hooks.list, w->hooks.rules, w->moved, w->kept,  w->installations, w->manifests};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		json_decref(all[i]);
	world_rate_free(&w->rate);
	world_bugs_free(w->bugs);
	world_forget_marks(w);
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

void world_unescape(char *s)
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
		world_unescape(pair);
		if (equals)
			world_unescape(equals);
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
		world_unescape(part);
		parts[n++] = part;
	}
	return n;
}

static bool is_control(const struct world_request *request)
{
	return strncmp(request->path, "/_world/", 8) == 0;
}

/* What needs no token at all. */
static bool is_open(const struct world_request *request)
{
	const char *path = strncmp(request->path, "/api/v3/", 8) == 0 ? request->path + 7 : request->path;

	return strncmp(path, "/app-manifests/", 15) == 0;
}

/* Whose request it is, for the log too where a fault answers in the world's place. */
static void identify(struct world_call *call, char who[WORLD_LOGIN_MAX])
{
	if (!is_open(call->request) && world_admit(call)) {
		world_name_caller(call->token, call->app, who);
		if (who[0])
			world_user(call->act.w, who);
	}
	call->act.who = who;
}

static void dispatch(struct world_call *call)
{
	char *path = world_text("%s", call->request->path), *parts[PARTS_MAX];
	size_t n = split(path, parts),
	       skip = n > 2 && strcmp(parts[0], "api") == 0 && strcmp(parts[1], "v3") == 0 ? 2 : 0;

	call->act.args =
		call->request->len ? json_loadb(call->request->body, call->request->len, 0, NULL) : json_object();
	if (!json_is_object(call->act.args))
		world_fail(&call->act, 400, "Problems parsing JSON");
	else if (is_control(call->request))
		world_control(call, parts + 1, n - 1);
	else if (is_open(call->request))
		world_open_route(call, parts + skip, n - skip);
	else if (world_rate_takes(call))
		world_route(call, parts + skip, n - skip);
	json_decref(call->act.args);
	free(path);
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
	if (is_control(call->request))
		return;
	if (world_is_tracker(call->request))
		world_tracker_settle(call);
	else
		world_rate_settle(call, world_etag_holds(call));
}

static void log_request(const struct world_call *call, const char *who, bool fault)
{
	const struct world_request *request = call->request;
	json_t *query = world_is_tracker(request) ? world_tracker_query(request)
						  : json_string(request->query ? request->query : "");

	world_log(call->act.w, "request",
		  json_pack("{s:s,s:s,s:o,s:i,s:s,s:b,s:b}", "method", request->method, "path", request->path, "query",
			    query, "status", call->response->status, "who", who, "lost", call->response->lost, "fault",
			    fault));
}

static void perform(struct world *w, const struct world_request *request, json_t *fault, struct world_response *ret)
{
	char who[WORLD_LOGIN_MAX] = "";
	struct world_call call = {
		.act = {.w = w, .who = who, .out = world_own(json_object())}, .request = request, .response = ret};

	world_put(ret->headers, "Date", date_header(w->now_ms));
	if (!is_control(request) && !world_is_tracker(request))
		identify(&call, who);
	if (!world_fault_answers(&call, fault) && call.act.status == 0) {
		if (world_is_tracker(request))
			world_tracker(&call, who);
		else
			dispatch(&call);
	}
	finish(&call);
	world_fault_spoils(ret, fault);
	if (!is_control(request))
		log_request(&call, who, fault != NULL);
}

void world_handle(struct world *w, const struct world_request *request, struct world_response *ret)
{
	json_t *fault = is_control(request) ? NULL : world_take_fault(w, request);
	struct world_past *past =
		strcmp(request->method, "GET") == 0 ? world_marked(w, world_str(fault, "past")) : NULL;

	*ret = (struct world_response){.headers = world_own(json_object())};
	world_past_exchange(w, past);
	perform(w, request, fault, ret);
	world_past_exchange(w, past);
	json_decref(fault);
}

void world_response_clear(struct world_response *response)
{
	free(response->body);
	json_decref(response->headers);
	*response = (struct world_response){0};
}
