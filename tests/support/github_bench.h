/*
 * github_bench: the GitHub port over scripted answers, for tests of one verb: a token file, a clock that stands still,
 * at most three pages of a list.
 */
#ifndef TESTS_SUPPORT_GITHUB_BENCH_H
#define TESTS_SUPPORT_GITHUB_BENCH_H

#include "agent/forge/github.h"
#include "tests/support/scripted.h"

#define GITHUB_BENCH_API "https://forge.test/api/v3"

struct github_bench {
	struct scripted script;
	struct access *access;
	struct github *github;
	struct forge forge;
	struct forge_call call; /* of repository 7, o/r */
	struct arena arena;
	struct err err;
	char file[64];
};

/* The steps are borrowed. */
void github_bench_open(struct github_bench *b, const struct scripted_step *steps, size_t n);
void github_bench_close(struct github_bench *b); /* each step was asked for */

#endif
