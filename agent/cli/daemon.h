/*
 * daemon: `headgate serve`, put together: store, workers, listeners, in that order, and taken apart in the reverse.
 * The only place that knows every part. A store that can no longer be trusted stops the process with exit code 70
 * before another 202 leaves.
 */
#ifndef AGENT_CLI_DAEMON_H
#define AGENT_CLI_DAEMON_H

#include "agent/base/config.h"
#include "agent/base/log.h"

#define DAEMON_BROKEN 70 /* EX_SOFTWARE: the store cannot be trusted any more */

/* Runs until SIGTERM or SIGINT. Returns the exit code; what went wrong was logged. */
int daemon_run(const struct config *config, const struct log *log);

#endif
