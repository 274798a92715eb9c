#include "agent/cli/cmd_client.h"
#include "agent/cli/commands.h"
#include "webhooks/jread.h"

static struct text body_of(const struct client_subject *subject, struct arena *arena)
{
	struct jwrite *w = jwrite_new();
	struct text body;

	jwrite_object(w, NULL);
	jwrite_text(w, "repo", subject->repo);
	if (subject->number > 0)
		jwrite_int(w, "number", subject->number);
	else
		jwrite_text(w, "sha", oid_text(&subject->sha));
	jwrite_end(w);
	body = arena_text(arena, jwrite_text_of(w));
	jwrite_free(w);
	return body;
}

static int run(const struct invocation *invocation)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct client_request request = {"POST", TEXT_LIT("/api/v1/recheck"), TEXT_EMPTY};
	struct client_subject subject;
	struct text answer;
	int code;

	if (!client_subject(invocation, invocation->operands[0], &subject))
		return COMMAND_USAGE;
	request.body = body_of(&subject, &arena);
	code = client_ask(invocation, &request, &arena, &answer);
	if (code != COMMAND_OK)
		return code;
	if (invocation_has(invocation, "json"))
		(void)fprintf(invocation->console->out, "%.*s\n", TEXT_ARG(answer));
	else
		(void)fprintf(invocation->console->out, "asked; see `headgate status %s`\n", invocation->operands[0]);
	return COMMAND_OK;
}

static const struct command_option options[] = {CLIENT_OPTIONS};
const struct command command_recheck = {
	"recheck",
	"O/R#N|O/R@SHA",
	1,
	1,
	"judge a change or commit again, now",
	"  headgate recheck acme/widget#12\n",
	options,
	sizeof options / sizeof options[0],
	run,
};
