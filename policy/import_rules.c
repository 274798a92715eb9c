/* The rules: which of them live, and each of their keys that a row of the table is about. */
#include "policy/import_inner.h"

#include "policy/reviews.h"
#include "policy/rules.h"

/* ---- keys ---- */

static void say_row(struct importing *in, const struct import_row *row, const struct yaml *key,
		    const struct yaml *value)
{
	struct entry entry;

	import_say(in, row, key, TEXT_EMPTY);
	if (row->write && sheet_entry(&in->sheet, key, &entry) && !entry.shared)
		sheet_write(&in->sheet, &entry, row->write(value, in->arena));
}

static bool is_about(const struct import_row *row, const char *parent, struct text key, const struct yaml *value)
{
	if (!row->key || !text_is(key, row->key))
		return false;
	if (row->parent && !text_is(text_of(row->parent), parent))
		return false;
	return value->kind != YAML_NULL && (!row->applies || row->applies(value));
}

static void take_out(struct importing *in, const struct yaml *key)
{
	struct entry entry;

	if (!sheet_entry(&in->sheet, key, &entry) || entry.shared)
		return;
	import_say(in, import_row(IMPORT_NULL), key, plain(key->text, 60, in->arena));
	sheet_out(&in->sheet, &entry);
}

void import_values(struct importing *in, const struct yaml *map, const char *parent)
{
	for (size_t i = 0; map && map->kind == YAML_LIST && i < map->n; i++)
		import_values(in, &map->items[i], parent);
	for (size_t i = 0; map && map->kind == YAML_MAP && i < map->n; i++) {
		const struct import_row *row;
		const struct yaml *key = &map->keys[i], *value = &map->items[i];

		if (import_nothing(value)) {
			take_out(in, key);
			continue;
		}
		for (size_t k = IMPORT_KEYS; (row = import_row_at(k)) != NULL; k++)
			if (is_about(row, parent, key->text, value))
				say_row(in, row, key, value);
		import_values(in, value, arena_text(in->arena, key->text).at);
	}
}

/* ---- which rules live ---- */

static struct text name_of(const struct yaml *rule)
{
	const struct yaml *name = import_get(rule, "name");

	return name && name->kind == YAML_SCALAR ? name->text : TEXT_EMPTY;
}

const struct yaml *import_rule_named(const struct importing *in, struct text name)
{
	for (size_t i = in->rules ? in->rules->n : 0; i > 0; i--)
		if (name.len > 0 && text_eq(name_of(&in->rules->items[i - 1]), name))
			return &in->rules->items[i - 1];
	return NULL;
}

static bool names(const struct yaml *node, struct text name)
{
	bool named = node && node->kind == YAML_SCALAR && text_eq(node->text, name);

	for (size_t i = 0; node && i < node->n && !named; i++)
		named = names(&node->items[i], name);
	return named;
}

static void drop(struct importing *in, enum import_id why, const struct yaml *rule)
{
	struct entry item;

	if (!sheet_item(&in->sheet, rule, &item))
		return;
	import_say(in, import_row(why), rule, plain(name_of(rule), 60, in->arena));
	sheet_out(&in->sheet, &item);
}

static bool used(const struct importing *in, struct text name)
{
	return names(in->approval, name) || names(import_get(import_get(in->root, "policy"), "branches"), name);
}

bool import_lives(const struct importing *in, const struct yaml *rule)
{
	struct text name = rule->kind == YAML_MAP ? name_of(rule) : TEXT_EMPTY;

	return import_rule_named(in, name) == rule && used(in, name);
}

static bool ignores_merges(const struct importing *in, const struct yaml *rule)
{
	const struct yaml *own = import_get(import_get(rule, "options"), "ignore_update_merges");
	const struct yaml *all = import_get(import_get(in->defaults, "options"), "ignore_update_merges");

	return import_on(own ? own : all);
}

/* What is as safe of it; each rule has its own, since nothing else can say it for all. */
static void carry_merges(struct importing *in, const struct yaml *rule)
{
	static const char *const lines[] = {"# approvals stay over a merge of the base without conflict",
					    "carry: [base-merge]"};
	const struct yaml *name = import_key(rule, "name");
	struct entry entry;

	if (ignores_merges(in, rule) && import_count(rule) > 0 && !import_key(rule, "carry") &&
	    sheet_entry(&in->sheet, name, &entry) && !entry.shared)
		sheet_beside(&in->sheet, &entry, lines, sizeof lines / sizeof lines[0]);
}

static bool import_rule(struct importing *in, const struct yaml *rule)
{
	struct text name = name_of(rule);

	if (rule->kind != YAML_MAP || name.len == 0)
		return true; /* the check of what is written says so */
	if (!import_lives(in, rule)) {
		drop(in, used(in, name) ? IMPORT_DUPLICATE : IMPORT_UNUSED, rule);
		return true;
	}
	if (import_is_free(rule))
		return import_free(in, rule);
	import_values(in, rule, "");
	carry_merges(in, rule);
	return true;
}

bool import_rules(struct importing *in)
{
	bool ok = true;

	if (!in->rules || in->rules->kind != YAML_LIST)
		return true;
	if (in->rules->n > POLICY_RULES_MAX)
		return import_refuse(in, in->rules, "more than %d rules", POLICY_RULES_MAX);
	for (size_t i = 0; i < in->rules->n; i++)
		ok = import_rule(in, &in->rules->items[i]) && ok;
	return ok;
}
