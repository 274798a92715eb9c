/* BMO's push daemon: when it sends, in which order, how often, and what it loses. */
#include "tests/support/suite.h"
#include "tests/world/story_bugs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct story *story;
static json_int_t hook, bug;

/* The bot's webhook is there before any bug. */
static void setup(void)
{
	story = story_new(7);
	story_people(story, true);
	hook = story_webhook(story, STORY_BOT);
	bug = 0;
}

static void make(bool secret)
{
	bug = story_bug(story, secret);
	story_advance(story, 30000);
	story_drain(story);
}

/* ---- the queue ---- */

START_TEST(the_daemon_wakes_every_half_minute)
{
	setup();
	make(false);
	story_bug_set(story, bug, "whiteboard", "x");
	story_advance(story, 29999);
	ck_assert_uint_eq(story_pushed(story), 0);
	story_advance(story, 1);
	ck_assert_uint_eq(story_pushed(story), 1);
	story_advance(story, 5000);
	story_bug_set(story, bug, "whiteboard", "y");
	story_advance(story, 24999);
	ck_assert_uint_eq(story_pushed(story), 0);
	story_advance(story, 1);
	ck_assert_uint_eq(story_pushed(story), 1);
	story_free(story);
}
END_TEST

START_TEST(the_daemon_may_be_told_to_wake_at_once)
{
	setup();
	story_post(story, "/_world/push", "{s:s,s:i}", "do", "configure", "ms", 0);
	for (int i = 0; i < 3; i++) {
		story_act(story, "{s:s,s:s}", "do", "bug", "who", STORY_DEV);
		ck_assert_uint_eq(story_pushed(story), 2);
	}
	story_free(story);
}
END_TEST

/* However long nothing happened, and wherever the last pass was left. */
START_TEST(an_event_after_a_long_quiet_waits_for_the_next_half_minute)
{
	struct world_delivery one;

	setup();
	make(false);
	story_bug_set(story, bug, "whiteboard", "x");
	story_advance(story, 30000);
	ck_assert(world_next_delivery(story->world, &one));
	world_delivery_done(story->world, one.id, 200, 1);
	world_delivery_clear(&one);
	story_advance(story, 3600000 + 7000);
	story_bug_set(story, bug, "whiteboard", "y");
	ck_assert_uint_eq(story_pushed(story), 0);
	story_advance(story, 23000);
	ck_assert_uint_eq(story_pushed(story), 1);
	story_free(story);
}
END_TEST

START_TEST(deliveries_of_all_webhooks_go_one_after_the_other)
{
	struct world_delivery one, two;

	setup();
	story_webhook(story, STORY_DEV);
	make(false);
	story_bug_set(story, bug, "whiteboard", "x");
	story_advance(story, 30000);
	ck_assert(world_next_delivery(story->world, &one));
	ck_assert(!world_next_delivery(story->world, &two));
	world_delivery_done(story->world, one.id, 200, 30000);
	ck_assert(world_next_delivery(story->world, &two));
	ck_assert_str_eq(one.url, two.url);
	world_delivery_done(story->world, two.id, 200, 1);
	world_delivery_clear(&one);
	world_delivery_clear(&two);
	story_free(story);
}
END_TEST

/* Over all seeds some second is told in another order than it happened, and no second before an earlier one. */
START_TEST(the_order_inside_a_second_is_no_order)
{
	bool turned = false;

	for (uint64_t seed = 1; seed < 20; seed++) {
		char last[32] = "", text[8];
		int at = -1;
		json_t *one;

		setup();
		story_free(story);
		story = story_new(seed);
		hook = story_webhook(story, STORY_DEV);
		make(false);
		for (int i = 0; i < 6; i++) {
			snprintf(text, sizeof(text), "%d", i);
			story_bug_set(story, bug, "whiteboard", text);
			story_advance(story, i == 2 ? 1000 : 0);
		}
		story_advance(story, 30000);
		while ((one = story_delivery(story))) {
			int now = story_str(one, "body.event.changes.0.added")[0];

			turned = turned || now < at;
			at = now;
			ck_assert_int_ge(strcmp(story_str(one, "body.event.time"), last), 0);
			snprintf(last, sizeof(last), "%s", story_str(one, "body.event.time"));
			json_decref(one);
		}
		story_free(story);
	}
	ck_assert(turned);
}
END_TEST

START_TEST(different_changes_of_a_private_bug_in_a_second_have_the_same_bytes)
{
	json_t *one, *two;

	setup();
	make(true);
	story_bug_set(story, bug, "whiteboard", "one");
	story_bug_set(story, bug, "whiteboard", "two");
	story_advance(story, 30000);
	one = story_delivery(story);
	two = story_delivery(story);
	ck_assert_str_eq(story_str(one, "bytes"), story_str(two, "bytes"));
	json_decref(one);
	json_decref(two);
	story_free(story);
}
END_TEST

/* The next delivery, answered so; false: there is none. */
static bool answered(int status, char bytes[256])
{
	struct world_delivery one;

	if (!world_next_delivery(story->world, &one))
		return false;
	if (bytes)
		snprintf(bytes, 256, "%s", one.body);
	world_delivery_done(story->world, one.id, status, 1);
	world_delivery_clear(&one);
	return true;
}

START_TEST(a_first_failure_is_tried_again_at_once_and_with_the_same_bytes)
{
	char first[256] = "", second[256] = "";

	setup();
	make(false);
	story_bug_set(story, bug, "whiteboard", "x");
	story_advance(story, 30000);
	ck_assert(answered(500, first));
	ck_assert(answered(500, second));
	ck_assert_str_eq(first, second);
	ck_assert(!answered(200, NULL));
	story_free(story);
}
END_TEST

static const int no_success[] = {0, 301, 404, 429, 500, 503};

START_TEST(anything_but_a_2xx_is_a_failure)
{
	setup();
	make(false);
	story_bug_set(story, bug, "whiteboard", "x");
	story_advance(story, 30000);
	ck_assert(answered(no_success[_i], NULL));
	ck_assert(answered(202, NULL));
	story_advance(story, 900000);
	ck_assert(!answered(200, NULL));
	story_free(story);
}
END_TEST

/* Seconds until the try after the nth failed pass, on the grid of half minutes: 5, 25, 125, 625, then 900. */
START_TEST(tries_become_rarer_and_a_success_does_not_forgive)
{
	static const json_int_t waits[] = {30000, 30000, 150000, 630000, 900000, 900000};

	setup();
	make(false);
	story_bug_set(story, bug, "whiteboard", "x");
	story_advance(story, 30000);
	ck_assert(answered(500, NULL));
	ck_assert(answered(500, NULL));
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		for (json_int_t ms = 30000; ms < waits[i]; ms += 30000) {
			story_advance(story, 30000);
			ck_assert(!answered(500, NULL));
		}
		story_advance(story, 30000);
		ck_assert(answered(i + 1 < sizeof(waits) / sizeof(waits[0]) ? 500 : 200, NULL));
	}
	story_bug_set(story, bug, "whiteboard", "y");
	story_advance(story, 30000);
	ck_assert(answered(500, NULL));
	ck_assert(answered(500, NULL));
	story_advance(story, 870000);
	ck_assert(!answered(200, NULL));
	story_advance(story, 30000);
	ck_assert(answered(200, NULL));
	story_free(story);
}
END_TEST

START_TEST(a_restart_forgives)
{
	setup();
	make(false);
	story_bug_set(story, bug, "whiteboard", "x");
	story_advance(story, 30000);
	answered(500, NULL);
	answered(500, NULL);
	for (int i = 0; i < 3; i++) {
		story_advance(story, 900000);
		ck_assert(answered(500, NULL));
	}
	story_post(story, "/_world/push", "{s:s}", "do", "restart");
	story_advance(story, 30000);
	ck_assert(answered(200, NULL));
	story_free(story);
}
END_TEST

START_TEST(later_events_wait_behind_the_one_that_failed)
{
	char bytes[256];

	setup();
	make(true);
	story_bug_set(story, bug, "whiteboard", "x");
	story_advance(story, 30000);
	ck_assert(answered(500, NULL));
	ck_assert(answered(500, NULL));
	story_bug_set(story, bug, "summary", "y");
	story_advance(story, 30000);
	ck_assert(answered(200, bytes));
	ck_assert_ptr_nonnull(strstr(bytes, "whiteboard"));
	ck_assert(answered(200, bytes));
	ck_assert_ptr_nonnull(strstr(bytes, "summary"));
	ck_assert(!answered(200, NULL));
	story_free(story);
}
END_TEST

START_TEST(a_webhook_is_given_up_after_a_hundred_attempts_and_what_happens_then_is_lost)
{
	int attempts = 0;

	setup();
	story_act(story, "{s:s,s:s,s:s}", "do", "account", "login", STORY_BOT, "key", "KEY");
	make(false);
	story_bug_set(story, bug, "whiteboard", "x");
	for (int i = 0; i < 3000; i++) {
		story_advance(story, 30000);
		while (answered(500, NULL))
			attempts++;
	}
	ck_assert_int_eq(attempts, 100);
	story->key = "KEY";
	story_get(story, "/bugzilla-bmo/rest/webhooks/list");
	ck_assert(json_is_false(
		json_object_get(json_array_get(json_object_get(story->answer, "webhooks"), 0), "enabled")));
	ck_assert_int_eq(story_int(story->answer, "webhooks.0.errors"), 1);
	story_bug_set(story, bug, "whiteboard", "lost");
	story_act(story, "{s:s,s:I,s:b}", "do", "webhook", "id", hook, "enabled", 1);
	story_bug_set(story, bug, "whiteboard", "kept");
	story_advance(story, 30000);
	ck_assert_uint_eq(story_pushed(story), 2);
	story_free(story);
}
END_TEST

/* ---- the control face ---- */

static void rule(const char *verb, json_int_t n)
{
	story_post(story, "/_world/push", "{s:s,s:I}", "do", verb, "count", n);
	ck_assert_int_eq(story->status, 200);
}

START_TEST(what_is_held_is_let_go_in_any_order)
{
	json_t *one;

	setup();
	make(false);
	rule("hold", 2);
	story_bug_set(story, bug, "whiteboard", "x");
	story_advance(story, 30000);
	ck_assert_uint_eq(story_pushed(story), 0);
	story_bug_set(story, bug, "whiteboard", "y");
	story_advance(story, 30000);
	ck_assert_uint_eq(story_pushed(story), 0);
	story_post(story, "/_world/push", "{s:s,s:b}", "do", "release", "reverse", 1);
	ck_assert_int_eq(story_int(story->answer, "count"), 2);
	one = story_delivery(story);
	ck_assert_str_eq(story_str(one, "body.event.changes.0.added"), "y");
	json_decref(one);
	ck_assert_uint_eq(story_pushed(story), 1);
	story_free(story);
}
END_TEST

static const struct {
	const char *verb;
	size_t deliveries;
} verbs[] = {{"drop", 0}, {"dup", 2}, {"fail", 1}};

START_TEST(deliveries_are_lost_doubled_and_failed_as_told)
{
	setup();
	make(false);
	rule(verbs[_i].verb, 1);
	story_bug_set(story, bug, "whiteboard", "x");
	story_advance(story, 30000);
	ck_assert_uint_eq(story_pushed(story), verbs[_i].deliveries);
	story_bug_set(story, bug, "whiteboard", "y");
	story_advance(story, 30000);
	ck_assert_uint_eq(story_pushed(story), 1);
	story_free(story);
}
END_TEST

START_TEST(the_log_tells_what_was_pushed_and_how_much_waits)
{
	json_t *log;
	size_t n;

	setup();
	make(false);
	story_bug_set(story, bug, "whiteboard", "x");
	log = story_get(story, "/_world/log");
	ck_assert_int_eq(story_int(log, "unpushed"), 1);
	story_advance(story, 30000);
	story_pushed(story);
	log = story_get(story, "/_world/log");
	n = json_array_size(json_object_get(log, "entries"));
	log = json_array_get(json_object_get(log, "entries"), n - 1);
	ck_assert_str_eq(story_str(log, "kind"), "push");
	ck_assert_int_eq(story_int(log, "bug"), bug);
	ck_assert_int_eq(story_int(log, "status"), 202);
	story_free(story);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(the_daemon_wakes_every_half_minute),
	SUITE_TEST(the_daemon_may_be_told_to_wake_at_once),
	SUITE_TEST(an_event_after_a_long_quiet_waits_for_the_next_half_minute),
	SUITE_TEST(deliveries_of_all_webhooks_go_one_after_the_other),
	SUITE_TEST(the_order_inside_a_second_is_no_order),
	SUITE_TEST(different_changes_of_a_private_bug_in_a_second_have_the_same_bytes),
	SUITE_TEST(a_first_failure_is_tried_again_at_once_and_with_the_same_bytes),
	SUITE_ROWS(anything_but_a_2xx_is_a_failure, no_success),
	SUITE_TEST(tries_become_rarer_and_a_success_does_not_forgive),
	SUITE_TEST(a_restart_forgives),
	SUITE_TEST(later_events_wait_behind_the_one_that_failed),
	SUITE_TEST(a_webhook_is_given_up_after_a_hundred_attempts_and_what_happens_then_is_lost),
	SUITE_TEST(what_is_held_is_let_go_in_any_order),
	SUITE_ROWS(deliveries_are_lost_doubled_and_failed_as_told, verbs),
	SUITE_TEST(the_log_tells_what_was_pushed_and_how_much_waits),
	SUITE_END};

SUITE_MAIN(tests)
