/*
 * notify: the service manager's two protocols by hand. notify_send: one datagram of "READY=1" and the like to
 * $NOTIFY_SOCKET (a path, or '@' for an abstract name). notify_sockets: listening sockets handed over by $LISTEN_PID
 * and $LISTEN_FDS. Without the variables both do nothing and succeed. No library; any thread.
 */
#ifndef AGENT_BASE_NOTIFY_H
#define AGENT_BASE_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

#define NOTIFY_READY     "READY=1"
#define NOTIFY_RELOADING "RELOADING=1"
#define NOTIFY_STOPPING  "STOPPING=1"
#define NOTIFY_WATCHDOG  "WATCHDOG=1"

/* False: a socket is named and the datagram could not be sent. */
bool notify_send(const char *state);

/* How often WATCHDOG must be sent at least, in milliseconds: half of $WATCHDOG_USEC where it is meant for this process;
 * 0: not asked for. */
int64_t notify_watchdog_ms(void);

/* How many sockets were handed over, from descriptor 3 on (at most 16); they are marked close-on-exec. The variables
 * are taken away, so that children do not take them for theirs; call it once, before threads start. */
#define NOTIFY_FIRST_FD 3
int notify_sockets(void);

#endif
