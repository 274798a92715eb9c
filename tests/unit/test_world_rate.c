/* What an answer costs: limits of both kinds, and the answers that cost nothing because they are known. */
#include "tests/support/suite.h"
#include "tests/world/story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct story *story;
static char statuses[128];

static void setup(void)
{
	story = story_new(7);
	story_open(story);
	snprintf(statuses, sizeof(statuses), "/repos/o/r/statuses/%s", story_head(story));
}

static void rate(json_t *body)
{
	story_call(story, "POST", "/_world/rate", body);
	ck_assert_int_eq(story->status, 200);
}

static void advance(json_int_t ms)
{
	story_post(story, "/_world/clock", "{s:I}", "advance_ms", ms);
}

static int get(const char *path)
{
	story_get(story, "%s", path);
	return story->status;
}

static int post(void)
{
	story_post(story, statuses, "{s:s,s:s}", "state", "success", "context", "gate");
	return story->status;
}

static void header_is(const char *name, const char *value)
{
	ck_assert_str_eq(story_header(story, name), value);
}

/* ---- primary ---- */

START_TEST(every_answer_tells_the_limit_and_what_is_left)
{
	setup();
	rate(json_pack("{s:i}", "limit", 3));
	get("/repos/o/r");
	header_is("x-ratelimit-limit", "3");
	header_is("x-ratelimit-remaining", "2");
	header_is("x-ratelimit-used", "1");
	header_is("x-ratelimit-reset", "1767574800");
	header_is("x-ratelimit-resource", "core");
	ck_assert_int_eq(get("/repos/o/none"), 404);
	header_is("x-ratelimit-remaining", "1");
	story_free(story);
}
END_TEST

static const int refusals[] = {403, 429};

START_TEST(at_its_end_all_is_refused_until_the_hour_is_over)
{
	setup();
	rate(json_pack("{s:i,s:i}", "limit", 2, "status", refusals[_i]));
	get("/repos/o/r");
	advance(60000);
	get("/repos/o/r");
	header_is("x-ratelimit-remaining", "0");
	ck_assert_int_eq(post(), refusals[_i]);
	header_is("x-ratelimit-remaining", "0");
	header_is("x-ratelimit-reset", "1767574800");
	header_is("Retry-After", "");
	ck_assert_ptr_nonnull(strstr(story_str(story->answer, "message"), "API rate limit exceeded for app headgate"));
	advance(3600000 - 60000 - 1);
	ck_assert_int_eq(get("/repos/o/r"), refusals[_i]);
	advance(1);
	ck_assert_int_eq(get("/repos/o/r"), 200);
	ck_assert_uint_eq(json_array_size(story_get(story, "/repos/o/r/commits/%s/statuses", statuses + 20)), 0);
	story_free(story);
}
END_TEST

START_TEST(the_limit_is_each_callers_own_and_shared_by_an_installations_tokens)
{
	char *first, *second;
	json_int_t id;

	setup();
	id = story_app(story, json_pack("{s:s}", "contents", "read"));
	first = story_token(story, id, NULL);
	second = story_token(story, id, NULL);
	rate(json_pack("{s:i}", "limit", 1));
	story->token = first;
	ck_assert_int_eq(get("/repos/o/r"), 200);
	story->token = second;
	ck_assert_int_eq(get("/repos/o/r"), 403);
	story->token = "ALICE";
	ck_assert_int_eq(get("/repos/o/r"), 200);
	free(first);
	free(second);
	story_free(story);
}
END_TEST

START_TEST(asking_for_the_limit_costs_nothing)
{
	setup();
	rate(json_pack("{s:i}", "limit", 1));
	get("/repos/o/r");
	ck_assert_int_eq(get("/rate_limit"), 200);
	ck_assert_int_eq(story_int(story->answer, "resources.core.remaining"), 0);
	ck_assert_int_eq(story_int(story->answer, "rate.used"), 1);
	story_free(story);
}
END_TEST

START_TEST(a_limit_nobody_set_is_counted_and_never_refused)
{
	setup();
	rate(json_pack("{s:b}", "clear", 1));
	for (int i = 0; i < 5003; i++)
		ck_assert_int_eq(get("/repos/o/r/pulls/1"), 200);
	header_is("x-ratelimit-remaining", "1");
	header_is("x-ratelimit-used", "5003");
	story_free(story);
}
END_TEST

/* ---- secondary ---- */

static const struct {
	int status, retry_after;
	const char *header;
} secondaries[] = {{403, 7, "7"}, {429, 60, "60"}, {403, 0, ""}};

START_TEST(a_secondary_limit_refuses_as_often_as_it_was_told)
{
	setup();
	rate(json_pack("{s:{s:i,s:i,s:i}}", "secondary", "status", secondaries[_i].status, "retry_after",
		       secondaries[_i].retry_after, "count", 2));
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(post(), secondaries[_i].status);
		header_is("Retry-After", secondaries[_i].header);
		ck_assert_str_ne(story_header(story, "x-ratelimit-remaining"), "0");
		ck_assert_ptr_nonnull(strstr(story_str(story->answer, "message"), "secondary rate limit"));
	}
	ck_assert_int_eq(post(), 201);
	story_free(story);
}
END_TEST

START_TEST(more_writes_than_a_minute_holds_have_to_wait)
{
	setup();
	rate(json_pack("{s:i}", "writes_per_minute", 2));
	ck_assert_int_eq(post(), 201);
	advance(10000);
	ck_assert_int_eq(post(), 201);
	ck_assert_int_eq(post(), 403);
	header_is("Retry-After", "50");
	ck_assert_int_eq(get("/repos/o/r"), 200);
	advance(50000);
	ck_assert_int_eq(post(), 201);
	ck_assert_int_eq(post(), 403);
	header_is("Retry-After", "10");
	story_free(story);
}
END_TEST

/* ---- conditional requests ---- */

static const char *const known[] = {"/repos/o/r",
				    "/repos/o/r/pulls",
				    "/repos/o/r/pulls/1",
				    "/repos/o/r/pulls/1/reviews",
				    "/repos/o/r/pulls/1/commits",
				    "/repos/o/r/pulls/1/files",
				    "/repos/o/r/activity",
				    "/repos/o/r/issues/1/timeline",
				    "/repos/o/r/contents/README",
				    "/repos/o/r/commits/topic/status",
				    "/repos/o/r/collaborators/alice/permission",
				    "/repos/o/r/git/ref/heads/main"};

START_TEST(an_answer_that_is_known_is_a_304_without_a_body)
{
	char etag[100], left[20];

	setup();
	ck_assert_int_eq(get(known[_i]), 200);
	snprintf(etag, sizeof(etag), "%s", story_header(story, "ETag"));
	snprintf(left, sizeof(left), "%s", story_header(story, "x-ratelimit-remaining"));
	ck_assert_int_eq(strncmp(etag, "W/\"", 3), 0);
	story->known = etag;
	ck_assert_int_eq(get(known[_i]), 304);
	ck_assert(story->text == NULL || story->text[0] == 0);
	header_is("Content-Type", "");
	header_is("ETag", etag);
	header_is("x-ratelimit-remaining", left);
	story_free(story);
}
END_TEST

static const struct {
	const char *form; /* around the ETag's opaque part */
	int status;
} forms[] = {{"W/%s", 304}, {"%s", 304}, {"\"a\", W/%s, \"b\"", 304}, {"*", 304}, {"\"a\"", 200}, {"%s0", 200}};

START_TEST(an_etag_is_found_in_any_form_it_may_be_sent)
{
	char sent[300];
	const char *opaque, *mark = strchr(forms[_i].form, '%');

	setup();
	get("/repos/o/r");
	opaque = story_header(story, "ETag") + 2;
	if (mark)
		snprintf(sent, sizeof(sent), "%.*s%s%s", (int)(mark - forms[_i].form), forms[_i].form, opaque,
			 mark + 2);
	else
		snprintf(sent, sizeof(sent), "%s", forms[_i].form);
	story->known = sent;
	ck_assert_int_eq(get("/repos/o/r"), forms[_i].status);
	story_free(story);
}
END_TEST

START_TEST(an_etag_is_of_the_body_and_of_the_token)
{
	char etag[100];

	setup();
	get("/repos/o/r/pulls/1");
	snprintf(etag, sizeof(etag), "%s", story_header(story, "ETag"));
	story->known = etag;
	story->token = "ALICE";
	ck_assert_int_eq(get("/repos/o/r/pulls/1"), 200);
	story->token = "APP";
	story_act(story, "{s:s,s:s,s:s,s:i}", "do", "draft", "repo", "o/r", "who", "alice", "number", 1);
	ck_assert_int_eq(get("/repos/o/r/pulls/1"), 200);
	ck_assert_str_ne(story_header(story, "ETag"), etag);
	story_free(story);
}
END_TEST

START_TEST(a_write_and_an_error_have_no_etag)
{
	setup();
	story->known = "*";
	ck_assert_int_eq(post(), 201);
	header_is("ETag", "");
	ck_assert_int_eq(get("/repos/o/none"), 404);
	header_is("ETag", "");
	story_free(story);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(every_answer_tells_the_limit_and_what_is_left),
	SUITE_ROWS(at_its_end_all_is_refused_until_the_hour_is_over, refusals),
	SUITE_TEST(the_limit_is_each_callers_own_and_shared_by_an_installations_tokens),
	SUITE_TEST(asking_for_the_limit_costs_nothing),
	SUITE_TEST(a_limit_nobody_set_is_counted_and_never_refused),
	SUITE_ROWS(a_secondary_limit_refuses_as_often_as_it_was_told, secondaries),
	SUITE_TEST(more_writes_than_a_minute_holds_have_to_wait),
	SUITE_ROWS(an_answer_that_is_known_is_a_304_without_a_body, known),
	SUITE_ROWS(an_etag_is_found_in_any_form_it_may_be_sent, forms),
	SUITE_TEST(an_etag_is_of_the_body_and_of_the_token),
	SUITE_TEST(a_write_and_an_error_have_no_etag),
	SUITE_END};

SUITE_MAIN(tests)
