/* The fault queue beyond a plain refusal: what passes before it, half an answer, foreign text, a replica that lags. */
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

static void fault(json_t *body)
{
	story_call(story, "POST", "/_world/fault", body);
	ck_assert_int_eq(story->status, 200);
}

static int get(const char *path)
{
	story_get(story, "%s", path);
	return story->status;
}

START_TEST(some_pass_before_a_fault_and_all_after_it)
{
	setup();
	fault(json_pack("{s:s,s:i,s:i,s:i}", "endpoint", "/repos/o/r/pulls", "status", 502, "skip", 2, "count", 1));
	ck_assert_int_eq(get("/repos/o/r/pulls/1"), 200);
	ck_assert_int_eq(get("/repos/o/r"), 200);
	ck_assert_int_eq(get("/repos/o/r/pulls"), 200);
	ck_assert_int_eq(get("/repos/o/r/pulls/1"), 502);
	ck_assert_int_eq(get("/repos/o/r/pulls/1"), 200);
	story_free(story);
}
END_TEST

START_TEST(faults_are_played_in_the_order_of_their_queue)
{
	setup();
	fault(json_pack("{s:s,s:i,s:i}", "endpoint", "/repos/o/r", "status", 500, "count", 1));
	fault(json_pack("{s:s,s:i,s:i}", "endpoint", "/repos/o/r", "status", 503, "count", 1));
	ck_assert_int_eq(get("/repos/o/r"), 500);
	ck_assert_int_eq(get("/repos/o/r"), 503);
	ck_assert_int_eq(get("/repos/o/r"), 200);
	story_free(story);
}
END_TEST

START_TEST(a_fault_may_answer_with_text_that_is_no_json)
{
	setup();
	fault(json_pack("{s:s,s:i,s:s,s:i}", "endpoint", "/repos", "status", 502, "text", "<h1>Unicorn!</h1>", "count",
			1));
	ck_assert_int_eq(get("/repos/o/r"), 502);
	ck_assert_str_eq(story->text, "<h1>Unicorn!</h1>");
	ck_assert_str_eq(story_header(story, "Content-Type"), "text/html");
	ck_assert_str_eq(story_header(story, "ETag"), "");
	story_free(story);
}
END_TEST

START_TEST(half_an_answer_is_of_a_deed_that_was_done)
{
	struct world_response res;
	static const char body[] = "{\"state\": \"failure\"}";

	setup();
	fault(json_pack("{s:s,s:i,s:i}", "endpoint", "/repos/o/r/statuses", "truncate", 10, "count", 1));
	world_handle(story->world,
		     &(struct world_request){.method = "POST",
					     .path = statuses,
					     .authorization = "Bearer APP",
					     .body = body,
					     .len = sizeof(body) - 1},
		     &res);
	ck_assert_int_eq(res.status, 201);
	ck_assert_uint_eq(res.len, 10);
	ck_assert_uint_gt(res.promised, 10);
	world_response_clear(&res);
	story_get(story, "/repos/o/r/commits/%s/statuses", statuses + strlen("/repos/o/r/statuses/"));
	ck_assert_str_eq(story_str(story->answer, "0.state"), "failure");
	story_free(story);
}
END_TEST

START_TEST(a_read_may_meet_a_replica_that_lags)
{
	setup();
	story_post(story, "/_world/past", "{s:s}", "mark", "before");
	story_act(story, "{s:s,s:s,s:s,s:i}", "do", "close", "repo", "o/r", "who", "alice", "number", 1);
	fault(json_pack("{s:s,s:s,s:i}", "endpoint", "/repos/o/r/pulls/1", "past", "before", "count", 1));
	get("/repos/o/r/pulls/1");
	ck_assert_str_eq(story_str(story->answer, "state"), "open");
	get("/repos/o/r/pulls/1");
	ck_assert_str_eq(story_str(story->answer, "state"), "closed");
	story_post(story, "/_world/past", "{s:b}", "clear", 1);
	fault(json_pack("{s:s,s:s,s:i}", "endpoint", "/repos/o/r/pulls/1", "past", "before", "count", 1));
	get("/repos/o/r/pulls/1");
	ck_assert_str_eq(story_str(story->answer, "state"), "closed");
	story_free(story);
}
END_TEST

START_TEST(a_write_never_meets_the_past)
{
	setup();
	story_post(story, "/_world/past", "{s:s}", "mark", "before");
	fault(json_pack("{s:s,s:s}", "endpoint", "/repos/o/r/statuses", "past", "before"));
	story_post(story, statuses, "{s:s}", "state", "success");
	ck_assert_int_eq(story->status, 201);
	story_get(story, "/repos/o/r/commits/%s/statuses", statuses + strlen("/repos/o/r/statuses/"));
	ck_assert_uint_eq(json_array_size(story->answer), 1);
	story_free(story);
}
END_TEST

static const struct suite_test tests[] = {SUITE_TEST(some_pass_before_a_fault_and_all_after_it),
					  SUITE_TEST(faults_are_played_in_the_order_of_their_queue),
					  SUITE_TEST(a_fault_may_answer_with_text_that_is_no_json),
					  SUITE_TEST(half_an_answer_is_of_a_deed_that_was_done),
					  SUITE_TEST(a_read_may_meet_a_replica_that_lags),
					  SUITE_TEST(a_write_never_meets_the_past),
					  SUITE_END};

SUITE_MAIN(tests)
