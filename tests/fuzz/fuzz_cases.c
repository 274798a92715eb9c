/*
 * Any bytes are cases or refused with a reason; each case gives one verdict, the same every time; and facts that a
 * scene made are facts that another one can go on with. A NUL byte stands between a policy and the cases; without one,
 * and where the first part is no policy, the built-in policy is asked.
 */
#include "policy/cases.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct policy_defaults defaults = {.approvals = 2};

static const struct policy *split(struct text all, struct arena *arena, struct text *ret_cases)
{
	const struct policy *policy = NULL;
	const char *nul = all.len > 0 ? memchr(all.at, '\0', all.len) : NULL;
	struct problem ignored = {0, 0, ""};
	struct text before = {all.at, nul ? (size_t)(nul - all.at) : 0};

	*ret_cases = nul ? (struct text){nul + 1, all.len - before.len - 1} : all;
	if (nul && policy_parse(before, &defaults, arena, &policy, &ignored))
		return policy;
	return policy_builtin(&defaults, arena);
}

/* An empty telling changes nothing of what was told. */
static void goes_on(const struct case_result *result, const struct policy *policy, struct arena *arena)
{
	const struct facts *facts = scene_facts(result->scene);
	struct telling *nothing = arena_alloc(arena, 1, sizeof *nothing);
	struct governed by = {policy, NULL};
	struct problem problem = {0, 0, ""};
	const struct scene *again;
	struct verdict first, second;

	assert(facts->n_changes <= 1);
	if (facts->n_changes == 0)
		return;
	assert(scene_make(nothing, facts, arena, &again, &problem));
	policy_judge(&by, facts, arena, &first);
	policy_judge(&by, scene_facts(again), arena, &second);
	assert(first.decision == second.decision && text_eq(first.text, second.text));
}

static void play(const struct one_case *one, const struct policy *policy, struct arena *arena)
{
	struct governed by = {policy, NULL};
	struct case_result once, again;

	assert(one->name.len > 0 && one->line > 0);
	case_run(one, &by, arena, &once);
	case_run(one, &by, arena, &again);
	assert(once.scene && once.verdict.text.len > 0 && once.verdict.text.len <= STATUS_TEXT_MAX);
	assert(once.verdict.decision == again.verdict.decision && text_eq(once.text, again.text));
	assert(once.n_why == again.n_why);
	assert(once.n_why > 0 || once.verdict.decision == one->expect);
	goes_on(&once, policy, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct problem problem = {0, 0, ""};
	struct text bytes;
	const struct policy *policy = split((struct text){(const char *)data, size}, &arena, &bytes);
	struct cases *cases = arena_alloc(&arena, 1, sizeof *cases);

	if (!cases_read(bytes, &arena, cases, &problem)) {
		assert(problem.text[0] != '\0');
		return 0;
	}
	assert(cases->n > 0);
	for (size_t i = 0; i < cases->n; i++)
		play(&cases->items[i], policy, &arena);
	return 0;
}
