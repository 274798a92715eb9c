/* reply: how this folder answers: with which headers, and what an error looks like in each form. */
#ifndef AGENT_WEB_REPLY_H
#define AGENT_WEB_REPLY_H

#include "agent/web/web.h"

#define REPLY_HTML "text/html; charset=utf-8"
#define REPLY_JSON "application/json"
#define REPLY_TEXT "text/plain; charset=utf-8"

struct reply_error {
	unsigned status;
	const char *error; /* short name: "not_found" */
	struct text detail;
};

/* With the headers that forbid a browser everything that the pages do not use. */
void reply(struct exchange *exchange, unsigned status, const char *type, struct text body);

/* {"error", "detail"}. */
void reply_error_json(struct exchange *exchange, const struct reply_error *error);

/* A failed read of the store in these terms: 404 for ERR_GONE, else 503. The store's own words are not repeated. */
struct reply_error reply_error_of(const struct err *err, const char *what);

#endif
