/* The tracker's state, as deeds change it and the control face shows it; treestatus. */
#include "tests/support/suite.h"
#include "tests/world/story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct story *story;
static json_int_t bug, patch;

static const char sec[] = "sec@tracker.test", dev[] = "dev@tracker.test";

static void setup(void)
{
	story = story_new(7);
	story_act(story, "{s:s,s:s,s:[s]}", "do", "account", "login", sec, "groups", "sec-approvers");
	story_act(story, "{s:s,s:s,s:s}", "do", "flag_type", "name", "sec-approval", "grant_group", "sec-approvers");
	story_act(story, "{s:s,s:s,s:[s]}", "do", "bug", "who", dev, "keywords", "sec-high");
	ck_assert_int_eq(story->status, 200);
	bug = story_int(story->answer, "id");
	story_act(story, "{s:s,s:s,s:I}", "do", "attachment", "who", dev, "bug", bug);
	patch = story_int(story->answer, "id");
}

/* A field of the bug as the control face tells it. */
static json_t *field(const char *name)
{
	char number[24];
	json_t *state = story_get(story, "/_world/state");

	snprintf(number, sizeof(number), "%lld", (long long)bug);
	return json_object_get(json_object_get(json_object_get(state, "bugs"), number), name);
}

static void flag(const char *who, const char *status, int expected)
{
	story_act(story, "{s:s,s:s,s:I,s:s,s:s}", "do", "flag", "who", who, "attachment", patch, "name", "sec-approval",
		  "status", status);
	ck_assert_int_eq(story->status, expected);
}

static const char *flag_status(void)
{
	return story_str(json_array_get(field("attachments"), 0), "flags.0.status");
}

START_TEST(a_bugs_own_words_are_canaries_where_nobody_gave_others)
{
	setup();
	ck_assert_ptr_nonnull(strstr(json_string_value(field("summary")), "canary-summary-"));
	ck_assert_ptr_nonnull(strstr(story_str(field("comments"), "0.text"), "canary-comment-"));
	ck_assert_ptr_nonnull(strstr(story_str(field("attachments"), "0.summary"), "canary-attachment-"));
	ck_assert_ptr_nonnull(strstr(story_str(field("attachments"), "0.file_name"), "canary-file-"));
	story_free(story);
}
END_TEST

START_TEST(a_bug_has_the_number_it_was_given_and_is_then_changed_under_it)
{
	setup();
	story_act(story, "{s:s,s:s,s:i,s:s}", "do", "bug", "who", dev, "bug", 1158178, "summary", "hook");
	ck_assert_int_eq(story_int(story->answer, "id"), 1158178);
	story_act(story, "{s:s,s:s,s:i,s:s}", "do", "bug", "who", dev, "bug", 1158178, "whiteboard", "[x]");
	bug = 1158178;
	ck_assert_str_eq(json_string_value(field("whiteboard")), "[x]");
	ck_assert_str_eq(json_string_value(field("summary")), "hook");
	story_free(story);
}
END_TEST

START_TEST(only_its_granters_grant_deny_and_take_back_a_flag)
{
	setup();
	flag(dev, "?", 200);
	flag(dev, "+", 400);
	ck_assert_int_eq(story_int(story->answer, "code"), 130);
	ck_assert_str_eq(flag_status(), "?");
	flag(sec, "+", 200);
	ck_assert_str_eq(flag_status(), "+");
	ck_assert_str_eq(story_str(json_array_get(field("attachments"), 0), "flags.0.setter"), sec);
	flag(dev, "X", 400);
	flag(sec, "X", 200);
	ck_assert_str_eq(flag_status(), "");
	story_free(story);
}
END_TEST

static const struct {
	const char *flag, *after;
} obsoleted[] = {{"?", ""}, {"+", "+"}, {"-", "-"}};

START_TEST(an_obsolete_attachment_loses_requests_and_keeps_the_rest)
{
	setup();
	flag(sec, obsoleted[_i].flag, 200);
	story_act(story, "{s:s,s:s,s:I,s:b}", "do", "attachment", "who", dev, "attachment", patch, "is_obsolete", 1);
	ck_assert_str_eq(flag_status(), obsoleted[_i].after);
	ck_assert(json_is_true(json_object_get(json_array_get(field("attachments"), 0), "is_obsolete")));
	story_free(story);
}
END_TEST

static const struct {
	const char *field, *text;
	int status;
	const char *is_now, *resolution;
} resolutions[] = {
	{"status", "RESOLVED", 400, "NEW", ""},
	{"resolution", "FIXED", 400, "NEW", ""},
	{"status", "ASSIGNED", 200, "ASSIGNED", ""},
};

START_TEST(an_open_bug_has_no_resolution_and_a_closed_one_has)
{
	setup();
	story_act(story, "{s:s,s:s,s:I,s:s}", "do", "bug", "who", dev, "bug", bug, resolutions[_i].field,
		  resolutions[_i].text);
	ck_assert_int_eq(story->status, resolutions[_i].status);
	ck_assert_str_eq(json_string_value(field("status")), resolutions[_i].is_now);
	ck_assert_str_eq(json_string_value(field("resolution")), resolutions[_i].resolution);
	story_act(story, "{s:s,s:s,s:I,s:s,s:s}", "do", "bug", "who", dev, "bug", bug, "status", "RESOLVED",
		  "resolution", "FIXED");
	ck_assert_int_eq(story->status, 200);
	story_act(story, "{s:s,s:s,s:I,s:s}", "do", "bug", "who", dev, "bug", bug, "status", "REOPENED");
	ck_assert_str_eq(json_string_value(field("resolution")), "");
	story_free(story);
}
END_TEST

START_TEST(a_duplicate_is_resolved_and_no_longer_one_when_it_is_opened)
{
	setup();
	story_act(story, "{s:s,s:s,s:i}", "do", "bug", "who", dev, "bug", 4711);
	story_act(story, "{s:s,s:s,s:I,s:i}", "do", "bug", "who", dev, "bug", bug, "dupe_of", 4711);
	ck_assert_str_eq(json_string_value(field("resolution")), "DUPLICATE");
	ck_assert_int_eq(json_integer_value(field("dupe_of")), 4711);
	story_act(story, "{s:s,s:s,s:I,s:s}", "do", "bug", "who", dev, "bug", bug, "status", "NEW");
	ck_assert_int_eq(json_integer_value(field("dupe_of")), 0);
	story_act(story, "{s:s,s:s,s:I,s:I}", "do", "bug", "who", dev, "bug", bug, "dupe_of", bug);
	ck_assert_int_eq(story->status, 404);
	story_free(story);
}
END_TEST

/* A refused request leaves nothing of what it had already changed. */
START_TEST(a_request_is_done_whole_or_not_at_all)
{
	setup();
	flag(dev, "?", 200);
	story_act(story, "{s:s,s:s,s:I,s:s,s:[{s:s,s:s}]}", "do", "bug", "who", dev, "bug", bug, "whiteboard", "gone",
		  "flags", "name", "sec-approval", "status", "+");
	ck_assert_int_eq(story->status, 400);
	ck_assert_str_eq(json_string_value(field("whiteboard")), "");
	ck_assert_uint_eq(json_array_size(field("history")), 1);
	story_free(story);
}
END_TEST

START_TEST(last_change_time_has_whole_seconds_and_moves_with_what_changes)
{
	json_int_t before;

	setup();
	before = json_integer_value(field("last_change_time"));
	story_post(story, "/_world/clock", "{s:i}", "advance_ms", 1999);
	story_act(story, "{s:s,s:s,s:I,s:s}", "do", "bug", "who", dev, "bug", bug, "whiteboard", "");
	ck_assert_int_eq(json_integer_value(field("last_change_time")), before);
	flag(dev, "?", 200);
	ck_assert_int_eq(json_integer_value(field("last_change_time")), before + 1000);
	story_act(story, "{s:s,s:s,s:I,s:s}", "do", "bug_comment", "who", dev, "bug", bug, "text", "x");
	ck_assert_int_eq(json_integer_value(field("last_change_time")), before + 1000);
	story_free(story);
}
END_TEST

static const struct {
	const char *key, *value, *type, *file;
} stubs[] = {{"phabricator", NULL, "text/x-phabricator-request", "phabricator-D77-url.txt"},
	     {"github", "https://forge.test/o/r/pull/1", "text/x-github-pull-request", "github-pull-url.txt"}};

START_TEST(what_stands_for_a_change_elsewhere_is_no_patch)
{
	json_t *stub;

	setup();
	if (stubs[_i].value)
		story_act(story, "{s:s,s:s,s:I,s:s}", "do", "attachment", "who", dev, "bug", bug, stubs[_i].key,
			  stubs[_i].value);
	else
		story_act(story, "{s:s,s:s,s:I,s:i}", "do", "attachment", "who", dev, "bug", bug, stubs[_i].key, 77);
	stub = json_array_get(field("attachments"), 1);
	ck_assert_str_eq(story_str(stub, "content_type"), stubs[_i].type);
	ck_assert_str_eq(story_str(stub, "file_name"), stubs[_i].file);
	ck_assert(json_is_false(json_object_get(stub, "is_patch")));
	story_free(story);
}
END_TEST

/* ---- treestatus ---- */

static const char *const statuses[] = {"open", "closed", "approval required"};

START_TEST(a_tree_is_what_was_said_of_it)
{
	setup();
	story_act(story, "{s:s,s:s,s:s,s:s}", "do", "tree", "tree", "autoland", "status", statuses[_i], "reason",
		  "because");
	story_get(story, "/treestatus/trees/autoland");
	ck_assert_int_eq(story->status, 200);
	ck_assert_str_eq(story_str(story->answer, "result.status"), statuses[_i]);
	ck_assert_str_eq(story_str(story->answer, "result.tree"), "autoland");
	ck_assert_str_eq(story_str(story->answer, "result.reason"), "because");
	story_free(story);
}
END_TEST

START_TEST(an_unknown_tree_is_a_problem_and_a_broken_one_no_json)
{
	setup();
	story_get(story, "/treestatus/trees/none");
	ck_assert_int_eq(story->status, 404);
	ck_assert_str_eq(story_header(story, "Content-Type"), "application/problem+json");
	story_act(story, "{s:s,s:s,s:s}", "do", "tree", "tree", "try", "text", "<html>");
	story_get(story, "/treestatus/trees/try");
	ck_assert_int_eq(story->status, 200);
	ck_assert_ptr_null(story->answer);
	story_act(story, "{s:s,s:s,s:b}", "do", "tree", "tree", "try", "remove", 1);
	story_get(story, "/treestatus/trees/try");
	ck_assert_int_eq(story->status, 404);
	story_free(story);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(a_bugs_own_words_are_canaries_where_nobody_gave_others),
	SUITE_TEST(a_bug_has_the_number_it_was_given_and_is_then_changed_under_it),
	SUITE_TEST(only_its_granters_grant_deny_and_take_back_a_flag),
	SUITE_ROWS(an_obsolete_attachment_loses_requests_and_keeps_the_rest, obsoleted),
	SUITE_ROWS(an_open_bug_has_no_resolution_and_a_closed_one_has, resolutions),
	SUITE_TEST(a_duplicate_is_resolved_and_no_longer_one_when_it_is_opened),
	SUITE_TEST(a_request_is_done_whole_or_not_at_all),
	SUITE_TEST(last_change_time_has_whole_seconds_and_moves_with_what_changes),
	SUITE_ROWS(what_stands_for_a_change_elsewhere_is_no_patch, stubs),
	SUITE_ROWS(a_tree_is_what_was_said_of_it, statuses),
	SUITE_TEST(an_unknown_tree_is_a_problem_and_a_broken_one_no_json),
	SUITE_END};

SUITE_MAIN(tests)
