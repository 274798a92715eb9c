/*
 * state_dir: the directory that holds what must survive: readable by this user alone, and held by one process at a
 * time. Two processes on one state would each take deliveries, judge and post as if the other were not there.
 */
#ifndef AGENT_STORE_STATE_DIR_H
#define AGENT_STORE_STATE_DIR_H

#include "policy/err.h"

#define STATE_DIR_NONE (-1)

/* Makes the directory where it is missing and claims it; *ret goes to state_dir_release. ERR_CONFLICT: another process
 * holds it. The claim ends with the process, however that ends. */
bool state_dir_claim(const char *path, int *ret, struct err *err);
void state_dir_release(int claim); /* takes STATE_DIR_NONE */

/* Makes the names of the files in it durable, and its own: what was synced into a file is lost all the same if a power
 * cut takes the name. Call it when the files are made and before anything is acknowledged. SQLite syncs the directory,
 * too, but passes over an error of that. ERR_BROKEN: the disk does not say that it holds them. */
bool state_dir_keep(const char *path, struct err *err);

#endif
