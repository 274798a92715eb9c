#include "agent/work/receive_issue.h"

#include "webhooks/refusal.h"

#define LINES_MAX 2 /* of one name: one more than may be */

const struct issues_hook *receive_issue_hook(const struct receive_issues *issues, struct text path)
{
	static const struct text below = {RECEIVE_ISSUE_PATH "/", sizeof RECEIVE_ISSUE_PATH};

	if (text_is(path, RECEIVE_ISSUE_PATH))
		return issues->n == 1 ? &issues->hooks[0] : NULL; /* of several, none is meant */
	if (!text_starts(path, below))
		return NULL;
	path = (struct text){path.at + below.len, path.len - below.len};
	for (size_t i = 0; i < issues->n; i++)
		if (text_eq(issues->hooks[i].tracker, path))
			return &issues->hooks[i];
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

static bool admit(const struct issues_hook *hook, const struct exchange *exchange, struct issues_head *ret,
		  struct refusal *refusal)
{
	static const char *const names[] = {"X-Hub-Signature-256", "X-Hub-Signature",  "X-GitHub-Event",
					    "X-GitHub-Delivery",   "Content-Type",     "Content-Encoding",
					    "Content-Length",      "Transfer-Encoding"};
	struct header lines[sizeof names / sizeof names[0] * LINES_MAX];
	struct request_head head = {exchange_method(exchange), exchange_path(exchange), lines, 0};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		head.n_headers += add_lines(exchange, names[i], lines + head.n_headers);
	return issues_admit(hook, &head, exchange_body(exchange), ret, refusal);
}

void receive_issue_handle(void *context, struct exchange *exchange, const struct verified *verified)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct receive_issues *issues = context;
	const struct issues_hook *hook = receive_issue_hook(issues, exchange_path(exchange));
	struct issues_head head = {TEXT_EMPTY, TEXT_EMPTY};
	struct delivery delivery = {.secret_index = 0};
	struct err err = ERR_NONE;
	struct refusal refusal;
	bool ok = hook != NULL;

	(void)verified;
	if (!ok)
		(void)refuse(&refusal, REASON_NOT_FOUND);
	else
		ok = admit(hook, exchange, &head, &refusal);
	delivery.guid = head.guid;
	if (ok)
		ok = normalize_issues(hook, head.event, exchange_body(exchange), &arena, &delivery, &err) ||
		     refuse_with(&refusal, REASON_BAD_JSON, "%s", err.text);
	if (ok) {
		receive_keep(issues->receive, exchange, &delivery);
		return;
	}
	if (issues->refused)
		issues->refused(issues->refused_context, head.guid, &refusal);
	exchange_refuse(exchange, &refusal);
}
