/* What the control face does to the push daemon: webhooks, rules for what is sent next, and what was taken aside. */
#include "tests/world/world_bug.h"

#include <string.h>

/* ---- webhooks ---- */

static json_t *hook_named(struct world *w, json_int_t id)
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

static json_t *new_hook(struct world_act *act)
{
	json_t *hook = world_own(json_pack("{s:I,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:b,s:I,s:I,s:[]}", "id",
					   world_id(act->w, "webhook"), "name", "headgate", "owner", act->who, "url",
					   "", "event", "create,change,attachment,attachment_change,comment", "product",
					   "Any", "component", "Any", "header", "", "value", "", "enabled", 1,
					   "failures", (json_int_t)0, "next_try_ms", (json_int_t)0, "backlog"));

	world_bug_account(act->w, act->who);
	json_array_append_new(act->w->bugs->push.hooks, hook);
	return hook;
}

static void start_anew(json_t *hook)
{
	world_put(hook, "failures", json_integer(0));
	world_put(hook, "next_try_ms", json_integer(0));
}

/* {"who": the owner, "url", "name", "event", "product", "component", "header", "value"}, or {"id"} with what of it
 * changes. "enabled": true enables it again, and what was counted against it is forgotten. */
void world_act_webhook(struct world_act *act)
{
	static const char *const texts[] = {"name", "url", "event", "product", "component", "header", "value"};
	json_int_t id = world_int(act->args, "id");
	json_t *hook = id ? hook_named(act->w, id) : new_hook(act), *enabled = json_object_get(act->args, "enabled");

	if (!hook) {
		world_fail(act, 404, "no such webhook");
		return;
	}
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (json_is_string(json_object_get(act->args, texts[i])))
			world_put(hook, texts[i], json_string(world_str(act->args, texts[i])));
	if (enabled)
		world_put(hook, "enabled", json_boolean(json_is_true(enabled)));
	if (json_is_true(enabled))
		start_anew(hook);
	world_put(act->out, "id", json_integer(world_int(hook, "id")));
}

/* ---- what was taken aside ---- */

static bool matches(json_t *args, json_t *flight)
{
	json_t *message = json_object_get(flight, "message");
	const char *key = world_str(args, "routing_key");
	json_int_t bug = world_int(args, "bug"), hook = world_int(args, "webhook");

	return strncmp(key, world_str(message, "routing_key"), strlen(key)) == 0 &&
	       (!bug || bug == world_int(message, "bug_id")) && (!hook || hook == world_int(flight, "hook"));
}

static json_t *take_held(struct world_act *act)
{
	json_t *held = act->w->bugs->push.held, *taken = world_own(json_array()), *one;
	json_int_t count = world_int(act->args, "count");

	for (size_t i = 0; i < json_array_size(held);) {
		one = json_array_get(held, i);
		if (!matches(act->args, one) || (count && (json_int_t)json_array_size(taken) >= count)) {
			i++;
			continue;
		}
		if (world_true(act->args, "reverse"))
			json_array_insert(taken, 0, one);
		else
			json_array_append(taken, one);
		json_array_remove(held, i);
	}
	world_put(act->out, "count", json_integer((json_int_t)json_array_size(taken)));
	return taken;
}

static void add_rule(struct world_act *act)
{
	json_array_append(act->w->bugs->push.rules, act->args);
}

static void forget_holds(struct world_act *act)
{
	json_t *rules = act->w->bugs->push.rules;

	for (size_t i = json_array_size(rules); i > 0; i--)
		if (strcmp(world_str(json_array_get(rules, i - 1), "do"), "hold") == 0)
			json_array_remove(rules, i - 1);
}

static bool is_for_all(json_t *args)
{
	return !world_true(args, "keep") && !world_int(args, "count") && !world_int(args, "bug") &&
	       !world_int(args, "webhook") && !world_str(args, "routing_key")[0];
}

/* They go before anything else, at once. All holding ends, unless only some are let go. */
static void release(struct world_act *act)
{
	json_t *taken = take_held(act);

	if (is_for_all(act->args))
		forget_holds(act);
	json_array_extend(act->w->bugs->push.ready, taken);
	json_decref(taken);
}

static void order(struct world_act *act)
{
	json_t *taken = take_held(act);

	json_array_extend(act->w->bugs->push.held, taken);
	json_decref(taken);
}

static void drop(struct world_act *act)
{
	if (world_true(act->args, "held"))
		json_decref(take_held(act));
	else
		add_rule(act);
}

static void clear(struct world_act *act)
{
	json_array_clear(act->w->bugs->push.rules);
}

static json_t *listed(struct world_act *act, json_t *message)
{
	json_t *one = world_own(json_copy(message));

	if (!world_true(act->args, "bodies")) {
		json_object_del(one, "bug");
		json_object_del(one, "sub");
	}
	return one;
}

static void list(struct world_act *act)
{
	struct world_push *push = &act->w->bugs->push;
	json_t *queue = world_list(act->out, "queue"), *one;
	size_t i;

	json_array_foreach(push->queue, i, one) json_array_append_new(queue, listed(act, one));
	world_put(act->out, "held", json_deep_copy(push->held));
	world_put(act->out, "hooks", json_deep_copy(push->hooks));
}

/* ---- the daemon ---- */

/* {"ms"}: how often it wakes; 0: whenever it is asked. {"errors"}: attempts until a webhook is given up; 0: never. */
static void configure(struct world_act *act)
{
	struct world_push *push = &act->w->bugs->push;

	if (json_object_get(act->args, "ms")) {
		push->poll_ms = world_int(act->args, "ms");
		push->next_pass_ms = act->w->now_ms + push->poll_ms;
	}
	if (json_object_get(act->args, "errors"))
		push->error_limit = world_int(act->args, "errors");
}

static void restart(struct world_act *act)
{
	json_t *hook;
	size_t i;

	json_array_foreach(act->w->bugs->push.hooks, i, hook) start_anew(hook);
}

void world_act_daemon(struct world_act *act)
{
	static const struct {
		const char *name;
		world_act_fn *run;
	} verbs[] = {{"hold", add_rule}, {"drop", drop},      {"dup", add_rule},        {"fail", add_rule},
		     {"order", order},   {"list", list},      {"configure", configure}, {"release", release},
		     {"clear", clear},   {"restart", restart}};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i].name, world_str(act->args, "do")) == 0) {
			verbs[i].run(act);
			return;
		}
	}
	world_fail(act, 422, "push: unknown `do`");
}
