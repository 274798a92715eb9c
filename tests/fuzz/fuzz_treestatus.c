/*
 * Any bytes as treestatus's answer about one tree. No crash; a reason that is bounded and UTF-8; and nothing is open
 * that does not say so about this tree.
 */
#include <assert.h>
#include <stdint.h>

#include "agent/tracker/treestatus.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct text body = {(const char *)data, size};
	struct treestatus_says says = {.state = TREE_UNKNOWN};
	struct err err = ERR_NONE;

	if (!treestatus_read(body, TEXT_LIT("central"), &arena, &says, &err)) {
		assert(err.code == ERR_INVALID && says.state == TREE_UNKNOWN);
		return 0;
	}
	assert(says.state != TREE_UNKNOWN && says.reason.len <= TREE_REASON_MAX && text_utf8(says.reason));
	assert(says.state != TREE_OPEN || says.reason.len == 0);
	assert(text_find(body, TEXT_LIT("result")) != SIZE_MAX || text_find(body, TEXT_LIT("\\u")) != SIZE_MAX);
	return 0;
}
