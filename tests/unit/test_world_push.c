/* BMO's push daemon and what its webhooks are told: each of its habits is a test. */
#include "tests/support/suite.h"
#include "tests/world/story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct story *story;
static json_int_t hook, bug;

static const char bot[] = "bot@tracker.test", dev[] = "dev@tracker.test", outsider[] = "outsider@tracker.test";

static void advance(json_int_t ms)
{
	story_post(story, "/_world/clock", "{s:I}", "advance_ms", ms);
}

static json_int_t new_hook(const char *who)
{
	return story_int(story_act(story, "{s:s,s:s,s:s,s:s,s:s}", "do", "webhook", "who", who, "url",
				   "http://gate.test/webhooks/bugzilla", "header", "Authorization", "value",
				   "Token t0ken"),
			 "id");
}

/* The bot is in the security group and an insider; its webhook is there before any bug. */
static void setup(void)
{
	story = story_new(7);
	story_act(story, "{s:s,s:s,s:[s],s:b}", "do", "account", "login", bot, "groups", "core-security", "insider", 1);
	hook = new_hook(bot);
	bug = 0;
}

static void make(bool secret)
{
	if (secret)
		story_act(story, "{s:s,s:s,s:[s],s:[s]}", "do", "bug", "who", dev, "groups", "core-security",
			  "keywords", "sec-high");
	else
		story_act(story, "{s:s,s:s}", "do", "bug", "who", dev);
	bug = story_int(story->answer, "id");
	advance(30000);
	story_drain(story);
}

static void change(const char *key, const char *value)
{
	story_act(story, "{s:s,s:s,s:I,s:s}", "do", "bug", "who", dev, "bug", bug, key, value);
	ck_assert_int_eq(story->status, 200);
}

static void groups(const char *group)
{
	json_t *list = group ? json_pack("[s]", group) : json_array();

	story_act(story, "{s:s,s:s,s:I,s:o}", "do", "bug", "who", dev, "bug", bug, "groups", list);
	ck_assert_int_eq(story->status, 200);
}

/* After the daemon's next pass: the delivery with this routing key, or NULL; the others are gone. */
static json_t *told(const char *routing_key)
{
	json_t *one, *found = NULL;

	advance(30000);
	while ((one = story_delivery(story))) {
		if (!found && strcmp(story_str(one, "body.event.routing_key"), routing_key) == 0)
			found = one;
		else
			json_decref(one);
	}
	return found;
}

static size_t count(void)
{
	json_t *one;
	size_t n = 0;

	while ((one = story_delivery(story))) {
		json_decref(one);
		n++;
	}
	return n;
}

/* ---- bodies ---- */

START_TEST(a_public_bug_is_told_whole_with_a_bug_too_many)
{
	json_t *one;

	setup();
	make(false);
	change("whiteboard", "a/b");
	one = told("bug.modify:whiteboard");
	ck_assert_ptr_nonnull(one);
	ck_assert_int_eq(story_int(one, "body.bug.id"), bug);
	ck_assert_str_eq(story_str(one, "body.bug.whiteboard"), "a/b");
	ck_assert_str_eq(story_str(one, "body.event.changes.0.added"), "a/b");
	ck_assert_str_eq(story_str(one, "body.event.user.login"), dev);
	ck_assert(json_object_size(json_object_get(json_object_get(json_object_get(one, "body"), "bug"), "bug")) == 0);
	ck_assert(json_is_object(json_object_get(json_object_get(json_object_get(one, "body"), "bug"), "bug")));
	ck_assert_ptr_nonnull(strstr(story_str(one, "bytes"), "a\\/b"));
	ck_assert_ptr_null(strstr(story_str(one, "body.event.time"), "Z"));
	json_decref(one);
	story_free(story);
}
END_TEST

START_TEST(a_delivery_has_one_header_of_the_owners_and_no_name)
{
	json_t *one, *headers;

	setup();
	make(false);
	change("whiteboard", "x");
	one = told("bug.modify:whiteboard");
	headers = json_object_get(one, "headers");
	ck_assert_str_eq(story_str(headers, "Authorization"), "Token t0ken");
	ck_assert_str_eq(story_str(headers, "User-Agent"), "Bugzilla");
	ck_assert_uint_eq(json_object_size(headers), 5);
	json_decref(one);
	story_free(story);
}
END_TEST

static const struct {
	const char *key, *value, *routing_key;
} private[] = {{"whiteboard", "[w]", "bug.modify:whiteboard"}, {"summary", "told to nobody", "bug.modify:summary"}};

START_TEST(a_private_bug_is_a_number_and_which_fields_changed)
{
	json_t *one;

	setup();
	make(true);
	change(private[_i].key, private[_i].value);
	one = told(private[_i].routing_key);
	ck_assert_ptr_nonnull(one);
	ck_assert_uint_eq(json_object_size(json_object_get(json_object_get(one, "body"), "bug")), 2);
	ck_assert_int_eq(story_int(one, "body.bug.id"), bug);
	ck_assert_ptr_null(json_object_get(json_object_get(json_object_get(one, "body"), "event"), "changes"));
	ck_assert_ptr_null(strstr(story_str(one, "bytes"), "canary"));
	ck_assert_ptr_null(strstr(story_str(one, "bytes"), private[_i].value));
	ck_assert_str_eq(story_str(one, "body.event.user.login"), dev);
	json_decref(one);
	story_free(story);
}
END_TEST

START_TEST(the_last_change_is_told_as_before_it)
{
	json_t *one;

	setup();
	make(false);
	change("whiteboard", "x");
	one = told("bug.modify:whiteboard");
	ck_assert_str_eq(story_str(one, "body.event.time"), "2026-01-05T00:00:30");
	ck_assert_str_eq(story_str(one, "body.bug.last_change_time"), "2026-01-05T00:00:00");
	json_decref(one);
	story_free(story);
}
END_TEST

START_TEST(flags_of_a_new_attachment_are_told_as_not_there_yet)
{
	json_t *one;

	setup();
	make(false);
	story_act(story, "{s:s,s:s,s:I,s:[{s:s,s:s}]}", "do", "attachment", "who", dev, "bug", bug, "flags", "name",
		  "sec-approval", "status", "?");
	ck_assert_int_eq(story->status, 200);
	one = told("attachment.modify:flag.sec-approval");
	ck_assert_ptr_nonnull(one);
	ck_assert_str_eq(story_str(one, "body.event.changes.0.added"), "?");
	ck_assert_str_eq(story_str(one, "body.bug.attachment.flags.0.value"), "");
	json_decref(one);
	story_free(story);
}
END_TEST

START_TEST(a_flags_state_is_called_value_and_a_requestee_stands_beside_it)
{
	json_int_t id;
	json_t *one;

	setup();
	make(false);
	story_act(story, "{s:s,s:s,s:I}", "do", "attachment", "who", dev, "bug", bug);
	id = story_int(story->answer, "id");
	story_act(story, "{s:s,s:s,s:I,s:s,s:s,s:s}", "do", "flag", "who", dev, "attachment", id, "name", "review",
		  "status", "?", "requestee", bot);
	one = told("attachment.modify:flag.review");
	ck_assert_str_eq(story_str(one, "body.event.changes.0.added"), "? (bot@tracker.test)");
	ck_assert_str_eq(story_str(one, "body.bug.attachment.flags.0.value"), "?");
	ck_assert_str_eq(story_str(one, "body.bug.attachment.flags.0.requestee.login"), bot);
	json_decref(one);
	story_free(story);
}
END_TEST

START_TEST(an_obsolete_attachment_is_told_twice_when_a_request_ends_with_it)
{
	json_int_t id;
	json_t *one;
	int obsolete = 0, cleared = 0;

	setup();
	make(false);
	story_act(story, "{s:s,s:s,s:I,s:[{s:s,s:s}]}", "do", "attachment", "who", dev, "bug", bug, "flags", "name",
		  "sec-approval", "status", "?");
	id = story_int(story->answer, "id");
	advance(30000);
	story_drain(story);
	story_act(story, "{s:s,s:s,s:I,s:b}", "do", "attachment", "who", dev, "attachment", id, "is_obsolete", 1);
	advance(30000);
	while ((one = story_delivery(story))) {
		const char *key = story_str(one, "body.event.routing_key");

		obsolete += strcmp(key, "attachment.modify:isobsolete") == 0;
		cleared += strcmp(key, "attachment.modify:flag.sec-approval") == 0;
		ck_assert_str_eq(story_str(one, "body.bug.attachment.flags.0.value"), "");
		json_decref(one);
	}
	ck_assert_int_eq(obsolete, 1);
	ck_assert_int_eq(cleared, 1);
	story_free(story);
}
END_TEST

/* ---- who is told ---- */

START_TEST(opening_and_hiding_are_told_twice)
{
	json_t *one;

	setup();
	make(true);
	groups(NULL);
	advance(30000);
	ck_assert_uint_eq(count(), 2);
	groups("core-security");
	one = told("bug.modify:is_private");
	ck_assert_ptr_nonnull(one);
	ck_assert_uint_eq(json_object_size(json_object_get(json_object_get(one, "body"), "bug")), 2);
	json_decref(one);
	groups(NULL);
	one = told("bug.modify:is_private");
	ck_assert_str_eq(story_str(one, "body.event.changes.0.removed"), "1");
	ck_assert_str_eq(story_str(one, "body.bug.keywords.0"), "sec-high");
	json_decref(one);
	story_free(story);
}
END_TEST

START_TEST(that_a_bug_is_hidden_is_told_to_those_who_no_longer_see_it)
{
	json_t *one;

	setup();
	story_act(story, "{s:s,s:I,s:b}", "do", "webhook", "id", hook, "enabled", 0);
	new_hook(outsider);
	make(false);
	groups("core-security");
	advance(30000);
	one = story_delivery(story);
	ck_assert_str_eq(story_str(one, "body.event.routing_key"), "bug.modify:is_private");
	json_decref(one);
	ck_assert_ptr_null(story_delivery(story));
	change("whiteboard", "x");
	advance(30000);
	ck_assert_ptr_null(story_delivery(story));
	story_free(story);
}
END_TEST

START_TEST(what_was_queued_of_a_private_bug_stays_redacted_for_who_sees_it_when_it_is_sent)
{
	json_t *one;

	setup();
	story_act(story, "{s:s,s:I,s:b}", "do", "webhook", "id", hook, "enabled", 0);
	new_hook(outsider);
	make(true);
	change("whiteboard", "secret then");
	groups(NULL);
	one = told("bug.modify:whiteboard");
	ck_assert_ptr_nonnull(one);
	ck_assert_ptr_null(strstr(story_str(one, "bytes"), "secret then"));
	json_decref(one);
	story_free(story);
}
END_TEST

START_TEST(what_was_queued_of_a_public_bug_is_not_sent_to_who_no_longer_sees_it)
{
	setup();
	story_act(story, "{s:s,s:I,s:b}", "do", "webhook", "id", hook, "enabled", 0);
	new_hook(outsider);
	make(false);
	change("whiteboard", "public then");
	groups("core-security");
	ck_assert_ptr_null(told("bug.modify:whiteboard"));
	story_free(story);
}
END_TEST

static const struct {
	bool insider, secret, told;
} traps[] = {{true, true, true}, {false, true, false}, {false, false, true}};

START_TEST(attachments_of_a_private_bug_are_told_to_insiders_alone)
{
	json_int_t id;
	json_t *one;

	setup();
	story_act(story, "{s:s,s:s,s:b}", "do", "account", "login", bot, "insider", traps[_i].insider);
	make(traps[_i].secret);
	story_act(story, "{s:s,s:s,s:I}", "do", "attachment", "who", dev, "bug", bug);
	id = story_int(story->answer, "id");
	story_act(story, "{s:s,s:s,s:I,s:s,s:s}", "do", "flag", "who", dev, "attachment", id, "name", "sec-approval",
		  "status", "+");
	story_act(story, "{s:s,s:s,s:I,s:s}", "do", "bug_comment", "who", dev, "bug", bug, "text", "hello");
	one = told("attachment.modify:flag.sec-approval");
	ck_assert(traps[_i].told == (one != NULL));
	json_decref(one);
	story_act(story, "{s:s,s:s,s:I,s:s}", "do", "bug_comment", "who", dev, "bug", bug, "text", "hello");
	one = told("comment.create"); /* these do arrive */
	ck_assert_ptr_nonnull(one);
	json_decref(one);
	story_free(story);
}
END_TEST

static const struct {
	const char *event, *product;
	bool modified, attached;
} selections[] = {{"create", "Any", false, false},
		  {"change", "Any", true, false},
		  {"attachment_change", "Any", true, true}, /* looked for anywhere in the word */
		  {"change", "Core", true, false},
		  {"change", "Toolkit", false, false}};

START_TEST(a_webhook_selects_by_words_and_product)
{
	int modified = 0, attached = 0;
	json_t *one;

	setup();
	story_act(story, "{s:s,s:I,s:s,s:s}", "do", "webhook", "id", hook, "event", selections[_i].event, "product",
		  selections[_i].product);
	make(false);
	change("whiteboard", "x");
	story_act(story, "{s:s,s:s,s:I}", "do", "attachment", "who", dev, "bug", bug);
	advance(30000);
	while ((one = story_delivery(story))) {
		modified += strncmp(story_str(one, "body.event.routing_key"), "bug.modify", 10) == 0;
		attached += strcmp(story_str(one, "body.event.routing_key"), "attachment.create") == 0;
		json_decref(one);
	}
	ck_assert_int_eq(modified, selections[_i].modified);
	ck_assert_int_eq(attached, selections[_i].attached);
	story_free(story);
}
END_TEST

START_TEST(a_move_out_of_the_selected_product_is_still_told)
{
	json_t *one;

	setup();
	story_act(story, "{s:s,s:I,s:s}", "do", "webhook", "id", hook, "product", "Core");
	make(false);
	change("product", "Toolkit");
	one = told("bug.modify:product");
	ck_assert_ptr_nonnull(one);
	json_decref(one);
	change("whiteboard", "x");
	ck_assert_ptr_null(told("bug.modify:whiteboard"));
	story_free(story);
}
END_TEST

START_TEST(an_event_with_a_change_of_nothing_to_nothing_is_lost)
{
	setup();
	make(false);
	story_act(story, "{s:s,s:s,s:I,s:s,s:s}", "do", "bug", "who", dev, "bug", bug, "whiteboard", "x", "empty",
		  "cf_user_story");
	advance(30000);
	ck_assert_uint_eq(count(), 0);
	story_free(story);
}
END_TEST

/* ---- the queue ---- */

START_TEST(the_daemon_wakes_every_half_minute)
{
	setup();
	make(false);
	change("whiteboard", "x");
	advance(29999);
	ck_assert_uint_eq(count(), 0);
	advance(1);
	ck_assert_uint_eq(count(), 1);
	advance(5000);
	change("whiteboard", "y");
	advance(24999);
	ck_assert_uint_eq(count(), 0);
	advance(1);
	ck_assert_uint_eq(count(), 1);
	story_free(story);
}
END_TEST

START_TEST(the_daemon_may_be_told_to_wake_at_once)
{
	setup();
	story_post(story, "/_world/push", "{s:s,s:i}", "do", "configure", "ms", 0);
	for (int i = 0; i < 3; i++) {
		story_act(story, "{s:s,s:s}", "do", "bug", "who", dev);
		ck_assert_uint_eq(count(), 2);
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
	change("whiteboard", "x");
	advance(30000);
	ck_assert(world_next_delivery(story->world, &one));
	world_delivery_done(story->world, one.id, 200, 1);
	world_delivery_clear(&one);
	advance(3600000 + 7000);
	change("whiteboard", "y");
	ck_assert_uint_eq(count(), 0);
	advance(23000);
	ck_assert_uint_eq(count(), 1);
	story_free(story);
}
END_TEST

START_TEST(deliveries_of_all_webhooks_go_one_after_the_other)
{
	struct world_delivery one, two;

	setup();
	new_hook(dev);
	make(false);
	change("whiteboard", "x");
	advance(30000);
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
		hook = new_hook(dev);
		make(false);
		for (int i = 0; i < 6; i++) {
			snprintf(text, sizeof(text), "%d", i);
			change("whiteboard", text);
			advance(i == 2 ? 1000 : 0);
		}
		advance(30000);
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
	change("whiteboard", "one");
	change("whiteboard", "two");
	advance(30000);
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
	change("whiteboard", "x");
	advance(30000);
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
	change("whiteboard", "x");
	advance(30000);
	ck_assert(answered(no_success[_i], NULL));
	ck_assert(answered(202, NULL));
	advance(900000);
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
	change("whiteboard", "x");
	advance(30000);
	ck_assert(answered(500, NULL));
	ck_assert(answered(500, NULL));
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		for (json_int_t ms = 30000; ms < waits[i]; ms += 30000) {
			advance(30000);
			ck_assert(!answered(500, NULL));
		}
		advance(30000);
		ck_assert(answered(i + 1 < sizeof(waits) / sizeof(waits[0]) ? 500 : 200, NULL));
	}
	change("whiteboard", "y");
	advance(30000);
	ck_assert(answered(500, NULL));
	ck_assert(answered(500, NULL));
	advance(870000);
	ck_assert(!answered(200, NULL));
	advance(30000);
	ck_assert(answered(200, NULL));
	story_free(story);
}
END_TEST

START_TEST(a_restart_forgives)
{
	setup();
	make(false);
	change("whiteboard", "x");
	advance(30000);
	answered(500, NULL);
	answered(500, NULL);
	for (int i = 0; i < 3; i++) {
		advance(900000);
		ck_assert(answered(500, NULL));
	}
	story_post(story, "/_world/push", "{s:s}", "do", "restart");
	advance(30000);
	ck_assert(answered(200, NULL));
	story_free(story);
}
END_TEST

START_TEST(later_events_wait_behind_the_one_that_failed)
{
	char bytes[256];

	setup();
	make(true);
	change("whiteboard", "x");
	advance(30000);
	ck_assert(answered(500, NULL));
	ck_assert(answered(500, NULL));
	change("summary", "y");
	advance(30000);
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
	story_act(story, "{s:s,s:s,s:s}", "do", "account", "login", bot, "key", "KEY");
	make(false);
	change("whiteboard", "x");
	for (int i = 0; i < 3000; i++) {
		advance(30000);
		while (answered(500, NULL))
			attempts++;
	}
	ck_assert_int_eq(attempts, 100);
	story->key = "KEY";
	story_get(story, "/bugzilla-bmo/rest/webhooks/list");
	ck_assert(json_is_false(
		json_object_get(json_array_get(json_object_get(story->answer, "webhooks"), 0), "enabled")));
	ck_assert_int_eq(story_int(story->answer, "webhooks.0.errors"), 1);
	change("whiteboard", "lost");
	story_act(story, "{s:s,s:I,s:b}", "do", "webhook", "id", hook, "enabled", 1);
	change("whiteboard", "kept");
	advance(30000);
	ck_assert_uint_eq(count(), 2);
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
	change("whiteboard", "x");
	advance(30000);
	ck_assert_uint_eq(count(), 0);
	change("whiteboard", "y");
	advance(30000);
	ck_assert_uint_eq(count(), 0);
	story_post(story, "/_world/push", "{s:s,s:b}", "do", "release", "reverse", 1);
	ck_assert_int_eq(story_int(story->answer, "count"), 2);
	one = story_delivery(story);
	ck_assert_str_eq(story_str(one, "body.event.changes.0.added"), "y");
	json_decref(one);
	ck_assert_uint_eq(count(), 1);
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
	change("whiteboard", "x");
	advance(30000);
	ck_assert_uint_eq(count(), verbs[_i].deliveries);
	change("whiteboard", "y");
	advance(30000);
	ck_assert_uint_eq(count(), 1);
	story_free(story);
}
END_TEST

START_TEST(the_log_tells_what_was_pushed_and_how_much_waits)
{
	json_t *log;
	size_t n;

	setup();
	make(false);
	change("whiteboard", "x");
	log = story_get(story, "/_world/log");
	ck_assert_int_eq(story_int(log, "unpushed"), 1);
	advance(30000);
	count();
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
	SUITE_TEST(a_public_bug_is_told_whole_with_a_bug_too_many),
	SUITE_TEST(a_delivery_has_one_header_of_the_owners_and_no_name),
	SUITE_ROWS(a_private_bug_is_a_number_and_which_fields_changed, private),
	SUITE_TEST(the_last_change_is_told_as_before_it),
	SUITE_TEST(flags_of_a_new_attachment_are_told_as_not_there_yet),
	SUITE_TEST(a_flags_state_is_called_value_and_a_requestee_stands_beside_it),
	SUITE_TEST(an_obsolete_attachment_is_told_twice_when_a_request_ends_with_it),
	SUITE_TEST(opening_and_hiding_are_told_twice),
	SUITE_TEST(that_a_bug_is_hidden_is_told_to_those_who_no_longer_see_it),
	SUITE_TEST(what_was_queued_of_a_private_bug_stays_redacted_for_who_sees_it_when_it_is_sent),
	SUITE_TEST(what_was_queued_of_a_public_bug_is_not_sent_to_who_no_longer_sees_it),
	SUITE_ROWS(attachments_of_a_private_bug_are_told_to_insiders_alone, traps),
	SUITE_ROWS(a_webhook_selects_by_words_and_product, selections),
	SUITE_TEST(a_move_out_of_the_selected_product_is_still_told),
	SUITE_TEST(an_event_with_a_change_of_nothing_to_nothing_is_lost),
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
