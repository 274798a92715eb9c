/*
 * Four layers over one table: what is built in, then the file, then HEADGATE_* variables, then flags. Each layer turns
 * a key's text into its field by the key's type; a later layer replaces the field and the key's origin. The file is
 * walked by prefix: a node either is a key, or leads to keys, or is a problem with a suggestion.
 */
#include "agent/base/config_keys.h"

#include <inttypes.h>

#include "policy/when.h"

struct load {
	struct arena *arena;
	struct config *config;
	enum config_origin *origins;
	struct problem *problem;
};

static size_t key_count(void)
{
	size_t n = 0;

	while (config_key_at(n))
		n++;
	return n;
}

static void *field_of(struct load *load, const struct config_key *key)
{
	return (char *)load->config + key->offset;
}

static struct text expected(struct load *load, const struct config_key *key, struct text in, const char *why)
{
	struct text form = text_of(key->type->form);

	if (key->choices) {
		form = TEXT_LIT("one of");
		for (size_t i = 0; key->choices[i]; i++)
			form = arena_printf(load->arena, "%.*s%s %s", TEXT_ARG(form), i == 0 ? "" : ",",
					    key->choices[i]);
	}
	if (why)
		return arena_printf(load->arena, "%s: %s", key->path, why);
	return arena_printf(load->arena, "%s: expected %.*s, found `%.*s`", key->path, TEXT_ARG(form),
			    TEXT_ARG(text_cut(in, 60)));
}

static bool in_bounds(const struct config_key *key, const void *field)
{
	int64_t n;

	if (key->type->number)
		n = *(const int64_t *)field;
	else if (key->max == 0 || key->type->list || key->type->secrets || key->type->items)
		return true;
	else
		n = (int64_t)((const struct text *)field)->len;
	return n >= key->min && n <= key->max;
}

/* Empty: read into `out`. Else what is wrong with it. */
static struct text read_one(struct load *load, const struct config_key *key, struct text in, void *out)
{
	const char *why = NULL, *unit = key->type->number ? "" : " bytes long";
	struct text low, high;

	if (!key->type->read(key, in, load->arena, out, &why))
		return expected(load, key, in, why);
	if (in_bounds(key, out))
		return TEXT_EMPTY;
	low = arena_printf(load->arena, "%" PRId64, key->min);
	high = arena_printf(load->arena, "%" PRId64, key->max);
	if (key->type->number) {
		low = key->type->print(key, &key->min, load->arena);
		high = key->type->print(key, &key->max, load->arena);
	}
	return arena_printf(load->arena, "%s: must be between %.*s and %.*s%s", key->path, TEXT_ARG(low),
			    TEXT_ARG(high), unit);
}

static struct text too_many(struct load *load, const struct config_key *key)
{
	return arena_printf(load->arena, "%s: at most %" PRId64 " entries", key->path, key->max);
}

static void put_texts(struct load *load, const struct config_key *key, struct config_texts texts)
{
	*(struct config_texts *)field_of(load, key) = texts;
}

static struct text next_item(struct text *rest)
{
	size_t comma = text_find(*rest, TEXT_LIT(","));
	size_t len = comma == SIZE_MAX ? rest->len : comma, used = comma == SIZE_MAX ? len : comma + 1;
	struct text item = {rest->at, len};

	*rest = (struct text){rest->at + used, rest->len - used};
	while (item.len > 0 && item.at[0] == ' ')
		item = (struct text){item.at + 1, item.len - 1};
	while (item.len > 0 && item.at[item.len - 1] == ' ')
		item.len--;
	return item;
}

/* A list from a flag or variable: items with commas between them. */
static struct text read_items(struct load *load, const struct config_key *key, struct text in)
{
	struct text *items = arena_alloc(load->arena, in.len / 2 + 1, sizeof *items), wrong;
	struct config_secret *secrets = arena_alloc(load->arena, CONFIG_SECRETS_MAX, sizeof *secrets);
	size_t n = 0;

	while (in.len > 0) {
		struct text item = next_item(&in);

		if ((int64_t)n >= key->max)
			return too_many(load, key);
		wrong = read_one(load, key, item, &items[n]);
		if (wrong.len > 0)
			return wrong;
		if (key->type->secrets)
			secrets[n] = (struct config_secret){items[n], WHEN_UNKNOWN};
		n++;
	}
	if (key->type->secrets)
		*(struct config_secrets *)field_of(load, key) = (struct config_secrets){secrets, n};
	else
		put_texts(load, key, (struct config_texts){items, n});
	return TEXT_EMPTY;
}

static struct text read_value(struct load *load, const struct config_key *key, struct text in)
{
	if (key->type->list || key->type->secrets)
		return read_items(load, key, in);
	return read_one(load, key, in, field_of(load, key));
}

/* ---- the file ---- */

static bool wrong_at(struct load *load, const struct yaml *node, struct text wrong)
{
	return yaml_problem(node, load->problem, "%.*s", TEXT_ARG(wrong));
}

static bool file_texts(struct load *load, const struct config_key *key, const struct yaml *node)
{
	struct text *items, wrong;

	if (node->kind != YAML_LIST)
		return yaml_problem(node, load->problem, "%s: expected %s", key->path, key->type->form);
	if ((int64_t)node->n > key->max)
		return wrong_at(load, node, too_many(load, key));
	items = arena_alloc(load->arena, node->n, sizeof *items);
	for (size_t i = 0; i < node->n; i++) {
		wrong = read_one(load, key, node->items[i].text, &items[i]);
		if (wrong.len > 0)
			return wrong_at(load, &node->items[i], wrong);
	}
	put_texts(load, key, (struct config_texts){items, node->n});
	return true;
}

static bool known_members(struct load *load, const struct config_key *key, const struct yaml *map)
{
	static const char *const known[] = {"file", "until"};

	for (size_t i = 0; i < map->n; i++) {
		struct text name = map->keys[i].text;
		const char *near = text_nearest(name, known, 2);

		if (text_is(name, "file") || text_is(name, "until"))
			continue;
		return yaml_problem(&map->keys[i], load->problem, "unknown key `%.*s` in %s%s%s%s",
				    TEXT_ARG(text_cut(name, 40)), key->path, near ? "; did you mean `" : "",
				    near ? near : "", near ? "`?" : "");
	}
	return true;
}

static bool file_secret(struct load *load, const struct config_key *key, const struct yaml *map,
			struct config_secret *ret)
{
	const struct yaml *file, *until;
	struct text wrong;

	if (map->kind != YAML_MAP)
		return yaml_problem(map, load->problem, "%s: expected %s", key->path, key->type->form);
	if (!known_members(load, key, map))
		return false;
	file = yaml_get(map, "file");
	until = yaml_get(map, "until");
	if (!file || file->kind != YAML_SCALAR)
		return yaml_problem(map, load->problem, "%s: each needs `file`, the name of the secret's file",
				    key->path);
	wrong = read_one(load, key, file->text, &ret->file);
	if (wrong.len > 0)
		return wrong_at(load, file, wrong);
	ret->until_ms = WHEN_UNKNOWN;
	if (until && (until->kind != YAML_SCALAR || !when_parse(until->text, &ret->until_ms)))
		return yaml_problem(until, load->problem, "%s: until is a time such as 2026-12-01T00:00:00Z",
				    key->path);
	return true;
}

static bool file_secrets(struct load *load, const struct config_key *key, const struct yaml *node, void *out)
{
	struct config_secret *secrets;

	if (node->kind != YAML_LIST)
		return yaml_problem(node, load->problem, "%s: expected %s", key->path, key->type->form);
	if ((int64_t)node->n > key->max)
		return wrong_at(load, node, too_many(load, key));
	secrets = arena_alloc(load->arena, node->n, sizeof *secrets);
	for (size_t i = 0; i < node->n; i++)
		if (!file_secret(load, key, &node->items[i], &secrets[i]))
			return false;
	*(struct config_secrets *)out = (struct config_secrets){secrets, node->n};
	return true;
}

/* ---- lists of maps with keys of their own ---- */

static const struct config_key *item_key(const struct config_items *items, struct text name)
{
	for (size_t i = 0; items->key_at(i); i++)
		if (text_is(name, items->key_at(i)->path))
			return items->key_at(i);
	return NULL;
}

static bool unknown_member(struct load *load, const struct config_key *list, const struct yaml *name)
{
	const struct config_items *items = list->type->items;
	const char *names[32], *near;
	size_t n = 0;

	while (n < sizeof names / sizeof names[0] && items->key_at(n)) {
		names[n] = items->key_at(n)->path;
		n++;
	}
	near = text_nearest(name->text, names, n);
	return yaml_problem(name, load->problem, "unknown key `%.*s` in %s%s%s%s", TEXT_ARG(text_cut(name->text, 40)),
			    list->path, near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "");
}

/* A list of names, as one of the keys of an item. */
static struct text file_words(struct load *load, const struct config_key *key, const struct yaml *node, void *out)
{
	struct text *words = arena_alloc(load->arena, node->n + 1, sizeof *words);

	for (size_t i = 0; i < node->n; i++) {
		if (node->items[i].kind != YAML_SCALAR || !config_word(node->items[i].text))
			return expected(load, key, node->items[i].text, NULL);
		words[i] = arena_text(load->arena, node->items[i].text);
	}
	*(struct config_texts *)out = (struct config_texts){words, node->n};
	return TEXT_EMPTY;
}

static bool file_member(struct load *load, const struct config_key *list, const struct yaml *name,
			const struct yaml *value, char *item)
{
	const struct config_key *key = item_key(list->type->items, name->text);
	struct text wrong;

	if (!key)
		return unknown_member(load, list, name);
	if (key->type->secrets)
		return file_secrets(load, key, value, item + key->offset);
	if (value->kind == YAML_LIST && key->type == &config_words)
		wrong = file_words(load, key, value, item + key->offset);
	else if (value->kind != YAML_SCALAR || (value->quoted && key->type->number))
		wrong = expected(load, key, value->text, NULL);
	else
		wrong = read_one(load, key, value->text, item + key->offset);
	return wrong.len == 0 || yaml_problem(value, load->problem, "%s: %.*s", list->path, TEXT_ARG(wrong));
}

static bool file_item(struct load *load, const struct config_key *list, const struct yaml *map, char *item)
{
	const struct config_items *items = list->type->items;

	if (map->kind != YAML_MAP)
		return yaml_problem(map, load->problem, "%s: expected %s", list->path, list->type->form);
	for (size_t i = 0; items->key_at(i); i++)
		(void)read_one(load, items->key_at(i), text_of(items->key_at(i)->built_in),
			       item + items->key_at(i)->offset);
	for (size_t i = 0; i < map->n; i++)
		if (!file_member(load, list, &map->keys[i], &map->items[i], item))
			return false;
	return true;
}

static bool file_items(struct load *load, const struct config_key *list, const struct yaml *node)
{
	const struct config_items *items = list->type->items;
	const char *wrong;
	char *all;

	if (node->kind != YAML_LIST)
		return yaml_problem(node, load->problem, "%s: expected %s", list->path, list->type->form);
	if ((int64_t)node->n > list->max)
		return wrong_at(load, node, too_many(load, list));
	all = arena_alloc(load->arena, node->n, items->size);
	for (size_t i = 0; i < node->n; i++) {
		if (!file_item(load, list, &node->items[i], all + i * items->size))
			return false;
		wrong = items->check(all, i + 1);
		if (wrong)
			return yaml_problem(&node->items[i], load->problem, "%s: %s", list->path, wrong);
	}
	items->put(field_of(load, list), all, node->n);
	return true;
}

static bool file_value(struct load *load, size_t index, const struct yaml *node)
{
	const struct config_key *key = config_key_at(index);
	struct text wrong;

	load->origins[index] = CONFIG_FROM_FILE;
	if (key->type->list)
		return file_texts(load, key, node);
	if (key->type->secrets)
		return file_secrets(load, key, node, field_of(load, key));
	if (key->type->items)
		return file_items(load, key, node);
	if (node->kind != YAML_SCALAR || (node->quoted && key->type->number))
		return wrong_at(load, node, expected(load, key, node->text, NULL));
	wrong = read_one(load, key, node->text, field_of(load, key));
	return wrong.len == 0 || wrong_at(load, node, wrong);
}

/* Whether `path` lies below `prefix`; *ret_name is then its next part. */
static bool below(struct text prefix, const char *path, struct text *ret_name)
{
	struct text rest = text_of(path);
	size_t dot;

	if (prefix.len > 0) {
		if (!text_starts(rest, prefix) || rest.len <= prefix.len || rest.at[prefix.len] != '.')
			return false;
		rest = (struct text){rest.at + prefix.len + 1, rest.len - prefix.len - 1};
	}
	dot = text_find(rest, TEXT_LIT("."));
	*ret_name = (struct text){rest.at, dot == SIZE_MAX ? rest.len : dot};
	return true;
}

/* The nearest name at this place, or the same name at another. NULL: neither. */
static const char *suggestion(struct load *load, struct text prefix, struct text word)
{
	const char **names = arena_alloc(load->arena, key_count(), sizeof *names);
	struct text name, ending = arena_printf(load->arena, ".%.*s", TEXT_ARG(word));
	const char *near;
	size_t n = 0;

	for (size_t i = 0; config_key_at(i); i++)
		if (below(prefix, config_key_at(i)->path, &name))
			names[n++] = arena_text(load->arena, name).at;
	near = text_nearest(word, names, n);
	for (size_t i = 0; !near && config_key_at(i); i++)
		if (text_ends(text_of(config_key_at(i)->path), ending))
			near = config_key_at(i)->path;
	return near;
}

static bool unknown_key(struct load *load, struct text prefix, const struct yaml *key, struct text path)
{
	const char *near;

	for (size_t i = 0; config_later_at(i); i++)
		if (text_is(path, config_later_at(i)->path))
			return yaml_problem(key, load->problem, "%.*s: this version does not have %s", TEXT_ARG(path),
					    config_later_at(i)->why);
	near = suggestion(load, prefix, key->text);
	return yaml_problem(key, load->problem, "unknown key `%.*s`%s%s%s", TEXT_ARG(text_cut(path, 80)),
			    near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "");
}

static bool file_map(struct load *load, struct text prefix, const struct yaml *map);

static bool file_entry(struct load *load, struct text prefix, const struct yaml *key, const struct yaml *value)
{
	struct text path = key->text, name;

	if (prefix.len > 0)
		path = arena_printf(load->arena, "%.*s.%.*s", TEXT_ARG(prefix), TEXT_ARG(key->text));
	for (size_t i = 0; config_key_at(i); i++)
		if (text_is(path, config_key_at(i)->path))
			return file_value(load, i, value);
	for (size_t i = 0; path.len > 0 && config_key_at(i); i++)
		if (below(path, config_key_at(i)->path, &name))
			return file_map(load, path, value);
	return unknown_key(load, prefix, key, path);
}

static bool file_map(struct load *load, struct text prefix, const struct yaml *map)
{
	if (map->kind == YAML_NULL)
		return true;
	if (map->kind != YAML_MAP)
		return yaml_problem(map, load->problem, "%.*s%sexpected keys with values", TEXT_ARG(prefix),
				    prefix.len > 0 ? ": " : "");
	for (size_t i = 0; i < map->n; i++)
		if (!file_entry(load, prefix, &map->keys[i], &map->items[i]))
			return false;
	return true;
}

static bool load_file(struct load *load, struct text bytes)
{
	static const struct yaml_limits limits = {CONFIG_FILE_MAX, 8, 40000, 0};
	const struct yaml *root;

	if (bytes.len == 0)
		return true;
	return yaml_parse(bytes, &limits, load->arena, &root, load->problem) && file_map(load, TEXT_EMPTY, root);
}

/* ---- flags, variables, what is built in ---- */

static bool nowhere(struct load *load, const char *from, struct text wrong)
{
	load->problem->line = load->problem->column = 0;
	(void)snprintf(load->problem->text, sizeof load->problem->text, "%s%.*s", from, TEXT_ARG(wrong));
	return false;
}

static bool put(struct load *load, size_t index, struct text value, enum config_origin origin)
{
	static const char *const from[] = {"", "", "environment: ", "command line: "};
	struct text wrong = read_value(load, config_key_at(index), value);

	load->origins[index] = origin;
	return wrong.len == 0 || nowhere(load, from[origin], wrong);
}

static char upper(char c)
{
	static const char from[] = "abcdefghijklmnopqrstuvwxyz.", to[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	const char *at = c ? strchr(from, c) : NULL;

	if (at)
		c = to[at - from];
	return c;
}

/* forge.token_file: HEADGATE_FORGE_TOKEN_FILE */
static struct text variable_of(struct load *load, const struct config_key *key)
{
	struct text name = arena_printf(load->arena, "HEADGATE_%s=", key->path);
	char *at = arena_alloc(load->arena, name.len + 1, 1);

	for (size_t i = 0; i < name.len; i++)
		at[i] = upper(name.at[i]);
	return (struct text){at, name.len};
}

static bool load_environment(struct load *load, char *const *environment)
{
	for (size_t i = 0; environment && config_key_at(i); i++) {
		struct text name = variable_of(load, config_key_at(i));

		for (char *const *at = environment; *at; at++) {
			struct text entry = text_of(*at), value = {entry.at + name.len, entry.len - name.len};

			if (text_starts(entry, name) && !put(load, i, value, CONFIG_FROM_ENVIRONMENT))
				return false;
		}
	}
	return true;
}

static bool load_flag(struct load *load, const struct config_override *flag)
{
	for (size_t i = 0; config_key_at(i); i++)
		if (strcmp(config_key_at(i)->path, flag->path) == 0)
			return put(load, i, text_of(flag->value), CONFIG_FROM_FLAG);
	return nowhere(load, "command line: unknown key ", text_of(flag->path));
}

/* Values that follow from others, and limits that contradict each other. */
static bool complete(struct load *load)
{
	struct config *config = load->config;

	if (config->control_socket.len == 0)
		config->control_socket = arena_printf(load->arena, "%.*s/control.sock", TEXT_ARG(config->state_dir));
	if (config->public_url.len == 0)
		config->public_url = arena_printf(load->arena, "http://%.*s", TEXT_ARG(config->listen));
	if (config->control_socket.len > 107)
		return nowhere(load, "", TEXT_LIT("control_socket: a socket's name has at most 107 bytes"));
	if (config->limits.in_flight_bytes < config->limits.body_bytes)
		return nowhere(load, "", TEXT_LIT("limits.in_flight_bytes: must be at least limits.body_bytes"));
	if (config->limits.lease_ms <= config->limits.gather_deadline_ms)
		return nowhere(load, "", TEXT_LIT("limits.lease: must be longer than limits.gather_deadline"));
	return true;
}

bool config_load(const struct config_sources *sources, struct arena *arena, struct config_loaded *ret,
		 struct problem *problem)
{
	struct config config = {0};
	struct load load = {arena, &config, arena_alloc(arena, key_count(), sizeof(enum config_origin)), problem};

	for (size_t i = 0; config_key_at(i); i++)
		if (!put(&load, i, text_of(config_key_at(i)->built_in), CONFIG_BUILT_IN))
			return false;
	if (!load_file(&load, sources->file) || !load_environment(&load, sources->environment))
		return false;
	for (size_t i = 0; i < sources->n_flags; i++)
		if (!load_flag(&load, &sources->flags[i]))
			return false;
	if (!complete(&load))
		return false;
	*ret = (struct config_loaded){config, load.origins};
	return true;
}
