/*
 * crowd: a store full of open changes whose heads are allowed and judged, each by a verdict that asked about a bug of
 * its own; three of them, spread over the whole, asked about one bug more, CROWD_BUG. In SQLite, on the disk.
 */
#ifndef TESTS_SUPPORT_CROWD_H
#define TESTS_SUPPORT_CROWD_H

#include "tests/support/pipe.h"

#define CROWD_BUG   900000001
#define CROWD_NAMED 3

void crowd_open(struct pipe_rig *rig, int64_t n); /* pipe_close() */
/* A delivery of the tracker about this bug, appended and applied. */
void crowd_hears(struct pipe_rig *rig, int64_t bug);
/* Judges whatever is due, allowed; how many that were. */
int64_t crowd_judged(struct pipe_rig *rig);

#endif
