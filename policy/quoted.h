/*
 * quoted: texts of others as double-quoted YAML scalars, for whoever writes policies. Characters that break lines, are
 * invisible or change the reading order are escaped. Pure.
 */
#ifndef POLICY_QUOTED_H
#define POLICY_QUOTED_H

#include "policy/arena.h"

struct text quoted(struct text t, struct arena *arena); /* well-formed UTF-8; in the arena */

#endif
