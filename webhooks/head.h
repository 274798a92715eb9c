/*
 * head: what a request's header lines say, judged strictly. A header that decides something is present exactly once
 * or the request is refused: two readers of a doubled header could disagree. Names are case-insensitive. Pure.
 */
#ifndef WEBHOOKS_HEAD_H
#define WEBHOOKS_HEAD_H

#include "webhooks/crypto.h"
#include "webhooks/refusal.h"

#define HEAD_NAME_MAX 64 /* bytes of an event name and of a delivery id */

/* How many lines have this name; *ret is the first one's value, untouched when there is none. */
size_t head_find(const struct header *headers, size_t n, const char *name, struct text *ret);

/* The declared length of the body. No Content-Length: SIZE_MAX. False: it cannot be relied upon, or is above max. */
bool head_length(const struct header *headers, size_t n, size_t max, size_t *ret, struct refusal *refusal);

/* Exactly one Content-Type: application/json, and no Content-Encoding. */
bool head_content(const struct header *headers, size_t n, struct refusal *refusal);

/* What the header lines of a delivery say; texts borrow from the head. */
struct delivery_head {
	size_t length;
	unsigned char signature[CRYPTO_DIGEST];
	struct text event, guid;
};
bool head_delivery(const struct intake_config *config, const struct request_head *head, struct delivery_head *ret,
		   struct refusal *refusal);

/* The delivery id if it is a sound one, else empty: for logs about refused requests. */
struct text head_guid(const struct header *headers, size_t n);

#endif
