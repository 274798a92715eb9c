/*
 * What a webhook of BMO is told. An event is written down when it happens, with the bug as it then was, but for two
 * things that BMO reads from what it had loaded before: the times of the last change, and an attachment's flags when it
 * is new. Who of the owners is sent it, and when, is the daemon's affair.
 */
#include "tests/world/world_bug.h"

#include <stdlib.h>
#include <string.h>

static json_t *bare_time(json_int_t ms)
{
	json_t *time = world_time(ms), *bare = world_jtext("%.19s", json_string_value(time));

	json_decref(time);
	return bare;
}

static json_t *person(struct world *w, const char *login)
{
	json_t *account = world_bug_account(w, login);

	return world_own(json_pack("{s:I,s:s,s:s}", "id", world_int(account, "id"), "login", login, "real_name",
				   world_str(account, "real_name")));
}

static json_t *flags_of(struct world *w, json_t *of)
{
	json_t *list = world_own(json_array()), *flag, *view;
	size_t i;

	json_array_foreach(json_object_get(of, "flags"), i, flag)
	{
		view = world_own(json_pack("{s:I,s:s,s:s}", "id", world_int(flag, "id"), "name",
					   world_str(flag, "name"), "value", world_str(flag, "status")));
		if (world_str(flag, "requestee")[0])
			world_put(view, "requestee", person(w, world_str(flag, "requestee")));
		json_array_append_new(list, view);
	}
	return list;
}

static json_t *whole_bug(struct world *w, json_t *bug)
{
	static const char *const texts[] = {"summary",  "product", "component", "alias", "whiteboard", "priority",
					    "severity", "version", "url",       "type",  "status",     "resolution"};
	json_t *view = world_own(json_pack(
		"{s:I,s:b,s:O,s:o,s:s,s:s,s:o,s:s,s:o,s:s,s:o,s:o,s:s,s:s,s:s,s:O,s:n}", "id", world_int(bug, "id"),
		"is_private", 0, "keywords", json_object_get(bug, "keywords"), "flags", flags_of(w, bug),
		"classification", "Unclassified", "assigned_to", world_str(bug, "assigned_to"), "assigned_to_detail",
		person(w, world_str(bug, "assigned_to")), "creator", world_str(bug, "creator"), "creator_detail",
		person(w, world_str(bug, "creator")), "qa_contact", "", "creation_time",
		bare_time(world_int(bug, "creation_time")), "last_change_time",
		bare_time(world_int(bug, "last_change_time")), "operating_system", "All", "platform", "All",
		"target_milestone", "---", "see_also", json_object_get(bug, "see_also"), "cf_last_resolved"));
	const char *key;
	json_t *value;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		world_put(view, texts[i], json_string(world_str(bug, texts[i])));
	json_object_foreach(bug, key, value)
	{
		if (strncmp(key, "cf_", 3) == 0)
			world_put(view, key, json_incref(value));
	}
	return view;
}

/* The first view of a request stands for all of it. */
static json_t *attachment_view(struct world_edit *edit, json_t *one)
{
	char *key = world_text("%lld", (long long)world_int(one, "id"));
	json_t *view = json_object_get(edit->told, key);

	if (!view) {
		view = world_own(json_pack(
			"{s:I,s:s,s:o,s:s,s:s,s:o,s:b,s:b,s:b,s:o}", "id", world_int(one, "id"), "content_type",
			world_str(one, "content_type"), "creation_time", bare_time(world_int(one, "creation_time")),
			"description", world_str(one, "summary"), "file_name", world_str(one, "file_name"), "flags",
			flags_of(edit->act->w, one), "is_obsolete", world_true(one, "is_obsolete"), "is_patch",
			world_true(one, "is_patch"), "is_private", world_true(one, "is_private"), "last_change_time",
			bare_time(world_int(one, "last_change_time"))));
		world_put(edit->told, key, view);
	}
	free(key);
	return json_incref(view);
}

static json_t *comment_view(json_t *comment)
{
	return world_own(json_pack("{s:I,s:s,s:o,s:b,s:I}", "id", world_int(comment, "id"), "body",
				   world_str(comment, "text"), "creation_time",
				   bare_time(world_int(comment, "creation_time")), "is_private",
				   world_true(comment, "is_private"), "number", world_int(comment, "count")));
}

static json_t *routing_key(const char *target, const char *action, json_t *changes)
{
	char *key = world_text("%s.%s", target, action), *longer;
	json_t *one;
	size_t i;

	json_array_foreach(changes, i, one)
	{
		longer = world_text("%s%s%s", key, i ? "," : ":", world_str(one, "field"));
		free(key);
		key = longer;
	}
	one = world_own(json_string(key));
	free(key);
	return one;
}

/* An attachment of a bug that is not public is as private as one that is marked so. A comment is not. */
static json_t *sub_view(struct world_edit *edit, const char *target, json_t *sub, bool is_private)
{
	json_t *view = strcmp(target, "attachment") == 0 ? attachment_view(edit, sub) : comment_view(sub);

	if (is_private && strcmp(target, "attachment") == 0) {
		json_t *copy = world_own(json_deep_copy(view));

		json_decref(view);
		view = copy;
		world_put(view, "is_private", json_true());
	}
	return view;
}

/* changes is stolen. */
void world_bug_tell(struct world_edit *edit, const char *target, const char *action, json_t *sub, json_t *changes)
{
	struct world *w = edit->act->w;
	bool is_private = !world_bug_is_public(w, edit->bug);
	json_t *message = world_own(json_pack(
		"{s:I,s:I,s:o,s:s,s:s,s:I,s:s,s:s,s:b,s:o,s:o,s:o}", "id", world_id(w, "push"), "push_ts",
		(json_int_t)world_bug_now(w), "routing_key", routing_key(target, action, changes), "target", target,
		"action", action, "bug_id", world_int(edit->bug, "id"), "product", world_str(edit->bug, "product"),
		"component", world_str(edit->bug, "component"), "is_private", is_private, "user",
		person(w, edit->act->who), "time", bare_time(world_bug_now(w)), "bug", whole_bug(w, edit->bug)));

	if (sub)
		world_put(message, "sub", sub_view(edit, target, sub, is_private));
	if (changes)
		world_put(message, "changes", changes);
	json_array_append_new(edit->events, message);
}

/* Number and privacy alone. */
static json_t *redacted(json_t *message)
{
	json_t *bug = world_own(json_pack("{s:I,s:b}", "id", world_int(message, "bug_id"), "is_private",
					  world_true(message, "is_private"))),
	       *sub = json_object_get(message, "sub");

	if (sub)
		world_put(bug, world_str(message, "target"),
			  json_pack("{s:I,s:b}", "id", world_int(sub, "id"), "is_private", 1));
	return bug;
}

static json_t *told_bug(json_t *message)
{
	json_t *bug = world_own(json_copy(json_object_get(message, "bug"))), *sub = json_object_get(message, "sub");

	if (sub)
		world_put(bug, world_str(message, "target"), json_incref(sub));
	else
		world_put(bug, "bug", json_object());
	return bug;
}

char *world_bug_body(json_t *hook, json_t *message)
{
	bool hidden = world_true(message, "is_private") || world_true(json_object_get(message, "sub"), "is_private"),
	     modified = strcmp(world_str(message, "action"), "modify") == 0;
	json_t *event = world_own(json_pack("{s:s,s:s,s:s,s:s,s:O}", "action", world_str(message, "action"), "target",
					    world_str(message, "target"), "routing_key",
					    world_str(message, "routing_key"), "time", world_str(message, "time"),
					    "user", json_object_get(message, "user"))),
	       *body;
	char *text;

	if (modified && !hidden)
		world_put(event, "changes", json_incref(json_object_get(message, "changes")));
	body = world_own(json_pack("{s:I,s:s,s:o,s:o}", "webhook_id", world_int(hook, "id"), "webhook_name",
				   world_str(hook, "name"), "event", event, "bug",
				   hidden ? redacted(message) : told_bug(message)));
	text = json_dumps(body, JSON_COMPACT | JSON_ESCAPE_SLASH);
	json_decref(body);
	if (!text)
		abort();
	return text;
}
