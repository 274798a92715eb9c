#include "tests/world/story_bugs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void person(struct story *story, const char *login, const char *key, bool insider)
{
	story_act(story, "{s:s,s:s,s:s,s:b}", "do", "account", "login", login, "key", key, "insider", insider);
}

void story_people(struct story *story, bool insider)
{
	story_act(story, "{s:s,s:s,s:[s]}", "do", "account", "login", STORY_BOT, "groups", "core-security");
	person(story, STORY_BOT, "BOTKEY", insider);
	person(story, STORY_DEV, "DEVKEY", false);
	person(story, STORY_OUTSIDER, "OUTKEY", false);
}

json_int_t story_bug(struct story *story, bool secret)
{
	if (secret)
		story_act(story, "{s:s,s:s,s:[s],s:[s]}", "do", "bug", "who", STORY_DEV, "groups", "core-security",
			  "keywords", "sec-high");
	else
		story_act(story, "{s:s,s:s}", "do", "bug", "who", STORY_DEV);
	return story_int(story->answer, "id");
}

void story_bug_set(struct story *story, json_int_t bug, const char *key, const char *value)
{
	story_act(story, "{s:s,s:s,s:I,s:s}", "do", "bug", "who", STORY_DEV, "bug", bug, key, value);
	if (story->status != 200)
		abort();
}

void story_bug_groups(struct story *story, json_int_t bug, const char *group)
{
	story_act(story, "{s:s,s:s,s:I,s:o}", "do", "bug", "who", STORY_DEV, "bug", bug, "groups",
		  group ? json_pack("[s]", group) : json_array());
	if (story->status != 200)
		abort();
}

json_int_t story_attach(struct story *story, json_int_t bug, const char *flag)
{
	story_act(story, "{s:s,s:s,s:I,s:o}", "do", "attachment", "who", STORY_DEV, "bug", bug, "flags",
		  flag ? json_pack("[{s:s,s:s}]", "name", "sec-approval", "status", flag) : json_array());
	if (story->status != 200)
		abort();
	return story_int(story->answer, "id");
}

void story_advance(struct story *story, json_int_t ms)
{
	story_post(story, "/_world/clock", "{s:I}", "advance_ms", ms);
}

json_int_t story_webhook(struct story *story, const char *owner)
{
	return story_int(story_act(story, "{s:s,s:s,s:s,s:s,s:s}", "do", "webhook", "who", owner, "url",
				   "http://gate.test/webhooks/bugzilla", "header", "Authorization", "value",
				   "Token t0ken"),
			 "id");
}

json_t *story_told(struct story *story, const char *routing_key)
{
	json_t *one, *found = NULL;

	story_advance(story, 30000);
	while ((one = story_delivery(story))) {
		if (!found && strcmp(story_str(one, "body.event.routing_key"), routing_key) == 0)
			found = one;
		else
			json_decref(one);
	}
	return found;
}

size_t story_pushed(struct story *story)
{
	json_t *one;
	size_t n = 0;

	while ((one = story_delivery(story))) {
		json_decref(one);
		n++;
	}
	return n;
}

json_t *story_tracker(struct story *story, bool bmo, const char *key, const char *method, const char *path,
		      json_t *body)
{
	char target[9000];

	story->key = bmo ? key : NULL;
	snprintf(target, sizeof(target), "%s/%s", bmo ? "/bugzilla-bmo/rest" : "/bugzilla/rest", path);
	if (key && !bmo)
		snprintf(target + strlen(target), sizeof(target) - strlen(target), "%sapi_key=%s",
			 strchr(path, '?') ? "&" : "?", key);
	return story_call(story, method, target, body);
}
