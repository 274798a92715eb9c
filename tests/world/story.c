#include "tests/world/story.h"

#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char tokens[] = "{\"APP\": {\"app\": \"headgate\"},"
			     " \"READER\": {\"app\": \"reader\", \"rights\": {\"pull_requests\": \"read\"}},"
			     " \"ALICE\": {\"user\": \"alice\"}, \"BOB\": {\"user\": \"bob\"}}";

struct story *story_new(uint64_t seed)
{
	struct story *story = calloc(1, sizeof(*story));
	const char *why = "";

	if (!story)
		abort();
	snprintf(story->dir, sizeof(story->dir), "/tmp/world-XXXXXX");
	if (!mkdtemp(story->dir))
		abort();
	story->world = world_new(&(struct world_config){.dir = story->dir,
							.public_url = "http://forge.test",
							.hook_url = "http://gate.test/hook",
							.secret = "s3cret-of-at-least-16-bytes",
							.tokens = tokens,
							.seed = seed},
				 &why);
	if (!story->world)
		abort();
	story->token = "APP";
	return story;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static void forget(struct story *story)
{
	json_decref(story->answer);
	json_decref(story->headers);
	free(story->text);
	story->answer = story->headers = NULL;
	story->text = NULL;
}

void story_free(struct story *story)
{
	forget(story);
	world_free(story->world);
	nftw(story->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(story);
}

static void take(struct story *story, struct world_response *res)
{
	forget(story);
	story->status = res->status;
	story->lost = res->lost;
	story->headers = json_incref(res->headers);
	story->text = res->body;
	res->body = NULL;
	story->answer = json_loadb(story->text ? story->text : "", res->len, JSON_DECODE_ANY, NULL);
	world_response_clear(res);
}

json_t *story_call(struct story *story, const char *method, const char *target, json_t *body)
{
	char *bytes = body ? json_dumps(body, JSON_COMPACT) : NULL, path[1024], authorization[1024];
	const char *query = strchr(target, '?');
	struct world_request request = {.method = method, .path = path, .query = query ? query + 1 : NULL};
	struct world_response res;

	snprintf(path, sizeof(path), "%.*s", (int)strcspn(target, "?"), target);
	snprintf(authorization, sizeof(authorization), "Bearer %s", story->token ? story->token : "");
	request.authorization = story->token ? authorization : NULL;
	request.accept = "application/json";
	request.if_none_match = story->known;
	request.tracker_key = story->key;
	request.body = bytes ? bytes : "";
	request.len = strlen(request.body);
	world_handle(story->world, &request, &res);
	take(story, &res);
	json_decref(body);
	free(bytes);
	return story->answer;
}

json_t *story_act(struct story *story, const char *format, ...)
{
	va_list args;
	json_t *body;

	va_start(args, format);
	body = json_vpack_ex(NULL, 0, format, args);
	va_end(args);
	if (!body)
		abort();
	return story_call(story, "POST", "/_world/act", body);
}

json_t *story_post(struct story *story, const char *path, const char *format, ...)
{
	va_list args;
	json_t *body;

	va_start(args, format);
	body = json_vpack_ex(NULL, 0, format, args);
	va_end(args);
	if (!body)
		abort();
	return story_call(story, "POST", path, body);
}

json_t *story_get(struct story *story, const char *format, ...)
{
	char target[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(target, sizeof(target), format, args);
	va_end(args);
	return story_call(story, "GET", target, NULL);
}

const char *story_header(struct story *story, const char *name)
{
	const char *value = json_string_value(json_object_get(story->headers, name));

	return value ? value : "";
}

static const json_t *walk(const json_t *value, const char *path)
{
	char key[64];

	while (value && *path) {
		size_t len = strcspn(path, ".");

		snprintf(key, sizeof(key), "%.*s", (int)len, path);
		value = json_is_array(value) ? json_array_get(value, strtoul(key, NULL, 10))
					     : json_object_get(value, key);
		path += len + (path[len] == '.');
	}
	return value;
}

const char *story_str(const json_t *value, const char *path)
{
	const char *s = json_string_value(walk(value, path));

	return s ? s : "";
}

json_int_t story_int(const json_t *value, const char *path)
{
	return json_integer_value(walk(value, path));
}

json_t *story_delivery(struct story *story)
{
	struct world_delivery delivery;
	json_t *ret;

	if (!world_next_delivery(story->world, &delivery))
		return NULL;
	ret = json_pack("{s:O*,s:O*,s:O,s:s,s:o}", "event", json_object_get(delivery.headers, "X-GitHub-Event"), "guid",
			json_object_get(delivery.headers, "X-GitHub-Delivery"), "headers", delivery.headers, "bytes",
			delivery.body, "body", json_loads(delivery.body, 0, NULL));
	if (!ret)
		abort();
	world_delivery_done(story->world, delivery.id, 202, 1);
	world_delivery_clear(&delivery);
	return ret;
}

json_t *story_event(struct story *story, const char *event, const char *action)
{
	json_t *one;

	while ((one = story_delivery(story))) {
		if (strcmp(story_str(one, "event"), event) == 0 &&
		    (!action || strcmp(story_str(one, "body.action"), action) == 0))
			return one;
		json_decref(one);
	}
	return NULL;
}

void story_drain(struct story *story)
{
	json_t *one;

	while ((one = story_delivery(story)))
		json_decref(one);
}

void story_open(struct story *story)
{
	story_act(story, "{s:s,s:s,s:{s:s}}", "do", "repo", "repo", "o/r", "files", "README", "hello\n");
	story_act(story, "{s:s,s:s,s:s,s:s}", "do", "permission", "repo", "o/r", "login", "alice", "role", "write");
	story_act(story, "{s:s,s:s,s:s,s:s}", "do", "permission", "repo", "o/r", "login", "bob", "role", "write");
	story_act(story, "{s:s,s:s,s:s,s:s,s:{s:s}}", "do", "push", "repo", "o/r", "who", "alice", "branch", "topic",
		  "files", "a.txt", "1\n");
	story_act(story, "{s:s,s:s,s:s,s:s,s:s}", "do", "open", "repo", "o/r", "who", "alice", "head", "topic", "title",
		  "A change");
	story_drain(story);
}

const char *story_head(struct story *story)
{
	return story_str(story_get(story, "/repos/o/r/pulls/1"), "head.sha");
}
