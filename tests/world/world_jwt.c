/*
 * The token by which an App proves to be itself: a JSON web token, signed with RS256 by one of the App's keys. Issued
 * not in the future, ending within ten minutes; the issuer is the App's id or its client id. Times are the world's.
 */
#include "tests/world/world_state.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

enum { LIFE_MAX_S = 600, KEY_BITS_MIN = 2048 };

static const char undecoded[] = "A JSON web token could not be decoded";

struct bytes {
	unsigned char *at; /* owned; a NUL follows */
	size_t len;
};

static struct bytes decoded(const char *text, size_t len)
{
	size_t padded = (len + 3) / 4 * 4;
	char *plain = calloc(1, padded + 1);
	struct bytes ret = {calloc(1, padded + 1), 0};
	int n;

	if (!plain || !ret.at)
		abort();
	for (size_t i = 0; i < padded; i++)
		plain[i] = i >= len ? '=' : text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
	n = EVP_DecodeBlock(ret.at, (const unsigned char *)plain, (int)padded);
	free(plain);
	if (n > 0 && padded - len < 3)
		ret.len = (size_t)n - (padded - len);
	ret.at[ret.len] = 0;
	return ret;
}

static json_t *decoded_json(const char *text, size_t len)
{
	struct bytes bytes = decoded(text, len);
	json_t *value = json_loadb((const char *)bytes.at, bytes.len, 0, NULL);

	free(bytes.at);
	return value;
}

static EVP_PKEY *key_of(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, (int)strlen(pem));
	EVP_PKEY *key = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;

	BIO_free(bio);
	return key;
}

bool world_key_is_good(const char *pem)
{
	EVP_PKEY *key = key_of(pem);
	bool good = key && EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bits(key) >= KEY_BITS_MIN;

	EVP_PKEY_free(key);
	return good;
}

json_t *world_public_key(const char *private_pem)
{
	BIO *in = BIO_new_mem_buf(private_pem, (int)strlen(private_pem)), *out = BIO_new(BIO_s_mem());
	EVP_PKEY *key = in ? PEM_read_bio_PrivateKey(in, NULL, NULL, NULL) : NULL;
	json_t *text = NULL;
	char *bytes = NULL;
	long len;

	if (key && out && PEM_write_bio_PUBKEY(out, key) == 1) {
		len = BIO_get_mem_data(out, &bytes);
		text = json_stringn(bytes, (size_t)len);
	}
	EVP_PKEY_free(key);
	BIO_free(in);
	BIO_free(out);
	return text;
}

static bool signed_by(const char *pem, const char *text, size_t len, const struct bytes *signature)
{
	EVP_PKEY *key = key_of(pem);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool good = key && md && EVP_DigestVerifyInit(md, NULL, EVP_sha256(), NULL, key) == 1 &&
		    EVP_DigestVerify(md, signature->at, signature->len, (const unsigned char *)text, len) == 1;

	EVP_MD_CTX_free(md);
	EVP_PKEY_free(key);
	return good;
}

static bool signed_by_app(json_t *app, const char *text, size_t len, const char *signature)
{
	struct bytes bytes = decoded(signature, strlen(signature));
	bool good = false;
	json_t *pem;
	size_t i;

	json_array_foreach(world_list(app, "keys"), i, pem) good =
		good || signed_by(json_string_value(pem), text, len, &bytes);
	free(bytes.at);
	return good;
}

/* As a number, as its digits, or the client id. */
static json_t *issuer(struct world *w, json_t *claims)
{
	json_t *iss = json_object_get(claims, "iss"), *app;
	const char *slug, *text = world_str(claims, "iss");

	json_object_foreach(w->apps, slug, app)
	{
		json_int_t id = world_int(app, "id");

		if ((json_is_integer(iss) && json_integer_value(iss) == id) ||
		    (text[0] && (strtoll(text, NULL, 10) == id || strcmp(text, world_str(app, "client_id")) == 0)))
			return app;
	}
	return NULL;
}

static const char *fault_in_times(const struct world *w, json_t *claims)
{
	json_int_t now = w->now_ms / 1000, iat = world_int(claims, "iat"), exp = world_int(claims, "exp");

	if (!json_is_integer(json_object_get(claims, "iat")) || iat > now)
		return "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was "
		       "issued";
	if (!json_is_integer(json_object_get(claims, "exp")) || exp <= now)
		return "'Expiration time' claim ('exp') must be a numeric value representing the future time at which "
		       "the assertion expires";
	return exp > now + LIFE_MAX_S ? "'Expiration time' claim ('exp') is too far in the future" : NULL;
}

static bool algorithm_is_known(const char *jwt, size_t len)
{
	json_t *head = decoded_json(jwt, len);
	bool known = strcmp(world_str(head, "alg"), "RS256") == 0;

	json_decref(head);
	return known;
}

bool world_is_jwt(const char *token)
{
	const char *dot = strchr(token, '.'), *second = dot ? strchr(dot + 1, '.') : NULL;

	return second && !strchr(second + 1, '.') && strncmp(token, "eyJ", 3) == 0;
}

json_t *world_jwt_app(struct world *w, const char *jwt, int *status, const char **why)
{
	const char *dot = strchr(jwt, '.'), *second = strchr(dot + 1, '.');
	json_t *claims = decoded_json(dot + 1, (size_t)(second - dot - 1)), *app = issuer(w, claims);
	bool whole = json_is_object(claims) && algorithm_is_known(jwt, (size_t)(dot - jwt));

	*status = whole && !app ? 404 : 401;
	*why = whole && !app ? "Integration not found" : undecoded;
	if (whole && app && signed_by_app(app, jwt, (size_t)(second - jwt), second + 1))
		*why = fault_in_times(w, claims);
	json_decref(claims);
	return *why ? NULL : app;
}
