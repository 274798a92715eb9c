#include "tests/support/suite.h"
#include "tests/world/story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ZERO "0000000000000000000000000000000000000000"

static struct story *story;
static char head[41], statuses[128];

static void setup(void)
{
	story = story_new(7);
	story_open(story);
	snprintf(head, sizeof(head), "%s", story_head(story));
	snprintf(statuses, sizeof(statuses), "/repos/o/r/statuses/%s", head);
}

static void post(const char *state, const char *context)
{
	story_post(story, statuses, "{s:s,s:s}", "state", state, "context", context);
}

static void approve(const char *who)
{
	story_act(story, "{s:s,s:s,s:s,s:i}", "do", "approve", "repo", "o/r", "who", who, "number", 1);
}

static const struct {
	int letters;
	const char *state, *context, *url;
	int status;
} posts[] = {{140, "success", "gate", "https://x.test/", 201},
	     {141, "success", "gate", NULL, 422},
	     {1, "ok", "gate", NULL, 422},
	     {1, "", "gate", NULL, 422},
	     {1, "success", "gate", "ftp://x.test/", 422},
	     {1, "success", "", NULL, 422},
	     {0, "pending", "gate", NULL, 201},
	     {1, "error", "gate", "http://x.test/", 201},
	     {1, "failure", "gate", NULL, 201}};

START_TEST(a_status_keeps_its_limits)
{
	char text[300] = "";

	setup();
	for (int i = 0; i < posts[_i].letters; i++)
		memcpy(text + (size_t)2 * (size_t)i, "\xc3\xa9", 3); /* characters count, not bytes */
	story_drain(story);
	story_post(story, statuses, "{s:s,s:s,s:s,s:s?}", "state", posts[_i].state, "context", posts[_i].context,
		   "description", text, "target_url", posts[_i].url);
	ck_assert_int_eq(story->status, posts[_i].status);
	if (posts[_i].status == 201) {
		json_t *event = story_event(story, "status", NULL);

		ck_assert_str_eq(story_str(event, "body.sha"), head);
		ck_assert_str_eq(story_str(event, "body.state"), posts[_i].state);
		ck_assert_int_eq(story_int(event, "body.id"), story_int(story->answer, "id"));
		json_decref(event);
	}
	ck_assert_ptr_null(story_delivery(story));
	story_free(story);
}
END_TEST

START_TEST(an_unknown_commit_takes_no_status)
{
	setup();
	story_post(story, "/repos/o/r/statuses/" ZERO, "{s:s}", "state", "success");
	ck_assert_int_eq(story->status, 422);
	ck_assert_str_eq(story_str(story->answer, "message"), "No commit found for SHA: " ZERO);
	story_free(story);
}
END_TEST

START_TEST(the_thousandth_status_is_the_last)
{
	setup();
	for (int i = 0; i < WORLD_STATUS_MAX; i++)
		post(i % 2 ? "success" : "failure", "gate");
	ck_assert_int_eq(story->status, 201);
	post("failure", "gate");
	ck_assert_int_eq(story->status, 422);
	post("failure", "other");
	ck_assert_int_eq(story->status, 201);
	story_free(story);
}
END_TEST

START_TEST(statuses_are_listed_newest_first_with_their_creator)
{
	setup();
	post("pending", "gate");
	post("success", "gate");
	story_get(story, "/repos/o/r/commits/%s/statuses", head);
	ck_assert_str_eq(story_str(story->answer, "0.state"), "success");
	ck_assert_str_eq(story_str(story->answer, "1.state"), "pending");
	ck_assert_str_eq(story_str(story->answer, "0.creator.login"), "headgate[bot]");
	ck_assert_str_eq(story_str(story->answer, "0.creator.type"), "Bot");
	story_free(story);
}
END_TEST

static const struct {
	const char *states[3]; /* of contexts a, b, A */
	const char *combined;
	int n;
} combined[] = {{{NULL, NULL, NULL}, "pending", 0},
		{{"success", NULL, NULL}, "success", 1},
		{{"success", "pending", NULL}, "pending", 2},
		{{"success", "error", NULL}, "failure", 2},
		{{"failure", "success", "success"}, "success", 2},
		{{"success", "success", "failure"}, "failure", 2}};

START_TEST(the_combined_state_follows_the_newest_of_each_context)
{
	static const char *const contexts[] = {"a", "b", "A"};

	setup();
	for (size_t i = 0; i < 3; i++)
		if (combined[_i].states[i])
			post(combined[_i].states[i], contexts[i]);
	story_get(story, "/repos/o/r/commits/%s/status", head);
	ck_assert_str_eq(story_str(story->answer, "state"), combined[_i].combined);
	ck_assert_int_eq(story_int(story->answer, "total_count"), combined[_i].n);
	ck_assert_str_eq(story_str(story->answer, "statuses.0.creator.login"), "");
	story_free(story);
}
END_TEST

static const struct {
	const char *token, *method, *path;
	int status;
} doors[] = {{NULL, "GET", "/repos/o/r", 401},
	     {"WRONG", "GET", "/repos/o/r", 401},
	     {"APP", "GET", "/repos/o/r", 200},
	     {"APP", "GET", "/api/v3/repos/o/r", 200},
	     {"APP", "GET", "/repos/O/R", 200},
	     {"APP", "GET", "/repos/o/none", 404},
	     {"APP", "GET", "/nothing/here", 404},
	     {"APP", "DELETE", "/repos/o/r", 405},
	     {"APP", "GET", "/repos/o/r/pulls/99", 404},
	     {"APP", "GET", "/repos/o/r/pulls/x", 404},
	     {"READER", "GET", "/repos/o/r/pulls/1", 200},
	     {"READER", "GET", "/repos/o/r/commits/" ZERO "/statuses", 403},
	     {"ALICE", "GET", "/repos/o/r/pulls/1", 200},
	     {"APP", "GET", "/repos/o/r/commits/" ZERO, 422},
	     {"APP", "GET", "/repos/o/r/collaborators/nobody/permission", 404},
	     {"APP", "GET", "/orgs/o/teams/t/memberships/alice", 404},
	     {"APP", "GET", "/repos/o/r/contents/none?ref=main", 404},
	     {"APP", "GET", "/repos/o/r/git/ref/heads/none", 404}};

START_TEST(the_door_knows_tokens_and_paths)
{
	setup();
	story->token = doors[_i].token;
	story_call(story, doors[_i].method, doors[_i].path, NULL);
	ck_assert_int_eq(story->status, doors[_i].status);
	if (doors[_i].token && doors[_i].status == 401)
		ck_assert_str_eq(story_str(story->answer, "message"), "Bad credentials");
	story_free(story);
}
END_TEST

START_TEST(an_app_without_the_right_posts_nothing)
{
	setup();
	story->token = "READER";
	post("success", "gate");
	ck_assert_int_eq(story->status, 403);
	story->token = "APP";
	story_get(story, "/repos/o/r/commits/%s/statuses", head);
	ck_assert_uint_eq(json_array_size(story->answer), 0);
	story_free(story);
}
END_TEST

START_TEST(malformed_json_is_refused)
{
	struct world_response res;

	setup();
	world_handle(story->world,
		     &(struct world_request){.method = "POST",
					     .path = statuses,
					     .authorization = "Bearer APP",
					     .body = "{\"state\":",
					     .len = 9},
		     &res);
	ck_assert_int_eq(res.status, 400);
	world_response_clear(&res);
	story_free(story);
}
END_TEST

START_TEST(lists_are_paged_by_links_of_the_public_url)
{
	setup();
	for (int i = 0; i < 5; i++)
		approve("bob");
	story_get(story, "/repos/o/r/pulls/1/reviews?per_page=2&page=2");
	ck_assert_uint_eq(json_array_size(story->answer), 2);
	ck_assert_ptr_nonnull(strstr(story_header(story, "Link"),
				     "<http://forge.test/repos/o/r/pulls/1/reviews?per_page=2&page=3>; rel=\"next\""));
	ck_assert_ptr_nonnull(strstr(story_header(story, "Link"), "page=3>; rel=\"last\""));
	ck_assert_ptr_nonnull(strstr(story_header(story, "Link"), "page=1>; rel=\"prev\""));
	story_get(story, "/repos/o/r/pulls/1/reviews?per_page=2&page=3");
	ck_assert_uint_eq(json_array_size(story->answer), 1);
	ck_assert_ptr_null(strstr(story_header(story, "Link"), "rel=\"next\""));
	story_get(story, "/repos/o/r/pulls/1/reviews");
	ck_assert_str_eq(story_header(story, "Link"), "");
	story_free(story);
}
END_TEST

static const struct {
	const char *role, *permission, *role_name;
} roles[] = {{"admin", "admin", "admin"},  {"maintain", "write", "maintain"}, {"write", "write", "write"},
	     {"triage", "read", "triage"}, {"read", "read", "read"},          {"none", "read", "read"}};

START_TEST(permission_tells_role_and_legacy_name)
{
	setup();
	story_act(story, "{s:s,s:s}", "do", "user", "login", "Dora");
	story_act(story, "{s:s,s:s,s:s,s:s}", "do", "permission", "repo", "o/r", "login", "dora", "role",
		  roles[_i].role);
	story_get(story, "/repos/o/r/collaborators/DORA/permission");
	ck_assert_str_eq(story_str(story->answer, "permission"), roles[_i].permission);
	ck_assert_str_eq(story_str(story->answer, "role_name"), roles[_i].role_name);
	ck_assert_str_eq(story_str(story->answer, "user.login"), "Dora");
	ck_assert_int_ne(story_int(story->answer, "user.id"), 0);
	story_free(story);
}
END_TEST

START_TEST(an_outsider_of_a_private_repository_has_none)
{
	setup();
	story_act(story, "{s:s,s:s,s:b}", "do", "repo", "repo", "o/secret", "private", 1);
	story_act(story, "{s:s,s:s}", "do", "user", "login", "dora");
	story_get(story, "/repos/o/secret/collaborators/dora/permission");
	ck_assert_int_eq(story->status, 200);
	ck_assert_str_eq(story_str(story->answer, "permission"), "none");
	story->token = "ALICE";
	story_get(story, "/repos/o/secret");
	ck_assert_int_eq(story->status, 404);
	story_free(story);
}
END_TEST

START_TEST(a_team_lends_its_role_to_its_members)
{
	json_t *event;

	setup();
	story_act(story, "{s:s,s:s,s:s,s:s,s:s,s:s}", "do", "team", "team", "o/core", "member", "Eve", "repo", "o/r",
		  "role", "maintain", "who", "o");
	event = story_event(story, "membership", "added");
	ck_assert_str_eq(story_str(event, "body.team.slug"), "core");
	json_decref(event);
	event = story_event(story, "team", "added_to_repository");
	ck_assert_str_eq(story_str(event, "body.repository.full_name"), "o/r");
	json_decref(event);
	story_get(story, "/orgs/o/teams/core/memberships/eve");
	ck_assert_str_eq(story_str(story->answer, "state"), "active");
	story_get(story, "/repos/o/r/collaborators/eve/permission");
	ck_assert_str_eq(story_str(story->answer, "role_name"), "maintain");
	story_act(story, "{s:s,s:s,s:s,s:b,s:s}", "do", "team", "team", "o/core", "member", "eve", "remove", 1, "who",
		  "o");
	story_get(story, "/orgs/o/teams/core/memberships/eve");
	ck_assert_int_eq(story->status, 404);
	story_free(story);
}
END_TEST

START_TEST(a_signature_is_what_the_forge_is_said_to_find)
{
	setup();
	story_get(story, "/repos/o/r/commits/%s", head);
	ck_assert(!json_is_true(json_object_get(
		json_object_get(json_object_get(story->answer, "commit"), "verification"), "verified")));
	ck_assert_str_eq(story_str(story->answer, "commit.verification.reason"), "unsigned");
	story_act(story, "{s:s,s:s,s:s,s:s}", "do", "verify", "repo", "o/r", "sha", head, "reason", "valid");
	story_get(story, "/repos/o/r/pulls/1/commits");
	ck_assert_str_eq(story_str(story->answer, "0.commit.verification.reason"), "valid");
	story_act(story, "{s:s,s:s,s:s,s:s}", "do", "verify", "repo", "o/r", "sha", "0", "reason", "valid");
	ck_assert_int_eq(story->status, 422);
	story_free(story);
}
END_TEST

/* Newest first unless asked otherwise; a change that was closed without being merged has no time. */
START_TEST(what_somebody_opened_is_listed_with_when_it_was_merged)
{
	json_t *list;

	setup();
	story_act(story, "{s:s,s:s,s:i,s:s}", "do", "close", "repo", "o/r", "number", 1, "who", "alice");
	story_act(story, "{s:s,s:s,s:s,s:s}", "do", "push", "repo", "o/r", "branch", "second", "who", "alice");
	story_act(story, "{s:s,s:s,s:s,s:s,s:s}", "do", "open", "repo", "o/r", "head", "second", "base", "main", "who",
		  "alice");
	story_act(story, "{s:s,s:s,s:i,s:s}", "do", "merge", "repo", "o/r", "number", 2, "who", "bob");
	list = story_get(story, "/repos/o/r/issues?state=closed&creator=Alice&direction=asc");
	ck_assert_int_eq(story->status, 200);
	ck_assert_uint_eq(json_array_size(list), 2);
	ck_assert_int_eq(story_int(list, "0.number"), 1);
	ck_assert_str_eq(story_str(list, "0.pull_request.merged_at"), "");
	ck_assert_str_eq(story_str(list, "1.user.login"), "alice");
	ck_assert(story_str(list, "1.pull_request.merged_at")[0] != '\0');
	ck_assert_uint_eq(json_array_size(story_get(story, "/repos/o/r/issues?state=closed&creator=bob")), 0);
	ck_assert_uint_eq(json_array_size(story_get(story, "/repos/o/r/issues?creator=alice")), 0);
	story_free(story);
}
END_TEST

static void patch(const char *ref, const char *sha)
{
	char path[128];

	snprintf(path, sizeof(path), "/repos/o/r/git/refs/heads%%2F%s", ref);
	story_call(story, "PATCH", path, json_pack("{s:s}", "sha", sha));
}

START_TEST(a_ref_is_read_with_slash_or_escape_and_moves_forward_only)
{
	char old[41];

	setup();
	snprintf(old, sizeof(old), "%s", story_str(story_get(story, "/repos/o/r/git/ref/heads/main"), "object.sha"));
	story_get(story, "/repos/o/r/git/ref/heads%%2Fmain");
	ck_assert_str_eq(story_str(story->answer, "object.sha"), old);
	ck_assert_str_eq(story_str(story->answer, "ref"), "refs/heads/main");
	patch("main", head);
	ck_assert_int_eq(story->status, 200);
	patch("main", old);
	ck_assert_int_eq(story->status, 422);
	patch("none", head);
	ck_assert_int_eq(story->status, 422);
	story_free(story);
}
END_TEST

START_TEST(a_protected_ref_moves_only_to_a_commit_that_is_allowed)
{
	setup();
	story_act(story, "{s:s,s:s,s:s,s:[s]}", "do", "protect", "repo", "o/r", "branch", "main", "contexts", "gate");
	patch("main", head);
	ck_assert_int_eq(story->status, 422);
	post("success", "other");
	patch("main", head);
	ck_assert_int_eq(story->status, 422);
	post("success", "gate");
	post("failure", "gate");
	patch("main", head);
	ck_assert_int_eq(story->status, 422);
	post("success", "gate");
	patch("main", head);
	ck_assert_int_eq(story->status, 200);
	story_get(story, "/_world/log?since=0");
	{
		json_t *one, *list = json_object_get(story->answer, "entries");
		size_t i, refused = 0;

		json_array_foreach(list, i, one) refused += json_is_true(json_object_get(one, "refused"));
		ck_assert_uint_eq(refused, 3);
	}
	story_free(story);
}
END_TEST

static void force(const char *sha)
{
	story_act(story, "{s:s,s:s,s:s,s:s,s:s}", "do", "force_push", "repo", "o/r", "who", "bob", "branch", "topic",
		  "sha", sha);
	ck_assert_int_eq(story->status, 200);
}

START_TEST(protection_without_contexts_still_refuses_a_return)
{
	char old[41];

	setup();
	snprintf(old, sizeof(old), "%s", story_str(story_get(story, "/repos/o/r/git/ref/heads/main"), "object.sha"));
	story_act(story, "{s:s,s:s,s:s,s:[]}", "do", "protect", "repo", "o/r", "branch", "main", "contexts");
	patch("main", head);
	ck_assert_int_eq(story->status, 200);
	story_act(story, "{s:s,s:s,s:s,s:s,s:s}", "do", "force_push", "repo", "o/r", "who", "o", "branch", "main",
		  "sha", old);
	ck_assert_int_eq(story->status, 422);
	story_act(story, "{s:s,s:s,s:s,s:s}", "do", "unprotect", "repo", "o/r", "branch", "main", "who", "o");
	story_act(story, "{s:s,s:s,s:s,s:s,s:s}", "do", "force_push", "repo", "o/r", "who", "o", "branch", "main",
		  "sha", old);
	ck_assert_int_eq(story->status, 200);
	story_free(story);
}
END_TEST

START_TEST(activity_records_a_return_to_an_old_head)
{
	char second[41];

	setup();
	snprintf(second, sizeof(second), "%s",
		 story_str(story_act(story, "{s:s,s:s,s:s,s:s,s:{s:s}}", "do", "push", "repo", "o/r", "who", "alice",
				     "branch", "topic", "files", "a", "2"),
			   "sha"));
	story_post(story, "/_world/clock", "{s:i}", "advance_ms", 5999);
	force(head);
	story_get(story, "/repos/o/r/activity?ref=refs%%2Fheads%%2Ftopic&per_page=2");
	ck_assert_uint_eq(json_array_size(story->answer), 2);
	ck_assert_str_eq(story_str(story->answer, "0.activity_type"), "force_push");
	ck_assert_str_eq(story_str(story->answer, "0.before"), second);
	ck_assert_str_eq(story_str(story->answer, "0.after"), head);
	ck_assert_str_eq(story_str(story->answer, "0.actor.login"), "bob");
	ck_assert_str_eq(story_str(story->answer, "0.timestamp"), "2026-01-05T00:00:05Z");
	ck_assert_str_eq(story_str(story->answer, "1.activity_type"), "push");
	ck_assert_ptr_nonnull(strstr(story_header(story, "Link"), "ref=refs%2Fheads%2Ftopic&per_page=2&after="));
	{
		const char *link = strstr(story_header(story, "Link"), "/repos");
		char *target = strndup(link, strcspn(link, ">"));

		story_get(story, "%s", target);
		free(target);
	}
	ck_assert_uint_eq(json_array_size(story->answer), 1);
	ck_assert_str_eq(story_str(story->answer, "0.activity_type"), "branch_creation");
	ck_assert_str_eq(story_str(story->answer, "0.before"), ZERO);
	story_free(story);
}
END_TEST

START_TEST(commits_are_attributed_by_address_only)
{
	setup();
	story_act(story, "{s:s,s:s,s:s,s:s,s:{s:s},s:{s:s,s:s,s:i},s:s}", "do", "push", "repo", "o/r", "who", "alice",
		  "branch", "topic", "files", "a", "2", "author", "name", "bob", "email", "x@nowhere.test", "date",
		  1000000000, "committer", "bob");
	story_get(story, "/repos/o/r/pulls/1/commits");
	ck_assert_uint_eq(json_array_size(story->answer), 2);
	ck_assert_str_eq(story_str(story->answer, "0.author.login"), "alice");
	ck_assert(json_is_null(json_object_get(json_array_get(story->answer, 1), "author")));
	ck_assert_str_eq(story_str(story->answer, "1.committer.login"), "bob");
	ck_assert_str_eq(story_str(story->answer, "1.commit.author.date"), "2001-09-09T01:46:40Z");
	story_get(story, "/repos/o/r/pulls/1/files");
	ck_assert_str_eq(story_str(story->answer, "0.filename"), "a");
	ck_assert_str_eq(story_str(story->answer, "0.status"), "added");
	story_free(story);
}
END_TEST

START_TEST(a_file_is_read_at_a_ref_raw_or_encoded)
{
	struct world_response res;

	setup();
	story_get(story, "/repos/o/r/contents/README?ref=main");
	ck_assert_str_eq(story_str(story->answer, "content"), "aGVsbG8K");
	world_handle(story->world,
		     &(struct world_request){.method = "GET",
					     .path = "/repos/o/r/contents/README",
					     .query = "ref=main",
					     .authorization = "Bearer APP",
					     .accept = "application/vnd.github.raw+json"},
		     &res);
	ck_assert_uint_eq(res.len, 6);
	ck_assert_mem_eq(res.body, "hello\n", 6);
	world_response_clear(&res);
	story_free(story);
}
END_TEST

START_TEST(every_answer_carries_the_worlds_date)
{
	setup();
	story_post(story, "/_world/clock", "{s:I}", "set", (json_int_t)1767571261999);
	story_get(story, "/repos/o/r");
	ck_assert_str_eq(story_header(story, "Date"), "Mon, 05 Jan 2026 00:01:01 GMT");
	ck_assert_str_eq(story_header(story, "x-ratelimit-limit"), "5000");
	story_free(story);
}
END_TEST

START_TEST(a_revoked_token_is_a_bad_one)
{
	setup();
	story_act(story, "{s:s,s:s,s:b}", "do", "token", "token", "APP", "revoke", 1);
	story_get(story, "/repos/o/r");
	ck_assert_int_eq(story->status, 401);
	story_act(story, "{s:s,s:s,s:s}", "do", "token", "token", "APP", "app", "headgate");
	story_get(story, "/repos/o/r");
	ck_assert_int_eq(story->status, 200);
	story_free(story);
}
END_TEST

static const struct suite_test tests[] = {SUITE_ROWS(a_status_keeps_its_limits, posts),
					  SUITE_TEST(an_unknown_commit_takes_no_status),
					  SUITE_TEST(the_thousandth_status_is_the_last),
					  SUITE_TEST(statuses_are_listed_newest_first_with_their_creator),
					  SUITE_ROWS(the_combined_state_follows_the_newest_of_each_context, combined),
					  SUITE_ROWS(the_door_knows_tokens_and_paths, doors),
					  SUITE_TEST(an_app_without_the_right_posts_nothing),
					  SUITE_TEST(malformed_json_is_refused),
					  SUITE_TEST(lists_are_paged_by_links_of_the_public_url),
					  SUITE_ROWS(permission_tells_role_and_legacy_name, roles),
					  SUITE_TEST(an_outsider_of_a_private_repository_has_none),
					  SUITE_TEST(a_team_lends_its_role_to_its_members),
					  SUITE_TEST(a_signature_is_what_the_forge_is_said_to_find),
					  SUITE_TEST(what_somebody_opened_is_listed_with_when_it_was_merged),
					  SUITE_TEST(a_ref_is_read_with_slash_or_escape_and_moves_forward_only),
					  SUITE_TEST(a_protected_ref_moves_only_to_a_commit_that_is_allowed),
					  SUITE_TEST(protection_without_contexts_still_refuses_a_return),
					  SUITE_TEST(activity_records_a_return_to_an_old_head),
					  SUITE_TEST(commits_are_attributed_by_address_only),
					  SUITE_TEST(a_file_is_read_at_a_ref_raw_or_encoded),
					  SUITE_TEST(every_answer_carries_the_worlds_date),
					  SUITE_TEST(a_revoked_token_is_a_bad_one),
					  SUITE_END};

SUITE_MAIN(tests)
