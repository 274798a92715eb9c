/*
 * app_key: the private key of a GitHub App, and the short proof made with it that a request comes from that App (a JSON
 * web token, RS256). Such a proof opens the App's own endpoints only; what it asks for there is access.h's matter.
 *
 * Owns the parsed key and nothing of the file, which is wiped after parsing. Immutable; any thread.
 */
#ifndef AGENT_FORGE_APP_KEY_H
#define AGENT_FORGE_APP_KEY_H

#include "policy/arena.h"
#include "policy/err.h"

struct app_key;
/* file: as for secret_read, and refused as there when others could read it; PEM. NULL and *err: no RSA key of at
 * least 2048 bits. */
struct app_key *app_key_read(struct text file, struct err *err);
void app_key_free(struct app_key *key); /* takes NULL */

struct app_claims {
	struct text issuer; /* the App's client id, or its number */
	int64_t now_ms;     /* wall clock */
};
/* The proof, in the arena; the caller cleanses it after use. Valid from a minute ago, so that a clock that is ahead
 * does no harm, for ten minutes in all, the longest that GitHub takes (docs: generating a JWT for a GitHub App). */
bool app_key_jwt(const struct app_key *key, const struct app_claims *claims, struct arena *arena, struct text *ret,
		 struct err *err);

#endif
