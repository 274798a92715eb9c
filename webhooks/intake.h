/*
 * intake: one signed delivery from headers to a verified event, without a socket. The listener is glue around it,
 * and the simulator enters here.
 *
 * Promise: nothing looks into the body before the signature over its exact bytes holds; what can be refused on
 * headers alone is refused on headers alone; every refusal names an HTTP status, a short reason for counters and a
 * sentence with the remedy. Memory: grows with the bytes that came, at most to the declared Content-Length, taken from
 * a shared budget of bytes in flight and given back by intake_free; where the budget is used up, the rest is read and
 * dropped and the delivery refused. One thread per intake; the budget and the secrets are shared, read-only or
 * atomic. Source of the rules: GitHub's webhook documentation, RFC 9110 and 9112.
 */
#ifndef WEBHOOKS_INTAKE_H
#define WEBHOOKS_INTAKE_H

#include <stdatomic.h>

#include "policy/arena.h"
#include "policy/err.h"
#include "policy/event.h"

#define INTAKE_SECRETS_MAX      4
#define INTAKE_SECRET_BYTES_MIN 16

struct hmac;
struct intake_secret {
	struct text bytes;        /* borrowed from the configuration, which outlives every intake */
	int64_t until_ms;         /* wall clock; WHEN_UNKNOWN: no expiry */
	const struct hmac *keyed; /* the HMAC of bytes, duplicated for each delivery; NULL: keyed afresh each time */
};

struct intake_limits {
	size_t body_bytes;      /* limits.body_bytes */
	size_t in_flight_bytes; /* limits.in_flight_bytes */
};

struct intake_config {
	struct intake_secret secrets[INTAKE_SECRETS_MAX];
	size_t n_secrets; /* 0 is refused by intake_config_check: no secret, no server */
	struct intake_limits limits;
	const char *path; /* "/webhooks/github" */
	/* Allowed repositories ("owner/name"), or n 0: whatever the installation sends. */
	const struct text *repositories;
	size_t n_repositories;
	int64_t installation; /* 0: any; else a delivery of another installation is refused */
};

bool intake_config_check(const struct intake_config *config, struct err *err);

struct header {
	struct text name, value;
};

struct request_head { /* borrowed until intake_begin returns */
	struct text method, path;
	const struct header *headers; /* every header line as received, in order; doubled names are doubled here */
	size_t n_headers;
};

struct refusal {
	unsigned status;      /* HTTP */
	const char *reason;   /* static, for counters and the JSON body's "error": "bad_signature" */
	char detail[200];     /* one sentence with the remedy */
	unsigned retry_after; /* seconds; 0: no header */
};

/* Every reason a refusal can have; NULL past the end. For metrics, help and tests. */
const char *intake_reason_at(size_t i);

struct intake;   /* a delivery being received */
struct verified; /* a delivery whose signature held: only intake_end can make one */

/* Judges the head. On refusal NULL, *refusal filled, nothing held. `now_ms` is the wall clock. */
struct intake *intake_begin(const struct intake_config *config, atomic_size_t *in_flight,
			    const struct request_head *head, int64_t now_ms, struct refusal *refusal);

/* Feeds the HMAC and keeps the bytes. False: refused (more bytes than declared). */
bool intake_chunk(struct intake *intake, const void *bytes, size_t len, struct refusal *refusal);

/* The last byte came. Checks length and signature, then takes the facts out. NULL: refused, *refusal says why. The
 * result is borrowed from the intake and lives until intake_free. */
const struct verified *intake_end(struct intake *intake, int64_t now_ms, struct refusal *refusal);

void intake_free(struct intake *intake); /* takes NULL; gives the bytes back to the budget */

/* What a verified delivery holds; borrowed from the intake. */
enum delivery_fate { DELIVERY_APPLY = 1, DELIVERY_IGNORED, DELIVERY_QUARANTINED };
struct delivery {
	struct text guid, name, action; /* X-GitHub-Delivery, X-GitHub-Event, the payload's action */
	struct text body;
	enum delivery_fate fate;
	struct text source;    /* who delivers, for the journal; empty: "github" */
	struct text note;      /* quarantined: which field is missing or malformed; ignored: why */
	struct event event;    /* valid unless quarantined */
	int64_t repo;          /* 0: none or unknown */
	unsigned secret_index; /* which secret matched, for the rotation metric */
};
const struct delivery *verified_delivery(const struct verified *verified);

#endif
