/* Any bytes are imported or refused with a reason; what is written is a policy, and imports as itself. */
#include "policy/import.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct policy_defaults defaults = {.approvals = 2};
	auto_arena struct arena arena = ARENA_EMPTY;
	struct problem_list *refused = arena_alloc(&arena, 1, sizeof *refused);
	struct problem problem = {0, 0, ""};
	const struct policy *policy = NULL;
	struct import once = {0}, twice = {0};

	if (!policy_import((struct text){(const char *)data, size}, &arena, &once, refused)) {
		assert(refused->n > 0 && refused->items[0].text[0] != '\0');
		return 0;
	}
	assert(refused->n == 0);
	assert(policy_parse(once.policy, &defaults, &arena, &policy, &problem));
	assert(policy_import(once.policy, &arena, &twice, refused));
	assert(twice.n == 0);
	assert(text_eq(once.policy, twice.policy));
	return 0;
}
