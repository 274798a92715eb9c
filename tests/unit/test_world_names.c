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

/* ---- old names ---- */

static const struct {
	const char *method, *path, *rest; /* behind the number */
	int status;
} olds[] = {{"GET", "/repos/o/r", "", 301},
	    {"GET", "/repos/O/R/pulls?state=open&per_page=1", "/pulls?state=open&per_page=1", 301},
	    {"GET", "/repos/o/r/git/ref/heads%2Fmain", "/git/ref/heads%2Fmain", 301},
	    {"GET", "/repos/o/r/commits/main/check-runs", "/commits/main/check-runs", 301},
	    {"POST", "/repos/o/r/statuses/main", "/statuses/main", 307},
	    {"PATCH", "/repos/o/r/git/refs/heads/main", "/git/refs/heads/main", 307}};

START_TEST(every_route_of_an_old_name_leads_on_by_number)
{
	char place[160];
	json_int_t id;

	setup();
	id = story_int(story_get(story, "/repos/o/r"), "id");
	rename_to("o/new");
	story_call(story, olds[_i].method, olds[_i].path, json_object());
	ck_assert_int_eq(story->status, olds[_i].status);
	snprintf(place, sizeof(place), "http://forge.test/repositories/%lld%s", (long long)id, olds[_i].rest);
	ck_assert_str_eq(story_header(story, "Location"), place);
	ck_assert_str_eq(story_str(story->answer, "url"), place);
	ck_assert_str_eq(story_str(story->answer, "message"), "Moved Permanently");
	story_free(story);
}
END_TEST

static const char *const by_number[] = {"",
					"/pulls",
					"/pulls/1",
					"/pulls/1/reviews",
					"/pulls/1/commits",
					"/commits/topic/statuses",
					"/activity?ref=topic",
					"/issues/1/timeline",
					"/collaborators/alice/permission",
					"/git/ref/heads%2Fmain",
					"/contents/README"};

START_TEST(a_repositorys_number_opens_all_of_its_routes)
{
	char *by_name;
	json_int_t id;

	setup();
	id = story_int(story_get(story, "/repos/o/r"), "id");
	story_get(story, "/repos/o/r%s", by_number[_i]);
	by_name = strdup(story->text);
	story_get(story, "/repositories/%lld%s", (long long)id, by_number[_i]);
	ck_assert_int_eq(story->status, 200);
	if (!strstr(story->text, "repositories/")) /* a URL may repeat the way it was asked */
		ck_assert_str_eq(story->text, by_name);
	story_get(story, "/repositories/1%s", by_number[_i]);
	ck_assert_int_eq(story->status, 404);
	free(by_name);
	story_free(story);
}
END_TEST

START_TEST(an_old_name_of_what_one_may_not_see_leads_nowhere)
{
	setup();
	story_act(story, "{s:s,s:s,s:b}", "do", "repo", "repo", "o/secret", "private", 1);
	story_act(story, "{s:s,s:s,s:s}", "do", "rename", "repo", "o/secret", "name", "o/hidden");
	story->token = "ALICE";
	story_get(story, "/repos/o/secret");
	ck_assert_int_eq(story->status, 404);
	ck_assert_str_eq(story_header(story, "Location"), "");
	story->token = "APP";
	ck_assert_str_eq(story_str(story_get(story, "/repos/o/secret"), "message"), "Moved Permanently");
	story_free(story);
}
END_TEST

START_TEST(a_chain_of_renamings_leads_to_the_last_name_and_back)
{
	char place[80];
	json_int_t id;

	setup();
	id = story_int(story_get(story, "/repos/o/r"), "id");
	rename_to("o/second");
	story_act(story, "{s:s,s:s,s:s,s:s}", "do", "rename", "repo", "o/second", "who", "alice", "name", "o/third");
	snprintf(place, sizeof(place), "http://forge.test/repositories/%lld", (long long)id);
	story_get(story, "/repos/o/r");
	ck_assert_str_eq(story_header(story, "Location"), place);
	story_get(story, "/repos/o/second");
	ck_assert_str_eq(story_header(story, "Location"), place);
	story_act(story, "{s:s,s:s,s:s,s:s}", "do", "rename", "repo", "o/third", "who", "alice", "name", "o/r");
	ck_assert_int_eq(story->status, 200);
	story_get(story, "/repos/o/r");
	ck_assert_int_eq(story->status, 200);
	story_get(story, "/repos/o/third");
	ck_assert_int_eq(story->status, 301);
	story_free(story);
}
END_TEST

/* What a repository had that its successor of the same name must not have. */
static void is_fresh(json_int_t old)
{
	ck_assert_int_eq(story->status, 200);
	story_get(story, "/repos/o/r");
	ck_assert_int_eq(story->status, 200);
	ck_assert(story_int(story->answer, "id") != old);
	story_get(story, "/repos/o/r/pulls/1");
	ck_assert_int_eq(story->status, 404);
	story_get(story, "/repos/o/r/git/ref/heads/topic");
	ck_assert_int_eq(story->status, 404);
}

START_TEST(a_new_repository_under_an_old_name_ends_the_redirect)
{
	json_int_t old;

	setup();
	old = story_int(story_get(story, "/repos/o/r"), "id");
	rename_to("o/new");
	story_act(story, "{s:s,s:s,s:{s:s}}", "do", "repo", "repo", "o/r", "files", "README", "another\n");
	is_fresh(old);
	story_get(story, "/repositories/%lld", (long long)old);
	ck_assert_str_eq(story_str(story->answer, "full_name"), "o/new");
	story_get(story, "/repos/o/new/pulls/1");
	ck_assert_int_eq(story->status, 200);
	story_act(story, "{s:s,s:s,s:s}", "do", "delete_repo", "repo", "o/r", "who", "o");
	story_get(story, "/repos/o/r");
	ck_assert_int_eq(story->status, 404);
	story_free(story);
}
END_TEST

START_TEST(a_deleted_repositorys_name_can_be_taken_again)
{
	json_int_t old;

	setup();
	old = story_int(story_get(story, "/repos/o/r"), "id");
	story_act(story, "{s:s,s:s,s:s}", "do", "delete_repo", "repo", "o/r", "who", "o");
	story_act(story, "{s:s,s:s,s:{s:s}}", "do", "repo", "repo", "o/r", "files", "README", "another\n");
	is_fresh(old);
	story_get(story, "/repositories/%lld", (long long)old);
	ck_assert_int_eq(story->status, 404);
	story_free(story);
}
END_TEST

START_TEST(a_deleted_forks_successor_is_not_the_changes_head)
{
	setup();
	fork_as("one", false);
	story_act(story, "{s:s,s:s,s:s,s:s,s:{s:s}}", "do", "push", "repo", "carol/one", "who", "carol", "branch",
		  "fix", "files", "b.txt", "1\n");
	story_act(story, "{s:s,s:s,s:s,s:s}", "do", "open", "repo", "o/r", "who", "carol", "head", "carol:fix");
	ck_assert_int_eq(story->status, 200);
	story_act(story, "{s:s,s:s,s:s}", "do", "delete_repo", "repo", "carol/one", "who", "carol");
	fork_as("one", false);
	story_get(story, "/repos/o/r/pulls/2");
	ck_assert(json_is_null(json_object_get(json_object_get(story->answer, "head"), "repo")));
	story_get(story, "/repos/o/r/contents/b.txt?ref=%s", story_str(story->answer, "head.sha"));
	ck_assert_int_eq(story->status, 200);
	story_free(story);
}
END_TEST

START_TEST(a_fork_outlives_its_roots_new_name_and_the_names_new_owner)
{
	setup();
	fork_as("one", false);
	rename_to("o/new");
	story_act(story, "{s:s,s:s,s:{s:s}}", "do", "repo", "repo", "o/r", "files", "README", "another\n");
	story_get(story, "/repos/carol/one/contents/README");
	ck_assert_str_eq(story_str(story->answer, "content"), "aGVsbG8K");
	story_act(story, "{s:s,s:s,s:s,s:s,s:{s:s}}", "do", "push", "repo", "carol/one", "who", "carol", "branch",
		  "fix", "files", "b.txt", "1\n");
	story_act(story, "{s:s,s:s,s:s,s:s}", "do", "open", "repo", "o/r", "who", "carol", "head", "carol:fix");
	ck_assert_int_eq(story->status, 422);
	story_act(story, "{s:s,s:s,s:s,s:s}", "do", "open", "repo", "o/new", "who", "carol", "head", "carol:fix");
	ck_assert_int_eq(story->status, 200);
	story_free(story);
}
END_TEST

START_TEST(a_transfer_changes_the_owner_and_tells_the_old_one)
{
	json_t *event;
	json_int_t id;

	setup();
	id = story_int(story_get(story, "/repos/o/r"), "id");
	story_act(story, "{s:s,s:s,s:s,s:s}", "do", "transfer", "repo", "o/r", "who", "o", "to", "p");
	event = story_event(story, "repository", "transferred");
	ck_assert_str_eq(story_str(event, "body.changes.owner.from.user.login"), "o");
	ck_assert_str_eq(story_str(event, "body.repository.full_name"), "p/r");
	json_decref(event);
	story_get(story, "/repos/p/r");
	ck_assert(story_int(story->answer, "id") == id);
	ck_assert_str_eq(story_str(story->answer, "owner.login"), "p");
	story_get(story, "/repos/p/r/collaborators/o/permission");
	ck_assert_str_eq(story_str(story->answer, "permission"), "read");
	story_get(story, "/repos/o/r");
	ck_assert_int_eq(story->status, 301);
	story_free(story);
}
END_TEST

/* ---- logins ---- */

static void approve(const char *who)
{
	story_act(story, "{s:s,s:s,s:s,s:i}", "do", "approve", "repo", "o/r", "who", who, "number", 1);
	ck_assert_int_eq(story->status, 200);
}

START_TEST(a_renamed_person_keeps_number_roles_and_deeds)
{
	json_int_t bob;

	setup();
	approve("bob");
	bob = story_int(story_get(story, "/repos/o/r/pulls/1/reviews"), "0.user.id");
	story_act(story, "{s:s,s:s,s:s}", "do", "rename_user", "login", "BOB", "to", "robert");
	ck_assert_int_eq(story->status, 200);
	story_get(story, "/repos/o/r/pulls/1/reviews");
	ck_assert_str_eq(story_str(story->answer, "0.user.login"), "robert");
	ck_assert(story_int(story->answer, "0.user.id") == bob);
	story_get(story, "/repos/o/r/collaborators/robert/permission");
	ck_assert_str_eq(story_str(story->answer, "permission"), "write");
	story_get(story, "/repos/o/r/collaborators/bob/permission");
	ck_assert_int_eq(story->status, 404);
	story_free(story);
}
END_TEST

START_TEST(a_recycled_login_is_another_person_without_a_role)
{
	json_int_t bob;

	setup();
	approve("bob");
	bob = story_int(story_get(story, "/repos/o/r/pulls/1/reviews"), "0.user.id");
	story_act(story, "{s:s,s:s,s:s}", "do", "rename_user", "login", "bob", "to", "robert");
	approve("bob");
	story_get(story, "/repos/o/r/pulls/1/reviews");
	ck_assert(story_int(story->answer, "0.user.id") == bob);
	ck_assert(story_int(story->answer, "1.user.id") != bob);
	ck_assert_str_eq(story_str(story->answer, "1.user.login"), "bob");
	story_get(story, "/repos/o/r/collaborators/bob/permission");
	ck_assert_str_eq(story_str(story->answer, "permission"), "read");
	story_free(story);
}
END_TEST

START_TEST(a_renamed_owner_takes_the_repositories_along)
{
	json_int_t id;

	setup();
	id = story_int(story_get(story, "/repos/o/r"), "id");
	story_act(story, "{s:s,s:s,s:s}", "do", "rename_user", "login", "o", "to", "oh");
	story_get(story, "/repos/oh/r/pulls/1");
	ck_assert_str_eq(story_str(story->answer, "head.repo.full_name"), "oh/r");
	ck_assert_str_eq(story_str(story->answer, "base.user.login"), "oh");
	story_get(story, "/repos/o/r");
	ck_assert_int_eq(story->status, 301);
	story_get(story, "/repositories/%lld", (long long)id);
	ck_assert_int_eq(story->status, 200);
	story_free(story);
}
END_TEST

START_TEST(a_login_is_not_given_to_two)
{
	setup();
	story_act(story, "{s:s,s:s,s:s}", "do", "rename_user", "login", "bob", "to", "Alice");
	ck_assert_int_eq(story->status, 422);
	story_act(story, "{s:s,s:s,s:s}", "do", "rename_user", "login", "nobody", "to", "x");
	ck_assert_int_eq(story->status, 422);
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

static const struct {
	const char *path, *key, *old, *fresh;
} persons[] = {{"/repos/o/r/pulls/1/reviews", "0.user.login", "bob", "robert"},
	       {"/repos/o/r/pulls/1/commits", "0.author.login", "alice", "alicia"},
	       {"/repos/o/r/pulls/1", "user.login", "alice", "alicia"}};

static void login_is(int row, struct world_past *past, const char *login)
{
	struct world_response answer;
	json_t *body;

	ask(past, "GET", persons[row].path, "", &answer);
	body = json_loadb(answer.body, answer.len, 0, NULL);
	ck_assert_str_eq(story_str(body, persons[row].key), login);
	json_decref(body);
	world_response_clear(&answer);
}

START_TEST(a_replica_knows_a_person_by_the_name_of_then)
{
	struct world_past *past;

	setup();
	approve("bob");
	past = world_remember(story->world);
	login_is(_i, NULL, persons[_i].old);
	story_act(story, "{s:s,s:s,s:s}", "do", "rename_user", "login", persons[_i].old, "to", persons[_i].fresh);
	story_act(story, "{s:s,s:s}", "do", "user", "login", persons[_i].old);
	for (int k = 0; k < 2; k++) {
		login_is(_i, past, persons[_i].old);
		login_is(_i, NULL, persons[_i].fresh);
	}
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
					  SUITE_ROWS(every_route_of_an_old_name_leads_on_by_number, olds),
					  SUITE_ROWS(a_repositorys_number_opens_all_of_its_routes, by_number),
					  SUITE_TEST(an_old_name_of_what_one_may_not_see_leads_nowhere),
					  SUITE_TEST(a_chain_of_renamings_leads_to_the_last_name_and_back),
					  SUITE_TEST(a_new_repository_under_an_old_name_ends_the_redirect),
					  SUITE_TEST(a_deleted_repositorys_name_can_be_taken_again),
					  SUITE_TEST(a_deleted_forks_successor_is_not_the_changes_head),
					  SUITE_TEST(a_fork_outlives_its_roots_new_name_and_the_names_new_owner),
					  SUITE_TEST(a_transfer_changes_the_owner_and_tells_the_old_one),
					  SUITE_TEST(a_renamed_person_keeps_number_roles_and_deeds),
					  SUITE_TEST(a_recycled_login_is_another_person_without_a_role),
					  SUITE_TEST(a_renamed_owner_takes_the_repositories_along),
					  SUITE_TEST(a_login_is_not_given_to_two),
					  SUITE_ROWS(a_replica_knows_a_person_by_the_name_of_then, persons),
					  SUITE_TEST(a_lagging_replica_shows_what_was),
					  SUITE_TEST(a_write_goes_to_the_present),
					  SUITE_END};

SUITE_MAIN(tests)
