/*
 * Any bytes as a delivery about an issue: the first says of which event. No crash, and what is kept is derived facts
 * that survive the journal's form.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "webhooks/event_json.h"
#include "webhooks/issues.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct text flags[] = {{"sec-approval", 12}};
	static const struct issues_hook hook = {
		.tracker = {"gh", 2}, .repo = {"acme/engine", 11}, .flags = flags, .n_flags = 1};
	static const char *const events[] = {"issues", "issue_comment", "label"};
	auto_arena struct arena arena = ARENA_EMPTY;
	struct delivery d = {.guid = TEXT_LIT("g")};
	struct err err = ERR_NONE;
	struct event back;
	struct issues_told told;

	if (size == 0)
		return 0;
	told = (struct issues_told){text_of(events[data[0] % 3]), {(const char *)data + 1, size - 1}};
	if (!normalize_issues(&hook, &told, &arena, &d, &err)) {
		assert(err.code == ERR_INVALID && d.fate == 0);
		return 0;
	}
	assert(d.fate == DELIVERY_APPLY ? d.event.kind == EVENT_BUG && d.event.bug.id > 0 : d.note.len > 0);
	assert(d.fate == DELIVERY_APPLY || d.event.kind == EVENT_IGNORED);
	assert(d.event.bug.touched >= 0 && d.event.bug.touched <= BUG_TOUCHED_ALL);
	assert(d.body.len < 512); /* nothing of any length goes through */
	assert(event_decode(d.body, &arena, &back, &err));
	assert(text_eq(event_encode(&back, &arena), d.body));
	return 0;
}
