/*
 * config_keys: the table behind config.h, private to agent/base/config*.c and its test. A row says where a key's value
 * lands in struct config, how its text is read (config_types), what is allowed, and what it is for.
 */
#ifndef AGENT_BASE_CONFIG_KEYS_H
#define AGENT_BASE_CONFIG_KEYS_H

#include "agent/base/config.h"

struct config_key;

struct config_type {
	const char *name; /* "duration" */
	const char *form; /* "a duration such as 30s, 10m or 2h" */
	/* Reads one value into the field at `out`. False: not of this type; *why may hold a better reason. */
	bool (*read)(const struct config_key *key, struct text in, struct arena *arena, void *out, const char **why);
	struct text (*print)(const struct config_key *key, const void *field, struct arena *arena);
	bool list;    /* items are texts, each read by read() */
	bool secrets; /* items are {file, until} */
	bool number;  /* min and max bound the value; else the length of the text */
	/* Items are maps with keys of their own, in a struct of their own; in the file only. NULL: no such list. */
	const struct config_items *items;
};

struct config_items {
	size_t size; /* of the struct of one item */
	const struct config_key *(*key_at)(size_t i);
	void (*put)(void *field, const void *items, size_t n);
	/* What is missing from the last of them, or contradicts its other keys or another item. NULL: nothing. */
	const char *(*check)(const void *items, size_t n);
};

extern const struct config_type config_text, config_integer, config_bytes, config_duration, config_choice,
	config_address, config_directory, config_file_name, config_secret_file, config_origin_url, config_tree_url,
	config_public_url, config_repo_path, config_shared_file, config_repositories, config_words, config_pushes,
	config_webhook_secrets, config_store, config_trackers, config_hook_repositories;

/* For types with items: read() of a flag, a variable or what is built in, of which none but an empty one is taken; and
 * print(), of n structs of `size` bytes. */
bool config_read_no_items(const struct config_key *key, struct text in, struct arena *arena, void *out,
			  const char **why);
struct text config_print_items(const struct config_key *(*key_at)(size_t i), const void *items, size_t n, size_t size,
			       struct arena *arena);

bool config_word(struct text in); /* may it stand in a list of config_words? */

struct config_key {
	const char *path;
	const struct config_type *type;
	size_t offset; /* in struct config */
	const char *built_in;
	int64_t min, max;
	const char *help;
	const char *const *choices; /* config_choice: names by value, NULL at the end */
};

/* Keys of the interface that this version does not have, and keys below lists; both end with NULL. */
struct config_later {
	const char *path, *why;
};
const struct config_later *config_later_at(size_t i);

#endif
