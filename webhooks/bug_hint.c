#include "webhooks/bug_hint.h"

#include "webhooks/event_json.h"

bool bug_hint_scan(const struct bug_hint_fields *fields, struct text body, struct arena *scratch,
		   struct scan_value *values, struct err *err)
{
	const struct scan_plan *plan = scan_plan_new(fields->paths, fields->n);
	bool ok = scan_run(plan, body, scratch, values, err);

	scan_plan_free(plan);
	if (ok && values[fields->n - 1].type != SCAN_OBJECT)
		return err_set(err, ERR_INVALID, "not a JSON object");
	return ok;
}

struct delivery bug_hint_begin(const char *source, struct text tracker)
{
	struct delivery d = {.source = text_of(source), .name = TEXT_LIT("bug"), .fate = DELIVERY_APPLY};

	d.event = event_unknown();
	d.event.name = d.name;
	d.event.bug.tracker = tracker;
	return d;
}

bool bug_hint_set(struct delivery *d, enum delivery_fate fate, const char *note)
{
	d->fate = fate;
	d->note = text_of(note);
	return false;
}

void bug_hint_end(struct delivery *d, struct arena *arena, struct delivery *ret)
{
	if (d->fate != DELIVERY_APPLY)
		d->event.kind = EVENT_IGNORED;
	d->event.action = d->action;
	d->body = event_encode(&d->event, arena);
	d->guid = ret->guid;
	d->secret_index = ret->secret_index;
	*ret = *d;
}
