#include "policy/keys.h"
#include "policy/rules.h"

static bool read_name(struct parse *parse, const struct yaml *value, void *out)
{
	struct rule *rule = out;

	return read_text(parse, value, &rule->name);
}

static bool read_description(struct parse *parse, const struct yaml *value, void *out)
{
	struct rule *rule = out;

	return read_text(parse, value, &rule->description);
}

static bool read_if(struct parse *parse, const struct yaml *value, void *out)
{
	struct rule *rule = out;

	return conditions_read(parse, value, &rule->applies.items, &rule->applies.n);
}

static bool read_mode(struct parse *parse, const struct yaml *value, void *out)
{
	struct rule *rule = out;
	struct text mode;

	if (!read_text(parse, value, &mode))
		return false;
	if (text_is(mode, "warn"))
		return yaml_problem(value, parse->problem,
				    "mode `warn` is not known to this version; use enforce or off");
	if (!text_is(mode, "enforce") && !text_is(mode, "off"))
		return yaml_problem(value, parse->problem, "mode is enforce or off");
	rule->mode = text_is(mode, "off") ? MODE_OFF : MODE_ENFORCE;
	return true;
}

static bool read_visibility(struct parse *parse, const struct yaml *value, void *out)
{
	struct rule *rule = out;
	struct text visibility;

	if (!read_text(parse, value, &visibility))
		return false;
	if (!text_is(visibility, "public") && !text_is(visibility, "restricted"))
		return yaml_problem(value, parse->problem, "visibility is public or restricted");
	rule->restricted = text_is(visibility, "restricted");
	return true;
}

static bool read_count(struct parse *parse, const struct yaml *value, void *out)
{
	struct rule *rule = out;

	if (!yaml_int(value, &rule->count) || rule->count < 0 || rule->count > POLICY_COUNT_MAX)
		return yaml_problem(value, parse->problem, "count is a whole number from 0 to %d", POLICY_COUNT_MAX);
	return true;
}

static bool read_conditions(struct parse *parse, const struct yaml *value, void *out)
{
	struct rule *rule = out;

	return conditions_read(parse, value, &rule->requires.items, &rule->requires.n);
}

static bool read_users(struct parse *parse, const struct yaml *value, void *out)
{
	struct rule *rule = out;

	return actors_key(parse, "users", value, &rule->actors);
}

static bool read_teams(struct parse *parse, const struct yaml *value, void *out)
{
	struct rule *rule = out;

	return actors_key(parse, "teams", value, &rule->actors);
}

static bool read_permissions(struct parse *parse, const struct yaml *value, void *out)
{
	struct rule *rule = out;

	return actors_key(parse, "permissions", value, &rule->actors);
}

static bool read_organizations(struct parse *parse, const struct yaml *value, void *out)
{
	struct rule *rule = out;

	return actors_key(parse, "organizations", value, &rule->actors);
}

static bool read_admins(struct parse *parse, const struct yaml *value, void *out)
{
	struct rule *rule = out;

	return actors_key(parse, "admins", value, &rule->actors);
}

static bool read_write_collaborators(struct parse *parse, const struct yaml *value, void *out)
{
	struct rule *rule = out;

	return actors_key(parse, "write_collaborators", value, &rule->actors);
}

static bool read_author(struct parse *parse, const struct yaml *value, void *out)
{
	struct rule *rule = out;

	return read_bool(parse, value, &rule->allow_author);
}

static bool read_contributor(struct parse *parse, const struct yaml *value, void *out)
{
	struct rule *rule = out;

	return read_bool(parse, value, &rule->allow_contributor);
}

static bool read_gone_head(struct parse *parse, const struct yaml *value, void *out)
{
	struct rule *rule = out;

	return read_bool(parse, value, &rule->allow_gone_head);
}

static bool read_unknown_pushers(struct parse *parse, const struct yaml *value, void *out)
{
	struct rule *rule = out;

	return read_bool(parse, value, &rule->allow_unknown_pushers);
}

static bool read_per_base(struct parse *parse, const struct yaml *value, void *out)
{
	struct rule *rule = out;

	return read_bool(parse, value, &rule->per_base);
}

static bool read_comments(struct parse *parse, const struct yaml *value, void *out)
{
	(void)out;
	if (value->kind != YAML_LIST || value->n > 0)
		return yaml_problem(value, parse->problem, "comments never approve: `comments` must be []");
	return true;
}

static bool read_review(struct parse *parse, const struct yaml *value, void *out)
{
	bool on;

	(void)out;
	if (!yaml_bool(value, &on) || !on)
		return yaml_problem(value, parse->problem, "`github_review` must be true: only reviews count");
	return true;
}

static const struct key method_rows[] = {
	{{"approval_rules[].options.methods.comments", "[]", "comments never approve; only the empty list is accepted"},
	 read_comments},
	{{"approval_rules[].options.methods.github_review", "true", "reviews approve; only true is accepted"},
	 read_review},
};
const struct keys keys_methods = KEYS(method_rows);

static bool read_methods(struct parse *parse, const struct yaml *value, void *out)
{
	return keys_read(parse, value, &keys_methods, "methods", out);
}

static const struct key option_rows[] = {
	{{"approval_rules[].options.allow_author", "boolean", "the author of the change may be one of those who count"},
	 read_author},
	{{"approval_rules[].options.allow_contributor", "boolean",
	  "those who wrote, committed or pushed commits, other than the author, may count; unattributable commits "
	  "pass"},
	 read_contributor},
	{{"approval_rules[].options.allow_gone_head", "boolean",
	  "reviews count that were given after the head's repository was deleted; else only earlier ones do"},
	 read_gone_head},
	{{"approval_rules[].options.allow_unknown_pushers", "boolean",
	  "reviews count though the forge does not show everybody who pushed (a private fork); whoever is known to "
	  "have "
	  "pushed still does not count"},
	 read_unknown_pushers},
	{{"approval_rules[].options.per_base", "boolean",
	  "a review counts for the base branch alone that it was given for: after a retarget it is asked for again"},
	 read_per_base},
	{{"approval_rules[].options.methods", "map", "how approval is given"}, read_methods},
};
const struct keys keys_options = KEYS(option_rows);

static bool read_options(struct parse *parse, const struct yaml *value, void *out)
{
	return keys_read(parse, value, &keys_options, "options", out);
}

static const struct key require_rows[] = {
	{{"approval_rules[].requires.count", "integer >= 0", "fresh reviews by distinct people who qualify"},
	 read_count},
	{{"approval_rules[].requires.permissions", "[read|triage|write|maintain|admin]",
	  "people with at least the lowest permission listed qualify"},
	 read_permissions},
	{{"approval_rules[].requires.users", "[login or id:NUMBER]", "these people qualify"}, read_users},
	{{"approval_rules[].requires.teams", "[org/slug]", "members of these teams qualify"}, read_teams},
	{{"approval_rules[].requires.organizations", "[name]", "members of these organizations qualify"},
	 read_organizations},
	{{"approval_rules[].requires.admins", "boolean", "the same as permissions: [admin]"}, read_admins},
	{{"approval_rules[].requires.write_collaborators", "boolean", "the same as permissions: [write]"},
	 read_write_collaborators},
	{{"approval_rules[].requires.conditions", "map of conditions", "all must hold"}, read_conditions},
};
const struct keys keys_requires = KEYS(require_rows);

static bool read_requires(struct parse *parse, const struct yaml *value, void *out)
{
	return keys_read(parse, value, &keys_requires, "requires", out);
}

static const struct key rule_rows[] = {
	{{"approval_rules[].name", "text", "what the policy and the explanation call it"}, read_name},
	{{"approval_rules[].description", "text", "why it is there"}, read_description},
	{{"approval_rules[].if", "map of conditions",
	  "the rule applies where all hold; elsewhere it is skipped and makes nothing pass"},
	 read_if},
	{{"approval_rules[].requires", "map", "what must be there"}, read_requires},
	{{"approval_rules[].options", "map", "exceptions"}, read_options},
	{{"approval_rules[].mode", "enforce|off", "off: shown, and skipped"}, read_mode},
	{{"approval_rules[].visibility", "public|restricted",
	  "restricted: the public sees \"Maintainer clearance\" only"},
	 read_visibility},
};
const struct keys keys_rule = KEYS(rule_rows);

static bool rule_complete(struct parse *parse, const struct yaml *node, const struct rule *rule)
{
	const struct yaml *requires = yaml_get(node, "requires");

	if (rule->name.len == 0)
		return yaml_problem(node, parse->problem, "a rule needs a `name`");
	if (rule->count == 0 && rule->requires.n == 0)
		return yaml_problem(requires ? requires : node, parse->problem,
				    "rule `%.*s` requires nothing: give `count` of at least 1 or `conditions`",
				    TEXT_ARG(text_cut(rule->name, 60)));
	if (rule->count > 0 && !actors_any(&rule->actors))
		return yaml_problem(
			requires, parse->problem,
			"rule `%.*s` can never be met: give `permissions`, `users`, `teams` or `organizations`",
			TEXT_ARG(text_cut(rule->name, 60)));
	return true;
}

bool rule_parse(struct parse *parse, const struct yaml *node, struct rule *ret)
{
	struct rule rule = {.line = node->line, .column = node->column};

	if (!keys_read(parse, node, &keys_rule, "a rule", &rule) || !rule_complete(parse, node, &rule))
		return false;
	*ret = rule;
	return true;
}
