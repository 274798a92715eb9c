/*
 * The App's key and the proof made with it: who could read the file, which keys are taken, and what the public key says
 * of the signature.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "agent/forge/app_key.h"
#include "tests/support/key_file.h"
#include "tests/support/suite.h"
#include "webhooks/jread.h"
#include "webhooks/rsa.h"

#define NOW INT64_C(1700000000999)

static const char url_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* An own decoder, strict: no padding, no other letters, no bits left over. */
static size_t decode(struct text in, unsigned char *ret)
{
	size_t n = 0;
	uint32_t bits = 0;
	unsigned have = 0;

	for (size_t i = 0; i < in.len; i++) {
		const char *at = memchr(url_digits, in.at[i], 64);

		ck_assert_msg(at != NULL, "not base64url: %c", in.at[i]);
		bits = bits << 6 | (uint32_t)(at - url_digits);
		have += 6;
		if (have < 8)
			continue;
		have -= 8;
		ret[n++] = (unsigned char)(bits >> have & 0xff);
	}
	ck_assert_uint_eq(bits & ((1U << have) - 1), 0);
	return n;
}

static struct text part(struct text jwt, size_t which)
{
	size_t from = 0;

	for (size_t i = 0; i <= jwt.len; i++) {
		if (i < jwt.len && jwt.at[i] != '.')
			continue;
		if (which-- == 0)
			return (struct text){jwt.at + from, i - from};
		from = i + 1;
	}
	return TEXT_EMPTY;
}

static bool verified(EVP_PKEY *key, struct text signing, const unsigned char *signature, size_t n)
{
	EVP_MD_CTX *checking = EVP_MD_CTX_new();
	bool ok = EVP_DigestVerifyInit(checking, NULL, EVP_sha256(), NULL, key) == 1 &&
		  EVP_DigestVerify(checking, signature, n, (const unsigned char *)signing.at, signing.len) == 1;

	EVP_MD_CTX_free(checking);
	return ok;
}

static const char *const issuers[] = {"123456", "Iv23liAbCdEfGhIjKlMn", "a \"quote\""};

START_TEST(a_proof_is_signed_and_says_who_and_for_how_long)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	EVP_PKEY *made = key_rsa(2048);
	char path[KEY_FILE_BYTES];
	unsigned char bytes[1024];
	struct app_claims claims = {text_of(issuers[_i]), NOW};
	struct err err = ERR_NONE;
	struct app_key *key;
	struct text jwt, head, body, sign;
	struct jdoc *doc;
	size_t n;

	key_file_write(path, made, NULL);
	key = app_key_read(text_of(path), &err);
	(void)unlink(path);
	ck_assert_msg(key != NULL, "%s", err.text);
	ck_assert(app_key_jwt(key, &claims, &arena, &jwt, &err));
	head = part(jwt, 0), body = part(jwt, 1), sign = part(jwt, 2);
	ck_assert_uint_eq(head.len + body.len + sign.len + 2, jwt.len);
	n = decode(head, bytes);
	ck_assert(text_is((struct text){(char *)bytes, n}, "{\"alg\":\"RS256\",\"typ\":\"JWT\"}"));
	n = decode(body, bytes);
	doc = jdoc_parse((struct text){(char *)bytes, n}, &err);
	ck_assert_ptr_nonnull(doc);
	ck_assert_int_eq(jint(jdoc_root(doc), "iat", 0), 1700000000 - 60);
	ck_assert_int_eq(jint(jdoc_root(doc), "exp", 0), 1700000000 + 540);
	ck_assert(text_is(jtext(jdoc_root(doc), "iss"), issuers[_i]));
	jdoc_free(doc);
	n = decode(sign, bytes);
	ck_assert(verified(made, (struct text){jwt.at, head.len + 1 + body.len}, bytes, n));
	ck_assert(!verified(made, (struct text){jwt.at, head.len + body.len}, bytes, n));
	app_key_free(key);
	EVP_PKEY_free(made);
}
END_TEST

static const struct {
	const char *what;
	unsigned rsa_bits; /* 0: another kind */
	const char *password, *text;
	mode_t mode;
	const char *why; /* NULL: taken */
} files[] = {
	{"good", 2048, NULL, NULL, 0600, NULL},
	{"read only", 2048, NULL, NULL, 0400, NULL},
	{"larger", 3072, NULL, NULL, 0600, NULL},
	{"too short", 1024, NULL, NULL, 0600, "1024 bits; at least 2048"},
	{"another kind", 0, NULL, NULL, 0600, "no RSA key"},
	{"under a password", 2048, "secret word", NULL, 0600, "without a password"},
	{"for the group", 2048, NULL, NULL, 0640, "chmod 600"},
	{"for all", 2048, NULL, NULL, 0604, "chmod 600"},
	{"no key", 0, NULL, "hello\n", 0600, "no private key in PEM"},
	{"empty", 0, NULL, "", 0600, "no private key in PEM"},
	{"a public key", 0, NULL, "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n", 0600,
	 "no private key in PEM"},
	{"cut short", 0, NULL, "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n", 0600,
	 "no private key in PEM"},
};

START_TEST(only_a_private_file_with_a_long_rsa_key_is_taken)
{
	struct err err = ERR_NONE;
	struct app_key *key;
	char path[KEY_FILE_BYTES];

	if (files[_i].text) {
		key_file_text(path, files[_i].text, files[_i].mode);
	} else {
		EVP_PKEY *made = files[_i].rsa_bits ? key_rsa(files[_i].rsa_bits) : key_ec();

		key_file_write(path, made, files[_i].password);
		ck_assert_int_eq(chmod(path, files[_i].mode), 0);
		EVP_PKEY_free(made);
	}
	key = app_key_read(text_of(path), &err);
	(void)unlink(path);
	ck_assert_msg((key == NULL) == (files[_i].why != NULL), "%s: %s", files[_i].what, err.text);
	if (files[_i].why) {
		ck_assert_msg(strstr(err.text, files[_i].why), "%s: %s", files[_i].what, err.text);
		ck_assert_msg(strstr(err.text, path), "%s: %s", files[_i].what, err.text);
		ck_assert_int_eq(err.code, ERR_INVALID);
	}
	app_key_free(key);
}
END_TEST

START_TEST(a_file_that_is_not_there_is_named)
{
	struct err err = ERR_NONE;

	ck_assert_ptr_null(app_key_read(TEXT_LIT("/nonexistent/app.pem"), &err));
	ck_assert_ptr_nonnull(strstr(err.text, "/nonexistent/app.pem"));
	app_key_free(NULL);
	rsa_free(NULL);
}
END_TEST

static const struct suite_test tests[] = {SUITE_ROWS(a_proof_is_signed_and_says_who_and_for_how_long, issuers),
					  SUITE_ROWS(only_a_private_file_with_a_long_rsa_key_is_taken, files),
					  SUITE_TEST(a_file_that_is_not_there_is_named), SUITE_END};
SUITE_MAIN(tests)
