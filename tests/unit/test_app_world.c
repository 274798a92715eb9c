/*
 * The client as a GitHub App against the sandbox forge, which checks signatures, permissions and ends of tokens itself.
 */
#include <unistd.h>

#include "agent/forge/github.h"
#include "tests/support/key_file.h"
#include "tests/support/suite.h"
#include "tests/support/world_port.h"

#define URL    "http://forge.test" /* as the world says it in a redirect */
#define MINUTE INT64_C(60000)

struct bench {
	struct story *story;
	int64_t installation;
	char key[KEY_FILE_BYTES];
	struct access *access;
	struct etags *etags;
	struct github *github;
	struct forge forge;
	struct arena arena;
	struct forge_call call;
	struct err err;
	struct world_port world;
};

static int64_t world_now(void *self)
{
	struct bench *b = self;

	return story_int(story_call(b->story, "POST", "/_world/clock", json_object()), "ms");
}

static void write_key(struct bench *b)
{
	json_t *pem = story_pem(true);

	key_file_text(b->key, json_string_value(pem), 0600);
	json_decref(pem);
}

static json_t *granted(const char *statuses)
{
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "contents", "read", "pull_requests", "read", "statuses",
			 statuses, "members", "read", "metadata", "read", "checks", "read", "issues", "read", "actions",
			 "read");
}

static void open_bench(struct bench *b, const char *statuses)
{
	struct clock_port clock = {b, world_now, world_now};
	struct access_ports ports = {.clock = clock, .wall = clock};
	struct access_config access = {.api_url = TEXT_LIT(URL), .app_id = TEXT_LIT("77")};
	struct github_config config = {.api_url = TEXT_LIT(URL), .pages_max = 3, .answer_bytes = 1 << 20};

	*b = (struct bench){.story = story_new(7)};
	story_open(b->story);
	b->installation = story_app(b->story, granted(statuses));
	write_key(b);
	access.key_file = text_of(b->key);
	config.access = b->access = access_new(&access, &ports, &b->err);
	ck_assert_msg(b->access != NULL, "%s", b->err.text);
	config.etags = b->etags = etags_new(1 << 20);
	b->world = (struct world_port){.story = b->story, .url = URL};
	b->github = github_new(&config, world_port(&b->world), clock, &b->err);
	ck_assert_msg(b->github != NULL, "%s", b->err.text);
	b->forge = github_port(b->github);
	b->call = (struct forge_call){{0, TEXT_LIT("o/r"), 0}, &b->arena, INT64_MAX, 0};
}

static void close_bench(struct bench *b)
{
	github_free(b->github);
	etags_free(b->etags);
	access_free(b->access);
	story_free(b->story);
	(void)unlink(b->key);
	arena_release(&b->arena);
}

static enum err_code read_tip(struct bench *b)
{
	struct oid tip;

	b->err = ERR_NONE;
	b->world.asked = 0;
	return b->forge.branch_tip(b->forge.self, &b->call, TEXT_LIT("main"), &tip, &b->err);
}

static void advance(struct bench *b, int64_t ms)
{
	story_post(b->story, "/_world/clock", "{s:I}", "advance_ms", (json_int_t)ms);
}

static void find_repo(struct bench *b)
{
	struct forge_found repo;

	ck_assert_msg(b->forge.repo(b->forge.self, &b->call, &repo, &b->err) == ERR_OK, "%s", b->err.text);
	ck_assert_int_eq(repo.installation, b->installation);
	b->call.repo = (struct forge_repo){repo.id, repo.name, repo.installation};
}

START_TEST(an_app_finds_its_installation_reads_and_posts)
{
	struct bench b;
	struct forge_posted posted = {0};
	struct forge_post post;

	open_bench(&b, "write");
	find_repo(&b);
	post = (struct forge_post){b.call.repo,   OID_NONE,      TEXT_LIT("success"),
				   TEXT_LIT("c"), TEXT_LIT("t"), TEXT_EMPTY};
	(void)snprintf(post.sha.hex, sizeof post.sha.hex, "%s", story_head(b.story));
	ck_assert_msg(b.forge.post(b.forge.self, &post, INT64_MAX, &posted, &b.err) == ERR_OK, "%s", b.err.text);
	ck_assert_int_gt(posted.status_id, 0);
	ck_assert_msg(read_tip(&b) == ERR_OK, "%s", b.err.text);
	ck_assert_int_eq(b.world.asked, 1);
	ck_assert_int_eq(read_tip(&b), ERR_OK);
	ck_assert_int_eq(b.world.asked, 1);
	close_bench(&b);
}
END_TEST

START_TEST(a_token_is_had_anew_before_it_ends)
{
	struct bench b;

	open_bench(&b, "write");
	find_repo(&b);
	ck_assert_int_eq(read_tip(&b), ERR_OK);
	advance(&b, 50 * MINUTE);
	ck_assert_int_eq(read_tip(&b), ERR_OK);
	ck_assert_int_eq(b.world.asked, 2); /* the token first */
	ck_assert_int_eq(read_tip(&b), ERR_OK);
	ck_assert_int_eq(b.world.asked, 1);
	close_bench(&b);
}
END_TEST

START_TEST(a_suspended_installation_is_denied_and_comes_back_within_a_minute)
{
	struct bench b;

	open_bench(&b, "write");
	find_repo(&b);
	story_act(b.story, "{s:s,s:I}", "do", "suspend", "installation", (json_int_t)b.installation);
	access_forget(b.access, b.installation); /* as its event does */
	ck_assert_int_eq(read_tip(&b), ERR_DENIED);
	ck_assert_msg(strstr(b.err.text, "suspended"), "%s", b.err.text);
	ck_assert_int_eq(read_tip(&b), ERR_DENIED);
	ck_assert_int_eq(b.world.asked, 0); /* nothing is asked meanwhile */
	story_act(b.story, "{s:s,s:I}", "do", "unsuspend", "installation", (json_int_t)b.installation);
	advance(&b, MINUTE);
	ck_assert_msg(read_tip(&b) == ERR_OK, "%s", b.err.text);
	close_bench(&b);
}
END_TEST

START_TEST(what_the_app_was_not_granted_is_named)
{
	struct bench b;

	open_bench(&b, "read");
	ck_assert_int_eq(read_tip(&b), ERR_DENIED);
	ck_assert_msg(strstr(b.err.text, "was not granted statuses: write"), "%s", b.err.text);
	close_bench(&b);
}
END_TEST

/* Nothing told of the new name: the old one is answered 301, to its place by number. */
START_TEST(an_old_name_leads_to_the_new_one_whether_the_installation_is_known_or_not)
{
	int64_t known[] = {0, 0}, id;
	struct forge_found repo;
	struct bench b;

	open_bench(&b, "write");
	find_repo(&b);
	known[1] = b.installation;
	id = b.call.repo.id;
	story_act(b.story, "{s:s,s:s,s:s,s:s}", "do", "rename", "repo", "o/r", "who", "o", "name", "o/new");
	b.call.repo = (struct forge_repo){_i < 2 ? id : 0, TEXT_LIT("o/r"), known[_i % 2]};
	if (_i < 2)
		access_forget(b.access, b.installation);
	ck_assert_int_eq(read_tip(&b), ERR_INVALID); /* 301 is never followed with a token */
	b.err = ERR_NONE;
	ck_assert_msg(b.forge.repo(b.forge.self, &b.call, &repo, &b.err) == ERR_OK, "%s", b.err.text);
	ck_assert(text_is(repo.name, "o/new"));
	ck_assert_int_eq(repo.installation, b.installation);
	b.call.repo = (struct forge_repo){repo.id, repo.name, repo.installation};
	ck_assert_msg(read_tip(&b) == ERR_OK, "%s", b.err.text);
	close_bench(&b);
}
END_TEST

/* The account that it was given to has an installation of its own. */
START_TEST(a_transferred_repository_is_found_in_its_new_installation)
{
	struct forge_found repo;
	struct bench b;

	open_bench(&b, "write");
	find_repo(&b);
	story_act(b.story, "{s:s,s:s}", "do", "user", "login", "p");
	story_act(b.story, "{s:s,s:s}", "do", "install", "who", "p");
	story_act(b.story, "{s:s,s:s,s:s,s:s}", "do", "transfer", "repo", "o/r", "who", "o", "to", "p");
	ck_assert_msg(b.forge.repo(b.forge.self, &b.call, &repo, &b.err) == ERR_OK, "%s", b.err.text);
	ck_assert(text_is(repo.name, "p/r"));
	ck_assert_int_ne(repo.installation, b.installation);
	b.call.repo = (struct forge_repo){repo.id, repo.name, repo.installation};
	ck_assert_msg(read_tip(&b) == ERR_OK, "%s", b.err.text);
	close_bench(&b);
}
END_TEST

static const int ways[4] = {0};

static const struct suite_test tests[] = {
	SUITE_TEST(an_app_finds_its_installation_reads_and_posts),
	SUITE_TEST(a_token_is_had_anew_before_it_ends),
	SUITE_TEST(a_suspended_installation_is_denied_and_comes_back_within_a_minute),
	SUITE_TEST(what_the_app_was_not_granted_is_named),
	SUITE_ROWS(an_old_name_leads_to_the_new_one_whether_the_installation_is_known_or_not, ways),
	SUITE_TEST(a_transferred_repository_is_found_in_its_new_installation),
	SUITE_END};
SUITE_MAIN(tests)
