#include "webhooks/refusal.h"

#include <assert.h>
#include <stdarg.h>

#define BUSY_RETRY_SECONDS 5

static const struct row {
	unsigned status, retry_after;
	const char *name, *detail;
} rows[REASONS] = {
	[REASON_NOT_FOUND] = {404, 0, "not_found", "nothing is served at this path; check the URL"},
	[REASON_METHOD] = {405, 0, "method_not_allowed", "use one of the methods in the Allow header"},
	[REASON_TARGET] = {400, 0, "bad_target", "the path holds a control byte or a malformed % escape"},
	[REASON_TARGET_LONG] = {414, 0, "target_too_long", "shorten the path and its query"},
	[REASON_HEAD_LARGE] = {431, 0, "head_too_large", "send fewer or shorter header lines"},
	[REASON_HEAD_MALFORMED] = {400, 0, "bad_head",
				   "a header line has a name or value that no HTTP message may have"},
	[REASON_BODY_UNEXPECTED] = {400, 0, "body_unexpected", "send this request without a body"},
	[REASON_TRANSFER_ENCODING] = {411, 0, "transfer_encoding",
				      "send the body with Content-Length and without Transfer-Encoding"},
	[REASON_LENGTH_MISSING] = {411, 0, "length_missing", "send a Content-Length header"},
	[REASON_LENGTH_DOUBLED] = {400, 0, "length_doubled", "send exactly one Content-Length header"},
	[REASON_LENGTH_MALFORMED] = {400, 0, "length_malformed", "Content-Length must be a plain decimal number"},
	[REASON_TOO_LARGE] = {413, 0, "too_large", "the declared body is larger than the limit"},
	[REASON_CONTENT_TYPE] = {415, 0, "content_type", "send exactly one Content-Type: application/json"},
	[REASON_CONTENT_TYPE_FORM] = {415, 0, "content_type_form",
				      "set the webhook's content type to application/json in its settings"},
	[REASON_CONTENT_ENCODING] = {415, 0, "content_encoding", "send the body without Content-Encoding"},
	[REASON_SIGNATURE_MISSING] = {401, 0, "signature_missing",
				      "set a secret on the webhook, so that X-Hub-Signature-256 is sent"},
	[REASON_SIGNATURE_SHA1] = {401, 0, "signature_sha1_only",
				   "SHA-1 signatures do not count; send X-Hub-Signature-256"},
	[REASON_SIGNATURE_DOUBLED] = {401, 0, "signature_doubled", "send exactly one X-Hub-Signature-256 header"},
	[REASON_SIGNATURE_MALFORMED] = {401, 0, "signature_malformed",
					"X-Hub-Signature-256 must be sha256= and 64 lower-case hex digits"},
	[REASON_EVENT_MISSING] = {400, 0, "event_missing", "send an X-GitHub-Event header"},
	[REASON_EVENT_DOUBLED] = {400, 0, "event_doubled", "send exactly one X-GitHub-Event header"},
	[REASON_EVENT_MALFORMED] = {400, 0, "event_malformed",
				    "X-GitHub-Event must be at most 64 of a-z, 0-9 and underscore"},
	[REASON_DELIVERY_MISSING] = {400, 0, "delivery_missing", "send an X-GitHub-Delivery header"},
	[REASON_DELIVERY_DOUBLED] = {400, 0, "delivery_doubled", "send exactly one X-GitHub-Delivery header"},
	[REASON_DELIVERY_MALFORMED] = {400, 0, "delivery_malformed",
				       "X-GitHub-Delivery must be at most 64 letters, digits and hyphens"},
	[REASON_TOKEN_MISSING] = {401, 0, "token_missing", "set the webhook's API key header and value in the tracker"},
	[REASON_TOKEN_DOUBLED] = {401, 0, "token_doubled", "send the secret's header exactly once"},
	[REASON_BAD_TOKEN] = {401, 0, "bad_token", "the secret does not match; set the same one on both sides"},
	[REASON_BEARER] = {401, 0, "bearer_missing", "send exactly one Authorization: Bearer TOKEN header"},
	[REASON_BAD_BUG] = {400, 0, "bad_bug", "the path ends with a bug's number, a whole number from 1 to 99999999"},
	[REASON_BAD_BODY] = {400, 0, "bad_body", "send no body, or a JSON object with `approved` and `seen` at most"},
	[REASON_BUSY] = {503, BUSY_RETRY_SECONDS, "busy", "too many bytes are in flight; redeliver later"},
	[REASON_BODY_LONG] = {400, 0, "body_long", "the body is longer than its Content-Length"},
	[REASON_BODY_SHORT] = {400, 0, "body_short", "the body is shorter than its Content-Length"},
	[REASON_BAD_SIGNATURE] = {401, 0, "bad_signature",
				  "the signature does not match; set the same secret on both sides"},
	[REASON_BAD_JSON] = {400, 0, "bad_json", "the body is not one well-formed JSON object"},
	[REASON_WRONG_INSTALLATION] = {403, 0, "wrong_installation",
				       "this delivery is of another installation than the configured one"},
	[REASON_WRONG_REPOSITORY] = {403, 0, "wrong_repository",
				     "this repository is not in the configured list; add it or remove the webhook"},
	[REASON_TOO_SLOW] = {408, 0, "too_slow", "the request took longer than the limit; the connection was closed"},
	[REASON_CUT_OFF] = {400, 0, "cut_off", "the connection ended before the request was complete"},
	[REASON_STOPPING] = {503, BUSY_RETRY_SECONDS, "stopping", "the server is stopping; redeliver later"},
	[REASON_PROTOCOL] = {400, 0, "protocol", "the request is not well-formed HTTP or its head is too large"},
};

const char *intake_reason_at(size_t i)
{
	return i < REASONS ? rows[i].name : NULL;
}

bool refuse(struct refusal *ret, enum reason reason)
{
	const struct row *row = &rows[reason];

	*ret = (struct refusal){.status = row->status, .reason = row->name, .retry_after = row->retry_after};
	snprintf(ret->detail, sizeof(ret->detail), "%s", row->detail);
	return false;
}

bool refuse_with(struct refusal *ret, enum reason reason, const char *format, ...)
{
	char found[100];
	va_list args;

	va_start(args, format);
	vsnprintf(found, sizeof(found), format, args);
	va_end(args);
	refuse(ret, reason);
	snprintf(ret->detail, sizeof(ret->detail), "%s (%s)", rows[reason].detail, found);
	return false;
}

/* Copies with JSON's escapes; bytes beyond ASCII become '?', so that no encoding question arises. */
static size_t put_escaped(char *to, const char *from)
{
	size_t n = 0;

	for (; *from; from++) {
		unsigned char c = (unsigned char)*from;

		if (c == '"' || c == '\\')
			to[n++] = '\\';
		to[n++] = (char)(c < 0x20 || c > 0x7e ? '?' : c);
	}
	to[n] = '\0';
	return n;
}

struct text refusal_json(const struct refusal *refusal, char buffer[REFUSAL_JSON_MAX])
{
	char reason[201], detail[2 * sizeof(refusal->detail)];
	int n;

	assert(strlen(refusal->reason) <= 100);
	put_escaped(reason, refusal->reason);
	put_escaped(detail, refusal->detail);
	n = snprintf(buffer, REFUSAL_JSON_MAX, "{\"error\": \"%s\", \"detail\": \"%s\"}\n", reason, detail);
	assert(n > 0 && n < REFUSAL_JSON_MAX);
	return (struct text){buffer, (size_t)n};
}
