/* Any bytes as a tracker's delivery: no crash, and what is kept is derived facts that survive the journal's form. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "webhooks/bugzilla.h"
#include "webhooks/event_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct bugzilla_hook hook = {.tracker = {"bmo", 3}};
	auto_arena struct arena arena = ARENA_EMPTY;
	struct delivery d = {.guid = TEXT_LIT("g")};
	struct err err = ERR_NONE;
	struct event back;

	if (!normalize_bugzilla(&hook, (struct text){(const char *)data, size}, &arena, &d, &err)) {
		assert(err.code == ERR_INVALID && d.fate == 0);
		return 0;
	}
	assert(d.fate == DELIVERY_QUARANTINED ? d.note.len > 0 && d.event.kind == EVENT_IGNORED
					      : d.event.bug.id > 0 && d.event.bug.id <= INT32_MAX);
	assert(d.event.bug.touched >= 0 && d.event.bug.touched <= BUG_TOUCHED_ALL);
	assert(d.body.len < 512); /* nothing of any length goes through */
	assert(event_decode(d.body, &arena, &back, &err));
	assert(text_eq(event_encode(&back, &arena), d.body));
	return 0;
}
