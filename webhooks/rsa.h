/*
 * rsa: a private RSA key that signs, as RS256 of RFC 7518 wants it. It stands here because OpenSSL is met in this
 * folder only; the key itself is the agent's, and nothing that receives deliveries holds one.
 *
 * A key is immutable after rsa_read; any thread may sign with it. OpenSSL cleanses it when it is freed.
 */
#ifndef WEBHOOKS_RSA_H
#define WEBHOOKS_RSA_H

#include "policy/err.h"
#include "policy/text.h"

#define RSA_BITS_MIN 2048

struct rsa_key;
/* From PEM (PKCS#1 or PKCS#8). NULL and ERR_INVALID: no private key, one with a password, another kind than RSA, or
 * fewer bits than RSA_BITS_MIN. No text quotes the input. Owned by the caller. */
struct rsa_key *rsa_read(struct text pem, struct err *err);
void rsa_free(struct rsa_key *key); /* takes NULL */

size_t rsa_signature_bytes(const struct rsa_key *key);
/* PKCS#1 v1.5 over SHA-256; ret has room for rsa_signature_bytes, and all of them are filled. */
bool rsa_sign_sha256(const struct rsa_key *key, struct text message, unsigned char *ret, struct err *err);

#endif
