/* Any bytes are a message; its tokens lie in the first line and are made of the grammar's bytes. */
#include "policy/message.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct message message;

	message_parse((struct text){(const char *)data, size}, &arena, &message);
	assert(message.first_line.len <= size);
	assert(!message.suspicious || (message.n_tokens == 0 && message.why_suspicious));
	for (size_t i = 0; i < message.n_tokens; i++) {
		struct text name = message.tokens[i].name;

		assert(name.len > 0 && name.at[name.len - 1] != '.');
		assert(name.at > message.first_line.at);
		assert(name.at + name.len <= message.first_line.at + message.first_line.len);
		for (size_t k = 0; k < name.len; k++)
			assert(name.at[k] == '.' || name.at[k] == '-' || name.at[k] == '_' ||
			       (name.at[k] >= '0' && name.at[k] <= '9') || (name.at[k] >= 'A' && name.at[k] <= 'Z') ||
			       (name.at[k] >= 'a' && name.at[k] <= 'z'));
	}
	return 0;
}
