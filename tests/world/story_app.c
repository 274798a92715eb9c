/* The App of a story: its key, made once for a process, its signatures, its installations' tokens. */
#include "tests/world/story.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static EVP_PKEY *own_key(bool forged)
{
	static EVP_PKEY *keys[2];

	if (!keys[forged] && !(keys[forged] = EVP_RSA_gen(2048)))
		abort();
	return keys[forged];
}

json_t *story_pem(bool private)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *bytes = NULL;
	json_t *text;
	long len;

	if (!bio || (private ? PEM_write_bio_PrivateKey(bio, own_key(false), NULL, NULL, 0, NULL, NULL)
			     : PEM_write_bio_PUBKEY(bio, own_key(false))) != 1)
		abort();
	len = BIO_get_mem_data(bio, &bytes);
	text = json_stringn(bytes, (size_t)len);
	BIO_free(bio);
	return text;
}

/* Base64 for URLs, without padding, behind what is in *text already. */
static void append(char **text, const unsigned char *bytes, size_t len)
{
	size_t old = *text ? strlen(*text) : 0, n;
	char *longer = realloc(*text, old + len / 3 * 4 + 8);

	if (!longer)
		abort();
	*text = longer;
	if (old > 0)
		longer[old++] = '.';
	EVP_EncodeBlock((unsigned char *)longer + old, bytes, (int)len);
	n = strcspn(longer + old, "=");
	longer[old + n] = 0;
	for (char *at = longer + old; *at; at++)
		*at = (char)(*at == '+' ? '-' : *at == '/' ? '_' : *at);
}

static void append_json(char **text, json_t *value)
{
	char *bytes = json_dumps(value, JSON_COMPACT);

	if (!bytes)
		abort();
	append(text, (const unsigned char *)bytes, strlen(bytes));
	free(bytes);
	json_decref(value);
}

char *story_sign(json_t *header, json_t *claims, bool forged)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	unsigned char signature[512];
	size_t len = sizeof(signature);
	char *text = NULL;

	append_json(&text, header);
	append_json(&text, claims);
	if (!md || EVP_DigestSignInit(md, NULL, EVP_sha256(), NULL, own_key(forged)) != 1 ||
	    EVP_DigestSign(md, signature, &len, (const unsigned char *)text, strlen(text)) != 1)
		abort();
	EVP_MD_CTX_free(md);
	append(&text, signature, len);
	return text;
}

static json_int_t now_s(struct story *story)
{
	return story_int(story_call(story, "POST", "/_world/clock", json_object()), "ms") / 1000;
}

char *story_jwt(struct story *story)
{
	json_int_t now = now_s(story);

	return story_sign(json_pack("{s:s}", "alg", "RS256"),
			  json_pack("{s:i,s:I,s:I}", "iss", 77, "iat", now - 60, "exp", now + 540), false);
}

json_int_t story_app(struct story *story, json_t *permissions)
{
	story_act(story, "{s:s,s:s,s:o,s:o}", "do", "app", "who", "o", "key", story_pem(false), "permissions",
		  permissions);
	return story_int(story_act(story, "{s:s,s:s}", "do", "install", "who", "o"), "id");
}

char *story_token(struct story *story, json_int_t installation, json_t *body)
{
	char path[80], *jwt = story_jwt(story), *token;
	const char *before = story->token;

	snprintf(path, sizeof(path), "/app/installations/%lld/access_tokens", (long long)installation);
	story->token = jwt;
	token = strdup(story_str(story_call(story, "POST", path, body ? body : json_object()), "token"));
	story->token = before;
	free(jwt);
	if (!token)
		abort();
	return token;
}
