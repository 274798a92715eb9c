/*
 * daemon_hooks: the webhooks of the configured trackers, with their secrets. One without a webhook_secret_file delivers
 * nothing: its path is not there. Owns the secrets until it is freed, after the listeners.
 */
#ifndef AGENT_CLI_DAEMON_HOOKS_H
#define AGENT_CLI_DAEMON_HOOKS_H

#include "agent/base/config.h"
#include "agent/base/secret.h"
#include "agent/web/web.h"
#include "agent/work/receive_bug.h"

struct daemon_hooks {
	struct secret *secrets[CONFIG_TRACKERS_MAX];
	struct bugzilla_hook hooks[CONFIG_TRACKERS_MAX];
	struct receive_bugs bugs; /* its n: how many hooks there are */
};

/* Borrows the configuration; the value may not move afterwards. */
bool daemon_hooks_read(struct daemon_hooks *hooks, const struct config *config, struct err *err);
/* Writes their routes; returns how many, at most DAEMON_HOOKS_ROUTES. */
#define DAEMON_HOOKS_ROUTES 2
size_t daemon_hooks_routes(struct daemon_hooks *hooks, struct route *to);
void daemon_hooks_free(struct daemon_hooks *hooks);

#endif
