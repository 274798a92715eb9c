/* Any bytes are a dump or a named error; what was read goes through a table and a dump and says the same. */
#include "agent/tracker/dump.h"

#include <assert.h>

#include "policy/when.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW INT64_C(1790000000000)

static void there_and_back(struct dump *dump, struct arena *arena)
{
	struct bug_table *table = bug_table_new(3600000), *back = bug_table_new(3600000);
	struct err err = ERR_NONE;
	struct dump again;
	struct bug_table_run run, same;
	struct text text;

	(void)dump_apply(dump, NOW, table);
	text = dump_write(table, TEXT_LIT("t"), NOW, arena);
	assert(dump_read(text, NOW, arena, &again, &err));
	(void)dump_apply(&again, NOW, back);
	for (uint32_t after = 0; bug_table_next(table, after, &run); after = run.last)
		for (uint32_t id = run.first; id <= run.last; id = run.last > id + 1 ? run.last : id + 1)
			assert(bug_table_state(back, id) == run.state);
	for (uint32_t after = 0; bug_table_next(back, after, &same); after = same.last)
		assert(bug_table_state(table, same.first) == same.state);
	bug_table_free(table);
	bug_table_free(back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct err err = ERR_NONE;
	struct dump dump = {.n = 0};
	uint64_t bugs = 0;

	if (!dump_read((struct text){(const char *)data, size}, NOW, &arena, &dump, &err)) {
		assert(err.code != ERR_OK && err.text[0] != '\0' && dump.n == 0);
		return 0;
	}
	for (size_t i = 0; i < dump.n; i++) {
		const struct bug_table_run *at = &dump.runs[i];

		assert(at->first > 0 && at->first <= at->last && at->last <= TABLE_ID_MAX);
		assert(at->state != TABLE_UNKNOWN && (at->first == at->last || at->state == TABLE_INSECURE));
		assert(at->version == WHEN_UNKNOWN || (at->version >= 0 && at->version <= NOW + DUMP_FUTURE_MS));
		bugs += at->last - at->first + 1;
	}
	if (bugs < 100000) /* a table of all is slow, and no different */
		there_and_back(&dump, &arena);
	return 0;
}
