/*
 * headgate judge O/R#N: one judgement with a token, no server and no store: for a trial, a scheduled job and the person
 * on call. Prints what it cannot promise. --post sends each verdict as a status. The exit code is the server's own
 * context's, or that of --context.
 */
#include <string.h>
#include <unistd.h>

#include "agent/base/facts_json.h"
#include "agent/cli/cmd_client.h"
#include "agent/cli/commands.h"
#include "agent/cli/print.h"
#include "agent/web/commit_json.h"
#include "agent/work/contexts.h"
#include "agent/work/hands.h"

#define JUDGE_ROUNDS 3

static const char *const lacking[] = {
	"webhooks bind a review to the commit it was given to; here the forge's own record is all there is",
	"nothing is revoked after this moment: no event is listened to",
	"no journal, no hash chain: this verdict is not kept",
	"two runs at the same time may post in either order",
	"a running server takes a status that was posted beside it for one of a stolen key (headgate alarms)",
};

struct once {
	const struct invocation *invocation;
	const struct config *config;
	struct clock_port clock;
	struct hands_shared shared;
	struct hands hands;
	struct client_subject subject;
	struct forge_repo repo;
	struct oid head;
	int64_t number;
	struct text context; /* whose verdict that is, and what the exit code says */
	struct verdict verdict;
	struct contexts contexts; /* the others that the policies name */
	struct arena *arena;
	struct err err;
};

static struct forge_call call_of(struct once *o)
{
	return (struct forge_call){o->repo, o->arena,
				   o->clock.mono(o->clock.self) + o->config->limits.forge_deadline_ms, 0};
}

static bool find_head(struct once *o)
{
	struct forge_call call;
	struct forge_change change;
	struct forge_found found;

	o->repo = (struct forge_repo){0, o->subject.repo, 0};
	call = call_of(o);
	if (o->hands.forge.repo(o->hands.forge.self, &call, &found, &o->err) != ERR_OK)
		return false;
	o->repo = (struct forge_repo){found.id, found.name, found.installation};
	o->head = o->subject.sha;
	o->number = o->subject.number;
	if (o->number == 0)
		return true;
	call = call_of(o);
	if (o->hands.forge.change(o->hands.forge.self, &call, o->number, &change, &o->err) != ERR_OK)
		return false;
	o->head = change.head;
	return true;
}

static bool decide(struct once *o, const struct gather *gather, struct gathered *gathered)
{
	struct forge_check_run shadow;

	policy_judge(gathered->governed, &gathered->facts, o->arena, &o->verdict);
	contexts_judge(gather->claim, gathered, o->arena, &o->contexts);
	if (o->verdict.state == STATUS_SUCCESS && !gather_shadow(gather, o->arena, &gathered->facts, &shadow, &o->err))
		return false;
	if (gathered->facts.shadowed)
		policy_judge(gathered->governed, &gathered->facts, o->arena, &o->verdict);
	return contexts_shadow(gather, gathered, &o->contexts, &shadow, &o->err);
}

static bool judge(struct once *o)
{
	struct gather_config config = hands_gather_config(o->config);
	struct gather_ports ports = {&o->hands.forge, &o->hands.mirror, NULL, o->clock, NULL, NULL, {0}};
	struct claim claim = {.repo = o->repo.id,
			      .repo_name = o->repo.name,
			      .installation = o->repo.installation,
			      .sha = o->head,
			      .candidates = &o->number,
			      .n_candidates = o->number != 0};
	struct gather gather = {&config, &ports, &claim};
	struct gathered gathered;
	bool unmoved = false;

	for (int round = 0; round < JUDGE_ROUNDS && !unmoved; round++) {
		if (!gather_collect(&gather, o->arena, &gathered, &o->err) || !decide(o, &gather, &gathered))
			return false;
		unmoved = o->verdict.state != STATUS_SUCCESS && !contexts_allow(&o->contexts);
		if (!unmoved && !gather_unmoved(&gather, &gathered, &unmoved, &o->err))
			return false;
	}
	return unmoved || err_set(&o->err, ERR_RETRY, "the change moved while it was read; try again");
}

/* With --context: that one alone, as if it were the server's own. */
static bool choose(struct once *o)
{
	const char *name = invocation_value(o->invocation, "context");

	o->context = o->config->policy.context;
	if (!name || text_eq_nocase(text_of(name), o->context))
		return true;
	for (size_t i = 0; i < o->contexts.n; i++)
		if (text_is(o->contexts.at[i].name, name)) {
			o->context = o->contexts.at[i].name;
			o->verdict = o->contexts.at[i].verdict;
			return true;
		}
	return err_set(&o->err, ERR_GONE, "no policy of this commit names the context %s", name);
}

static size_t n_others(const struct once *o)
{
	return invocation_value(o->invocation, "context") ? 0 : o->contexts.n;
}

static bool post_one(struct once *o, struct text context, const struct verdict *verdict)
{
	struct forge_post in = {
		.repo = o->repo,
		.sha = o->head,
		.state = text_of(status_state_name(verdict->state)),
		.context = context,
		.description = verdict->public_text,
	};
	struct forge_posted out;

	return o->hands.forge.post(o->hands.forge.self, &in,
				   o->clock.mono(o->clock.self) + o->config->limits.post_deadline_ms, &out,
				   &o->err) == ERR_OK;
}

/* What denies goes first, as a poster sends it. */
static bool post(struct once *o)
{
	for (int grants = 0; grants < 2; grants++) {
		if ((o->verdict.state == STATUS_SUCCESS) == grants && !post_one(o, o->context, &o->verdict))
			return false;
		for (size_t i = 0; i < n_others(o); i++) {
			const struct context_judged *one = &o->contexts.at[i];

			if ((one->verdict.state == STATUS_SUCCESS) == grants && !post_one(o, one->name, &one->verdict))
				return false;
		}
	}
	return true;
}

static void show_tree(struct once *o, struct text title, const struct verdict *verdict)
{
	const struct console *console = o->invocation->console;
	struct jdoc *doc = jdoc_parse(verdict_encode(verdict, false, o->arena), &o->err);

	if (!doc)
		return;
	print_safe(console->out, title);
	(void)fprintf(console->out, "\n");
	print_verdict(console->out, jdoc_root(doc), console->colour);
	print_rules(console->out, jget(jdoc_root(doc), "rules"), console->colour);
	jdoc_free(doc);
}

static struct text encoded(struct once *o)
{
	struct text json = verdict_encode(&o->verdict, false, o->arena);
	struct jwrite *w;

	if (n_others(o) == 0)
		return json;
	w = jwrite_new();
	jwrite_array(w, NULL);
	for (size_t i = 0; i < n_others(o); i++) {
		jwrite_object(w, NULL);
		jwrite_text(w, "context", o->contexts.at[i].name);
		jwrite_json(w, "verdict", verdict_encode(&o->contexts.at[i].verdict, false, o->arena));
		jwrite_end(w);
	}
	jwrite_end(w);
	json = json_with(json, "contexts", jwrite_text_of(w), o->arena);
	jwrite_free(w);
	return json;
}

static int show(struct once *o)
{
	const struct console *console = o->invocation->console;

	if (invocation_has(o->invocation, "json")) {
		(void)fprintf(console->out, "%.*s\n", TEXT_ARG(encoded(o)));
	} else {
		show_tree(o, oid_text(&o->head), &o->verdict);
		for (size_t i = 0; i < n_others(o); i++)
			show_tree(o, o->contexts.at[i].name, &o->contexts.at[i].verdict);
	}
	for (size_t i = 0; i < sizeof lacking / sizeof lacking[0]; i++)
		(void)fprintf(console->err, "without a server: %s\n", lacking[i]);
	return client_exit_of(o->verdict.decision);
}

static int run_in(struct once *o, const char *mirrors)
{
	struct access_ports ports = {.clock = o->clock, .wall = o->clock};
	struct hands_plan tools = {o->config, &o->shared, o->clock, mirrors};

	if (!hands_share(&o->shared, o->config, &ports, &o->err) || !hands_init(&o->hands, &tools, &o->err) ||
	    !find_head(o) || !judge(o) || !choose(o) || (invocation_has(o->invocation, "post") && !post(o))) {
		(void)fprintf(o->invocation->console->err, "headgate judge: %s\n", o->err.text);
		return o->err.code == ERR_RETRY ? COMMAND_WAITING : COMMAND_NO;
	}
	return show(o);
}

static int run(const struct invocation *invocation)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct config_loaded loaded;
	struct once o = {.invocation = invocation, .clock = clock_system(), .arena = &arena, .err = ERR_NONE};
	const char *mirrors = invocation_value(invocation, "mirrors");
	int code = client_config(invocation->console, invocation_value(invocation, "config"), &arena, &loaded);

	if (code != COMMAND_OK)
		return code;
	if (!config_check(&loaded.config, CONFIG_NEEDS_FORGE, &o.err)) {
		(void)fprintf(invocation->console->err, "headgate judge: %s\n", o.err.text);
		return COMMAND_CONFIG;
	}
	if (!client_subject(invocation, invocation->operands[0], &o.subject))
		return COMMAND_USAGE;
	o.config = &loaded.config;
	if (!mirrors)
		mirrors = arena_printf(&arena, "%s/mirrors", loaded.config.state_dir.at).at;
	code = run_in(&o, mirrors);
	hands_release(&o.hands);
	hands_shared_release(&o.shared);
	return code;
}

static const struct command_option options[] = {
	{"config", 'c', "FILE", "configuration: forge, policy, limits"},
	{"mirrors", 0, "DIR", "where repositories are kept between runs; else mirrors in state_dir"},
	{"context", 0, "NAME",
	 "the verdict in one of policy.contexts alone; left out: the server's own, then each of them"},
	{"post", 0, NULL, "post each verdict as a status"},
	{"json", 0, NULL, "print the verdict as JSON"},
};
const struct command command_judge = {
	"judge",
	"O/R#N|O/R@SHA",
	1,
	1,
	"one judgement with a token: no server, no store",
	"  headgate judge -c headgate.yml acme/widget#12\n",
	options,
	sizeof options / sizeof options[0],
	run,
};
