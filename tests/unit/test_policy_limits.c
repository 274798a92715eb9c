/* As much as a policy may say is a policy, and one more is a problem that names the limit. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "policy/policy.h"

#include "tests/support/suite.h"

/* A sanitizer's own time comes on top. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLOWER 20
#else
#define SLOWER 1
#endif
#define WORK_MAX (SLOWER * CLOCKS_PER_SEC) /* of this process, however busy the machine is */

static const struct policy_defaults defaults = {.approvals = 2};

#define RULE(rest) "policy: {approval: [x]}\napproval_rules:\n- {name: x, requires: {" rest

enum { ROOM = 200000 };

/* A unit so many times, each with its number, between a head and a tail. */
static const struct limit {
	const char *head, *unit, *tail;
	int most;
	const char *says; /* of one more */
} limits[] = {
	{RULE("count: 1, users: ["), "u%d, ", "u]}}\n", 999, "a list of more than 1000 entries"},
	{RULE("conditions: {has_status: {statuses: ["), "s%d, ", "s]}}}}\n", 999, "a list of more than 1000 entries"},
	{RULE("conditions: {title: {matches: ["), "p%d, ", "p]}}}}\n", 199, "more than 200 patterns"},
	{"policy: {branches: {", "'^b%d$': closed, ", "default: closed}}\n", 99, "more than 100 branches"},
	{"approval_rules: [{name: x, requires: {count: 1, users: [a]}}]\npolicy: {approval: [x], pushes: {",
	 "'^b%d$': {onto: main, rules: [x]}, ", "}}\n", 20, "more than 20 entries"},
	{RULE("count: 1, users: [a]}}\n"), "- {name: x%d, requires: {count: 1, users: [a]}}\n", "", 199,
	 "more than 200 rules"},
};

static void write_units(FILE *to, const char *unit, int times)
{
	const char *mark = strstr(unit, "%d");

	for (int i = 0; i < times; i++)
		if (mark)
			(void)fprintf(to, "%.*s%d%s", (int)(mark - unit), unit, i, mark + 2);
		else
			(void)fputs(unit, to);
}

static struct text text_with(const struct limit *limit, int times, struct arena *arena)
{
	char *text = arena_alloc(arena, ROOM, 1);
	FILE *to = fmemopen(text, ROOM, "w");
	long n;

	ck_assert_ptr_nonnull(to);
	(void)fputs(limit->head, to);
	write_units(to, limit->unit, times);
	(void)fputs(limit->tail, to);
	n = ftell(to);
	(void)fclose(to);
	ck_assert(n > 0 && n < ROOM - 1);
	return (struct text){text, (size_t)n};
}

/* Whether it says so of this many. Rules that are not used are another problem, told after. */
static bool says_so(const struct limit *limit, int times)
{
	static struct problem_list errors, lints;
	auto_arena struct arena arena = ARENA_EMPTY;
	const struct policy *policy = NULL;
	bool found = false;

	(void)policy_check(text_with(limit, times, &arena), &defaults, &arena, &policy, &errors, &lints);
	for (size_t i = 0; i < errors.n; i++)
		found = found || (limit->says && strcmp(errors.items[i].text, limit->says) == 0);
	return found;
}

START_TEST(one_more_than_the_limit_is_a_problem_that_names_it)
{
	ck_assert(!says_so(&limits[_i], limits[_i].most));
	ck_assert(says_so(&limits[_i], limits[_i].most + 1) == (limits[_i].says != NULL));
}
END_TEST

START_TEST(a_name_that_no_rule_has_is_told_beside_as_many_rules_as_may_be)
{
	static const struct limit names = {
		"policy: {approval: [a, nobody]}\napproval_rules:\n- {name: a, requires: {count: 1, "
		"users: [a]}}\n",
		"- {name: x%d, requires: {count: 1, users: [a]}}\n", "", 0, "no rule is named `nobody`"};

	ck_assert(says_so(&names, 199));
	ck_assert(!says_so(&names, 200)); /* of too many rules no name is known */
}
END_TEST

#define LONG_NAME "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

/* What was meant is looked for where it is told: one name is compared with 200, letter by letter. */
START_TEST(names_that_no_rule_has_are_told_in_time_however_many_there_are)
{
	static const struct limit rules = {"approval_rules:\n",
					   "- {name: r%d" LONG_NAME ", requires: {count: 1, users: [a]}}\n",
					   "policy: {approval: [", 0, NULL};
	static const struct limit names = {"", "s%d" LONG_NAME ", ", "r0]}\n", 0, NULL};
	static struct problem_list errors, lints;
	auto_arena struct arena arena = ARENA_EMPTY;
	struct text first = text_with(&rules, 190, &arena), second = text_with(&names, 3000, &arena);
	const struct policy *policy = NULL;
	clock_t work = clock();

	ck_assert(!policy_check(arena_printf(&arena, "%.*s%.*s", TEXT_ARG(first), TEXT_ARG(second)), &defaults, &arena,
				&policy, &errors, &lints));
	work = clock() - work;
	ck_assert_uint_eq(errors.n, PROBLEMS_MAX);
	ck_assert_ptr_nonnull(strstr(errors.items[PROBLEMS_MAX - 1].text, "did you mean"));
	ck_assert_msg(work <= WORK_MAX, "%ld ms", (long)(work * 1000 / CLOCKS_PER_SEC));
}
END_TEST

/* ---- what a policy asks for, however many there are ---- */

static const int numbers[] = {1, 7, 8, 9, 15, 16, 17, 100};

START_TEST(however_many_teams_there_are_each_is_needed_once_in_its_order)
{
	static const struct limit teams = {RULE("count: 1, teams: ["), "acme/t%d, ", "acme/t0]}}\n", 0, NULL};
	auto_arena struct arena arena = ARENA_EMPTY;
	struct problem problem = {0, 0, ""};
	const struct policy *policy = NULL;
	struct policy_needs needs;

	ck_assert_msg(policy_parse(text_with(&teams, numbers[_i], &arena), &defaults, &arena, &policy, &problem), "%s",
		      problem.text);
	needs = policy_needs(policy);
	ck_assert_uint_eq(needs.n_teams, (size_t)numbers[_i]);
	for (int i = 0; i < numbers[_i]; i++)
		ck_assert(text_eq(needs.teams[i], arena_printf(&arena, "acme/t%d", i)));
}
END_TEST

START_TEST(however_many_statuses_there_are_each_is_watched_once_in_its_order)
{
	static const struct limit statuses = {RULE("conditions: {has_successful_status: ["), "ci/%d, ", "ci/0]}}}\n", 0,
					      NULL};
	auto_arena struct arena arena = ARENA_EMPTY;
	struct problem problem = {0, 0, ""};
	const struct policy *policy = NULL;
	struct policy_needs needs;

	ck_assert_msg(policy_parse(text_with(&statuses, numbers[_i], &arena), &defaults, &arena, &policy, &problem),
		      "%s", problem.text);
	needs = policy_needs(policy);
	ck_assert_uint_eq(needs.n_watched, (size_t)numbers[_i]);
	for (int i = 0; i < numbers[_i]; i++)
		ck_assert(text_eq(needs.watched[i].name, arena_printf(&arena, "ci/%d", i)));
}
END_TEST

/* ---- the built-in policy ---- */

static const struct {
	bool given;
	unsigned approvals;
	const char *count;
} builtins[] = {
	{false, 0, "count: 1,"},  {true, 0, "count: 1,"},     {true, 1, "count: 1,"},     {true, 2, "count: 2,"},
	{true, 99, "count: 99,"}, {true, 100, "count: 100,"}, {true, 101, "count: 100,"},
};

START_TEST(the_built_in_policy_wants_at_least_one_review)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct policy_defaults said = {.approvals = builtins[_i].approvals};
	const struct policy_defaults *given = builtins[_i].given ? &said : NULL;

	ck_assert_ptr_nonnull(strstr(policy_builtin_text(given, &arena).at, builtins[_i].count));
	ck_assert(policy_is_builtin(policy_builtin(given, &arena)));
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(one_more_than_the_limit_is_a_problem_that_names_it, limits),
	SUITE_TEST(a_name_that_no_rule_has_is_told_beside_as_many_rules_as_may_be),
	SUITE_SLOW(names_that_no_rule_has_are_told_in_time_however_many_there_are, 60),
	SUITE_ROWS(however_many_teams_there_are_each_is_needed_once_in_its_order, numbers),
	SUITE_ROWS(however_many_statuses_there_are_each_is_watched_once_in_its_order, numbers),
	SUITE_ROWS(the_built_in_policy_wants_at_least_one_review, builtins),
	SUITE_END,
};
SUITE_MAIN(tests)
