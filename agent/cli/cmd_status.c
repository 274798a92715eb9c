#include "agent/cli/cmd_client.h"
#include "agent/cli/commands.h"
#include "agent/cli/print.h"

#include <inttypes.h>

static void line(FILE *out, const char *label, struct text value)
{
	if (value.len == 0)
		return;
	(void)fprintf(out, "%-12s", label);
	print_safe(out, value);
	(void)fprintf(out, "\n");
}

static void print_posted(FILE *out, jval posted, struct arena *arena)
{
	struct text at = jtext(posted, "at");
	const char *doubt = jtri(posted, "in_doubt") == TRI_YES ? " (unanswered: being read back)" : "";

	line(out, "posted:",
	     arena_printf(arena, "%.*s: %.*s%s%.*s%s", TEXT_ARG(jtext(posted, "state")),
			  TEXT_ARG(jtext(posted, "text")), at.len > 0 ? " at " : "", TEXT_ARG(at), doubt));
}

static void print_changes(FILE *out, jval changes)
{
	for (size_t i = 0; i < jlen(changes); i++) {
		(void)fprintf(out, "%-12s#%" PRId64 " into ", "change:", jint(jat(changes, i), "number", 0));
		print_safe(out, jtext(jat(changes, i), "base_ref"));
		(void)fprintf(out, "%s\n", jtri(jat(changes, i), "open") == TRI_YES ? "" : " (closed)");
	}
}

static void print_history(FILE *out, jval history)
{
	for (size_t i = 0; i < jlen(history); i++) {
		jval one = jat(history, i);

		(void)fprintf(out, "  ");
		print_safe(out, jtext(one, "made_at"));
		(void)fprintf(out, "  #%" PRId64 " ", jint(one, "id", 0));
		print_safe(out, jtext(one, "verdict"));
		(void)fprintf(out, ": ");
		print_safe(out, jtext(one, "text"));
		(void)fprintf(out, "\n");
	}
}

/* The other statuses that the policy names. */
static void print_contexts(FILE *out, jval contexts, bool colour)
{
	for (size_t i = 0; i < jlen(contexts); i++) {
		print_safe(out, jtext(jat(contexts, i), "context"));
		(void)fprintf(out, ": ");
		print_verdict(out, jat(contexts, i), colour);
	}
}

static void print_commit(const struct console *console, jval root, struct arena *arena)
{
	FILE *out = console->out;

	line(out,
	     "commit:", arena_printf(arena, "%.*s@%.*s", TEXT_ARG(jtext(root, "repo")), TEXT_ARG(jtext(root, "sha"))));
	print_changes(out, jget(root, "changes"));
	line(out, "newer head:", jtext(root, "superseded_by"));
	print_posted(out, jget(root, "posted"), arena);
	line(out, "max_age:", jtext(jget(root, "max_age"), "text"));
	print_verdict(out, root, console->colour);
	print_rules(out, jget(root, "rules"), console->colour);
	print_contexts(out, jget(root, "contexts"), console->colour);
	if (jlen(jget(root, "alarms")) > 0)
		(void)fprintf(out, "alarms:\n");
	for (size_t i = 0; i < jlen(jget(root, "alarms")); i++)
		print_alarm(out, jat(jget(root, "alarms"), i));
	if (jlen(jget(root, "history")) > 0)
		(void)fprintf(out, "verdicts, newest first:\n");
	print_history(out, jget(root, "history"));
}

/* What is not understood is no success. */
static int exit_of(jval root)
{
	enum decision decision;

	return decision_parse(jtext(root, "verdict"), &decision) ? client_exit_of(decision) : COMMAND_NO;
}

static int show_commit(const struct console *console, jval root)
{
	auto_arena struct arena arena = ARENA_EMPTY;

	if (console)
		print_commit(console, root, &arena);
	return exit_of(root);
}

static int show_deliveries(const struct console *console, jval root)
{
	static const char *const columns[] = {"received_at", "guid", "event", "action", "note"};
	jval list = jis_array(root) ? root : jget(root, "deliveries");

	for (size_t i = 0; console && i < jlen(list); i++) {
		for (size_t c = 0; c < sizeof columns / sizeof columns[0]; c++) {
			print_safe(console->out, jtext(jat(list, i), columns[c]));
			(void)fprintf(console->out, "%s", c + 1 < sizeof columns / sizeof columns[0] ? "  " : "\n");
		}
	}
	if (console)
		(void)fprintf(console->out, "%zu quarantined\n", jlen(list));
	return jis_array(list) ? COMMAND_OK : COMMAND_NO;
}

static int run(const struct invocation *invocation)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct client_request request = {"GET", TEXT_LIT("/api/v1/deliveries?state=quarantined"), TEXT_EMPTY};
	struct client_subject subject;

	if (invocation_has(invocation, "deliveries") == (invocation->n_operands > 0)) {
		(void)fprintf(invocation->console->err,
			      "headgate status: name one change or commit, or ask for --deliveries\n");
		return COMMAND_USAGE;
	}
	if (invocation_has(invocation, "deliveries"))
		return client_show(invocation, &request, show_deliveries);
	if (!client_subject(invocation, invocation->operands[0], &subject))
		return COMMAND_USAGE;
	if (subject.number > 0)
		request.path =
			arena_printf(&arena, "/api/v1/changes/%.*s/%" PRId64, TEXT_ARG(subject.repo), subject.number);
	else
		request.path = arena_printf(&arena, "/api/v1/commits/%.*s/%s", TEXT_ARG(subject.repo), subject.sha.hex);
	return client_show(invocation, &request, show_commit);
}

static const struct command_option options[] = {
	CLIENT_OPTIONS,
	{"deliveries", 0, NULL, "list deliveries that were signed but could not be understood"},
};
const struct command command_status = {
	"status",
	"[O/R#N|O/R@SHA]",
	0,
	1,
	"show the verdict of a change or commit, and why",
	"  headgate status acme/widget#12\n  headgate status --deliveries\n",
	options,
	sizeof options / sizeof options[0],
	run,
};
