/*
 * `policy.approval` and `policy.branches`: names of rules, joined. Rules have been read before, wherever they stand in
 * the file, so that every name is resolved once and each problem has its place.
 */
#include "policy/distinct.h"
#include "policy/keys.h"
#include "policy/regex.h"
#include "policy/rules.h"

#include <string.h>

#define COMBINE_DEPTH_MAX 10
#define BRANCHES_MAX      100

struct nest {
	struct parse *parse;
	struct policy *policy;
	bool alternative; /* below an `or` or an `at_least` */
	unsigned depth;
};

/* A rule that only warns is as good as met; as an alternative it would make everything pass. */
static bool may_stand_here(const struct nest *nest, const struct yaml *node, const struct rule *rule)
{
	if (!nest->alternative || rule->mode != MODE_WARN)
		return true;
	return yaml_problem(node, nest->parse->problem,
			    "rule `%.*s` has mode `warn`, which an alternative cannot have: it would always be met",
			    TEXT_ARG(text_cut(rule->name, 60)));
}

static bool parse_reference(struct nest *nest, const struct yaml *node, struct combination *ret)
{
	const char *names[POLICY_RULES_MAX];
	const char *near = NULL;
	struct policy *policy = nest->policy;

	for (size_t i = 0; i < policy->n_rules; i++) {
		names[i] = policy->rules[i].name.len > 0 ? policy->rules[i].name.at : ""; /* they end with a NUL */
		if (node->text.len == 0 || !text_eq(node->text, policy->rules[i].name))
			continue;
		policy->rules[i].used = true;
		*ret = (struct combination){.how = COMBINE_RULE, .rule = &policy->rules[i]};
		return may_stand_here(nest, node, &policy->rules[i]);
	}
	if (nest->parse->names_missing)
		return false;                      /* its rule may be there; what is wrong with that one is told */
	if (nest->parse->errors->n < PROBLEMS_MAX) /* of those that are told: it is dear where there are many */
		near = text_nearest(node->text, names, policy->n_rules);
	return yaml_problem(node, nest->parse->problem,
			    near ? "no rule is named `%.*s`; did you mean `%s`?" : "no rule is named `%.*s`",
			    TEXT_ARG(text_cut(node->text, 60)), near);
}

static bool parse_entry(const struct nest *above, const struct yaml *node, struct combination *ret);

static bool parse_list(const struct nest *nest, const struct yaml *list, struct combination *ret)
{
	struct combination *members;
	bool ok = true;

	if (list->kind != YAML_LIST)
		return yaml_problem(list, nest->parse->problem,
				    "expected a list of rule names, and of what joins them");
	if (list->n == 0)
		return yaml_problem(list, nest->parse->problem, "an empty list is not allowed here");
	members = arena_alloc(nest->parse->arena, list->n, sizeof *members);
	for (size_t i = 0; i < list->n; i++)
		if (!parse_entry(nest, &list->items[i], &members[i]))
			ok = parse_failed(nest->parse);
	ret->members = members;
	ret->n = list->n;
	return ok;
}

static bool parse_and(const struct nest *nest, const struct yaml *value, struct combination *ret)
{
	ret->how = COMBINE_AND;
	return parse_list(nest, value, ret);
}

static bool can_be_skipped(const struct combination *c)
{
	bool all = true;

	if (c->how == COMBINE_RULE)
		return c->rule && (c->rule->applies.n > 0 || c->rule->mode != MODE_ENFORCE);
	for (size_t i = 0; i < c->n; i++)
		all = all && can_be_skipped(&c->members[i]);
	return all;
}

static bool parse_alternatives(const struct nest *above, const struct yaml *value, struct combination *ret)
{
	struct nest nest = *above;
	bool ok;

	nest.alternative = true;
	ok = parse_list(&nest, value, ret);
	if (ok && can_be_skipped(ret))
		parse_lint(
			nest.parse, value,
			"every alternative here can be skipped; where all are, none is met, and the change is blocked");
	return ok;
}

static bool parse_or(const struct nest *nest, const struct yaml *value, struct combination *ret)
{
	ret->how = COMBINE_OR;
	return parse_alternatives(nest, value, ret);
}

struct at_least {
	const struct nest *nest;
	struct combination *to;
};

static bool read_least(struct parse *parse, const struct yaml *value, void *out)
{
	struct at_least *at_least = out;

	if (!yaml_int(value, &at_least->to->least) || at_least->to->least < 1 || at_least->to->least > POLICY_COUNT_MAX)
		return yaml_int_problem(value, parse->problem, "count is a whole number from 1 to %d",
					POLICY_COUNT_MAX);
	return true;
}

/* NULL: several. */
static const struct rule *sole_rule(const struct combination *c)
{
	while (c->how != COMBINE_RULE && c->n == 1)
		c = &c->members[0];
	return c->rule;
}

/* Whoever meets a rule meets it once, however often it is named. */
static bool each_once(const struct nest *nest, const struct yaml *list, const struct combination *c)
{
	bool seen[POLICY_RULES_MAX] = {false};

	for (size_t i = 0; i < c->n; i++) {
		const struct rule *rule = sole_rule(&c->members[i]);

		if (rule && seen[rule - nest->policy->rules])
			return yaml_problem(&list->items[i], nest->parse->problem,
					    "`%.*s` stands here twice: met once, it would count as two",
					    TEXT_ARG(text_cut(rule->name, 60)));
		if (rule)
			seen[rule - nest->policy->rules] = true;
	}
	return true;
}

static bool read_of(struct parse *parse, const struct yaml *value, void *out)
{
	struct at_least *at_least = out;

	(void)parse;
	return parse_alternatives(at_least->nest, value, at_least->to) &&
	       each_once(at_least->nest, value, at_least->to);
}

static const struct key at_least_rows[] = {
	{{"at_least.count", "integer >= 1", "how many of the members must be met"}, read_least},
	{{"at_least.of", "[entry]", "the members; one that is skipped does not count"}, read_of},
};
const struct keys keys_at_least = KEYS(at_least_rows);

static bool parse_at_least(const struct nest *nest, const struct yaml *value, struct combination *ret)
{
	struct at_least out = {nest, ret};

	ret->how = COMBINE_AT_LEAST;
	if (!keys_read(nest->parse, value, &keys_at_least, "at_least", &out))
		return false;
	if (ret->least == 0 || ret->n == 0)
		return yaml_problem(value, nest->parse->problem, "`at_least` needs `count` and `of`");
	if (ret->least > (int64_t)ret->n)
		return yaml_problem(value, nest->parse->problem, "can never be met: %d of %zu", (int)ret->least,
				    ret->n);
	return true;
}

/* Rules that ask for people, each met by others than the rest. */
static bool parse_distinct(const struct nest *above, const struct yaml *value, struct combination *ret)
{
	struct nest nest = *above;
	int64_t places = 0;

	nest.alternative = true; /* a rule that only warns has nobody to take away from the others */
	ret->how = COMBINE_DISTINCT;
	if (!parse_list(&nest, value, ret))
		return false;
	for (size_t i = 0; i < ret->n; i++) {
		const struct rule *rule = ret->members[i].rule;

		if (ret->members[i].how != COMBINE_RULE || (rule && rule->count == 0))
			return yaml_problem(&value->items[i], nest.parse->problem,
					    "`distinct` joins rules that have a `count`, and nothing else");
		if (rule && rule->owners)
			return yaml_problem(&value->items[i], nest.parse->problem,
					    "a rule with `owners` cannot be in `distinct`: who covers what is its own");
		places += rule ? rule->count : 0;
	}
	if (ret->n < 2 || places > DISTINCT_PLACES_MAX)
		return yaml_problem(value, nest.parse->problem,
				    "`distinct` joins two rules or more, of at most %d people", DISTINCT_PLACES_MAX);
	return true;
}

static bool parse_joined(const struct nest *nest, const struct yaml *node, struct combination *ret)
{
	static const struct {
		const char *key;
		bool (*parse)(const struct nest *nest, const struct yaml *value, struct combination *ret);
	} kinds[] = {{"and", parse_and}, {"or", parse_or}, {"at_least", parse_at_least}, {"distinct", parse_distinct}};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (text_is(node->keys[0].text, kinds[i].key))
			return kinds[i].parse(nest, &node->items[0], ret);
	return yaml_problem(&node->keys[0], nest->parse->problem,
			    "expected `and`, `or`, `at_least` or `distinct`, not `%.*s`",
			    TEXT_ARG(text_cut(node->keys[0].text, 60)));
}

static bool parse_entry(const struct nest *above, const struct yaml *node, struct combination *ret)
{
	struct nest nest = *above;

	if (++nest.depth > COMBINE_DEPTH_MAX)
		return yaml_problem(node, nest.parse->problem, "nested more than %d deep", COMBINE_DEPTH_MAX);
	if (node->kind == YAML_SCALAR)
		return parse_reference(&nest, node, ret);
	if (node->kind != YAML_MAP || node->n != 1)
		return yaml_problem(
			node, nest.parse->problem,
			"expected a rule name, {and: [..]}, {or: [..]}, {distinct: [..]} or {at_least: {count, of}}");
	return parse_joined(&nest, node, ret);
}

bool read_approval(struct parse *parse, const struct yaml *value, void *out)
{
	struct policy *policy = out;
	struct nest nest = {.parse = parse, .policy = policy};

	policy->approval.how = COMBINE_AND;
	if (!parse_list(&nest, value, &policy->approval))
		return false;
	if (can_be_skipped(&policy->approval))
		parse_lint(parse, value, "every rule here can be skipped; where all are, the change is blocked");
	return true;
}

/* ---- branches ---- */

/* An anchor binds one side of a `|` alone, unless parentheses hold the sides together. */
static bool has_open_alternative(struct text pattern)
{
	int depth = 0;
	bool class = false;

	for (size_t i = 0; i < pattern.len; i++) {
		char c = pattern.at[i];

		if (c == '\\')
			i++;
		else if (class)
			class = c != ']';
		else if (c == '[')
			class = true;
		else if (c == '|' && depth == 0)
			return true;
		else
			depth += (c == '(') - (c == ')');
	}
	return false;
}

/* A pattern that is found anywhere in a name opens branches that nobody thought of. */
static bool anchored(struct text pattern)
{
	return text_starts(pattern, TEXT_LIT("^")) && text_ends(pattern, TEXT_LIT("$")) &&
	       !text_ends(pattern, TEXT_LIT("\\$")) && !has_open_alternative(pattern);
}

bool read_branch_pattern(struct parse *parse, const struct yaml *key, const struct regex **ret)
{
	char why[160];

	if (!read_regex(parse, key, ret))
		return false;
	if (!anchored(key->text))
		return yaml_problem(key, parse->problem,
				    "a branch pattern is written ^...$, or ^(a|b)$, so that it opens no other branch");
	/* What the eye takes for anchored need not be: quotes, comments and verbs can hide a `|`. */
	*ret = regex_compile_whole(key->text, parse->arena, why, sizeof why);
	return *ret || yaml_problem(key, parse->problem, "not a pattern: %s", why);
}

static bool read_branch_name(struct parse *parse, const struct yaml *key, struct branch *ret)
{
	ret->name = key->text;
	return text_is(key->text, "default") || read_branch_pattern(parse, key, &ret->pattern);
}

static bool read_branch(const struct nest *nest, const struct yaml *map, size_t i, struct branch *ret)
{
	bool ok = read_branch_name(nest->parse, &map->keys[i], ret) || parse_failed(nest->parse);

	ret->approval.how = COMBINE_AND;
	ret->closed = map->items[i].kind == YAML_SCALAR && text_is(map->items[i].text, "closed");
	if (!ret->closed && !parse_list(nest, &map->items[i], &ret->approval))
		ok = parse_failed(nest->parse);
	return ok;
}

/* The one name that the pattern matches; empty: there may be others. */
static struct text only_name(struct text pattern, char *room)
{
	static const char meta[] = ".*+?()[]{}|^$";
	size_t n = 0;

	for (size_t i = 1; i + 1 < pattern.len; i++) {
		bool escaped = pattern.at[i] == '\\';
		char c = pattern.at[i += escaped];

		if (escaped ? !strchr("./-", c) : strchr(meta, c) != NULL)
			return TEXT_EMPTY;
		room[n++] = c;
	}
	return (struct text){room, n};
}

static const struct yaml *key_of(const struct yaml *map, struct text name)
{
	size_t i = 0;

	while (!text_eq(map->keys[i].text, name))
		i++;
	return &map->keys[i];
}

/* A pattern that stands before it takes the branch: what is said of it here would hold for nothing. */
static bool reached(struct parse *parse, const struct yaml *map, const struct branches *all)
{
	char room[REGEX_PATTERN_MAX];

	for (size_t i = 1; i + 1 < all->n; i++) {
		struct text name = only_name(all->items[i].name, room);

		for (size_t k = 0; k < i && name.len > 0; k++)
			if (regex_search(all->items[k].pattern, name) == TRI_YES)
				return yaml_problem(key_of(map, all->items[i].name), parse->problem,
						    "`%.*s` before it matches %.*s, too, so that this one never counts",
						    TEXT_ARG(text_cut(all->items[k].name, 60)),
						    TEXT_ARG(text_cut(name, 60)));
	}
	return true;
}

bool read_branches(struct parse *parse, const struct yaml *value, void *out)
{
	struct policy *policy = out;
	struct nest nest = {.parse = parse, .policy = policy};
	struct branch *all;
	bool ok = true;

	if (value->kind != YAML_MAP || !yaml_get(value, "default"))
		return yaml_problem(
			value, parse->problem,
			"`branches` is a map {pattern: rules, default: closed or rules}; `default` is missing");
	if (value->n > BRANCHES_MAX)
		return yaml_problem(value, parse->problem, "more than %d branches", BRANCHES_MAX);
	all = arena_alloc(parse->arena, value->n, sizeof *all);
	for (size_t i = 0; i < value->n; i++) {
		bool other = text_is(value->keys[i].text, "default");
		size_t at = other ? value->n - 1 : policy->branches.n;

		ok = read_branch(&nest, value, i, &all[at]) && ok;
		policy->branches.n += !other;
	}
	policy->branches.items = all;
	policy->branches.n = value->n;
	return ok && reached(parse, value, &policy->branches);
}
