/*
 * oid: the full name of a git object, 40 (SHA-1) or 64 (SHA-256) lower-case hex digits. A value; the empty oid means
 * "unknown". Nothing else is ever an oid: no short SHA, no ref name, no upper case.
 */
#ifndef POLICY_OID_H
#define POLICY_OID_H

#include <stdbool.h>

#include "policy/text.h"

struct oid {
	char hex[65]; /* NUL-terminated; "" = unknown */
};

#define OID_NONE ((struct oid){""})

/* False, and *ret untouched, unless t is exactly 40 or 64 lower-case hex digits and not all zeros. */
bool oid_parse(struct text t, struct oid *ret);
bool oid_known(const struct oid *oid);
bool oid_eq(const struct oid *a, const struct oid *b); /* two unknown oids are not equal */
struct text oid_text(const struct oid *oid);           /* borrowed from oid */
struct text oid_short(const struct oid *oid);          /* the first 7 digits, borrowed */

#endif
