/*
 * etags: answers kept with their ETag, so that a read that finds nothing new costs nothing of the forge's rate (a 304
 * to an authorized request is free; docs: best practices for using the REST API).
 *
 * What is kept is found by the token's bytes and the whole URL, and counts for nothing by itself: it may stand in for
 * an answer only in the very request in which the forge said 304 to its ETag. Owns copies, at most `bytes_max` of them;
 * what was used longest ago goes first. Times are monotonic milliseconds. One per process, any thread; the lock is held
 * for moments only.
 */
#ifndef AGENT_FORGE_ETAGS_H
#define AGENT_FORGE_ETAGS_H

#include "agent/base/http.h"
#include "webhooks/crypto.h"

struct etags;
struct etags *etags_new(size_t bytes_max); /* 0: keeps nothing */
void etags_free(struct etags *etags);      /* takes NULL; nothing may be held */

struct etags_key {
	unsigned char digest[CRYPTO_DIGEST];
};
/* token: the SHA-256 of its bytes. */
struct etags_key etags_key(const unsigned char token[CRYPTO_DIGEST], struct text url);

/* NULL: nothing is kept that was asked for at `since` or later. Held, and thus there, until etags_give. */
struct etags_kept;
const struct etags_kept *etags_take(struct etags *etags, const struct etags_key *key,
				    int64_t since);                  /* etags NULL: NULL */
void etags_give(struct etags *etags, const struct etags_kept *kept); /* takes NULL */

struct text etags_etag(const struct etags_kept *kept);
/* The answer that a 304 stands for, in the arena: the kept body, the 304's own headers (its Date among them), and the
 * kept Link headers where it has none, because without them a list would seem to end. */
struct http_answer etags_answer(const struct etags_kept *kept, const struct http_answer *not_modified,
				struct arena *arena);

/* Keeps a 200 with an ETag, asked for at `asked_at`, in place of what was kept for the key; anything else only forgets.
 */
void etags_keep(struct etags *etags, const struct etags_key *key, const struct http_answer *answer, int64_t asked_at);

size_t etags_bytes(struct etags *etags); /* kept now */

#endif
