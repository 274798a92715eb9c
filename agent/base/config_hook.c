/*
 * The repositories of commit hooks: the keys of one, and what they must be together. Their policies are files of this
 * machine: such a repository need not be at the forge.
 */
#include "agent/base/config_keys.h"

#define AT(field)      offsetof(struct config_hook_repository, field)
#define NAME_MAX_BYTES 255

static const char *const modes[] = {"enforce", "warn", NULL};

static const struct config_key keys[] = {
	{"name", &config_text, AT(name), "", 1, NAME_MAX_BYTES, "as `headgate-hook --repository` says it", NULL},
	{"policy", &config_file_name, AT(policy), "", 0, 0, "file with its policy; read anew for each push", NULL},
	{"tracker", &config_text, AT(tracker), "", 0, 40, "which of the trackers has its bugs; empty: none", NULL},
	{"mode", &config_choice, AT(mode), "enforce", 0, 0, "warn: a push that would be refused is told so, and lands",
	 modes},
};

const struct config_key *config_hook_key_at(size_t i)
{
	return i < sizeof keys / sizeof keys[0] ? &keys[i] : NULL;
}

/* What is wrong with the last one. */
static const char *check(const void *items, size_t n)
{
	const struct config_hook_repository *all = items, *last = &all[n - 1];

	if (last->name.len == 0)
		return "each needs `name`";
	if (last->policy.len == 0)
		return "each needs `policy`";
	for (size_t i = 0; i + 1 < n; i++)
		if (text_eq(all[i].name, last->name))
			return "name: another repository has this name";
	return NULL;
}

static void put(void *field, const void *items, size_t n)
{
	*(struct config_hook_repositories *)field = (struct config_hook_repositories){items, n};
}

static struct text print(const struct config_key *key, const void *field, struct arena *arena)
{
	const struct config_hook_repositories *all = field;

	(void)key;
	return config_print_items(config_hook_key_at, all->at, all->n, sizeof *all->at, arena);
}

static const struct config_items items = {sizeof(struct config_hook_repository), config_hook_key_at, put, check};
const struct config_type config_hook_repositories = {"list of repositories",
						     "a list of {name, policy, ...}",
						     config_read_no_items,
						     print,
						     false,
						     false,
						     false,
						     &items};

const struct config_hook_repository *config_hook_named(const struct config *config, struct text name)
{
	for (size_t i = 0; i < config->hook.repositories.n; i++)
		if (text_eq(config->hook.repositories.at[i].name, name))
			return &config->hook.repositories.at[i];
	return NULL;
}
