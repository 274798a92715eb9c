/*
 * Deliveries: one App hook. Each event becomes one record with a state: queued -> sending -> done, or held, or
 * dropped. Rules (hold, drop, dup, fail) look at each new delivery, and at each attempt asked for over REST, in the
 * order they were given. The queue is the order of the list; `order` and `release` change it.
 */
#include "tests/world/world_state.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEPT = 5000 }; /* finished deliveries kept for redelivery */

static bool field_matches(json_t *rule, const char *key, const char *value)
{
	const char *wanted = world_str(rule, key);

	return !wanted[0] || strcmp(wanted, value) == 0;
}

static bool rule_matches(json_t *rule, json_t *delivery)
{
	return field_matches(rule, "event", world_str(delivery, "event")) &&
	       field_matches(rule, "action", world_str(delivery, "action")) &&
	       field_matches(rule, "repo", world_str(delivery, "repo")) &&
	       field_matches(rule, "guid", world_str(delivery, "guid"));
}

/* The first rule that matches (new reference; NULL: none); a rule with a count ends when it is used up. */
static json_t *rule_for(struct world *w, json_t *delivery)
{
	json_t *rule;
	size_t i;

	json_array_foreach(w->hooks.rules, i, rule)
	{
		json_int_t left = world_int(rule, "count");

		if (!rule_matches(rule, delivery))
			continue;
		json_incref(rule);
		if (left > 1)
			world_put(rule, "count", json_integer(left - 1));
		else if (left == 1)
			json_array_remove(w->hooks.rules, i);
		return rule;
	}
	return NULL;
}

static void set_state(json_t *delivery, const char *state)
{
	world_put(delivery, "state", json_string(state));
}

static json_t *again(struct world *w, json_t *delivery)
{
	static const char *const ends[] = {"status", "delivered_at", "took_ms"};
	json_t *copy = world_own(json_deep_copy(delivery));

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		json_object_del(copy, ends[i]);
	world_put(copy, "id", json_integer(world_id(w, "delivery")));
	world_put(copy, "redelivery", json_true());
	set_state(copy, "queued");
	json_array_append_new(w->hooks.list, copy);
	return copy;
}

static void trim(struct world *w)
{
	while (json_array_size(w->hooks.list) > KEPT) {
		const char *state = world_str(json_array_get(w->hooks.list, 0), "state");

		if (strcmp(state, "done") != 0 && strcmp(state, "dropped") != 0)
			return;
		json_array_remove(w->hooks.list, 0);
	}
}

static void end_delivery(struct world *w, json_t *delivery, int status, int64_t took_ms)
{
	set_state(delivery, "done");
	world_put(delivery, "status", json_integer(status));
	world_put(delivery, "took_ms", json_integer(took_ms));
	world_put(delivery, "delivered_at", json_integer(w->now_ms));
	world_log(w, "delivery",
		  json_pack("{s:s,s:s,s:s,s:s,s:i,s:I,s:I,s:b}", "guid", world_str(delivery, "guid"), "event",
			    world_str(delivery, "event"), "action", world_str(delivery, "action"), "repo",
			    world_str(delivery, "repo"), "status", status, "took_ms", (json_int_t)took_ms, "made_at",
			    world_int(delivery, "made_at"), "redelivery", world_true(delivery, "redelivery")));
}

/* What the rules make of a delivery that is queued. */
static void apply_rules(struct world *w, json_t *delivery)
{
	json_t *rule = rule_for(w, delivery);
	const char *verdict = world_str(rule, "do");

	if (strcmp(verdict, "hold") == 0)
		set_state(delivery, "held");
	if (strcmp(verdict, "drop") == 0)
		set_state(delivery, "dropped");
	if (strcmp(verdict, "dup") == 0)
		again(w, delivery);
	if (strcmp(verdict, "fail") == 0)
		end_delivery(w, delivery, (int)world_int(rule, "status"), 1);
	json_decref(rule);
}

void world_emit(struct world *w, json_t *repo, const char *event, json_t *payload)
{
	char guid[37], *body;
	json_t *delivery;
	json_int_t installation = world_told_installation(w, repo, event, payload);

	if (!installation) {
		json_decref(payload);
		return;
	}
	if (!json_object_get(payload, "installation"))
		world_put(payload, "installation",
			  json_pack("{s:I,s:s}", "id", installation, "node_id", "MDIzOkludGVncmF0aW9u"));
	body = json_dumps(payload, JSON_COMPACT);
	world_guid(w, guid);
	delivery = world_own(json_pack("{s:I,s:s,s:s,s:s,s:s,s:I,s:I,s:s,s:s,s:b,s:I}", "id", world_id(w, "delivery"),
				       "guid", guid, "event", event, "action", world_str(payload, "action"), "repo",
				       repo ? world_str(repo, "full_name") : "", "repo_id", world_int(repo, "id"),
				       "installation", world_int(json_object_get(payload, "installation"), "id"),
				       "body", body ? body : "{}", "state", "queued", "redelivery", 0, "made_at",
				       (json_int_t)w->now_ms));
	free(body);
	json_decref(payload);
	json_array_append_new(w->hooks.list, delivery);
	trim(w);
	apply_rules(w, delivery);
}

void world_emit_by(struct world_act *act, const char *event, json_t *payload)
{
	world_put(payload, "repository", world_repo_view(act->w, act->repo));
	world_put(payload, "sender", world_user_view(act->w, act->who[0] ? act->who : "ghost"));
	world_emit(act->w, act->repo, event, payload);
}

static json_t *signature(const char *secret, const char *body, bool sha1)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	char hex[2 * EVP_MAX_MD_SIZE + 1];
	unsigned n = 0;

	HMAC(sha1 ? EVP_sha1() : EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)body, strlen(body),
	     mac, &n);
	for (unsigned i = 0; i < n; i++)
		snprintf(hex + (size_t)2 * i, 3, "%02x", mac[i]);
	return world_jtext("%s=%s", sha1 ? "sha1" : "sha256", hex);
}

json_t *world_delivery_headers(struct world *w, json_t *delivery)
{
	const char *body = world_str(delivery, "body");

	return world_own(json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:o,s:o}", "Content-Type", "application/json",
				   "User-Agent", "GitHub-Hookshot/0a1b2c3", "X-GitHub-Event",
				   world_str(delivery, "event"), "X-GitHub-Delivery", world_str(delivery, "guid"),
				   "X-GitHub-Hook-ID", "4242", "X-GitHub-Hook-Installation-Target-ID", "77",
				   "X-GitHub-Hook-Installation-Target-Type", "integration", "X-Hub-Signature",
				   signature(w->hooks.secret, body, true), "X-Hub-Signature-256",
				   signature(w->hooks.secret, body, false)));
}

bool world_next_delivery(struct world *w, struct world_delivery *ret)
{
	json_t *delivery = NULL;
	size_t i;

	if (!w->hooks.url || w->hooks.in_flight >= w->hooks.concurrent)
		return world_push_next(w, ret);
	json_array_foreach(w->hooks.list, i, delivery)
	{
		if (strcmp(world_str(delivery, "state"), "queued") == 0)
			break;
	}
	if (i == json_array_size(w->hooks.list))
		return world_push_next(w, ret);
	set_state(delivery, "sending");
	w->hooks.in_flight++;
	*ret = (struct world_delivery){0};
	ret->id = world_int(delivery, "id");
	ret->url = world_text("%s", w->hooks.url);
	ret->body = world_text("%s", world_str(delivery, "body"));
	ret->len = strlen(ret->body);
	ret->headers = world_delivery_headers(w, delivery);
	return true;
}

void world_delivery_clear(struct world_delivery *delivery)
{
	free(delivery->url);
	free(delivery->body);
	json_decref(delivery->headers);
	*delivery = (struct world_delivery){0};
}

json_t *world_delivery_by_id(struct world *w, json_int_t id)
{
	json_t *delivery;
	size_t i;

	json_array_foreach(w->hooks.list, i, delivery)
	{
		if (world_int(delivery, "id") == id)
			return delivery;
	}
	return NULL;
}

void world_delivery_done(struct world *w, json_int_t id, int status, int64_t took_ms)
{
	json_t *delivery = world_delivery_by_id(w, id);

	if (world_push_done(w, id, status, took_ms))
		return;
	w->hooks.in_flight--;
	if (delivery)
		end_delivery(w, delivery, status, took_ms);
}

int64_t world_delivery_due(struct world *w)
{
	return world_push_due(w);
}

void world_redeliver(struct world *w, json_t *delivery)
{
	apply_rules(w, again(w, delivery));
}

static void add_rule(struct world_act *act)
{
	json_array_append(act->w->hooks.rules, act->args);
}

/* Those that wait and match, in their order. */
static json_t *take_held(struct world_act *act)
{
	json_t *taken = world_own(json_array()), *delivery, *list = act->w->hooks.list;
	json_int_t count = world_int(act->args, "count");

	for (size_t i = 0; i < json_array_size(list);) {
		delivery = json_array_get(list, i);
		if (strcmp(world_str(delivery, "state"), "held") != 0 || !rule_matches(act->args, delivery) ||
		    (count && (json_int_t)json_array_size(taken) >= count)) {
			i++;
			continue;
		}
		json_array_append(taken, delivery);
		json_array_remove(list, i);
	}
	return taken;
}

static bool in_guids(json_t *guids, json_t *delivery)
{
	json_t *one;
	size_t i;

	json_array_foreach(guids, i, one)
	{
		if (json_is_string(one) && strcmp(json_string_value(one), world_str(delivery, "guid")) == 0)
			return true;
	}
	return false;
}

/* Puts the taken ones back at the end: first the guids named by args.guids in that order, then the rest; or reversed.
 */
static void put_back(struct world_act *act, json_t *taken, const char *state)
{
	json_t *guids = json_object_get(act->args, "guids"), *list = act->w->hooks.list, *guid, *one;
	size_t i, k, n = json_array_size(taken);

	json_array_foreach(guids, i, guid)
	{
		json_array_foreach(taken, k, one)
		{
			if (strcmp(world_str(one, "guid"), json_string_value(guid) ? json_string_value(guid) : "") == 0)
				json_array_append(list, one);
		}
	}
	for (i = 0; i < n; i++) {
		one = json_array_get(taken, world_true(act->args, "reverse") ? n - 1 - i : i);
		set_state(one, state);
		if (!in_guids(guids, one))
			json_array_append(list, one);
	}
	world_put(act->out, "count", json_integer((json_int_t)n));
	json_decref(taken);
}

static void forget_holds(struct world_act *act)
{
	for (size_t i = json_array_size(act->w->hooks.rules); i > 0; i--) {
		if (strcmp(world_str(json_array_get(act->w->hooks.rules, i - 1), "do"), "hold") == 0)
			json_array_remove(act->w->hooks.rules, i - 1);
	}
}

/* All holding ends, unless {"keep": true}, a guid, an event or a count says that only some are let go. */
static void release(struct world_act *act)
{
	if (!world_true(act->args, "keep") && !world_int(act->args, "count") && !world_str(act->args, "guid")[0] &&
	    !world_str(act->args, "event")[0])
		forget_holds(act);
	put_back(act, take_held(act), "queued");
}

static void order(struct world_act *act)
{
	put_back(act, take_held(act), "held");
}

/* {"held": true}: those that wait; else a rule for the next ones. */
static void drop(struct world_act *act)
{
	if (world_true(act->args, "held"))
		put_back(act, take_held(act), "dropped");
	else
		add_rule(act);
}

static void redeliver(struct world_act *act)
{
	json_t *delivery;
	size_t i;

	json_array_foreach(act->w->hooks.list, i, delivery)
	{
		if (strcmp(world_str(delivery, "guid"), world_str(act->args, "guid")) != 0)
			continue;
		again(act->w, delivery);
		return;
	}
	world_fail(act, 404, "Not Found");
}

static void target(struct world_act *act)
{
	free(act->w->hooks.url);
	act->w->hooks.url = world_str(act->args, "url")[0] ? world_text("%s", world_str(act->args, "url")) : NULL;
}

static void concurrent(struct world_act *act)
{
	json_int_t n = world_int(act->args, "count");

	act->w->hooks.concurrent = n > 0 ? n : 1;
}

static void clear_rules(struct world_act *act)
{
	json_array_clear(act->w->hooks.rules);
}

static void list(struct world_act *act)
{
	json_t *copy = world_own(json_array()), *delivery, *one;
	size_t i;

	json_array_foreach(act->w->hooks.list, i, delivery)
	{
		one = world_own(json_copy(delivery));
		if (!world_true(act->args, "bodies"))
			json_object_del(one, "body");
		json_array_append_new(copy, one);
	}
	world_put(act->out, "deliveries", copy);
}

static void ping(struct world_act *act)
{
	json_t *payload = world_own(json_pack("{s:s,s:I,s:{s:s,s:I},s:o}", "zen", "Keep it logically awesome.",
					      "hook_id", (json_int_t)4242, "hook", "type", "App", "id",
					      (json_int_t)4242, "sender", world_user_view(act->w, "ghost")));

	world_emit(act->w, NULL, "ping", payload);
}

void world_act_hooks(struct world_act *act)
{
	static const struct {
		const char *name;
		world_act_fn *run;
	} verbs[] = {{"hold", add_rule},     {"drop", drop},
		     {"dup", add_rule},      {"fail", add_rule},
		     {"release", release},   {"order", order},
		     {"list", list},         {"redeliver", redeliver},
		     {"target", target},     {"concurrent", concurrent},
		     {"clear", clear_rules}, {"ping", ping}};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i].name, world_str(act->args, "do")) == 0) {
			verbs[i].run(act);
			return;
		}
	}
	world_fail(act, 422, "hooks: unknown `do`");
}
