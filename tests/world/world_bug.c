/*
 * The tracker's records: who there is, which bugs, who sees which, and what its replica has seen so far.
 */
#include "tests/world/world_bug.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POLL_MS = 30000, ERROR_LIMIT = 100 };

static const char insiders[] = "tracker-insiders"; /* the group whose members see what is marked private */

struct world_bugs *world_bugs_new(int64_t now_ms)
{
	struct world_bugs *bugs = calloc(1, sizeof(*bugs));

	if (!bugs)
		abort();
	*bugs = (struct world_bugs){.bugs = world_own(json_object()),
				    .accounts = world_own(json_object()),
				    .products = world_own(json_object()),
				    .flag_types = world_own(json_object()),
				    .keywords = world_own(json_object()),
				    .activity = world_own(json_array()),
				    .trees = world_own(json_object())};
	bugs->push = (struct world_push){.hooks = world_own(json_array()),
					 .queue = world_own(json_array()),
					 .rules = world_own(json_array()),
					 .held = world_own(json_array()),
					 .ready = world_own(json_array()),
					 .poll_ms = POLL_MS,
					 .next_pass_ms = now_ms + POLL_MS,
					 .error_limit = ERROR_LIMIT};
	return bugs;
}

void world_bugs_free(struct world_bugs *bugs)
{
	json_t *all[] = {bugs->bugs,       bugs->accounts,  bugs->products,   bugs->flag_types,
			 bugs->keywords,   bugs->activity,  bugs->trees,      bugs->replica,
			 bugs->journal,    bugs->limits,    bugs->push.hooks, bugs->push.queue,
			 bugs->push.rules, bugs->push.held, bugs->push.ready, bugs->push.flying};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		json_decref(all[i]);
	free(bugs);
}

int64_t world_bug_now(const struct world *w)
{
	return w->now_ms - w->now_ms % 1000;
}

json_t *world_bug_text_of(const char *word, json_int_t id, const char *given)
{
	return given && given[0] ? world_own(json_string(given)) : world_jtext("canary-%s-%lld", word, (long long)id);
}

/* ---- errors ---- */

static int status_of(int code)
{
	static const struct {
		int code, status;
	} rows[] = {{101, 404}, {102, 401}, {113, 401}, {410, 401}, {32614, 404}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].code == code)
			return rows[i].status;
	return 400;
}

void world_bug_fail(struct world_act *act, int code, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	json_decref(act->out);
	act->status = status_of(code);
	act->out = world_own(json_pack("{s:b,s:i,s:s}", "error", 1, "code", code, "message", text));
}

/* ---- accounts and products ---- */

bool world_bug_in(const json_t *list, const char *text)
{
	json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		if (json_is_string(one) && strcmp(json_string_value(one), text) == 0)
			return true;
	}
	return false;
}

json_t *world_bug_account(struct world *w, const char *login)
{
	json_t *account = json_object_get(w->bugs->accounts, login);

	if (account || !login[0])
		return account;
	account = world_own(json_pack("{s:I,s:s,s:s,s:[]}", "id", world_id(w, "account"), "login", login, "real_name",
				      "", "groups"));
	world_put(w->bugs->accounts, login, account);
	return account;
}

json_t *world_bug_of_key(struct world *w, const char *key)
{
	const char *login;
	json_t *account;

	json_object_foreach(w->bugs->accounts, login, account)
	{
		if (world_str(account, "key")[0] && strcmp(world_str(account, "key"), key) == 0)
			return account;
	}
	return NULL;
}

bool world_bug_is_insider(struct world *w, const char *who)
{
	return world_bug_in(json_object_get(json_object_get(w->bugs->accounts, who), "groups"), insiders);
}

static bool in_all(struct world *w, const char *who, const json_t *groups)
{
	const json_t *own = json_object_get(json_object_get(w->bugs->accounts, who), "groups");
	json_t *group;
	size_t i;

	json_array_foreach(groups, i, group)
	{
		if (!world_bug_in(own, json_string_value(group)))
			return false;
	}
	return true;
}

bool world_bug_sees_product(struct world *w, const char *product, const char *who)
{
	return in_all(w, who, json_object_get(json_object_get(w->bugs->products, product), "groups"));
}

bool world_bug_is_public(struct world *w, const json_t *bug)
{
	return world_bug_sees(w, bug, "");
}

bool world_bug_sees(struct world *w, const json_t *bug, const char *who)
{
	if (who[0] && (strcmp(who, world_str(bug, "creator")) == 0 || strcmp(who, world_str(bug, "assigned_to")) == 0 ||
		       world_bug_in(json_object_get(bug, "cc"), who)))
		return true;
	return in_all(w, who, json_object_get(bug, "groups"));
}

json_t *world_bug_flag_type(struct world *w, const char *name)
{
	json_t *type = json_object_get(w->bugs->flag_types, name);

	if (type)
		return type;
	type = world_own(json_pack("{s:I,s:s,s:s,s:s,s:b}", "id", world_id(w, "flag_type"), "name", name, "type",
				   "attachment", "grant_group", "", "multiplicable", 0));
	world_put(w->bugs->flag_types, name, type);
	return type;
}

static void take_list(json_t *to, json_t *args, const char *key)
{
	json_t *list = json_object_get(args, key);

	if (json_is_array(list))
		world_put(to, key, json_deep_copy(list));
}

static void take_text(json_t *to, json_t *args, const char *key)
{
	if (json_is_string(json_object_get(args, key)))
		world_put(to, key, json_string(world_str(args, key)));
}

/* {"login", "real_name", "groups", "insider": bool, "key"}; key "": it is revoked. */
void world_act_account(struct world_act *act)
{
	json_t *account, *insider = json_object_get(act->args, "insider"), *groups;

	if (!world_str(act->args, "login")[0]) {
		world_bug_fail(act, 50, "an account needs a login");
		return;
	}
	account = world_bug_account(act->w, world_str(act->args, "login"));
	take_text(account, act->args, "real_name");
	take_text(account, act->args, "key");
	take_list(account, act->args, "groups");
	groups = world_list(account, "groups");
	if (json_is_true(insider) && !world_bug_in(groups, insiders))
		json_array_append_new(groups, json_string(insiders));
	for (size_t i = json_array_size(groups); json_is_false(insider) && i > 0; i--)
		if (strcmp(json_string_value(json_array_get(groups, i - 1)), insiders) == 0)
			json_array_remove(groups, i - 1);
	world_put(act->out, "id", json_integer(world_int(account, "id")));
}

/* {"product", "components", "groups": who is not in all of them does not see the product} */
void world_act_product(struct world_act *act)
{
	json_t *product = world_map(act->w->bugs->products, world_str(act->args, "product"));

	take_list(product, act->args, "groups");
	take_list(product, act->args, "components");
}

/* {"name", "grant_group", "type": "attachment" or "bug", "multiplicable"} */
void world_act_flag_type(struct world_act *act)
{
	json_t *type = world_bug_flag_type(act->w, world_str(act->args, "name"));

	take_text(type, act->args, "grant_group");
	take_text(type, act->args, "type");
	world_put(type, "multiplicable", json_boolean(world_true(act->args, "multiplicable")));
	world_put(act->out, "id", json_integer(world_int(type, "id")));
}

/* ---- bugs ---- */

static json_t *by_number(json_t *bugs, json_int_t id)
{
	char key[24];

	snprintf(key, sizeof(key), "%lld", (long long)id);
	return json_object_get(bugs, key);
}

json_t *world_bug(struct world *w, json_int_t id)
{
	return by_number(w->bugs->bugs, id);
}

json_t *world_bug_named(struct world *w, const char *name)
{
	const char *key;
	json_t *bug = name[0] && name[strspn(name, "0123456789")] == 0 ? world_bug(w, strtoll(name, NULL, 10)) : NULL;

	if (bug || !name[0])
		return bug;
	json_object_foreach(w->bugs->bugs, key, bug)
	{
		if (strcmp(world_str(bug, "alias"), name) == 0)
			return bug;
	}
	return NULL;
}

json_t *world_bug_attachment(struct world *w, json_int_t id, json_t **ret)
{
	json_t *bug, *one;
	const char *key;
	size_t i;

	json_object_foreach(w->bugs->bugs, key, bug)
	{
		json_array_foreach(json_object_get(bug, "attachments"), i, one)
		{
			if (world_int(one, "id") != id)
				continue;
			*ret = bug;
			return one;
		}
	}
	return NULL;
}

/* ---- the replica ---- */

static void put_bug(json_t *bugs, json_t *bug)
{
	char key[24];

	snprintf(key, sizeof(key), "%lld", (long long)world_int(bug, "id"));
	world_put(bugs, key, json_deep_copy(bug));
}

static void catch_up(struct world *w)
{
	struct world_bugs *bugs = w->bugs;

	while (bugs->lag_ms >= 0 && json_array_size(bugs->journal) > 0) {
		json_t *entry = json_array_get(bugs->journal, 0);

		if (world_int(entry, "at") + bugs->lag_ms > w->now_ms)
			return;
		put_bug(bugs->replica, json_object_get(entry, "bug"));
		json_array_remove(bugs->journal, 0);
	}
}

json_t *world_bug_base(struct world *w, bool replica)
{
	if (!replica || !w->bugs->replica)
		return w->bugs->bugs;
	catch_up(w);
	return w->bugs->replica;
}

void world_bug_replicate(struct world *w, json_t *bug)
{
	if (w->bugs->replica)
		json_array_append_new(w->bugs->journal, world_own(json_pack("{s:I,s:o}", "at", (json_int_t)w->now_ms,
									    "bug", json_deep_copy(bug))));
}

static void set_lag(struct world_bugs *bugs, int64_t lag_ms)
{
	bugs->lag_ms = lag_ms;
	if (lag_ms != 0 && !bugs->replica) {
		bugs->replica = world_own(json_deep_copy(bugs->bugs));
		bugs->journal = world_own(json_array());
	}
	if (lag_ms == 0) {
		json_decref(bugs->replica);
		json_decref(bugs->journal);
		bugs->replica = bugs->journal = NULL;
	}
}

/* {"lag_ms": n}: the replica is so far behind (0: not at all); {"lag_ms": -1}: it stands still.
 * {"limits": bool}: a caller who is too quick, or has a wrong key too often, is refused. */
void world_act_tracker(struct world_act *act)
{
	json_t *lag = json_object_get(act->args, "lag_ms"), *limits = json_object_get(act->args, "limits");

	if (lag)
		set_lag(act->w->bugs, json_integer_value(lag));
	if (!limits)
		return;
	json_decref(act->w->bugs->limits);
	act->w->bugs->limits = json_is_true(limits) ? world_own(json_object()) : NULL;
}
