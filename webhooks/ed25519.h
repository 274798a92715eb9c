/*
 * ed25519: signatures of RFC 8032 with keys from PEM files: a private key signs, a public one verifies. It stands here
 * because OpenSSL is met in this folder only; the keys are the agent's.
 *
 * Stateless; any thread. No text quotes a key.
 */
#ifndef WEBHOOKS_ED25519_H
#define WEBHOOKS_ED25519_H

#include "policy/err.h"
#include "policy/text.h"

#define ED25519_SIGNATURE 64

/* pem: a private key (PKCS#8) without a password. False: ERR_INVALID, and it is none or cannot sign. */
bool ed25519_sign(struct text pem, struct text message, unsigned char ret[ED25519_SIGNATURE], struct err *err);

/* pem: a public key. True: the signature is of the message and by that key's owner. False: ERR_INVALID, the key is
 * none; ERR_DENIED, the signature does not hold. */
bool ed25519_verify(struct text pem, struct text message, const unsigned char signature[ED25519_SIGNATURE],
		    struct err *err);

#endif
