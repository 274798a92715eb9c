#include "tests/support/suite.h"
#include "tests/world/story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ZERO "0000000000000000000000000000000000000000"

static struct story *story;

static void setup(void)
{
	story = story_new(1);
	story_open(story);
}

static void keep(char ret[41], const char *sha)
{
	ck_assert_uint_eq(strlen(sha), 40);
	snprintf(ret, 41, "%s", sha);
}

static const char *push(const char *content)
{
	return story_str(story_act(story, "{s:s,s:s,s:s,s:s,s:{s:s}}", "do", "push", "repo", "o/r", "who", "alice",
				   "branch", "topic", "files", "a.txt", content),
			 "sha");
}

static json_t *review(const char *kind, const char *who, const char *body)
{
	return story_act(story, "{s:s,s:s,s:s,s:i,s:s}", "do", kind, "repo", "o/r", "who", who, "number", 1, "body",
			 body);
}

static json_t *simple(const char *what)
{
	return story_act(story, "{s:s,s:s,s:s,s:i}", "do", what, "repo", "o/r", "who", "alice", "number", 1);
}

START_TEST(an_opened_change_names_head_and_base)
{
	json_t *event;

	setup();
	story_act(story, "{s:s,s:s,s:s,s:s,s:{s:s}}", "do", "push", "repo", "o/r", "who", "bob", "branch", "b", "files",
		  "b", "x");
	story_act(story, "{s:s,s:s,s:s,s:s,s:b}", "do", "open", "repo", "o/r", "who", "bob", "head", "b", "draft", 1);
	ck_assert_int_eq(story_int(story->answer, "number"), 2);
	event = story_event(story, "pull_request", "opened");
	ck_assert_int_eq(story_int(event, "body.pull_request.number"), 2);
	ck_assert_str_eq(story_str(event, "body.pull_request.head.ref"), "b");
	ck_assert_str_eq(story_str(event, "body.pull_request.base.ref"), "main");
	ck_assert_str_eq(story_str(event, "body.pull_request.head.repo.full_name"), "o/r");
	ck_assert_str_eq(story_str(event, "body.repository.default_branch"), "main");
	ck_assert_str_eq(story_str(event, "body.sender.login"), "bob");
	ck_assert_int_ne(story_int(event, "body.installation.id"), 0);
	ck_assert(json_is_true(
		json_object_get(json_object_get(json_object_get(event, "body"), "pull_request"), "draft")));
	json_decref(event);
	story_free(story);
}
END_TEST

START_TEST(a_push_synchronizes_with_before_and_after)
{
	char before[41], after[41];
	json_t *event;

	setup();
	keep(before, story_head(story));
	keep(after, push("2\n"));
	event = story_event(story, "push", NULL);
	ck_assert_str_eq(story_str(event, "body.ref"), "refs/heads/topic");
	ck_assert_str_eq(story_str(event, "body.before"), before);
	ck_assert_str_eq(story_str(event, "body.after"), after);
	ck_assert_int_eq(story_int(event, "body.repository.pushed_at"), 1767571200);
	ck_assert(json_is_false(json_object_get(json_object_get(event, "body"), "forced")));
	json_decref(event);
	event = story_event(story, "pull_request", "synchronize");
	ck_assert_str_eq(story_str(event, "body.before"), before);
	ck_assert_str_eq(story_str(event, "body.after"), after);
	ck_assert_str_eq(story_str(event, "body.pull_request.head.sha"), after);
	json_decref(event);
	ck_assert_str_eq(story_head(story), after);
	story_free(story);
}
END_TEST

START_TEST(a_force_push_stands_in_the_timeline_with_its_target)
{
	char main_tip[41], sha[41];
	json_t *list, *event;

	setup();
	push("2\n");
	story_get(story, "/repos/o/r/issues/1/timeline");
	for (size_t i = 0; i < json_array_size(story->answer); i++)
		ck_assert_str_eq(story_str(json_array_get(story->answer, i), "event"), "committed");
	keep(main_tip, story_str(story_get(story, "/repos/o/r/git/ref/heads/main"), "object.sha"));
	story_drain(story);
	story_act(story, "{s:s,s:s,s:s,s:s,s:s,s:{s:s}}", "do", "force_push", "repo", "o/r", "who", "alice", "branch",
		  "topic", "onto", main_tip, "files", "c", "3");
	keep(sha, story_str(story->answer, "sha"));
	event = story_event(story, "push", NULL);
	ck_assert(json_is_true(json_object_get(json_object_get(event, "body"), "forced")));
	json_decref(event);
	list = story_get(story, "/repos/o/r/issues/1/timeline");
	ck_assert_str_eq(story_str(list, "1.event"), "head_ref_force_pushed");
	ck_assert_str_eq(story_str(list, "1.commit_id"), sha);
	ck_assert_str_eq(story_str(list, "1.actor.login"), "alice");
	ck_assert_str_eq(story_str(list, "1.created_at"), "2026-01-05T00:00:00Z");
	ck_assert_str_eq(story_str(list, "0.created_at"), "");
	story_free(story);
}
END_TEST

static const struct {
	const char *kind, *who, *body;
	int status;
} reviews[] = {
	{"approve", "alice", "", 422},         {"request_changes", "alice", "no", 422},
	{"request_changes", "bob", "", 422},   {"comment_review", "bob", "", 422},
	{"approve", "bob", "", 200},           {"request_changes", "bob", "no", 200},
	{"comment_review", "alice", "x", 200}, {"approve", "stranger", "", 200},
};

START_TEST(who_may_review_and_with_what)
{
	setup();
	review(reviews[_i].kind, reviews[_i].who, reviews[_i].body);
	ck_assert_int_eq(story->status, reviews[_i].status);
	story_get(story, "/repos/o/r/pulls/1/reviews");
	ck_assert_uint_eq(json_array_size(story->answer), reviews[_i].status == 200);
	story_free(story);
}
END_TEST

START_TEST(an_outsiders_review_has_no_association)
{
	setup();
	review("approve", "stranger", "");
	story_get(story, "/repos/o/r/pulls/1/reviews");
	ck_assert_str_eq(story_str(story->answer, "0.author_association"), "NONE");
	ck_assert_str_eq(story_str(story->answer, "0.state"), "APPROVED");
	story_free(story);
}
END_TEST

START_TEST(a_review_event_writes_its_state_small_and_lacks_merged)
{
	json_t *event;

	setup();
	review("request_changes", "bob", "no");
	event = story_event(story, "pull_request_review", "submitted");
	ck_assert_str_eq(story_str(event, "body.review.state"), "changes_requested");
	ck_assert_str_eq(story_str(event, "body.review.commit_id"), story_str(event, "body.pull_request.head.sha"));
	ck_assert_ptr_null(json_object_get(json_object_get(json_object_get(event, "body"), "pull_request"), "merged"));
	json_decref(event);
	story_free(story);
}
END_TEST

START_TEST(a_review_stays_at_its_commit_over_a_push)
{
	char first[41];

	setup();
	keep(first, story_head(story));
	review("approve", "bob", "");
	push("2\n");
	story_get(story, "/repos/o/r/pulls/1/reviews");
	ck_assert_str_eq(story_str(story->answer, "0.commit_id"), first);
	story_act(story, "{s:s,s:s,s:s,s:i,s:s}", "do", "approve", "repo", "o/r", "who", "bob", "number", 1,
		  "commit_id", first);
	ck_assert_int_eq(story->status, 200);
	ck_assert_str_eq(story_str(story->answer, "commit_id"), first);
	story_free(story);
}
END_TEST

START_TEST(a_commit_outside_the_change_cannot_be_reviewed)
{
	setup();
	story_act(story, "{s:s,s:s,s:s,s:i,s:s}", "do", "approve", "repo", "o/r", "who", "bob", "number", 1,
		  "commit_id", ZERO);
	ck_assert_int_eq(story->status, 422);
	story_free(story);
}
END_TEST

START_TEST(a_dismissal_keeps_commit_and_body)
{
	char first[41];
	json_t *event;

	setup();
	keep(first, story_head(story));
	review("approve", "bob", "good");
	story_act(story, "{s:s,s:s,s:s,s:i,s:I}", "do", "dismiss", "repo", "o/r", "who", "alice", "number", 1, "review",
		  story_int(story->answer, "id"));
	event = story_event(story, "pull_request_review", "dismissed");
	ck_assert_str_eq(story_str(event, "body.review.state"), "dismissed");
	json_decref(event);
	story_get(story, "/repos/o/r/pulls/1/reviews");
	ck_assert_str_eq(story_str(story->answer, "0.state"), "DISMISSED");
	ck_assert_str_eq(story_str(story->answer, "0.commit_id"), first);
	ck_assert_str_eq(story_str(story->answer, "0.body"), "good");
	story_free(story);
}
END_TEST

START_TEST(rebinding_is_silent)
{
	char second[41];
	json_int_t id;

	setup();
	id = story_int(review("approve", "bob", ""), "id");
	keep(second, push("2\n"));
	story_drain(story);
	story_act(story, "{s:s,s:s,s:i,s:I,s:s}", "do", "rebind", "repo", "o/r", "number", 1, "review", id, "commit_id",
		  second);
	ck_assert_ptr_null(story_delivery(story));
	story_get(story, "/repos/o/r/pulls/1/reviews");
	ck_assert_str_eq(story_str(story->answer, "0.commit_id"), second);
	story_free(story);
}
END_TEST

START_TEST(a_retarget_tells_the_old_base)
{
	char old[41];
	json_t *event;

	setup();
	keep(old, story_str(story_get(story, "/repos/o/r/pulls/1"), "base.sha"));
	story_act(story, "{s:s,s:s,s:s,s:s,s:{s:s}}", "do", "push", "repo", "o/r", "who", "bob", "branch", "release",
		  "files", "r", "1");
	story_act(story, "{s:s,s:s,s:s,s:i,s:s}", "do", "retarget", "repo", "o/r", "who", "alice", "number", 1, "base",
		  "release");
	event = story_event(story, "pull_request", "edited");
	ck_assert_str_eq(story_str(event, "body.changes.base.ref.from"), "main");
	ck_assert_str_eq(story_str(event, "body.changes.base.sha.from"), old);
	ck_assert_str_eq(story_str(event, "body.pull_request.base.ref"), "release");
	json_decref(event);
	story_free(story);
}
END_TEST

static const struct {
	const char *act, *action, *state;
	bool draft;
} turns[] = {{"draft", "converted_to_draft", "open", true},
	     {"ready", "ready_for_review", "open", false},
	     {"close", "closed", "closed", false}};

START_TEST(a_turn_of_a_change_has_its_event)
{
	json_t *event;

	setup();
	simple(turns[_i].act);
	event = story_event(story, "pull_request", turns[_i].action);
	ck_assert_ptr_nonnull(event);
	json_decref(event);
	story_get(story, "/repos/o/r/pulls/1");
	ck_assert_str_eq(story_str(story->answer, "state"), turns[_i].state);
	ck_assert_int_eq(json_is_true(json_object_get(story->answer, "draft")), turns[_i].draft);
	story_free(story);
}
END_TEST

START_TEST(a_closed_change_reopens_at_its_branch)
{
	char moved[41];
	json_t *event;

	setup();
	simple("close");
	simple("close");
	ck_assert_int_eq(story->status, 422);
	keep(moved, push("2\n"));
	story_drain(story);
	simple("reopen");
	event = story_event(story, "pull_request", "reopened");
	ck_assert_str_eq(story_str(event, "body.pull_request.head.sha"), moved);
	json_decref(event);
	story_free(story);
}
END_TEST

START_TEST(deleting_the_head_branch_closes_the_change)
{
	json_t *event;

	setup();
	story_act(story, "{s:s,s:s,s:s,s:s,s:b}", "do", "branch", "repo", "o/r", "who", "alice", "branch", "topic",
		  "delete", 1);
	event = story_event(story, "push", NULL);
	ck_assert_str_eq(story_str(event, "body.after"), ZERO);
	json_decref(event);
	ck_assert_str_eq(story_str(story_get(story, "/repos/o/r/pulls/1"), "state"), "closed");
	story_free(story);
}
END_TEST

START_TEST(labels_and_comments_have_events)
{
	json_t *event;
	json_int_t id;

	setup();
	story_act(story, "{s:s,s:s,s:s,s:i,s:s}", "do", "label", "repo", "o/r", "who", "bob", "number", 1, "label",
		  "urgent");
	event = story_event(story, "pull_request", "labeled");
	ck_assert_str_eq(story_str(event, "body.label.name"), "urgent");
	json_decref(event);
	id = story_int(review("comment", "bob", "first"), "id");
	story_act(story, "{s:s,s:s,s:s,s:i,s:I,s:s}", "do", "comment", "repo", "o/r", "who", "bob", "number", 1, "id",
		  id, "body", "second");
	event = story_event(story, "issue_comment", "edited");
	ck_assert_str_eq(story_str(event, "body.changes.body.from"), "first");
	ck_assert_str_eq(story_str(event, "body.comment.body"), "second");
	json_decref(event);
	story_free(story);
}
END_TEST

static void fork_change(void)
{
	story_act(story, "{s:s,s:s,s:s}", "do", "fork", "repo", "o/r", "who", "carol");
	story_act(story, "{s:s,s:s,s:s,s:s,s:{s:s}}", "do", "push", "repo", "carol/r", "who", "carol", "branch", "mine",
		  "files", "c", "1");
	story_drain(story);
	story_act(story, "{s:s,s:s,s:s,s:s}", "do", "open", "repo", "o/r", "who", "carol", "head", "carol:mine");
	ck_assert_int_eq(story->status, 200);
}

START_TEST(a_fork_is_told_of_only_through_its_change)
{
	char sha[41];
	json_t *event;

	setup();
	fork_change();
	event = story_delivery(story);
	ck_assert_str_eq(story_str(event, "body.pull_request.head.repo.full_name"), "carol/r");
	json_decref(event);
	story_act(story, "{s:s,s:s,s:s,s:s,s:{s:s}}", "do", "push", "repo", "carol/r", "who", "carol", "branch", "mine",
		  "files", "c", "2");
	keep(sha, story_str(story->answer, "sha"));
	event = story_delivery(story);
	ck_assert_str_eq(story_str(event, "body.action"), "synchronize");
	ck_assert_str_eq(story_str(event, "body.repository.full_name"), "o/r");
	json_decref(event);
	ck_assert_ptr_null(story_delivery(story));
	story_get(story, "/repos/o/r/commits/%s/pulls", sha);
	ck_assert_int_eq(story->status, 200);
	ck_assert_uint_eq(json_array_size(story->answer), 0);
	story_get(story, "/repos/o/r/pulls?head=carol:mine");
	ck_assert_str_eq(story_str(story->answer, "0.head.sha"), sha);
	story_free(story);
}
END_TEST

START_TEST(a_forks_head_takes_a_status_in_the_base)
{
	setup();
	fork_change();
	story_get(story, "/repos/o/r/pulls/2");
	{
		char path[128];

		snprintf(path, sizeof(path), "/repos/o/r/statuses/%s", story_str(story->answer, "head.sha"));
		story_post(story, path, "{s:s}", "state", "success");
	}
	ck_assert_int_eq(story->status, 201);
	story_free(story);
}
END_TEST

START_TEST(a_deleted_fork_leaves_a_null_head_repository)
{
	setup();
	fork_change();
	story_act(story, "{s:s,s:s,s:s}", "do", "delete_repo", "repo", "carol/r", "who", "carol");
	story_get(story, "/repos/o/r/pulls/2");
	ck_assert(json_is_null(json_object_get(json_object_get(story->answer, "head"), "repo")));
	story_get(story, "/repos/carol/r");
	ck_assert_int_eq(story->status, 404);
	story_free(story);
}
END_TEST

START_TEST(two_changes_may_share_a_head)
{
	setup();
	story_act(story, "{s:s,s:s,s:s,s:s,s:s}", "do", "branch", "repo", "o/r", "who", "bob", "branch", "release",
		  "onto", "main");
	story_act(story, "{s:s,s:s,s:s,s:s,s:s}", "do", "open", "repo", "o/r", "who", "bob", "head", "topic", "base",
		  "release");
	ck_assert_int_eq(story->status, 200);
	story_get(story, "/repos/o/r/pulls?head=o:topic&direction=asc");
	ck_assert_uint_eq(json_array_size(story->answer), 2);
	ck_assert_int_eq(story_int(story->answer, "0.number"), 1);
	story_act(story, "{s:s,s:s,s:s,s:s}", "do", "open", "repo", "o/r", "who", "bob", "head", "topic");
	ck_assert_int_eq(story->status, 422);
	story_free(story);
}
END_TEST

static json_t *merge(const char *sha, const char *method)
{
	return story_call(story, "PUT", "/repos/o/r/pulls/1/merge",
			  json_pack("{s:s,s:s}", "sha", sha, "merge_method", method));
}

START_TEST(a_merge_needs_the_head_and_the_contexts)
{
	char head[41], path[128];
	json_t *event;

	setup();
	keep(head, story_head(story));
	story_act(story, "{s:s,s:s,s:s,s:[s]}", "do", "protect", "repo", "o/r", "branch", "main", "contexts", "gate");
	merge(ZERO, "merge");
	ck_assert_int_eq(story->status, 409);
	merge(head, "merge");
	ck_assert_int_eq(story->status, 405);
	snprintf(path, sizeof(path), "/repos/o/r/statuses/%s", head);
	story_post(story, path, "{s:s,s:s}", "state", "success", "context", "gate");
	story_post(story, path, "{s:s,s:s}", "state", "failure", "context", "gate");
	merge(head, "merge");
	ck_assert_int_eq(story->status, 405);
	story_post(story, path, "{s:s,s:s}", "state", "success", "context", "GATE");
	story_drain(story);
	merge(head, "merge");
	ck_assert_int_eq(story->status, 200);
	event = story_event(story, "push", NULL);
	ck_assert_str_eq(story_str(event, "body.ref"), "refs/heads/main");
	json_decref(event);
	event = story_event(story, "pull_request", "closed");
	ck_assert(json_is_true(
		json_object_get(json_object_get(json_object_get(event, "body"), "pull_request"), "merged")));
	json_decref(event);
	merge(head, "merge");
	ck_assert_int_eq(story->status, 405);
	story_free(story);
}
END_TEST

static const char *const methods[] = {"merge", "squash", "ff"};

START_TEST(every_method_moves_the_base_once)
{
	char head[41], sha[41];
	json_t *event;

	setup();
	keep(head, story_head(story));
	keep(sha, story_str(merge(head, methods[_i]), "sha"));
	ck_assert_str_eq(story_str(story_get(story, "/repos/o/r/git/ref/heads/main"), "object.sha"), sha);
	ck_assert_int_eq(strcmp(sha, head) == 0, strcmp(methods[_i], "ff") == 0);
	event = story_event(story, "pull_request", "closed");
	ck_assert_ptr_nonnull(event);
	json_decref(event);
	ck_assert_ptr_null(story_event(story, "pull_request", "closed"));
	story_free(story);
}
END_TEST

START_TEST(a_pushed_base_that_holds_the_head_merges_the_change)
{
	char head[41];

	setup();
	keep(head, story_head(story));
	story_act(story, "{s:s,s:s,s:s,s:s,s:s}", "do", "push", "repo", "o/r", "who", "bors", "branch", "main", "sha",
		  head);
	story_get(story, "/repos/o/r/pulls/1");
	ck_assert(json_is_true(json_object_get(story->answer, "merged")));
	story_free(story);
}
END_TEST

START_TEST(an_evil_merge_has_two_parents_and_a_tree_of_its_own)
{
	char sha[41];

	setup();
	keep(sha, story_str(story_act(story, "{s:s,s:s,s:s,s:s,s:[s,s],s:{s:s},s:[s]}", "do", "push", "repo", "o/r",
				      "who", "alice", "branch", "topic", "parents", "topic", "main", "files", "evil",
				      "x", "coauthors", "bob"),
			    "sha"));
	story_get(story, "/repos/o/r/commits/%s", sha);
	ck_assert_uint_eq(json_array_size(json_object_get(story->answer, "parents")), 2);
	ck_assert_ptr_nonnull(
		strstr(story_str(story->answer, "commit.message"), "Co-authored-by: bob <bob@example.test>"));
	story_get(story, "/repos/o/r/contents/evil?ref=%s", sha);
	ck_assert_str_eq(story_str(story->answer, "content"), "eA==");
	story_free(story);
}
END_TEST

/* Everything there is to see: the state, and each delivery to the byte. */
static char *play(uint64_t seed)
{
	char *all = NULL;

	story = story_new(seed);
	story_open(story);
	review("approve", "bob", "");
	push("2\n");
	story_get(story, "/_world/state");
	all = strdup(story->text);
	story_post(story, "/_world/hooks", "{s:s,s:b}", "do", "list", "bodies", 1);
	ck_assert_ptr_nonnull(all);
	all = realloc(all, strlen(all) + strlen(story->text) + 1);
	ck_assert_ptr_nonnull(all);
	memcpy(all + strlen(all), story->text, strlen(story->text) + 1);
	story_free(story);
	return all;
}

START_TEST(two_worlds_of_one_script_are_equal_to_the_byte)
{
	char *first = play(1), *second = play(1), *other = play(2);

	ck_assert_str_eq(first, second);
	ck_assert_str_ne(first, other);
	free(first);
	free(second);
	free(other);
}
END_TEST

static const struct suite_test tests[] = {SUITE_TEST(an_opened_change_names_head_and_base),
					  SUITE_TEST(a_push_synchronizes_with_before_and_after),
					  SUITE_TEST(a_force_push_stands_in_the_timeline_with_its_target),
					  SUITE_ROWS(who_may_review_and_with_what, reviews),
					  SUITE_TEST(an_outsiders_review_has_no_association),
					  SUITE_TEST(a_review_event_writes_its_state_small_and_lacks_merged),
					  SUITE_TEST(a_review_stays_at_its_commit_over_a_push),
					  SUITE_TEST(a_commit_outside_the_change_cannot_be_reviewed),
					  SUITE_TEST(a_dismissal_keeps_commit_and_body),
					  SUITE_TEST(rebinding_is_silent),
					  SUITE_TEST(a_retarget_tells_the_old_base),
					  SUITE_ROWS(a_turn_of_a_change_has_its_event, turns),
					  SUITE_TEST(a_closed_change_reopens_at_its_branch),
					  SUITE_TEST(deleting_the_head_branch_closes_the_change),
					  SUITE_TEST(labels_and_comments_have_events),
					  SUITE_TEST(a_fork_is_told_of_only_through_its_change),
					  SUITE_TEST(a_forks_head_takes_a_status_in_the_base),
					  SUITE_TEST(a_deleted_fork_leaves_a_null_head_repository),
					  SUITE_TEST(two_changes_may_share_a_head),
					  SUITE_TEST(a_merge_needs_the_head_and_the_contexts),
					  SUITE_ROWS(every_method_moves_the_base_once, methods),
					  SUITE_TEST(a_pushed_base_that_holds_the_head_merges_the_change),
					  SUITE_TEST(an_evil_merge_has_two_parents_and_a_tree_of_its_own),
					  SUITE_TEST(two_worlds_of_one_script_are_equal_to_the_byte),
					  SUITE_END};

SUITE_MAIN(tests)
