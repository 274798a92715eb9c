/* rules_read: the "rules" that a verdict row holds, back as values, so that the one function that makes the public
 * view (policy/policy.h) also makes it of stored verdicts, and what the public was told, where that was made already.
 */
#ifndef AGENT_WEB_RULES_READ_H
#define AGENT_WEB_RULES_READ_H

#include "policy/arena.h"
#include "policy/err.h"
#include "policy/verdict.h"

/* Sets ret->rules from the array that rules_encode wrote; everything is owned by the arena. False: *ret untouched. */
typedef bool rules_reader(struct text json, struct arena *arena, struct verdict *ret, struct err *err);
rules_reader rules_read;
/* The same of what it wrote as the public view: without the row "Maintainer clearance" at the end of each tree, so that
 * the public view of what was read is what was written. A tree that does not end with such a row is none of ours. */
rules_reader rules_read_public;

#endif
