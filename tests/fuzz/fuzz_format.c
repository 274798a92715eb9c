/* Any bytes: what is written anew reads as the same tree, and is written anew as it stands. */
#include "policy/yaml_format.h"

#include <assert.h>

#include "policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct yaml_limits limits = {POLICY_BYTES_MAX, POLICY_DEPTH_MAX, 20000, 1000};

static void assert_same(const struct yaml *a, const struct yaml *b)
{
	assert(a->kind == b->kind && a->quoted == b->quoted && text_eq(a->text, b->text) && a->n == b->n);
	for (size_t i = 0; i < a->n; i++) {
		assert(!a->keys == !b->keys);
		if (a->keys)
			assert_same(&a->keys[i], &b->keys[i]);
		assert_same(&a->items[i], &b->items[i]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text bytes = {(const char *)data, size}, once = TEXT_EMPTY, twice = TEXT_EMPTY;
	struct problem problem = {0, 0, ""};
	const struct yaml *before = NULL, *after = NULL;
	bool readable = yaml_parse(bytes, &limits, &arena, &before, &problem);

	assert(readable == (problem.text[0] == '\0'));
	if (!yaml_format(bytes, &arena, &once, &problem)) {
		assert(problem.text[0] != '\0');
		return 0;
	}
	assert(readable);
	assert(yaml_parse(once, &limits, &arena, &after, &problem));
	assert_same(before, after);
	assert(yaml_format(once, &arena, &twice, &problem));
	assert(text_eq(once, twice));
	return 0;
}
