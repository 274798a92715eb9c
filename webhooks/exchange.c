#include "webhooks/exchange.h"

#include "policy/arena_wipe.h"
#include "policy/memory.h"
#include "webhooks/head.h"

static bool token(struct text name)
{
	static const char others[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < name.len; i++) {
		char c = name.at[i], low = (char)(c | 0x20);

		if (!(low >= 'a' && low <= 'z') && !(c >= '0' && c <= '9') && !memchr(others, c, sizeof(others) - 1))
			return false;
	}
	return name.len > 0;
}

static bool controls(struct text value)
{
	for (size_t i = 0; i < value.len; i++)
		if (((unsigned char)value.at[i] < 0x20 && value.at[i] != '\t') || value.at[i] == 0x7f)
			return true;
	return false;
}

void exchange_add_header(struct exchange *exchange, struct text name, struct text value)
{
	/* "Content-Length : 5" is a length for some and none for others: two readings of one message. */
	exchange->head_malformed = exchange->head_malformed || !token(name) || controls(value);
	exchange->head_bytes += name.len + value.len + 4; /* ": " and the line's end */
	if (exchange->head_bytes > EXCHANGE_HEAD_MAX || exchange->n_headers == EXCHANGE_LINES_MAX) {
		exchange->head_large = true;
		return;
	}
	if (!exchange->headers)
		exchange->headers = arena_alloc(&exchange->arena, EXCHANGE_LINES_MAX, sizeof(struct header));
	exchange->headers[exchange->n_headers++] =
		(struct header){arena_text(&exchange->arena, name), arena_text(&exchange->arena, value)};
}

/* A request that is no delivery: a body only where the route takes one, and never with GET. */
static bool judge_plain(struct exchange *exchange, struct refusal *refusal)
{
	bool get = text_is(exchange->method, "GET") || text_is(exchange->method, "HEAD");
	size_t max = get ? 0 : exchange->route->body_max, length = 0;

	if (!head_length(exchange->headers, exchange->n_headers, max ? max : SIZE_MAX - 1, &length, refusal))
		return false;
	if (length == SIZE_MAX)
		length = 0;
	if (length && max == 0)
		return refuse(refusal, REASON_BODY_UNEXPECTED);
	exchange->want = length;
	return true;
}

bool exchange_judge(struct exchange *exchange, const struct listener_config *config, atomic_size_t *in_flight,
		    char allow[ROUTE_ALLOW_MAX], struct refusal *refusal)
{
	struct request_head head;

	allow[0] = '\0';
	if (exchange->head_large)
		return refuse(refusal, REASON_HEAD_LARGE);
	if (exchange->head_malformed)
		return refuse(refusal, REASON_HEAD_MALFORMED);
	if (!target_parse(exchange->raw_target, &exchange->arena, &exchange->target, refusal))
		return false;
	exchange->route = route_find(config, exchange->method, exchange->target.path, allow, refusal);
	if (!exchange->route)
		return false;
	if (!exchange->route->webhook)
		return judge_plain(exchange, refusal);
	head = (struct request_head){exchange->method, exchange->target.path, exchange->headers, exchange->n_headers};
	exchange->intake = intake_begin(config->intake, in_flight, &head, config->wall_ms(config->clock), refusal);
	return exchange->intake != NULL;
}

bool exchange_feed(struct exchange *exchange, const char *bytes, size_t len, struct refusal *refusal)
{
	if (exchange->intake)
		return intake_chunk(exchange->intake, bytes, len, refusal);
	if (len > exchange->want - exchange->body_len)
		return refuse(refusal, REASON_BODY_LONG);
	if (!exchange->body)
		exchange->body = malloc(exchange->want);
	if (!exchange->body)
		out_of_memory();
	memcpy(exchange->body + exchange->body_len, bytes, len);
	exchange->body_len += len;
	return true;
}

bool exchange_complete(struct exchange *exchange, const struct listener_config *config, struct refusal *refusal)
{
	if (!exchange->intake)
		return exchange->body_len == exchange->want || refuse(refusal, REASON_BODY_SHORT);
	exchange->verified = intake_end(exchange->intake, config->wall_ms(config->clock), refusal);
	return exchange->verified != NULL;
}

void exchange_free(struct exchange *exchange)
{
	intake_free(exchange->intake);
	if (exchange->body)
		bytes_wipe(exchange->body, exchange->body_len); /* a tracker's may tell of secret bugs */
	free(exchange->body);
	arena_wipe(&exchange->arena); /* and the header its webhooks' secret */
	free(exchange);
}

struct text exchange_method(const struct exchange *exchange)
{
	return exchange->method;
}

struct text exchange_path(const struct exchange *exchange)
{
	return exchange->target.path;
}

bool exchange_path_encoded(const struct exchange *exchange)
{
	size_t percent = text_find(exchange->raw_target, TEXT_LIT("%"));

	return percent < text_find(exchange->raw_target, TEXT_LIT("?"));
}

struct text exchange_query(struct exchange *exchange, const char *name)
{
	return target_query(exchange->target.query, name, &exchange->arena);
}

struct text exchange_header(const struct exchange *exchange, const char *name)
{
	struct text value = TEXT_EMPTY;

	head_find(exchange->headers, exchange->n_headers, name, &value);
	return value;
}

size_t exchange_headers(const struct exchange *exchange, const char *name, struct text *ret)
{
	return head_find(exchange->headers, exchange->n_headers, name, ret);
}

struct text exchange_body(const struct exchange *exchange)
{
	return (struct text){exchange->body, exchange->body_len};
}

int64_t exchange_peer_uid(const struct exchange *exchange)
{
	return exchange->peer_uid;
}

void exchange_refuse(struct exchange *exchange, const struct refusal *refusal)
{
	char json[REFUSAL_JSON_MAX], seconds[16];
	struct header retry = {TEXT_LIT("Retry-After"), TEXT_EMPTY};
	struct answer answer = {
		.status = refusal->status, .content_type = "application/json", .body = refusal_json(refusal, json)};

	if (refusal->retry_after) {
		snprintf(seconds, sizeof(seconds), "%u", refusal->retry_after);
		retry.value = text_of(seconds);
		answer.headers = &retry;
		answer.n_headers = 1;
	}
	exchange_answer(exchange, &answer);
}
