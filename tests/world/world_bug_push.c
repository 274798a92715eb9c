/*
 * BMO's push daemon: one process that wakes every half minute, takes the events one after the other and each to one
 * webhook after the other, and waits for each answer. What fails waits behind its webhook, is tried again in the same
 * pass, and then more and more seldom, until the webhook is given up. The order is that of whole seconds.
 *
 * The world's clock alone moves it: a pass begins when the clock has come to it, and no time goes by inside.
 */
#include "tests/world/world_bug.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum phase { PHASE_IDLE, PHASE_QUEUE, PHASE_BACKLOG };

static bool accepted(int status)
{
	return status >= 200 && status < 300;
}

json_int_t world_push_backlog(const json_t *hook)
{
	return (json_int_t)json_array_size(json_object_get(hook, "backlog"));
}

size_t world_push_waiting(struct world *w)
{
	struct world_push *push = &w->bugs->push;
	size_t n = json_array_size(push->queue) + json_array_size(push->ready) + (push->flying ? 1 : 0), i;
	json_t *hook;

	json_array_foreach(push->hooks, i, hook)
	{
		if (world_true(hook, "enabled"))
			n += (size_t)world_push_backlog(hook);
	}
	return n;
}

/* ---- what is queued, and for whom ---- */

static bool changes_nothing(json_t *message)
{
	json_t *one;
	size_t i;

	json_array_foreach(json_object_get(message, "changes"), i, one)
	{
		if (!world_str(one, "removed")[0] && !world_str(one, "added")[0])
			return true;
	}
	return false;
}

static bool has_work(struct world *w)
{
	json_t *hook;
	size_t i;

	json_array_foreach(w->bugs->push.hooks, i, hook)
	{
		if (world_true(hook, "enabled") && world_push_backlog(hook) > 0 &&
		    world_int(hook, "next_try_ms") <= w->now_ms)
			return true;
	}
	return json_array_size(w->bugs->push.queue) > 0;
}

static void end_pass(struct world_push *push)
{
	push->phase = PHASE_IDLE;
	push->at = 0;
	push->next_pass_ms = push->clock_ms + push->poll_ms;
}

/* To the next of the daemon's half minutes; the passes before it found nothing to do. */
static void skip_idle_passes(struct world *w)
{
	struct world_push *push = &w->bugs->push;

	if (push->flying || has_work(w))
		return;
	if (push->phase != PHASE_IDLE)
		end_pass(push);
	if (push->next_pass_ms > w->now_ms)
		return;
	if (push->poll_ms > 0)
		push->next_pass_ms += ((w->now_ms - push->next_pass_ms) / push->poll_ms + 1) * push->poll_ms;
	else
		push->next_pass_ms = w->now_ms;
}

/* Any entry that changes nothing to nothing loses the whole event, and a webhook that is disabled now never gets it. */
void world_push_queue(struct world *w, json_t *message)
{
	struct world_push *push = &w->bugs->push;
	json_t *to = world_own(json_array()), *hook;
	size_t i;

	json_array_foreach(push->hooks, i, hook)
	{
		if (world_true(hook, "enabled"))
			json_array_append(to, json_object_get(hook, "id"));
	}
	world_put(message, "to", to);
	world_put(message, "queued_ms", json_integer(w->now_ms));
	skip_idle_passes(w);
	if (json_array_size(to) > 0 && !changes_nothing(message))
		json_array_append(push->queue, message);
	json_decref(message);
}

static bool is_for(json_t *hook, json_t *message)
{
	json_t *id;
	size_t i;

	json_array_foreach(json_object_get(message, "to"), i, id)
	{
		if (json_integer_value(id) == world_int(hook, "id"))
			return world_true(hook, "enabled");
	}
	return false;
}

/* A word of the selection is looked for anywhere in it: "attachment_change" selects what "change" does, too. */
static bool selects(json_t *hook, json_t *message)
{
	static const struct {
		const char *target, *action, *word;
	} rows[] = {{"bug", "create", "create"},
		    {"bug", "modify", "change"},
		    {"attachment", "create", "attachment"},
		    {"attachment", "modify", "attachment_change"},
		    {"comment", "create", "comment"}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].target, world_str(message, "target")) == 0 &&
		    strcmp(rows[i].action, world_str(message, "action")) == 0)
			return strstr(world_str(hook, "event"), rows[i].word);
	return false;
}

/* What it is, or what it was before this very change. */
static bool is_of(json_t *hook, json_t *message, const char *field)
{
	const char *wanted = world_str(hook, field);
	json_t *one;
	size_t i;

	if (strcmp(wanted, "Any") == 0 || strcmp(wanted, world_str(message, field)) == 0)
		return true;
	json_array_foreach(json_object_get(message, "changes"), i, one)
	{
		if (strcmp(world_str(one, "field"), field) == 0 && strcmp(world_str(one, "removed"), wanted) == 0)
			return true;
	}
	return false;
}

/* As things are now. That a bug was opened or hidden is told to all. What is private is for insiders, and so is every
 * attachment of a bug that was not public. */
static bool owner_may_know(struct world *w, json_t *hook, json_t *message)
{
	const char *owner = world_str(hook, "owner");
	json_t *bug = world_bug(w, world_int(message, "bug_id"));

	if (strcmp(world_str(message, "routing_key"), "bug.modify:is_private") != 0 &&
	    (!world_bug_sees(w, bug, owner) || !world_bug_sees_product(w, world_str(message, "product"), owner)))
		return false;
	return !world_true(json_object_get(message, "sub"), "is_private") || world_bug_is_insider(w, owner);
}

static bool is_to_send(struct world *w, json_t *hook, json_t *message)
{
	return is_for(hook, message) && selects(hook, message) && is_of(hook, message, "product") &&
	       is_of(hook, message, "component") && owner_may_know(w, hook, message);
}

/* ---- outcomes ---- */

static void log_push(struct world *w, json_t *flight, int status, int64_t took_ms)
{
	json_t *message = json_object_get(flight, "message");

	world_log(w, "push",
		  json_pack("{s:I,s:s,s:I,s:i,s:I,s:I}", "webhook", world_int(flight, "hook"), "routing_key",
			    world_str(message, "routing_key"), "bug", world_int(message, "bug_id"), "status", status,
			    "took_ms", (json_int_t)took_ms, "made_at", world_int(message, "push_ts")));
}

static json_t *hook_by_id(struct world *w, json_int_t id)
{
	json_t *hook;
	size_t i;

	json_array_foreach(w->bugs->push.hooks, i, hook)
	{
		if (world_int(hook, "id") == id)
			return hook;
	}
	return NULL;
}

static int64_t backoff_ms(json_int_t failures)
{
	int64_t seconds = 1;

	for (json_int_t i = 0; i < failures && seconds < BUG_BACKOFF_MAX_S; i++)
		seconds *= 5;
	return 1000 * (seconds < BUG_BACKOFF_MAX_S ? seconds : BUG_BACKOFF_MAX_S);
}

static void put_behind(json_t *hook, json_t *message, json_int_t attempts)
{
	json_array_append_new(world_list(hook, "backlog"),
			      world_own(json_pack("{s:O,s:I}", "message", message, "attempts", attempts)));
}

/* The failures that were counted stay counted, whatever succeeds later. */
static void again_failed(struct world *w, json_t *hook, json_t *entry)
{
	json_int_t attempts = world_int(entry, "attempts") + 1, failures = world_int(hook, "failures") + 1;

	world_put(entry, "attempts", json_integer(attempts));
	world_put(hook, "failures", json_integer(failures));
	world_put(hook, "next_try_ms", json_integer(w->now_ms + backoff_ms(failures)));
	if (w->bugs->push.error_limit && attempts >= w->bugs->push.error_limit) {
		world_put(hook, "enabled", json_false());
		world_log(w, "webhook", json_pack("{s:I,s:b}", "webhook", world_int(hook, "id"), "enabled", 0));
	}
}

static void settle(struct world *w, json_t *flight, int status, int64_t took_ms)
{
	json_t *hook = hook_by_id(w, world_int(flight, "hook")), *backlog = world_list(hook, "backlog");
	const char *kind = world_str(flight, "kind");

	log_push(w, flight, status, took_ms);
	if (strcmp(kind, "first") == 0 && !accepted(status))
		put_behind(hook, json_object_get(flight, "message"), 1);
	else if (strcmp(kind, "again") == 0 && accepted(status))
		json_array_remove(backlog, 0);
	else if (strcmp(kind, "again") == 0)
		again_failed(w, hook, json_array_get(backlog, 0));
}

/* ---- a pass ---- */

/* kind: "first" time, "again" from the backlog, or "loose": out of the daemon's hands. */
static json_t *new_flight(struct world *w, json_t *hook, json_t *message, const char *kind)
{
	char *body = world_bug_body(hook, message);
	json_t *flight = world_own(json_pack("{s:I,s:I,s:O,s:s,s:s}", "id", world_id(w, "push_flight"), "hook",
					     world_int(hook, "id"), "message", message, "kind", kind, "body", body));

	free(body);
	return flight;
}

static json_t *rule_for(struct world *w, json_t *flight)
{
	json_t *rules = w->bugs->push.rules, *rule, *message = json_object_get(flight, "message");
	size_t i;

	json_array_foreach(rules, i, rule)
	{
		const char *key = world_str(rule, "routing_key");
		json_int_t count = world_int(rule, "count"), bug = world_int(rule, "bug"),
			   hook = world_int(rule, "webhook");

		if (strncmp(key, world_str(message, "routing_key"), strlen(key)) != 0 ||
		    (bug && bug != world_int(message, "bug_id")) || (hook && hook != world_int(flight, "hook")))
			continue;
		json_incref(rule);
		if (count > 1)
			world_put(rule, "count", json_integer(count - 1));
		else if (count == 1)
			json_array_remove(rules, i);
		return rule;
	}
	return NULL;
}

static void add_loose(json_t *list, json_t *flight)
{
	json_t *copy = world_own(json_copy(flight));

	world_put(copy, "kind", json_string("loose"));
	json_array_append_new(list, copy);
}

/* True: it is on its way. False: a rule said what became of it. flight is stolen. */
static bool depart(struct world *w, json_t *flight)
{
	struct world_push *push = &w->bugs->push;
	json_t *rule = rule_for(w, flight);
	const char *verdict = world_str(rule, "do");
	bool lost = strcmp(verdict, "drop") == 0, held = strcmp(verdict, "hold") == 0,
	     failed = strcmp(verdict, "fail") == 0;

	if (held)
		add_loose(push->held, flight);
	if (strcmp(verdict, "dup") == 0)
		add_loose(push->ready, flight);
	if (lost || held || failed)
		settle(w, flight, failed ? (int)world_int(rule, "status") : 200, 1);
	else
		push->flying = json_incref(flight);
	json_decref(rule);
	json_decref(flight);
	return push->flying;
}

/* The oldest second first; inside a second no order but that of a seeded shuffle. */
static uint64_t shuffled(const struct world *w, json_int_t id)
{
	uint64_t x = ((uint64_t)id + 1) * 0x9e3779b97f4a7c15u + w->seed * 0xbf58476d1ce4e5b9u;

	x = (x ^ (x >> 29)) * 0x94d049bb133111ebu;
	return x ^ (x >> 32);
}

/* NULL: this pass found all that there was when it came by. */
static json_t *oldest(const struct world *w)
{
	const struct world_push *push = &w->bugs->push;
	json_t *one, *best = NULL;
	size_t i;

	json_array_foreach(push->queue, i, one)
	{
		json_int_t a = world_int(one, "push_ts"), b = world_int(best, "push_ts");

		if (world_int(one, "queued_ms") > push->clock_ms)
			continue;
		if (!best || a < b ||
		    (a == b && shuffled(w, world_int(one, "id")) < shuffled(w, world_int(best, "id"))))
			best = one;
	}
	return best;
}

/* The head stays the head until every webhook had its turn. */
static bool take_head(struct world *w)
{
	json_t *queue = w->bugs->push.queue, *head = json_incref(oldest(w));

	for (size_t i = 0; head && i < json_array_size(queue); i++)
		if (json_array_get(queue, i) == head) {
			json_array_remove(queue, i);
			json_array_insert(queue, 0, head);
			break;
		}
	json_decref(head);
	return head;
}

/* Once every webhook had its turn. */
static bool drop_head(struct world_push *push)
{
	if (push->at < json_array_size(push->hooks))
		return false;
	json_array_remove(push->queue, 0);
	push->at = 0;
	return true;
}

/* One webhook's turn with the event at the head. */
static bool step_queue(struct world *w)
{
	struct world_push *push = &w->bugs->push;
	json_t *hook = json_array_get(push->hooks, push->at), *message;

	if (push->at == 0 && !take_head(w)) {
		push->phase = PHASE_BACKLOG;
		return false;
	}
	if (drop_head(push))
		return false;
	message = json_array_get(push->queue, 0);
	push->at++;
	if (!is_to_send(w, hook, message))
		return false;
	if (world_push_backlog(hook) == 0)
		return depart(w, new_flight(w, hook, message, "first"));
	put_behind(hook, message, 0);
	return false;
}

static bool step_backlog(struct world *w)
{
	struct world_push *push = &w->bugs->push;
	json_t *hook = json_array_get(push->hooks, push->at), *message;

	if (!hook) {
		end_pass(push);
		return false;
	}
	message = json_object_get(json_array_get(json_object_get(hook, "backlog"), 0), "message");
	if (!message || !world_true(hook, "enabled") || world_int(hook, "next_try_ms") > push->clock_ms) {
		push->at++;
		return false;
	}
	if (!owner_may_know(w, hook, message)) {
		json_array_remove(json_object_get(hook, "backlog"), 0);
		return false;
	}
	return depart(w, new_flight(w, hook, message, "again"));
}

static bool step(struct world *w)
{
	struct world_push *push = &w->bugs->push;

	if (json_array_size(push->ready) > 0) {
		push->flying = json_incref(json_array_get(push->ready, 0));
		json_array_remove(push->ready, 0);
		return true;
	}
	return push->phase == PHASE_QUEUE ? step_queue(w) : step_backlog(w);
}

static json_t *headers_of(json_t *hook)
{
	json_t *headers = world_own(json_pack("{s:s,s:s,s:s,s:s}", "Accept", "application/json", "Accept-Encoding",
					      "gzip", "Content-Type", "application/json", "User-Agent", "Bugzilla"));

	if (world_str(hook, "header")[0] && world_str(hook, "value")[0])
		world_put(headers, world_str(hook, "header"), json_string(world_str(hook, "value")));
	return headers;
}

static bool begin_pass(struct world *w)
{
	struct world_push *push = &w->bugs->push;

	if (w->now_ms < push->next_pass_ms || !has_work(w))
		return false;
	push->phase = PHASE_QUEUE;
	push->clock_ms = w->now_ms;
	return true;
}

int64_t world_push_due(struct world *w)
{
	const struct world_push *push = &w->bugs->push;

	if (push->flying || world_push_waiting(w) == 0)
		return -1;
	if (push->phase != PHASE_IDLE || json_array_size(push->ready) > 0 || push->next_pass_ms <= w->now_ms)
		return 0;
	return push->next_pass_ms - w->now_ms;
}

bool world_push_next(struct world *w, struct world_delivery *ret)
{
	struct world_push *push = &w->bugs->push;
	json_t *hook;

	if (push->flying)
		return false;
	while (!push->flying && (push->phase != PHASE_IDLE || json_array_size(push->ready) > 0 || begin_pass(w)))
		step(w);
	if (!push->flying)
		return false;
	hook = hook_by_id(w, world_int(push->flying, "hook"));
	*ret = (struct world_delivery){.id = world_int(push->flying, "id"),
				       .url = world_text("%s", world_str(hook, "url")),
				       .body = world_text("%s", world_str(push->flying, "body")),
				       .headers = headers_of(hook),
				       .timeout_ms = 30000};
	ret->len = strlen(ret->body);
	return true;
}

bool world_push_done(struct world *w, json_int_t id, int status, int64_t took_ms)
{
	struct world_push *push = &w->bugs->push;
	json_t *flight = push->flying;

	if (!flight || world_int(flight, "id") != id)
		return false;
	push->flying = NULL;
	if (push->phase != PHASE_IDLE)
		push->clock_ms = w->now_ms;
	settle(w, flight, status, took_ms);
	json_decref(flight);
	if (push->phase == PHASE_QUEUE)
		drop_head(push);
	return true;
}
