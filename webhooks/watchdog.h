/*
 * watchdog: ends connections whose current request is too old. The HTTP library's timeout starts again with each
 * byte, so a drip would never end. One thread of its own; it only calls shutdown(2): the library then sees the end of
 * the connection and frees it in its own time.
 *
 * Danger: a descriptor may be closed and used again by another connection. Therefore a watch leaves the list
 * (watch_remove) before its descriptor is closed, and shutdown happens under the list's lock.
 */
#ifndef WEBHOOKS_WATCHDOG_H
#define WEBHOOKS_WATCHDOG_H

#include "policy/err.h"

struct watchdog;
struct watch; /* one connection; valid from watch_add to watch_remove */

struct watchdog *watchdog_start(int64_t request_ms, struct err *err); /* NULL: no thread */
void watchdog_stop(struct watchdog *dog);                             /* takes NULL; no watch may be left */

struct watch *watch_add(struct watchdog *dog, int fd); /* the clock runs */
void watch_restart(struct watch *watch);               /* a new request, or the answer begins: the clock starts again */
void watch_pause(struct watch *watch);                 /* the request is complete: no clock until watch_restart */
bool watch_ended(struct watch *watch);                 /* the watchdog ended this connection */
void watch_remove(struct watch *watch);

#endif
