/*
 * A stored verdict carries what it was made from. It is judged again here, with this binary, and the answers are
 * compared: a difference means another version judges otherwise, or what is stored was edited.
 */
#include "agent/cli/cmd_client.h"
#include "agent/cli/commands.h"

#include <inttypes.h>

#include "agent/base/facts_json.h"
#include "agent/cli/print.h"
#include "agent/cli/replay.h"
#include "webhooks/scan.h"

struct stored {
	struct text facts, policy, verdict, state, text, context; /* context: empty where it is not said */
};

static bool take(struct text document, struct arena *arena, struct stored *ret, struct err *err)
{
	static const char *const paths[] = {"facts", "policy", "verdict", "state", "text", "context"};
	enum { N = sizeof paths / sizeof paths[0], NEEDED = N - 1 };
	const struct scan_plan *plan = scan_plan_new(paths, N);
	struct scan_value values[N];
	bool ok = scan_run(plan, document, arena, values, err);

	scan_plan_free(plan);
	if (!ok)
		return false;
	/* The facts come as an object, or as a string that holds one. */
	for (size_t i = 0; i < NEEDED; i++)
		if (values[i].type != SCAN_STRING && !(i == 0 && values[i].type == SCAN_OBJECT))
			return err_set(err, ERR_INVALID, "not a stored verdict: `%s` is missing", paths[i]);
	*ret = (struct stored){values[0].text, values[1].text,
			       values[2].text, values[3].text,
			       values[4].text, values[NEEDED].type == SCAN_STRING ? values[NEEDED].text : TEXT_EMPTY};
	return true;
}

/* context NULL: the server's own. 0: there is none. */
static int64_t verdict_of(jval commit, const char *context)
{
	jval contexts = jget(commit, "contexts");

	if (!context)
		return jint(commit, "verdict_id", 0);
	for (size_t i = 0; i < jlen(contexts); i++)
		if (text_is(jtext(jat(contexts, i), "context"), context))
			return jint(jat(contexts, i), "verdict_id", 0);
	return 0;
}

/* The newest verdict of a commit, in full. */
static int ask(const struct invocation *invocation, const char *word, struct arena *arena, struct text *ret)
{
	struct client_request request = {"GET", TEXT_EMPTY, TEXT_EMPTY};
	struct client_subject subject;
	struct err err = ERR_NONE;
	struct jdoc *doc;
	int64_t id;
	int code;

	if (!client_subject(invocation, word, &subject))
		return COMMAND_USAGE;
	if (subject.number > 0)
		request.path =
			arena_printf(arena, "/api/v1/changes/%.*s/%" PRId64, TEXT_ARG(subject.repo), subject.number);
	else
		request.path = arena_printf(arena, "/api/v1/commits/%.*s/%s", TEXT_ARG(subject.repo), subject.sha.hex);
	code = client_ask(invocation, &request, arena, ret);
	if (code != COMMAND_OK)
		return code;
	doc = jdoc_parse(*ret, &err);
	id = doc ? verdict_of(jdoc_root(doc), invocation_value(invocation, "context")) : 0;
	jdoc_free(doc);
	if (id <= 0) {
		(void)fprintf(invocation->console->err, "headgate explain: there is no verdict of it yet\n");
		return COMMAND_NO;
	}
	request.path = arena_printf(arena, "/api/v1/verdicts/%" PRId64 "?full=1", id);
	return client_ask(invocation, &request, arena, ret);
}

static int document_of(const struct invocation *invocation, struct arena *arena, struct text *ret)
{
	const char *word = invocation->operands[0];
	struct err err = ERR_NONE;

	if (strpbrk(word, "@#"))
		return ask(invocation, word, arena, ret);
	if (client_file_read(invocation->console, (struct client_file){word, REPLAY_FACTS_MAX}, arena, ret, &err))
		return COMMAND_OK;
	(void)fprintf(invocation->console->err, "headgate explain: %s\n", err.text);
	return COMMAND_USAGE;
}

static void print_people(const struct console *console, const struct verdict *now, struct text rules, bool same)
{
	struct err err = ERR_NONE;
	struct jdoc *doc = jdoc_parse(rules, &err);

	(void)fprintf(console->out, "%s: ", decision_name(now->decision));
	print_safe(console->out, now->text);
	(void)fprintf(console->out, "\n");
	print_rules(console->out, doc ? jdoc_root(doc) : NULL, console->colour);
	(void)fprintf(console->out, "judged again: %s\n", same ? "the same" : "another result than the stored one");
	jdoc_free(doc);
}

static int compare(const struct invocation *invocation, const struct stored *stored, const struct config_policy *set,
		   struct arena *arena)
{
	const struct console *console = invocation->console;
	struct replay replay = {
		.policy = stored->policy,
		.context = text_eq_nocase(stored->context, set->context) ? TEXT_EMPTY : stored->context,
		.facts = stored->facts,
		.defaults = {(unsigned)set->default_approvals, set->path, set->context},
	};
	struct problem problem;
	struct verdict now;
	struct err err = ERR_NONE;
	bool same;

	if (!replay_judge(&replay, arena, &now, &problem, &err)) {
		(void)fprintf(console->err, "headgate explain: the stored facts: %s\n", err.text);
		return COMMAND_USAGE;
	}
	same = text_is(stored->verdict, decision_name(now.decision)) &&
	       text_is(stored->state, status_state_name(now.state)) && text_eq(stored->text, now.text);
	if (invocation_has(invocation, "json"))
		(void)fprintf(console->out, "{\"same\":%s,\"now\":%.*s}\n", same ? "true" : "false",
			      TEXT_ARG(verdict_encode(&now, false, arena)));
	else
		print_people(console, &now, rules_encode(&now, false, arena), same);
	if (!same) {
		(void)fprintf(console->err, "stored: ");
		print_safe(console->err, stored->verdict);
		(void)fprintf(console->err, ": ");
		print_safe(console->err, stored->text);
		(void)fprintf(console->err, "\n");
	}
	return same ? client_exit_of(now.decision) : COMMAND_NO;
}

static int run(const struct invocation *invocation)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct stored stored = {.facts = TEXT_EMPTY};
	struct config_loaded loaded;
	struct text document;
	struct err err = ERR_NONE;
	int code = client_config(invocation->console, invocation_value(invocation, "config"), &arena, &loaded);

	if (code == COMMAND_OK)
		code = document_of(invocation, &arena, &document);
	if (code != COMMAND_OK)
		return code;
	if (!take(document, &arena, &stored, &err)) {
		(void)fprintf(invocation->console->err, "headgate explain: %s\n", err.text);
		return COMMAND_USAGE;
	}
	return compare(invocation, &stored, &loaded.config.policy, &arena);
}

static const struct command_option options[] = {
	CLIENT_OPTIONS, {"context", 0, "NAME", "the verdict in one of policy.contexts; left out: the server's own"}};
const struct command command_explain = {
	"explain",
	"O/R@SHA|O/R#N|FILE|-",
	1,
	1,
	"judge a stored verdict again and show how it came about",
	"  headgate explain acme/widget@4f2c9e1d5a...\n  headgate explain exported-verdict.json\n",
	options,
	sizeof options / sizeof options[0],
	run,
};
