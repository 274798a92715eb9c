/*
 * symref: which reference of git's a push moves. One that is symbolic stands for another: git moves that, and tells the
 * hook the name that was pushed.
 */
#ifndef AGENT_HOOK_CLIENT_SYMREF_H
#define AGENT_HOOK_CLIENT_SYMREF_H

#include <limits.h>

#include "policy/text.h"

/* ret: the whole name of the reference that `ref`, a whole name as a hook has it, leads to, there or not; its own where
 * it leads nowhere. False: nobody can say; *ret_why, static. */
bool symref_end(struct text ref, char ret[PATH_MAX], const char **ret_why);

#endif
