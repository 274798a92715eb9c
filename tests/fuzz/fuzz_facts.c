/*
 * Any bytes are facts or an error that says why. What was read is written and read again as the same; the built-in
 * policy has an answer to it in the bounds of a status, and allows nothing that it does not know to be open.
 */
#include "agent/base/facts_json.h"
#include "policy/policy.h"

#include <assert.h>

enum { CHANGES_MAX = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(struct facts *facts, struct arena *arena)
{
	static const struct policy_defaults defaults = {.approvals = 2};
	struct governed governed[CHANGES_MAX];
	const struct policy *policy = policy_builtin(&defaults, arena);
	struct verdict verdict;

	if (facts_changes(facts) > CHANGES_MAX)
		return;
	for (size_t i = 0; i < CHANGES_MAX; i++)
		governed[i] = (struct governed){policy, NULL};
	policy_judge(governed, facts, arena, &verdict);
	assert(verdict.text.len <= STATUS_TEXT_MAX && verdict.public_text.len <= STATUS_TEXT_MAX);
	assert(verdict.decision != DECISION_ALLOWED || facts->changes_known || facts->n_groups > 0);
	for (size_t i = 0; verdict.decision == DECISION_ALLOWED && i < facts->n_changes; i++)
		assert((facts->changes[i].known & FACT_STATE) && facts->changes[i].open && !facts->changes[i].merged);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct facts facts, again;
	struct err err = ERR_NONE;
	struct text first, second;

	if (!facts_decode((struct text){(const char *)data, size}, &arena, &facts, &err)) {
		assert(err.text[0] != '\0');
		return 0;
	}
	first = facts_encode(&facts, &arena);
	assert(facts_decode(first, &arena, &again, &err));
	second = facts_encode(&again, &arena);
	assert(text_eq(first, second));
	assert(facts_bytes(&facts) == facts_bytes(&again));
	judge(&again, &arena);
	return 0;
}
