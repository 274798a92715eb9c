/*
 * Every way of sending a delivery badly, over a real socket: the status, the reason in the answer, counted once, and
 * the handler not reached. A row changes one thing of a good request: a header line is dropped, lines are added
 * ($S is the right signature, $L the right length), or line, body or secret are others.
 */
#include <unistd.h>

#include "tests/support/listening.h"
#include "tests/support/suite.h"

/* Requests above all limits are written as one string. */
#pragma GCC diagnostic ignored "-Woverlength-strings"

#define X16(c)  c c c c c c c c c c c c c c c c
#define X64(c)  X16(c) X16(c) X16(c) X16(c)
#define X256(c) X64(c) X64(c) X64(c) X64(c)
#define X1K(c)  X256(c) X256(c) X256(c) X256(c)
#define HEX64   X16("a1b2")
#define POST(t) "POST " t " HTTP/1.1"

static const struct bad {
	const char *title, *drop, *add, *body, *line, *secret;
	size_t body_len;   /* 0: strlen */
	unsigned status;   /* 0: closed without an answer */
	const char *error; /* NULL and no 202: refused by the library, counted as protocol */
	enum delivery_fate fate;
} rows[] = {

	/* Request line and target. */
	{.title = "a GET", .line = "GET /webhooks/github HTTP/1.1", .status = 405, .error = "method_not_allowed"},
	{.title = "a PUT", .line = "PUT /webhooks/github HTTP/1.1", .status = 405, .error = "method_not_allowed"},
	{.title = "a lower-case method",
	 .line = "post /webhooks/github HTTP/1.1",
	 .status = 405,
	 .error = "method_not_allowed"},
	{.title = "another path", .line = POST("/webhooks/gitlab"), .status = 404, .error = "not_found"},
	{.title = "a slash too many", .line = POST(WEBHOOK_PATH "/"), .status = 404, .error = "not_found"},
	{.title = "two slashes", .line = POST("//webhooks/github"), .status = 404, .error = "not_found"},
	{.title = "another case of the path", .line = POST("/Webhooks/github"), .status = 404, .error = "not_found"},
	{.title = "an encoded NUL behind the path",
	 .line = POST(WEBHOOK_PATH "%00x"),
	 .status = 400,
	 .error = "bad_target"},
	{.title = "an encoded line break", .line = POST(WEBHOOK_PATH "%0a"), .status = 400, .error = "bad_target"},
	{.title = "half an escape", .line = POST("/webhooks/githu%6"), .status = 400, .error = "bad_target"},
	{.title = "an escape without digits", .line = POST("/webhooks/%zzithub"), .status = 400, .error = "bad_target"},
	{.title = "an absolute target",
	 .line = POST("http://headgate/webhooks/github"),
	 .status = 400,
	 .error = "bad_target"},
	{.title = "a letter encoded twice", .line = POST("/webhooks/%2567ithub"), .status = 404, .error = "not_found"},
	{.title = "a letter encoded once", .line = POST("/webhooks/%67ithub"), .status = 202, .fate = DELIVERY_APPLY},
	{.title = "a query", .line = POST(WEBHOOK_PATH "?a=b"), .status = 202, .fate = DELIVERY_APPLY},
	{.title = "a target of 3 KiB", .line = POST("/" X1K("abc")), .status = 414, .error = "target_too_long"},
	{.title = "no HTTP at all", .line = "hello", .status = 0, .error = "cut_off"},
	{.title = "an unknown version", .line = "POST /webhooks/github HTTP/7.1", .status = 505},
	{.title = "no version", .line = "POST /webhooks/github", .status = 400},
	{.title = "version 1.0", .line = "POST /webhooks/github HTTP/1.0", .status = 202, .fate = DELIVERY_APPLY},

	/* Head as a whole. */
	{.title = "no Host", .drop = "Host", .status = 400},
	{.title = "a header of 9 KiB",
	 .add = "X-Big: " X1K("123456789") "\r\n",
	 .status = 431,
	 .error = "head_too_large"},
	{.title = "70 header lines", .add = X64("X-Many: 1\r\n"), .status = 431, .error = "head_too_large"},
	{.title = "1000 header lines", .add = X1K("a: b\r\n"), .status = 431},
	{.title = "a header of 64 KiB", .add = "X-Big: " X64(X1K("a")) "\r\n", .status = 431},
	{.title = "a header line without a colon", .add = "nocolon\r\n", .status = 400},

	/* Length and framing. */
	{.title = "no length", .drop = "Length", .status = 411, .error = "length_missing"},
	{.title = "a space before the colon of a second length",
	 .add = "Content-Length : 3\r\n",
	 .status = 400,
	 .error = "bad_head"},
	{.title = "a space before the colon of an encoding",
	 .add = "Transfer-Encoding : chunked\r\n",
	 .status = 400,
	 .error = "bad_head"},
	{.title = "a tab in a header's name", .add = "Transfer\t: chunked\r\n", .status = 400, .error = "bad_head"},
	{.title = "a bare CR in a header", .add = "X-A: b\rContent-Length: 3\r\n", .status = 400, .error = "bad_head"},
	{.title = "a control byte in a header", .add = "X-A: b\x01\r\n", .status = 400, .error = "bad_head"},
	{.title = "two equal lengths", .add = "Content-Length: $L\r\n", .status = 400, .error = "length_doubled"},
	{.title = "two different lengths", .add = "Content-Length: 3\r\n", .status = 400, .error = "length_doubled"},
	{.title = "a length with a plus", .drop = "Length", .add = "Content-Length: +5\r\n", .status = 400},
	{.title = "a hexadecimal length", .drop = "Length", .add = "Content-Length: 0x5\r\n", .status = 400},
	{.title = "a length with a leading zero",
	 .drop = "Length",
	 .add = "Content-Length: 0$L\r\n",
	 .status = 400,
	 .error = "length_malformed"},
	{.title = "an empty length", .drop = "Length", .add = "Content-Length: \r\n", .status = 400},
	{.title = "a negative length", .drop = "Length", .add = "Content-Length: -1\r\n", .status = 400},
	{.title = "a list of lengths", .drop = "Length", .add = "Content-Length: 5, 5\r\n", .status = 400},
	{.title = "a length above 64 bits",
	 .drop = "Length",
	 .add = "Content-Length: 99999999999999999999999\r\n",
	 .status = 413},
	{.title = "a length of 2^63",
	 .drop = "Length",
	 .add = "Content-Length: 9223372036854775808\r\n",
	 .status = 400,
	 .error = "length_malformed"},
	{.title = "a length of 25 MiB and one byte",
	 .drop = "Length",
	 .add = "Content-Length: 26214401\r\n",
	 .status = 413,
	 .error = "too_large"},
	{.title = "too long a length with an expectation",
	 .drop = "Length",
	 .add = "Expect: 100-continue\r\nContent-Length: 26214401\r\n",
	 .status = 413,
	 .error = "too_large"},
	{.title = "chunked",
	 .drop = "Length",
	 .add = "Transfer-Encoding: chunked\r\n",
	 .status = 411,
	 .error = "transfer_encoding"},
	{.title = "chunked with a length",
	 .add = "Transfer-Encoding: chunked\r\n",
	 .status = 411,
	 .error = "transfer_encoding"},
	{.title = "chunked in another case",
	 .add = "TRANSFER-encoding: cHuNkEd\r\n",
	 .status = 411,
	 .error = "transfer_encoding"},
	{.title = "transfer encoding identity",
	 .add = "Transfer-Encoding: identity\r\n",
	 .status = 411,
	 .error = "transfer_encoding"},
	{.title = "transfer encoding gzip, chunked",
	 .add = "Transfer-Encoding: gzip, chunked\r\n",
	 .status = 411,
	 .error = "transfer_encoding"},

	/* Content. */
	{.title = "a form",
	 .drop = "Type",
	 .add = "Content-Type: application/x-www-form-urlencoded\r\n",
	 .status = 415,
	 .error = "content_type_form"},
	{.title = "a form with a parameter",
	 .drop = "Type",
	 .add = "Content-Type: Application/X-WWW-Form-Urlencoded; charset=utf-8\r\n",
	 .status = 415,
	 .error = "content_type_form"},
	{.title = "no content type", .drop = "Type", .status = 415, .error = "content_type"},
	{.title = "plain text",
	 .drop = "Type",
	 .add = "Content-Type: text/plain\r\n",
	 .status = 415,
	 .error = "content_type"},
	{.title = "two content types",
	 .add = "Content-Type: application/json\r\n",
	 .status = 415,
	 .error = "content_type"},
	{.title = "nearly JSON",
	 .drop = "Type",
	 .add = "Content-Type: application/jsonx\r\n",
	 .status = 415,
	 .error = "content_type"},
	{.title = "JSON with a parameter",
	 .drop = "Type",
	 .add = "Content-Type: application/json ; charset=utf-8\r\n",
	 .status = 202,
	 .fate = DELIVERY_APPLY},
	{.title = "JSON in another case",
	 .drop = "Type",
	 .add = "content-TYPE: APPLICATION/json\r\n",
	 .status = 202,
	 .fate = DELIVERY_APPLY},
	{.title = "gzip", .add = "Content-Encoding: gzip\r\n", .status = 415, .error = "content_encoding"},
	{.title = "identity encoding",
	 .add = "Content-Encoding: identity\r\n",
	 .status = 415,
	 .error = "content_encoding"},

	/* Signature. */
	{.title = "no signature", .drop = "Signature", .status = 401, .error = "signature_missing"},
	{.title = "SHA-1 only",
	 .drop = "Signature",
	 .add = "X-Hub-Signature: sha1=" X16("ab") "01234567\r\n",
	 .status = 401,
	 .error = "signature_sha1_only"},
	{.title = "the same signature twice",
	 .add = "X-Hub-Signature-256: $S\r\n",
	 .status = 401,
	 .error = "signature_doubled"},
	{.title = "a right and a forged signature",
	 .add = "X-Hub-Signature-256: sha256=" HEX64 "\r\n",
	 .status = 401,
	 .error = "signature_doubled"},
	{.title = "the header's name in another case",
	 .drop = "Signature",
	 .add = "x-hUB-signature-256: $S\r\n",
	 .status = 202,
	 .fate = DELIVERY_APPLY},
	{.title = "upper-case digits",
	 .drop = "Signature",
	 .add = "X-Hub-Signature-256: sha256=" X16("A1B2") "\r\n",
	 .status = 401,
	 .error = "signature_malformed"},
	{.title = "an upper-case prefix",
	 .drop = "Signature",
	 .add = "X-Hub-Signature-256: SHA256=" HEX64 "\r\n",
	 .status = 401,
	 .error = "signature_malformed"},
	{.title = "another prefix",
	 .drop = "Signature",
	 .add = "X-Hub-Signature-256: sha512=" HEX64 "\r\n",
	 .status = 401,
	 .error = "signature_malformed"},
	{.title = "no prefix",
	 .drop = "Signature",
	 .add = "X-Hub-Signature-256: " HEX64 "\r\n",
	 .status = 401,
	 .error = "signature_malformed"},
	{.title = "a digit too few",
	 .drop = "Signature",
	 .add = "X-Hub-Signature-256: sha256=" X16("abc") "012345678901234\r\n",
	 .status = 401,
	 .error = "signature_malformed"},
	{.title = "a digit too many",
	 .drop = "Signature",
	 .add = "X-Hub-Signature-256: $S0\r\n",
	 .status = 401,
	 .error = "signature_malformed"},
	{.title = "no digits",
	 .drop = "Signature",
	 .add = "X-Hub-Signature-256: sha256=\r\n",
	 .status = 401,
	 .error = "signature_malformed"},
	{.title = "an empty signature",
	 .drop = "Signature",
	 .add = "X-Hub-Signature-256: \r\n",
	 .status = 401,
	 .error = "signature_malformed"},
	{.title = "letters beyond f",
	 .drop = "Signature",
	 .add = "X-Hub-Signature-256: sha256=" X16("g1b2") "\r\n",
	 .status = 401,
	 .error = "signature_malformed"},
	{.title = "two signatures in one line",
	 .drop = "Signature",
	 .add = "X-Hub-Signature-256: $S, $S\r\n",
	 .status = 401,
	 .error = "signature_malformed"},
	{.title = "a forged signature",
	 .drop = "Signature",
	 .add = "X-Hub-Signature-256: sha256=" HEX64 "\r\n",
	 .status = 401,
	 .error = "bad_signature"},
	{.title = "zeros as signature",
	 .drop = "Signature",
	 .add = "X-Hub-Signature-256: sha256=" X64("0") "\r\n",
	 .status = 401,
	 .error = "bad_signature"},
	{.title = "the signature of an unknown secret",
	 .secret = "a secret that nobody configured",
	 .status = 401,
	 .error = "bad_signature"},
	{.title = "the signature of the empty secret", .secret = "", .status = 401, .error = "bad_signature"},
	{.title = "the signature of an expired secret",
	 .secret = SECRET_EXPIRED,
	 .status = 401,
	 .error = "bad_signature"},
	{.title = "the signature of the second secret", .secret = SECRET_TWO, .status = 202, .fate = DELIVERY_APPLY},
	{.title = "a forged signature over no JSON",
	 .drop = "Signature",
	 .add = "X-Hub-Signature-256: sha256=" HEX64 "\r\n",
	 .body = "no json",
	 .status = 401,
	 .error = "bad_signature"},

	/* Event name and delivery id. */
	{.title = "no event", .drop = "Event", .status = 400, .error = "event_missing"},
	{.title = "two events", .add = "X-GitHub-Event: push\r\n", .status = 400, .error = "event_doubled"},
	{.title = "an empty event",
	 .drop = "Event",
	 .add = "X-GitHub-Event: \r\n",
	 .status = 400,
	 .error = "event_malformed"},
	{.title = "a event of 65 bytes",
	 .drop = "Event",
	 .add = "X-GitHub-Event: " X64("a") "b\r\n",
	 .status = 400,
	 .error = "event_malformed"},
	{.title = "a event with a space",
	 .drop = "Event",
	 .add = "X-GitHub-Event: a b\r\n",
	 .status = 400,
	 .error = "event_malformed"},
	{.title = "a event with a path",
	 .drop = "Event",
	 .add = "X-GitHub-Event: ../a\r\n",
	 .status = 400,
	 .error = "event_malformed"},
	{.title = "a event beyond ASCII",
	 .drop = "Event",
	 .add = "X-GitHub-Event: \xc3\xa9\r\n",
	 .status = 400,
	 .error = "event_malformed"},
	{.title = "no delivery", .drop = "Delivery", .status = 400, .error = "delivery_missing"},
	{.title = "two delivery ids", .add = "X-GitHub-Delivery: push\r\n", .status = 400, .error = "delivery_doubled"},
	{.title = "an empty delivery",
	 .drop = "Delivery",
	 .add = "X-GitHub-Delivery: \r\n",
	 .status = 400,
	 .error = "delivery_malformed"},
	{.title = "a delivery of 65 bytes",
	 .drop = "Delivery",
	 .add = "X-GitHub-Delivery: " X64("a") "b\r\n",
	 .status = 400,
	 .error = "delivery_malformed"},
	{.title = "a delivery with a space",
	 .drop = "Delivery",
	 .add = "X-GitHub-Delivery: a b\r\n",
	 .status = 400,
	 .error = "delivery_malformed"},
	{.title = "a delivery with a path",
	 .drop = "Delivery",
	 .add = "X-GitHub-Delivery: ../a\r\n",
	 .status = 400,
	 .error = "delivery_malformed"},
	{.title = "a delivery beyond ASCII",
	 .drop = "Delivery",
	 .add = "X-GitHub-Delivery: \xc3\xa9\r\n",
	 .status = 400,
	 .error = "delivery_malformed"},
	{.title = "an upper-case event",
	 .drop = "Event",
	 .add = "X-GitHub-Event: Push\r\n",
	 .status = 400,
	 .error = "event_malformed"},
	{.title = "an unknown event",
	 .drop = "Event",
	 .add = "X-GitHub-Event: sponsorship\r\n",
	 .status = 202,
	 .fate = DELIVERY_IGNORED},

	/* Bodies with a right signature. */
	{.title = "no JSON", .body = "no json", .status = 400, .error = "bad_json"},
	{.title = "an array", .body = "[]", .status = 400, .error = "bad_json"},
	{.title = "a string", .body = "\"a\"", .status = 400, .error = "bad_json"},
	{.title = "a number", .body = "7", .status = 400, .error = "bad_json"},
	{.title = "null", .body = "null", .status = 400, .error = "bad_json"},
	{.title = "an empty body", .body = "", .status = 400, .error = "bad_json"},
	{.title = "a byte order mark", .body = "\xef\xbb\xbf" GOOD_BODY, .status = 400, .error = "bad_json"},
	{.title = "a NUL behind the value",
	 .body = GOOD_BODY "\0",
	 .body_len = sizeof(GOOD_BODY),
	 .status = 400,
	 .error = "bad_json"},
	{.title = "a NUL within a string",
	 .body = "{\"a\": \"b\0c\"}",
	 .body_len = 12,
	 .status = 400,
	 .error = "bad_json"},
	{.title = "a lone high surrogate", .body = "{\"a\": \"\\ud800\"}", .status = 400, .error = "bad_json"},
	{.title = "a lone low surrogate", .body = "{\"a\": \"\\udc00\"}", .status = 400, .error = "bad_json"},
	{.title = "ill-formed UTF-8", .body = "{\"a\": \"\xc3\x28\"}", .status = 400, .error = "bad_json"},
	{.title = "an overlong form", .body = "{\"a\": \"\xc0\x80\"}", .status = 400, .error = "bad_json"},
	{.title = "a control byte within a string", .body = "{\"a\": \"\x01\"}", .status = 400, .error = "bad_json"},
	{.title = "depth 65", .body = "{\"a\": " X64("[") X64("]") "}", .status = 400, .error = "bad_json"},
	{.title = "depth 64 in an ignored event",
	 .drop = "Event",
	 .add = "X-GitHub-Event: sponsorship\r\n",
	 .body = "{\"a\": " X16("[") X16("[") X16("[") X16("]") X16("]") X16("]") "}",
	 .status = 202,
	 .fate = DELIVERY_IGNORED},
	{.title = "depth 32768", .body = X16(X1K("[[")), .status = 400, .error = "bad_json"},
	{.title = "two values", .body = GOOD_BODY GOOD_BODY, .status = 400, .error = "bad_json"},
	{.title = "half a body", .body = "{\"action\": \"ope", .status = 400, .error = "bad_json"},
	{.title = "a comment", .body = "{} // comment", .status = 400, .error = "bad_json"},
	{.title = "single quotes", .body = "{'a': 1}", .status = 400, .error = "bad_json"},
	{.title = "a trailing comma", .body = "{\"a\": 1,}", .status = 400, .error = "bad_json"},
	{.title = "a leading zero", .body = "{\"a\": 01}", .status = 400, .error = "bad_json"},
	{.title = "not a number", .body = "{\"a\": NaN}", .status = 400, .error = "bad_json"},
	{.title = "the installation's id twice",
	 .body = "{\"installation\": {\"id\": 5, \"id\": 6}}",
	 .status = 400,
	 .error = "bad_json"},
	{.title = "the repository twice",
	 .body = "{\"repository\": {\"id\": 42}, \"repository\": {\"id\": 43}}",
	 .status = 400,
	 .error = "bad_json"},

	/* Whose it is. */
	{.title = "another installation",
	 .body = DELIVERY_BODY("6", "acme/app", "topic", SHA_A),
	 .status = 403,
	 .error = "wrong_installation"},
	{.title = "installation 0",
	 .body = DELIVERY_BODY("0", "acme/app", "topic", SHA_A),
	 .status = 202,
	 .fate = DELIVERY_QUARANTINED},
	{.title = "another repository",
	 .body = DELIVERY_BODY("5", "acme/apple", "topic", SHA_A),
	 .status = 403,
	 .error = "wrong_repository"},
	{.title = "a repository whose name begins the same",
	 .body = DELIVERY_BODY("5", "acme/ap", "topic", SHA_A),
	 .status = 403,
	 .error = "wrong_repository"},
	{.title = "the repository in another case",
	 .body = DELIVERY_BODY("5", "ACME/aPP", "topic", SHA_A),
	 .status = 202,
	 .fate = DELIVERY_APPLY},
	{.title = "a short SHA",
	 .body = DELIVERY_BODY("5", "acme/app", "topic", "a1b2c3d"),
	 .status = 202,
	 .fate = DELIVERY_QUARANTINED},
	{.title = "a ref in place of a SHA",
	 .body = DELIVERY_BODY("5", "acme/app", "topic", "refs/heads/main"),
	 .status = 202,
	 .fate = DELIVERY_QUARANTINED},
	{.title = "an upper-case SHA",
	 .body = DELIVERY_BODY("5", "acme/app", "topic", "A1B2C3D4E5F60718293A4B5C6D7E8F9001122334"),
	 .status = 202,
	 .fate = DELIVERY_QUARANTINED},
	{.title = "a base branch named like a SHA",
	 .body = DELIVERY_ON("5", "acme/app", "topic", SHA_A, SHA_A),
	 .status = 202,
	 .fate = DELIVERY_QUARANTINED},
	{.title = "a head branch named like a SHA",
	 .body = DELIVERY_BODY("5", "acme/app", SHA_B, SHA_A),
	 .status = 202,
	 .fate = DELIVERY_APPLY},
};

static void append(char *to, size_t room, const char *from)
{
	size_t len = strlen(to);

	ck_assert_uint_lt(len + strlen(from), room);
	memcpy(to + len, from, strlen(from) + 1);
}

/* Appends lines with $S and $L replaced. */
static void append_filled(char *to, size_t room, const char *from, const char *signature, const char *length)
{
	for (; *from; from++) {
		char one[2] = {*from, '\0'};

		if (strncmp(from, "$S", 2) == 0 || strncmp(from, "$L", 2) == 0)
			append(to, room, *++from == 'S' ? signature : length);
		else
			append(to, room, one);
	}
}

static struct text request_of(const struct bad *row, char *request, size_t room)
{
	static const char *const lines[][2] = {{"Host", "Host: headgate\r\n"},
					       {"Type", "Content-Type: application/json\r\n"},
					       {"Length", "Content-Length: $L\r\n"},
					       {"Event", "X-GitHub-Event: pull_request\r\n"},
					       {"Delivery", "X-GitHub-Delivery: 72d3162e-cc78-11e3-81ab\r\n"},
					       {"Signature", "X-Hub-Signature-256: $S\r\n"}};
	struct text body = row->body ? text_of(row->body) : TEXT_LIT(GOOD_BODY);
	char signature[72], length[32];
	size_t n;

	if (row->body_len)
		body.len = row->body_len;
	sign(text_of(row->secret ? row->secret : SECRET_ONE), body, signature);
	snprintf(length, sizeof(length), "%zu", body.len);
	snprintf(request, room, "%s\r\n", row->line ? row->line : POST(WEBHOOK_PATH));
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (!row->drop || strcmp(row->drop, lines[i][0]) != 0)
			append_filled(request, room, lines[i][1], signature, length);
	append_filled(request, room, row->add ? row->add : "", signature, length);
	append(request, room, "\r\n");
	n = strlen(request);
	ck_assert_uint_lt(n + body.len, room);
	memcpy(request + n, body.at, body.len);
	return (struct text){request, n + body.len};
}

static void check_refused(struct listening *box, const struct bad *row, const struct reply *reply)
{
	ck_assert(listening_waits_refused(box, 1));
	ck_assert_uint_eq(listening_handled(box), 0);
	ck_assert_msg(listening_refused(box) == 1, "%s: counted %u times", row->title, listening_refused(box));
	ck_assert_msg(strcmp(box->reason, row->error ? row->error : "protocol") == 0, "%s: counted as %s", row->title,
		      box->reason);
	if (!row->error || !row->status)
		return;
	ck_assert_msg(strcmp(reply->error, row->error) == 0, "%s: error %s", row->title, reply->error);
	ck_assert_ptr_nonnull(strstr(reply->body, "\"detail\": \""));
	ck_assert_ptr_nonnull(strstr(reply->head, "X-Content-Type-Options: nosniff"));
	ck_assert_ptr_nonnull(strstr(reply->head, "Cache-Control: no-store"));
}

START_TEST(every_bad_request_is_refused_by_name_and_counted_once)
{
	const struct bad *row = &rows[_i];
	static char request[200000];
	struct listening box;
	struct reply reply;

	listening_init(&box);
	listening_start(&box);
	listening_ask(listener_port(box.listener), request_of(row, request, sizeof(request)), &reply);
	ck_assert_msg(reply.status == row->status, "%s: status %u instead of %u, error \"%s\" %s", row->title,
		      reply.status, row->status, reply.error, reply.body);
	if (row->status != 202) {
		check_refused(&box, row, &reply);
	} else {
		ck_assert_uint_eq(listening_handled(&box), 1);
		ck_assert_uint_eq(listening_refused(&box), 0);
		ck_assert_msg(box.fate == row->fate, "%s: fate %d", row->title, (int)box.fate);
	}
	listening_stop(&box);
}
END_TEST

START_TEST(there_are_at_least_sixty_bad_requests)
{
	size_t bad = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		bad += rows[i].status != 202;
	ck_assert_uint_ge(bad, 60);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(every_bad_request_is_refused_by_name_and_counted_once, rows),
	SUITE_TEST(there_are_at_least_sixty_bad_requests),
	SUITE_END,
};
SUITE_MAIN(tests)
