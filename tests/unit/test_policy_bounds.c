/* The largest policy over a change as large as outsiders can make one: read and judged in bounded time (policy.h). */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/support/case.h"
#include "tests/support/suite.h"

/* A sanitizer's own time comes on top. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLOWER 20
#else
#define SLOWER 1
#endif
#define WORK_MAX   (SLOWER * 10 * CLOCKS_PER_SEC) /* of this process; a tenth of it without optimisation */
#define MEMORY_MAX ((size_t)256 * 1024 * 1024)

enum { RULES = 200, USERS = 28, PATHS = 5000, PEOPLE = 1000, COMMENTS = 1000, COMMITS = 250 };

struct large {
	struct example c;
	struct path paths[PATHS];
	struct review reviews[PEOPLE];
	struct comment comments[COMMENTS];
	struct commit commits[COMMITS];
	struct member people[PEOPLE];
};

/* Each rule applies by the last path alone, names many, and reads all comments. */
static struct text large_policy(void)
{
	char *text = malloc(2 * POLICY_BYTES_MAX);
	FILE *to = fmemopen(text, 2 * POLICY_BYTES_MAX, "w");
	long n;

	ck_assert_ptr_nonnull(to);
	(void)fprintf(to, "policy: {approval: [");
	for (int r = 0; r < RULES; r++)
		(void)fprintf(to, "%srule %d", r ? ", " : "", r);
	(void)fprintf(to, "]}\napproval_rules:\n");
	for (int r = 0; r < RULES; r++) {
		(void)fprintf(to, "- name: rule %d\n  if: {changed_files: {paths: ['^src/.*/%d\\.c$']}}\n", r,
			      PATHS - 1);
		(void)fprintf(to, "  options: {methods: {comments: [lgtm]}}\n  requires: {count: 2, users: [");
		for (int u = 0; u < USERS; u++)
			(void)fprintf(to, "%slogin%034d", u ? ", " : "", PEOPLE - 1 - u);
		(void)fprintf(to, "]}\n");
	}
	n = ftell(to);
	(void)fclose(to);
	ck_assert(n > 240 * 1024 && (size_t)n <= POLICY_BYTES_MAX);
	return (struct text){text, (size_t)n};
}

static void fill_people(struct large *l)
{
	for (int i = 0; i < PEOPLE; i++) {
		struct person who = {1000 + i, arena_printf(&l->c.arena, "login%034d", i), PERSON_USER};

		l->people[i] = (struct member){.who = who, .permission = PERMISSION_READ};
		l->reviews[i] = (struct review){.id = i + 1,
						.user = who,
						.state = REVIEW_APPROVED,
						.submitted_at = CASE_ARRIVED + 1 + i,
						.bound_sha = l->c.facts.head,
						.body = TEXT_LIT("Looks right to me.\nOne remark beside the code.")};
	}
	for (int i = 0; i < COMMENTS; i++)
		l->comments[i] = (struct comment){.id = i + 1,
						  .user = l->people[i % PEOPLE].who,
						  .created_at = CASE_ARRIVED + 1 + i,
						  .body = TEXT_LIT("> what was said\n\nlgtm\nfor " CASE_OLD)};
}

static void large_make(struct large *l)
{
	struct change *change = &l->c.change;

	case_make(&l->c);
	fill_people(l);
	for (int i = 0; i < PATHS; i++)
		l->paths[i] = (struct path){.path = arena_printf(&l->c.arena, "src/module%d/lib/%d.c", i % 100, i),
					    .status = PATH_MODIFIED,
					    .mode = 0100644,
					    .old_mode = 0100644};
	for (int i = 0; i < COMMITS; i++)
		l->commits[i] = l->c.commits[i + 1 < COMMITS];
	change->paths = l->paths;
	change->n_paths = PATHS;
	change->reviews = l->reviews;
	change->n_reviews = PEOPLE;
	change->comments = l->comments;
	change->n_comments = COMMENTS;
	change->commits = l->commits;
	change->n_commits = COMMITS;
	l->c.facts.people = l->people;
	l->c.facts.n_people = PEOPLE;
}

START_TEST(the_largest_policy_over_a_large_change_is_judged_in_bounded_time)
{
	static struct large l;
	static const struct policy_defaults defaults = {.approvals = 2};
	struct text text = large_policy();
	struct problem problem = {0, 0, ""};
	struct verdict verdict;
	clock_t work = clock();
	size_t used;

	large_make(&l);
	ck_assert_msg(policy_parse(text, &defaults, &l.c.arena, &l.c.governed.policy, &problem), "%u:%u %s",
		      problem.line, problem.column, problem.text);
	used = l.c.arena.used;
	policy_judge(&l.c.governed, &l.c.facts, &l.c.arena, &verdict);
	work = clock() - work;
	ck_assert_msg(text_is(verdict.text, "2 fresh reviews; ready to merge"), "%.*s", TEXT_ARG(verdict.text));
	ck_assert_uint_eq(case_row(&verdict, "approval")->n_children, RULES);
	ck_assert_uint_eq(case_row(&verdict, "rule 199")->n_counts, USERS);
	ck_assert_msg(work <= WORK_MAX, "%ld ms", (long)(work * 1000 / CLOCKS_PER_SEC));
	ck_assert_msg(l.c.arena.used - used <= MEMORY_MAX, "%zu", l.c.arena.used - used);
	case_drop(&l.c);
	free((char *)(uintptr_t)text.at);
}
END_TEST

enum { NAMINGS = 15000, PATTERNS = 40 };

/* One rule, which looks for much in every path, named as often as a file holds. */
static struct text repeating_policy(void)
{
	char *text = malloc(POLICY_BYTES_MAX);
	FILE *to = fmemopen(text, POLICY_BYTES_MAX, "w");
	long n;

	ck_assert_ptr_nonnull(to);
	(void)fprintf(to, "policy:\n  approval:\n");
	for (int i = 0; i < NAMINGS; i++)
		(void)fprintf(to, "  - r\n");
	(void)fprintf(to, "approval_rules:\n- name: r\n  requires: {conditions: {no_changed_files: {paths: [");
	for (int i = 0; i < PATTERNS; i++)
		(void)fprintf(to, "'^src/.*/%d\\.h$', ", i);
	(void)fprintf(to, "x]}}}\n");
	n = ftell(to);
	(void)fclose(to);
	ck_assert(n > 0 && (size_t)n < POLICY_BYTES_MAX);
	return (struct text){text, (size_t)n};
}

START_TEST(a_rule_that_is_named_many_times_is_asked_once)
{
	static struct large l;
	struct text text = repeating_policy();
	struct problem problem = {0, 0, ""};
	struct verdict verdict;
	clock_t work = clock();

	large_make(&l);
	ck_assert_msg(policy_parse(text, NULL, &l.c.arena, &l.c.governed.policy, &problem), "%u:%u %s", problem.line,
		      problem.column, problem.text);
	policy_judge(&l.c.governed, &l.c.facts, &l.c.arena, &verdict);
	work = clock() - work;
	ck_assert_msg(text_is(verdict.text, "Allowed: every rule of the policy is met"), "%.*s",
		      TEXT_ARG(verdict.text));
	ck_assert_uint_eq(case_row(&verdict, "approval")->n_children, NAMINGS);
	ck_assert_msg(work <= WORK_MAX, "%ld ms", (long)(work * 1000 / CLOCKS_PER_SEC));
	case_drop(&l.c);
	free((char *)(uintptr_t)text.at);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_SLOW(a_rule_that_is_named_many_times_is_asked_once, 300),
	SUITE_SLOW(the_largest_policy_over_a_large_change_is_judged_in_bounded_time, 300),
	SUITE_END,
};
SUITE_MAIN(tests)
