#include "agent/forge/app_key.h"

#include <stdlib.h>

#include "agent/base/secret.h"
#include "policy/memory.h"
#include "webhooks/crypto.h"
#include "webhooks/jread.h"
#include "webhooks/rsa.h"

#define ISSUED_BEFORE_S 60
#define EXPIRES_AFTER_S 540

struct app_key {
	struct rsa_key *rsa;
};

struct app_key *app_key_read(struct text file, struct err *err)
{
	struct secret *pem = secret_read_lines(file, err);
	struct rsa_key *rsa = pem ? rsa_read(secret_text(pem), err) : NULL;
	struct app_key *key;

	secret_free(pem);
	if (!rsa) {
		if (pem)
			(void)err_wrap(err, "%.*s", TEXT_ARG(text_cut(file, 100)));
		return NULL;
	}
	key = memory_take(sizeof *key);
	key->rsa = rsa;
	return key;
}

void app_key_free(struct app_key *key)
{
	if (!key)
		return;
	rsa_free(key->rsa);
	free(key);
}

static struct text encoded(const void *bytes, size_t n, struct arena *arena)
{
	char *at = arena_alloc(arena, CRYPTO_BASE64URL(n), 1);

	return (struct text){at, crypto_base64url(bytes, n, at)};
}

static struct text payload(const struct app_claims *claims, struct arena *arena)
{
	int64_t now = claims->now_ms / 1000;
	struct jwrite *w = jwrite_new();
	struct text json, ret;

	jwrite_object(w, NULL);
	jwrite_int(w, "iat", now - ISSUED_BEFORE_S);
	jwrite_int(w, "exp", now + EXPIRES_AFTER_S);
	jwrite_text(w, "iss", claims->issuer);
	jwrite_end(w);
	json = jwrite_text_of(w);
	ret = encoded(json.at, json.len, arena);
	jwrite_free(w);
	return ret;
}

bool app_key_jwt(const struct app_key *key, const struct app_claims *claims, struct arena *arena, struct text *ret,
		 struct err *err)
{
	static const char header[] = "{\"alg\":\"RS256\",\"typ\":\"JWT\"}";
	struct text head = encoded(header, sizeof header - 1, arena), body = payload(claims, arena);
	struct text signing = arena_printf(arena, "%.*s.%.*s", TEXT_ARG(head), TEXT_ARG(body)), signature;
	size_t n = rsa_signature_bytes(key->rsa);
	unsigned char *bytes = arena_alloc(arena, n, 1);

	if (!rsa_sign_sha256(key->rsa, signing, bytes, err))
		return false;
	signature = encoded(bytes, n, arena);
	*ret = arena_printf(arena, "%.*s.%.*s", TEXT_ARG(signing), TEXT_ARG(signature));
	crypto_cleanse(bytes, n);
	crypto_cleanse((char *)(uintptr_t)signature.at, signature.len);
	return true;
}
