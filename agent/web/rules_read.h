/* rules_read: the "rules" that a verdict row holds, back as values, so that the one function that makes the public
 * view (policy/policy.h) also makes it of stored verdicts. */
#ifndef AGENT_WEB_RULES_READ_H
#define AGENT_WEB_RULES_READ_H

#include "policy/arena.h"
#include "policy/err.h"
#include "policy/verdict.h"

/* Sets ret->rules from the array that rules_encode wrote; everything is owned by the arena. False: *ret untouched. */
bool rules_read(struct text json, struct arena *arena, struct verdict *ret, struct err *err);

#endif
