/*
 * pgp: which OpenPGP key made a signature, as the signature itself says. It verifies nothing: the forge does, and this
 * names the key that it used. So a signature names a key only where it cannot name two: one packet, of version 4, with
 * the issuer in its hashed part, and no other issuer anywhere. What is not hashed anybody can write into a signature
 * that is good.
 *
 * Pure: no I/O, no allocation; any bytes are an input. Any thread.
 */
#ifndef AGENT_FORGE_PGP_H
#define AGENT_FORGE_PGP_H

#include "policy/text.h"

#define PGP_BYTES_MAX 16384 /* of an armored signature; a longer one names no key */
#define PGP_KEY_ID    17    /* with the final NUL */

/* armored: from "-----BEGIN PGP SIGNATURE-----" on. Into ret: 16 hexadecimal digits in upper case, or nothing. The
 * answer is a text of ret. */
struct text pgp_key_id(struct text armored, char ret[PGP_KEY_ID]);

#endif
