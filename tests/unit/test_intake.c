/* Intake without a socket: budget, chunks, secrets over time, whose delivery it is, and the configuration. */
#include "tests/support/listening.h"
#include "tests/support/suite.h"
#include "webhooks/crypto.h"
#include "webhooks/refusal.h"

#define HEADERS 5

struct attempt {
	struct listening box; /* only its intake configuration */
	atomic_size_t in_flight;
	char signature[72], length[32];
	struct header headers[HEADERS];
	struct request_head head;
	struct refusal refusal;
};

static void attempt_init(struct attempt *a, struct text body, const char *secret)
{
	memset(a, 0, sizeof(*a));
	listening_init(&a->box);
	sign(text_of(secret), body, a->signature);
	snprintf(a->length, sizeof(a->length), "%zu", body.len);
	a->headers[0] = (struct header){TEXT_LIT("Content-Type"), TEXT_LIT("application/json")};
	a->headers[1] = (struct header){TEXT_LIT("Content-Length"), text_of(a->length)};
	a->headers[2] = (struct header){TEXT_LIT("X-Hub-Signature-256"), text_of(a->signature)};
	a->headers[3] = (struct header){TEXT_LIT("X-GitHub-Event"), TEXT_LIT("pull_request")};
	a->headers[4] = (struct header){TEXT_LIT("X-GitHub-Delivery"), TEXT_LIT("abc-1")};
	a->head = (struct request_head){TEXT_LIT("POST"), TEXT_LIT(WEBHOOK_PATH), a->headers, HEADERS};
}

static struct intake *begin(struct attempt *a, int64_t now_ms)
{
	return intake_begin(&a->box.intake, &a->in_flight, &a->head, now_ms, &a->refusal);
}

/* A whole delivery in chunks of `step` bytes. NULL: refused. The caller frees *ret. */
static const struct verified *deliver(struct attempt *a, struct text body, size_t step, struct intake **ret)
{
	*ret = begin(a, NOW_MS);
	if (!*ret)
		return NULL;
	for (size_t at = 0; at < body.len; at += step) {
		size_t len = body.len - at < step ? body.len - at : step;

		if (!intake_chunk(*ret, body.at + at, len, &a->refusal))
			return NULL;
	}
	return intake_end(*ret, NOW_MS, &a->refusal);
}

static const size_t steps[] = {1, 7, 64, 511, 100000};

START_TEST(a_signed_delivery_is_verified_in_any_chunks)
{
	struct text body = TEXT_LIT(GOOD_BODY);
	const struct delivery *delivery;
	const struct verified *verified;
	struct intake *intake;
	struct attempt a;

	attempt_init(&a, body, SECRET_TWO);
	verified = deliver(&a, body, steps[_i], &intake);
	ck_assert_msg(verified != NULL, "%s", a.refusal.detail);
	delivery = verified_delivery(verified);
	ck_assert(text_is(delivery->guid, "abc-1") && text_is(delivery->name, "pull_request"));
	ck_assert(text_eq(delivery->body, body) && delivery->body.at != body.at);
	ck_assert_int_eq(delivery->fate, DELIVERY_APPLY);
	ck_assert_int_eq(delivery->repo, 42);
	ck_assert_uint_eq(delivery->secret_index, 1);
	ck_assert_str_eq(delivery->event.change.head.hex, SHA_A);
	ck_assert_uint_eq(atomic_load(&a.in_flight), body.len);
	intake_free(intake);
	ck_assert_uint_eq(atomic_load(&a.in_flight), 0);
}
END_TEST

START_TEST(a_flipped_bit_anywhere_is_a_bad_signature)
{
	struct text body = TEXT_LIT(GOOD_BODY);
	char changed[sizeof(GOOD_BODY)];
	struct intake *intake;
	struct attempt a;

	attempt_init(&a, body, SECRET_ONE);
	for (size_t i = 0; i < body.len; i += 13) {
		memcpy(changed, body.at, body.len);
		changed[i] ^= 1;
		ck_assert_ptr_null(deliver(&a, (struct text){changed, body.len}, 100, &intake));
		ck_assert_str_eq(a.refusal.reason, "bad_signature");
		intake_free(intake);
	}
	ck_assert_uint_eq(atomic_load(&a.in_flight), 0);
}
END_TEST

START_TEST(a_large_body_grows_with_what_came)
{
	size_t len = 3000000;
	char *bytes = malloc(len);
	struct text body = {bytes, len};
	struct intake *intake;
	struct attempt a;

	ck_assert_ptr_nonnull(bytes);
	memset(bytes, ' ', len);
	memcpy(bytes, GOOD_BODY, sizeof(GOOD_BODY) - 1);
	attempt_init(&a, body, SECRET_ONE);
	ck_assert_ptr_nonnull(deliver(&a, body, 16000, &intake));
	intake_free(intake);
	free(bytes);
}
END_TEST

START_TEST(more_or_fewer_bytes_than_declared_are_refused)
{
	struct text body = TEXT_LIT(GOOD_BODY);
	struct intake *intake;
	struct attempt a;

	attempt_init(&a, body, SECRET_ONE);
	intake = begin(&a, NOW_MS);
	ck_assert(intake_chunk(intake, body.at, body.len - 1, &a.refusal));
	ck_assert_ptr_null(intake_end(intake, NOW_MS, &a.refusal));
	ck_assert_str_eq(a.refusal.reason, "body_short");
	ck_assert(!intake_chunk(intake, "xy", 2, &a.refusal));
	ck_assert_str_eq(a.refusal.reason, "body_long");
	intake_free(intake);
	ck_assert_uint_eq(atomic_load(&a.in_flight), 0);
}
END_TEST

START_TEST(the_budget_is_taken_whole_at_the_head_and_given_back)
{
	struct text body = TEXT_LIT(GOOD_BODY);
	struct intake *one, *two;
	struct attempt a;

	attempt_init(&a, body, SECRET_ONE);
	a.box.intake.limits = (struct intake_limits){body.len, 2 * body.len - 1};
	one = begin(&a, NOW_MS);
	ck_assert_ptr_nonnull(one);
	ck_assert_uint_eq(atomic_load(&a.in_flight), body.len);
	ck_assert_ptr_null(begin(&a, NOW_MS));
	ck_assert_str_eq(a.refusal.reason, "busy");
	ck_assert_uint_eq(a.refusal.status, 503);
	ck_assert_uint_gt(a.refusal.retry_after, 0);
	ck_assert_uint_eq(atomic_load(&a.in_flight), body.len);
	intake_free(one);
	two = begin(&a, NOW_MS);
	ck_assert_ptr_nonnull(two);
	intake_free(two);
	intake_free(NULL);
	ck_assert_uint_eq(atomic_load(&a.in_flight), 0);
}
END_TEST

/* SECRET_TWO counts until NOW_MS + 1. */
static const struct {
	int64_t begin_ms, end_ms;
	bool ok;
} expiry[] = {
	{NOW_MS, NOW_MS, true},
	{NOW_MS, NOW_MS + 1, false}, /* it ran out while the body came */
	{NOW_MS + 1, NOW_MS + 1, false},
	{NOW_MS + 1, NOW_MS, false}, /* a clock set back does not revive it */
};

START_TEST(a_secret_counts_until_it_expires)
{
	struct text body = TEXT_LIT(GOOD_BODY);
	struct intake *intake;
	struct attempt a;

	attempt_init(&a, body, SECRET_TWO);
	intake = begin(&a, expiry[_i].begin_ms);
	ck_assert(intake_chunk(intake, body.at, body.len, &a.refusal));
	ck_assert_int_eq(intake_end(intake, expiry[_i].end_ms, &a.refusal) != NULL, expiry[_i].ok);
	intake_free(intake);
}
END_TEST

START_TEST(a_verdict_on_a_signature_is_given_once)
{
	struct text body = TEXT_LIT(GOOD_BODY);
	struct intake *intake;
	struct attempt a;

	attempt_init(&a, body, SECRET_ONE);
	ck_assert_ptr_nonnull(deliver(&a, body, 100, &intake));
	ck_assert_ptr_null(intake_end(intake, NOW_MS, &a.refusal));
	intake_free(intake);
}
END_TEST

START_TEST(a_secret_with_its_keyed_hmac_judges_the_same)
{
	struct text body = TEXT_LIT(GOOD_BODY);
	struct hmac *keyed = hmac_new(TEXT_LIT(SECRET_ONE));
	struct intake *intake;
	struct attempt a;

	attempt_init(&a, body, SECRET_ONE);
	a.box.intake.secrets[0].keyed = keyed;
	for (int i = 0; i < 3; i++) {
		ck_assert_ptr_nonnull(deliver(&a, body, 100, &intake));
		intake_free(intake);
	}
	hmac_free(keyed);
}
END_TEST

#define ONLY(s) "{\"action\":\"x\"," s "\"zen\":\"z\"}"
static const struct {
	const char *event, *body, *reason; /* NULL: taken */
} owners[] = {
	{"ping", ONLY(""), NULL},
	{"ping", ONLY("\"installation\":{\"id\":5},"), NULL},
	{"ping", ONLY("\"installation\":{\"id\":6},"), "wrong_installation"},
	{"ping", ONLY("\"repository\":{\"id\":42,\"full_name\":\"acme/other\"},"), "wrong_"},
	{"pull_request", DELIVERY_BODY("7", "acme/app", "t", SHA_A), "wrong_installation"},
	{"pull_request", DELIVERY_BODY("5", "acme/other", "t", SHA_A), "wrong_repository"},
	{"sponsorship", ONLY("\"repository\":{\"id\":9,\"full_name\":\"acme/other\"},"), "wrong_repository"},
};

START_TEST(a_delivery_belongs_to_the_installation_and_its_repositories)
{
	struct text body = text_of(owners[_i].body);
	const struct verified *verified;
	struct intake *intake;
	struct attempt a;

	attempt_init(&a, body, SECRET_ONE);
	a.headers[3].value = text_of(owners[_i].event);
	verified = deliver(&a, body, 100, &intake);
	if (owners[_i].reason) {
		ck_assert_ptr_null(verified);
		ck_assert(text_starts(text_of(a.refusal.reason), text_of(owners[_i].reason)));
		ck_assert_uint_eq(a.refusal.status, 403);
	} else {
		ck_assert_msg(verified != NULL, "%s", a.refusal.detail);
	}
	intake_free(intake);
}
END_TEST

START_TEST(without_a_list_any_repository_and_installation_is_taken)
{
	struct text body = TEXT_LIT(DELIVERY_BODY("77", "some/where", "t", SHA_A));
	struct intake *intake;
	struct attempt a;

	attempt_init(&a, body, SECRET_ONE);
	a.box.intake.n_repositories = 0;
	a.box.intake.installation = 0;
	ck_assert_ptr_nonnull(deliver(&a, body, 100, &intake));
	intake_free(intake);
}
END_TEST

static const struct {
	size_t n_secrets, secret_len, body, in_flight;
	const char *path;
	bool ok;
} configs[] = {
	{1, 16, 100, 100, "/x", true},  {0, 16, 100, 100, "/x", false}, {5, 16, 100, 100, "/x", false},
	{1, 15, 100, 100, "/x", false}, {1, 16, 0, 100, "/x", false},   {1, 16, 100, 99, "/x", false},
	{1, 16, 100, 100, "x", false},  {1, 16, 100, 100, NULL, false},
};

START_TEST(a_configuration_without_protection_is_refused)
{
	struct intake_config config = {.secrets = {{{"0123456789abcdef", configs[_i].secret_len}, WHEN_UNKNOWN, NULL}},
				       .n_secrets = configs[_i].n_secrets,
				       .limits = {configs[_i].body, configs[_i].in_flight},
				       .path = configs[_i].path};
	struct err err = ERR_NONE;

	ck_assert_int_eq(intake_config_check(&config, &err), configs[_i].ok);
	ck_assert_int_eq(err.text[0] == '\0', configs[_i].ok);
}
END_TEST

START_TEST(every_reason_has_a_name_of_its_own_a_status_and_a_sentence)
{
	struct refusal refusal;
	size_t n = 0;

	for (; intake_reason_at(n); n++) {
		refuse(&refusal, (enum reason)n);
		ck_assert(refusal.status >= 400 && refusal.status < 600);
		ck_assert_uint_gt(strlen(refusal.detail), 10);
		ck_assert_str_eq(refusal.reason, intake_reason_at(n));
		for (size_t i = 0; i < n; i++)
			ck_assert_str_ne(intake_reason_at(i), intake_reason_at(n));
	}
	ck_assert_uint_eq(n, REASONS);
}
END_TEST

START_TEST(a_refusal_is_well_formed_json_whatever_it_quotes)
{
	char json[REFUSAL_JSON_MAX];
	struct refusal refusal;

	refuse_with(&refusal, REASON_BAD_JSON, "a \"quote\", a \\ and a \n and \xc3\xa9");
	ck_assert_str_eq(refusal_json(&refusal, json).at,
			 "{\"error\": \"bad_json\", \"detail\": \"the body is not one well-formed JSON object "
			 "(a \\\"quote\\\", a \\\\ and a ? and ?\?)\"}\n");
}
END_TEST

START_TEST(declared_bytes_that_never_come_keep_nobody_out)
{
	struct text good = TEXT_LIT(GOOD_BODY);
	struct intake *idle[20], *intake;
	struct attempt a, b;

	attempt_init(&a, good, SECRET_ONE);
	a.box.intake.limits = (struct intake_limits){25 << 20, 64 << 20};
	snprintf(a.length, sizeof(a.length), "%d", 25 << 20);
	a.headers[1].value = text_of(a.length);
	for (size_t i = 0; i < 20; i++) {
		idle[i] = begin(&a, NOW_MS);
		ck_assert_ptr_nonnull(idle[i]);
	}
	attempt_init(&b, good, SECRET_ONE);
	atomic_store(&b.in_flight, atomic_load(&a.in_flight));
	b.box.intake.limits = a.box.intake.limits;
	ck_assert_ptr_nonnull(deliver(&b, good, 512, &intake));
	intake_free(intake);
	for (size_t i = 0; i < 20; i++)
		intake_free(idle[i]);
	ck_assert_uint_eq(atomic_load(&a.in_flight), 0);
}
END_TEST

START_TEST(a_body_that_outgrows_the_budget_is_dropped_and_refused_at_its_end)
{
	static char body[400000];
	struct intake *intake;
	struct attempt a;

	memset(body, ' ', sizeof(body));
	attempt_init(&a, (struct text){body, sizeof(body)}, SECRET_ONE);
	a.box.intake.limits = (struct intake_limits){500000, 500000};
	atomic_store(&a.in_flight, 250000);
	ck_assert_ptr_null(deliver(&a, (struct text){body, sizeof(body)}, 1000, &intake));
	ck_assert_str_eq(a.refusal.reason, "busy");
	ck_assert_uint_eq(a.refusal.status, 503);
	ck_assert_uint_eq(atomic_load(&a.in_flight), 250000);
	intake_free(intake);
	ck_assert_uint_eq(atomic_load(&a.in_flight), 250000);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_signed_delivery_is_verified_in_any_chunks, steps),
	SUITE_TEST(a_flipped_bit_anywhere_is_a_bad_signature),
	SUITE_TEST(a_large_body_grows_with_what_came),
	SUITE_TEST(more_or_fewer_bytes_than_declared_are_refused),
	SUITE_TEST(the_budget_is_taken_whole_at_the_head_and_given_back),
	SUITE_ROWS(a_secret_counts_until_it_expires, expiry),
	SUITE_TEST(a_verdict_on_a_signature_is_given_once),
	SUITE_TEST(a_secret_with_its_keyed_hmac_judges_the_same),
	SUITE_ROWS(a_delivery_belongs_to_the_installation_and_its_repositories, owners),
	SUITE_TEST(without_a_list_any_repository_and_installation_is_taken),
	SUITE_ROWS(a_configuration_without_protection_is_refused, configs),
	SUITE_TEST(every_reason_has_a_name_of_its_own_a_status_and_a_sentence),
	SUITE_TEST(a_refusal_is_well_formed_json_whatever_it_quotes),
	SUITE_TEST(declared_bytes_that_never_come_keep_nobody_out),
	SUITE_TEST(a_body_that_outgrows_the_budget_is_dropped_and_refused_at_its_end),
	SUITE_END,
};
SUITE_MAIN(tests)
