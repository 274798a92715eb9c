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
	for (enum rule_mode m = MODE_ENFORCE; m <= MODE_OFF; m++)
		if (text_is(mode, rule_mode_name(m))) {
			rule->mode = m;
			return true;
		}
	return yaml_problem(value, parse->problem, "mode is enforce, warn or off");
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
		return yaml_int_problem(value, parse->problem, "count is a whole number from 0 to %d", POLICY_COUNT_MAX);
	return true;
}

static bool read_eyes(struct parse *parse, const struct yaml *value, void *out)
{
	struct rule *rule = out;
	int64_t eyes = 0;

	if (!yaml_int(value, &eyes) || (eyes != 4 && eyes != 6 && eyes != 8))
		return yaml_int_problem(value, parse->problem,
				    "eyes is 4, 6 or 8: the author's, and those of 1, 2 or 3 others");
	rule->count = eyes / 2 - 1;
	rule->eyes = true;
	return true;
}

static bool read_conditions(struct parse *parse, const struct yaml *value, void *out)
{
	struct rule *rule = out;

	return conditions_read(parse, value, &rule->requires.items, &rule->requires.n);
}

static bool actor_permissions(struct parse *parse, const struct yaml *value, struct actors *actors)
{
	const struct text *names;
	size_t n;

	if (!read_texts(parse, value, &names, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		enum permission p = permission_parse(names[i]);

		if (p < PERMISSION_READ)
			return yaml_problem(&value->items[i], parse->problem,
					    "a permission is read, triage, write, maintain or admin");
		if (actors->permission == PERMISSION_UNKNOWN || p < actors->permission)
			actors->permission = p;
	}
	return true;
}

static bool account(struct text name, struct account *ret)
{
	struct text prefix = TEXT_LIT("id:");

	ret->login = name;
	ret->id = 0;
	if (!text_starts(name, prefix))
		return true;
	return text_int64((struct text){name.at + prefix.len, name.len - prefix.len}, &ret->id) && ret->id > 0;
}

static bool actor_users(struct parse *parse, const struct yaml *value, struct actors *actors)
{
	const struct text *names;
	struct account *users;
	size_t n;

	if (!read_texts(parse, value, &names, &n))
		return false;
	users = arena_alloc(parse->arena, n, sizeof *users);
	for (size_t i = 0; i < n; i++)
		if (!account(names[i], &users[i]))
			return yaml_problem(&value->items[i], parse->problem, "a user is a login or id:NUMBER");
	actors->users = users;
	actors->n_users = n;
	return true;
}

static bool actor_teams(struct parse *parse, const struct yaml *value, struct actors *actors)
{
	if (!read_texts(parse, value, &actors->teams, &actors->n_teams))
		return false;
	for (size_t i = 0; i < actors->n_teams; i++) {
		struct text team = actors->teams[i];
		size_t slash = text_find(team, TEXT_LIT("/"));

		if (slash == SIZE_MAX || slash == 0 || slash + 1 == team.len)
			return yaml_problem(&value->items[i], parse->problem, "a team is written org/slug");
	}
	return true;
}

bool actors_key(struct parse *parse, const char *key, const struct yaml *value, struct actors *actors)
{
	static const struct {
		const char *key;
		bool (*read)(struct parse *parse, const struct yaml *value, struct actors *actors);
	} rows[] = {{"users", actor_users}, {"teams", actor_teams}, {"permissions", actor_permissions}};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (text_is(text_of(key), rows[i].key))
			return rows[i].read(parse, value, actors);
	return yaml_problem(value, parse->problem, "unknown key");
}

static bool read_users(struct parse *parse, const struct yaml *value, void *out)
{
	struct rule *rule = out;

	return actor_users(parse, value, &rule->actors);
}

static bool read_teams(struct parse *parse, const struct yaml *value, void *out)
{
	struct rule *rule = out;

	return actor_teams(parse, value, &rule->actors);
}

static bool read_permissions(struct parse *parse, const struct yaml *value, void *out)
{
	struct rule *rule = out;

	return actor_permissions(parse, value, &rule->actors);
}

static bool read_options(struct parse *parse, const struct yaml *value, void *out)
{
	struct rule *rule = out;

	return keys_read(parse, value, &keys_options, "options", &rule->options);
}

static const struct key require_rows[] = {
	{{"approval_rules[].requires.count", "integer >= 0", "fresh reviews by distinct people who qualify"},
	 read_count},
	{{"approval_rules[].requires.eyes", "4|6|8",
	  "so many eyes: the author's, and fresh reviews by 1, 2 or 3 others who took no part in the change"},
	 read_eyes},
	{{"approval_rules[].requires.permissions", "[read|triage|write|maintain|admin]",
	  "people with at least the lowest permission listed qualify"},
	 read_permissions},
	{{"approval_rules[].requires.users", "[login or id:NUMBER]", "these people qualify"}, read_users},
	{{"approval_rules[].requires.teams", "[org/slug]", "members of these teams qualify"}, read_teams},
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
	{{"approval_rules[].mode", "enforce|warn|off",
	  "warn: judged and shown, and holds nothing back; off: shown, and skipped"},
	 read_mode},
	{{"approval_rules[].visibility", "public|restricted",
	  "restricted: the public sees \"Maintainer clearance\" only"},
	 read_visibility},
};
const struct keys keys_rule = KEYS(rule_rows);

static bool rule_complete(struct parse *parse, const struct yaml *node, const struct rule *rule)
{
	const struct yaml *requires = yaml_get(node, "requires");
	const struct actors *a = &rule->actors;
	bool selects = a->n_users > 0 || a->n_teams > 0 || a->permission != PERMISSION_UNKNOWN;

	if (rule->count == 0 && rule->requires.n == 0)
		return yaml_problem(requires ? requires : node, parse->problem,
				    "rule `%.*s` requires nothing: give `count` of at least 1 or `conditions`",
				    TEXT_ARG(text_cut(rule->name, 60)));
	if (rule->count > 0 && !selects)
		return yaml_problem(requires, parse->problem,
				    "rule `%.*s` can never be met: give `permissions`, `users` or `teams`",
				    TEXT_ARG(text_cut(rule->name, 60)));
	if (rule->eyes && yaml_get(requires, "count"))
		return yaml_problem(yaml_get(requires, "count"), parse->problem, "give either `eyes` or `count`");
	if (rule->eyes && (rule->options.allow_author || rule->options.allow_contributor))
		return yaml_problem(
			yaml_get(requires, "eyes"), parse->problem,
			"`eyes` are those of others: neither allow_author nor allow_contributor goes with it");
	return true;
}

bool rule_parse(struct parse *parse, const struct yaml *node, struct rule *ret)
{
	bool ok;

	ret->line = node->line;
	ret->column = node->column;
	ok = keys_read(parse, node, &keys_rule, "a rule", ret) || parse_failed(parse);
	if (node->kind == YAML_MAP && !yaml_get(node, "name")) {
		(void)yaml_problem(node, parse->problem, "a rule needs a `name`");
		ok = parse_failed(parse);
	}
	return ok && rule_complete(parse, node, ret);
}
