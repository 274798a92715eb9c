/* Files that name the policy of another repository: what they may say, and what is a policy of its own. */
#include "policy/remote.h"

#include "tests/support/suite.h"

#include <string.h>

static const struct {
	const char *file;
	enum remote_answer answer;
	const char *says; /* "repo path ref", or how the problem begins */
} files[] = {
	{"remote: acme/policies\n", REMOTE_YES, "acme/policies  "},
	{"{remote: A9.z_-/0-Z_z.git, path: ci/policy.yml, ref: release-1.2/x_y}", REMOTE_YES,
	 "A9.z_-/0-Z_z.git ci/policy.yml release-1.2/x_y"},
	{"{remote: acme/policies, ref: 0123456789abcdef0123456789abcdef01234567}", REMOTE_YES,
	 "acme/policies  0123456789abcdef0123456789abcdef01234567"},
	{"policy: {approval: []}\n", REMOTE_NO, ""},
	{"- remote\n", REMOTE_NO, ""},
	{"remote\n", REMOTE_NO, ""},
	{"", REMOTE_NO, ""},
	{"{remote: acme/policies", REMOTE_NO, ""}, /* no YAML: that is told of it as of any policy */
	{"remote: acme\n", REMOTE_WRONG, "expected owner/name of a repository"},
	{"remote: /acme\n", REMOTE_WRONG, "expected owner/name of a repository"},
	{"remote: acme/\n", REMOTE_WRONG, "expected owner/name of a repository"},
	{"remote: acme/x/y\n", REMOTE_WRONG, "expected owner/name of a repository"},
	{"remote: ./x\n", REMOTE_WRONG, "expected owner/name of a repository"},
	{"remote: acme/..\n", REMOTE_WRONG, "expected owner/name of a repository"},
	{"remote: acme/x y\n", REMOTE_WRONG, "expected owner/name of a repository"},
	{"remote: acme/x@y\n", REMOTE_WRONG, "expected owner/name of a repository"},
	{"remote: acme/x:y\n", REMOTE_WRONG, "expected owner/name of a repository"},
	{"remote: '@acme/x'\n", REMOTE_WRONG, "expected owner/name of a repository"},
	{"remote: 'acme/~x'\n", REMOTE_WRONG, "expected owner/name of a repository"},
	{"remote: 'acme/x[y'\n", REMOTE_WRONG, "expected owner/name of a repository"},
	{"remote: 'acme/x{y'\n", REMOTE_WRONG, "expected owner/name of a repository"},
	{"remote: 'acme/x`y'\n", REMOTE_WRONG, "expected owner/name of a repository"},
	{"remote: 'acme/x\xc3\xa9'\n", REMOTE_WRONG, "expected owner/name of a repository"},
	{"remote: [acme/x]\n", REMOTE_WRONG, "expected"},
	{"remote: ''\n", REMOTE_WRONG, "expected"},
	{"{remote: acme/x, path: /etc/x}", REMOTE_WRONG, "expected a path inside the repository"},
	{"{remote: acme/x, path: x/}", REMOTE_WRONG, "expected a path inside the repository"},
	{"{remote: acme/x, path: a//b}", REMOTE_WRONG, "expected a path inside the repository"},
	{"{remote: acme/x, path: a/../b}", REMOTE_WRONG, "expected a path inside the repository"},
	{"{remote: acme/x, path: a b}", REMOTE_WRONG, "expected a path inside the repository"},
	{"{remote: acme/x, path: \"a\\x7f\"}", REMOTE_WRONG, "expected a path inside the repository"},
	{"{remote: acme/x, path: \"\\x7fa\"}", REMOTE_WRONG, "expected a path inside the repository"},
	{"{remote: acme/x, path: ' a'}", REMOTE_WRONG, "expected a path inside the repository"},
	{"{remote: acme/x, path: p, ref: b}", REMOTE_YES, "acme/x p b"},
	{"{remote: acme/x, path: {}}", REMOTE_WRONG, "expected"},
	{"{remote: acme/x, ref: -x}", REMOTE_WRONG, "expected the name of a branch"},
	{"{remote: acme/x, ref: a//b}", REMOTE_WRONG, "expected the name of a branch"},
	{"{remote: acme/x, ref: 'a~1'}", REMOTE_WRONG, "expected the name of a branch"},
	{"{remote: acme/x, ref: 'a^'}", REMOTE_WRONG, "expected the name of a branch"},
	{"{remote: acme/x, ref: 'a:b'}", REMOTE_WRONG, "expected the name of a branch"},
	{"{remote: acme/x, ref: '^main'}", REMOTE_WRONG, "expected the name of a branch"},
	{"{remote: acme/x, ref: 'a?'}", REMOTE_WRONG, "expected the name of a branch"},
	{"{remote: acme/x, ref: 'a*'}", REMOTE_WRONG, "expected the name of a branch"},
	{"{remote: acme/x, ref: 'a[b'}", REMOTE_WRONG, "expected the name of a branch"},
	{"{remote: acme/x, ref: 'a\\b'}", REMOTE_WRONG, "expected the name of a branch"},
	{"{remote: acme/x, ref: []}", REMOTE_WRONG, "expected"},
	{"{remote: acme/x, policy: {approval: []}}", REMOTE_WRONG, "unknown key `policy`"},
};

START_TEST(a_file_names_another_repository_and_nothing_else)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct remote remote = {.repo = TEXT_EMPTY};
	struct problem problem = {.line = 77};
	enum remote_answer answer = remote_read(text_of(files[_i].file), &arena, &remote, &problem);
	struct text said = text_of(problem.text);

	if (answer == REMOTE_YES)
		said = arena_printf(&arena, "%.*s %.*s %.*s", TEXT_ARG(remote.repo), TEXT_ARG(remote.path),
				    TEXT_ARG(remote.ref));
	ck_assert_msg(answer == files[_i].answer, "%s: %d %.*s", files[_i].file, answer, TEXT_ARG(said));
	ck_assert_msg(text_starts(said, text_of(files[_i].says)), "%s: %.*s", files[_i].file, TEXT_ARG(said));
	ck_assert_uint_eq(problem.line, answer == REMOTE_WRONG ? 1 : 77); /* else it stays as it was */
	ck_assert(answer == REMOTE_YES || remote.repo.len == 0);
}
END_TEST

static const struct {
	const char *file;
	enum remote_answer answer;
	size_t wrong;
} lists[] = {
	{"remote: acme/x\n", REMOTE_YES, 0},
	{"policy: {}\n", REMOTE_NO, 0},
	{"{remote: acme, path: /x, ref: -y}", REMOTE_WRONG, 3},
};

START_TEST(all_that_is_wrong_is_told_and_nothing_is_left_of_what_was_told_before)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct problem_list *errors = arena_alloc(&arena, 1, sizeof *errors);
	struct remote remote = {.repo = TEXT_EMPTY};

	errors->n = 2;
	ck_assert_int_eq(remote_check(text_of(lists[_i].file), &arena, &remote, errors), lists[_i].answer);
	ck_assert_uint_eq(errors->n, lists[_i].wrong);
}
END_TEST

START_TEST(a_name_or_path_has_an_end)
{
	char name[402];

	memset(name, 'a', sizeof name);
	name[4] = '/';
	ck_assert(remote_is_repo((struct text){name, 200}));
	ck_assert(!remote_is_repo((struct text){name, 201}));
	ck_assert(remote_is_path((struct text){name, 255}));
	ck_assert(!remote_is_path((struct text){name, 256}));
	ck_assert(!remote_is_path(TEXT_EMPTY));
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_file_names_another_repository_and_nothing_else, files),
	SUITE_ROWS(all_that_is_wrong_is_told_and_nothing_is_left_of_what_was_told_before, lists),
	SUITE_TEST(a_name_or_path_has_an_end),
	SUITE_END,
};
SUITE_MAIN(tests)
