/* Acts on the world, and what is read from it: its log, kept as far as it was read, and the statuses in it. */
#include "tests/support/rig.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POLL_MS = 10, SETTLE_MS = 60000 };

static json_t *parsed(struct rig *rig, const char *format, va_list args)
{
	char *text = NULL;
	json_error_t error;
	json_t *ret;

	if (vasprintf(&text, format, args) < 0)
		abort();
	ret = json_loads(text, 0, &error);
	if (!ret)
		(void)rig_fail(rig, "the arguments are no JSON: %s: %s", error.text, text);
	free(text);
	return ret;
}

/* Steals args. The answer's HTTP status goes to ret_status; NULL: there was none. */
static json_t *control(struct rig *rig, const char *face, json_t *args, long *ret_status)
{
	char url[160], *body = json_dumps(args, JSON_COMPACT);
	struct rig_request request = {.method = "POST", .url = url, .body = body, .len = body ? strlen(body) : 0};
	struct rig_reply reply;
	json_t *ret;

	(void)snprintf(url, sizeof url, "%s/_world/%s", rig->world_url, face);
	(void)rig_http(&request, &reply);
	ret = json_loads(reply.body, JSON_DECODE_ANY, NULL);
	*ret_status = reply.status;
	rig_reply_clear(&reply);
	json_decref(args);
	free(body);
	return ret;
}

static json_t *act_args(struct rig *rig, const char *what, const char *who, json_t *args)
{
	if (!args)
		args = json_object();
	(void)json_object_set_new(args, "do", json_string(what));
	(void)json_object_set_new(args, "who", json_string(who));
	if (!json_object_get(args, "repo"))
		(void)json_object_set_new(args, "repo", json_string(rig->repo));
	return args;
}

static json_t *checked(struct rig *rig, const char *what, json_t *answer, long status)
{
	const char *message = json_string_value(json_object_get(answer, "message"));

	if (answer && status == 200)
		return answer;
	json_decref(answer);
	(void)rig_fail(rig, "%s: the world answered %ld: %s", what, status, message ? message : "");
	return NULL;
}

json_t *rig_act(struct rig *rig, const char *what, const char *who, const char *format, ...)
{
	va_list args;
	json_t *given, *answer;
	long status;

	va_start(args, format);
	given = parsed(rig, format, args);
	va_end(args);
	answer = control(rig, "act", act_args(rig, what, who, given), &status);
	return checked(rig, what, answer, status);
}

int rig_act_refused(struct rig *rig, const char *what, const char *who, const char *format, ...)
{
	va_list args;
	json_t *given;
	long status;

	va_start(args, format);
	given = parsed(rig, format, args);
	va_end(args);
	json_decref(control(rig, "act", act_args(rig, what, who, given), &status));
	return (int)status;
}

json_t *rig_world(struct rig *rig, const char *face, const char *format, ...)
{
	va_list args;
	json_t *given, *answer;
	long status;

	va_start(args, format);
	given = parsed(rig, format, args);
	va_end(args);
	answer = control(rig, face, given, &status);
	return checked(rig, face, answer, status);
}

static json_t *get(struct rig *rig, const char *path)
{
	char url[160];
	struct rig_request request = {.method = "GET", .url = url};
	struct rig_reply reply;
	json_t *ret;

	(void)snprintf(url, sizeof url, "%s%s", rig->world_url, path);
	(void)rig_http(&request, &reply);
	ret = json_loads(reply.body, 0, NULL);
	if (!ret)
		(void)rig_fail(rig, "the world does not answer on %s", path);
	rig_reply_clear(&reply);
	return ret;
}

json_t *rig_state(struct rig *rig)
{
	return get(rig, "/_world/state");
}

/* Reads what is new; the answer says how many deliveries wait. */
static json_int_t read_log(struct rig *rig)
{
	char path[64];
	json_t *answer;
	json_int_t undelivered;

	(void)snprintf(path, sizeof path, "/_world/log?since=%lld", (long long)rig->log_last);
	answer = get(rig, path);
	if (!answer)
		return -1;
	(void)json_array_extend(rig->log, json_object_get(answer, "entries"));
	rig->log_last = json_integer_value(json_object_get(answer, "last"));
	undelivered = json_integer_value(json_object_get(answer, "undelivered"));
	json_decref(answer);
	return undelivered;
}

json_t *rig_log(struct rig *rig)
{
	(void)read_log(rig);
	return rig->log;
}

json_int_t rig_log_mark(struct rig *rig)
{
	(void)read_log(rig);
	return rig->log_last;
}

static bool has(const json_t *entry, const char *key, const char *value)
{
	const char *own = json_string_value(json_object_get(entry, key));

	return own && strcmp(own, value) == 0;
}

const json_t *rig_status(struct rig *rig, const char *sha)
{
	(void)read_log(rig);
	for (size_t i = json_array_size(rig->log); i > 0; i--) {
		const json_t *entry = json_array_get(rig->log, i - 1);

		if (has(entry, "kind", "post") && has(entry, "sha", sha) && has(entry, "context", RIG_CONTEXT) &&
		    has(entry, "repo", rig->repo))
			return entry;
	}
	return NULL;
}

struct wanted {
	const char *sha, *state, *text;
	int ms;
};

static bool is_wanted(const json_t *status, const struct wanted *wanted)
{
	const char *text = json_string_value(json_object_get(status, "description"));

	return status && has(status, "state", wanted->state) && (!wanted->text || (text && strstr(text, wanted->text)));
}

static void tell_log(struct rig *rig, char *to, size_t size)
{
	size_t n = json_array_size(rig->log), used = 0;

	to[0] = '\0';
	for (size_t i = n > 14 ? n - 14 : 0; i < n && used + 2 < size; i++) {
		char *line = json_dumps(json_array_get(rig->log, i), JSON_COMPACT);

		used += (size_t)snprintf(to + used, size - used, "%.200s\n", line ? line : "");
		free(line);
	}
}

static const json_t *wait_for(struct rig *rig, const struct wanted *wanted)
{
	int64_t until = rig_now() + (int64_t)wanted->ms * (getenv("HEADGATE_FORGE_FRONT") ? 4 : 1); /* a way round */
	const json_t *status;
	char *last, tail[3000];

	for (;;) {
		status = rig_status(rig, wanted->sha);
		if (is_wanted(status, wanted))
			return status;
		if (rig_now() > until || rig->world <= 0)
			break;
		rig_sleep(POLL_MS);
	}
	last = status ? json_dumps(status, JSON_COMPACT) : NULL;
	tell_log(rig, tail, sizeof tail);
	(void)rig_fail(rig, "no `%s` %s on %.12s within %d ms; the newest: %s\n--- end of the world's log ---\n%.1200s",
		       wanted->state, wanted->text ? wanted->text : "", wanted->sha, wanted->ms, last ? last : "none",
		       strlen(tail) > 1200 ? tail + strlen(tail) - 1200 : tail);
	free(last);
	return NULL;
}

const json_t *rig_wait_status(struct rig *rig, const char *sha, const char *state, int ms)
{
	return wait_for(rig, &(struct wanted){sha, state, NULL, ms});
}

const json_t *rig_wait_text(struct rig *rig, const char *sha, const char *state, const char *text)
{
	return wait_for(rig, &(struct wanted){sha, state, text, RIG_WAIT_MS});
}

bool rig_settle(struct rig *rig, int quiet_ms)
{
	int64_t until = rig_now() + SETTLE_MS, still = rig_now();
	json_int_t last = -1;

	while (rig_now() - still < quiet_ms) {
		json_int_t undelivered = read_log(rig);

		if (undelivered != 0 || rig->log_last != last)
			still = rig_now();
		last = rig->log_last;
		if (undelivered < 0 || rig_now() > until)
			return rig_fail(rig, "no quiet within %d ms; %lld deliveries wait", SETTLE_MS,
					(long long)undelivered);
		rig_sleep(POLL_MS);
	}
	return true;
}

int64_t rig_since(struct rig *rig, const char *event, const char *action, const json_t *entry)
{
	json_int_t at = json_integer_value(json_object_get(entry, "ms"));

	(void)read_log(rig);
	for (size_t i = json_array_size(rig->log); i > 0; i--) {
		const json_t *delivery = json_array_get(rig->log, i - 1);

		if (has(delivery, "kind", "delivery") && has(delivery, "event", event) &&
		    (!action || has(delivery, "action", action)))
			return at - json_integer_value(json_object_get(delivery, "made_at"));
	}
	return -1;
}

void rig_tip(struct rig *rig, const char *branch, char ret[41])
{
	json_t *state = rig_state(rig), *repo = json_object_get(json_object_get(state, "repos"), rig->repo);
	char ref[128];
	const char *sha;

	(void)snprintf(ref, sizeof ref, "refs/heads/%s", branch);
	sha = json_string_value(json_object_get(json_object_get(repo, "refs"), ref));
	(void)snprintf(ret, 41, "%s", sha ? sha : "");
	json_decref(state);
}
