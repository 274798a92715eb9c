#include "webhooks/ed25519.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "policy/memory.h"

/* Without it OpenSSL would ask for the password on the terminal. */
static int no_password(char *buffer, int size, int writing, void *context)
{
	(void)buffer;
	(void)size;
	(void)writing;
	(void)context;
	return -1;
}

static EVP_PKEY *parse(struct text pem, bool private, struct err *err)
{
	BIO *bytes = pem.len > 0 && pem.len <= INT_MAX ? BIO_new_mem_buf(pem.at, (int)pem.len) : NULL;
	EVP_PKEY *key = NULL;

	if (bytes && private)
		key = PEM_read_bio_PrivateKey(bytes, NULL, no_password, NULL);
	else if (bytes)
		key = PEM_read_bio_PUBKEY(bytes, NULL, no_password, NULL);
	BIO_free(bytes);
	ERR_clear_error();
	if (key && EVP_PKEY_is_a(key, "ED25519"))
		return key;
	EVP_PKEY_free(key);
	(void)err_set(err, ERR_INVALID, "no %s Ed25519 key in PEM", private ? "private" : "public");
	return NULL;
}

static EVP_MD_CTX *context(void)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (!ctx)
		out_of_memory();
	return ctx;
}

bool ed25519_sign(struct text pem, struct text message, unsigned char ret[ED25519_SIGNATURE], struct err *err)
{
	EVP_PKEY *key = parse(pem, true, err);
	size_t len = ED25519_SIGNATURE;
	EVP_MD_CTX *ctx;
	bool ok;

	if (!key)
		return false;
	ctx = context();
	ok = EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) == 1 &&
	     EVP_DigestSign(ctx, ret, &len, (const unsigned char *)message.at, message.len) == 1 &&
	     len == ED25519_SIGNATURE;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return ok || err_set(err, ERR_INVALID, "the key cannot sign: it is damaged");
}

bool ed25519_verify(struct text pem, struct text message, const unsigned char signature[ED25519_SIGNATURE],
		    struct err *err)
{
	EVP_PKEY *key = parse(pem, false, err);
	EVP_MD_CTX *ctx;
	bool ok;

	if (!key)
		return false;
	ctx = context();
	ok = EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1 &&
	     EVP_DigestVerify(ctx, signature, ED25519_SIGNATURE, (const unsigned char *)message.at, message.len) == 1;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return ok || err_set(err, ERR_DENIED, "the signature does not hold");
}
