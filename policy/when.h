/*
 * when: points in time as Unix milliseconds, UTC. The pure core never reads a clock: time enters as data.
 * WHEN_UNKNOWN is below every real time and must be tested for: unknown is never "early enough".
 */
#ifndef POLICY_WHEN_H
#define POLICY_WHEN_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/text.h"

#define WHEN_UNKNOWN INT64_MIN

/* RFC 3339 ("2026-11-21T14:02:11Z", offsets and fractions allowed); false and untouched when malformed. */
bool when_parse(struct text t, int64_t *ret_ms);

/* "2026-11-21T14:02:11Z"; buffer of at least 32 bytes. Unknown prints as "unknown". */
const char *when_print(int64_t ms, char *buffer);

/* HTTP date of RFC 9110 ("Sat, 21 Nov 2026 14:02:11 GMT"). */
bool when_parse_http(struct text t, int64_t *ret_ms);

#endif
