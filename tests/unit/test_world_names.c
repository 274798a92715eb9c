/* Repositories that are renamed or forked several times, and what a lagging replica shows of the world. */
#include "tests/support/suite.h"
#include "tests/world/story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct story *story;

static void setup(void)
{
	story = story_new(11);
	story_open(story);
}

static void rename_to(const char *name)
{
	story_act(story, "{s:s,s:s,s:s,s:s}", "do", "rename", "repo", "o/r", "who", "alice", "name", name);
}

START_TEST(a_renamed_repository_keeps_its_number_and_changes)
{
	json_int_t id;

	setup();
	id = story_int(story_get(story, "/repos/o/r"), "id");
	rename_to("o/new");
	ck_assert_int_eq(story->status, 200);
	ck_assert(story_int(story_get(story, "/repos/o/new"), "id") == id);
	ck_assert_str_eq(story_str(story->answer, "full_name"), "o/new");
	story_get(story, "/repos/o/new/pulls/1");
	ck_assert_int_eq(story->status, 200);
	ck_assert_str_eq(story_str(story->answer, "head.repo.full_name"), "o/new");
	ck_assert(story_int(story->answer, "head.repo.id") == id);
	story_free(story);
}
END_TEST

START_TEST(an_old_name_is_answered_with_a_redirect)
{
	char place[80];
	json_int_t id;

	setup();
	id = story_int(story_get(story, "/repos/o/r"), "id");
	rename_to("o/new");
	story_get(story, "/repos/o/r/pulls/1");
	ck_assert_int_eq(story->status, 301);
	snprintf(place, sizeof(place), "http://forge.test/repositories/%lld/pulls/1", (long long)id);
	ck_assert_str_eq(story_header(story, "Location"), place);
	story_get(story, "/repositories/%lld", (long long)id);
	ck_assert_str_eq(story_str(story->answer, "full_name"), "o/new");
	story_free(story);
}
END_TEST

START_TEST(a_renaming_is_told_with_the_old_name)
{
	json_t *event;

	setup();
	rename_to("o/new");
	event = story_event(story, "repository", "renamed");
	ck_assert_ptr_nonnull(event);
	ck_assert_str_eq(story_str(event, "body.repository.full_name"), "o/new");
	ck_assert_str_eq(story_str(event, "body.changes.repository.name.from"), "r");
	json_decref(event);
	story_free(story);
}
END_TEST

START_TEST(a_renamed_repository_takes_pushes_and_statuses)
{
	char path[120];

	setup();
	rename_to("o/new");
	story_act(story, "{s:s,s:s,s:s,s:s,s:{s:s}}", "do", "push", "repo", "o/new", "who", "alice", "branch", "topic",
		  "files", "a.txt", "2\n");
	ck_assert_int_eq(story->status, 200);
	snprintf(path, sizeof(path), "/repos/o/new/statuses/%s", story_str(story->answer, "sha"));
	story_post(story, path, "{s:s,s:s}", "state", "success", "context", "gate");
	ck_assert_int_eq(story->status, 201);
	story_free(story);
}
END_TEST

START_TEST(a_taken_name_is_refused)
{
	setup();
	story_act(story, "{s:s,s:s}", "do", "repo", "repo", "o/other");
	rename_to("o/other");
	ck_assert_int_eq(story->status, 422);
	story_get(story, "/repos/o/r");
	ck_assert_int_eq(story->status, 200);
	story_free(story);
}
END_TEST

static void fork_as(const char *name, bool secret)
{
	story_act(story, "{s:s,s:s,s:s,s:s,s:b}", "do", "fork", "repo", "o/r", "who", "carol", "as", name, "private",
		  secret);
	ck_assert_int_eq(story->status, 200);
}

START_TEST(one_owner_may_have_several_forks)
{
	setup();
	fork_as("one", false);
	fork_as("two", false);
	story_act(story, "{s:s,s:s,s:s,s:s,s:{s:s}}", "do", "push", "repo", "carol/two", "who", "carol", "branch",
		  "fix", "files", "b.txt", "1\n");
	story_act(story, "{s:s,s:s,s:s,s:s,s:s}", "do", "open", "repo", "o/r", "who", "carol", "head", "fix",
		  "head_repo", "carol/two");
	ck_assert_int_eq(story->status, 200);
	story_get(story, "/repos/o/r/pulls/2");
	ck_assert_str_eq(story_str(story->answer, "head.repo.full_name"), "carol/two");
	story_free(story);
}
END_TEST

static const struct {
	bool secret;
	int status;
} forks[] = {{false, 200}, {true, 404}};

START_TEST(a_strangers_fork_is_read_when_it_is_public)
{
	setup();
	fork_as("one", forks[_i].secret);
	story_get(story, "/repos/carol/one/activity");
	ck_assert_int_eq(story->status, forks[_i].status);
	story_free(story);
}
END_TEST

/* ---- replicas ---- */

static void ask(struct world_past *past, const char *method, const char *path, const char *body,
		struct world_response *ret)
{
	world_handle_as_of(story->world, past,
			   &(struct world_request){.method = method,
						   .path = path,
						   .authorization = "Bearer APP",
						   .body = body,
						   .len = strlen(body)},
			   ret);
}

START_TEST(a_lagging_replica_shows_what_was)
{
	struct world_past *past;
	struct world_response before, late;

	setup();
	past = world_remember(story->world);
	ask(NULL, "GET", "/repos/o/r/pulls/1", "", &before);
	story_act(story, "{s:s,s:s,s:s,s:i}", "do", "close", "repo", "o/r", "who", "alice", "number", 1);
	ask(past, "GET", "/repos/o/r/pulls/1", "", &late);
	ck_assert_int_eq(late.status, 200);
	ck_assert_str_eq(late.body, before.body);
	ck_assert_str_eq(story_str(story_get(story, "/repos/o/r/pulls/1"), "state"), "closed");
	world_response_clear(&before);
	world_response_clear(&late);
	world_past_free(past);
	story_free(story);
}
END_TEST

START_TEST(a_write_goes_to_the_present)
{
	struct world_past *past;
	struct world_response answer;
	char path[120], list[120];

	setup();
	past = world_remember(story->world);
	snprintf(path, sizeof(path), "/repos/o/r/statuses/%s", story_head(story));
	snprintf(list, sizeof(list), "/repos/o/r/commits/%s/statuses", story_head(story));
	ask(past, "POST", path, "{\"state\":\"success\",\"context\":\"gate\"}", &answer);
	ck_assert_int_eq(answer.status, 201);
	ck_assert_uint_eq(json_array_size(story_get(story, "%s", list)), 1);
	world_response_clear(&answer);
	ask(past, "GET", list, "", &answer);
	ck_assert_str_eq(answer.body, "[]");
	world_response_clear(&answer);
	world_past_free(past);
	story_free(story);
}
END_TEST

static const struct suite_test tests[] = {SUITE_TEST(a_renamed_repository_keeps_its_number_and_changes),
					  SUITE_TEST(an_old_name_is_answered_with_a_redirect),
					  SUITE_TEST(a_renaming_is_told_with_the_old_name),
					  SUITE_TEST(a_renamed_repository_takes_pushes_and_statuses),
					  SUITE_TEST(a_taken_name_is_refused),
					  SUITE_TEST(one_owner_may_have_several_forks),
					  SUITE_ROWS(a_strangers_fork_is_read_when_it_is_public, forks),
					  SUITE_TEST(a_lagging_replica_shows_what_was),
					  SUITE_TEST(a_write_goes_to_the_present),
					  SUITE_END};

SUITE_MAIN(tests)
