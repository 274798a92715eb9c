/* Apps: what the door makes of their signatures, what their tokens may and for how long, and what they are told. */
#include "tests/support/suite.h"
#include "tests/world/story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct story *story;
static json_int_t installation;

static json_t *usual(void)
{
	return json_pack("{s:s,s:s,s:s,s:s,s:s}", "contents", "read", "pull_requests", "read", "statuses", "write",
			 "members", "read", "metadata", "read");
}

static void setup(void)
{
	story = story_new(7);
	story_open(story);
	installation = story_app(story, usual());
	story_drain(story);
}

static void advance(json_int_t ms)
{
	story_post(story, "/_world/clock", "{s:I}", "advance_ms", ms);
}

static json_int_t now_s(void)
{
	return story_int(story_call(story, "POST", "/_world/clock", json_object()), "ms") / 1000;
}

/* One request with this text as the token, which is freed. */
static int ask(char *token, const char *method, const char *path, json_t *body)
{
	story->token = token;
	story_call(story, method, path, body);
	story->token = "APP";
	free(token);
	return story->status;
}

/* With the installation's number for a '#'. */
static const char *numbered(const char *path)
{
	static char text[200];
	size_t len = strcspn(path, "#");

	snprintf(text, sizeof(text), "%.*s", (int)len, path);
	if (path[len])
		snprintf(text + len, sizeof(text) - len, "%lld%s", (long long)installation, path + len + 1);
	return text;
}

/* iss: 0 the number, 1 its digits, 2 the client id, 3 a stranger's */
static const struct {
	const char *alg;
	int iss, iat, exp;
	bool forged;
	int status;
	const char *says;
} signatures[] = {
	{"RS256", 0, -60, 540, false, 200, ""},       {"RS256", 1, -60, 540, false, 200, ""},
	{"RS256", 2, -60, 540, false, 200, ""},       {"RS256", 3, -60, 540, false, 404, "Integration not found"},
	{"RS256", 0, 0, 600, false, 200, ""},         {"RS256", 0, 0, 601, false, 401, "too far in the future"},
	{"RS256", 0, 1, 540, false, 401, "('iat')"},  {"RS256", 0, -60, 0, false, 401, "('exp') must be"},
	{"RS256", 0, -60, 540, true, 401, "decoded"}, {"HS256", 0, -60, 540, false, 401, "decoded"},
	{"none", 0, -60, 540, false, 401, "decoded"},
};

START_TEST(a_signature_is_taken_for_ten_minutes_and_from_its_key)
{
	json_t *claims, *issuers[4];
	json_int_t now;

	setup();
	now = now_s();
	issuers[0] = json_integer(77);
	issuers[1] = json_string("77");
	issuers[2] = json_string("Iv23liWorld77");
	issuers[3] = json_integer(78);
	claims = json_pack("{s:O,s:I,s:I}", "iss", issuers[signatures[_i].iss], "iat",
			   now + (json_int_t)signatures[_i].iat, "exp", now + (json_int_t)signatures[_i].exp);
	for (int i = 0; i < 4; i++)
		json_decref(issuers[i]);
	ask(story_sign(json_pack("{s:s}", "alg", signatures[_i].alg), claims, signatures[_i].forged), "GET", "/app",
	    NULL);
	ck_assert_int_eq(story->status, signatures[_i].status);
	ck_assert_ptr_nonnull(strstr(story_str(story->answer, "message"), signatures[_i].says));
	if (story->status == 200)
		ck_assert_str_eq(story_str(story->answer, "slug"), "headgate");
	story_free(story);
}
END_TEST

START_TEST(a_signature_with_a_changed_claim_is_none)
{
	char *jwt, *dot;

	setup();
	jwt = story_jwt(story);
	dot = strchr(jwt, '.');
	dot[5] = (char)(dot[5] == 'A' ? 'B' : 'A');
	ck_assert_int_ne(ask(jwt, "GET", "/app", NULL), 200);
	story_free(story);
}
END_TEST

static const struct {
	bool own; /* the App's own signature, or an installation's token */
	const char *method, *path;
	int status;
} doors[] = {
	{true, "GET", "/app", 200},
	{true, "GET", "/app/installations", 200},
	{true, "GET", "/app/installations/#", 200},
	{true, "GET", "/app/installations/1", 404},
	{true, "GET", "/app/installations/x", 404},
	{true, "GET", "/repos/o/r/installation", 200},
	{true, "GET", "/repos/o/none/installation", 404},
	{true, "GET", "/repos/p/q/installation", 404},
	{true, "GET", "/orgs/o/installation", 200},
	{true, "GET", "/users/p/installation", 404},
	{true, "GET", "/repos/o/r/pulls/1", 401},
	{true, "GET", "/installation/repositories", 401},
	{true, "DELETE", "/app", 405},
	{true, "POST", "/app/installations/#/access_tokens", 201},
	{true, "POST", "/app/installations/1/access_tokens", 404},
	{false, "GET", "/app", 401},
	{false, "POST", "/app/installations/#/access_tokens", 401},
	{false, "GET", "/installation/repositories", 200},
	{false, "GET", "/repos/o/r/pulls/1", 200},
	{false, "GET", "/repos/p/q", 200},
	{false, "GET", "/repos/p/q/pulls", 200},
	{false, "GET", "/repos/p/hidden", 404},
	{false, "GET", "/repos/o/r/issues/1/timeline", 200}, /* a right to pull requests is enough, too */
	{false, "GET", "/repos/o/r/hooks/4242/deliveries", 403},
	{false, "POST", "/repos/o/r/issues/1/comments", 403},
	{false, "PUT", "/repos/o/r/pulls/1/merge", 403},
	{false, "GET", "/rate_limit", 200},
	{true, "GET", "/rate_limit", 200},
	{true, "GET", "/nothing", 404},
};

START_TEST(each_route_has_its_door)
{
	setup();
	story_act(story, "{s:s,s:s}", "do", "repo", "repo", "p/q");
	story_act(story, "{s:s,s:s,s:b}", "do", "repo", "repo", "p/hidden", "private", 1);
	ask(doors[_i].own ? story_jwt(story) : story_token(story, installation, NULL), doors[_i].method,
	    numbered(doors[_i].path), NULL);
	ck_assert_int_eq(story->status, doors[_i].status);
	story_free(story);
}
END_TEST

START_TEST(an_app_tells_of_itself_and_where_it_is_installed)
{
	setup();
	ask(story_jwt(story), "GET", "/app", NULL);
	ck_assert_int_eq(story_int(story->answer, "id"), 77);
	ck_assert_str_eq(story_str(story->answer, "client_id"), "Iv23liWorld77");
	ck_assert_str_eq(story_str(story->answer, "owner.login"), "o");
	ck_assert_str_eq(story_str(story->answer, "permissions.statuses"), "write");
	ck_assert_int_eq(story_int(story->answer, "installations_count"), 1);
	ask(story_jwt(story), "GET", "/repos/o/r/installation", NULL);
	ck_assert(story_int(story->answer, "id") == installation);
	ck_assert_str_eq(story_str(story->answer, "account.login"), "o");
	ck_assert_str_eq(story_str(story->answer, "repository_selection"), "all");
	ck_assert_str_eq(story_str(story->answer, "app_slug"), "headgate");
	ck_assert(json_is_null(json_object_get(story->answer, "suspended_at")));
	ask(story_jwt(story), "GET", "/app/installations", NULL);
	ck_assert_uint_eq(json_array_size(story->answer), 1);
	ck_assert(story_int(story->answer, "0.id") == installation);
	story_free(story);
}
END_TEST

/* ---- tokens ---- */

START_TEST(a_token_is_long_and_lives_an_hour_of_the_world)
{
	char *token;

	setup();
	token = story_token(story, installation, NULL);
	ck_assert_uint_gt(strlen(token), 255);
	ck_assert_int_eq(strncmp(token, "ghs_", 4), 0);
	ck_assert_str_eq(story_str(story->answer, "expires_at"), "2026-01-05T01:00:00Z");
	advance(3600000 - 1);
	ck_assert_int_eq(ask(strdup(token), "GET", "/repos/o/r", NULL), 200);
	advance(1);
	ck_assert_int_eq(ask(token, "GET", "/repos/o/r", NULL), 401);
	ck_assert_str_eq(story_str(story->answer, "message"), "Bad credentials");
	story_free(story);
}
END_TEST

static const struct {
	const char *right, *level;
	int status;
} asked[] = {{"statuses", "write", 201}, {"statuses", "read", 201}, {"contents", "write", 422}, {"checks", "read", 422},
	     {"statuses", "admin", 422}, {"statuses", "much", 422}, {"metadata", "read", 201}};

START_TEST(a_token_is_given_no_more_than_the_installation_has)
{
	char *token;

	setup();
	token = story_token(story, installation,
			    json_pack("{s:{s:s}}", "permissions", asked[_i].right, asked[_i].level));
	ck_assert_int_eq(story->status, asked[_i].status);
	if (asked[_i].status == 201) {
		ck_assert_str_eq(story_str(json_object_get(story->answer, "permissions"), asked[_i].right),
				 asked[_i].level);
		ck_assert_int_eq(ask(strdup(token), "GET", "/repos/o/r/pulls/1", NULL), 403);
		ck_assert_str_eq(story_str(story->answer, "message"), "Resource not accessible by integration");
	} else {
		ck_assert_str_eq(story_str(story->answer, "message"),
				 "The permissions requested are not granted to this installation.");
	}
	free(token);
	story_free(story);
}
END_TEST

static void post_with(char *token, int status)
{
	char path[120];

	snprintf(path, sizeof(path), "/repos/o/r/statuses/%s", story_head(story));
	ck_assert_int_eq(ask(token, "POST", path, json_pack("{s:s,s:s}", "state", "success", "context", "gate")),
			 status);
}

START_TEST(a_status_says_which_app_posted_it)
{
	setup();
	post_with(story_token(story, installation, NULL), 201);
	ck_assert_str_eq(story_str(story->answer, "creator.login"), "headgate[bot]");
	ck_assert_str_eq(story_str(story->answer, "creator.type"), "Bot");
	story_free(story);
}
END_TEST

START_TEST(a_reading_token_posts_nothing)
{
	setup();
	post_with(story_token(story, installation,
			      json_pack("{s:{s:s,s:s}}", "permissions", "statuses", "read", "contents", "read")),
		  403);
	story_free(story);
}
END_TEST

START_TEST(a_token_narrowed_to_a_repository_is_a_stranger_in_the_others)
{
	json_int_t id;
	char *token;

	setup();
	story_act(story, "{s:s,s:s,s:b}", "do", "repo", "repo", "o/other", "private", 1);
	id = story_int(story_get(story, "/repos/o/other"), "id");
	token = story_token(story, installation, json_pack("{s:[I]}", "repository_ids", id));
	ck_assert_str_eq(story_str(story->answer, "repositories.0.full_name"), "o/other");
	ck_assert_str_eq(story_str(story->answer, "repository_selection"), "selected");
	ck_assert_int_eq(ask(strdup(token), "GET", "/repos/o/other/pulls", NULL), 200);
	ask(strdup(token), "GET", "/installation/repositories", NULL);
	ck_assert_int_eq(story_int(story->answer, "total_count"), 1);
	post_with(token, 403);
	free(story_token(story, installation, json_pack("{s:[s]}", "repositories", "other")));
	ck_assert_int_eq(story->status, 201);
	free(story_token(story, installation, json_pack("{s:[I]}", "repository_ids", (json_int_t)1)));
	ck_assert_int_eq(story->status, 422);
	story_free(story);
}
END_TEST

START_TEST(the_repositories_of_an_installation_are_paged)
{
	char *token;

	setup();
	story_act(story, "{s:s,s:s}", "do", "repo", "repo", "o/other");
	story_act(story, "{s:s,s:s}", "do", "repo", "repo", "p/q");
	token = story_token(story, installation, NULL);
	ask(token, "GET", "/installation/repositories?per_page=1&page=2", NULL);
	ck_assert_int_eq(story_int(story->answer, "total_count"), 2);
	ck_assert_uint_eq(json_array_size(json_object_get(story->answer, "repositories")), 1);
	ck_assert_str_eq(story_str(story->answer, "repositories.0.full_name"), "o/other");
	ck_assert_ptr_nonnull(strstr(story_header(story, "Link"), "rel=\"prev\""));
	story_free(story);
}
END_TEST

START_TEST(a_token_given_back_is_a_bad_one)
{
	char *token;

	setup();
	token = story_token(story, installation, NULL);
	ck_assert_int_eq(ask(strdup(token), "DELETE", "/installation/token", NULL), 204);
	ck_assert_str_eq(story->text ? story->text : "", "");
	ck_assert_int_eq(ask(token, "GET", "/repos/o/r", NULL), 401);
	story_free(story);
}
END_TEST

/* ---- an installation's life ---- */

static const struct {
	const char *act, *action;
	int with_token, for_token; /* what a token from before gets, and who asks for a new one */
} ends[] = {{"suspend", "suspend", 403, 403}, {"uninstall", "deleted", 401, 404}};

START_TEST(a_suspended_or_deleted_installation_opens_nothing)
{
	char *token;
	json_t *event;

	setup();
	token = story_token(story, installation, NULL);
	story_act(story, "{s:s,s:I}", "do", ends[_i].act, "installation", installation);
	event = story_event(story, "installation", ends[_i].action);
	ck_assert(story_int(event, "body.installation.id") == installation);
	json_decref(event);
	ck_assert_int_eq(ask(token, "GET", "/repos/o/r", NULL), ends[_i].with_token);
	free(story_token(story, installation, NULL));
	ck_assert_int_eq(story->status, ends[_i].for_token);
	story_act(story, "{s:s,s:s,s:s,s:i}", "do", "approve", "repo", "o/r", "who", "bob", "number", 1);
	ck_assert_ptr_null(story_delivery(story));
	story_free(story);
}
END_TEST

START_TEST(a_waking_installation_goes_on)
{
	char *token;
	json_t *event;

	setup();
	token = story_token(story, installation, NULL);
	story_act(story, "{s:s}", "do", "suspend");
	ask(story_jwt(story), "GET", "/repos/o/r/installation", NULL);
	ck_assert_str_eq(story_str(story->answer, "suspended_at"), "2026-01-05T00:00:00Z");
	story_act(story, "{s:s}", "do", "unsuspend");
	event = story_event(story, "installation", "unsuspend");
	ck_assert_ptr_nonnull(event);
	json_decref(event);
	ck_assert_int_eq(ask(token, "GET", "/repos/o/r", NULL), 200);
	story_free(story);
}
END_TEST

START_TEST(a_selection_changes_what_a_token_reaches_at_once)
{
	char *token;
	json_t *event;

	setup();
	story_act(story, "{s:s,s:s,s:b}", "do", "repo", "repo", "o/hidden", "private", 1);
	story_drain(story);
	token = story_token(story, installation, NULL);
	ck_assert_int_eq(ask(strdup(token), "GET", "/repos/o/hidden", NULL), 200);
	story_act(story, "{s:s,s:[s],s:[s]}", "do", "select_repos", "add", "o/r", "remove", "o/hidden");
	event = story_event(story, "installation_repositories", "added");
	ck_assert_str_eq(story_str(event, "body.repositories_added.0.full_name"), "o/r");
	json_decref(event);
	event = story_event(story, "installation_repositories", "removed");
	ck_assert_str_eq(story_str(event, "body.repositories_removed.0.full_name"), "o/hidden");
	json_decref(event);
	ck_assert_int_eq(ask(strdup(token), "GET", "/repos/o/r", NULL), 200);
	ck_assert_int_eq(ask(token, "GET", "/repos/o/hidden", NULL), 404);
	story_free(story);
}
END_TEST

START_TEST(permissions_accepted_count_for_the_next_token)
{
	json_t *event;

	setup();
	story_act(story, "{s:s,s:{s:s}}", "do", "accept_permissions", "permissions", "statuses", "read");
	event = story_event(story, "installation", "new_permissions_accepted");
	ck_assert_str_eq(story_str(event, "body.installation.permissions.statuses"), "read");
	json_decref(event);
	post_with(story_token(story, installation, NULL), 403);
	story_free(story);
}
END_TEST

START_TEST(a_new_installation_is_told_with_its_repositories)
{
	json_t *event;

	setup();
	story_act(story, "{s:s,s:s}", "do", "repo", "repo", "p/q");
	ck_assert_ptr_null(story_delivery(story));
	story_act(story, "{s:s,s:s,s:[s]}", "do", "install", "who", "p", "repositories", "p/q");
	event = story_event(story, "installation", "created");
	ck_assert_str_eq(story_str(event, "body.repositories.0.full_name"), "p/q");
	ck_assert_str_eq(story_str(event, "body.installation.account.login"), "p");
	json_decref(event);
	story_act(story, "{s:s,s:s,s:s,s:s}", "do", "branch", "repo", "p/q", "who", "p", "branch", "b");
	event = story_event(story, "push", NULL);
	ck_assert_int_ne(story_int(event, "body.installation.id"), 0);
	ck_assert(story_int(event, "body.installation.id") != installation);
	json_decref(event);
	story_free(story);
}
END_TEST

/* ---- what an App is told ---- */

static const struct {
	const char *right, *events[2]; /* the right taken away; what it subscribes to, NULL: all */
	bool told;
} hearers[] = {{NULL, {NULL}, true},
	       {"pull_requests", {NULL}, false},
	       {"statuses", {NULL}, true},
	       {NULL, {"push", NULL}, false},
	       {NULL, {"push", "pull_request_review"}, true}};

START_TEST(an_app_is_told_what_it_may_read_and_asked_for)
{
	json_t *rights = usual(), *events = json_array(), *one;

	setup();
	if (hearers[_i].right)
		json_object_del(rights, hearers[_i].right);
	for (size_t i = 0; i < 2 && hearers[_i].events[i]; i++)
		json_array_append_new(events, json_string(hearers[_i].events[i]));
	story_act(story, "{s:s,s:o}", "do", "accept_permissions", "permissions", rights);
	story_act(story, "{s:s,s:o}", "do", "app", "events", events);
	story_drain(story);
	story_act(story, "{s:s,s:s,s:s,s:i}", "do", "approve", "repo", "o/r", "who", "bob", "number", 1);
	one = story_delivery(story);
	ck_assert_int_eq(one != NULL, hearers[_i].told);
	json_decref(one);
	story_free(story);
}
END_TEST

/* ---- git ---- */

static const struct {
	const char *repo, *service, *act; /* act: what happens to the installation before */
	int64_t later_ms;
	int status;
} visits[] = {{"o/hidden", "git-upload-pack", NULL, 0, 0},        {"o/hidden", "git-receive-pack", NULL, 0, 403},
	      {"p/hidden", "git-upload-pack", NULL, 0, 404},      {"p/q", "git-upload-pack", NULL, 0, 0},
	      {"o/hidden", "git-upload-pack", "suspend", 0, 403}, {"o/hidden", "git-upload-pack", "uninstall", 0, 401},
	      {"o/hidden", "git-upload-pack", NULL, 3600000, 401}};

START_TEST(an_installations_token_opens_its_repositories_to_git)
{
	char path[80], authorization[600], *token;
	struct world_git_visit visit;

	setup();
	story_act(story, "{s:s,s:s}", "do", "repo", "repo", "p/q");
	story_act(story, "{s:s,s:s,s:b}", "do", "repo", "repo", "p/hidden", "private", 1);
	story_act(story, "{s:s,s:s,s:b}", "do", "repo", "repo", "o/hidden", "private", 1);
	token = story_token(story, installation, NULL);
	if (visits[_i].act)
		story_act(story, "{s:s,s:I}", "do", visits[_i].act, "installation", installation);
	advance(visits[_i].later_ms);
	snprintf(path, sizeof(path), "/%s.git/%s", visits[_i].repo, visits[_i].service);
	snprintf(authorization, sizeof(authorization), "Bearer %s", token);
	ck_assert_int_eq(
		world_git_begin(story->world,
				&(struct world_request){.method = "POST", .path = path, .authorization = authorization},
				&visit),
		visits[_i].status);
	if (visits[_i].status == 0)
		ck_assert_str_eq(visit.who, "headgate[bot]");
	free(token);
	story_free(story);
}
END_TEST

static const char *const bad_keys[] = {"", "no key", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"};

START_TEST(a_key_that_is_none_is_refused)
{
	setup();
	story_act(story, "{s:s,s:s}", "do", "app", "key", bad_keys[_i]);
	ck_assert_int_eq(story->status, 422);
	story_free(story);
}
END_TEST

START_TEST(a_forgotten_key_signs_no_more)
{
	setup();
	story_act(story, "{s:s,s:b}", "do", "app", "forget_keys", 1);
	ck_assert_int_eq(ask(story_jwt(story), "GET", "/app", NULL), 401);
	story_free(story);
}
END_TEST

static const struct suite_test tests[] = {SUITE_ROWS(a_signature_is_taken_for_ten_minutes_and_from_its_key, signatures),
					  SUITE_TEST(a_signature_with_a_changed_claim_is_none),
					  SUITE_ROWS(each_route_has_its_door, doors),
					  SUITE_TEST(an_app_tells_of_itself_and_where_it_is_installed),
					  SUITE_TEST(a_token_is_long_and_lives_an_hour_of_the_world),
					  SUITE_ROWS(a_token_is_given_no_more_than_the_installation_has, asked),
					  SUITE_TEST(a_status_says_which_app_posted_it),
					  SUITE_TEST(a_reading_token_posts_nothing),
					  SUITE_TEST(a_token_narrowed_to_a_repository_is_a_stranger_in_the_others),
					  SUITE_TEST(the_repositories_of_an_installation_are_paged),
					  SUITE_TEST(a_token_given_back_is_a_bad_one),
					  SUITE_ROWS(a_suspended_or_deleted_installation_opens_nothing, ends),
					  SUITE_TEST(a_waking_installation_goes_on),
					  SUITE_TEST(a_selection_changes_what_a_token_reaches_at_once),
					  SUITE_TEST(permissions_accepted_count_for_the_next_token),
					  SUITE_TEST(a_new_installation_is_told_with_its_repositories),
					  SUITE_ROWS(an_app_is_told_what_it_may_read_and_asked_for, hearers),
					  SUITE_ROWS(an_installations_token_opens_its_repositories_to_git, visits),
					  SUITE_ROWS(a_key_that_is_none_is_refused, bad_keys),
					  SUITE_TEST(a_forgotten_key_signs_no_more),
					  SUITE_END};

SUITE_MAIN(tests)
