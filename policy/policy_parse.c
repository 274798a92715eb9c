/*
 * Text to nodes (yaml.c), maps by table (keys.c), then names to rules. Rules are read before the conjunctions that
 * name them, wherever they stand in the file, so that every name is resolved once and each problem has its place.
 */
#include "policy/keys.h"
#include "policy/rules.h"

#include <string.h>

#define COMBINE_DEPTH_MAX 10

struct document {
	const struct yaml *policy, *rules, *approval;
	struct policy *result;
};

static bool keep_policy(struct parse *parse, const struct yaml *value, void *out)
{
	struct document *document = out;

	(void)parse;
	document->policy = value;
	return true;
}

static bool keep_rules(struct parse *parse, const struct yaml *value, void *out)
{
	struct document *document = out;

	(void)parse;
	document->rules = value;
	return true;
}

static bool keep_approval(struct parse *parse, const struct yaml *value, void *out)
{
	struct document *document = out;

	(void)parse;
	document->approval = value;
	return true;
}

static bool objector_method(struct parse *parse, const struct yaml *value, void *out)
{
	return keys_read(parse, value, &keys_methods, "methods", out);
}

static bool objector_methods(struct parse *parse, const struct yaml *value, void *out)
{
	static const struct key rows[] = {
		{{"disapprove", NULL, NULL}, objector_method},
		{{"revoke", NULL, NULL}, objector_method},
	};
	static const struct keys keys = KEYS(rows);

	return keys_read(parse, value, &keys, "methods", out);
}

static bool objector_options(struct parse *parse, const struct yaml *value, void *out)
{
	static const struct key rows[] = {{{"methods", NULL, NULL}, objector_methods}};
	static const struct keys keys = KEYS(rows);

	return keys_read(parse, value, &keys, "options", out);
}

static bool objector_requires(struct parse *parse, const struct yaml *value, void *out)
{
	return keys_read(parse, value, &keys_actors, "requires", out);
}

static const struct key disapproval_rows[] = {
	{{"policy.disapproval.requires", ACTORS_TYPE,
	  "whose open \"changes requested\" block, besides those of people with write access"},
	 objector_requires},
	{{"policy.disapproval.options", "{methods: {disapprove, revoke}}",
	  "reviews only: {comments: [], github_review: true}"},
	 objector_options},
};
const struct keys keys_disapproval = KEYS(disapproval_rows);

static bool read_disapproval(struct parse *parse, const struct yaml *value, void *out)
{
	struct document *document = out;

	return keys_read(parse, value, &keys_disapproval, "disapproval", &document->result->objectors);
}

static const struct key policy_rows[] = {
	{{"policy", "map", "what must hold"}, keep_policy},
	{{"approval_rules", "[rule]", "the rules that policy.approval names"}, keep_rules},
	{{"policy.approval", "[rule name | {and: [..]} | {or: [..]}]", "all entries must be met"}, keep_approval},
	{{"policy.disapproval", "map", "who can block a change"}, read_disapproval},
};
const struct keys keys_policy = KEYS(policy_rows);
static const struct keys top_keys = {policy_rows, 2}, inner_keys = {policy_rows + 2, 2};

static bool parse_rules(struct parse *parse, const struct yaml *list, struct policy *policy)
{
	if (list->kind != YAML_LIST)
		return yaml_problem(list, parse->problem, "`approval_rules` must be a list of rules");
	if (list->n > POLICY_RULES_MAX)
		return yaml_problem(list, parse->problem, "more than %d rules", POLICY_RULES_MAX);
	policy->rules = arena_alloc(parse->arena, list->n, sizeof *policy->rules);
	for (size_t i = 0; i < list->n; i++) {
		if (!rule_parse(parse, &list->items[i], &policy->rules[i]))
			return false;
		for (size_t k = 0; k < i; k++)
			if (text_eq(policy->rules[i].name, policy->rules[k].name))
				return yaml_problem(&list->items[i], parse->problem,
						    "a second rule named `%.*s` (first in line %u)",
						    TEXT_ARG(text_cut(policy->rules[i].name, 60)),
						    policy->rules[k].line);
	}
	policy->n_rules = list->n;
	return true;
}

static bool parse_reference(struct parse *parse, const struct yaml *node, struct policy *policy,
			    struct combination *ret)
{
	const char *names[POLICY_RULES_MAX];
	const char *near;

	for (size_t i = 0; i < policy->n_rules; i++) {
		names[i] = policy->rules[i].name.at; /* yaml's texts end with a NUL */
		if (!text_eq(node->text, policy->rules[i].name))
			continue;
		policy->rules[i].used = true;
		*ret = (struct combination){COMBINE_RULE, &policy->rules[i], NULL, 0};
		return true;
	}
	near = text_nearest(node->text, names, policy->n_rules);
	return yaml_problem(node, parse->problem,
			    near ? "no rule is named `%.*s`; did you mean `%s`?" : "no rule is named `%.*s`",
			    TEXT_ARG(text_cut(node->text, 60)), near);
}

struct nest {
	struct parse *parse;
	struct policy *policy;
};

static bool parse_entry(struct nest *nest, const struct yaml *node, unsigned depth, struct combination *ret);

static bool parse_list(struct nest *nest, const struct yaml *list, unsigned depth, struct combination *ret)
{
	struct combination *members;

	if (list->kind != YAML_LIST)
		return yaml_problem(list, nest->parse->problem, "expected a list of rule names, `and` or `or`");
	if (list->n == 0)
		return yaml_problem(list, nest->parse->problem, "an empty list is not allowed here");
	members = arena_alloc(nest->parse->arena, list->n, sizeof *members);
	for (size_t i = 0; i < list->n; i++)
		if (!parse_entry(nest, &list->items[i], depth + 1, &members[i]))
			return false;
	ret->members = members;
	ret->n = list->n;
	return true;
}

static bool parse_entry(struct nest *nest, const struct yaml *node, unsigned depth, struct combination *ret)
{
	struct problem *problem = nest->parse->problem;

	if (depth > COMBINE_DEPTH_MAX)
		return yaml_problem(node, problem, "nested more than %d deep", COMBINE_DEPTH_MAX);
	if (node->kind == YAML_SCALAR)
		return parse_reference(nest->parse, node, nest->policy, ret);
	if (node->kind != YAML_MAP || node->n != 1)
		return yaml_problem(node, problem, "expected a rule name, {and: [..]} or {or: [..]}");
	if (text_is(node->keys[0].text, "and"))
		ret->how = COMBINE_AND;
	else if (text_is(node->keys[0].text, "or"))
		ret->how = COMBINE_OR;
	else
		return yaml_problem(&node->keys[0], problem, "expected `and` or `or`, not `%.*s`",
				    TEXT_ARG(text_cut(node->keys[0].text, 60)));
	return parse_list(nest, &node->items[0], depth, ret);
}

static bool parse_document(struct parse *parse, const struct yaml *root, struct policy *policy)
{
	struct document document = {.result = policy};
	struct nest nest = {parse, policy};

	if (!keys_read(parse, root, &top_keys, "the policy file", &document))
		return false;
	if (document.policy && !keys_read(parse, document.policy, &inner_keys, "policy", &document))
		return false;
	if (document.rules && !parse_rules(parse, document.rules, policy))
		return false;
	if (!document.approval)
		return yaml_problem(document.policy ? document.policy : root, parse->problem,
				    "`policy.approval` is missing");
	policy->approval.how = COMBINE_AND;
	if (!parse_list(&nest, document.approval, 0, &policy->approval))
		return false;
	for (size_t i = 0; i < policy->n_rules; i++)
		if (!policy->rules[i].used) {
			parse->problem->line = policy->rules[i].line;
			parse->problem->column = policy->rules[i].column;
			(void)snprintf(parse->problem->text, sizeof parse->problem->text,
				       "rule `%.*s` is not used in policy.approval",
				       TEXT_ARG(text_cut(policy->rules[i].name, 60)));
			return false;
		}
	return true;
}

/* No document, {} and {policy: , approval_rules: } with nothing in them. */
static bool empty(const struct yaml *root)
{
	if (root->kind == YAML_NULL)
		return true;
	if (root->kind != YAML_MAP)
		return false;
	for (size_t i = 0; i < root->n; i++) {
		bool known = text_is(root->keys[i].text, "policy") || text_is(root->keys[i].text, "approval_rules");

		if (!known ||
		    (root->items[i].kind != YAML_NULL && !(root->items[i].kind == YAML_MAP && root->items[i].n == 0)))
			return false;
	}
	return true;
}

bool policy_compile(struct text bytes, struct arena *arena, struct policy *ret, struct problem *problem)
{
	static const struct yaml_limits limits = {POLICY_BYTES_MAX, POLICY_DEPTH_MAX, POLICY_NODES_MAX};
	struct parse parse = {arena, problem, 0};
	struct policy policy = {0};
	const struct yaml *root;

	if (!yaml_parse(bytes, &limits, arena, &root, problem))
		return false;
	policy.builtin = empty(root);
	if (!policy.builtin && !parse_document(&parse, root, &policy))
		return false;
	*ret = policy;
	return true;
}

bool policy_parse(struct text bytes, const struct policy_defaults *defaults, struct arena *arena,
		  const struct policy **ret, struct problem *problem)
{
	struct policy *policy = arena_alloc(arena, 1, sizeof *policy);

	if (!policy_compile(bytes, arena, policy, problem))
		return false;
	if (policy->builtin) {
		*ret = policy_builtin(defaults, arena);
		return true;
	}
	policy_finish(policy, defaults, arena);
	*ret = policy;
	return true;
}

const struct policy_key *policy_key_at(size_t i)
{
	static const struct keys *const tables[] = {&keys_policy,   &keys_disapproval, &keys_rule,
						    &keys_requires, &keys_options,     &keys_methods};
	const struct predicate *predicate;

	for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++) {
		if (i < tables[t]->n)
			return &tables[t]->rows[i].doc;
		i -= tables[t]->n;
	}
	predicate = predicate_at(i);
	return predicate ? &predicate->doc : NULL;
}
