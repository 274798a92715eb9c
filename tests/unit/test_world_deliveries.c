/* Deliveries seen afterwards, and asked for once more. */
#include "tests/support/suite.h"
#include "tests/world/story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct story *story;

static void setup(void)
{
	story = story_new(7);
	story_open(story);
	story_app(story, json_pack("{s:s,s:s,s:s}", "contents", "read", "pull_requests", "read", "statuses", "write"));
	story_drain(story);
	story_post(story, "/_world/clock", "{s:I}", "advance_ms", (json_int_t)4 * 86400 * 1000);
}

static int as_app(const char *method, const char *path)
{
	char *jwt = story_jwt(story);

	story->token = jwt;
	story_call(story, method, path, NULL);
	story->token = "APP";
	free(jwt);
	return story->status;
}

static void approve(void)
{
	story_act(story, "{s:s,s:s,s:s,s:i}", "do", "approve", "repo", "o/r", "who", "bob", "number", 1);
	ck_assert_int_eq(story->status, 200);
}

/* Takes the next delivery, which the receiver answers so. */
static void answer(int status)
{
	struct world_delivery delivery;

	ck_assert(world_next_delivery(story->world, &delivery));
	world_delivery_done(story->world, delivery.id, status, 1500);
	world_delivery_clear(&delivery);
}

START_TEST(a_delivery_is_listed_with_what_came_of_it)
{
	setup();
	approve();
	ck_assert_int_eq(as_app("GET", "/app/hook/deliveries"), 200);
	ck_assert_uint_eq(json_array_size(story->answer), 0);
	answer(202);
	as_app("GET", "/app/hook/deliveries");
	ck_assert_uint_eq(json_array_size(story->answer), 1);
	ck_assert_uint_eq(strlen(story_str(story->answer, "0.guid")), 36);
	ck_assert_str_eq(story_str(story->answer, "0.event"), "pull_request_review");
	ck_assert_str_eq(story_str(story->answer, "0.action"), "submitted");
	ck_assert_str_eq(story_str(story->answer, "0.status"), "OK");
	ck_assert_int_eq(story_int(story->answer, "0.status_code"), 202);
	ck_assert_str_eq(story_str(story->answer, "0.delivered_at"), "2026-01-09T00:00:00Z");
	ck_assert_int_ne(story_int(story->answer, "0.installation_id"), 0);
	ck_assert_int_ne(story_int(story->answer, "0.repository_id"), 0);
	ck_assert(json_is_false(json_object_get(json_array_get(story->answer, 0), "redelivery")));
	ck_assert(json_real_value(json_object_get(json_array_get(story->answer, 0), "duration")) == 1.5);
	story_free(story);
}
END_TEST

static const struct {
	int status;
	const char *filter, *text;
	bool listed;
} filters[] = {{202, "success", "OK", true},
	       {302, "success", "OK", true},
	       {202, "failure", "", false},
	       {500, "failure", "Invalid HTTP Response: 500", true},
	       {404, "failure", "Invalid HTTP Response: 404", true},
	       {500, "success", "", false},
	       {0, "success", "", false},
	       {0, "failure", "", false},
	       {0, "", "timed out", true}};

START_TEST(a_delivery_that_nobody_answered_is_in_neither_filtered_list)
{
	char path[80];

	setup();
	approve();
	answer(filters[_i].status);
	snprintf(path, sizeof(path), "/app/hook/deliveries?status=%s", filters[_i].filter);
	as_app("GET", path);
	ck_assert_uint_eq(json_array_size(story->answer), filters[_i].listed);
	ck_assert_str_eq(story_str(story->answer, "0.status"), filters[_i].text);
	story_free(story);
}
END_TEST

START_TEST(the_list_is_paged_by_cursor_newest_first)
{
	json_int_t last = INT64_MAX;
	size_t seen = 0;
	char path[200] = "/app/hook/deliveries?per_page=2";

	setup();
	for (int i = 0; i < 5; i++) {
		approve();
		answer(202);
	}
	for (int page = 0; page < 3; page++) {
		const char *link;
		json_t *one;
		size_t i;

		as_app("GET", path);
		json_array_foreach(story->answer, i, one)
		{
			ck_assert(story_int(one, "id") < last);
			last = story_int(one, "id");
			seen++;
		}
		link = story_header(story, "Link");
		ck_assert_int_eq(link[0] != 0, page < 2);
		if (link[0])
			snprintf(path, sizeof(path), "%.*s", (int)strcspn(link + 18, ">"), link + 18);
		if (link[0])
			ck_assert_int_eq(strncmp(link, "<http://forge.test/app/", 23), 0);
	}
	ck_assert_uint_eq(seen, 5);
	story_free(story);
}
END_TEST

static json_int_t newest(void)
{
	as_app("GET", "/app/hook/deliveries");
	return story_int(story->answer, "0.id");
}

static int attempt(json_int_t id)
{
	char path[80];

	snprintf(path, sizeof(path), "/app/hook/deliveries/%lld/attempts", (long long)id);
	return as_app("POST", path);
}

START_TEST(an_attempt_sends_the_same_body_under_the_same_guid)
{
	json_t *first, *again;
	char guid[40];

	setup();
	approve();
	first = story_delivery(story);
	snprintf(guid, sizeof(guid), "%s", story_str(first, "guid"));
	ck_assert_int_eq(attempt(newest()), 202);
	again = story_delivery(story);
	ck_assert_str_eq(story_str(again, "guid"), guid);
	ck_assert_str_eq(story_str(again, "bytes"), story_str(first, "bytes"));
	ck_assert_str_eq(story_str(again, "headers.X-Hub-Signature-256"),
			 story_str(first, "headers.X-Hub-Signature-256"));
	as_app("GET", "/app/hook/deliveries");
	ck_assert_uint_eq(json_array_size(story->answer), 2);
	ck_assert_str_eq(story_str(story->answer, "0.guid"), story_str(story->answer, "1.guid"));
	ck_assert(json_is_true(json_object_get(json_array_get(story->answer, 0), "redelivery")));
	json_decref(first);
	json_decref(again);
	story_free(story);
}
END_TEST

START_TEST(a_delivery_is_shown_with_what_was_sent)
{
	char path[80];
	json_int_t id;

	setup();
	approve();
	answer(500);
	id = newest();
	snprintf(path, sizeof(path), "/app/hook/deliveries/%lld", (long long)id);
	ck_assert_int_eq(as_app("GET", path), 200);
	ck_assert_str_eq(story_str(story->answer, "url"), "http://gate.test/hook");
	ck_assert_str_eq(story_str(story->answer, "request.headers.X-GitHub-Event"), "pull_request_review");
	ck_assert_str_eq(story_str(story->answer, "request.payload.review.user.login"), "bob");
	ck_assert_int_eq(story_int(story->answer, "status_code"), 500);
	ck_assert_int_eq(as_app("GET", "/app/hook/deliveries/1"), 404);
	ck_assert_int_eq(attempt(1), 404);
	story_free(story);
}
END_TEST

START_TEST(three_days_are_kept)
{
	json_int_t id;

	setup();
	approve();
	answer(500);
	id = newest();
	story_post(story, "/_world/clock", "{s:I}", "advance_ms", (json_int_t)3 * 86400 * 1000 - 1);
	ck_assert_int_eq(attempt(id), 202);
	story_post(story, "/_world/clock", "{s:i}", "advance_ms", 1);
	ck_assert_int_eq(attempt(id), 404);
	as_app("GET", "/app/hook/deliveries");
	ck_assert_uint_eq(json_array_size(story->answer), 0);
	story_free(story);
}
END_TEST

START_TEST(what_was_never_attempted_is_in_no_list)
{
	setup();
	story_post(story, "/_world/hooks", "{s:s,s:i}", "do", "drop", "count", 1);
	approve();
	as_app("GET", "/app/hook/deliveries");
	ck_assert_uint_eq(json_array_size(story->answer), 0);
	story_free(story);
}
END_TEST

START_TEST(a_rule_may_let_deliveries_and_attempts_fail)
{
	json_int_t id;

	setup();
	story_post(story, "/_world/hooks", "{s:s,s:i,s:i}", "do", "fail", "status", 502, "count", 2);
	approve();
	ck_assert_ptr_null(story_delivery(story));
	id = newest();
	ck_assert_int_eq(story_int(story->answer, "0.status_code"), 502);
	ck_assert_int_eq(attempt(id), 202);
	ck_assert_ptr_null(story_delivery(story));
	ck_assert_int_eq(attempt(id), 202);
	{
		json_t *one = story_delivery(story);

		ck_assert_ptr_nonnull(one);
		json_decref(one);
	}
	story_free(story);
}
END_TEST

/* ---- a repository's hook, where nobody made an App ---- */

static const struct {
	const char *token, *hook;
	int status;
} hooks[] = {{"APP", "4242", 200}, {"APP", "1", 404}, {"ALICE", "4242", 403}, {"READER", "4242", 403}};

START_TEST(a_repositorys_hook_has_the_same_lists)
{
	char path[120];

	story = story_new(7);
	story_open(story);
	story->token = hooks[_i].token;
	snprintf(path, sizeof(path), "/repos/o/r/hooks/%s/deliveries", hooks[_i].hook);
	story_get(story, "%s", path);
	ck_assert_int_eq(story->status, hooks[_i].status);
	if (hooks[_i].status == 200) {
		long long id = story_int(story->answer, "0.id");

		ck_assert_str_eq(story_str(story->answer, "0.event"), "pull_request");
		story_get(story, "%s/%lld", path, id);
		ck_assert_str_eq(story_str(story->answer, "request.payload.action"), "opened");
		snprintf(path + strlen(path), 40, "/%lld/attempts", id);
		story_post(story, path, "{}");
		ck_assert_int_eq(story->status, 202);
		story_act(story, "{s:s}", "do", "app");
		story_get(story, "/repos/o/r/hooks/4242/deliveries");
		ck_assert_uint_eq(json_array_size(story->answer), 0);
	}
	story_free(story);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(a_delivery_is_listed_with_what_came_of_it),
	SUITE_ROWS(a_delivery_that_nobody_answered_is_in_neither_filtered_list, filters),
	SUITE_TEST(the_list_is_paged_by_cursor_newest_first),
	SUITE_TEST(an_attempt_sends_the_same_body_under_the_same_guid),
	SUITE_TEST(a_delivery_is_shown_with_what_was_sent),
	SUITE_TEST(three_days_are_kept),
	SUITE_TEST(what_was_never_attempted_is_in_no_list),
	SUITE_TEST(a_rule_may_let_deliveries_and_attempts_fail),
	SUITE_ROWS(a_repositorys_hook_has_the_same_lists, hooks),
	SUITE_END};

SUITE_MAIN(tests)
