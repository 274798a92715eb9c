/*
 * daemon_hooks: what the configured trackers may send: webhooks, with their secrets, and what their connectors say of
 * single bugs, with their tokens. One without a webhook_secret_file delivers nothing, one without api_tokens says
 * nothing: its path is not there. Owns secrets and tokens until it is freed, after the listeners.
 */
#ifndef AGENT_CLI_DAEMON_HOOKS_H
#define AGENT_CLI_DAEMON_HOOKS_H

#include "agent/base/config.h"
#include "agent/base/secret.h"
#include "agent/web/web.h"
#include "agent/work/receive_bug.h"
#include "agent/work/receive_said.h"

struct daemon_hooks {
	struct secret *secrets[CONFIG_TRACKERS_MAX];
	struct bugzilla_hook hooks[CONFIG_TRACKERS_MAX];
	struct receive_bugs bugs; /* its n: how many hooks there are */
	struct secret *tokens[CONFIG_TRACKERS_MAX][CONFIG_SECRETS_MAX];
	struct said_tracker said_trackers[CONFIG_TRACKERS_MAX];
	struct receive_said said; /* its n: how many trackers have tokens */
};

/* Borrows the configuration; the value may not move afterwards. A token that opens anything else, too, is refused. */
bool daemon_hooks_read(struct daemon_hooks *hooks, const struct config *config, struct err *err);
/* Writes their routes; returns how many, at most DAEMON_HOOKS_ROUTES. */
#define DAEMON_HOOKS_ROUTES 4
size_t daemon_hooks_routes(struct daemon_hooks *hooks, struct route *to);
void daemon_hooks_free(struct daemon_hooks *hooks);

#endif
