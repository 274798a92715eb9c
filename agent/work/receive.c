#include "agent/work/receive.h"

#include <stdlib.h>

#include "agent/store/pack.h"
#include "webhooks/crypto.h"
#include "webhooks/event_json.h"

static const struct {
	enum delivery_fate fate;
	enum journal_state state;
	const char *result;
} fates[] = {
	{DELIVERY_APPLY, JOURNAL_WAITING, "accepted"},
	{DELIVERY_IGNORED, JOURNAL_IGNORED, "ignored"},
	{DELIVERY_QUARANTINED, JOURNAL_QUARANTINED, "quarantined"},
};

static size_t fate_of(const struct delivery *delivery)
{
	size_t i = sizeof fates / sizeof fates[0] - 1; /* anything unforeseen is quarantined */

	while (i > 0 && fates[i].fate != delivery->fate)
		i--;
	return fates[i].fate == delivery->fate ? i : sizeof fates / sizeof fates[0] - 1;
}

/* Of a comment below an issue, or of an issue, nothing is used; the repository may be a tracker, and what is written
 * there secret. */
static struct text body_of(const struct delivery *delivery)
{
	bool of_issue = text_is(delivery->name, "issues") || text_is(delivery->name, "issue_comment");

	return of_issue && delivery->fate == DELIVERY_IGNORED ? TEXT_LIT("{}") : delivery->body;
}

bool receive_row(const struct delivery *delivery, int64_t now, struct arena *arena, struct append *ret, struct err *err)
{
	struct text body = body_of(delivery);
	struct append row = {
		.guid = arena_text(arena, delivery->guid),
		.source = delivery->source.len ? arena_text(arena, delivery->source) : TEXT_LIT("github"),
		.event = arena_text(arena, delivery->name),
		.action = arena_text(arena, delivery->action),
		.note = arena_text(arena, delivery->note),
		.repo = delivery->repo,
		.received_at = now,
		.state = fates[fate_of(delivery)].state,
		.body_bytes = (int64_t)body.len,
	};

	if (delivery->fate != DELIVERY_QUARANTINED)
		row.facts = event_encode(&delivery->event, arena);
	if (!pack_text(body, arena, &row.body_lz4, err))
		return false;
	*ret = row;
	return true;
}

static void count(const struct receive *receive, const struct append *row, const char *result)
{
	const struct text labels[] = {row->event, text_of(result)};

	metrics_add(receive->metrics, METRIC_DELIVERIES, labels, 1);
}

/* The installation that was suspended, deleted, installed again, granted more or given another repository; 0: none. */
static int64_t changed_installation(const struct delivery *delivery)
{
	bool its = delivery->fate == DELIVERY_APPLY && delivery->event.kind == EVENT_INSTALLATION;

	return its ? delivery->event.installation : 0;
}

static void tell_access(const struct receive *receive, const struct append *row, int64_t installation)
{
	if (receive->access && installation != 0 && !row->duplicate)
		access_forget(receive->access, installation);
}

bool receive_now(const struct receive *receive, const struct delivery *delivery, bool *ret_duplicate, struct err *err)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct append row;

	if (!receive_row(delivery, receive->clock.wall(receive->clock.self), &arena, &row, err) ||
	    !store_append(receive->store, &row, err))
		return false;
	*ret_duplicate = row.duplicate;
	tell_access(receive, &row, changed_installation(delivery));
	count(receive, &row, row.duplicate ? "duplicate" : fates[fate_of(delivery)].result);
	receive->wake.signal(receive->wake.self, WAKE_JOURNAL);
	return true;
}

struct kept { /* one delivery between the listener and the committer */
	struct store_later later;
	struct append row;
	struct arena arena;
	struct exchange *exchange;
	const struct receive *receive;
	size_t fate;
	int64_t installation; /* changed_installation() */
	int64_t began;
};

static void answer_busy(struct exchange *exchange)
{
	struct refusal refusal = {503, "overloaded",
				  "the journal cannot take this delivery now; deliver it again later", 5};

	exchange_refuse(exchange, &refusal);
}

static const char *result_of(const struct kept *kept)
{
	return kept->row.duplicate ? "duplicate" : fates[kept->fate].result;
}

static void answer_accepted(struct kept *kept)
{
	struct text body = arena_printf(&kept->arena, "{\"delivery\":\"%.*s\",\"result\":\"%s\"}\n",
					TEXT_ARG(kept->row.guid), result_of(kept));
	struct answer answer = {.status = 202, .content_type = "application/json", .body = body};

	exchange_answer(kept->exchange, &answer);
}

static void log_delivery(const struct kept *kept, const struct err *err)
{
	const struct receive *receive = kept->receive;
	struct log_field fields[] = {LOG_T("delivery", kept->row.guid),
				     LOG_T("event", kept->row.event),
				     LOG_T("action", kept->row.action),
				     LOG_I("repo", kept->row.repo),
				     LOG_S("result", err->code != ERR_OK ? err->text : result_of(kept)),
				     LOG_T("note", kept->row.note),
				     LOG_I("dur_ms", receive->clock.mono(receive->clock.self) - kept->began),
				     LOG_DONE};

	log_event(receive->log, err->code == ERR_OK ? LOG_INFO_LEVEL : LOG_ERROR_LEVEL, "delivery", fields);
}

static void kept_free(struct kept *kept)
{
	arena_release(&kept->arena);
	free(kept);
}

static void durable(struct store_later *later, const struct err *err)
{
	struct kept *kept = (struct kept *)later;
	const struct receive *receive = kept->receive;

	log_delivery(kept, err);
	count(receive, &kept->row, err->code != ERR_OK ? "overloaded" : result_of(kept));
	if (err->code == ERR_OK) {
		answer_accepted(kept);
		tell_access(receive, &kept->row, kept->installation);
		receive->wake.signal(receive->wake.self, WAKE_JOURNAL);
	} else {
		answer_busy(kept->exchange);
	}
	kept_free(kept);
}

/* Which secret matched, by its place in the configuration: a rotation is over when the old one is used no more. */
static void count_secret(const struct receive *receive, const struct delivery *delivery)
{
	char digits[12];
	struct text label = {digits, (size_t)snprintf(digits, sizeof digits, "%u", delivery->secret_index)};

	metrics_add(receive->metrics, METRIC_SECRET_USED, &label, 1);
}

void receive_keep(const struct receive *receive, struct exchange *exchange, const struct delivery *delivery)
{
	struct kept *kept = calloc(1, sizeof *kept);
	struct err err = ERR_NONE;

	if (!kept) {
		answer_busy(exchange);
		return;
	}
	kept->exchange = exchange;
	kept->receive = receive;
	kept->fate = fate_of(delivery);
	kept->installation = changed_installation(delivery);
	kept->began = receive->clock.mono(receive->clock.self);
	kept->later = (struct store_later){.job = store_append_job, .arg = &kept->row, .done = durable};
	if (receive_row(delivery, receive->clock.wall(receive->clock.self), &kept->arena, &kept->row, &err)) {
		kept->later.bytes = kept->row.body_lz4.len + kept->row.facts.len;
		if (receive->store->exec.write_later(receive->store->exec.self, &kept->later, &err))
			return;
	}
	durable(&kept->later, &err);
}

bool receive_id(char ret[RECEIVE_ID_LEN + 1], struct err *err)
{
	unsigned char bytes[RECEIVE_ID_LEN / 2];

	if (!crypto_random(bytes, sizeof bytes, err))
		return false;
	crypto_hex(bytes, sizeof bytes, ret);
	return true;
}

void receive_handle(void *context, struct exchange *exchange, const struct verified *verified)
{
	const struct receive *receive = context;

	count_secret(receive, verified_delivery(verified));
	receive_keep(receive, exchange, verified_delivery(verified));
}
