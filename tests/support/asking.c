#include "tests/support/asking.h"

#include "policy/rules.h"

#include <check.h>

#define FORMAT "policy: {approval: [r]}\napproval_rules:\n- {name: r, requires: {conditions: {%s}}}\n"

static struct answer asked(struct example *c, const char *block)
{
	const struct policy *policy = NULL;
	struct problem problem = {0, 0, ""};
	struct judging on = {&c->facts, &c->change, &c->arena, NULL};

	if (!policy_parse(arena_printf(&c->arena, FORMAT, block), NULL, &c->arena, &policy, &problem))
		ck_abort_msg("%s: %u:%u %s", block, problem.line, problem.column, problem.text);
	return conditions_ask(&policy->rules[0].requires, &on);
}

struct answer ask(struct example *c, const char *block)
{
	static const enum tri turned[] = {[TRI_UNKNOWN] = TRI_UNKNOWN, [TRI_NO] = TRI_YES, [TRI_YES] = TRI_NO};
	struct answer answer = asked(c, block);
	struct answer not = asked(c, arena_printf(&c->arena, "not: {%s}", block).at);

	ck_assert_msg(not .holds == turned[answer.holds], "not: {%s}", block);
	ck_assert_msg(answer.holds == TRI_YES || answer.why.len > 0, "%s: no reason", block);
	ck_assert_msg(not .holds == TRI_YES || not .why.len > 0, "not: {%s}: no reason", block);
	for (size_t i = 0; i < answer.why.len; i++)
		ck_assert_msg(answer.why.at[i] >= 0x20 && answer.why.at[i] < 0x7f, "%s: not printable", block);
	ck_assert_uint_le(answer.why.len, 300);
	return answer;
}

const struct problem *ask_refused(struct example *c, const char *block)
{
	const struct policy *policy = NULL;
	struct problem *problem = arena_alloc(&c->arena, 1, sizeof *problem);

	if (policy_parse(arena_printf(&c->arena, FORMAT, block), NULL, &c->arena, &policy, problem))
		ck_abort_msg("%s is not refused", block);
	return problem;
}
