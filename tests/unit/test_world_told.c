/* What BMO's webhooks are told, and who is told it: each habit is a test. */
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

/* ---- bodies ---- */

START_TEST(a_public_bug_is_told_whole_with_a_bug_too_many)
{
	json_t *one;

	setup();
	make(false);
	story_bug_set(story, bug, "whiteboard", "a/b");
	one = story_told(story, "bug.modify:whiteboard");
	ck_assert_ptr_nonnull(one);
	ck_assert_int_eq(story_int(one, "body.bug.id"), bug);
	ck_assert_str_eq(story_str(one, "body.bug.whiteboard"), "a/b");
	ck_assert_str_eq(story_str(one, "body.event.changes.0.added"), "a/b");
	ck_assert_str_eq(story_str(one, "body.event.user.login"), STORY_DEV);
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
	story_bug_set(story, bug, "whiteboard", "x");
	one = story_told(story, "bug.modify:whiteboard");
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
	story_bug_set(story, bug, private[_i].key, private[_i].value);
	one = story_told(story, private[_i].routing_key);
	ck_assert_ptr_nonnull(one);
	ck_assert_uint_eq(json_object_size(json_object_get(json_object_get(one, "body"), "bug")), 2);
	ck_assert_int_eq(story_int(one, "body.bug.id"), bug);
	ck_assert_ptr_null(json_object_get(json_object_get(json_object_get(one, "body"), "event"), "changes"));
	ck_assert_ptr_null(strstr(story_str(one, "bytes"), "canary"));
	ck_assert_ptr_null(strstr(story_str(one, "bytes"), private[_i].value));
	ck_assert_str_eq(story_str(one, "body.event.user.login"), STORY_DEV);
	json_decref(one);
	story_free(story);
}
END_TEST

START_TEST(the_last_change_is_told_as_before_it)
{
	json_t *one;

	setup();
	make(false);
	story_bug_set(story, bug, "whiteboard", "x");
	one = story_told(story, "bug.modify:whiteboard");
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
	story_act(story, "{s:s,s:s,s:I,s:[{s:s,s:s}]}", "do", "attachment", "who", STORY_DEV, "bug", bug, "flags",
		  "name", "sec-approval", "status", "?");
	ck_assert_int_eq(story->status, 200);
	one = story_told(story, "attachment.modify:flag.sec-approval");
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
	story_act(story, "{s:s,s:s,s:I}", "do", "attachment", "who", STORY_DEV, "bug", bug);
	id = story_int(story->answer, "id");
	story_act(story, "{s:s,s:s,s:I,s:s,s:s,s:s}", "do", "flag", "who", STORY_DEV, "attachment", id, "name",
		  "review", "status", "?", "requestee", STORY_BOT);
	one = story_told(story, "attachment.modify:flag.review");
	ck_assert_str_eq(story_str(one, "body.event.changes.0.added"), "? (bot@tracker.test)");
	ck_assert_str_eq(story_str(one, "body.bug.attachment.flags.0.value"), "?");
	ck_assert_str_eq(story_str(one, "body.bug.attachment.flags.0.requestee.login"), STORY_BOT);
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
	story_act(story, "{s:s,s:s,s:I,s:[{s:s,s:s}]}", "do", "attachment", "who", STORY_DEV, "bug", bug, "flags",
		  "name", "sec-approval", "status", "?");
	id = story_int(story->answer, "id");
	story_advance(story, 30000);
	story_drain(story);
	story_act(story, "{s:s,s:s,s:I,s:b}", "do", "attachment", "who", STORY_DEV, "attachment", id, "is_obsolete", 1);
	story_advance(story, 30000);
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
	story_bug_groups(story, bug, NULL);
	story_advance(story, 30000);
	ck_assert_uint_eq(story_pushed(story), 2);
	story_bug_groups(story, bug, "core-security");
	one = story_told(story, "bug.modify:is_private");
	ck_assert_ptr_nonnull(one);
	ck_assert_uint_eq(json_object_size(json_object_get(json_object_get(one, "body"), "bug")), 2);
	json_decref(one);
	story_bug_groups(story, bug, NULL);
	one = story_told(story, "bug.modify:is_private");
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
	story_webhook(story, STORY_OUTSIDER);
	make(false);
	story_bug_groups(story, bug, "core-security");
	story_advance(story, 30000);
	one = story_delivery(story);
	ck_assert_str_eq(story_str(one, "body.event.routing_key"), "bug.modify:is_private");
	json_decref(one);
	ck_assert_ptr_null(story_delivery(story));
	story_bug_set(story, bug, "whiteboard", "x");
	story_advance(story, 30000);
	ck_assert_ptr_null(story_delivery(story));
	story_free(story);
}
END_TEST

START_TEST(what_was_queued_of_a_private_bug_stays_redacted_for_who_sees_it_when_it_is_sent)
{
	json_t *one;

	setup();
	story_act(story, "{s:s,s:I,s:b}", "do", "webhook", "id", hook, "enabled", 0);
	story_webhook(story, STORY_OUTSIDER);
	make(true);
	story_bug_set(story, bug, "whiteboard", "secret then");
	story_bug_groups(story, bug, NULL);
	one = story_told(story, "bug.modify:whiteboard");
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
	story_webhook(story, STORY_OUTSIDER);
	make(false);
	story_bug_set(story, bug, "whiteboard", "public then");
	story_bug_groups(story, bug, "core-security");
	ck_assert_ptr_null(story_told(story, "bug.modify:whiteboard"));
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
	story_act(story, "{s:s,s:s,s:b}", "do", "account", "login", STORY_BOT, "insider", traps[_i].insider);
	make(traps[_i].secret);
	story_act(story, "{s:s,s:s,s:I}", "do", "attachment", "who", STORY_DEV, "bug", bug);
	id = story_int(story->answer, "id");
	story_act(story, "{s:s,s:s,s:I,s:s,s:s}", "do", "flag", "who", STORY_DEV, "attachment", id, "name",
		  "sec-approval", "status", "+");
	story_act(story, "{s:s,s:s,s:I,s:s}", "do", "bug_comment", "who", STORY_DEV, "bug", bug, "text", "hello");
	one = story_told(story, "attachment.modify:flag.sec-approval");
	ck_assert(traps[_i].told == (one != NULL));
	json_decref(one);
	story_act(story, "{s:s,s:s,s:I,s:s}", "do", "bug_comment", "who", STORY_DEV, "bug", bug, "text", "hello");
	one = story_told(story, "comment.create"); /* these do arrive */
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
	story_bug_set(story, bug, "whiteboard", "x");
	story_act(story, "{s:s,s:s,s:I}", "do", "attachment", "who", STORY_DEV, "bug", bug);
	story_advance(story, 30000);
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
	story_bug_set(story, bug, "product", "Toolkit");
	one = story_told(story, "bug.modify:product");
	ck_assert_ptr_nonnull(one);
	json_decref(one);
	story_bug_set(story, bug, "whiteboard", "x");
	ck_assert_ptr_null(story_told(story, "bug.modify:whiteboard"));
	story_free(story);
}
END_TEST

START_TEST(an_event_with_a_change_of_nothing_to_nothing_is_lost)
{
	setup();
	make(false);
	story_act(story, "{s:s,s:s,s:I,s:s,s:s}", "do", "bug", "who", STORY_DEV, "bug", bug, "whiteboard", "x", "empty",
		  "cf_user_story");
	story_advance(story, 30000);
	ck_assert_uint_eq(story_pushed(story), 0);
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
	SUITE_END};

SUITE_MAIN(tests)
