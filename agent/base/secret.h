/*
 * secret: bytes that only this process may know, read from a file. Refuses a file that others could read or could
 * have planted: it must be a regular file, owned by us or root, with no permission for group and others. One trailing
 * newline is not part of it.
 *
 * Owns a mapping of its own: locked into memory and left out of core dumps where the system allows it, wiped when
 * freed. The text is borrowed until secret_free. Immutable; any thread.
 */
#ifndef AGENT_BASE_SECRET_H
#define AGENT_BASE_SECRET_H

#include "policy/err.h"
#include "policy/text.h"

#define SECRET_BYTES_MAX ((size_t)16 * 1024)

struct secret;

/* path: a file name, or "credential:NAME" for $CREDENTIALS_DIRECTORY/NAME. Fewer than min bytes are refused, and so is
 * a control byte inside: a pasted line break would make a secret that nobody else computes. NULL and *err otherwise. */
struct secret *secret_read(struct text path, size_t min, struct err *err);
/* A secret of several lines, such as a key: what it must hold is the caller's matter. */
struct secret *secret_read_lines(struct text path, struct err *err);
struct text secret_text(const struct secret *secret);
void secret_free(struct secret *secret); /* takes NULL */

#endif
