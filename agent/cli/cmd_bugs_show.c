/* headgate bugs show: how much is known, and of when. Numbers of bugs are not for terminals. */
#include <inttypes.h>

#include "agent/cli/cmd_bugs.h"
#include "policy/when.h"
#include "webhooks/jread.h"

struct shown {
	struct bug_table_count count;
	int64_t dated_ms, age_ms;
	bool stale;
};

static void print_json(const struct invocation *invocation, const struct bugs_place *place, const struct shown *shown)
{
	struct jwrite *w = jwrite_new();
	char dated[32];

	jwrite_object(w, NULL);
	jwrite_text(w, "tracker", place->tracker->name);
	jwrite_int(w, "insecure", (int64_t)shown->count.insecure);
	jwrite_int(w, "secure", (int64_t)(shown->count.secure + shown->count.approved));
	jwrite_int(w, "approved", (int64_t)shown->count.approved);
	if (shown->dated_ms > 0)
		jwrite_text(w, "dated", text_of(when_print(shown->dated_ms, dated)));
	else
		jwrite_null(w, "dated");
	jwrite_bool(w, "stale", shown->stale);
	jwrite_int(w, "bytes", (int64_t)shown->count.bytes);
	jwrite_end(w);
	(void)fprintf(invocation->console->out, "%.*s\n", TEXT_ARG(jwrite_text_of(w)));
	jwrite_free(w);
}

static void print_text(const struct invocation *invocation, const struct bugs_place *place, const struct shown *shown)
{
	FILE *out = invocation->console->out;
	char dated[32];

	(void)fprintf(out,
		      "%.*s: %" PRIu64 " not secure, %" PRIu64 " secure, of these %" PRIu64 " approved; %zu bytes\n",
		      TEXT_ARG(place->tracker->name), shown->count.insecure,
		      shown->count.secure + shown->count.approved, shown->count.approved, shown->count.bytes);
	if (shown->dated_ms == 0)
		(void)fprintf(out, "never heard of completely: stale\n");
	else
		(void)fprintf(out, "of %s, %" PRId64 " min ago%s\n", when_print(shown->dated_ms, dated),
			      shown->age_ms / 60000, shown->stale ? ": stale" : "");
}

static int run(const struct invocation *invocation)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct err err = ERR_NONE;
	struct bug_table *table;
	struct bugs_place place;
	struct shown shown;
	int code = bugs_place(invocation, &arena, &place);

	if (code != COMMAND_OK)
		return code;
	table = bugs_load(&place, &err);
	if (!table)
		return bugs_say(invocation, COMMAND_NO, err.text);
	shown = (struct shown){.count = bug_table_count(table), .dated_ms = bug_table_dated(table)};
	bug_table_free(table);
	shown.age_ms = place.now_ms - shown.dated_ms;
	shown.stale = shown.dated_ms == 0 || shown.age_ms > place.tracker->table_max_age_ms;
	(invocation_has(invocation, "json") ? print_json : print_text)(invocation, &place, &shown);
	return shown.stale ? COMMAND_NO : COMMAND_OK;
}

static const struct command_option options[] = {
	BUGS_OPTIONS,
	{"json", 0, NULL, "print it as JSON"},
};
const struct command command_bugs_show = {
	"bugs show",
	"",
	0,
	0,
	"how many bugs are known of a tracker, and of when; exit 1 when that is stale",
	"  headgate bugs show --tracker bmo\n",
	options,
	sizeof options / sizeof options[0],
	run,
};
