/*
 * What is read once at the start and said to people: the file's bytes, what a command needs, the values with where
 * they came from, and the table.
 */
#include "agent/base/config_keys.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads until the end or one byte more than allowed. */
static bool read_all(int fd, struct arena *arena, struct text *ret)
{
	char *at = arena_alloc(arena, CONFIG_FILE_MAX + 2, 1);
	size_t used = 0;
	ssize_t n;

	do {
		n = read(fd, at + used, CONFIG_FILE_MAX + 1 - used);
		if (n > 0)
			used += (size_t)n;
	} while ((n > 0 && used <= CONFIG_FILE_MAX) || (n < 0 && errno == EINTR));
	*ret = (struct text){at, used};
	return n >= 0;
}

bool config_file(const char *path, struct arena *arena, struct text *ret, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct text bytes;
	bool ok;

	if (fd < 0)
		return err_set(err, errno == ENOENT ? ERR_GONE : ERR_INVALID, "%s: %s", path, strerror(errno));
	ok = read_all(fd, arena, &bytes);
	if (!ok)
		(void)err_set(err, ERR_INVALID, "%s: %s", path, strerror(errno));
	(void)close(fd);
	if (!ok)
		return false;
	if (bytes.len > CONFIG_FILE_MAX)
		return err_set(err, ERR_LIMIT, "%s: more than %zu bytes", path, CONFIG_FILE_MAX);
	*ret = bytes;
	return true;
}

/* A token file or an App, and never a guess which of them is meant. */
static bool check_access(const struct config_forge *forge, struct err *err)
{
	bool token = forge->token_file.len > 0, id = forge->app_id.len > 0, key = forge->key_file.len > 0;

	if (token && (id || key))
		return err_set(err, ERR_INVALID,
			       "forge.token_file and forge.%s exclude each other: a token, or an App with its key",
			       id ? "app_id" : "key_file");
	if (id != key)
		return err_set(err, ERR_INVALID, "forge.%s is missing: forge.app_id and forge.key_file make an App",
			       id ? "key_file" : "app_id");
	return token || id ||
	       err_set(err, ERR_INVALID,
		       "forge.token_file is missing: a file with a token, or forge.app_id and forge.key_file of an "
		       "App");
}

/* A hook that asked no tracker because of a slip would know nothing of any bug. */
static bool check_hook(const struct config *config, struct err *err)
{
	for (size_t i = 0; i < config->hook.repositories.n; i++) {
		const struct config_hook_repository *at = &config->hook.repositories.at[i];

		if (at->tracker.len > 0 && !config_tracker_named(config, at->tracker))
			return err_set(err, ERR_INVALID, "hook.repositories: %.*s: no tracker is called %.*s",
				       TEXT_ARG(at->name), TEXT_ARG(at->tracker));
	}
	return true;
}

/* Else each tree were unknown for a while before its turn comes again. */
static bool check_trees(const struct config *config, struct err *err)
{
	return config->trees.max_age_ms > config->trees.every_ms ||
	       err_set(err, ERR_INVALID, "trees.max_age must be longer than trees.every");
}

bool config_check(const struct config *config, unsigned needs, struct err *err)
{
	if ((needs & CONFIG_NEEDS_FORGE) != 0 && config->forge.api_url.len == 0)
		return err_set(err, ERR_INVALID, "forge.api_url is missing: the forge's REST API");
	if ((needs & CONFIG_NEEDS_FORGE) != 0 && !check_access(&config->forge, err))
		return false;
	if ((needs & CONFIG_NEEDS_RECEIVE) != 0 && config->forge.webhook_secrets.n == 0)
		return err_set(err, ERR_INVALID,
			       "forge.webhook_secrets is missing: without a secret nobody knows who sent a delivery");
	if ((needs & CONFIG_NEEDS_STATE) != 0 && config->state_dir.len == 0)
		return err_set(err, ERR_INVALID, "state_dir is missing: where the database and the mirrors are kept");
	return check_trees(config, err) && check_hook(config, err);
}

static const char *const origin_names[] = {"built-in", "file", "environment", "flag"};

struct text config_print(const struct config_loaded *loaded, struct arena *arena)
{
	struct text all = TEXT_EMPTY;
	const struct config_key *key;

	for (size_t i = 0; (key = config_key_at(i)); i++) {
		const void *field = (const char *)&loaded->config + key->offset;
		struct text value = key->type->print(key, field, arena);

		all = arena_printf(arena, "%.*s%s: %.*s  # %s\n", TEXT_ARG(all), key->path, TEXT_ARG(value),
				   origin_names[loaded->origins[i]]);
	}
	return all;
}

struct text config_problem_text(const char *file, const struct problem *problem, struct arena *arena)
{
	if (problem->line == 0)
		return text_of(arena_printf(arena, "%s", problem->text).at);
	return arena_printf(arena, "%s:%u:%u: %s", file, problem->line, problem->column, problem->text);
}

static struct text choices_of(const struct config_key *key, struct arena *arena)
{
	struct text all = text_of(key->type->name);

	for (size_t i = 0; key->choices && key->choices[i]; i++)
		all = arena_printf(arena, "%.*s%s", i == 0 ? 0 : (int)all.len, all.at,
				   arena_printf(arena, "%s%s", i == 0 ? "" : "|", key->choices[i]).at);
	return all;
}

static struct text help_line(const char *list, const struct config_key *key, struct arena *arena)
{
	const char *path = arena_printf(arena, "%s%s%s", list, list[0] ? "." : "", key->path).at;

	return arena_printf(arena, "%-28s %.*s; default %s: %s\n", path, TEXT_ARG(choices_of(key, arena)),
			    key->built_in[0] ? key->built_in : "none", key->help);
}

struct text config_help(struct arena *arena)
{
	struct text all = TEXT_EMPTY;
	const struct config_key *key;

	for (size_t i = 0; (key = config_key_at(i)); i++) {
		const struct config_items *items = key->type->items;

		all = arena_printf(arena, "%.*s%.*s", TEXT_ARG(all), TEXT_ARG(help_line("", key, arena)));
		for (size_t k = 0; items && items->key_at(k); k++)
			all = arena_printf(arena, "%.*s%.*s", TEXT_ARG(all),
					   TEXT_ARG(help_line(key->path, items->key_at(k), arena)));
	}
	return all;
}
