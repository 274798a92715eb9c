/*
 * private_file: a file that only its owner may read, write or replace. Stateless.
 */
#ifndef AGENT_STORE_PRIVATE_FILE_H
#define AGENT_STORE_PRIVATE_FILE_H

#include "policy/err.h"

/* True when path is a regular file of this user with no right for group or others, in a directory that nobody else
 * may write to (or a sticky one); the same holds for the database's companions (-wal, -shm, -journal) where they
 * exist. With `create` a missing file is made, mode 0600. ERR_INVALID names what is wrong; ERR_GONE: no such file. */
bool private_file(const char *path, bool create, struct err *err);

#endif
