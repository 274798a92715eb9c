/*
 * daemon_issues: the webhooks of the trackers that are repositories of GitHub, with their secrets. One without a
 * webhook_secret_file delivers nothing: its path is not there. Owns the secrets until it is freed, after the listeners.
 */
#ifndef AGENT_CLI_DAEMON_ISSUES_H
#define AGENT_CLI_DAEMON_ISSUES_H

#include "agent/base/config.h"
#include "agent/base/secret.h"
#include "agent/work/receive_issue.h"

struct daemon_issues {
	struct secret *secrets[CONFIG_TRACKERS_MAX];
	struct issues_hook hooks[CONFIG_TRACKERS_MAX];
	struct receive_issues all; /* its n: how many hooks there are */
};

/* Borrows the configuration; the value may not move afterwards. */
bool daemon_issues_read(struct daemon_issues *issues, const struct config *config, struct err *err);
/* Writes their routes; returns how many, at most DAEMON_ISSUES_ROUTES. */
#define DAEMON_ISSUES_ROUTES 2
size_t daemon_issues_routes(struct daemon_issues *issues, struct route *to);
void daemon_issues_free(struct daemon_issues *issues);

#endif
