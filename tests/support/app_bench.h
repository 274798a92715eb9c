/*
 * app_bench: an App's access over scripted answers, with a clock that the test moves. A test program that uses it has
 * APP_BENCH_MAIN instead of SUITE_MAIN: the App's key is made for the run.
 */
#ifndef TESTS_SUPPORT_APP_BENCH_H
#define TESTS_SUPPORT_APP_BENCH_H

#include "agent/forge/access.h"
#include "tests/support/scripted.h"
#include "tests/support/suite.h"

#define API    "https://forge.test/api/v3"
#define MINUTE INT64_C(60000)
#define ASKED  "/app/installations/42/access_tokens"
#define PLACE  "/repos/o/r/installation"
#define BODY                                                                                                           \
	"{\"permissions\":{\"statuses\":\"write\",\"checks\":\"read\",\"contents\":\"read\",\"issues\":\"read\","      \
	"\"members\":\"read\",\"metadata\":\"read\",\"pull_requests\":\"read\",\"actions\":\"read\"}}"
#define GIVEN(token)           "{\"token\":\"" token "\",\"expires_at\":\"2023-11-14T23:13:20Z\",\"permissions\":{}}"
#define ENDING(token, expires) "{\"token\":\"" token "\",\"expires_at\":\"" expires "\"}"
#define TAKEN(token)                                                                                                   \
	{                                                                                                              \
		.method = "POST", .path = ASKED, .status = 201, .body = GIVEN(token), .bearer = "*"                    \
	}

struct bench {
	struct scripted script;
	int64_t now;  /* both clocks' */
	int64_t step; /* added at each look at one of them */
	struct access *access;
	struct arena arena;
	struct forge_call call; /* of installation 42 */
	struct err err;
};

int64_t bench_clock(void *now);

void bench_open(struct bench *b, const struct scripted_step *steps, size_t n);
#define OPEN(b, steps) bench_open(b, steps, sizeof(steps) / sizeof((steps)[0]))
void bench_close(struct bench *b); /* every step was asked for */

/* One access_take, after which no error text holds a token, and ERR_GONE is no error. */
void bench_expect(struct bench *b, const char *token);
void bench_expect_none(struct bench *b, enum err_code code, const char *why);
void bench_refuse(struct bench *b, const char *token); /* the forge does not take it */

int app_bench_main(int argc, char **argv, const struct suite_test *tests);

#define APP_BENCH_MAIN(tests)                                                                                          \
	int main(int argc, char **argv)                                                                                \
	{                                                                                                              \
		return app_bench_main(argc, argv, tests);                                                              \
	}

#endif
