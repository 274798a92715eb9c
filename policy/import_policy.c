/* `policy`, and the options that policy-bot takes for granted, written once for every rule. */
#include "policy/import_inner.h"

#include "policy/reviews.h"

/* ---- approval ---- */

static bool skippable(const struct importing *in, const struct yaml *node);

static bool list_skippable(const struct importing *in, const struct yaml *list, bool alternative)
{
	bool some = false, all = list->n > 0;

	for (size_t i = 0; i < list->n; i++) {
		bool can = skippable(in, &list->items[i]);

		some = some || can;
		all = all && can;
	}
	return all && (some || !alternative);
}

static bool skippable(const struct importing *in, const struct yaml *node)
{
	const struct yaml *rule = node->kind == YAML_SCALAR ? import_rule_named(in, node->text) : NULL;

	if (rule)
		return import_get(rule, "if") && !import_is_free(rule);
	return node->kind == YAML_MAP && node->n == 1 && node->items[0].kind == YAML_LIST &&
	       text_is(node->keys[0].text, "and") && list_skippable(in, &node->items[0], false);
}

static void say_groups(struct importing *in, const struct yaml *node)
{
	for (size_t i = 0; i < node->n; i++) {
		if (node->kind == YAML_MAP && text_is(node->keys[i].text, "or") && node->items[i].kind == YAML_LIST) {
			import_say(in, import_row(IMPORT_MASKED), &node->keys[i], TEXT_EMPTY);
			if (list_skippable(in, &node->items[i], true))
				import_say(in, import_row(IMPORT_OR_SKIPPED), &node->keys[i], TEXT_EMPTY);
		}
		say_groups(in, &node->items[i]);
	}
}

static void import_approval(struct importing *in, const struct yaml *policy)
{
	const struct yaml *key = import_key(policy, "approval");

	if (!in->approval || in->approval->kind != YAML_LIST)
		return;
	if (!import_get(policy, "disapproval"))
		import_say(in, import_row(IMPORT_NO_DISAPPROVAL), key, TEXT_EMPTY);
	if (list_skippable(in, in->approval, false))
		import_say(in, import_row(IMPORT_ALL_SKIPPED), key, TEXT_EMPTY);
	say_groups(in, in->approval);
}

/* ---- disapproval ---- */

/* What policy-bot takes for granted where `disapprove` is not given, below the innermost key that is there. */
static void write_disapprove(struct importing *in, const struct yaml *policy, const struct yaml *disapproval)
{
	static const char *const lines[] = {
		"options:", "  methods:", "    disapprove:", "      comment_patterns: [':-1:', '\xf0\x9f\x91\x8e']",
		"      github_review: true"};
	static const char *const in_options[] = {
		"methods:", "  disapprove:", "    comment_patterns: [':-1:', '\xf0\x9f\x91\x8e']",
		"    github_review: true"};
	static const char *const in_methods[] = {"disapprove:", "  comment_patterns: [':-1:', '\xf0\x9f\x91\x8e']",
						 "  github_review: true"};
	const struct yaml *options = import_get(disapproval, "options"), *methods = import_get(options, "methods");
	const struct yaml *key = import_key(policy, "disapproval");
	const char *const *below = lines;
	struct entry entry;
	size_t n = 5;

	if (options) {
		key = import_key(disapproval, "options");
		below = methods ? in_methods : in_options;
		n = methods ? 3 : 4;
	}
	if (methods)
		key = import_key(options, "methods");
	if (!sheet_entry(&in->sheet, key, &entry) || entry.shared || !entry.lines) {
		(void)import_refuse(in, key, "write this as a map without anchor or alias");
		return;
	}
	import_say(in, import_row(IMPORT_DISAPPROVE), key, TEXT_EMPTY);
	sheet_under(&in->sheet, &entry, below, n);
}

static bool import_disapproval(struct importing *in, const struct yaml *policy)
{
	const struct yaml *disapproval = import_get(policy, "disapproval");
	const struct yaml *methods = import_get(import_get(disapproval, "options"), "methods");

	if (!disapproval)
		return true;
	if (import_get(disapproval, "requires")) {
		import_say(in, import_row(IMPORT_REVOKE), import_key(policy, "disapproval"), TEXT_EMPTY);
		if (!import_get(methods, "disapprove"))
			write_disapprove(in, policy, disapproval);
	}
	return in->refused->n == 0;
}

bool import_policy_keys(struct importing *in)
{
	const struct yaml *policy = import_get(in->root, "policy");

	import_approval(in, policy);
	if (!import_disapproval(in, policy))
		return false;
	import_values(in, policy, "policy");
	return true;
}

/* ---- what goes without saying ---- */

struct granted { /* an option that policy-bot takes for granted where it is absent */
	enum import_id row;
	const char *key, *value;
	bool method;
};
static const struct granted granted[] = {
	{IMPORT_PUSH_ABSENT, "invalidate_on_push", "true", false},
	{IMPORT_EDITED_ABSENT, "ignore_edited_comments", "true", false},
	{IMPORT_COMMENTS_ABSENT, "comments", "[]", true},
	{IMPORT_REVIEW_ABSENT, "github_review", "true", true},
};
enum { GRANTED = sizeof granted / sizeof granted[0] };

static bool says(const struct yaml *around, const struct granted *what)
{
	const struct yaml *options = import_get(around, "options");

	return import_get(what->method ? import_get(options, "methods") : options, what->key) != NULL;
}

/* Every rule that does not say; whether there is one. */
static bool find_granted(struct importing *in, const struct granted *what)
{
	bool some = false;

	for (size_t i = 0; !says(in->defaults, what) && in->rules && i < in->rules->n; i++) {
		const struct yaml *rule = &in->rules->items[i];

		if (!import_lives(in, rule) || import_count(rule) == 0 || says(rule, what))
			continue;
		import_find(in, import_row(what->row), rule, TEXT_EMPTY);
		some = true;
	}
	return some;
}

static const char *comment_of(struct importing *in, const char *indent, const struct granted *what)
{
	return arena_printf(in->arena, "%s# %.*s", indent,
			    TEXT_ARG(import_comment(in, import_row(what->row), TEXT_EMPTY)))
		.at;
}

static const char *line_of(struct importing *in, const char *indent, const struct granted *what)
{
	return arena_printf(in->arena, "%s%s: %s", indent, what->key, what->value).at;
}

static void write_new(struct importing *in, const bool *missing)
{
	bool methods = false;

	sheet_end(&in->sheet, "approval_defaults:");
	sheet_end(&in->sheet, "  options:");
	for (size_t i = 0; i < GRANTED; i++) {
		const char *indent = granted[i].method ? "      " : "    ";

		if (!missing[i])
			continue;
		if (granted[i].method && !methods)
			sheet_end(&in->sheet, "    methods:");
		methods = methods || granted[i].method;
		sheet_end(&in->sheet, comment_of(in, indent, &granted[i]));
		sheet_end(&in->sheet, line_of(in, indent, &granted[i]));
	}
}

/* Into a block that is there, below its key. */
static bool write_below(struct importing *in, const struct yaml *around, const char *key, const char *line)
{
	struct entry entry;

	if (!import_get(around, key) || !sheet_entry(&in->sheet, import_key(around, key), &entry) || entry.shared ||
	    !entry.lines)
		return false;
	sheet_under(&in->sheet, &entry, &line, 1);
	return true;
}

static bool write_into(struct importing *in, const bool *missing)
{
	const struct yaml *options = import_get(in->defaults, "options");
	bool ok = true, methods = import_get(options, "methods") != NULL, begun = methods;

	for (size_t i = 0; i < GRANTED && ok; i++) {
		bool inside = granted[i].method && methods;
		const struct yaml *around = inside ? options : in->defaults;
		const char *key = inside ? "methods" : "options", *indent = granted[i].method && !inside ? "  " : "";

		if (!missing[i])
			continue;
		if (granted[i].method && !begun)
			ok = write_below(in, around, key, "methods:");
		begun = begun || granted[i].method;
		ok = ok && write_below(in, around, key, comment_of(in, indent, &granted[i])) &&
		     write_below(in, around, key, line_of(in, indent, &granted[i]));
	}
	return ok;
}

void import_defaults(struct importing *in)
{
	bool missing[GRANTED], some = false;

	for (size_t i = 0; i < GRANTED; i++) {
		missing[i] = find_granted(in, &granted[i]);
		some = some || missing[i];
	}
	if (!some)
		return;
	if (!in->defaults)
		write_new(in, missing);
	else if (!write_into(in, missing))
		(void)import_refuse(in, in->defaults, "give `approval_defaults` a map `options`, without aliases");
}
