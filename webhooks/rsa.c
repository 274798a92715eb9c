#include "webhooks/rsa.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>

#include "policy/memory.h"

struct rsa_key {
	EVP_PKEY *key;
};

/* Without it OpenSSL would ask for the password on the terminal. */
static int no_password(char *buffer, int size, int writing, void *context)
{
	(void)buffer;
	(void)size;
	(void)writing;
	(void)context;
	return -1;
}

static EVP_PKEY *parse(struct text pem, struct err *err)
{
	BIO *bytes = pem.len > 0 && pem.len <= INT_MAX ? BIO_new_mem_buf(pem.at, (int)pem.len) : NULL;
	EVP_PKEY *key = bytes ? PEM_read_bio_PrivateKey(bytes, NULL, no_password, NULL) : NULL;

	BIO_free(bytes);
	ERR_clear_error();
	if (!key)
		(void)err_set(err, ERR_INVALID, "no private key in PEM without a password");
	return key;
}

static bool fit(const EVP_PKEY *key, struct err *err)
{
	if (!EVP_PKEY_is_a(key, "RSA")) /* RSA-PSS cannot sign RS256 either */
		return err_set(err, ERR_INVALID, "the key is no RSA key");
	if (EVP_PKEY_get_bits(key) < RSA_BITS_MIN)
		return err_set(err, ERR_INVALID, "the key has %d bits; at least %d are needed", EVP_PKEY_get_bits(key),
			       RSA_BITS_MIN);
	return true;
}

struct rsa_key *rsa_read(struct text pem, struct err *err)
{
	EVP_PKEY *parsed = parse(pem, err);
	struct rsa_key *key;

	if (!parsed)
		return NULL;
	if (!fit(parsed, err)) {
		EVP_PKEY_free(parsed);
		return NULL;
	}
	key = memory_take(sizeof *key);
	key->key = parsed;
	return key;
}

void rsa_free(struct rsa_key *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->key);
	free(key);
}

size_t rsa_signature_bytes(const struct rsa_key *key)
{
	return (size_t)EVP_PKEY_get_size(key->key);
}

bool rsa_sign_sha256(const struct rsa_key *key, struct text message, unsigned char *ret, struct err *err)
{
	EVP_MD_CTX *signing = EVP_MD_CTX_new();
	size_t len = rsa_signature_bytes(key);
	bool ok;

	if (!signing)
		out_of_memory();
	ok = EVP_DigestSignInit(signing, NULL, EVP_sha256(), NULL, key->key) == 1 &&
	     EVP_DigestSign(signing, ret, &len, (const unsigned char *)message.at, message.len) == 1 &&
	     len == rsa_signature_bytes(key);
	EVP_MD_CTX_free(signing);
	ERR_clear_error();
	return ok || err_set(err, ERR_INVALID, "the key cannot sign: it is damaged");
}
