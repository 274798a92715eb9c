/* Routes beside the agent's own: files written, branches updated, reviews dismissed, organizations, an App's beginning.
 */
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
}

static int put(const char *path, json_t *body)
{
	story_call(story, "PUT", path, body);
	return story->status;
}

/* ---- files ---- */

static const struct {
	const char *path, *content, *sha; /* sha: "right", "wrong" or NULL */
	int status;
} writes[] = {
	{"new/file.txt", "aGVsbG8K", NULL, 201}, {"a.txt", "Mg==", "right", 200},   {"a.txt", "Mg==", NULL, 422},
	{"a.txt", "Mg==", "wrong", 409},         {"new.txt", "Mg==", "wrong", 409}, {"new.txt", "no base64", NULL, 422},
	{"new.txt", "aGVs\nbG8K\n", NULL, 201},  {"empty.txt", "", NULL, 201}};

START_TEST(a_file_written_moves_the_head_of_its_change)
{
	char path[80];
	json_t *body = json_pack("{s:s,s:s,s:s}", "message", "m", "branch", "topic", "content", writes[_i].content),
	       *event;

	setup();
	snprintf(path, sizeof(path), "/repos/o/r/contents/%s", writes[_i].path);
	if (writes[_i].sha) {
		story_get(story, "%s?ref=topic", path);
		json_object_set_new(body, "sha",
				    json_string(writes[_i].sha[0] == 'r' ? story_str(story->answer, "sha") : head));
	}
	ck_assert_int_eq(put(path, body), writes[_i].status);
	event = story_event(story, "pull_request", "synchronize");
	ck_assert_int_eq(event != NULL, writes[_i].status < 300);
	if (event) {
		ck_assert_str_eq(story_str(event, "body.before"), head);
		ck_assert_str_eq(story_str(event, "body.after"), story_str(story->answer, "commit.sha"));
		story_get(story, "%s?ref=topic", path);
		ck_assert_int_eq(story_int(story->answer, "size") > 0, writes[_i].content[0] != 0);
	}
	json_decref(event);
	story_free(story);
}
END_TEST

START_TEST(a_file_removed_moves_the_head_too)
{
	json_t *event;

	setup();
	story_get(story, "/repos/o/r/contents/a.txt?ref=topic");
	story_call(
		story, "DELETE", "/repos/o/r/contents/a.txt",
		json_pack("{s:s,s:s,s:s}", "message", "m", "branch", "topic", "sha", story_str(story->answer, "sha")));
	ck_assert_int_eq(story->status, 200);
	event = story_event(story, "pull_request", "synchronize");
	ck_assert_ptr_nonnull(event);
	json_decref(event);
	story_get(story, "/repos/o/r/contents/a.txt?ref=topic");
	ck_assert_int_eq(story->status, 404);
	story_free(story);
}
END_TEST

START_TEST(a_request_cannot_pass_protection_by_an_acts_words)
{
	setup();
	story_act(story, "{s:s,s:s,s:s,s:[s]}", "do", "protect", "repo", "o/r", "branch", "main", "contexts", "gate");
	put("/repos/o/r/contents/x",
	    json_pack("{s:s,s:s,s:b,s:b}", "message", "m", "content", "Mg==", "bypass", 1, "force", 1));
	ck_assert_int_eq(story->status, 422);
	story_post(story, "/repos/o/r/merges", "{s:s,s:s,s:b}", "base", "main", "head", "topic", "bypass", 1);
	ck_assert_int_eq(story->status, 422);
	story_call(story, "PATCH", "/repos/o/r/git/refs/heads/main", json_pack("{s:s,s:b}", "sha", head, "bypass", 1));
	ck_assert_int_eq(story->status, 422);
	story_free(story);
}
END_TEST

/* ---- update-branch ---- */

static void move_base(const char *path, const char *text)
{
	story_act(story, "{s:s,s:s,s:s,s:s,s:{s:s}}", "do", "push", "repo", "o/r", "who", "bob", "branch", "main",
		  "files", path, text);
	story_drain(story);
}

static const struct {
	const char *base_file; /* changed on the base; NULL: it did not move */
	bool other_head;
	int status;
} updates[] = {{"b.txt", false, 202}, {"a.txt", false, 422}, {NULL, false, 422}, {"b.txt", true, 422}};

START_TEST(an_updated_branch_holds_the_base)
{
	json_t *event;

	setup();
	if (updates[_i].base_file)
		move_base(updates[_i].base_file, "other\n");
	put("/repos/o/r/pulls/1/update-branch", updates[_i].other_head ? json_pack("{s:s}", "expected_head_sha", "1234")
								       : json_pack("{s:s}", "expected_head_sha", head));
	ck_assert_int_eq(story->status, updates[_i].status);
	event = story_event(story, "pull_request", "synchronize");
	ck_assert_int_eq(event != NULL, updates[_i].status == 202);
	if (event) {
		story_get(story, "/repos/o/r/commits/%s", story_str(event, "body.after"));
		ck_assert_str_eq(story_str(story->answer, "parents.0.sha"), head);
		ck_assert_uint_eq(json_array_size(json_object_get(story->answer, "parents")), 2);
	}
	json_decref(event);
	story_free(story);
}
END_TEST

/* ---- reviews ---- */

static const struct {
	const char *token, *message;
	int status;
} dismissals[] = {{"BOB", "stale", 200}, {"BOB", "", 422}, {"CAROL", "stale", 403}};

START_TEST(a_review_is_read_and_dismissed_by_its_number)
{
	char path[120];

	setup();
	story_act(story, "{s:s,s:s,s:s}", "do", "token", "token", "CAROL", "user", "carol");
	story_act(story, "{s:s,s:s,s:s,s:i}", "do", "approve", "repo", "o/r", "who", "bob", "number", 1);
	snprintf(path, sizeof(path), "/repos/o/r/pulls/1/reviews/%lld", (long long)story_int(story->answer, "id"));
	ck_assert_str_eq(story_str(story_get(story, "%s", path), "state"), "APPROVED");
	snprintf(path + strlen(path), 20, "/dismissals");
	story->token = dismissals[_i].token;
	ck_assert_int_eq(put(path, json_pack("{s:s}", "message", dismissals[_i].message)), dismissals[_i].status);
	if (dismissals[_i].status == 200)
		ck_assert_str_eq(story_str(story->answer, "state"), "DISMISSED");
	story_get(story, "/repos/o/r/pulls/1/reviews/1");
	ck_assert_int_eq(story->status, 404);
	story_free(story);
}
END_TEST

/* ---- organizations ---- */

START_TEST(an_organizations_member_reads_its_repositories)
{
	json_t *event;

	setup();
	story_act(story, "{s:s,s:s,s:b}", "do", "repo", "repo", "o/secret", "private", 1);
	story_drain(story);
	story_act(story, "{s:s,s:s,s:s}", "do", "org", "org", "o", "member", "Eve");
	event = story_event(story, "organization", "member_added");
	ck_assert_str_eq(story_str(event, "body.membership.user.login"), "Eve");
	ck_assert_str_eq(story_str(event, "body.organization.login"), "o");
	json_decref(event);
	story_get(story, "/orgs/o/members/eve");
	ck_assert_int_eq(story->status, 204);
	story_get(story, "/repos/o/secret/collaborators/eve/permission");
	ck_assert_str_eq(story_str(story->answer, "permission"), "read");
	story_act(story, "{s:s,s:s,s:s,s:b}", "do", "org", "org", "o", "member", "eve", "remove", 1);
	story_get(story, "/orgs/o/members/eve");
	ck_assert_int_eq(story->status, 404);
	story_get(story, "/repos/o/secret/collaborators/eve/permission");
	ck_assert_str_eq(story_str(story->answer, "permission"), "none");
	story_free(story);
}
END_TEST

START_TEST(a_teams_members_are_listed)
{
	setup();
	story_get(story, "/orgs/o/teams/core/members");
	ck_assert_int_eq(story->status, 404);
	story_act(story, "{s:s,s:s,s:s}", "do", "team", "team", "o/core", "member", "Eve");
	story_get(story, "/orgs/o/teams/core/members");
	ck_assert_str_eq(story_str(story->answer, "0.login"), "Eve");
	story_free(story);
}
END_TEST

/* ---- compare ---- */

static const struct {
	const char *range, *status;
	int ahead, behind;
} ranges[] = {{"main...topic", "ahead", 1, 0},
	      {"topic...main", "behind", 0, 1},
	      {"main...main", "identical", 0, 0},
	      {"other...topic", "diverged", 1, 1}};

START_TEST(two_commits_are_compared)
{
	setup();
	story_act(story, "{s:s,s:s,s:s,s:s,s:{s:s}}", "do", "push", "repo", "o/r", "who", "bob", "branch", "other",
		  "files", "b.txt", "1\n");
	story_get(story, "/repos/o/r/compare/%s", ranges[_i].range);
	ck_assert_str_eq(story_str(story->answer, "status"), ranges[_i].status);
	ck_assert_int_eq(story_int(story->answer, "ahead_by"), ranges[_i].ahead);
	ck_assert_int_eq(story_int(story->answer, "behind_by"), ranges[_i].behind);
	ck_assert_uint_eq(json_array_size(json_object_get(story->answer, "commits")), (size_t)ranges[_i].ahead);
	story_get(story, "/repos/o/r/compare/main..topic");
	ck_assert_int_eq(story->status, 404);
	story_free(story);
}
END_TEST

/* ---- an App's beginning ---- */

static void manifest(void)
{
	story_act(story, "{s:s,s:s,s:o,s:s}", "do", "manifest", "code", "c0de", "pem", story_pem(true),
		  "webhook_secret", "a-secret-of-its-own");
	ck_assert_int_eq(story->status, 200);
	story->token = NULL;
}

START_TEST(a_manifest_is_converted_once_by_whoever_has_the_code)
{
	char *jwt;

	setup();
	manifest();
	story_post(story, "/app-manifests/wrong/conversions", "{}");
	ck_assert_int_eq(story->status, 404);
	story_post(story, "/app-manifests/c0de/conversions", "{}");
	ck_assert_int_eq(story->status, 201);
	ck_assert_int_eq(story_int(story->answer, "id"), 77);
	ck_assert_str_eq(story_str(story->answer, "webhook_secret"), "a-secret-of-its-own");
	ck_assert_ptr_nonnull(strstr(story_str(story->answer, "pem"), "PRIVATE KEY"));
	jwt = story_jwt(story);
	story->token = jwt;
	story_get(story, "/app");
	ck_assert_int_eq(story->status, 200);
	story->token = NULL;
	story_post(story, "/app-manifests/c0de/conversions", "{}");
	ck_assert_int_eq(story->status, 404);
	free(jwt);
	story_free(story);
}
END_TEST

static const struct {
	int ms, status;
} ages[] = {{3600000 - 1, 201}, {3600000, 404}};

START_TEST(a_manifest_waits_an_hour)
{
	setup();
	manifest();
	story_post(story, "/_world/clock", "{s:i}", "advance_ms", ages[_i].ms);
	story_post(story, "/app-manifests/c0de/conversions", "{}");
	ck_assert_int_eq(story->status, ages[_i].status);
	story_free(story);
}
END_TEST

static const struct suite_test tests[] = {SUITE_ROWS(a_file_written_moves_the_head_of_its_change, writes),
					  SUITE_TEST(a_file_removed_moves_the_head_too),
					  SUITE_TEST(a_request_cannot_pass_protection_by_an_acts_words),
					  SUITE_ROWS(an_updated_branch_holds_the_base, updates),
					  SUITE_ROWS(a_review_is_read_and_dismissed_by_its_number, dismissals),
					  SUITE_TEST(an_organizations_member_reads_its_repositories),
					  SUITE_TEST(a_teams_members_are_listed),
					  SUITE_ROWS(two_commits_are_compared, ranges),
					  SUITE_TEST(a_manifest_is_converted_once_by_whoever_has_the_code),
					  SUITE_ROWS(a_manifest_waits_an_hour, ages),
					  SUITE_END};

SUITE_MAIN(tests)
