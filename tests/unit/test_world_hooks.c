#include "tests/support/suite.h"
#include "tests/world/story.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct story *story;
static char head[41], statuses[128];

static void setup(void)
{
	story = story_new(7);
	story_open(story);
	snprintf(head, sizeof(head), "%s", story_head(story));
	snprintf(statuses, sizeof(statuses), "/repos/o/r/statuses/%s", head);
}

static void post(const char *state, const char *context)
{
	story_post(story, statuses, "{s:s,s:s}", "state", state, "context", context);
}

static void hooks(const char *verb, const char *key, json_t *value)
{
	story_post(story, "/_world/hooks", "{s:s,s:o}", "do", verb, key, value);
	ck_assert_int_eq(story->status, 200);
}

static void approve(const char *who)
{
	story_act(story, "{s:s,s:s,s:s,s:i}", "do", "approve", "repo", "o/r", "who", who, "number", 1);
}

START_TEST(a_fault_answers_in_the_worlds_place_and_is_used_up)
{
	setup();
	story_post(story, "/_world/fault", "{s:s,s:s,s:i,s:i,s:{s:s}}", "method", "POST", "endpoint",
		   "/repos/*/*/statuses/*", "status", 503, "count", 2, "headers", "Retry-After", "7");
	post("success", "gate");
	ck_assert_int_eq(story->status, 503);
	ck_assert_str_eq(story_header(story, "Retry-After"), "7");
	post("success", "gate");
	ck_assert_int_eq(story->status, 503);
	story_get(story, "/repos/o/r/commits/%s/statuses", head);
	ck_assert_uint_eq(json_array_size(story->answer), 0);
	post("success", "gate");
	ck_assert_int_eq(story->status, 201);
	story_free(story);
}
END_TEST

START_TEST(a_lost_answer_is_still_performed)
{
	setup();
	story_post(story, "/_world/fault", "{s:s,s:b,s:i}", "endpoint", "/repos/o/r/statuses", "lost_answer", 1,
		   "count", 1);
	post("failure", "gate");
	ck_assert(story->lost);
	story_get(story, "/repos/o/r/commits/%s/statuses", head);
	ck_assert(!story->lost);
	ck_assert_str_eq(story_str(story->answer, "0.state"), "failure");
	story_free(story);
}
END_TEST

START_TEST(held_deliveries_wait_and_come_in_their_order)
{
	json_t *one;

	setup();
	story_drain(story);
	hooks("hold", "event", json_string("pull_request_review"));
	approve("bob");
	approve("carol");
	post("success", "gate");
	one = story_delivery(story);
	ck_assert_str_eq(story_str(one, "event"), "status");
	json_decref(one);
	ck_assert_ptr_null(story_delivery(story));
	hooks("release", "x", json_null());
	for (int i = 0; i < 2; i++) {
		one = story_delivery(story);
		ck_assert_str_eq(story_str(one, "body.review.user.login"), i ? "carol" : "bob");
		json_decref(one);
	}
	approve("dora");
	one = story_delivery(story);
	ck_assert_ptr_nonnull(one);
	json_decref(one);
	story_free(story);
}
END_TEST

START_TEST(held_deliveries_can_be_turned_round_or_named)
{
	json_t *one;
	char second[40];

	setup();
	story_drain(story);
	hooks("hold", "x", json_null());
	approve("bob");
	approve("carol");
	snprintf(second, sizeof(second), "%s", story_str(story->answer, "deliveries.0.guid"));
	hooks("order", "guids", json_pack("[s]", second));
	hooks("release", "count", json_integer(1));
	one = story_delivery(story);
	ck_assert_str_eq(story_str(one, "guid"), second);
	json_decref(one);
	approve("dora");
	hooks("release", "reverse", json_true());
	one = story_delivery(story);
	ck_assert_str_eq(story_str(one, "body.review.user.login"), "dora");
	json_decref(one);
	story_free(story);
}
END_TEST

START_TEST(a_dropped_delivery_never_comes_until_redelivered_under_its_guid)
{
	json_t *one;
	char guid[40];

	setup();
	story_drain(story);
	hooks("drop", "count", json_integer(1));
	approve("bob");
	snprintf(guid, sizeof(guid), "%s", story_str(story->answer, "deliveries.0.guid"));
	ck_assert_ptr_null(story_delivery(story));
	hooks("redeliver", "guid", json_string(guid));
	one = story_delivery(story);
	ck_assert_str_eq(story_str(one, "guid"), guid);
	json_decref(one);
	approve("carol");
	one = story_delivery(story);
	ck_assert_ptr_nonnull(one);
	json_decref(one);
	story_free(story);
}
END_TEST

START_TEST(a_doubled_delivery_comes_twice_under_one_guid)
{
	json_t *first, *second;

	setup();
	story_drain(story);
	hooks("dup", "count", json_integer(1));
	approve("bob");
	first = story_delivery(story);
	second = story_delivery(story);
	ck_assert_str_eq(story_str(first, "guid"), story_str(second, "guid"));
	ck_assert_str_eq(story_str(first, "bytes"), story_str(second, "bytes"));
	ck_assert_ptr_null(story_delivery(story));
	json_decref(first);
	json_decref(second);
	story_free(story);
}
END_TEST

START_TEST(a_delivery_is_signed_and_named_like_the_forges)
{
	unsigned char mac[32];
	char hex[80] = "sha256=";
	unsigned n = 0;
	json_t *one;
	const char *bytes, *guid;

	setup();
	story_drain(story);
	approve("bob");
	one = story_delivery(story);
	bytes = story_str(one, "bytes");
	HMAC(EVP_sha256(), "s3cret-of-at-least-16-bytes", 27, (const unsigned char *)bytes, strlen(bytes), mac, &n);
	for (unsigned i = 0; i < n; i++)
		snprintf(hex + 7 + (size_t)2 * i, 3, "%02x", mac[i]);
	ck_assert_str_eq(story_str(one, "headers.X-Hub-Signature-256"), hex);
	guid = story_str(one, "guid");
	ck_assert_uint_eq(strlen(guid), 36);
	ck_assert_int_eq(guid[14], '4');
	ck_assert_ptr_nonnull(strchr("89ab", guid[19]));
	ck_assert_int_eq(strncmp(story_str(one, "headers.User-Agent"), "GitHub-Hookshot/", 16), 0);
	ck_assert_str_ne(story_str(one, "headers.X-GitHub-Hook-ID"), "");
	json_decref(one);
	story_free(story);
}
END_TEST

START_TEST(one_delivery_is_in_flight_unless_told_otherwise)
{
	struct world_delivery a, b;

	setup();
	approve("bob");
	approve("carol");
	ck_assert(world_next_delivery(story->world, &a));
	ck_assert(!world_next_delivery(story->world, &b));
	hooks("concurrent", "count", json_integer(2));
	ck_assert(world_next_delivery(story->world, &b));
	world_delivery_done(story->world, b.id, 500, 3);
	world_delivery_done(story->world, a.id, 202, 9);
	story_get(story, "/_world/log");
	ck_assert_int_eq(story_int(story->answer, "undelivered"), 0);
	world_delivery_clear(&a);
	world_delivery_clear(&b);
	story_free(story);
}
END_TEST

static const struct suite_test tests[] = {SUITE_TEST(a_fault_answers_in_the_worlds_place_and_is_used_up),
					  SUITE_TEST(a_lost_answer_is_still_performed),
					  SUITE_TEST(held_deliveries_wait_and_come_in_their_order),
					  SUITE_TEST(held_deliveries_can_be_turned_round_or_named),
					  SUITE_TEST(a_dropped_delivery_never_comes_until_redelivered_under_its_guid),
					  SUITE_TEST(a_doubled_delivery_comes_twice_under_one_guid),
					  SUITE_TEST(a_delivery_is_signed_and_named_like_the_forges),
					  SUITE_TEST(one_delivery_is_in_flight_unless_told_otherwise),
					  SUITE_END};

SUITE_MAIN(tests)
