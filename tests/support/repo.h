/*
 * repo: real git repositories in a scratch directory, made with the git client, for tests. Commands run with sh in
 * the scratch directory with fixed names and times; a command that fails fails the test.
 */
#ifndef TESTS_SUPPORT_REPO_H
#define TESTS_SUPPORT_REPO_H

#include "policy/oid.h"

struct repo {
	char dir[64]; /* scratch: everything below is removed by repo_end */
};

struct repo repo_begin(void);
void repo_end(struct repo *repo);

/* Runs a script with sh -eu in dir; its output, without the last newline, goes to ret (may be NULL). */
void repo_sh(const struct repo *repo, char ret[512], const char *script);

/* The object the expression names in dir/work. */
struct oid repo_oid(const struct repo *repo, const char *expression);

#endif
