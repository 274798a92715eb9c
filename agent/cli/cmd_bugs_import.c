/* headgate bugs import: what a file says of bugs becomes known. All of it, or nothing. */
#include <sys/stat.h>

#include "agent/cli/cmd_bugs.h"
#include "agent/cli/cmd_client.h"
#include "policy/when.h"

/* A list says when it was true by its first line, by --dated, or by the time that the file was written. */
static int date_of(const struct invocation *invocation, const struct bugs_place *place, const struct dump *dump,
		   int64_t *ret)
{
	const char *given = invocation_value(invocation, "dated"), *name = invocation->operands[0];
	struct stat st;

	if (given && !when_parse(text_of(given), ret))
		return bugs_say(invocation, COMMAND_USAGE, "--dated is a time such as 2026-11-23T01:02:03Z");
	if (given && dump->dated_ms != WHEN_UNKNOWN)
		return bugs_say(invocation, COMMAND_USAGE, "the dump has a date of its own; leave --dated out");
	if (!given)
		*ret = dump->dated_ms;
	if (*ret == WHEN_UNKNOWN && strcmp(name, "-") != 0 && stat(name, &st) == 0)
		*ret = (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
	if (*ret == WHEN_UNKNOWN)
		return bugs_say(invocation, COMMAND_USAGE, "of which time is it? use --dated TIME");
	if (*ret < 0 || *ret > place->now_ms + DUMP_FUTURE_MS)
		return bugs_say(invocation, COMMAND_USAGE, "its date lies in the future, or before all dates");
	return COMMAND_OK;
}

static int complete_of(const struct invocation *invocation, int64_t *ret)
{
	const char *given = invocation_value(invocation, "complete");

	*ret = 0;
	if (!given || (text_int64(text_of(given), ret) && *ret > 0 && *ret < TABLE_PLANES))
		return COMMAND_OK;
	return bugs_say(invocation, COMMAND_USAGE, "--complete is a number from 1 to 4194303");
}

static int check(const struct invocation *invocation, const struct bugs_place *place, const struct dump *dump)
{
	struct err err = ERR_NONE;

	if (dump->tracker.len > 0 && !text_eq(dump->tracker, place->tracker->name))
		return bugs_say(invocation, COMMAND_NO, "the dump is of another tracker");
	if (dump->has_signature && place->tracker->trust_key_file.len > 0 &&
	    !bugs_verify(dump, place->tracker->trust_key_file.at, &err))
		return bugs_say(invocation, COMMAND_NO, err.text);
	return COMMAND_OK;
}

static int run(const struct invocation *invocation)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct client_file file = {invocation->operands[0], DUMP_BYTES_MAX};
	struct bugs_place place;
	struct err err = ERR_NONE;
	struct dump dump;
	struct text bytes;
	int64_t dated = WHEN_UNKNOWN, up_to = 0;
	int code = bugs_place(invocation, &arena, &place);

	if (code == COMMAND_OK)
		code = complete_of(invocation, &up_to);
	if (code != COMMAND_OK)
		return code;
	if (!client_file_read(invocation->console, file, &arena, &bytes, &err) ||
	    !dump_read(bytes, place.now_ms, &arena, &dump, &err))
		return bugs_say(invocation, COMMAND_USAGE, err.text);
	code = check(invocation, &place, &dump);
	if (code == COMMAND_OK)
		code = date_of(invocation, &place, &dump, &dated);
	return code == COMMAND_OK ? bugs_install(invocation, &place, &dump, dated, up_to) : code;
}

static const struct command_option options[] = {
	BUGS_OPTIONS,
	{"dated", 0, "TIME", "of a list without a date: when it was true; else when the file was written"},
	{"complete", 0, "ID", "the list names all secure bugs up to this number: the others are not secure"},
};
const struct command command_bugs_import = {
	"bugs import",
	"FILE|-",
	1,
	1,
	"take in a dump or a list of secure bugs: JSON, an array or one value a line",
	"  headgate bugs import secure-bugs.json\n  fetch-dump | headgate bugs import - --dated 2026-11-23T01:00:00Z\n",
	options,
	sizeof options / sizeof options[0],
	run,
};
