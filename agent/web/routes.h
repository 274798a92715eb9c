/* routes: the handlers of the three listeners; context is the struct web. */
#ifndef AGENT_WEB_ROUTES_H
#define AGENT_WEB_ROUTES_H

#include "agent/web/web.h"

typedef void web_handler(void *context, struct exchange *exchange, const struct verified *verified);

web_handler pages_handle; /* pages.c: everything that the public may GET */
web_handler ops_healthz, ops_readyz, ops_metrics;
web_handler api_commits, api_changes, api_deliveries, api_verdicts, api_recheck, api_warnings, api_alarms,
	api_acknowledge;

/* The kernel's word on who is at the other end of the control socket. False: refused, and answered. */
bool api_let_in(struct exchange *exchange);

#endif
