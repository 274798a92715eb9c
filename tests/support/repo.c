#include "tests/support/repo.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char prelude[] =
	"export HOME=\"$PWD\" GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null LC_ALL=C\n"
	"export GIT_AUTHOR_NAME=Ann GIT_AUTHOR_EMAIL=7+ann@users.noreply.github.com\n"
	"export GIT_COMMITTER_NAME=Carl GIT_COMMITTER_EMAIL=carl@example.org\n"
	"export GIT_AUTHOR_DATE='1700000000 +0000' GIT_COMMITTER_DATE='1700000000 +0000'\n"
	"new() { git init -q -b main work; git -C work config uploadpack.allowFilter true; cd work; }\n"
	"put() { mkdir -p \"$(dirname \"$1\")\"; printf '%s\\n' \"$2\" >\"$1\"; git add -f \"$1\"; }\n"
	"save() { git commit -q --allow-empty -m \"$1\"; }\n"
	"[ ! -d work ] || cd work\n";

struct repo repo_begin(void)
{
	struct repo repo = {"/tmp/headgate-repo-XXXXXX"};
	ck_assert_ptr_nonnull(mkdtemp(repo.dir));
	return repo;
}

void repo_end(struct repo *repo)
{
	pid_t pid = fork();
	if (!pid) {
		execlp("rm", "rm", "-rf", "--", repo->dir, (char *)NULL);
		_exit(127);
	}
	waitpid(pid, NULL, 0);
}

static void run(const struct repo *repo, int out, const char *script)
{
	char whole[16384];
	int n = snprintf(whole, sizeof(whole), "%s%s", prelude, script);
	if (n < 0 || (size_t)n >= sizeof(whole) || chdir(repo->dir) || dup2(out, 1) < 0)
		_exit(126);
	execlp("sh", "sh", "-euc", whole, (char *)NULL);
	_exit(127);
}

void repo_sh(const struct repo *repo, char ret[512], const char *script)
{
	int ends[2], status = -1;
	size_t n = 0;
	char ignored[512];
	ret = ret ? ret : ignored;
	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	pid_t pid = fork();
	if (!pid)
		run(repo, ends[1], script);
	close(ends[1]);
	for (ssize_t got; n < 511 && (got = read(ends[0], ret + n, 511 - n)) > 0;)
		n += (size_t)got;
	close(ends[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && !WEXITSTATUS(status), "script failed: %s", script);
	ret[n && ret[n - 1] == '\n' ? n - 1 : n] = 0;
}

struct oid repo_oid(const struct repo *repo, const char *expression)
{
	char script[256], name[512];
	struct oid oid;
	snprintf(script, sizeof(script), "git rev-parse --verify '%s'", expression);
	repo_sh(repo, name, script);
	ck_assert_msg(oid_parse(text_of(name), &oid), "%s", name);
	return oid;
}
