#include "agent/work/receive_issue.h"

#include "agent/work/receive_door.h"
#include "webhooks/refusal.h"

const struct issues_hook *receive_issue_hook(const struct receive_issues *issues, struct text path)
{
	for (size_t i = 0; i < issues->n; i++)
		if (receive_door_means(path, TEXT_LIT(RECEIVE_ISSUE_PATH), issues->hooks[i].tracker, issues->n))
			return &issues->hooks[i];
	return NULL;
}

static bool admit(const struct issues_hook *hook, const struct exchange *exchange, struct issues_head *ret,
		  struct refusal *refusal)
{
	static const char *const names[] = {"X-Hub-Signature-256", "X-Hub-Signature",  "X-GitHub-Event",
					    "X-GitHub-Delivery",   "Content-Type",     "Content-Encoding",
					    "Content-Length",      "Transfer-Encoding"};
	struct header lines[sizeof names / sizeof names[0] * RECEIVE_DOOR_LINES];
	struct request_head head = {exchange_method(exchange), exchange_path(exchange), lines, 0};

	head.n_headers = receive_door_lines(exchange, names, sizeof names / sizeof names[0], lines);
	return issues_admit(hook, &head, exchange_body(exchange), ret, refusal);
}

void receive_issue_handle(void *context, struct exchange *exchange, const struct verified *verified)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct receive_issues *issues = context;
	const struct issues_hook *hook = receive_issue_hook(issues, exchange_path(exchange));
	struct issues_head head = {TEXT_EMPTY, TEXT_EMPTY};
	struct issues_told told = {.body = exchange_body(exchange)};
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
	told.event = head.event;
	if (ok)
		ok = normalize_issues(hook, &told, &arena, &delivery, &err) ||
		     refuse_with(&refusal, REASON_BAD_JSON, "%s", err.text);
	if (ok) {
		receive_keep(issues->receive, exchange, &delivery);
		return;
	}
	if (issues->refused)
		issues->refused(issues->refused_context, head.guid, &refusal);
	exchange_refuse(exchange, &refusal);
}
