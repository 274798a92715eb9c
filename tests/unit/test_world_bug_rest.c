/* The trackers over REST: BMO's face and upstream's, from the same bugs. */
#include "tests/support/suite.h"
#include "tests/world/story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct story *story;
static json_int_t secret, open_bug, patch;

static const char bot[] = "bot@tracker.test", dev[] = "dev@tracker.test", outsider[] = "outsider@tracker.test";
static const char *const roots[] = {"/bugzilla-bmo/rest", "/bugzilla/rest"};

static void account(const char *login, const char *key, const char *group)
{
	story_act(story, "{s:s,s:s,s:s,s:o}", "do", "account", "login", login, "key", key, "groups",
		  group ? json_pack("[s]", group) : json_array());
}

/* A secret bug with a granted patch, and one that all may see. */
static void setup(void)
{
	story = story_new(7);
	story->token = NULL;
	account(bot, "BOTKEY", "core-security");
	account(dev, "DEVKEY", NULL);
	account(outsider, "OUTKEY", NULL);
	story_act(story, "{s:s,s:s,s:[s],s:[s]}", "do", "bug", "who", dev, "groups", "core-security", "keywords",
		  "sec-high");
	secret = story_int(story->answer, "id");
	story_act(story, "{s:s,s:s,s:I,s:[{s:s,s:s}]}", "do", "attachment", "who", dev, "bug", secret, "flags", "name",
		  "sec-approval", "status", "+");
	patch = story_int(story->answer, "id");
	story_act(story, "{s:s,s:s}", "do", "bug", "who", dev);
	open_bug = story_int(story->answer, "id");
	story->key = "BOTKEY";
}

/* One call with this key as the face takes it: in the header, or in the query. */
static json_t *call_as(bool bmo, const char *key, const char *method, const char *path, json_t *body)
{
	char target[9000];

	story->key = bmo ? key : NULL;
	snprintf(target, sizeof(target), "%s/%s%s%s%s", roots[!bmo], path,
		 key && !bmo ? strchr(path, '?') ? "&" : "?" : "", key && !bmo ? "api_key=" : "",
		 key && !bmo ? key : "");
	return story_call(story, method, target, body);
}

static json_t *get_as(bool bmo, const char *key, const char *format, json_int_t id)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%lld%s", "bug", (long long)id, format);
	return call_as(bmo, key, "GET", path, NULL);
}

static void refused(int status, int code)
{
	ck_assert_int_eq(story->status, status);
	ck_assert_int_eq(story_int(story->answer, "code"), code);
	ck_assert(json_is_true(json_object_get(story->answer, "error")));
	ck_assert_str_ne(story_str(story->answer, "documentation"), "");
}

/* ---- who sees what ---- */

static const struct {
	bool bmo;
	const char *key;
	int status;
} seen[] = {{true, "BOTKEY", 200},  {true, "DEVKEY", 200},  {true, "OUTKEY", 401}, {true, NULL, 401},
	    {false, "BOTKEY", 200}, {false, "OUTKEY", 401}, {false, NULL, 401}};

START_TEST(a_secret_bug_is_for_its_groups_and_its_people)
{
	setup();
	get_as(seen[_i].bmo, seen[_i].key, "", secret);
	ck_assert_int_eq(story->status, seen[_i].status);
	if (seen[_i].status == 401) {
		refused(401, 102);
		ck_assert_ptr_null(strstr(story->text, "canary"));
	}
	story_free(story);
}
END_TEST

START_TEST(one_bug_has_what_was_asked_for_and_no_more)
{
	json_t *one;

	setup();
	get_as(true, "BOTKEY", "?include_fields=id,keywords,groups,status,resolution,is_open,dupe_of", secret);
	one = json_array_get(json_object_get(story->answer, "bugs"), 0);
	ck_assert_uint_eq(json_object_size(one), 7);
	ck_assert_int_eq(story_int(one, "id"), secret);
	ck_assert_str_eq(story_str(one, "keywords.0"), "sec-high");
	ck_assert_str_eq(story_str(one, "groups.0"), "core-security");
	ck_assert(json_is_true(json_object_get(one, "is_open")));
	ck_assert(json_is_null(json_object_get(one, "dupe_of")));
	ck_assert(json_is_array(json_object_get(story->answer, "faults")));
	get_as(true, "BOTKEY", "?exclude_fields=summary", secret);
	ck_assert_ptr_null(json_object_get(json_array_get(json_object_get(story->answer, "bugs"), 0), "summary"));
	ck_assert_str_ne(story_str(story->answer, "bugs.0.update_token"), "");
	story_free(story);
}
END_TEST

START_TEST(the_two_faces_differ_in_alias_priority_and_duplicates)
{
	json_t *one;

	setup();
	get_as(true, "BOTKEY", "", open_bug);
	one = json_array_get(json_object_get(story->answer, "bugs"), 0);
	ck_assert(json_is_null(json_object_get(one, "alias")));
	ck_assert_str_eq(story_str(one, "priority"), "--");
	ck_assert(json_is_array(json_object_get(one, "duplicates")));
	get_as(false, "BOTKEY", "", open_bug);
	one = json_array_get(json_object_get(story->answer, "bugs"), 0);
	ck_assert(json_is_array(json_object_get(one, "alias")));
	ck_assert_str_eq(story_str(one, "priority"), "---");
	ck_assert_ptr_null(json_object_get(one, "duplicates"));
	story_free(story);
}
END_TEST

START_TEST(duplicates_are_told_from_both_ends)
{
	setup();
	story_act(story, "{s:s,s:s,s:I,s:I}", "do", "bug", "who", dev, "bug", open_bug, "dupe_of", secret);
	get_as(true, "BOTKEY", "?include_fields=duplicates", secret);
	ck_assert_int_eq(story_int(story->answer, "bugs.0.duplicates.0"), open_bug);
	get_as(false, "BOTKEY", "?include_fields=dupe_of,resolution", open_bug);
	ck_assert_int_eq(story_int(story->answer, "bugs.0.dupe_of"), secret);
	ck_assert_str_eq(story_str(story->answer, "bugs.0.resolution"), "DUPLICATE");
	story_free(story);
}
END_TEST

/* ---- attachments ---- */

START_TEST(attachments_tell_flags_with_status_and_marks_as_numbers)
{
	char path[64];
	json_t *one;

	setup();
	snprintf(path, sizeof(path), "%lld", (long long)secret);
	get_as(_i, "BOTKEY", "/attachment?include_fields=id,bug_id,is_obsolete,is_patch,is_private,flags", secret);
	one = json_array_get(json_object_get(json_object_get(story->answer, "bugs"), path), 0);
	ck_assert_uint_eq(json_object_size(one), 6);
	ck_assert_int_eq(story_int(one, "id"), patch);
	ck_assert(json_is_integer(json_object_get(one, "is_obsolete")));
	ck_assert_int_eq(story_int(one, "is_patch"), 1);
	ck_assert_str_eq(story_str(one, "flags.0.status"), "+");
	ck_assert_str_eq(story_str(one, "flags.0.setter"), dev);
	ck_assert_ptr_null(json_object_get(json_array_get(json_object_get(one, "flags"), 0), "requestee"));
	story_free(story);
}
END_TEST

static const int faces[] = {0, 1};

START_TEST(only_bmo_tells_attachments_with_the_bug)
{
	static const char fields[] = "?include_fields=id,attachments.id,attachments.is_obsolete,attachments.flags";
	json_t *one;

	setup();
	get_as(true, "BOTKEY", fields, secret);
	one = json_array_get(json_object_get(story->answer, "bugs"), 0);
	ck_assert_str_eq(story_str(one, "attachments.0.flags.0.status"), "+");
	ck_assert_uint_eq(json_object_size(json_array_get(json_object_get(one, "attachments"), 0)), 3);
	get_as(false, "BOTKEY", fields, secret);
	ck_assert_uint_eq(json_object_size(json_array_get(json_object_get(story->answer, "bugs"), 0)), 1);
	get_as(true, "BOTKEY", "", secret);
	ck_assert_ptr_null(json_object_get(json_array_get(json_object_get(story->answer, "bugs"), 0), "attachments"));
	story_free(story);
}
END_TEST

START_TEST(a_private_attachment_is_left_out_without_a_word)
{
	json_int_t id;
	char path[64];

	setup();
	story_act(story, "{s:s,s:s,s:[s],s:b}", "do", "account", "login", bot, "groups", "core-security", "insider", 1);
	story_act(story, "{s:s,s:s,s:I,s:b}", "do", "attachment", "who", bot, "bug", open_bug, "is_private", 1);
	ck_assert_int_eq(story->status, 200);
	id = story_int(story->answer, "id");
	get_as(true, "BOTKEY", "/attachment", open_bug);
	ck_assert_ptr_nonnull(strstr(story->text, "canary-attachment"));
	get_as(true, "OUTKEY", "/attachment", open_bug);
	ck_assert_int_eq(story->status, 200);
	ck_assert_ptr_null(strstr(story->text, "canary"));
	snprintf(path, sizeof(path), "bug/attachment/%lld", (long long)id);
	call_as(true, "OUTKEY", "GET", path, NULL);
	refused(401, 102);
	story_free(story);
}
END_TEST

START_TEST(an_attachment_that_is_none_is_an_empty_answer)
{
	setup();
	call_as(_i, "BOTKEY", "GET", "bug/attachment/1", NULL);
	ck_assert_int_eq(story->status, 200);
	ck_assert_str_eq(story->text, "{\"bugs\":{},\"attachments\":{}}");
	story_free(story);
}
END_TEST

/* ---- errors ---- */

static const struct {
	bool bmo;
	const char *key, *method, *path;
	int status, code;
} errors[] = {
	{true, "BOTKEY", "GET", "bug/77", 404, 101},
	{false, "BOTKEY", "GET", "bug/77", 404, 101},
	{true, "BOTKEY", "GET", "bug/notanumber", 400, 100},
	{true, "BAD", "GET", "bug/77", 400, 306},
	{false, "BAD", "GET", "time", 400, 306},
	{true, "BOTKEY", "GET", "nope", 404, 32614},
	{false, "BOTKEY", "GET", "whoami", 404, 32614},
	{false, "BOTKEY", "GET", "webhooks/list", 404, 32614},
	{false, "BOTKEY", "POST", "bug/77", 404, 32614},
	{true, NULL, "GET", "whoami", 401, 410},
	{true, "BOTKEY", "GET", "bug?f1=bug_id&o1=strange&v1=1", 400, 32000},
	{true, "BOTKEY", "GET", "bug?f1=strange&o1=equals&v1=1", 400, 32000},
};

START_TEST(each_error_has_its_code_and_the_status_that_goes_with_it)
{
	setup();
	call_as(errors[_i].bmo, errors[_i].key, errors[_i].method, errors[_i].path, NULL);
	refused(errors[_i].status, errors[_i].code);
	story_free(story);
}
END_TEST

START_TEST(upstream_does_not_know_the_header)
{
	char target[64];

	setup();
	story->key = "BOTKEY";
	story_get(story, "/bugzilla/rest/bug/%lld", (long long)secret);
	refused(401, 102);
	story_get(story, "/bugzilla-bmo/rest/bug/%lld", (long long)secret);
	ck_assert_int_eq(story->status, 200);
	snprintf(target, sizeof(target), "/bugzilla/rest/bug/%lld", (long long)secret);
	story->key = NULL;
	story_post(story, target, "{s:s}", "api_key", "BOTKEY"); /* and no POST stands for a GET */
	refused(404, 32614);
	story_free(story);
}
END_TEST

START_TEST(the_log_never_holds_a_key)
{
	json_t *entry;
	size_t n;

	setup();
	get_as(false, "BOTKEY", "?include_fields=id", secret);
	ck_assert_int_eq(story->status, 200);
	story_get(story, "/_world/log");
	n = json_array_size(json_object_get(story->answer, "entries"));
	entry = json_array_get(json_object_get(story->answer, "entries"), n - 1);
	ck_assert_str_eq(story_str(entry, "query"), "include_fields=id&api_key=...");
	ck_assert_str_eq(story_str(entry, "who"), bot);
	ck_assert_ptr_null(strstr(story->text, "BOTKEY"));
	story_free(story);
}
END_TEST

START_TEST(cookies_are_for_those_who_are_not_logged_in)
{
	setup();
	call_as(true, NULL, "GET", "time", NULL);
	ck_assert_ptr_nonnull(strstr(story_header(story, "Set-Cookie"), "Bugzilla_login_request_cookie="));
	ck_assert_ptr_nonnull(strstr(story_header(story, "set-cookie"), "github_token="));
	call_as(true, "BAD", "GET", "time", NULL);
	ck_assert_str_ne(story_header(story, "Set-Cookie"), "");
	call_as(false, NULL, "GET", "time", NULL);
	ck_assert_str_ne(story_header(story, "Set-Cookie"), "");
	ck_assert_str_eq(story_header(story, "set-cookie"), "");
	call_as(true, "BOTKEY", "GET", "time", NULL);
	ck_assert_str_eq(story_header(story, "Set-Cookie"), "");
	story_free(story);
}
END_TEST

START_TEST(an_etag_has_no_quotes_and_is_honoured)
{
	char etag[64];

	setup();
	get_as(true, "BOTKEY", "?include_fields=id,keywords", secret);
	snprintf(etag, sizeof(etag), "%s", story_header(story, "ETag"));
	ck_assert_uint_eq(strlen(etag), 22);
	ck_assert_ptr_null(strchr(etag, '"'));
	story->known = etag;
	get_as(true, "BOTKEY", "?include_fields=id,keywords", secret);
	ck_assert_int_eq(story->status, 304);
	call_as(true, "BOTKEY", "GET", "webhooks/list", NULL);
	ck_assert_int_eq(story->status, 200);
	ck_assert_str_eq(story_header(story, "ETag"), "");
	story_free(story);
}
END_TEST

START_TEST(a_target_that_is_too_long_is_plain_text)
{
	char path[8600] = "bug?id=1";

	setup();
	for (size_t i = strlen(path); i < 8400; i++)
		path[i] = '1';
	call_as(true, "BOTKEY", "GET", path, NULL);
	ck_assert_int_eq(story->status, 414);
	ck_assert_ptr_null(story->answer);
	story_free(story);
}
END_TEST

/* ---- faults and limits ---- */

START_TEST(an_internal_error_comes_with_a_200)
{
	setup();
	story_post(story, "/_world/fault", "{s:s,s:i,s:i,s:{s:b,s:i,s:n}}", "endpoint", "/bugzilla-bmo/rest/bug/",
		   "count", 1, "status", 200, "body", "error", 1, "code", 100500, "message");
	get_as(true, "BOTKEY", "", open_bug);
	ck_assert_int_eq(story->status, 200);
	ck_assert_int_eq(story_int(story->answer, "code"), 100500);
	get_as(true, "BOTKEY", "", open_bug);
	ck_assert_int_eq(story_int(story->answer, "bugs.0.id"), open_bug);
	story_free(story);
}
END_TEST

static void limits(void)
{
	story_post(story, "/_world/tracker", "{s:b}", "limits", 1);
	ck_assert_int_eq(story->status, 200);
}

START_TEST(whoever_reads_too_quickly_without_a_key_is_blocked_in_html)
{
	setup();
	limits();
	for (int i = 0; i < 75; i++) {
		get_as(true, NULL, "", open_bug);
		ck_assert_int_eq(story->status, 200);
	}
	get_as(true, NULL, "", open_bug);
	refused(400, 32000);
	get_as(true, "BOTKEY", "", open_bug);
	ck_assert_int_eq(story->status, 429);
	ck_assert_str_eq(story_header(story, "Content-Type"), "text/html");
	ck_assert_str_eq(story_header(story, "Retry-After"), "");
	story_free(story);
}
END_TEST

START_TEST(reads_with_a_key_or_slow_ones_are_never_too_many)
{
	setup();
	limits();
	for (int i = 0; i < 200; i++) {
		get_as(true, i % 4 ? "BOTKEY" : NULL, "", open_bug);
		ck_assert_int_eq(story->status, 200);
		story_post(story, "/_world/clock", "{s:i}", "advance_ms", 250);
	}
	story_free(story);
}
END_TEST

START_TEST(wrong_keys_block_for_an_hour_that_each_try_begins_anew)
{
	setup();
	limits();
	for (int i = 0; i < 6; i++) {
		call_as(true, "BAD", "GET", "time", NULL);
		refused(400, 306);
	}
	for (int i = 0; i < 3; i++) {
		story_post(story, "/_world/clock", "{s:i}", "advance_ms", 3599999);
		call_as(true, "BOTKEY", "GET", "time", NULL);
		ck_assert_int_eq(story->status, 429);
	}
	story_post(story, "/_world/clock", "{s:i}", "advance_ms", 3600000);
	call_as(true, "BOTKEY", "GET", "time", NULL);
	ck_assert_int_eq(story->status, 200);
	story_free(story);
}
END_TEST

START_TEST(a_key_that_was_taken_back_is_a_bad_one)
{
	setup();
	story_act(story, "{s:s,s:s,s:s}", "do", "account", "login", bot, "key", "");
	get_as(true, "BOTKEY", "", secret);
	refused(400, 306);
	story_free(story);
}
END_TEST

/* ---- the rest ---- */

START_TEST(whoami_tells_groups_and_upstream_whether_a_login_is_good)
{
	setup();
	call_as(true, "BOTKEY", "GET", "whoami", NULL);
	ck_assert_str_eq(story_str(story->answer, "name"), bot);
	ck_assert_str_eq(story_str(story->answer, "groups.0"), "core-security");
	call_as(false, "BOTKEY", "GET", "valid_login?login=bot@tracker.test", NULL);
	ck_assert(json_is_true(json_object_get(story->answer, "result")));
	call_as(false, "OUTKEY", "GET", "valid_login?login=bot@tracker.test", NULL);
	ck_assert(json_is_false(json_object_get(story->answer, "result")));
	story_free(story);
}
END_TEST

START_TEST(groups_of_others_are_for_administrators)
{
	setup();
	call_as(_i, "OUTKEY", "GET", "user/bot@tracker.test", NULL);
	ck_assert_str_eq(story_str(story->answer, "users.0.name"), bot);
	ck_assert_ptr_null(json_object_get(json_array_get(json_object_get(story->answer, "users"), 0), "groups"));
	call_as(_i, "BOTKEY", "GET", "user?names=bot@tracker.test", NULL);
	ck_assert_str_eq(story_str(story->answer, "users.0.groups.0.name"), "core-security");
	account(outsider, "OUTKEY", "admin");
	call_as(_i, "OUTKEY", "GET", "user/bot@tracker.test", NULL);
	ck_assert_str_eq(story_str(story->answer, "users.0.groups.0.name"), "core-security");
	story_free(story);
}
END_TEST

START_TEST(a_webhook_is_listed_for_its_owner)
{
	setup();
	story_act(story, "{s:s,s:s,s:s}", "do", "webhook", "who", bot, "url", "http://gate.test/h");
	call_as(true, "BOTKEY", "GET", "webhooks/list", NULL);
	ck_assert_str_eq(story_str(story->answer, "webhooks.0.creator"), bot);
	ck_assert_int_eq(story_int(story->answer, "webhooks.0.errors"), 0);
	call_as(true, "OUTKEY", "GET", "webhooks/list", NULL);
	ck_assert_uint_eq(json_array_size(json_object_get(story->answer, "webhooks")), 0);
	story_free(story);
}
END_TEST

START_TEST(a_flags_activity_is_a_bare_list_for_those_who_see_the_bug)
{
	setup();
	call_as(true, "BOTKEY", "GET", "review/flag_activity?type_name=sec-approval", NULL);
	ck_assert(json_is_array(story->answer));
	ck_assert_str_eq(story_str(story->answer, "0.status"), "+");
	ck_assert_int_eq(story_int(story->answer, "0.attachment_id"), patch);
	ck_assert_str_eq(story_str(story->answer, "0.creation_time"), "2026-01-05 00:00:00");
	call_as(true, "OUTKEY", "GET", "review/flag_activity", NULL);
	ck_assert_uint_eq(json_array_size(story->answer), 0);
	story_free(story);
}
END_TEST

/* ---- writes ---- */

static json_t *flag_wanted(const char *status)
{
	return json_pack("{s:[{s:s,s:s}]}", "flags", "name", "approval-mozilla-beta", "status", status);
}

START_TEST(a_flag_is_reset_once_and_then_there_is_nothing_to_change)
{
	char path[64];

	setup();
	snprintf(path, sizeof(path), "bug/attachment/%lld", (long long)patch);
	call_as(_i, "BOTKEY", "PUT", path, flag_wanted("+"));
	ck_assert_ptr_nonnull(strstr(story->text, "\"added\":\"approval-mozilla-beta+\""));
	call_as(_i, "BOTKEY", "PUT", path, flag_wanted("X"));
	ck_assert_ptr_nonnull(strstr(story->text, "\"removed\":\"approval-mozilla-beta+\""));
	call_as(_i, "BOTKEY", "PUT", path, flag_wanted("X"));
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
	call_as(_i, "BOTKEY", "PUT", path,
		json_pack("{s:{s:[s]},s:s,s:s}", "groups", "remove", "core-security", "status", "RESOLVED",
			  "resolution", "FIXED"));
	ck_assert_int_eq(story->status, 200);
	ck_assert_str_eq(story_str(story->answer, "bugs.0.changes.groups.removed"), "core-security");
	ck_assert_str_eq(story_str(story->answer, "bugs.0.changes.status.added"), "RESOLVED");
	snprintf(path, sizeof(path), "bug/%lld/comment", (long long)secret);
	call_as(_i, "BOTKEY", "POST", path, json_pack("{s:s}", "comment", "once"));
	ck_assert_int_eq(story->status, 201);
	call_as(_i, "BOTKEY", "GET", path, NULL);
	ck_assert_ptr_nonnull(strstr(story->text, "\"text\":\"once\""));
	call_as(_i, "OUTKEY", "POST", path, json_pack("{s:s,s:b}", "comment", "x", "is_private", 1));
	refused(401, 113);
	snprintf(path, sizeof(path), "bug/%lld/history", (long long)secret);
	call_as(_i, "BOTKEY", "GET", path, NULL);
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
	call_as(_i, NULL, "PUT", path, json_pack("{s:s}", "whiteboard", "x"));
	refused(401, 410);
	call_as(_i, "OUTKEY", "PUT", path, json_pack("{s:s}", "whiteboard", "x"));
	refused(401, 102);
	call_as(_i, "BOTKEY", "PUT", path, json_pack("{s:{s:[s]}}", "keywords", "add", "never-heard-of"));
	refused(400, 32000);
	story_free(story);
}
END_TEST

START_TEST(a_bug_and_an_attachment_are_made_over_rest)
{
	char path[64];
	json_int_t id;

	setup();
	call_as(_i, "DEVKEY", "POST", "bug",
		json_pack("{s:s,s:s,s:s,s:s}", "product", "Core", "component", "General", "summary", "s", "version",
			  "unspecified"));
	ck_assert_int_eq(story->status, 200);
	id = story_int(story->answer, "id");
	snprintf(path, sizeof(path), "bug/%lld/attachment", (long long)id);
	call_as(_i, "DEVKEY", "POST", path,
		json_pack("{s:s,s:s,s:s,s:[{s:s,s:s}]}", "summary", "p", "file_name", "p.diff", "data", "eA==", "flags",
			  "name", "sec-approval", "status", "?"));
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
	call_as(true, "BOTKEY", "PUT", path,
		json_pack("{s:[{s:s,s:s}]}", "flags", "name", "sec-approval", "status", "?"));
	call_as(true, "BOTKEY", "PUT", path,
		json_pack("{s:b,s:[{s:s,s:s}]}", "is_obsolete", 1, "flags", "name", "sec-approval", "status", "+"));
	ck_assert_int_eq(story->status, 200);
	ck_assert_ptr_nonnull(strstr(story->text, "\"removed\":\"sec-approval?\",\"added\":\"\""));
	ck_assert_ptr_nonnull(strstr(story->text, "\"is_obsolete\":{\"removed\":\"0\",\"added\":\"1\"}"));
	story_free(story);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_secret_bug_is_for_its_groups_and_its_people, seen),
	SUITE_TEST(one_bug_has_what_was_asked_for_and_no_more),
	SUITE_TEST(the_two_faces_differ_in_alias_priority_and_duplicates),
	SUITE_TEST(duplicates_are_told_from_both_ends),
	SUITE_ROWS(attachments_tell_flags_with_status_and_marks_as_numbers, faces),
	SUITE_TEST(only_bmo_tells_attachments_with_the_bug),
	SUITE_TEST(a_private_attachment_is_left_out_without_a_word),
	SUITE_ROWS(an_attachment_that_is_none_is_an_empty_answer, faces),
	SUITE_ROWS(each_error_has_its_code_and_the_status_that_goes_with_it, errors),
	SUITE_TEST(upstream_does_not_know_the_header),
	SUITE_TEST(the_log_never_holds_a_key),
	SUITE_TEST(cookies_are_for_those_who_are_not_logged_in),
	SUITE_TEST(an_etag_has_no_quotes_and_is_honoured),
	SUITE_TEST(a_target_that_is_too_long_is_plain_text),
	SUITE_TEST(an_internal_error_comes_with_a_200),
	SUITE_TEST(whoever_reads_too_quickly_without_a_key_is_blocked_in_html),
	SUITE_TEST(reads_with_a_key_or_slow_ones_are_never_too_many),
	SUITE_TEST(wrong_keys_block_for_an_hour_that_each_try_begins_anew),
	SUITE_TEST(a_key_that_was_taken_back_is_a_bad_one),
	SUITE_TEST(whoami_tells_groups_and_upstream_whether_a_login_is_good),
	SUITE_ROWS(groups_of_others_are_for_administrators, faces),
	SUITE_TEST(a_webhook_is_listed_for_its_owner),
	SUITE_TEST(a_flags_activity_is_a_bare_list_for_those_who_see_the_bug),
	SUITE_ROWS(a_flag_is_reset_once_and_then_there_is_nothing_to_change, faces),
	SUITE_ROWS(a_bug_is_changed_and_commented_over_rest, faces),
	SUITE_ROWS(nobody_writes_without_a_key_or_where_it_does_not_see, faces),
	SUITE_ROWS(a_bug_and_an_attachment_are_made_over_rest, faces),
	SUITE_TEST(an_attachment_that_is_obsoleted_and_granted_at_once_is_not_granted),
	SUITE_END};

SUITE_MAIN(tests)
