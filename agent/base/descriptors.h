/*
 * descriptors: how the open files that the process may have are shared out before any is opened, and asking for as many
 * as are needed. Clients must never be
 * able to take those that the database, git and the forge's connections need: accept would fail without end, and work
 * that was promised with a 202 would stand still.
 */
#ifndef AGENT_BASE_DESCRIPTORS_H
#define AGENT_BASE_DESCRIPTORS_H

#include <stdint.h>

#include "policy/err.h"

#define DESCRIPTORS_CLIENTS_MIN 8

/* Raises RLIMIT_NOFILE as far as is needed and allowed (the hard limit). *clients: how many connections are wanted;
 * less, if it leaves no more beside what is reserved. ERR_INVALID names the limit if it leaves fewer than
 * DESCRIPTORS_CLIENTS_MIN. */
bool descriptors_share(int64_t reserved, int64_t *clients, struct err *err);

#endif
