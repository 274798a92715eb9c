#include "tests/support/app_bench.h"

#include <unistd.h>

#include "tests/support/key_file.h"

static char key_file[KEY_FILE_BYTES];

int64_t bench_clock(void *self)
{
	return *(int64_t *)self;
}

static int64_t tick(void *self)
{
	struct bench *b = self;

	b->now += b->step;
	return b->now;
}

static struct access *app(struct bench *b, struct wake_port wake)
{
	struct clock_port clock = {b, tick, tick};
	struct access_config config = {
		.api_url = TEXT_LIT(API), .app_id = TEXT_LIT("Iv23liABC"), .key_file = text_of(key_file)};
	struct access_ports ports = {clock, clock, wake};
	struct access *access = access_new(&config, &ports, &b->err);

	ck_assert_msg(access != NULL, "%s", b->err.text);
	return access;
}

void bench_open(struct bench *b, const struct scripted_step *steps, size_t n)
{
	*b = (struct bench){.script = {.base = API, .steps = steps, .n = n}, .now = SCRIPTED_NOW};
	b->access = app(b, (struct wake_port){.wait = NULL});
	b->call = (struct forge_call){{7, TEXT_LIT("o/r"), 42}, &b->arena, SCRIPTED_NOW + 600 * MINUTE, 0};
}

void bench_close(struct bench *b)
{
	scripted_over(&b->script);
	access_free(b->access);
	arena_release(&b->arena);
}

static enum err_code take_token(struct bench *b, struct access_token *ret)
{
	*ret = (struct access_token){.installation = -1};
	b->err = ERR_NONE;
	(void)access_take(b->access, scripted_port(&b->script), &b->call, ret, &b->err);
	ck_assert_ptr_null(strstr(b->err.text, "ghs_")); /* of a token nothing is ever said */
	ck_assert(b->err.code != ERR_GONE);
	return b->err.code;
}

void bench_expect(struct bench *b, const char *token)
{
	struct access_token got;

	ck_assert_msg(take_token(b, &got) == ERR_OK, "%s", b->err.text);
	ck_assert_str_eq(got.bytes.at, token);
	access_drop(&got);
}

void bench_expect_none(struct bench *b, enum err_code code, const char *why)
{
	struct access_token got;

	ck_assert_int_eq(take_token(b, &got), code);
	ck_assert_int_eq(got.installation, -1);
	ck_assert_msg(strstr(b->err.text, why), "%s", b->err.text);
}

void bench_refuse(struct bench *b, const char *token)
{
	struct access_token refused = {.bytes = text_of(token), .installation = 42};

	crypto_sha256(refused.bytes, refused.sha256);
	access_refused(b->access, &refused);
}

int app_bench_main(int argc, char **argv, const struct suite_test *tests)
{
	EVP_PKEY *key = key_rsa(2048);
	int code;

	key_file_write(key_file, key, NULL);
	EVP_PKEY_free(key);
	code = suite_main(argc, argv, tests);
	(void)unlink(key_file);
	return code;
}
