/* Any bytes are a policy or a problem with a place; a policy judges no facts to anything but allowed. */
#include "policy/policy.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct policy_defaults defaults = {.approvals = 2};
	auto_arena struct arena arena = ARENA_EMPTY;
	struct change change = {.number = 1};
	struct facts facts = {.changes_known = true, .changes = &change, .n_changes = 1};
	struct problem problem = {0, 0, ""};
	struct governed governed = {NULL, NULL};
	struct verdict verdict;

	assert(oid_parse(TEXT_LIT("9a77b03aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), &facts.head));
	if (!policy_parse((struct text){(const char *)data, size}, &defaults, &arena, &governed.policy, &problem)) {
		assert(problem.text[0] != '\0' && !governed.policy);
		governed.problem = &problem;
	}
	policy_judge(&governed, &facts, &arena, &verdict);
	assert(verdict.decision != DECISION_ALLOWED && verdict.text.len <= STATUS_TEXT_MAX);
	return 0;
}
