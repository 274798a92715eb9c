#include "tests/support/bodies.h"

#include <check.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define URL "https://forge.test"

static int64_t now(void *self)
{
	return *(int64_t *)self;
}

void bodies_share(struct bodies *b)
{
	char script[512];

	(void)snprintf(script, sizeof script,
		       "git --git-dir='%s/o/r.git' fetch -q --no-tags ../work '+refs/heads/*:refs/heads/*'\n",
		       b->story->dir);
	repo_sh(&b->bare.repo, NULL, script);
}

static void write_token(struct bodies *b)
{
	int fd;

	(void)snprintf(b->token, sizeof b->token, "%.40s/token", b->bare.repo.dir);
	fd = open(b->token, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	ck_assert(fd >= 0 && write(fd, "APP\n", 4) == 4 && close(fd) == 0);
}

void bodies_begin(struct bodies *b, const char *script, size_t kept_bytes)
{
	struct clock_port clock = {&b->now, now, now};
	struct access_ports ports = {.clock = clock, .wall = clock};
	struct access_config access = {.api_url = TEXT_LIT(URL)};
	struct github_config config = {.api_url = TEXT_LIT(URL), .pages_max = 30, .answer_bytes = 1 << 24};
	struct github_mirror_config rest = {60000, kept_bytes};
	json_t *made;

	*b = (struct bodies){.story = story_new(7), .now = INT64_C(1700000000000)};
	mirrored_begin(&b->bare, NULL, script);
	made = story_act(b->story, "{s:s,s:s,s:{s:s}}", "do", "repo", "repo", "o/r", "files", "README", "hello\n");
	b->where = (struct mirror_where){story_int(made, "id"), TEXT_LIT("https://github.com/o/r.git"), TEXT_EMPTY,
					 TEXT_LIT("o/r"), 0};
	bodies_share(b);
	write_token(b);
	access.token_file = text_of(b->token);
	config.access = b->access = access_new(&access, &ports, &b->bare.err);
	ck_assert_msg(b->access != NULL, "%s", b->bare.err.text);
	world_set_public_url(b->story->world, URL); /* where its lists go on */
	b->world = (struct world_port){.story = b->story, .url = URL};
	b->github = github_new(&config, world_port(&b->world), clock, &b->bare.err);
	ck_assert_msg(b->github != NULL, "%s", b->bare.err.text);
	b->rest = github_mirror_new(b->github, &rest);
	b->port = github_mirror_port(b->rest);
}

void bodies_end(struct bodies *b)
{
	github_mirror_free(b->rest);
	github_free(b->github);
	access_free(b->access);
	story_free(b->story);
	mirrored_end(&b->bare);
}

enum err_code bodies_range(struct bodies *b, const char *base, const char *head, struct mirror_range_out *ret)
{
	struct mirror_range_in in = {b->where, repo_oid(&b->bare.repo, base), repo_oid(&b->bare.repo, head), 1000,
				     1000};

	b->bare.err = ERR_NONE;
	return b->port.range(b->port.self, &in, ret, &b->bare.arena, &b->bare.err);
}
