/*
 * door: a listener, a store without its workers, and the receiving side between them: for tests of what comes in at a
 * path, and of what becomes durable. The clock stands at NOW_MS.
 */
#ifndef TESTS_SUPPORT_DOOR_H
#define TESTS_SUPPORT_DOOR_H

#include "agent/store/steps.h"
#include "agent/work/receive.h"
#include "tests/support/listening.h"
#include "tests/support/pipe.h"

struct door {
	struct listening box;
	struct pipe_rig rig;
	struct receive receive; /* no log, no metrics: set what is to be seen before it starts */
};

int64_t door_now(void *self);
void door_open(struct door *door);
void door_start(struct door *door, const struct route *routes, size_t n);
void door_close(struct door *door);

/* How many rows the journal has; shows each, with its body unpacked, the first one first. */
typedef void door_look(void *context, const struct row_journal *row, struct text body);
size_t door_rows(struct door *door, door_look *look, void *context);

#endif
