/* tracker_copy: a bug with all that hangs on it, into another arena. Pure. */
#ifndef AGENT_TRACKER_TRACKER_COPY_H
#define AGENT_TRACKER_TRACKER_COPY_H

#include "agent/tracker/tracker.h"

struct tracker_bug tracker_copy(const struct tracker_bug *bug, struct arena *arena);
bool tracker_wanted_same(const struct tracker_wanted *a, const struct tracker_wanted *b);
struct tracker_wanted tracker_wanted_copy(const struct tracker_wanted *wanted, struct arena *arena);

#endif
