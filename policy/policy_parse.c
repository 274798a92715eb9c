/*
 * Text to nodes (yaml.c), maps by table (keys.c), then names to rules (policy_combine.c). Every mistake is told, in the
 * order of the file.
 */
#include "policy/attribution.h"
#include "policy/keys.h"
#include "policy/lint.h"
#include "policy/methods.h"
#include "policy/remote.h"
#include "policy/rules.h"

#include <stdlib.h>

struct document {
	const struct yaml *policy, *rules, *defaults, *approval, *branches, *contexts, *pushes;
	struct rule_options options; /* of every rule that does not say otherwise */
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

static bool keep_branches(struct parse *parse, const struct yaml *value, void *out)
{
	struct document *document = out;

	(void)parse;
	document->branches = value;
	return true;
}

static bool keep_contexts(struct parse *parse, const struct yaml *value, void *out)
{
	struct document *document = out;

	(void)parse;
	document->contexts = value;
	return true;
}

static bool keep_pushes(struct parse *parse, const struct yaml *value, void *out)
{
	struct document *document = out;

	(void)parse;
	document->pushes = value;
	return true;
}

static bool keep_defaults(struct parse *parse, const struct yaml *value, void *out)
{
	struct document *document = out;

	(void)parse;
	document->defaults = value;
	return true;
}

static bool blocks(struct parse *parse, const struct yaml *value, void *out)
{
	struct document *document = out;

	return read_disapproval(parse, value, document->result);
}

static bool guards(struct parse *parse, const struct yaml *value, void *out)
{
	struct document *document = out;

	return read_guards(parse, value, document->result);
}

static bool attribution(struct parse *parse, const struct yaml *value, void *out)
{
	struct document *document = out;

	return read_attribution(parse, value, document->result);
}

static const struct key policy_rows[] = {
	{{"policy", "map", "what must hold"}, keep_policy},
	{{"approval_rules", "[rule]", "the rules that policy.approval and policy.branches name"}, keep_rules},
	{{"approval_defaults", "{options: options}", "options of every rule that does not say otherwise"},
	 keep_defaults},
	{{"policy.approval", "[entry]",
	  "all entries must be met; an entry is a rule's name, {and: [entry]}, {or: [entry]} or {at_least: {count, "
	  "of}}"},
	 keep_approval},
	{{"policy.branches", "{*: [entry] | closed, default!: [entry] | closed}",
	  "by the base branch, besides `approval`: the entries of the first pattern that matches must be met"},
	 keep_branches},
	{{"policy.disapproval", "map", "who and what can block a change"}, blocks},
	{{"policy.guards", "map", "the guards that stand beside the rules"}, guards},
	{{"policy.contexts", "{*: context}", "more statuses, by name: each with its own approval"}, keep_contexts},
	{{"policy.pushes", "{*: push}", "by branch: what a commit needs that is pushed there without a change"},
	 keep_pushes},
	{{"policy.attribution", "map", "whose commits are that the forge gives to no account"}, attribution},
};
const struct keys keys_policy = KEYS(policy_rows);
static const struct keys top_keys = {policy_rows, 3},
			 inner_keys = {policy_rows + 3, sizeof policy_rows / sizeof policy_rows[0] - 3};

static bool only_name(struct parse *parse, const struct policy *policy, size_t i)
{
	const struct rule *rule = &policy->rules[i];
	const struct yaml at = {.line = rule->line, .column = rule->column};

	for (size_t k = 0; k < i && rule->name.len > 0; k++)
		if (text_eq(rule->name, policy->rules[k].name))
			return yaml_problem(&at, parse->problem, "a second rule named `%.*s` (first in line %u)",
					    TEXT_ARG(text_cut(rule->name, 60)), policy->rules[k].line);
	return true;
}

static bool parse_rules(struct parse *parse, const struct yaml *list, struct document *document)
{
	struct policy *policy = document->result;
	bool ok = true;

	parse->names_missing = list->kind != YAML_LIST || list->n > POLICY_RULES_MAX;
	if (list->kind != YAML_LIST)
		return yaml_problem(list, parse->problem, "`approval_rules` must be a list of rules");
	if (list->n > POLICY_RULES_MAX)
		return yaml_problem(list, parse->problem, "more than %d rules", POLICY_RULES_MAX);
	policy->rules = arena_alloc(parse->arena, list->n, sizeof *policy->rules);
	for (size_t i = 0; i < list->n; i++) {
		policy->rules[i].options = document->options;
		if (!rule_parse(parse, &list->items[i], &policy->rules[i]))
			ok = parse_failed(parse);
		policy->n_rules = i + 1;
		parse->names_missing = parse->names_missing || policy->rules[i].name.len == 0;
		if (!only_name(parse, policy, i))
			ok = parse_failed(parse);
	}
	return ok;
}

static bool parse_approval(struct parse *parse, const struct yaml *root, const struct document *document)
{
	bool ok = true;

	if (!document->approval && !document->branches && parse->errors->n > 0)
		return false; /* it may be there under a misspelt name */
	if (!document->approval && !document->branches) {
		(void)yaml_problem(document->policy ? document->policy : root, parse->problem,
				   "`policy.approval` is missing");
		return parse_failed(parse);
	}
	if (document->approval && !read_approval(parse, document->approval, document->result))
		ok = parse_failed(parse);
	if (document->branches && !read_branches(parse, document->branches, document->result))
		ok = parse_failed(parse);
	if (document->contexts && !read_contexts(parse, document->contexts, document->result))
		ok = parse_failed(parse);
	if (document->pushes && !read_pushes(parse, document->pushes, document->result))
		ok = parse_failed(parse);
	return ok;
}

static bool is_used(const struct policy *policy, size_t rule)
{
	bool used = policy->rules[rule].used;

	for (size_t i = 0; i < policy->n_contexts; i++)
		used = used || policy->contexts[i].rules[rule].used;
	for (size_t i = 0; i < policy->pushes.n; i++)
		used = used || policy->pushes.items[i].policy->rules[rule].used;
	return used;
}

static bool all_used(struct parse *parse, const struct policy *policy)
{
	bool ok = true;

	for (size_t i = 0; i < policy->n_rules; i++) {
		const struct yaml at = {.line = policy->rules[i].line, .column = policy->rules[i].column};

		if (is_used(policy, i) || policy->rules[i].name.len == 0)
			continue;
		(void)yaml_problem(&at, parse->problem, "rule `%.*s` is not used in policy.approval",
				   TEXT_ARG(text_cut(policy->rules[i].name, 60)));
		ok = parse_failed(parse);
	}
	return ok;
}

/* Every part is read whatever is wrong with the others; which rules are used is only known where all names are. */
static bool parse_document(struct parse *parse, const struct yaml *root, struct policy *policy)
{
	struct document document = {.result = policy};
	bool ok = keys_read(parse, root, &top_keys, "the policy file", &document) || parse_failed(parse);

	parse->names_missing = !document.rules && !ok; /* they may be there under a misspelt key */
	if (document.policy && !keys_read(parse, document.policy, &inner_keys, "policy", &document))
		ok = parse_failed(parse);
	if (document.policy)
		objections_lint(parse, document.policy, policy);
	if (document.defaults && !read_defaults(parse, document.defaults, &document.options))
		ok = parse_failed(parse);
	if (document.rules && !parse_rules(parse, document.rules, &document))
		ok = parse_failed(parse);
	if (!parse_approval(parse, root, &document))
		return false;
	return all_used(parse, policy) && ok && policy_lint(parse, policy);
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

static int by_place(const void *left, const void *right)
{
	const struct problem *a = left, *b = right;

	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return (a->column > b->column) - (a->column < b->column);
}

static void sort_problems(struct problem_list *list)
{
	qsort(list->items, list->n, sizeof *list->items, by_place);
}

bool policy_compile(struct text bytes, struct arena *arena, struct policy *ret, const struct reports *reports)
{
	static const struct yaml_limits limits = {POLICY_BYTES_MAX, POLICY_DEPTH_MAX, POLICY_NODES_MAX,
						  POLICY_ALIASES_MAX};
	struct problem problem = {0};
	struct parse parse = {.arena = arena, .problem = &problem, .errors = reports->errors, .lints = reports->lints};
	struct policy policy = {0};
	const struct yaml *root;

	*reports->errors = *reports->lints = (struct problem_list){0};
	if (!yaml_parse(bytes, &limits, arena, &root, &problem))
		return parse_failed(&parse);
	if (remote_key(root)) {
		(void)yaml_problem(remote_key(root), &problem,
				   "this file only names another repository's policy, and is none");
		return parse_failed(&parse);
	}
	policy.builtin = empty(root);
	if (!policy.builtin && !parse_document(&parse, root, &policy)) {
		sort_problems(reports->errors);
		return false;
	}
	sort_problems(reports->lints);
	*ret = policy;
	return true;
}

bool policy_check(struct text bytes, const struct policy_defaults *defaults, struct arena *arena,
		  const struct policy **ret, struct problem_list *errors, struct problem_list *lints)
{
	struct policy *policy = arena_alloc(arena, 1, sizeof *policy);
	struct problem problem = {0};

	if (!policy_compile(bytes, arena, policy, &(struct reports){errors, lints}))
		return false;
	if (policy->builtin) {
		*ret = policy_builtin(defaults, arena);
		return true;
	}
	policy_finish(policy, defaults, arena);
	if (!contexts_check(&(struct parse){.arena = arena, .problem = &problem, .errors = errors, .lints = lints},
			    policy, defaults))
		return false;
	*ret = policy;
	return true;
}

bool policy_parse(struct text bytes, const struct policy_defaults *defaults, struct arena *arena,
		  const struct policy **ret, struct problem *problem)
{
	struct problem_list *lists = arena_alloc(arena, 2, sizeof *lists);

	if (policy_check(bytes, defaults, arena, ret, &lists[0], &lists[1]))
		return true;
	*problem = lists[0].items[0];
	return false;
}

const struct policy_key *policy_key_at(size_t i)
{
	static const struct keys *const tables[] = {&keys_remote,  &keys_policy,      &keys_at_least, &keys_disapproval,
						    &keys_guards,  &keys_attribution, &keys_context,  &keys_push,
						    &keys_rule,    &keys_requires,    &keys_owners,   &keys_options,
						    &keys_request, &keys_unknown,     &keys_methods,  &keys_delegation};
	const struct predicate *predicate;

	for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++) {
		if (i < tables[t]->n)
			return &tables[t]->rows[i].doc;
		i -= tables[t]->n;
	}
	for (size_t k = 0; (predicate = predicate_at(k)) != NULL; k++)
		if (i-- == 0)
			return &predicate->doc;
	predicate = bug_predicate_at(i);
	return predicate ? &predicate->doc : NULL;
}
