/*
 * pack: LZ4 blocks for bodies and inputs: the only file that meets lz4. A block does not say how long it was: the
 * caller keeps that beside it, and unpack checks it against a limit before it asks for any memory. Stateless.
 */
#ifndef AGENT_STORE_PACK_H
#define AGENT_STORE_PACK_H

#include "policy/arena.h"
#include "policy/err.h"

#define PACK_RAW_MAX ((size_t)64 << 20) /* whatever a caller allows, nothing larger is packed or unpacked */

/* ERR_LIMIT: raw has more than PACK_RAW_MAX bytes. An empty text packs to an empty one. */
bool pack_text(struct text raw, struct arena *arena, struct text *ret, struct err *err);

struct unpack { /* what was packed, and what it must come to */
	struct text packed;
	size_t raw_bytes; /* kept beside it */
	size_t max;       /* the caller's limit */
};
/* ERR_LIMIT: raw_bytes is above max; ERR_INVALID: not a block, or not exactly raw_bytes long. */
bool unpack_text(const struct unpack *in, struct arena *arena, struct text *ret, struct err *err);

#endif
