/* headgate serve: options and configuration; what runs is daemon.c. */
#include <string.h>
#include <unistd.h>

#include "agent/cli/cmd_client.h"
#include "agent/cli/commands.h"
#include "agent/cli/daemon.h"

static const char *const roles[] = {"receive", "decide", "post", "show"};
#define ALL_ROLES ((1U << (sizeof roles / sizeof roles[0])) - 1)

static bool role_bit(struct text word, unsigned *ret)
{
	for (unsigned i = 0; i < sizeof roles / sizeof roles[0]; i++)
		if (text_is(word, roles[i])) {
			*ret |= 1U << i;
			return true;
		}
	return false;
}

/* On SQLite one process holds all roles: the roles talk through the store only, and SQLite has one writer. */
static bool roles_ok(const struct invocation *invocation)
{
	const char *list = invocation_value(invocation, "roles");
	struct text rest = text_of(list);
	unsigned set = 0;

	if (!list || strcmp(list, "all") == 0)
		return true;
	while (rest.len > 0) {
		size_t comma = text_find(rest, TEXT_LIT(","));
		struct text word = {rest.at, comma == SIZE_MAX ? rest.len : comma};

		if (!role_bit(word, &set)) {
			(void)fprintf(invocation->console->err,
				      "headgate serve: no role `%.*s`; there are receive, decide, post, show\n",
				      TEXT_ARG(word));
			return false;
		}
		rest = comma == SIZE_MAX ? TEXT_EMPTY : (struct text){rest.at + comma + 1, rest.len - comma - 1};
	}
	if (set == ALL_ROLES)
		return true;
	(void)fprintf(
		invocation->console->err,
		"headgate serve: store sqlite has one writer, so one process holds all roles; leave --roles out\n");
	return false;
}

static int refuse(const struct invocation *invocation, const char *text)
{
	(void)fprintf(invocation->console->err, "headgate serve: %s\n", text);
	return COMMAND_CONFIG;
}

static struct log log_of(const struct config *config, struct log_drops *drops)
{
	return (struct log){
		.fd = STDERR_FILENO,
		.format = config->log.format == CONFIG_LOG_JSON ? LOG_JSON : LOG_LOGFMT,
		.level = (enum log_level)config->log.level,
		.clock = clock_system(),
		.drops = drops,
	};
}

static int run(const struct invocation *invocation)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct config_loaded loaded;
	struct err err = ERR_NONE;
	struct log_drops *drops;
	struct log log;
	int code;

	if (!roles_ok(invocation))
		return COMMAND_CONFIG;
	code = client_config(invocation->console, invocation_value(invocation, "config"), &arena, &loaded);
	if (code != COMMAND_OK)
		return code;
	if (invocation_has(invocation, "print-config")) {
		(void)fprintf(invocation->console->out, "%.*s", TEXT_ARG(config_print(&loaded, &arena)));
		return COMMAND_OK;
	}
	if (!config_check(&loaded.config, CONFIG_NEEDS_FORGE | CONFIG_NEEDS_RECEIVE | CONFIG_NEEDS_STATE, &err))
		return refuse(invocation, err.text);
	if (invocation_has(invocation, "check-config")) {
		(void)fprintf(invocation->console->out, "configuration ok\n");
		return COMMAND_OK;
	}
	drops = log_drops_new();
	log = log_of(&loaded.config, drops);
	code = daemon_run(&loaded.config, &log);
	log_drops_free(drops);
	return code;
}

static const struct command_option options[] = {
	{"config", 'c', "FILE", "configuration; else " CONFIG_FILE},
	{"roles", 0, "LIST", "receive,decide,post,show or all; on sqlite all"},
	{"check-config", 0, NULL, "check the configuration and stop"},
	{"print-config", 0, NULL, "print each value and where it comes from, and stop"},
};
const struct command command_serve = {
	"serve",
	"",
	0,
	0,
	"receive deliveries, judge, post statuses, show pages",
	"  headgate serve -c /etc/headgate/headgate.yml\n  headgate serve -c headgate.yml --check-config\n",
	options,
	sizeof options / sizeof options[0],
	run,
};
