/* What gates do with the forge: staging commits through git's data, and the forge's own merge queue. */
#include "tests/support/suite.h"
#include "tests/world/story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ZERO "0000000000000000000000000000000000000000"

static struct story *story;
static char head[41], base[41];

static void keep(char ret[41], const char *sha)
{
	ck_assert_uint_eq(strlen(sha), 40);
	snprintf(ret, 41, "%s", sha);
}

static void setup(void)
{
	story = story_new(7);
	story_open(story);
	keep(head, story_head(story));
	keep(base, story_str(story_get(story, "/repos/o/r/git/ref/heads/main"), "object.sha"));
	story_act(story, "{s:s,s:s,s:s}", "do", "token", "token", "BORS", "app", "bors");
	story->token = "BORS";
	story_drain(story);
}

static int make_ref(const char *ref, const char *sha)
{
	story_post(story, "/repos/o/r/git/refs", "{s:s,s:s}", "ref", ref, "sha", sha);
	return story->status;
}

static const char *tip(const char *branch)
{
	return story_str(story_get(story, "/repos/o/r/branches/%s", branch), "commit.sha");
}

/* ---- refs and commits ---- */

START_TEST(a_staging_branch_is_made_merged_into_moved_and_deleted)
{
	char merged[41], tree[41], squashed[41];
	json_t *event;

	setup();
	ck_assert_int_eq(make_ref("refs/heads/staging.tmp", base), 201);
	ck_assert_str_eq(story_str(story->answer, "object.sha"), base);
	event = story_event(story, "push", NULL);
	ck_assert_str_eq(story_str(event, "body.ref"), "refs/heads/staging.tmp");
	ck_assert_str_eq(story_str(event, "body.before"), ZERO);
	json_decref(event);
	story_post(story, "/repos/o/r/merges", "{s:s,s:s,s:s}", "base", "staging.tmp", "head", head, "commit_message",
		   "[ci skip] Merge #1");
	ck_assert_int_eq(story->status, 201);
	keep(merged, story_str(story->answer, "sha"));
	keep(tree, story_str(story->answer, "commit.tree.sha"));
	ck_assert_str_eq(story_str(story->answer, "parents.0.sha"), base);
	ck_assert_str_eq(story_str(story->answer, "parents.1.sha"), head);
	ck_assert_str_eq(tip("staging.tmp"), merged);
	story_post(story, "/repos/o/r/git/commits", "{s:s,s:s,s:[s,s],s:{s:s,s:s}}", "message", "Merge #1", "tree",
		   tree, "parents", base, head, "author", "name", "bors", "email", "bors@example.test");
	ck_assert_int_eq(story->status, 201);
	keep(squashed, story_str(story->answer, "sha"));
	ck_assert_str_eq(story_str(story->answer, "message"), "Merge #1");
	ck_assert_str_eq(story_str(story->answer, "author.name"), "bors");
	ck_assert_str_eq(tip("staging.tmp"), merged);
	story_call(story, "PATCH", "/repos/o/r/git/refs/heads/staging.tmp", json_pack("{s:s}", "sha", squashed));
	ck_assert_int_eq(story->status, 422);
	story_call(story, "PATCH", "/repos/o/r/git/refs/heads/staging.tmp",
		   json_pack("{s:s,s:b}", "sha", squashed, "force", 1));
	ck_assert_int_eq(story->status, 200);
	story_call(story, "DELETE", "/repos/o/r/git/refs/heads/staging.tmp", NULL);
	ck_assert_int_eq(story->status, 204);
	story_get(story, "/repos/o/r/branches/staging.tmp");
	ck_assert_int_eq(story->status, 404);
	story_free(story);
}
END_TEST

static const struct {
	const char *ref, *sha;
	int status;
} refs[] = {{"refs/heads/new", NULL, 201}, {"refs/heads/a/b", NULL, 201}, {"refs/heads/topic", NULL, 422},
	    {"refs/heads/", NULL, 422},    {"heads/new", NULL, 422},      {"refs/pull/9/head", NULL, 422},
	    {"refs/heads/new", ZERO, 422}, {"refs/heads/new", "", 422},   {"refs/heads/new", "topic", 422}};

START_TEST(a_ref_is_made_once_of_a_commit_that_is_there)
{
	setup();
	ck_assert_int_eq(make_ref(refs[_i].ref, refs[_i].sha ? refs[_i].sha : base), refs[_i].status);
	story_free(story);
}
END_TEST

static const struct {
	const char *base, *head;
	int status;
} merges[] = {{"main", "topic", 201},
	      {"main", "none", 404},
	      {"none", "topic", 404},
	      {"topic", "main", 204},
	      {"main", "clash", 409}};

START_TEST(a_merge_over_rest_says_what_came_of_it)
{
	setup();
	story_act(story, "{s:s,s:s,s:s,s:s,s:s,s:{s:s}}", "do", "push", "repo", "o/r", "who", "bob", "branch", "clash",
		  "onto", base, "files", "README", "theirs\n");
	if (merges[_i].status == 409)
		story_act(story, "{s:s,s:s,s:s,s:s,s:{s:s}}", "do", "push", "repo", "o/r", "who", "bob", "branch",
			  "main", "files", "README", "ours\n");
	story_post(story, "/repos/o/r/merges", "{s:s,s:s}", "base", merges[_i].base, "head", merges[_i].head);
	ck_assert_int_eq(story->status, merges[_i].status);
	story_free(story);
}
END_TEST

static const char *const bad_commits[] = {"tree", "parents", "message"};

START_TEST(a_commit_needs_a_tree_parents_and_a_message_that_are_there)
{
	json_t *body;

	setup();
	body = json_pack("{s:s,s:s,s:[s]}", "message", "m", "tree",
			 story_str(story_get(story, "/repos/o/r/branches/main"), "commit.commit.tree.sha"), "parents",
			 base);
	if (strcmp(bad_commits[_i], "parents") == 0)
		json_object_set_new(body, "parents", json_pack("[s]", ZERO));
	else
		json_object_set_new(body, bad_commits[_i], json_string(""));
	story_call(story, "POST", "/repos/o/r/git/commits", body);
	ck_assert_int_eq(story->status, 422);
	story_free(story);
}
END_TEST

START_TEST(a_commit_of_gits_data_is_read_back)
{
	setup();
	story_get(story, "/repos/o/r/git/commits/%s", head);
	ck_assert_str_eq(story_str(story->answer, "sha"), head);
	ck_assert_str_eq(story_str(story->answer, "parents.0.sha"), base);
	ck_assert_str_ne(story_str(story->answer, "tree.sha"), "");
	story_get(story, "/repos/o/r/git/commits/" ZERO);
	ck_assert_int_eq(story->status, 404);
	story_free(story);
}
END_TEST

static void protect(void)
{
	story_act(story, "{s:s,s:s,s:s,s:[s]}", "do", "protect", "repo", "o/r", "branch", "main", "contexts", "gate");
}

static void say(const char *sha, const char *state)
{
	story_act(story, "{s:s,s:s,s:s,s:s,s:s,s:s}", "do", "forge_status", "repo", "o/r", "who", "headgate[bot]",
		  "sha", sha, "context", "gate", "state", state);
	ck_assert_int_eq(story->status, 200);
}

START_TEST(a_protected_branch_takes_a_staging_commit_with_its_status_alone)
{
	char staged[41];

	setup();
	make_ref("refs/heads/staging", base);
	story_post(story, "/repos/o/r/merges", "{s:s,s:s}", "base", "staging", "head", "topic");
	keep(staged, story_str(story->answer, "sha"));
	protect();
	say(head, "success");
	story_call(story, "PATCH", "/repos/o/r/git/refs/heads/main", json_pack("{s:s}", "sha", staged));
	ck_assert_int_eq(story->status, 422);
	story_post(story, "/repos/o/r/merges", "{s:s,s:s}", "base", "main", "head", "topic");
	ck_assert_int_eq(story->status, 422);
	story_call(story, "DELETE", "/repos/o/r/git/refs/heads/main", NULL);
	ck_assert_int_eq(story->status, 422);
	ck_assert_str_eq(tip("main"), base);
	say(staged, "success");
	story_call(story, "PATCH", "/repos/o/r/git/refs/heads/main", json_pack("{s:s}", "sha", staged));
	ck_assert_int_eq(story->status, 200);
	ck_assert(json_is_true(json_object_get(story_get(story, "/repos/o/r/pulls/1"), "merged")));
	story_free(story);
}
END_TEST

START_TEST(a_branch_tells_what_it_requires)
{
	setup();
	story_get(story, "/repos/o/r/branches/main");
	ck_assert(json_is_false(json_object_get(story->answer, "protected")));
	ck_assert_uint_eq(json_array_size(story_get(story, "/repos/o/r/rules/branches/main")), 0);
	protect();
	story_get(story, "/repos/o/r/branches/main");
	ck_assert(json_is_true(json_object_get(story->answer, "protected")));
	ck_assert_str_eq(story_str(story->answer, "protection.required_status_checks.contexts.0"), "gate");
	story_get(story, "/repos/o/r/rules/branches/main");
	ck_assert_str_eq(story_str(story->answer, "0.parameters.required_status_checks.0.context"), "gate");
	story_free(story);
}
END_TEST

START_TEST(a_gate_speaks_in_comments)
{
	json_t *event;

	setup();
	story_post(story, "/repos/o/r/issues/1/comments", "{s:s}", "body", "Build succeeded");
	ck_assert_int_eq(story->status, 201);
	ck_assert_str_eq(story_str(story->answer, "user.login"), "bors[bot]");
	event = story_event(story, "issue_comment", "created");
	ck_assert_str_eq(story_str(event, "body.comment.body"), "Build succeeded");
	json_decref(event);
	story_get(story, "/repos/o/r/issues/1/comments");
	ck_assert_str_eq(story_str(story->answer, "0.body"), "Build succeeded");
	story_post(story, "/repos/o/r/issues/1/comments", "{}");
	ck_assert_int_eq(story->status, 422);
	story_free(story);
}
END_TEST

/* ---- the merge queue ---- */

static int enqueue(json_int_t number)
{
	story_act(story, "{s:s,s:s,s:s,s:I}", "do", "enqueue", "repo", "o/r", "who", "bob", "number", number);
	return story->status;
}

START_TEST(a_queued_change_becomes_a_group_that_asks_for_checks)
{
	char sha[41], ref[160];
	json_t *event;

	setup();
	ck_assert_int_eq(enqueue(1), 200);
	keep(sha, story_str(story->answer, "head_sha"));
	snprintf(ref, sizeof(ref), "refs/heads/gh-readonly-queue/main/pr-1-%s", base);
	event = story_event(story, "push", NULL);
	ck_assert_str_eq(story_str(event, "body.ref"), ref);
	json_decref(event);
	event = story_event(story, "merge_group", "checks_requested");
	ck_assert_str_eq(story_str(event, "body.merge_group.head_sha"), sha);
	ck_assert_str_eq(story_str(event, "body.merge_group.head_ref"), ref);
	ck_assert_str_eq(story_str(event, "body.merge_group.base_sha"), base);
	ck_assert_str_eq(story_str(event, "body.merge_group.base_ref"), "refs/heads/main");
	ck_assert_str_eq(story_str(event, "body.merge_group.head_commit.id"), sha);
	json_decref(event);
	story_get(story, "/repos/o/r/commits/%s", sha);
	ck_assert_str_eq(story_str(story->answer, "parents.0.sha"), base);
	ck_assert_str_eq(story_str(story->answer, "parents.1.sha"), head);
	story_free(story);
}
END_TEST

static const struct {
	const char *reason;
	bool good, moved; /* the group's commit has what the base requires; where the base is afterwards */
	int status;
} ends[] = {{"merged", true, true, 200},
	    {"merged", false, false, 422},
	    {"invalidated", false, false, 200},
	    {"dequeued", true, false, 200},
	    {"bored", true, false, 422}};

START_TEST(a_group_ends_and_tells_why)
{
	char sha[41];
	json_t *event;

	setup();
	protect();
	say(head, "success");
	ck_assert_int_eq(enqueue(1), 200);
	keep(sha, story_str(story->answer, "head_sha"));
	if (ends[_i].good)
		say(sha, "success");
	story_drain(story);
	story_act(story, "{s:s,s:s,s:s}", "do", "destroy_group", "repo", "o/r", "reason", ends[_i].reason);
	ck_assert_int_eq(story->status, ends[_i].status);
	event = story_event(story, "merge_group", "destroyed");
	ck_assert_int_eq(event != NULL, ends[_i].status == 200);
	if (event) {
		ck_assert_str_eq(story_str(event, "body.reason"), ends[_i].reason);
		ck_assert_str_eq(story_str(event, "body.merge_group.head_sha"), sha);
	}
	json_decref(event);
	ck_assert_str_eq(tip("main"), ends[_i].moved ? sha : base);
	story_get(story, "/repos/o/r/pulls/1");
	ck_assert_int_eq(json_is_true(json_object_get(story->answer, "merged")), ends[_i].moved);
	story_free(story);
}
END_TEST

START_TEST(a_change_without_what_is_required_is_not_queued)
{
	setup();
	protect();
	ck_assert_int_eq(enqueue(1), 422);
	say(head, "success");
	story_act(story, "{s:s,s:s,s:s,s:i}", "do", "draft", "repo", "o/r", "who", "alice", "number", 1);
	ck_assert_int_eq(enqueue(1), 422);
	ck_assert_int_eq(enqueue(9), 404);
	story_free(story);
}
END_TEST

START_TEST(one_group_may_hold_several_changes_and_names_the_last)
{
	char second[41];
	json_t *event;

	setup();
	keep(second, story_str(story_act(story, "{s:s,s:s,s:s,s:s,s:s,s:{s:s}}", "do", "push", "repo", "o/r", "who",
					 "bob", "branch", "other", "onto", base, "files", "b.txt", "1\n"),
			       "sha"));
	story_act(story, "{s:s,s:s,s:s,s:s}", "do", "open", "repo", "o/r", "who", "bob", "head", "other");
	story_act(story, "{s:s,s:s,s:s,s:[i,i]}", "do", "enqueue", "repo", "o/r", "who", "bob", "numbers", 1, 2);
	ck_assert_int_eq(story->status, 200);
	ck_assert_ptr_nonnull(strstr(story_str(story->answer, "head_ref"), "/pr-2-"));
	story_get(story, "/repos/o/r/commits/%s", story_str(story->answer, "head_sha"));
	ck_assert_str_eq(story_str(story->answer, "parents.1.sha"), second);
	story_drain(story);
	story_act(story, "{s:s,s:s,s:s}", "do", "destroy_group", "repo", "o/r", "reason", "merged");
	for (int i = 0; i < 2; i++) {
		event = story_event(story, "pull_request", "closed");
		ck_assert_int_eq(story_int(event, "body.number"), i + 1);
		json_decref(event);
	}
	story_free(story);
}
END_TEST

START_TEST(a_group_whose_base_moved_does_not_land)
{
	setup();
	ck_assert_int_eq(enqueue(1), 200);
	story_act(story, "{s:s,s:s,s:s,s:s,s:{s:s}}", "do", "push", "repo", "o/r", "who", "bob", "branch", "main",
		  "files", "c.txt", "1\n");
	story_act(story, "{s:s,s:s,s:s}", "do", "destroy_group", "repo", "o/r", "reason", "merged");
	ck_assert_int_eq(story->status, 422);
	story_free(story);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_TEST(a_staging_branch_is_made_merged_into_moved_and_deleted),
	SUITE_ROWS(a_ref_is_made_once_of_a_commit_that_is_there, refs),
	SUITE_ROWS(a_merge_over_rest_says_what_came_of_it, merges),
	SUITE_ROWS(a_commit_needs_a_tree_parents_and_a_message_that_are_there, bad_commits),
	SUITE_TEST(a_commit_of_gits_data_is_read_back),
	SUITE_TEST(a_protected_branch_takes_a_staging_commit_with_its_status_alone),
	SUITE_TEST(a_branch_tells_what_it_requires),
	SUITE_TEST(a_gate_speaks_in_comments),
	SUITE_TEST(a_queued_change_becomes_a_group_that_asks_for_checks),
	SUITE_ROWS(a_group_ends_and_tells_why, ends),
	SUITE_TEST(a_change_without_what_is_required_is_not_queued),
	SUITE_TEST(one_group_may_hold_several_changes_and_names_the_last),
	SUITE_TEST(a_group_whose_base_moved_does_not_land),
	SUITE_END};

SUITE_MAIN(tests)
