/* What one judge keeps of policy files (agent/work/policies.h). */
#include "agent/work/policies.h"
#include "tests/support/suite.h"

static const struct policy_defaults defaults = {.approvals = 2};

#define GOOD                                                                                                           \
	"policy: {approval: [reviewed]}\napproval_rules:\n"                                                            \
	"  - {name: reviewed, requires: {count: 1, permissions: [write]}}\n"

/* The same policy in other bytes. */
static struct text good(int i, struct arena *arena)
{
	return arena_printf(arena, GOOD "# %d\n", i);
}

static const struct file {
	const char *bytes;
	enum remote_answer remote;
	bool valid;
} files[] = {
	{GOOD, REMOTE_NO, true},
	{"", REMOTE_NO, true},
	{"policy: {approval: [nothing]}\n", REMOTE_NO, false},
	{"{broken", REMOTE_NO, false},
	{"{remote: acme/x}", REMOTE_YES, false},
	{"{remote: 7}", REMOTE_WRONG, false},
};

START_TEST(what_is_kept_is_what_parsing_gives)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text bytes = text_of(files[_i].bytes);
	struct policies *policies = policies_new();
	const struct policy_bytes *first = policies_read(policies, bytes, &defaults, &arena), *once;
	const struct policy *policy = NULL;
	struct problem problem = {0}, remote = {0};
	struct remote elsewhere;

	ck_assert_int_eq(policy_parse(bytes, &defaults, &arena, &policy, &problem), files[_i].valid);
	ck_assert_int_eq(remote_read(bytes, &arena, &elsewhere, &remote), files[_i].remote);
	once = policies_read(NULL, bytes, &defaults, &arena);
	for (const struct policy_bytes *is = first;; is = once) {
		ck_assert_int_eq(is->remote, files[_i].remote);
		ck_assert((is->governed.policy != NULL) == files[_i].valid);
		ck_assert((is->governed.problem == NULL) == files[_i].valid);
		if (!files[_i].valid)
			ck_assert_str_eq(is->governed.problem->text, problem.text);
		if (files[_i].remote == REMOTE_YES)
			ck_assert(text_eq(is->elsewhere.repo, elsewhere.repo));
		if (files[_i].remote == REMOTE_WRONG)
			ck_assert_str_eq(is->remote_problem->text, remote.text);
		if (is == once)
			break;
	}
	policies_free(policies);
}
END_TEST

START_TEST(the_same_bytes_are_parsed_once)
{
	auto_arena struct arena first = ARENA_EMPTY, second = ARENA_EMPTY;
	struct policies *policies = policies_new();
	const struct policy_bytes *one, *other;

	one = policies_read(policies, good(1, &first), &defaults, &first);
	arena_release(&first); /* what is kept needs nothing of whoever asked */
	policies_rest(policies);
	ck_assert_ptr_eq(policies_read(policies, good(1, &second), &defaults, &second), one);
	other = policies_read(policies, good(2, &second), &defaults, &second);
	ck_assert_ptr_ne(other, one);
	ck_assert_ptr_ne(other->governed.policy, one->governed.policy);
	ck_assert_ptr_eq(policies_builtin(policies, &defaults, &second),
			 policies_builtin(policies, &defaults, &second));
	policies_free(policies);
}
END_TEST

START_TEST(without_one_nothing_is_kept)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text bytes = good(1, &arena);

	ck_assert_ptr_ne(policies_read(NULL, bytes, &defaults, &arena), policies_read(NULL, bytes, &defaults, &arena));
	ck_assert(policy_is_builtin(policies_builtin(NULL, &defaults, &arena)));
	policies_rest(NULL);
	policies_free(NULL);
}
END_TEST

/* A judgement may meet more files than are kept; those it has are read until it rests. */
START_TEST(nothing_goes_while_it_may_be_in_use)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct policies *policies = policies_new();
	const struct policy_bytes *at[3 * POLICIES_MAX];

	for (int i = 0; i < 3 * POLICIES_MAX; i++)
		at[i] = policies_read(policies, good(i, &arena), &defaults, &arena);
	for (int i = 0; i < 3 * POLICIES_MAX; i++)
		ck_assert_uint_ne(policy_needs(at[i]->governed.policy).facts, 0);
	for (int i = 0; i < POLICIES_MAX; i++)
		ck_assert_ptr_eq(policies_read(policies, good(i, &arena), &defaults, &arena), at[i]);
	policies_rest(policies);
	at[0] = policies_read(policies, good(3 * POLICIES_MAX, &arena), &defaults, &arena);
	ck_assert_ptr_eq(policies_read(policies, good(3 * POLICIES_MAX, &arena), &defaults, &arena), at[0]);
	policies_free(policies);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(what_is_kept_is_what_parsing_gives, files),
	SUITE_TEST(the_same_bytes_are_parsed_once),
	SUITE_TEST(without_one_nothing_is_kept),
	SUITE_TEST(nothing_goes_while_it_may_be_in_use),
	SUITE_END,
};
SUITE_MAIN(tests)
