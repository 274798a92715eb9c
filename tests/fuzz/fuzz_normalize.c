/* Any bytes as the payload of any event: no crash, and what is applied survives the journal's form. */
#include <assert.h>
#include <stdint.h>

#include "webhooks/event_json.h"
#include "webhooks/normalize.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct text event_name(uint8_t choice)
{
	size_t n = 0;

	while (normalize_row_at(n))
		n++;
	return text_of(choice % (n + 1) == n ? "sabotage" : normalize_row_at(choice % (n + 1))->name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct delivery d = {0};
	struct err err = ERR_NONE;
	struct event back;
	struct text stored;

	if (size == 0)
		return 0;
	if (!normalize_github(event_name(data[0]), (struct text){(const char *)data + 1, size - 1}, &arena, &d, &err)) {
		assert(err.code == ERR_INVALID && d.fate == 0);
		return 0;
	}
	assert(d.fate == DELIVERY_APPLY || (d.note.len > 0 && d.event.kind == EVENT_IGNORED));
	stored = event_encode(&d.event, &arena);
	assert(event_decode(stored, &arena, &back, &err));
	assert(text_eq(event_encode(&back, &arena), stored));
	return 0;
}
