/*
 * asking: one block of conditions asked of an example, without the rest of a policy. Each asking also asks `not` of the
 * same block and fails the test unless that turns a yes into a no, a no into a yes, and leaves unknown unknown.
 */
#ifndef TESTS_SUPPORT_ASKING_H
#define TESTS_SUPPORT_ASKING_H

#include "policy/predicate.h"

#include "tests/support/case.h"

/* block: YAML of one map in flow style, without its braces: "has_labels: [bug]". It must be valid. */
struct answer ask(struct example *c, const char *block);

/* The problem of a block that is not valid; the test fails when it is. Lives in the example's arena. */
const struct problem *ask_refused(struct example *c, const char *block);

#endif
