/*
 * receive_door: what the doors of trackers have in common (receive_bug.h, receive_issue.h, receive_said.h): which
 * tracker a path means, and a request's header lines as who judges them takes them. On the listener's thread.
 */
#ifndef AGENT_WORK_RECEIVE_DOOR_H
#define AGENT_WORK_RECEIVE_DOOR_H

#include "webhooks/listener.h"

/* Does this path mean that tracker? The door's own path means the only one there is (n is 1), DOOR/NAME the one of that
 * name. */
bool receive_door_means(struct text path, struct text door, struct text tracker, size_t n);

/* Writes the lines of these names, RECEIVE_DOOR_LINES of each at most: one more than may be, so that it is refused.
 * Their values are the exchange's. Returns how many. */
#define RECEIVE_DOOR_LINES 2
size_t receive_door_lines(const struct exchange *exchange, const char *const *names, size_t n, struct header *to);

#endif
