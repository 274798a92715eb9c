/*
 * The policy as it is in force: what a file says with the place of each rule, what stands beside it unasked, and what
 * holds where the file is silent. It is shown from what was compiled and from the document that was compiled, side by
 * side; a file that does not compile is not shown.
 */
#include "agent/cli/cmd_client.h"
#include "agent/cli/cmd_policy.h"

#include "agent/cli/print.h"
#include "agent/cli/yaml_print.h"
#include "policy/key_type.h"
#include "policy/policy.h"

#define OPTIONS "approval_rules[].options."

struct showing {
	FILE *out;
	struct jwrite *w; /* NULL: text */
	const char *name; /* of the file, or "built-in" */
	const struct policy *policy;
	const struct yaml *root; /* the document; the built-in policy's where the file is empty */
	struct arena *arena;
};

static const struct yaml *get(const struct yaml *map, const char *key)
{
	return map && map->kind == YAML_MAP ? yaml_get(map, key) : NULL;
}

static struct text place(const struct showing *to, unsigned line, unsigned column)
{
	if (!to->w)
		return arena_printf(to->arena, "line %u", line);
	return arena_printf(to->arena, "%s:%u:%u", to->name, line, column);
}

static void line(const struct showing *to, int indent, const char *label, struct text text, struct text from)
{
	(void)fprintf(to->out, "%*s%s", indent, "", label);
	print_safe(to->out, text);
	if (from.len > 0) {
		(void)fprintf(to->out, "  (");
		print_safe(to->out, from);
		(void)fprintf(to->out, ")");
	}
	(void)fprintf(to->out, "\n");
}

/* A key of the document with its value and place, where it is there. */
static void show_node(const struct showing *to, int indent, const char *key, const struct yaml *map)
{
	const struct yaml *node = get(map, key);

	if (!node)
		return;
	if (to->w)
		yaml_json(to->w, key, node, to->arena);
	else
		line(to, indent, arena_printf(to->arena, "%s: ", key).at, yaml_flow(node, to->arena),
		     place(to, node->line, node->column));
}

/* ---- options ---- */

struct option {
	const char *name;
	struct text value, from;
	const struct yaml *node; /* NULL: left out */
	bool preset;
};

static bool option_is_flag(const struct policy_key *key, struct arena *arena, bool *ret_preset)
{
	const char *why;
	const struct key_type *type = key_type_parse(text_of(key->type), arena, &why);

	*ret_preset = type && type->preset;
	return type && type->kind == KEY_WORD && text_is(type->word, "boolean");
}

/* What the rule says, else what approval_defaults say, else what is built in; false: none of them says anything. */
static bool option_of(const struct showing *to, const struct policy_key *key, const struct yaml *rule,
		      struct option *ret)
{
	const struct yaml *defaults = get(get(to->root, "approval_defaults"), "options");
	bool flag = option_is_flag(key, to->arena, &ret->preset);

	ret->name = key->path + sizeof OPTIONS - 1;
	ret->node = get(get(rule, "options"), ret->name);
	if (!ret->node) {
		ret->node = get(defaults, ret->name);
		ret->from = TEXT_LIT("approval_defaults, ");
	}
	if (ret->node) {
		ret->value = yaml_flow(ret->node, to->arena);
		ret->from = arena_printf(to->arena, "%.*s%.*s", TEXT_ARG(ret->from),
					 TEXT_ARG(place(to, ret->node->line, ret->node->column)));
		return true;
	}
	ret->value = text_of(ret->preset ? "true" : "false");
	ret->from = TEXT_LIT("built in");
	return flag;
}

static void put_option(const struct showing *to, const struct option *option)
{
	jwrite_object(to->w, option->name);
	if (option->node)
		yaml_json(to->w, "value", option->node, to->arena);
	else
		jwrite_bool(to->w, "value", option->preset);
	jwrite_text(to->w, "from", option->from);
	jwrite_end(to->w);
}

static void show_options(const struct showing *to, const struct yaml *rule)
{
	const struct policy_key *key;
	const char *gap = "      left out: ";

	if (to->w)
		jwrite_object(to->w, "options");
	for (size_t i = 0; (key = policy_key_at(i)); i++) {
		struct option option = {0};

		if (!text_starts(text_of(key->path), TEXT_LIT(OPTIONS)) ||
		    strpbrk(key->path + sizeof OPTIONS - 1, ".[") || !option_of(to, key, rule, &option))
			continue;
		if (to->w) {
			put_option(to, &option);
		} else if (option.node) {
			line(to, 6, arena_printf(to->arena, "%s: ", option.name).at, option.value, option.from);
		} else if (option.preset) { /* what is false is not said: it gives nobody anything */
			(void)fprintf(to->out, "%s%s: true", gap, option.name);
			gap = ", ";
		}
	}
	if (to->w)
		jwrite_end(to->w);
	else if (gap[0] == ',')
		(void)fprintf(to->out, "  (built in)\n");
}

/* ---- rules ---- */

static void put_rule(const struct showing *to, const struct policy_rule *rule, const struct yaml *node)
{
	jwrite_object(to->w, NULL);
	jwrite_text(to->w, "name", rule->name);
	jwrite_text(to->w, "from", place(to, rule->line, rule->column));
	if (rule->description.len > 0)
		jwrite_text(to->w, "description", rule->description);
	jwrite_text(to->w, "mode", text_of(rule_mode_name(rule->mode)));
	jwrite_text(to->w, "visibility", text_of(rule->restricted ? "restricted" : "public"));
	show_node(to, 0, "if", node);
	show_node(to, 0, "requires", node);
	show_options(to, node);
	jwrite_end(to->w);
}

static void print_rule(const struct showing *to, const struct policy_rule *rule, const struct yaml *node)
{
	line(to, 2, "- ", rule->name, place(to, rule->line, rule->column));
	if (rule->description.len > 0)
		line(to, 6, "", rule->description, TEXT_EMPTY);
	if (rule->mode != MODE_ENFORCE)
		line(to, 6, "mode: ", text_of(rule_mode_name(rule->mode)), TEXT_EMPTY);
	if (rule->restricted)
		line(to, 6, "visibility: ", TEXT_LIT("restricted"), TEXT_EMPTY);
	show_node(to, 6, "if", node);
	show_node(to, 6, "requires", node);
	show_options(to, node);
}

static void show_rules(const struct showing *to)
{
	const struct yaml *list = get(to->root, "approval_rules");
	struct policy_rule rule;

	if (to->w)
		jwrite_array(to->w, "rules");
	else
		(void)fprintf(to->out, "rules:\n");
	for (size_t i = 0; policy_rule_at(to->policy, i, &rule); i++) {
		const struct yaml *node = list && i < list->n ? &list->items[i] : NULL;

		if (to->w)
			put_rule(to, &rule, node);
		else
			print_rule(to, &rule, node);
	}
	if (to->w)
		jwrite_end(to->w);
}

/* ---- what stands beside the rules ---- */

static void show_guards(const struct showing *to)
{
	struct verdict verdict;
	const struct rule_result *rows = policy_applied(to->policy, to->arena, &verdict);
	size_t n = verdict.rules[0].n_children;

	if (to->w)
		jwrite_array(to->w, "guards");
	else
		(void)fprintf(to->out, "guards, which stand beside the rules:\n");
	for (size_t i = 0; i < n; i++) {
		if (text_is(rows[i].name, "approval"))
			continue;
		if (to->w)
			jwrite_text(to->w, NULL, rows[i].name);
		else
			line(to, 2, "- ", rows[i].name, TEXT_EMPTY);
	}
	if (to->w)
		jwrite_end(to->w);
	show_node(to, 2, "disapproval", get(to->root, "policy"));
	show_node(to, 2, "guards", to->w ? NULL : get(to->root, "policy"));
	if (to->w && get(get(to->root, "policy"), "guards"))
		yaml_json(to->w, "guards_changed", get(get(to->root, "policy"), "guards"), to->arena);
}

static void show(const struct showing *to)
{
	const struct yaml *policy = get(to->root, "policy");

	if (to->w) {
		jwrite_object(to->w, NULL);
		jwrite_text(to->w, "policy", text_of(to->name));
		jwrite_bool(to->w, "builtin", policy_is_builtin(to->policy));
	} else {
		line(to, 0, "policy: ", text_of(to->name), TEXT_EMPTY);
	}
	show_guards(to);
	show_node(to, 0, "approval", policy);
	show_node(to, 0, "branches", policy);
	show_node(to, 0, "contexts", policy);
	show_node(to, 0, "pushes", policy);
	show_rules(to);
	if (to->w)
		jwrite_end(to->w);
}

/* ---- the command ---- */

static const struct yaml *document_of(struct text bytes, struct arena *arena)
{
	static const struct yaml_limits limits = {POLICY_BYTES_MAX, POLICY_DEPTH_MAX, 20000, 1000};
	struct problem problem;
	const struct yaml *root;

	/* It has been compiled, and so was read under limits at least as strict. */
	return yaml_parse(bytes, &limits, arena, &root, &problem) ? root : NULL;
}

static int read_policy(const struct invocation *invocation, const struct policy_defaults *defaults, struct showing *to)
{
	struct client_file file = {to->name, POLICY_BYTES_MAX};
	struct problem problem = {0};
	struct err err = ERR_NONE;
	struct text bytes = TEXT_EMPTY;

	if (strcmp(to->name, "builtin") != 0 && !client_file_read(invocation->console, file, to->arena, &bytes, &err))
		return policy_cannot_read(invocation, &err);
	if (!policy_parse(bytes, defaults, to->arena, &to->policy, &problem)) {
		policy_print_problem(invocation->console, to->name, &problem);
		return COMMAND_NO;
	}
	if (policy_is_builtin(to->policy)) {
		bytes = policy_builtin_text(defaults, to->arena);
		to->name = "built-in";
	}
	to->root = document_of(bytes, to->arena);
	return COMMAND_OK;
}

static int run_show(const struct invocation *invocation)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct policy_defaults defaults;
	struct showing to = {.out = invocation->console->out, .arena = &arena, .name = ".headgate.yml"};
	int code;

	if (!policy_defaults_given(invocation, &defaults))
		return COMMAND_USAGE;
	if (invocation->n_operands > 0)
		to.name = invocation->operands[0];
	code = read_policy(invocation, &defaults, &to);
	if (code != COMMAND_OK)
		return code;
	if (invocation_has(invocation, "json"))
		to.w = jwrite_new();
	show(&to);
	if (to.w)
		(void)fprintf(to.out, "%.*s\n", TEXT_ARG(jwrite_text_of(to.w)));
	jwrite_free(to.w);
	return COMMAND_OK;
}

static const struct command_option show_options_table[] = {
	{"json", 0, NULL, "print the answer as JSON"},
	POLICY_DEFAULTS_OPTIONS,
};
const struct command command_policy_show = {
	"policy show",
	"[FILE|-|builtin]",
	0,
	1,
	"show the policy in force, and where each part of it comes from",
	"  headgate policy show\n  headgate policy show builtin\n",
	show_options_table,
	sizeof show_options_table / sizeof show_options_table[0],
	run_show,
};
