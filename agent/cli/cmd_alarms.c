#include "agent/cli/cmd_client.h"
#include "agent/cli/commands.h"
#include "agent/cli/print.h"

#include <inttypes.h>

static const char path[] = "/api/v1/alarms";

/* Exit 0: none is open. */
static int print(const struct console *console, jval root)
{
	jval list = jget(root, "alarms");
	int open = 0;

	for (size_t i = 0; i < jlen(list); i++) {
		open += !jget(jat(list, i), "acknowledged_at");
		if (console)
			print_alarm(console->out, jat(list, i));
	}
	if (console)
		(void)fprintf(console->out, "%d not acknowledged\n", open);
	return jis_array(list) && open == 0 ? COMMAND_OK : COMMAND_NO;
}

static int acknowledge(const struct invocation *invocation, const char *word, struct arena *arena)
{
	struct client_request request = {"POST", text_of(path), TEXT_EMPTY};
	struct text answer;
	int64_t id;
	int code;

	if (!text_int64(text_of(word), &id) || id <= 0) {
		(void)fprintf(invocation->console->err,
			      "headgate alarms: --acknowledge takes a number from the list\n");
		return COMMAND_USAGE;
	}
	request.body = arena_printf(arena, "{\"id\":%" PRId64 "}", id);
	code = client_ask(invocation, &request, arena, &answer);
	if (code == COMMAND_OK && invocation_has(invocation, "json"))
		(void)fprintf(invocation->console->out, "%.*s\n", TEXT_ARG(answer));
	else if (code == COMMAND_OK)
		(void)fprintf(invocation->console->out, "alarm %" PRId64 " is acknowledged\n", id);
	return code;
}

static int run(const struct invocation *invocation)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct client_request list = {"GET", text_of(path), TEXT_EMPTY};
	const char *word = invocation_value(invocation, "acknowledge");

	return word ? acknowledge(invocation, word, &arena) : client_show(invocation, &list, print);
}

static const struct command_option options[] = {
	CLIENT_OPTIONS,
	{"acknowledge", 0, "ID", "this alarm was seen to; a stolen key's keeps /readyz at 503 until then"},
};
const struct command command_alarms = {
	"alarms",
	"",
	0,
	0,
	"list who else set the status, and acknowledge it",
	"  headgate alarms\n  headgate alarms --acknowledge 3\n",
	options,
	sizeof options / sizeof options[0],
	run,
};
