/* Writes over the trackers' two faces, and what their answers say of them. */
#include "tests/support/suite.h"
#include "tests/world/story_bugs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct story *story;
static json_int_t secret, open_bug, patch;

/* A secret bug with a granted patch, and one that all may see. */
static void setup(void)
{
	story = story_new(7);
	story->token = NULL;
	story_people(story, false);
	secret = story_bug(story, true);
	patch = story_attach(story, secret, "+");
	open_bug = story_bug(story, false);
}

static void refused(int status, int code)
{
	ck_assert_int_eq(story->status, status);
	ck_assert_int_eq(story_int(story->answer, "code"), code);
	ck_assert(json_is_true(json_object_get(story->answer, "error")));
	ck_assert_str_ne(story_str(story->answer, "documentation"), "");
}

static const int faces[] = {0, 1};

static json_t *flag_wanted(const char *status)
{
	return json_pack("{s:[{s:s,s:s}]}", "flags", "name", "approval-mozilla-beta", "status", status);
}

START_TEST(a_flag_is_reset_once_and_then_there_is_nothing_to_change)
{
	char path[64];

	setup();
	snprintf(path, sizeof(path), "bug/attachment/%lld", (long long)patch);
	story_tracker(story, _i, "BOTKEY", "PUT", path, flag_wanted("+"));
	ck_assert_ptr_nonnull(strstr(story->text, "\"added\":\"approval-mozilla-beta+\""));
	story_tracker(story, _i, "BOTKEY", "PUT", path, flag_wanted("X"));
	ck_assert_ptr_nonnull(strstr(story->text, "\"removed\":\"approval-mozilla-beta+\""));
	story_tracker(story, _i, "BOTKEY", "PUT", path, flag_wanted("X"));
	ck_assert_int_eq(story->status, 200);
	ck_assert_uint_eq(json_object_size(json_object_get(
				  json_array_get(json_object_get(story->answer, "attachments"), 0), "changes")),
			  0);
	story_free(story);
}
END_TEST

START_TEST(a_bug_is_changed_and_commented_over_rest)
{
	char path[64];

	setup();
	snprintf(path, sizeof(path), "bug/%lld", (long long)secret);
	story_tracker(story, _i, "BOTKEY", "PUT", path,
		      json_pack("{s:{s:[s]},s:s,s:s}", "groups", "remove", "core-security", "status", "RESOLVED",
				"resolution", "FIXED"));
	ck_assert_int_eq(story->status, 200);
	ck_assert_str_eq(story_str(story->answer, "bugs.0.changes.groups.removed"), "core-security");
	ck_assert_str_eq(story_str(story->answer, "bugs.0.changes.status.added"), "RESOLVED");
	snprintf(path, sizeof(path), "bug/%lld/comment", (long long)secret);
	story_tracker(story, _i, "BOTKEY", "POST", path, json_pack("{s:s}", "comment", "once"));
	ck_assert_int_eq(story->status, 201);
	story_tracker(story, _i, "BOTKEY", "GET", path, NULL);
	ck_assert_ptr_nonnull(strstr(story->text, "\"text\":\"once\""));
	story_tracker(story, _i, "OUTKEY", "POST", path, json_pack("{s:s,s:b}", "comment", "x", "is_private", 1));
	refused(401, 113);
	snprintf(path, sizeof(path), "bug/%lld/history", (long long)secret);
	story_tracker(story, _i, "BOTKEY", "GET", path, NULL);
	ck_assert_ptr_nonnull(strstr(story->text, "flagtypes.name"));
	ck_assert_ptr_nonnull(strstr(story->text, "RESOLVED"));
	story_free(story);
}
END_TEST

START_TEST(nobody_writes_without_a_key_or_where_it_does_not_see)
{
	char path[64];

	setup();
	snprintf(path, sizeof(path), "bug/%lld", (long long)secret);
	story_tracker(story, _i, NULL, "PUT", path, json_pack("{s:s}", "whiteboard", "x"));
	refused(401, 410);
	story_tracker(story, _i, "OUTKEY", "PUT", path, json_pack("{s:s}", "whiteboard", "x"));
	refused(401, 102);
	story_tracker(story, _i, "BOTKEY", "PUT", path, json_pack("{s:{s:[s]}}", "keywords", "add", "never-heard-of"));
	refused(400, 32000);
	story_free(story);
}
END_TEST

START_TEST(a_bug_and_an_attachment_are_made_over_rest)
{
	char path[64];
	json_int_t id;

	setup();
	story_tracker(story, _i, "DEVKEY", "POST", "bug",
		      json_pack("{s:s,s:s,s:s,s:s}", "product", "Core", "component", "General", "summary", "s",
				"version", "unspecified"));
	ck_assert_int_eq(story->status, 200);
	id = story_int(story->answer, "id");
	snprintf(path, sizeof(path), "bug/%lld/attachment", (long long)id);
	story_tracker(story, _i, "DEVKEY", "POST", path,
		      json_pack("{s:s,s:s,s:s,s:[{s:s,s:s}]}", "summary", "p", "file_name", "p.diff", "data",
				"eA==", "flags", "name", "sec-approval", "status", "?"));
	ck_assert_int_eq(story->status, 201);
	ck_assert((strstr(story->text, "T00:00:00Z") != NULL) == (_i == 1));
	ck_assert(json_is_array(json_object_get(story->answer, "ids")) == (_i == 0));
	story_free(story);
}
END_TEST

START_TEST(an_attachment_that_is_obsoleted_and_granted_at_once_is_not_granted)
{
	char path[64];

	setup();
	snprintf(path, sizeof(path), "bug/attachment/%lld", (long long)patch);
	story_tracker(story, true, "BOTKEY", "PUT", path,
		      json_pack("{s:[{s:s,s:s}]}", "flags", "name", "sec-approval", "status", "?"));
	story_tracker(
		story, true, "BOTKEY", "PUT", path,
		json_pack("{s:b,s:[{s:s,s:s}]}", "is_obsolete", 1, "flags", "name", "sec-approval", "status", "+"));
	ck_assert_int_eq(story->status, 200);
	ck_assert_ptr_nonnull(strstr(story->text, "\"removed\":\"sec-approval?\",\"added\":\"\""));
	ck_assert_ptr_nonnull(strstr(story->text, "\"is_obsolete\":{\"removed\":\"0\",\"added\":\"1\"}"));
	story_free(story);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_flag_is_reset_once_and_then_there_is_nothing_to_change, faces),
	SUITE_ROWS(a_bug_is_changed_and_commented_over_rest, faces),
	SUITE_ROWS(nobody_writes_without_a_key_or_where_it_does_not_see, faces),
	SUITE_ROWS(a_bug_and_an_attachment_are_made_over_rest, faces),
	SUITE_TEST(an_attachment_that_is_obsoleted_and_granted_at_once_is_not_granted),
	SUITE_END};

SUITE_MAIN(tests)
