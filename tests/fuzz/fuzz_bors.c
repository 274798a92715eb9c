/* Any bytes are the keys of bors.toml or a problem, and what is made of the keys is YAML. */
#include "policy/bors_import.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct yaml_limits limits = {8 * BORS_BYTES_MAX, 64, 20000, 0};
	auto_arena struct arena arena = ARENA_EMPTY;
	struct problem problem = {0, 0, ""};
	const struct yaml *root = NULL;
	struct bors bors;

	if (!bors_parse((struct text){(const char *)data, size}, &arena, &bors, &problem)) {
		assert(problem.text[0] != '\0');
		return 0;
	}
	assert(yaml_parse(bors_policy(&bors, &arena), &limits, &arena, &root, &problem));
	assert(root->kind == YAML_MAP && root->n == 2 &&
	       yaml_get(root, "approval_rules")->n == (bors.use_codeowners ? 2 : 1));
	return 0;
}
