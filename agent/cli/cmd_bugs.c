/* The list of subcommands, and what they share. */
#include "agent/cli/cmd_bugs.h"

#include <inttypes.h>

#include "agent/base/clock.h"
#include "agent/cli/cmd_client.h"
#include "agent/cli/cmd_policy.h"
#include "agent/cli/print.h"
#include "agent/work/trackers.h"
#include "webhooks/ed25519.h"

#define WAIT_MS INT64_C(60000) /* for another writer of the table, once that was said */

static const struct command *const subcommands[] = {
	&command_bugs_export,
	&command_bugs_import,
	&command_bugs_pull,
	&command_bugs_show,
};
const struct command_table bugs_subcommands = {subcommands, sizeof subcommands / sizeof subcommands[0],
					       &policy_subcommands};

int bugs_say(const struct invocation *invocation, int code, const char *text)
{
	(void)fprintf(invocation->console->err, "headgate %s: ", invocation->command->name);
	print_safe(invocation->console->err, text_of(text));
	(void)fprintf(invocation->console->err, "\n");
	return code;
}

static int choose(const struct invocation *invocation, const struct config *config, const struct config_tracker **ret)
{
	const char *name = invocation_value(invocation, "tracker");

	*ret = NULL;
	if (name)
		*ret = config_tracker_named(config, text_of(name));
	else if (config->trackers.n == 1)
		*ret = &config->trackers.at[0];
	if (*ret)
		return COMMAND_OK;
	if (config->trackers.n == 0)
		return bugs_say(invocation, COMMAND_CONFIG, "the configuration names no trackers");
	return bugs_say(invocation, COMMAND_USAGE,
			name ? "the configuration has no tracker of that name" : "which one? use --tracker NAME");
}

int bugs_place(const struct invocation *invocation, struct arena *arena, struct bugs_place *ret)
{
	struct clock_port clock = clock_system();
	struct config_loaded loaded;
	int code = client_config(invocation->console, invocation_value(invocation, "config"), arena, &loaded);

	if (code == COMMAND_OK)
		code = choose(invocation, &loaded.config, &ret->tracker);
	if (code != COMMAND_OK)
		return code;
	ret->store = (struct table_store){loaded.config.state_dir, ret->tracker->name};
	ret->now_ms = clock.wall(clock.self);
	return COMMAND_OK;
}

struct bug_table *bugs_load(const struct bugs_place *place, struct err *err)
{
	struct bug_table *table = table_store_load(&place->store, place->tracker->max_age_ms, err);

	if (table) {
		bug_table_clock_at(table, place->now_ms);
		bug_table_rules(table, trackers_rules(place->tracker));
	}
	return table;
}

struct bug_table *bugs_table(const struct invocation *invocation, const struct bugs_place *place)
{
	struct err err = ERR_NONE;
	struct bug_table *table = bugs_load(place, &err);

	if (table)
		return table;
	if (err.code != ERR_GONE)
		(void)bugs_say(invocation, 0, err.text);
	table = bug_table_new(place->tracker->max_age_ms);
	bug_table_clock_at(table, place->now_ms);
	bug_table_rules(table, trackers_rules(place->tracker));
	return table;
}

bool bugs_verify(const struct dump *dump, const char *key_file, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text pem;

	if (!dump->has_signature)
		return err_set(err, ERR_DENIED, "it is not signed");
	return config_file(key_file, &arena, &pem, err) &&
	       ed25519_verify(pem, dump->signed_bytes, dump->signature, err);
}

/* Of the bugs that the dump names, those that count as not secure or approved. */
static uint64_t milder_ones(const struct dump *dump, const struct bug_table *table)
{
	uint64_t n = 0;

	for (size_t i = 0; i < dump->n; i++)
		for (int64_t id = dump->runs[i].first; id <= (int64_t)dump->runs[i].last; id++) {
			enum table_state state = bug_table_state(table, id);

			n += state == TABLE_INSECURE || state == TABLE_APPROVED;
		}
	return n;
}

/* Whether the table is of that time now. A list that need not be all there is leaves it as old as it was, where
 * something counts that it does not name. */
static bool is_dated(const struct dump *dump, int64_t complete_up_to, const struct bug_table *table)
{
	struct bug_table_count count = bug_table_count(table);

	return dump->tracker.len > 0 || complete_up_to > 0 ||
	       milder_ones(dump, table) == count.insecure + count.approved;
}

/* Another writer is done within moments, unless it is stopped. */
static bool save(const struct invocation *invocation, const struct bugs_place *place, struct bug_table *table,
		 struct err *err)
{
	if (table_store_save(&place->store, table, err))
		return true;
	if (err->code != ERR_RETRY)
		return false;
	(void)bugs_say(invocation, 0, err->text);
	(void)bugs_say(invocation, 0, "waiting for it, a minute at most");
	*err = ERR_NONE;
	return table_store_save_within(&place->store, table, WAIT_MS, err);
}

int bugs_install(const struct invocation *invocation, const struct bugs_place *place, struct dump *dump,
		 int64_t dated_ms, int64_t complete_up_to)
{
	struct bug_table *table = bugs_table(invocation, place);
	struct err err = ERR_NONE;
	struct dump_told told = dump_apply(dump, dated_ms, table);
	bool ok, dated;

	if (complete_up_to > 0)
		told.changed += dump_apply_absent(dump, dated_ms, complete_up_to, table);
	dated = is_dated(dump, complete_up_to, table);
	if (dated)
		bug_table_date(table, dated_ms);
	ok = save(invocation, place, table, &err);
	bug_table_free(table);
	if (!ok)
		return bugs_say(invocation, COMMAND_NO, err.text);
	(void)fprintf(invocation->console->out,
		      "%" PRIu64 " changed, %" PRIu64 " seen again, %" PRIu64 " older than what is known\n",
		      told.changed, told.seen, told.older);
	if (!dated)
		(void)bugs_say(invocation, 0,
			       "the table keeps its date: without --complete a list dates only what it names");
	if (told.refused > 0)
		return bugs_say(invocation, COMMAND_NO, "some had no room in the table");
	return COMMAND_OK;
}
