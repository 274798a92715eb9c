/* What the trackers' searches find, in what order and how much of it; and what their replica does not know yet. */
#include "tests/support/suite.h"
#include "tests/world/story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct story *story;

static const char dev[] = "dev@tracker.test";

/* Bugs 101 to 105: sec-high, sec-critical and secret, no keyword, both and resolved, sec-low with a granted flag on an
 * obsolete attachment. Each a minute after the one before. */
static void setup(void)
{
	static const char *const keywords[][2] = {
		{"sec-high"}, {"sec-critical"}, {NULL}, {"sec-high", "sec-critical"}, {"sec-low"}};

	story = story_new(7);
	story->token = NULL;
	story_act(story, "{s:s,s:s,s:s,s:[s]}", "do", "account", "login", "bot@tracker.test", "key", "BOTKEY", "groups",
		  "core-security");
	story_act(story, "{s:s,s:s,s:s}", "do", "account", "login", "outsider@tracker.test", "key", "OUTKEY");
	for (int i = 0; i < 5; i++) {
		json_t *list = json_array();

		for (int k = 0; k < 2 && keywords[i][k]; k++)
			json_array_append_new(list, json_string(keywords[i][k]));
		story_act(story, "{s:s,s:s,s:i,s:o,s:o}", "do", "bug", "who", dev, "bug", 101 + i, "keywords", list,
			  "groups", i == 1 ? json_pack("[s]", "core-security") : json_array());
		ck_assert_int_eq(story->status, 200);
		story_post(story, "/_world/clock", "{s:i}", "advance_ms", 60000);
	}
	story_act(story, "{s:s,s:s,s:i,s:s,s:s}", "do", "bug", "who", dev, "bug", 104, "status", "RESOLVED",
		  "resolution", "FIXED");
	story_act(story, "{s:s,s:s,s:i,s:[{s:s,s:s}]}", "do", "attachment", "who", dev, "bug", 105, "flags", "name",
		  "sec-approval", "status", "+");
	story_act(story, "{s:s,s:s,s:O,s:b}", "do", "attachment", "who", dev, "attachment",
		  json_object_get(story->answer, "id"), "is_obsolete", 1);
	story->key = "BOTKEY";
}

/* The numbers found, as text: "101 104". */
static const char *found(const char *query)
{
	static char text[256];
	json_t *one;
	size_t i, n = 0;

	text[0] = 0;
	story_get(story, "/bugzilla-bmo/rest/bug?include_fields=id&%s", query);
	ck_assert_int_eq(story->status, 200);
	json_array_foreach(json_object_get(story->answer, "bugs"), i, one) n +=
		(size_t)snprintf(text + n, sizeof(text) - n, "%s%lld", i ? " " : "", (long long)story_int(one, "id"));
	return text;
}

static const struct {
	const char *query, *found;
} searches[] = {
	{"order=bug_id", "101 102 103 104 105"},
	{"", "105 104 103 102 101"}, /* no order was asked for */
	{"id=101,103&order=bug_id", "101 103"},
	{"id=101&id=104&order=bug_id", "101 104"},
	{"id=101,999&order=bug_id", "101"},
	{"keywords=sec-high,sec-critical&keywords_type=anywords&order=bug_id", "101 102 104"},
	{"keywords=sec-high,sec-critical&order=bug_id", "104"},
	{"keywords=sec-high,sec-critical&keywords_type=nowords&order=bug_id", "103 105"},
	{"keywords=sec-high&keywords_type=anywords&f1=bug_id&o1=greaterthan&v1=101&order=bug_id", "104"},
	{"order=bug_id&limit=2", "101 102"},
	{"order=bug_id&limit=2&offset=3", "104 105"},
	{"order=bug_id&limit=2&offset=5", ""},
	{"order=bug_id&limit=0&offset=3", "101 102 103 104 105"}, /* the offset is forgotten */
	{"status=__open__&order=bug_id", "101 102 103 105"},
	{"status=__closed__", "104"},
	{"status=__closed__&f1=resolution&o1=notequals&v1=FIXED", ""},
	{"f1=flagtypes.name&o1=substring&v1=sec-approval%2B", "105"}, /* obsolete, and found all the same */
	{"f1=bug_group&o1=isnotempty", "102"},
	{"f1=bug_group&o1=equals&v1=core-security", "102"},
	{"f1=bug_group&o1=anyexact&v1=other-security,core-security", "102"},
	{"f1=bug_group&o1=anyexact&v1=core,security", ""},
	{"last_change_time=2026-01-05T00:02:00Z&order=bug_id", "103 104 105"},
	{"last_change_time=2026-01-05T00:02:01Z&order=bug_id", "104 105"},
	{"last_change_time=2026-01-05T00:02:00Z&f1=bug_id&o1=greaterthan&v1=103&order=bug_id", "104 105"},
	/* a gap in the numbers: the time takes the place of a condition */
	{"last_change_time=2026-01-05T00:02:00Z&f2=bug_id&o2=greaterthan&v2=103&order=bug_id", "103 104 105"},
	{"f2=bug_id&o2=greaterthan&v2=103&order=bug_id", "104 105"},
	{"product=Core&component=General&order=bug_id&limit=1", "101"},
	{"product=Toolkit", ""},
};

START_TEST(a_search_finds_what_matches)
{
	setup();
	ck_assert_str_eq(found(searches[_i].query), searches[_i].found);
	story_free(story);
}
END_TEST

static const struct {
	const char *key, *found;
} callers[] = {{"BOTKEY", "101 102 103"}, {"OUTKEY", "101 103"}, {NULL, "101 103"}};

START_TEST(what_is_not_seen_is_left_out_without_a_word)
{
	setup();
	story->key = callers[_i].key;
	ck_assert_str_eq(found("id=101,102,103,4711&order=bug_id"), callers[_i].found);
	ck_assert_ptr_null(json_object_get(story->answer, "faults"));
	story_free(story);
}
END_TEST

START_TEST(bmo_tells_flags_of_many_bugs_in_one_answer_and_upstream_ignores_the_wish)
{
	setup();
	story_get(story, "/bugzilla-bmo/rest/bug?id=105&include_fields=id,attachments.is_obsolete,attachments.flags");
	ck_assert_int_eq(story_int(story->answer, "bugs.0.attachments.0.is_obsolete"), 1);
	ck_assert_str_eq(story_str(story->answer, "bugs.0.attachments.0.flags.0.status"), "+");
	story->key = NULL;
	story_get(story, "/bugzilla/rest/bug?id=105&include_fields=id,attachments.is_obsolete&api_key=BOTKEY");
	ck_assert_str_eq(story->text, "{\"bugs\":[{\"id\":105}]}");
	story_free(story);
}
END_TEST

START_TEST(no_search_finds_more_than_ten_thousand)
{
	story = story_new(7);
	for (int i = 0; i < 10003; i++)
		story_act(story, "{s:s,s:s}", "do", "bug", "who", dev);
	story_get(story, "/bugzilla-bmo/rest/bug?include_fields=id&order=bug_id&limit=20000");
	ck_assert_uint_eq(json_array_size(json_object_get(story->answer, "bugs")), 10000);
	story_get(story, "/bugzilla-bmo/rest/bug?include_fields=id&order=bug_id&limit=20000&offset=10000");
	ck_assert_uint_eq(json_array_size(json_object_get(story->answer, "bugs")), 3);
	story_free(story);
}
END_TEST

/* ---- the replica ---- */

static void lag(json_int_t ms)
{
	story_post(story, "/_world/tracker", "{s:I}", "lag_ms", ms);
	ck_assert_int_eq(story->status, 200);
}

static void rate_103(void)
{
	story_act(story, "{s:s,s:s,s:i,s:{s:[s]}}", "do", "bug", "who", dev, "bug", 103, "keywords", "add", "sec-high");
	ck_assert_int_eq(story->status, 200);
}

static const struct {
	const char *key, *path;
	bool late;
} reads[] = {
	{"BOTKEY", "/bugzilla-bmo/rest/bug/103", false},
	{NULL, "/bugzilla-bmo/rest/bug/103", true},
	{"BOTKEY", "/bugzilla-bmo/rest/bug?id=103", true},
	{"BOTKEY", "/bugzilla-bmo/rest/bug/103/history", true},
	{NULL, "/bugzilla/rest/bug/103", true},
	{NULL, "/bugzilla/rest/bug/103?api_key=BOTKEY", false},
	{NULL, "/bugzilla/rest/bug?id=103&api_key=BOTKEY", true},
};

START_TEST(the_replica_answers_searches_histories_and_strangers_and_is_late)
{
	setup();
	lag(60000);
	rate_103();
	story->key = reads[_i].key;
	for (int i = 0; i < 2; i++) {
		story_get(story, "%s", reads[_i].path);
		ck_assert_int_eq(story->status, 200);
		ck_assert((strstr(story->text, "sec-high") == NULL) == (reads[_i].late && i == 0));
		story_post(story, "/_world/clock", "{s:i}", "advance_ms", 60000);
	}
	story_free(story);
}
END_TEST

START_TEST(attachments_are_the_main_databases_for_who_is_logged_in)
{
	setup();
	lag(-1);
	story_act(story, "{s:s,s:s,s:i,s:s}", "do", "attachment", "who", dev, "bug", 103, "summary", "newest");
	story_get(story, "/bugzilla-bmo/rest/bug/103/attachment");
	ck_assert_ptr_nonnull(strstr(story->text, "newest"));
	story->key = NULL;
	story_get(story, "/bugzilla-bmo/rest/bug/103/attachment");
	ck_assert_ptr_null(strstr(story->text, "newest"));
	story_free(story);
}
END_TEST

START_TEST(a_replica_that_stands_still_goes_on_when_it_is_told_to)
{
	setup();
	lag(-1);
	rate_103();
	story_post(story, "/_world/clock", "{s:i}", "advance_ms", 3600000);
	ck_assert_str_eq(found("keywords=sec-high&id=103"), "");
	lag(0);
	ck_assert_str_eq(found("keywords=sec-high&id=103"), "103");
	story_free(story);
}
END_TEST

/* Hidden in the main database, and the replica has not heard of it. */
START_TEST(a_bug_that_was_hidden_is_still_shown_by_a_late_replica)
{
	setup();
	lag(60000);
	story_act(story, "{s:s,s:s,s:i,s:[s]}", "do", "bug", "who", dev, "bug", 101, "groups", "core-security");
	story->key = "OUTKEY";
	ck_assert_str_eq(found("id=101"), "101");
	story_get(story, "/bugzilla-bmo/rest/bug/101");
	ck_assert_int_eq(story->status, 401);
	story_free(story);
}
END_TEST

/* The world's own faults, too, may let a read meet what was. */
START_TEST(a_fault_lets_any_read_meet_what_was)
{
	setup();
	story_post(story, "/_world/past", "{s:s}", "mark", "before");
	rate_103();
	story_post(story, "/_world/fault", "{s:s,s:s,s:i}", "endpoint", "/bugzilla-bmo/rest/bug/103", "past", "before",
		   "count", 1);
	story_get(story, "/bugzilla-bmo/rest/bug/103?include_fields=keywords");
	ck_assert_str_eq(story_str(story->answer, "bugs.0.keywords.0"), "");
	story_get(story, "/bugzilla-bmo/rest/bug/103?include_fields=keywords");
	ck_assert_str_eq(story_str(story->answer, "bugs.0.keywords.0"), "sec-high");
	story_free(story);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_search_finds_what_matches, searches),
	SUITE_ROWS(what_is_not_seen_is_left_out_without_a_word, callers),
	SUITE_TEST(bmo_tells_flags_of_many_bugs_in_one_answer_and_upstream_ignores_the_wish),
	SUITE_TEST(no_search_finds_more_than_ten_thousand),
	SUITE_ROWS(the_replica_answers_searches_histories_and_strangers_and_is_late, reads),
	SUITE_TEST(attachments_are_the_main_databases_for_who_is_logged_in),
	SUITE_TEST(a_replica_that_stands_still_goes_on_when_it_is_told_to),
	SUITE_TEST(a_bug_that_was_hidden_is_still_shown_by_a_late_replica),
	SUITE_TEST(a_fault_lets_any_read_meet_what_was),
	SUITE_END};

SUITE_MAIN(tests)
