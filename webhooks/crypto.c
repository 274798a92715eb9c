#include "webhooks/crypto.h"

#include <assert.h>
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <stdatomic.h>

#include "policy/memory.h"

struct hmac {
	EVP_MAC_CTX *mac;
};

static void *take(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return size > 0 ? memory_take(size) : NULL;
}

static void give(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

static void *resize(void *old, size_t size, const char *file, int line)
{
	if (size > 0)
		return memory_resize(old, size);
	give(old, file, line);
	return NULL;
}

/* Without memory OpenSSL 3 can crash in loading its providers. Before main, since it takes this only before it works.
 */
__attribute__((constructor)) static void stop_without_memory(void)
{
	(void)CRYPTO_set_mem_functions(take, resize, give);
}

/* OpenSSL fails here only without memory or with a broken installation: neither lets a signature be judged. */
static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "headgate: out of memory, or a broken libcrypto: %s failed\n", what);
	abort();
}

static struct hmac *hmac_of(EVP_MAC_CTX *mac)
{
	struct hmac *hmac = malloc(sizeof(*hmac));

	must(mac && hmac, "HMAC context");
	hmac->mac = mac;
	return hmac;
}

struct hmac *hmac_new(struct text key)
{
	char sha256[] = "SHA256";
	const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, sha256, 0),
				     OSSL_PARAM_construct_end()};
	EVP_MAC *algorithm = EVP_MAC_fetch(NULL, "HMAC", NULL);
	struct hmac *hmac = hmac_of(algorithm ? EVP_MAC_CTX_new(algorithm) : NULL);
	const char *bytes = key.at ? key.at : ""; /* NULL would mean "keep the old key" */

	EVP_MAC_free(algorithm);
	must(EVP_MAC_init(hmac->mac, (const unsigned char *)bytes, key.len, params) == 1, "EVP_MAC_init");
	return hmac;
}

struct hmac *hmac_dup(const struct hmac *keyed)
{
	return hmac_of(EVP_MAC_CTX_dup(keyed->mac));
}

void hmac_feed(struct hmac *hmac, const void *bytes, size_t len)
{
	if (len)
		must(EVP_MAC_update(hmac->mac, bytes, len) == 1, "EVP_MAC_update");
}

void hmac_end(struct hmac *hmac, unsigned char digest[CRYPTO_DIGEST])
{
	size_t len = 0;

	must(EVP_MAC_final(hmac->mac, digest, &len, CRYPTO_DIGEST) == 1 && len == CRYPTO_DIGEST, "EVP_MAC_final");
}

void hmac_free(struct hmac *hmac)
{
	if (!hmac)
		return;
	EVP_MAC_CTX_free(hmac->mac); /* the library cleanses the key */
	free(hmac);
}

/* Fetched once, by whoever comes first: looking an algorithm up costs several times the hashing of a short text. */
static const EVP_MD *sha256(void)
{
	static EVP_MD *_Atomic kept;
	EVP_MD *md = atomic_load(&kept), *before = NULL;

	if (md)
		return md;
	md = EVP_MD_fetch(NULL, "SHA256", NULL);
	must(md, "SHA256");
	if (atomic_compare_exchange_strong(&kept, &before, md))
		return md;
	EVP_MD_free(md);
	return before;
}

void crypto_sha256(struct text bytes, unsigned char digest[CRYPTO_DIGEST])
{
	unsigned len = 0;

	must(EVP_Digest(bytes.at ? bytes.at : "", bytes.len, digest, &len, sha256(), NULL) == 1 && len == CRYPTO_DIGEST,
	     "EVP_Digest");
}

void crypto_sha1(const struct text *parts, size_t n, unsigned char digest[CRYPTO_SHA1])
{
	EVP_MD_CTX *sha1 = EVP_MD_CTX_new();
	unsigned len = 0;

	must(sha1 && EVP_DigestInit_ex(sha1, EVP_sha1(), NULL) == 1, "EVP_DigestInit_ex");
	for (size_t i = 0; i < n; i++)
		must(!parts[i].len || EVP_DigestUpdate(sha1, parts[i].at, parts[i].len) == 1, "EVP_DigestUpdate");
	must(EVP_DigestFinal_ex(sha1, digest, &len) == 1 && len == CRYPTO_SHA1, "EVP_DigestFinal_ex");
	EVP_MD_CTX_free(sha1);
}

void crypto_hex(const unsigned char *bytes, size_t n, char *ret)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		ret[2 * i] = digits[bytes[i] >> 4];
		ret[2 * i + 1] = digits[bytes[i] & 15];
	}
	ret[2 * n] = '\0';
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool crypto_unhex(struct text hex, unsigned char *ret, size_t n)
{
	if (n > SIZE_MAX / 2 || hex.len != 2 * n)
		return false;
	for (size_t i = 0; i < hex.len; i++)
		if (digit_value(hex.at[i]) < 0)
			return false;
	for (size_t i = 0; i < n; i++)
		ret[i] = (unsigned char)(digit_value(hex.at[2 * i]) * 16 + digit_value(hex.at[2 * i + 1]));
	return true;
}

size_t crypto_base64url(const unsigned char *bytes, size_t n, char *ret)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	size_t used = 0;
	uint32_t bits = 0; /* those not yet written stand lowest */
	unsigned left = 0;

	for (size_t i = 0; i < n; i++) {
		bits = (bits << 8 | bytes[i]) & 0xffff;
		for (left += 8; left >= 6; left -= 6)
			ret[used++] = digits[bits >> (left - 6) & 63];
	}
	if (left > 0)
		ret[used++] = digits[bits << (6 - left) & 63];
	ret[used] = '\0';
	return used;
}

bool crypto_equal(const void *a, const void *b, size_t n)
{
	return CRYPTO_memcmp(a, b, n) == 0;
}

bool crypto_equal_texts(struct text a, struct text b)
{
	unsigned char digests[2][CRYPTO_DIGEST];

	crypto_sha256(a, digests[0]);
	crypto_sha256(b, digests[1]);
	return crypto_equal(digests[0], digests[1], CRYPTO_DIGEST);
}

bool crypto_random(void *ret, size_t n, struct err *err)
{
	assert(n <= INT_MAX);
	if (RAND_bytes(ret, (int)n) != 1)
		return err_set(err, ERR_BROKEN, "the system gives no random bytes");
	return true;
}

void crypto_cleanse(void *bytes, size_t n)
{
	OPENSSL_cleanse(bytes, n);
}
