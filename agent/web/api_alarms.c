/* Alarms on the control socket: listed, and acknowledged by their number. */
#include "agent/web/alarm_json.h"
#include "agent/web/reply.h"
#include "agent/web/routes.h"

static void refuse(struct exchange *exchange, const struct err *err, const char *missing)
{
	struct reply_error error = reply_error_of(err, missing);

	reply_error_json(exchange, &error);
}

void api_alarms(void *context, struct exchange *exchange, const struct verified *verified)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct web *web = context;
	struct err err = ERR_NONE;
	struct alarms alarms;
	struct jwrite *w;

	(void)verified;
	if (!api_let_in(exchange))
		return;
	if (!store_alarms(web->store, &alarms, &arena, &err)) {
		refuse(exchange, &err, "no alarms");
		return;
	}
	w = jwrite_new();
	jwrite_object(w, NULL);
	alarms_put(w, "alarms", &alarms);
	jwrite_end(w);
	reply(exchange, 200, REPLY_JSON, jwrite_text_of(w));
	jwrite_free(w);
}

static bool read_number(struct exchange *exchange, int64_t *ret, struct err *err)
{
	struct jdoc *doc = jdoc_parse(exchange_body(exchange), err);
	bool ok = doc && jneed_int(jdoc_root(doc), "id", ret, err);

	jdoc_free(doc);
	return ok && (*ret > 0 || err_set(err, ERR_INVALID, "`id` is not the number of an alarm"));
}

void api_acknowledge(void *context, struct exchange *exchange, const struct verified *verified)
{
	struct web *web = context;
	struct err err = ERR_NONE;
	int64_t id;

	(void)verified;
	if (!api_let_in(exchange))
		return;
	if (!read_number(exchange, &id, &err)) {
		struct reply_error error = {400, "bad_request", text_of(err.text)};

		reply_error_json(exchange, &error);
	} else if (!store_acknowledge_alarm(web->store, id, web->clock.wall(web->clock.self), &err)) {
		refuse(exchange, &err, "there is no alarm of this number");
	} else {
		struct log_field fields[] = {LOG_I("alarm", id), LOG_DONE};

		log_event(web->log, LOG_WARN_LEVEL, "alarm acknowledged", fields);
		reply(exchange, 200, REPLY_JSON, TEXT_LIT("{\"acknowledged\":true}"));
	}
}
