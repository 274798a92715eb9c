#include "policy/keys.h"
#include "policy/predicate.h"

static bool read_pattern(struct parse *parse, const struct yaml *value, void *out)
{
	return read_regex(parse, value, out);
}

bool targets_branch_read(struct parse *parse, const struct yaml *value, const void **ret_args)
{
	static const struct key rows[] = {{{"pattern", NULL, NULL}, read_pattern}};
	static const struct keys keys = KEYS(rows);
	const struct regex *regex = NULL;

	if (!keys_read(parse, value, &keys, "targets_branch", &regex))
		return false;
	if (!regex)
		return yaml_problem(value, parse->problem, "`targets_branch` needs a `pattern`");
	*ret_args = regex;
	return true;
}

struct answer targets_branch_ask(const void *args, const struct judging *on)
{
	struct text branch = on->change->base_ref;
	enum tri holds = branch.len == 0 ? TRI_UNKNOWN : regex_search(args, branch);

	if (holds == TRI_UNKNOWN)
		return answer_unknown(TEXT_LIT("the base branch"));
	if (holds == TRI_NO)
		return answer_no(TEXT_LIT("the base branch is not one that the rule names"));
	return answer_yes(TEXT_LIT("the base branch is one that the rule names"));
}
