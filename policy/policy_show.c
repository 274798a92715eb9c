#include "policy/rules.h"

bool policy_rule_at(const struct policy *policy, size_t i, struct policy_rule *ret)
{
	const struct rule *rule;

	if (i >= policy->n_rules)
		return false;
	rule = &policy->rules[i];
	*ret = (struct policy_rule){.name = rule->name,
				    .description = rule->description,
				    .line = rule->line,
				    .column = rule->column,
				    .mode = rule->mode,
				    .restricted = rule->restricted,
				    .hook_allows = rule->hook_allows};
	return true;
}

bool policy_key_is_condition(const struct policy_key *key)
{
	const struct predicate *predicate;

	for (size_t i = 0; (predicate = predicate_at(i)); i++)
		if (&predicate->doc == key)
			return true;
	return false;
}
