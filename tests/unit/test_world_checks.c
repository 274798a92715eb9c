/* Check runs, and what a required name asks of statuses and check runs together. */
#include "tests/support/suite.h"
#include "tests/world/story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct story *story;
static char head[41];

static void setup(void)
{
	story = story_new(7);
	story_open(story);
	snprintf(head, sizeof(head), "%s", story_head(story));
	story_act(story, "{s:s,s:s,s:s,s:{s:s}}", "do", "token", "token", "CI", "app", "ci", "rights", "checks",
		  "write");
	story_act(story, "{s:s,s:s,s:s,s:{s:s}}", "do", "token", "token", "LOOK", "app", "look", "rights", "checks",
		  "read");
}

static json_t *post_run(const char *name, const char *conclusion)
{
	return story_post(story, "/repos/o/r/check-runs", "{s:s,s:s,s:s*}", "name", name, "head_sha", head,
			  "conclusion", conclusion);
}

static json_t *list(const char *query)
{
	return story_get(story, "/repos/o/r/commits/%s/check-runs%s", head, query);
}

START_TEST(a_check_run_is_made_told_and_listed)
{
	json_t *event;

	setup();
	story->token = "CI";
	ck_assert_int_eq(story_int(post_run("build", NULL), "app.id"), story_int(story->answer, "app.id"));
	ck_assert_int_eq(story->status, 201);
	ck_assert_str_eq(story_str(story->answer, "status"), "queued");
	ck_assert(json_is_null(json_object_get(story->answer, "conclusion")));
	ck_assert_str_eq(story_str(story->answer, "app.slug"), "ci");
	ck_assert_int_eq(story_int(story->answer, "pull_requests.0.number"), 1);
	event = story_event(story, "check_run", "created");
	ck_assert_str_eq(story_str(event, "body.check_run.head_sha"), head);
	ck_assert_str_eq(story_str(event, "body.sender.login"), "ci[bot]");
	json_decref(event);
	list("");
	ck_assert_int_eq(story_int(story->answer, "total_count"), 1);
	ck_assert_str_eq(story_str(story->answer, "check_runs.0.name"), "build");
	story_free(story);
}
END_TEST

START_TEST(a_conclusion_completes_a_run_and_is_told_once)
{
	char path[80];
	json_t *event;

	setup();
	story->token = "CI";
	snprintf(path, sizeof(path), "/repos/o/r/check-runs/%lld", (long long)story_int(post_run("build", NULL), "id"));
	story_drain(story);
	for (int i = 0; i < 2; i++) {
		story_call(story, "PATCH", path, json_pack("{s:s}", "conclusion", "failure"));
		ck_assert_int_eq(story->status, 200);
	}
	ck_assert_str_eq(story_str(story_get(story, "%s", path), "status"), "completed");
	ck_assert_str_eq(story_str(story->answer, "completed_at"), "2026-01-05T00:00:00Z");
	event = story_event(story, "check_run", "completed");
	ck_assert_str_eq(story_str(event, "body.check_run.conclusion"), "failure");
	json_decref(event);
	ck_assert_ptr_null(story_delivery(story));
	story_free(story);
}
END_TEST

static const struct {
	const char *token, *key, *value; /* the body's one field that is not as usual */
	int status;
} posts[] = {{"CI", "name", "build", 201},     {"APP", "name", "build", 201},
	     {"LOOK", "name", "build", 403},   {"ALICE", "name", "build", 403},
	     {"CI", "name", "", 422},          {"CI", "head_sha", "0000000000000000000000000000000000000000", 422},
	     {"CI", "head_sha", "x", 422},     {"CI", "status", "completed", 422},
	     {"CI", "status", "running", 422}, {"CI", "conclusion", "skipped", 201},
	     {"CI", "conclusion", "fine", 422}};

START_TEST(a_check_run_is_an_apps_and_whole)
{
	json_t *body;

	setup();
	body = json_pack("{s:s,s:s}", "name", "build", "head_sha", head);
	json_object_set_new(body, posts[_i].key, json_string(posts[_i].value));
	story->token = posts[_i].token;
	story_call(story, "POST", "/repos/o/r/check-runs", body);
	ck_assert_int_eq(story->status, posts[_i].status);
	story->token = "LOOK";
	ck_assert_int_eq(story_int(list(""), "total_count"), posts[_i].status == 201);
	story_free(story);
}
END_TEST

START_TEST(fifty_annotations_are_the_most)
{
	json_t *annotations = json_array();

	setup();
	story->token = "CI";
	for (int i = 0; i < 51; i++)
		json_array_append_new(annotations, json_pack("{s:s}", "path", "a"));
	story_post(story, "/repos/o/r/check-runs", "{s:s,s:s,s:{s:s,s:O}}", "name", "build", "head_sha", head, "output",
		   "summary", "x", "annotations", annotations);
	ck_assert_int_eq(story->status, 422);
	json_array_remove(annotations, 0);
	story_post(story, "/repos/o/r/check-runs", "{s:s,s:s,s:{s:s,s:o}}", "name", "build", "head_sha", head, "output",
		   "summary", "x", "annotations", annotations);
	ck_assert_int_eq(story->status, 201);
	ck_assert_int_eq(story_int(story->answer, "output.annotations_count"), 50);
	story_free(story);
}
END_TEST

START_TEST(a_run_is_changed_by_the_app_that_made_it)
{
	char path[80];

	setup();
	story->token = "CI";
	snprintf(path, sizeof(path), "/repos/o/r/check-runs/%lld", (long long)story_int(post_run("build", NULL), "id"));
	story->token = "APP";
	story_call(story, "PATCH", path, json_pack("{s:s}", "conclusion", "success"));
	ck_assert_int_eq(story->status, 403);
	story_get(story, "%s", path);
	ck_assert_str_eq(story_str(story->answer, "status"), "queued");
	story_call(story, "PATCH", "/repos/o/r/check-runs/1", json_object());
	ck_assert_int_eq(story->status, 404);
	story_free(story);
}
END_TEST

static const struct {
	const char *query;
	int n;
} lists[] = {{"", 3},
	     {"?filter=all", 4},
	     {"?check_name=build", 2},
	     {"?check_name=build&filter=all", 3},
	     {"?check_name=BUILD", 0},
	     {"?status=queued", 1},
	     {"?app_id=1", 0}};

START_TEST(the_latest_of_each_app_and_name_is_listed)
{
	setup();
	story->token = "CI";
	post_run("build", "failure");
	post_run("build", "success");
	post_run("lint", NULL);
	story->token = "APP";
	post_run("build", "success");
	story->token = "LOOK";
	ck_assert_int_eq(story_int(list(lists[_i].query), "total_count"), lists[_i].n);
	ck_assert_uint_eq(json_array_size(json_object_get(story->answer, "check_runs")), (size_t)lists[_i].n);
	story_free(story);
}
END_TEST

START_TEST(a_wish_for_one_more_run_is_told_to_its_app)
{
	json_int_t theirs, ours;
	json_t *event;

	setup();
	story->token = "CI";
	theirs = story_int(post_run("build", "failure"), "id");
	story->token = "APP";
	ours = story_int(post_run("gate", "failure"), "id");
	story_drain(story);
	story_act(story, "{s:s,s:s,s:s,s:I}", "do", "rerequest_check", "repo", "o/r", "who", "bob", "id", theirs);
	ck_assert_ptr_null(story_delivery(story));
	story_act(story, "{s:s,s:s,s:s,s:I}", "do", "rerequest_check", "repo", "o/r", "who", "bob", "id", ours);
	event = story_event(story, "check_run", "rerequested");
	ck_assert_str_eq(story_str(event, "body.sender.login"), "bob");
	json_decref(event);
	story_free(story);
}
END_TEST

/* ---- what is required ---- */

static const struct {
	const char *status, *conclusion; /* of the name "gate"; NULL: none */
	bool merged;
} required[] = {{NULL, NULL, false},           {"success", NULL, true},
		{"failure", NULL, false},      {NULL, "success", true},
		{NULL, "neutral", true},       {NULL, "skipped", true},
		{NULL, "cancelled", false},    {NULL, "", false}, /* queued */
		{"success", "success", true},  {"success", "failure", false},
		{"failure", "success", false}, {"pending", "success", false}};

static void act_run(const char *conclusion)
{
	json_t *body =
		json_pack("{s:s,s:s,s:s,s:s}", "do", "check_run", "repo", "o/r", "name", "GATE", "head_sha", head);

	if (conclusion[0])
		json_object_set_new(body, "conclusion", json_string(conclusion));
	story_call(story, "POST", "/_world/act", body);
	ck_assert_int_eq(story->status, 200);
}

START_TEST(a_required_name_asks_statuses_and_check_runs)
{
	setup();
	story_act(story, "{s:s,s:s,s:s,s:[s]}", "do", "protect", "repo", "o/r", "branch", "main", "contexts", "gate");
	if (required[_i].status)
		story_act(story, "{s:s,s:s,s:s,s:s,s:s,s:s}", "do", "forge_status", "repo", "o/r", "who", "bob", "sha",
			  head, "context", "gate", "state", required[_i].status);
	if (required[_i].conclusion)
		act_run(required[_i].conclusion);
	story_call(story, "PUT", "/repos/o/r/pulls/1/merge", json_pack("{s:s}", "sha", head));
	ck_assert_int_eq(story->status, required[_i].merged ? 200 : 405);
	story_free(story);
}
END_TEST

static const struct {
	const char *who;
	bool merged;
} sources[] = {{"headgate[bot]", true}, {"bob", false}, {"other[bot]", false}, {"headgate-2[bot]", false}};

START_TEST(a_required_name_of_an_app_is_met_by_that_app_alone)
{
	setup();
	story_act(story, "{s:s,s:s,s:s,s:[{s:s,s:s}]}", "do", "protect", "repo", "o/r", "branch", "main", "contexts",
		  "context", "gate", "app", "headgate");
	story_act(story, "{s:s,s:s,s:s,s:s,s:s,s:s}", "do", "forge_status", "repo", "o/r", "who", sources[_i].who,
		  "sha", head, "context", "gate", "state", "success");
	story_call(story, "PUT", "/repos/o/r/pulls/1/merge", json_pack("{s:s}", "sha", head));
	ck_assert_int_eq(story->status, sources[_i].merged ? 200 : 405);
	story_free(story);
}
END_TEST

static const struct suite_test tests[] = {SUITE_TEST(a_check_run_is_made_told_and_listed),
					  SUITE_TEST(a_conclusion_completes_a_run_and_is_told_once),
					  SUITE_ROWS(a_check_run_is_an_apps_and_whole, posts),
					  SUITE_TEST(fifty_annotations_are_the_most),
					  SUITE_TEST(a_run_is_changed_by_the_app_that_made_it),
					  SUITE_ROWS(the_latest_of_each_app_and_name_is_listed, lists),
					  SUITE_TEST(a_wish_for_one_more_run_is_told_to_its_app),
					  SUITE_ROWS(a_required_name_asks_statuses_and_check_runs, required),
					  SUITE_ROWS(a_required_name_of_an_app_is_met_by_that_app_alone, sources),
					  SUITE_END};

SUITE_MAIN(tests)
