/* rig_inner: what the rig's files share. */
#ifndef TESTS_SUPPORT_RIG_INNER_H
#define TESTS_SUPPORT_RIG_INNER_H

#include "tests/support/rig.h"

/* A file in the rig's directory, mode 0600. */
bool rig_write(const struct rig *rig, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* An App at the world, with a key made for the run: key.pem. */
bool rig_make_app(struct rig *rig);

#endif
