#include "agent/cli/yaml_print.h"

#include <string.h>

static struct text joined(struct text a, struct text b, struct arena *arena)
{
	return arena_printf(arena, "%.*s%.*s", TEXT_ARG(a), TEXT_ARG(b));
}

/* Nothing in it could end a plain scalar, and it could not be taken for anything but text. */
static bool plain(const struct yaml *node)
{
	static const char ok[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./= -";
	struct text t = node->text;
	bool flag;

	if (t.len == 0 || t.at[0] == ' ' || t.at[0] == '-' || t.at[0] == '=' || t.at[t.len - 1] == ' ')
		return false;
	for (size_t i = 0; i < t.len; i++)
		if (!memchr(ok, t.at[i], sizeof ok - 1))
			return false;
	if (!node->quoted)
		return true;
	return !yaml_bool(&(struct yaml){.kind = YAML_SCALAR, .text = t}, &flag) && !text_is(t, "null") &&
	       !(t.at[0] >= '0' && t.at[0] <= '9') && t.at[0] != '.';
}

static struct text scalar(const struct yaml *node, struct arena *arena)
{
	char *out;
	size_t n = 0;

	if (node->kind == YAML_NULL)
		return TEXT_LIT("null");
	if (plain(node))
		return node->text;
	out = arena_alloc(arena, 2 * node->text.len + 2, 1);
	out[n++] = '\'';
	for (size_t i = 0; i < node->text.len; i++) {
		if (node->text.at[i] == '\'')
			out[n++] = '\'';
		out[n++] = node->text.at[i];
	}
	out[n++] = '\'';
	return (struct text){out, n};
}

/* Nodes nest as deep as their parser's limit allows. */
struct text yaml_flow(const struct yaml *node, struct arena *arena)
{
	struct text all = node->kind == YAML_MAP ? TEXT_LIT("{") : TEXT_LIT("[");

	if (node->kind != YAML_MAP && node->kind != YAML_LIST)
		return scalar(node, arena);
	for (size_t i = 0; i < node->n; i++) {
		if (i > 0)
			all = joined(all, TEXT_LIT(", "), arena);
		if (node->kind == YAML_MAP)
			all = arena_printf(arena, "%.*s%.*s: ", TEXT_ARG(all), TEXT_ARG(scalar(&node->keys[i], arena)));
		all = joined(all, yaml_flow(&node->items[i], arena), arena);
	}
	return joined(all, node->kind == YAML_MAP ? TEXT_LIT("}") : TEXT_LIT("]"), arena);
}

static void scalar_json(struct jwrite *w, const char *key, const struct yaml *node)
{
	int64_t number;
	bool flag;

	if (node->kind == YAML_NULL)
		jwrite_null(w, key);
	else if (yaml_int(node, &number))
		jwrite_int(w, key, number);
	else if (yaml_bool(node, &flag))
		jwrite_bool(w, key, flag);
	else
		jwrite_text(w, key, node->text);
}

void yaml_json(struct jwrite *w, const char *key, const struct yaml *node, struct arena *arena)
{
	if (node->kind != YAML_MAP && node->kind != YAML_LIST) {
		scalar_json(w, key, node);
		return;
	}
	if (node->kind == YAML_MAP)
		jwrite_object(w, key);
	else
		jwrite_array(w, key);
	for (size_t i = 0; i < node->n; i++)
		yaml_json(w, node->kind == YAML_MAP ? arena_text(arena, node->keys[i].text).at : NULL, &node->items[i],
			  arena);
	jwrite_end(w);
}
