#include "policy/attribution.h"
#include "policy/keys.h"
#include "policy/owners_rule.h"
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

static bool read_one_carry(struct parse *parse, const struct yaml *value, struct rule *rule)
{
	enum carry how;

	if (value->kind != YAML_SCALAR || !carry_parse(value->text, &how))
		return yaml_problem(value, parse->problem,
				    "a review is carried by same-tree, same-patch, base-merge or any-push");
	rule->carries |= how;
	return true;
}

static bool read_carry(struct parse *parse, const struct yaml *value, void *out)
{
	struct rule *rule = out;
	bool ok = true;

	if (value->kind != YAML_LIST)
		return yaml_problem(value, parse->problem,
				    "expected a list of same-tree, same-patch, base-merge, any-push");
	for (size_t i = 0; i < value->n; i++)
		if (!read_one_carry(parse, &value->items[i], rule))
			ok = parse_failed(parse);
	if (rule->carries & CARRY_ANY_PUSH)
		parse_unsafe(parse, value, "with any-push a review counts for commits that its giver never saw");
	return ok;
}

static bool read_unknown_status(struct parse *parse, const struct yaml *value, void *out)
{
	struct rule *rule = out;
	struct text state;

	if (!read_text(parse, value, &state))
		return false;
	rule->unknown_blocks = text_is(state, "failure");
	if (!rule->unknown_blocks && !text_is(state, "pending"))
		return yaml_problem(value, parse->problem, "status is pending or failure");
	return true;
}

static bool read_unknown_hook(struct parse *parse, const struct yaml *value, void *out)
{
	struct rule *rule = out;
	struct text says;

	if (!read_text(parse, value, &says))
		return false;
	rule->hook_allows = text_is(says, "allow");
	if (!rule->hook_allows && !text_is(says, "deny"))
		return yaml_problem(value, parse->problem, "hook is allow or deny");
	return true;
}

static const struct key unknown_rows[] = {
	{{"approval_rules[].on_unknown.status", "pending|failure",
	  "what the status is while something the rule asks for is not known"},
	 read_unknown_status},
	{{"approval_rules[].on_unknown.hook", "allow|deny",
	  "what a commit hook, which cannot wait, says then; it says so to whoever pushes"},
	 read_unknown_hook},
};
const struct keys keys_unknown = KEYS(unknown_rows);

static bool read_unknown(struct parse *parse, const struct yaml *value, void *out)
{
	return keys_read(parse, value, &keys_unknown, "on_unknown", out);
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
		return yaml_int_problem(value, parse->problem, "count is a whole number from 0 to %d",
					POLICY_COUNT_MAX);
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

	bool ok;

	parse->bugs.allowed = true;
	ok = conditions_read(parse, value, &rule->requires.items, &rule->requires.n);
	parse->bugs.allowed = false;
	return ok;
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

static bool read_options(struct parse *parse, const struct yaml *value, void *out)
{
	struct rule *rule = out;

	return keys_read(parse, value, &keys_options, "options", &rule->options);
}

static bool read_owners(struct parse *parse, const struct yaml *value, void *out)
{
	return owners_key_read(parse, value, out);
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
	{{"approval_rules[].requires.users", "[login]", "these people qualify"}, read_users},
	{{"approval_rules[].requires.teams", "[team]", "members of these teams qualify"}, read_teams},
	{{"approval_rules[].requires.organizations", "[name]", "members of these organizations qualify"},
	 read_organizations},
	{{"approval_rules[].requires.admins", "boolean", "the same as permissions: [admin]"}, read_admins},
	{{"approval_rules[].requires.write_collaborators", "boolean", "the same as permissions: [write]"},
	 read_write_collaborators},
	{{"approval_rules[].requires.owners", "map",
	  "those whose the changed files are qualify; count is for each file"},
	 read_owners},
	{{"approval_rules[].requires.conditions", "conditions", "all must hold"}, read_conditions},
};
const struct keys keys_requires = KEYS(require_rows);

static bool read_requires(struct parse *parse, const struct yaml *value, void *out)
{
	return keys_read(parse, value, &keys_requires, "requires", out);
}

static const struct key rule_rows[] = {
	{{"approval_rules[].name", "text", "what the policy and the explanation call it"}, read_name},
	{{"approval_rules[].description", "text", "why it is there"}, read_description},
	{{"approval_rules[].if", "conditions",
	  "the rule applies where all hold; elsewhere it is skipped and makes nothing pass"},
	 read_if},
	{{"approval_rules[].requires", "map", "what must be there"}, read_requires},
	{{"approval_rules[].options", "map", "exceptions"}, read_options},
	{{"approval_rules[].mode", "enforce|warn|off",
	  "warn: judged and shown, and holds nothing back; off: shown, and skipped"},
	 read_mode},
	{{"approval_rules[].carry", "[same-tree|same-patch|base-merge|any-push]",
	  "what keeps a review over a push; same-tree: the head has the files of the reviewed commit, on the same "
	  "merge base; same-patch: it changes the same lines, with the same messages, on another; base-merge: the base "
	  "branch was merged without conflict, and nothing else; any-push: everything"},
	 read_carry},
	{{"approval_rules[].on_unknown", "map", "what is not known makes a rule wait, unless said here"}, read_unknown},
	{{"approval_rules[].unattributed", "fail|pusher",
	  "what becomes of a commit that names somebody without an account: it blocks, or is its pusher's, where the "
	  "forge names everybody who pushed"},
	 read_unattributed},
	{{"approval_rules[].visibility", "public|restricted",
	  "restricted: the public sees \"Maintainer clearance\" only"},
	 read_visibility},
};
const struct keys keys_rule = KEYS(rule_rows);

/* False: *ret is how many different people are named, and nobody else can count. */
static bool open_ended(const struct actors *actors, int64_t *ret)
{
	*ret = 0;
	for (size_t i = 0; i < actors->n_users; i++) {
		size_t k = 0;

		while (k < i && !text_eq_nocase(actors->users[k].login, actors->users[i].login))
			k++;
		*ret += k == i;
	}
	return actors->n_teams > 0 || actors->n_organizations > 0 || actors->permission != PERMISSION_UNKNOWN;
}

static bool rule_complete(struct parse *parse, const struct yaml *node, const struct rule *rule)
{
	const struct yaml *requires = yaml_get(node, "requires");
	int64_t named;

	if (rule->count == 0 && rule->requires.n == 0)
		return yaml_problem(requires ? requires : node, parse->problem,
				    "rule `%.*s` requires nothing: give `count` of at least 1 or `conditions`",
				    TEXT_ARG(text_cut(rule->name, 60)));
	if (rule->count > 0 && !rule->owners && !actors_any(&rule->actors))
		return yaml_problem(requires, parse->problem,
				    "rule `%.*s` can never be met: give `permissions`, `users`, `teams`, "
				    "`organizations` or `owners`",
				    TEXT_ARG(text_cut(rule->name, 60)));
	if (!rule->owners && !open_ended(&rule->actors, &named) && named < rule->count)
		return yaml_problem(requires, parse->problem,
				    "rule `%.*s` can never be met: it names %d of the %d it needs",
				    TEXT_ARG(text_cut(rule->name, 60)), (int)named, (int)rule->count);
	if (rule->restricted && rule->unknown_blocks)
		return yaml_problem(yaml_get(node, "on_unknown"), parse->problem,
				    "a restricted rule never blocks: that would show in the status");
	if (rule->count > 0 && !methods_any(&rule->options.methods))
		return yaml_problem(node, parse->problem,
				    "rule `%.*s` can never be met: its `methods` leave no way to approve",
				    TEXT_ARG(text_cut(rule->name, 60)));
	if (rule->eyes && yaml_get(requires, "count"))
		return yaml_problem(yaml_get(requires, "count"), parse->problem, "give either `eyes` or `count`");
	if (rule->owners && rule->options.delegation.on)
		return yaml_problem(node, parse->problem,
				    "rule `%.*s` asks for owners, who cannot delegate: whose a file is, its file says",
				    TEXT_ARG(text_cut(rule->name, 60)));
	if (rule->eyes && rule->options.delegation.author)
		return yaml_problem(yaml_get(requires, "eyes"), parse->problem,
				    "`eyes` are those of others: no delegation to the author goes with it");
	if (rule->eyes && (rule->options.allow_author || rule->options.allow_contributor))
		return yaml_problem(
			yaml_get(requires, "eyes"), parse->problem,
			"`eyes` are those of others: neither allow_author nor allow_contributor goes with it");
	return true;
}

/* What bugs say shows to nobody, so that a rule that asks for it is restricted, whatever it says of itself. */
static bool bugs_complete(struct parse *parse, const struct yaml *node, struct rule *rule)
{
	const struct yaml *visibility = yaml_get(node, "visibility");
	const struct yaml *applies = yaml_get(node, "if");

	if (!parse->bugs.seen)
		return true;
	if (visibility && !rule->restricted)
		return yaml_problem(visibility, parse->problem,
				    "a rule with `bugs` is always restricted: what bugs say must not show");
	rule->restricted = true;
	if (parse->bugs.optional && applies && yaml_get(applies, "targets_branch"))
		parse_lint(parse, node,
			   "a commit that names no bug passes this rule: where one must be named, give `min: 1` or "
			   "`any` beside `every`");
	return bug_captures_complete(parse, node);
}

bool rule_parse(struct parse *parse, const struct yaml *node, struct rule *ret)
{
	bool ok;

	parse->bugs = (struct bugs_parse){0};
	ret->line = node->line;
	ret->column = node->column;
	ok = keys_read(parse, node, &keys_rule, "a rule", ret) || parse_failed(parse);
	if (node->kind == YAML_MAP && !yaml_get(node, "name")) {
		(void)yaml_problem(node, parse->problem, "a rule needs a `name`");
		ok = parse_failed(parse);
	}
	if (ret->pusher_stands_in && (ret->options.allow_contributor || (ok && ret->count == 0 && !ret->owners)))
		parse_lint(parse, yaml_get(node, "unattributed"),
			   "`unattributed` changes nothing here: the rule does not ask who wrote the commits");
	return ok && bugs_complete(parse, node, ret) && owners_key_complete(parse, node, ret) &&
	       rule_complete(parse, node, ret);
}
