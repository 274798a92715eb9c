/*
 * refusal: every reason for which a request is refused, as one table: status, short name, sentence with the remedy.
 * Made by intake (what a delivery must be) and by the listener (what a request must be). Pure; any thread.
 */
#ifndef WEBHOOKS_REFUSAL_H
#define WEBHOOKS_REFUSAL_H

#include "webhooks/intake.h"

enum reason {
	REASON_NOT_FOUND,
	REASON_METHOD,
	REASON_TARGET,
	REASON_TARGET_LONG,
	REASON_HEAD_LARGE,
	REASON_HEAD_MALFORMED,
	REASON_BODY_UNEXPECTED,
	REASON_TRANSFER_ENCODING,
	REASON_LENGTH_MISSING,
	REASON_LENGTH_DOUBLED,
	REASON_LENGTH_MALFORMED,
	REASON_TOO_LARGE,
	REASON_CONTENT_TYPE,
	REASON_CONTENT_TYPE_FORM,
	REASON_CONTENT_ENCODING,
	REASON_SIGNATURE_MISSING,
	REASON_SIGNATURE_SHA1,
	REASON_SIGNATURE_DOUBLED,
	REASON_SIGNATURE_MALFORMED,
	REASON_EVENT_MISSING,
	REASON_EVENT_DOUBLED,
	REASON_EVENT_MALFORMED,
	REASON_DELIVERY_MISSING,
	REASON_DELIVERY_DOUBLED,
	REASON_DELIVERY_MALFORMED,
	REASON_TOKEN_MISSING,
	REASON_TOKEN_DOUBLED,
	REASON_BAD_TOKEN,
	REASON_BEARER,
	REASON_BAD_BUG,
	REASON_BAD_BODY,
	REASON_BUSY,
	REASON_BODY_LONG,
	REASON_BODY_SHORT,
	REASON_BAD_SIGNATURE,
	REASON_BAD_JSON,
	REASON_WRONG_INSTALLATION,
	REASON_WRONG_REPOSITORY,
	REASON_TOO_SLOW,
	REASON_CUT_OFF,
	REASON_STOPPING,
	REASON_PROTOCOL,
	REASONS
};

/* Fills *ret and returns false, so that `return refuse(ret, REASON_X)` is one line. */
bool refuse(struct refusal *ret, enum reason reason);

/* The same, with what was found put behind the table's sentence in brackets. Only our own or checked bytes go in. */
bool refuse_with(struct refusal *ret, enum reason reason, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* {"error": reason, "detail": sentence} and a newline; escaped. */
#define REFUSAL_JSON_MAX 1400
struct text refusal_json(const struct refusal *refusal, char buffer[REFUSAL_JSON_MAX]);

#endif
