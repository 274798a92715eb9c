/*
 * A rule that asks for nothing: policy-bot approves it wherever its `if` holds. As an entry of `or` it says the same
 * when its `if` becomes its conditions; anywhere else it would hold back what it let pass before. And it is only
 * written where something limits what lands so, or whose it is: what an author alone brings about (a title, a branch's
 * name, the size) is nobody's consent.
 */
#include "policy/import_inner.h"

#include "policy/reviews.h"

static const char *const limits[] = {"only_changed_files", "only_has_contributors_in", "has_author_in",
				     "has_valid_signatures_by", "has_valid_signatures_by_keys"};

bool import_is_free(const struct yaml *rule)
{
	const struct yaml *requires = import_get(rule, "requires"), *conditions = import_get(requires, "conditions");
	const struct yaml *count = import_get(requires, "count");
	int64_t n;

	if (rule->kind != YAML_MAP || import_get(requires, "owners") || (count && !import_int(count, &n)))
		return false;
	return import_count(rule) == 0 && (!conditions || (conditions->kind == YAML_MAP && conditions->n == 0));
}

/* Whether an entry of this name stands anywhere but in an `or` of several. */
static bool stands_alone(const struct yaml *node, struct text name, bool alternative)
{
	if (node->kind == YAML_SCALAR)
		return text_eq(node->text, name) && !alternative;
	for (size_t i = 0; i < node->n; i++) {
		const struct yaml *below = &node->items[i];
		bool joined = node->kind == YAML_MAP && text_is(node->keys[i].text, "or");
		bool here = node->kind == YAML_LIST ? alternative && node->n > 1 : joined;

		if (stands_alone(below, name, here))
			return true;
	}
	return false;
}

static bool limited(const struct yaml *applies)
{
	for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
		if (import_get(applies, limits[i]))
			return true;
	return false;
}

static bool refuse(struct importing *in, const struct yaml *rule, const char *why)
{
	struct text name = plain(import_get(rule, "name")->text, 40, in->arena);

	return import_refuse(in, rule, "rule `%.*s` asks for nobody, which policy-bot approves: %s", TEXT_ARG(name),
			     why);
}

/* Who opened the change is not who pushed to it. */
static void bind_author(struct importing *in, const struct yaml *applies)
{
	const struct yaml *key = import_key(applies, "has_author_in");
	struct entry entry;

	if (!import_get(applies, "has_author_in") || import_get(applies, "only_has_contributors_in") ||
	    !sheet_entry(&in->sheet, key, &entry))
		return;
	import_say(in, import_row(IMPORT_FREE_AUTHOR), key, TEXT_EMPTY);
	sheet_repeat(&in->sheet, &entry, "only_has_contributors_in");
}

static bool rewrite(struct importing *in, const struct yaml *rule)
{
	static const char *const below[] = {"conditions:"};
	const struct yaml *requires = import_key(rule, "requires"), *applies = import_key(rule, "if");
	struct entry is, was;

	if (!sheet_entry(&in->sheet, applies, &is) || is.shared || is.marks || !is.lines ||
	    (requires && (!sheet_entry(&in->sheet, requires, &was) || was.shared)))
		return refuse(in, rule, "write it without anchors and aliases");
	import_say(in, import_row(IMPORT_FREE), applies, TEXT_EMPTY);
	if (requires)
		sheet_out(&in->sheet, &was);
	sheet_rename(&in->sheet, &is, "requires");
	sheet_under(&in->sheet, &is, below, 1);
	sheet_deeper(&in->sheet, is.first + 1, is.last);
	return true;
}

bool import_free(struct importing *in, const struct yaml *rule)
{
	const struct yaml *applies = import_get(rule, "if"), *options = import_get(rule, "options");
	const struct yaml *name = import_get(rule, "name");

	if (!applies || applies->kind != YAML_MAP || applies->n == 0)
		return refuse(in, rule, "give `requires` a `count`, or leave it out");
	if (import_get(import_get(in->root, "policy"), "branches") || stands_alone(in->approval, name->text, false))
		return refuse(in, rule, "only an entry of an `or` can do that; elsewhere leave it out");
	if (!limited(applies))
		return refuse(in, rule, "its author alone brings its `if` about; limit files, people or signers");
	if (!rewrite(in, rule))
		return false;
	bind_author(in, applies);
	import_values(in, applies, "if");
	import_values(in, options, "options");
	return true;
}
