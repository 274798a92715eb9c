/*
 * share: opens a socket, which was made for our own user, to a group. The directory that it is in must be one where
 * nobody else can put files. Stateless.
 */
#ifndef AGENT_HOOK_SHARE_H
#define AGENT_HOOK_SHARE_H

#include "policy/err.h"

/* False: there is no such group, or it cannot be done; the socket is then closed to the group as before. */
bool hook_share(const char *path, const char *group, struct err *err);

#endif
