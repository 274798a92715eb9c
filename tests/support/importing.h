/*
 * importing: `headgate bugs import` beside a rig's server, with its configuration.
 */
#ifndef TESTS_SUPPORT_IMPORTING_H
#define TESTS_SUPPORT_IMPORTING_H

#include "tests/support/rig.h"

/* That this bug is secure and not approved, or not secure, as of now. */
void importing_bug(struct rig *rig, int id, bool secure);

#endif
