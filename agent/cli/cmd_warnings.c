#include "agent/cli/cmd_client.h"
#include "agent/cli/commands.h"
#include "agent/cli/print.h"

#include <inttypes.h>

/* "acme/app 4f2c9e1  Would block: RULE: NEXT (verdict 12, allowed in policy/merge-allowed)" */
static void print_warning(FILE *out, jval warning)
{
	struct text sha = jtext(warning, "sha"), next = jtext(warning, "next");

	print_safe(out, jtext(warning, "repo"));
	(void)fprintf(out, " ");
	print_safe(out, (struct text){sha.at, sha.len < 7 ? sha.len : 7});
	(void)fprintf(out, jtri(warning, "blocks") == TRI_YES ? "  Would block: " : "  Would wait: ");
	print_safe(out, jtext(warning, "rule"));
	if (next.len > 0)
		(void)fprintf(out, ": ");
	print_safe(out, next);
	(void)fprintf(out, " (verdict %" PRId64 ", ", jint(warning, "verdict_id", 0));
	print_safe(out, jtext(warning, "verdict"));
	(void)fprintf(out, " in ");
	print_safe(out, jtext(warning, "context"));
	(void)fprintf(out, ")\n");
}

static int print(const struct console *console, jval root)
{
	jval list = jget(root, "warnings");

	for (size_t i = 0; console && i < jlen(list); i++)
		print_warning(console->out, jat(list, i));
	if (console)
		(void)fprintf(console->out, "warnings: %zu, in the newest %" PRId64 " verdicts%s\n", jlen(list),
			      jint(root, "looked_at", 0),
			      jtri(root, "more") == TRI_YES ? "; there are older ones" : "");
	return jis_array(list) ? COMMAND_OK : COMMAND_NO;
}

static int run(const struct invocation *invocation)
{
	const struct client_request request = {"GET", TEXT_LIT("/api/v1/warnings"), TEXT_EMPTY};

	return client_show(invocation, &request, print);
}

static const struct command_option options[] = {CLIENT_OPTIONS};
const struct command command_warnings = {
	"warnings",
	"",
	0,
	0,
	"list what would have been blocked by rules of `mode: warn`",
	"  headgate warnings\n  headgate warnings --json\n",
	options,
	sizeof options / sizeof options[0],
	run,
};
