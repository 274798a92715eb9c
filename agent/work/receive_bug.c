#include "agent/work/receive_bug.h"

#include "agent/work/receive_door.h"
#include "webhooks/refusal.h"

const struct bugzilla_hook *receive_bug_hook(const struct receive_bugs *bugs, struct text path)
{
	for (size_t i = 0; i < bugs->n; i++)
		if (receive_door_means(path, TEXT_LIT(RECEIVE_BUG_PATH), bugs->hooks[i].tracker, bugs->n))
			return &bugs->hooks[i];
	return NULL;
}

static bool admit(const struct bugzilla_hook *hook, const struct exchange *exchange, struct refusal *refusal)
{
	const char *const names[] = {hook->header ? hook->header : "Authorization", "Content-Type", "Content-Encoding"};
	struct header lines[sizeof names / sizeof names[0] * RECEIVE_DOOR_LINES];
	size_t n = receive_door_lines(exchange, names, sizeof names / sizeof names[0], lines);

	return bugzilla_admit(hook, lines, n, refusal);
}

static void refuse_it(const struct receive_bugs *bugs, struct exchange *exchange, const struct refusal *refusal)
{
	if (bugs->refused)
		bugs->refused(bugs->refused_context, TEXT_EMPTY, refusal);
	exchange_refuse(exchange, refusal);
}

void receive_bug_handle(void *context, struct exchange *exchange, const struct verified *verified)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct receive_bugs *bugs = context;
	const struct bugzilla_hook *hook = receive_bug_hook(bugs, exchange_path(exchange));
	char id[RECEIVE_ID_LEN + 1];
	struct delivery delivery = {.guid = {id, RECEIVE_ID_LEN}};
	struct err err = ERR_NONE;
	struct refusal refusal;
	bool ok;

	(void)verified;
	if (!hook)
		ok = refuse(&refusal, REASON_NOT_FOUND);
	else if (!admit(hook, exchange, &refusal))
		ok = false;
	else if (!receive_id(id, &err))
		ok = refuse(&refusal, REASON_BUSY);
	else
		ok = normalize_bugzilla(hook, exchange_body(exchange), &arena, &delivery, &err) ||
		     refuse_with(&refusal, REASON_BAD_JSON, "%s", err.text);
	if (ok)
		receive_keep(bugs->receive, exchange, &delivery);
	else
		refuse_it(bugs, exchange, &refusal);
}
