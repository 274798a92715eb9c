#include "agent/work/receive_said.h"

#include "agent/tracker/dump.h"
#include "agent/work/receive_door.h"
#include "webhooks/crypto.h"
#include "webhooks/event_json.h"
#include "webhooks/head.h"
#include "webhooks/refusal.h"

/* ---- which tracker, and who says it ---- */

/* *ret_number: the last part of the path. NULL: no tracker is meant. */
static const struct said_tracker *tracker_of(const struct receive_said *said, struct text path, struct text *ret_number)
{
	struct text prefix = TEXT_LIT(RECEIVE_SAID_PATH), rest, name;
	size_t slash;

	if (!text_starts(path, prefix))
		return NULL;
	rest = (struct text){path.at + prefix.len, path.len - prefix.len};
	slash = text_find(rest, TEXT_LIT("/"));
	*ret_number = rest;
	if (slash == SIZE_MAX)
		return said->n == 1 ? &said->trackers[0] : NULL; /* of several, none is meant */
	name = (struct text){rest.at, slash};
	*ret_number = (struct text){rest.at + slash + 1, rest.len - slash - 1};
	for (size_t i = 0; i < said->n; i++)
		if (text_eq(said->trackers[i].tracker, name))
			return &said->trackers[i];
	return NULL;
}

/* Every token is tried, whichever matched: the time taken tells nothing of them. */
static bool token_holds(const struct said_tracker *tracker, struct text token, int64_t now, unsigned *ret_index)
{
	bool held = false;

	for (unsigned i = 0; i < tracker->n; i++) {
		const struct intake_secret *one = &tracker->tokens[i];
		bool same = crypto_equal_texts(token, one->bytes);

		if (same && (one->until_ms == WHEN_UNKNOWN || now < one->until_ms)) {
			*ret_index = i;
			held = true;
		}
	}
	return held;
}

static bool admit(const struct receive_said *said, const struct said_tracker *tracker, const struct exchange *exchange,
		  unsigned *ret_index, struct refusal *refusal)
{
	const struct text scheme = TEXT_LIT("Bearer ");
	const struct clock_port *wall = &said->receive->clock;
	struct text value = TEXT_EMPTY;

	if (exchange_headers(exchange, "Authorization", &value) != 1 || value.len < scheme.len ||
	    !text_eq_nocase((struct text){value.at, scheme.len}, scheme))
		return refuse(refusal, REASON_BEARER);
	value = (struct text){value.at + scheme.len, value.len - scheme.len};
	return token_holds(tracker, value, wall->wall(wall->self), ret_index) || refuse(refusal, REASON_BAD_TOKEN);
}

/* ---- what is said ---- */

static bool is_json(const struct exchange *exchange, struct refusal *refusal)
{
	static const char *const names[] = {"Content-Type", "Content-Encoding"};
	struct header lines[sizeof names / sizeof names[0] * RECEIVE_DOOR_LINES];
	size_t n = receive_door_lines(exchange, names, sizeof names / sizeof names[0], lines);

	return head_content(lines, n, refusal);
}

/* Without a time it is of now; what claims to be of later is, too, so that what comes next is newer. */
static bool read_said(const struct exchange *exchange, struct text number, int64_t now, struct bug_table_run *ret,
		      struct refusal *refusal)
{
	struct text body = exchange_body(exchange);
	struct err err = ERR_NONE;
	int64_t id;

	if (!text_int64(number, &id) || id <= 0 || id > TABLE_ID_MAX)
		return refuse(refusal, REASON_BAD_BUG);
	*ret = (struct bug_table_run){(uint32_t)id, (uint32_t)id,
				      text_is(exchange_method(exchange), "DELETE") ? TABLE_INSECURE : TABLE_SECURE,
				      WHEN_UNKNOWN};
	if (body.len > 0 && !is_json(exchange, refusal))
		return false;
	if (body.len > 0 && !dump_read_one(body, now, ret, &err))
		return refuse_with(refusal, REASON_BAD_BODY, "%s", err.text);
	if (ret->version == WHEN_UNKNOWN || ret->version > now)
		ret->version = now;
	return true;
}

/* The names do not tell PUT from DELETE: logs and counters have them. */
static void fill(const struct said_tracker *tracker, const struct bug_table_run *run, struct arena *arena,
		 struct delivery *ret)
{
	static const enum bug_said by_state[] = {[TABLE_INSECURE] = BUG_SAID_INSECURE,
						 [TABLE_SECURE] = BUG_SAID_SECURE,
						 [TABLE_APPROVED] = BUG_SAID_APPROVED};
	struct event event = event_unknown();

	event.kind = EVENT_BUG;
	event.name = TEXT_LIT("bug");
	event.action = TEXT_LIT("said");
	event.bug.tracker = tracker->tracker;
	event.bug.id = run->first;
	event.bug.touched = BUG_TOUCHED_ALL;
	event.bug.at = run->version;
	event.bug.said = by_state[run->state];
	ret->source = TEXT_LIT("api");
	ret->name = event.name;
	ret->action = event.action;
	ret->fate = DELIVERY_APPLY;
	ret->event = event;
	ret->body = event_encode(&event, arena);
}

/* ---- the request ---- */

static void count_token(const struct receive_said *said, const struct said_tracker *tracker, unsigned index)
{
	char digits[12];
	const struct text labels[] = {tracker->tracker, {digits, (size_t)snprintf(digits, sizeof digits, "%u", index)}};

	metrics_add(said->receive->metrics, METRIC_TOKEN_USED, labels, 1);
}

static bool understand(const struct receive_said *said, struct exchange *exchange, struct arena *arena,
		       struct delivery *ret, struct refusal *refusal)
{
	struct text number = TEXT_EMPTY;
	const struct said_tracker *tracker = tracker_of(said, exchange_path(exchange), &number);
	struct bug_table_run run;
	unsigned index = 0;

	if (!tracker)
		return refuse(refusal, REASON_NOT_FOUND);
	if (!admit(said, tracker, exchange, &index, refusal))
		return false;
	count_token(said, tracker, index);
	if (!read_said(exchange, number, said->clock.wall(said->clock.self), &run, refusal))
		return false;
	fill(tracker, &run, arena, ret);
	return true;
}

void receive_said_handle(void *context, struct exchange *exchange, const struct verified *verified)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct receive_said *said = context;
	char id[RECEIVE_ID_LEN + 1];
	struct delivery delivery = {.guid = {id, RECEIVE_ID_LEN}};
	struct err err = ERR_NONE;
	struct refusal refusal;

	(void)verified;
	if (understand(said, exchange, &arena, &delivery, &refusal) &&
	    (receive_id(id, &err) || refuse(&refusal, REASON_BUSY))) {
		receive_keep(said->receive, exchange, &delivery);
		return;
	}
	if (said->refused)
		said->refused(said->refused_context, TEXT_EMPTY, &refusal);
	exchange_refuse(exchange, &refusal);
}
