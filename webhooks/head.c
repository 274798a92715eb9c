#include "webhooks/head.h"

size_t head_find(const struct header *headers, size_t n, const char *name, struct text *ret)
{
	struct text wanted = text_of(name);
	size_t found = 0;

	for (size_t i = 0; i < n; i++) {
		if (!text_eq_nocase(headers[i].name, wanted))
			continue;
		if (found++ == 0)
			*ret = headers[i].value;
	}
	return found;
}

bool head_length(const struct header *headers, size_t n, size_t max, size_t *ret, struct refusal *refusal)
{
	struct text value = TEXT_EMPTY;
	size_t found;
	int64_t length = 0;

	if (head_find(headers, n, "Transfer-Encoding", &value))
		return refuse(refusal, REASON_TRANSFER_ENCODING);
	found = head_find(headers, n, "Content-Length", &value);
	if (found > 1)
		return refuse(refusal, REASON_LENGTH_DOUBLED);
	if (found && (!text_int64(value, &length) || length < 0))
		return refuse(refusal, REASON_LENGTH_MALFORMED);
	if ((uint64_t)length > max)
		return refuse_with(refusal, REASON_TOO_LARGE, "at most %zu bytes", max);
	*ret = found ? (size_t)length : SIZE_MAX;
	return true;
}

static struct text trimmed(struct text t)
{
	while (t.len && (t.at[0] == ' ' || t.at[0] == '\t'))
		t = (struct text){t.at + 1, t.len - 1};
	while (t.len && (t.at[t.len - 1] == ' ' || t.at[t.len - 1] == '\t'))
		t.len--;
	return t;
}

bool head_content(const struct header *headers, size_t n, struct refusal *refusal)
{
	struct text value = TEXT_EMPTY;
	size_t found = head_find(headers, n, "Content-Type", &value);
	size_t parameters = text_find(value, TEXT_LIT(";"));

	if (parameters != SIZE_MAX)
		value.len = parameters;
	value = trimmed(value);
	if (found == 1 && text_eq_nocase(value, TEXT_LIT("application/x-www-form-urlencoded")))
		return refuse(refusal, REASON_CONTENT_TYPE_FORM);
	if (found != 1 || !text_eq_nocase(value, TEXT_LIT("application/json")))
		return refuse(refusal, REASON_CONTENT_TYPE);
	if (head_find(headers, n, "Content-Encoding", &value))
		return refuse(refusal, REASON_CONTENT_ENCODING);
	return true;
}

/* Exactly what the forge writes: any other spelling of the same digest is somebody else's. */
static bool judge_signature(const struct request_head *head, unsigned char *ret, struct refusal *refusal)
{
	struct text prefix = TEXT_LIT("sha256="), value = TEXT_EMPTY;
	size_t found = head_find(head->headers, head->n_headers, "X-Hub-Signature-256", &value);

	if (found > 1)
		return refuse(refusal, REASON_SIGNATURE_DOUBLED);
	if (!found && head_find(head->headers, head->n_headers, "X-Hub-Signature", &value))
		return refuse(refusal, REASON_SIGNATURE_SHA1);
	if (!found)
		return refuse(refusal, REASON_SIGNATURE_MISSING);
	if (!text_starts(value, prefix))
		return refuse(refusal, REASON_SIGNATURE_MALFORMED);
	value = (struct text){value.at + prefix.len, value.len - prefix.len};
	for (size_t i = 0; i < value.len; i++)
		if (value.at[i] >= 'A' && value.at[i] <= 'F')
			return refuse(refusal, REASON_SIGNATURE_MALFORMED);
	if (!crypto_unhex(value, ret, CRYPTO_DIGEST))
		return refuse(refusal, REASON_SIGNATURE_MALFORMED);
	return true;
}

static bool only_of(struct text t, const char *alphabet)
{
	if (t.len == 0 || t.len > HEAD_NAME_MAX)
		return false;
	for (size_t i = 0; i < t.len; i++)
		if (!t.at[i] || !strchr(alphabet, t.at[i]))
			return false;
	return true;
}

static const char event_alphabet[] = "abcdefghijklmnopqrstuvwxyz_0123456789";
static const char guid_alphabet[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";

static bool judge_names(const struct request_head *head, struct delivery_head *ret, struct refusal *refusal)
{
	const struct {
		const char *name, *alphabet;
		struct text *ret;
		enum reason missing, doubled, malformed;
	} wanted[] = {
		{"X-GitHub-Event", event_alphabet, &ret->event, REASON_EVENT_MISSING, REASON_EVENT_DOUBLED,
		 REASON_EVENT_MALFORMED},
		{"X-GitHub-Delivery", guid_alphabet, &ret->guid, REASON_DELIVERY_MISSING, REASON_DELIVERY_DOUBLED,
		 REASON_DELIVERY_MALFORMED},
	};

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		size_t found = head_find(head->headers, head->n_headers, wanted[i].name, wanted[i].ret);

		if (found != 1)
			return refuse(refusal, found ? wanted[i].doubled : wanted[i].missing);
		if (!only_of(*wanted[i].ret, wanted[i].alphabet))
			return refuse(refusal, wanted[i].malformed);
	}
	return true;
}

bool head_delivery(const struct intake_config *config, const struct request_head *head, struct delivery_head *ret,
		   struct refusal *refusal)
{
	struct delivery_head found = {0};

	if (!text_is(head->path, config->path))
		return refuse(refusal, REASON_NOT_FOUND);
	if (!text_is(head->method, "POST"))
		return refuse(refusal, REASON_METHOD);
	if (!head_length(head->headers, head->n_headers, config->limits.body_bytes, &found.length, refusal))
		return false;
	if (found.length == SIZE_MAX)
		return refuse(refusal, REASON_LENGTH_MISSING);
	if (!head_content(head->headers, head->n_headers, refusal) ||
	    !judge_signature(head, found.signature, refusal) || !judge_names(head, &found, refusal))
		return false;
	*ret = found;
	return true;
}

struct text head_guid(const struct header *headers, size_t n)
{
	struct text guid = TEXT_EMPTY;

	if (head_find(headers, n, "X-GitHub-Delivery", &guid) != 1 || !only_of(guid, guid_alphabet))
		return TEXT_EMPTY;
	return guid;
}
