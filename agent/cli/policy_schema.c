#include "agent/cli/policy_schema.h"

#include "policy/key_type.h"
#include "policy/policy.h"
#include "webhooks/jread.h"

struct writing {
	struct jwrite *w;
	struct arena *arena;
};

static void put(const struct writing *to, const char *key, const char *value)
{
	jwrite_text(to->w, key, text_of(value));
}

static void put_type(const struct writing *to, const struct key_type *type, const char *rows);

/* The name of a row directly below `prefix`; NULL: it stands elsewhere. */
static const char *below(const struct policy_key *key, struct text prefix)
{
	const char *rest;

	if (policy_key_is_condition(key) || !text_starts(text_of(key->path), prefix))
		return NULL;
	rest = key->path + prefix.len;
	return rest[0] == '\0' || strpbrk(rest, ".[") ? NULL : rest;
}

/* One row as a member: its type, and its help for editors. Rows below it are a map's own, or a list's entries'. */
static void put_row(const struct writing *to, const char *name, const struct policy_key *key)
{
	const char *why;
	const struct key_type *type = key_type_parse(text_of(key->type), to->arena, &why);

	jwrite_object(to->w, name);
	put(to, "description", key->help);
	if (type) /* a row whose notation is wrong takes anything; a test finds it */
		put_type(to, type, arena_printf(to->arena, "%s.", key->path).at);
	jwrite_end(to->w);
}

/* The rows below a prefix as the members of a map. */
static void put_rows(const struct writing *to, const char *prefix)
{
	const struct policy_key *key;
	const char *name;

	jwrite_object(to->w, "properties");
	for (size_t i = 0; (key = policy_key_at(i)); i++)
		if ((name = below(key, text_of(prefix))))
			put_row(to, name, key);
	jwrite_end(to->w);
	jwrite_bool(to->w, "additionalProperties", false);
}

static void put_conditions(const struct writing *to)
{
	const struct policy_key *key;

	put(to, "type", "object");
	jwrite_object(to->w, "properties");
	for (size_t i = 0; (key = policy_key_at(i)); i++)
		if (policy_key_is_condition(key))
			put_row(to, key->path, key);
	jwrite_end(to->w);
	jwrite_bool(to->w, "additionalProperties", false);
	jwrite_int(to->w, "minProperties", 1);
}

/* Unquoted, 2024 and true are texts for us and something else for an editor. */
static void put_text_type(const struct writing *to, const char *pattern)
{
	jwrite_array(to->w, "type");
	jwrite_text(to->w, NULL, TEXT_LIT("string"));
	jwrite_text(to->w, NULL, TEXT_LIT("number"));
	if (!pattern)
		jwrite_text(to->w, NULL, TEXT_LIT("boolean"));
	jwrite_end(to->w);
	if (pattern)
		put(to, "pattern", pattern);
	else
		jwrite_int(to->w, "minLength", 1);
}

static void put_word(const struct writing *to, const struct key_word *word, const char *rows)
{
	bool own = word->kind == WORD_ROWS && !word->is;

	if (word->kind == WORD_TEXT) {
		put_text_type(to, word->is);
	} else if (word->kind == WORD_BOOLEAN) {
		put(to, "type", "boolean");
	} else if (own) {
		put(to, "type", "object");
		put_rows(to, rows);
	} else {
		jwrite_text(to->w, "$ref", arena_printf(to->arena, "#/$defs/%s", word->name));
	}
}

static void put_map(const struct writing *to, const struct key_type *type)
{
	bool others = false, must = false;

	put(to, "type", "object");
	jwrite_object(to->w, "properties");
	for (size_t i = 0; i < type->n; i++) {
		const struct key_member *member = &type->members[i];

		must = must || member->must;
		others = others || text_is(member->name, "*");
		if (text_is(member->name, "*"))
			continue;
		jwrite_object(to->w, arena_text(to->arena, member->name).at);
		put_type(to, member->type, NULL);
		jwrite_end(to->w);
	}
	jwrite_end(to->w);
	if (!others)
		jwrite_bool(to->w, "additionalProperties", false);
	for (size_t i = 0; i < type->n; i++) {
		if (!text_is(type->members[i].name, "*"))
			continue;
		jwrite_object(to->w, "additionalProperties");
		put_type(to, type->members[i].type, NULL);
		jwrite_end(to->w);
	}
	if (!must)
		return;
	jwrite_array(to->w, "required");
	for (size_t i = 0; i < type->n; i++)
		if (type->members[i].must)
			jwrite_text(to->w, NULL, type->members[i].name);
	jwrite_end(to->w);
}

static void put_literals(const struct writing *to, const struct key_type *types, size_t n)
{
	int64_t number;

	jwrite_array(to->w, "enum");
	for (size_t i = 0; i < n; i++)
		if (text_is(types[i].word, "true") || text_is(types[i].word, "false"))
			jwrite_bool(to->w, NULL, text_is(types[i].word, "true"));
		else if (text_int64(types[i].word, &number))
			jwrite_int(to->w, NULL, number);
		else
			jwrite_text(to->w, NULL, types[i].word);
	jwrite_end(to->w);
}

static void put_list(const struct writing *to, const struct key_type *type, const char *rows)
{
	put(to, "type", "array");
	if (type->n == 0) {
		jwrite_int(to->w, "maxItems", 0);
		return;
	}
	jwrite_object(to->w, "items");
	put_type(to, type->items, rows);
	jwrite_end(to->w);
}

static void put_one_of(const struct writing *to, const struct key_type *type)
{
	size_t literals = 0;

	while (literals < type->n && type->items[literals].kind == KEY_LITERAL)
		literals++;
	if (literals == type->n) {
		put_literals(to, type->items, literals);
		return;
	}
	jwrite_array(to->w, "anyOf");
	for (size_t i = 0; i < type->n; i++) {
		jwrite_object(to->w, NULL);
		put_type(to, &type->items[i], NULL);
		jwrite_end(to->w);
	}
	jwrite_end(to->w);
}

/* Into an object that stands open. Types nest as deep as key_type_parse allows. */
static void put_type(const struct writing *to, const struct key_type *type, const char *rows)
{
	if (type->kind == KEY_WORD)
		put_word(to, key_word_find(type->word), rows);
	else if (type->kind == KEY_LITERAL)
		put_literals(to, type, 1);
	else if (type->kind == KEY_LIST)
		put_list(to, type, rows);
	else if (type->kind == KEY_MAP)
		put_map(to, type);
	else if (type->kind == KEY_ONE_OF)
		put_one_of(to, type);
	else if (type->kind == KEY_INTEGER)
		put(to, "type", "integer");
	if (type->kind == KEY_WORD && text_is(type->word, "boolean"))
		jwrite_bool(to->w, "default", type->preset);
	if (type->kind == KEY_INTEGER && type->least != INT64_MIN)
		jwrite_int(to->w, "minimum", type->least);
}

static void put_definition(const struct writing *to, const struct key_word *word)
{
	const struct key_type *type;
	const char *why;

	jwrite_object(to->w, word->name);
	put(to, "description", word->help);
	if (word->kind == WORD_CONDITIONS) {
		put_conditions(to);
	} else if (word->kind == WORD_ROWS) {
		put(to, "type", "object");
		put_rows(to, word->is);
	} else {
		type = key_type_parse(text_of(word->is), to->arena, &why);
		if (type)
			put_type(to, type, NULL);
	}
	jwrite_end(to->w);
}

struct text policy_schema(struct arena *arena)
{
	struct writing to = {jwrite_new(), arena};
	const struct key_word *word;
	struct text text;

	jwrite_object(to.w, NULL);
	put(&to, "$schema", "https://json-schema.org/draft/2020-12/schema");
	put(&to, "title", "headgate policy");
	put(&to, "description", "What must hold for a change to be merged. An empty file is the built-in policy.");
	jwrite_array(to.w, "type");
	jwrite_text(to.w, NULL, TEXT_LIT("object"));
	jwrite_text(to.w, NULL, TEXT_LIT("null"));
	jwrite_end(to.w);
	put_rows(&to, "");
	jwrite_object(to.w, "$defs");
	for (size_t i = 0; (word = key_word_at(i)); i++)
		if (word->kind == WORD_CONDITIONS || word->kind == WORD_TYPE || (word->kind == WORD_ROWS && word->is))
			put_definition(&to, word);
	jwrite_end(to.w);
	jwrite_end(to.w);
	text = arena_text(arena, jwrite_text_of(to.w));
	jwrite_free(to.w);
	return text;
}
