/*
 * What the trackers answer to a GET. A read of one bug by somebody who is logged in comes from the main database;
 * searches, histories, comments, and whatever nobody in particular asks, from the replica.
 */
#include "tests/world/world_bug.h"

#include <stdlib.h>
#include <string.h>

/* main_for_who: the main database answers those who are logged in. */
json_t *world_bz_visible(struct world_bz *bz, const char *name, bool main_for_who)
{
	struct world *w = bz->act->w;
	const char *who = bz->shown.who, *mark = bz->shown.bmo ? "" : "#";
	json_t *bug = world_bug_named(w, name), *base = world_bug_base(w, !main_for_who || !who[0]);
	char *key = world_text("%lld", (long long)world_int(bug, "id"));
	bool number = name[0] && name[strspn(name, "0123456789")] == 0;

	bug = json_object_get(base, key);
	free(key);
	if (!bug && !number)
		world_bug_fail(bz->act, 100, "'%s' is neither the number nor the alias of a bug.", name);
	else if (!bug)
		world_bug_fail(bz->act, 101, "There is no bug %s%s.", mark, name);
	else if (!world_bug_sees(w, bug, who))
		world_bug_fail(bz->act, 102, "Bug %s%s is not for you to see.%s", mark, name,
			       who[0] ? "" : " You are not logged in.");
	return bz->act->status ? NULL : bug;
}

void world_bz_get_bug(struct world_bz *bz)
{
	json_t *bug = world_bz_visible(bz, bz->args[0], true);

	if (!bug)
		return;
	world_put(bz->act->out, "bugs", json_pack("[o]", world_bug_view(&bz->shown, bug)));
	world_put(bz->act->out, "faults", json_array());
}

void world_bz_search(struct world_bz *bz)
{
	json_t *ids = world_bug_search(bz->act, bz->query, &bz->shown), *base = world_bug_base(bz->act->w, true), *list,
	       *id;
	size_t i;

	if (!ids)
		return;
	list = world_own(json_array());
	json_array_foreach(ids, i, id)
	{
		char *key = world_text("%lld", (long long)json_integer_value(id));

		json_array_append_new(list, world_bug_view(&bz->shown, json_object_get(base, key)));
		free(key);
	}
	json_decref(ids);
	world_put(bz->act->out, "bugs", list);
}

/* Of several bugs (?ids=): the first that is refused is the answer. */
void world_bz_get_attachments(struct world_bz *bz)
{
	json_t *names = world_own(json_pack("[s]", bz->args[0])), *more = world_bug_asked_list(bz->query, "ids"),
	       *bugs = world_own(json_object()), *name;
	size_t i;

	json_array_extend(names, more);
	json_decref(more);
	json_array_foreach(names, i, name)
	{
		json_t *bug = world_bz_visible(bz, json_string_value(name), true);
		char *key;

		if (!bug)
			break;
		key = world_text("%lld", (long long)world_int(bug, "id"));
		world_put(bugs, key, world_bug_attachments(&bz->shown, bug));
		free(key);
	}
	json_decref(names);
	if (bz->act->status == 0) {
		world_put(bz->act->out, "bugs", json_incref(bugs));
		world_put(bz->act->out, "attachments", json_object());
	}
	json_decref(bugs);
}

/* What does not exist is no error here. */
void world_bz_get_attachment(struct world_bz *bz)
{
	json_t *bug = NULL, *one = world_bug_attachment(bz->act->w, strtoll(bz->args[0], NULL, 10), &bug), *map;
	char *name;

	if (!one) {
		world_put(bz->act->out, "bugs", json_object());
		world_put(bz->act->out, "attachments", json_object());
		return;
	}
	name = world_text("%lld", (long long)world_int(bug, "id"));
	bug = world_bz_visible(bz, name, true);
	free(name);
	if (!bug)
		return;
	if (world_true(one, "is_private") && !world_bug_is_insider(bz->act->w, bz->shown.who)) {
		world_bug_fail(bz->act, 102, "This attachment is not for you to see.");
		return;
	}
	world_put(bz->act->out, "bugs", json_object());
	map = world_map(bz->act->out, "attachments");
	world_put(map, bz->args[0], world_bug_attachment_view(&bz->shown, bug, one));
}

void world_bz_get_comments(struct world_bz *bz)
{
	json_t *bug = world_bz_visible(bz, bz->args[0], false), *list, *one, *of;
	size_t i;

	if (!bug)
		return;
	list = world_own(json_array());
	json_array_foreach(json_object_get(bug, "comments"), i, one)
	{
		if (!world_true(one, "is_private") || world_bug_is_insider(bz->act->w, bz->shown.who))
			json_array_append_new(list, world_bug_comment_view(bug, one));
	}
	of = world_map(bz->act->out, "bugs");
	world_put(of, bz->args[0], json_pack("{s:o}", "comments", list));
	world_put(bz->act->out, "comments", json_object());
}

void world_bz_get_history(struct world_bz *bz)
{
	json_t *bug = world_bz_visible(bz, bz->args[0], false), *list, *one;
	const char *since = world_bug_asked(bz->query, "new_since");
	size_t i;

	if (!bug)
		return;
	list = world_own(json_array());
	json_array_foreach(json_object_get(bug, "history"), i, one)
	{
		json_t *when = world_time(world_int(one, "when"));

		if (strcmp(json_string_value(when), since) >= 0)
			json_array_append_new(list, json_pack("{s:s,s:O,s:O}", "who", world_str(one, "who"), "when",
							      when, "changes", json_object_get(one, "changes")));
		json_decref(when);
	}
	world_put(bz->act->out, "bugs",
		  json_pack("[{s:I,s:o,s:o}]", "id", world_int(bug, "id"), "alias",
			    bz->shown.bmo ? json_null() : json_array(), "history", list));
}

/* ---- about the server and its people ---- */

void world_bz_time(struct world_bz *bz)
{
	static const char *const names[] = {"db_time", "web_time", "web_time_utc"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		world_put(bz->act->out, names[i], world_time(bz->act->w->now_ms));
	world_put(bz->act->out, "tz_name", json_string("UTC"));
	world_put(bz->act->out, "tz_short_name", json_string("UTC"));
	world_put(bz->act->out, "tz_offset", json_string("+0000"));
}

void world_bz_version(struct world_bz *bz)
{
	world_put(bz->act->out, "version", json_string(bz->shown.bmo ? "20260820.1" : "5.2+"));
}

/* True: nobody in particular asks, and that is answered. */
static bool is_nobody(struct world_bz *bz)
{
	if (!bz->shown.who[0])
		world_bug_fail(bz->act, 410, "You must log in first.");
	return !bz->shown.who[0];
}

void world_bz_whoami(struct world_bz *bz)
{
	json_t *account, *view;

	if (is_nobody(bz))
		return;
	account = world_bug_account(bz->act->w, bz->shown.who);
	view = world_bug_account_view(bz->act->w, bz->shown.who, true);
	json_object_del(view, "email");
	json_object_update(bz->act->out, view);
	json_decref(view);
	world_put(bz->act->out, "groups", json_deep_copy(json_object_get(account, "groups")));
	world_put(bz->act->out, "mfa_status", json_false());
	world_put(bz->act->out, "uuid", world_jtext("bmo-who:%040lld", (long long)world_int(account, "id")));
}

void world_bz_valid_login(struct world_bz *bz)
{
	const char *login = world_bug_asked(bz->query, "login");

	world_put(bz->act->out, "result", json_boolean(bz->shown.who[0] && strcmp(login, bz->shown.who) == 0));
}

/* Groups are shown of oneself, and to administrators. */
static json_t *user_view(struct world_bz *bz, json_t *account)
{
	json_t *own = json_object_get(world_bug_account(bz->act->w, bz->shown.who), "groups"), *groups, *one,
	       *view = world_bug_account_view(bz->act->w, world_str(account, "login"), bz->shown.bmo);
	size_t i;

	world_put(view, "can_login", json_true());
	if (strcmp(world_str(account, "login"), bz->shown.who) != 0 && !world_bug_in(own, "admin"))
		return view;
	groups = world_own(json_array());
	json_array_foreach(json_object_get(account, "groups"), i, one) json_array_append_new(
		groups, json_pack("{s:i,s:O,s:s}", "id", (int)i + 1, "name", one, "description", ""));
	world_put(view, "groups", groups);
	return view;
}

/* groups=: members of any of them alone. It tells that only to whom is in each himself. */
static bool may_ask_groups(struct world_bz *bz, const json_t *groups)
{
	json_t *own = json_object_get(world_bug_account(bz->act->w, bz->shown.who), "groups"), *one;
	size_t i;

	json_array_foreach(groups, i, one) if (!world_bug_in(own, json_string_value(one)))
	{
		world_bug_fail(bz->act, 804, "There is no such group.");
		return false;
	}
	return true;
}

static bool in_any(const json_t *account, const json_t *groups)
{
	json_t *one;
	size_t i;

	json_array_foreach(groups, i, one) if (world_bug_in(json_object_get(account, "groups"),
							    json_string_value(one))) return true;
	return json_array_size(groups) == 0;
}

/* user/LOGIN or NUMBER, ?names=, ?ids=, ?groups= */
void world_bz_user(struct world_bz *bz)
{
	json_t *names = world_bug_asked_list(bz->query, "names"), *ids = world_bug_asked_list(bz->query, "ids"),
	       *groups = world_bug_asked_list(bz->query, "groups"), *list = world_own(json_array()), *account;
	const char *login;
	size_t found = 0;

	json_object_foreach(bz->act->w->bugs->accounts, login, account)
	{
		char *id = world_text("%lld", (long long)world_int(account, "id"));
		const char *one = bz->args[0] ? bz->args[0] : "";

		if (world_bug_in(names, login) || world_bug_in(ids, id) || strcmp(one, login) == 0 ||
		    strcmp(one, id) == 0) {
			found++;
			if (in_any(account, groups))
				json_array_append_new(list, user_view(bz, account));
		}
		free(id);
	}
	json_decref(names);
	json_decref(ids);
	if (is_nobody(bz) || !may_ask_groups(bz, groups))
		found = SIZE_MAX;
	if (found == 0)
		world_bug_fail(bz->act, 51, "There is no such user.");
	else if (found != SIZE_MAX)
		world_put(bz->act->out, "users", json_incref(list));
	json_decref(groups);
	json_decref(list);
}

/* `values`: what the caller may set. */
void world_bz_flag_types(struct world_bz *bz)
{
	json_t *own = json_object_get(world_bug_account(bz->act->w, bz->shown.who), "groups"), *type;
	const char *name;

	world_list(bz->act->out, "bug");
	world_list(bz->act->out, "attachment");
	json_object_foreach(bz->act->w->bugs->flag_types, name, type)
	{
		const char *group = world_str(type, "grant_group");
		bool may = !group[0] || world_bug_in(own, group);

		json_array_append_new(
			world_list(bz->act->out, world_str(type, "type")),
			json_pack("{s:I,s:s,s:s,s:s,s:b,s:b,s:b,s:o}", "id", world_int(type, "id"), "name", name,
				  "type", world_str(type, "type"), "description", name, "is_active", 1,
				  "is_requesteeble", 1, "is_multiplicable", world_true(type, "multiplicable"), "values",
				  may ? json_pack("[s,s,s,s]", "X", "?", "+", "-") : json_pack("[s,s]", "X", "?")));
	}
}

static json_t *activity_view(struct world_bz *bz, json_t *entry)
{
	json_t *type = world_bug_flag_type(bz->act->w, world_str(entry, "name")),
	       *setter = world_bug_account_view(bz->act->w, world_str(entry, "setter"), true),
	       *time = world_time(world_int(entry, "creation_time")), *view;
	const char *text = json_string_value(time);

	json_object_del(setter, "email");
	view = world_own(json_pack("{s:I,s:I,s:I,s:s,s:o,s:o,s:{s:I,s:s,s:s}}", "id", world_int(entry, "id"), "flag_id",
				   world_int(entry, "flag_id"), "bug_id", world_int(entry, "bug_id"), "status",
				   world_str(entry, "status"), "setter", setter, "creation_time",
				   world_jtext("%.10s %.8s", text, text + 11), "type", "id", world_int(type, "id"),
				   "name", world_str(entry, "name"), "type", world_str(type, "type")));
	world_put(view, "attachment_id",
		  world_int(entry, "attachment_id") ? json_integer(world_int(entry, "attachment_id")) : json_null());
	json_decref(time);
	return view;
}

/* A bare list of what was set in the last thirty days, from the replica. */
void world_bz_flag_activity(struct world_bz *bz)
{
	struct world *w = bz->act->w;
	const char *name = world_bug_asked(bz->query, "type_name");
	json_t *list = world_own(json_array()), *entry;
	size_t i;

	json_array_foreach(w->bugs->activity, i, entry)
	{
		bool recent = w->now_ms - world_int(entry, "creation_time") <= 30 * (int64_t)86400000,
		     seen = w->bugs->lag_ms >= 0 ? world_int(entry, "creation_time") + w->bugs->lag_ms <= w->now_ms
						 : false;

		if (recent && seen && (!name[0] || strcmp(name, world_str(entry, "name")) == 0) &&
		    world_bug_sees(w, world_bug(w, world_int(entry, "bug_id")), bz->shown.who))
			json_array_append_new(list, activity_view(bz, entry));
	}
	json_decref(bz->act->out);
	bz->act->out = list;
}

/* The caller's own. `errors`: how many events wait behind the first that failed. */
void world_bz_webhooks(struct world_bz *bz)
{
	json_t *list, *hook;
	size_t i;

	if (is_nobody(bz))
		return;
	list = world_own(json_array());
	json_array_foreach(bz->act->w->bugs->push.hooks, i, hook)
	{
		if (strcmp(world_str(hook, "owner"), bz->shown.who) == 0)
			json_array_append_new(
				list,
				json_pack("{s:I,s:s,s:s,s:s,s:s,s:s,s:s,s:b,s:I}", "id", world_int(hook, "id"), "name",
					  world_str(hook, "name"), "creator", world_str(hook, "owner"), "url",
					  world_str(hook, "url"), "event", world_str(hook, "event"), "product",
					  world_str(hook, "product"), "component", world_str(hook, "component"),
					  "enabled", world_true(hook, "enabled"), "errors", world_push_backlog(hook)));
	}
	world_put(bz->act->out, "webhooks", list);
}
