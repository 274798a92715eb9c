/*
 * The head is judged first (head.c); then every chunk goes into one HMAC for each secret that counts and into the
 * buffer; then all digests are compared. The buffer, and what it takes from the budget, grows with the bytes that came:
 * were it the length that somebody only declares, three unsigned heads could keep every delivery out. Only a delivery
 * that passed this is a `struct verified`, and only verified() makes one: normalisation cannot be reached in another
 * way.
 */
#include "webhooks/intake.h"

#include "policy/memory.h"
#include "webhooks/head.h"
#include "webhooks/normalize.h"

#define BUFFER_START ((size_t)64 * 1024)

struct verified {
	struct delivery delivery;
};

struct intake {
	const struct intake_config *config;
	atomic_size_t *in_flight;
	struct arena arena;
	struct delivery_head head;              /* texts in the arena */
	struct hmac *hmacs[INTAKE_SECRETS_MAX]; /* NULL: expired */
	char *body;
	size_t len, room; /* never above head.length; room is what the budget gave */
	bool crowded_out; /* the budget gave no more: what came is dropped, what still comes too */
	struct verified verified;
};

bool intake_config_check(const struct intake_config *config, struct err *err)
{
	if (config->n_secrets == 0)
		return err_set(err, ERR_INVALID,
			       "no webhook secret is configured: unsigned deliveries are never taken");
	if (config->n_secrets > INTAKE_SECRETS_MAX)
		return err_set(err, ERR_LIMIT, "at most %d webhook secrets", INTAKE_SECRETS_MAX);
	for (size_t i = 0; i < config->n_secrets; i++)
		if (config->secrets[i].bytes.len < INTAKE_SECRET_BYTES_MIN)
			return err_set(err, ERR_INVALID, "webhook secret %zu is shorter than %d bytes", i + 1,
				       INTAKE_SECRET_BYTES_MIN);
	if (!config->path || config->path[0] != '/')
		return err_set(err, ERR_INVALID, "the webhook path must begin with /");
	if (config->limits.body_bytes == 0 || config->limits.in_flight_bytes < config->limits.body_bytes)
		return err_set(err, ERR_INVALID,
			       "limits.body_bytes must be above 0 and at most limits.in_flight_bytes");
	return true;
}

static bool secret_counts(const struct intake_secret *secret, int64_t now_ms)
{
	return secret->until_ms == WHEN_UNKNOWN || now_ms < secret->until_ms;
}

static bool budget_take(const struct intake_config *config, atomic_size_t *in_flight, size_t bytes)
{
	size_t before = atomic_fetch_add(in_flight, bytes);

	if (before <= config->limits.in_flight_bytes && bytes <= config->limits.in_flight_bytes - before)
		return true;
	atomic_fetch_sub(in_flight, bytes);
	return false;
}

static size_t room_at_first(size_t length)
{
	return length < BUFFER_START ? length : BUFFER_START;
}

static void hmacs_start(struct intake *intake, int64_t now_ms)
{
	for (size_t i = 0; i < intake->config->n_secrets; i++) {
		const struct intake_secret *secret = &intake->config->secrets[i];

		if (secret_counts(secret, now_ms))
			intake->hmacs[i] = secret->keyed ? hmac_dup(secret->keyed) : hmac_new(secret->bytes);
	}
}

struct intake *intake_begin(const struct intake_config *config, atomic_size_t *in_flight,
			    const struct request_head *head, int64_t now_ms, struct refusal *refusal)
{
	struct delivery_head found;
	struct intake *intake;

	if (!head_delivery(config, head, &found, refusal))
		return NULL;
	if (!budget_take(config, in_flight, room_at_first(found.length))) {
		refuse(refusal, REASON_BUSY);
		return NULL;
	}
	intake = calloc(1, sizeof(*intake));
	if (!intake)
		out_of_memory();
	intake->config = config;
	intake->in_flight = in_flight;
	intake->head = found;
	intake->room = room_at_first(found.length);
	intake->head.event = arena_text(&intake->arena, found.event);
	intake->head.guid = arena_text(&intake->arena, found.guid);
	hmacs_start(intake, now_ms);
	return intake;
}

static void hmacs_drop(struct intake *intake)
{
	for (size_t i = 0; i < INTAKE_SECRETS_MAX; i++) {
		hmac_free(intake->hmacs[i]);
		intake->hmacs[i] = NULL;
	}
}

/* The rest is read and dropped, so that the sender gets an answer. */
static void crowd_out(struct intake *intake)
{
	atomic_fetch_sub(intake->in_flight, intake->room);
	free(intake->body);
	intake->body = NULL;
	intake->room = 0;
	intake->crowded_out = true;
	hmacs_drop(intake);
}

/* False: crowded out. */
static bool body_make_room(struct intake *intake, size_t len)
{
	size_t room = intake->room;
	char *body;

	while (room < len)
		room *= 2;
	if (room > intake->head.length)
		room = intake->head.length;
	if (room > intake->room && !budget_take(intake->config, intake->in_flight, room - intake->room)) {
		crowd_out(intake);
		return false;
	}
	if (intake->body && room == intake->room)
		return true;
	body = realloc(intake->body, room);
	if (!body)
		out_of_memory();
	intake->body = body;
	intake->room = room;
	return true;
}

bool intake_chunk(struct intake *intake, const void *bytes, size_t len, struct refusal *refusal)
{
	if (len > intake->head.length - intake->len)
		return refuse(refusal, REASON_BODY_LONG);
	if (len == 0)
		return true;
	if (!intake->crowded_out && body_make_room(intake, intake->len + len)) {
		for (size_t i = 0; i < INTAKE_SECRETS_MAX; i++)
			if (intake->hmacs[i])
				hmac_feed(intake->hmacs[i], bytes, len);
		memcpy(intake->body + intake->len, bytes, len);
	}
	intake->len += len;
	return true;
}

/* Every secret is tried, whichever matched: the time taken tells nothing about which one, or how much of it. */
static bool signature_holds(struct intake *intake, int64_t now_ms, unsigned *ret_index)
{
	unsigned char digest[CRYPTO_DIGEST];
	bool held = false;

	for (unsigned i = 0; i < INTAKE_SECRETS_MAX; i++) {
		if (!intake->hmacs[i])
			continue;
		hmac_end(intake->hmacs[i], digest);
		hmac_free(intake->hmacs[i]);
		intake->hmacs[i] = NULL;
		if (crypto_equal(digest, intake->head.signature, CRYPTO_DIGEST) &&
		    secret_counts(&intake->config->secrets[i], now_ms)) {
			held = true;
			*ret_index = i;
		}
	}
	crypto_cleanse(digest, sizeof(digest));
	return held;
}

static bool repository_allowed(const struct intake_config *config, const struct delivery *delivery)
{
	struct text name = delivery->event.repo_name;

	if (config->n_repositories == 0)
		return true;
	if (name.len == 0) /* an event of the installation or the organization; an id without a name is doubt */
		return delivery->repo == 0 && delivery->event.repo == 0;
	for (size_t i = 0; i < config->n_repositories; i++)
		if (text_eq_nocase(config->repositories[i], name))
			return true;
	return false;
}

/* A delivery that names a repository must name the installation too; only others may leave it out. */
static bool installation_allowed(const struct intake_config *config, const struct delivery *delivery)
{
	const struct event *event = &delivery->event;
	bool names_repository = delivery->repo || event->repo || event->repo_name.len;

	if (config->installation == 0 || event->installation == config->installation)
		return true;
	return event->installation == 0 && !(names_repository && delivery->fate == DELIVERY_APPLY);
}

static bool take_facts(struct intake *intake, struct delivery *ret, struct refusal *refusal)
{
	struct text body = {intake->body ? intake->body : "", intake->len};
	struct err err = ERR_NONE;

	if (!normalize_github(intake->head.event, body, &intake->arena, ret, &err))
		return refuse_with(refusal, REASON_BAD_JSON, "%s", err.text);
	if (!installation_allowed(intake->config, ret))
		return refuse(refusal, REASON_WRONG_INSTALLATION);
	if (!repository_allowed(intake->config, ret))
		return refuse(refusal, REASON_WRONG_REPOSITORY);
	ret->guid = intake->head.guid;
	ret->name = intake->head.event;
	ret->body = body;
	return true;
}

const struct verified *intake_end(struct intake *intake, int64_t now_ms, struct refusal *refusal)
{
	unsigned secret_index = 0;

	if (intake->len != intake->head.length) {
		refuse(refusal, REASON_BODY_SHORT);
		return NULL;
	}
	if (intake->crowded_out) {
		refuse(refusal, REASON_BUSY);
		return NULL;
	}
	if (!signature_holds(intake, now_ms, &secret_index)) {
		refuse(refusal, REASON_BAD_SIGNATURE);
		return NULL;
	}
	if (!take_facts(intake, &intake->verified.delivery, refusal))
		return NULL;
	intake->verified.delivery.secret_index = secret_index;
	return &intake->verified;
}

const struct delivery *verified_delivery(const struct verified *verified)
{
	return &verified->delivery;
}

void intake_free(struct intake *intake)
{
	if (!intake)
		return;
	atomic_fetch_sub(intake->in_flight, intake->room);
	hmacs_drop(intake);
	arena_release(&intake->arena);
	free(intake->body);
	free(intake);
}
