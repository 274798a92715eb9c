#include "tests/support/github_bench.h"

#include <check.h>
#include <stdlib.h>
#include <unistd.h>

static int64_t now(void *self)
{
	(void)self;
	return SCRIPTED_NOW;
}

void github_bench_open(struct github_bench *b, const struct scripted_step *steps, size_t n)
{
	struct clock_port clock = {NULL, now, now};
	struct access_ports ports = {.clock = clock, .wall = clock};
	struct github_config config = {.api_url = TEXT_LIT(GITHUB_BENCH_API), .pages_max = 3, .answer_bytes = 2000000};
	int fd;

	*b = (struct github_bench){.script = {.base = GITHUB_BENCH_API, .steps = steps, .n = n},
				   .file = "/tmp/headgate-token-XXXXXX"};
	fd = mkstemp(b->file);
	ck_assert(fd >= 0 && write(fd, "first", 5) == 5 && close(fd) == 0);
	b->access = access_new(
		&(struct access_config){.api_url = TEXT_LIT(GITHUB_BENCH_API), .token_file = text_of(b->file)}, &ports,
		&b->err);
	ck_assert_msg(b->access != NULL, "%s", b->err.text);
	config.access = b->access;
	b->github = github_new(&config, scripted_port(&b->script), clock, &b->err);
	ck_assert_msg(b->github != NULL, "%s", b->err.text);
	b->forge = github_port(b->github);
	b->call = (struct forge_call){{7, TEXT_LIT("o/r"), 0}, &b->arena, SCRIPTED_NOW + 1000, 0};
}

void github_bench_close(struct github_bench *b)
{
	scripted_over(&b->script);
	github_free(b->github);
	access_free(b->access);
	arena_release(&b->arena);
	(void)unlink(b->file);
}
