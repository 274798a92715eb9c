#include "agent/work/receive_bug.h"

#include "webhooks/refusal.h"

#define LINES_MAX 2 /* of one name: one more than may be */

const struct bugzilla_hook *receive_bug_hook(const struct receive_bugs *bugs, struct text path)
{
	static const struct text below = {RECEIVE_BUG_PATH "/", sizeof RECEIVE_BUG_PATH};

	if (text_is(path, RECEIVE_BUG_PATH))
		return bugs->n == 1 ? &bugs->hooks[0] : NULL; /* of several, none is meant */
	if (!text_starts(path, below))
		return NULL;
	path = (struct text){path.at + below.len, path.len - below.len};
	for (size_t i = 0; i < bugs->n; i++)
		if (text_eq(bugs->hooks[i].tracker, path))
			return &bugs->hooks[i];
	return NULL;
}

static size_t add_lines(const struct exchange *exchange, const char *name, struct header *to)
{
	struct text value = TEXT_EMPTY;
	size_t found = exchange_headers(exchange, name, &value);
	size_t n = found < LINES_MAX ? found : LINES_MAX;

	for (size_t i = 0; i < n; i++)
		to[i] = (struct header){text_of(name), value};
	return n;
}

static bool admit(const struct bugzilla_hook *hook, const struct exchange *exchange, struct refusal *refusal)
{
	const char *const names[] = {hook->header ? hook->header : "Authorization", "Content-Type", "Content-Encoding"};
	struct header lines[3 * LINES_MAX];
	size_t n = 0;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		n += add_lines(exchange, names[i], lines + n);
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
