/* What trackers may send, as the server reads it at its start: secrets, tokens, and the routes that they make. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/cli/daemon_hooks.h"
#include "tests/support/suite.h"

#define TOKENS_MAX 2

static const struct row {
	const char *webhook[2], *token[2][TOKENS_MAX]; /* of two trackers: what is in their files; NULL: none */
	const char *wrong;                             /* NULL: read */
	size_t routes;
} rows[] = {
	{{NULL, NULL}, {{NULL}, {NULL}}, NULL, 0},
	{{"Token webhook-secret-1", NULL}, {{NULL}, {NULL}}, NULL, 2},
	{{NULL, NULL}, {{"token-of-the-first-1"}, {NULL}}, NULL, 2},
	{{"Token webhook-secret-1", "Token webhook-secret-1"},
	 {{"token-of-the-first-1", "token-of-the-first-2"}, {"token-of-the-other-1"}},
	 NULL,
	 4},
	{{NULL, NULL}, {{"short"}, {NULL}}, "api_tokens", 0},
	{{NULL, NULL}, {{"token-of-the-first-1"}, {"token-of-the-first-1"}}, "make one of its own", 0},
	{{NULL, NULL},
	 {{"token-of-the-first-1", "token-of-the-first-2"}, {"token-of-the-first-2"}},
	 "make one of its own",
	 0},
	{{"Token token-of-the-first-1", NULL}, {{"token-of-the-first-1"}, {NULL}}, "make one of its own", 0},
	{{"token-of-the-first-1", NULL}, {{NULL}, {"token-of-the-first-1"}}, "make one of its own", 0},
};

struct bench {
	char dir[64];
	struct arena arena;
	struct config_tracker trackers[2];
	struct config_secret tokens[2][TOKENS_MAX];
	struct config config;
	struct daemon_hooks hooks;
	int files;
};

static struct text file_with(struct bench *b, const char *content)
{
	struct text name = arena_printf(&b->arena, "%s/%d", b->dir, b->files++);
	int fd = open(name.at, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, content, strlen(content)), (ssize_t)strlen(content));
	(void)close(fd);
	return name;
}

static void bench_open(struct bench *b, const struct row *row)
{
	*b = (struct bench){.dir = "/tmp/headgate-tokens-XXXXXX"};
	ck_assert_ptr_nonnull(mkdtemp(b->dir));
	for (size_t i = 0; i < 2; i++) {
		struct config_tracker *tracker = &b->trackers[i];

		tracker->name = i == 0 ? TEXT_LIT("first") : TEXT_LIT("other");
		tracker->api_tokens.at = b->tokens[i];
		if (row->webhook[i])
			tracker->webhook_secret_file = file_with(b, row->webhook[i]);
		for (size_t k = 0; k < TOKENS_MAX && row->token[i][k]; k++, tracker->api_tokens.n++)
			b->tokens[i][k] = (struct config_secret){file_with(b, row->token[i][k]), WHEN_UNKNOWN};
	}
	b->config.trackers = (struct config_trackers){b->trackers, 2};
}

static void bench_close(struct bench *b)
{
	daemon_hooks_free(&b->hooks);
	for (int i = 0; i < b->files; i++)
		(void)unlink(arena_printf(&b->arena, "%s/%d", b->dir, i).at);
	ck_assert_int_eq(rmdir(b->dir), 0);
	arena_release(&b->arena);
}

START_TEST(a_token_opens_one_thing_alone)
{
	const struct row *row = &rows[_i];
	struct route routes[DAEMON_HOOKS_ROUTES];
	struct err err = ERR_NONE;
	struct bench b;
	bool ok;

	bench_open(&b, row);
	ok = daemon_hooks_read(&b.hooks, &b.config, &err);
	ck_assert_msg(ok == !row->wrong, "%s", err.text);
	if (row->wrong)
		ck_assert_msg(strstr(err.text, row->wrong) && !strstr(err.text, "token-of"), "%s", err.text);
	else
		ck_assert_uint_eq(daemon_hooks_routes(&b.hooks, routes), row->routes);
	bench_close(&b);
}
END_TEST

static const struct suite_test tests[] = {SUITE_ROWS(a_token_opens_one_thing_alone, rows), SUITE_END};
SUITE_MAIN(tests)
