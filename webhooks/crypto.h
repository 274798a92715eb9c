/*
 * crypto: with rsa.h and ed25519.h the only place that meets OpenSSL. HMAC-SHA256, SHA-256, constant-time comparison,
 * random bytes, cleansing, the encodings of what they give. Stateless but for objects that the caller owns; any thread.
 */
#ifndef WEBHOOKS_CRYPTO_H
#define WEBHOOKS_CRYPTO_H

#include "policy/err.h"
#include "policy/text.h"

#define CRYPTO_DIGEST 32

struct hmac;                            /* one HMAC-SHA256 being computed */
struct hmac *hmac_new(struct text key); /* owned by the caller; aborts without memory */
void hmac_feed(struct hmac *hmac, const void *bytes, size_t len);
void hmac_end(struct hmac *hmac, unsigned char digest[CRYPTO_DIGEST]);
void hmac_free(struct hmac *hmac); /* takes NULL; cleanses */

/* Shared keyed HMACs: one per secret, fed by duplication; a keyed object is never changed after hmac_new. */
struct hmac *hmac_dup(const struct hmac *keyed);

void crypto_sha256(struct text bytes, unsigned char digest[CRYPTO_DIGEST]);
/* Of the parts one after the other. Git's names for objects; it proves nothing against who can make collisions. */
#define CRYPTO_SHA1 20
void crypto_sha1(const struct text *parts, size_t n, unsigned char digest[CRYPTO_SHA1]);
void crypto_hex(const unsigned char *bytes, size_t n, char *ret); /* 2n + 1 bytes, NUL-terminated, lower case */
bool crypto_unhex(struct text hex, unsigned char *ret, size_t n); /* exactly 2n digits, either case */
/* base64url of RFC 4648 without padding, NUL-terminated; CRYPTO_BASE64URL(n) bytes. Returns the length. */
#define CRYPTO_BASE64URL(n) (((n)*4 + 2) / 3 + 1)
size_t crypto_base64url(const unsigned char *bytes, size_t n, char *ret);
bool crypto_equal(const void *a, const void *b, size_t n); /* constant time */
/* Constant time, so that not even a length shows: what is compared are digests. */
bool crypto_equal_texts(struct text a, struct text b);
bool crypto_random(void *ret, size_t n, struct err *err);
void crypto_cleanse(void *bytes, size_t n);

#endif
