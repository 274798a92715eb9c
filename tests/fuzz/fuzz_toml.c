/* Any bytes are a tree within the limits, or a problem with a place. */
#include "policy/toml.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned walk(const struct toml *node, unsigned depth)
{
	unsigned nodes = 1;
	size_t n = 0;

	assert(depth <= TOML_DEPTH_LIMIT && node->line > 0 && node->column > 0);
	assert(text_utf8(node->key) && text_utf8(node->text));
	for (const struct toml *member = node->first; member; member = member->next, n++) {
		assert(node->kind != TOML_TABLE || toml_get(node, member->key) == member);
		nodes += walk(member, depth + 1);
	}
	assert(n == node->n);
	return nodes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct toml_limits limits = {64 * 1024, TOML_DEPTH_LIMIT, 2000};
	auto_arena struct arena arena = ARENA_EMPTY;
	struct problem problem = {0, 0, ""};
	const struct toml *root = NULL;

	if (toml_parse((struct text){(const char *)data, size}, &limits, &arena, &root, &problem))
		assert(problem.text[0] == '\0' && walk(root, 0) <= limits.nodes);
	else
		assert(problem.text[0] != '\0' && !root);
	return 0;
}
